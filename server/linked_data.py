"""Descriptions as data: in what the client asks for, by address or by Accept."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus

from flask import Response, request
from pyoxigraph import NamedNode, Quad, RdfFormat, serialize
from werkzeug.exceptions import BadRequest
from werkzeug.urls import iri_to_uri

from raadgraaf.catalogue import Term
from raadgraaf.errors import NotAcceptable
from raadgraaf.namespaces import PREFIXES
from raadgraaf.results import GRAPH_TYPES
from raadgraaf.server.media import (
    DESCRIPTIONS,
    GRAPHS,
    N_QUADS,
    SUFFIXES,
    TRIG,
    TURTLE,
    content_type,
)
from raadgraaf.server.negotiation import HTML, negotiate
from raadgraaf.server.sending import stream
from raadgraaf.server.site import Site
from raadgraaf.workers import QueryRequest

ALTERNATES = {ending: kind for ending, kind in SUFFIXES.items() if kind != HTML}
"""The endings under which a description is offered as data."""

DATASETS = {TRIG, N_QUADS}
"""The media types that say in which graph a statement stands."""

LICENCE = "http://creativecommons.org/publicdomain/zero/1.0/"


def chosen(by_address: str | None) -> str:
    """Return the media type for a description: that of its address, else the client's choice."""
    media_type = by_address or negotiate(request.headers.get("Accept"), DESCRIPTIONS)
    if media_type is None:
        raise NotAcceptable(f"A description comes in {', '.join(DESCRIPTIONS)}. Accept one.")
    return media_type


def form_in_query() -> str | None:
    """Return the media type that `?format=` asks for."""
    form = request.args.get("format")
    if not form:
        return None
    if form not in SUFFIXES:
        raise BadRequest(f"The format {form!r} is unknown. Known are: {', '.join(SUFFIXES)}.")
    return SUFFIXES[form]


def alternates(address: str) -> Sequence[tuple[str, str]]:
    """Return where a description stands as data, with the media type there."""
    joint = f"{address}&format=" if "?" in address else f"{address}."
    return [(f"{joint}{ending}", kind) for ending, kind in ALTERNATES.items()]


def data(site: Site, query: str, media_type: str, graphs: Sequence[str] = ()) -> Response:
    """Return what a CONSTRUCT query gives, in a media type of graphs."""
    default_graphs = tuple(f"{site.settings.base}graph/{key}" for key in graphs)
    asked = QueryRequest(query, None, GRAPHS[media_type], default_graphs)
    response = stream(site.answer(asked), media_type)
    response.headers["Content-Type"] = content_type(media_type)
    return response


def statements(quads: Iterable[Quad], media_type: str) -> Response:
    """Return quads in a media type, with their graphs where it has a place for those."""
    form = GRAPH_TYPES[GRAPHS[media_type]]
    ordered = sorted(set(quads), key=str)
    if form in {RdfFormat.TRIG, RdfFormat.N_QUADS}:
        content = serialize(ordered, format=form, prefixes=PREFIXES)
    else:
        content = serialize((quad.triple for quad in ordered), format=form, prefixes=PREFIXES)
    response = Response(content or b"", content_type=content_type(media_type))
    response.add_etag()
    return response


def as_quad(row: Mapping[str, Term]) -> Quad | None:
    """Return a row of a query for statements as one of them."""
    subject, predicate, graph = row["subject"], row["property"], row["graph"]
    if all(isinstance(each, NamedNode) for each in (subject, predicate, graph)):
        return Quad(subject, predicate, row["value"], graph)  # type: ignore[arg-type]
    return None


def linked(
    response: Response,
    site: Site,
    iri: str,
    alternates: Sequence[tuple[str, str]],
    *,
    types: Iterable[str] = (),
    by_address: str | None = None,
) -> Response:
    """Return a response that says what it describes, of when, and in what else it comes.

    The addresses are percent-encoded, so that they cannot end their place in the header.
    """
    is_page = response.mimetype == HTML
    this = iri_to_uri(iri)
    links = [f'<{address}>; rel="alternate"; type="{kind}"' for address, kind in alternates]
    links.append(f'<{this}>; rel="cite-as"')
    links.append(f'<{LICENCE}>; rel="license"')
    if is_page:
        metadata = next(address for address, kind in alternates if kind == TURTLE)
        links.append(f'<{metadata}>; rel="describedby"; type="{TURTLE}"')
    else:
        links.append(f'<{this}>; rel="describes"')
    links += [f'<{iri_to_uri(each)}>; rel="type"' for each in types]
    response.headers["Link"] = ", ".join(links)
    if not by_address:
        response.vary.add("Accept")
    with suppress(KeyError):  # a release made by hand does not say when
        published = str(site.service.release(site.release).published["published"])
        response.last_modified = datetime.fromisoformat(published)
    response.make_conditional(request)
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        response.close()  # nothing reads the body, so nothing else closes it
    return response
