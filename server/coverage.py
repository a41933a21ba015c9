"""How far the sources cover what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from raadgraaf.answers import Row
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.site import Site
from raadgraaf.server.texts import texts

AREAS_NAMED = 3
"""How many municipalities the table of the coverage names; more are only counted."""


@dataclass(frozen=True, slots=True)
class Covered:
    """How far the sources cover something."""

    shown: Shown
    """What is covered and how far, as its label says; without one, what and how far it is of."""
    areas: Sequence[Shown]
    sources: Sequence[Shown]
    periods: Sequence[Shown]


def coverage(site: Site, shown: Presenter) -> Sequence[Covered]:
    """Return how far the sources reach, by what the coverage is called."""
    rows = site.select("coverage")
    iris = {term for row in rows for term in row.values() if isinstance(term, NamedNode)}
    labels = labels_of(site.select("labels", this=sorted(iris, key=str)), "this") if iris else {}

    def all_of(found: Sequence[Row], name: str) -> Sequence[Shown]:
        values = dict.fromkeys(row[name].value for row in found if name in row)
        return [shown.resource(value, labels.get(value, ())) for value in values]

    def areas(found: Sequence[Row]) -> Sequence[Shown]:
        named = all_of(found, "area")
        if len(named) <= AREAS_NAMED:
            return named
        return [Shown(texts(shown.language)["municipalities"].format(count=len(named)))]

    def coverage_of(coverage: str, found: Sequence[Row]) -> Shown:
        itself = shown.resource(coverage, labels.get(coverage, ()))
        if coverage in labels:
            return itself
        of, extent = all_of(found, "of")[0], all_of(found, "extent")[0]
        return replace(itself, text=f"{of.text}: {extent.text}")

    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["coverage"].value, []).append(row)
    covered = [
        Covered(
            shown=coverage_of(coverage, found),
            areas=areas(found),
            sources=all_of(found, "source"),
            periods=all_of(found, "period"),
        )
        for coverage, found in grouped.items()
    ]
    return sorted(covered, key=lambda each: each.shown.text)
