"""The SPARQL 1.1 Protocol: each line of the contract with other endpoints' engines."""

import base64
import errno
import gzip
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, parse, parse_query_results
from werkzeug.test import TestResponse

from raadgraaf.changes import Update
from raadgraaf.config import Settings
from raadgraaf.errors import (
    NoRelease,
    NoWorkerFree,
    QueryTimeout,
    RaadgraafError,
    ResultTooLarge,
    WorkerDied,
)
from raadgraaf.releases import Release
from raadgraaf.server import create_app
from raadgraaf.server.description import SD
from raadgraaf.server.protocol import Message, operation
from raadgraaf.server.replies import CHUNK_BYTES
from raadgraaf.workers import QueryAnswer, QueryRequest

ASK = "ASK { ?s ?p ?o }"
SELECT = "SELECT ?s { ?s a <https://w3id.org/raadgraaf/def#Commitment> } ORDER BY ?s LIMIT 2"
CONSTRUCT = "CONSTRUCT WHERE { ?s a <https://w3id.org/raadgraaf/def#Commitment> } LIMIT 2"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
QUERY = "application/sparql-query"
HTML = "text/html"


def ask(
    client: FlaskClient, query: str | None, accept: str | None = None, **parameters: str
) -> TestResponse:
    given = parameters | ({"query": query} if query is not None else {})
    headers = {"Accept": accept} if accept is not None else {}
    return client.get("/sparql", query_string=given, headers=headers)


def number(response: TestResponse) -> int:
    (binding,) = response.get_json(force=True)["results"]["bindings"]
    return int(binding["n"]["value"])


def problem(response: TestResponse, status: int) -> Mapping[str, object]:
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    content: dict[str, object] = json.loads(response.data)
    assert content["status"] == status
    assert {"type", "title", "detail"} <= content.keys()
    return content


# 1. The service description


