"""Rows of a register from version to version: added, changed, vanished; the last are kept.

That a row is no longer in the register does not say that it was never promised.
"""

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import graphfiles
from raadgraaf.graphfiles import GraphFile
from raadgraaf.namespaces import iri

NOTE = Literal(
    "Deze regel staat niet meer in de laatst ingelezen versie van het register.", language="nl"
)
_KINDS = ("/id/regel/", "/id/passage/")
_PLACES = {iri(name) for name in ("rdfs:label", "rg:lineEnd", "rg:lineStart", "rg:rowNumber")}


@dataclass(frozen=True, slots=True)
class RowChanges:
    """How the rows of a register differ from those of its version before."""

    added: int
    changed: int
    vanished: int


def between(home: Path, old: GraphFile | None, new: GraphFile) -> RowChanges:
    """Return how the rows of two versions of a graph differ; their numbers do not count."""
    before = _rows(home, old) if old else {}
    now = _rows(home, new)
    gone = {key for key, (_, noted) in now.items() if noted}
    gone_before = {key for key, (_, noted) in before.items() if noted}
    both = (now.keys() & before.keys()) - gone
    return RowChanges(
        added=len(now.keys() - before.keys()),
        changed=sum(now[key][0] != before[key][0] for key in both),
        vanished=len(gone - gone_before),
    )


def with_vanished(home: Path, old: GraphFile, new: GraphFile) -> GraphFile:
    """Return the new version of a register with the rows that only the old one has, and a note."""
    vanished = _rows(home, old).keys() - _rows(home, new).keys()
    if not vanished:
        return new
    kept = list(_resting(home, old, new, vanished))
    return graphfiles.write(
        home, new.graph, itertools.chain(graphfiles.read(home, new), kept), public=new.public
    )


def _key(node: object) -> str | None:
    """Return the key that the entry and the passage of a row share."""
    name = node.value if isinstance(node, NamedNode) else ""
    return next((name.partition(kind)[2] for kind in _KINDS if kind in name), None)


def _rows(home: Path, file: GraphFile) -> Mapping[str, tuple[bytes, bool]]:
    """Return a digest of what each row says, and whether it is noted as vanished."""
    digests: dict[str, tuple[bytes, bool]] = {}
    for triple in graphfiles.read(home, file):
        key = _key(triple.subject)
        if key is not None and triple.predicate not in _PLACES:
            said, noted = digests.get(key, (b"", False))
            if triple.object == NOTE:
                noted = True
            else:
                said = hashlib.sha256(said + str(triple).encode()).digest()
            digests[key] = said, noted
    return digests


def _resting(home: Path, old: GraphFile, new: GraphFile, vanished: "set[str]") -> Iterator[Triple]:
    """Yield what rests on vanished rows, and what that names and nothing else describes."""
    subjects = {
        triple.subject
        for triple in graphfiles.read(home, old)
        if _key(triple.subject) in vanished
        or (triple.predicate == iri("rg:statedIn") and _key(triple.object) in vanished)
    }
    described = {triple.subject for triple in graphfiles.read(home, new)}
    size = -1
    while size != (size := len(subjects)):
        subjects |= {
            triple.object
            for triple in graphfiles.read(home, old)
            if triple.subject in subjects
            and isinstance(triple.object, NamedNode)
            and triple.object not in described
        }
    for triple in graphfiles.read(home, old):
        if triple.subject in subjects and triple.subject not in described:
            yield triple
    for key in sorted(vanished):
        for subject in subjects:
            if _key(subject) == key and "/id/regel/" in str(subject):
                yield Triple(subject, iri("skos:note"), NOTE)
