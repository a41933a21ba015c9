"""The lists as CSV, TSV, JSON, XLSX, Atom, calendar and SPARQL, at the address of the page."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import BinaryIO, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest, NotFound

from raadgraaf.catalogue import Term
from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import NotAcceptable
from raadgraaf.server import feeds, listings, records
from raadgraaf.server.feeds import Day, Entry, Heading
from raadgraaf.server.listings import Collection, Column, Criteria, Item
from raadgraaf.server.negotiation import HTML, negotiate
from raadgraaf.server.pages import origin, presenter
from raadgraaf.server.presentation import Presenter
from raadgraaf.server.replies import Wish, representation
from raadgraaf.server.sending import response_of
from raadgraaf.server.site import Site, asked_site, at_page, charged
from raadgraaf.server.tables import Cell, Table, write_csv, write_tsv, write_xlsx
from raadgraaf.server.texts import texts

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ATOM = "application/atom+xml"
CALENDAR = "text/calendar"
QUERY = "application/sparql-query"
FORMATS = {
    "html": HTML,
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "xlsx": XLSX,
    "atom": ATOM,
    "ics": CALENDAR,
    "rq": QUERY,
}
ENTRIES = 500
"""Entries of a feed: those that were raised last."""
OTHERS = {"format", "release"}
"""Parameters of data that are no filters."""

TITLES = {"toezeggingen": "commitments", "raadsvragen": "council_questions"}
"""The keys of the titles of the lists that come as data, by name."""

blueprint = Blueprint("listing_data", __name__)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with the filters of one request."""

    site: Site
    shown: Presenter
    collection: Collection
    columns: Sequence[Column]
    criteria: Criteria

    def items(self, most: int = listings.MOST) -> Iterator[Item]:
        """Yield its things, those that were raised last first."""
        found = listings.things(self.site, self.collection, self.criteria, size=most)
        return listings.items(self.site, self.shown, self.columns, found)


@blueprint.get("/<any(toezeggingen, raadsvragen):name>.<ending>")
@blueprint.get("/en/<any(toezeggingen, raadsvragen):name>.<ending>")
def by_ending(name: str, ending: str) -> Response:
    """Return a list in the format that the address names."""
    if ending == "html" or ending not in FORMATS:
        known = ", ".join(each for each in FORMATS if each != "html")
        raise NotFound(f"The list {name} does not come as .{ending}. There are: {known}.")
    return _data(name, FORMATS[ending])


def instead_of_page(name: str) -> Response | None:
    """Return the list as data where the client asks for that, otherwise nothing."""
    form = request.args.get("format")
    if form and form not in FORMATS:
        raise BadRequest(f"The format {form!r} is unknown. Known are: {', '.join(FORMATS)}.")
    media_type = FORMATS.get(form or "") or negotiate(
        request.headers.get("Accept"), tuple(FORMATS.values())
    )
    if media_type is None:
        raise NotAcceptable(f"A list comes in {', '.join(FORMATS.values())}. Accept one.")
    return None if media_type == HTML else _data(name, media_type)


def addresses(
    shown: Presenter, path: str, kept: Mapping[str, str], forms: Iterable[str] = FORMATS
) -> Mapping[str, str]:
    """Return where a list or an answer stands as data, by format."""
    return {form: shown.path(f"{path}.{form}", **kept) for form in forms if form != "html"}


def _data(name: str, media_type: str) -> Response:
    site, shown = listings.pinned(charged(asked_site())), presenter()
    collection = listings.collection(name)
    known = listings.columns(site, collection)
    criteria = listings.asked(site, shown, collection, known, OTHERS)
    listing = Listing(site, shown, collection, known, criteria)
    return spooled(media_type, lambda output: _write(listing, media_type, output))


def spooled(media_type: str, write: Callable[[BinaryIO], None]) -> Response:
    """Return what is written, whole: it is sent when all of it is there."""
    output = cast("BinaryIO", tempfile.SpooledTemporaryFile(MEBIBYTE))  # noqa: SIM115 # closed when sent
    try:
        write(output)
    except BaseException:
        output.close()
        raise
    headers = request.headers
    wish = Wish(headers.get("Accept-Encoding", ""), headers.get("If-None-Match", ""))
    return response_of(representation(output, media_type, wish))


def _write(listing: Listing, media_type: str, output: BinaryIO) -> None:
    if media_type == QUERY:
        text = listings.query(listing.site, listing.collection, listing.criteria)
        output.write(at_page(text, 1, listings.MOST).encode())
    elif media_type == FORMATS["json"]:
        _write_json(listing, output)
    elif media_type == ATOM:
        found = list(listing.items(ENTRIES))
        feeds.write_atom(_heading(listing), _entries(listing, found), output)
    elif media_type == CALENDAR:
        _write_calendar(listing, output)
    else:
        rows = records.rows(listing.shown, listing.columns, listing.items())
        table = Table(records.headings(listing.columns), rows)
        title = texts(listing.shown.language)[TITLES[listing.collection.name]]
        write_table(table, media_type, output, title, published(listing.site))


