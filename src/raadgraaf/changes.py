"""What SPARQL updates and the Graph Store Protocol make of the graphs of a release.

Nothing is written here: a release and a request give a `Change` for the transaction.
"""

import contextlib
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import TypeVar

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)

from raadgraaf import graphfiles
from raadgraaf.config import Settings
from raadgraaf.errors import Forbidden, InputError, NotFound, OwnGraph
from raadgraaf.guard import admit_update
from raadgraaf.provenance import GraphContent, is_own
from raadgraaf.releases import Manifest, Release
from raadgraaf.store import EmbeddedStore
from raadgraaf.transaction import Change
from raadgraaf.update_text import REFUSED_SOURCE, with_dataset, without_loads

Term = TypeVar("Term")

DEFAULT_KEY = "standaard"
"""Key of the graph that takes what is written to a default graph that is the merge of others."""

GRAPH_MEDIA_TYPES = {
    "text/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "text/plain": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
"""Media types in which a graph may be sent."""


@dataclass(frozen=True, slots=True)
class Update:
    """A SPARQL update, and the dataset of its WHERE clauses where the request gives one."""

    text: str
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """An RDF document that was sent."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class GraphWrite:
    """An operation of the Graph Store Protocol."""

    method: str
    """PUT, POST or DELETE."""
    graph: str
    """The IRI of the graph; empty for the default graph."""
    parts: tuple[Part, ...] = ()
    base: str = ""
    """What relative IRIs in the documents are resolved by; the graph itself where it is empty."""


def decide(settings: Settings, release: Release, request: Update | GraphWrite) -> Change:
    """Return the change that a request makes of a release."""
    if isinstance(request, Update):
        return _of_update(settings, release, request)
    return _of_graph_write(settings, release, request)


def _of_update(settings: Settings, release: Release, request: Update) -> Change:
    base = f"{settings.base}sparql"
    text = _executable(settings, request, base)
    store = _editable(release)
    lines_before, graphs_before = store.lines(), store.graphs()
    store.update(text, base)
    lines, graphs = store.lines(), store.graphs()
    added, removed = _by_graph(lines - lines_before), _by_graph(lines_before - lines)
    if not settings.plain:
        _spread_default(settings, release.manifest, store, added, removed)
    ended = graphs_before - graphs
    changed = (added.keys() | removed.keys() | (graphs - graphs_before)) - ended
    for graph in sorted(changed | ended):
        _require_not_own(graph, settings)
    digest = hashlib.sha256(request.text.encode()).hexdigest()
    contents = [
        GraphContent(
            key=graph,
            triples=_edited(settings, release.manifest, graph, added[graph], removed[graph]),
            source="SPARQL Update",
            digest=digest,
            loader="sparql-update",
        )
        for graph in sorted(changed)
    ]
    return Change(contents, removed=ended)


def _executable(settings: Settings, request: Update, base: str) -> str:
    """Return the text that the engine may carry out: what it is allowed, on its dataset."""
    found = admit_update(request.text, settings)
    if not (found.loads or request.using or request.using_named):
        return request.text
    if found.outermost is None:
        raise InputError(
            "The update has escapes outside of IRIs and strings. Write the characters themselves."
        )
    text = with_dataset(request.text, found.outermost, request.using, request.using_named)
    if not found.loads:
        return text
    outermost = admit_update(text, settings).outermost or ()
    with contextlib.suppress(InputError):  # in an empty store only the syntax matters
        EmbeddedStore.in_memory().update(without_loads(text, outermost, silent_only=False), base)
    text = without_loads(text, outermost, silent_only=True)
    if set(admit_update(text, settings).loads) != {REFUSED_SOURCE}:
        raise Forbidden(
            f"This service does not fetch {found.loads[0]} for you. "
            "Fetch it yourself, and send it to the graph store."
        )
    return text


def _editable(release: Release) -> EmbeddedStore:
    """Return a copy of a release in memory whose blank nodes have the labels of its files."""
    store = EmbeddedStore.in_memory()
    for name in ("data.nq", "default.nt"):
        store.load_as_written(release.path / name)
    for file in release.manifest.graphs:
        if file.graph:
            store.add_graph(file.graph)
    return store


def _by_graph(lines: Iterable[bytes]) -> dict[str, set[Triple]]:
    graphs: dict[str, set[Triple]] = defaultdict(set)
    for quad in parse(b"\n".join(lines), format=RdfFormat.N_QUADS):
        name = quad.graph_name
        graphs[name.value if isinstance(name, NamedNode) else ""].add(quad.triple)
    return graphs


def _spread_default(
    settings: Settings,
    manifest: Manifest,
    store: EmbeddedStore,
    added: dict[str, set[Triple]],
    removed: dict[str, set[Triple]],
) -> None:
    """Turn changes of the merge into changes of the graphs that it is the merge of.

    What is added goes to a graph for it; what is removed ends in every public graph that has it.
    """
    if more := added.pop("", None):
        added[f"{settings.base}graph/{DEFAULT_KEY}"] |= more
    public = {file.graph for file in manifest.graphs if file.public}
    for triple in removed.pop("", ()):
        for graph in store.graphs_with(triple) & public:
            removed[graph].add(triple)


def _edited(
    settings: Settings, manifest: Manifest, graph: str, added: Set[Triple], removed: Set[Triple]
) -> Sequence[Triple]:
    """Return the triples of a graph after a change; those untouched stay as they were written."""
    file = manifest.graph(graph)
    before = list(graphfiles.read(settings.home, file)) if file else []
    rewritten = removed - set(before)
    kept = [
        triple
        for triple in before
        if triple not in removed and not (rewritten and _as_stored(triple) in rewritten)
    ]
    return [*kept, *(added if settings.plain else _without_blank_nodes(added, settings.base))]


def _as_stored(triple: Triple) -> Triple:
    """Return a triple as the store has it, which rewrites numbers and times."""
    store = EmbeddedStore.in_memory()
    store.add([Quad(triple.subject, triple.predicate, triple.object)])
    return next(triple for triples in _by_graph(store.lines()).values() for triple in triples)


def _without_blank_nodes(triples: Iterable[Triple], base: str) -> Iterator[Triple]:
    """Yield triples in which blank nodes are IRIs (RDF 1.1 Concepts, 3.5)."""

    def named(term: Term) -> Term | NamedNode:
        if isinstance(term, BlankNode):
            return NamedNode(f"{base}.well-known/genid/{term.value}")
        return term

    for triple in triples:
        yield Triple(named(triple.subject), triple.predicate, named(triple.object))


def _require_not_own(graph: str, settings: Settings) -> None:
    if not settings.plain and is_own(graph, settings.base):
        raise OwnGraph(
            f"The graph {graph} is made by raadgraaf from the others. Nothing was changed. "
            "Change the graph that its statements come from."
        )


def _of_graph_write(settings: Settings, release: Release, request: GraphWrite) -> Change:
    graph = request.graph
    if not (graph or settings.plain):
        graph = f"{settings.base}graph/{DEFAULT_KEY}"
    _require_not_own(graph, settings)
    file = release.manifest.graph(graph)
    if request.method == "DELETE":
        if graph and file is None:
            raise NotFound(f"There is no graph {graph}. Nothing was changed.")
        return Change(removed=frozenset({graph}))
    before = list(graphfiles.read(settings.home, file)) if file and request.method == "POST" else []
    base = request.base or graph or f"{settings.base}graph/{DEFAULT_KEY}"
    digest = hashlib.sha256(b"".join(part.content for part in request.parts)).hexdigest()
    sent = [
        triple
        for number, part in enumerate(request.parts)
        for triple in _read(
            part, base, f"{graph} {number} {file.digest if before and file else 0}", settings
        )
    ]
    content = GraphContent(graph, [*before, *sent], "Graph Store Protocol", digest, "graph-store")
    return Change([content])


def _read(part: Part, base: str, key: str, settings: Settings) -> Iterator[Triple]:
    """Return the triples of a document; its blank nodes depend on it and on where it goes."""
    try:
        quads = list(
            parse(
                part.content,
                format=GRAPH_MEDIA_TYPES[part.media_type],
                base_iri=base,
                without_named_graphs=True,
            )
        )
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise InputError(
            f"The {part.media_type} that was sent{line}: {error.msg}. Nothing was changed."
        ) from None
    labelled = _labelled(quads, key) if _has_blank_nodes(quads) else [quad.triple for quad in quads]
    return iter(labelled if settings.plain else _without_blank_nodes(labelled, settings.base))


def _has_blank_nodes(quads: Iterable[Quad]) -> bool:
    return any(
        isinstance(term, BlankNode) for quad in quads for term in (quad.subject, quad.object)
    )


def _labelled(quads: Sequence[Quad], key: str) -> list[Triple]:
    """Return triples whose blank nodes have labels that follow from the graph and its key alone.

    So a graph that is sent twice is the same file twice, and no label of another graph is met.
    """
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(str(quad) for quad in dataset)
    name = hashlib.sha256("\n".join([key, *lines]).encode()).hexdigest()[:16]
    return [
        Triple(_prefixed(quad.subject, name), quad.predicate, _prefixed(quad.object, name))
        for quad in dataset
    ]


def _prefixed(term: Term, name: str) -> Term | BlankNode:
    return BlankNode(f"{name}{term.value}") if isinstance(term, BlankNode) else term
