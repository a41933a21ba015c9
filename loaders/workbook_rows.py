"""Rows of workbooks (XLSX, ODS), with merged cells filled and the errors of formulas kept."""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import InputError
from raadgraaf.loaders.cells import cell

_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_ERROR_CELL = re.compile(
    rb'<c r="([A-Z]{1,3}\d+)"[^>]*\bt="e"[^>]*>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?<v>([^<]*)'
)
_BLOCK = 1024 * 1024


def read(stream: BinaryIO, name_of_file: str, limit: int) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a workbook as JSON can carry them; to be run by `isolated`."""
    _require_unpackable(stream, name_of_file, limit)
    errors = _formula_errors(stream)
    stream.seek(0)
    try:
        with CalamineWorkbook.from_filelike(stream) as book:
            for place_of_sheet, name in enumerate(book.sheet_names):
                failed = errors[place_of_sheet] if place_of_sheet < len(errors) else {}
                sheet = book.get_sheet_by_name(name)
                merged = _merged(sheet.merged_cell_ranges or ())
                above: list[Any] = []
                for place, values in enumerate(sheet.iter_rows()):
                    filled = [
                        above[column]
                        if (place, column) in merged and value == ""
                        else failed.get(_reference(place, column), value)
                        for column, value in enumerate(values)
                    ]
                    above = filled
                    cells = [cell(each) for each in filled]
                    yield {"sheet": name, "number": place + 1, "cells": cells}
    except PasswordError:
        raise InputError(
            f"{name_of_file} is protected by a password. Save it without one."
        ) from None
    except (CalamineError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{name_of_file} cannot be read as a workbook: {error}. Save it anew as XLSX or ODS."
        ) from None


def _require_unpackable(stream: BinaryIO, name_of_file: str, limit: int) -> None:
    """Refuse what unpacks to more than is allowed, by what is in it and not by what it says."""
    try:
        with zipfile.ZipFile(stream) as archive:
            total = 0
            for entry in archive.infolist():
                with archive.open(entry) as packed:
                    while total <= limit and (block := packed.read(_BLOCK)):
                        total += len(block)
    except (zipfile.BadZipFile, zlib.error, RuntimeError):
        raise InputError(
            f"{name_of_file} is a damaged or protected workbook. Save it anew, without a password."
        ) from None
    if total > limit:
        raise InputError(
            f"{name_of_file} unpacks to more than the {limit // MEBIBYTE} MiB that "
            "are allowed. Save it as CSV, or raise RAADGRAAF_UNPACKED_BYTES."
        )


def _formula_errors(stream: BinaryIO) -> list[Mapping[str, str]]:
    """Return the cells of each sheet of an XLSX file that hold an error.

    calamine leaves them blank. Sheets are taken in the order of their files, which is that of
    the workbook.
    """
    with zipfile.ZipFile(stream) as archive:
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
