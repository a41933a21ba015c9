"""Rows of a register's file: CSV, XLSX, ODS, JSON or JSON lines, within limits."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import InputError
from raadgraaf.loaders import isolated
from raadgraaf.loaders.base import Limits, Source
from raadgraaf.loaders.cells import clean

DELIMITERS = ";,\t"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1024 * 1024
_PARSER = isolated.Limits(memory=2048 * MEBIBYTE)


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
        found = _of_parser(source, "workbook_rows", [source.name, limits.unpacked_bytes])
    elif _begins_json(head):
        _require_small(source, limits)
        found = _of_parser(source, "json_rows", [source.name])
    else:
        found = _of_text(source, limits)
    return (row for row in found if any(row.cells))


def _of_parser(source: Source, module: str, arguments: Sequence[object]) -> Iterator[Row]:
    """Yield what a parser makes of a file in a process of its own."""
    with source.open() as stream:
        function = f"raadgraaf.loaders.{module}:read"
        for row in isolated.lines(function, stream, source.name, arguments, _PARSER):
            yield Row(row["sheet"], row["number"], tuple(row["cells"]))


def _require_small(source: Source, limits: Limits) -> None:
    """Refuse a file that is too large to be read as a whole."""
    total = 0
    with source.open() as stream:
        while block := stream.read(_BLOCK):
            total += len(block)
            if total > limits.unpacked_bytes:
                raise _too_large(source, "file", limits.unpacked_bytes)


def _begins_json(head: bytes) -> bool:
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"["}


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
