"""Writing over HTTP: who may, what a write does to the graphs, and what is refused."""

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse
from werkzeug.test import TestResponse

from raadgraaf import credentials, releases, transaction
from raadgraaf.cli import main
from raadgraaf.config import Settings
from raadgraaf.guard import admit_update
from raadgraaf.namespaces import iri
from raadgraaf.server import create_app
from raadgraaf.update_text import with_dataset, without_loads
from raadgraaf.workers import WorkerPool
from raadgraaf.writing import Writer

TURTLE = "text/turtle"
GRAPH = "https://example.org/graph"
TOWN = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://example.org/town> rdfs:label "Ons Dorp"@nl .
<https://example.org/town> <https://example.org/size> "007"^^xsd:integer .
"""

pytestmark = pytest.mark.slow


class Client:
    """A client with a token."""

    def __init__(self, client: FlaskClient, token: str, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self.headers = {"Authorization": f"Bearer {token}"}

    def put(self, content: str | bytes, graph: str = GRAPH, kind: str = TURTLE) -> TestResponse:
        return self.client.put(
            "/graphs",
            query_string={"graph": graph},
            data=content,
            headers=self.headers | {"Content-Type": kind},
        )

    def update(self, text: str, **parameters: str) -> TestResponse:
        return self.client.post("/sparql", data={"update": text} | parameters, headers=self.headers)

    def graph(self, graph: str | None = GRAPH) -> str:
        asked = {"graph": graph} if graph else {"default": ""}
        response = self.client.get(
            "/graphs", query_string=asked, headers={"Accept": "application/n-triples"}
        )
        assert response.status_code == 200, response.text
        return response.text

    def ask(self, text: str) -> bool:
        response = self.client.get("/sparql", query_string={"query": text})
        return bool(response.get_json(force=True)["boolean"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A home of merged graphs whose shapes are not asked."""
    yield from _serve(tmp_path_factory.mktemp("merged"), shacl=False, plain=False)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    yield from _serve(tmp_path_factory.mktemp("plain"), shacl=False, plain=True)


def _serve(folder: Path, *, shacl: bool, plain: bool) -> Iterator[Client]:
    settings = Settings(
        home=folder / "home", shacl=shacl, plain=plain, workers=1, token_file=folder / "tokens"
    )
    token = credentials.new(folder / "tokens")
    transaction.load(settings, (), reason=False)
    service, writer = WorkerPool(settings), Writer(settings)
    try:
        yield Client(create_app(service, settings, writer).test_client(), token, settings)
    finally:
        writer.close()
        service.close()


def problem(response: TestResponse, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    detail = response.get_json(force=True)["detail"]
    assert isinstance(detail, str)
    return detail


def test_nobody_writes_without_a_token(made: Client) -> None:
    before = releases.current_number(made.settings.home)
    for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}):
        response = made.client.post("/sparql", data={"update": "CLEAR ALL"}, headers=headers)
        assert "token" in problem(response, 401)
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    for method in ("put", "post", "delete"):
        headers = {"Authorization": "Bearer rg_wrong"}
        response = getattr(made.client, method)(f"/graphs?graph={GRAPH}", headers=headers)
        problem(response, 401)
        assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert releases.current_number(made.settings.home) == before


def test_where_no_token_was_given_out_writing_is_off(client: FlaskClient) -> None:
    headers = {"Authorization": "Bearer rg_any"}
    response = client.post("/sparql", data={"update": "CLEAR ALL"}, headers=headers)
    assert "raadgraaf token new" in problem(response, 403)


def test_a_token_is_listed_and_revoked_and_its_file_has_only_its_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "folder" / "tokens"

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--token-file", str(file)])
        assert ended.value.code == 0
        return capsys.readouterr().out

    token = run("token", "new", "--label", "griffie").strip()
    other = run("token", "new").strip()
    assert token not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert credentials.allows(file, token)
    assert not credentials.allows(file, token[:-1])
    first, second = run("token", "list").splitlines()
    assert first.endswith("  griffie")
    run("token", "revoke", first.split()[0])
    assert not credentials.allows(file, token)
    assert credentials.allows(file, other)
    assert run("token", "list").splitlines() == [second]


def test_a_revoked_or_damaged_token_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tokens"
    for content, sentence in ((b"", "There is no token abc"), (b"{}\n", "is not a file of tokens")):
        file.write_bytes(content)
        with pytest.raises(SystemExit) as ended:
            main(["token", "revoke", "abc", "--token-file", str(file)])
        assert ended.value.code == 2
        assert sentence in " ".join(capsys.readouterr().err.split())


