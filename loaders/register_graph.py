"""The triples of a register's entries; what several rows share is described once."""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from datetime import date

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.loaders.register_entries import Entry
from raadgraaf.loaders.register_values import key_of
from raadgraaf.namespaces import RDF_TYPE, RDFS_LABEL, iri

GEMEENTE = "https://identifier.overheid.nl/tooi/id/gemeente/"
KINDS = {
    "commitment": ("rg:Commitment", "toezegging"),
    "question": ("rg:Question", "vraag"),
    # The model has no class of motions: they are matters that are neither of the other two
    "motion": ("rg:Matter", "motie"),
}
STATUS_WORDS = {
    "open": "Open",
    "in-progress": "In behandeling",
    "partly-answered": "Deels beantwoord",
    "deferred": "Uitgesteld",
    "fulfilled": "Afgedaan",
    "not-fulfilled": "Niet nagekomen",
    "withdrawn": "Ingetrokken",
    "lapsed": "Vervallen",
    "superseded": "Vervangen",
}
_PERIOD = re.compile(r"\s*\((?:19|20)\d\d\s*[-\u2013]\s*(?:19|20)\d\d\)$")
_LABEL_LENGTH = 120

Value = NamedNode | Literal


def dutch(text: str) -> Literal:
    """Return a text in Dutch."""
    return Literal(text, language="nl")


def on(day: date) -> Literal:
    """Return a day as a literal."""
    return Literal(day.isoformat(), datatype=iri("xsd:date"))


