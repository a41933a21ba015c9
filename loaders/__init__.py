"""Loaders: from the files of a municipality to graphs."""

from collections.abc import Iterable, Iterator, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from raadgraaf import resources
from raadgraaf.errors import InputError
from raadgraaf.loaders.base import Loader, Source
from raadgraaf.loaders.rdf import Rdf
from raadgraaf.loaders.transcription import Transcription
from raadgraaf.provenance import GraphContent, is_own

LOADERS: dict[str, Loader] = {loader.name: loader for loader in (Transcription(), Rdf())}
"""Every loader by name, in the order in which they are asked whether a source is theirs."""


def sources(paths: Sequence[Path]) -> Iterator[Source]:
    """Yield the files to load: the given ones, or else the data that ships with the package."""
    if not paths:
        yield from _below(resources.folder("data"), "data")
    for path in paths:
        if path.is_dir():
            yield from _below(path, str(path))
        elif path.is_file():
            yield Source(str(path), path.read_bytes(), path.parent)
        else:
            raise InputError(f"{path} does not exist. Name a file or folder to load.")


def contents(
    given: Iterable[Source], base: str, loader: str | None = None
) -> Sequence[GraphContent]:
    """Return the graphs of sources, each by the given loader or the first that recognizes it."""
    graphs: dict[str, GraphContent] = {}
    for source in given:
        content = _loader(source, loader).load(source, base)
        if is_own(content.iri(base), base):
            raise InputError(
                f"{source.name} says that it holds the graph {content.key}, which raadgraaf makes "
                "itself. Name another graph in it."
            )
        other = graphs.setdefault(content.key, content)
        if other is not content:
            raise InputError(
                f"{other.source} and {source.name} both hold the graph {content.key}. "
                "Rename one of them, or join them into one file."
            )
    return list(graphs.values())


def _loader(source: Source, name: str | None) -> Loader:
    if name is not None:
        return LOADERS[name]
    for loader in LOADERS.values():
        if loader.recognizes(source):
            return loader
    raise InputError(
        f"{source.name} is of no known kind. Known kinds: {', '.join(LOADERS)}; "
        "force one with --loader."
    )


def _below(folder: Traversable, name: str) -> Iterator[Source]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _below(entry, f"{name}/{entry.name}")
        elif entry.name.endswith(".ttl"):
            yield Source(f"{name}/{entry.name}", entry.read_bytes(), folder)
