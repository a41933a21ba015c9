"""Registers of TOOI, the thesauri and ontologies of Dutch government: who there is, and was.

A register comes as expanded JSON-LD: organisations, and the changes by which one followed another.
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.errors import InputError
from raadgraaf.loaders.base import Context, Rejected, Source, slug
from raadgraaf.loaders.json_records import records
from raadgraaf.loaders.triples import Term, about, date, dutch
from raadgraaf.namespaces import PREFIXES, iri
from raadgraaf.provenance import GraphContent

TOOI = PREFIXES["tooiont"]
PROV = PREFIXES["prov"]
REGISTER = "https://identifier.overheid.nl/tooi/set/"
KINDS = {
    "Gemeente": ("rg:Municipality", r"gemeente/gm[0-9]{4}"),
    "Provincie": ("tooiont:Provincie", r"provincie/pv[0-9]{2}"),
    "Samenwerkingsorganisatie": ("rg:JointOrganisation", r"so/so[0-9]{4}"),
}
"""What becomes of each kind of organisation, and how its IRI goes on."""
CHANGES = (
    "Samenvoeging",
    "Uitbreiding",
    "Herschikking",
    "Splitsing",
    "Naamswijziging",
    "Opheffing",
)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation of a register."""

    iri: str
    kind: str
    name: str
    full_name: str
    code: str
    begin: str
    """The day on which it came to be, or nothing."""
    end: str
    """The last day on which it was, or nothing."""
    province: str


@dataclass(frozen=True, slots=True)
class Change:
    """An event by which organisations came from others."""

    iri: str
    kind: str
    day: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """A version of a register."""

    iri: str
    title: str
    day: str
    """The day on which it was as it says."""


class Tooi:
    """The loader of TOOI's registers."""

    name = "tooi"

    def recognizes(self, source: Source) -> bool:
        """Tell a register by a type of TOOI in expanded JSON-LD."""
        head = source.head.lstrip(b"\xef\xbb\xbf \r\n\t")
        return head.startswith(b"[") and b'"@type"' in head and TOOI.encode() in head

    def load(self, source: Source, context: Context) -> Sequence[GraphContent]:
        """Return the graph of a register; it stands for itself, with IRIs of TOOI alone."""
        found = list(_read(source, context))
        registers = [each for each in found if isinstance(each, Register)]
        if len(registers) != 1:
            raise InputError(
                f"{source.name}: {len(registers)} registers describe themselves in it; a file has "
                "one. Fetch the list again from standaarden.overheid.nl/tooi/waardelijsten."
            )
        key = registers[0].iri.removeprefix(REGISTER).partition("/")[0]
        triples = list(_triples(found, registers[0]))
        return [
            GraphContent(f"referentie-{slug(key)}", triples, source.name, source.digest, self.name)
        ]


def _read(source: Source, context: Context) -> Iterator[Organisation | Change | Register]:
    for number, record in records(source, context.limits.unpacked_bytes):
        kinds = {each.removeprefix(TOOI) for each in record.get("@type", ())}
        name = str(record.get("@id", ""))
        try:
            if name.startswith(REGISTER):
                yield Register(
                    name, _value(record, f"{TOOI}titel"), _day(record, f"{TOOI}zichtdatum")
                )
            elif kind := next((each for each in CHANGES if each in kinds), None):
                yield _change(name, kind, record)
            elif kind := next((each for each in KINDS if each in kinds), None):
                yield _organisation(name, kind, record)
        except ValueError as error:
            context.rejected(
                Rejected(source.name, "", number, "@id", name[:200], "unusable-record", str(error))
            )


def _organisation(name: str, kind: str, record: Mapping[str, Any]) -> Organisation:
    if not re.fullmatch(rf"https://identifier\.overheid\.nl/tooi/id/{KINDS[kind][1]}", name):
        raise ValueError(f"This is no IRI of TOOI for a {kind}. Correct @id.")
    short = next(
        (
            found
            for each in ("voorkeursnaamExclSoort", "officieleNaamExclSoort")
            if (found := _value(record, f"{TOOI}{each}"))
        ),
        "",
    )
    full = _value(record, f"{TOOI}officieleNaamInclSoort") or short
    if not full:
        raise ValueError("The organisation has no name. Add officieleNaamInclSoort.")
    return Organisation(
        name,
        kind,
        short or full,
        full,
        _value(record, f"{TOOI}organisatiecode"),
        _day(record, f"{TOOI}begindatum"),
        _day(record, f"{TOOI}einddatum"),
        next(iter(_references(record, f"{TOOI}ligtInProvincie")), ""),
    )


