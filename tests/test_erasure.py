"""Erasure: nothing of a person is left in any byte of the home, and nothing brings it back."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from raadgraaf import checking, erased, releases, transaction
from raadgraaf.cli import main
from raadgraaf.config import Settings
from raadgraaf.errors import InputError
from raadgraaf.provenance import GraphContent
from raadgraaf.server import create_app
from raadgraaf.terms import read_turtle
from raadgraaf.workers import WorkerPool

BASE = "https://data.example.org/raadgraaf/"
PERSON = f"{BASE}id/ambtsdrager/gm0000/wethouder-proefpersoon"
NAME = "Wietske Proefpersoon"
DATA = f"""
@prefix rg: <https://w3id.org/raadgraaf/def#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix d: <{BASE}id/onderwerp/gm0000/> .
<{PERSON}> rdfs:label "{NAME}"@nl ;
    dcterms:identifier [ rdfs:label "Nummer 4711-0815" ] ;
    rdfs:seeAlso d:wonen .
d:wonen a rg:Topic ; rdfs:label "Wonen"@nl ; dcterms:creator <{PERSON}> .
d:%s a rg:Topic ; rdfs:label "Vraag aan {NAME.upper()}, {NAME} en <{PERSON}>."@nl ;
    rdfs:comment "Proefpersonen blijven; Wietske blijft, Proefpersoon ook." .
"""
TRACES = (NAME.encode(), NAME.upper().encode(), PERSON.encode(), b"4711-0815")


def load(home: Path, topic: str) -> transaction.Outcome:
    data = (DATA % topic).encode()
    triples = read_turtle(data, "proef.ttl", BASE, "bron/proef")
    digest = hashlib.sha256(data).hexdigest()
    content = GraphContent("bron/proef", triples, "proef.ttl", digest, "rdf")
    return transaction.load(Settings(home=home, shacl=False), [content], reason=False)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("loaded") / "home"
    load(home, "een")
    transaction.name_release(home, 1, "eerste")
    load(home, "twee")
    (home / "quarantine.csv").write_text(f"1,{NAME},te lang\n")
    return home


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(loaded, tmp_path / "home", symlinks=True))


def run(home: Path, *arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, [*arguments, "--home", str(home)], input=answer)


def traces(home: Path) -> Iterator[str]:
    """Yield where something of the person stands: in bytes of files, or in a store."""
    for path in home.rglob("*"):
        if path.is_file() and any(trace in path.read_bytes() for trace in TRACES):
            yield str(path.relative_to(home))
    for release in releases.kept_releases(home):
        store = release.open(memory_quads=0)
        for row in store.query("SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"):
            text = str(row).encode()
            if any(trace in text for trace in TRACES):
                yield f"store of release {release.number}"


def test_nothing_is_left_in_any_byte_below_the_home(home: Path) -> None:
    assert len(list(traces(home))) > 5
    result = run(home, "erase", PERSON, "--yes", "--reason", f"verzoek van {NAME}")
    assert (result.exit_code, result.output) == (0, "Erased from 2 releases.\n")
    assert list(traces(home)) == []
    assert list(checking.findings(home)) == []
    assert releases.names(home) == {1: "eerste"}
    assert releases.current_number(home) == 2


def test_what_is_not_about_the_person_stays(home: Path) -> None:
    run(home, "erase", PERSON, "--yes")
    store = releases.release(home, 1).open(memory_quads=0)
    labels = {row["o"].value for row in store.query("SELECT ?o { ?s ?p ?o FILTER isLITERAL(?o) }")}
    assert "Wonen" in labels
    assert "Vraag aan [verwijderd], [verwijderd] en <[verwijderd]>." in labels
    assert "Proefpersonen blijven; Wietske blijft, Proefpersoon ook." in labels


def test_other_spellings_go_when_they_are_given(home: Path) -> None:
    run(home, "erase", PERSON, "--yes")
    assert run(home, "erase", PERSON, "--yes", "--name", "wietske").exit_code == 0
    store = releases.current(home).open(memory_quads=0)
    assert store.query(
        'ASK { ?s ?p "Proefpersonen blijven; [verwijderd] blijft, Proefpersoon ook." }'
    )


def test_a_later_load_does_not_bring_the_person_back(home: Path) -> None:
    run(home, "erase", PERSON, "--yes")
    outcome = load(home, "drie")
    assert outcome.dropped == 6
    assert list(traces(home)) == []
    assert not load(home, "drie").changed


def test_the_record_has_the_deletion_and_no_name(home: Path) -> None:
    run(home, "erase", PERSON, "--yes", "--reason", f"verzoek van {NAME}")
    (erasure,) = json.loads((home / "erased.json").read_bytes())["erasures"]
    assert (erasure["release"], erasure["reason"]) == (2, "verzoek van [verwijderd]")
    assert erasure["digest"] == erased.read(home).digest(PERSON)
    assert hashlib.sha256(PERSON.encode()).hexdigest() not in (home / "erased.json").read_text()


def test_its_address_is_gone(home: Path) -> None:
    settings = Settings(home=home)
    pool = WorkerPool(settings)
    try:
        client = create_app(pool, settings).test_client()
        path = PERSON.removeprefix(BASE)
        assert client.get(f"/{path}").status_code == 303
        run(home, "erase", PERSON, "--yes")
        for address in (f"/{path}", f"/doc/{path.removeprefix('id/')}", f"/resource?uri={PERSON}"):
            assert client.get(address, headers={"Accept": "text/turtle"}).status_code == 410
        assert client.get("/id/onderwerp/gm0000/niets").status_code == 303
    finally:
        pool.close()


def test_it_asks_first_and_says_what_goes(home: Path) -> None:
    result = run(home, "erase", PERSON, answer="n\n")
    assert result.exit_code == 1
    assert NAME in result.output
    assert len(list(traces(home))) > 5


@pytest.mark.parametrize(
    ("iri", "message"),
    [
        ("https://w3id.org/raadgraaf/def#Commitment", "belongs to the model"),
        (f"{BASE}graph/bron/proef", "belongs to the model"),
        (f"{BASE}id/ambtsdrager/gm0000/niemand", "Nothing is known of"),
        ("wethouder", "not an absolute IRI"),
    ],
)
def test_what_is_no_resource_of_the_data_is_refused(home: Path, iri: str, message: str) -> None:
    result = run(home, "erase", iri, "--yes")
    assert result.exit_code == InputError.exit_status
    assert message in " ".join(result.output.split())
    assert not (home / "erased.json").exists()


@pytest.mark.slow
def test_killed_anywhere_a_repeat_completes_it(loaded: Path, tmp_path: Path) -> None:
    killed_load = str(Path(__file__).with_name("killed_load.py"))
    tasks = []
    for step in (0, *range(1, 80, 13)):
        home = tmp_path / str(step)
        shutil.copytree(loaded, home, symlinks=True)
        tasks.append({"home": str(home), "plain": False, "erase": PERSON, "step": step})
    lines = "".join(json.dumps(task) + "\n" for task in tasks)
    ended = subprocess.run(
        [sys.executable, killed_load], input=lines, capture_output=True, text=True, check=True
    )
    statuses = [int(line.split()[0]) for line in ended.stdout.splitlines()]
    assert statuses[0] == 0
    assert statuses.count(-9) > 3
    for task in tasks:
        home = Path(str(task["home"]))
        assert [each.number for each in releases.kept_releases(home)] == [1, 2]
        assert run(home, "erase", PERSON, "--yes").exit_code == 0
        assert list(traces(home)) == []
        assert list(checking.findings(home)) == []