@pytest.mark.parametrize(
    ("accept", "media_type", "form"),
    [
        (None, "text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("*/*", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("application/n-quads", "application/n-quads", RdfFormat.N_QUADS),
        ("application/trig", "application/trig", RdfFormat.TRIG),
        ("application/rdf+xml", "application/rdf+xml", RdfFormat.RDF_XML),
        ("application/ld+json", "application/ld+json", RdfFormat.JSON_LD),
        (
            "application/n-triples;q=0.8, text/html;q=0.2",
            "application/n-triples",
            RdfFormat.N_TRIPLES,
        ),
    ],
)
def test_without_a_query_the_service_is_described(
    client: FlaskClient, accept: str | None, media_type: str, form: RdfFormat
) -> None:
    response = ask(client, None, accept)
    assert (response.status_code, response.content_type) == (200, media_type)
    assert "Accept" in response.headers["Vary"]
    quads = list(parse(response.data, format=form))
    endpoints = [quad.object for quad in quads if quad.predicate == NamedNode(f"{SD}endpoint")]
    assert endpoints == [NamedNode("http://localhost/sparql")]
    features = [quad.object for quad in quads if quad.predicate == NamedNode(f"{SD}feature")]
    assert features == [NamedNode(f"{SD}UnionDefaultGraph")]


def test_the_description_names_only_graphs_that_answer(client: FlaskClient) -> None:
    quads = parse(ask(client, None, "text/turtle").data, format=RdfFormat.TURTLE)
    names = [quad.object for quad in quads if quad.predicate == NamedNode(f"{SD}name")]
    assert names
    for name in names:
        assert isinstance(name, NamedNode)
        response = ask(client, COUNT, **{"default-graph-uri": name.value})
        assert number(response) > 0


def test_the_form_comes_only_where_html_is_liked_best(client: FlaskClient) -> None:
    response = ask(client, None, "text/html,application/xhtml+xml,*/*;q=0.8")
    assert response.mimetype == HTML
    assert "<textarea" in response.text


def test_without_a_query_nothing_else_fits(client: FlaskClient) -> None:
    problem(ask(client, None, "application/sparql-results+json"), 406)


@pytest.mark.parametrize("accept", ["", ";", ";;;,,,", "text/html;q=abc"])
def test_a_malformed_accept_header_counts_as_none(client: FlaskClient, accept: str) -> None:
    response = ask(client, ASK, accept)
    assert response.content_type == "application/sparql-results+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    problem(ask(client, "no query", accept), 400)


# 2. The operations


def operations() -> Mapping[str, Mapping[str, object]]:
    form = "application/x-www-form-urlencoded"
    return {
        "GET": {"method": "GET", "query_string": {"query": ASK}},
        "form": {"method": "POST", "data": urlencode({"query": ASK}), "content_type": form},
        "form with charset": {
            "method": "POST",
            "data": urlencode({"query": ASK}),
            "content_type": f"{form}; charset=UTF-8",
        },
        "body": {"method": "POST", "data": ASK, "content_type": QUERY},
        "body with charset": {
            "method": "POST",
            "data": ASK,
            "content_type": f"{QUERY}; charset=utf-8",
        },
        "query in the URL": {"method": "POST", "query_string": {"query": ASK}},
        "query in the URL of an empty form": {
            "method": "POST",
            "query_string": {"query": ASK},
            "content_type": form,
        },
    }


@pytest.mark.parametrize("operation", operations())
def test_each_operation_of_the_protocol_answers(client: FlaskClient, operation: str) -> None:
    response = client.open("/sparql", **operations()[operation])  # type: ignore[arg-type]
    assert response.status_code == 200
    assert response.content_type == "application/sparql-results+json"
    assert response.get_json(force=True)["boolean"] is True


def test_head_has_the_headers_of_get_and_no_body(client: FlaskClient) -> None:
    full = ask(client, SELECT)
    head = client.head("/sparql", query_string={"query": SELECT})
    assert head.status_code == 200
    assert head.data == b""
    for name in ("Content-Type", "Content-Length", "Vary"):
        assert head.headers[name] == full.headers[name]


def test_a_long_answer_is_streamed_whole(client: FlaskClient) -> None:
    everything = "CONSTRUCT WHERE { ?s ?p ?o }"
    with ask(client, everything, "application/n-triples") as response:
        assert response.content_length == len(response.data) > CHUNK_BYTES
    head = client.head("/sparql", query_string={"query": everything, "format": "nt"})
    assert head.content_length == response.content_length
    assert head.data == b""


def test_options_tell_what_may_be_done_from_elsewhere(client: FlaskClient) -> None:
    response = client.options("/sparql")
    assert response.status_code == 200
    assert {"GET", "HEAD", "OPTIONS", "POST"} == set(response.headers["Allow"].split(", "))
    assert response.headers["Access-Control-Allow-Methods"] == response.headers["Allow"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_with_those_there_are(client: FlaskClient, method: str) -> None:
    response = client.open("/sparql", method=method)
    problem(response, 405)
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/plain", 415),
        ("application/json", 415),
        ("", 415),
        (f"{QUERY}; charset=iso-8859-1", 415),
        ("application/sparql-update", 403),
    ],
)
def test_other_bodies_are_refused(client: FlaskClient, content_type: str, status: int) -> None:
    problem(client.post("/sparql", data=ASK, content_type=content_type or None), status)


def test_a_media_type_is_the_same_in_capitals(client: FlaskClient) -> None:
    kind = "Application/SPARQL-Query; Charset=UTF-8"
    assert client.post("/sparql", data=ASK, headers={"Content-Type": kind}).status_code == 200


@pytest.mark.parametrize("path", ["/sparql", "/graphs?default", "/id/x", "/"])
@pytest.mark.parametrize("host", ["a, b", "a b", "a>; rel=x, <b", '"><script>', "[::1", "a:b", "é"])
def test_a_host_that_is_none_is_refused(client: FlaskClient, path: str, host: str) -> None:
    response = client.get(path, environ_overrides={"HTTP_HOST": host})
    assert "Host" in str(problem(response, 400)["detail"])


@pytest.mark.parametrize("host", ["localhost:8000", "[::1]:80", "a_b.example", "127.0.0.1"])
def test_a_host_is_admitted(client: FlaskClient, host: str) -> None:
    assert client.get("/sparql", environ_overrides={"HTTP_HOST": host}).status_code == 200


def test_a_post_needs_a_query(client: FlaskClient) -> None:
    form = "application/x-www-form-urlencoded"
    problem(client.post("/sparql", data="a=b", content_type=form), 400)


# 3. Headers on every status


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/sparql", "text/turtle", 200),
        (f"/sparql?{urlencode({'query': 'SELECT'})}", "*/*", 400),
        (f"/sparql?{urlencode({'query': ASK})}", "image/png", 406),
        ("/doc/toezegging/gm0299/none", "text/turtle", 404),
        ("/id/toezegging/gm0299/kampsingel", "*/*", 303),
        ("/none", "*/*", 404),
    ],
)
def test_every_status_may_be_read_from_elsewhere(
    client: FlaskClient, path: str, accept: str, status: int
) -> None:
    response = client.get(path, headers={"Accept": accept, "Origin": "https://example.org"})
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Accept" in response.headers["Vary"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in response.headers


