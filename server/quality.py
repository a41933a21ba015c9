"""How good the data are: what the validation found, by rule, and how far the sources reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response
from pyoxigraph import Literal

from raadgraaf.namespaces import PREFIXES
from raadgraaf.server.coverage import coverage
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.site import Site, asked_site
from raadgraaf.server.vocabulary import best

SEVERITIES = ("Violation", "Warning", "Info")
"""Those of SHACL, the gravest first; each is the key of its text."""

blueprint = Blueprint("quality", __name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """What was found by one rule."""

    severity: str
    message: Shown
    count: int
    example: Shown
    """One of the resources that it was found about."""


@blueprint.get("/kwaliteit")
@blueprint.get("/en/kwaliteit")
def quality() -> Response:
    """Show what the validation found, and what the sources cover."""
    site, shown = asked_site(), presenter()
    rules = _rules(site, shown)
    release = site.service.release(site.release)
    return page(
        "quality.html",
        shown,
        query=site.of_report().text("quality"),
        rules=rules,
        totals={
            each: sum(rule.count for rule in rules if rule.severity == each) for each in SEVERITIES
        },
        coverage=coverage(site, shown),
        day=shown.day(release.moment),
    )


def _rules(site: Site, shown: Presenter) -> Sequence[Rule]:
    rows = site.of_report().select("quality")
    messages = labels_of(rows, "shape", "message")
    first = {(row["severity"].value, row["shape"].value): row for row in rows}
    examples = sorted({row["example"] for row in first.values()}, key=str)
    labels = labels_of(site.select("labels", this=examples), "this") if examples else {}
    rules = []
    for (severity, shape), row in first.items():
        message = best(messages.get(shape, ()), shown.language) or Literal(shape)
        rules.append(
            Rule(
                severity.removeprefix(PREFIXES["sh"]),
                shown.literal(message),
                int(row["count"].value),
                shown.term(row["example"], labels),
            )
        )
    known = {severity: place for place, severity in enumerate(SEVERITIES)}
    return sorted(
        rules, key=lambda rule: (known.get(rule.severity, 9), -rule.count, rule.message.text)
    )
