"""Errors as HTTP responses: problem details, or a page where the client prefers one."""

import errno
from http import HTTPStatus

from flask import Flask, Response, request
from pyoxigraph import RdfFormat, parse, serialize
from werkzeug.exceptions import HTTPException

from raadgraaf.config import Settings
from raadgraaf.errors import (
    DiskFull,
    NoWorkerFree,
    QueryTimeout,
    QueryTimeUsed,
    RaadgraafError,
    ResultTooLarge,
    SpoolsFull,
    Unauthorized,
    ValidationRefused,
    WorkerDied,
)
from raadgraaf.namespaces import PREFIXES
from raadgraaf.results import GRAPH_TYPES
from raadgraaf.server import api
from raadgraaf.server.media import GRAPHS, content_type
from raadgraaf.server.negotiation import HTML, negotiate, prefers_html
from raadgraaf.server.pages import error_page
from raadgraaf.server.replies import PROBLEM, VARY, Reply, problem, with_headers
from raadgraaf.server.sending import response_of
from raadgraaf.server.site import current_site
from raadgraaf.writing import ReportGraph

_LIMITS: dict[type[RaadgraafError], str] = {
    NoWorkerFree: "queue_seconds",
    QueryTimeUsed: "client_seconds",
    SpoolsFull: "spool_bytes",
    QueryTimeout: "deadline",
    ResultTooLarge: "result_bytes",
    WorkerDied: "worker_memory",
}
"""The setting behind each error that is a limit."""


def register(app: Flask) -> None:
    """Make the application answer every error in this way."""
    app.register_error_handler(RaadgraafError, _of_ours)
    app.register_error_handler(OSError, _of_system)
    app.register_error_handler(HTTPException, _of_http)


def of_error(
    error: RaadgraafError, settings: Settings, accept: str | None, deadline: str = "deadline"
) -> Reply:
    """Return an error of ours as problem details; `deadline` is the setting that held.

    Of a write that the shapes refuse it is the validation report, where that is acceptable.
    """
    if isinstance(error, ValidationRefused) and isinstance(error.report, ReportGraph):
        media_type = negotiate(accept, (*GRAPHS, PROBLEM, HTML))
        if media_type in GRAPHS:
            return _report(error.report, GRAPHS[media_type], error.http_status)
    setting = _LIMITS.get(type(error))
    setting = deadline if setting == "deadline" else setting
    limit = getattr(settings, setting) if setting else getattr(error, "limit", None)
    reply = problem(error.http_status, error.slug, error.title, str(error), limit)
    if error.retry_after is not None:
        reply = with_headers(reply, {"Retry-After": str(error.retry_after)})
    if isinstance(error, Unauthorized):
        reply = with_headers(reply, {"WWW-Authenticate": error.challenge})
    return reply


def _report(report: ReportGraph, media_type: str, status: int) -> Reply:
    """Return a validation report (SHACL, 3.6) as the body of an error."""
    triples = parse(report.n_triples, format=RdfFormat.N_TRIPLES)
    body = serialize(triples, format=GRAPH_TYPES[media_type], prefixes=dict(PREFIXES)) or b""
    headers = {"Content-Type": content_type(media_type), "Content-Length": str(len(body))}
    return Reply(status, headers | {"Vary": VARY}, body)


def _of_ours(error: RaadgraafError) -> Response:
    deadline = "deadline" if request.blueprint == "sparql" else "page_deadline"
    accept = request.headers.get("Accept")
    reply = of_error(error, current_site().settings, accept, deadline)
    if reply.headers["Content-Type"] != PROBLEM:
        return response_of(reply)
    return _for_client(reply, error.title, str(error))


def _of_system(error: OSError) -> Response:
    """Tell that the disk for spools and uploads is full; any other error is a fault of ours."""
    if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
        raise error
    full = "The disk has no room for this answer or upload. Ask for less, or again later."
    return _of_ours(DiskFull(full))


def _of_http(error: HTTPException) -> Response:
    made = error.get_response()
    status = made.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return Response(made.get_data(), status, made.headers)  # a redirect of the router
    title = HTTPStatus(status).phrase
    detail = error.description or title
    slug = title.lower().replace(" ", "-")
    response = _for_client(problem(status, slug, title, detail), title, detail)
    if "Allow" in made.headers:
        response.headers["Allow"] = made.headers["Allow"]
    return response


def _for_client(reply: Reply, title: str, detail: str) -> Response:
    """Return an error as it is, or as a page where HTML is preferred."""
    if not api.is_asked() and prefers_html(
        request.headers.get("Accept"), PROBLEM, "application/json"
    ):
        response = error_page(reply.status, title=title, detail=detail)
        for name in reply.headers.keys() - {"Content-Type", "Content-Length"}:
            response.headers[name] = reply.headers[name]
        return response
    return response_of(reply)
