"""What council information systems say, as plain records, whichever dialect of JSON they speak."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]

PERIOD = re.compile(r"\s*\((?:19|20)\d\d\s*[-\u2013]\s*(?:19|20)\d\d\)$")
"""A council's term behind the name of a body, which names the same body in every term."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body that meets."""

    name: str
    kind: str
    """The end of the name of a concept `rgt:body-…`, or nothing."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of a body on a day."""

    key: str
    name: str
    day: str
    body: Body | None
    page: str


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """An item on the agenda of a meeting, which may stand in another file."""

    key: str
    meeting: str
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Faction:
    """A political group."""

    name: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A public office that a person holds or held."""

    key: str
    person: str
    """The key of the person."""
    name: str
    office: str
    begin: str
    end: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A part of a record that cannot be taken over."""

    column: str
    value: str
    code: str
    reason: str


Record = Body | Meeting | AgendaItem | Faction | Holding | Unusable

_OFFICE = re.compile(
    r"burgemeester|wethouder|raadslid|statenlid|gedeputeerde|commissaris.van.de.koning|fractievoorzitter"
    r"|burger\w*lid|commissielid|lid\s.*commissie|voorzitter.*(?:commissie|raad)",
    re.IGNORECASE,
)
_NO_OFFICE = re.compile(
    r"griff|secretaris|adviseur|medewerker|ambtelijk|rekenkamer|opvolger", re.IGNORECASE
)
_KINDS = {
    "council": re.compile(r"^(?:gemeente)?raads?(?:vergadering)?$", re.IGNORECASE),
    "executive": re.compile(r"^(?:college\b.*|collegevergadering)$", re.IGNORECASE),
    "committee": re.compile(r".*commissie.*|raadsrotonde", re.IGNORECASE),
}
_NAMES = {"council": "raad", "executive": "college"}


def body(name: str) -> Body:
    """Return the body of a printed name; council and executive are called alike everywhere."""
    plain = PERIOD.sub("", name).strip()
    kind = next((each for each, pattern in _KINDS.items() if pattern.match(plain)), "")
    return Body(_NAMES.get(kind, plain), kind)


def is_public(office: str) -> bool:
    """Tell a public office from a function in the organisation behind it."""
    return bool(_OFFICE.search(office)) and not _NO_OFFICE.search(office)


def checked(holding: Holding) -> Record:
    """Return a holding, or why its person cannot be taken over; the reason names no person."""
    if not is_public(holding.office):
        return Unusable(
            "role",
            holding.office,
            "no-public-office",
            "Persons are taken over as holders of a public office only. Nothing needs to be done.",
        )
    if not holding.person or not re.search(r"\w\w", holding.name):
        return Unusable(
            "name",
            holding.name,
            "no-name",
            "This is no name of a person. Correct it where it is kept.",
        )
    return holding


def of_record(record: Json) -> Iterator[Record]:
    """Yield what a record says, in whichever dialect is recognized by the names that it has."""
    for name in ("results", "meetings", "persons", "organisations", "organizations"):
        if isinstance(record.get(name), list):
            for each in record[name]:
                yield from of_record(each)
            return
    for names, read in _DIALECTS:
        if all(name in record for name in names):
            yield from read(record)
            return
    yield Unusable(
        "",
        ", ".join(sorted(record)),
        "unknown-record",
        "A record with these names is not known. See docs/loaders-registers-of-government.md.",
    )


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else " ".join(str(value).split())


def _within(record: Json, name: str, inner: str) -> str:
    value = record.get(name)
    return _text(value.get(inner)) if isinstance(value, dict) else ""


def _secret() -> Unusable:
    return Unusable(
        "confidential",
        "",
        "confidential",
        "The source marks this as confidential, so it was left out. Nothing needs to be done.",
    )


def _go_meeting(record: Json) -> Iterator[Record]:
    if record.get("is_confidential"):
        yield _secret()
        return
    name = _text(record["dmu_name"])
    yield Meeting(
        _text(record["id"]),
        _text(record.get("title")) or _text(record.get("description")) or name,
        _text(record.get("date")),
        body(name) if name else None,
        _text(record.get("url")),
    )


def _go_item(record: Json) -> Iterator[Record]:
    if record.get("is_confidential"):
        yield _secret()
        return
    yield AgendaItem(
        _text(record["id"]),
        _text(record["meeting_id"]),
        _text(record.get("number")),
        _text(record.get("title")),
    )


def _go_position(record: Json) -> Iterator[Record]:
    yield checked(
        Holding(
            _text(record["id"]),
            _text(record["person_id"]),
            _text(record.get("person_display_name")),
            _text(record.get("role_name")),
            _text(record.get("start_date")),
            _text(record.get("end_date")),
        )
    )


def _go_group(record: Json) -> Iterator[Record]:
    kind = _text(record["type"])
    yield from _named(_text(record.get("name")), "faction" if kind == "Fractie" else kind)


