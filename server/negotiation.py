"""Proactive content negotiation: an Accept header and what is offered give one media type.

Pure functions. Source: RFC 9110, 12.4.2 (quality values), 12.5.1 (Accept) and 12.5.3
(Accept-Encoding).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

HTML = "text/html"

_MEMBERS = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_PARTS = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*"?)+')
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_QUALITY = re.compile(r"[01]?(?:\.[0-9]*)?")

REMEMBERED = 256
"""Accept headers whose rankings are kept; a client sends the same one each time."""

_IGNORED = frozenset({"charset", "profile"})
"""Parameters that do not tell our representations apart: all are UTF-8 and of no profile."""


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One member of an Accept header."""

    type: str
    subtype: str
    parameters: frozenset[tuple[str, str]]
    quality: float

    def specificity(self, offered: "MediaRange") -> int | None:
        """Return how closely the range names what is offered, or None where it does not match."""
        if self.type == "*":
            return 0
        if self.type != offered.type:
            return None
        if self.subtype == "*":
            return 1
        if self.subtype != offered.subtype or not self.parameters <= offered.parameters:
            return None
        return 2 + len(self.parameters)


def parse_accept(header: str) -> Sequence[MediaRange]:
    """Return the media ranges of an Accept header; members that are none are left out."""
    return tuple(_ranges(header))


def _ranges(header: str) -> Iterator[MediaRange]:
    for member in _MEMBERS.findall(header):
        name, *parts = (part.strip() for part in _PARTS.findall(member) or ("",))
        name = "*/*" if name == "*" else name.lower()  # sent by old Java clients
        kind, _, subtype = name.partition("/")
        if not (_TOKEN.fullmatch(kind) and _TOKEN.fullmatch(subtype)):
            continue
        if kind == "*" and subtype != "*":
            continue
        parameters = dict(_parameter(part) for part in parts if part)
        quality = parameters.pop("q", "1")
        if quality in {"", "."} or not _QUALITY.fullmatch(quality):
            continue
        kept = frozenset(item for item in parameters.items() if item[0] not in _IGNORED)
        yield MediaRange(kind, subtype, kept, min(float(quality), 1.0))


def _parameter(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip().lower(), value.strip().strip('"').lower()


def ranking(header: str | None, offered: Sequence[str]) -> Sequence[str]:
    """Return what is acceptable of what is offered, best first.

    The most specific range that matches gives the quality of a media type. Equal qualities are
    ordered by how specifically they were asked for, then as offered. An absent header, or one
    without any media range, accepts everything.
    """
    return _ranking(header or "", tuple(offered))


@lru_cache(REMEMBERED)
def _ranking(header: str, offered: tuple[str, ...]) -> Sequence[str]:
    ranges = parse_accept(header)
    if not ranges:
        return offered
    rated: list[tuple[float, int, int, str]] = []
    for place, media_type in enumerate(offered):
        [what] = _ranges(media_type)
        matches = [
            (specificity, each.quality)
            for each in ranges
            if (specificity := each.specificity(what)) is not None
        ]
        if matches:
            specificity, quality = max(matches)
            if quality > 0:
                rated.append((-quality, -specificity, place, media_type))
    return tuple(media_type for *_, media_type in sorted(rated))


def negotiate(header: str | None, offered: Sequence[str]) -> str | None:
    """Return the best of the offered media types, or None where none is acceptable."""
    return next(iter(ranking(header, offered)), None)


def prefers_html(header: str | None, *others: str) -> bool:
    """Return whether a client would rather have HTML than any of the other media types."""
    return negotiate(header, (*others, HTML)) == HTML


def takes_gzip(header: str) -> bool:
    """Return whether a client takes gzip, by its Accept-Encoding header."""
    return bool(header) and _takes_gzip(header)


@lru_cache(REMEMBERED)
def _takes_gzip(header: str) -> bool:
    qualities: dict[str, float] = {}
    for member in header.lower().split(","):
        name, *parts = (part.strip() for part in member.split(";"))
        quality = dict(_parameter(part) for part in parts).get("q", "1")
        if quality not in {"", "."} and _QUALITY.fullmatch(quality):
            qualities[name.removeprefix("x-")] = float(quality)  # RFC 9110, 8.4.1.3
    return qualities.get("gzip", qualities.get("*", 0.0)) > 0
