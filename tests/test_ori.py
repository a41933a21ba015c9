"""Council information: every dialect, what is left out, and a council year without loose ends."""

import json
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import loaders, transaction
from raadgraaf.config import PLACEHOLDER_BASE, Settings
from raadgraaf.loaders.base import Context, Rejected
from raadgraaf.namespaces import RDF_TYPE, iri

SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the samples of council information are not here"
)


def read(path: Path, municipality: str = "gm9001") -> tuple[list[Triple], list[Rejected]]:
    rejected: list[Rejected] = []
    context = Context(PLACEHOLDER_BASE, municipality, rejected=rejected.append)
    (content,) = loaders.contents(loaders.sources([path]), context)
    assert content.loader == "ori"
    return list(content.triples), rejected


def written(tmp_path: Path, value: object) -> Path:
    file = tmp_path / "raad.json"
    file.write_text(json.dumps(value))
    return file


def names(triples: list[Triple], kind: str) -> list[str]:
    typed = {
        each.subject for each in triples if each.predicate == RDF_TYPE and each.object == iri(kind)
    }
    return sorted(
        each.object.value
        for each in triples
        if each.subject in typed
        and each.predicate == iri("rdfs:label")
        and isinstance(each.object, Literal)
    )


def count(triples: list[Triple], kind: str) -> int:
    return sum(each.predicate == RDF_TYPE and each.object == iri(kind) for each in set(triples))


def loose_ends(triples: list[Triple], base: str = PLACEHOLDER_BASE) -> set[str]:
    known = {each.subject for each in triples if each.predicate == RDF_TYPE}
    return {
        each.object.value
        for each in triples
        if isinstance(each.object, NamedNode)
        and each.object.value.startswith((f"{base}id/", "https://identifier.overheid.nl/tooi/id/"))
        and each.object not in known
    }


def test_a_meeting_of_notubiz_has_its_items_of_every_level(tmp_path: Path) -> None:
    def item(key: int, title: str, *below: object, **more: object) -> dict[str, object]:
        data = {"title_prefix": f"{key}.", "attributes": [{"id": 1, "value": title}]}
        return {"id": key, "type_data": data, "agenda_items": list(below), **more}

    meeting = {
        "id": 9,
        "self": "api.notubiz.nl/events/meetings/9",
        "plannings": [{"start_date": "2018-02-08 13:30:00"}],
        "attributes": {"Titel": "raadscommissie Wonen"},
        "agenda_items": [
            item(1, "Opening", item(2, "Mededelingen")),
            item(3, "Geheim stuk", confidential=1),
        ],
    }
    triples, rejected = read(written(tmp_path, meeting))
    assert names(triples, "rg:AgendaItem") == ["1 Opening", "2 Mededelingen"]
    assert names(triples, "rg:GoverningBody") == ["raadscommissie Wonen"]
    assert [each.code for each in rejected] == ["confidential"]
    assert "Geheim" not in str(triples)
    assert loose_ends(triples) == set()


def test_persons_of_popolo_hold_one_office_though_the_source_says_it_twice(tmp_path: Path) -> None:
    def membership(role: str, kind: str) -> dict[str, object]:
        return {"role": role, "organisation": {"classification": kind}, "start_date": "2022-03-30"}

    persons = [
        {
            "id": "p1",
            "name": "Anna Voorbeeld",
            "email": "anna@veldstad.example",
            "memberships": [membership("Raadslid", "Council"), membership("Raadslid", "Party")],
        },
        {
            "id": "p2",
            "name": "Bram Ambtenaar",
            "memberships": [membership("Secretaris", "Council")],
        },
    ]
    triples, rejected = read(written(tmp_path, {"persons": persons}))
    assert names(triples, "rg:PortfolioHolding") == ["Anna Voorbeeld als Raadslid"]
    assert names(triples, "rg:TimeExpression") == ["vanaf 2022-03-30"]
    assert [each.code for each in rejected] == ["no-public-office"]
    assert "Bram" not in str(triples) + str(rejected)
    assert "@veldstad" not in str(triples)


def test_organisations_of_popolo_are_factions_and_bodies_and_the_nameless_are_rejected(
    tmp_path: Path,
) -> None:
    given = [
        {"id": "m", "name": "Veldstad", "classification": "Municipality"},
        {"id": None, "name": None, "classification": "Party"},
        {"id": "l", "name": "Lokaal Belang", "classification": "Party"},
        {"id": "r", "name": "Gemeente Veldstad (GLD)", "classification": "Council"},
        {"id": "c", "name": "Voorzittersoverleg", "classification": "committee"},
    ]
    triples, rejected = read(written(tmp_path, {"organisations": given}))
    assert names(triples, "rg:Faction") == ["Lokaal Belang"]
    assert names(triples, "rg:GoverningBody") == ["Voorzittersoverleg", "raad"]
    assert [each.code for each in rejected] == ["no-name"]


