"""The names in a register: matched exactly to whom other sources describe, or kept as printed."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import RdfFormat, serialize

from raadgraaf import loaders
from raadgraaf.cli import main
from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.loaders.base import Context
from raadgraaf.store import EmbeddedStore

PREFIXES = """\
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX rg: <https://w3id.org/raadgraaf/def#>
PREFIX rgt: <https://w3id.org/raadgraaf/thes/>
"""
BASE = PLACEHOLDER_BASE
HEADERS = "Nummer;Omschrijving;Portefeuillehouder;Commissie;Afdeling;Datum toezegging;Deadline"
OFFICES = """\
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rg: <https://w3id.org/raadgraaf/def#> .
@prefix rgt: <https://w3id.org/raadgraaf/thes/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://data.example.org/raadgraaf/id/> .
<https://identifier.overheid.nl/tooi/id/gemeente/gm9999> a rg:Municipality ; rdfs:label "Duin"@nl .
<functie/nl/wethouder> a skos:Concept ; skos:prefLabel "wethouder"@nl .
<persoon/gm9999/7> a rg:OfficeHolder ; rdfs:label "A. Duin"@nl ; foaf:name "A. Duin" .
<persoon/gm9999/8> a rg:OfficeHolder ; rdfs:label "B. Strand"@nl ; foaf:name "B. Strand" .
<persoon/gm9999/9> a rg:OfficeHolder ; rdfs:label "B. Strand"@nl ; foaf:name "B. Strand" .
<orgaan/gm9999/3> a rg:GoverningBody ; rdfs:label "commissie Kust"@nl ;
    foaf:name "commissie Kust" ; rg:bodyKind rgt:body-committee ;
    rg:bodyOf <https://identifier.overheid.nl/tooi/id/gemeente/gm9999> .
<houderschap/gm9999/1> a rg:PortfolioHolding ; rdfs:label "A. Duin als wethouder"@nl ;
    org:member <persoon/gm9999/7> ; org:role <functie/nl/wethouder> ;
    org:memberDuring <termijn/gm9999/1> .
<termijn/gm9999/1> a rg:TimeExpression ; rdfs:label "2022-2025"@nl ; rg:expression "2022-2025"@nl ;
    rg:earliest "2022-06-01"^^xsd:date ; rg:latest "2025-12-31"^^xsd:date .
