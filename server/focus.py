"""The focus points of a policy document, in their order, with whom they involve."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from raadgraaf.answers import Row
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.site import Site


@dataclass(frozen=True, slots=True)
class FocusPoint:
    """One focus point."""

    ordinal: str
    """Empty where the source does not number them."""
    shown: Shown
    involved: Sequence[Shown]


def focus_points(site: Site, shown: Presenter, document: NamedNode) -> Sequence[FocusPoint]:
    """Return the focus points of a document; nothing of what is none."""
    grouped: dict[NamedNode, list[Row]] = {}
    for row in site.select("focus-points", document=document):
        if isinstance(this := row["this"], NamedNode):
            grouped.setdefault(this, []).append(row)
    own = labels_of(site.select("labels", this=list(grouped)), "this") if grouped else {}
    found = []
    for point, rows in grouped.items():
        labels = labels_of(rows, "involved")
        involved = dict.fromkeys(row["involved"] for row in rows if "involved" in row)
        found.append(
            FocusPoint(
                rows[0]["ordinal"].value if "ordinal" in rows[0] else "",
                shown.term(point, own),
                [shown.term(each, labels) for each in involved],
            )
        )
    return found