# 4 and 5. The dataset


def test_the_default_graph_is_the_merge_of_the_public_graphs(client: FlaskClient) -> None:
    merged = number(ask(client, COUNT))
    each_once = number(
        ask(
            client,
            "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } "
            "FILTER(!STRENDS(STR(?g), '/rapport')) } }",
        )
    )
    assert merged == each_once


def test_the_graphs_of_a_request_are_its_dataset(client: FlaskClient, settings: Settings) -> None:
    lists = f"{settings.base}graph/bron/gm0299-toezeggingenlijst"
    memo = f"{settings.base}graph/bron/gm0299-memo-parkeerbeleid"
    named_count = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    by_parameter = number(ask(client, COUNT, **{"default-graph-uri": lists}))
    by_clause = number(ask(client, COUNT.replace("{", f"FROM <{lists}> {{", 1)))
    assert 0 < by_parameter == by_clause < number(ask(client, COUNT))
    assert number(ask(client, named_count, **{"named-graph-uri": memo})) == number(
        ask(client, named_count.replace("{", f"FROM NAMED <{memo}> {{", 1))
    )
    assert number(ask(client, COUNT, **{"named-graph-uri": memo})) == 0
    both = urlencode([("query", COUNT), ("default-graph-uri", lists), ("default-graph-uri", memo)])
    assert number(client.get(f"/sparql?{both}")) > by_parameter
    posted = client.post(
        f"/sparql?{urlencode({'default-graph-uri': lists})}", data=COUNT, content_type=QUERY
    )
    assert number(posted) == by_parameter


@pytest.mark.parametrize(
    "query_string",
    [
        urlencode([("query", ASK), ("query", ASK)]),
        urlencode([("query", ASK), ("update", "CLEAR ALL")]),
        "query=%FF",
        "query=ASK%7B%7D&other=%C3",
        urlencode({"query": "SELECT"}),
        urlencode({"query": ""}),
        urlencode({"query": "CLEAR ALL"}),
        urlencode({"query": ASK, "format": "docx"}),
        urlencode({"query": ASK, "default-graph-uri": "not an iri"}),
        "query=ASK%7B%7D" + "&a=b" * 1000,
    ],
)
def test_what_is_malformed_is_refused(client: FlaskClient, query_string: str) -> None:
    problem(client.get(f"/sparql?{query_string}"), 400)


def test_a_query_twice_is_refused_in_url_and_body_too(client: FlaskClient) -> None:
    query_string = {"query": ASK}
    problem(client.post("/sparql", query_string=query_string, data=ASK, content_type=QUERY), 400)
    form = "application/x-www-form-urlencoded"
    data = urlencode(query_string)
    problem(client.post("/sparql", query_string=query_string, data=data, content_type=form), 400)


def test_bytes_that_are_no_utf_8_are_refused_in_the_body(client: FlaskClient) -> None:
    problem(client.post("/sparql", data=b"ASK { ?s ?p '\xff' }", content_type=QUERY), 400)


def test_a_syntax_error_tells_its_line_and_column(client: FlaskClient) -> None:
    detail = str(problem(ask(client, "SELECT *\nWHERE { ?s ?p }"), 400)["detail"])
    assert "2:" in detail


def test_percent_signs_are_decoded_once(client: FlaskClient) -> None:
    response = ask(client, "SELECT ?x { BIND('100%25' AS ?x) }", "text/csv")
    assert response.data == b"x\r\n100%25\r\n"


@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("GET", {"update": "CLEAR ALL"}, None),
        ("POST", {"update": "CLEAR ALL"}, {}),
        ("POST", {"default-graph-uri": "urn:x"}, {"update": "CLEAR ALL"}),
        ("POST", {"using-graph-uri": "urn:x"}, {"query": ASK}),
        ("POST", {}, [("update", "CLEAR ALL"), ("update", "CLEAR ALL")]),
        ("POST", {}, {"query": ASK, "update": "CLEAR ALL"}),
    ],
)
def test_an_operation_that_contradicts_itself_is_refused(
    client: FlaskClient, method: str, address: Mapping[str, str], body: Mapping[str, str] | None
) -> None:
    form = "application/x-www-form-urlencoded" if method == "POST" else None
    data = urlencode(body) if body else None
    response = client.open(
        "/sparql", method=method, query_string=address, data=data, content_type=form
    )
    problem(response, 400)


