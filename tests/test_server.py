"""The pages and the linked data, as browsers and programs meet them."""

import re
import signal
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from werkzeug.test import TestResponse

from raadgraaf import catalogue, graphfiles, releases
from raadgraaf.config import Settings
from raadgraaf.errors import InputError
from raadgraaf.namespaces import RDF_TYPE, RDFS_LABEL, iri
from raadgraaf.releases import Manifest
from raadgraaf.resources import folder
from raadgraaf.server import create_app, production
from raadgraaf.server.texts import LANGUAGES, texts
from raadgraaf.workers import WorkerPool

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
COMMITMENT = "toezegging/gm0299/naheffingsaanslagen"
VISION = "document/arnhem-achterhoek/regiovisie-2024-2028"
LIST_GRAPH = "graph/bron/gm0299-toezeggingenlijst"
MUNICIPALITY = "https://identifier.overheid.nl/tooi/id/gemeente/gm0299"
HELP = "0800-2000"
PAGE_BYTES = 30_000

PAGES = [
    "/",
    "/toezeggingen",
    "/toezeggingen?status=open&door=albers&q=cijfers",
    "/raadsvragen",
    "/vergaderingen",
    "/portefeuillehouders",
    "/beleidsdocumenten",
    "/speerpunten",
    "/partners",
    "/partnerrollen",
    "/documenten?sorteer=naam",
    "/zoeken?q=huiselijk+geweld",
    "/zoekvragen",
    "/zoekvragen/overdue-on-day?asOf=2024-02-20",
    "/def",
    "/def/relaties",
    "/def/gegevens",
    "/def/begrippen",
    "/dataset",
    "/profiel",
    "/sparql",
    f"/doc/{COMMITMENT}",
    f"/doc/{VISION}",
    f"/doc/{LIST_GRAPH}",
    f"/resource?uri={MUNICIPALITY}",
    "/resource?uri=https://w3id.org/raadgraaf/def%23Commitment",
    "/none",
]


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path, headers=HTML)
    assert response.status_code == status, response.text
    assert response.content_type == "text/html; charset=utf-8"
    return response.text


