"""Tables and text from PDFs that are drawn here: with lines, without, sideways, over pages."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fpdf import FPDF

from raadgraaf.errors import InputError
from raadgraaf.loaders.pdf import Page, decoded, joined, read
from raadgraaf.loaders.tables import Table, table

SAMPLE = Path(__file__).parents[2] / "shared" / "samples" / "pdf" / "t_ruled.pdf"

HEADER = (
    "commissie",
    "Portefeuille houder",
    "afdeling",
    "Onderwerp",
    "Vraag, opmerking, toezegging",
    "antwoord",
)
ROWS = (
    (
        "Ruimte",
        "Jansen",
        "RO",
        "Evaluatie van het beleid",
        "De wethouder zegt een terugmelding toe over het aantal gehonoreerde bezwaren daartegen.",
        "Zie bijgevoegde memo.",
    ),
    (
        "Sociaal Domein",
        "De Vries",
        "MO",
        "Rondvraag",
        "Wanneer kan de raad het uitvoeringsplan 2024-2026 verwachten?",
        "Het plan komt einde Q2 naar de raad. Daarna volgt een raadsinformatiebrief daarover.",
    ),
    (
        "Middelen",
        "Bakker",
        "FIN",
        "Begroting",
        "Het college stuurt de raad een overzicht van de reserves.",
        "",
    ),
    (
        "Ruimte",
        "Jansen",
        "RO",
        "Plein",
        "De fontein wordt voor de zomer hersteld.",
        "De fontein is hersteld en werkt weer; de kosten vallen binnen de begroting van dit jaar.",
    ),
)


@dataclass
class Drawing:
    """How a table is drawn."""

    ruled: bool = True
    landscape: bool = False
    between: float = 8
    """Points between two rows."""
    repeated: bool = True
    """Whether each page has the header."""
    foot: float = 60
    """Points left free at the foot of a page."""
    closed: bool = True
    """Whether a line closes the last row."""
    title: str = ""
    widths: Sequence[float] = field(default=(52, 64, 46, 90, 140, 110))
    links: dict[str, str] = field(default_factory=dict)


def drawn(rows: Sequence[Sequence[str]], how: Drawing) -> bytes:
    """Draw a table, line by line, so that a row goes on on the next page where one is full."""
    pdf = FPDF(orientation="L" if how.landscape else "P", unit="pt", format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.set_font("Helvetica", size=8)
    scale = 1.5 if how.landscape else 1.0
    widths = [width * scale for width in how.widths]
    lefts = [40 + sum(widths[:place]) for place in range(len(widths) + 1)]
    top = y = 0.0

    def level() -> None:
        if how.ruled:
            pdf.line(lefts[0], y, lefts[-1], y)

    def end_page() -> None:
        if how.ruled:
            for left in lefts:
                pdf.line(left, top, left, y)
        pdf.text(280, pdf.h - 20, f"Pagina {pdf.page_no()} van 9")

    def begin_page() -> None:
        nonlocal top, y
        pdf.add_page()
        if how.title:
            pdf.text(40, 40, how.title)
        top = y = 60
        level()
        if how.repeated or pdf.page_no() == 1:
            line_by_line(HEADER)
            level()

    def wrapped(text: str, width: float) -> list[str]:
        return pdf.multi_cell(width - 8, 10, text, dry_run=True, output="LINES") if text else []

    def line_by_line(row: Sequence[str]) -> None:
        nonlocal y
        cells = [wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        y += how.between / 2
        for place in range(max(len(cell) for cell in cells)):
            if y + 10 > pdf.h - how.foot:
                end_page()
                begin_page()
                y += how.between / 2
            y += 10
            for left, cell in zip(lefts, cells, strict=False):
                if place < len(cell):
                    pdf.text(left + 4, y - 2, cell[place])
                    for start, address in how.links.items():
                        if cell[place].startswith(start):
                            pdf.link(left + 4, y - 9, 60, 9, address)
        y += how.between / 2

    begin_page()
    for number, row in enumerate(rows, 1):
        line_by_line(row)
        if how.closed or number < len(rows):
            level()
    end_page()
    return bytes(pdf.output())


def pages(content: bytes) -> list[Page]:
    return [decoded(each) for each in read(io.BytesIO(content), "lijst.pdf")]


def read_table(content: bytes) -> Table:
    found = table(pages(content), HEADER)
    assert found is not None
    return found


def cells(found: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in found.rows]


LAYOUTS = {
    "ruled": Drawing(),
    "ruled, landscape": Drawing(landscape=True),
    "borderless": Drawing(ruled=False),
    "borderless, landscape": Drawing(ruled=False, landscape=True),
    "borderless, rows close together": Drawing(ruled=False, between=0),
    "ruled, over pages": Drawing(foot=690),
    "borderless, over pages": Drawing(ruled=False, foot=690),
    "ruled, over pages, header once": Drawing(foot=690, repeated=False),
    "borderless, over pages, header once": Drawing(ruled=False, foot=690, repeated=False),
    "ruled, a title on each page": Drawing(
        foot=690, title="Lijst van toezeggingen gemeente Veldstad"
    ),
    "borderless, a title on each page": Drawing(
        ruled=False, foot=690, title="Lijst van toezeggingen gemeente Veldstad"
    ),
    "ruled, landscape, over pages": Drawing(landscape=True, foot=455),
    "borderless, landscape, over pages": Drawing(ruled=False, landscape=True, foot=455),
    "ruled, last row without a line below": Drawing(closed=False),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_cell_is_read_whole_in_every_layout(layout: str) -> None:
    found = read_table(drawn(ROWS, LAYOUTS[layout]))
    assert found.header == HEADER
    assert cells(found) == list(ROWS)
    assert found.findings == ()


@pytest.mark.parametrize("between", [0, 4, 8, 20, 60])
@pytest.mark.parametrize("blank", [False, True])
def test_rows_of_one_line_are_told_apart_without_lines(between: int, blank: bool) -> None:
    rows = [
        (
            "Ruimte",
            "Jansen",
            "RO",
            f"Plein {number}",
            "Zegt iets toe.",
            "" if blank and number % 2 else "Ja.",
        )
        for number in range(8)
    ]
    found = read_table(drawn(rows, Drawing(ruled=False, between=between)))
    assert cells(found) == rows


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize("foot", [600, 660, 680])
def test_a_row_is_whole_wherever_the_page_breaks(foot: int, ruled: bool) -> None:
    found = read_table(drawn(ROWS, Drawing(ruled=ruled, foot=foot)))
    assert cells(found) == list(ROWS)


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize("foot", [50, 80, 110])
def test_a_row_that_breaks_off_is_a_finding_and_the_others_are_kept(foot: int, ruled: bool) -> None:
    row = (*ROWS[0][:4], "De wethouder komt terug op " + "een van de vragen " * 12 + ".", "Ja.")
    whole = [(*row[:3], str(number), *row[4:]) for number in range(30)]
    found = table(pages(drawn(whole, Drawing(ruled=ruled, foot=foot)))[:1], HEADER)
    assert found is not None
    assert cells(found) == whole[: len(found.rows)]
    for finding in found.findings:
        assert (finding.page, finding.row, finding.code) == (1, len(found.rows) + 1, "open-row")
        assert "page 1" in finding.reason
        assert f"RO | {len(found.rows)} | De wethouder komt" in finding.text
    printed = drawn(whole[: len(found.rows)], Drawing(ruled=ruled, foot=foot))
    begun = pages(drawn(whole, Drawing(ruled=ruled, foot=foot)))[0].words
    assert (len(begun) > len(pages(printed)[0].words)) == bool(found.findings)


def test_the_end_of_a_row_without_its_beginning_is_a_finding() -> None:
    whole = pages(drawn(ROWS, Drawing(ruled=False, foot=720)))
    found = table(whole[1:], HEADER)
    assert found is not None
    assert found.findings[0].code == "row-without-beginning"
    assert found.findings[0].page == 2
    assert cells(found) == list(ROWS[1:])


def test_a_header_that_is_repeated_on_a_page_begins_no_row() -> None:
    found = read_table(drawn([*ROWS[:2], HEADER, *ROWS[2:]], Drawing()))
    assert cells(found) == list(ROWS)


def test_a_link_over_two_lines_belongs_to_its_row_once() -> None:
    address = "https://portal.example.org/ListEntry/View/553bd0af-92f7"
    row = (*ROWS[0][:4], "Zie het antwoord (ibabs ID: 23-878) dat daarbij hoort.", "Ja.")
    links = {"Zie het": address, "dat daarbij": address}
    found = read_table(drawn([ROWS[2], row, ROWS[3]], Drawing(links=links)))
    assert [each.links for each in found.rows] == [(), (address,), ()]


def test_text_below_the_table_is_a_finding_and_no_cell() -> None:
    memo = FPDF(unit="pt", format="A4")
    memo.add_page()
    memo.set_font("Helvetica", size=11)
    memo.multi_cell(0, 14, "De commissie heeft het antwoord op deze vraag besproken. " * 20)
    own = pages(bytes(memo.output()))[0]
    list_page = pages(drawn(ROWS, Drawing()))[0]
    following = Page(2, own.height, own.words)
    found = table([list_page, following], HEADER)
    assert found is not None
    assert cells(found) == list(ROWS)
    (finding,) = found.findings
    assert (finding.page, finding.code) == (2, "outside-table")
    assert finding.text.startswith("De commissie heeft")


def test_a_page_without_text_is_a_finding() -> None:
    pdf = FPDF(unit="pt", format="A4")
    pdf.add_page()
    pdf.rect(100, 100, 200, 200, style="F")
    (scan,) = pages(bytes(pdf.output()))
    assert scan.problem == "no-text-layer"
    found = table(
        [pages(drawn(ROWS, Drawing()))[0], Page(2, 842, (), problem=scan.problem)], HEADER
    )
    assert found is not None
    assert [(each.page, each.code) for each in found.findings] == [(2, "no-text-layer")]
    assert cells(found) == list(ROWS)


def test_a_page_that_lies_on_its_side_is_a_finding() -> None:
    pdf = FPDF(unit="pt", format="A4")
    pdf.add_page()
    pdf.set_font("Helvetica", size=8)
    with pdf.rotation(90, 300, 400):
        for place in range(20):
            pdf.text(200, 300 + place * 10, "De tekst van deze pagina loopt van onder naar boven")
    (page,) = pages(bytes(pdf.output()))
    assert page.problem == "rotated-text"


def test_an_empty_page_is_none() -> None:
    pdf = FPDF()
    pdf.add_page()
    (page,) = pages(bytes(pdf.output()))
    assert page.problem is None
    assert page.words == ()


def test_a_text_without_a_known_header_has_no_table() -> None:
    assert table(pages(drawn(ROWS, Drawing())), ["iets", "heel", "anders"]) is None


def test_an_encrypted_document_is_refused_with_what_to_do() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_encryption(owner_password="eigenaar", user_password="lezer")  # noqa: S106
    with pytest.raises(InputError, match=r"lijst\.pdf is encrypted.*without one"):
        pages(bytes(pdf.output()))


@pytest.mark.parametrize("kept", [9, 200, 900])
def test_a_damaged_document_is_refused(kept: int) -> None:
    with pytest.raises(InputError, match=r"lijst\.pdf cannot be read"):
        pages(drawn(ROWS, Drawing())[:kept])


@pytest.mark.parametrize(
    ("texts", "whole"),
    [
        (["rechts-", "bescherming"], "rechtsbescherming"),
        (["2023-", "2026. De"], "2023-2026. De"),
        (["Arnhem-", "Achterhoek"], "Arnhem-Achterhoek"),
        (["zorg-", "en jeugd"], "zorg- en jeugd"),
        (["in april -", "of mei"], "in april - of mei"),
        (["zie https://a.example/b/", "c?d=1 voor"], "zie https://a.example/b/c?d=1 voor"),
        (["zie https://a.example/b", "voor meer"], "zie https://a.example/b voor meer"),
        (["", "een", "", "twee"], "een twee"),
    ],
)
def test_lines_become_one_text(texts: list[str], whole: str) -> None:
    assert joined(texts) == whole


def test_a_link_that_is_known_is_joined_wherever_it_breaks() -> None:
    address = "https://a.example/besluit"
    assert joined(["zie https://a.example/bes", "luit nu"], [address]) == f"zie {address} nu"


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample documents are not here")
def test_the_sample_list_has_42_cells() -> None:
    found = table(pages(SAMPLE.read_bytes()), HEADER)
    assert found is not None
    assert found.findings == ()
    assert [len(row.cells) for row in found.rows] == [6] * 7
