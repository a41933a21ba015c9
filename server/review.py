"""The review page: each sentence of the sources beside the statements that rest on it.

For officers who know the documents and cannot read Turtle.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from jinja2 import Environment, PackageLoader

from raadgraaf import resources
from raadgraaf.answers import Row, Select


@dataclass(frozen=True, slots=True)
class Statement:
    """One value of one property, in words."""

    property: str
    value: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource that rests on a passage, with its statements."""

    name: str
    kind: str
    basis: str
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a document with what rests on it."""

    document: str
    lines: str
    quote: str
    things: Sequence[Thing]


def page(select: Select) -> str:
    """Return the review page of everything that has been published, as HTML in Dutch."""
    query = resources.folder("server", "queries", "review.rq").read_text()
    environment = Environment(loader=PackageLoader("raadgraaf.server"), autoescape=True)
    rows = select(query).rows
    return environment.get_template("review.html").render(passages=list(_passages(rows)))


def _passages(rows: Sequence[Row]) -> Iterator[Passage]:
    for _, group in groupby(rows, key=lambda row: row["passage"]):
        members = list(group)
        first = members[0]
        yield Passage(
            document=first["document"].value,
            lines=first["label"].value,
            quote=first["quote"].value,
            things=list(_things(members)),
        )


def _things(rows: Sequence[Row]) -> Iterator[Thing]:
    for _, group in groupby(rows, key=lambda row: row["thing"]):
        members = list(group)
        first = members[0]
        yield Thing(
            name=first["name"].value if "name" in first else first["thing"].value,
            kind=", ".join(dict.fromkeys(row["kind"].value for row in members if "kind" in row)),
            basis=first["basis"].value if "basis" in first else "",
            statements=list(
                dict.fromkeys(  # a thing of two kinds has its rows twice
                    Statement(row["property"].value, row["value"].value)
                    for row in members
                    if "property" in row and "value" in row
                )
            ),
        )
