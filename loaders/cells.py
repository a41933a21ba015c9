"""Cells of tables as text: without stray signs, wrongly decoded UTF-8 mended."""

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta

_MOJIBAKE = re.compile("[\u00c2\u00c3\u00c5\u00e2][\u0080-\u00bf\u0152-\u2122]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean(text: str) -> str:
    """Return a cell without stray blanks and control characters, wrongly decoded UTF-8 mended."""
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\u00a0", " ")
    if _MOJIBAKE.search(text):
        with suppress(UnicodeError):  # or these characters are meant
            text = text.encode("cp1252").decode()
    return text.strip()


def cell(value: object) -> str:
    """Return a value of a workbook or of JSON as text."""
    match value:
        case bool():
            return "Ja" if value else "Nee"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return clean(str(value))
