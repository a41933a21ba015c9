"""Registers in PDFs and in saved responses of iBabs, from the command to what can be asked."""

import csv
import re
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fpdf import FPDF
from pdf_bomb import bomb

from raadgraaf.cli import main

SAMPLE = Path(__file__).parents[2] / "shared" / "samples" / "pdf" / "t_ruled.pdf"
IBABS = Path(__file__).parent / "ibabs"
PRINTED = """
PREFIX rg: <https://w3id.org/raadgraaf/def#>
SELECT ?committee ?holder ?department ?subject ?text ?response ?page WHERE {
  ?entry a rg:RegisterEntry ; rg:rowNumber ?row ; rg:statedIn ?passage ;
    rg:printedCommittee ?committee ; rg:printedPortfolioHolder ?holder ;
    rg:printedDepartment ?department ; rg:printedSubject ?subject ; rg:text ?text .
  OPTIONAL { ?entry rg:printedResponse ?response }
  OPTIONAL { ?passage rg:pageNumber ?page }
} ORDER BY ?row
"""
CELLS = """
PREFIX rg: <https://w3id.org/raadgraaf/def#>
SELECT ?committee ?holder ?department ?subject ?text ?response WHERE {
  ?entry a rg:RegisterEntry ; rg:rowNumber ?row ; rg:text ?text ;
    rg:printedCommittee ?committee ; rg:printedPortfolioHolder ?holder ;
    rg:printedDepartment ?department ; rg:printedSubject ?subject ; rg:printedResponse ?response .
} ORDER BY ?row
"""
HEADER = (
    "commissie",
    "Portefeuille houder",
    "afdeling",
    "Onderwerp",
    "Vraag, opmerking, toezegging",
    "antwoord",
)
ROWS = (
    ("Ruimte", "Jansen", "RO", "Plein", "De fontein wordt hersteld; bel 06-00000000.", "Ja."),
    ("Middelen", "De Vries", "FIN", "Begroting", "Het college stuurt een overzicht.", "Gestuurd."),
)


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--home", str(home)])


def load(home: Path, *sources: Path) -> Result:
    return run(home, "load", "--no-owl", *map(str, sources))


def asked(home: Path, query: str) -> list[dict[str, str]]:
    file = home / "vraag.rq"
    file.write_text(query)
    result = run(home, "query", "--format", "csv", str(file))
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(StringIO(result.output)))


def quarantined(home: Path) -> list[tuple[str, str]]:
    with (home / "quarantine.csv").open(newline="") as stream:
        return [(row["place"], row["code"]) for row in csv.DictReader(stream)]


