"""The SPARQL form and its results as a table; works without JavaScript."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from raadgraaf.answers import Row, Solutions
from raadgraaf.catalogue import Term
from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import RaadgraafError
from raadgraaf.server.media import JSON, N_TRIPLES
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.site import Site, current_site, read
from raadgraaf.server.vocabulary import Labels
from raadgraaf.workers import QueryAnswer, QueryRequest

RESULTS_TYPE = JSON
GRAPH_TYPE = N_TRIPLES
"""What results and graphs are asked in when they become a table."""

ROWS_SHOWN = 200
BYTES_SHOWN = 4 * MEBIBYTE

EXAMPLE = """\
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX rg: <https://w3id.org/raadgraaf/def#>

SELECT ?toezegging ?wat ?houder ?status
WHERE {
  ?toezegging a rg:Commitment ;
    rdfs:label ?wat .
  FILTER(LANG(?wat) = "nl")
  OPTIONAL { ?toezegging rg:portfolioHolder ?houder }
  OPTIONAL { ?toezegging rg:currentStatus ?status }
}
ORDER BY ?wat
LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a result."""

    variables: Sequence[str]
    rows: Sequence[Sequence[Shown | None]]
    count: int
    """How many rows there are."""


def form() -> Response:
    """Return the form with an example."""
    return _page(presenter(), QueryRequest(EXAMPLE, None, None))


def mistake(asked: QueryRequest, error: RaadgraafError) -> Response:
    """Return the form with a query that could not be carried out, and what is wrong with it."""
    return _page(presenter(), asked, problem=str(error), status=error.http_status)


def result(asked: QueryRequest, answer: QueryAnswer, *, is_graph: bool) -> Response:
    """Return the form with a query and its results: the first rows of them, and where all are."""
    shown = presenter()
    formats = ("ttl", "jsonld", "nt", "rdf") if is_graph else ("csv", "tsv", "json", "xml")
    if answer.length > BYTES_SHOWN:
        answer.body.close()
        size = f"{answer.length / MEBIBYTE:.0f} MB"
        return _page(shown, asked, formats=formats, too_large=size)
    found = _triples(answer, shown) if is_graph else read(answer)
    if isinstance(found, bool):
        return _page(shown, asked, formats=("json", "xml"), truth=found)
    rows = cells(current_site(), shown, found.variables, found.rows[:ROWS_SHOWN])
    table = Table(found.variables, rows, len(found.rows))
    return _page(shown, asked, formats=formats, table=table)


def cells(
    site: Site,
    shown: Presenter,
    variables: Sequence[str],
    rows: Sequence[Row],
    *,
    in_words: bool = False,
) -> Sequence[Sequence[Shown | None]]:
    """Return rows of terms as they stand in a table: resources by label, dates as asked."""
    iris = {term for row in rows for term in row.values() if isinstance(term, NamedNode)}
    labels: Labels = {}
    if iris:
        labels = labels_of(site.select("labels", this=sorted(iris, key=str)), "this")

    def cell(term: Term) -> Shown:
        if isinstance(term, Literal) and not in_words:
            return Shown(term.value, lang=shown.foreign(term))
        return shown.term(term, labels)

    return [[cell(row[name]) if name in row else None for name in variables] for row in rows]


def _triples(answer: QueryAnswer, shown: Presenter) -> Solutions:
    names = {"nl": ("onderwerp", "eigenschap", "waarde"), "en": ("subject", "property", "value")}
    variables = names[shown.language]
    with answer.body as body:
        rows = tuple(
            {
                name: term
                for name, term in zip(
                    variables, (quad.subject, quad.predicate, quad.object), strict=True
                )
                if isinstance(term, NamedNode | Literal)
            }
            for quad in parse(body, format=RdfFormat.N_TRIPLES)
        )
    return Solutions(variables, rows)


def _page(
    shown: Presenter,
    asked: QueryRequest,
    *,
    status: int = HTTPStatus.OK,
    problem: str | None = None,
    table: Table | None = None,
    truth: bool | None = None,
    too_large: str | None = None,
    formats: Sequence[str] = (),
) -> Response:
    return page(
        "sparql.html",
        shown,
        status=status,
        text=asked.text,
        graphs={
            "default-graph-uri": asked.default_graphs,
            "named-graph-uri": asked.named_graphs,
        },
        problem=problem,
        table=table,
        truth=truth,
        too_large=too_large,
        formats=formats,
    )
