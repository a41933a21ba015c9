"""Rows of JSON and JSON lines: of an array, of the array in an object, or of a table in it."""

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from raadgraaf.errors import InputError
from raadgraaf.loaders.cells import cell


def read(stream: BinaryIO, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield a row of headers, then one for each object; headers of all objects count.

    They are as JSON can carry them; to be run by `isolated`.
    """
    objects = list(_objects(stream.read(), name))
    if objects and all(isinstance(each, list) for each in objects):
        for place, each in enumerate(objects):
            yield {"sheet": "", "number": place, "cells": [_json_cell(value) for value in each]}
        return
    flat = [dict(_flat(each)) for each in objects if isinstance(each, Mapping)]
    headers = list(dict.fromkeys(header for each in flat for header in each))
    yield {"sheet": "", "number": 0, "cells": headers}
    for number, each in enumerate(flat, start=1):
        cells = [_json_cell(each.get(header)) for header in headers]
        yield {"sheet": "", "number": number, "cells": cells}


def _objects(content: bytes, name: str) -> Iterator[Any]:
    content = content.removeprefix(codecs.BOM_UTF8)
    document = None
    try:
        document = json.loads(content)
    except RecursionError:
        raise InputError(f"{name} is nested too deeply to be a register.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 at byte {error.start}. Save it as UTF-8.") from None
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
                f"{name}, line {number}: this is not JSON ({error}). "
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
    return cell(value)
