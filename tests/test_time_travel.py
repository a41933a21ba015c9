"""Kept releases over HTTP: pages and data of then, and Memento (RFC 7089)."""

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Triple
from werkzeug.http import parse_date

from raadgraaf import graphfiles, releases
from raadgraaf.config import Settings
from raadgraaf.namespaces import RDFS_LABEL, iri
from raadgraaf.releases import Manifest
from raadgraaf.server import create_app
from raadgraaf.workers import WorkerPool

BASE = "https://data.example.org/raadgraaf/"
MATTER = NamedNode(f"{BASE}id/toezegging/x/1")
DEADLINE = NamedNode(f"{BASE}id/termijn/x/1")
GRAPH = f"{BASE}graph/bron/x"
HTML = {"Accept": "text/html"}
PATH = "/doc/toezegging/x/1"
QUESTION = "/zoekvragen/overdue-on-day"
PUBLISHED = {
    1: ("Fietsen", datetime(2026, 1, 10, 12, tzinfo=UTC)),
    2: ("Wandelen", datetime(2026, 2, 10, 12, tzinfo=UTC)),
    3: ("Varen", datetime(2026, 3, 10, 12, tzinfo=UTC)),
}


def publish(home: Path, number: int) -> None:
    name, moment = PUBLISHED[number]
    triples = [
        Triple(MATTER, RDFS_LABEL, Literal(name, language="nl")),
        Triple(MATTER, iri("rg:hasDeadline"), DEADLINE),
        Triple(DEADLINE, iri("rg:expression"), Literal("z.s.m.", language="nl")),
    ]
    file = graphfiles.write(home, GRAPH, triples)
    releases.build(home, number, Manifest(BASE, "0", (file,)), {"published": moment.isoformat()})


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Return a client of pages with three releases; the number of the last is not the greatest."""
    home = tmp_path_factory.mktemp("home")
    (home / "releases").mkdir()
    for number in PUBLISHED:
        publish(home, number)
    settings = Settings(home=home, base=BASE, workers=1)
    pool = WorkerPool(settings)
    yield create_app(pool, settings).test_client()
    pool.close()


def links(header: str) -> dict[str, str]:
    """Return the targets of a Link header by each relation."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', header)
    return {name: target for target, names in found for name in names.split()}


@pytest.mark.parametrize("number", PUBLISHED)
@pytest.mark.parametrize("language", ["", "/en"])
def test_a_page_of_a_release_shows_that_release(
    client: FlaskClient, number: int, language: str
) -> None:
    for path in (PATH, QUESTION, f"/resource?uri={MATTER.value}"):
        address = f"{language}{path}{'&' if '?' in path else '?'}release={number}"
        response = client.get(address, headers=HTML)
        assert response.status_code == 200
        for other, (name, _) in PUBLISHED.items():
            assert (name in response.text) == (other == number), address


def test_a_page_says_that_its_release_is_not_the_current_one(client: FlaskClient) -> None:
    for path, notice in (
        (f"{QUESTION}?asOf=2026-01-01&release=1", "uitgave 1 van <time"),
        (f"/en{QUESTION}?asOf=2026-01-01&release=1", "release 1 of <time"),
    ):
        response = client.get(path, headers=HTML)
        assert notice in response.text
        assert "10 januari 2026" in response.text or "10 January 2026" in response.text
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        current = path.removesuffix("&release=1")
        assert f'<a href="{current}">' in response.text
        shown = client.get(current, headers=HTML)
        assert 'class="other-release"' not in shown.text
        assert "X-Robots-Tag" not in shown.headers
    pinned = client.get(f"{QUESTION}?release=3", headers=HTML)
    assert 'class="other-release"' not in pinned.text


def test_links_and_forms_of_a_release_stay_in_it(client: FlaskClient) -> None:
    text = client.get(f"{QUESTION}?release=1", headers=HTML).text
    assert f'href="{PATH}?release=1"' in text
    assert '<input type="hidden" name="release" value="1">' in text
    text = client.get(f"{PATH}?release=1", headers=HTML).text
    assert f'href="{PATH}.ttl?release=1"' in text
    assert client.get("/id/toezegging/x/1?release=1").location == f"{PATH}?release=1"