def test_an_update_is_told_with_its_graphs() -> None:
    address = "using-graph-uri=urn:a&using-named-graph-uri=urn:b&using-graph-uri=urn:c"
    for body, kind in (
        (b"update=CLEAR+ALL", "application/x-www-form-urlencoded; charset=UTF-8"),
        (b"CLEAR ALL", "application/sparql-update"),
    ):
        message = Message("POST", "", address.encode(), kind, body, True, None, "", "", "", "")
        assert operation(message) == Update("CLEAR ALL", ("urn:a", "urn:c"), ("urn:b",))


# 6. The serializations


RESULT_FORMS = {
    "json": ("application/sparql-results+json", QueryResultsFormat.JSON),
    "xml": ("application/sparql-results+xml", QueryResultsFormat.XML),
    "tsv": ("text/tab-separated-values; charset=utf-8", QueryResultsFormat.TSV),
}
GRAPH_FORMS = {
    "ttl": ("text/turtle; charset=utf-8", RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", RdfFormat.JSON_LD),
    "nt": ("application/n-triples", RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", RdfFormat.RDF_XML),
    "trig": ("application/trig", RdfFormat.TRIG),
    "nq": ("application/n-quads", RdfFormat.N_QUADS),
}


@pytest.mark.parametrize("form", RESULT_FORMS)
@pytest.mark.parametrize("by_format", [True, False])
def test_results_come_in_each_form(client: FlaskClient, form: str, *, by_format: bool) -> None:
    media_type, parser = RESULT_FORMS[form]
    accept, given = (HTML, {"format": form}) if by_format else (media_type, {})
    response = ask(client, SELECT, accept, **given)
    assert response.content_type == media_type
    assert response.content_length == len(response.data)
    rows = parse_query_results(response.data, parser)
    assert len(list(rows)) == 2  # type: ignore[arg-type]  # a SELECT has solutions


def test_results_come_in_csv(client: FlaskClient) -> None:
    response = ask(client, SELECT, "text/csv")
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data.count(b"\r\n") == 3


@pytest.mark.parametrize("form", GRAPH_FORMS)
@pytest.mark.parametrize("by_format", [True, False])
def test_graphs_come_in_each_form(client: FlaskClient, form: str, *, by_format: bool) -> None:
    media_type, parser = GRAPH_FORMS[form]
    accept, given = (HTML, {"format": form}) if by_format else (media_type, {})
    response = ask(client, CONSTRUCT, accept, **given)
    assert response.content_type == media_type
    assert len(list(parse(response.data, format=parser))) == 2


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (SELECT, "application/json", "application/json"),
        (SELECT, "application/xml", "application/xml"),
        (CONSTRUCT, "application/json", "application/json"),
        (SELECT, None, "application/sparql-results+json"),
        (CONSTRUCT, None, "text/turtle; charset=utf-8"),
        (CONSTRUCT, "application/sparql-results+json, */*;q=0.1", "text/turtle; charset=utf-8"),
        (ASK, "text/csv, application/sparql-results+xml;q=0.5", "application/sparql-results+xml"),
        (ASK, "text/csv, */*;q=0.1", "application/sparql-results+json"),
        (
            SELECT,
            "text/turtle, application/sparql-results+xml;q=0.1",
            "application/sparql-results+xml",
        ),
        (SELECT, "text/html;q=0.2, text/csv;q=0.3", "text/csv; charset=utf-8"),
    ],
)
def test_the_form_of_the_result_decides_with_the_client(
    client: FlaskClient, query: str, accept: str | None, media_type: str
) -> None:
    response = ask(client, query, accept)
    assert (response.status_code, response.content_type) == (200, media_type)


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (SELECT, "text/turtle"),
        (CONSTRUCT, "application/sparql-results+json"),
        (ASK, "text/csv"),
        (SELECT, "image/png"),
        (SELECT, "*/*;q=0"),
    ],
)
def test_what_nothing_can_carry_is_not_acceptable(
    client: FlaskClient, query: str, accept: str
) -> None:
    problem(ask(client, query, accept), 406)


# 7 and 8. Limits


