"""Saved responses of the public iBabs calls on lists: what they hold, as records.

`GetLists` names the lists, `GetListsEntriesByFilterRequest` the entries of one, `GetListEntry` has
the fields of one entry. The identifiers of list and entry are the keys.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from raadgraaf.errors import InputError

LISTS, ENTRIES, ENTRY = "GetLists", "GetListsEntriesByFilterRequest", "GetListEntry"
ENTRIES_FILE = "entries.xml"
_RESPONSE = re.compile(
    rb"<(?:[\w.-]+:)?(GetLists|GetListsEntriesByFilterRequest|GetListEntry)Response\b"
)


@dataclass(frozen=True, slots=True)
class ListName:
    """A list of a municipality."""

    identifier: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list: what the list says of it, or its fields."""

    identifier: str
    title: str = ""
    list_identifier: str = ""
    list_name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def operation(head: bytes) -> str | None:
    """Return the call that a file is the response of, by its first bytes."""
    match = _RESPONSE.search(head)
    return match[1].decode() if match else None


def file_of(entry: str) -> str:
    """Return the name of the file that has the fields of an entry, beside `entries.xml`."""
    return f"entry-{entry}.xml"


def read(stream: BinaryIO, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a response as JSON can carry them; to be run by `isolated`."""
    fields: dict[str, str] = {}
    try:
        for _, element in iterparse(stream, forbid_dtd=True):
            kind = _local(element)
            if kind == "Message" and (said := _text(element)) and said.lower() != "ok":
                raise InputError(
                    f"{name}: iBabs refused the call with {said!r}. Ask the municipality or iBabs "
                    "for access and fetch it again."
                )
            if kind == "iBabsKeyValue":
                pair = _children(element)
                yield {"list": [pair.get("Key", ""), pair.get("Value", "")]}
            elif kind == "iBabsListEntryBase":
                yield {"entry": _children(element)}
            elif kind == "KeyValueOfstringstring":
                pair = _children(element)
                if pair.get("Key") and pair.get("Value"):
                    fields[pair["Key"]] = pair["Value"]
            else:
                continue
            element.clear()
    except DefusedXmlException:
        raise InputError(
            f"{name} has a document type declaration or entities, which no response of iBabs has. "
            "It was changed; fetch it again."
        ) from None
    except ParseError as error:
        raise InputError(
            f"{name}, line {error.position[0]}: it is no sound XML. Fetch it again."
        ) from None
    if fields:
        yield {"fields": fields}


def decoded(record: Mapping[str, Any]) -> ListName | Entry:
    """Return a list or an entry from what `read` made of it."""
    if "list" in record:
        return ListName(*record["list"])
    if "entry" in record:
        said = record["entry"]
        names = ("EntryId", "EntryTitle", "ListId", "ListName")
        return Entry(*(said.get(each, "") for each in names))
    return Entry("", fields=record["fields"])


def _children(element: Element) -> dict[str, str]:
    return {_local(child): _text(child) for child in element}


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _local(element: Element) -> str:
    """Return the name of an element without its namespace, which differs per version."""
    return element.tag.rpartition("}")[2]
