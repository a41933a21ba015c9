"""Answers to stored questions as XLSX, Atom and calendar; the formats of SPARQL come from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from pyoxigraph import NamedNode

from raadgraaf.answers import Row, Solutions
from raadgraaf.catalogue import Question
from raadgraaf.server import feeds, listing_data
from raadgraaf.server.feeds import Day, Entry
from raadgraaf.server.listing_data import ATOM, CALENDAR, XLSX, address_of, published
from raadgraaf.server.presentation import Presenter
from raadgraaf.server.records import cell
from raadgraaf.server.site import Site
from raadgraaf.server.tables import Table
from raadgraaf.server.texts import texts

MADE = frozenset({XLSX, ATOM, CALENDAR})


@dataclass(frozen=True, slots=True)
class Listed:
    """An answer with what it takes to write it."""

    site: Site
    shown: Presenter
    question: Question
    solutions: Solutions


def write(listed: Listed, media_type: str, output: BinaryIO) -> None:
    """Write an answer; the rows of a feed or calendar go by the first resource in them."""
    title = listed.question.summary[listed.shown.language]
    if media_type == XLSX:
        names = listed.solutions.variables
        rows = (
            [cell(row[name]) if name in row else None for name in names]
            for row in listed.solutions.rows
        )
        created = published(listed.site)
        listing_data.write_table(Table(names, rows), XLSX, output, title, created)
        return
    path = f"/zoekvragen/{listed.question.name}"
    heading = listing_data.heading(listed.site, listed.shown, path, title)
    if media_type == ATOM:
        feeds.write_atom(heading, _entries(listed), output)
        return
    days = list(_days(listed))
    words = texts(listed.shown.language)["left_out"]
    count = len(listed.solutions.rows) - len(days)
    feeds.write_calendar(heading, days, words.format(count=count), output)


def _entries(listed: Listed) -> Iterator[Entry]:
    """Yield an entry for each resource that comes first in a row."""
    moment = published(listed.site)
    seen: set[str] = set()
    for row in listed.solutions.rows:
        first = _first(row)
        if first and first not in seen and len(seen) < listing_data.ENTRIES:
            seen.add(first)
            yield Entry(
                iri=first,
                address=address_of(listed.shown, first),
                title=_title(row),
                summary=_summary(row),
                updated=listing_data.last_moment(map(cell, row.values()), moment),
            )


def _days(listed: Listed) -> Iterator[Day]:
    """Yield the rows that have a resource and a day; of several days the first column's."""
    for row in listed.solutions.rows:
        first = _first(row)
        day = next((found for found in map(cell, row.values()) if isinstance(found, date)), None)
        if first and day:
            address = address_of(listed.shown, first)
            yield Day(first, address, _title(row), day, _summary(row))


def _first(row: Row) -> str | None:
    return next((term.value for term in row.values() if isinstance(term, NamedNode)), None)


def _title(row: Row) -> str:
    """Return the label in a row, else its first text, else its first resource."""
    words = [term.value for term in row.values() if not isinstance(term, NamedNode)]
    return row["label"].value if "label" in row else (words or [str(_first(row))])[0]


def _summary(row: Row) -> str:
    return ". ".join(
        f"{name}: {term.value}" for name, term in row.items() if not isinstance(term, NamedNode)
    )
