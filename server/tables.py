"""Rows as CSV, TSV and XLSX, so that a spreadsheet takes no text for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

import xlsxwriter

Cell = str | int | Decimal | date | None

# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"\s*[=+\-@]|[\t\r\n]")
_CELL_CHARACTERS = 32_767
"""The longest text that a cell of XLSX may have."""
_EXACT = 10**15
"""Spreadsheets round whole numbers from here on."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings."""

    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def write_csv(table: Table, output: BinaryIO) -> None:
    """Write a table as CSV (RFC 4180); text that could be a formula begins with an apostrophe."""
    _separated(table, output, ",")


def write_tsv(table: Table, output: BinaryIO) -> None:
    """Write a table as tab-separated values: in a text each run of white space is one space."""
    rows = ([_one_line(cell) for cell in row] for row in table.rows)
    _separated(Table(table.headings, rows), output, "\t")


def write_xlsx(table: Table, output: BinaryIO, *, title: str, created: datetime) -> None:
    """Write a table as XLSX; every text is one, whatever it begins with."""
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(output, options) as book:
        book.set_properties({"title": title, "created": created})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for place, heading in enumerate(table.headings):
            sheet.write_string(0, place, heading, bold)
        for number, row in enumerate(table.rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, datetime(cell.year, cell.month, cell.day))  # noqa: DTZ001 # a day
                elif isinstance(cell, int | Decimal) and -_EXACT < cell < _EXACT:
                    sheet.write_number(number, place, cell)
                elif cell is not None:
                    sheet.write_string(number, place, _cut(str(cell)))


def _separated(table: Table, output: BinaryIO, delimiter: str) -> None:
    text = io.TextIOWrapper(output, "utf-8", newline="", write_through=True)
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(table.headings)
    writer.writerows([_safe(cell) for cell in row] for row in table.rows)
    text.detach()  # or the output would be closed, too


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _one_line(cell: Cell) -> Cell:
    return " ".join(cell.split()) if isinstance(cell, str) else cell


def _cut(text: str) -> str:
    return text if len(text) <= _CELL_CHARACTERS else f"{text[: _CELL_CHARACTERS - 1]}…"
