"""Short ways to make the statements of the generated data."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.namespaces import PREFIXES, iri

Value = NamedNode | Literal | Sequence[NamedNode | Literal] | None
"""One value, several, or nothing where it is missing."""

TOOI = "https://identifier.overheid.nl/tooi/id/gemeente/"


@dataclass(frozen=True, slots=True)
class SourceGraph:
    """A graph as one source document would give it."""

    key: str
    """Where it stands below `{base}graph/`."""
    triples: Sequence[Triple]


name = cache(iri)


def entity(kind: str, holder: str, key: str) -> NamedNode:
    """Return the IRI of a thing."""
    return NamedNode(f"{PLACEHOLDER_BASE}id/{kind}/{holder}/{key}")


def nl(text: str) -> Literal:
    """Return a Dutch text."""
    return Literal(text, language="nl")


def both(dutch: str, english: str) -> Sequence[Literal]:
    """Return a text in the two languages."""
    return (Literal(dutch, language="nl"), Literal(english, language="en"))


def day(value: date) -> Literal:
    """Return a date."""
    return Literal(value.isoformat(), datatype=NamedNode(PREFIXES["xsd"] + "date"))


def about(subject: NamedNode, kind: str, values: Mapping[str, Value]) -> Iterator[Triple]:
    """Yield the statements about a thing of a class; a value of None is missing."""
    yield Triple(subject, name("rdf:type"), name(kind))
    for key, value in values.items():
        if value is None:
            continue
        predicate = name(key)
        for each in value if isinstance(value, Sequence) else (value,):
            yield Triple(subject, predicate, each)


STATED = name("rgt:basis-stated")


class Text:
    """A source document whose passages follow each other, line after line."""

    def __init__(self, document: NamedNode, title: str) -> None:
        self.document = document
        self.title = title
        self.digest = hashlib.sha256(document.value.encode()).hexdigest()
        self._line = 1

    def describe(self, kind: str, values: Mapping[str, Value]) -> Iterator[Triple]:
        """Yield the statements about the document itself."""
        passage, triples = self.passage(self.title)
        yield from triples
        yield from about(
            self.document,
            kind,
            {
                "rdfs:label": nl(self.title),
                "rg:titleAsPrinted": nl(self.title),
                "rg:sha256": Literal(self.digest),
                "rg:basis": STATED,
                "rg:statedIn": passage,
                **values,
            },
        )

    def passage(self, quote: str, page: int | None = None) -> tuple[NamedNode, Iterable[Triple]]:
        """Return the next passage, some 80 characters a line, and the statements about it."""
        first, last = self._line, self._line + len(quote) // 80
        self._line = last + 2
        passage = entity("passage", self.digest[:12], f"{first}-{last}")
        return passage, about(
            passage,
            "rg:Passage",
            {
                "rdfs:label": nl(f"{self.title}, regels {first}-{last}"),
                "rg:passageOf": self.document,
                "rg:lineStart": Literal(first),
                "rg:lineEnd": Literal(last),
                "rg:quote": nl(quote),
                "rg:pageNumber": None if page is None else Literal(page),
            },
        )
