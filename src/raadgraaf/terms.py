"""Reading Turtle into terms: absolute IRIs, the configured base, no blank nodes left."""

import re
from collections.abc import Iterable

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)

from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.errors import InputError


def read_turtle(content: bytes, name: str, base: str, key: str) -> list[Triple]:
    """Return the triples of a Turtle document with IRIs under the configured base.

    Blank nodes become IRIs that depend on the graph alone (RDF 1.1 Concepts, 3.5), told apart
    from those of other graphs by `key`.
    """
    return read(content, RdfFormat.TURTLE, name, base, key)


def read(content: bytes, form: RdfFormat, name: str, base: str, key: str) -> list[Triple]:
    """Return the triples of a document in one of the RDF formats, as `read_turtle` does."""
    try:
        quads = list(parse(content, format=form))
    except SyntaxError as error:
        raise InputError(
            f"{name}, line {error.lineno}: {error.msg}. Nothing of this file was loaded."
        ) from None
    if any(isinstance(term, BlankNode) for quad in quads for term in (quad.subject, quad.object)):
        quads = canonical(quads)
    return [skolemized(quad, base, key) for quad in quads]


def canonical(quads: Iterable[Quad]) -> list[Quad]:
    """Return statements with labels of blank nodes that follow from the statements alone."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return list(dataset)


def skolemized(quad: Quad, base: str, key: str) -> Triple:
    """Return a triple with IRIs under the configured base, also in place of blank nodes."""
    return Triple(
        _named(quad.subject, base, key),
        NamedNode(rebased(quad.predicate.value, base)),
        quad.object if isinstance(quad.object, Literal) else _named(quad.object, base, key),
    )


def _named(term: NamedNode | BlankNode | Triple, base: str, key: str) -> NamedNode:
    if isinstance(term, NamedNode):
        return NamedNode(rebased(term.value, base))
    if isinstance(term, BlankNode):
        local = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-") or "graaf"
        return NamedNode(f"{base}.well-known/genid/{local}-{term.value}")
    raise InputError("The file holds a triple term (RDF 1.2). Write RDF 1.1.")


def rebased(iri: str, base: str) -> str:
    """Return an IRI under the configured base where it stands under that of the data files."""
    return base + iri.removeprefix(PLACEHOLDER_BASE) if iri.startswith(PLACEHOLDER_BASE) else iri
