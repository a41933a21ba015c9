"""Rows of a register from version to version: added, changed, vanished; the last are kept.

That a row is no longer in the register does not say that it was never promised.
"""

import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import graphfiles
from raadgraaf.graphfiles import GraphFile
from raadgraaf.namespaces import iri

NOTE = Literal(
    "Deze regel staat niet meer in de laatst ingelezen versie van het register.", language="nl"
)
_KINDS = ("/id/regel/", "/id/passage/")
_ROW = re.compile(rb"<[^>]*?/id/(?:regel|passage)/([^>]*)>")
_PLACES = {
    str(iri(name)).encode() for name in ("rdfs:label", "rg:lineEnd", "rg:lineStart", "rg:rowNumber")
}


@dataclass(frozen=True, slots=True)
class RowChanges:
    """How the rows of a register differ from those of its version before."""

    added: int
    changed: int
    vanished: int


def between(home: Path, old: GraphFile | None, new: GraphFile) -> RowChanges:
    """Return how the rows of two versions of a graph differ; their numbers do not count."""
    before = _rows(home, old) if old else _Rows()
    now = _rows(home, new)
    both = (now.said.keys() & before.said.keys()) - now.noted
    return RowChanges(
        added=len(now.said.keys() - before.said.keys()),
        changed=sum(now.said[key] != before.said[key] for key in both),
        vanished=len(now.noted - before.noted),
    )


def with_vanished(home: Path, old: GraphFile, new: GraphFile) -> GraphFile:
    """Return the new version of a register with the rows that only the old one has, and a note."""
    gone = _rows(home, old).said.keys() - _rows(home, new).said.keys()
    if not gone:
        return new
    vanished = {key.decode() for key in gone}
    kept = list(_resting(home, old, new, vanished))
    return graphfiles.write(
        home, new.graph, itertools.chain(graphfiles.read(home, new), kept), public=new.public
    )


def _key(node: object) -> str | None:
    """Return the key that the entry and the passage of a row share."""
    name = node.value if isinstance(node, NamedNode) else ""
    return next((name.partition(kind)[2] for kind in _KINDS if kind in name), None)


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the rows of a register say, by their keys."""

    said: dict[bytes, bytes] = field(default_factory=dict)
    """A digest of what each says."""
    noted: set[bytes] = field(default_factory=set)
    """Those that are noted as vanished."""


def _rows(home: Path, file: GraphFile) -> _Rows:
    """Return the rows of a graph, from its lines: to parse them takes several times as long."""
    rows = _Rows()
    note = str(NOTE).encode()
    with file.path(home).open("rb") as lines:
        for line in lines:
            subject, predicate, said = line.split(b" ", 2)
            if predicate in _PLACES or (match := _ROW.fullmatch(subject)) is None:
                continue
            key = match[1]
            before = rows.said.get(key, b"")
            if said.startswith(note):
                rows.noted.add(key)
                rows.said[key] = before
            else:
                rows.said[key] = hashlib.blake2b(before + line, digest_size=16).digest()
    return rows


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
