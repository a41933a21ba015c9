"""The service description of the endpoint (SPARQL 1.1 Service Description)."""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from raadgraaf.namespaces import PREFIXES, RDF_TYPE, RDFS_LABEL, iri
from raadgraaf.server.media import JSON_LD, N_TRIPLES, RDF_XML, TURTLE
from raadgraaf.server.site import named
from raadgraaf.workers import QueryService

SD = "http://www.w3.org/ns/sparql-service-description#"
LICENCE = NamedNode("http://creativecommons.org/publicdomain/zero/1.0/")

GRAPHS_NAMED = 100
"""How many named graphs a description may list; it is read before every federated query."""

FORMATS = {
    TURTLE: RdfFormat.TURTLE,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    JSON_LD: RdfFormat.JSON_LD,
    N_TRIPLES: RdfFormat.N_TRIPLES,
    RDF_XML: RdfFormat.RDF_XML,
}
"""What the description is offered in; best first."""

_RESULT_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "JSON-LD",
    "N-Triples",
    "RDF_XML",
    "TriG",
    "N-Quads",
)


def describe(endpoint: str, service: QueryService, media_type: str) -> bytes:
    """Return the description of the endpoint that answers at this address."""
    triples = list(_triples(named(endpoint) or NamedNode("urn:x-raadgraaf:endpoint"), service))
    kind = FORMATS[media_type]
    statements: list[Triple] | list[Quad] = triples
    if kind.supports_datasets:
        statements = [Quad(each.subject, each.predicate, each.object) for each in triples]
    prefixes = {prefix: PREFIXES[prefix] for prefix in ("dcterms", "rdfs", "void")} | {"sd": SD}
    return serialize(statements, format=kind, prefixes=prefixes) or b""


def _triples(endpoint: NamedNode, service: QueryService) -> Iterator[Triple]:
    def sd(name: str) -> NamedNode:
        return NamedNode(SD + name)

    here = NamedNode(f"{endpoint.value}#service")
    dataset = NamedNode(f"{endpoint.value}#dataset")
    default = NamedNode(f"{endpoint.value}#default-graph")
    yield Triple(here, RDF_TYPE, sd("Service"))
    yield Triple(here, RDFS_LABEL, Literal("SPARQL-eindpunt van raadgraaf", language="nl"))
    yield Triple(here, RDFS_LABEL, Literal("SPARQL endpoint of raadgraaf", language="en"))
    yield Triple(here, sd("endpoint"), endpoint)
    yield Triple(here, sd("supportedLanguage"), sd("SPARQL11Query"))
    manifest = service.release().manifest
    if not manifest.plain:
        yield Triple(here, sd("feature"), sd("UnionDefaultGraph"))
    for name in _RESULT_FORMATS:
        yield Triple(here, sd("resultFormat"), NamedNode(f"http://www.w3.org/ns/formats/{name}"))
    yield Triple(here, iri("dcterms:license"), LICENCE)
    yield Triple(here, sd("defaultDataset"), dataset)
    yield Triple(dataset, RDF_TYPE, sd("Dataset"))
    yield Triple(dataset, iri("dcterms:license"), LICENCE)
    yield Triple(dataset, sd("defaultGraph"), default)
    yield Triple(default, RDF_TYPE, sd("Graph"))
    listed = [file for file in manifest.graphs if file.public and file.graph and file.statements]
    if len(listed) <= GRAPHS_NAMED:
        for file in listed:
            entry = NamedNode(f"{endpoint.value}#{file.digest[:12]}")
            graph = NamedNode(file.graph)
            yield Triple(dataset, sd("namedGraph"), entry)
            yield Triple(entry, RDF_TYPE, sd("NamedGraph"))
            yield Triple(entry, sd("name"), graph)
            yield Triple(entry, sd("graph"), graph)
            yield Triple(graph, RDF_TYPE, sd("Graph"))
            yield Triple(graph, iri("void:triples"), Literal(file.statements))
