"""Linked data: IRIs lead to descriptions, and these come as a page or as data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest, Gone, NotFound

from raadgraaf import erased
from raadgraaf.answers import Row
from raadgraaf.namespaces import RDF_TYPE
from raadgraaf.server import linked_data, memento, schema_org
from raadgraaf.server.entity import entity
from raadgraaf.server.focus import focus_points
from raadgraaf.server.media import GRAPHS, split_suffix
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown
from raadgraaf.server.site import Site, asked_site, current_site, named

ONTOLOGY_SPACE = "https://w3id.org/raadgraaf/"
"""Where the IRIs of ontology, concepts, shapes and software begin, whatever the base of data."""

_SAFE = "/:@!$&'()*+,;=~-._"

blueprint = Blueprint("browse", __name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A resource of which something is known."""

    iri: NamedNode
    site: Site
    """The one over all data, or that over the validation report where only this has it."""
    facts: Sequence[Row]

    @property
    def types(self) -> Sequence[str]:
        """The classes that it is said to be of."""
        types = (row["value"].value for row in self.facts if row["property"] == RDF_TYPE)
        return list(dict.fromkeys(types))


@blueprint.get("/id/<path:path>")
def identifier(path: str) -> Response:
    """Lead from the IRI of a thing to its description (Cool URIs for the Semantic Web, 4.2)."""
    require_not_erased(named(current_site().settings.base + f"id/{path}"))
    return _see(f"/doc/{quote(path, safe=_SAFE)}")


@blueprint.get("/graph/<path:path>")
def graph_identifier(path: str) -> Response:
    """Lead from the IRI of a named graph to its description."""
    return _see(f"/doc/graph/{quote(path, safe=_SAFE)}")


@blueprint.get("/<path:path>")
def other_identifier(path: str) -> Response:
    """Lead from any other IRI of the data or the ontology to its description."""
    stem, by_address = split_suffix(path)
    form = f"&format={path.rpartition('.')[2]}" if by_address else ""
    for text, ending in dict.fromkeys([(path, ""), (stem, form)]):
        for start in (asked_site().settings.base, ONTOLOGY_SPACE):
            for iri in _iris(start, text):
                if found := _found(iri):
                    address = quote(found.iri.value, safe="")
                    return _see(f"/resource?uri={address}{ending}")
    raise NotFound(f"There is no page /{path}.")


def _iris(start: str, path: str) -> Iterator[NamedNode]:
    """Yield what an address may stand for: HTTP servers undo the escapes of an IRI."""
    for each in dict.fromkeys([path, quote(path, safe=_SAFE)]):
        iri = named(start + each)
        if iri is not None:
            yield iri


def require_not_erased(iri: NamedNode | None) -> None:
    """Refuse an IRI that was erased."""
    if iri and erased.read(current_site().settings.home).holds(iri.value):
        raise Gone("What stood here was erased.")


def _found(iri: NamedNode) -> Found | None:
    require_not_erased(iri)
    site = asked_site()
    for each in (site, site.of_report()):
        facts = each.select("facts", this=iri)
        if facts or each.select("links-here", this=iri):
            return Found(iri, each, facts)
    return None


def _see(address: str) -> Response:
    response = Response(status=HTTPStatus.SEE_OTHER)
    response.location = request.script_root + _in_release(address)
    response.vary.add("Accept")
    return response


def _alternates(here: str) -> Sequence[tuple[str, str]]:
    return [(_in_release(each), kind) for each, kind in linked_data.alternates(here)]


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
    if moved := memento.redirect():
        return moved
    start = asked_site().settings.base
    stem, by_address = split_suffix(path)
    # An IRI may itself end in what looks like the ending of a format.
    for text, form in dict.fromkeys([(stem, by_address), (path, None)]):
        here = f"{request.script_root}/doc/{quote(text, safe=_SAFE)}"
        if text.startswith("graph/"):
            for iri in _iris(start, text):
                if _size(iri):
                    return memento.linked(graph(iri, iri.value, form, here))
        else:
            for iri in _iris(f"{start}id/", text):
                if found := _found(iri):
                    return memento.linked(_resource(found, form, here))
    raise NotFound(f"Nothing is known of {path}.")


