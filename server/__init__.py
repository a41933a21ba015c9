"""The HTTP server: the SPARQL protocol, linked data and the browser, over a query service."""

from flask import Flask, Response, request
from jinja2 import StrictUndefined

from raadgraaf.config import Settings
from raadgraaf.server import (
    api,
    browse,
    crawling,
    dataset,
    graph_store,
    home,
    incoming,
    library,
    listing_data,
    lists,
    memento,
    mounting,
    operations,
    problems,
    prose,
    quality,
    search,
    sparql_page,
    terms,
)
from raadgraaf.server.endpoint import BODY_BYTES, Endpoint
from raadgraaf.server.site import Site
from raadgraaf.server.watching import ROUTE, Counts, Watch
from raadgraaf.workers import QueryService
from raadgraaf.writing import Writer

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Allow, API-Version, Content-Digest, ETag, Last-Modified, Link, Location, "
        "Memento-Datetime, Repr-Digest, Retry-After"
    ),
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Server": "raadgraaf",
    "X-Content-Type-Options": "nosniff",
}


def create_app(service: QueryService, settings: Settings, writer: Writer | None = None) -> Flask:
    """Return the application that answers from this service."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions["raadgraaf"] = site = Site(service, settings, writer)
    for part in (
        sparql_page,
        graph_store,
        home,
        api,
        search,
        lists,
        quality,
        prose,
        listing_data,
        library,
        terms,
        memento,
        operations,
        dataset,
        crawling,
        browse,
    ):
        app.register_blueprint(part.blueprint)
    problems.register(app)
    app.before_request(_leave_route)
    app.before_request(lambda: incoming.require_host(request.environ))
    app.after_request(_with_headers)
    # The way of Flask to put a layer in front of it: `app` and its test client go through it.
    endpoint = Endpoint(app.wsgi_app, site, tuple(_HEADERS.items()))
    app.extensions[operations.COUNTS] = counts = Counts()
    watch = Watch(endpoint, service, counts, log=settings.log == "json")
    app.wsgi_app = mounting.at_path_of(settings.base, watch)  # type: ignore[assignment]
    return app


def _leave_route() -> None:
    """Leave the pattern of the address for who counts; the address itself may tell what is read."""
    if request.url_rule:
        request.environ[ROUTE] = request.url_rule.rule


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if api.is_asked():
        response.headers.update(api.headers())
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET")
        allowed = "Accept, Accept-Datetime, Authorization, Content-Type"
        response.headers["Access-Control-Allow-Headers"] = allowed
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
