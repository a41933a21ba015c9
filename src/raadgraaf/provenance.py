"""Provenance of graphs (PROV-O): what was read, by which loader, and which version it replaced."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import __version__
from raadgraaf.namespaces import RDF_TYPE, RDFS_LABEL, iri

OWN_GRAPHS = frozenset(
    {
        "afgeleid",
        "begrippen",
        "beschrijving",
        "herkomst",
        "ontologie",
        "rapport",
        "vormen",
        "zoekvragen",
    }
)
"""First parts of the keys of graphs that are made anew with each release."""

SOFTWARE = NamedNode(f"https://w3id.org/raadgraaf/software/{__version__}")


@dataclass(frozen=True, slots=True)
class GraphContent:
    """A graph as a loader made it, ready to be written."""

    key: str
    """Where it stands below `{base}graph/`, such as `bron/gm0299-toezeggingenlijst`; or the
    absolute IRI of a graph elsewhere; or nothing for the default graph of a plain store."""
    triples: Iterable[Triple]
    """Its statements; a stream may be read once."""
    source: str
    """The name of the file it was read from."""
    digest: str
    """The SHA-256 of that file."""
    loader: str
    keeps_rows: bool = False
    """Whether rows of its version before that it lacks are kept, with a note."""
    named_after_file: bool = False
    """Whether the key is but the name of the file, which a file elsewhere may have, too."""

    def iri(self, base: str) -> str:
        """Return the IRI of the graph, the same for every version of its document."""
        return self.key if ":" in self.key or not self.key else f"{base}graph/{self.key}"


def graph_of(graph: str, base: str) -> str:
    """Return the IRI of the graph that holds the provenance of a graph."""
    return f"{base}graph/herkomst/{_name(graph, base).removeprefix('bron/')}"


def version_of(graph: str, digest: str, base: str) -> str:
    """Return the IRI at which a version of a graph stands once it has been replaced."""
    return f"{base}graph/{_name(graph, base)}/v/{digest[:12]}"


def is_own(graph: str, base: str) -> bool:
    """Tell whether a graph is made by raadgraaf itself, or is a version that has been replaced."""
    prefix = f"{base}graph/"
    key = graph.removeprefix(prefix)
    return graph.startswith(prefix) and (key.partition("/")[0] in OWN_GRAPHS or "/v/" in key)


def _name(graph: str, base: str) -> str:
    """Return the key of a graph below `{base}graph/`; for one elsewhere it is a digest."""
    prefix = f"{base}graph/"
    if graph.startswith(prefix):
        return graph.removeprefix(prefix)
    return f"elders/{hashlib.sha256(graph.encode()).hexdigest()[:16]}"


def describe(content: GraphContent, base: str) -> Iterator[Triple]:
    """Yield how a graph came to be."""
    graph = NamedNode(content.iri(base))
    name = _name(graph.value, base)
    activity = NamedNode(f"{base}id/activiteit/{name}/{content.digest[:12]}")
    yield Triple(graph, RDF_TYPE, iri("prov:Entity"))
    yield Triple(graph, RDFS_LABEL, Literal(f"Graaf {name}", language="nl"))
    yield Triple(graph, RDFS_LABEL, Literal(f"Graph {name}", language="en"))
    yield Triple(graph, iri("prov:wasGeneratedBy"), activity)
    yield Triple(activity, RDF_TYPE, iri("prov:Activity"))
    yield Triple(activity, RDFS_LABEL, Literal(f"Inlezen van {content.source}", language="nl"))
    yield Triple(activity, RDFS_LABEL, Literal(f"Loading of {content.source}", language="en"))
    yield Triple(activity, iri("dcterms:type"), Literal(content.loader))
    yield Triple(activity, iri("dcterms:source"), Literal(content.source))
    yield Triple(activity, iri("dcterms:identifier"), Literal(f"sha256:{content.digest}"))
    yield Triple(activity, iri("prov:wasAssociatedWith"), SOFTWARE)
    yield Triple(SOFTWARE, RDF_TYPE, iri("prov:SoftwareAgent"))
    yield Triple(SOFTWARE, RDFS_LABEL, Literal(f"raadgraaf {__version__}"))


def source_of(triples: Iterable[Triple], graph: str) -> str | None:
    """Return the name of the file from which a graph was read, by its provenance."""
    said = list(triples)
    activities = {
        each.object
        for each in said
        if each.subject == NamedNode(graph) and each.predicate == iri("prov:wasGeneratedBy")
    }
    return next(
        (
            each.object.value
            for each in said
            if each.subject in activities
            and each.predicate == iri("dcterms:source")
            and isinstance(each.object, Literal)
        ),
        None,
    )


def of_version(triples: Iterable[Triple], graph: str, version: str) -> list[Triple]:
    """Return the provenance of a graph as that of a version that has been replaced."""
    current, replaced = NamedNode(graph), NamedNode(version)
    history = [
        Triple(replaced, each.predicate, each.object) if each.subject == current else each
        for each in triples
    ]
    return [*history, Triple(current, iri("prov:wasRevisionOf"), replaced)]
