"""The reasoner refuses and explains contradictions, and infers which matters are open."""

import tempfile
from pathlib import Path

import owlready2
import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Triple, serialize

from raadgraaf import loaders, reasoning, transaction
from raadgraaf.config import PLACEHOLDER_BASE, Settings
from raadgraaf.errors import RaadgraafError
from raadgraaf.namespaces import RDF_TYPE, iri
from raadgraaf.reasoning import JAVA_PACKAGE, Reasoning, check, java_available
from raadgraaf.resources import listing
from raadgraaf.store import EmbeddedStore
from raadgraaf.terms import read_turtle

HERE = Path(__file__).parent / "reasoning"
REFUSED = sorted(HERE.glob("*.refused.txt"))
OF_TWO_KINDS = [path for path in REFUSED if not path.name.startswith("value-")]
"""HermiT is not given the literals, so it cannot see the others."""
OPEN = sorted(HERE.glob("*.open.txt"))
EX = f"{PLACEHOLDER_BASE}id/test/"

needs_java = pytest.mark.skipif(
    not java_available(), reason=f"there is no Java to run HermiT on: install {JAVA_PACKAGE}"
)


def n_triples(*contents: bytes) -> bytes:
    triples: list[Triple] = []
    for number, content in enumerate(contents):
        triples += read_turtle(content, "test", PLACEHOLDER_BASE, f"test-{number}")
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""


def ontology() -> list[bytes]:
    return [file.read_bytes() for file in listing(".ttl", "ontology")]


def judged(*statements: str) -> Reasoning:
    prefixes = f"""
        @prefix ex: <{EX}> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix rg: <https://w3id.org/raadgraaf/def#> .
    """
    return check(n_triples(*ontology(), "\n".join([prefixes, *statements]).encode()))


@needs_java
def test_the_ontology_alone_is_consistent_and_each_class_can_have_instances() -> None:
    assert check(n_triples(*ontology())) == Reasoning(consistent=True)


@needs_java
def test_the_alignment_is_not_needed() -> None:
    files = [file for file in listing(".ttl", "ontology") if file.name != "alignment.ttl"]
    assert check(n_triples(*(file.read_bytes() for file in files))) == Reasoning(consistent=True)


@needs_java
@pytest.mark.parametrize("path", OPEN, ids=lambda path: path.name[:-9])
def test_matters_are_open_by_their_current_status_alone(path: Path) -> None:
    data = path.with_name(path.name.replace(".open.txt", ".ttl")).read_bytes()
    found = check(n_triples(*ontology(), data))
    assert found.consistent
    assert sorted(found.open_matters) == path.read_text().splitlines()
    assert found.summary == f"consistent (HermiT); {len(found.open_matters)} open matters inferred"


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.name[:-12])
def test_a_planted_contradiction_is_refused_and_explained(path: Path) -> None:
    data = path.with_name(path.name.replace(".refused.txt", ".ttl")).read_bytes()
    found = check(n_triples(*ontology(), data))
    assert not found.consistent
    assert list(found.explanations) == path.read_text().splitlines()


@needs_java
@pytest.mark.parametrize("path", OF_TWO_KINDS, ids=lambda path: path.name[:-12])
def test_hermit_refuses_what_is_explained(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasoning, "find_contradictions", lambda _: ())
    data = path.with_name(path.name.replace(".refused.txt", ".ttl")).read_bytes()
    assert check(n_triples(*ontology(), data)).consistent is False


@needs_java
def test_a_contradiction_that_only_hermit_finds_is_refused_and_leaves_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = judged("ex:a a rg:Commitment ; owl:sameAs ex:b .", "ex:b a rg:Question .")
    assert not found.consistent
    assert found.explanations == (reasoning.UNEXPLAINED,)
    assert not list(tmp_path.iterdir())


def test_of_many_contradictions_ten_are_written_out_and_the_others_counted() -> None:
    found = judged(*(f"ex:m{number} a rg:Commitment , rg:Question ." for number in range(12)))
    assert len(found.explanations) == 11
    assert found.explanations[-1] == "There are 2 more of these contradictions."


def test_classes_can_also_be_disjoint_by_pairs() -> None:
    found = judged(
        "ex:Cat a owl:Class ; owl:disjointWith ex:Dog .",
        "ex:Dog a owl:Class .",
        "ex:x a ex:Cat , ex:Dog .",
    )
    [sentence] = found.explanations
    assert sentence.endswith(f"; nothing is both a <{EX}Cat> and a <{EX}Dog>.")


@needs_java
def test_a_class_that_can_have_no_instance_is_named() -> None:
    found = judged("ex:Both a owl:Class ; rdfs:subClassOf rg:Commitment , rg:Question .")
    assert found.consistent
    assert found.unsatisfiable == (f"{EX}Both",)
    assert found.explanations == (
        f"Nothing can be a <{EX}Both>: its definition contradicts itself.",
    )
    assert f"{EX}Both" in found.summary


def test_without_java_the_outcome_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owlready2, "JAVA_EXE", "no-such-java")
    assert not java_available()
    found = judged("ex:a a rg:Commitment .")
    assert found == Reasoning(consistent=True, complete=False)
    assert found.summary.endswith(f"there is no Java (install {JAVA_PACKAGE})")
    assert not judged("ex:a a rg:Commitment , rg:Question .").consistent


def test_a_java_that_fails_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owlready2, "JAVA_EXE", "false")
    with pytest.raises(RaadgraafError, match="HermiT gave up"):
        judged("ex:a a rg:Commitment .")


@needs_java
def test_reasoner_and_rules_open_the_same_matters(
    settings: Settings, release_store: EmbeddedStore
) -> None:
    contents = loaders.contents(loaders.sources(()), settings.base)
    found = transaction.check(settings, contents, reason=True).reasoning
    assert found is not None
    assert found.consistent
    results = release_store.query(
        f"SELECT ?matter WHERE {{ ?matter {RDF_TYPE} {iri('rg:OpenMatter')} }}"
    )
    assert isinstance(results, QuerySolutions)
    assert found.open_matters == {solution["matter"].value for solution in results}
