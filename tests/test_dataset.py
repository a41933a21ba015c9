"""The description of the data set: what registers demand, and counts that are true."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pyshacl
import pytest
import rdflib
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, VOID, Namespace, URIRef

from raadgraaf import description, loaders, releases, transaction
from raadgraaf.config import Settings
from raadgraaf.errors import InputError
from raadgraaf.releases import Release
from raadgraaf.server import create_app
from raadgraaf.server.crawling import NAMESPACE
from raadgraaf.store import EmbeddedStore
from raadgraaf.workers import WorkerPool

HTML = {"Accept": "text/html"}
VERSION = URIRef(f"{DCAT}version")  # rdflib does not know it
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
DEMANDS = Path(__file__).parent / "description" / "demands.ttl"
MUNICIPALITY = URIRef("https://identifier.overheid.nl/tooi/id/gemeente/gm0299")


@pytest.fixture(scope="module")
def described(service: WorkerPool, settings: Settings) -> rdflib.Graph:
    client = create_app(service, settings).test_client()
    return rdflib.Graph().parse(data=client.get("/dataset.nt").text, format="nt")


@pytest.fixture(scope="module")
def this(settings: Settings) -> URIRef:
    return URIRef(f"{settings.base}dataset")


def number(store: EmbeddedStore, pattern: str) -> int:
    (row,) = list(store.query(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"))  # type: ignore[arg-type]
    return int(row["n"].value)


def only(graph: rdflib.Graph, subject: object, property_: URIRef) -> str:
    (value,) = graph.objects(subject, property_)  # type: ignore[arg-type]
    return str(value)


# What registers demand


def test_the_description_has_what_registers_demand(described: rdflib.Graph) -> None:
    conforms, _, text = pyshacl.validate(described, shacl_graph=rdflib.Graph().parse(DEMANDS))
    assert conforms, text


@pytest.mark.parametrize(
    "property_", [DCTERMS.publisher, DCTERMS.accessRights, DCAT.contactPoint, DCAT.theme]
)
def test_a_description_without_what_is_demanded_is_refused(
    described: rdflib.Graph, property_: URIRef
) -> None:
    poorer = rdflib.Graph()
    poorer += described
    poorer.remove((None, property_, None))
    assert not pyshacl.validate(poorer, shacl_graph=rdflib.Graph().parse(DEMANDS))[0]


def test_scope_and_time_come_from_the_data(
    described: rdflib.Graph, this: URIRef, release: Release
) -> None:
    assert list(described.objects(this, DCTERMS.spatial)) == [MUNICIPALITY]
    (period,) = described.objects(this, DCTERMS.temporal)
    assert only(described, period, DCAT.startDate) <= only(described, period, DCAT.endDate)
    assert only(described, this, VERSION) == str(release.number)
    modified = datetime.fromisoformat(only(described, this, DCTERMS.modified))
    assert modified == datetime.fromisoformat(str(release.published["published"]))


def test_what_has_a_class_has_a_label(
    described: rdflib.Graph, release_store: EmbeddedStore
) -> None:
    labels = (RDFS.label, FOAF.name, DCTERMS.title, rdflib.SKOS.prefLabel)
    for subject in set(described.subjects(RDF.type)):
        here = any((subject, label, None) in described for label in labels)
        path = "|".join(f"<{label}>" for label in labels)
        assert here or release_store.query(f"ASK {{ <{subject}> {path} ?label }}"), subject


# Counts


def test_counts_are_those_of_the_endpoint(
    described: rdflib.Graph, this: URIRef, release_store: EmbeddedStore
) -> None:
    asked = {
        VOID.triples: "?s ?p ?o",
        VOID.classes: "SELECT DISTINCT ?c { ?s a ?c }",
        VOID.properties: "SELECT DISTINCT ?p { ?s ?p ?o }",
        VOID.distinctSubjects: "SELECT DISTINCT ?s { ?s ?p ?o }",
    }
    for property_, pattern in asked.items():
        inner = f"{{ {pattern} }}" if pattern.startswith("SELECT") else pattern
        assert int(only(described, this, property_)) == number(release_store, inner), property_


def test_every_class_and_property_is_counted_truly(
    described: rdflib.Graph, this: URIRef, release_store: EmbeddedStore
) -> None:
    rows = release_store.query("SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c")
    classes = {row["c"].value: row["n"].value for row in rows}  # type: ignore[union-attr]
    rows = release_store.query("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")
    properties = {row["p"].value: row["n"].value for row in rows}  # type: ignore[union-attr]
    assert classes == {
        only(described, part, VOID["class"]): only(described, part, VOID.entities)
        for part in described.objects(this, VOID.classPartition)
    }
    assert properties == {
        only(described, part, VOID.property): only(described, part, VOID.triples)
        for part in described.objects(this, VOID.propertyPartition)
    }


EDITOR_QUERY = """
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?subject ?property ?object ?datatype
WHERE {
  ?partition void:class ?subject ;
    void:propertyPartition ?part .
  ?part void:property ?property .
  OPTIONAL {
    { ?part void:classPartition [ void:class ?object ] }
    UNION
    { ?part void-ext:datatypePartition [ void-ext:datatype ?datatype ] }
  }
}"""
DATA_QUERY = """
SELECT DISTINCT ?subject ?property ?object ?datatype
WHERE {
  ?s a ?subject ;
    ?property ?o .
  OPTIONAL { ?o a ?object }
  BIND(DATATYPE(?o) AS ?datatype)
}"""


def test_editors_can_read_what_can_be_asked_of_each_class(release_store: EmbeddedStore) -> None:
    def rows(query: str) -> Iterator[tuple[str, ...]]:
        for row in release_store.query(query):
            yield tuple(str(value) for value in row)  # type: ignore[union-attr]

    shown, real = set(rows(EDITOR_QUERY)), set(rows(DATA_QUERY))
    assert len(real) > 500
    assert {row for row in real if row[2:] != ("None", "None")} <= shown
    assert {row[:2] for row in shown} == {row[:2] for row in real}


def test_links_to_registers_are_counted(
    described: rdflib.Graph, release_store: EmbeddedStore
) -> None:
    linksets = list(described.subjects(RDF.type, VOID.Linkset))
    assert linksets
    for linkset in linksets:
        (target,) = described.objects(linkset, VOID.objectsTarget)
        start = only(described, target, VOID.uriSpace)
        links = f'?s ?p ?o FILTER(ISIRI(?o) && STRSTARTS(STR(?o), "{start}"))'
        assert int(only(described, linkset, VOID.triples)) == number(release_store, links)


def test_the_endpoint_holds_the_same_description(
    described: rdflib.Graph, release_store: EmbeddedStore, settings: Settings, release: Release
) -> None:
    graph = f"GRAPH <{settings.base}graph/beschrijving> {{ ?s ?p ?o }}"
    added = set(description.of_release(release))
    kept = len(described) - len(added)
    assert number(release_store, graph) == kept


# Addresses


def test_both_addresses_give_the_same_description(client: FlaskClient, this: URIRef) -> None:
    turtle = {"Accept": "text/turtle"}
    first = client.get("/dataset", headers=turtle)
    assert first.data == client.get("/.well-known/void", headers=turtle).data
    assert first.data == client.get("/dataset.ttl").data
    assert f'<{this}>; rel="cite-as"' in first.headers["Link"]
    quads = list(parse(client.get("/dataset.nq").data, format=RdfFormat.N_QUADS))
    assert {quad.graph_name.value.rpartition("/")[2] for quad in quads} == {"beschrijving"}  # type: ignore[union-attr]
    triples = {quad.triple for quad in parse(first.data, format=RdfFormat.TURTLE)}
    assert {quad.triple for quad in quads} == triples
    assert client.get("/dataset.docx").status_code == 404


def test_the_page_tells_people_and_search_engines(client: FlaskClient, this: URIRef) -> None:
    for path in ("/dataset", "/en/dataset"):
        text = client.get(path, headers=HTML).text
        assert "Toezeggingen en raadsvragen" in text
        assert "<dt>SPARQL" in text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    about = json.loads(block)
    assert (about["@type"], about["@id"]) == ("Dataset", str(this))
    assert about["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert {"name", "description", "publisher", "creator", "distribution"} <= about.keys()
    assert about["publisher"]["@type"] == "Organization"


def test_a_plain_store_is_not_described(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, plain=True, workers=1)
    transaction.load(settings, ())
    pool = WorkerPool(settings)
    try:
        client = create_app(pool, settings).test_client()
        assert client.get("/dataset").status_code == 404
        assert client.get("/sitemap.xml").status_code == 200
    finally:
        pool.close()


# Settings


def test_settings_say_who_publishes(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        title="Toezeggingen Zevenaar",
        publisher=str(MUNICIPALITY),
        publisher_name="Gemeente Zevenaar",
        publisher_contact="mailto:data@example.org",
    )
    contents = loaders.contents(loaders.sources(()), settings.base)
    transaction.load(settings, contents, reason=False)
    first = releases.current(tmp_path).manifest
    store = releases.current(tmp_path).open(memory_quads=0)
    this = f"<{settings.base}dataset>"
    for property_, value in (
        (DCTERMS.title, '"Toezeggingen Zevenaar"@nl'),
        (DCTERMS.publisher, f"<{MUNICIPALITY}>"),
    ):
        assert store.query(f"ASK {{ {this} <{property_}> {value} }}"), property_
    assert store.query(f"ASK {{ ?contact <{VCARD.hasEmail}> <mailto:data@example.org> }}")
    assert number(store, "?s ?p ?o") == number(store, "{ SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }")
    again = transaction.load(settings, contents, reason=False)
    assert not again.changed
    transaction.load(settings, (), rebuild=True, reason=False)
    assert releases.current(tmp_path).manifest == first


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("publisher", "gm0299"),
        ("publisher_contact", "data@example.org"),
        ("publisher_contact", "javascript:x"),
    ],
)
def test_an_address_that_is_none_is_refused(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"RAADGRAAF_{name.upper()} is .* Write it in full"):
        Settings(**{name: value})  # type: ignore[arg-type]


# Crawlers


def addresses(text: str) -> list[str]:
    return [str(each.text) for each in ElementTree.fromstring(text).iter(f"{{{NAMESPACE}}}loc")]  # noqa: S314 # our own


def test_the_sitemap_lists_the_pages_of_all_things(
    client: FlaskClient, release_store: EmbeddedStore, settings: Settings
) -> None:
    response = client.get("/sitemap.xml")
    assert response.mimetype == "application/xml"
    found = addresses(response.text)
    start = f"{settings.base}id/"
    things = f'SELECT DISTINCT ?s {{ ?s a ?c FILTER(STRSTARTS(STR(?s), "{start}")) }}'
    assert len(set(found)) == len(found) == number(release_store, f"{{ {things} }}")
    for address in found[::200]:
        assert client.get(address.removeprefix("http://localhost"), headers=HTML).status_code == 200
    assert client.get("/sitemap-2.xml").status_code == 404


def test_a_large_sitemap_is_split(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = addresses(client.get("/sitemap.xml").text)
    monkeypatch.setattr("raadgraaf.server.crawling.ADDRESSES", 500)
    index = addresses(client.get("/sitemap.xml").text)
    assert index[0] == "http://localhost/sitemap-1.xml"
    parts = [addresses(client.get(each.removeprefix("http://localhost")).text) for each in index]
    assert [address for part in parts for address in part] == whole
    assert max(map(len, parts)) == 500


def test_crawlers_are_told_where_the_sitemap_is(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text
    assert "Sitemap: http://localhost/sitemap.xml" in text
    assert "Disallow: /sparql?" in text


def test_security_txt_says_where_to_write_and_does_not_expire_soon(client: FlaskClient) -> None:
    lines = dict(
        line.split(": ", 1) for line in client.get("/.well-known/security.txt").text.splitlines()
    )
    assert lines["Contact"].startswith("https://")
    left = datetime.fromisoformat(lines["Expires"]) - datetime.now(UTC)
    assert timedelta(30) < left < timedelta(365)
