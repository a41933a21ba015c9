"""Registers: the rows that become graphs, and what is wrong with those that do not."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, serialize

from raadgraaf import loaders, transaction
from raadgraaf.config import MEBIBYTE, PLACEHOLDER_BASE, Settings
from raadgraaf.errors import InputError
from raadgraaf.loaders.base import Context, Limits, Rejected
from raadgraaf.store import EmbeddedStore

FILES = Path(__file__).parent / "loaders" / "register"
SAMPLES = Path(__file__).parents[1].parent / "shared" / "samples" / "ibabs-register"
PREFIXES = """\
PREFIX adms: <http://www.w3.org/ns/adms#>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX rg: <https://w3id.org/raadgraaf/def#>
PREFIX rgt: <https://w3id.org/raadgraaf/thes/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
LOADABLE = sorted(
    path.name for path in FILES.iterdir() if path.name not in {"kapot.json", "zonder-tekst.csv"}
)


@dataclass
class Read:
    """What became of a register."""

    store: EmbeddedStore
    rejected: list[Rejected]

    def codes(self) -> list[tuple[int, str]]:
        return [(each.row, each.code) for each in self.rejected]

    def rows(self, pattern: str, *names: str) -> list[tuple[str, ...]]:
        variables = " ".join(f"?{name}" for name in names)
        text = f"{PREFIXES} SELECT {variables} WHERE {{ {pattern} }} ORDER BY {variables}"
        return [
            tuple("" if row[name] is None else row[name].value for name in names)
            for row in self.store.query(text)
        ]

    def values(self, pattern: str) -> list[str]:
        return [value for (value,) in self.rows(pattern, "value")]


def read(path: Path, limits: Limits = Limits(), mapping: Path | None = None) -> Read:  # noqa: B008
    rejected: list[Rejected] = []
    context = Context(PLACEHOLDER_BASE, "gm9999", mapping, rejected.append, limits)
    (content,) = loaders.contents(loaders.sources([path]), context, "register")
    data = serialize(content.triples, format=RdfFormat.N_TRIPLES) or b""
    return Read(EmbeddedStore.of_triples(data), rejected)


def file(name: str) -> Read:
    return read(FILES / name)


TEXTS = "?m a rg:Commitment ; rg:text ?value"


@pytest.mark.parametrize("name", LOADABLE)
def test_a_register_loads_into_an_empty_home_and_meets_the_shapes(
    name: str, tmp_path: Path
) -> None:
    context = Context(PLACEHOLDER_BASE, "gm9999")
    contents = loaders.contents(loaders.sources([FILES / name]), context)
    settings = Settings(home=tmp_path)
    checks = transaction.check(settings, contents, reason=False)
    assert contents[0].loader == "register"
    assert [
        each.message("en") for each in checks.report.findings if each.severity == "Violation"
    ] == []


def test_a_row_becomes_a_commitment_with_its_register_entry_and_its_words() -> None:
    found = file("goed.csv")
    assert found.codes() == []
    assert found.values(TEXTS) == [
        "Het fietspad komt er.",
        "Het fietspad komt er.",
        'Het plein; met "bomen"\nwordt ingericht.',
    ]
    assert found.rows(
        "?e rg:records ?m ; rg:printedPortfolioHolder ?printed . ?m rg:portfolioHolder ?h . "
        "?m adms:identifier/skos:notation 'T-2' . ?h foaf:name ?name",
        "printed",
        "name",
    ) == [("wethouder Financiën", "wethouder Financiën")]


def test_every_resource_of_a_row_rests_on_the_quote_of_the_row() -> None:
    found = file("goed.csv")
    quote = found.values("?m adms:identifier/skos:notation 'T-3' ; rg:statedIn/rg:quote ?value")
    assert "Datum afgedaan: 01-12-2026" in quote[0]
    assert (
        found.values(
            "?value rg:basis ?b MINUS { ?value rg:statedIn ?p } "
            "MINUS { ?value a rg:CommitmentRegister }"
        )
        == []
    )


