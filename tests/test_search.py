"""The search: what words find, in the index of a release and on its page."""

import html
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import graphfiles, releases, search
from raadgraaf.config import Settings
from raadgraaf.errors import Damaged, NotFound, QueryTimeout
from raadgraaf.namespaces import RDF_TYPE, RDFS_LABEL, iri
from raadgraaf.releases import Manifest, Release
from raadgraaf.search import Found
from raadgraaf.search_index import FILE
from raadgraaf.server import create_app
from raadgraaf.words import stemmer, words
from raadgraaf.workers import WorkerPool

HTML = {"Accept": "text/html"}
BASE = "https://data.gemeente.example/graaf/"
HOSTILE = "<script>alert(1)</script> fietspad & <b>stoep</b>"


def find(release: Release, text: str, kind: str | None = None, seconds: float = 60) -> Found:
    return search.find(release, text, seconds=seconds, kind=kind, after=0, until=1000)


def names(release: Release, text: str) -> set[str]:
    hits = [hit for each in find(release, text).hits.values() for hit in each]
    return {name.value for hit in hits for name in hit.names}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Release:
    home: Path = tmp_path_factory.mktemp("search")
    (home / "releases").mkdir()

    def thing(number: int, kind: str, *texts: str) -> list[Triple]:
        this = NamedNode(f"{BASE}id/ding/x/{number}")
        labels = [Triple(this, RDFS_LABEL, Literal(text, language="nl")) for text in texts]
        return [Triple(this, RDF_TYPE, iri(kind)), *labels]

    triples = [
        *thing(1, "rg:Commitment", "Naheffingsaanslagen terugmelden"),
        *thing(2, "rg:Commitment", "Cafés in het centrum"),
        *thing(3, "rg:Question", "Wat is er toegezegd over parkeren?"),
        *thing(4, "rg:Question", HOSTILE),
        *thing(5, "rg:Meeting", "Vergadering met een aanslag"),
        *(each for n in range(10, 90) for each in thing(n, "rg:Passage", f"Regel {n} fiets")),
        Triple(NamedNode(f"{BASE}id/ding/x/1"), iri("rg:sha256"), Literal("abcdef")),
        Triple(NamedNode("https://elders.example/x"), RDFS_LABEL, Literal("elders")),
    ]
    file = graphfiles.write(home, f"{BASE}graph/bron/x", triples)
    return releases.build(home, 1, Manifest(BASE, "0", (file,)), {})


@pytest.fixture(scope="module")
def pages(small: Release) -> Iterator[FlaskClient]:
    settings = Settings(home=small.path.parents[1], base=BASE, workers=1)
    pool = WorkerPool(settings)
    yield create_app(pool, settings).test_client()
    pool.close()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("naheffingsaanslag", "Naheffingsaanslagen terugmelden"),
        ("AANSLAG", "Naheffingsaanslagen terugmelden"),
        ("cafe", "Cafés in het centrum"),
        ("CAFÉ", "Cafés in het centrum"),
        ("toezegging", "Wat is er toegezegd over parkeren?"),
        ("toezeggingen over parkeren", "Wat is er toegezegd over parkeren?"),
        ("parkren", "Wat is er toegezegd over parkeren?"),
        ("vergaderng", "Vergadering met een aanslag"),
    ],
)
def test_words_are_found_in_other_forms_as_parts_and_with_typing_errors(
    small: Release, text: str, name: str
) -> None:
    assert name in names(small, text)


@pytest.mark.parametrize("text", ["", "?!", "elders", "abcdef", "parkeren centrum", "qqqqqqqq"])
def test_what_stands_nowhere_is_not_found(small: Release, text: str) -> None:
    assert names(small, text) == set()


def test_the_word_itself_stands_before_compounds(small: Release) -> None:
    counts: Mapping[str, int] = find(small, "aanslag").counts
    assert counts == {iri("rg:Commitment").value: 1, iri("rg:Meeting").value: 1}


def test_what_was_taken_for_a_word_is_said(small: Release) -> None:
    assert find(small, "parkren").meant == {"parkren": ["parkeren"]}
    assert find(small, "parkeren").meant == {}


