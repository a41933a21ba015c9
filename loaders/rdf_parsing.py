"""The RDF formats of others as N-Triples by graph; run by `isolated`, as it may be hostile."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, BinaryIO, cast

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from raadgraaf.errors import InputError
from raadgraaf.terms import canonical, skolemized

FORMATS = {
    "JSON-LD": RdfFormat.JSON_LD,
    "N-Quads": RdfFormat.N_QUADS,
    "RDF/XML": RdfFormat.RDF_XML,
    "TriG": RdfFormat.TRIG,
}
"""N-Triples is N-Quads without graphs, Turtle TriG without: two parsers for four formats."""
_SUFFIXES = {
    "jsonld": "JSON-LD",
    "nq": "N-Quads",
    "nt": "N-Quads",
    "owl": "RDF/XML",
    "rdf": "RDF/XML",
    "trig": "TriG",
    "ttl": "TriG",
}
_XML = re.compile(rb"<(\?xml\b|!--|!DOCTYPE|rdf:RDF\b)")
_ELEMENT = re.compile(rb"<[A-Za-z_][\w.-]*(:[A-Za-z_][\w.-]*)?[\s>]")
_TURTLE = re.compile(rb"(?im)^\s*(@prefix|@base|prefix|base)\s")
_LINE = re.compile(rb"(<[^<>\s]+>|_:\S+)\s+<[^<>\s]+>\s+\S.*\.\s*(#.*)?")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_RDF = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DOCTYPE = re.compile(rb"<!DOCTYPE|<!ENTITY")
# An IRI that begins like this was relative: these parsers leave such out in silence
_NOWHERE = "https://relative.invalid/"
_LINES_AT_ONCE = 2000
_GRAPHS = 10_000
_PEEKED = 64 * 1024


def format_of(head: bytes, name: str) -> str | None:
    """Tell the format of a file by how it begins, then by the suffix of its name."""
    start = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    hint = _SUFFIXES.get(name.lower().rpartition(".")[2])
    if _XML.match(start) or (_ELEMENT.match(start) and hint not in {"TriG", "N-Quads"}):
        return "RDF/XML" if _RDF in head else None
    if start[:1] in {b"{", b"["} and (re.search(rb'"@(context|id|graph|type)"', head)):
        return "JSON-LD"
    if start[:1] == b"{" and hint != "TriG":
        return hint
    if hint in {"TriG", "N-Quads"}:
        return hint
    lines = [line for line in start.split(b"\n")[:-1] if line.strip() and line[:1] != b"#"]
    if lines and all(_LINE.fullmatch(line.strip()) for line in lines):
        return "N-Quads"
    return "TriG" if _TURTLE.search(start) else hint


def triples(
    stream: BinaryIO, form: str, name: str, base: str, key: str
) -> Iterator[Mapping[str, str]]:
    """Yield `graph` and `triples`, parts of each graph as N-Triples; the default graph is ""."""
    parts: dict[str, list[Triple]] = {}
    blank: list[Quad] = []
    for quad in _quads(stream, form, name):
        if _has_blank(quad):
            blank.append(quad)
        else:
            yield from _added(parts, quad, base, key, name)
    # Labels of blank nodes depend on the statements with blank nodes alone (RDFC 1.0, 4.4)
    for quad in canonical(blank) if blank else ():
        yield from _added(parts, quad, base, key, name)
    for graph, part in parts.items():
        yield _part(graph, part)


def _quads(stream: BinaryIO, form: str, name: str) -> Iterator[Quad]:
    source = _checked(stream, form, name)
    resolving = _NOWHERE if form in {"RDF/XML", "JSON-LD"} else None
    try:
        for quad in parse(source, format=FORMATS[form], base_iri=resolving):
            if resolving:
                _require_absolute(quad, name)
            yield quad
    except SyntaxError as error:
        if "LoadDocumentCallback" in str(error.msg):
            raise InputError(
                f"{name}: its @context stands elsewhere, and nothing is fetched. Write the "
                "context into the file, or turn the file into Turtle, and load that."
            ) from None
        where = f", line {error.lineno}" if error.lineno else ""
        raise InputError(f"{name}{where}: {error.msg}. Nothing of this file was loaded.") from None


def _checked(stream: BinaryIO, form: str, name: str) -> IO[bytes]:
    """Return a stream without its mark of byte order; refuse XML that defines entities."""
    reader = io.BufferedReader(cast(io.RawIOBase, stream), _PEEKED)
    head = reader.peek(_PEEKED)
    if head.startswith(_BYTE_ORDER_MARK):
        reader.read(len(_BYTE_ORDER_MARK))
    if form == "RDF/XML" and _DOCTYPE.search(head):
        raise InputError(
            f"{name}: it has a document type definition, which can hide harm. Write out the "
            "entities and take the definition away, or turn the file into Turtle."
        )
    return reader


def _require_absolute(quad: Quad, name: str) -> None:
    for term in quad:
        if isinstance(term, NamedNode) and term.value.startswith(_NOWHERE):
            raise InputError(
                f"{name}: {term.value.removeprefix(_NOWHERE)!r} is a relative IRI and the file "
                "gives no base. Write xml:base or @base into it, or the whole IRI."
            )


def _has_blank(quad: Quad) -> bool:
    return any(isinstance(term, BlankNode) for term in (quad.subject, quad.object))


def _added(
    parts: dict[str, list[Triple]], quad: Quad, base: str, key: str, name: str
) -> Iterable[Mapping[str, str]]:
    """Put a statement to those of its graph; return those when they are many."""
    graph = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
    if isinstance(quad.graph_name, BlankNode):
        raise InputError(f"{name}: a graph is named by a blank node. Give it an IRI.")
    part = parts.setdefault(graph, [])
    if len(parts) > _GRAPHS:
        raise InputError(f"{name}: it has more than {_GRAPHS} graphs. Split it.")
    part.append(skolemized(quad, base, key))
    if len(part) < _LINES_AT_ONCE:
        return ()
    parts[graph] = []
    return (_part(graph, part),)


def _part(graph: str, part: Iterable[Triple]) -> Mapping[str, str]:
    written = serialize(part, format=RdfFormat.N_TRIPLES) or b""
    return {"graph": graph, "triples": written.decode()}
