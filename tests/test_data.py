"""The data of Zevenaar: nothing of the document is left out, nobody named who must not be."""

import csv
import hashlib
from collections import defaultdict
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple

from raadgraaf import loaders
from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.loaders.transcription import Passage, passages, squeeze
from raadgraaf.namespaces import PREFIXES, RDF_TYPE, iri

ROOT = Path(__file__).parent.parent
ZEVENAAR = ROOT / "data" / "zevenaar"
SEED = next((ROOT.parent / "shared" / "seed").glob("*.txt"), None)


@pytest.fixture(scope="module")
def triples() -> list[Triple]:
    contents = loaders.contents(loaders.sources([ROOT / "data"]), PLACEHOLDER_BASE)
    return [triple for content in contents for triple in content.triples]


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return (ZEVENAAR / "source.txt").read_text().split("\n")


def not_modelled() -> dict[int, str]:
    with (ZEVENAAR / "not-modelled.csv").open() as file:
        rows = list(csv.DictReader(file))
    excused = {}
    for row in rows:
        first, _, last = row["lines"].partition("-")
        for number in range(int(first), int(last or first) + 1):
            excused[number] = row["reason"]
    return excused


def test_every_line_is_rested_on_by_a_statement_or_excused(
    triples: list[Triple], lines: list[str]
) -> None:
    rested_on = {each.object.value for each in triples if each.predicate == iri("rg:statedIn")}
    covered = {
        number
        for passage in passages(triples)
        if passage.iri in rested_on
        for first, last in passage.ranges
        for number in range(first, last + 1)
    }
    excused = not_modelled()
    missing = [
        number
        for number, line in enumerate(lines, start=1)
        if line.strip() and number not in covered and number not in excused
    ]
    assert missing == []
    assert all(reason.strip() for reason in excused.values())
    assert not covered & set(excused), "a line that is modelled needs no excuse"


def test_every_passage_is_rested_on(triples: list[Triple]) -> None:
    rested_on = {each.object.value for each in triples if each.predicate == iri("rg:statedIn")}
    assert {passage.iri for passage in passages(triples)} == rested_on


def test_a_passage_has_at_most_ninety_lines(triples: list[Triple]) -> None:
    for passage in passages(triples):
        assert sum(last - first + 1 for first, last in passage.ranges) <= 90, passage.iri


def test_every_typed_resource_has_a_name(triples: list[Triple]) -> None:
    """A graph has its name from its provenance, not from the file that it holds."""
    names = {iri(name) for name in ("rdfs:label", "skos:prefLabel", "dcterms:title", "foaf:name")}
    named = {each.subject for each in triples if each.predicate in names}
    typed = {each.subject for each in triples if each.predicate == RDF_TYPE}
    graphs = {each.subject for each in triples if each.object == iri("sd:Graph")}
    nameless = {node.value for node in typed - named - graphs}
    assert {name for name in nameless if not name.startswith(PREFIXES["rg"])} == set()


def test_every_resource_of_ours_that_is_named_is_described(triples: list[Triple]) -> None:
    subjects = {each.subject for each in triples}
    base = f"{PLACEHOLDER_BASE}id/"
    used = {
        each.object
        for each in triples
        if isinstance(each.object, NamedNode) and each.object.value.startswith(base)
    }
    assert {node.value for node in used - subjects} == set()


def test_what_is_stated_tells_on_what_basis(triples: list[Triple]) -> None:
    stated = {each.subject for each in triples if each.predicate == iri("rg:statedIn")}
    based = {each.subject for each in triples if each.predicate == iri("rg:basis")}
    assert {node.value for node in stated - based} == set()


def test_a_judgement_gives_its_reason(triples: list[Triple]) -> None:
    judged = {
        each.subject
        for each in triples
        if each.predicate == iri("rg:basis") and each.object != iri("rgt:basis-stated")
    }
    reasoned = {each.subject for each in triples if each.predicate == iri("rg:rationale")}
    assert {node.value for node in judged - reasoned} == set()


def test_texts_stand_in_the_lines_that_they_are_stated_in(
    triples: list[Triple], lines: list[str]
) -> None:
    """A wording of the source stands in one passage of its resource, or in all of them joined."""
    by_name = {passage.iri: passage for passage in passages(triples)}
    stated: dict[str, list[Passage]] = defaultdict(list)
    for each in triples:
        if each.predicate == iri("rg:statedIn"):
            stated[each.subject.value].append(by_name[each.object.value])
    for each in triples:
        if each.predicate == iri("rg:text") and each.subject.value in stated:
            rested_on = stated[each.subject.value]
            joined = sorted({line for one in rested_on for line in numbers(one)})
            texts = [one.text(lines) for one in rested_on]
            texts.append(" ".join(lines[number - 1] for number in joined))
            assert any(squeeze(each.object.value) in squeeze(text) for text in texts), each


def numbers(passage: Passage) -> list[int]:
    return [line for first, last in passage.ranges for line in range(first, last + 1)]


def test_the_civil_servant_is_masked(triples: list[Triple], lines: list[str]) -> None:
    assert lines[203].rstrip().endswith("/ [naam ambtenaar]")
    redacted = {each.subject.value for each in triples if each.predicate == iri("rg:redacted")}
    (passage,) = [each for each in passages(triples) if any(a <= 204 <= b for a, b in each.ranges)]
    assert redacted == {passage.iri}


def test_the_digest_is_that_of_the_masked_text(triples: list[Triple]) -> None:
    digest = hashlib.sha256((ZEVENAAR / "source.txt").read_bytes()).hexdigest()
    stated = {each.object.value for each in triples if each.predicate == iri("rg:sha256")}
    assert stated == {digest}


@pytest.mark.skipif(SEED is None, reason="the unmasked document is not beside the checkout")
def test_only_the_name_differs_from_the_document(lines: list[str]) -> None:
    assert SEED
    original = SEED.read_text().split("\n")
    differing = [
        number
        for number, (masked, line) in enumerate(zip(lines, original, strict=True), start=1)
        if masked != line
    ]
    assert differing == [204]


@pytest.mark.skipif(SEED is None, reason="the unmasked document is not beside the checkout")
def test_name_and_digest_of_the_unmasked_document_are_nowhere_in_the_repository() -> None:
    assert SEED
    name = SEED.read_text().split("\n")[203].rpartition("/")[2].strip().lower().encode()
    digest = hashlib.sha256(SEED.read_bytes()).hexdigest()[:12].encode()
    kept = [
        path
        for folder in (
            "data",
            "docs",
            "loaders",
            "ontology",
            "queries",
            "server",
            "shapes",
            "src",
            "tests",
        )
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    found = [
        str(path)
        for path in kept
        for content in [path.read_bytes().lower()]
        if name in content or digest in content
    ]
    assert found == []


def test_prefixes_in_the_data_are_those_of_the_package() -> None:
    for path in (ROOT / "data").rglob("*.ttl"):
        for line in path.read_text().splitlines():
            if line.startswith("@prefix"):
                _, prefix, namespace, _ = line.split()
                known = PREFIXES.get(prefix.rstrip(":"))
                assert known in (None, namespace.strip("<>")), f"{path}: {line}"
