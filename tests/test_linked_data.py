"""Every IRI of ours leads to a description of it, in the format that the client asks for."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse
from werkzeug.http import parse_date
from werkzeug.test import TestResponse
from werkzeug.urls import iri_to_uri

from raadgraaf import graphfiles, releases
from raadgraaf.config import Settings
from raadgraaf.namespaces import RDFS_LABEL
from raadgraaf.releases import Manifest, Release
from raadgraaf.server import create_app
from raadgraaf.workers import WorkerPool

HTML = "text/html"
FORMATS = {
    "ttl": ("text/turtle", RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", RdfFormat.JSON_LD),
    "nt": ("application/n-triples", RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", RdfFormat.RDF_XML),
    "trig": ("application/trig", RdfFormat.TRIG),
    "nq": ("application/n-quads", RdfFormat.N_QUADS),
}
ONTOLOGY = "https://w3id.org/raadgraaf/"
COMMITMENT = "toezegging/gm0299/naheffingsaanslagen"
MUNICIPALITY = "https://identifier.overheid.nl/tooi/id/gemeente/gm0299"
LIST_GRAPH = "graph/bron/gm0299-toezeggingenlijst"


@dataclass(frozen=True)
class Dereferenced:
    """What a client that follows redirects gets for an IRI."""

    response: TestResponse
    hops: int


def dereference(client: FlaskClient, base: str, iri: str, accept: str) -> Dereferenced:
    """Ask for an IRI as its owner's host would, whichever namespace it is of."""
    start = next(each for each in (base, ONTOLOGY) if iri.startswith(each))
    address = "/" + iri.removeprefix(start).partition("#")[0]
    for hop in range(3):
        response = client.get(address, headers={"Accept": accept})
        if response.status_code != 303:
            return Dereferenced(response, hop)
        address = response.headers["Location"]
    raise AssertionError(f"{iri} leads on and on")


def quads(response: TestResponse) -> list[Quad]:
    (form,) = [form for kind, form in FORMATS.values() if kind == response.mimetype]
    return list(parse(response.data, format=form))


def speaks_of(response: TestResponse, iri: str) -> bool:
    """Return whether an answer is about an IRI: as data that name it, or as a page that does."""
    if response.mimetype == HTML:
        return f"<code>{iri}</code>" in response.text or f'"@id": "{iri}"' in response.text
    return any(iri in map(_value, quad) for quad in quads(response))


def _value(term: object) -> str | None:
    return term.value if isinstance(term, NamedNode) else None


def all_iris(release: Release) -> Iterator[str]:
    """Yield the IRIs of our namespaces that stand anywhere in a release."""
    found: set[str] = set()
    with (release.path / "data.nq").open("rb") as stream:
        for quad in parse(stream, format=RdfFormat.N_QUADS):
            for term in quad:
                if isinstance(term, NamedNode):
                    found.add(term.value)
                elif isinstance(term, Literal):
                    found.add(term.datatype.value)
    base = release.manifest.base
    # The endpoint describes itself at the address at which it is asked.
    namespaces = {base, ONTOLOGY, f"{base}sparql", f"{base}sparql#service"}
    spaces = {f"{ONTOLOGY}thes/", f"{ONTOLOGY}shapes#", f"{ONTOLOGY}def#"}
    # Parts of the description share one document, as /dataset is tested by itself.
    parts = {iri for iri in found if iri.startswith(f"{base}dataset#deel-")}
    answers = {iri for iri in found if re.fullmatch(r".*/zoekvragen/.*\.(csv|json)", iri)}
    for iri in sorted(found - namespaces - spaces - answers - set(sorted(parts)[7:])):
        if iri.startswith((base, ONTOLOGY)):
            yield iri


@pytest.mark.slow
def test_every_iri_of_the_data_leads_to_a_description_of_it(
    client: FlaskClient, release: Release
) -> None:
    base = release.manifest.base
    kinds = [(HTML, None), *FORMATS.values()]
    wrong = []
    iris = list(all_iris(release))
    assert len(iris) > 1000
    for number, iri in enumerate(iris):
        accept, _ = kinds[number % len(kinds)]  # each IRI once, in turns
        got = dereference(client, base, iri, accept)
        response = got.response
        if response.status_code != 200 or response.mimetype != accept:
            wrong.append((iri, accept, response.status_code, response.mimetype))
        elif accept == HTML or iri.startswith(f"{base}graph/"):
            if "#" not in iri and f'<{iri}>; rel="cite-as"' not in response.headers["Link"]:
                wrong.append((iri, accept, "is described as another"))
        elif not speaks_of(response, iri):
            wrong.append((iri, accept, "is not spoken of"))
    assert not wrong