def test_a_long_query_is_refused_with_the_limit(client: FlaskClient, settings: Settings) -> None:
    long = ASK + "#" * settings.query_bytes
    content = problem(client.post("/sparql", data=long, content_type=QUERY), 413)
    assert content["limit"] == settings.query_bytes
    assert client.post("/sparql", data=ASK + "#" * 60_000, content_type=QUERY).status_code == 200


def test_a_large_body_is_refused(client: FlaskClient) -> None:
    problem(client.post("/sparql", data=b"#" * (1024 * 1024 + 1), content_type=QUERY), 413)


class Failing:
    """A query service of which every query ends in one error."""

    def __init__(self, error: RaadgraafError) -> None:
        self.error = error

    def query(
        self, request: QueryRequest, deadline: float | None = None, client: str = ""
    ) -> QueryAnswer:
        assert request.text
        assert deadline is None or deadline > 0
        assert client == client.strip()
        raise self.error

    def release(self, number: int | None = None) -> Release:
        assert number is None or number > 0
        raise self.error

    def releases(self) -> Sequence[Release]:
        raise self.error

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("error", "status", "limit"),
    [
        (QueryTimeout("x"), 504, "deadline"),
        (NoWorkerFree("x"), 503, "queue_seconds"),
        (WorkerDied("x"), 503, "worker_memory"),
        (ResultTooLarge("x"), 422, "result_bytes"),
        (NoRelease("x"), 503, None),
    ],
)
def test_what_goes_wrong_in_answering_is_told(
    settings: Settings, error: RaadgraafError, status: int, limit: str | None
) -> None:
    client = create_app(Failing(error), settings).test_client()
    response = ask(client, ASK)
    content = problem(response, status)
    assert content.get("limit") == (getattr(settings, limit) if limit else None)
    assert ("Retry-After" in response.headers) == (status == 503)
    text = client.get("/toezeggingen", headers={"Accept": HTML})
    assert (text.status_code, text.mimetype) == (status, HTML)


def test_a_page_that_took_too_long_tells_its_own_limit(settings: Settings) -> None:
    client = create_app(Failing(QueryTimeout("x")), settings).test_client()
    assert problem(client.get("/toezeggingen"), 504)["limit"] == settings.page_deadline


def test_a_full_disk_is_told(settings: Settings) -> None:
    full = OSError(errno.ENOSPC, "secret")
    client = create_app(Failing(full), settings).test_client()  # type: ignore[arg-type]
    for response in (ask(client, ASK), client.get("/toezeggingen")):
        assert "disk" in str(problem(response, 507)["detail"])


def test_a_fault_of_ours_tells_nothing_of_itself(settings: Settings) -> None:
    for error in (ZeroDivisionError("secret"), OSError(errno.EIO, "secret")):
        client = create_app(Failing(error), settings).test_client()  # type: ignore[arg-type]
        response = ask(client, ASK)
        problem(response, 500)
        assert "secret" not in response.text


# The form


def test_a_result_is_a_table_with_labels(client: FlaskClient) -> None:
    response = ask(client, SELECT, HTML)
    assert response.mimetype == HTML
    assert response.text.count("<tr>") == 3
    assert 'href="/doc/toezegging/gm0299/' in response.text
    assert "&amp;format=csv" in response.text or "format=csv" in response.text


def test_a_graph_is_a_table_too(client: FlaskClient) -> None:
    assert ask(client, CONSTRUCT, HTML).text.count("<tr>") == 3


def test_an_ask_is_answered_in_words(client: FlaskClient) -> None:
    assert "<strong>ja</strong>" in ask(client, ASK, HTML).text
    response = client.get("/en/sparql", query_string={"query": ASK}, headers={"Accept": HTML})
    assert "<strong>yes</strong>" in response.text


def test_a_page_says_so_when_it_does_not_show_all_rows(client: FlaskClient) -> None:
    response = ask(client, "SELECT * { ?s ?p ?o } LIMIT 300", HTML)
    assert "300 rijen" in response.text
    assert "de eerste 200" in response.text


def test_a_mistake_keeps_the_query_in_the_form(client: FlaskClient) -> None:
    response = ask(client, "SELECT </textarea><script>", HTML)
    assert response.status_code == 400
    assert "SELECT &lt;/textarea&gt;&lt;script&gt;" in response.text
    assert "<script" not in response.text