def test_the_committee_of_a_period_is_the_committee() -> None:
    found = file("goed.csv")
    assert found.values("[] rg:raisedBefore ?b . ?b foaf:name ?value") == [
        *["commissie Ruimte"] * 3,
        "raad",
    ]
    assert "commissie Ruimte (2022-2026)" in found.values("[] rg:printedCommittee ?value")


def test_a_list_of_all_kinds_is_told_apart_by_its_words_and_says_by_which() -> None:
    found = file("gemengd.csv")
    assert found.codes() == [(5, "kind-not-told"), (6, "unknown-kind")]
    assert found.rows("?e rg:records/a ?kind ; rg:rowNumber ?row", "row", "kind") == [
        (row, f"https://w3id.org/raadgraaf/def#{kind}")
        for row, kind in [
            ("2", "Question"),
            ("3", "Commitment"),
            ("4", "Question"),
            ("5", "Matter"),
            ("6", "Commitment"),
            ("7", "Question"),
        ]
    ]
    grounds = "?m rg:rationale ?value ; rg:basis rgt:basis-inferred ; rg:text ?text"
    assert [each.split("\u2018")[1].split("\u2019")[0] for each in found.values(grounds)] == [
        "?",
        "deze vraag",
        "stuurt",
        "zegt toe",
    ]


def test_a_heading_tells_the_kind_of_all_rows(tmp_path: Path) -> None:
    path = tmp_path / "vragen.csv"
    path.write_text("Portefeuillehouder;Vraag;Antwoord\nVan Dam;Komt er een brug;Ja.\n")
    assert read(path).values("?m a rg:Question ; rg:text ?value") == ["Komt er een brug"]


def test_a_motion_is_a_matter_but_no_commitment() -> None:
    found = file("goed.csv")
    kinds = "?m adms:identifier/skos:notation 'M-1' ; a ?value"
    assert found.values(kinds) == ["https://w3id.org/raadgraaf/def#Matter"]


def test_the_steps_of_a_row_become_dated_events_in_their_order() -> None:
    events = (
        "?e rg:statusOf/adms:identifier/skos:notation 'T-4' ; rg:sequence ?n ; rg:toStatus ?s . "
        "OPTIONAL { ?e rg:eventDate ?on }"
    )
    thes = "https://w3id.org/raadgraaf/thes/status-"
    assert [
        (n, s.removeprefix(thes), on)
        for n, s, on in file("status.csv").rows(events, "n", "s", "on")
    ] == [
        ("1", "open", "2026-10-08"),
        ("2", "in-progress", "2026-11-01"),
        ("3", "open", "2026-11-05"),
        ("4", "in-progress", "2026-12-01"),
        ("5", "fulfilled", "2026-12-02"),
    ]


def test_promiser_holder_and_executing_department_are_kept_apart() -> None:
    assert file("komma.csv").rows(
        "?m rg:madeBy/foaf:name ?by ; rg:portfolioHolder/foaf:name ?holder ; "
        "rg:department/foaf:name ?department",
        "by",
        "holder",
        "department",
    ) == [("wethouder Financiën", "wethouder Ruimte", "Wegen")]


def test_a_missing_required_column_is_refused_with_the_headers_and_the_nearest_one() -> None:
    with pytest.raises(InputError) as refused:
        file("zonder-tekst.csv")
    assert "Kenmerk, Deadline, Afgedaan, Omschrijvng" in str(refused.value)
    assert "is 'Omschrijvng' meant to be 'Omschrijving'?" in str(refused.value)


def test_an_unknown_column_is_reported_and_its_cells_stay_in_the_quotes() -> None:
    found = file("onbekende-kolom.csv")
    assert [(each.column, each.code) for each in found.rejected] == [("Kleur", "unknown-column")]
    assert "Kleur: geheim" in found.values("?p rg:quote ?value")[0]


def test_rows_of_too_few_or_too_many_fields_are_set_aside() -> None:
    found = file("velden.csv")
    assert sorted(set(found.codes())) == [
        (3, "field-count"), (3, "required-value"), (4, "field-count"),
    ]  # fmt: skip
    assert len(found.values(TEXTS)) == 1