ADDRESSES = {
    f"/doc/{COMMITMENT}": "{base}id/" + COMMITMENT,
    f"/doc/{LIST_GRAPH}": "{base}" + LIST_GRAPH,
    f"/resource?uri={MUNICIPALITY}": MUNICIPALITY,
    "/zoekvragen/overdue-on-day": "{base}zoekvragen/overdue-on-day",
    "/dataset": "{base}dataset",
    "/def": "https://w3id.org/raadgraaf/def",
    "/shapes": "https://w3id.org/raadgraaf/shapes",
    "/resource?uri=https://w3id.org/raadgraaf/thes/status-open": f"{ONTOLOGY}thes/status-open",
}
"""One address of each kind of description, with the IRI that it describes."""

every_address = pytest.mark.parametrize("address", ADDRESSES)


def as_data(address: str, ending: str) -> str:
    return f"{address}&format={ending}" if "?" in address else f"{address}.{ending}"


def links(response: TestResponse) -> list[tuple[str, str, str | None]]:
    """Return target, relation and type of each link of a header."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?', response.headers["Link"])
    return [(target, relation, kind or None) for target, relation, kind in found]


@every_address
def test_every_description_comes_in_every_format(client: FlaskClient, address: str) -> None:
    page = client.get(address, headers={"Accept": HTML})
    offered = {
        kind: target for target, relation, kind in links(page) if relation == "alternate" and kind
    }
    assert offered.keys() == {kind for kind, _ in FORMATS.values()}
    counts = set()
    for ending, (kind, _) in FORMATS.items():
        by_accept = client.get(address, headers={"Accept": f"{HTML};q=0.5, {kind}"})
        by_ending = client.get(as_data(address, ending), headers={"Accept": HTML})
        assert by_accept.mimetype == by_ending.mimetype == kind
        assert by_accept.data == by_ending.data
        assert "Accept" in by_accept.vary
        assert client.get(offered[kind]).data == by_ending.data
        triples = {quad.triple for quad in quads(by_ending)}
        counts.add(len(triples))
    assert len(counts) == 1
    assert min(counts) > 5
    assert client.get(as_data(address, "html"), headers={"Accept": "text/turtle"}).mimetype == HTML


@every_address
def test_a_description_says_what_it_describes_and_under_which_licence(
    client: FlaskClient, settings: Settings, address: str
) -> None:
    this = ADDRESSES[address].format(base=settings.base)
    for accept in (HTML, "text/turtle"):
        found = links(client.get(address, headers={"Accept": accept}))
        assert (this, "cite-as", None) in found
        assert [target for target, relation, _ in found if relation == "license"]
        described = {relation for _, relation, _ in found} & {"describes", "describedby"}
        assert described == {"describedby" if accept == HTML else "describes"}


def test_a_description_names_the_classes_of_what_it_describes(client: FlaskClient) -> None:
    response = client.get(f"/doc/{COMMITMENT}.nt")
    types = {target for target, relation, _ in links(response) if relation == "type"}
    assert f"{ONTOLOGY}def#Commitment" in types


@every_address
@pytest.mark.parametrize("kind", [HTML, *(kind for kind, _ in FORMATS.values())])
def test_what_has_not_changed_is_not_sent_again(
    client: FlaskClient, release: Release, address: str, kind: str
) -> None:
    accept = {"Accept": kind}
    first = client.get(address, headers=accept)
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    modified = first.headers["Last-Modified"]
    assert parse_date(modified).isoformat() == release.published["published"]
    for condition in ({"If-None-Match": tag}, {"If-Modified-Since": modified}):
        again = client.get(address, headers=accept | condition)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
        assert "Accept" in again.vary
    other = client.get(address, headers=accept | {"If-None-Match": '"other"'})
    assert (other.status_code, other.data) == (200, first.data)
    head = client.head(address, headers=accept)
    assert (head.status_code, head.data) == (200, b"")
    assert (head.headers["ETag"], head.content_length) == (tag, len(first.data))


def test_each_format_has_a_tag_of_its_own(client: FlaskClient) -> None:
    kinds = [HTML, *(kind for kind, _ in FORMATS.values())]
    responses = [client.get(f"/doc/{COMMITMENT}", headers={"Accept": kind}) for kind in kinds]
    assert len({response.headers["ETag"] for response in responses}) == len(kinds)


def test_statements_in_graphs_say_in_which(client: FlaskClient, settings: Settings) -> None:
    graph = NamedNode(f"{settings.base}{LIST_GRAPH}")
    this = NamedNode(f"{settings.base}id/{COMMITMENT}")
    for ending in ("trig", "nq"):
        found = quads(client.get(f"/doc/{COMMITMENT}.{ending}"))
        assert {quad.graph_name for quad in found if quad.subject == this} >= {graph}
        content = quads(client.get(f"/doc/{LIST_GRAPH}.{ending}"))
        assert {quad.graph_name for quad in content} == {graph}


def test_a_finding_of_the_validation_stands_in_the_report(
    client: FlaskClient, settings: Settings
) -> None:
    graph = NamedNode(f"{settings.base}graph/rapport")
    found = quads(client.get("/doc/rapport/shacl.nq"))
    assert {quad.graph_name for quad in found} == {graph}


@every_address
def test_a_format_that_there_is_not_is_refused(client: FlaskClient, address: str) -> None:
    response = client.get(address, headers={"Accept": "image/png, text/turtle;q=0"})
    assert response.status_code == 406
    assert "Accept" in response.vary


@pytest.mark.parametrize(
    "path",
    [
        "/thes/none",
        "/thes/none.ttl",
        "/def/9.9.9",
        "/shapes.docx",
        "/software/none",
        "/doc/graph/none.nq",
    ],
)
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Accept": "text/turtle"}).status_code == 404


@pytest.mark.parametrize("path", ["thes/status-open", "software/0.1.0", "def/0.1.0"])
def test_iris_of_the_ontology_answer_here_too(client: FlaskClient, path: str) -> None:
    response = client.get(f"/{path}", headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert response.status_code == 200
    assert speaks_of(response, ONTOLOGY + path)
    by_ending = client.get(f"/{path}.nt", follow_redirects=True)
    assert by_ending.mimetype == "application/n-triples"


def test_a_page_tells_search_engines_what_it_is_about(
    client: FlaskClient, settings: Settings
) -> None:
    text = client.get("/doc/document/gm0299/memo-parkeerbeleid.html").text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    about = json.loads(block)
    assert about["@id"] == f"{settings.base}id/document/gm0299/memo-parkeerbeleid"
    assert "CreativeWork" in about["@type"]
    assert about["name"]["@language"] == "nl"


# Another host, another path


@pytest.mark.parametrize("mount", ["", "/raadgraaf"])
@pytest.mark.parametrize("host", ["localhost", "data.example.org", "proxy.example"])
def test_iris_answer_on_any_host_and_at_the_path_of_the_base(
    client: FlaskClient, settings: Settings, host: str, mount: str
) -> None:
    headers = {"Host": host, "Accept": "text/turtle"}
    response = client.get(f"{mount}/id/{COMMITMENT}", headers=headers)
    assert (response.status_code, response.headers["Location"]) == (
        303,
        f"{mount}/doc/{COMMITMENT}",
    )
    data = client.get(response.headers["Location"], headers=headers)
    assert speaks_of(data, f"{settings.base}id/{COMMITMENT}")
    assert (f"{mount}/doc/{COMMITMENT}.ttl", "alternate", "text/turtle") in links(data)


BASE = "https://data.gemeente.example/"
AWKWARD = ["ding/x.nt", "ding/été", "ding/a%20b", "ding/(1)+2;3=4"]


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    home: Path = tmp_path_factory.mktemp("awkward")
    (home / "releases").mkdir()
    triples = [Triple(NamedNode(f"{BASE}id/{path}"), RDFS_LABEL, Literal(path)) for path in AWKWARD]
    file = graphfiles.write(home, f"{BASE}graph/bron/x", triples)
    releases.build(home, 1, Manifest(BASE, "0", (file,)), {})
    settings = Settings(home=home, base=BASE, workers=1)
    pool = WorkerPool(settings)
    yield create_app(pool, settings).test_client()
    pool.close()


@pytest.mark.parametrize("path", AWKWARD)
def test_awkward_iris_answer(awkward: FlaskClient, path: str) -> None:
    address = f"/id/{iri_to_uri(path)}"
    for kind, _ in FORMATS.values():
        response = awkward.get(address, headers={"Accept": kind}, follow_redirects=True)
        assert response.mimetype == kind
        assert [path] == [
            quad.object.value for quad in quads(response) if isinstance(quad.object, Literal)
        ]
    cited = [target for target, relation, _ in links(response) if relation == "cite-as"]
    assert cited == [iri_to_uri(f"{BASE}id/{path}")]
    assert awkward.get(f"{address}.ttl", follow_redirects=True).mimetype == "text/turtle"
