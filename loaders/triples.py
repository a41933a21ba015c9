"""Triples of loaders that make many resources of one shape."""

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.namespaces import iri

Term = NamedNode | Literal


def about(
    subject: NamedNode, values: Mapping[str, Term | Iterable[Term] | None]
) -> Iterator[Triple]:
    """Yield what is said of a resource; the names of properties have prefixes of ours."""
    for name, given in values.items():
        if isinstance(given, NamedNode | Literal):
            yield Triple(subject, iri(name), given)
        else:
            yield from (Triple(subject, iri(name), each) for each in given or ())


def dutch(text: str) -> Literal:
    """Return a Dutch text."""
    return Literal(text, language="nl")


def date(text: str) -> Literal:
    """Return a day that is written as 2024-02-27."""
    return Literal(text, datatype=iri("xsd:date"))
