"""Rows that another format holds, handed to the loader of registers as a file in memory."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import PurePath
from zipfile import Path as PathInZip
from zipfile import ZipFile

from pyoxigraph import Literal, Triple

from raadgraaf.loaders.base import Context, Rejected, Source
from raadgraaf.loaders.register import Register
from raadgraaf.namespaces import iri
from raadgraaf.provenance import GraphContent

_FILE = "rows.json"


def graphs(
    source: Source,
    context: Context,
    *,
    loader: str,
    rows: Sequence[Sequence[str]],
    title: str,
    pages: Mapping[int, int] | None = None,
) -> Sequence[GraphContent]:
    """Return the graphs of rows, the first of which are the headers, through a mapping.

    `pages` has the page of each row, counted from 1 below the headers.
    """
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr(_FILE, json.dumps(rows))
    name = str(PurePath(source.name).with_name(f"{title}.json"))
    table = Source(name, PathInZip(ZipFile(buffer), _FILE), source.folder)
    known = pages or {}

    def rejected(row: Rejected) -> None:
        page = known.get(row.row)
        place = f"page {page}" if page else row.place
        context.rejected(replace(row, file=source.name, place=place))

    made = Register().load(table, replace(context, rejected=rejected))
    return [
        replace(each, source=source.name, loader=loader, triples=_with_pages(each.triples, known))
        for each in made
    ]


def _with_pages(triples: Iterable[Triple], pages: Mapping[int, int]) -> Iterator[Triple]:
    """Yield triples; a passage gets the page of the row that is its first line."""
    for triple in triples:
        yield triple
        if triple.predicate == iri("rg:lineStart") and isinstance(triple.object, Literal):
            page = pages.get(int(triple.object.value))
            if page:
                yield Triple(triple.subject, iri("rg:pageNumber"), Literal(page))
