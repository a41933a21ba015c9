"""What the pages tell of the data as a whole: findings, coverage, deadlines, focus points."""

import re

import pytest
from flask.testing import FlaskClient

HTML = {"Accept": "text/html"}


def text(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path, headers=HTML)
    assert response.status_code == status
    return response.text


def test_findings_are_counted_as_the_report_has_them(client: FlaskClient) -> None:
    page = text(client, "/kwaliteit")
    (count,) = re.findall(r"opmerking</th><td>(\d+)</td>", page)
    (address,) = re.findall(r'href="(/sparql\?query=[^"]+)"', page)
    rows = client.get(address.replace("&amp;", "&"), headers={"Accept": "text/csv"}).text
    counts = {
        tuple(line.split(",")[:2]): int(line.rsplit(",", 2)[1])
        for line in rows.splitlines()[1:]
        if line.startswith("http://www.w3.org/ns/shacl#Info")
    }
    assert sum(counts.values()) == int(count) > 100
    assert page.count('<tr role="row"><td') == len(re.findall(r'data-label="Aantal"', page))
    assert "Executor unknown: add rg:executedBy" in text(client, "/en/kwaliteit")
    assert "volledig gedekt" in page


def test_the_front_page_has_the_latest_responses_and_says_what_is_unknown(
    client: FlaskClient,
) -> None:
    page = text(client, "/")
    answers = re.findall(r'<li><time datetime="([^"]+)">', page)
    assert answers == sorted(answers, reverse=True)
    assert answers[0] == "2024-02-27"
    assert "Onbekend in de bron: geen open toezegging of vraag heeft een termijn" in page


def test_a_vision_begins_with_its_focus_points_in_order(client: FlaskClient) -> None:
    page = text(client, "/doc/document/arnhem-achterhoek/regiovisie-2024-2028")
    assert page.index("<h2>Speerpunten</h2>") < page.index('<figure class="quote"')
    points = re.findall(r'<td role="cell">(\d)</td><td role="cell"><a href="([^"]+)"', page)
    assert points == [
        (str(number), f"/doc/speerpunt/arnhem-achterhoek/2024-2028-{number}")
        for number in range(1, 6)
    ]
    assert "<h2>Speerpunten</h2>" not in text(client, "/doc/toezegging/gm0299/naheffingsaanslagen")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [("/none", 404, "Op dit adres staat niets"), ("/toezeggingen?x=1", 400, "in het adres klopt")],
)
def test_errors_on_dutch_pages_say_in_dutch_what_to_do(
    client: FlaskClient, path: str, status: int, words: str
) -> None:
    page = text(client, path, status)
    assert words in page
    assert re.search(r'<span lang="en">.+</span>', page)
