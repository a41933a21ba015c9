"""The W3C's suites for SPARQL 1.1, over HTTP, on the product as it is served."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
import w3c
from pyoxigraph import Literal, RdfFormat, Triple, parse, serialize
from w3c import MF, QT, UT, Case

QUERIES = (
    *("aggregates", "bind", "bindings", "cast", "construct", "exists", "functions", "grouping"),
    *("negation", "project-expression", "property-path", "subquery", "syntax-query"),
    *("csv-tsv-res", "json-res"),
)
UPDATES = (
    *("add", "basic-update", "clear", "copy", "delete", "delete-data", "delete-insert"),
    *("delete-where", "drop", "move", "syntax-update-1", "syntax-update-2", "update-silent"),
)
GRAPH_STORE = ("graph-store-protocol",)
HT = "http://www.w3.org/2011/http#"
CHARS = "http://www.w3.org/2011/content#chars"

ENGINE_FAILS: Mapping[str, str] = {
    "aggregates/agg-empty-group-count-graph": "counts over GRAPH ?g in which nothing matches",
    "aggregates/agg-groupconcat-04": "GROUP_CONCAT of no values",
    "aggregates/agg-groupconcat-06": "GROUP_CONCAT of no values",
    "bindings/graph": "VALUES of the variable of GRAPH",
    "csv-tsv-res/csv03": "numbers are written in their canonical form",
    "csv-tsv-res/tsv03": "numbers are written in their canonical form",
    "functions/bnode01": "BNODE of equal strings in one row",
    "negation/graph-minus": "MINUS within GRAPH ?g",
    "property-path/zero_or_more_set_end": "paths of no length on terms that are not in the data",
    "property-path/zero_or_more_set_start": "paths of no length on terms that are not in the data",
    "property-path/zero_or_one_set_end": "paths of no length on terms that are not in the data",
    "property-path/zero_or_one_set_start": "paths of no length on terms that are not in the data",
}
"""Tests that pyoxigraph fails by itself."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not w3c.SPARQL.is_dir(), reason=f"the suites are not in {w3c.FOLDER}"),
]


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int
    media_type: str
    body: bytes
    location: str | None


