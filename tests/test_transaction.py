"""The transaction: whole or not at all, and the same for the same input."""

import filecmp
import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import graphfiles, releases, transaction
from raadgraaf.config import Settings
from raadgraaf.errors import Busy, Damaged, InputError, NoRelease, NotFound, ValidationRefused
from raadgraaf.namespaces import iri
from raadgraaf.provenance import GraphContent
from raadgraaf.terms import read_turtle

BASE = "https://data.example.org/raadgraaf/"

GOOD = """
@prefix rg: <https://w3id.org/raadgraaf/def#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix d: <https://data.example.org/raadgraaf/id/onderwerp/gm0000/> .
d:%s a rg:Topic ; rdfs:label "%s"@nl .
"""
BAD = """
@prefix rg: <https://w3id.org/raadgraaf/def#> .
@prefix d: <https://data.example.org/raadgraaf/id/toezegging/gm0000/> .
d:x a rg:Commitment .
"""


def content(turtle: str, key: str = "bron/proef") -> GraphContent:
    data = turtle.encode()
    triples = read_turtle(data, "proef.ttl", BASE, key)
    return GraphContent(key, triples, "proef.ttl", hashlib.sha256(data).hexdigest(), "rdf")


def load(settings: Settings, *contents: GraphContent) -> transaction.Outcome:
    return transaction.load(settings, contents, reason=False)


