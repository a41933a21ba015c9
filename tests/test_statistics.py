"""Statistics: counted from the files, equal to what the engine counts, for every such query."""

import io
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from random import Random

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Triple

from raadgraaf import count_queries, counting, graphfiles, releases
from raadgraaf.namespaces import RDF_TYPE, iri
from raadgraaf.releases import Manifest, Release
from raadgraaf.results import RESULT_TYPES, write
from raadgraaf.statistics import Statistics
from raadgraaf.store import EmbeddedStore, Results

EX = "http://example.org/"
GRAPHS = [f"{EX}{name}" for name in ("graph/een", "graph/twee", "drie")]
PREFIXES = f"PREFIX ex: <{EX}> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> # COUNT\n"
COUNTED = ["*", "DISTINCT *", "?s", "DISTINCT ?s", "?p", "DISTINCT ?p", "?o", "DISTINCT $o"]
VALUES = {
    "ex:A": NamedNode(f"{EX}A"),
    "ex:B": NamedNode(f"{EX}B"),
    '"een \' twee"': Literal("een ' twee"),
    "'''een'''@nl": Literal("een", language="nl"),
    '""': Literal(""),
    '"01"^^xsd:integer': Literal("01", datatype=iri("xsd:integer")),
    '"1"^^xsd:int': Literal("1", datatype=iri("xsd:int")),
    '"2024-02-30"^^xsd:date': Literal("2024-02-30", datatype=iri("xsd:date")),
    '"2.50"^^<http://www.w3.org/2001/XMLSchema#decimal>': Literal(
        "2.50", datatype=iri("xsd:decimal")
    ),
    '"P12M"^^xsd:duration': Literal("P12M", datatype=iri("xsd:duration")),
}
PREDICATES = {"a": RDF_TYPE, "ex:p": NamedNode(f"{EX}p"), "<http://example.org/q>": iri("rg:q")}


def some_triples(random: Random, most: int) -> Iterator[Triple]:
    subjects = [*(NamedNode(f"{EX}{number}") for number in range(4)), BlankNode("b")]
    objects = [*VALUES.values(), Literal("1"), Literal('a "b" <c>\n', language="en"), *subjects]
    for _ in range(random.randrange(most)):
        yield Triple(
            random.choice(subjects),
            random.choice([*PREDICATES.values(), NamedNode(f"{EX}q")]),
            random.choice(objects),
        )


def build(home: Path, seed: int, *, plain: bool) -> Release:
    random = Random(seed)  # noqa: S311
    graphs = GRAPHS + ([""] if plain else [])
    files = [
        graphfiles.write(home, graph, some_triples(random, 60), public=random.random() < 0.8)
        for graph in sorted(graphs)
    ]
    (home / "releases").mkdir(exist_ok=True)
    return releases.build(home, 1, Manifest(EX, "0", tuple(files), plain), {})


def queries() -> Iterator[str]:
    """Yield a query for each way to count a pattern with an unbound subject."""
    wheres = ["{{ {} }}", "WHERE {{ {} . }}", "FROM <http://example.org/drie> WHERE {{ {} }}"]
    graphs = ["ex:drie", "?g", "<http://example.org/nergens>"]
    wheres += [f"{{{{ GRAPH {graph} {{{{ {{}} }}}} . }}}}" for graph in graphs]
    predicates = ["?p", *PREDICATES, "ex:nooit"]
    values = ["?o", *VALUES, "ex:Nooit"]
    for where, predicate, value in product(wheres, predicates, values):
        names = {"*", "?s", *({predicate, value} & {"?p", "?o"}), *({"?g"} & {*where.split()})}
        for counted in (*COUNTED, "?g", "DISTINCT ?g"):
            if counted.replace("$", "?").split()[-1] in names:
                pattern = where.format(f"?s {predicate} {value}")
                yield f"{PREFIXES}SELECT (COUNT({counted}) AS ?n) {pattern}"


def written(results: Results) -> list[bytes]:
    assert isinstance(results, QuerySolutions)
    content = io.BytesIO()
    write(results, "application/sparql-results+json", content)
    return [content.getvalue()]


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_every_count_is_that_of_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, plain: bool
) -> None:
    monkeypatch.setattr(counting, "FREQUENT", 3)
    monkeypatch.setattr(counting, "PAIRS_IN_MEMORY", 5)
    release = build(tmp_path, seed, plain=plain)
    assert release.statistics
    engine = EmbeddedStore.read_only(release.path / "store")
    answered = 0
    for query in queries():
        found = count_queries.answer(release.statistics, query, (), ())
        if found is not None:
            answered += 1
            assert written(found) == written(engine.query(query)), query
    assert answered > 250


