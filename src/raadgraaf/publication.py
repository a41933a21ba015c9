"""Sends a release to a remote store, and says what a remote store holds.

A store holds the named graphs of a release, its default graph under a name, and two graphs about
these: the inventory (each graph with the digest of its file once all of it is there) and, when
everything has been counted, the announcement. Services ask a store only while it is announced.
"""

import fcntl
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Triple, parse

from raadgraaf import graphfiles
from raadgraaf.config import Settings
from raadgraaf.errors import Busy, Damaged, InputError
from raadgraaf.graphfiles import GraphFile
from raadgraaf.namespaces import iri
from raadgraaf.releases import Release
from raadgraaf.remote import Endpoint

CHUNK_TRIPLES = 2_000
"""Virtuoso 7 reads up to about 4,900 in one update."""
UPDATE_SECONDS = 900.0
"""How long one update may take; a store may need minutes to drop a large graph."""
ASK_SECONDS = 60.0

ANNOUNCEMENT = """\
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rg: <https://w3id.org/raadgraaf/def#>

SELECT ?release ?digest ?at
WHERE {
  ?graph dcterms:identifier ?release ;
    rg:sha256 ?digest ;
    dcterms:issued ?at .
}
"""
INVENTORY = """\
PREFIX rg: <https://w3id.org/raadgraaf/def#>

SELECT ?graph ?digest
WHERE {
  ?graph rg:sha256 ?digest .
}
"""
COUNT = """\
SELECT (COUNT(*) AS ?statements)
WHERE {
  ?subject ?predicate ?object .
}
"""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a store says it holds, whole and counted."""

    release: int
    digest: str
    """That of the manifest, so that two homes with the same numbers are told apart."""
    at: str
    """When, in UTC; the store with the last announcement answers."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was done to a store."""

    address: str
    graphs: int
    """Graphs that it did not hold yet."""
    statements: int
    """Statements in these."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A graph to be sent."""

    graph: str
    digest: str
    statements: int
    triples: Callable[[], Iterator[Triple]]


def merged_graph(base: str) -> str:
    """Return the IRI under which a store holds the default graph of a release."""
    return f"{base}graph/samengevoegd"


def manifest_digest(release: Release) -> str:
    """Return what tells a release from others of the same number."""
    return hashlib.sha256(release.manifest.to_json()).hexdigest()


def announcement(endpoint: Endpoint, base: str, seconds: float) -> Announcement | None:
    """Return what a store has been announced to hold."""
    rows = _rows(endpoint, ANNOUNCEMENT, _announcements(base), seconds)
    found = [Announcement(int(release), digest, at) for release, digest, at in rows]
    return max(found, key=lambda each: each.at, default=None)


def publish(
    settings: Settings,
    release: Release,
    endpoints: Sequence[Endpoint],
    *,
    everywhere: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    wait: Callable[[float], None] = time.sleep,
) -> Sequence[Sent]:
    """Bring a release to the store that has waited longest, and have it answer.

    With `everywhere` to all of them, one after another. A store that holds the release is left
    alone, so a repeat does nothing, and one that was cut off goes on where it was.
    """
    base, digest = release.manifest.base, manifest_digest(release)
    with _publishing(settings.home):
        found = [(each, announcement(each, base, ASK_SECONDS)) for each in endpoints]
        last = max((known.at for _, known in found if known), default="")
        if any(known and (known.at, known.digest) == (last, digest) for _, known in found):
            targets = [each for each, known in found if known is None or known.digest != digest]
            targets = targets if everywhere else []
        else:
            ordered = sorted(found, key=lambda each: each[1].at if each[1] else "")
            targets = [each for each, _ in ordered][: None if everywhere else 1]
        return [
            _send(settings, release, target, progress=progress, wait=wait) for target in targets
        ]


def _send(
    settings: Settings,
    release: Release,
    endpoint: Endpoint,
    *,
    progress: Callable[[str], None],
    wait: Callable[[float], None],
) -> Sent:
    """Make a store hold a release, and announce it."""
    base = release.manifest.base
    if announcement(endpoint, base, ASK_SECONDS):
        progress(f"Withdrawing {endpoint.address} from service")
        _drop(endpoint, _announcements(base))
        # Services look at it every few seconds, and may then have begun queries on it.
        wait(2 * settings.store_check_seconds + settings.deadline)
    parts = {part.graph: part for part in _parts(settings.home, release)}
    held = _inventory(endpoint, base)
    for graph in sorted(held.keys() - parts.keys()):
        _drop(endpoint, graph)
        _forget(endpoint, base, graph, held[graph])
    missing = [part for part in parts.values() if held.get(part.graph) != {part.digest}]
    for number, part in enumerate(missing, 1):
        progress(f"Sending graph {number} of {len(missing)} to {endpoint.address}")
        _replace(endpoint, base, part, held.get(part.graph, set()))
    progress(f"Counting in {endpoint.address}")
    for part in parts.values():
        _require_count(endpoint, base, part)
    subject = NamedNode(_announcements(base))
    facts = [
        Triple(subject, iri("dcterms:identifier"), Literal(str(release.number))),
        Triple(subject, iri("rg:sha256"), Literal(manifest_digest(release))),
        Triple(subject, iri("dcterms:issued"), Literal(datetime.now(UTC).isoformat())),
        Triple(
            subject,
            iri("void:triples"),
            Literal(sum(part.statements for part in parts.values())),
        ),
    ]
    _change(endpoint, "INSERT", subject.value, facts)
    return Sent(endpoint.address, len(missing), sum(part.statements for part in missing))


