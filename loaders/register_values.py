"""Values of a register's cells: dates in the formats of a mapping, times in words, keys, names."""

import hashlib
import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from raadgraaf.loaders.base import slug

MONTHS = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]
FORMULA_ERRORS = {"#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"}
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_MONTH_NAME = "(?P<name>" + "|".join(MONTHS) + ")"
_QUARTER = re.compile(
    r"(?:q|kwartaal |(?:in )?het )?([1-4])(?:e|de|ste)?(?: kwartaal| q)?(?: van)? (\d{4})"
)
_PARTS = (
    ("yyyy", r"(?P<y>\d{4})"),
    ("mmmm", _MONTH_NAME),
    ("mm", r"(?P<m>\d{1,2})"),
    ("dd", r"(?P<d>\d{1,2})"),
    ("d ", r"(?P<d>\d{1,2}) "),
    (".", r"\."),
)


class BadValue(ValueError):
    """A value that cannot be taken over: its code and the reason, in sentences."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def _pattern(form: str) -> str:
    if form == "yyyymmdd":
        return r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
    pattern, left = "", form
    while left:
        for part, expression in _PARTS:
            if left.startswith(part):
                pattern, left = pattern + expression, left[len(part) :]
                break
        else:
            pattern, left = pattern + re.escape(left[0]), left[1:]
    return pattern


def day(text: str, formats: Sequence[str], unknown: Sequence[str] = ()) -> date | None:
    """Return a date in one of the formats; nothing where the value stands for an unknown one."""
    if not text or re.sub(_TIME + "$", "", text) in unknown or text in unknown:
        return None
    for form in formats:
        if form == "excel" and re.fullmatch(r"[2-7]\d{4}", text):
            return date(1899, 12, 30) + timedelta(days=int(text))
        match = re.fullmatch(_pattern(form) + _TIME, text, re.IGNORECASE)
        if form != "excel" and match:
            return _checked(match, text)
    raise BadValue(
        "unknown-date-format",
        f"{text!r} is not a date as this mapping has them ({', '.join(formats)}). "
        "Write it so, or add its format to the mapping.",
    )


def _checked(match: re.Match[str], text: str) -> date:
    parts = match.groupdict()
    month = MONTHS.index(parts["name"].lower()) + 1 if "name" in parts else int(parts["m"])
    try:
        found = date(int(parts["y"]), month, int(parts["d"]))
    except ValueError:
        raise BadValue(
            "impossible-date", f"{text!r} is a day that does not exist. Correct it in the register."
        ) from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise BadValue(
            "date-out-of-range",
            f"{text!r} lies outside {_FIRST_YEAR}-{_LAST_YEAR}. Correct it in the register, or "
            "list it under `unknown` in the mapping if it stands for an unknown date.",
        )
    return found


@dataclass(frozen=True, slots=True)
class Time:
    """A time as worded, with its bounds where they can be derived."""

    wording: str
    earliest: date | None = None
    latest: date | None = None
    edtf: str = ""


def time(text: str, formats: Sequence[str], unknown: Sequence[str] = ()) -> Time | None:
    """Return a time in words or figures; never a date that the words do not give."""
    if not text or text in unknown:
        return None
    if re.search(r"\d[-/.]\d", text) or re.fullmatch(r"\d{5,8}", text):
        found = day(text, formats, unknown)
        return None if found is None else Time(text, found, found, found.isoformat())
    try:
        found = day(text, formats, unknown)
    except BadValue as bad:
        if bad.code != "unknown-date-format":
            raise
        return _vague(text)
    return None if found is None else Time(text, found, found, found.isoformat())


def _vague(text: str) -> Time:
    words = text.casefold()
    if month := re.fullmatch(rf"(?:in )?{_MONTH_NAME} (?P<y>\d{{4}})", words):
        year, number = int(month["y"]), MONTHS.index(month["name"]) + 1
        return _between(text, year, number, number, f"{year}-{number:02}")
    if quarter := re.fullmatch(
        r"(?:q|kwartaal |(?:in )?het )?([1-4])(?:e|de|ste)?(?: kwartaal| q)?(?: van)? (\d{4})",
        words,
    ):
        number, year = int(quarter[1]), int(quarter[2])
        if "q" in words or "kwartaal" in words:
            # EDTF level 2: 33 to 36 are the quarters
            return _between(text, year, number * 3 - 2, number * 3, f"{year}-{32 + number}")
    if year_only := re.fullmatch(r"(?:in )?(\d{4})", words):
        return _between(text, int(year_only[1]), 1, 12, year_only[1])
    return Time(text)


def _between(text: str, year: int, first: int, last: int, edtf: str) -> Time:
    return Time(text, date(year, first, 1), date(year, last, monthrange(year, last)[1]), edtf)


def steps(text: str) -> list[tuple[str, str]]:
    """Return the lines of a cell that hold a date, each as its date and the rest."""
    found = []
    for line in text.splitlines():
        match = re.search(r"\d{1,2}-\d{1,2}-\d{4}|\d{4}-\d{2}-\d{2}", line)
        if match:
            found.append((match[0], line.replace(match[0], " ").strip(" :")))
    return found


def natural(text: str) -> str:
    """Return a text as natural keys compare it (NFKC, lower case, single blanks)."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def short_digest(text: str) -> str:
    """Return twelve hexadecimal digits that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def key_of(text: str) -> str:
    """Return a name as a part of an IRI; names that differ in more than case stay apart."""
    plain = natural(text)
    folded = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    short = slug(folded)[:60]
    return short if short.replace("-", " ") == plain else f"{short}-{short_digest(plain)[:6]}"


def web_address(text: str) -> str:
    """Return an address as it is if it is one of the web that an IRI can be."""
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`/]+\.[^\s<>\"{}|\\^`]+", text):
        raise BadValue(
            "not-a-web-address",
            f"{text[:80]!r} is not an address of the web, so it is kept as text only. "
            "Write it as https://….",
        )
    return text
