"""Erasing a resource from everything that is kept: the one change of releases that stand.

First what is erased is recorded as digests (`erased.py`), then each release is built anew without
it and put in the place of the old one. Killed anywhere, a repeat completes it.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import erased, graphfiles, releases, transaction
from raadgraaf.config import Settings
from raadgraaf.erased import Erased, Erasure
from raadgraaf.errors import InputError, NotFound
from raadgraaf.graphfiles import GraphFile
from raadgraaf.namespaces import PREFIXES, RDF_TYPE, iri
from raadgraaf.releases import Release

_NAMES = frozenset({iri("foaf:name"), iri("rdfs:label"), iri("skos:prefLabel")})


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure takes away."""

    resources: frozenset[str]
    """The IRI, and what only it refers to, such as its identifiers."""
    names: frozenset[str]


def plan(home: Path, resource: str, also: Collection[str] = ()) -> Plan:
    """Return what the erasure of a resource takes away, or refuse one that is not there.

    `also` holds other spellings of its name.
    """
    _require_resource(home, resource)
    files = _files(home)
    found = {resource}
    more = {resource}
    while more:
        found |= more
        more = _only_referred_to_by(home, files, found)
    names = {
        triple.object.value
        for triple in _triples(home, files)
        if triple.subject == NamedNode(resource)
        and triple.predicate in _NAMES
        and isinstance(triple.object, Literal)
    }
    known = erased.read(home).holds(resource)
    if not known and not any(_mentions(triple, resource) for triple in _triples(home, files)):
        raise NotFound(f"Nothing is known of <{resource}> in any release of {home}.")
    return Plan(frozenset(found), frozenset({*names, *also}))


def erase(
    settings: Settings,
    resource: str,
    reason: str = "",
    also: Collection[str] = (),
    now: datetime | None = None,
) -> int:
    """Erase a resource from all that is kept and return how many releases were built anew."""
    home = settings.home
    with transaction.locked(home):
        planned = plan(home, resource, also)
        known = erased.read(home)
        moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
        erasure = Erasure(known.digest(resource), releases.current(home).number, moment, reason)
        if also or not known.holds(resource):
            known = known.with_more(erasure, planned.resources, planned.names)
            known = replace(
                known,
                erasures=(*known.erasures[:-1], replace(erasure, reason=known.text(reason))),
            )
            known.write(home)
        rewritten: dict[GraphFile, GraphFile] = {}
        count = sum(
            _rewrite(home, release, known, rewritten) for release in releases.kept_releases(home)
        )
        for path in home.glob("*.csv"):
            text = path.read_text("utf-8", "surrogateescape")
            if known.text(text) != text:
                written = known.text(text).encode("utf-8", "surrogateescape")
                graphfiles.write_durably(path, written)
        releases.recover(home)
        return count


def _require_resource(home: Path, resource: str) -> None:
    release = releases.current(home)
    ours = tuple(PREFIXES[prefix] for prefix in ("rg", "rgs", "rgt"))
    if resource.startswith((*ours, f"{release.manifest.base}graph/")):
        raise InputError(
            f"<{resource}> belongs to the model or names a graph, so it is nothing to erase. "
            "Give the IRI of a resource of the data."
        )
    try:
        NamedNode(resource)
    except ValueError:
        raise InputError(f"<{resource}> is not an absolute IRI. Write it in full.") from None


def _files(home: Path) -> list[GraphFile]:
    """Return every graph file of every release, each once."""
    every = (file for release in releases.kept_releases(home) for file in release.manifest.graphs)
    return list(dict.fromkeys(every))


def _triples(home: Path, files: Iterable[GraphFile]) -> Iterator[Triple]:
    for file in files:
        yield from graphfiles.read(home, file)


def _mentions(triple: Triple, resource: str) -> bool:
    return any(isinstance(term, NamedNode) and term.value == resource for term in triple)


def _only_referred_to_by(home: Path, files: Iterable[GraphFile], found: set[str]) -> set[str]:
    """Return the resources of ours that these refer to and no others do.

    A resource of a class of ours (a topic, a meeting) stands on its own and is not among them.
    """
    base = releases.current(home).manifest.base
    ours = (f"{base}id/", f"{base}.well-known/genid/")
    inside: set[str] = set()
    outside: set[str] = set()
    independent: set[str] = set()
    for triple in _triples(home, (file for file in files if file.public)):
        value, subject = triple.object, triple.subject
        if isinstance(value, NamedNode) and isinstance(subject, NamedNode):
            (inside if subject.value in found else outside).add(value.value)
            if triple.predicate == RDF_TYPE and value.value.startswith(PREFIXES["rg"]):
                independent.add(subject.value)
    orphans = inside - outside - independent - found
    return {each for each in orphans if each.startswith(ours)}


def _rewrite(
    home: Path, release: Release, known: Erased, rewritten: dict[GraphFile, GraphFile]
) -> bool:
    """Put a release without what was erased in the place of one that holds it."""
    for file in release.manifest.graphs:
        if file not in rewritten:
            triples = known.without(graphfiles.read(home, file))
            rewritten[file] = graphfiles.write(home, file.graph, triples, public=file.public)
    graphs = tuple(rewritten[file] for file in release.manifest.graphs)
    published = json.loads(known.text(json.dumps(dict(release.published), ensure_ascii=False)))
    if graphs == release.manifest.graphs and published == release.published:
        return False
    releases.rebuild(home, release, replace(release.manifest, graphs=graphs), published)
    return True
