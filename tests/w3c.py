"""The W3C's SPARQL 1.1 test suites: reading their manifests and comparing results.

They are no part of the project: they stand beside it, or where RAADGRAAF_W3C says.
"""

import csv
import io
import itertools
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from raadgraaf.namespaces import RDF_TYPE

FOLDER = Path(
    os.environ.get("RAADGRAAF_W3C", Path(__file__).resolve().parents[2] / "shared" / "w3c")
)
SPARQL = FOLDER / "sparql11"

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
XSD = "http://www.w3.org/2001/XMLSchema#"

RESULTS = {
    ".srx": QueryResultsFormat.XML,
    ".srj": QueryResultsFormat.JSON,
    ".csv": QueryResultsFormat.CSV,
    ".tsv": QueryResultsFormat.TSV,
}
FORMATS = {
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
_NUMBERS = {"decimal", "double", "float"}

Node = NamedNode | BlankNode | Literal | Triple


class Graph:
    """Triples by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._objects: dict[tuple[Node, str], list[Node]] = {}
        for each in triples:
            self._objects.setdefault((each.subject, each.predicate.value), []).append(each.object)

    def all(self, subject: Node, predicate: str) -> Sequence[Node]:
        """Return the objects of a predicate."""
        return self._objects.get((subject, predicate), [])

    def one(self, subject: Node, predicate: str) -> Node | None:
        """Return the object of a predicate."""
        return next(iter(self.all(subject, predicate)), None)

    def items(self, head: Node | None) -> Iterator[Node]:
        """Yield the members of a collection."""
        while head is not None and head != NamedNode(f"{RDF}nil"):
            item = self.one(head, f"{RDF}first")
            assert item is not None
            yield item
            head = self.one(head, f"{RDF}rest")

    def subjects(self) -> Iterator[Node]:
        """Yield each subject."""
        yield from dict.fromkeys(subject for subject, _ in self._objects)


def read(path: Path, base: str | None = None) -> list[Triple]:
    """Return the triples of a file; relative IRIs are resolved by its own address."""
    form = RdfFormat.from_extension(path.suffix[1:])
    base = base or path.as_uri()
    return [quad.triple for quad in parse(path.read_bytes(), format=form, base_iri=base)]


@dataclass(frozen=True)
class Case:
    """One test of a manifest."""

    graph: Graph
    node: NamedNode

    @property
    def kind(self) -> str:
        """Its class, without the namespace."""
        found = self.graph.one(self.node, RDF_TYPE.value)
        return str(getattr(found, "value", "")).removeprefix(MF)

    @property
    def id(self) -> str:
        """Its folder and name."""
        folder, _, name = self.node.value.partition("#")
        return f"{folder.rsplit('/', 2)[1]}/{name}"

    @cached_property
    def action(self) -> Node:
        """What is done."""
        found = self.graph.one(self.node, f"{MF}action")
        assert found is not None
        return found

    @cached_property
    def result(self) -> Node | None:
        """What is expected."""
        return self.graph.one(self.node, f"{MF}result")

    def file(self, subject: Node, predicate: str) -> Path | None:
        """Return a file that the manifest names."""
        found = self.graph.one(subject, predicate)
        return file_of(found) if found is not None else None

    def dataset(self, subject: Node, namespace: str) -> Mapping[str, Sequence[Triple]]:
        """Return the graphs of an action or result by IRI; the default graph has none."""
        graphs = {"": _merged(self.graph.all(subject, f"{namespace}data"))}
        for each in self.graph.all(subject, f"{namespace}graphData"):
            content = self.graph.one(each, f"{namespace}graph")
            label = self.graph.one(each, LABEL)
            name = label.value if isinstance(label, Literal) else _iri(each)
            graphs[name] = read(file_of(content if content is not None else each))
        return graphs


def cases(folders: Sequence[str], manifest_name: str = "manifest.ttl") -> Iterator[Case]:
    """Yield the tests of the suites in these folders."""
    for name in folders:
        manifest = SPARQL / name / manifest_name
        graph = Graph(read(manifest))
        for subject in graph.subjects():
            for entry in graph.items(graph.one(subject, f"{MF}entries")):
                assert isinstance(entry, NamedNode)
                yield Case(graph, entry)


def file_of(node: Node) -> Path:
    """Return the file that an IRI names."""
    return Path(_iri(node).removeprefix("file://"))


def _iri(node: Node) -> str:
    assert isinstance(node, NamedNode)
    return node.value


def _merged(nodes: Iterable[Node]) -> Sequence[Triple]:
    return [triple for node in nodes for triple in read(file_of(node))]


def same_graphs(found: Iterable[Triple], expected: Iterable[Triple]) -> bool:
    """Tell whether two graphs are isomorphic, numbers compared by value."""
    return _canonical(found) == _canonical(expected)


def _canonical(triples: Iterable[Triple]) -> Dataset:
    dataset = Dataset(Quad(each.subject, each.predicate, _valued(each.object)) for each in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def _valued(term: Node) -> Node:
    """Return a literal in the form that stands for its value."""
    if not isinstance(term, Literal) or term.datatype is None:
        return term
    kind = term.datatype.value.removeprefix(XSD)
    try:
        if kind in _NUMBERS:
            value = f"{float(term.value):.9g}"
            return Literal(value, datatype=term.datatype)
        if kind == "boolean":
            return Literal(str(term.value in {"1", "true"}).lower(), datatype=term.datatype)
        if kind == "integer":
            return Literal(str(int(Decimal(term.value))), datatype=term.datatype)
    except (ValueError, InvalidOperation):
        pass
    return term


Row = Mapping[str, Node]


def rows(content: bytes, form: QueryResultsFormat) -> bool | list[Row]:
    """Return SPARQL results: the truth of an ASK or the rows of a SELECT."""
    results = parse_query_results(content, form)
    if isinstance(results, QueryBoolean):
        return bool(results)
    names = [variable.value for variable in results.variables]
    return [
        {name: _valued(row[name]) for name in names if row[name] is not None} for row in results
    ]


def csv_rows(content: bytes) -> Counter[frozenset[tuple[str, str]]]:
    """Return the rows of results in CSV, in which no blank node has a label of its own."""
    found = csv.DictReader(io.StringIO(content.decode()))
    return Counter(
        frozenset((name, "_:" if text.startswith("_:") else text) for name, text in row.items())
        for row in found
    )


def expected_rows(path: Path) -> bool | list[Row]:
    """Return the expected results of a file, which may be a graph in the result-set vocabulary."""
    if path.suffix in RESULTS:
        return rows(path.read_bytes(), RESULTS[path.suffix])
    graph = Graph(read(path))
    (top,) = [
        each
        for each in graph.subjects()
        if graph.one(each, RDF_TYPE.value) == NamedNode(f"{RS}ResultSet")
    ]
    truth = graph.one(top, f"{RS}boolean")
    if isinstance(truth, Literal):
        return truth.value == "true"
    return [
        {
            str(getattr(graph.one(binding, f"{RS}variable"), "value", "")): _valued(value)
            for binding in graph.all(solution, f"{RS}binding")
            if (value := graph.one(binding, f"{RS}value")) is not None
        }
        for solution in graph.all(top, f"{RS}solution")
    ]


def same_rows(found: Sequence[Row], expected: Sequence[Row]) -> bool:
    """Tell whether results are equal in any order, up to the labels of blank nodes."""
    blank = [_blank_nodes(each) for each in (found, expected)]
    if len(blank[0]) != len(blank[1]):
        return False
    wanted = Counter(frozenset(row.items()) for row in expected)
    return any(
        Counter(_renamed(row, dict(zip(blank[0], order, strict=True))) for row in found) == wanted
        for order in itertools.permutations(blank[1])
    )


def _blank_nodes(rows: Sequence[Row]) -> list[BlankNode]:
    return sorted(
        {term for row in rows for term in row.values() if isinstance(term, BlankNode)}, key=str
    )


def _renamed(row: Row, names: Mapping[BlankNode, BlankNode]) -> frozenset[tuple[str, Node]]:
    return frozenset(
        (name, names[term] if isinstance(term, BlankNode) else term) for name, term in row.items()
    )