@blueprint.get("/resource")
@blueprint.get("/en/resource")
def resource() -> Response:
    """Describe any resource, of whoever its IRI is."""
    if found := memento.redirect():
        return found
    iri = named(request.args.get("uri", ""))
    if iri is None:
        raise BadRequest("The parameter uri is not an absolute IRI. Write /resource?uri=https://…")
    here = f"{request.script_root}/resource?uri={quote(iri.value, safe='')}"
    return memento.linked(describe(iri, linked_data.form_in_query(), here))


def describe(iri: NamedNode, by_address: str | None, here: str) -> Response:
    """Describe a resource of which the description stands at this address."""
    found = _found(iri)
    if found is None:
        raise NotFound(f"Nothing is known of <{iri.value}>.")
    return _resource(found, by_address, here)


def _resource(found: Found, by_address: str | None, here: str) -> Response:
    media_type = linked_data.chosen(by_address)
    site, iri, alternates = found.site, found.iri, _alternates(here)
    query = site.text("description", this=iri, object=iri)
    if media_type in linked_data.DATASETS:
        response = _dataset(found, media_type)
    elif media_type in GRAPHS:
        response = linked_data.data(site, query, media_type)
    else:
        response = _page(found, query, alternates)
    return linked_data.linked(
        response, site, iri.value, alternates, types=found.types, by_address=by_address
    )


def _page(found: Found, query: str, alternates: Sequence[tuple[str, str]]) -> Response:
    shown = presenter()
    described = entity(found.site, shown, found.iri.value)
    if described is None:  # gone with a release that came in between
        raise NotFound(f"Nothing is known of <{found.iri.value}>.")
    classes = shown.vocabulary.classes(found.types)
    dataset = f"{found.site.settings.base}dataset"
    return page(
        "entity.html",
        shown,
        query=query,
        about=described.words(),
        entity=described,
        focus_points=focus_points(found.site, shown, found.iri),
        alternates=alternates,
        json_ld=schema_org.thing(
            found.iri.value, described.title, classes, dataset, shown.language
        ),
    )


def _dataset(found: Found, media_type: str) -> Response:
    """Return a description with the public graph of each statement."""
    site = found.site.of_all()
    graphs = {each.graph for each in site.service.release().manifest.graphs if each.public}
    if found.site.graph:
        graphs = {found.site.graph.value}
    rows = site.select("description-quads", subject=found.iri, this=found.iri, value=found.iri)
    quads = [linked_data.as_quad(row) for row in rows if row["graph"].value in graphs]
    return linked_data.statements([quad for quad in quads if quad], media_type)


def _size(iri: NamedNode) -> int:
    (size,) = asked_site().select("graph-size", graph=iri)
    return int(size["count"].value)


def graph(iri: NamedNode, cited: str, by_address: str | None, here: str) -> Response:
    """Return the description of a named graph: as a page of what it holds, or its statements."""
    site = asked_site()
    media_type = linked_data.chosen(by_address)
    alternates = _alternates(here)
    query = site.text("graph", graph=iri)
    if media_type in linked_data.DATASETS:
        quads = (linked_data.as_quad(row) for row in site.select("graph-quads", graph=iri))
        response = linked_data.statements([quad for quad in quads if quad], media_type)
    elif media_type in GRAPHS:
        response = linked_data.data(site, query, media_type)
    else:
        shown = presenter()
        response = page(
            "graph.html",
            shown,
            query=query,
            entity=entity(site, shown, iri.value),
            iri=cited,
            count=_size(iri),
            contents=_contents(site, shown, iri),
            alternates=alternates,
        )
    return linked_data.linked(response, site, cited, alternates, by_address=by_address)


def _contents(site: Site, shown: Presenter, iri: NamedNode) -> Sequence[tuple[Shown, int]]:
    rows = site.select("graph-contents", graph=iri)
    return [(shown.resource(row["class"].value), int(row["count"].value)) for row in rows]
