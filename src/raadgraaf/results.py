"""Query results in the media types of SPARQL and RDF, written as they are computed."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice, takewhile
from types import MappingProxyType
from typing import IO

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    serialize,
)

from raadgraaf.errors import NotAcceptable
from raadgraaf.namespaces import PREFIXES
from raadgraaf.store import Results

RESULT_TYPES = MappingProxyType(
    {
        "application/sparql-results+json": QueryResultsFormat.JSON,
        "application/sparql-results+xml": QueryResultsFormat.XML,
        "text/csv": QueryResultsFormat.CSV,
        "text/tab-separated-values": QueryResultsFormat.TSV,
    }
)
"""What a SELECT can answer in; an ASK only in the first two (SPARQL 1.1 CSV and TSV, 1)."""

GRAPH_TYPES = MappingProxyType(
    {
        "text/turtle": RdfFormat.TURTLE,
        "application/n-triples": RdfFormat.N_TRIPLES,
        "application/rdf+xml": RdfFormat.RDF_XML,
        "application/trig": RdfFormat.TRIG,
        "application/n-quads": RdfFormat.N_QUADS,
        "application/ld+json": RdfFormat.JSON_LD,
    }
)
"""What a CONSTRUCT or DESCRIBE can answer in."""

GROUPED_TRIPLES = 10_000
"""Triples up to which a graph that people read is grouped by subject."""

_PREFIXED = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML)


def choose(
    results: Results | Iterator[Triple], results_type: str | None, graph_type: str | None
) -> str:
    """Return the one of two media types that can carry these results.

    Either is the caller's first choice for its form of result, or nothing if the client accepts
    none. An ASK has no CSV or TSV: who accepts other types beside those passes one of the others.
    """
    if isinstance(results, QueryBoolean):
        form, given = "boolean", results_type
        able = {"application/sparql-results+json", "application/sparql-results+xml"}
    elif isinstance(results, QuerySolutions):
        form, given, able = "table", results_type, set(RESULT_TYPES)
    else:
        form, given, able = "graph", graph_type, set(GRAPH_TYPES)
    if given in able:
        return given
    raise NotAcceptable(
        f"The result is a {form}, which {given or 'what the client accepts'} cannot carry. "
        f"Accept one of {', '.join(sorted(able))}."
    )


def write(results: Results | Iterator[Triple], media_type: str, output: IO[bytes]) -> None:
    """Write results in a media type that `choose` gave, the query running meanwhile."""
    if isinstance(results, QueryBoolean | QuerySolutions):
        results.serialize(output, RESULT_TYPES[media_type])
        return
    kind = GRAPH_TYPES[media_type]
    if kind not in _PREFIXED:
        if isinstance(results, QueryTriples):
            results.serialize(output, kind)
        else:
            serialize(results, output, kind)
        return
    first = sorted(islice(results, GROUPED_TRIPLES), key=str)
    names = {prefix: name for prefix, name in PREFIXES.items() if _used(name, first)}
    more = next(results, None)
    if more is None:
        output.write(_in_order(serialize(first, format=kind, prefixes=names) or b""))
    else:
        serialize(chain(first, [more], results), output, kind, prefixes=names)


def _in_order(content: bytes) -> bytes:
    """Return Turtle or TriG with its prefixes sorted, so that equal graphs are equal texts."""
    lines = content.splitlines(keepends=True)
    prefixes = list(takewhile(lambda line: line.startswith(b"@prefix"), lines))
    return b"".join([*sorted(prefixes), *lines[len(prefixes) :]])


def _used(namespace: str, triples: Iterable[Triple]) -> bool:
    return any(
        isinstance(term, NamedNode) and term.value.startswith(namespace)
        for triple in triples
        for term in triple
    )