def test_dates_that_are_impossible_or_in_another_format_are_set_aside() -> None:
    found = file("datums.csv")
    assert found.codes() == [
        (2, "impossible-date"),
        (3, "impossible-date"),
        (5, "unknown-date-format"),
        (6, "impossible-date"),
        (7, "date-out-of-range"),
    ]
    assert found.values("?m adms:identifier/skos:notation ?value") == ["T-3", "T-7"]
    assert found.values("[] rg:meetingDate ?value") == ["2026-10-08"]


def test_equal_duplicates_are_one_resource_and_differing_ones_are_set_aside() -> None:
    found = file("dubbel.csv")
    assert found.codes() == [(row, "differing-duplicate") for row in (4, 5, 6)]
    assert found.values("?m adms:identifier/skos:notation ?value") == ["T-1", "T-3"]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("cp1252.tsv", "Eén café \u2013 “nu”"),
        ("mojibake.csv", "Eén café"),
        ("nul.csv", "Fietspad"),
        ("utf16.tsv", "Eén café"),
    ],
)
def test_encodings_are_understood(name: str, title: str) -> None:
    assert file(name).values("?m a rg:Commitment ; rdfs:label ?value") == [title]


def test_a_sign_is_no_holder_and_an_unknown_one_is_kept_as_printed() -> None:
    found = file("namen.csv")
    assert found.values("[] rg:printedPortfolioHolder ?value") == [".", "wethouder Onbekend"]
    assert found.values("?h a rg:OfficeHolder ; foaf:name ?value") == ["wethouder Onbekend"]
    assert "werkgroep Nieuw" in found.values("?b a rg:GoverningBody ; foaf:name ?value")


def test_vague_times_keep_their_words_and_get_no_invented_date() -> None:
    found = file("vaag.csv")
    pattern = (
        "?m rg:hasDeadline ?d . ?d rg:expression ?words . OPTIONAL { ?d rg:edtf ?edtf } "
        "OPTIONAL { ?d rg:earliest ?first ; rg:latest ?last }"
    )
    assert found.rows(pattern, "words", "edtf", "first", "last") == [
        ("2027", "2027", "2027-01-01", "2027-12-31"),
        ("2e kwartaal 2027", "2027-34", "2027-04-01", "2027-06-30"),
        ("3 maart 2027", "2027-03-03", "2027-03-03", "2027-03-03"),
        ("Q2 2027", "2027-34", "2027-04-01", "2027-06-30"),
        ("maart 2027", "2027-03", "2027-03-01", "2027-03-31"),
        ("voor de komende raadsvergadering", "", "", ""),
        ("z.s.m.", "", "", ""),
    ]
    assert found.codes() == [(7, "impossible-date")]


def test_what_is_no_web_address_stays_text() -> None:
    found = file("adressen.csv")
    assert found.values("[] foaf:page ?value") == []
    assert found.codes() == [(row, "not-a-web-address") for row in (2, 3, 4, 5)]
    assert any("javascript:alert(1)" in quote for quote in found.values("[] rg:quote ?value"))


def test_personal_data_is_masked_wherever_it_stands() -> None:
    found = file("persoonlijk.csv")
    assert found.values(TEXTS) == ["Bel [telefoonnummer] of mail [e-mailadres]."]
    (quote,) = found.values("[] rg:quote ?value ; rg:redacted true")
    assert "Behandelend ambtenaar: [naam]" in quote
    assert "Voorbeeld" not in quote


def test_rows_without_a_number_are_told_apart_by_what_they_say() -> None:
    found = file("leeg.csv")
    assert found.values(TEXTS) == ["Zonder nummer."]
    assert {code for _, code in found.codes()} == {"required-value"}


def test_words_that_the_mapping_does_not_know_are_reported_and_the_row_is_kept() -> None:
    found = file("status.csv")
    assert found.codes() == [
        (2, "unknown-settled"), (3, "unknown-kind"), (4, "settled-before-raised"),
    ]  # fmt: skip
    assert len(found.values(TEXTS)) == 4


