"""The lists as data: what each holds, by what it is filtered, and its rows.

Lists, their data and the API take columns and filters from the shapes: a property shape with
`sh:order` is a column, one with `rg:facet` also a filter; both go by the end of its name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from flask import request
from pyoxigraph import Literal, NamedNode
from werkzeug.exceptions import BadRequest, NotFound

from raadgraaf.answers import Row
from raadgraaf.catalogue import Term
from raadgraaf.errors import ResultTooLarge
from raadgraaf.namespaces import iri
from raadgraaf.server import matters
from raadgraaf.server.evidence import Quote, evidence
from raadgraaf.server.presentation import Presenter, labels_of
from raadgraaf.server.site import Site, at_page
from raadgraaf.server.vocabulary import Labels, best

FILTERS = 4
"""Filters that one request may combine, beside words; the query has so many places."""
WORDS_LENGTH = 200
BATCH = 200
"""Things whose values are asked at a time."""
MOST = 100_000
"""Rows that one file may have."""

_SOURCE_GROUP = iri("rgs:SourceGroup").value
"""Its columns tell of provenance; rows have their passages instead."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A list of the things of one class."""

    name: str
    """The Dutch plural noun by which addresses name it."""
    kind: NamedNode
    aliases: Mapping[str, str]
    """Names that its page gives to filters, each with that of the column."""


@dataclass(frozen=True, slots=True)
class Column:
    """A property that the shapes show of the things of a list."""

    name: str
    property: NamedNode
    inverse: bool
    title: str
    """In Dutch."""
    description: str
    datatype: str
    """Empty where the values are resources."""
    single: bool
    facet: bool


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the things of a list must have."""

    words: str = ""
    values: Mapping[Column, matters.Choice] | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a list."""

    iri: str
    label: Literal | None
    values: Mapping[str, Sequence[Term]]
    """By the names of the columns."""
    labels: Labels
    """Of the values that are resources."""
    quotes: Sequence[Quote]


_OF_PAGES = {"status": "currentStatus", "door": "portfolioHolder"}
COLLECTIONS = {
    each.name: each
    for each in (
        Collection("toezeggingen", iri("rg:Commitment"), _OF_PAGES),
        Collection("raadsvragen", iri("rg:Question"), _OF_PAGES),
        Collection("vergaderingen", iri("rg:Meeting"), {}),
        Collection("portefeuillehouders", iri("rg:OfficeHolder"), {}),
        Collection("partners", iri("rg:PartnerOrganisation"), {}),
        Collection("beleidslijnen", iri("rg:PolicyLine"), {}),
        Collection("beleidsdocumenten", iri("rg:PolicyDocument"), {}),
        Collection("speerpunten", iri("rg:FocusPoint"), {}),
    )
}


def pinned(site: Site) -> Site:
    """Return the same site over one release, so that all queries of a list see the same data."""
    return replace(site, release=site.service.release(site.release).number)


def all_columns(site: Site) -> Mapping[str, Sequence[Column]]:
    """Return the columns of the things of each class that has shapes of its own."""
    found: dict[str, dict[str, Column]] = {}
    for row in site.select("columns", ("vormen",)):
        column = _column(row)
        if column.facet or row.get("group") != NamedNode(_SOURCE_GROUP):
            found.setdefault(row["class"].value, {}).setdefault(column.name, column)
    return {kind: list(columns.values()) for kind, columns in found.items()}


def columns(site: Site, collection: Collection) -> Sequence[Column]:
    """Return the columns of a list, those of its own class before those of classes above it."""
    known, found = all_columns(site), dict[str, Column]()
    for kind in site.vocabulary().classes([collection.kind.value]):
        for column in known.get(kind, ()):
            found.setdefault(column.name, column)
    return list(found.values())


def _column(row: Row) -> Column:
    def text(name: str) -> str:
        return row[name].value if name in row else ""

    return Column(
        name=row["shape"].value.rpartition("-")[2],
        property=NamedNode(row["property"].value),
        inverse=text("inverse") == "true",
        title=text("name"),
        description=text("description"),
        datatype=text("datatype"),
        single=text("maxCount") == "1",
        facet=text("facet") == "true" and text("inverse") != "true" and not text("datatype"),
    )


def choices(
    site: Site, shown: Presenter, collection: Collection, column: Column
) -> Mapping[str, matters.Choice]:
    """Return the values of a filter, by what stands for them in an address."""
    found = matters.choices(site, shown, collection.kind, column.property)
    without = matters.Choice(matters.UNKNOWN, Literal(""), shown.literal(Literal("")), 0)
    return {**found, matters.UNKNOWN: without}