def write_table(
    table: Table, media_type: str, output: BinaryIO, title: str, created: datetime
) -> None:
    """Write rows in a media type of tables."""
    if media_type == XLSX:
        write_xlsx(table, output, title=title, created=created)
    elif media_type == FORMATS["tsv"]:
        write_tsv(table, output)
    else:
        write_csv(table, output)


def _write_json(listing: Listing, output: BinaryIO) -> None:
    """Write a list as JSON, one thing a line."""
    output.write(b'{"items": [')
    for number, item in enumerate(listing.items()):
        content = records.as_json(listing.shown, listing.columns, item)
        output.write(b",\n" if number else b"\n")
        output.write(json.dumps(content, ensure_ascii=False).encode())
    output.write(b"\n]}\n")


def published(site: Site) -> datetime:
    """Return when the release of a site was published; one made by hand does not say it."""
    return site.service.release(site.release).moment or datetime.fromtimestamp(0, UTC)


def _heading(listing: Listing) -> Heading:
    return heading(
        listing.site,
        listing.shown,
        f"/{listing.collection.name}",
        texts(listing.shown.language)[TITLES[listing.collection.name]],
    )


def heading(site: Site, shown: Presenter, path: str, title: str) -> Heading:
    """Return what a feed of this request says of itself."""
    given = sorted(item for item in request.args.items(multi=True) if item[0] not in OTHERS)
    filters = f"?{urlencode(given)}" if given else ""
    settings = site.settings
    return Heading(
        iri=f"{settings.base}{path.removeprefix('/')}.atom{filters}",
        address=f"{origin()}{shown.path(f'{path}.atom')}{filters}",
        page=f"{origin()}{shown.path(path)}{filters}",
        title=f"{title} ({', '.join(value for _, value in given)})" if given else title,
        author=settings.publisher_name or settings.title,
        language=shown.language,
        updated=published(site),
    )


def _entries(listing: Listing, found: Sequence[Item]) -> Iterator[Entry]:
    moment = published(listing.site)
    rows = _about(listing, "events", found)
    for item in found:
        days = [records.cell(row["date"]) for row in rows if row["this"].value == item.iri]
        yield Entry(
            iri=item.iri,
            address=address_of(listing.shown, item.iri),
            title=item.label.value if item.label else item.iri,
            summary=_summary(listing, item),
            updated=last_moment(days, moment),
        )


def _about(listing: Listing, query: str, found: Sequence[Item]) -> Sequence[Mapping[str, Term]]:
    """Return what a query says of things, asked in batches."""
    return [
        row
        for start in range(0, len(found), listings.BATCH)
        for row in listing.site.select(
            query, this=[NamedNode(item.iri) for item in found[start : start + listings.BATCH]]
        )
    ]


def last_moment(days: Iterable[Cell], published: datetime) -> datetime:
    """Return the last day on which something happened before a release, or its own moment."""
    moments = [
        datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days if isinstance(day, date)
    ]
    return max((moment for moment in moments if moment <= published), default=published)


def _summary(listing: Listing, item: Item) -> str:
    """Return the facts by which a list is filtered, and the wording of the source."""
    parts = [
        f"{column.title}: "
        + ", ".join(records.label(listing.shown, term, item) or term.value for term in terms)
        for column in listing.columns
        if column.facet and (terms := item.values.get(column.name, ()))
    ]
    return ". ".join([*parts, *(f"“{quote.text}”" for quote in item.quotes)])


def address_of(shown: Presenter, iri: str) -> str:
    """Return where the page of a resource is, in full; of the current release."""
    href = replace(shown, release=None).href(iri, described=True) or iri
    return f"{origin()}{href}" if href.startswith("/") else href


def _write_calendar(listing: Listing, output: BinaryIO) -> None:
    found = list(listing.items())
    by_iri = {item.iri: item for item in found}
    days: list[Day] = []
    vague = 0
    for row in _about(listing, "deadlines-of", found):
        latest = records.cell(row["latest"]) if "latest" in row else None
        if not isinstance(latest, date):
            vague += 1
            continue
        item = by_iri[row["this"].value]
        days.append(
            Day(
                iri=row["deadline"].value,
                address=address_of(listing.shown, item.iri),
                title=item.label.value if item.label else item.iri,
                day=latest,
                description=row["expression"].value if "expression" in row else "",
            )
        )
    words = texts(listing.shown.language)["left_out"].format(count=vague)
    feeds.write_calendar(_heading(listing), days, words, output)