def drawn(
    path: Path,
    rows: tuple[tuple[str, ...], ...] = ROWS,
    last: str = "",
    header: tuple[str, ...] = HEADER,
) -> Path:
    """Draw a table without lines; `last` is a row that reaches the foot of the page, cut off."""
    pdf = FPDF(unit="pt", format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.add_page()
    pdf.set_font("Helvetica", size=6)
    lefts = (40, 90, 150, 195, 260, 440)
    for place, row in enumerate([header, *rows]):
        for left, cell in zip(lefts, row, strict=True):
            pdf.text(left, 60 + place * 25, cell)
    if last:
        for place, line in enumerate(["De wethouder zegt toe dat hij", last]):
            for left, cell in zip(lefts, ("Ruimte", "Jansen", "RO", "Weg", line, ""), strict=True):
                if place == 0 or cell == line:
                    pdf.text(left, 790 + place * 8, cell)
    path.write_bytes(bytes(pdf.output()))
    return path


def test_the_rows_of_a_pdf_are_loaded_masked_with_their_pages(tmp_path: Path) -> None:
    result = load(tmp_path, drawn(tmp_path / "lijst.pdf"))
    assert result.exit_code in {0, 1}, result.output
    found = [tuple(row.values()) for row in asked(tmp_path, PRINTED)]
    first = (*ROWS[0][:4], "De fontein wordt hersteld; bel [telefoonnummer].", "Ja.", "1")
    assert found == [first, (*ROWS[1], "1")]


def test_a_header_whose_words_name_columns_of_their_own_is_one_column(tmp_path: Path) -> None:
    header = tuple(name.replace("Portefeuille houder", "Portefeuillehouder") for name in HEADER)
    assert load(tmp_path, drawn(tmp_path / "lijst.pdf", header=header)).exit_code in {0, 1}
    assert [row["text"] for row in asked(tmp_path, PRINTED)] == [
        "De fontein wordt hersteld; bel [telefoonnummer].",
        "Het college stuurt een overzicht.",
    ]


def test_a_row_that_breaks_off_goes_to_the_quarantine_with_its_page(tmp_path: Path) -> None:
    result = load(tmp_path, drawn(tmp_path / "lijst.pdf", last="de weg laat"))
    assert result.exit_code == 1, result.output
    assert quarantined(tmp_path) == [("page 1", "open-row")]
    assert len(asked(tmp_path, PRINTED)) == 2


def test_a_pdf_without_a_known_table_is_a_finding_that_names_transcribe(tmp_path: Path) -> None:
    pdf = FPDF(unit="pt")
    pdf.add_page()
    pdf.set_font("Helvetica", size=10)
    pdf.text(60, 80, "De gemeente werkt aan een plan.")
    (tmp_path / "memo.pdf").write_bytes(bytes(pdf.output()))
    result = load(tmp_path, drawn(tmp_path / "lijst.pdf"), tmp_path / "memo.pdf")
    assert result.exit_code == 1, result.output
    assert quarantined(tmp_path) == [("", "no-table")]
    assert "raadgraaf transcribe" in (tmp_path / "quarantine.csv").read_text()
    assert len(asked(tmp_path, PRINTED)) == 2


@pytest.mark.slow
def test_a_page_that_unpacks_to_gigabytes_is_refused_within_the_limits(tmp_path: Path) -> None:
    (tmp_path / "bom.pdf").write_bytes(bomb(1500))
    result = load(tmp_path, tmp_path / "bom.pdf")
    assert result.exit_code == 2
    assert "MiB of memory" in " ".join(result.stderr.split())


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample documents are not here")
def test_the_sample_list_gives_42_of_42_cells(tmp_path: Path) -> None:
    assert load(tmp_path / "pdf", SAMPLE).exit_code in {0, 1}
    by_hand = load(tmp_path / "hand")
    assert by_hand.exit_code in {0, 1}, by_hand.output
    cells = [list(row.values()) for row in asked(tmp_path / "pdf", CELLS)]
    expected = [list(row.values()) for row in asked(tmp_path / "hand", CELLS)]
    assert sum(len(row) for row in expected) == 42
    assert [[squeezed(cell) for cell in row] for row in cells] == [
        [squeezed(cell) for cell in row] for row in expected
    ]


@pytest.mark.slow
@pytest.mark.skipif(not SAMPLE.exists(), reason="the samples are not here")
def test_the_sample_list_has_its_two_questions_and_five_commitments(tmp_path: Path) -> None:
    assert load(tmp_path / "pdf", SAMPLE).exit_code in {0, 1}
    assert [row["row"] for row in asked(tmp_path / "pdf", QUESTIONS)] == ["1", "7"]
    assert [row["row"] for row in asked(tmp_path / "pdf", PROMISES)] == ["2", "3", "4", "5", "6"]


QUESTIONS = """
PREFIX rg: <https://w3id.org/raadgraaf/def#>
SELECT ?row WHERE { ?e rg:records/a rg:Question ; rg:rowNumber ?row } ORDER BY ?row
"""
PROMISES = QUESTIONS.replace("rg:Question", "rg:Commitment")


def squeezed(cell: str) -> str:
    return re.sub(r"[\s-]", "", cell)


COMMITMENTS = """
PREFIX rg: <https://w3id.org/raadgraaf/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX adms: <http://www.w3.org/ns/adms#>
SELECT ?key ?text ?deadline WHERE {
  ?commitment a rg:Commitment ; rg:text ?text ; adms:identifier/skos:notation ?key .
  OPTIONAL { ?commitment rg:hasDeadline/rg:latest ?deadline }
} ORDER BY ?key
"""
FIRST, SECOND = (f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in (1, 2))


def test_the_saved_list_of_ibabs_becomes_commitments_named_by_their_guids(tmp_path: Path) -> None:
    result = load(tmp_path, IBABS)
    assert result.exit_code in {0, 1}, result.output
    assert asked(tmp_path, COMMITMENTS) == [
        {
            "key": FIRST,
            "text": "De wethouder zegt toe dat de fontein\nvoor de zomer wordt hersteld.",
            "deadline": "2024-06-01",
        },
        {
            "key": SECOND,
            "text": "De wethouder komt terug op het fietspad.",
            "deadline": "2024-06-01",
        },
    ]


def test_an_entry_without_its_response_is_reported_and_the_others_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    for name in ("entries.xml", f"entry-{FIRST}.xml"):
        (folder / name).write_bytes((IBABS / name).read_bytes())
    result = load(tmp_path, folder)
    assert result.exit_code == 1, result.output
    assert ("", "entry-without-fields") in quarantined(tmp_path)
    assert [row["key"] for row in asked(tmp_path, COMMITMENTS)] == [FIRST]


def test_an_entry_alone_is_a_register_of_one(tmp_path: Path) -> None:
    alone = tmp_path / f"entry-{FIRST}.xml"
    alone.write_bytes((IBABS / alone.name).read_bytes())
    assert load(tmp_path, alone).exit_code in {0, 1}
    assert [row["key"] for row in asked(tmp_path, COMMITMENTS)] == [FIRST]