@pytest.mark.parametrize(
    "text",
    [
        '"',
        'fietspad" OR "a',
        "fietspad*",
        "NEAR(fietspad stoep)",
        "name:fietspad",
        "-fietspad ^stoep",
        "fietspad AND NOT stoep",
        "{name}: (",
        "\0fietspad",
        "'; DROP TABLE things; --",
        "%_%",
        "🚲 fietspad",
        "a " * 100,
    ],
)
def test_hostile_words_are_only_words(small: Release, pages: FlaskClient, text: str) -> None:
    find(small, text)
    response = pages.get("/zoeken", query_string={"q": text}, headers=HTML)
    assert response.status_code == 200
    assert names(small, "fietspad") == {HOSTILE}


def test_a_search_that_takes_too_long_is_stopped(
    small: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "STEPS", 1)
    with pytest.raises(QueryTimeout, match="Ask with fewer"):
        find(small, "fiets", seconds=-1)


def test_a_release_without_an_index_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="raadgraaf publish"):
        find(Release(1, tmp_path), "fiets")
    (tmp_path / FILE).write_bytes(b"no database, but as long as the head of one" * 9)
    with pytest.raises(Damaged, match="raadgraaf check"):
        find(Release(1, tmp_path), "fiets")
    (tmp_path / FILE).unlink()
    sqlite3.connect(tmp_path / FILE).close()
    with pytest.raises(Damaged, match="raadgraaf check"):
        find(Release(1, tmp_path), "fiets")


def test_a_text_is_cut_around_what_was_looked_for() -> None:
    stem = stemmer()
    text = "voor " * 100 + "het fietspad" + " na" * 100
    pieces = search.marked(text, frozenset({stem("fietspad")}), length=60)
    assert [each.text for each in pieces if each.marked] == ["fietspad"]
    assert len("".join(each.text for each in pieces)) < 100
    whole = search.marked(text, frozenset())
    assert "".join(each.text for each in whole) == text


def test_stems_join_what_belongs_together_and_nothing_else() -> None:
    stem = stemmer()
    assert stem("toezeggingen") == stem("toegezegd") == stem("toezegging")
    assert stem("gemeente") == stem("gemeenten") != stem("meent")
    assert stem("geweld") != stem("wel")
    assert words("Één CAFÉ_42") == ["een", "cafe", "42"]


# The page


def test_the_page_groups_by_class_and_marks_what_was_looked_for(pages: FlaskClient) -> None:
    text = pages.get("/zoeken?q=fietspad", headers=HTML).text
    assert "<mark>fietspad</mark>" in text
    assert "<script" not in text
    assert "<b>" not in text
    assert html.escape("<script>") in text
    text = pages.get("/zoeken?q=regel+fietsen", headers=HTML).text
    assert re.search(r'<p role="status">80 ', text)
    assert text.count("<li><a href=") == 5 + 1  # and the breadcrumb
    assert 'href="/zoeken?q=regel+fietsen&amp;soort=Passage"' in text


def test_one_class_is_paged(pages: FlaskClient) -> None:
    address = "/zoeken?q=fiets&soort=Passage"
    seen: list[str] = []
    for number in range(1, 5):
        text = pages.get(f"{address}&pagina={number}", headers=HTML).text
        seen += re.findall(r'<li><a href="(/doc/[^"]+)"', text)
    assert len(seen) == len(set(seen)) == 80
    assert pages.get(f"{address}&pagina=5", headers=HTML).status_code == 404


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("q=fiets&soort=Fiets", "Passage"),
        ("q=fiets&kind=Passage", "soort"),
        ("q=fiets&pagina=0", "whole number"),
        ("q=fiets&q=auto", "one value"),
        (f"q={'x' * 300}", "200"),
    ],
)
def test_what_the_page_does_not_know_is_refused_with_what_it_does(
    pages: FlaskClient, query: str, allowed: str
) -> None:
    response = pages.get(f"/zoeken?{query}")
    assert response.status_code == 400
    assert allowed in response.get_json(force=True)["detail"]


def test_the_data_of_zevenaar_are_found(client: FlaskClient) -> None:
    text = client.get("/zoeken?q=naheffing+bezwaarschriften", headers=HTML).text
    assert 'href="/doc/toezegging/gm0299/naheffingsaanslagen"' in text
    text = client.get("/en/zoeken?q=huislijk+geweld&release=1", headers=HTML).text
    assert "Looked for: huiselijk." in text
    assert 'name="release" value="1"' in text
    assert "0800-2000" in text
    text = client.get("/zoeken", headers=HTML).text
    assert 'role="status"' not in text
    assert client.get("/zoeken?q=x&release=99", headers=HTML).status_code == 404