def test_data_of_a_release_are_those_of_that_release(client: FlaskClient) -> None:
    for number, (name, _) in PUBLISHED.items():
        for path in (f"{PATH}.ttl", f"{QUESTION}.csv", "/doc/graph/bron/x.nt"):
            assert name in client.get(f"{path}?release={number}").text


def test_a_release_that_is_not_kept_is_not_found(client: FlaskClient) -> None:
    for path in (PATH, QUESTION, f"{QUESTION}.csv", "/", "/def"):
        response = client.get(f"{path}?release=7")
        assert response.status_code == 404
        assert "Kept releases: 1, 2, 3." in response.text


@pytest.mark.parametrize("number", ["", "one", "-1", "1.0", "9" * 400, "²"])
def test_what_is_no_number_of_a_release_is_refused(client: FlaskClient, number: str) -> None:
    for headers in (HTML, {}):
        response = client.get(QUESTION, query_string={"release": number}, headers=headers)
        assert response.status_code == 400


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("Thu, 01 Jan 2026 00:00:00 GMT", 1),
        ("Sat, 10 Jan 2026 12:00:00 GMT", 1),
        ("Tue, 10 Feb 2026 11:59:59 GMT", 1),
        ("Tue, 10 Feb 2026 12:00:00 GMT", 2),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 3),
    ],
)
@pytest.mark.parametrize("path", [PATH, f"{PATH}.ttl", f"/resource?uri={MATTER.value}"])
def test_a_moment_leads_to_the_release_of_that_moment(
    client: FlaskClient, asked: str, number: int, path: str
) -> None:
    headers = {"Accept-Datetime": asked, "Accept": "text/turtle"}
    gate = client.get(path, headers=headers)
    assert gate.status_code == 302
    assert {"accept-datetime", "accept"} <= {each.lower() for each in gate.vary}
    assert "Memento-Datetime" not in gate.headers
    original = links(gate.headers["Link"])
    assert original["original"] == original["timegate"]
    memento = client.get(gate.location, headers=headers)
    assert memento.status_code == 200
    name, moment = PUBLISHED[number]
    assert name in memento.text
    assert parse_date(memento.headers["Memento-Datetime"]) == moment
    found = links(memento.headers["Link"])
    assert {"original", "timegate", "timemap", "memento", "first", "last"} <= found.keys()
    assert found["original"] == original["original"]
    for relation, other in (("first", 1), ("last", 3)):
        response = client.get(found[relation], headers={"Accept": "text/turtle"})
        assert parse_date(response.headers["Memento-Datetime"]) == PUBLISHED[other][1]


def test_an_iri_leads_to_its_description_of_that_moment(client: FlaskClient) -> None:
    response = client.get(
        "/id/toezegging/x/1",
        headers={"Accept-Datetime": "Tue, 10 Feb 2026 12:00:00 GMT", "Accept": "text/turtle"},
        follow_redirects=True,
    )
    assert "Wandelen" in response.text
    assert "Memento-Datetime" in response.headers


def test_without_a_moment_the_current_release_answers_and_tells_of_the_others(
    client: FlaskClient,
) -> None:
    response = client.get(PATH, headers={"Accept": "text/turtle"})
    assert response.status_code == 200
    assert "Memento-Datetime" not in response.headers
    assert "Accept-Datetime" in response.headers["Vary"]
    assert {"alternate", "original", "timegate", "timemap"} <= links(
        response.headers["Link"]
    ).keys()


@pytest.mark.parametrize("asked", ["", "yesterday", "2026-01-01", "Thu, 01 Jan 2026 00:00:00 CET"])
def test_a_moment_that_is_malformed_is_refused(client: FlaskClient, asked: str) -> None:
    response = client.get(PATH, headers={"Accept-Datetime": asked})
    assert response.status_code == 400
    assert "Send a moment such as" in response.text


def test_a_timemap_lists_every_release(client: FlaskClient) -> None:
    header = client.get(PATH).headers["Link"]
    response = client.get(links(header)["timemap"])
    assert response.content_type == "application/link-format"
    entries = response.text.strip().split(",\n")
    mementos = [each for each in entries if 'memento"' in each]
    assert len(mementos) == 3
    assert 'rel="first memento"; datetime="Sat, 10 Jan 2026 12:00:00 GMT"' in mementos[0]
    assert 'rel="last memento"; datetime="Tue, 10 Mar 2026 12:00:00 GMT"' in mementos[2]
    assert 'rel="original timegate"' in entries[0]
    for each, (name, _) in zip(mementos, PUBLISHED.values(), strict=True):
        address = each.partition(">")[0].strip("<")
        assert name in client.get(address, headers={"Accept": "text/turtle"}).text