def test_a_graph_is_put_read_added_to_and_deleted(made: Client) -> None:
    response = made.put(TOWN)
    assert response.status_code == 201
    assert response.get_json()["graphs"] == [{"graph": GRAPH, "state": "new"}]
    assert '"Ons Dorp"@nl' in made.graph()
    again = made.put(TOWN)
    assert (again.status_code, again.get_json()["changed"]) == (200, False)
    more = made.client.post(
        f"/graphs?graph={GRAPH}",
        data=b"<> <https://example.org/of> [ <https://example.org/is> 1 ] .",
        headers=made.headers | {"Content-Type": TURTLE},
    )
    assert more.status_code == 200
    assert made.graph().count("\n") == 4
    assert (
        f"<{GRAPH}> <https://example.org/of> <{made.settings.base}.well-known/genid/"
        in made.graph()
    )
    assert made.ask('ASK { ?town ?label "Ons Dorp"@nl }')
    gone = made.client.delete(f"/graphs?graph={GRAPH}", headers=made.headers)
    assert gone.status_code == 200
    assert "no graph" in problem(made.client.get(f"/graphs?graph={GRAPH}"), 404)
    assert "no graph" in problem(
        made.client.delete(f"/graphs?graph={GRAPH}", headers=made.headers), 404
    )
    assert not made.ask('ASK { ?town ?label "Ons Dorp"@nl }')


def test_what_was_replaced_stays_as_a_version_with_where_it_came_from(made: Client) -> None:
    graph = "https://example.org/versions"
    made.put("<#a> <#is> 1 .", graph)
    made.put("<#a> <#is> 2 .", graph)
    was = iri("prov:wasRevisionOf")
    assert made.ask(f"ASK {{ <{graph}> {was} ?old . GRAPH ?old {{ ?a ?is 1 }} }}")
    assert not made.ask("ASK { ?a ?is 1 . FILTER CONTAINS(STR(?a), 'versions') }")