def _change(name: str, kind: str, record: Mapping[str, Any]) -> Change:
    before = _references(record, f"{PROV}invalidated")
    after = (*_references(record, f"{PROV}generated"), *_references(record, f"{PROV}used"))
    if not name.startswith("https://") or not (before or after):
        raise ValueError("The change names no organisations or has no IRI. Add them.")
    return Change(name, kind, _day(record, f"{TOOI}tijdstipWijziging"), before, after)


def _value(record: Mapping[str, Any], name: str) -> str:
    """Return the first literal of a property (JSON-LD 1.1, expanded document form)."""
    return next(
        (str(each["@value"]).strip() for each in record.get(name, ()) if "@value" in each), ""
    )


def _references(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = (str(each.get("@id", "")) for each in record.get(name, ()))
    return tuple(each for each in found if each.startswith("https://identifier.overheid.nl/"))


def _day(record: Mapping[str, Any], name: str) -> str:
    # A moment is given in local time, so its first ten characters are the day in the Netherlands
    text = _value(record, name)[:10]
    return datetime.date.fromisoformat(text).isoformat() if text else ""


def _triples(
    found: Iterable[Organisation | Change | Register], register: Register
) -> Iterator[Triple]:
    names = {each.iri: each.name for each in found if isinstance(each, Organisation)}
    for each in found:
        match each:
            case Register():
                yield from _of_register(each)
            case Organisation():
                yield from _of_organisation(each, register)
            case Change():
                yield from _of_change(each, names, register)


def _of_register(register: Register) -> Iterator[Triple]:
    title = dutch(register.title or "Register van TOOI")
    yield from about(
        NamedNode(register.iri),
        {
            "rdf:type": iri("rg:Document"),
            "rdfs:label": title,
            "dcterms:title": title,
            "rg:documentDate": date(register.day) if register.day else None,
        },
    )


def _of_organisation(organisation: Organisation, register: Register) -> Iterator[Triple]:
    province = organisation.province
    yield from about(
        NamedNode(organisation.iri),
        {
            "rdf:type": iri(KINDS[organisation.kind][0]),
            "rdfs:label": dutch(organisation.name),
            "foaf:name": Literal(organisation.name),
            "tooiont:officieleNaamInclSoort": Literal(organisation.full_name),
            "tooiont:organisatiecode": Literal(organisation.code) if organisation.code else None,
            "tooiont:begindatum": date(organisation.begin) if organisation.begin else None,
            "tooiont:einddatum": date(organisation.end) if organisation.end else None,
            "tooiont:ligtInProvincie": NamedNode(province) if province else None,
            **_background(register),
        },
    )


def _of_change(change: Change, names: Mapping[str, str], register: Register) -> Iterator[Triple]:
    before, after = ([NamedNode(each) for each in some] for some in (change.before, change.after))
    ended, successors = (
        ", ".join(names.get(each, each.rpartition("/")[2]) for each in some)
        for some in (change.before, change.after)
    )
    yield from about(
        NamedNode(change.iri),
        {
            "rdf:type": [iri("org:ChangeEvent"), iri(f"tooiont:{change.kind}")],
            "rdfs:label": dutch(f"{change.kind}: {ended or 'geen'} naar {successors or 'geen'}"),
            "org:originalOrganization": before,
            "org:resultingOrganization": after,
            "rg:eventDate": date(change.day) if change.day else None,
            **_background(register),
        },
    )
    for each in before:
        yield from about(each, {"dcterms:isReplacedBy": after})
    for each in after:
        yield from about(each, {"dcterms:replaces": before})


def _background(register: Register) -> Mapping[str, Term]:
    return {
        "rg:basis": iri("rgt:basis-background"),
        "rg:rationale": dutch("Volgens een register van TOOI."),
        "dcterms:source": NamedNode(register.iri),
    }
