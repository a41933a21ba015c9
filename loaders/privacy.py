"""Masking of the personal data that a pattern can find; names are the duty of a mapping.

It masks what `shapes/privacy.ttl` refuses, so that a row with a phone number in it can be kept.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

EMAIL = "e-mailadres"
PHONE = "telefoonnummer"
CITIZEN = "burgerservicenummer"
ADDRESS = "adres"
NUMBER = "nummer"
"""Nine digits on their own that fail the eleven test: mistyped, or of something else."""

_GAP = r"[-\s./()\u2010-\u2015]{0,3}"
_BEFORE = r"(?<![0-9A-Za-z/=._%+-])"
_AFTER = r"(?![0-9A-Za-z])"
_POSTCODE = r"(?:(?:1[0-8]|2[1-9]|[3-9]\d)\d\d ?|(?:19|20)\d\d)[A-Z]{2}"
_ELEVEN_TEST = (9, 8, 7, 6, 5, 4, 3, 2, -1)


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    pattern: re.Pattern[str]
    """What looks like it; the group `it` is the part to mask, else all of it."""
    is_one: Callable[[str], bool] = lambda _: True


def mask(text: str) -> tuple[str, Counter[str]]:
    """Return a text with `[kind]` where personal data stood, and how often each kind did.

    The number of lines stays.
    """
    counts: Counter[str] = Counter()
    for kind in _kinds_to_try(text):
        text = _masked(text, kind, counts)
    return text, counts


def passes_eleven_test(digits: str) -> bool:
    """Tell whether nine digits can be a citizen service number by their weighed sum."""
    weighed = (int(each) * weight for each, weight in zip(digits, _ELEVEN_TEST, strict=True))
    return sum(weighed) % 11 == 0


def _kinds_to_try(text: str) -> tuple[_Kind, ...]:
    """Return the kinds that a text can hold; most texts hold no sign of any."""
    emails = _EMAILS if "@" in text or "mailto:" in text.lower() else ()
    return emails + (_NUMBERS if _FOUR_DIGITS.search(text) else ())


def _masked(text: str, kind: _Kind, counts: Counter[str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        whole, part = match[0], match.groupdict().get("it") or match[0]
        if not kind.is_one(part):
            return whole
        counts[kind.name] += 1
        lines = "\n" * part.count("\n")
        return f"{whole[: len(whole) - len(part)]}[{kind.name}]{lines}"

    return kind.pattern.sub(replaced, text)


def _is_citizen(number: str) -> bool:
    return _is_of_no_year(number) and passes_eleven_test(number.replace(".", ""))


def _is_of_no_year(number: str) -> bool:
    """Tell nine digits from the number of a case of some year, such as 202400123."""
    return "." in number or not number.startswith(("200", "201", "202"))


def _is_no_time(number: str) -> bool:
    """Tell a mobile number from a date in 06-mm-yyyy with the hour behind it."""
    return not re.match(r"06[-./ ][01]\d[-./ ](19|20)\d\d\D", number)


_FOUR_DIGITS = re.compile(rf"\d(?:{_GAP}\d){{3}}")
_NINE_DIGITS = re.compile(rf"{_BEFORE}(?:\d{{9}}|\d{{4}}\.\d\d\.\d{{3}})(?![0-9A-Za-z/=_-])")
_EMAILS = (
    _Kind(EMAIL, re.compile(r"mailto:[^\s<>\"']+", re.IGNORECASE)),
    # At most 64 characters before the sign (RFC 5321, 4.5.3.1.1): the search stays linear
    _Kind(EMAIL, re.compile(r"[^\s@<>()\[\],;:\"/=]{1,64}@[A-Za-z0-9.-]{1,255}\.[A-Za-z]{2,}")),
)
_NUMBERS = (
    _Kind(
        CITIZEN,
        re.compile(
            r"(?:bsn|burgerservicenummer|sofinummer)[^0-9]{0,12}"
            r"(?P<it>\d{8,9}|\d{4}[ .-]\d\d[ .-]\d{3}|\d{3}[ .-]\d{3}[ .-]\d{3})(?!\d)",
            re.IGNORECASE,
        ),
    ),
    _Kind(PHONE, re.compile(rf"{_BEFORE}(?:\+|00)31{_GAP}0?{_GAP}[1-9](?:{_GAP}\d){{8}}{_AFTER}")),
    _Kind(PHONE, re.compile(rf"{_BEFORE}06(?:{_GAP}\d){{8}}{_AFTER}"), _is_no_time),
    # Area codes have three or four digits; 0800, 0900, 0906 and 0909 are lines for the public
    _Kind(
        PHONE,
        re.compile(
            rf"{_BEFORE}0(?:[1-57]\d|[89][1-9])(?:\d{_GAP}\d|{_GAP}\d\d)(?:{_GAP}\d){{5}}{_AFTER}"
        ),
    ),
    _Kind(CITIZEN, _NINE_DIGITS, _is_citizen),
    _Kind(NUMBER, _NINE_DIGITS, _is_of_no_year),
    _Kind(ADDRESS, re.compile(rf"(?<![0-9A-Za-z/=_-]){_POSTCODE},? ?\d{{1,5}}(?![0-9/-])")),
    _Kind(
        ADDRESS,
        re.compile(rf"(?<=[A-Za-z] )\d{{1,5}}[a-zA-Z]?, ?{_POSTCODE}(?![0-9A-Za-z])"),
    ),
)
