"""The SPARQL form and its results as a table; works without JavaScript."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from flask import Blueprint, Response, request
from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from raadgraaf.answers import Row, Solutions
from raadgraaf.catalogue import Term
from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import InputError, QuerySyntaxError, TooComplex
from raadgraaf.guard import is_repeatable
from raadgraaf.server.citation import Citation, cite
from raadgraaf.server.endpoint import DESCRIBED, MESSAGE, answer, ask, requested
from raadgraaf.server.negotiation import HTML, negotiate
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown, labels_of
from raadgraaf.server.protocol import Description, Message, Query, operation
from raadgraaf.server.sending import response_of, stream
from raadgraaf.server.site import Site, asked_site, current_site, read
from raadgraaf.server.vocabulary import Labels
from raadgraaf.workers import QueryAnswer, QueryRequest

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


blueprint = Blueprint("sparql", __name__)


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a result."""

    variables: Sequence[str]
    rows: Sequence[Sequence[Shown | None]]
    count: int
    """How many rows there are."""


@blueprint.route("/sparql", methods=["GET", "POST"])
@blueprint.route("/en/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a request of which `raadgraaf.server.endpoint` found that it may want a page."""
    message = request.environ[MESSAGE]
    if isinstance(message, Exception):
        raise message
    site, asked = current_site(), operation(message)
    if isinstance(asked, Query):
        return _answered(site, message, asked)
    if isinstance(asked, Description) and negotiate(asked.accept, DESCRIBED) == HTML:
        return _page(presenter(), QueryRequest(EXAMPLE, None, None))
    return response_of(answer(site, message, asked))


def _answered(site: Site, message: Message, asked: Query) -> Response:
    as_asked, results, graphs = requested(site, asked)
    try:
        found = ask(site, message, asked)
    except (QuerySyntaxError, InputError, TooComplex) as error:
        if HTML in (*results[:1], *graphs[:1]):
            return _page(presenter(), as_asked, problem=str(error), status=error.http_status)
        raise
    if found.media_type == HTML:
        return _result(found.request, found.answer, is_graph=found.is_graph)
    return stream(found.answer, found.media_type)


def _result(asked: QueryRequest, found: QueryAnswer, *, is_graph: bool) -> Response:
    """Return the form with a query and its results: the first rows of them, and where all are."""
    shown = presenter()
    formats = ("ttl", "jsonld", "nt", "rdf") if is_graph else ("csv", "tsv", "json", "xml")
    if found.length > BYTES_SHOWN:
        found.body.close()
        size = f"{found.length / MEBIBYTE:.0f} MB"
        return _page(shown, asked, formats=formats, too_large=size)
    with found.body as body:
        content = body.read()
    found = replace(found, body=io.BytesIO(content))
    solutions = _triples(found, shown) if is_graph else read(found)
    citation = _citation(shown, asked, found.release, content, is_graph=is_graph)
    if isinstance(solutions, bool):
        return _page(shown, asked, formats=("json", "xml"), truth=solutions, citation=citation)
    rows = cells(asked_site(), shown, solutions.variables, solutions.rows[:ROWS_SHOWN])
    table = Table(solutions.variables, rows, len(solutions.rows))
    return _page(shown, asked, formats=formats, table=table, citation=citation)


def _citation(
    shown: Presenter, asked: QueryRequest, release: int, content: bytes, *, is_graph: bool
) -> Citation | None:
    """Return how a result is cited; not one that differs each time, by blank nodes or by calls."""
    site = current_site()
    has_blank_nodes = b"_:" in content if is_graph else b'"bnode"' in content
    if has_blank_nodes or not is_repeatable(asked.text, site.settings.query_tokens):
        return None
    form = "nt"
    if not is_graph:
        results = parse_query_results(content, QueryResultsFormat.JSON)
        form = "json" if isinstance(results, QueryBoolean) else "csv"
        if isinstance(results, QuerySolutions):
            content = results.serialize(format=QueryResultsFormat.CSV) or b""
    parameters: dict[str, str | Sequence[str]] = {
        "query": asked.text,
        "default-graph-uri": asked.default_graphs,
        "named-graph-uri": asked.named_graphs,
    }
    return cite(
        shown, site.service.release(release), "/sparql", parameters, form=form, content=content
    )


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
    citation: Citation | None = None,
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
        citation=citation,
    )