def listing(home: Path) -> dict[str, bytes | str]:
    """Return every file and link of a home but its lock and the built stores."""
    return {
        str(path.relative_to(home)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in home.rglob("*")
        if (path.is_file() or path.is_symlink())
        and path.name != "lock"
        and "store" not in path.parts
    }


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_an_empty_home_has_no_release(settings: Settings) -> None:
    with pytest.raises(NoRelease, match="raadgraaf load"):
        releases.current(settings.home)


def test_loading_publishes_the_graph_in_the_merge_and_by_name(settings: Settings) -> None:
    outcome = load(settings, content(GOOD % ("a", "Parkeren")))
    store = outcome.release.open(memory_quads=0)
    assert store.query('ASK { ?s rdfs:label "Parkeren"@nl }'.replace("rdfs:label", "?p"))
    assert store.query(f'ASK {{ GRAPH <{BASE}graph/bron/proef> {{ ?s ?p "Parkeren"@nl }} }}')
    assert outcome.graphs == ((f"{BASE}graph/bron/proef", "new"),)


def test_loading_twice_changes_nothing(settings: Settings) -> None:
    load(settings, content(GOOD % ("a", "Parkeren")))
    before = listing(settings.home)
    outcome = load(settings, content(GOOD % ("a", "Parkeren")))
    assert not outcome.changed
    assert listing(settings.home) == before


def test_equal_inputs_give_equal_releases(tmp_path: Path) -> None:
    folders = []
    for name in ("one", "two"):
        settings = Settings(home=tmp_path / name)
        load(settings, content(GOOD % ("a", "Parkeren")), content(GOOD % ("b", "Wonen"), "bron/b"))
        folders.append(releases.current(settings.home).path)
    names = ["manifest.json", "data.nq", "default.nt"]
    assert filecmp.cmpfiles(*folders, names, shallow=False) == (names, [], [])


def test_a_changed_source_makes_a_version_outside_the_merge(settings: Settings) -> None:
    first = load(settings, content(GOOD % ("a", "Parkeren")))
    graph = f"{BASE}graph/bron/proef"
    old = first.release.manifest.graph(graph)
    assert old
    outcome = load(settings, content(GOOD % ("a", "Fietsen")))
    version = f"{graph}/v/{old.digest[:12]}"
    store = outcome.release.open(memory_quads=0)
    revised = "http://www.w3.org/ns/prov#wasRevisionOf"
    assert outcome.graphs == ((graph, "changed"),)
    assert store.query(f"ASK {{ <{graph}> <{revised}> <{version}> }}")
    assert store.query(f'ASK {{ GRAPH <{version}> {{ ?s ?p "Parkeren"@nl }} }}')
    assert not store.query('ASK { ?s ?p "Parkeren"@nl }')
    assert store.query('ASK { ?s ?p "Fietsen"@nl }')


def test_every_earlier_version_stays_linked(settings: Settings) -> None:
    for name in ("Parkeren", "Fietsen", "Lopen"):
        outcome = load(settings, content(GOOD % ("a", name)))
    revised = "<http://www.w3.org/ns/prov#wasRevisionOf>"
    store = outcome.release.open(memory_quads=0)
    assert store.query(f"ASK {{ <{BASE}graph/bron/proef> {revised}/{revised} ?first }}")


def test_a_violation_refuses_the_load_and_leaves_all_as_it_was(settings: Settings) -> None:
    load(settings, content(GOOD % ("a", "Parkeren")))
    before = listing(settings.home)
    with pytest.raises(ValidationRefused, match="nothing has been changed"):
        load(settings, content(BAD, "bron/slecht"))
    transaction.load(settings, (), reason=False)  # whoever writes next cleans up first
    assert listing(settings.home) == before


def test_a_triple_that_two_graphs_state_counts_once_in_the_merge(settings: Settings) -> None:
    same = GOOD % ("a", "Parkeren")
    outcome = load(settings, content(same), content(same, "bron/ook"))
    store = outcome.release.open(memory_quads=0)
    (row,) = store.query('SELECT (COUNT(*) AS ?n) WHERE { ?s ?p "Parkeren"@nl }')
    assert row["n"].value == "1"


def test_rolling_back_brings_the_earlier_answers_back(settings: Settings) -> None:
    load(settings, content(GOOD % ("a", "Parkeren")))
    load(settings, content(GOOD % ("a", "Fietsen")))
    target = transaction.roll_back(settings.home)
    assert target.number == 1
    store = releases.current(settings.home).open(memory_quads=0)
    assert store.query('ASK { ?s ?p "Parkeren"@nl }')
    assert transaction.roll_back(settings.home, 2).number == 2


def test_rolling_back_to_what_is_not_kept_is_refused(settings: Settings) -> None:
    load(settings, content(GOOD % ("a", "Parkeren")))
    with pytest.raises(InputError, match="oldest"):
        transaction.roll_back(settings.home)
    with pytest.raises(NotFound, match="Kept releases: 1"):
        transaction.roll_back(settings.home, 7)


def test_a_rollback_survives_the_next_writer(settings: Settings) -> None:
    load(settings, content(GOOD % ("a", "Parkeren")))
    load(settings, content(GOOD % ("a", "Fietsen")))
    transaction.roll_back(settings.home)
    with pytest.raises(ValidationRefused):
        load(settings, content(BAD, "bron/slecht"))
    assert releases.current_number(settings.home) == 1


def test_old_releases_go_and_the_current_one_stays(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", releases_kept=2)
    for name in ("a", "b", "c", "d"):
        load(settings, content(GOOD % (name, name)))
    assert [each.number for each in releases.kept_releases(settings.home)] == [3, 4]


def test_a_second_writer_is_told_to_wait(settings: Settings) -> None:
    load(settings, content(GOOD % ("a", "Parkeren")))

    def while_writing(_: str) -> None:
        with pytest.raises(Busy, match="try again"):
            load(settings, content(GOOD % ("b", "Wonen")))

    transaction.load(
        settings, [content(GOOD % ("c", "Groen"))], reason=False, progress=while_writing
    )


def test_another_base_is_refused_in_a_home_that_has_one(settings: Settings) -> None:
    load(settings, content(GOOD % ("a", "Parkeren")))
    other = Settings(home=settings.home, base="https://data.veldstad.example/")
    with pytest.raises(InputError, match="holds data with the base"):
        load(other, content(GOOD % ("a", "Parkeren")))


def names(home: Path) -> set[str]:
    """Return the topics of the current release."""
    store = releases.current(home).open(memory_quads=0)
    topic = "https://w3id.org/raadgraaf/def#Topic"
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    return {
        row["name"].value
        for row in store.query(f"SELECT ?name {{ ?s a <{topic}> ; <{label}> ?name }}")
    }


def triples(*labels: str) -> Sequence[Triple]:
    return [Triple(NamedNode("http://x/s"), iri("rdfs:label"), Literal(each)) for each in labels]


def test_a_graph_file_does_not_depend_on_the_order_of_its_statements(tmp_path: Path) -> None:
    one = graphfiles.write(tmp_path, "http://x/g", triples("a", "b", "a"))
    two = graphfiles.write(tmp_path, "http://x/g", triples("b", "a"))
    assert one == two
    assert one.statements == 2
    assert one.digest == hashlib.sha256(one.path(tmp_path).read_bytes()).hexdigest()


def test_a_merge_is_sorted_and_has_no_statement_twice(tmp_path: Path) -> None:
    files = [
        graphfiles.write(tmp_path, "http://x/g1", triples("a", 'a"', "b c", "b")),
        graphfiles.write(tmp_path, "http://x/graph/2", triples("a", "b", "é\n")),
    ]
    lines = list(graphfiles.merge(tmp_path, files))
    assert lines == sorted(set(lines))
    assert len(lines) == 5


def test_a_graph_file_that_was_changed_is_refused_until_its_source_is_loaded(
    settings: Settings,
) -> None:
    first = load(settings, content(GOOD % ("a", "Parkeren")))
    file = first.release.manifest.graph(f"{BASE}graph/bron/proef")
    assert file
    path = file.path(settings.home)
    path.write_bytes(path.read_bytes().replace(b"Parkeren", b"Vliegen!"))
    with pytest.raises(Damaged, match=r"graph/bron/proef, was changed or lost"):
        transaction.load(settings, (), rebuild=True, reason=False)
    assert names(settings.home) == {"Parkeren"}
    load(settings, content(GOOD % ("a", "Parkeren")))
    assert transaction.load(settings, (), rebuild=True, reason=False).changed
    assert names(settings.home) == {"Parkeren"}


def test_a_plain_store_holds_what_is_given_and_nothing_else(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", plain=True)
    default = content("<http://x/s> <http://x/p> 1 .", "")
    outcome = load(settings, default, content(BAD, "http://x/g"))
    store = outcome.release.open(memory_quads=0)
    everything = "SELECT ?s ?g { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    rows = [(row["s"].value, row["g"] and row["g"].value) for row in store.query(everything)]
    assert sorted(rows) == [
        ("http://x/s", None),
        ("https://data.example.org/raadgraaf/id/toezegging/gm0000/x", "http://x/g"),
    ]
    assert transaction.check(settings, (), reason=True).report.conforms
    with pytest.raises(InputError, match="is a plain store"):
        load(Settings(home=settings.home), default)


def test_without_the_shapes_nothing_is_refused(settings: Settings) -> None:
    lenient = Settings(home=settings.home, shacl=False)
    assert load(lenient, content(BAD)).changed