def test_the_standard_of_the_municipalities_is_read(tmp_path: Path) -> None:
    given = {
        "count": 4,
        "results": [
            {
                "id": "a1",
                "vergadering": {"id": "v1"},
                "agendapuntTitel": "Fietsnota",
                "agendapuntvolgnummer": "2",
            },
            {
                "id": "v1",
                "naam": "Raadsvergadering mei",
                "vergaderdatum": "2024-05-14",
                "vergaderingstype": "raadsvergadering",
            },
            {"id": "f1", "fractienaam": "Lokaal Belang"},
            {
                "id": "p1",
                "functie": "wethouder",
                "naamNatuurlijkPersoon": {
                    "voorletters": "A.",
                    "tussenvoegsel": "van",
                    "achternaam": "Voorbeeld",
                },
            },
        ],
    }
    triples, rejected = read(written(tmp_path, given))
    assert rejected == []
    assert names(triples, "rg:AgendaItem") == ["2 Fietsnota"]
    assert names(triples, "rg:Meeting") == ["Raadsvergadering mei"]
    assert names(triples, "rg:Faction") == ["Lokaal Belang"]
    assert names(triples, "rg:OfficeHolder") == ["A. van Voorbeeld"]
    assert loose_ends(triples) == set()


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"dmu_id": 1, "dmu_name": "Raad", "id": None}, "no-id"),
        ({"dmu_id": 1, "dmu_name": "Raad", "id": 1, "date": "31-02-2024"}, "impossible-date"),
        ({"dmu_id": 1, "dmu_name": "Raad", "id": 1, "date": "0001-01-01"}, "impossible-date"),
        ({"dmu_id": 1, "dmu_name": "Raad", "id": 1, "is_confidential": True}, "confidential"),
        ({"meeting_id": 1, "id": 1, "is_confidential": True}, "confidential"),
        ({"iets": 1}, "unknown-record"),
    ],
)
def test_what_cannot_be_taken_over_is_rejected_and_the_rest_stays(
    tmp_path: Path, record: dict[str, object], code: str
) -> None:
    good = {"dmu_id": 1, "dmu_name": "Raad", "id": 7, "date": "2024-03-12"}
    triples, rejected = read(written(tmp_path, [record, good]))
    assert [(each.row, each.code) for each in rejected] == [(1, code)]
    assert count(triples, "rg:Meeting") == 1


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [("2022-03-30", "2021-01-01", "end-before-begin"), ("2022-30-03", None, "impossible-date")],
)
def test_a_term_that_cannot_be_is_rejected(
    tmp_path: Path, begin: str, end: str | None, code: str
) -> None:
    membership = {"role": "Raadslid", "start_date": begin, "end_date": end}
    person = {"id": "p", "name": "Anna Voorbeeld", "memberships": [membership]}
    _, rejected = read(written(tmp_path, {"persons": [person]}))
    assert [each.code for each in rejected] == [code]


@pytest.mark.parametrize("order", [1, -1])
def test_meetings_and_items_load_in_either_order(tmp_path: Path, order: int) -> None:
    folder = Path(__file__).parent / "loaders" / "ori"
    settings = Settings(home=tmp_path)
    for name in ["vergaderingen.jsonl", "agendapunten.jsonl"][::order]:
        contents = loaders.contents(loaders.sources([folder / name]), PLACEHOLDER_BASE)
        outcome = transaction.load(settings, contents, reason=False)
        assert outcome.checks is not None
        assert outcome.checks.report.conforms
    warned = {
        each.shape.rpartition("#")[2]
        for each in outcome.checks.report.findings
        if each.severity == "Warning"
    }
    assert not any(each.startswith("MeetingShape") for each in warned)


@needs_samples
def test_a_council_year_has_no_loose_ends() -> None:
    folder = SAMPLES / "go-huizen"
    triples: list[Triple] = []
    for path in sorted(folder.glob("*.jsonl")):
        triples += read(path, "gm0406")[0]
    lines = {
        path.name: [json.loads(line) for line in path.read_text().split("\n") if line]
        for path in folder.glob("*.jsonl")
    }
    assert count(triples, "rg:Meeting") == len(lines["meetings.jsonl"])
    assert count(triples, "rg:AgendaItem") == len(lines["meeting_items.head200.jsonl"])
    factions = [each for each in lines["organization_groups.jsonl"] if each["type"] == "Fractie"]
    assert count(triples, "rg:Faction") == len(factions)
    assert loose_ends(triples) == set()


@needs_samples
def test_only_holders_of_an_office_come_from_the_positions() -> None:
    path = SAMPLES / "go-huizen" / "organization_positions.jsonl"
    triples, rejected = read(path, "gm0406")
    rows = [json.loads(line) for line in path.read_text().split("\n") if line]
    assert count(triples, "rg:PortfolioHolding") + len(rejected) == len(rows)
    left_out = [row for row in rows if row["role_category"] == "griffie"]
    assert not {row["person_display_name"] for row in left_out} & {
        name.partition(" als Raadsgriffier")[0] for name in names(triples, "rg:PortfolioHolding")
    }
    assert not any("Raadsadviseur" in name for name in names(triples, "rg:PortfolioHolding"))
    terms = sum(each.predicate == iri("org:memberDuring") for each in triples)
    assert 0 < terms <= sum(bool(row["start_date"] or row["end_date"]) for row in rows)


@needs_samples
def test_a_meeting_of_amsterdam_is_read_whole() -> None:
    path = SAMPLES / "ori" / "notubiz_meeting_amsterdam.json"
    triples, _ = read(path, "gm0363")

    def items(below: list[dict[str, list[object]]]) -> int:
        return len(below) + sum(items(each["agenda_items"]) for each in below)  # type: ignore[arg-type]

    assert count(triples, "rg:AgendaItem") == items(json.loads(path.read_bytes())["agenda_items"])
    assert loose_ends(triples) == set()


@needs_samples
@pytest.mark.slow
def test_the_samples_conform_together(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    paths = [SAMPLES / "go-huizen", *sorted((SAMPLES / "ori").glob("*_*.json"))]
    known = [path for path in paths if "cbs" not in path.name]
    contents = loaders.contents(loaders.sources(known), Context(PLACEHOLDER_BASE, "gm0406"))
    outcome = transaction.load(settings, contents, reason=False)
    assert outcome.checks is not None
    assert outcome.checks.report.conforms
