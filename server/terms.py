"""The ontology at `/def`: a page of its classes, properties and concepts, or the same as data."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode, Quad
from werkzeug.exceptions import NotFound

from raadgraaf import profiles
from raadgraaf.namespaces import PREFIXES, iri
from raadgraaf.resources import folder
from raadgraaf.server import browse, linked_data
from raadgraaf.server.media import SUFFIXES
from raadgraaf.server.negotiation import HTML
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown
from raadgraaf.server.site import Site, asked_site
from raadgraaf.server.vocabulary import compact
from raadgraaf.terms import read_turtle

GRAPHS = ("ontologie", "begrippen")

blueprint = Blueprint("terms", __name__)

_KINDS = {
    "/def": ("classes", (iri("owl:Class").value,)),
    "/def/relaties": ("relations", (iri("owl:ObjectProperty").value,)),
    "/def/gegevens": (
        "attributes",
        (iri("owl:DatatypeProperty").value, iri("owl:AnnotationProperty").value),
    ),
    "/def/begrippen": ("concepts", (iri("skos:Concept").value,)),
}
"""The pages of the ontology: the key of the title, and the kinds of term on it."""


@dataclass(frozen=True, slots=True)
class Defined:
    """One term with its labels and definition."""

    iri: str
    name: str
    """Its local name, which is its anchor."""
    label: Shown
    translation: Shown | None
    definition: Shown | None
    kind: str


@blueprint.get("/def")
@blueprint.get("/en/def")
def ontology() -> Response:
    """Describe the ontology."""
    return _ontology(None)


@blueprint.get("/def.<ending>")
def ontology_as(ending: str) -> Response:
    """Describe the ontology in the format of the address."""
    if ending not in SUFFIXES:
        raise NotFound(f"The ontology does not come as .{ending}, but as: {', '.join(SUFFIXES)}.")
    return _ontology(SUFFIXES[ending])


@blueprint.get("/def/<part>")
@blueprint.get("/en/def/<part>")
def part_of_ontology(part: str) -> Response:
    """Show the terms of some kinds."""
    if f"/def/{part}" not in _KINDS:
        return browse.other_identifier(f"def/{part}")  # such as the IRI of a version
    return _page(f"/def/{part}")


@blueprint.get("/shapes")
@blueprint.get("/en/shapes")
def shapes() -> Response:
    """Describe the shapes."""
    return _shapes(None)


@blueprint.get("/shapes.<ending>")
def shapes_as(ending: str) -> Response:
    """Describe the shapes in the format of the address."""
    if ending not in SUFFIXES:
        raise NotFound(f"The shapes do not come as .{ending}, but as: {', '.join(SUFFIXES)}.")
    return _shapes(SUFFIXES[ending])


def _shapes(by_address: str | None) -> Response:
    graph = NamedNode(f"{asked_site().settings.base}graph/vormen")
    here = f"{request.script_root}/shapes"
    return browse.graph(graph, PREFIXES["rgs"].rstrip("#"), by_address, here)


@blueprint.get("/profiel")
@blueprint.get("/en/profiel")
def profile() -> Response:
    """Explain the commitments profile, or give its shapes."""
    return _profile(None)


@blueprint.get("/profiel.<ending>")
def profile_as(ending: str) -> Response:
    """Give the profile in the format of the address."""
    if ending not in SUFFIXES:
        raise NotFound(f"The profile does not come as .{ending}, but as: {', '.join(SUFFIXES)}.")
    return _profile(SUFFIXES[ending])


def _profile(by_address: str | None) -> Response:
    site, this = asked_site(), f"{browse.ONTOLOGY_SPACE}profiel"
    media_type = linked_data.chosen(by_address)
    alternates = linked_data.alternates(f"{request.script_root}/profiel")
    if media_type == HTML:
        example = folder("profile", "example.ttl").read_text("utf-8")
        response = page(
            "profile.html",
            presenter(),
            terms=[(compact(each.property), each) for each in profiles.terms()],
            example=example,
            iri=this,
            alternates=alternates,
        )
    else:
        base, graph = site.settings.base, NamedNode(this)
        triples = read_turtle(profiles.shapes_turtle(), "shapes.ttl", base, "profiel")
        quads = (Quad(each.subject, each.predicate, each.object, graph) for each in triples)
        response = linked_data.statements(quads, media_type)
    return linked_data.linked(response, site, this, alternates, by_address=by_address)


def _ontology(by_address: str | None) -> Response:
    site = asked_site()
    media_type = linked_data.chosen(by_address)
    if media_type == HTML:
        response = _page("/def")
    else:
        response = linked_data.data(site, site.text("terms"), media_type, GRAPHS)
    return linked_data.linked(
        response,
        site,
        PREFIXES["rg"].rstrip("#"),
        _alternates(),
        types=[iri("owl:Ontology").value],
        by_address=by_address,
    )


def _alternates() -> Sequence[tuple[str, str]]:
    return linked_data.alternates(f"{request.script_root}/def")


def _page(path: str) -> Response:
    site, shown = asked_site(), presenter()
    terms = _defined(site, shown)
    pages = [
        (each, title, [term for term in terms if term.kind in kinds])
        for each, (title, kinds) in _KINDS.items()
    ]
    return page(
        "def.html",
        shown,
        query=site.text("definitions"),
        path=path,
        pages=pages,
        alternates=_alternates(),
    )


def _defined(site: Site, shown: Presenter) -> Sequence[Defined]:
    """Return the terms of ours, by label."""
    kinds: dict[str, str] = {}
    labels: dict[str, list[Literal]] = defaultdict(list)
    definitions: dict[str, list[Literal]] = defaultdict(list)
    for row in site.select("definitions", GRAPHS):
        term = row["term"].value
        if not term.startswith((PREFIXES["rg"], PREFIXES["rgt"])):
            continue
        kinds.setdefault(term, row["kind"].value)
        for found, name in ((labels, "label"), (definitions, "definition")):
            value = row.get(name)
            if isinstance(value, Literal) and value not in found[term]:
                found[term].append(value)
    other = "en" if shown.language == "nl" else "nl"
    defined = [
        Defined(
            iri=term,
            name=re.split(r"[#/]", term)[-1],
            label=shown.words(labels[term], term),
            translation=_in(labels[term], other),
            definition=shown.words(definitions[term], term) if definitions[term] else None,
            kind=kind,
        )
        for term, kind in kinds.items()
    ]
    return sorted(defined, key=lambda each: (each.label.text.casefold(), each.iri))


def _in(labels: Sequence[Literal], language: str) -> Shown | None:
    return next(
        (Shown(each.value, lang=language) for each in labels if each.language == language), None
    )
