"""The description of the data set at `/dataset`: for registers, for VoID clients, as a page."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, request, send_file
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse
from werkzeug.exceptions import NotFound

from raadgraaf import description, dumps, releases
from raadgraaf.namespaces import iri
from raadgraaf.server import linked_data, schema_org
from raadgraaf.server.media import N_TRIPLES, SUFFIXES
from raadgraaf.server.negotiation import HTML
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown
from raadgraaf.server.site import Site, asked_site, current_site
from raadgraaf.workers import QueryRequest

blueprint = Blueprint("dataset", __name__)

_SHOWN = {
    "publisher": "dcterms:publisher",
    "area": "dcterms:spatial",
    "period": "dcterms:temporal",
    "version": "dcat:version",
    "modified": "dcterms:modified",
    "statements_count": "void:triples",
    "resources_count": "void:entities",
    "endpoint": "void:sparqlEndpoint",
    "dumps": "void:dataDump",
}
"""What the page shows of the data set, by the key of its text."""


@dataclass(frozen=True, slots=True)
class Description:
    """The description of the data set of one release."""

    site: Site
    triples: Sequence[Triple]

    @property
    def dataset(self) -> NamedNode:
        """The IRI of the data set."""
        return description.dataset(self.site.settings.base)

    def values(self, subject: NamedNode, property_: str) -> Sequence[NamedNode | Literal]:
        """Return the values of a property, in order."""
        found = {
            triple.object
            for triple in self.triples
            if triple.subject == subject and triple.predicate == iri(property_)
        }
        return sorted((each for each in found if isinstance(each, NamedNode | Literal)), key=str)

    def text(self, subject: NamedNode, property_: str, language: str = "nl") -> str:
        """Return a text in a language, or what there is."""
        texts = [each for each in self.values(subject, property_) if isinstance(each, Literal)]
        best = [each.value for each in texts if each.language == language]
        return next(iter(best or [each.value for each in texts]), "")


def read(site: Site) -> Description:
    """Return the description of the release that is current."""
    base = site.settings.base
    graph = NamedNode(f"{base}graph/{description.KEY}")
    answer = site.answer(QueryRequest(site.text("graph", graph=graph), None, N_TRIPLES))
    with answer.body as body:
        triples = [quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES)]
    if not triples:
        raise NotFound("The data here are not described: the home is a plain store.")
    return Description(
        site, [*triples, *description.of_release(site.service.release(site.release))]
    )


@blueprint.get("/dataset")
@blueprint.get("/en/dataset")
@blueprint.get("/.well-known/void")
def dataset() -> Response:
    """Describe the data set."""
    return _response(None)


@blueprint.get("/dataset.<ending>")
def dataset_as(ending: str) -> Response:
    """Describe the data set in the format of the address."""
    if ending not in SUFFIXES:
        raise NotFound(f"The description does not come as .{ending}, but as {', '.join(SUFFIXES)}.")
    return _response(SUFFIXES[ending])


@blueprint.get("/dumps/<int:number>/<name>")
def dump(number: int, name: str) -> Response:
    """Give a file of a release."""
    if name not in {*dumps.FILES, dumps.SUMS}:
        raise NotFound(f"A release has the files {', '.join(dumps.FILES)} and {dumps.SUMS}.")
    release = releases.release(current_site().settings.home, number)
    path = release.path / dumps.FOLDER / name
    if not path.exists():
        raise NotFound(f"Release {number} was made without files. Take a later one.")
    digest = hashlib.sha256(f"{release.manifest.to_json()!r} {name}".encode()).hexdigest()
    kind = "application/gzip" if name in dumps.FILES else "text/plain"
    response = send_file(path.absolute(), kind, conditional=True, etag=digest[:32])
    response.headers["Link"] = f'<{linked_data.LICENCE}>; rel="license"'
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        response.close()  # nothing reads the file, so nothing else closes it
    return response


def _response(by_address: str | None) -> Response:
    site = asked_site()
    media_type = linked_data.chosen(by_address)
    known = read(site)
    alternates = linked_data.alternates(f"{request.script_root}/dataset")
    if media_type == HTML:
        response = _page(known, alternates)
    else:
        graph = NamedNode(f"{site.settings.base}graph/{description.KEY}")
        quads = (Quad(each.subject, each.predicate, each.object, graph) for each in known.triples)
        response = linked_data.statements(quads, media_type)
    types = [each.value for each in known.values(known.dataset, "rdf:type")]
    return linked_data.linked(
        response, site, known.dataset.value, alternates, types=types, by_address=by_address
    )


def _page(known: Description, alternates: Sequence[tuple[str, str]]) -> Response:
    shown = presenter()
    facts: Mapping[str, Sequence[Shown]] = {
        key: [
            _resource(shown, known, key, value)
            if isinstance(value, NamedNode)
            else shown.literal(value)
            for value in known.values(known.dataset, name)
        ]
        for key, name in _SHOWN.items()
    }
    return page(
        "dataset.html",
        shown,
        title=known.text(known.dataset, "dcterms:title", shown.language),
        about_data=known.text(known.dataset, "dcterms:description", shown.language),
        contact=_contact(known),
        facts={key: values for key, values in facts.items() if values},
        iri=known.dataset.value,
        alternates=alternates,
        json_ld=_json_ld(known),
    )


def _resource(shown: Presenter, known: Description, key: str, resource: NamedNode) -> Shown:
    """Return a resource with its link; the files and the endpoint are had at this host."""
    if key in {"dumps", "endpoint"}:
        path = resource.value.removeprefix(known.site.settings.base)
        return Shown(resource.value, resource.value, f"{shown.root}/{path}")
    return shown.resource(resource.value, _labels(known, resource))


def _labels(known: Description, resource: NamedNode) -> Sequence[Literal]:
    labels = known.values(resource, "rdfs:label")
    return [each for each in labels if isinstance(each, Literal)]


def _contact(known: Description) -> str:
    point = description.part(known.site.settings.base, "contact")
    found = known.values(point, "vcard:hasEmail") or known.values(point, "vcard:hasURL")
    return found[0].value


def _json_ld(known: Description) -> Mapping[str, object]:
    """Return the description as schema.org has it (the dataset register of NDE reads this)."""
    this, base = known.dataset, known.site.settings.base
    publisher = known.values(this, "dcterms:publisher")[0]
    name = known.text(NamedNode(publisher.value), "foaf:name")
    contact = {"@type": "ContactPoint", "name": name, "url": _contact(known)}
    if contact["url"].startswith("mailto:"):
        contact["email"] = contact.pop("url").removeprefix("mailto:")
    organization = {
        "@type": "Organization",
        "@id": publisher.value,
        "name": name,
        "identifier": publisher.value,
        "contactPoint": contact,
    }
    period = NamedNode(f"{base}dataset#periode")
    days = [known.text(period, key) for key in ("dcat:startDate", "dcat:endDate")]
    content: dict[str, object] = {
        "@context": schema_org.CONTEXT,
        "@type": "Dataset",
        "@id": this.value,
        "identifier": this.value,
        "url": this.value,
        "name": known.text(this, "dcterms:title"),
        "description": known.text(this, "dcterms:description"),
        "license": known.values(this, "dcterms:license")[0].value,
        "publisher": organization,
        "creator": organization,
        "inLanguage": ["nl", "en"],
        "keywords": [each.value for each in known.values(this, "dcat:keyword")],
        "spatialCoverage": [each.value for each in known.values(this, "dcterms:spatial")],
        "temporalCoverage": "/".join(days) if all(days) else "",
        "version": known.text(this, "dcat:version"),
        "datePublished": known.text(this, "dcterms:issued"),
        "dateModified": known.text(this, "dcterms:modified"),
        "includedInDataCatalog": description.part(base, "catalogus").value,
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": url.value,
                "encodingFormat": known.text(NamedNode(kind.value), "rdfs:label"),
                "name": known.text(NamedNode(each.value), "dcterms:title"),
            }
            for each in known.values(this, "dcat:distribution")
            for url in known.values(NamedNode(each.value), "dcat:accessURL")
            for kind in known.values(NamedNode(each.value), "dcat:mediaType")
        ],
    }
    return {key: value for key, value in content.items() if value}
