"""The words and the layout that pages take from ontology and shapes."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pyoxigraph import Literal

from raadgraaf.catalogue import Term
from raadgraaf.namespaces import PREFIXES

Labels = Mapping[str, Sequence[Literal]]
"""The labels of resources, by IRI."""

_Key = TypeVar("_Key", str, tuple[str, str, bool])

LAST = 1_000_000.0
"""The place of what has no `sh:order`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the shapes put a property on a page."""

    group: str | None
    group_order: float
    order: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names, superclasses and layout, read once a release."""

    labels: Labels
    """Of classes, properties, concepts and groups."""
    superclasses: Mapping[str, Sequence[str]]
    names: Mapping[tuple[str, str, bool], Sequence[Literal]]
    """The `sh:name` by class, property and whether it is followed backwards."""
    places: Mapping[tuple[str, str, bool], Place]
    """The place by class, property and whether it is followed backwards."""
    facets: frozenset[tuple[str, str]] = frozenset()
    """Classes with the properties by whose values their resources are chosen (`rg:facet`)."""

    def facets_of(self, kind: str) -> Sequence[str]:
        """Return the properties by which resources of a class are chosen, in their order."""
        above = self.classes([kind])
        found = {property_ for class_, property_ in self.facets if class_ in above}

        def rank(property_: str) -> tuple[float, float, str]:
            place = self.place([kind], property_)
            return place.group_order, place.order, property_

        return sorted(found, key=rank)

    def classes(self, types: Iterable[str]) -> Sequence[str]:
        """Return classes and their superclasses, nearest first."""
        found: list[str] = []
        waiting = list(types)
        while waiting:
            name = waiting.pop(0)
            if name not in found:
                found.append(name)
                waiting.extend(self.superclasses.get(name, ()))
        return found

    def most_specific(self, types: Sequence[str]) -> Sequence[str]:
        """Return the classes that are not above another of them."""
        above = {name for each in types for name in self.classes([each]) if name != each}
        return [each for each in types if each not in above]

    def place(self, types: Iterable[str], property_: str, *, inverse: bool = False) -> Place:
        """Return where a property stands on the page of a resource of these types."""
        for name in self.classes(types):
            if place := self.places.get((name, property_, inverse)):
                return place
        return Place(None, LAST, LAST)

    def name(
        self, types: Iterable[str], property_: str, *, inverse: bool = False
    ) -> Sequence[Literal]:
        """Return what a property is called there: by shape, by ontology, or by its IRI."""
        for name in self.classes(types):
            if names := self.names.get((name, property_, inverse)):
                return names
        return self.labels.get(property_) or (Literal(in_words(property_)),)


def in_words(iri: str) -> str:
    """Return the last part of an IRI in words: `wasDerivedFrom` as `was derived from`."""
    last = re.split(r"[/#]", iri.rstrip("/#"))[-1] or iri
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f" {found[1].lower()}", last)


def compact(iri: str) -> str:
    """Return an IRI with one of our prefixes where there is one."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and re.fullmatch(r"[\w-]+", iri[len(namespace) :]):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def best(labels: Sequence[Literal], language: str) -> Literal | None:
    """Return the label for a reader of that language, else Dutch, English, or what there is."""
    order = [language, "nl", "en", None]

    def rank(label: Literal) -> tuple[int, str]:
        known = label.language in order
        return (order.index(label.language) if known else len(order), label.value)

    return min(labels, key=rank, default=None)


def read_vocabulary(select: Callable[..., Sequence[Mapping[str, Term]]]) -> Vocabulary:
    """Return the vocabulary of the current release."""
    terms = ("ontologie", "begrippen", "vormen")
    labels: dict[str, list[Literal]] = defaultdict(list)
    for row in select("labels-of-terms", terms):
        _collect(labels, row["term"].value, row.get("label"))
    superclasses: dict[str, list[str]] = defaultdict(list)
    for row in select("superclasses", ("ontologie",)):
        superclasses[row["class"].value].append(row["superclass"].value)
    names: dict[tuple[str, str, bool], list[Literal]] = defaultdict(list)
    places: dict[tuple[str, str, bool], Place] = {}
    facets: set[tuple[str, str]] = set()
    for row in select("layout", ("vormen",)):
        key = (row["class"].value, row["property"].value, row["inverse"].value == "true")
        _collect(names, key, row.get("name"))
        if "facet" in row and row["facet"].value == "true" and not key[2]:
            facets.add(key[:2])
        group = row.get("group")
        places.setdefault(
            key,
            Place(
                group.value if group else None,
                _number(row.get("groupOrder")),
                _number(row["order"]),
            ),
        )
    return Vocabulary(dict(labels), dict(superclasses), dict(names), places, frozenset(facets))


def _collect(into: dict[_Key, list[Literal]], key: _Key, label: Term | None) -> None:
    if isinstance(label, Literal) and label not in into[key]:
        into[key].append(label)


def _number(term: Term | None) -> float:
    return float(term.value) if term is not None else LAST
