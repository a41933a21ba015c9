"""The people and bodies that the rows of a register name: matched exactly, or kept as printed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.loaders.names import Named, meant, without_period
from raadgraaf.loaders.register_entries import Entry
from raadgraaf.loaders.register_nodes import Nodes, on
from raadgraaf.loaders.register_values import key_of
from raadgraaf.loaders.triples import Term, dutch
from raadgraaf.namespaces import iri

_COUNCIL = re.compile(r"(?i)(de )?(gemeente)?raad(\s*\(\d{4}\s*[-\u2013]\s*\d{4}\))?")
_ASSUMED = dutch(
    "Alleen de naam in dit register is bekend. Gelijke namen in dit register gelden als dezelfde; "
    "met gelijke namen in andere bronnen is niets gelijkgesteld."
)


_PATHS = {
    "rg:OfficeHolder": "persoon",
    "rg:Department": "afdeling",
    "rg:GoverningBody": "orgaan",
}


@dataclass(frozen=True, slots=True)
class RowNodes:
    """A row and the resources that are made of it."""

    entry: Entry
    matter: NamedNode
    line: NamedNode
    """The entry of the register."""
    passage: NamedNode


@dataclass(frozen=True, slots=True)
class People:
    """Makes the triples of whoever a row names."""

    nodes: Nodes
    known: Sequence[Named]
    """Whom and what other sources of the municipality describe."""

    def of_row(self, row: RowNodes) -> Iterator[Triple]:
        """Yield holder, promiser, department, who asked or was promised, body and meeting."""
        kind, printed = row.entry.kind, row.entry.printed
        holder, promiser = printed.get("holder", ""), printed.get("promiser", "")
        if kind != "motion" and re.search(r"\w", holder):
            yield from self._named(row, holder, "rg:OfficeHolder", "rg:portfolioHolder")
        if kind == "commitment" and re.search(r"\w", promiser):
            yield from self._named(row, promiser, "rg:OfficeHolder", "rg:madeBy")
        if department := printed.get("department", ""):
            unit = {"org:unitOf": self.nodes.municipality}
            yield from self._named(row, department, "rg:Department", "rg:department", unit)
        if kind == "commitment" and "madeTo" in printed:
            yield from self._towards(row, printed["madeTo"], "rg:madeTo")
        if kind == "question" and "askedBy" in printed:
            yield from self._towards(row, printed["askedBy"], "rg:askedBy")
        yield from self._body(row)

    def _named(
        self, row: RowNodes, printed: str, kind: str, link: str, more: Mapping[str, Term] = {}
    ) -> Iterator[Triple]:
        """Yield the link to whom a name means, and a description by that name.

        Where that is not certain it is one of this register, with a mention of the candidates.
        """
        meaning = meant(printed, kind, row.entry.raised, self.known)
        node = meaning.node
        if node is not None:
            yield Triple(row.matter, iri(link), node)
            name = next(each.name for each in self.known if each.node == node)
            yield from self._described(row, node, kind, name, more)
            return
        name = without_period(printed) if kind == "rg:GoverningBody" else printed
        node = self.nodes.own(_PATHS[kind], key_of(name))
        yield Triple(row.matter, iri(link), node)
        assumed = {**more, "rg:rationale": _ASSUMED}
        yield from self._described(row, node, kind, name, assumed)
        yield from self._mention(row, printed, _PATHS[kind], meaning.candidates)

    def _described(
        self, row: RowNodes, node: NamedNode, kind: str, name: str, more: Mapping[str, Term]
    ) -> Iterator[Triple]:
        yield from self.nodes.once(
            node, kind, row.passage, name, {"foaf:name": Literal(name), **more}
        )

    def _mention(
        self, row: RowNodes, printed: str, path: str, candidates: Sequence[NamedNode]
    ) -> Iterator[Triple]:
        mention = self.nodes.own("vermelding", f"{path}-{key_of(printed)}")
        words: Mapping[str, Term] = {"rg:text": dutch(printed), "rg:mentionedIn": row.line}
        described = list(self.nodes.once(mention, "rg:Mention", row.passage, printed, words))
        yield from described
        for each in candidates if described else ():
            yield Triple(mention, iri("rg:possiblyRefersTo"), each)

    def _towards(self, row: RowNodes, printed: str, link: str) -> Iterator[Triple]:
        if re.match(r"(?i)(de )?(gemeente)?raad\b|(raads)?commissie\b", printed):
            yield from self._governing_body(row, printed, link)
            return
        faction = self.nodes.of_municipality("fractie", key_of(printed))
        yield Triple(row.matter, iri(link), faction)
        yield from self._described(row, faction, "rg:Faction", printed, {})

    def _governing_body(self, row: RowNodes, printed: str, link: str) -> Iterator[Triple]:
        more: dict[str, Term] = {"rg:bodyOf": self.nodes.municipality}
        if _COUNCIL.fullmatch(printed):
            # A municipality has one council, however it is called
            council = self._council
            yield Triple(row.matter, iri(link), council)
            more["rg:bodyKind"] = iri("rgt:body-council")
            yield from self._described(row, council, "rg:GoverningBody", printed, more)
            return
        if "commissie" in printed.casefold():
            more["rg:bodyKind"] = iri("rgt:body-committee")
        yield from self._named(row, printed, "rg:GoverningBody", link, more)

    @property
    def _council(self) -> NamedNode:
        return self.nodes.of_municipality("orgaan", "raad")

    def _body(self, row: RowNodes) -> Iterator[Triple]:
        """Yield the body and its meeting; what no row names was raised in the council at large."""
        printed, raised = row.entry.printed.get("committee", ""), row.entry.raised
        described = list(self._governing_body(row, printed or "raad", "rg:raisedBefore"))
        yield from described
        body = described[0].object
        if not (printed and raised and isinstance(body, NamedNode)):
            return
        name, day = without_period(printed), raised.isoformat()
        key = "raad" if body == self._council else key_of(name)
        meeting = self.nodes.own("vergadering", f"{key}-{day}")
        yield Triple(row.matter, iri("rg:raisedIn"), meeting)
        about: Mapping[str, Term] = {"rg:meetingOf": body, "rg:meetingDate": on(raised)}
        yield from self.nodes.once(meeting, "rg:Meeting", row.passage, f"{name}, {day}", about)
