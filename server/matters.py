"""What the lists and the home page ask about matters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from raadgraaf.catalogue import Term
from raadgraaf.namespaces import iri
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.site import Site, at_page

STATUS = iri("rg:currentStatus")
HOLDER = iri("rg:portfolioHolder")
UNKNOWN = "unknown"
"""What an address says for matters without a status."""
PAGE_SIZE = 50

_STATUS_START = iri("rgt:status-").value
_WHERE = tuple(iri(name).value for name in ("rg:raisedIn", "rg:raisedBefore"))


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a list can be filtered by."""

    code: str
    """What stands for it in an address."""
    term: Term
    shown: Shown
    count: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What the matters of a list must have; nothing where that does not matter."""

    status: Term | None = None
    """An empty literal for those without a status."""
    holder: Term | None = None
    words: Literal | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """One line of a list."""

    shown: Shown
    wordings: Sequence[Shown]
    holders: Sequence[Shown]
    places: Sequence[Shown]
    statuses: Sequence[Shown]


def choices(
    site: Site, presenter: Presenter, kind: NamedNode, property_: NamedNode
) -> Mapping[str, Choice]:
    """Return by what values of a property matters of one kind can be chosen, by code."""
    rows = site.select("matters-per-value", kind=kind, property=property_)
    values = [row["value"] for row in rows if isinstance(row.get("value"), NamedNode)]
    labels = labels_of(site.select("labels", this=values), "this") if values else {}
    codes = _codes([value.value for value in values])
    found = [
        Choice(
            codes[value.value],
            value,
            presenter.resource(value.value, labels.get(value.value, ())),
            int(row["count"].value),
        )
        for row in rows
        if isinstance(value := row.get("value"), NamedNode)
    ]
    found.sort(key=lambda choice: (-choice.count, choice.shown.text))
    return {choice.code: choice for choice in found}


def unknown(site: Site, kind: NamedNode, text: str, known: Mapping[str, Choice]) -> Choice | None:
    """Return the choice of the matters of one kind without a status, if there are any."""
    count = _count(site, kind, Filters()) - sum(choice.count for choice in known.values())
    return Choice(UNKNOWN, Literal(""), Shown(text), count) if count > 0 else None


def _codes(values: Sequence[str]) -> Mapping[str, str]:
    """Return a short name for each IRI: its last part, with the part before it where needed."""
    codes: dict[str, str] = {}
    lasts = [value.rpartition("/")[2] for value in values]
    for value, last in zip(values, lasts, strict=True):
        if value.startswith(_STATUS_START):
            codes[value] = value.removeprefix(_STATUS_START)
        else:
            codes[value] = last if lasts.count(last) == 1 else "/".join(value.split("/")[-2:])
    return codes


def found(
    site: Site, presenter: Presenter, kind: NamedNode, filters: Filters, page: int
) -> tuple[int, Sequence[Matter], str]:
    """Return how many matters pass the filters, those on one page, and the query for that page."""
    text = at_page(_text(site, "", kind, filters), page, PAGE_SIZE)
    matters = [row["matter"] for row in site.solutions(text).rows if "matter" in row]
    return _count(site, kind, filters), _lines(site, presenter, matters), text


def _count(site: Site, kind: NamedNode, filters: Filters) -> int:
    (row,) = site.solutions(_text(site, "-count", kind, filters)).rows
    return int(row["count"].value)


def _text(site: Site, ending: str, kind: NamedNode, filters: Filters) -> str:
    """Return the query for the filters; the one with words costs more, so it is one apart."""
    if filters.words:
        return site.text(
            f"matters-with-words{ending}",
            kind=kind,
            status=filters.status,
            holder=filters.holder,
            words=filters.words,
        )
    return site.text(f"matters{ending}", kind=kind, status=filters.status, holder=filters.holder)


def _lines(site: Site, presenter: Presenter, matters: Sequence[Term]) -> Sequence[Matter]:
    if not matters:
        return []
    rows = site.select("facts", this=matters)
    own = labels_of(site.select("labels", this=matters), "this")
    values = labels_of(rows, "value")
    texts = labels_of(site.select("wordings", this=matters), "this", "text")

    def shown(matter: str, properties: Sequence[str]) -> Sequence[Shown]:
        terms = {
            row["value"]: None
            for property_ in properties
            for row in rows
            if row["this"].value == matter and row["property"].value == property_
        }
        return [presenter.term(term, values) for term in terms]

    return [
        Matter(
            shown=presenter.resource(matter.value, own.get(matter.value, ())),
            wordings=[presenter.literal(text) for text in texts.get(matter.value, ())],
            holders=shown(matter.value, [HOLDER.value]),
            places=shown(matter.value, _WHERE),
            statuses=shown(matter.value, [STATUS.value]),
        )
        for matter in matters
    ]
