"""Counts what the graphs of a release hold, from sorted files and in bounded memory.

What is counted is what a store will hold: it writes `"01"^^xsd:integer` as `1`.
"""

import heapq
import itertools
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import IO

from pyoxigraph import RdfFormat, parse

from raadgraaf import graphfiles
from raadgraaf.graphfiles import GraphFile
from raadgraaf.namespaces import PREFIXES, RDF_TYPE
from raadgraaf.statistics import ClassNumbers, GraphNumbers, PropertyNumbers, Statistics
from raadgraaf.store import as_stored

FREQUENT = 10_000
"""Triples from which on the count of an object is kept; an engine counts fewer in milliseconds."""

PAIRS_IN_MEMORY = 200_000
"""Different pairs of object and property that are counted before they go to a file, ~ 60 MB."""

_TYPE = str(RDF_TYPE).encode()
_XSD = PREFIXES["xsd"].encode()
_SAME_IN_STORE = re.compile(
    rb'"(?:0|-?[1-9][0-9]{0,17})"\^\^<%binteger>|"[0-9]{4}-[0-9]{2}-[0-9]{2}"\^\^<%bdate>'
    % (re.escape(_XSD), re.escape(_XSD))
)


def of_release(home: Path, graphs: Iterable[GraphFile], default: Path | None) -> Statistics:
    """Return the statistics of graph files, with the file of the default graph if it is none."""
    numbers = {}
    for file in graphs:
        with ExitStack() as stack:
            found = count(graphfiles.merge(home, [file]), stack)
        numbers[file] = _brief(found) if file.graph else found
    named = [file for file in numbers if file.graph]
    with ExitStack() as stack:
        together = count(graphfiles.merge(home, named), stack)
    if default is None:
        merged = next((found for file, found in numbers.items() if not file.graph), GraphNumbers())
    else:
        with ExitStack() as stack:
            merged = count(stack.enter_context(default.open("rb")), stack)
    each = {file.graph: numbers[file] for file in named if numbers[file].triples}
    return Statistics(
        merged,
        _summed(together, each.values()),
        each,
    )


def _brief(numbers: GraphNumbers) -> GraphNumbers:
    classes = {iri: replace(found, properties={}) for iri, found in numbers.classes.items()}
    return replace(numbers, classes=classes)


def _summed(together: GraphNumbers, each: Iterable[GraphNumbers]) -> GraphNumbers:
    """Return the numbers of graphs whose triples were counted once, with the sums of triples."""
    properties: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    triples = 0
    for numbers in each:
        triples += numbers.triples
        properties.update({iri: found.triples for iri, found in numbers.properties.items()})
        classes.update({iri: found.triples for iri, found in numbers.classes.items()})
    return replace(
        together,
        triples=triples,
        properties={
            iri: replace(found, triples=properties[iri])
            for iri, found in together.properties.items()
        },
        classes={
            iri: replace(found, triples=classes[iri]) for iri, found in together.classes.items()
        },
        frequent={},
    )


def count(lines: Iterable[bytes], stack: ExitStack) -> GraphNumbers:
    """Return the numbers of a graph from its sorted N-Triples lines, each there once.

    Files that it takes go with the stack.
    """
    tally = _Tally(_Pairs(stack))
    subject, described = b"", _Described()
    for line in lines:
        begins, predicate, rest = line.split(b" ", 2)
        if begins != subject:
            tally.add(described)
            subject, described = begins, _Described()
        value = rest[:-3]
        if value.startswith(b'"') and value.endswith(b">"):
            value = _as_stored(value)
            if (predicate, value) in described.literals:
                continue
            described.literals.add((predicate, value))
        described.properties[predicate] += 1
        if predicate == _TYPE:
            described.classes.append(value)
        tally.pairs.add(value, predicate)
    tally.add(described)
    return tally.numbers()


def _as_stored(value: bytes) -> bytes:
    """Return a typed literal as a store writes it."""
    if _XSD not in value or _SAME_IN_STORE.fullmatch(value):
        return value
    return _rewritten(value)