class Outline(HTMLParser):
    """What a page holds that tests look at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def addresses(self) -> list[str]:
        return [
            str(value)
            for _, attributes in self.tags
            for name, value in attributes.items()
            if name in {"href", "src", "action"}
        ]


# Every page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole_in_both_languages(
    client: FlaskClient, path: str, language: str
) -> None:
    twin = path if language == "nl" else "/en" + path
    text = page(client, twin, 404 if path == "/none" else 200)
    outline = Outline(text)
    assert len(text.encode()) <= PAGE_BYTES
    assert outline.all("html") == [{"lang": language}]
    assert len(outline.all("h1")) == 1
    assert all(each == {"type": "application/ld+json"} for each in outline.all("script"))
    assert not outline.all("style")
    assert not re.search(r"\son\w+=|\sstyle=", text)
    labelled = {each.get("for") for each in outline.all("label")}
    for field in (*outline.all("input"), *outline.all("select"), *outline.all("textarea")):
        assert field.get("type") == "hidden" or field["id"] in labelled
    other = path if language == "en" else "/en" + path
    (switch,) = [each for each in outline.all("a") if each.get("hreflang")]
    assert switch["href"] == other.replace(",", "%2C")


def test_every_link_of_every_page_leads_somewhere(client: FlaskClient) -> None:
    addresses = {
        address.partition("#")[0]
        for path in PAGES[:-1]
        for address in Outline(page(client, path)).addresses()
        if address.startswith("/")
    }
    assert len(addresses) > 200
    wrong = {}
    for address in sorted(addresses):
        with client.get(address, headers=HTML) as response:
            if response.status_code != 200:
                wrong[address] = response.status_code
    assert not wrong


def test_texts_are_there_in_both_languages_and_all_are_used() -> None:
    dutch, english = texts("nl"), texts("en")
    assert dutch.keys() == english.keys()
    assert all(dutch.values())
    assert all(english.values())
    files = [*folder("server", "templates").iterdir(), *folder("server").iterdir()]
    sources = "".join(
        file.read_text() for file in files if file.name.endswith((".html", ".py"))
    ).replace(folder("server", "texts.py").read_text(), "")
    for name in dutch:
        used = name.startswith("verdict_") or re.search(rf"\bt\.{name}\b|\"{name}\"", sources)
        assert used, name
    for name in set(re.findall(r"\bt\.([a-z_0-9]+)", sources)):
        assert name in dutch


def test_the_style_sheet_is_small_and_known(client: FlaskClient) -> None:
    with client.get("/static/raadgraaf.css") as response:
        assert response.mimetype == "text/css"
        assert len(response.data) <= 6000
        assert b"prefers-color-scheme:dark" in response.data
        assert b"@media print" in response.data


def test_an_unchanged_page_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/", headers=HTML)
    again = client.get("/", headers=HTML | {"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


# Home and lists


def test_home_tells_how_the_matters_stand_and_what_is_covered(client: FlaskClient) -> None:
    text = page(client, "/")
    assert re.search(r"uitgesteld</span></a></th><td>1 ", text)
    assert re.search(r"<tfoot>.*?<td>8</td>", text)
    assert "deels gedekt" in text
    rows = re.findall(r"<tr><td><a [^>]+>([^<]+)</a></td><td>(.*?)</td>", text)
    areas = {label: re.sub(r"<[^>]+>", "", area) for label, area in rows}
    assert len(areas) == len(rows)
    assert areas["Toezeggingen op de toezeggingenlijst: volledig gedekt"] == "Zevenaar"
    assert areas["Toezeggingen van andere gemeenten in de regio: niet gedekt"] == "17 gemeenten"
    assert 'href="/toezeggingen?status=deferred"' in text


def test_lists_can_be_filtered(client: FlaskClient) -> None:
    def count(path: str) -> int:
        found = re.search(r'<p role="status">(\d+) ', page(client, path))
        assert found
        return int(found[1])

    assert count("/toezeggingen") == 8
    assert count("/toezeggingen?status=fulfilled") == 2
    assert count("/toezeggingen?status=fulfilled&door=boone") == 1
    assert count("/toezeggingen?q=KAMPSINGEL") == count("/toezeggingen?q=kampsingel") > 0
    assert count("/toezeggingen?q=onbestaanbaar") == 0
    assert count("/raadsvragen?status=unknown") == 2
    assert count('/toezeggingen?q=")) } #') == 0


@pytest.mark.parametrize(
    ("query", "allowed"),
    [("status=afgerond", "fulfilled"), ("door=jansen", "albers"), ("pagina=x", "whole number")],
)
def test_an_unknown_filter_is_refused_with_what_is_allowed(
    client: FlaskClient, query: str, allowed: str
) -> None:
    assert allowed in page(client, f"/toezeggingen?{query}", 400)
    response = client.get(f"/toezeggingen?{query}")
    assert response.content_type == "application/problem+json"
    assert allowed in response.get_json(force=True)["detail"]


def test_a_page_past_the_last_is_not_found(client: FlaskClient) -> None:
    page(client, "/toezeggingen?pagina=2", 404)
    page(client, "/toezeggingen?pagina=0", 400)
    page(client, f"/toezeggingen?q={'x' * 300}", 400)


# Resources


def test_the_iri_of_a_thing_leads_to_its_description(client: FlaskClient) -> None:
    response = client.get(f"/id/{COMMITMENT}")
    assert (response.status_code, response.headers["Location"]) == (303, f"/doc/{COMMITMENT}")
    assert "Accept" in response.headers["Vary"]
    graph = client.get(f"/{LIST_GRAPH}")
    assert (graph.status_code, graph.headers["Location"]) == (303, f"/doc/{LIST_GRAPH}")


@pytest.mark.parametrize("path", [f"/doc/{COMMITMENT}", f"/doc/{LIST_GRAPH}", "/def"])
@pytest.mark.parametrize(
    ("ending", "media_type", "form"),
    [
        ("ttl", "text/turtle", RdfFormat.TURTLE),
        ("jsonld", "application/ld+json", RdfFormat.JSON_LD),
        ("nt", "application/n-triples", RdfFormat.N_TRIPLES),
        ("rdf", "application/rdf+xml", RdfFormat.RDF_XML),
    ],
)
def test_a_description_comes_as_data(
    client: FlaskClient, path: str, ending: str, media_type: str, form: RdfFormat
) -> None:
    by_accept = client.get(path, headers={"Accept": media_type})
    by_ending = client.get(f"{path}.{ending}", headers=HTML)
    for response in (by_accept, by_ending):
        assert response.status_code == 200
        assert response.mimetype == media_type
        assert 'rel="cite-as"' in response.headers["Link"]
        assert f'<{path}.ttl>; rel="alternate"; type="text/turtle"' in response.headers["Link"]
        assert len(list(parse(response.data, format=form))) > 5
    assert client.get(f"{path}.html").mimetype == "text/html"
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_data_keep_their_own_iris(client: FlaskClient, settings: Settings) -> None:
    triples = list(parse(client.get(f"/doc/{COMMITMENT}.nt").data, format=RdfFormat.N_TRIPLES))
    this = NamedNode(f"{settings.base}id/{COMMITMENT}")
    assert any(triple.subject == this and triple.predicate == RDF_TYPE for triple in triples)
    assert any(triple.object == this for triple in triples)
    assert any(triple.subject != this and triple.predicate == RDFS_LABEL for triple in triples)


@pytest.mark.parametrize(
    "path",
    [
        "/doc/toezegging/gm0299/none",
        "/doc/toezegging/gm0299/none.ttl",
        "/doc/graph/bron/none",
        "/doc/a b",
        "/doc/%3Cscript%3E",
        "/resource?uri=https://example.org/none",
        "/resource?uri=javascript:alert(1)",
        "/zoekvragen/none",
        "/def/none",
        "/def.docx",
        "/none",
    ],
)
def test_what_is_unknown_is_not_found(client: FlaskClient, path: str) -> None:
    assert "Niet gevonden" in page(client, path, 404)
    assert client.get(path).content_type == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/resource", "/resource?uri=x", f"/resource?uri={MUNICIPALITY}&format=x"]
)
def test_a_resource_needs_its_iri(client: FlaskClient, path: str) -> None:
    page(client, path, 400)


def test_external_resources_come_as_data_too(client: FlaskClient) -> None:
    response = client.get(f"/resource?uri={MUNICIPALITY}&format=ttl")
    assert response.content_type == "text/turtle; charset=utf-8"
    assert f"<{MUNICIPALITY}>" in response.text


def test_other_iris_under_the_base_lead_to_their_description(
    client: FlaskClient, settings: Settings
) -> None:
    query = "SELECT ?s { ?s ?p ?o FILTER(CONTAINS(STR(?s), '/.well-known/')) } LIMIT 1"
    rows = client.get("/sparql", query_string={"query": query, "format": "csv"}).text.split()
    path = rows[1].removeprefix(settings.base.rstrip("/"))
    response = client.get(path)
    assert response.status_code == 303
    page(client, response.headers["Location"])


def test_findings_of_the_validation_have_descriptions(
    client: FlaskClient, settings: Settings
) -> None:
    query = """PREFIX sh: <http://www.w3.org/ns/shacl#>
    SELECT * { ?finding a sh:ValidationResult ; sh:focusNode ?focus } ORDER BY ?finding LIMIT 1"""
    asked = {"query": query, "format": "csv", "default-graph-uri": f"{settings.base}graph/rapport"}
    answer = client.get("/sparql", query_string=asked).text
    finding, focus = answer.split()[1].split(",")
    response = client.get(finding.removeprefix(settings.base.rstrip("/")))
    address = response.headers["Location"]
    text = page(client, address)
    focus_at = focus.replace(f"{settings.base}id/", "/doc/")
    assert f'href="{focus_at}"' in text
    data = client.get(f"{address}.nt").data
    subjects = {triple.subject for triple in parse(data, format=RdfFormat.N_TRIPLES)}
    assert NamedNode(finding) in subjects
    (own_query,) = [each for each in Outline(text).addresses() if "/sparql?query=" in each]
    assert finding in client.get(own_query, headers={"Accept": "text/turtle"}).text
    assert "Validatierapport" in page(client, "/doc/rapport/shacl")


def test_a_page_shows_the_sentence_the_status_and_why(client: FlaskClient) -> None:
    text = page(client, f"/doc/{COMMITMENT}")
    assert "Portefeuillehouder zegt toe een terugmelding te doen over de oorzaak" in text
    assert re.search(r'href="/doc/passage/[0-9a-f]{12}/24-\d\d">regels 24-', text)
    assert re.search(r'class="badge warn">uitgesteld</span> <small class="mark">afgeleid', text)
    assert re.search(r'class="why" href="/doc/afleiding/[^"]+">waarom\?', text)
    assert "De reden van het hoge aantal bezwaren is vooralsnog onbekend" in text


def test_facts_stand_in_the_order_and_under_the_names_of_the_shapes(client: FlaskClient) -> None:
    text = page(client, f"/doc/{COMMITMENT}")
    headings = re.findall(r"<h2>(.*?)</h2>", text)
    assert headings[:3] == ["Kern", "Inhoud", "Wie"]
    names = re.findall(r"<dt>(.*?)</dt>", text)
    assert names.index("portefeuillehouder") < names.index("afdeling") < names.index("orgaan")


def test_words_of_another_language_say_so(client: FlaskClient) -> None:
    text = page(client, f"/en/doc/{COMMITMENT}")
    assert re.search(r'<blockquote lang="nl"><p>.*?Portefeuillehouder zegt toe', text)
    assert "<dt>portfolio holder</dt>" in text


def test_many_references_are_capped_with_a_query_for_all(client: FlaskClient) -> None:
    text = page(client, "/resource?uri=https://w3id.org/raadgraaf/thes/basis-stated")
    (address,) = re.findall(r'<a href="(/sparql\?query=[^"]*)">toon alle (?:\d+)', text)
    assert text.count("<dd>") < 60
    count = re.search(r"(\d+) rijen", page(client, address.replace("&amp;", "&")))
    assert count
    assert int(count[1]) > 100


@pytest.mark.parametrize(
    ("path", "helps"),
    [
        (f"/doc/{VISION}", True),
        ("/doc/partner/arnhem-achterhoek/moviera", True),
        ("/doc/speerpunt/arnhem-achterhoek/2024-2028-1", True),
        (f"/doc/{COMMITMENT}", False),
        ("/", False),
    ],
)
def test_pages_about_violence_at_home_tell_where_help_is(
    client: FlaskClient, path: str, *, helps: bool
) -> None:
    assert (HELP in page(client, path)) == helps
    assert (HELP in page(client, "/en" + path)) == helps


# Stored questions


@pytest.mark.parametrize("name", sorted(catalogue.questions()))
def test_every_stored_question_has_its_page(client: FlaskClient, name: str) -> None:
    text = page(client, f"/zoekvragen/{name}")
    assert len(text.encode()) <= PAGE_BYTES
    rows = client.get(f"/zoekvragen/{name}.csv").text.count("\r\n") - 1
    if rows:
        assert re.search(rf'<p role="status">{rows} rij(en)?', text)
    else:
        assert re.search(r"<strong>(Geen|Onbekend in de bron|Niet gedekt)\.", text)


def test_a_row_shows_on_what_it_rests(client: FlaskClient) -> None:
    text = page(client, "/zoekvragen/overdue-on-day")
    assert "uiterlijk dinsdag 27 februari" in text
    assert re.search(r"<details class=\"source\"><summary>bron: regels \d+-\d+", text)


def test_a_parameter_is_taken_as_a_term(client: FlaskClient) -> None:
    name = "/zoekvragen/overdue-on-day"
    assert 'value="2024-02-20"' in page(client, f"{name}?asOf=2024-02-20")
    assert "2024-02-20" in client.get(f"{name}.rq?asOf=2024-02-20").text
    page(client, f"{name}?asOf=gisteren", 400)
    page(client, f"{name}?onbekend=1", 400)
    page(client, f"{name}?format=docx", 400)


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        (".json", "*/*", "application/sparql-results+json"),
        ("?format=csv", "text/html", "text/csv"),
        ("", "text/csv", "text/csv"),
        ("", "*/*", "text/html"),
        (".rq", "*/*", "application/sparql-query"),
        ("", "image/png", "application/problem+json"),
    ],
)
def test_an_answer_comes_as_data(
    client: FlaskClient, path: str, accept: str, media_type: str
) -> None:
    response = client.get(f"/zoekvragen/overdue-on-day{path}", headers={"Accept": accept})
    assert response.mimetype == media_type


# Serving


def test_a_host_that_is_none_is_refused(settings: Settings) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(InputError, match=r"no address of this machine\. Choose another"):
            production.run(settings, "a..b", 0, print)
    finally:
        signal.signal(signal.SIGTERM, before)


# Hostile data, and a base that is not the serving host


BASE = "https://data.gemeente.example/graaf/"
THING = NamedNode(f"{BASE}id/ding/x/1")
SCRIPT = NamedNode("javascript:alert(2)")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    home: Path = tmp_path_factory.mktemp("hostile")
    (home / "releases").mkdir()
    page_of, also = iri("foaf:page"), iri("rdfs:seeAlso")
    triples = [
        Triple(THING, RDFS_LABEL, Literal("<script>alert(1)</script>", language="nl")),
        Triple(THING, iri("rdfs:comment"), Literal('"><img src=x onerror=alert(1)>')),
        Triple(THING, iri("rdfs:comment"), Literal("{{ 7 * 7 }}")),
        Triple(THING, page_of, NamedNode("javascript:alert(1)")),
        Triple(THING, page_of, NamedNode("data:text/html,x")),
        Triple(THING, page_of, NamedNode("https://elders.example/pagina")),
        Triple(THING, also, SCRIPT),
        Triple(SCRIPT, RDFS_LABEL, Literal("kwaad")),
        Triple(SCRIPT, also, THING),
    ]
    file = graphfiles.write(home, f"{BASE}graph/bron/kwaad", triples)
    releases.build(home, 1, Manifest(BASE, "0", (file,)), {})
    settings = Settings(home=home, base=BASE, workers=1)
    pool = WorkerPool(settings)
    yield create_app(pool, settings).test_client()
    pool.close()


def test_hostile_data_are_text(hostile: FlaskClient) -> None:
    for path in ("/doc/ding/x/1", "/resource?uri=javascript:alert(2)", "/doc/graph/bron/kwaad"):
        text = page(hostile, path).replace('<script type="application/ld+json">', "", 1)
        assert "<script" not in text
        assert "<img" not in text
        assert "49" not in text
        for address in Outline(text).addresses():
            assert address.startswith(("/", "#", "https://elders.example/")), address
    query = "SELECT * { ?s ?p ?o }"
    response = hostile.get("/sparql", query_string={"query": query}, headers=HTML)
    assert "<script" not in response.text
    for address in Outline(response.text).addresses():
        assert not address.startswith(("javascript", "data")), address


def test_links_stay_on_the_serving_host_whatever_the_base(hostile: FlaskClient) -> None:
    text = page(hostile, "/resource?uri=javascript:alert(2)")
    assert 'href="/doc/ding/x/1"' in text
    assert f"<{THING.value}>" in hostile.get("/doc/ding/x/1.ttl").text


def test_links_out_do_not_tell_where_the_reader_came_from(hostile: FlaskClient) -> None:
    (link,) = [
        each
        for each in Outline(page(hostile, "/doc/ding/x/1")).all("a")
        if each["href"] == "https://elders.example/pagina"
    ]
    assert link["rel"] == "external noreferrer"


def test_pages_work_without_ontology_shapes_and_coverage(hostile: FlaskClient) -> None:
    for path in ("/", "/toezeggingen", "/def", "/sparql"):
        page(hostile, path)


def test_pages_work_under_a_path(hostile: FlaskClient) -> None:
    response: TestResponse = hostile.get(
        "/doc/ding/x/1", headers=HTML, environ_overrides={"SCRIPT_NAME": "/graaf"}
    )
    for address in Outline(response.text).addresses():
        assert address.startswith(("/graaf/", "#", "https://elders.example/")), address
