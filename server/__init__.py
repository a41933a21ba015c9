"""The HTTP server: the SPARQL protocol, linked data and the browser, over a query service."""

from flask import Flask, Response, request
from jinja2 import StrictUndefined

from raadgraaf.config import MEBIBYTE, Settings
from raadgraaf.server import (
    browse,
    crawling,
    dataset,
    graph_store,
    home,
    library,
    lists,
    mounting,
    problems,
    protocol,
    terms,
)
from raadgraaf.server.site import Site
from raadgraaf.workers import QueryService
from raadgraaf.writing import Writer

BODY_BYTES = MEBIBYTE
"""Bytes that the body of a request may have."""

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Allow, ETag, Last-Modified, Link, Location, Retry-After",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_app(service: QueryService, settings: Settings, writer: Writer | None = None) -> Flask:
    """Return the application that answers from this service."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions["raadgraaf"] = Site(service, settings, writer)
    for part in (protocol, graph_store, home, lists, library, terms, dataset, crawling, browse):
        app.register_blueprint(part.blueprint)
    problems.register(app)
    app.after_request(_with_headers)
    app.wsgi_app = mounting.at_path_of(settings.base, app.wsgi_app)  # type: ignore[assignment]
    return app


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Authorization, Content-Type"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