def test_a_workbook_has_its_headers_anywhere_and_its_merged_cells_filled() -> None:
    found = file("werkmap.xlsx")
    assert found.rows("?m rg:raisedBefore/foaf:name ?b ; rg:text ?t", "t", "b") == [
        ("Fietspad", "commissie Ruimte"),
        ("Plein", "commissie Ruimte"),
    ]
    assert found.values("[] rg:meetingDate ?value") == ["2026-10-08"]
    assert "2023-11-01" in found.values("[] rg:latest ?value")
    assert found.codes() == [(6, "formula-error"), (6, "unknown-date-format")]


def test_an_unknown_date_of_the_tweede_kamer_is_none_and_relations_are_kept() -> None:
    found = file("tweede-kamer.json")
    assert found.codes() == []
    assert found.rows(
        "?a rg:repeats ?b . ?a rg:text ?later . ?b rg:text ?earlier", "later", "earlier"
    ) == [("De minister stuurt de brief alsnog.", "De minister stuurt een brief.")]
    of_matters = "?x a rg:Mention ; rg:text ?value FILTER(STRSTARTS(?value, 'tz'))"
    assert found.values(f"{of_matters} MINUS {{ ?x rg:refersTo ?y }}") == ["tz0"]
    assert found.values("[] rg:madeTo/foaf:name ?value") == ["Fractie Een"]
    assert not any("Lid V." in quote for quote in found.values("[] rg:quote ?value"))


def test_the_answer_of_a_settled_row_is_a_response_on_its_day() -> None:
    assert file("gemeenteoplossingen.jsonl").rows(
        "?r a rg:Response ; rg:text ?text ; rg:responseDate ?on", "text", "on"
    ) == [("Het plein is er.", "2026-12-01")]


def test_json_that_is_none_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"kapot\.json, line 1"):
        file("kapot.json")


def test_a_cell_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "groot.csv"
    path.write_text(f'Kenmerk;Onderwerp;Afgedaan\nT-1;"{"x" * 3 * MEBIBYTE}";Nee\n')
    with pytest.raises(InputError, match="more than 1 MiB"):
        read(path, Limits(cell_bytes=MEBIBYTE))


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "groot.csv"
    path.write_text("Kenmerk;Onderwerp;Afgedaan\n" + "T;Fietspad;Nee\n" * 200_000)
    with pytest.raises(InputError, match="more than 1 MiB"):
        read(path, Limits(source_bytes=MEBIBYTE))


def test_json_above_the_limit_is_refused() -> None:
    with pytest.raises(InputError, match=r"notubiz.json: a file has more than 0 MiB"):
        read(FILES / "notubiz.json", Limits(unpacked_bytes=10))


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 3 * MEBIBYTE)
    path = tmp_path / "bom.xlsx"
    path.write_bytes(content.getvalue())
    with pytest.raises(InputError, match="unpacks to more than the 1 MiB"):
        read(path, Limits(unpacked_bytes=MEBIBYTE))


@pytest.mark.parametrize("content", [b"PK\x03\x04 and no more", b"[" * 100_000])
def test_what_is_broken_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kapot.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"kapot\.xlsx"):
        read(path)


def test_two_readings_give_the_same_triples() -> None:
    def lines(name: str) -> Sequence[str]:
        context = Context(PLACEHOLDER_BASE, "gm9999")
        (content,) = loaders.contents(loaders.sources([FILES / name]), context)
        return sorted(map(str, content.triples))

    assert lines("goed.csv") == lines("goed.csv")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_the_sample_of_a_real_register_gives_six_commitments_and_a_motion(suffix: str) -> None:
    (path,) = SAMPLES.glob(f"*.{suffix}")
    found = read(path)
    assert found.rejected == []
    assert len(found.values(TEXTS)) == 6
    assert len(found.values("?value a rg:Matter")) == 1
    assert len(found.values("?value rg:toStatus rgt:status-in-progress")) == 3
