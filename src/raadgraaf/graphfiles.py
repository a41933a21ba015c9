"""Graph files: one sorted N-Quads file per named graph, named by its digest; the truth of a home.

Sorted means by bytes, each statement once, so equal graphs are equal files.
"""

import ctypes
import hashlib
import heapq
import itertools
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from raadgraaf import sorting
from raadgraaf.errors import Damaged


@dataclass(frozen=True, slots=True)
class GraphFile:
    """One named graph in a file."""

    graph: str
    """The IRI of the graph; empty for the default graph of a plain store."""
    digest: str
    """The SHA-256 of the file in hexadecimal digits, also its name."""
    statements: int
    public: bool = True
    """Whether the default graph of a release includes it."""

    def path(self, home: Path) -> Path:
        """Return where the file stands in a home folder."""
        return home / "graphs" / f"{self.digest}.nq"


def write(home: Path, graph: str, triples: Iterable[Triple], *, public: bool = True) -> GraphFile:
    """Write the file of a graph, durably and under its final name, and describe it.

    A file that has this content is left as it is.
    """
    ending = _ending(graph)
    digest, statements = hashlib.sha256(), 0
    temporary = home / "graphs" / "unnamed.tmp"
    temporary.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack, temporary.open("wb") as stream:
        for line in sorting.lines(triples, stack):
            written = line[:-3] + ending
            digest.update(written)
            stream.write(written)
            statements += 1
        file = GraphFile(graph, digest.hexdigest(), statements, public)
        path = file.path(home)
        known = path.exists() and digest_of(path) == file.digest
        if not known:
            stream.flush()
            os.fsync(stream.fileno())
    if known:
        temporary.unlink()
    else:
        temporary.replace(path)
        sync_folder(path.parent)
    return file


def read(home: Path, file: GraphFile) -> Iterator[Triple]:
    """Yield the triples of a graph file."""
    with file.path(home).open("rb") as stream:
        yield from (quad.triple for quad in parse(stream, format=RdfFormat.N_QUADS))


def require_unchanged(home: Path, file: GraphFile) -> None:
    """Refuse a graph file whose content is no longer that of its digest."""
    path = file.path(home)
    if not path.exists() or digest_of(path) != file.digest:
        raise Damaged(
            f"{path}, which holds the graph {file.graph}, was changed or lost. "
            "Load the source of that graph again; the current release still answers."
        )


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def merge(home: Path, files: Iterable[GraphFile]) -> Iterator[bytes]:
    """Yield the RDF merge of graphs as sorted N-Triples lines, each statement once.

    The files hold no blank nodes, so a merge is a union (RDF 1.1 Semantics, 4.1). Taking the
    graph off a line keeps the order of the lines: what follows the object is a blank either way.
    """
    with ExitStack() as stack:
        streams = [
            _without_graph(stack.enter_context(file.path(home).open("rb")), file.graph)
            for file in files
        ]
        yield from (line for line, _ in itertools.groupby(heapq.merge(*streams)))


def _without_graph(lines: Iterable[bytes], graph: str) -> Iterator[bytes]:
    ending = len(_ending(graph))
    return (line[:-ending] + b" .\n" for line in lines)


def _ending(graph: str) -> bytes:
    return (f" {NamedNode(graph)} .\n" if graph else " .\n").encode()


def write_durably(path: Path, content: bytes) -> None:
    """Write a file whole: after a crash it stands under its name complete, or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def exchange(one: Path, other: Path) -> None:
    """Let two folders change places at once (renameat2 of Linux), so that neither is ever away."""
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(here, os.fsencode(one), here, os.fsencode(other), swap):
        raise OSError(ctypes.get_errno(), "Two folders cannot change places here", str(other))
