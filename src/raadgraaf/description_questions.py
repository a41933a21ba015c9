"""The stored questions as data, each as `sh:SPARQLExecutable` (SHACL Advanced Features, 5.1).

Editors and other clients find them in the endpoint: the shape is that of SIB's sparql-examples.
"""

import re
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import catalogue
from raadgraaf.catalogue import Question
from raadgraaf.namespaces import PREFIXES, RDF_TYPE, RDFS_LABEL, iri

KEY = "zoekvragen"

_FORMS = {
    "ASK": ("sh:SPARQLAskExecutable", "sh:ask"),
    "CONSTRUCT": ("sh:SPARQLConstructExecutable", "sh:construct"),
    "SELECT": ("sh:SPARQLSelectExecutable", "sh:select"),
}


def questions(base: str) -> Iterator[Triple]:
    """Yield what the endpoint says of the questions of the library."""
    for name in sorted(catalogue.questions()):
        yield from _question(catalogue.question(name, base), base)


def prefixes(base: str) -> Iterator[Triple]:
    """Yield the prefixes of the questions, as `sh:declare`."""
    these = _prefixes(base)
    yield Triple(these, RDFS_LABEL, Literal("Prefixen", language="nl"))
    yield Triple(these, RDFS_LABEL, Literal("Prefixes", language="en"))
    for prefix, namespace in PREFIXES.items():
        declaration = NamedNode(f"{base}dataset#prefix-{prefix}")
        value = Literal(namespace, datatype=iri("xsd:anyURI"))
        yield Triple(these, iri("sh:declare"), declaration)
        yield Triple(declaration, iri("sh:prefix"), Literal(prefix))
        yield Triple(declaration, iri("sh:namespace"), value)


def _prefixes(base: str) -> NamedNode:
    return NamedNode(f"{base}dataset#prefixen")


def _question(question: Question, base: str) -> Iterator[Triple]:
    this = NamedNode(f"{base}zoekvragen/{question.name}")
    text = "".join(
        line for line in question.text.splitlines(keepends=True) if not line.startswith("#+")
    )
    form = re.search(r"(?m)^(ASK|CONSTRUCT|SELECT)\b", text)
    kind, property_ = _FORMS[form[1] if form else "SELECT"]
    yield Triple(this, RDF_TYPE, iri("sh:SPARQLExecutable"))
    yield Triple(this, RDF_TYPE, iri(kind))
    yield Triple(this, iri(property_), Literal(text))
    yield Triple(this, iri("sh:prefixes"), _prefixes(base))
    yield Triple(this, iri("schema:target"), NamedNode(f"{base}sparql"))
    for language in question.summary:
        summary = Literal(question.summary[language], language=language)
        yield Triple(this, RDFS_LABEL, summary)
        yield Triple(this, iri("rdfs:comment"), summary)
        description = Literal(question.description[language], language=language)
        yield Triple(this, iri("dcterms:description"), description)
    for tag in question.tags:
        yield Triple(this, iri("schema:keywords"), Literal(tag))
    for ending in ("csv", "json"):
        yield Triple(this, iri("rdfs:seeAlso"), NamedNode(f"{this.value}.{ending}"))