def one(statistics: Statistics, query: str, graphs: Sequence[str] = ()) -> str | None:
    found = count_queries.answer(statistics, query, graphs, ())
    return None if found is None else next(found)[0].value


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    home = tmp_path_factory.mktemp("statistics")
    things = [NamedNode(f"{EX}{number}") for number in range(8)]
    p, kind = NamedNode(f"{EX}p"), NamedNode(f"{EX}A")
    first = [Triple(thing, RDF_TYPE, kind) for thing in things]
    second = [Triple(things[0], p, Literal(str(number))) for number in range(3)]
    files = (
        graphfiles.write(home, f"{EX}een", [*first, *second]),
        graphfiles.write(home, f"{EX}twee", second),
        graphfiles.write(home, f"{EX}weg", [Triple(kind, p, kind)], public=False),
    )
    (home / "releases").mkdir()
    return releases.build(home, 1, Manifest(EX, "0", files), {})


def test_the_numbers_are_of_the_merge_of_each_graph_and_of_all(release: Release) -> None:
    statistics = release.statistics
    assert statistics
    assert (statistics.default.triples, statistics.default.subjects) == (11, 8)
    assert (statistics.named.triples, statistics.named.objects) == (15, 4)
    assert statistics.named.properties[f"{EX}p"].triples == 7
    assert statistics.graphs[f"{EX}twee"].properties[f"{EX}p"].objects == 3
    assert statistics.default.classes[f"{EX}A"].entities == 8
    assert statistics.default.classes[f"{EX}A"].properties == {RDF_TYPE.value: 8, f"{EX}p": 3}
    assert Statistics.from_json(statistics.to_json()) == statistics


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
        "SELECT (COUNT(?s) AS ?n) { ?s ?p ?o }",
        "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o . }",
        "SELECT (COUNT(?s) AS ?n) { ?s a <http://example.org/A> }",
        "SELECT (COUNT(*) AS ?n) { GRAPH <http://example.org/een> { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s a ?o } }",
        "select (count(distinct ?o) as ?n) from <http://example.org/een> { ?s ?p ?o }",
        "PREFIX e: <http://example.org/> SELECT (COUNT(?o) AS ?n) { ?s e:p ?o }",
    ],
)
def test_a_count_of_one_pattern_needs_no_engine(release: Release, query: str) -> None:
    assert release.statistics
    assert one(release.statistics, query) is not None


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?s) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?s }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?s ?q ?r }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } LIMIT 0",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
        "SELECT (COUNT(?x) AS ?n) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) ?p { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s <p> ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s unknown:p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s <http://example.org/p>+ ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s <http://example.org/\\u0070> ?o }",
        'SELECT (COUNT(*) AS ?n) { ?s ?p "\\u0061" }',
        'SELECT (COUNT(*) AS ?n) { ?s ?p "a"@abcdefghijk }',
        "SELECT (COUNT(*) AS ?n) { ?s ?p 1 }",
        "SELECT (COUNT(*) AS ?n) { <http://example.org/A> ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } GRAPH ?g { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) FROM NAMED <http://example.org/een> { GRAPH ?g { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) FROM <http://example.org/een> FROM <http://x/> { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) FROM <http://example.org/een> { GRAPH ?g { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } }",
        "SELECT (COUNT(* AS ?n) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p `o }",
        "BASE <http://example.org/> SELECT (COUNT(*) AS ?n) { ?s <p> ?o }",
        "ASK { ?s ?p ?o } # count",
        "# " + "count" * 1000 + "\nSELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    ],
)
def test_any_other_query_is_for_the_engine(release: Release, query: str) -> None:
    assert release.statistics
    assert one(release.statistics, query) is None


def test_graphs_of_the_request_replace_those_of_the_query(release: Release) -> None:
    assert release.statistics
    query = "SELECT (COUNT(*) AS ?n) FROM <http://example.org/een> { ?s ?p ?o }"
    assert one(release.statistics, query) == "11"
    assert one(release.statistics, query, [f"{EX}twee"]) == "3"
    assert one(release.statistics, query, [f"{EX}een", f"{EX}twee"]) is None
    assert one(release.statistics, query, ["twee"]) is None
    assert count_queries.answer(release.statistics, query, (), [f"{EX}een"]) is None


def test_an_opened_release_counts_from_them_in_every_form(release: Release) -> None:
    query = f"SELECT (COUNT(*) AS ?number) {{ ?s a <{EX}A> }}"
    engine = EmbeddedStore.read_only(release.path / "store")
    for memory_quads in (0, 1000):
        for media_type in RESULT_TYPES:
            known, counted = io.BytesIO(), io.BytesIO()
            write(release.open(memory_quads).query(query), media_type, known)
            write(engine.query(query), media_type, counted)
            assert known.getvalue() == counted.getvalue()


def test_a_release_without_statistics_is_asked_the_engine(tmp_path: Path) -> None:
    release = build(tmp_path, 1, plain=False)
    (release.path / "statistics.json").unlink()
    (row,) = release.open(memory_quads=0).query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert int(row["n"].value) > 0
