"""How many matters there are for each value of a property."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from raadgraaf.catalogue import Term
from raadgraaf.namespaces import iri
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.site import Site

STATUS = iri("rg:currentStatus")
UNKNOWN = "unknown"
"""What an address says for matters without a status."""

_STATUS_START = iri("rgt:status-").value


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a list can be filtered by."""

    code: str
    """What stands for it in an address."""
    term: Term
    shown: Shown
    count: int


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


def unknown(site: Site, kind: NamedNode, text: str) -> Choice | None:
    """Return the choice of the matters of one kind without a status, if there are any."""
    rows = site.select("matters-per-value", kind=kind, property=STATUS)
    count = sum(int(row["count"].value) for row in rows if "value" not in row)
    return Choice(UNKNOWN, Literal(""), Shown(text), count) if count else None


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
