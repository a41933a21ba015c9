"""Linked data: IRIs lead to descriptions, and these come as a page or as data."""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest, Gone, NotFound

from raadgraaf import erased
from raadgraaf.server import linked_data, memento
from raadgraaf.server.entity import entity
from raadgraaf.server.linked_data import ALTERNATES
from raadgraaf.server.media import FORMATS, GRAPHS, split_suffix
from raadgraaf.server.negotiation import HTML
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown
from raadgraaf.server.site import Site, asked_site, current_site, named

_SAFE = "/:@!$&'()*+,;=~-._"

blueprint = Blueprint("browse", __name__)


@blueprint.get("/id/<path:path>")
def identifier(path: str) -> Response:
    """Lead from the IRI of a thing to its description (Cool URIs for the Semantic Web, 4.2)."""
    _require_not_erased(named(current_site().settings.base + f"id/{path}"))
    return _see(f"/doc/{quote(path, safe=_SAFE)}")


@blueprint.get("/graph/<path:path>")
def graph_identifier(path: str) -> Response:
    """Lead from the IRI of a named graph to its description."""
    return _see(f"/doc/graph/{quote(path, safe=_SAFE)}")


@blueprint.get("/<path:path>")
def other_identifier(path: str) -> Response:
    """Lead from any other IRI under the base of the data to its description."""
    site = asked_site()
    iri = named(site.settings.base + path)
    if iri is None or not _known(site, iri):
        raise NotFound(f"There is no page /{path}.")
    return _see(f"/resource?uri={quote(iri.value, safe='')}")


def _known(site: Site, iri: NamedNode) -> bool:
    return bool(site.select("facts", this=iri) or site.select("links-here", this=iri))


def _require_not_erased(iri: NamedNode | None) -> None:
    if iri and erased.read(current_site().settings.home).holds(iri.value):
        raise Gone("What stood here was erased.")


def _site_that_knows(iri: NamedNode) -> Site:
    """Return the site over all data, or over the validation report where only that has it."""
    _require_not_erased(iri)
    site = asked_site()
    for each in (site, site.of_report()):
        if _known(each, iri):
            return each
    raise NotFound(f"Nothing is known of <{iri.value}>.")


def _see(address: str) -> Response:
    response = Response(status=HTTPStatus.SEE_OTHER)
    response.location = request.script_root + _in_release(address)
    response.vary.add("Accept")
    return response


def _in_release(address: str) -> str:
    """Return an address of the release that this request names, if it names one."""
    release = asked_site().release
    if release is None:
        return address
    return f"{address}{'&' if '?' in address else '?'}release={release}"


@blueprint.get("/doc/<path:path>")
@blueprint.get("/en/doc/<path:path>")
def document(path: str) -> Response:
    """Describe a thing of ours."""
    if found := memento.redirect():
        return found
    stem, by_address = split_suffix(path)
    is_graph = stem.startswith("graph/")
    iri = named(asked_site().settings.base + (stem if is_graph else f"id/{stem}"))
    if iri is None:
        raise NotFound(f"Nothing is known of {stem}.")
    here = f"{request.script_root}/doc/{quote(stem, safe=_SAFE)}"
    alternates = [(_in_release(f"{here}.{ending}"), kind) for ending, kind in ALTERNATES.items()]
    description = _graph if is_graph else _resource
    return memento.linked(description(iri, by_address, alternates))


@blueprint.get("/resource")
@blueprint.get("/en/resource")
def resource() -> Response:
    """Describe any resource, of whoever its IRI is."""
    if found := memento.redirect():
        return found
    iri = named(request.args.get("uri", ""))
    if iri is None:
        raise BadRequest("The parameter uri is not an absolute IRI. Write /resource?uri=https://…")
    form = request.args.get("format")
    if form and form not in (*ALTERNATES, "html"):
        raise BadRequest(f"The format {form!r} is unknown. Known are: {', '.join(ALTERNATES)}.")
    by_address = FORMATS[form][-1] if form else None
    here = f"{request.script_root}/resource?uri={quote(iri.value, safe='')}"
    alternates = [
        (_in_release(f"{here}&format={ending}"), kind) for ending, kind in ALTERNATES.items()
    ]
    return memento.linked(_resource(iri, by_address, alternates))


def _resource(
    iri: NamedNode, by_address: str | None, alternates: Sequence[tuple[str, str]]
) -> Response:
    media_type = linked_data.chosen(by_address)
    site = _site_that_knows(iri)
    query = site.text("description", this=iri, object=iri)
    if media_type in GRAPHS:
        return linked_data.linked(linked_data.data(site, query, media_type), iri.value, alternates)
    shown = presenter()
    found = entity(site, shown, iri.value)
    if found is None:  # gone with a release that came in between
        raise NotFound(f"Nothing is known of <{iri.value}>.")
    response = page(
        "entity.html",
        shown,
        query=query,
        about=found.words(),
        entity=found,
        alternates=alternates,
    )
    return linked_data.linked(response, iri.value, alternates)


def _graph(
    iri: NamedNode, by_address: str | None, alternates: Sequence[tuple[str, str]]
) -> Response:
    site = asked_site()
    media_type = linked_data.chosen(by_address)
    (size,) = site.select("graph-size", graph=iri)
    count = int(size["count"].value)
    if not count:
        raise NotFound(f"There is no graph <{iri.value}>.")
    query = site.text("graph", graph=iri)
    if media_type != HTML:
        return linked_data.linked(linked_data.data(site, query, media_type), iri.value, alternates)
    shown = presenter()
    response = page(
        "graph.html",
        shown,
        query=query,
        entity=entity(site, shown, iri.value),
        iri=iri.value,
        count=count,
        contents=_contents(site, shown, iri),
        alternates=alternates,
    )
    return linked_data.linked(response, iri.value, alternates)


def _contents(site: Site, shown: Presenter, iri: NamedNode) -> Sequence[tuple[Shown, int]]:
    rows = site.select("graph-contents", graph=iri)
    return [(shown.resource(row["class"].value), int(row["count"].value)) for row in rows]
