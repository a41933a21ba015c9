"""Lists to subscribe to: Atom for feed readers (RFC 4287), deadlines for calendars (RFC 5545)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO
from xml.etree import ElementTree as ET

from icalendar import Calendar, Event

ATOM = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a feed."""

    iri: str
    address: str
    """Where its page is, in full."""
    title: str
    summary: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """One day in a calendar."""

    iri: str
    address: str
    title: str
    day: date
    description: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What a feed or calendar says of itself."""

    iri: str
    address: str
    page: str
    """The address of the list as a page."""
    title: str
    author: str
    language: str
    updated: datetime


def write_atom(heading: Heading, entries: Iterable[Entry], output: BinaryIO) -> None:
    """Write a feed; its own time is that of the release, its entries have their own."""
    feed = ET.Element(f"{{{ATOM}}}feed", {"xml:lang": heading.language})
    _element(feed, "id", heading.iri)
    _element(feed, "title", heading.title)
    _element(feed, "updated", heading.updated.isoformat())
    _element(feed, "link", rel="self", type="application/atom+xml", href=heading.address)
    _element(feed, "link", rel="alternate", type="text/html", href=heading.page)
    _element(feed, "rights", "CC0 1.0")
    _element(_element(feed, "author"), "name", heading.author)
    for each in entries:
        entry = _element(feed, "entry")
        _element(entry, "id", each.iri)
        _element(entry, "title", each.title)
        _element(entry, "updated", each.updated.isoformat())
        _element(entry, "link", rel="alternate", type="text/html", href=each.address)
        _element(entry, "summary", each.summary)
    ET.register_namespace("", ATOM)
    ET.ElementTree(feed).write(output, "utf-8", xml_declaration=True)


def _element(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    made.text = _NO_XML.sub("\ufffd", text) or None
    return made


def write_calendar(heading: Heading, days: Sequence[Day], left_out: str, output: BinaryIO) -> None:
    """Write days as events of a whole day; `left_out` says what is not among them."""
    calendar = Calendar()
    calendar.add("prodid", "-//raadgraaf//NL")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", heading.title)
    calendar.add("x-wr-caldesc", left_out)
    for each in days:
        event = Event()
        event.add("uid", f"{each.iri}#{each.day.isoformat()}")
        event.add("dtstamp", heading.updated)
        event.add("dtstart", each.day)
        event.add("summary", each.title)
        event.add("description", each.description)
        event.add("url", each.address)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    output.write(calendar.to_ical())
