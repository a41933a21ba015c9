"""Descriptions as data: in what the client asks for, by address or by Accept."""

from collections.abc import Sequence

from flask import Response, request

from raadgraaf.errors import NotAcceptable
from raadgraaf.server.media import DESCRIPTIONS, GRAPHS, SUFFIXES, content_type
from raadgraaf.server.negotiation import negotiate
from raadgraaf.server.sending import stream
from raadgraaf.server.site import Site
from raadgraaf.workers import QueryRequest

ALTERNATES = {ending: SUFFIXES[ending] for ending in ("ttl", "jsonld", "nt", "rdf")}
"""The endings under which a description is offered as data."""


def chosen(by_address: str | None) -> str:
    """Return the media type for a description: that of its address, else the client's choice."""
    media_type = by_address or negotiate(request.headers.get("Accept"), DESCRIPTIONS)
    if media_type is None:
        raise NotAcceptable(f"A description comes in {', '.join(DESCRIPTIONS)}. Accept one.")
    return media_type


def data(site: Site, query: str, media_type: str, graphs: Sequence[str] = ()) -> Response:
    """Return what a CONSTRUCT query gives, in a media type of graphs."""
    default_graphs = tuple(f"{site.settings.base}graph/{key}" for key in graphs)
    asked = QueryRequest(query, None, GRAPHS[media_type], default_graphs)
    response = stream(site.answer(asked), media_type)
    response.headers["Content-Type"] = content_type(media_type)
    return response


def linked(response: Response, iri: str, alternates: Sequence[tuple[str, str]]) -> Response:
    """Return a response that says in its Link header what it describes and in what else it comes.

    The addresses are percent-encoded, so that they cannot end their place in the header.
    """
    links = [f'<{address}>; rel="alternate"; type="{kind}"' for address, kind in alternates]
    if iri.isascii():
        links.append(f'<{iri}>; rel="cite-as"')
    links.append('<http://creativecommons.org/publicdomain/zero/1.0/>; rel="license"')
    response.headers["Link"] = ", ".join(links)
    response.vary.add("Accept")
    return response