def asked(
    site: Site, shown: Presenter, collection: Collection, known: Sequence[Column], others: set[str]
) -> Criteria:
    """Return the filters of this request; `others` are the parameters that are none."""
    filters = {column.name: column for column in known if column.facet}
    named = {alias: filters[name] for alias, name in collection.aliases.items() if name in filters}
    allowed = {**named, **filters}
    values: dict[Column, matters.Choice] = {}
    for name, given in request.args.items(multi=True):
        if name in others or name == "q" or not given:
            continue
        if name not in allowed:
            raise BadRequest(
                f"The parameter {name!r} is unknown. "
                f"Allowed are: {', '.join(sorted({'q', *allowed, *others}))}."
            )
        column = allowed[name]
        if column in values:
            raise BadRequest(f"The filter {column.name} is there more than once. Send it once.")
        values[column] = _chosen(name, given, choices(site, shown, collection, column))
    if len(values) > FILTERS:
        raise BadRequest(f"There are {len(values)} filters. Combine {FILTERS} at most.")
    words = request.args.get("q", "").strip()
    if len(words) > WORDS_LENGTH:
        raise BadRequest(f"The parameter q is longer than {WORDS_LENGTH} characters.")
    return Criteria(words, values)


def _chosen(name: str, given: str, allowed: Mapping[str, matters.Choice]) -> matters.Choice:
    for code, choice in allowed.items():
        if given in {code, choice.term.value}:
            return choice
    codes = sorted(allowed)
    more = f" and {len(codes) - 50} more" if codes[50:] else ""
    raise BadRequest(
        f"The parameter {name} is {given[:200]!r}. Allowed are: {', '.join(codes[:50])}{more}."
    )


def query(site: Site, collection: Collection, criteria: Criteria, name: str = "listing") -> str:
    """Return the SPARQL query that a list, or the number of its things, comes from."""
    bound: dict[str, Term] = {"kind": collection.kind}
    if criteria.words:
        bound["words"] = Literal(criteria.words)
    for place, (column, choice) in enumerate((criteria.values or {}).items(), 1):
        bound |= {f"property{place}": column.property, f"value{place}": choice.term}
    return site.text(name, **bound)


def count(site: Site, collection: Collection, criteria: Criteria) -> int:
    """Return how many things of a list pass the filters."""
    (row,) = site.solutions(query(site, collection, criteria, "listing-count")).rows
    return int(row["count"].value)


def things(
    site: Site, collection: Collection, criteria: Criteria, page: int = 1, size: int = MOST
) -> Sequence[NamedNode]:
    """Return the things on one page of a list; without a page all, or refuse."""
    rows = site.solutions(at_page(query(site, collection, criteria), page, size)).rows
    if size == MOST and len(rows) == MOST:
        raise ResultTooLarge(
            f"The list has {MOST} rows or more. Filter it, or take a file of /dataset."
        )
    return [row["thing"] for row in rows if isinstance(row.get("thing"), NamedNode)]  # type: ignore[misc]


def items(
    site: Site, shown: Presenter, known: Sequence[Column], found: Sequence[NamedNode]
) -> Iterator[Item]:
    """Yield the things of a list with their values and passages; asked in batches."""
    for start in range(0, len(found), BATCH):
        yield from _batch(site, shown, known, found[start : start + BATCH])


def _batch(
    site: Site, shown: Presenter, known: Sequence[Column], found: Sequence[NamedNode]
) -> Iterator[Item]:
    own = labels_of(site.select("labels", this=found), "this")
    quotes = evidence(site, shown, (thing.value for thing in found))
    rows = [*_values(site, found, known, inverse=False), *_values(site, found, known, inverse=True)]
    rows.sort(key=lambda pair: pair[1]["this"].value)
    by_thing = {
        thing: list(group) for thing, group in groupby(rows, lambda pair: pair[1]["this"].value)
    }
    for thing in found:
        mine = by_thing.get(thing.value, [])
        values: dict[str, list[Term]] = {}
        for column, row in mine:
            if row["value"] not in values.setdefault(column, []):
                values[column].append(row["value"])
        yield Item(
            iri=thing.value,
            label=best(own.get(thing.value, ()), shown.language),
            values=values,
            labels=labels_of((row for _, row in mine), "value"),
            quotes=quotes.get(thing.value, ()),
        )


def _values(
    site: Site, found: Sequence[NamedNode], known: Iterable[Column], *, inverse: bool
) -> Iterator[tuple[str, Row]]:
    """Yield the values of the columns of one direction, each with the name of its column."""
    names = {column.property.value: column.name for column in known if column.inverse == inverse}
    if names:
        properties = [NamedNode(name) for name in names]
        text = "values-backward" if inverse else "values"
        for row in site.select(text, this=found, property=properties):
            if "value" in row:
                yield names[row["property"].value], row


def collection(name: str) -> Collection:
    """Return the list of that name."""
    if name not in COLLECTIONS:
        raise NotFound(f"There is no list {name!r}. There are: {', '.join(COLLECTIONS)}.")
    return COLLECTIONS[name]
