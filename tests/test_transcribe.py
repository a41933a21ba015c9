"""Drafts of transcriptions: from a text or PDF to what a person finishes and load accepts."""

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fpdf import FPDF
from pdf_bomb import bomb
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from raadgraaf.cli import main
from raadgraaf.loaders.draft import Line, blocks, of_text
from raadgraaf.loaders.transcription import passages
from raadgraaf.namespaces import RDF_TYPE, iri

TEXT = """\
Memo
Onderwerp: fontein

De wethouder zegt toe dat de fontein voor de zomer wordt her-
steld. Vragen: jan@veldstad.example of 06-00000000.

Afgedaan.
"""
SEED = next((Path(__file__).parents[2] / "shared" / "seed").glob("*.txt"), None)


def transcribe(file: Path, folder: Path, *options: str) -> Result:
    arguments = ["transcribe", str(file), str(folder), "--home", str(folder / "home"), *options]
    return CliRunner().invoke(main, arguments)


def load(folder: Path, file: Path) -> Result:
    arguments = ["load", str(file), "--no-owl", "--home", str(folder / "home")]
    return CliRunner().invoke(main, arguments)


def triples(file: Path) -> list[Triple]:
    return [quad.triple for quad in parse(file.read_bytes(), format=RdfFormat.TURTLE)]


def drafted(tmp_path: Path, text: str = TEXT) -> Path:
    (tmp_path / "Memo fontein.txt").write_text(text)
    result = transcribe(tmp_path / "Memo fontein.txt", tmp_path / "draft", "--title", "Memo")
    assert result.exit_code == 0, result.output
    return tmp_path / "draft" / "memo-fontein.ttl"


def test_a_text_becomes_its_masked_lines_and_a_passage_for_each_paragraph(tmp_path: Path) -> None:
    file = drafted(tmp_path)
    lines = (file.parent / "source.txt").read_text().split("\n")
    assert len(lines) == len(TEXT.split("\n"))
    assert lines[4] == "steld. Vragen: [e-mailadres] of [telefoonnummer]."
    found = {passage.ranges[0]: passage.quote for passage in passages(triples(file))}
    assert found == {
        (1, 2): "Memo Onderwerp: fontein",
        (4, 5): (
            "De wethouder zegt toe dat de fontein voor de zomer wordt her- "
            "steld. Vragen: [e-mailadres] of [telefoonnummer]."
        ),
        (7, 7): "Afgedaan.",
    }


def test_the_document_has_the_digest_of_the_masked_text(tmp_path: Path) -> None:
    file = drafted(tmp_path)
    digest = hashlib.sha256((file.parent / "source.txt").read_bytes()).hexdigest()
    (document,) = (t.subject for t in triples(file) if t.predicate == iri("rg:sha256"))
    assert Triple(document, iri("rg:sha256"), Literal(digest)) in triples(file)
    assert document == NamedNode(
        "https://data.example.org/raadgraaf/id/document/gm0299/memo-fontein"
    )


def test_only_a_passage_with_something_masked_is_redacted(tmp_path: Path) -> None:
    redacted = [t.subject.value for t in triples(drafted(tmp_path)) if "redacted" in str(t)]
    assert [each.rpartition("/")[2] for each in redacted] == ["4-5"]


def test_load_refuses_a_draft_until_its_mark_is_taken_off(tmp_path: Path) -> None:
    file = drafted(tmp_path)
    refused = load(tmp_path, file)
    assert refused.exit_code == 2
    assert "is a draft" in " ".join(refused.stderr.split())
    marked = file.read_text()
    assert marked.count("adms:status") == 1
    line = next(line for line in marked.split("\n") if "adms:status" in line)
    file.write_text(marked.replace(line, "", 1))
    accepted = load(tmp_path, file)
    assert accepted.exit_code in {0, 1}, accepted.output


def test_a_draft_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    file = drafted(tmp_path)
    before = file.read_bytes()
    again = transcribe(tmp_path / "Memo fontein.txt", file.parent)
    assert again.exit_code == 2
    assert "exists already" in " ".join(again.stderr.split())
    assert file.read_bytes() == before


