"""The index of the search: made of the default graph of a release, read by `search.py`.

It is one SQLite file. `things` are the resources that can be found, `literals` their texts,
`links` whose texts they are found by as well, `texts` the stems of all these, and `words` each
word once with its stem, to find it as a part of a compound and in spite of typing errors.
"""

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from raadgraaf.namespaces import PREFIXES, RDF_TYPE, RDFS_LABEL, iri
from raadgraaf.words import stemmer, words

FILE = "search.sqlite"

_SCHEMA = """
CREATE TABLE things (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE literals (thing INTEGER NOT NULL, named INTEGER NOT NULL, text TEXT NOT NULL,
  language TEXT);
CREATE TABLE references_ (subject TEXT NOT NULL, object TEXT NOT NULL);
CREATE TABLE links (thing INTEGER NOT NULL, other INTEGER NOT NULL);
CREATE VIRTUAL TABLE texts USING fts5(name, body, content='');
CREATE VIRTUAL TABLE words USING fts5(word, stem UNINDEXED, tokenize='trigram');
"""
_LINKING = """
CREATE INDEX things_iri ON things (iri);
CREATE INDEX literals_thing ON literals (thing);
INSERT INTO links SELECT DISTINCT one.id, other.id FROM references_
  JOIN things AS one ON one.iri = subject JOIN things AS other ON other.iri = object;
CREATE INDEX links_thing ON links (thing);
DROP TABLE references_;
"""
_ALL_TEXTS = """
SELECT thing, named, text FROM literals
UNION ALL
SELECT links.thing, 0, text FROM links JOIN literals ON literals.thing = links.other
ORDER BY 1, 2 DESC
"""

_NAMES = (RDFS_LABEL, *map(iri, ("skos:prefLabel", "dcterms:title", "foaf:name", "skos:altLabel")))
_LEFT_OUT = frozenset(map(iri, ("rg:sha256", "rg:edtf", "rg:ordinal", "rg:unit")))
_FOUND_BY = frozenset(map(iri, ("rg:portfolioHolder", "rg:topic", "rg:department")))
_PARTS = frozenset(iri(name).value for name in ("oa:FragmentSelector", "rdf:Statement"))
"""Classes of what only belongs to something else: line numbers, and reasons."""
_FORMULATES = iri("rg:formulates")
_SUBCLASS = iri("rdfs:subClassOf")
_STRINGS = frozenset({iri("xsd:string"), iri("rdf:langString")})


def build(default: Path, base: str, path: Path) -> None:
    """Write the index of sorted N-Triples whose own IRIs start with `base`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as index:
        index.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        index.execute("BEGIN")
        above: dict[str, list[str]] = {}
        with default.open("rb") as stream:
            quads = parse(stream, format=RdfFormat.N_TRIPLES)
            for number, (_, found) in enumerate(groupby(quads, lambda quad: quad.subject), 1):
                _add(index, number, list(found), base, above)
        _set_kinds(index, above)
        index.execute("COMMIT")
        index.executescript(_LINKING)
        index.execute("BEGIN")
        _add_texts(index)
        index.execute("COMMIT")
    with path.open("rb") as written:
        os.fsync(written.fileno())


def _add(
    index: sqlite3.Connection,
    number: int,
    quads: Sequence[Quad],
    base: str,
    above: dict[str, list[str]],
) -> None:
    """Add what one resource says, if it is one that people look for."""
    subject = _iri(quads[0].subject)
    types = [_iri(each.object) for each in quads if each.predicate == RDF_TYPE]
    higher = [_iri(each.object) for each in quads if each.predicate == _SUBCLASS]
    if higher:
        above[subject] = higher
    if not _is_looked_for(subject, types, base):
        return
    index.execute("INSERT INTO things VALUES (?, ?, ?)", (number, subject, json.dumps(types)))
    index.executemany(
        "INSERT INTO literals VALUES (?, ?, ?, ?)",
        [
            (number, each.predicate in _NAMES, each.object.value, each.object.language)
            for each in quads
            if isinstance(each.object, Literal)
            and each.object.datatype in _STRINGS
            and each.predicate not in _LEFT_OUT
        ],
    )
    found_by = [(subject, _iri(each.object)) for each in quads if each.predicate in _FOUND_BY]
    found_by += [(_iri(each.object), subject) for each in quads if each.predicate == _FORMULATES]
    index.executemany("INSERT INTO references_ VALUES (?, ?)", found_by)


def _iri(term: object) -> str:
    """Return an IRI, or nothing for what has none."""
    return term.value if isinstance(term, NamedNode) else ""


def _is_looked_for(subject: str, types: Sequence[str], base: str) -> bool:
    if not types or _PARTS.intersection(types):
        return False
    ours = any(each.startswith(PREFIXES["rg"]) for each in types)
    return ours or subject.startswith((f"{base}id/", PREFIXES["rgt"]))


def _set_kinds(index: sqlite3.Connection, above: dict[str, list[str]]) -> None:
    """Put the most specific class of each thing in the place of all its classes."""
    rows = index.execute("SELECT DISTINCT kind FROM things").fetchall()
    for (kinds,) in rows:
        types = json.loads(kinds)
        higher = {name for each in types for name in _all_above(each, above)}
        specific = sorted(set(types) - higher) or sorted(types)
        ours = [each for each in specific if each.startswith(PREFIXES["rg"])]
        kind = (ours or specific)[0]
        index.execute("UPDATE things SET kind = ? WHERE kind = ?", (kind, kinds))


def _all_above(name: str, above: dict[str, list[str]]) -> Iterator[str]:
    waiting, seen = list(above.get(name, ())), {name}
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            yield each
            waiting.extend(above.get(each, ()))


def _add_texts(index: sqlite3.Connection) -> None:
    """Add the stems of the texts of each thing, and every word."""
    stem = stemmer()
    known: set[str] = set()
    rows = index.cursor().execute(_ALL_TEXTS)
    for thing, found in groupby(rows, lambda row: row[0]):
        columns: tuple[list[str], list[str]] = [], []
        for _, named, text in found:
            each = words(text)
            known.update(each)
            columns[0 if named else 1].extend(map(stem, each))
        index.execute(
            "INSERT INTO texts (rowid, name, body) VALUES (?, ?, ?)",
            (thing, *(" ".join(column) for column in columns)),
        )
    index.executemany(
        "INSERT INTO words VALUES (?, ?)", [(each, stem(each)) for each in sorted(known)]
    )
