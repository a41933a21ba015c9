"""Reads many sources at the same time: in processes of this machine, or on a cluster."""

import gzip
import io
import multiprocessing
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

from raadgraaf import cluster, loaders, sorting
from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import ReaderEnded
from raadgraaf.loaders.base import Context, Rejected, Source, ignore
from raadgraaf.provenance import GraphContent
from raadgraaf.sorting import SortedTriples

ALONE = 4 * MEBIBYTE
"""Bytes of sources that one process has read before others have started."""

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source holds, read to its end."""

    contents: Sequence[GraphContent]
    """Its graphs, their triples in sorted files."""
    rejected: Sequence[Rejected]
    masked: Mapping[str, int]
    """How much was masked, by its kind."""
    packed: Sequence[bytes] = ()
    """Those files, compressed, if they stand on another machine."""


@contextmanager
def contents(
    given: Iterable[Source],
    context: Context,
    loader: str | None = None,
    *,
    processes: int = 1,
    at: str | None = None,
) -> Iterator[Sequence[GraphContent]]:
    """Give the graphs of sources as `loaders.contents` does, read by several processes.

    Several sources are read to their end before the first graph is given, each by one process;
    with `at` by the workers of the Dask scheduler there.
    """
    sources = list(given)
    if len(sources) == 1 and at is None:
        yield loaders.contents(sources, context, loader)
        return
    last = [each for each in sources if loaders.looks_up_names(each, loader, context)]
    others = [each for each in sources if each not in last]
    with tempfile.TemporaryDirectory(prefix="raadgraaf-") as name:
        folder = Path(name)
        found = list(_read(others, context, loader, folder / "others", processes=processes, at=at))
        context = loaders.with_names(context, (content for _, content in found))
        found += _read(last, context, loader, folder / "last", processes=processes, at=at)
        yield loaders.apart(found, context.base)


Found = tuple[Source, GraphContent]


def _read(
    sources: Sequence[Source],
    context: Context,
    loader: str | None,
    folder: Path,
    *,
    processes: int,
    at: str | None,
) -> Iterator[Found]:
    """Yield the graphs of sources; tell which rows were rejected."""
    own = replace(context, rejected=ignore, masked=ignore)
    folder.mkdir()
    folders = [folder / str(number) for number in range(len(sources))]
    if not sources:
        return
    if at is not None:
        readings = _there(sources, own, loader, folders, at)
    elif processes > 1 and sum(each.size for each in sources) > ALONE:
        readings = _beside(sources, own, loader, folders, processes)
    else:
        readings = map(read, sources, repeat(own), repeat(loader), folders)
    for source, reading in zip(sources, readings, strict=True):
        for each in reading.rejected:
            context.rejected(each)
        context.masked(reading.masked)
        for content in reading.contents:
            yield source, content


def _beside(
    sources: Sequence[Source],
    context: Context,
    loader: str | None,
    folders: Sequence[Path],
    processes: int,
) -> Iterator[Reading]:
    # A fork of a process that holds an open store may hang
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(sources)), mp_context=spawn) as pool:
        try:
            yield from pool.map(read, sources, repeat(context), repeat(loader), folders)
        except BrokenProcessPool:
            raise ReaderEnded(
                "A process that read sources was ended from outside, perhaps because the memory "
                "was used up. Nothing has been changed. Load with --processes 1, or fewer sources "
                "at a time."
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _there(
    sources: Sequence[Source],
    context: Context,
    loader: str | None,
    folders: Sequence[Path],
    address: str,
) -> Iterator[Reading]:
    mapping = context.mapping and context.mapping.resolve()
    asked = [(_located(source), replace(context, mapping=mapping), loader) for source in sources]
    for folder, reading in zip(folders, cluster.results(address, _packed, asked), strict=True):
        yield _unpacked(reading, folder)


def _located(source: Source) -> Source:
    """Return a source by paths that mean the same in another working folder."""
    if isinstance(source.path, Path) and isinstance(source.folder, Path):
        return replace(source, path=source.path.resolve(), folder=source.folder.resolve())
    return source


def read(source: Source, context: Context, loader: str | None, folder: Path) -> Reading:
    """Read a source to its end; what its graphs hold goes to sorted files in a new folder."""
    rejected: list[Rejected] = []
    folder.mkdir()
    masked = Counter[str]()
    own = replace(context, rejected=rejected.append, masked=masked.update)
    found = loaders.contents([source], own, loader)
    graphs = [
        replace(each, triples=sorting.write(each.triples, _file(folder, number)))
        for number, each in enumerate(found)
    ]
    return Reading(graphs, rejected, masked)


def _packed(source: Source, context: Context, loader: str | None) -> Reading:
    """Read a source on a machine that shares no folder to write in."""
    with tempfile.TemporaryDirectory(prefix="raadgraaf-") as name:
        folder = Path(name, "read")
        reading = read(source, context, loader, folder)
        packed = []
        for number in range(len(reading.contents)):
            compressed = Path(name, "compressed")
            with (
                _file(folder, number).open("rb") as plain,
                gzip.open(compressed, "wb", compresslevel=1) as stream,
            ):
                shutil.copyfileobj(plain, stream, _CHUNK)
            packed.append(compressed.read_bytes())
    graphs = [replace(each, triples=()) for each in reading.contents]
    return Reading(graphs, reading.rejected, reading.masked, packed)


def _unpacked(reading: Reading, folder: Path) -> Reading:
    folder.mkdir()
    graphs = []
    for number, (content, packed) in enumerate(zip(reading.contents, reading.packed, strict=True)):
        file = _file(folder, number)
        with gzip.open(io.BytesIO(packed)) as compressed, file.open("wb") as stream:
            shutil.copyfileobj(compressed, stream, _CHUNK)
        graphs.append(replace(content, triples=SortedTriples(file)))
    return Reading(graphs, reading.rejected, reading.masked)


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number}.nt"
