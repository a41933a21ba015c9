"""Council information as JSON: Popolo, VNG's ODS-ORI, GemeenteOplossingen and Notubiz."""

import datetime
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.loaders.base import SHOWN_OF_A_VALUE, Context, Rejected, Source, slug
from raadgraaf.loaders.council_records import (
    AgendaItem,
    Body,
    Faction,
    Holding,
    Meeting,
    Record,
    Unusable,
    of_record,
)
from raadgraaf.loaders.json_records import records
from raadgraaf.loaders.privacy import mask
from raadgraaf.loaders.triples import Term, about, date, dutch
from raadgraaf.namespaces import iri
from raadgraaf.provenance import GraphContent

MARKS = (
    (b'"dmu_id"', b'"dmu_name"'),
    (b'"meeting_source_id"', b'"meeting_id"'),
    (b'"role_source_id"', b'"person_id"'),
    (b'"group_source_id"', b'"person_id"'),
    (b'"source_system_id"', b"gemeenteoplossingen"),
    (b'"agenda_items"', b"api.notubiz.nl"),
    (b'"vergaderdatum"', b'"id"'),
    (b'"geplandeVergaderdatum"', b'"id"'),
    (b'"agendapuntTitel"', b'"vergadering"'),
    (b'"fractienaam"', b'"id"'),
    (b'"naamNatuurlijkPersoon"', b'"functie"'),
    (b'"memberships"', b'"role"'),
    (b'"classification"', b'"organisations"'),
    (b'"classification"', b'"organizations"'),
)
"""Pairs of words that tell a dialect."""
_FIRST_YEAR = 1990


class Ori:
    """The loader of council information."""

    name = "ori"

    def recognizes(self, source: Source) -> bool:
        """Tell council information by the names of its values."""
        head = source.head
        start = head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
        return start in {b"[", b"{"} and any(one in head and two in head for one, two in MARKS)

    def load(self, source: Source, context: Context) -> Sequence[GraphContent]:
        """Return the graph of a file; what it refers to in other files is described by its kind."""
        graph = CouncilGraph(context, source)
        triples = list(graph.triples())
        key = f"bron/{context.municipality}-{slug(source.stem)}"
        return [GraphContent(key, triples, source.name, source.digest, self.name)]


@dataclass(frozen=True, slots=True)
class CouncilGraph:
    """Makes the triples of one file."""

    context: Context
    source: Source

    def triples(self) -> Iterator[Triple]:
        """Yield the triples of the records, then those of the document that they make up."""
        seen: set[Record] = set()
        text = hashlib.sha256()
        line = 0
        for number, record in records(self.source, self.context.limits.unpacked_bytes):
            for each in of_record(record):
                problem = each if isinstance(each, Unusable) else _problem(each)
                if problem:
                    self._reject(number, problem)
                elif each not in seen:
                    seen.add(each)
                    line += 1
                    quote, counts = mask(_printed(each))
                    text.update(quote.encode() + b"\n")
                    passage = self._node("passage", f"{slug(self.source.stem)}-{line}")
                    yield from self._passage(passage, line, quote, masked=bool(counts))
                    yield from self._described(each, passage)
        yield from about(self._municipality, {"rdf:type": iri("rg:Municipality")})
        title = dutch(mask(self.source.stem)[0])
        yield from about(
            self._document,
            {
                "rdf:type": iri("rg:Document"),
                "rdfs:label": title,
                "dcterms:title": title,
                "rg:sha256": Literal(text.hexdigest()),
            },
        )

    def _reject(self, number: int, problem: Unusable) -> None:
        value = mask(problem.value)[0][:SHOWN_OF_A_VALUE]
        self.context.rejected(
            Rejected(
                self.source.name, "", number, problem.column, value, problem.code, problem.reason
            )
        )

    @property
    def _municipality(self) -> NamedNode:
        code = self.context.municipality
        return NamedNode(f"https://identifier.overheid.nl/tooi/id/gemeente/{code}")

    @property
    def _document(self) -> NamedNode:
        return self._node("document", slug(self.source.stem))

    def _node(self, kind: str, key: str) -> NamedNode:
        return NamedNode(f"{self.context.base}id/{kind}/{self.context.municipality}/{key}")

    def _passage(
        self, passage: NamedNode, line: int, quote: str, *, masked: bool
    ) -> Iterator[Triple]:
        yield from about(
            passage,
            {
                "rdf:type": iri("rg:Passage"),
                "rdfs:label": dutch(f"{mask(self.source.stem)[0]}, regel {line}"),
                "rg:passageOf": self._document,
                "rg:lineStart": Literal(line),
                "rg:lineEnd": Literal(line),
                "rg:quote": dutch(quote),
                "rg:redacted": Literal(True) if masked else None,
            },
        )

    def _described(self, record: Record, passage: NamedNode) -> Iterator[Triple]:
        stated: dict[str, Term] = {
            "rg:basis": iri("rgt:basis-stated"),
            "rg:statedIn": passage,
        }
        match record:
            case Body():
                yield from self._body(record, stated)
            case Faction():
                yield from about(
                    self._node("fractie", _key(record.name)),
                    {"rdf:type": iri("rg:Faction"), **_name(record.name), **stated},
                )
            case Meeting():
                yield from self._meeting(record, stated)
            case AgendaItem():
                yield from self._item(record, stated)
            case Holding():
                yield from self._holding(record, stated)

    def _body(self, body: Body, stated: dict[str, Term]) -> Iterator[Triple]:
        yield from about(
            self._node("orgaan", _key(body.name)),
            {
                "rdf:type": iri("rg:GoverningBody"),
                **_name(body.name),
                "rg:bodyKind": iri(f"rgt:body-{body.kind}") if body.kind else None,
                "rg:bodyOf": self._municipality,
                **stated,
            },
        )

    def _meeting(self, meeting: Meeting, stated: dict[str, Term]) -> Iterator[Triple]:
        yield from about(
            self._node("vergadering", _key(meeting.key)),
            {
                "rdf:type": iri("rg:Meeting"),
                "rdfs:label": dutch(mask(meeting.name or "Vergadering")[0]),
                "rg:meetingDate": date(meeting.day) if meeting.day else None,
                "rg:meetingOf": (
                    self._node("orgaan", _key(meeting.body.name)) if meeting.body else None
                ),
                "foaf:page": _page(meeting.page),
                **stated,
            },
        )
        if meeting.body:
            yield from self._body(meeting.body, stated)

    def _item(self, item: AgendaItem, stated: dict[str, Term]) -> Iterator[Triple]:
        meeting = self._node("vergadering", _key(item.meeting))
        label = " ".join(filter(None, (item.number, item.title))) or "Agendapunt"
        yield from about(
            self._node("agendapunt", _key(item.key)),
            {
                "rdf:type": iri("rg:AgendaItem"),
                "rdfs:label": dutch(mask(label)[0]),
                "rg:agendaItemOf": meeting,
                **stated,
            },
        )
        # The meeting may stand in another file, that is loaded later or never
        yield from about(meeting, {"rdf:type": iri("rg:Meeting")})

    def _holding(self, holding: Holding, stated: dict[str, Term]) -> Iterator[Triple]:
        person = self._node("persoon", _key(holding.person))
        office = NamedNode(f"{self.context.base}id/functie/nl/{_key(holding.office)}")
        term = self._node("termijn", _key(holding.key))
        known = bool(holding.begin or holding.end)
        yield from about(
            person, {"rdf:type": iri("rg:OfficeHolder"), **_name(holding.name), **stated}
        )
        yield from about(
            office,
            {"rdf:type": iri("skos:Concept"), "skos:prefLabel": dutch(holding.office), **stated},
        )
        yield from about(
            self._node("portefeuillehouderschap", _key(holding.key)),
            {
                "rdf:type": iri("rg:PortfolioHolding"),
                "rdfs:label": dutch(f"{holding.name} als {holding.office}"),
                "org:member": person,
                "org:role": office,
                "org:organization": self._municipality,
                "org:memberDuring": term if known else None,
                **stated,
            },
        )
        if known:
            yield from about(term, {**_period(holding.begin, holding.end), **stated})