@lru_cache(maxsize=50_000)
def _rewritten(value: bytes) -> bytes:
    (quad,) = parse(b"%b %b %b ." % (_TYPE, _TYPE, value), format=RdfFormat.N_TRIPLES)
    return str(as_stored(quad.object)).encode()


@dataclass(slots=True)
class _Described:
    """What is said of one subject."""

    properties: Counter[bytes] = field(default_factory=Counter)
    classes: list[bytes] = field(default_factory=list)
    literals: set[tuple[bytes, bytes]] = field(default_factory=set)
    """Typed ones: two that differ in a file may be one in a store."""


class _Pairs:
    """Counts objects with their properties: in memory up to a bound, then in sorted files."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._counted: Counter[bytes] = Counter()
        self._runs: list[IO[bytes]] = []

    def add(self, value: bytes, predicate: bytes) -> None:
        """Count a triple."""
        # No blank stands in an IRI: nothing else begins with this object and a blank.
        self._counted[b"%b %b" % (value, predicate)] += 1
        if len(self._counted) >= PAIRS_IN_MEMORY:
            run = tempfile.TemporaryFile()  # noqa: SIM115 # the stack closes it
            self._stack.enter_context(run)
            run.writelines(b"%b %d\n" % pair for pair in sorted(self._counted.items()))
            run.seek(0)
            self._runs.append(run)
            self._counted.clear()

    def by_object(self) -> Iterator[tuple[bytes, list[tuple[bytes, int]]]]:
        """Yield each object with its properties and the triples of each."""
        runs = [map(_pair, run) for run in self._runs]
        pairs = heapq.merge(*runs, iter(sorted(self._counted.items())))
        for value, group in itertools.groupby(pairs, key=lambda pair: pair[0].rpartition(b" ")[0]):
            yield (
                value,
                [
                    (key.rpartition(b" ")[2], sum(triples for _, triples in same))
                    for key, same in itertools.groupby(group, key=itemgetter(0))
                ],
            )


def _pair(line: bytes) -> tuple[bytes, int]:
    key, _, triples = line.rpartition(b" ")
    return key, int(triples)


class _Tally:
    """The numbers so far."""

    def __init__(self, pairs: _Pairs) -> None:
        self.pairs = pairs
        self._subjects = 0
        self._triples: Counter[bytes] = Counter()
        self._subjects_of: Counter[bytes] = Counter()
        self._entities: Counter[bytes] = Counter()
        self._of_class: dict[bytes, Counter[bytes]] = {}

    def add(self, described: _Described) -> None:
        """Count a subject."""
        if not described.properties:
            return
        self._subjects += 1
        self._triples.update(described.properties)
        self._subjects_of.update(described.properties.keys())
        for each in described.classes:
            self._entities[each] += 1
            self._of_class.setdefault(each, Counter()).update(described.properties)

    def numbers(self) -> GraphNumbers:
        """Return the numbers, with those of the objects, which are counted last."""
        objects = 0
        objects_of: Counter[bytes] = Counter()
        frequent: dict[str, dict[str, int]] = {}
        for value, properties in self.pairs.by_object():
            objects += 1
            objects_of.update(predicate for predicate, _ in properties)
            everywhere = (b"<>", sum(triples for _, triples in properties))
            for predicate, triples in (everywhere, *properties):
                if triples >= FREQUENT:
                    frequent.setdefault(_iri(predicate), {})[value.decode()] = triples
        return GraphNumbers(
            triples=self._triples.total(),
            subjects=self._subjects,
            objects=objects,
            properties={
                _iri(each): PropertyNumbers(triples, self._subjects_of[each], objects_of[each])
                for each, triples in self._triples.items()
            },
            classes={
                _iri(each): ClassNumbers(entities, entities, _by_iri(self._of_class[each]))
                for each, entities in self._entities.items()
                if each.startswith(b"<")
            },
            frequent=frequent,
        )


def _by_iri(counted: Mapping[bytes, int]) -> Mapping[str, int]:
    return {_iri(each): triples for each, triples in counted.items()}


def _iri(term: bytes) -> str:
    return term[1:-1].decode()