class Store:
    """A plain store, served, and what is known to be in it."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self._token = token
        self._content: object = None

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """Return what the server answers to a request with the token."""
        self._content = None
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = Request(self.address + path, body, given, method=method)  # noqa: S310 # loopback
        asked.add_unredirected_header("Authorization", f"Bearer {self._token}")
        if body is not None and "Content-Type" not in given:
            asked.add_header("Content-Type", "")
        try:
            with urlopen(asked, timeout=60) as response:  # noqa: S310
                return _reply(response.status, response.headers, response.read())
        except HTTPError as error:
            with error:
                return _reply(error.code, error.headers, error.read())

    def update(self, text: str) -> Reply:
        """Send an update."""
        return self.request(
            "POST", "/sparql", text.encode(), Content_Type="application/sparql-update"
        )

    def ask(self, text: str, accept: str) -> Reply:
        """Send a query."""
        content = self._content
        reply = self.request(
            "POST", "/sparql", text.encode(), Content_Type="application/sparql-query", Accept=accept
        )
        self._content = content
        return reply

    def hold(self, dataset: Mapping[str, Sequence[Triple]]) -> None:
        """Have the store hold these graphs and no others."""
        if self._content == dataset:
            return
        assert self.update("DROP ALL").status == 200
        for graph, triples in dataset.items():
            if graph or triples:
                reply = self.request(
                    "PUT",
                    f"/graphs?graph={quote(graph, safe='')}" if graph else "/graphs?default",
                    serialize(triples, format=RdfFormat.N_TRIPLES) or b"",
                    Content_Type="application/n-triples",
                )
                assert reply.status in {200, 201}, reply.body
        self._content = dataset

    def graph(self, graph: str) -> list[Triple] | None:
        """Return a graph, or nothing where there is none."""
        path = f"/graphs?graph={quote(graph, safe='')}" if graph else "/graphs?default"
        reply = self.request("GET", path, Accept="application/n-triples")
        if reply.status == 404:
            return None
        assert reply.status == 200, reply.body
        return [quad.triple for quad in parse(reply.body, format=RdfFormat.N_TRIPLES)]


def _reply(status: int, headers: Mapping[str, str], body: bytes) -> Reply:
    media_type = headers.get("Content-Type", "").partition(";")[0]
    return Reply(status, media_type, body, headers.get("Location"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("plain")
    command = [sys.executable, "-m", "raadgraaf"]
    tokens = ["--token-file", str(folder / "tokens")]
    token = subprocess.run(
        [*command, "token", "new", *tokens], check=True, capture_output=True, text=True
    ).stdout.strip()
    serve = ["serve", "--no-shacl", "--plain-default-graph"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [*command, *serve, *tokens, "--home", str(folder / "home"), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert server.stdout
            found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            assert found, (folder / "log").read_text()
            yield Store(found[0], token)
        finally:
            server.terminate()
            server.wait(timeout=30)
            if server.stdout:
                server.stdout.close()


def _params(folders: Sequence[str], *kinds: str, manifest: str = "manifest.ttl") -> list[object]:
    if not w3c.SPARQL.is_dir():
        return []
    return [
        pytest.param(
            case,
            id=case.id,
            marks=[pytest.mark.xfail(reason=ENGINE_FAILS[case.id], strict=True)]
            if case.id in ENGINE_FAILS
            else [],
        )
        for case in w3c.cases(folders, manifest)
        if case.kind in kinds
    ]


def _text(path: Path) -> str:
    """Return a query or update whose relative IRIs are resolved by its own address."""
    return f"BASE <{path.as_uri()}>\n{path.read_text()}"


@pytest.mark.parametrize("case", _params(QUERIES, "QueryEvaluationTest", "CSVResultFormatTest"))
def test_a_query_gives_the_expected_results(case: Case, store: Store) -> None:
    query, expected = case.file(case.action, f"{QT}query"), case.result
    assert query
    assert expected
    store.hold(case.dataset(case.action, QT))
    path = w3c.file_of(expected)
    if path.suffix == ".csv":
        reply = store.ask(_text(query), "text/csv")
        assert reply.status == 200, reply.body
        assert w3c.csv_rows(reply.body) == w3c.csv_rows(path.read_bytes())
        return
    accept = {
        ".srj": "application/sparql-results+json",
        ".tsv": "text/tab-separated-values",
    }.get(path.suffix, "application/sparql-results+xml, application/n-triples")
    reply = store.ask(_text(query), accept)
    assert reply.status == 200, reply.body
    if reply.media_type == "application/n-triples":
        found = [quad.triple for quad in parse(reply.body, format=RdfFormat.N_TRIPLES)]
        assert w3c.same_graphs(found, w3c.read(path))
        return
    results = w3c.rows(reply.body, w3c.FORMATS[reply.media_type])
    wanted = w3c.expected_rows(path)
    if isinstance(results, bool) or isinstance(wanted, bool):
        assert results == wanted
    else:
        assert w3c.same_rows(results, wanted), (results, wanted)


@pytest.mark.parametrize("case", _params(QUERIES, "PositiveSyntaxTest11"))
def test_a_query_of_good_syntax_is_answered(case: Case, store: Store) -> None:
    reply = store.ask(_text(w3c.file_of(case.action)), "*/*")
    if b"custom function" not in reply.body:  # of good syntax, and of no meaning here
        assert reply.status == 200, reply.body


@pytest.mark.parametrize("case", _params(QUERIES, "NegativeSyntaxTest11"))
def test_a_query_of_bad_syntax_is_refused(case: Case, store: Store) -> None:
    assert store.ask(w3c.file_of(case.action).read_text(), "*/*").status == 400


@pytest.mark.parametrize("case", _params(UPDATES, "UpdateEvaluationTest"))
def test_an_update_gives_the_expected_graphs(case: Case, store: Store) -> None:
    request = case.file(case.action, f"{UT}request")
    assert request
    assert case.result
    before = case.dataset(case.action, UT)
    store.hold(before)
    reply = store.update(_text(request))
    assert reply.status == 200, reply.body
    expected = case.dataset(case.result, UT)
    for graph, triples in expected.items():
        assert w3c.same_graphs(store.graph(graph) or [], triples), graph
    for graph in before.keys() - expected.keys():
        assert not store.graph(graph)


@pytest.mark.parametrize("case", _params(UPDATES, "PositiveUpdateSyntaxTest11"))
def test_an_update_of_good_syntax_is_not_refused_for_its_syntax(case: Case, store: Store) -> None:
    reply = store.update(_text(w3c.file_of(case.action)))
    if b"LOAD" in w3c.file_of(case.action).read_bytes():
        assert reply.status in {200, 403}  # nothing is fetched
    else:
        assert reply.status == 200 or b"does not exist" in reply.body, reply.body


@pytest.mark.parametrize("case", _params(UPDATES, "NegativeUpdateSyntaxTest11"))
def test_an_update_of_bad_syntax_is_refused(case: Case, store: Store) -> None:
    assert store.update(w3c.file_of(case.action).read_text()).status == 400


@pytest.mark.parametrize(
    "case",
    [
        *_params(("protocol",), "ProtocolTest"),
        *_params(
            ["graph-store-protocol"], "GraphStoreProtocolTest", manifest="manifest-direct.ttl"
        ),
        *_params(
            ["graph-store-protocol"], "GraphStoreProtocolTest", manifest="manifest-indirect.ttl"
        ),
    ],
)
def test_a_protocol_is_kept(case: Case, store: Store) -> None:
    store.hold(case.dataset(case.node, UT))
    graph = case.graph
    location = ""
    for request in graph.items(graph.one(case.action, f"{HT}requests")):
        response = graph.one(request, f"{HT}resp")
        assert response is not None
        content = graph.one(request, f"{HT}body")
        body = _literal(graph.one(content, CHARS)) if content is not None else None
        headers = {
            _literal(graph.one(each, f"{HT}fieldName")).title().replace("-", "_"): _literal(
                graph.one(each, f"{HT}fieldValue")
            )
            for each in graph.items(graph.one(request, f"{HT}headers"))
        }
        path = _literal(graph.one(request, f"{HT}absolutePath"))
        path = re.sub("^/sparql/", "/sparql", re.sub("^/gsp", "/graphs", path))
        reply = store.request(
            _literal(graph.one(request, f"{HT}methodName")),
            path.replace("$LOCATION$", quote(location, safe="")),
            body.replace("$LOCATION$", location).encode() if body is not None else None,
            **headers,
        )
        _check(graph, response, reply)
        location = reply.location or location


def _check(graph: w3c.Graph, response: w3c.Node, reply: Reply) -> None:
    statuses = {
        str(getattr(each, "value", "")).rpartition("#")[2]
        for each in graph.all(response, f"{MF}expectedStatus")
    }
    if statuses:
        assert statuses & _names(reply.status), (statuses, reply)
    body = graph.one(response, f"{HT}body")
    if body is not None and (expected := _literal(graph.one(body, CHARS))):
        form = RdfFormat.from_media_type(reply.media_type)
        found = [quad.triple for quad in parse(reply.body, format=form)]
        wanted = [quad.triple for quad in parse(expected, format=RdfFormat.TURTLE)]
        assert w3c.same_graphs(found, wanted)
    truth = graph.one(response, f"{MF}expectedBoolean")
    if truth is not None:
        form = w3c.FORMATS[reply.media_type]
        assert w3c.rows(reply.body, form) is (_literal(truth) == "true")
    kind = graph.one(response, f"{MF}expectedFormat")
    if kind is not None and _literal(kind) == "RDF":
        assert RdfFormat.from_media_type(reply.media_type)
    elif kind is not None:
        assert reply.media_type in w3c.FORMATS


def _names(status: int) -> set[str]:
    """Return how the manifests may call a status."""
    phrases = {200: "OK", 201: "Created", 204: "NoContent", 400: "BadRequest", 404: "NotFound"}
    return {f"StatusCode{status // 100}xx", phrases.get(status, str(status))}


def _literal(node: w3c.Node | None) -> str:
    return node.value if isinstance(node, Literal) else ""
