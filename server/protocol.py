"""The SPARQL 1.1 Protocol at `/sparql`: queries, the service description, and a form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, MethodNotAllowed, UnsupportedMediaType

from raadgraaf.changes import Update
from raadgraaf.errors import InputError, NotAcceptable, QuerySyntaxError, TooComplex
from raadgraaf.guard import admit
from raadgraaf.server import description, sparql_page, writes
from raadgraaf.server.media import FORMATS, GRAPHS, RESULTS, content_type
from raadgraaf.server.negotiation import HTML, negotiate, ranking
from raadgraaf.server.site import Site, current_site
from raadgraaf.workers import QueryAnswer, QueryRequest

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
MAX_PARAMETERS = 1000
CHUNK_BYTES = 64 * 1024

_NO_TABLE = {"text/csv", "text/tab-separated-values"}
"""Media types that cannot carry the answer to an ASK."""

blueprint = Blueprint("protocol", __name__)


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asks of the endpoint."""

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    accept: str | None
    """The Accept header, or the media types that `?format=` stands for."""


@blueprint.route("/sparql", methods=["GET", "POST"])
@blueprint.route("/en/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a query; without one, describe the service or offer a form."""
    site = current_site()
    writes.allow_long_body(site)
    operation = _operation()
    if isinstance(operation, Update):
        writes.authorize(site)
        return writes.done(writes.carry_out(site, operation))
    response = _without_query(operation) if operation.query is None else _answer(site, operation)
    response.vary.add("Accept")
    return response


def _operation() -> Operation | Update:
    """Return what the request asks (SPARQL 1.1 Protocol, 2.1)."""
    # In WSGI the bytes of a query string arrive as they were sent.
    pairs = _pairs(request.query_string, "The address")
    body = request.get_data(cache=False)
    if request.method == "POST":
        kind = _kind_of_body()
        if kind == FORM:
            pairs += _pairs(body, "The body")
        elif kind == QUERY:
            pairs.append(("query", _decoded(body, "The body")))
        elif kind == UPDATE:
            pairs.append(("update", _decoded(body, "The body")))
        elif body or not any(name == "query" for name, _ in pairs):
            raise UnsupportedMediaType(
                f"The body is {kind or 'of no stated type'}. Send {QUERY} or {FORM}."
            )
    given = _single(pairs)
    if "update" in given:
        return _update(given["update"], pairs)
    query = given.get("query")
    if query is None and request.method == "POST":
        raise BadRequest("The request has no query. Send one as the parameter `query`.")
    return Operation(
        query=query,
        default_graphs=tuple(value for name, value in pairs if name == "default-graph-uri"),
        named_graphs=tuple(value for name, value in pairs if name == "named-graph-uri"),
        accept=_accept(given.get("format")),
    )


def _update(text: str, pairs: Sequence[tuple[str, str]]) -> Update:
    """Return an update (SPARQL 1.1 Protocol, 2.2)."""
    if request.method != "POST":
        raise MethodNotAllowed(["POST"], "An update changes the data: send it with POST.")
    return Update(
        text=text,
        using=tuple(value for name, value in pairs if name == "using-graph-uri"),
        using_named=tuple(value for name, value in pairs if name == "using-named-graph-uri"),
    )


def _kind_of_body() -> str:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaType(f"The charset is {charset}. Send UTF-8.")
    return request.mimetype


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{where} is not UTF-8 at byte {error.start}.") from None


def _pairs(content: bytes, where: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            _decoded(content, where),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except UnicodeDecodeError:
        raise BadRequest(f"{where} is not UTF-8 once it is percent-decoded.") from None
    except ValueError:
        raise BadRequest(f"{where} has more than {MAX_PARAMETERS} parameters.") from None


def _single(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Return the parameters that may stand once only, by name."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in {"query", "update", "format"}:
            if name in given:
                raise BadRequest(f"The parameter `{name}` is there more than once. Send it once.")
            given[name] = value
    if {"query", "update"} <= given.keys():
        raise BadRequest("The request has both a query and an update. Send one of them.")
    return given


def _accept(form: str | None) -> str | None:
    if not form:
        return request.headers.get("Accept")
    if form in FORMATS:
        return ", ".join(FORMATS[form])
    if form in RESULTS or form in GRAPHS:
        return form
    raise BadRequest(f"The format {form!r} is unknown. Known are: {', '.join(FORMATS)}.")


def _without_query(operation: Operation) -> Response:
    offered = (*description.FORMATS, HTML)
    media_type = negotiate(operation.accept, offered)
    if media_type == HTML:
        return sparql_page.form()
    if media_type is None:
        raise NotAcceptable(f"The service is described in {', '.join(offered)}. Accept one.")
    content = description.describe(request.base_url, current_site().service, media_type)
    return Response(content, content_type=content_type(media_type))


def _answer(site: Site, operation: Operation) -> Response:
    results = ranking(operation.accept, (*RESULTS, HTML))
    graphs = ranking(operation.accept, (*GRAPHS, HTML))
    if not (results or graphs):
        raise NotAcceptable(
            f"Results come in {', '.join(RESULTS)}; graphs in {', '.join(GRAPHS)}. Accept one."
        )
    asked = QueryRequest(
        text=operation.query or "",
        results_type=RESULTS.get(results[0], sparql_page.RESULTS_TYPE) if results else None,
        graph_type=GRAPHS.get(graphs[0], sparql_page.GRAPH_TYPE) if graphs else None,
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
    )
    wants_page = HTML in (*results[:1], *graphs[:1])
    try:
        admit(asked.text, site.settings)
        answer = _asked(site, asked, results)
    except (QuerySyntaxError, InputError, TooComplex) as error:
        if wants_page:
            return sparql_page.mistake(asked, error)
        raise
    is_graph = answer.media_type in GRAPHS.values()
    negotiated = (graphs if is_graph else results)[0]
    if negotiated == HTML:
        return sparql_page.result(asked, answer, is_graph=is_graph)
    serialized = (GRAPHS if is_graph else RESULTS)[negotiated]
    return stream(answer, negotiated if answer.media_type == serialized else answer.media_type)


def _asked(site: Site, asked: QueryRequest, acceptable: Sequence[str]) -> QueryAnswer:
    """Return the answer; an ASK goes on to the client's next choice where a table is the first."""
    try:
        return site.service.query(asked)
    except NotAcceptable:
        others = [RESULTS.get(each, sparql_page.RESULTS_TYPE) for each in acceptable]
        other = next((each for each in others if each not in _NO_TABLE), None)
        if asked.results_type not in _NO_TABLE or other is None:
            raise
        return site.service.query(replace(asked, results_type=other))


def stream(answer: QueryAnswer, media_type: str) -> Response:
    """Return an answer as it comes, closed when it has been sent."""
    response = Response(content_type=content_type(media_type))
    if answer.length <= CHUNK_BYTES:
        with answer.body as body:
            response.data = body.read()
    elif request.method == "HEAD":
        answer.body.close()
        response.content_length = answer.length
    else:
        response.content_length = answer.length
        response.response = _chunks(answer.body)
        response.call_on_close(answer.body.close)  # also if sending never begins
    return response


def _chunks(body: BinaryIO) -> Iterator[bytes]:
    with body:
        while chunk := body.read(CHUNK_BYTES):
            yield chunk