def test_an_update_leaves_untouched_statements_as_they_were_written(made: Client) -> None:
    made.put(TOWN)
    response = made.update(f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <https://example.org/a> a <b> }} }}")
    assert response.status_code == 200
    manifest = releases.current(made.settings.home).manifest
    file = manifest.graph(GRAPH)
    assert file
    content = file.path(made.settings.home).read_text()
    assert '"007"^^' in content  # the store has it as 7
    assert f"<{made.settings.base}b>" in content
    assert made.update(f"DELETE WHERE {{ GRAPH <{GRAPH}> {{ ?s ?p 7 }} }}").status_code == 200
    assert "size" not in made.graph()


def test_the_default_graph_is_written_through_to_the_graphs_it_is_the_merge_of(
    made: Client,
) -> None:
    graph = "https://example.org/through"
    made.put("<#a> <#is> <#b> .", graph)
    assert made.update("INSERT DATA { <https://e.org/c> <https://e.org/is> 1 }").status_code == 200
    assert "https://e.org/c" in made.graph(f"{made.settings.base}graph/standaard")
    assert made.update(f"DELETE DATA {{ <{graph}#a> <{graph}#is> <{graph}#b> }}").status_code == 200
    assert made.graph(graph) == ""
    put = made.client.put(
        "/graphs?default", data="<#c> <#is> 2 .", headers=made.headers | {"Content-Type": TURTLE}
    )
    assert put.status_code == 200
    assert "https://e.org/c" not in made.graph(None)


def test_graphs_that_are_made_here_are_not_written(made: Client) -> None:
    own = f"{made.settings.base}graph/ontologie"
    assert own in problem(made.put(TOWN, own), 403)
    assert "is made by raadgraaf" in problem(made.update("CLEAR ALL"), 403)
    label = iri("rdfs:label")
    assert "is made by" in problem(made.update(f"DELETE WHERE {{ ?thing {label} ?any }}"), 403)
    assert "is made by" in problem(made.put(TOWN, f"{made.settings.base}graph/herkomst/x"), 403)


def test_a_violation_refuses_a_write_with_its_report_in_what_the_client_reads(
    tmp_path: Path,
) -> None:
    content = b"""
        @prefix rg: <https://w3id.org/raadgraaf/def#> .
        <https://data.example.org/raadgraaf/id/toezegging/x/y> a rg:Commitment .
    """
    for checked in _serve(tmp_path, shacl=True, plain=False):
        url = {"path": "/graphs", "query_string": {"graph": GRAPH}, "data": content}
        for accept, form in ((None, TURTLE), ("application/ld+json", "application/ld+json")):
            headers = checked.headers | {"Content-Type": TURTLE}
            headers |= {"Accept": accept} if accept else {}
            response = checked.client.put(**url, headers=headers)
            assert response.status_code == 422
            assert response.mimetype == form
            found = list(parse(response.data, format=RdfFormat.from_media_type(form)))
            assert any(quad.object == iri("sh:ValidationReport") for quad in found)
        headers |= {"Accept": "application/problem+json"}
        assert "violation" in problem(checked.client.put(**url, headers=headers), 422)
        assert releases.current_number(checked.settings.home) == 1
        checked.put("<#a> <#is> 1 .")
        assert releases.current_number(checked.settings.home) == 2


def test_a_plain_store_keeps_blank_nodes_and_an_equal_upload_changes_nothing(plain: Client) -> None:
    content = "[] <#knows> [ <#knows> <#b> ] ."
    assert plain.put(content).status_code == 201
    assert plain.put(content).get_json()["changed"] is False
    text = f"INSERT {{ ?a <https://e.org/same> ?a }} WHERE {{ GRAPH <{GRAPH}> {{ ?a ?p ?o }} }}"
    assert plain.update(text).status_code == 200
    assert plain.ask(f"ASK {{ ?a <https://e.org/same> ?a . GRAPH <{GRAPH}> {{ ?a ?p ?b }} }}")
    twice = plain.client.post(
        f"/graphs?graph={GRAPH}", data=content, headers=plain.headers | {"Content-Type": TURTLE}
    )
    assert twice.status_code == 200
    assert plain.graph().count("\n") == 4  # a merge keeps blank nodes of two documents apart


def test_a_plain_store_describes_itself(plain: Client) -> None:
    assert plain.update("INSERT DATA { <urn:in-default> <urn:b> 1 }").status_code == 200
    assert plain.update("CREATE GRAPH <urn:empty>").status_code == 200
    response = plain.client.get("/sparql", headers={"Accept": "application/n-triples"})
    assert response.status_code == 200
    assert "UnionDefaultGraph" not in response.text
    assert "urn:empty" not in response.text


def test_an_upload_of_several_documents_is_read_by_type_or_name(plain: Client) -> None:
    sent = {
        "one": (io.BytesIO(b"<#a> <#is> 1 ."), "a.ttl", "application/octet-stream"),
        "two": (io.BytesIO(b"<urn:b> <urn:is> <urn:c> ."), "b", "application/n-triples"),
    }
    graph = "https://example.org/form"
    response = plain.client.post(f"/graphs?graph={graph}", data=sent, headers=plain.headers)
    assert response.status_code == 201
    assert plain.graph(graph).count("\n") == 2
    empty = plain.client.post(
        f"/graphs?graph={graph}", data={"x": "y"}, headers=plain.headers,
        content_type="multipart/form-data",
    )  # fmt: skip
    assert "no files" in problem(empty, 400)


def test_a_graph_is_made_under_a_new_address_and_read_there(plain: Client) -> None:
    headers = plain.headers | {"Content-Type": TURTLE}
    response = plain.client.post("/graphs", data=b"<> <#is> 1 .", headers=headers)
    assert response.status_code == 201
    made = response.headers["Location"]
    assert made.startswith("http://localhost/graphs/")
    path = made.removeprefix("http://localhost")
    found = plain.client.get(path, headers={"Accept": "application/n-triples"})
    assert found.text.startswith(f"<{made}> ")
    assert plain.client.delete(path, headers=plain.headers).status_code == 200


@pytest.mark.parametrize(
    ("address", "sent", "status", "sentence"),
    [
        ("?graph=here", (b"", TURTLE), 400, "not an absolute IRI"),
        ("", (b"", TURTLE), 400, "Name a graph"),
        ("?default&graph=urn:x", (b"", TURTLE), 400, "Name one graph"),
        ("?graph=urn:x&graph=urn:y", (b"", TURTLE), 400, "Name one graph"),
        ("?graph=urn:x", (b"<a> <b> [", TURTLE), 400, "line 1"),
        ("?graph=urn:x", (b"<a> <b> <c> <d> .", "application/n-quads"), 415, "n-quads"),
        ("?graph=urn:x", (b"", ""), 415, "of no stated type"),
        ("?graph=urn:x", (b"\xff\xfe", TURTLE), 400, "Nothing was changed"),
    ],
)
def test_an_upload_that_cannot_be_read_says_why(
    plain: Client, address: str, sent: tuple[bytes, str], status: int, sentence: str
) -> None:
    content, kind = sent
    headers = plain.headers | ({"Content-Type": kind} if kind else {})
    response = plain.client.put(f"/graphs{address}", data=content, headers=headers)
    assert sentence in problem(response, status)


@pytest.mark.parametrize(
    ("stated", "status"),
    [({"CONTENT_LENGTH": "100"}, 400), ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411)],
)
def test_a_write_of_which_a_part_may_be_missing_is_refused(
    plain: Client, stated: dict[str, str], status: int
) -> None:
    for method, path, kind, content in (
        ("PUT", "/graphs?graph=urn:cut", "application/n-triples", b"<urn:a> <urn:b> <urn:c> .\n"),
        ("POST", "/sparql", "application/sparql-update", b"CREATE GRAPH <urn:cut>"),
    ):
        response = plain.client.open(
            path,
            method=method,
            input_stream=io.BytesIO(content),
            headers=plain.headers | {"Content-Type": kind},
            environ_overrides=stated | {"wsgi.input_terminated": True},  # as by the real server
        )
        assert "Nothing was done" in problem(response, status)
    assert plain.client.get("/graphs?graph=urn:cut").status_code == 404


