"""The SPARQL 1.1 Graph Store HTTP Protocol at `/graphs`."""

import io
import uuid
from collections.abc import Iterator
from http import HTTPStatus

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.urls import iri_to_uri

from raadgraaf.changes import GRAPH_MEDIA_TYPES, GraphWrite, Part
from raadgraaf.errors import NotAcceptable, NotFound
from raadgraaf.server import incoming, writes
from raadgraaf.server.media import GRAPHS, content_type, split_suffix
from raadgraaf.server.negotiation import negotiate
from raadgraaf.server.sending import response_of, stream
from raadgraaf.server.site import Site, current_site, named
from raadgraaf.workers import QueryRequest

ALL = "CONSTRUCT { ?s ?p ?o }\nWHERE { ?s ?p ?o }"
METHODS = ["GET", "PUT", "POST", "DELETE"]

blueprint = Blueprint("graph_store", __name__)


@blueprint.route("/graphs", methods=METHODS)
def graphs() -> Response:
    """Read or write the graph that `?graph=` or `?default` names; POST without either makes one.

    Source: SPARQL 1.1 Graph Store HTTP Protocol, 4.2 (Indirect Graph Identification).
    """
    asked = request.args.getlist("graph")
    is_default = "default" in request.args
    if len(asked) + is_default > 1:
        raise BadRequest("Name one graph: `?graph=` with its IRI, or `?default`.")
    if is_default:
        return _operation("")
    if asked:
        if named(asked[0]) is None:
            raise BadRequest(f"The graph {asked[0]!r} is not an absolute IRI. Name it in full.")
        return _operation(asked[0])
    if request.method != "POST":
        raise BadRequest("Name a graph: `?graph=` with its IRI, or `?default`.")
    made = f"{iri_to_uri(request.base_url).rstrip('/')}/{uuid.uuid4()}"
    response = _operation(made)
    response.headers["Location"] = made
    return response


@blueprint.route("/graphs/", methods=METHODS, defaults={"path": ""})
@blueprint.route("/graphs/<path:path>", methods=METHODS)
def graph(path: str) -> Response:
    """Read or write the graph whose IRI is the address of the request.

    Source: the same, 4.1 (Direct Graph Identification).
    """
    if not path:
        return graphs()
    return _operation(_address())


def _address() -> str:
    """Return the address as it was sent, where the server tells; else with the usual escapes."""
    sent = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "")
    if sent.startswith("/"):
        return request.host_url.rstrip("/") + sent.partition("?")[0]
    return iri_to_uri(request.base_url)


def _operation(iri: str) -> Response:
    site = current_site()
    if request.method in {"GET", "HEAD"}:
        return _read(site, iri)
    writes.authorize(site, request.headers.get("Authorization", ""))
    incoming.require_length(known=incoming.has_length(request.environ))
    most = request.max_content_length = site.settings.upload_bytes
    request.environ["wsgi.input"] = io.BytesIO(incoming.body(request.environ, most))
    parts = () if request.method == "DELETE" else tuple(_parts())
    written = writes.carry_out(site, GraphWrite(request.method, iri, parts))
    is_new = any(state == "new" for _, state in written.graphs)
    return response_of(
        writes.done(written, HTTPStatus.CREATED if is_new and iri else HTTPStatus.OK)
    )


def _read(site: Site, iri: str) -> Response:
    media_type = negotiate(request.headers.get("Accept"), tuple(GRAPHS))
    if media_type is None:
        raise NotAcceptable(f"A graph comes in {', '.join(GRAPHS)}. Accept one.")
    release = site.service.release()
    file = release.manifest.graph(iri) if iri else None
    if iri and file is None:
        raise NotFound(f"There is no graph {iri} in release {release.number}.")
    asked = QueryRequest(ALL, None, GRAPHS[media_type], (iri,) if iri else ())
    response = stream(site.service.query(asked), media_type)
    response.headers["Content-Type"] = content_type(media_type)
    response.vary.add("Accept")
    return response


def _parts() -> Iterator[Part]:
    """Yield the documents of the body, of which a form has several (5.5, HTTP POST)."""
    if request.mimetype != "multipart/form-data":
        yield Part(_known(request.mimetype), request.get_data(cache=False))
        return
    files = [file for name in request.files for file in request.files.getlist(name)]
    if not files:
        raise BadRequest("The form holds no files. Send each document as a file with its type.")
    for file in files:
        by_name = split_suffix(file.filename or "")[1] or ""
        kind = file.mimetype if file.mimetype in GRAPH_MEDIA_TYPES else by_name or file.mimetype
        yield Part(_known(kind), file.read())


def _known(media_type: str) -> str:
    if media_type not in GRAPH_MEDIA_TYPES:
        raise UnsupportedMediaType(
            f"The document is {media_type or 'of no stated type'}. Send a graph as one of "
            f"{', '.join(GRAPH_MEDIA_TYPES)}."
        )
    return media_type
