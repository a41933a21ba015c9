"""The embedded store (pyoxigraph): the only module that opens one."""

from collections.abc import Callable, Iterable, Sequence, Set
from pathlib import Path
from typing import cast

from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from raadgraaf.errors import Damaged, InputError, QuerySyntaxError
from raadgraaf.namespaces import RDF_TYPE

Results = QuerySolutions | QueryBoolean | QueryTriples

Known = Callable[[str, Sequence[str], Sequence[str]], Results | None]
"""Answers a query, asked with these default and named graphs, if it can do so without a store."""


class EmbeddedStore:
    """A dataset that answers SPARQL 1.1 queries in this process."""

    def __init__(self, store: Store, known: Known | None = None) -> None:
        self._store = store
        self._known = known

    @classmethod
    def in_memory(cls, files: Iterable[Path] = (), graphs: Iterable[str] = ()) -> "EmbeddedStore":
        """Return a store in memory of the given N-Quads and N-Triples files and empty graphs."""
        store = Store()
        _bulk_load(store, files)
        _add_graphs(store, graphs)
        return cls(store)

    @classmethod
    def of_triples(cls, data: bytes) -> "EmbeddedStore":
        """Return a store in memory whose default graph holds the given N-Triples."""
        store = Store()
        store.bulk_load(data, RdfFormat.N_TRIPLES)
        return cls(store)

    @classmethod
    def read_only(cls, path: Path) -> "EmbeddedStore":
        """Return a store on disk that nobody writes."""
        return cls(Store.read_only(str(path)))

    @classmethod
    def build(cls, path: Path, files: Iterable[Path], graphs: Iterable[str] = ()) -> int:
        """Make a store on disk of files and empty graphs; return how many quads it holds."""
        try:
            store = Store(str(path))
            _bulk_load(store, files)
            _add_graphs(store, graphs)
            store.flush()
            store.optimize()
            return len(store)
        except RuntimeError as error:
            raise Damaged(
                f"The store in {path} cannot be built: {error}. Look after the disk, then try "
                "again; nothing has been changed."
            ) from None

    def knowing(self, known: Known) -> "EmbeddedStore":
        """Return the same store, which is asked only what is not known already."""
        return EmbeddedStore(self._store, known)

    def size(self) -> int:
        """Return how many quads it holds, counted one by one."""
        return len(self._store)

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads, all or none."""
        self._store.extend(quads)

    def load_as_written(self, file: Path) -> None:
        """Add an N-Quads file; its blank nodes keep their labels, unlike by bulk loading."""
        with file.open("rb") as stream:
            self._store.extend(parse(stream, format=RdfFormat.N_QUADS))

    def add_graph(self, graph: str) -> None:
        """Have a named graph exist even if it is empty."""
        self._store.add_graph(NamedNode(graph))

    def graphs(self) -> Set[str]:
        """Return the IRIs of the named graphs, empty ones included."""
        return {graph.value for graph in self._store.named_graphs() if isinstance(graph, NamedNode)}

    def lines(self) -> Set[bytes]:
        """Return all quads as lines of N-Quads."""
        return set((self._store.dump(format=RdfFormat.N_QUADS) or b"").splitlines())

    def graphs_with(self, triple: Triple) -> Set[str]:
        """Return the IRIs of the named graphs that hold a triple."""
        found = self._store.quads_for_pattern(triple.subject, triple.predicate, triple.object)
        return {quad.graph_name.value for quad in found if isinstance(quad.graph_name, NamedNode)}

    def update(self, text: str, base: str) -> None:
        """Carry out a SPARQL update, all of it or nothing; relative IRIs are resolved by base."""
        try:
            self._store.update(text, base_iri=base)
        except SyntaxError as error:
            raise QuerySyntaxError(f"The update cannot be parsed: {error.msg or error}") from None
        except (OSError, RuntimeError) as error:  # LOAD, and graphs that exist or do not
            raise InputError(
                f"The update cannot be carried out: {error}. Nothing was changed."
            ) from None

    def query(
        self,
        text: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
    ) -> Results:
        """Return the results of a query; graphs given here replace its own dataset clause.

        Relative IRIs are resolved by the base, if there is one.

        Source: SPARQL 1.1 Protocol, 2.1.4 (Specifying an RDF Dataset).
        """
        found = self._known(text, default_graphs, named_graphs) if self._known else None
        if found is not None:
            return found
        given = bool(default_graphs or named_graphs)
        try:
            return self._store.query(
                text,
                base_iri=base,
                default_graph=[NamedNode(iri) for iri in default_graphs] if given else None,
                named_graphs=[NamedNode(iri) for iri in named_graphs] if given else None,
            )
        except SyntaxError as error:
            raise QuerySyntaxError(f"The query cannot be parsed: {error.msg or error}") from None
        except ValueError as error:
            raise InputError(f"A graph of the request is not an absolute IRI: {error}") from None
        except (OSError, RuntimeError) as error:  # RuntimeError is what a corrupt file shows as
            raise Damaged(
                f"The store cannot be read: {error}. `raadgraaf check` says more."
            ) from None


def as_stored(term: Literal) -> Literal:
    """Return a literal as a store writes it: `"01"` as an integer becomes `1`."""
    store = Store()
    store.add(Quad(RDF_TYPE, RDF_TYPE, term))
    (quad,) = store
    return cast("Literal", quad.object)


def _add_graphs(store: Store, graphs: Iterable[str]) -> None:
    for graph in graphs:
        store.add_graph(NamedNode(graph))


def _bulk_load(store: Store, files: Iterable[Path]) -> None:
    for file in files:
        kind = RdfFormat.N_QUADS if file.suffix == ".nq" else RdfFormat.N_TRIPLES
        with file.open("rb") as stream:
            store.bulk_load(stream, kind)
