"""Finds resources by words in the index of a release: stems, parts of compounds, near misses."""

import difflib
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import Literal

from raadgraaf.errors import Damaged, NotFound, QueryTimeout
from raadgraaf.releases import Release
from raadgraaf.search_index import FILE
from raadgraaf.words import spans, stemmer, words

WORDS = 12
"""How many different words of a question count."""
SIMILAR = 0.72
"""From what likeness (of `difflib`) another word is taken for the one that was meant."""
COMPOUNDS = 200
"""In how many words at most a part is looked for."""
PART_LETTERS = 4
"""From how many letters a word is looked for as a part of others."""
TRIGRAM = 3
EXCERPT = 220
"""About how many characters of a text are shown."""
STEPS = 10_000
"""After so many steps of SQLite it is seen whether there is time left."""

_COMMON = (
    "aan als bij dan dat de die dit door een en er het hoe hun ik in is kan met naar niet of om op "
    "over te tot uit van voor waar wat we welke wie wordt worden zijn zo "
    "about an and are at by for from how its of on or that the this to was what when who with"
)
_HITS = """
WITH hits AS (
  SELECT rowid AS id, bm25(texts, 5.0, 1.0) AS score FROM texts WHERE texts MATCH :wide
), placed AS (
  SELECT things.id, iri, kind, COUNT(*) OVER (PARTITION BY kind) AS count,
    ROW_NUMBER() OVER (
      PARTITION BY kind
      ORDER BY things.id IN (SELECT rowid FROM texts WHERE texts MATCH :exact) DESC, score, iri
    ) AS place
  FROM hits JOIN things ON things.id = hits.id
)
SELECT id, iri, kind, count FROM placed
WHERE (place > :after AND place <= :until AND (:kind IS NULL OR kind = :kind)) OR place = 1
ORDER BY kind, place
"""
_LITERALS = """
SELECT named, text, language FROM literals WHERE thing = :thing
UNION ALL
SELECT 0, text, language FROM links JOIN literals ON literals.thing = other
WHERE links.thing = :thing
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether it is what was looked for."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A resource that was found."""

    iri: str
    names: Sequence[Literal]
    texts: Sequence[Literal]


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found."""

    counts: Mapping[str, int]
    """How many resources of each class."""
    hits: Mapping[str, Sequence[Hit]]
    """Those that were asked for, by class; the best first."""
    meant: Mapping[str, Sequence[str]]
    """Words that stand nowhere, each with those that were taken for it."""
    stems: frozenset[str]
    """Of the words that were found."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What is looked for in the place of one word."""

    stem: str
    stems: Sequence[str]
    """Its own first, then those of compounds."""
    meant: Sequence[str]


def find(
    release: Release, text: str, *, seconds: float, kind: str | None = None, after: int, until: int
) -> Found:
    """Return the resources in which all words of a text stand, from one place to another.

    Of every class, or of one. No character of the text means anything but itself.
    """
    asked = list(dict.fromkeys(words(text)))
    common = _COMMON.split()
    asked = ([each for each in asked if each not in common] or asked)[:WORDS]
    if not asked:
        return Found({}, {}, {}, frozenset())
    with _opened(release, seconds) as index:
        stem = stemmer()
        looked = {word: _looked_for(index, word, stem(word), stem) for word in asked}
        values = {
            "wide": " AND ".join(_any_of(each.stems) for each in looked.values()),
            "exact": " AND ".join(_any_of(each.stems[:1]) for each in looked.values()),
            "kind": kind,
            "after": after,
            "until": until,
        }
        rows = index.execute(_HITS, values).fetchall()
        hits: dict[str, list[Hit]] = {}
        for place, (thing, iri, of_kind, _) in enumerate(rows):
            first = place == 0 or rows[place - 1][2] != of_kind
            if kind in {None, of_kind} and not (first and after):
                hits.setdefault(of_kind, []).append(_hit(index, thing, iri))
    return Found(
        counts={of_kind: count for _, _, of_kind, count in rows},
        hits=hits,
        meant={word: each.meant for word, each in looked.items() if each.meant},
        stems=frozenset(each for word in looked.values() for each in word.stems),
    )


