"""The things of lists as JSON and as cells: their values, and the passages on which they rest."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from raadgraaf.catalogue import Term
from raadgraaf.namespaces import PREFIXES
from raadgraaf.server.evidence import Quote
from raadgraaf.server.listings import Column, Item
from raadgraaf.server.presentation import Presenter
from raadgraaf.server.tables import Cell
from raadgraaf.server.vocabulary import best

_NUMBERS = {
    f"{PREFIXES['xsd']}{name}": kind
    for kind, names in ((int, ("integer",)), (Decimal, ("decimal", "double", "float")))
    for name in names
}


def as_json(shown: Presenter, known: Iterable[Column], item: Item) -> dict[str, object]:
    """Return a thing as JSON: its columns, and the passages on which it rests."""
    content: dict[str, object] = {
        "iri": item.iri,
        "label": item.label.value if item.label else None,
    }
    for column in known:
        terms = in_language(item.values.get(column.name, ()), shown.language)
        values = [_value(shown, term, item) for term in terms]
        content[column.name] = (values[0] if values else None) if column.single else values
    content["evidence"] = [quoted(quote) for quote in item.quotes]
    return content


def quoted(quote: Quote) -> dict[str, object]:
    """Return a passage as JSON."""
    return {
        "passage": quote.passage,
        "document": quote.document.iri if quote.document else None,
        "documentTitle": quote.document.text if quote.document else None,
        "place": quote.place.text,
        "quote": quote.text,
    }


def _value(shown: Presenter, term: Term, item: Item) -> object:
    if isinstance(term, NamedNode):
        return {"iri": term.value, "label": label(shown, term, item)}
    return plain(term)


def plain(term: Literal) -> object:
    """Return a literal as JSON has it."""
    if term.datatype.value == f"{PREFIXES['xsd']}boolean":
        return term.value in {"true", "1"}
    value = cell(term)
    return float(value) if isinstance(value, Decimal) else as_text(value)


def as_text(value: Cell) -> str | int | Decimal | None:
    """Return a cell with its days as in ISO 8601."""
    return value.isoformat() if isinstance(value, date) else value


def in_language(terms: Iterable[Term], language: str) -> Sequence[Term]:
    """Return terms without the texts that are translations for readers of another language."""
    found = list(terms)
    languages = {term.language for term in found if isinstance(term, Literal) and term.language}
    wanted = language if language in languages else "nl" if "nl" in languages else None
    return [
        term
        for term in found
        if not (wanted and isinstance(term, Literal) and term.language not in {None, wanted})
    ]


def label(shown: Presenter, term: Term, item: Item) -> str | None:
    """Return what a value that is a resource is called."""
    found = best(
        item.labels.get(term.value, ()) or shown.vocabulary.labels.get(term.value, ()),
        shown.language,
    )
    return found.value if found else None


def cell(term: Term) -> Cell:
    """Return a term as what a cell holds."""
    if isinstance(term, Literal):
        kind = term.datatype.value
        try:
            if kind in _NUMBERS:
                number = _NUMBERS[kind](term.value)
                return (
                    number if not isinstance(number, Decimal) or number.is_finite() else term.value
                )
            if kind == f"{PREFIXES['xsd']}date":
                return date.fromisoformat(term.value)
        except (ValueError, ArithmeticError):
            return term.value
    return term.value


def headings(columns: Iterable[Column]) -> Sequence[str]:
    """Return what the cells of a row are called."""
    found = ["iri", "label"]
    for column in columns:
        found += [column.name] if column.datatype else [column.name, f"{column.name}Iri"]
    return [*found, "quote", "place", "document"]


def rows(
    shown: Presenter, columns: Sequence[Column], items: Iterable[Item]
) -> Iterator[Sequence[Cell]]:
    """Yield the things of a list as cells, several values in one."""
    for item in items:
        row: list[Cell] = [item.iri, item.label.value if item.label else None]
        for column in columns:
            terms = in_language(item.values.get(column.name, ()), shown.language)
            if column.datatype:
                row.append(joined([cell(term) for term in terms]))
            else:
                labels = [label(shown, term, item) or term.value for term in terms]
                row += [joined(labels), joined([term.value for term in terms])]
        documents = [quote.document.text for quote in item.quotes if quote.document]
        row += [
            joined([quote.text for quote in item.quotes]),
            joined([quote.place.text for quote in item.quotes]),
            joined(list(dict.fromkeys(documents))),
        ]
        yield row


def joined(cells: Sequence[Cell]) -> Cell:
    """Return several cells as one."""
    if len(cells) <= 1:
        return cells[0] if cells else None
    return "; ".join(str(as_text(each)) for each in cells)