@dataclass(slots=True)
class RegisterGraph:
    """Makes the triples of one register, entry by entry."""

    base: str
    municipality: str
    document: str
    """The key of the document within the municipality."""
    title: str
    keys: Set[str]
    """The keys of the rows that are taken over, to which others may refer."""
    _described: set[NamedNode] = field(default_factory=set)

    def node(self, kind: str, key: str) -> NamedNode:
        """Return the IRI of a thing of the municipality."""
        return NamedNode(f"{self.base}id/{kind}/{self.municipality}/{key}")

    @property
    def _register(self) -> NamedNode:
        return self.node("document", self.document)

    def of_document(self, digest: str) -> Iterator[Triple]:
        """Yield the description of the document and the municipality."""
        municipality = NamedNode(GEMEENTE + self.municipality)
        yield Triple(municipality, RDF_TYPE, iri("rg:Municipality"))
        yield Triple(municipality, RDFS_LABEL, Literal(self.municipality))
        document = self._register
        yield Triple(document, RDF_TYPE, iri("rg:CommitmentRegister"))
        yield Triple(document, RDFS_LABEL, dutch(self.title))
        yield Triple(document, iri("rg:sha256"), Literal(digest))
        yield Triple(document, iri("rg:basis"), iri("rgt:basis-stated"))

    def of_entry(self, entry: Entry) -> Iterator[Triple]:
        """Yield the triples of a row: passage, register entry, matter, and what it brings along."""
        passage = self.node("passage", f"{self.document}-{entry.key}")
        yield from self._passage(passage, entry)
        class_name, kind = KINDS[entry.kind]
        matter = self.node(kind, entry.key)
        line = self.node("regel", f"{self.document}-{entry.key}")
        yield from self._line(line, matter, passage, entry)
        yield from self._thing(matter, class_name, passage, _label(entry))
        yield Triple(matter, iri("rg:text"), dutch(entry.text))
        if entry.page:
            yield Triple(matter, iri("foaf:page"), NamedNode(entry.page))
        yield from self._identifier(matter, passage, entry)
        yield from self._people(matter, passage, entry)
        yield from self._body(matter, passage, entry)
        yield from self._deadline(matter, passage, entry)
        for role, key in entry.related.items():
            yield from self._relation(matter, role, self.node(kind, key), line, passage)
        for place in range(1, len(entry.steps) + 1):
            yield from self._step(matter, line, passage, entry, place=place)
        yield from self._response(matter, passage, entry)

    def _thing(
        self, node: NamedNode, kind: str, passage: NamedNode, label: str, basis: str = "stated"
    ) -> Iterator[Triple]:
        yield Triple(node, RDF_TYPE, iri(kind))
        yield Triple(node, RDFS_LABEL, dutch(label))
        yield Triple(node, iri("rg:statedIn"), passage)
        yield Triple(node, iri("rg:basis"), iri(f"rgt:basis-{basis}"))

    def _once(
        self, node: NamedNode, kind: str, passage: NamedNode, label: str, **more: Value
    ) -> Iterator[Triple]:
        """Describe something that several rows name by the first of them."""
        if node in self._described:
            return
        self._described.add(node)
        yield from self._thing(node, kind, passage, label)
        for name, value in more.items():
            yield Triple(node, iri(name.replace("_", ":")), value)

    def _passage(self, passage: NamedNode, entry: Entry) -> Iterator[Triple]:
        where = f", blad {entry.sheet}" if entry.sheet else ""
        yield Triple(passage, RDF_TYPE, iri("rg:Passage"))
        yield Triple(passage, RDFS_LABEL, dutch(f"{self.title}{where}, rij {entry.number}"))
        yield Triple(passage, iri("rg:passageOf"), self._register)
        yield Triple(passage, iri("rg:quote"), dutch(entry.quote))
        for name in ("rg:lineStart", "rg:lineEnd"):
            yield Triple(passage, iri(name), Literal(max(entry.number, 1)))
        if entry.redacted:
            yield Triple(passage, iri("rg:redacted"), Literal(value=True))

    def _line(
        self, line: NamedNode, matter: NamedNode, passage: NamedNode, entry: Entry
    ) -> Iterator[Triple]:
        yield from self._thing(
            line, "rg:RegisterEntry", passage, f"Registerregel {entry.number}: {_label(entry)}"
        )
        yield Triple(line, iri("rg:records"), matter)
        yield Triple(line, iri("rg:formulates"), matter)
        yield Triple(line, iri("rg:partOfDocument"), self._register)
        yield Triple(line, iri("rg:rowNumber"), Literal(max(entry.number, 1)))
        yield Triple(line, iri("rg:text"), dutch(entry.text))
        printed = {
            "rg:printedCommittee": Literal(entry.printed.get("committee", "")),
            "rg:printedPortfolioHolder": Literal(entry.printed.get("holder", "")),
            "rg:printedDepartment": Literal(entry.printed.get("department", "")),
            "rg:printedSubject": dutch(entry.subject),
            "rg:printedResponse": dutch(entry.response),
        }
        for name, value in printed.items():
            if value.value:
                yield Triple(line, iri(name), value)

    def _identifier(self, matter: NamedNode, passage: NamedNode, entry: Entry) -> Iterator[Triple]:
        if entry.identifier:
            node = self.node("identificatie", entry.key)
            yield Triple(matter, iri("adms:identifier"), node)
            yield from self._thing(node, "adms:Identifier", passage, entry.identifier)
            yield Triple(node, iri("skos:notation"), Literal(entry.identifier))

    def _people(self, matter: NamedNode, passage: NamedNode, entry: Entry) -> Iterator[Triple]:
        roles = {"holder": "rg:portfolioHolder"}
        if entry.kind == "commitment":
            roles["promiser"] = "rg:madeBy"
        for role, name in roles.items():
            printed = entry.printed.get(role, "")
            if entry.kind != "motion" and re.search(r"\w", printed):
                holder = self.node("persoon", key_of(printed))
                yield Triple(matter, iri(name), holder)
                yield from self._once(
                    holder, "rg:OfficeHolder", passage, printed, foaf_name=Literal(printed)
                )
        if printed := entry.printed.get("department", ""):
            department = self.node("afdeling", key_of(printed))
            yield Triple(matter, iri("rg:department"), department)
            yield from self._once(
                department,
                "rg:Department",
                passage,
                printed,
                foaf_name=Literal(printed),
                org_unitOf=NamedNode(GEMEENTE + self.municipality),
            )
        towards = {"commitment": ("madeTo", "rg:madeTo"), "question": ("askedBy", "rg:askedBy")}
        if entry.kind in towards and (printed := entry.printed.get(towards[entry.kind][0], "")):
            yield from self._towards(matter, passage, printed, towards[entry.kind][1])

    def _towards(
        self, matter: NamedNode, passage: NamedNode, printed: str, name: str
    ) -> Iterator[Triple]:
        if re.match(r"(?i)(de )?(gemeente)?raad\b|commissie\b", printed):
            body = self.node("orgaan", _body_key(printed))
            yield Triple(matter, iri(name), body)
            yield from self._governing_body(body, printed, passage)
            return
        faction = self.node("fractie", key_of(printed))
        yield Triple(matter, iri(name), faction)
        yield from self._once(faction, "rg:Faction", passage, printed, foaf_name=Literal(printed))

    def _governing_body(
        self, body: NamedNode, printed: str, passage: NamedNode
    ) -> Iterator[Triple]:
        name = _PERIOD.sub("", printed)
        kind = "committee" if "commissie" in name.casefold() else "council"
        more: dict[str, Value] = {
            "foaf_name": Literal(name),
            "rg_bodyOf": NamedNode(GEMEENTE + self.municipality),
        }
        if kind == "committee" or re.match(r"(?i)(de )?(gemeente)?raad", name):
            more["rg_bodyKind"] = iri(f"rgt:body-{kind}")
        yield from self._once(body, "rg:GoverningBody", passage, name, **more)

    def _body(self, matter: NamedNode, passage: NamedNode, entry: Entry) -> Iterator[Triple]:
        """Yield the body and its meeting; what no row names was raised in the council at large."""
        printed = entry.printed.get("committee", "")
        body = self.node("orgaan", _body_key(printed) if printed else "raad")
        yield Triple(matter, iri("rg:raisedBefore"), body)
        yield from self._governing_body(body, printed or "raad", passage)
        if printed and entry.raised:
            meeting = self.node("vergadering", f"{_body_key(printed)}-{entry.raised.isoformat()}")
            yield Triple(matter, iri("rg:raisedIn"), meeting)
            yield from self._once(
                meeting,
                "rg:Meeting",
                passage,
                f"{_PERIOD.sub('', printed)}, {entry.raised.isoformat()}",
                rg_meetingOf=body,
                rg_meetingDate=on(entry.raised),
            )

    def _deadline(self, matter: NamedNode, passage: NamedNode, entry: Entry) -> Iterator[Triple]:
        if entry.deadline is None:
            return
        node = self.node("termijn", entry.key)
        yield Triple(matter, iri("rg:hasDeadline"), node)
        yield from self._thing(node, "rg:TimeExpression", passage, entry.deadline.wording)
        yield Triple(node, iri("rg:expression"), dutch(entry.deadline.wording))
        if entry.deadline.earliest and entry.deadline.latest:
            yield Triple(node, iri("rg:earliest"), on(entry.deadline.earliest))
            yield Triple(node, iri("rg:latest"), on(entry.deadline.latest))
            yield Triple(node, iri("rg:edtf"), Literal(entry.deadline.edtf))

    def _relation(
        self, matter: NamedNode, role: str, other: NamedNode, line: NamedNode, passage: NamedNode
    ) -> Iterator[Triple]:
        """Yield the mention of another matter, which is linked where the register has it."""
        key = other.value.rpartition("/")[2]
        mention = self.node("vermelding", f"{matter.value.rpartition('/')[2]}-{role}-{key}")
        if key in self.keys:
            yield Triple(matter, iri(f"rg:{role}"), other)
            yield Triple(mention, iri("rg:refersTo"), other)
        yield from self._thing(mention, "rg:Mention", passage, key)
        yield Triple(mention, iri("rg:text"), dutch(key))
        yield Triple(mention, iri("rg:mentionedIn"), line)

    def _step(
        self,
        matter: NamedNode,
        line: NamedNode,
        passage: NamedNode,
        entry: Entry,
        *,
        place: int,
    ) -> Iterator[Triple]:
        step = entry.steps[place - 1]
        node = self.node("status", f"{entry.key}-{place}")
        yield from self._thing(
            node, "rg:StatusEvent", passage, f"{STATUS_WORDS[step.status]}: {_label(entry)}"
        )
        yield Triple(node, iri("rg:statusOf"), matter)
        yield Triple(node, iri("rg:toStatus"), iri(f"rgt:status-{step.status}"))
        yield Triple(node, iri("rg:sequence"), Literal(place))
        yield Triple(node, iri("rg:evidence"), line)
        yield Triple(node, iri("rg:text"), dutch(step.words))
        if step.on:
            yield Triple(node, iri("rg:eventDate"), on(step.on))

    def _response(self, matter: NamedNode, passage: NamedNode, entry: Entry) -> Iterator[Triple]:
        """Yield the answer of a settled matter; of others the cell alone is kept, as printed."""
        settled = entry.steps and entry.steps[-1].status == "fulfilled"
        if not (entry.response and settled):
            return
        node = self.node("reactie", entry.key)
        yield Triple(matter, iri("rg:hasResponse"), node)
        yield from self._thing(
            node, "rg:Response", passage, f"Antwoord: {_label(entry)}", basis="inferred"
        )
        yield Triple(node, iri("rg:respondsTo"), matter)
        yield Triple(node, iri("rg:responseKind"), iri("rgt:response-full"))
        yield Triple(node, iri("rg:text"), dutch(entry.response))
        yield Triple(node, iri("rg:givenIn"), self._register)
        yield Triple(
            node,
            iri("rg:rationale"),
            dutch("Het register geeft een antwoord en noemt de aangelegenheid afgedaan."),
        )
        if entry.settled_on:
            yield Triple(node, iri("rg:responseDate"), on(entry.settled_on))


def _body_key(printed: str) -> str:
    name = _PERIOD.sub("", printed)
    return "raad" if re.fullmatch(r"(?i)(de )?(gemeente)?raad", name) else key_of(name)


def _label(entry: Entry) -> str:
    words = " ".join((entry.subject or entry.text).split())
    return words if len(words) <= _LABEL_LENGTH else f"{words[: _LABEL_LENGTH - 1].rstrip()}\u2026"
