"""The home page: how the matters stand, and how far the sources reach."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from raadgraaf.answers import Row
from raadgraaf.namespaces import iri
from raadgraaf.server import matters
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.site import Site, asked_site
from raadgraaf.server.texts import texts

AREAS_NAMED = 3
"""How many municipalities the table of the coverage names; more are only counted."""

blueprint = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many matters of one kind have one status."""

    status: Shown
    count: int
    share: int
    """In percents of the longest bar."""
    href: str


@dataclass(frozen=True, slots=True)
class State:
    """How the matters of one kind stand."""

    title: str
    """The key of its text."""
    path: str
    bars: Sequence[Bar]
    total: int


@dataclass(frozen=True, slots=True)
class Covered:
    """How far the sources cover something."""

    shown: Shown
    """What is covered and how far, as its label says; without one, what and how far it is of."""
    areas: Sequence[Shown]
    sources: Sequence[Shown]
    periods: Sequence[Shown]


@blueprint.get("/")
@blueprint.get("/en/")
def home() -> Response:
    """Show how the matters stand."""
    site, shown = asked_site(), presenter()
    states = [
        _state(site, shown, iri("rg:Commitment"), "commitments", "/toezeggingen"),
        _state(site, shown, iri("rg:Question"), "council_questions", "/raadsvragen"),
    ]
    rows = site.select("coverage")
    return page(
        "home.html",
        shown,
        query=site.text("matters-per-value", kind=iri("rg:Commitment"), property=matters.STATUS),
        states=states,
        coverage=_coverage(site, shown, rows),
    )


def _state(site: Site, shown: Presenter, kind: NamedNode, title: str, path: str) -> State:
    known = matters.choices(site, shown, kind, matters.STATUS)
    without = matters.unknown(site, kind, texts(shown.language)["not_stated"])
    all_ = [*known.values(), *([without] if without else [])]
    longest = max((choice.count for choice in all_), default=1)
    bars = [
        Bar(
            choice.shown,
            choice.count,
            round(100 * choice.count / longest),
            shown.path(path, status=choice.code),
        )
        for choice in all_
    ]
    return State(title, path, bars, sum(bar.count for bar in bars))


def _coverage(site: Site, shown: Presenter, rows: Sequence[Row]) -> Sequence[Covered]:
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