def test_a_pdf_becomes_lines_with_pages_and_headings(tmp_path: Path) -> None:
    pdf = FPDF(unit="pt", format="A4")
    for chapter in ("1. Inleiding", "2. Aanpak"):
        pdf.add_page()
        pdf.set_font("Helvetica", style="B", size=14)
        pdf.text(60, 80, chapter)
        pdf.set_font("Helvetica", size=10)
        for place, text in enumerate(
            ("De gemeente werkt aan een", "uitvoeringsplan.", "Dat komt.")
        ):
            pdf.text(60, 110 + place * 14 + (20 if place == 2 else 0), text)
    (tmp_path / "visie.pdf").write_bytes(bytes(pdf.output()))
    result = transcribe(tmp_path / "visie.pdf", tmp_path / "draft")
    assert result.exit_code == 0, result.output
    found = triples(tmp_path / "draft" / "visie.ttl")
    of = {t.subject for t in found if t.predicate == RDF_TYPE and t.object == iri("rg:Passage")}
    said = {
        tuple(
            next(t.object.value for t in found if t.subject == each and t.predicate == iri(name))  # type: ignore[union-attr]
            for name in ("rdfs:label", "rg:pageNumber", "rg:quote")
        )
        for each in of
    }
    assert said == {
        ("1. Inleiding, regel 1", "1", "1. Inleiding"),
        ("1. Inleiding, regels 3-4", "1", "De gemeente werkt aan een uitvoeringsplan."),
        ("1. Inleiding, regel 6", "1", "Dat komt."),
        ("2. Aanpak, regel 8", "2", "2. Aanpak"),
        ("2. Aanpak, regels 10-11", "2", "De gemeente werkt aan een uitvoeringsplan."),
        ("2. Aanpak, regel 13", "2", "Dat komt."),
    }


def picture(pdf: FPDF) -> None:
    pdf.add_page()
    pdf.rect(100, 100, 200, 200, style="F")


def test_a_page_without_text_is_named_and_the_others_are_drafted(tmp_path: Path) -> None:
    pdf = FPDF(unit="pt")
    pdf.add_page()
    pdf.set_font("Helvetica", size=10)
    pdf.text(60, 80, "De gemeente werkt aan een plan.")
    picture(pdf)
    (tmp_path / "visie.pdf").write_bytes(bytes(pdf.output()))
    result = transcribe(tmp_path / "visie.pdf", tmp_path / "draft")
    assert result.exit_code == 1
    assert "Page 2" in result.output


def test_a_scan_is_refused(tmp_path: Path) -> None:
    pdf = FPDF(unit="pt")
    picture(pdf)
    (tmp_path / "scan.pdf").write_bytes(bytes(pdf.output()))
    result = transcribe(tmp_path / "scan.pdf", tmp_path / "draft")
    assert result.exit_code == 2
    assert "OCR" in result.stderr


def test_what_is_neither_pdf_nor_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "foto.jpg").write_bytes(b"\xff\xd8\xff")
    result = transcribe(tmp_path / "foto.jpg", tmp_path / "draft")
    assert result.exit_code == 2
    assert "neither a PDF nor text in UTF-8 (byte 0)" in " ".join(result.stderr.split())


def test_a_form_feed_begins_a_page() -> None:
    assert of_text("een\n\ftwee\n") == [Line("een", 1), Line("twee", 2)]


def test_a_long_block_is_divided_into_passages_that_the_shapes_accept() -> None:
    found = list(blocks([Line("x")] * 200))
    assert [(each.first, each.last) for each in found] == [(1, 90), (91, 180), (181, 200)]


@pytest.mark.skipif(SEED is None, reason="the text of the seed is not here")
def test_every_line_of_the_seed_lies_in_a_passage(tmp_path: Path) -> None:
    assert SEED is not None
    text = SEED.read_text()
    file = drafted(tmp_path, text)
    kept = (file.parent / "source.txt").read_text().split("\n")
    assert len(kept) == len(text.removesuffix("\n").split("\n")) + 1
    covered = {
        number
        for passage in passages(triples(file))
        for first, last in passage.ranges
        for number in range(first, last + 1)
    }
    assert covered >= {number for number, line in enumerate(kept, 1) if line.strip()}


@pytest.mark.slow
def test_a_page_that_unpacks_to_gigabytes_is_refused_within_the_limits(tmp_path: Path) -> None:
    (tmp_path / "bom.pdf").write_bytes(bomb(1500))
    result = transcribe(tmp_path / "bom.pdf", tmp_path / "draft")
    assert result.exit_code == 2
    assert "MiB of memory" in " ".join(result.stderr.split())