def test_an_update_that_cannot_be_carried_out_says_why(plain: Client) -> None:
    assert "cannot be parsed" in problem(plain.update("INSERT DATA { <a> }"), 400)
    assert "does not exist" in problem(plain.update("DROP GRAPH <urn:none>"), 400)
    assert "does not fetch" in problem(plain.update("LOAD <http://127.0.0.1:9/x>"), 403)
    service = "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
    assert "does not ask" in problem(plain.update(service), 403)
    both = {"using-graph-uri": "urn:g"}
    text = "INSERT { ?s ?p ?o } USING <urn:h> WHERE { ?s ?p ?o }"
    assert "one place" in problem(plain.update(text, **both), 400)
    relative = {"using-graph-uri": "not an iri"}
    assert "absolute" in problem(plain.update("DELETE WHERE { ?s ?p ?o }", **relative), 400)
    query = {"query": "ASK {}"}
    problem(plain.update("CLEAR ALL", **query), 400)
    get = plain.client.get("/sparql?update=CLEAR%20ALL", headers=plain.headers)
    assert "POST" in problem(get, 400)


def test_a_write_whose_process_ends_is_all_or_nothing_and_the_next_one_works(
    plain: Client,
) -> None:
    one = '"1"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    assert plain.put("<#a> <#is> 1 .", "urn:before").status_code == 201
    writer = plain.client.application.extensions["raadgraaf"].writer
    os.kill(writer._process._process.pid, signal.SIGSTOP)
    hurried = Settings(home=plain.settings.home, plain=True, write_seconds=0.2)
    writer._settings = hurried
    try:
        assert "broken off" in problem(plain.put("<#a> <#is> 2 .", "urn:before"), 503)
    finally:
        writer._settings = plain.settings
    assert f"<urn:before#is> {one}" in plain.graph("urn:before")
    assert plain.put("<#a> <#is> 3 .", "urn:before").status_code == 200


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (
            "DELETE WHERE { ?s ?p ?o }",
            "DELETE { ?s ?p ?o } DATASET WHERE { ?s ?p ?o }",
        ),
        (
            "INSERT { ?s ?p '} WHERE {'} WHERE { ?s ?p ?o };CLEAR ALL",
            "INSERT { ?s ?p '} WHERE {'} DATASET WHERE { ?s ?p ?o };CLEAR ALL",
        ),
        (
            "delete { ?s ?p ?o } insert { ?s ?p 1} where { ?s ?p ?o }",
            "delete { ?s ?p ?o } insert { ?s ?p 1} DATASET WHERE { ?s ?p ?o }",
        ),
    ],
)  # fmt: skip
def test_a_dataset_of_the_request_becomes_that_of_each_where(update: str, expected: str) -> None:
    outermost = admit_update(update, Settings()).outermost
    assert outermost
    clauses = "USING <urn:a> USING NAMED <urn:b>"
    found = with_dataset(update, outermost, ["urn:a"], ["urn:b"])
    assert found == expected.replace("DATASET", clauses)


def test_what_load_silent_names_is_not_fetched() -> None:
    update = "# LOAD SILENT <urn:x>\nLOAD SILENT <http://a/b> INTO GRAPH <urn:g> ; LOAD <http://c>"
    outermost = admit_update(update, Settings()).outermost
    assert outermost
    assert without_loads(update, outermost, silent_only=True) == update.replace(
        "<http://a/b>", "<raadgraaf:not-loaded>"
    )
    assert "http://" not in without_loads(update, outermost, silent_only=False)
