"""Every prefix, once; Turtle, questions and pages bind from here."""

from pyoxigraph import NamedNode

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rg": "https://w3id.org/raadgraaf/def#",
    "rgs": "https://w3id.org/raadgraaf/shapes#",
    "rgt": "https://w3id.org/raadgraaf/thes/",
    "schema": "http://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "tooiont": "https://identifier.overheid.nl/tooi/def/ont/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void": "http://rdfs.org/ns/void#",
    "void-ext": "http://ldf.fi/void-ext#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def iri(curie: str) -> NamedNode:
    """Return the IRI of a name with a prefix of ours, such as `rg:Passage`."""
    prefix, _, name = curie.partition(":")
    return NamedNode(PREFIXES[prefix] + name)


RDF_TYPE = iri("rdf:type")
RDFS_LABEL = iri("rdfs:label")
