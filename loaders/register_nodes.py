"""Resources of a register: their IRIs, and what is said of every one of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.loaders.triples import Term, about, dutch
from raadgraaf.namespaces import RDF_TYPE, RDFS_LABEL, iri

GEMEENTE = "https://identifier.overheid.nl/tooi/id/gemeente/"


def on(day: date) -> Literal:
    """Return a day as a literal."""
    return Literal(day.isoformat(), datatype=iri("xsd:date"))


@dataclass(slots=True)
class Nodes:
    """Makes the resources of one register; what several rows name is described once."""

    base: str
    code: str
    """The municipality, as TOOI code."""
    document: str
    """The key of the document within the municipality."""
    _described: set[NamedNode] = field(default_factory=set)

    def of_municipality(self, kind: str, key: str) -> NamedNode:
        """Return the IRI of a thing that all registers of the municipality share."""
        return NamedNode(f"{self.base}id/{kind}/{self.code}/{key}")

    def own(self, kind: str, key: str) -> NamedNode:
        """Return the IRI of a thing of this register: one of another register never meets it."""
        return self.of_municipality(kind, f"{self.document}/{key}")

    @property
    def register(self) -> NamedNode:
        """The document."""
        return self.of_municipality("document", self.document)

    @property
    def municipality(self) -> NamedNode:
        """The municipality, by TOOI."""
        return NamedNode(GEMEENTE + self.code)

    def thing(
        self, node: NamedNode, kind: str, passage: NamedNode, label: str, basis: str = "stated"
    ) -> Iterator[Triple]:
        """Yield class, label, passage and basis of a thing."""
        yield Triple(node, RDF_TYPE, iri(kind))
        yield Triple(node, RDFS_LABEL, dutch(label))
        yield Triple(node, iri("rg:statedIn"), passage)
        yield Triple(node, iri("rg:basis"), iri(f"rgt:basis-{basis}"))

    def once(
        self,
        node: NamedNode,
        kind: str,
        passage: NamedNode,
        label: str,
        more: Mapping[str, Term],
    ) -> Iterator[Triple]:
        """Describe something that several rows name by the first of them."""
        if node not in self._described:
            self._described.add(node)
            basis = "assumed" if "rg:rationale" in more else "stated"
            yield from self.thing(node, kind, passage, label, basis)
            yield from about(node, more)
