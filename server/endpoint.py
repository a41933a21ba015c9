"""`/sparql` for programs: a thin handler in front of the pages, which take all other requests.

It asks the query service and replies without a framework, which costs more than most queries.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from wsgiref.util import request_uri

from raadgraaf.changes import Update
from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import AddressTooLong, NotAcceptable, RaadgraafError
from raadgraaf.guard import admit, is_repeatable
from raadgraaf.server import clients, description, incoming, writes
from raadgraaf.server.media import GRAPH_PAGE, GRAPHS, RESULTS, RESULTS_PAGE
from raadgraaf.server.negotiation import HTML, negotiate, prefers_html, ranking
from raadgraaf.server.problems import of_error
from raadgraaf.server.protocol import Description, Message, Operation, Query, operation
from raadgraaf.server.replies import (
    PROBLEM,
    Reply,
    Wish,
    chunks,
    close,
    representation,
    with_headers,
)
from raadgraaf.server.site import Site
from raadgraaf.server.watching import ROUTE
from raadgraaf.workers import QueryAnswer, QueryRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADDRESSES = frozenset({"/sparql", "/en/sparql"})
METHODS = frozenset({"GET", "HEAD", "POST"})
BODY_BYTES = MEBIBYTE
"""Bytes that the body of a request may have."""
ADDRESS_BYTES = 60_000
"""Bytes that the query string of an address may have; the server itself refuses from 65,535 on."""
CITATION_BYTES = 8000
"""Bytes that the address by which an answer is cited may have; RFC 9110, 4.1, asks for these."""
MESSAGE = "raadgraaf.message"
"""Where the pages find a request that was read already."""

_NO_TABLE = frozenset({"text/csv", "text/tab-separated-values"})
"""Media types that cannot carry the answer to an ASK."""
_OFFERED_RESULTS = (*RESULTS, HTML)
_OFFERED_GRAPHS = (*GRAPHS, HTML)
DESCRIBED = (*description.FORMATS, HTML)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The WSGI application that answers at `/sparql` and leaves the rest to the pages."""

    pages: "WSGIApplication"
    site: Site
    headers: Sequence[tuple[str, str]]
    """Of every response."""

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"] not in ADDRESSES or environ["REQUEST_METHOD"] not in METHODS:
            return self.pages(environ, start_response)
        environ[ROUTE] = environ["PATH_INFO"]
        accept = environ.get("HTTP_ACCEPT")
        try:
            message = read(environ, self.site)
            asked = operation(message)
            # The pages take over where they would say the answer, or what is wrong, in HTML.
            if likes_pages(accept) or (not isinstance(asked, Update) and likes_pages(asked.accept)):
                environ[MESSAGE] = message
                return self.pages(environ, start_response)
            reply = answer(self.site, message, asked)
        except RaadgraafError as error:
            if likes_pages(accept):
                environ[MESSAGE] = error
                return self.pages(environ, start_response)
            reply = of_error(error, self.site.settings, accept)
        except Exception as error:  # noqa: BLE001 # raised again in the pages, which tell and log it
            environ[MESSAGE] = error
            return self.pages(environ, start_response)
        headers = [*reply.headers.items(), *self.headers]
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            close(reply.body)
            return []
        return chunks(reply.body)


def read(environ: "WSGIEnvironment", site: Site) -> Message:
    """Return a request with its whole body; who may write may send a long one."""
    incoming.require_host(environ)
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    limit = site.settings.upload_bytes if writes.may(site, authorization) else BODY_BYTES
    if len(environ.get("QUERY_STRING", "")) > ADDRESS_BYTES:
        raise AddressTooLong(
            f"The address has more than {ADDRESS_BYTES} bytes. Send the query by POST.",
            ADDRESS_BYTES,
        )
    return Message(
        method=environ["REQUEST_METHOD"],
        address=request_uri(environ, include_query=False),
        # In WSGI the bytes of a query string arrive as they were sent.
        query_string=environ.get("QUERY_STRING", "").encode("latin-1"),
        content_type=environ.get("CONTENT_TYPE", ""),
        body=incoming.body(environ, limit) if environ["REQUEST_METHOD"] == "POST" else b"",
        has_length=incoming.has_length(environ),
        accept=environ.get("HTTP_ACCEPT"),
        accept_encoding=environ.get("HTTP_ACCEPT_ENCODING", ""),
        if_none_match=environ.get("HTTP_IF_NONE_MATCH", ""),
        authorization=authorization,
        client=clients.client(
            environ.get("REMOTE_ADDR", ""),
            environ.get("HTTP_X_FORWARDED_FOR"),
            environ.get("HTTP_FORWARDED"),
            clients.proxies(site.settings.trusted_proxies),
        ),
    )


