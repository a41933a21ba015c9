"""The embedded store (pyoxigraph): the only module that opens one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pyoxigraph import (
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
)

from raadgraaf.errors import InputError, QuerySyntaxError

Results = QuerySolutions | QueryBoolean | QueryTriples


class EmbeddedStore:
    """A dataset that answers SPARQL 1.1 queries in this process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def in_memory(cls, files: Iterable[Path] = ()) -> "EmbeddedStore":
        """Return a store in memory that holds the given N-Quads and N-Triples files."""
        store = Store()
        _bulk_load(store, files)
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
    def build(cls, path: Path, files: Iterable[Path]) -> int:
        """Make a store on disk of the given files and return how many quads it holds."""
        store = Store(str(path))
        _bulk_load(store, files)
        store.flush()
        store.optimize()
        return len(store)

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads, all or none."""
        self._store.extend(quads)

    def query(
        self, text: str, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> Results:
        """Return the results of a query; graphs given here replace its own dataset clause.

        Source: SPARQL 1.1 Protocol, 2.1.4 (Specifying an RDF Dataset).
        """
        given = bool(default_graphs or named_graphs)
        try:
            return self._store.query(
                text,
                default_graph=[NamedNode(iri) for iri in default_graphs] if given else None,
                named_graphs=[NamedNode(iri) for iri in named_graphs] if given else None,
            )
        except SyntaxError as error:
            raise QuerySyntaxError(f"The query cannot be parsed: {error.msg or error}") from None
        except ValueError as error:
            raise InputError(f"A graph of the request is not an absolute IRI: {error}") from None


def _bulk_load(store: Store, files: Iterable[Path]) -> None:
    for file in files:
        kind = RdfFormat.N_QUADS if file.suffix == ".nq" else RdfFormat.N_TRIPLES
        with file.open("rb") as stream:
            store.bulk_load(stream, kind)
