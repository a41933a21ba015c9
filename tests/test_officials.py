"""Loaders of registers of government: pairs on disk, the samples, and what is refused."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from raadgraaf import loaders, transaction
from raadgraaf.config import PLACEHOLDER_BASE, Settings
from raadgraaf.errors import InputError
from raadgraaf.loaders.base import Context, Rejected
from raadgraaf.namespaces import RDF_TYPE, iri
from raadgraaf.provenance import GraphContent

PAIRS = sorted(
    path
    for folder in ("ori", "roo", "tooi")
    for path in (Path(__file__).parent / "loaders" / folder).glob("*")
    if path.suffix != ".ttl"
)
SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the samples of real registers are not here"
)


def read(path: Path, rejected: list[Rejected] | None = None) -> GraphContent:
    context = Context(
        PLACEHOLDER_BASE, "gm9001", rejected=(rejected if rejected is not None else []).append
    )
    (content,) = loaders.contents(loaders.sources([path]), context)
    return content


def of_kind(triples: Sequence[Triple], kind: str) -> set[str]:
    return {
        each.subject.value
        for each in triples
        if each.predicate == RDF_TYPE and each.object == iri(kind)
    }


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_source_becomes_the_graph_beside_it(path: Path) -> None:
    expected = {
        quad.triple
        for quad in parse(path.with_suffix(".ttl").read_bytes(), format=RdfFormat.TURTLE)
    }
    content = read(path)
    found = set(content.triples)
    assert {str(each) for each in found - expected} == set()
    assert {str(each) for each in expected - found} == set()
    assert content.loader == path.parent.name


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_graph_conforms_and_loading_it_twice_changes_nothing(
    path: Path, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home")
    first = transaction.load(settings, [read(path)], reason=False)
    assert first.checks is not None
    assert first.checks.report.conforms
    assert not transaction.load(settings, [read(path)], reason=False).changed


def test_an_organisation_without_an_iri_of_tooi_is_rejected_and_the_others_stay() -> None:
    rejected: list[Rejected] = []
    content = read(Path(__file__).parent / "loaders" / "tooi" / "gemeenten.json", rejected)
    assert [(each.row, each.code) for each in rejected] == [(6, "unusable-record")]
    assert len(of_kind(list(content.triples), "rg:Municipality")) == 2


def test_a_list_without_its_register_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "gemeenten.json"
    kind = "https://identifier.overheid.nl/tooi/def/ont/Gemeente"
    file.write_text(json.dumps([{"@id": "x:y", "@type": [kind]}]))
    with pytest.raises(InputError, match="0 registers describe themselves"):
        read(file)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('[{"@type": ["https://identifier.overheid.nl/tooi/def/ont/Gemeente"', "no JSON"),
        ('[1, "@type", "https://identifier.overheid.nl/tooi/def/ont/"]', "record 1: it is no"),
    ],
)
def test_what_is_no_list_of_objects_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "gemeenten.json"
    file.write_text(content)
    with pytest.raises(InputError, match=sentence):
        read(file)


def test_the_export_names_nobody_without_a_public_office() -> None:
    rejected: list[Rejected] = []
    content = read(Path(__file__).parent / "loaders" / "roo" / "export.xml", rejected)
    said = " ".join(map(str, content.triples)) + str(rejected)
    assert "Ambtenaar" not in said
    assert "@veldstad" not in said
    assert [(each.row, each.code) for each in rejected] == [
        (1, "no-name"),
        (1, "impossible-date"),
        (4, "no-name"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("<overheidsorganisaties><organisaties>\n<organisatie>", "no XML from line 2"),
        (
            '<?xml version="1.0"?><!-- --><organisaties><naam>&e;</naam></organisaties>',
            "no XML from line 1",
        ),
    ],
)
def test_an_export_that_was_cut_off_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "export.xml"
    file.write_text(content)
    with pytest.raises(InputError, match=sentence):
        read(file)


def test_an_export_with_entities_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "export.xml"
    entity = '<!DOCTYPE organisaties [<!ENTITY e "x">]>'
    file.write_text(f"{entity}<organisaties><naam>&e;</naam></organisaties>")
    with pytest.raises(InputError, match="can hide harm"):
        loaders.contents(loaders.sources([file]), PLACEHOLDER_BASE, "roo")


@needs_samples
@pytest.mark.parametrize("name", ["_TEST_EXPORT_XML", "GR_XML", "MINISTERIE_XML", "xml_data"])
def test_the_fragments_of_the_register_are_read(name: str) -> None:
    content = read(SAMPLES / "roo-xml" / f"{name}.xml")
    assert content.loader == "roo"


@needs_samples
def test_the_register_of_municipalities_is_read_whole() -> None:
    path = SAMPLES / "tooi" / "rwc_gemeenten_compleet_5.json"
    rejected: list[Rejected] = []
    content = read(path, rejected)
    triples = list(content.triples)
    municipalities = of_kind(triples, "rg:Municipality")
    ended = {each.subject.value for each in triples if each.predicate == iri("tooiont:einddatum")}
    assert content.key == "referentie-rwc-gemeenten-compleet"
    assert (len(municipalities), len(municipalities - ended)) == (605, 342)
    changes = sum(
        "http://www.w3.org/ns/prov#invalidated" in each for each in json.loads(path.read_bytes())
    )
    assert len(of_kind(triples, "org:ChangeEvent")) == changes
    assert rejected == []


@needs_samples
def test_the_full_registers_conform_beside_the_data_that_ships(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    paths = [SAMPLES / "tooi", Path(__file__).parents[1] / "data"]
    contents = loaders.contents(loaders.sources(paths), PLACEHOLDER_BASE)
    outcome = transaction.load(settings, contents, reason=False)
    assert outcome.checks is not None
    assert outcome.checks.report.conforms
