"""The SPARQL 1.1 Protocol, without a framework: a request as it came, and what it asks for.

Source: SPARQL 1.1 Protocol, 2.1 (query operation) and 2.2 (update operation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from werkzeug.http import parse_options_header

from raadgraaf.changes import Update
from raadgraaf.errors import BadRequest, UnsupportedMediaType
from raadgraaf.server.media import FORMATS, GRAPHS, RESULTS

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
MAX_PARAMETERS = 1000

_ONCE = frozenset({"query", "update", "format", "release"})
_OF_QUERIES = ("default-graph-uri", "named-graph-uri")
_OF_UPDATES = ("using-graph-uri", "using-named-graph-uri")


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it came."""

    method: str
    address: str
    """Of the endpoint, without the query string."""
    query_string: bytes
    content_type: str
    body: bytes
    has_length: bool
    """Whether it would have been noticed if a part of the body were missing."""
    accept: str | None
    accept_encoding: str
    if_none_match: str
    authorization: str
    client: str
    """By whom it was sent, for fair shares; kept nowhere."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query operation."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    release: int | None
    accept: str | None
    """The Accept header, or the media types that `?format=` stands for."""


@dataclass(frozen=True, slots=True)
class Description:
    """A request without query and update: it asks what the service is."""

    accept: str | None


Operation = Query | Update | Description


def operation(message: Message) -> Operation:
    """Return what a GET, HEAD or POST asks for, or raise what is wrong with it."""
    pairs = _pairs(message.query_string, "The address")
    if message.method == "POST":
        if any(name == "update" for name, _ in pairs):
            raise BadRequest("An update stands in the body, not in the address. Nothing was done.")
        pairs += _of_body(message, pairs)
    given = _single(pairs)
    if "update" in given:
        if message.method != "POST":
            raise BadRequest("An update is sent by POST. Nothing was done.")
        _refuse(pairs, _OF_QUERIES, "an update")
        return Update(given["update"], *(_values(pairs, name) for name in _OF_UPDATES))
    accept = _accept(message.accept, given.get("format"))
    if "query" not in given:
        if message.method == "POST":
            raise BadRequest("The request has no query. Send one as the parameter `query`.")
        return Description(accept)
    _refuse(pairs, _OF_UPDATES, "a query")
    default_graphs, named_graphs = (_values(pairs, name) for name in _OF_QUERIES)
    release = _release(given.get("release"))
    return Query(given["query"], default_graphs, named_graphs, release, accept)


def _of_body(message: Message, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the parameters that the body of a POST holds, or is."""
    kind, options = parse_options_header(message.content_type)
    kind = kind.lower()  # RFC 9110, 8.3.1
    charset = options.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaType(f"The charset is {charset}. Send UTF-8.")
    if kind == FORM:
        return _pairs(message.body, "The body")
    if kind in {QUERY, UPDATE}:
        name = "query" if kind == QUERY else "update"
        return [(name, _decoded(message.body, "The body"))]
    if message.body or not any(name == "query" for name, _ in pairs):
        raise UnsupportedMediaType(
            f"The body is {kind or 'of no stated type'}. Send {QUERY}, {UPDATE} or {FORM}."
        )
    return []


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{where} is not UTF-8 at byte {error.start}.") from None


def _pairs(content: bytes, where: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            _decoded(content, where),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except UnicodeDecodeError:
        raise BadRequest(f"{where} is not UTF-8 once it is percent-decoded.") from None
    except ValueError:
        raise BadRequest(f"{where} has more than {MAX_PARAMETERS} parameters.") from None


def _single(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Return the parameters that may stand once only, by name."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in _ONCE:
            if name in given:
                raise BadRequest(f"The parameter `{name}` is there more than once. Send it once.")
            given[name] = value
    if {"query", "update"} <= given.keys():
        raise BadRequest("The request has both a query and an update. Send one of them.")
    return given


def _values(pairs: Sequence[tuple[str, str]], wanted: str) -> tuple[str, ...]:
    return tuple(value for name, value in pairs if name == wanted)


def _refuse(pairs: Sequence[tuple[str, str]], names: Sequence[str], what: str) -> None:
    """Refuse a dataset that would go unheeded."""
    for name, _ in pairs:
        if name in names:
            raise BadRequest(f"The parameter `{name}` does not belong to {what}. Leave it out.")


def _release(number: str | None) -> int | None:
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 10):  # noqa: PLR2004
        raise BadRequest(f"The release {number!r} is not a number. Send one such as 1.")
    return int(number)


def _accept(header: str | None, form: str | None) -> str | None:
    if not form:
        return header
    if form in FORMATS:
        return ", ".join(FORMATS[form])
    if form in RESULTS or form in GRAPHS:
        return form
    raise BadRequest(f"The format {form!r} is unknown. Known are: {', '.join(FORMATS)}.")