"""


def write(folder: Path, name: str, *rows: str) -> Path:
    path = folder / name
    path.write_text("\n".join([HEADERS, *rows, ""]), encoding="utf-8")
    return path


def store(paths: Sequence[Path], municipality: str = "gm9999") -> EmbeddedStore:
    context = Context(BASE, municipality)
    contents = loaders.contents(loaders.sources(paths), context)
    triples = [triple for content in contents for triple in content.triples]
    return EmbeddedStore.of_triples(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")


def values(found: EmbeddedStore, pattern: str) -> list[str]:
    text = f"{PREFIXES} SELECT DISTINCT ?value WHERE {{ {pattern} }} ORDER BY ?value"
    return [row["value"].value.removeprefix(f"{BASE}id/") for row in found.query(text)]


def holder(found: EmbeddedStore, words: str) -> list[str]:
    return values(found, f"?m rg:text ?t ; rg:portfolioHolder ?value FILTER(STR(?t) = '{words}')")


@pytest.fixture
def offices(tmp_path: Path) -> Path:
    path = tmp_path / "ambten.ttl"
    path.write_text(OFFICES, encoding="utf-8")
    return path


def test_a_name_that_one_office_holder_has_is_that_one_in_the_term_alone(
    tmp_path: Path, offices: Path
) -> None:
    register = write(
        tmp_path,
        "lijst.csv",
        "1;Binnen de termijn;A. Duin;commissie Kust (2022-2026);RO;01-02-2024;",
        "2;Na de termijn;A. Duin;commissie Kust;RO;01-02-2026;",
        "3;Andere letters;a. duin;commissie Kust;RO;01-02-2024;",
    )
    # The register comes first in the folder: the order of files means nothing
    found = store([register, offices])
    assert holder(found, "Binnen de termijn") == ["persoon/gm9999/7"]
    assert holder(found, "Na de termijn")[0].startswith("persoon/gm9999/lijst/")
    assert holder(found, "Andere letters") != ["persoon/gm9999/7"]
    mentioned = "?x a rg:Mention ; rg:text 'A. Duin'@nl ; rg:possiblyRefersTo ?value"
    assert values(found, mentioned) == ["persoon/gm9999/7"]
    assert values(found, "?m rg:raisedBefore ?value") == ["orgaan/gm9999/3"]


def test_a_name_that_two_people_have_is_a_mention_of_both(tmp_path: Path, offices: Path) -> None:
    register = write(tmp_path, "lijst.csv", "1;Tekst;B. Strand;;;01-02-2024;")
    found = store([offices, register])
    assert holder(found, "Tekst")[0].startswith("persoon/gm9999/lijst/")
    mentioned = "?x a rg:Mention ; rg:text 'B. Strand'@nl ; rg:possiblyRefersTo ?value"
    assert values(found, mentioned) == ["persoon/gm9999/8", "persoon/gm9999/9"]


def test_a_part_of_a_name_is_no_more_than_a_candidate(tmp_path: Path, offices: Path) -> None:
    register = write(tmp_path, "lijst.csv", "1;Tekst;wethouder Duin;Kust;;01-02-2024;")
    found = store([offices, register])
    assert holder(found, "Tekst")[0].startswith("persoon/gm9999/lijst/")
    candidates = "?x a rg:Mention ; rg:possiblyRefersTo ?value"
    assert values(found, candidates) == ["orgaan/gm9999/3", "persoon/gm9999/7"]


def test_equal_names_of_two_registers_or_municipalities_never_meet(tmp_path: Path) -> None:
    row = "1;Tekst;Van Dam;commissie Ruimte;RO;01-02-2024;"
    one, other = write(tmp_path, "a.csv", row), write(tmp_path, "b.csv", row)
    same = store([one, other])
    assert len(values(same, "?value a rg:OfficeHolder")) == 2
    assert len(values(same, "?value a rg:Commitment")) == 2
    elsewhere = store([one], "gm9998")
    for pattern in ("?value a rg:OfficeHolder", "?value a rg:Department", "?value a rg:Meeting"):
        assert not set(values(same, pattern)) & set(values(elsewhere, pattern))


def test_keys_that_look_alike_in_two_registers_never_meet(tmp_path: Path) -> None:
    one = write(tmp_path, "lijst.csv", "2024-1;Een;Van Dam;;;01-02-2024;")
    other = write(tmp_path, "lijst-2024.csv", "1;Ander;Van Dam;;;01-02-2024;")
    assert len(values(store([one, other]), "?value a rg:Commitment")) == 2


def test_a_name_alone_is_an_assumption_that_says_why(tmp_path: Path) -> None:
    found = store([write(tmp_path, "lijst.csv", "1;Tekst;Van Dam;commissie Ruimte;RO;;")])
    assumed = values(found, "?x rg:basis rgt:basis-assumed ; rg:rationale ?r ; foaf:name ?value")
    assert assumed == ["RO", "Van Dam", "commissie Ruimte"]


def run(home: Path, *arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments), "--home", str(home)])


@pytest.mark.slow
def test_what_the_release_describes_is_known_and_what_a_register_assumed_is_not(
    tmp_path: Path, offices: Path
) -> None:
    home = tmp_path / "home"
    old = write(tmp_path, "oud.csv", "1;Oud;Van Dam;;;01-02-2024;")
    new = write(tmp_path, "nieuw.csv", "1;Nieuw;A. Duin;;;01-02-2024;", "2;Twee;Van Dam;;;;")
    for source in (offices, old, new):
        loaded = run(home, "load", "--no-owl", "--municipality", "gm9999", source)
        assert loaded.exit_code in {0, 1}, loaded.output
    asked = run(
        home, "ask", "commitments-by-office-holder", "--format", "csv", "-p", "holder=Van Dam"
    )
    assert "Oud" in asked.output
    assert "Twee" in asked.output
    assert "persoon/gm9999/oud/" in asked.output
    assert "persoon/gm9999/nieuw/" in asked.output
    duin = run(
        home, "ask", "commitments-by-office-holder", "--format", "csv", "-p", "holder=A. Duin"
    )
    assert "persoon/gm9999/7" in duin.output
    again = run(home, "load", "--no-owl", "--municipality", "gm9999", new)
    assert "nothing has changed" in again.output