def test_no_rows_are_said_to_be_none(client: FlaskClient) -> None:
    assert "Geen rijen." in ask(client, "SELECT * { <urn:x> ?p ?o }", HTML).text


# Caching, compression and kept releases


def test_an_answer_that_the_client_has_is_not_sent_again(client: FlaskClient) -> None:
    first = ask(client, SELECT)
    tag = first.headers["ETag"]
    assert re.fullmatch(r'"[\w-]+"', tag)
    for given in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = client.get(
            "/sparql", query_string={"query": SELECT}, headers={"If-None-Match": given}
        )
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
        assert again.headers["Vary"] == first.headers["Vary"] == "Accept, Accept-Encoding"
        assert again.headers["Access-Control-Allow-Origin"] == "*"
    other = client.get("/sparql", query_string={"query": ASK}, headers={"If-None-Match": tag})
    assert other.status_code == 200
    assert ask(client, SELECT, "text/csv").headers["ETag"] != tag


@pytest.mark.parametrize(
    ("header", "compressed"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("x-gzip", True),
        ("*", True),
        ("gzip;q=0, *", False),
        ("identity", False),
        ("br, *;q=0", False),
        ("gzip;q=", False),
    ],
)
@pytest.mark.parametrize("rows", [20, 20_000])
def test_answers_are_compressed_for_who_takes_it(
    client: FlaskClient, header: str, rows: int, *, compressed: bool
) -> None:
    query = {"query": f"SELECT * {{ ?s ?p ?o }} ORDER BY ?s ?p ?o LIMIT {rows}"}
    plain = client.get("/sparql", query_string=query)
    headers = {"Accept-Encoding": header}
    with client.get("/sparql", query_string=query, headers=headers) as response:
        assert (response.headers.get("Content-Encoding") == "gzip") is compressed
        assert response.content_length == len(response.data)
        unpacked = gzip.decompress(response.data) if compressed else response.data
    assert unpacked == plain.data
    assert (response.headers["ETag"] == plain.headers["ETag"]) is not compressed
    expected = base64.b64encode(hashlib.sha256(response.data).digest()).decode()
    assert response.headers["Repr-Digest"] == f"sha-256=:{expected}:"
    assert response.headers["Content-Digest"] == response.headers["Repr-Digest"]
    head = client.head("/sparql", query_string=query, headers=headers)
    assert dict(head.headers) == dict(response.headers)


def test_tiny_answers_are_not_compressed(client: FlaskClient) -> None:
    response = client.get(
        "/sparql", query_string={"query": ASK}, headers={"Accept-Encoding": "gzip"}
    )
    assert "Content-Encoding" not in response.headers


def test_a_kept_release_can_be_asked_and_no_other(client: FlaskClient, release: Release) -> None:
    assert ask(client, COUNT, release=str(release.number)).data == ask(client, COUNT).data
    problem(ask(client, COUNT, release="99"), 404)
    problem(ask(client, COUNT, release="-1"), 400)
    problem(ask(client, COUNT, release="x"), 400)


def test_relative_iris_have_a_base(client: FlaskClient, settings: Settings) -> None:
    response = ask(client, "CONSTRUCT { <s> <#p> 1 } {}", "application/n-triples")
    base = settings.base
    assert response.text.startswith(f"<{base}s> <{base}sparql#p> ")


@pytest.mark.parametrize(("query", "accept"), [(SELECT, "text/csv"), (CONSTRUCT, "text/turtle")])
def test_an_answer_can_be_cited_and_asked_again(
    client: FlaskClient, release: Release, query: str, accept: str
) -> None:
    first = client.post("/sparql", data=query, content_type=QUERY, headers={"Accept": accept})
    links = re.fullmatch(r'<([^>]+)>; rel="cite-as", <[^>]+>; rel="license"', first.headers["Link"])
    assert links
    assert f"release={release.number}&" in links[1]
    again = client.get(links[1], headers={"Accept": "application/ld+json"})
    assert again.data == first.data
    for name in ("Repr-Digest", "ETag", "Content-Type", "Link"):
        assert again.headers[name] == first.headers[name]


@pytest.mark.parametrize("query", [ASK + "#" * 9000, "SELECT (NOW() AS ?now) {}"])
def test_what_cannot_be_asked_again_by_an_address_has_no_citation(
    client: FlaskClient, query: str
) -> None:
    response = client.post("/sparql", data=query, content_type=QUERY)
    assert "cite-as" not in response.headers["Link"]
