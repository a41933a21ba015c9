"""The home page: how the matters stand, and how far the sources reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from raadgraaf.namespaces import iri
from raadgraaf.server import matters
from raadgraaf.server.coverage import coverage
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.site import Site, asked_site
from raadgraaf.server.texts import texts

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
class Event:
    """What happened, or is to happen, to a matter on a day."""

    matter: Shown
    day: Shown
    other: Shown | None
    """Its status, or the response to it."""


@blueprint.get("/")
@blueprint.get("/en/")
def home() -> Response:
    """Show how the matters stand."""
    site, shown = asked_site(), presenter()
    states = [
        _state(site, shown, iri("rg:Commitment"), "commitments", "/toezeggingen"),
        _state(site, shown, iri("rg:Question"), "council_questions", "/raadsvragen"),
    ]
    return page(
        "home.html",
        shown,
        query=site.text("matters-per-value", kind=iri("rg:Commitment"), property=matters.STATUS),
        states=states,
        coverage=coverage(site, shown),
        deadlines=_events(site, shown, "deadlines"),
        answered=_events(site, shown, "answered"),
        day=shown.day(site.service.release(site.release).moment),
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


def _events(site: Site, shown: Presenter, query: str) -> Sequence[Event]:
    rows = site.select(query)
    iris = {term for row in rows for term in row.values() if isinstance(term, NamedNode)}
    labels = labels_of(site.select("labels", this=sorted(iris, key=str)), "this") if iris else {}
    return [
        Event(
            shown.term(row["this"], labels),
            shown.term(row["date"], labels),
            shown.term(row["other"], labels) if "other" in row else None,
        )
        for row in rows
    ]
