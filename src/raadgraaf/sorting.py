"""Sorts triples into lines of N-Triples, by bytes and each once, in bounded memory."""

import heapq
import io
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse, serialize

TRIPLES_IN_MEMORY = 100_000
"""Triples that are sorted at a time, ~ 100 MB."""


@dataclass(frozen=True, slots=True)
class SortedTriples:
    """Triples that stand in a file as sorted lines of N-Triples, each once."""

    path: Path

    def __iter__(self) -> Iterator[Triple]:
        """Yield them; they can be read any number of times."""
        with self.path.open("rb") as stream:
            yield from (quad.triple for quad in parse(stream, format=RdfFormat.N_TRIPLES))


def write(triples: Iterable[Triple], path: Path) -> SortedTriples:
    """Write triples to a file, sorted."""
    with ExitStack() as stack, path.open("wb") as stream:
        stream.writelines(lines(triples, stack))
    return SortedTriples(path)


def lines(triples: Iterable[Triple], stack: ExitStack) -> Iterator[bytes]:
    """Yield the sorted lines of triples, each once; files that it takes go with the stack."""
    if isinstance(triples, SortedTriples):
        return iter(stack.enter_context(triples.path.open("rb")))
    parts = _sorted_parts(triples)
    runs: list[Iterable[bytes]] = [next(parts, [])]
    for part in parts:
        run = tempfile.TemporaryFile()  # noqa: SIM115 # the stack closes it
        stack.enter_context(run)
        run.writelines(part)
        run.seek(0)
        runs.append(run)
    if len(runs) == 1:
        return iter(runs[0])
    return (line for line, _ in itertools.groupby(heapq.merge(*runs)))


def _sorted_parts(triples: Iterable[Triple]) -> Iterator[list[bytes]]:
    remaining = iter(triples)
    while part := list(itertools.islice(remaining, TRIPLES_IN_MEMORY)):
        yield sorted(set(io.BytesIO(serialize(part, format=RdfFormat.N_TRIPLES) or b"")))
