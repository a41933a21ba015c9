"""The triples of a register's entries; what several rows share is described once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.loaders.register_entries import Entry
from raadgraaf.loaders.register_nodes import Nodes, on
from raadgraaf.loaders.register_people import People, RowNodes
from raadgraaf.loaders.triples import dutch
from raadgraaf.namespaces import RDF_TYPE, RDFS_LABEL, iri

KINDS = {
    "commitment": ("rg:Commitment", "toezegging"),
    "question": ("rg:Question", "vraag"),
    # The model has no class of motions: they are matters that are neither of the other two
    "motion": ("rg:Matter", "motie"),
    "matter": ("rg:Matter", "aangelegenheid"),
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
_LABEL_LENGTH = 120
_RATIONALE = "Het register noemt de soort niet; door \u2018{}\u2019 geldt de regel als {}."


@dataclass(frozen=True, slots=True)
class RegisterGraph:
    """Makes the triples of one register, entry by entry."""

    nodes: Nodes
    people: People
    title: str
    kinds: Mapping[str, str]
    """The kind of each row that is taken over, by key, where others may refer to it."""

    def of_document(self, digest: str) -> Iterator[Triple]:
        """Yield the description of the document and the municipality."""
        municipality = self.nodes.municipality
        yield Triple(municipality, RDF_TYPE, iri("rg:Municipality"))
        yield Triple(municipality, RDFS_LABEL, Literal(self.nodes.code))
        document = self.nodes.register
        yield Triple(document, RDF_TYPE, iri("rg:CommitmentRegister"))
        yield Triple(document, RDFS_LABEL, dutch(self.title))
        yield Triple(document, iri("rg:sha256"), Literal(digest))
        yield Triple(document, iri("rg:basis"), iri("rgt:basis-stated"))

    def of_entry(self, entry: Entry) -> Iterator[Triple]:
        """Yield the triples of a row: passage, register entry, matter, and what it brings along."""
        passage = self.nodes.own("passage", entry.key)
        yield from self._passage(passage, entry)
        class_name, path = KINDS[entry.kind]
        matter = self.nodes.own(path, entry.key)
        line = self.nodes.own("regel", entry.key)
        yield from self._line(line, matter, passage, entry)
        basis = "inferred" if entry.ground else "stated"
        yield from self.nodes.thing(matter, class_name, passage, _label(entry), basis)
        if entry.ground:
            yield Triple(matter, iri("rg:rationale"), dutch(_RATIONALE.format(entry.ground, path)))
        yield Triple(matter, iri("rg:text"), dutch(entry.text))
        if entry.page:
            yield Triple(matter, iri("foaf:page"), NamedNode(entry.page))
        yield from self._identifier(matter, passage, entry)
        yield from self.people.of_row(RowNodes(entry, matter, line, passage))
        yield from self._deadline(matter, passage, entry)
        for role, key in entry.related.items():
            yield from self._relation(matter, role, key, line, passage)
        for place in range(1, len(entry.steps) + 1):
            yield from self._step(matter, line, passage, entry, place=place)
        yield from self._response(matter, passage, entry)

    def _passage(self, passage: NamedNode, entry: Entry) -> Iterator[Triple]:
        where = f", blad {entry.sheet}" if entry.sheet else ""
        yield Triple(passage, RDF_TYPE, iri("rg:Passage"))
        yield Triple(passage, RDFS_LABEL, dutch(f"{self.title}{where}, rij {entry.number}"))
        yield Triple(passage, iri("rg:passageOf"), self.nodes.register)
        yield Triple(passage, iri("rg:quote"), dutch(entry.quote))
        for name in ("rg:lineStart", "rg:lineEnd"):
            yield Triple(passage, iri(name), Literal(max(entry.number, 1)))
        if entry.redacted:
            yield Triple(passage, iri("rg:redacted"), Literal(value=True))

    def _line(
        self, line: NamedNode, matter: NamedNode, passage: NamedNode, entry: Entry
    ) -> Iterator[Triple]:
        yield from self.nodes.thing(
            line, "rg:RegisterEntry", passage, f"Registerregel {entry.number}: {_label(entry)}"
        )
        yield Triple(line, iri("rg:records"), matter)
        yield Triple(line, iri("rg:formulates"), matter)
        yield Triple(line, iri("rg:partOfDocument"), self.nodes.register)
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
            node = self.nodes.own("identificatie", entry.key)
            yield Triple(matter, iri("adms:identifier"), node)
            yield from self.nodes.thing(node, "adms:Identifier", passage, entry.identifier)
            yield Triple(node, iri("skos:notation"), Literal(entry.identifier))

    def _deadline(self, matter: NamedNode, passage: NamedNode, entry: Entry) -> Iterator[Triple]:
        if entry.deadline is None:
            return
        node = self.nodes.own("termijn", entry.key)
        yield Triple(matter, iri("rg:hasDeadline"), node)
        yield from self.nodes.thing(node, "rg:TimeExpression", passage, entry.deadline.wording)
        yield Triple(node, iri("rg:expression"), dutch(entry.deadline.wording))
        if entry.deadline.earliest and entry.deadline.latest:
            yield Triple(node, iri("rg:earliest"), on(entry.deadline.earliest))
            yield Triple(node, iri("rg:latest"), on(entry.deadline.latest))
            yield Triple(node, iri("rg:edtf"), Literal(entry.deadline.edtf))

    def _relation(
        self, matter: NamedNode, role: str, key: str, line: NamedNode, passage: NamedNode
    ) -> Iterator[Triple]:
        """Yield the mention of another matter, which is linked where the register has it."""
        mention = self.nodes.own("vermelding", f"{matter.value.rpartition('/')[2]}-{role}-{key}")
        if key in self.kinds:
            other = self.nodes.own(KINDS[self.kinds[key]][1], key)
            yield Triple(matter, iri(f"rg:{role}"), other)
            yield Triple(mention, iri("rg:refersTo"), other)
        yield from self.nodes.thing(mention, "rg:Mention", passage, key)
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
        node = self.nodes.own("status", f"{entry.key}-{place}")
        yield from self.nodes.thing(
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
        node = self.nodes.own("reactie", entry.key)
        yield Triple(matter, iri("rg:hasResponse"), node)
        yield from self.nodes.thing(
            node, "rg:Response", passage, f"Antwoord: {_label(entry)}", basis="inferred"
        )
        yield Triple(node, iri("rg:respondsTo"), matter)
        yield Triple(node, iri("rg:responseKind"), iri("rgt:response-full"))
        yield Triple(node, iri("rg:text"), dutch(entry.response))
        yield Triple(node, iri("rg:givenIn"), self.nodes.register)
        yield Triple(
            node,
            iri("rg:rationale"),
            dutch("Het register geeft een antwoord en noemt de aangelegenheid afgedaan."),
        )
        if entry.settled_on:
            yield Triple(node, iri("rg:responseDate"), on(entry.settled_on))


def _label(entry: Entry) -> str:
    words = " ".join((entry.subject or entry.text).split())
    return words if len(words) <= _LABEL_LENGTH else f"{words[: _LABEL_LENGTH - 1].rstrip()}\u2026"