def _parts(home: Path, release: Release) -> Iterator[_Part]:
    """Yield the graphs that a store needs to answer as the release does."""
    merged = merged_graph(release.manifest.base)
    for file in release.manifest.graphs:
        yield _Part(file.graph or merged, file.digest, file.statements, _read(home, file))
    if not release.manifest.plain:
        path = release.path / "default.nt"
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        with path.open("rb") as stream:
            statements = sum(1 for _ in stream)
        yield _Part(merged, digest, statements, lambda: _read_merge(path))


def _read(home: Path, file: GraphFile) -> Callable[[], Iterator[Triple]]:
    return lambda: graphfiles.read(home, file)


def _read_merge(path: Path) -> Iterator[Triple]:
    with path.open("rb") as stream:
        yield from (quad.triple for quad in parse(stream, format=RdfFormat.N_TRIPLES))


def _replace(endpoint: Endpoint, base: str, part: _Part, held: set[str]) -> None:
    """Put a graph in the place of the one of its name; its digest is written last."""
    unfinished = {""}
    _note(endpoint, base, part.graph, unfinished - held)
    _forget(endpoint, base, part.graph, held - unfinished)
    _drop(endpoint, part.graph)
    for chunk in _chunks(part.triples()):
        _change(endpoint, "INSERT", part.graph, chunk)
    _note(endpoint, base, part.graph, {part.digest})
    _forget(endpoint, base, part.graph, unfinished)


def _require_count(endpoint: Endpoint, base: str, part: _Part) -> None:
    """Refuse a store that holds another number of statements, and have them sent again."""
    ((counted,),) = _rows(endpoint, COUNT, part.graph, UPDATE_SECONDS)
    if int(counted) != part.statements:
        _note(endpoint, base, part.graph, {""})
        _forget(endpoint, base, part.graph, {part.digest})
        raise Damaged(
            f"{endpoint.address} holds {counted} statements of the graph {part.graph}, not "
            f"{part.statements}, so it is not announced. Publish again; if that does not help, "
            "the store takes some of these statements for one."
        )


def _announcements(base: str) -> str:
    return f"{base}graph/publicatie"


def _inventory(endpoint: Endpoint, base: str) -> Mapping[str, set[str]]:
    """Return the digests of each graph that a store holds; an empty one is of an unfinished."""
    held: dict[str, set[str]] = {}
    for graph, digest in _rows(endpoint, INVENTORY, _inventories(base), ASK_SECONDS):
        held.setdefault(graph, set()).add(digest)
    return held


def _inventories(base: str) -> str:
    return f"{base}graph/publicatie/inhoud"


def _note(endpoint: Endpoint, base: str, graph: str, digests: Iterable[str]) -> None:
    _change(endpoint, "INSERT", _inventories(base), _digests(graph, digests))


def _forget(endpoint: Endpoint, base: str, graph: str, digests: Iterable[str]) -> None:
    _change(endpoint, "DELETE", _inventories(base), _digests(graph, digests))


def _digests(graph: str, digests: Iterable[str]) -> list[Triple]:
    return [Triple(NamedNode(graph), iri("rg:sha256"), Literal(each)) for each in digests]


def _chunks(triples: Iterator[Triple]) -> Iterator[list[Triple]]:
    chunk: list[Triple] = []
    for triple in triples:
        chunk.append(triple)
        if len(chunk) == CHUNK_TRIPLES:
            yield chunk
            chunk = []
    yield chunk


def _change(endpoint: Endpoint, verb: str, graph: str, triples: Sequence[Triple]) -> None:
    """Insert or delete triples, written as N-Triples writes them."""
    if triples:
        lines = (f"{each.subject} {each.predicate} {each.object} ." for each in triples)
        text = "\n".join([f"{verb} DATA {{", f"GRAPH {NamedNode(graph)} {{", *lines, "} }"])
        endpoint.update(text, UPDATE_SECONDS)


def _drop(endpoint: Endpoint, graph: str) -> None:
    endpoint.update(f"DROP SILENT GRAPH {NamedNode(graph)}", UPDATE_SECONDS)


def _rows(endpoint: Endpoint, text: str, graph: str, seconds: float) -> list[tuple[str, ...]]:
    """Return the rows of a query over one graph as the values of their terms."""
    with endpoint.results(text, seconds, default_graphs=[graph]) as found:
        if not isinstance(found, QuerySolutions):
            raise InputError(f"{endpoint.address} answers a SELECT with something else.")
        return [tuple(str(term.value) for term in row) for row in found]


@contextmanager
def _publishing(home: Path) -> Iterator[None]:
    """Hold the lock of those who publish from a home."""
    with (home / "publish.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"Another process publishes from {home}. Wait until it is done.") from None
        yield
