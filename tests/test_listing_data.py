"""Lists and answers as data: the same rows in every format, safe in spreadsheets."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import icalendar
import pytest
from defusedxml import ElementTree
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from raadgraaf.server import feeds, listing_data
from raadgraaf.server.feeds import ATOM, Day, Entry, Heading
from raadgraaf.server.tables import Table, write_csv, write_tsv, write_xlsx
from raadgraaf.store import EmbeddedStore

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1"]
NOW = datetime(2026, 1, 2, tzinfo=UTC)
HEADING = Heading("urn:feed", "http://x/a.atom", "http://x/a", "A", "B", "nl", NOW)
FORMS = ["csv", "tsv", "json", "xlsx"]


def rows(client: FlaskClient, address: str) -> list[dict[str, object]]:
    """Return the rows of a list, whatever its format."""
    response = client.get(address)
    assert response.status_code == 200, response.text
    form = address.partition("?")[0].rpartition(".")[2]
    if form == "json":
        found = json.loads(response.data)["items"]
        return list(found)
    if form == "xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(response.data))
        names, *lines = book.get_sheet_by_index(0).to_python()
        return [dict(zip(map(str, names), line, strict=True)) for line in lines]
    return list(
        csv.DictReader(response.text.splitlines(), dialect={"csv": "excel"}.get(form, "excel-tab"))
    )


# Rows


@pytest.mark.parametrize("form", FORMS)
def test_every_format_has_the_same_things_in_the_same_order(
    client: FlaskClient, form: str, release_store: EmbeddedStore
) -> None:
    query = "PREFIX rg: <https://w3id.org/raadgraaf/def#> SELECT ?c WHERE { ?c a rg:Commitment }"
    known = {solution["c"].value for solution in release_store.query(query)}
    found = [row["iri"] for row in rows(client, f"/toezeggingen.{form}")]
    assert set(found) == known
    assert len(found) == len(known)
    assert found == [row["iri"] for row in rows(client, "/toezeggingen.csv")]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "filters", ["status=open", "door=albers", "q=cijfers", "status=open&door=albers&q=cijfers"]
)
def test_filters_are_those_of_the_page(client: FlaskClient, form: str, filters: str) -> None:
    page = client.get(f"/toezeggingen?{filters}", headers={"Accept": "text/html"}).text
    paths = set(re.findall(r'<t[dh][^>]*><a href="/doc/(toezegging/[^"?]+)"', page))
    found = rows(client, f"/toezeggingen.{form}?{filters}")
    assert {str(row["iri"]).partition("/id/")[2] for row in found} == paths
    assert paths


def test_a_row_has_its_values_and_the_sentence_of_the_source(client: FlaskClient) -> None:
    (row,) = rows(client, "/toezeggingen.csv?q=Kampsingel (even nummers)")
    assert row["portfolioHolder"] == "Toon Albers"
    assert str(row["portfolioHolderIri"]).endswith("/id/persoon/gm0299/albers")
    assert row["currentStatus"] == "in behandeling"
    assert "Kampsingel, de even nummers" in str(row["quote"])
    (english,) = rows(client, "/en/toezeggingen.csv?q=Kampsingel (even nummers)")
    assert english["currentStatus"] == "in progress"


def test_what_is_unknown_can_be_asked_for(client: FlaskClient) -> None:
    found = rows(client, "/raadsvragen.json?status=unknown")
    assert found
    assert all(row["currentStatus"] is None for row in found)
    known = rows(client, "/raadsvragen.json")
    assert len(found) == len([row for row in known if row["currentStatus"] is None])


def test_a_list_that_holds_nothing_is_a_heading(client: FlaskClient) -> None:
    assert rows(client, "/toezeggingen.json?q=zzzz") == []
    assert client.get("/toezeggingen.csv?q=zzzz").text.startswith("iri,label,")


def test_the_query_of_a_list_gives_its_rows(
    client: FlaskClient, release_store: EmbeddedStore
) -> None:
    text = client.get("/toezeggingen.rq?door=albers").text
    found = [solution["thing"].value for solution in release_store.query(text)]
    assert found == [row["iri"] for row in rows(client, "/toezeggingen.csv?door=albers")]


# Addresses


def test_accept_decides_and_format_overrules_it(client: FlaskClient) -> None:
    for form, media_type in listing_data.FORMATS.items():
        response = client.get("/toezeggingen", headers={"Accept": media_type})
        assert response.mimetype == media_type
        assert "Accept" in response.vary
        other = client.get(f"/toezeggingen?format={form}", headers={"Accept": "text/html"})
        assert other.mimetype == media_type
    assert client.get("/toezeggingen", headers={"Accept": "image/png"}).status_code == 406


def test_a_page_links_to_its_data_with_the_same_filters(client: FlaskClient) -> None:
    for address in ("/toezeggingen?door=albers", "/zoekvragen/overdue-on-day?asOf=2024-02-20"):
        page = client.get(address, headers={"Accept": "text/html"}).text
        path, _, filters = address.partition("?")
        for form in ("csv", "atom", "ics"):
            assert page.count(f'href="{path}.{form}?{filters}"') == 2, form
        assert f'href="{path}.xlsx?{filters}"' in page


def test_data_has_an_entity_tag(client: FlaskClient) -> None:
    for form in [*FORMS, "atom", "ics"]:
        first = client.get(f"/toezeggingen.{form}")
        again = client.get(
            f"/toezeggingen.{form}", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert again.status_code == 304, form
        assert client.head(f"/toezeggingen.{form}").headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/toezeggingen.csv?colour=red", 400, "Allowed are: basis, currentStatus"),
        ("/toezeggingen.csv?status=kept", 400, "Allowed are: "),
        ("/toezeggingen.csv?status=open&currentStatus=open", 400, "more than once"),
        (f"/toezeggingen.csv?q={'x' * 201}", 400, "longer than 200"),
        ("/toezeggingen?format=pdf", 400, "Known are: html, csv"),
        ("/toezeggingen.pdf", 404, "There are: csv, tsv"),
        ("/toezeggingen.csv?release=99", 404, "99"),
        (
            "/toezeggingen.csv?status=open&door=albers&department=fin&topic=unknown&basis=unknown",
            400,
            "Combine 4 at most",
        ),
    ],
)
def test_what_cannot_be_done_is_said(
    client: FlaskClient, address: str, status: int, words: str
) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert words in response.json["detail"]


# Spreadsheets


def test_a_csv_has_no_text_that_is_taken_for_a_formula() -> None:
    for write in (write_csv, write_tsv):
        output = io.BytesIO()
        write(Table(["a"], [[text] for text in HOSTILE]), output)
        dialect = "excel" if write is write_csv else "excel-tab"
        lines = output.getvalue().decode()
        _, *found = csv.reader(io.StringIO(lines, newline=""), dialect=dialect)
        assert len(found) == len(HOSTILE)
        assert all(line[0].startswith("'") for line in found)


def test_numbers_and_ordinary_texts_are_left_as_they_are() -> None:
    output = io.BytesIO()
    cells = [-1, Decimal("-2.50"), date(2024, 2, 27), None, "a=b", 'say "x", then y']
    write_csv(Table(list("abcdef"), [cells]), output)
    _, found = csv.reader(io.StringIO(output.getvalue().decode(), newline=""))
    assert found == ["-1", "-2.50", "2024-02-27", "", "a=b", 'say "x", then y']


def test_an_xlsx_has_texts_numbers_and_days_and_no_formula() -> None:
    output = io.BytesIO()
    line = [*HOSTILE, 12, Decimal("0.5"), date(2024, 2, 27), 10**20, "x" * 40_000]
    headings = [str(place) for place in range(len(line))]
    write_xlsx(Table(headings, [line]), output, title="T", created=NOW)
    with zipfile.ZipFile(output) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    output.seek(0)
    _, found = CalamineWorkbook.from_filelike(output).get_sheet_by_index(0).to_python()
    assert [str(cell).strip() for cell in found[:5]] == [text.strip() for text in HOSTILE[:5]]
    assert found[7:11] == [12.0, 0.5, date(2024, 2, 27), str(10**20)]
    assert len(str(found[11])) == 32_767


# Feeds


def test_a_feed_has_what_rfc_4287_asks(client: FlaskClient) -> None:
    feed = ElementTree.fromstring(client.get("/toezeggingen.atom?door=albers").data)
    assert feed.tag == f"{{{ATOM}}}feed"
    names = [child.tag.removeprefix(f"{{{ATOM}}}") for child in feed]
    assert all(names.count(name) == 1 for name in ("id", "title", "updated", "author"))
    entries = feed.findall(f"{{{ATOM}}}entry")
    ids = [entry.findtext(f"{{{ATOM}}}id") for entry in entries]
    assert ids == [row["iri"] for row in rows(client, "/toezeggingen.csv?door=albers")]
    for entry in entries:
        assert entry.findtext(f"{{{ATOM}}}title")
        updated = datetime.fromisoformat(str(entry.findtext(f"{{{ATOM}}}updated")))
        assert updated.tzinfo is not None


def test_an_entry_was_updated_when_something_happened(client: FlaskClient) -> None:
    feed = ElementTree.fromstring(
        client.get("/toezeggingen.atom?q=beantwoording van de vragen").data
    )
    (entry,) = feed.findall(f"{{{ATOM}}}entry")
    assert entry.findtext(f"{{{ATOM}}}updated") == "2024-02-27T00:00:00+00:00"


def test_a_feed_is_xml_whatever_the_texts_hold() -> None:
    output = io.BytesIO()
    entry = Entry("urn:a", "http://x", "a\x00\x0b\ufffe<b>&", "]]>", NOW)
    feeds.write_atom(HEADING, [entry], output)
    feed = ElementTree.fromstring(output.getvalue())
    assert feed.findtext(f"{{{ATOM}}}entry/{{{ATOM}}}title") == "a\ufffd\ufffd\ufffd<b>&"


# Calendars


def test_a_calendar_has_the_deadlines_with_a_day_and_counts_the_others(client: FlaskClient) -> None:
    calendar = icalendar.Calendar.from_ical(client.get("/toezeggingen.ics").data)
    (event,) = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == date(2024, 2, 27)
    assert "uiterlijk dinsdag 27 februari" in event["description"]
    found = rows(client, "/toezeggingen.json")
    deadlines = [each for row in found for each in row["hasDeadline"]]  # type: ignore[attr-defined]
    assert calendar["x-wr-caldesc"].endswith(f": {len(deadlines) - 1}.")


def test_a_calendar_keeps_hostile_texts_in_their_place() -> None:
    output = io.BytesIO()
    day = Day("urn:a", "http://x", "a\r\nBEGIN:VEVENT\r\n;,\\" + "é" * 90, date(2024, 2, 29), "")
    feeds.write_calendar(HEADING, [day], "", output)
    assert all(len(line) <= 75 for line in output.getvalue().split(b"\r\n"))
    (event,) = icalendar.Calendar.from_ical(output.getvalue()).walk("VEVENT")
    assert "BEGIN:VEVENT" in event["summary"]


# Answers


def test_an_answer_comes_as_spreadsheet_feed_and_calendar(client: FlaskClient) -> None:
    address = "/zoekvragen/overdue-on-day"
    answer = list(csv.DictReader(client.get(f"{address}.csv").text.splitlines()))
    found = rows(client, f"{address}.xlsx")
    assert [row["matter"] for row in found] == [row["matter"] for row in answer]
    feed = ElementTree.fromstring(client.get(f"{address}.atom").data)
    ids = [each.findtext(f"{{{ATOM}}}id") for each in feed.findall(f"{{{ATOM}}}entry")]
    assert ids == list(dict.fromkeys(row["matter"] for row in answer))
    calendar = icalendar.Calendar.from_ical(client.get(f"{address}.ics").data)
    days = [event.decoded("dtstart").isoformat() for event in calendar.walk("VEVENT")]
    assert days == [row["latest"] for row in answer if row["latest"]]


def test_every_question_comes_in_every_format(client: FlaskClient) -> None:
    for name in ("totals-and-parts", "conflicting-sources", "number-of-municipalities"):
        for form in ("xlsx", "atom", "ics"):
            with client.get(f"/zoekvragen/{name}.{form}") as response:
                assert response.status_code == 200, (name, form)