@lru_cache(256)
def likes_pages(accept: str | None) -> bool:
    """Return whether HTML is what a client likes best for anything that `/sparql` may say."""
    offers = (_OFFERED_RESULTS, _OFFERED_GRAPHS, DESCRIBED)
    return prefers_html(accept, PROBLEM, "application/json") or any(
        negotiate(accept, offered) == HTML for offered in offers
    )


def answer(site: Site, message: Message, asked: Operation) -> Reply:
    """Return the reply to an operation of whose results none is wanted as a page."""
    wish = Wish(message.accept_encoding, message.if_none_match)
    match asked:
        case Update():
            writes.authorize(site, message.authorization)
            incoming.require_length(known=message.has_length)
            return writes.done(writes.carry_out(site, asked))
        case Description():
            media_type = negotiate(asked.accept, DESCRIBED)
            if media_type is None:
                offered = ", ".join(DESCRIBED)
                raise NotAcceptable(f"The service is described in {offered}. Accept one.")
            content = description.describe(message.address, site.service, media_type)
            return representation(io.BytesIO(content), media_type, wish)
        case Query():
            found = ask(site, message, asked)
            reply = representation(found.answer.body, found.media_type, wish)
            return with_headers(reply, {"Link": _links(site, message.address, found)})


def _links(site: Site, address: str, found: "Found") -> str:
    """Return the licence, and the address that gives this answer again: query, form and release.

    That is percent-encoded, so that it cannot end its place in the header.
    """
    request = found.request
    given = [("query", request.text), ("release", str(found.answer.release))]
    given += [("default-graph-uri", iri) for iri in request.default_graphs]
    given += [("named-graph-uri", iri) for iri in request.named_graphs]
    link = f"{address}?{urlencode([*given, ('format', found.media_type)])}"
    repeatable = is_repeatable(request.text, site.settings.query_tokens)
    cited = f'<{link}>; rel="cite-as", ' if repeatable and len(link) <= CITATION_BYTES else ""
    return f'{cited}<{description.LICENCE.value}>; rel="license"'


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query."""

    request: QueryRequest
    answer: QueryAnswer
    media_type: str
    """What was agreed on; of HTML the pages make the table."""
    is_graph: bool


def requested(site: Site, asked: Query) -> tuple[QueryRequest, Sequence[str], Sequence[str]]:
    """Return a query as it goes to the service, and the acceptable types of either result."""
    results = ranking(asked.accept, _OFFERED_RESULTS)
    graphs = ranking(asked.accept, _OFFERED_GRAPHS)
    if not (results or graphs):
        raise NotAcceptable(
            f"Results come in {', '.join(RESULTS)}; graphs in {', '.join(GRAPHS)}. Accept one."
        )
    request = QueryRequest(
        text=asked.text,
        results_type=RESULTS.get(results[0], RESULTS_PAGE) if results else None,
        graph_type=GRAPHS.get(graphs[0], GRAPH_PAGE) if graphs else None,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        release=asked.release,
        base=f"{site.settings.base}sparql",
    )
    return request, results, graphs


def ask(site: Site, message: Message, asked: Query) -> Found:
    """Return the answer to a query; an ASK goes on to the next choice where a table is first."""
    request, results, graphs = requested(site, asked)
    admit(request.text, site.settings)
    try:
        found = site.service.query(request, client=message.client)
    except NotAcceptable:
        others = [RESULTS.get(each, RESULTS_PAGE) for each in results]
        other = next((each for each in others if each not in _NO_TABLE), None)
        if request.results_type not in _NO_TABLE or other is None:
            raise
        found = site.service.query(replace(request, results_type=other), client=message.client)
    is_graph = found.media_type in GRAPHS.values()
    agreed = (graphs if is_graph else results)[0]
    serialized = (GRAPHS if is_graph else RESULTS).get(agreed)
    if agreed != HTML and serialized != found.media_type:
        agreed = found.media_type
    return Found(request, found, agreed, is_graph)