@contextmanager
def _opened(release: Release, seconds: float) -> Iterator[sqlite3.Connection]:
    path = release.path / FILE
    if not path.exists():
        raise NotFound(
            f"Release {release.number} was built without an index for searching. "
            "Run `raadgraaf publish` to build one that has it."
        )
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    until = time.monotonic() + seconds
    try:
        with closing(sqlite3.connect(address, uri=True)) as index:
            index.set_progress_handler(lambda: time.monotonic() > until, STEPS)
            yield index
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise _damaged(release, error) from None
        raise QueryTimeout(
            f"The search was stopped after {seconds:g} s. Ask with fewer or longer words."
        ) from None
    except sqlite3.DatabaseError as error:
        raise _damaged(release, error) from None


def _damaged(release: Release, error: sqlite3.Error) -> Damaged:
    return Damaged(
        f"The index of release {release.number} cannot be read ({error}). "
        "Run `raadgraaf check`, and `raadgraaf publish` to build it again."
    )


def _looked_for(
    index: sqlite3.Connection, word: str, stem: str, stem_of: Callable[[str], str]
) -> _Word:
    """Return the stems to look for: those of the word and its compounds, or of similar words."""
    stems = [stem]
    if len(stem) >= PART_LETTERS:
        rows = index.execute(
            "SELECT DISTINCT stem FROM words WHERE words MATCH ? LIMIT ?",
            (_quoted(stem), COMPOUNDS),
        )
        stems += [each for (each,) in rows if each != stem]
    known = index.execute("SELECT 1 FROM texts WHERE texts MATCH ? LIMIT 1", (_any_of(stems),))
    if known.fetchone() or len(word) <= TRIGRAM:
        return _Word(stem, stems, ())
    similar = _similar(index, word)
    return _Word(stem, [*map(stem_of, similar)] or stems, similar)


def _similar(index: sqlite3.Connection, word: str) -> Sequence[str]:
    """Return the known words that are most like one that is not."""
    parts = {word[place : place + TRIGRAM] for place in range(len(word) - TRIGRAM + 1)}
    rows = index.execute(
        "SELECT word FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?",
        (_any_of(sorted(parts)), COMPOUNDS),
    )
    rated = [(difflib.SequenceMatcher(None, word, each).ratio(), each) for (each,) in rows]
    best = max((rating for rating, _ in rated), default=0.0)
    return sorted(each for rating, each in rated if rating == best and best >= SIMILAR)


def _any_of(tokens: Sequence[str]) -> str:
    return f"({' OR '.join(map(_quoted, tokens))})"


def _quoted(token: str) -> str:
    """Return a string of FTS5's query language; within quotes only these mean something."""
    doubled = token.replace('"', '""')
    return f'"{doubled}"'


def _hit(index: sqlite3.Connection, thing: int, iri: str) -> Hit:
    names: list[Literal] = []
    texts: list[Literal] = []
    for named, text, language in index.execute(_LITERALS, {"thing": thing}):
        (names if named else texts).append(Literal(text, language=language))
    return Hit(iri, names, texts)


def marked(text: str, stems: frozenset[str], *, length: int | None = None) -> Sequence[Piece]:
    """Return a text in pieces, cut to about so many characters around what was looked for."""
    stem = stemmer()
    places = [(start, end) for start, end, word in spans(text) if stem(word) in stems]
    begin, stop = 0, len(text)
    if length is not None and len(text) > length:
        first = places[0][0] if places else 0
        begin = max(0, text.rfind(" ", 0, max(0, first - length // 3)) + 1)
        stop = text.find(" ", begin + length)
        stop = len(text) if stop < 0 else stop
    pieces = [Piece("… ", marked=False)] if begin else []
    at = begin
    for start, end in places:
        if start >= at and end <= stop:
            pieces += [Piece(text[at:start], marked=False), Piece(text[start:end], marked=True)]
            at = end
    pieces.append(Piece(text[at:stop] + (" …" if stop < len(text) else ""), marked=False))
    return [each for each in pieces if each.text]
