"""The sentences on which resources rest, as they stand in the documents."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from raadgraaf.answers import Row
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.site import Site
from raadgraaf.server.texts import texts


@dataclass(frozen=True, slots=True)
class Quote:
    """One passage: what it says and where."""

    passage: str
    """The IRI of the passage."""
    text: str
    lang: str | None
    place: Shown
    """Its lines, with a link to the passage."""
    document: Shown | None
    title: str
    """The title of the document as printed."""
    redacted: bool


Evidence = Mapping[str, Sequence[Quote]]
"""The passages of resources, by their IRIs; a passage is its own."""


def evidence(site: Site, presenter: Presenter, resources: Iterable[str]) -> Evidence:
    """Return the passages of resources, in the order of their lines."""
    terms = [NamedNode(iri) for iri in sorted(set(resources))]
    if not terms:
        return {}
    rows = site.select("evidence", this=terms)
    documents = labels_of(rows, "document")
    grouped: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        grouped[row["this"].value][row["passage"].value].append(row)
    return {
        iri: [
            _quote(presenter, passage, found, documents.get(_document(found), ()))
            for passage, found in passages.items()
        ]
        for iri, passages in grouped.items()
    }


def _document(rows: Sequence[Row]) -> str:
    return rows[0]["document"].value if "document" in rows[0] else ""


def _quote(
    presenter: Presenter, passage: str, rows: Sequence[Row], labels: Sequence[Literal]
) -> Quote:
    words = rows[0]["quote"]
    document = _document(rows)
    shown = presenter.literal(words) if isinstance(words, Literal) else Shown(words.value)
    return Quote(
        passage=passage,
        text=shown.text,
        lang=shown.lang,
        place=Shown(
            text=_lines(presenter.language, rows) or presenter.resource(passage).text,
            iri=passage,
            href=presenter.href(passage, described=True),
        ),
        document=presenter.resource(document, labels) if document else None,
        title=rows[0]["title"].value if "title" in rows[0] else "",
        redacted="redacted" in rows[0] and rows[0]["redacted"].value == "true",
    )


def _lines(language: str, rows: Sequence[Row]) -> str:
    """Return the ranges of a passage in words: `regels 102-126 en 152-178`."""
    ranges = sorted(
        {(int(row["start"].value), int(row["end"].value)) for row in rows if "start" in row}
    )
    if not ranges:
        return ""
    words = texts(language)
    one = len(ranges) == 1 and ranges[0][0] == ranges[0][1]
    parts = [str(start) if start == end else f"{start}-{end}" for start, end in ranges]
    if parts[1:]:
        parts = [", ".join(parts[:-1]), words["and"], parts[-1]]
    return " ".join([words["line"] if one else words["lines"], *parts])
