"""Rows of a register's file: CSV, XLSX, ODS, JSON or JSON lines, within limits."""

import codecs
import csv
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import InputError
from raadgraaf.loaders.base import Limits, Source

DELIMITERS = ";,\t"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MOJIBAKE = re.compile("[\u00c2\u00c3\u00c5\u00e2][\u0080-\u00bf\u0152-\u2122]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_ERROR_CELL = re.compile(
    rb'<c r="([A-Z]{1,3}\d+)"[^>]*\bt="e"[^>]*>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?<v>([^<]*)'
)
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the file has it, its cells as text."""

    sheet: str
    number: int
    """Its number in the file or sheet, from 1; of a CSV file the number of the record."""
    cells: tuple[str, ...]


def rows(source: Source, limits: Limits) -> Iterator[Row]:
    """Yield the rows of a file, the one with the headers among them; blank rows are left out."""
    head = source.head
    if head.startswith(b"PK\x03\x04"):
        found = _of_workbook(source, limits)
    elif _begins_json(head):
        found = _of_json(source, limits)
    else:
        found = _of_text(source, limits)
    return (row for row in found if any(row.cells))


def _begins_json(head: bytes) -> bool:
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"["}


def clean(text: str) -> str:
    """Return a cell without stray blanks and control characters, wrongly decoded UTF-8 mended."""
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\u00a0", " ")
    if _MOJIBAKE.search(text):
        with suppress(UnicodeError):  # or these characters are meant
            text = text.encode("cp1252").decode()
    return text.strip()


# Text


def _of_text(source: Source, limits: Limits) -> Iterator[Row]:
    encoding = _encoding(source)
    # A byte that the encoding does not have becomes the sign for that
    with source.open() as stream, codecs.getreader(encoding)(stream, "replace") as text:
        lines = _lines(text, source, limits)
        first = next(lines, "")
        delimiter = _delimiter(first)
        csv.field_size_limit(limits.cell_bytes)
        records = csv.reader(_again(first, lines), delimiter=delimiter)
        number = 0
        while True:
            number += 1
            try:
                record = next(records, None)
            except csv.Error as error:
                raise InputError(
                    f"{source.name}, row {number}: {error}. Check the quotes from this row on."
                ) from None
            if record is None:
                return
            yield Row("", number, tuple(map(clean, record)))


def _again(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(text: codecs.StreamReader, source: Source, limits: Limits) -> Iterator[str]:
    """Yield lines, none longer than a cell may be: what is read at once is bounded."""
    total, pending = 0, ""
    while block := text.read(_BLOCK):
        total += len(block)
        if total > limits.source_bytes:
            raise _too_large(source, "file", limits.source_bytes)
        *complete, pending = (pending + block).split("\n")
        yield from (f"{line}\n" for line in complete)
        if len(pending) > limits.cell_bytes:
            raise _too_large(source, "row", limits.cell_bytes)
    if pending:
        yield pending


def _too_large(source: Source, what: str, limit: int) -> InputError:
    return InputError(
        f"{source.name}: a {what} has more than {limit // MEBIBYTE} MiB, so nothing was loaded. "
        "Check that it is a register; docs/settings.md names the limits."
    )


def _encoding(source: Source) -> str:
    """Return the encoding: by its mark, else UTF-8 where all of it is that, else cp1252."""
    head = source.head
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open() as stream:
        try:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _delimiter(line: str) -> str:
    """Return the sign that makes most fields of the first line."""
    fields = {sign: len(next(csv.reader([line], delimiter=sign), [])) for sign in DELIMITERS}
    return max(DELIMITERS, key=lambda sign: fields[sign])


# Workbooks


def _of_workbook(source: Source, limits: Limits) -> Iterator[Row]:
    _require_unpackable(source, limits)
    errors = _formula_errors(source)
    try:
        with source.open() as stream, CalamineWorkbook.from_filelike(stream) as book:
            for place_of_sheet, name in enumerate(book.sheet_names):
                failed = errors[place_of_sheet] if place_of_sheet < len(errors) else {}
                sheet = book.get_sheet_by_name(name)
                merged = _merged(sheet.merged_cell_ranges or ())
                above: list[Any] = []
                for place, cells in enumerate(sheet.iter_rows()):
                    filled = [
                        above[column]
                        if (place, column) in merged and cell == ""
                        else failed.get(_reference(place, column), cell)
                        for column, cell in enumerate(cells)
                    ]
                    above = filled
                    yield Row(name, place + 1, tuple(map(_cell, filled)))
    except PasswordError:
        raise InputError(
            f"{source.name} is protected by a password. Save it without one."
        ) from None
    except (CalamineError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{source.name} cannot be read as a workbook: {error}. Save it anew as XLSX or ODS."
        ) from None


def _require_unpackable(source: Source, limits: Limits) -> None:
    """Refuse what unpacks to more than is allowed, by what is in it and not by what it says."""
    try:
        with source.open() as stream, zipfile.ZipFile(stream) as archive:
            total = 0
            for entry in archive.infolist():
                with archive.open(entry) as packed:
                    while total <= limits.unpacked_bytes and (block := packed.read(_BLOCK)):
                        total += len(block)
    except (zipfile.BadZipFile, zlib.error, RuntimeError):
        raise InputError(
            f"{source.name} is a damaged or protected workbook. Save it anew, without a password."
        ) from None
    if total > limits.unpacked_bytes:
        raise InputError(
            f"{source.name} unpacks to more than the {limits.unpacked_bytes // MEBIBYTE} MiB that "
            "are allowed. Save it as CSV, or raise RAADGRAAF_UNPACKED_BYTES."
        )


def _formula_errors(source: Source) -> list[Mapping[str, str]]:
    """Return the cells of each sheet of an XLSX file that hold an error.

    calamine leaves them blank. Sheets are taken in the order of their files, which is that of
    the workbook.
    """
    with source.open() as stream, zipfile.ZipFile(stream) as archive:
        sheets = [name for name in archive.namelist() if _SHEET.fullmatch(name)]
        sheets.sort(key=lambda name: int(re.sub(r"\D", "", name)))
        return [
            {
                match[1].decode(): match[2].decode()
                for match in _ERROR_CELL.finditer(archive.read(name))
            }
            for name in sheets
        ]


def _reference(row: int, column: int) -> str:
    """Return a cell as a workbook names it, such as C6."""
    letters = ""
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return f"{letters}{row + 1}"


def _merged(ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> set[tuple[int, int]]:
    """Return the cells that are covered by one above them."""
    return {
        (row, column)
        for (top, left), (bottom, right) in ranges
        for row in range(top + 1, bottom + 1)
        for column in range(left, right + 1)
    }


def _cell(value: object) -> str:
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


# JSON


def _of_json(source: Source, limits: Limits) -> Iterator[Row]:
    """Yield a row of headers, then one for each object; headers of all objects count."""
    objects = list(_objects(source, limits))
    if objects and all(isinstance(each, list) for each in objects):
        yield from (
            Row("", place, tuple(map(_json_cell, each))) for place, each in enumerate(objects)
        )
        return
    flat = [dict(_flat(each)) for each in objects if isinstance(each, Mapping)]
    headers = list(dict.fromkeys(name for each in flat for name in each))
    yield Row("", 0, tuple(headers))
    for number, each in enumerate(flat, start=1):
        yield Row("", number, tuple(_json_cell(each.get(name)) for name in headers))


def _objects(source: Source, limits: Limits) -> Iterator[Any]:
    content = source.read(limits.unpacked_bytes).removeprefix(codecs.BOM_UTF8)
    document = None
    try:
        document = json.loads(content)
    except RecursionError:
        raise InputError(f"{source.name} is nested too deeply to be a register.") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source.name} is not UTF-8 at byte {error.start}. Save it as UTF-8."
        ) from None
    except json.JSONDecodeError:
        pass  # perhaps JSON lines
    if document is not None:
        yield from _members(document)
        return
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            if line.strip():
                yield json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{source.name}, line {number}: this is not JSON ({error}). "
                "A register has one array, or one object a line."
            ) from None


def _members(document: Any) -> Iterator[Any]:
    """Yield the rows of a document: of an array, of the array in an object, or of a table in it."""
    if isinstance(document, list):
        yield from document
        return
    if not isinstance(document, Mapping):
        return
    lists = [each for each in document.values() if isinstance(each, list) and each]
    tables = [each for each in lists if all(isinstance(row, list) for row in each)]
    names = [each for each in lists if all(isinstance(name, str) for name in each)]
    records = [each for each in lists if all(isinstance(row, Mapping) for row in each)]
    if tables and names:
        yield names[0]
        yield from tables[0]
    elif records:
        yield from max(records, key=len)
    else:
        yield document


def _flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _json_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        between = "\n" if any(isinstance(each, list | dict) for each in value) else " "
        return between.join(filter(None, map(_json_cell, value)))
    if isinstance(value, Mapping):
        return " ".join(filter(None, map(_json_cell, value.values())))
    return _cell(value)


def headers_of(found: Iterable[Row], depth: int = 20) -> Sequence[Row]:
    """Return the first rows of each sheet, among which the headers are to be found."""
    shown: dict[str, list[Row]] = {}
    for row in found:
        first = shown.setdefault(row.sheet, [])
        if len(first) < depth:
            first.append(row)
        elif len(shown) == 1 and not row.sheet:
            break
    return [row for first in shown.values() for row in first]
