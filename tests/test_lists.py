"""The lists: their filters come from the shapes, with counts, and what is unknown is refused."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import graphfiles, releases
from raadgraaf.config import Settings
from raadgraaf.namespaces import RDF_TYPE, RDFS_LABEL, iri
from raadgraaf.releases import Manifest
from raadgraaf.server import create_app
from raadgraaf.server.lists import LISTS
from raadgraaf.workers import WorkerPool

HTML = {"Accept": "text/html"}
BASE = "https://data.gemeente.example/graaf/"
MEETINGS = 47


class Form(HTMLParser):
    """The fields of the filters with their options, and the rows of the table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.options: dict[str, dict[str, str]] = {}
        self.rows = 0
        self._select = self._option = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "select":
            self._select = str(given["name"])
            self.options[self._select] = {}
        if tag == "option":
            self._option = str(given["value"])
        self.rows += tag == "td" and given.get("data-label") is None

    def handle_data(self, data: str) -> None:
        if self._option:
            self.options[self._select][self._option] = data
            self._option = ""


def form(client: FlaskClient, address: str) -> Form:
    response = client.get(address, headers=HTML)
    assert response.status_code == 200, address
    return Form(response.text)


def total(client: FlaskClient, address: str) -> int:
    found = re.search(r'<p role="status">(\d+) ', client.get(address, headers=HTML).text)
    assert found, address
    return int(found[1])


@pytest.mark.parametrize("name", LISTS)
def test_every_value_that_a_filter_offers_finds_as_many_as_it_says(
    client: FlaskClient, name: str
) -> None:
    shown = form(client, f"/{name}")
    offered = [
        (field, code, int(text.rpartition("(")[2].rstrip(")")))
        for field, options in shown.options.items()
        for code, text in options.items()
        if field != "sorteer"
    ]
    assert total(client, f"/{name}") > 0
    for field, code, count in offered[:12]:
        address = f"/{name}?{field}={code}"
        assert total(client, address) == count, address
        assert total(client, f"/en{address}") == count, address


def test_filters_narrow_each_other(client: FlaskClient) -> None:
    both = form(client, "/toezeggingen?status=fulfilled")
    holders = both.options["door"]
    for code, text in holders.items():
        assert f"({total(client, f'/toezeggingen?status=fulfilled&door={code}')})" in text
    assert len(both.options["status"]) > 1


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/toezeggingen?kleur=rood", "department"),
        ("/partners?partnerKind=rood", "partner-shelter"),
        ("/toezeggingen?jaar=1999", "2024"),
        ("/toezeggingen?jaar=vorig", "four digits"),
        ("/toezeggingen?sorteer=lengte", "nieuwste"),
        ("/speerpunten?partnerKind=x", "elementOf"),
    ],
)
def test_what_a_list_does_not_know_is_refused_with_what_it_does(
    client: FlaskClient, address: str, allowed: str
) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert allowed in response.get_json(force=True)["detail"]


def test_more_filters_than_the_query_has_places_for_are_refused(client: FlaskClient) -> None:
    names = ("status", "topic", "door", "department", "raisedIn")
    response = client.get("/toezeggingen?" + "&".join(f"{name}=x" for name in names))
    assert response.status_code == 400
    assert "up to 4 filters" in response.get_json(force=True)["detail"]


def test_the_query_of_a_list_gives_what_the_list_shows(client: FlaskClient) -> None:
    text = client.get("/toezeggingen?door=albers&jaar=2024", headers=HTML).text
    (address,) = re.findall(r'href="(/sparql\?query=[^"]+)"', text)
    rows = client.get(address.replace("&amp;", "&"), headers={"Accept": "text/csv"}).text
    assert len(rows.splitlines()) - 1 == Form(text).rows


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    home: Path = tmp_path_factory.mktemp("lists")
    (home / "releases").mkdir()
    triples = []
    for number in range(MEETINGS):
        this = NamedNode(f"{BASE}id/vergadering/x/{number}")
        label = Literal(f"<i>Vergadering</i> {MEETINGS - number:03}", language="nl")
        day = Literal(f"{2000 + number}-05-01", datatype=iri("xsd:date"))
        triples += [Triple(this, RDF_TYPE, iri("rg:Meeting")), Triple(this, RDFS_LABEL, label)]
        triples += [Triple(this, iri("rg:meetingDate"), day)] if number else []
    file = graphfiles.write(home, f"{BASE}graph/bron/x", triples)
    releases.build(home, 1, Manifest(BASE, "0", (file,)), {})
    pool = WorkerPool(settings := Settings(home=home, base=BASE, workers=1))
    yield create_app(pool, settings).test_client()
    pool.close()


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("nieuwste", [*range(46, 0, -1), 0]),
        ("oudste", range(47)),
        ("naam", range(46, -1, -1)),
    ],
)
def test_a_long_list_is_paged_in_its_order(
    many: FlaskClient, order: str, numbers: list[int]
) -> None:
    seen: list[str] = []
    address: str | None = f"/vergaderingen?sorteer={order}"
    while address:
        text = many.get(address, headers=HTML).text
        assert "<i>" not in text
        seen += re.findall(r'<td role="cell"><a href="/doc/vergadering/x/(\d+)"', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = following[1].replace("&amp;", "&") if following else None
    assert seen == [str(number) for number in numbers]


def test_a_list_without_anything_says_so(many: FlaskClient) -> None:
    assert "geen van de bronnen" in many.get("/toezeggingen", headers=HTML).text
    assert "met deze filters" in many.get("/vergaderingen?q=xyz", headers=HTML).text
