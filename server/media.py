"""The serializations that are offered: their media types, and their short names in addresses."""

from raadgraaf.server.negotiation import HTML

JSON = "application/sparql-results+json"
TURTLE = "text/turtle"
JSON_LD = "application/ld+json"
N_TRIPLES = "application/n-triples"
RDF_XML = "application/rdf+xml"
TRIG = "application/trig"
N_QUADS = "application/n-quads"

RESULTS = {
    JSON: JSON,
    "application/sparql-results+xml": "application/sparql-results+xml",
    "text/csv": "text/csv",
    "text/tab-separated-values": "text/tab-separated-values",
    "application/json": JSON,
    "application/xml": "application/sparql-results+xml",
}
"""Media types of results, each with the one that serializes it; best first."""

RESULTS_PAGE = JSON
GRAPH_PAGE = N_TRIPLES
"""What results and graphs are asked in when they become a table."""

GRAPHS = {
    TURTLE: TURTLE,
    JSON_LD: JSON_LD,
    N_TRIPLES: N_TRIPLES,
    RDF_XML: RDF_XML,
    TRIG: TRIG,
    N_QUADS: N_QUADS,
    "application/json": JSON_LD,
    "application/xml": RDF_XML,
}
"""Media types of graphs, each with the one that serializes it; best first."""

FORMATS = {
    "html": (HTML,),
    "json": (JSON, JSON_LD),
    "xml": ("application/sparql-results+xml", RDF_XML),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
    "ttl": (TURTLE,),
    "turtle": (TURTLE,),
    "jsonld": (JSON_LD,),
    "nt": (N_TRIPLES,),
    "rdf": (RDF_XML,),
    "trig": (TRIG,),
    "nq": (N_QUADS,),
}
"""Values of `?format=`, each with what it accepts."""

SUFFIXES = {
    "ttl": TURTLE,
    "jsonld": JSON_LD,
    "nt": N_TRIPLES,
    "rdf": RDF_XML,
    "trig": TRIG,
    "nq": N_QUADS,
    "html": HTML,
}
"""Endings of addresses of descriptions."""

DESCRIPTIONS = (HTML, TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS, "application/json")
"""What a description is offered in; best first."""


def content_type(media_type: str) -> str:
    """Return the Content-Type of a media type: text says that it is UTF-8."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def split_suffix(path: str) -> tuple[str, str | None]:
    """Return an address without its ending, and the media type that the ending asks for."""
    stem, dot, ending = path.rpartition(".")
    if dot and ending in SUFFIXES:
        return stem, SUFFIXES[ending]
    return path, None
