"""JSON of others as records: a list, one object, or an object on each line; run by `isolated`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from raadgraaf.errors import InputError
from raadgraaf.loaders import isolated
from raadgraaf.loaders.base import Source

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def records(source: Source, most: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield each record of a source with its line, or its number within the list."""
    with source.open() as stream:
        for each in isolated.lines(f"{__name__}:parsed", stream, source.name, [source.name, most]):
            yield each["number"], each["record"]


def parsed(stream: BinaryIO, name: str, most: int) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a file of at most so many bytes, one at a time where it has lines."""
    first = stream.readline(most + 1)
    _require_less(first, name, most)
    try:
        record = json.loads(first.removeprefix(BYTE_ORDER_MARK))
    except ValueError:
        rest = stream.read(most + 1)
        _require_less(rest, name, most)
        yield from _whole(first + rest, name)
        return
    if isinstance(record, list):
        yield from _listed(record, name)
        return
    yield _numbered(1, record, name)
    for number, line in enumerate(iter(lambda: stream.readline(most + 1), b""), start=2):
        _require_less(line, name, most)
        if line.strip():
            yield _numbered(number, _loaded(line, f"{name}, line {number}"), name)


def _whole(content: bytes, name: str) -> Iterator[Mapping[str, Any]]:
    value = _loaded(content.removeprefix(BYTE_ORDER_MARK), name)
    yield from _listed(value if isinstance(value, list) else [value], name)


def _listed(values: list[object], name: str) -> Iterator[Mapping[str, Any]]:
    for number, value in enumerate(values, start=1):
        yield _numbered(number, value, name)


def _loaded(content: bytes, where: str) -> object:
    try:
        return json.loads(content)
    except UnicodeDecodeError:
        raise InputError(f"{where}: it is not UTF-8. Save the file as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"{where}: line {error.lineno}, column {error.colno} is no JSON ({error.msg}). "
            "Fetch the file again; it may have been cut off."
        ) from None


def _numbered(number: int, value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(
            f"{name}, record {number}: it is no object with names and values. "
            "Give a list of objects, or one object a line."
        )
    return {"number": number, "record": value}


def _require_less(content: bytes, name: str, most: int) -> None:
    if len(content) > most:
        raise InputError(
            f"{name}: it has more than {most} bytes in one piece. "
            "Save it as JSON lines, one object a line, or split it."
        )