def _period(begin: str, end: str) -> dict[str, Term | None]:
    words = " ".join(filter(None, (begin and f"vanaf {begin}", end and f"tot en met {end}")))
    return {
        "rdf:type": iri("rg:TimeExpression"),
        "rdfs:label": dutch(words),
        "rg:expression": dutch(words),
        "rg:earliest": date(begin) if begin else None,
        "rg:latest": date(end) if end else None,
        "rg:edtf": Literal(f"{begin or '..'}/{end or '..'}"),
    }


def _name(name: str) -> dict[str, Term]:
    masked = mask(name)[0]
    return {"rdfs:label": dutch(masked), "foaf:name": Literal(masked)}


def _key(text: str) -> str:
    """Return a key or name as part of an IRI; those that would fall together stay apart."""
    short = slug(text)
    plain = text.lower()
    return short if re.fullmatch(r"[a-z0-9 -]+", plain) else f"{short}-{_digest(plain)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def _page(address: str) -> NamedNode | None:
    return NamedNode(address) if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", address) else None


def _printed(record: Record) -> str:
    """Return the values of a record that are kept, as one line."""
    match record:
        case Body() | Faction():
            parts = [record.name]
        case Meeting():
            parts = [record.day, record.body.name if record.body else "", record.name]
        case AgendaItem():
            parts = [record.number, record.title]
        case Holding():
            parts = [record.name, record.office, record.begin, record.end]
        case Unusable():
            parts = []
    return "; ".join(filter(None, parts)) or "(zonder tekst)"


def _problem(record: Record) -> Unusable | None:
    """Return why a record cannot be taken over, or nothing."""
    match record:
        case Meeting(key="") | AgendaItem(key=""):
            return Unusable("id", "", "no-id", "The record has no id. Fetch it again.")
        case AgendaItem(meeting=""):
            return Unusable(
                "meeting_id", "", "no-meeting", "The item names no meeting. Fetch it again."
            )
        case Meeting(day=day) if not _is_day(day):
            return _no_day("date", day)
        case Holding(begin=begin, end=end):
            wrong = next((each for each in (begin, end) if not _is_day(each)), None)
            if wrong is not None:
                return _no_day("start_date", wrong)
            if begin and end and end < begin:
                return Unusable(
                    "end_date",
                    end,
                    "end-before-begin",
                    "The term ends before it begins. Correct it.",
                )
    return None


def _is_day(text: str) -> bool:
    """Tell whether a text is a day from 1990 on, or nothing."""
    try:
        return not text or datetime.date.fromisoformat(text).year >= _FIRST_YEAR
    except ValueError:
        return False


def _no_day(column: str, text: str) -> Unusable:
    return Unusable(
        column, text, "impossible-date", "This is no day from 1990 on. Write it as 2024-02-27."
    )
