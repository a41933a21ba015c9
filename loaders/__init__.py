"""Loaders: from the files of a municipality to graphs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.resources.abc import Traversable
from pathlib import Path

from pyoxigraph import Triple

from raadgraaf import resources
from raadgraaf.errors import InputError
from raadgraaf.loaders import names
from raadgraaf.loaders.base import Context, Loader, Source
from raadgraaf.loaders.ibabs_register import Ibabs
from raadgraaf.loaders.ori import Ori
from raadgraaf.loaders.pdf_register import Pdf
from raadgraaf.loaders.rdf import Rdf
from raadgraaf.loaders.register import SUFFIXES, Register
from raadgraaf.loaders.roo import Roo
from raadgraaf.loaders.tooi import Tooi
from raadgraaf.loaders.transcription import Transcription
from raadgraaf.provenance import GraphContent, is_own

LOADERS: dict[str, Loader] = {
    loader.name: loader
    for loader in (Transcription(), Pdf(), Ibabs(), Tooi(), Roo(), Ori(), Register(), Rdf())
}
"""Every loader by name, in the order in which they are asked whether a source is theirs."""

_WITH_NAMES = frozenset({"register", "pdf", "ibabs"})
"""The loaders that look up names among what other sources describe."""


def sources(paths: Sequence[Path]) -> Iterator[Source]:
    """Yield the files to load: the given ones, or else the data that ships with the package.

    Of a folder those that some loader recognizes.
    """
    if not paths:
        yield from _below(resources.folder("data"), "data")
    for path in paths:
        if path.is_dir():
            yield from _below(path, str(path))
        elif path.is_file():
            yield Source(str(path), path, path.parent)
        else:
            raise InputError(f"{path} does not exist. Name a file or folder to load.")


def contents(
    given: Iterable[Source], context: Context | str, loader: str | None = None
) -> Sequence[GraphContent]:
    """Return the graphs of sources, each by the given loader or the first that recognizes it.

    Of the context the base alone will do. The triples may be streams that can be read once.
    """
    context = Context(context) if isinstance(context, str) else context
    sources = list(given)
    # Registers come last: whom they name may be described by the others
    last = [source for source in sources if looks_up_names(source, loader, context)]
    others = [source for source in sources if source not in last]
    found = list(_loaded(others, context, loader))
    found += _loaded(last, with_names(context, (content for _, content in found)), loader)
    return apart(found, context.base)


def _loaded(
    given: Iterable[Source], context: Context, loader: str | None
) -> Iterator[tuple[Source, GraphContent]]:
    for source in given:
        for content in _loader(source, loader, context).load(source, context):
            yield source, content


def apart(found: Iterable[tuple[Source, GraphContent]], base: str) -> Sequence[GraphContent]:
    """Return the graphs that were found in sources; refuse one that stands in two of them."""
    graphs: dict[str, GraphContent] = {}
    for source, content in found:
        _require_free(content, source, graphs, base)
        graphs[content.key] = content
    return list(graphs.values())


def looks_up_names(source: Source, loader: str | None, context: Context) -> bool:
    """Tell whether names in a source are looked up among what other sources describe."""
    return _loader(source, loader, context).name in _WITH_NAMES


def with_names(context: Context, contents: Iterable[GraphContent]) -> Context:
    """Return a context that knows whom and what graphs describe by name, too."""
    return replace(context, known=names.joined(context.known, names.known(_said(contents))))


def _said(contents: Iterable[GraphContent]) -> Iterator[Triple]:
    """Yield the statements of graphs that are no stream."""
    for content in contents:
        if not isinstance(content.triples, Iterator):
            yield from content.triples


def put_in(graph: str, contents: Sequence[GraphContent], base: str) -> Sequence[GraphContent]:
    """Return the one graph that there must be under the key or IRI that was asked for."""
    if len(contents) != 1:
        raise InputError(
            f"{len(contents)} graphs were read, and --graph names one. Load one graph at a time."
        )
    if not re.fullmatch(
        r"[A-Za-z0-9][A-Za-z0-9._~-]*(/[A-Za-z0-9._~-]+)*|https?://[^\s<>\"{}|\\^`]+", graph
    ):
        raise InputError(
            f"{graph!r} cannot be the name of a graph. Give a key such as bron/lijst, or an IRI."
        )
    content = replace(contents[0], key=graph, named_after_file=False)
    _require_not_own(content, base)
    return [content]


def _require_free(
    content: GraphContent, source: Source, graphs: Mapping[str, GraphContent], base: str
) -> None:
    """Refuse a graph that is made by raadgraaf or held by another source."""
    _require_not_own(content, base)
    if content.key in graphs:
        raise InputError(
            f"{graphs[content.key].source} and {source.name} both hold the graph {content.key}. "
            "Rename one of them, or join them into one file."
        )


def _require_not_own(content: GraphContent, base: str) -> None:
    if is_own(content.iri(base), base):
        raise InputError(
            f"{content.source} is to be the graph {content.key}, which raadgraaf makes itself. "
            "Name another graph, in the file or by --graph."
        )


def _loader(source: Source, name: str | None, context: Context) -> Loader:
    loader = LOADERS[name] if name is not None else _recognizing(source)
    # A table that no mapping fits is refused best by the loader that knows why
    if source.name.lower().endswith(SUFFIXES) and (loader is None or context.mapping):
        loader = LOADERS["register"]
    if loader is None:
        raise InputError(
            f"{source.name} is of no known kind. Known kinds: {', '.join(LOADERS)}; "
            "force one with --loader."
        )
    return loader


def _recognizing(source: Source) -> Loader | None:
    return next((each for each in LOADERS.values() if each.recognizes(source)), None)


def _below(folder: Traversable, name: str) -> Iterator[Source]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        source = Source(f"{name}/{entry.name}", entry, folder)
        if entry.is_dir():
            yield from _below(entry, source.name)
        elif not entry.name.startswith(".") and _recognizing(source) is not None:
            yield source
