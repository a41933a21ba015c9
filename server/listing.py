"""What a list asks: the things that pass its filters, and how many each filter would leave."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode

from raadgraaf.answers import Row
from raadgraaf.catalogue import Term
from raadgraaf.namespaces import iri
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.site import Site, Value, at_page
from raadgraaf.server.texts import texts

PAGE_SIZE = 20
MOST_FILTERS = 4
"""So many filters the query has places for."""
CHOICES = 15
"""Of more values a form does not let one choose; an address still may."""
UNKNOWN = "unknown"
"""What an address says for things of which a property is not stated."""
STATUS = iri("rg:currentStatus").value

_NAMES = {STATUS: "status", iri("rg:portfolioHolder").value: "door"}
"""The names of filters in an address that are not the end of their property's IRI."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value by which a list can be filtered."""

    code: str
    """What stands for it in an address."""
    value: NamedNode | None
    """Nothing for the things of which the property is not stated."""
    shown: Shown
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """A property by whose values a list can be filtered."""

    name: str
    """What it is called in an address."""
    property: str
    title: Shown
    choices: Mapping[str, Choice]
    """By code; the most frequent first."""

    def offered(self, chosen: str) -> Sequence[Choice]:
        """Return the choices of a form: the most frequent ones, and the one that is chosen."""
        first = list(self.choices.values())[:CHOICES]
        rest = [self.choices[chosen]] if chosen in self.choices else []
        return first + [each for each in rest if each not in first]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the things of a list must have."""

    kind: NamedNode
    filters: Mapping[str, NamedNode | None]
    """By property; nothing for those that lack it."""
    words: str = ""
    year: int | None = None

    def without(self, property_: str) -> "Wanted":
        """Return the same without one of the filters."""
        kept = {key: value for key, value in self.filters.items() if key != property_}
        return replace(self, filters=kept)

    def terms(self) -> dict[str, Value]:
        """Return what stands at the variables of a list's queries."""
        terms: dict[str, Value] = {"kind": self.kind}
        for number, (property_, value) in enumerate(self.filters.items(), 1):
            terms[f"property{number}"] = NamedNode(property_)
            terms[f"value{number}"] = value
        terms["words"] = Literal(self.words) if self.words else None
        terms["year"] = Literal(self.year) if self.year else None
        return terms


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of a list."""

    shown: Shown
    wordings: Sequence[Shown]
    day: Shown | None
    cells: Sequence[Sequence[Shown]]
    """The values of each column."""


def facets(site: Site, shown: Presenter, wanted: Wanted) -> Sequence[Facet]:
    """Return by what the things of a list can be filtered, in the order of the shapes.

    The counts are those that hold with the other filters.
    """
    known = shown.vocabulary.facets_of(wanted.kind.value)
    free = [NamedNode(each) for each in known if each not in wanted.filters]
    rows = [*_rows(site, "list-facets", wanted, property=free)] if free else []
    for property_ in wanted.filters:
        others = wanted.without(property_)
        rows += _rows(site, "list-facets", others, property=NamedNode(property_))
    values = {value for row in rows if isinstance(value := row.get("value"), NamedNode)}
    ordered = sorted(values, key=str)
    labels = labels_of(site.select("labels", this=ordered), "this") if ordered else {}
    found: list[Facet] = []
    for property_ in known:
        counts = {
            row.get("value"): int(row["count"].value)
            for row in rows
            if row["property"].value == property_
        }
        resources = [value for value in counts if isinstance(value, NamedNode)]
        if not resources and property_ not in wanted.filters:
            continue
        codes = _codes([each.value for each in resources])
        choices = [
            Choice(
                codes[each.value],
                each,
                shown.resource(each.value, labels.get(each.value, ())),
                counts[each],
            )
            for each in resources
        ]
        choices.sort(key=lambda choice: (-choice.count, choice.shown.text))
        if None in counts:
            words = texts(shown.language)["not_stated"]
            choices.append(Choice(UNKNOWN, None, Shown(words), counts[None]))
        title = shown.words(shown.vocabulary.name([wanted.kind.value], property_), property_)
        by_code = {choice.code: choice for choice in choices}
        found.append(Facet(name(property_), property_, title, by_code))
    return found


def _rows(site: Site, query: str, wanted: Wanted, **more: Value) -> Sequence[Row]:
    return site.solutions(site.text(query, **more, **wanted.terms())).rows


def name(property_: str) -> str:
    """Return what a filter is called in an address."""
    return _NAMES.get(property_) or re.split(r"[/#]", property_)[-1]


def _codes(values: Sequence[str]) -> Mapping[str, str]:
    """Return a short name for each IRI: its last part, with the part before it where needed."""
    lasts = [value.rpartition("/")[2].removeprefix("status-") for value in values]
    return {
        value: last if lasts.count(last) == 1 else "/".join(value.split("/")[-2:])
        for value, last in zip(values, lasts, strict=True)
    }


def years(site: Site, wanted: Wanted) -> Mapping[int, int]:
    """Return how many things of a list there are of each year, the latest first."""
    rows = _rows(site, "list-years", replace(wanted, year=None))
    return {
        int(row["calendar"].value): int(row["count"].value) for row in rows if "calendar" in row
    }


def count(site: Site, wanted: Wanted) -> int:
    """Return how many things pass the filters."""
    (row,) = _rows(site, "list-count", wanted)
    return int(row["count"].value)


def query(site: Site, wanted: Wanted, order: str, page: int) -> str:
    """Return the query for one page of a list."""
    text = site.text("list", order=Literal(order), **wanted.terms())
    return at_page(text, page, PAGE_SIZE)


def lines(
    site: Site, shown: Presenter, things: Sequence[Term], columns: Sequence[str]
) -> Sequence[Line]:
    """Return the lines of a page with the values of some properties."""
    if not things:
        return []
    properties = [NamedNode(each) for each in columns]
    rows = site.select("list-values", this=things, dated=things, property=properties)
    values = labels_of(rows, "value")
    own = labels_of(site.select("labels", this=things), "this")
    wordings = labels_of(site.select("wordings", this=things), "this", "text")
    dates = {row["this"].value: row["date"] for row in rows if "date" in row}

    def cell(thing: str, column: str) -> Sequence[Shown]:
        terms = {
            row["value"]: None
            for row in rows
            if row["this"].value == thing and "property" in row and row["property"].value == column
        }
        return [shown.term(term, values) for term in terms]

    return [
        Line(
            shown.resource(thing.value, own.get(thing.value, ())),
            [shown.literal(text) for text in wordings.get(thing.value, ())],
            shown.literal(day) if isinstance(day := dates.get(thing.value), Literal) else None,
            [cell(thing.value, column) for column in columns],
        )
        for thing in things
    ]
