"""Errors as HTTP responses: problem details, or a page where the client prefers one."""

import json
from http import HTTPStatus

from flask import Flask, Response, request
from pyoxigraph import RdfFormat, parse, serialize
from werkzeug.exceptions import HTTPException

from raadgraaf.errors import (
    NoWorkerFree,
    QueryTimeout,
    RaadgraafError,
    ResultTooLarge,
    ValidationRefused,
    WorkerDied,
)
from raadgraaf.namespaces import PREFIXES
from raadgraaf.results import GRAPH_TYPES
from raadgraaf.server.media import GRAPHS, content_type
from raadgraaf.server.negotiation import HTML, negotiate, prefers_html
from raadgraaf.server.pages import error_page
from raadgraaf.server.site import current_site
from raadgraaf.writing import ReportGraph

PROBLEM = "application/problem+json"
TYPES = "https://w3id.org/raadgraaf/problem/"
RETRY_SECONDS = 5

_LIMITS: dict[type[RaadgraafError], str] = {
    NoWorkerFree: "queue_seconds",
    QueryTimeout: "deadline",
    ResultTooLarge: "result_bytes",
    WorkerDied: "worker_memory",
}
"""The setting behind each error that is a limit."""


def register(app: Flask) -> None:
    """Make the application answer every error in this way."""
    app.register_error_handler(RaadgraafError, _of_ours)
    app.register_error_handler(HTTPException, _of_http)


def _of_ours(error: RaadgraafError) -> Response:
    if isinstance(error, ValidationRefused) and isinstance(error.report, ReportGraph):
        media_type = negotiate(request.headers.get("Accept"), (*GRAPHS, PROBLEM, HTML))
        if media_type in GRAPHS:
            return _report(error.report, GRAPHS[media_type], error.http_status)
    setting = _LIMITS.get(type(error))
    if setting == "deadline" and request.blueprint != "protocol":
        setting = "page_deadline"
    settings = current_site().settings
    limit = getattr(settings, setting) if setting else getattr(error, "limit", None)
    return problem(error.http_status, error.slug, error.title, str(error), limit)


def _report(report: ReportGraph, media_type: str, status: int) -> Response:
    """Return a validation report (SHACL, 3.6) as the body of an error."""
    triples = parse(report.n_triples, format=RdfFormat.N_TRIPLES)
    content = serialize(triples, format=GRAPH_TYPES[media_type], prefixes=dict(PREFIXES))
    response = Response(content, status, content_type=content_type(media_type))
    response.vary.add("Accept")
    return response


def _of_http(error: HTTPException) -> Response:
    made = error.get_response()
    status = made.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return Response(made.get_data(), status, made.headers)  # a redirect of the router
    title = HTTPStatus(status).phrase
    slug = title.lower().replace(" ", "-")
    response = problem(status, slug, title, error.description or title)
    for name in ("Allow", "WWW-Authenticate"):
        if name in made.headers:
            response.headers[name] = made.headers[name]
    return response


def problem(
    status: int, slug: str, title: str, detail: str, limit: float | None = None
) -> Response:
    """Return an error: problem details (RFC 9457), or a page where HTML is preferred."""
    if prefers_html(request.headers.get("Accept"), PROBLEM, "application/json"):
        response = error_page(status, title=title, detail=detail)
    else:
        content = {"type": TYPES + slug, "title": title, "status": status, "detail": detail}
        if limit is not None:
            content["limit"] = limit
        response = Response(json.dumps(content) + "\n", status, mimetype=PROBLEM)
    response.vary.add("Accept")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