def _nothing(_: Json) -> Iterator[Record]:
    """Yield nothing: the record adds nothing to what others say of offices and bodies."""
    yield from ()


def _notubiz_meeting(record: Json) -> Iterator[Record]:
    if record.get("confidential") or record.get("permission_group", "public") != "public":
        yield _secret()
        return
    key = f"notubiz-{_text(record['id'])}"
    name = _within(record, "attributes", "Titel")
    plannings = record.get("plannings") or [{}]
    day = _text(plannings[0].get("start_date"))[:10]
    yield Meeting(key, name, day, body(name) if name else None, _text(record.get("url")))
    yield from _notubiz_items(record["agenda_items"], key)


def _notubiz_items(items: list[Json], meeting: str) -> Iterator[Record]:
    for item in items:
        if item.get("confidential") or item.get("permission_group", "public") != "public":
            yield _secret()
            continue
        data = item.get("type_data") or {}
        titles = [_text(each.get("value")) for each in data.get("attributes") or ()]
        yield AgendaItem(
            f"notubiz-{_text(item['id'])}",
            meeting,
            _text(data.get("title_prefix")).rstrip("."),
            next(iter(titles), ""),
        )
        yield from _notubiz_items(item.get("agenda_items") or [], meeting)


def _ods_meeting(record: Json) -> Iterator[Record]:
    kind = _text(record.get("vergaderingstype"))
    organ = _within(record, "georganiseerdDoorGremium", "gremiumnaam") or kind
    yield Meeting(
        _text(record.get("id")),
        _text(record.get("naam")) or organ,
        _text(record.get("vergaderdatum")) or _text(record.get("geplandeVergaderdatum")),
        body(organ) if organ else None,
        "",
    )


def _ods_item(record: Json) -> Iterator[Record]:
    yield AgendaItem(
        _text(record.get("id")),
        _within(record, "vergadering", "id"),
        _text(record.get("agendapuntvolgnummer") or record.get("geplandAgendapuntvolgnummer")),
        _text(record.get("agendapuntTitel") or record.get("agendapuntOmschrijving")),
    )


def _ods_faction(record: Json) -> Iterator[Record]:
    yield from _named(_text(record["fractienaam"]), "faction")


def _ods_person(record: Json) -> Iterator[Record]:
    parts = record["naamNatuurlijkPersoon"] or {}
    first = _text(parts.get("voornamen")) or _text(parts.get("voorletters"))
    composed = " ".join(
        each
        for each in (first, _text(parts.get("tussenvoegsel")), _text(parts.get("achternaam")))
        if each
    )
    key, office = _text(record.get("id")), _text(record.get("functie"))
    name = _text(parts.get("volledigeNaam")) or composed
    yield checked(Holding(f"{key}-{office}", key, name, office, "", ""))


def _popolo_person(record: Json) -> Iterator[Record]:
    person = _text(record.get("id"))
    seen = set()
    for each in record["memberships"]:
        office = _text(each.get("role") or each.get("label"))
        term = office, _text(each.get("start_date")), _text(each.get("end_date"))
        # The source has one membership of the council and one of the party for the same office
        if term not in seen:
            seen.add(term)
            key = "-".join(filter(None, (person, office, term[1])))
            yield checked(Holding(key, person, _text(record.get("name")), *term))


def _popolo_organisation(record: Json) -> Iterator[Record]:
    kind = _text(record["classification"])
    if kind.lower() != "municipality":
        yield from _named(
            "raad" if kind.lower() == "council" else _text(record.get("name")),
            "faction" if kind.lower() in {"party", "faction"} else kind,
        )


def _named(name: str, kind: str) -> Iterator[Record]:
    """Yield a faction or body that has a name; what is part of the organisation is neither."""
    if not name:
        yield Unusable(
            "name", "", "no-name", "This organisation has no name. Correct it where it is kept."
        )
    elif kind == "faction":
        yield Faction(name)
    elif not _NO_OFFICE.search(name):
        yield body(name)


_DIALECTS: tuple[tuple[tuple[str, ...], Callable[[Json], Iterator[Record]]], ...] = (
    (("dmu_id", "dmu_name", "id"), _go_meeting),
    (("meeting_id", "id"), _go_item),
    (("role_id", "person_id", "id"), _go_position),
    (("group_id", "person_id"), _nothing),
    (("display_name", "source_system_id"), _nothing),
    (("role_category", "source_system_id"), _nothing),
    (("type", "name", "source_system_id"), _go_group),
    (("agenda_items", "plannings", "id"), _notubiz_meeting),
    (("naamNatuurlijkPersoon",), _ods_person),
    (("fractienaam",), _ods_faction),
    (("vergaderdatum",), _ods_meeting),
    (("geplandeVergaderdatum",), _ods_meeting),
    (("vergadering", "agendapuntTitel"), _ods_item),
    (("vergadering", "agendapuntvolgnummer"), _ods_item),
    (("memberships",), _popolo_person),
    (("classification",), _popolo_organisation),
)
"""By which names a record is told, and how it is read."""