def test_a_timemap_of_what_is_no_description_is_not_found(client: FlaskClient) -> None:
    for path in ("/timemap/", "/timemap/sparql", "/timemap/doc/", "/timemap/timemap/doc/x"):
        assert client.get(path).status_code == 404


def test_releases_without_a_date_are_no_mementos(tmp_path: Path) -> None:
    (tmp_path / "releases").mkdir()
    file = graphfiles.write(tmp_path, GRAPH, [Triple(MATTER, RDFS_LABEL, Literal("x"))])
    for number in (1, 2):
        releases.build(tmp_path, number, Manifest(BASE, "0", (file,)), {})
    settings = Settings(home=tmp_path, base=BASE, workers=1)
    pool = WorkerPool(settings)
    try:
        client = create_app(pool, settings).test_client()
        asked = {"Accept-Datetime": "Thu, 01 Jan 2026 00:00:00 GMT"}
        response = client.get(PATH, headers=asked | HTML)
        assert response.status_code == 200
        assert "memento" not in response.headers["Link"]
        assert "uitgave 1." in client.get(f"{PATH}?release=1", headers=HTML).text
        assert client.get(f"/timemap{PATH}").status_code == 404
    finally:
        pool.close()


# Citing an answer

QUERIES = {
    "SELECT ?s ?p ?o { ?s ?p ?o }": "csv",
    "ASK {}": "json",
    "CONSTRUCT WHERE { ?s ?p ?o }": "nt",
}


def cited(text: str) -> tuple[str, str, str]:
    """Return the permanent address, the address of the data and the digest on a page."""
    address, data = re.findall(r'<dd><a href="([^"]*)"', html.unescape(text))[-2:]
    (digest,) = re.findall(r"<code>([0-9a-f]{64})</code>", text)
    return address, data, digest


def sorted_lines(content: bytes) -> str:
    """Return what `LC_ALL=C sort | sha256sum` prints."""
    lines = content.splitlines(keepends=True)
    whole = [line if line.endswith(b"\n") else line + b"\n" for line in lines]
    return hashlib.sha256(b"".join(sorted(whole))).hexdigest()


@pytest.mark.parametrize(
    "path",
    [
        *(f"/sparql?{urlencode({'query': query})}" for query in QUERIES),
        f"{QUESTION}?asOf=2026-01-01",
        f"/en{QUESTION}",
    ],
)
def test_an_answer_that_is_cited_stays_the_same(client: FlaskClient, path: str) -> None:
    first = client.get(path, headers=HTML)
    assert "CC0 1.0" in first.text
    address, data, digest = cited(first.text)
    assert "release=3" in address
    assert sorted_lines(client.get(data).data) == digest
    again = client.get(address, headers=HTML)
    assert cited(again.text) == (address, data, digest)


def test_answers_of_two_releases_have_two_digests(client: FlaskClient) -> None:
    query = urlencode({"query": next(iter(QUERIES))})
    digests = set()
    for number in PUBLISHED:
        text = client.get(f"/sparql?{query}&release={number}", headers=HTML).text
        address, data, digest = cited(text)
        assert f"release={number}" in address
        assert sorted_lines(client.get(data).data) == digest
        digests.add(digest)
    assert len(digests) == 3


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?now) {}",
        "SELECT ?x { VALUES ?s { 1 } BIND(BNODE() AS ?x) }",
        "CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }",
        f"ASK {{ FILTER(1 = 1) }} # {'x' * 8000}",
    ],
)
def test_an_answer_that_cannot_be_had_again_is_not_cited(client: FlaskClient, query: str) -> None:
    response = client.post("/sparql", data={"query": query, "format": "html"})
    assert response.status_code == 200
    assert 'id="cite"' not in response.text


def test_the_endpoint_answers_from_a_kept_release(client: FlaskClient) -> None:
    query = f"SELECT ?name {{ <{MATTER.value}> ?p ?name FILTER(isLiteral(?name)) }}"
    for number, (name, _) in PUBLISHED.items():
        asked = {"query": query, "release": number, "format": "csv"}
        assert client.get("/sparql", query_string=asked).text == f"name\r\n{name}\r\n"
