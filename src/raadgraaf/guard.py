"""Looks at a query before an engine does: what it asks for, and how much work it is to plan.

An engine may crash or plan for minutes on a short text, and a SERVICE may hide behind strings,
comments and escapes. Text that cannot be split into tokens is refused: nobody can tell what an
engine would make of it.
"""

import math
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import lru_cache

from raadgraaf.config import Settings
from raadgraaf.errors import Forbidden, QuerySyntaxError, TextTooLong, TooComplex
from raadgraaf.scanning import Scan
from raadgraaf.tokens import Token, decode, syntax_error

REMEMBERED = 8192
"""Characters of a text up to which it is remembered what it asks for."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What a text asks for, and how much work it is to parse and plan."""

    form: str | None
    """SELECT, ASK, CONSTRUCT or DESCRIBE; None for an update."""
    is_update: bool
    tokens: int
    nesting: int
    """Depth of brackets of any kind."""
    patterns: int
    """What a planner joins, about: triples (told by `.`, `;` and `,`), steps of paths, two for
    each member of a collection, BIND, VALUES, GRAPH, SERVICE and groups without any of these."""
    operators: int
    """Operators of expressions and paths, UNION, OPTIONAL, MINUS, FILTER, EXISTS and IN;
    expressions that are selected, grouped or ordered by; IRIs that are described."""
    steps: int
    """Tokens, each twice as heavy for every `!`, REGEX, SUBSTR, REPLACE and GROUP_CONCAT
    around it, because parsers that go back read these twice."""
    services: tuple[str, ...]
    """Endpoints of SERVICE: IRIs as written, or `?` and the name of a variable."""
    loads: tuple[str, ...]
    """Sources of LOAD."""
    has_dataset_clause: bool
    has_graph_clause: bool
    """Whether it may look into named graphs."""
    outermost: tuple[Token, ...] | None
    """The tokens outside of all brackets, and the outermost brackets; None where the text is only
    made of SPARQL's tokens once its escapes are decoded."""
    is_volatile: bool
    """Whether it calls what differs each time, such as NOW or RAND."""


def is_repeatable(text: str, most_tokens: float = math.inf) -> bool:
    """Return whether a query gives the same each time that it is asked of the same data."""
    try:
        found = examine(text, most_tokens)
    except QuerySyntaxError:
        return False
    return found.tokens <= most_tokens and not (found.is_volatile or found.services)


def admit(text: str, settings: Settings, service_allowed: Set[str] = frozenset()) -> Examination:
    """Return what a query asks for, or raise if it is past a limit or asks others than allowed."""
    _require_size(text, settings.query_bytes)
    found = examine(text, settings.query_tokens)
    if found.tokens > settings.query_tokens:
        raise _too_complex(settings.query_tokens, "words and signs")
    _require_simple(found, settings)
    _require_allowed(found.services, service_allowed)
    return found


def admit_update(text: str, settings: Settings) -> Examination:
    """Return what an update asks for, or raise as `admit` does; data may be as long as a file."""
    _require_size(text, settings.upload_bytes)
    found = examine(text)
    _require_simple(found, settings)
    _require_allowed(found.services, frozenset())
    return found


def _require_size(text: str, limit: int) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise syntax_error(text, error.start, "half of a surrogate pair") from None
    if size > limit:
        raise TextTooLong(f"The text has more than {limit} bytes. Send a shorter one.", limit)


def _require_simple(found: Examination, settings: Settings) -> None:
    for measured, limit, what in (
        (found.nesting, settings.query_nesting, "levels of brackets"),
        (found.patterns, settings.query_patterns, "patterns to join"),
        (found.operators, settings.query_operators, "operators"),
        (found.steps, settings.query_steps, "parser steps, by nested `!`, REGEX or REPLACE"),
    ):
        if measured > limit:
            raise _too_complex(limit, what)


def _too_complex(limit: int, what: str) -> TooComplex:
    return TooComplex(f"The query has more than {limit} {what}. Ask it in parts.", limit)


def _require_allowed(services: Iterable[str], allowed: Set[str]) -> None:
    for endpoint in services:
        if endpoint not in allowed:
            raise Forbidden(
                f"This service does not ask {endpoint} for you. "
                "Ask that endpoint yourself, and send what it answers as VALUES."
            )


def examine(text: str, most_tokens: float = math.inf) -> Examination:
    r"""Return what a text asks for, or raise QuerySyntaxError if it is not made of SPARQL's tokens.

    Engines differ in whether `\u0041` may stand anywhere or in IRIs and strings only. The text is
    read in both ways, and the worst of the two is returned. Past `most_tokens` nothing is read.
    """
    return (_remembered if len(text) <= REMEMBERED else _examined)(text, most_tokens)


def _examined(text: str, most_tokens: float) -> Examination:
    as_written = Scan(text)
    error = decoding_error = as_written.run(most_tokens)
    scans: tuple[Scan, ...] = (as_written,)
    if "\\" in text:  # SPARQL 1.1 Query, 19.2
        decoded = Scan(decode(text))
        decoding_error = decoded.run(most_tokens)
        scans = (as_written, decoded)
    if error and (decoding_error or not as_written.is_encoded):
        raise error
    return Examination(
        form=next((scan.form for scan in scans if scan.form), None),
        is_update=any(scan.is_update for scan in scans),
        tokens=max(scan.tokens for scan in scans),
        nesting=max(scan.nesting for scan in scans),
        patterns=max(scan.patterns for scan in scans),
        operators=max(scan.operators for scan in scans),
        steps=max(scan.steps for scan in scans),
        services=tuple(dict.fromkeys(each for scan in scans for each in scan.services)),
        loads=tuple(dict.fromkeys(each for scan in scans for each in scan.loads)),
        has_dataset_clause=any(scan.has_dataset_clause for scan in scans),
        outermost=None if error else tuple(as_written.outermost),
        is_volatile=any(scan.is_volatile for scan in scans),
        has_graph_clause=any(scan.has_graph_clause for scan in scans),
    )


_remembered = lru_cache(maxsize=64)(_examined)
"""A query is looked at before it is admitted, and again when its answer is to be kept."""
