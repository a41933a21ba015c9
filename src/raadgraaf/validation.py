"""Validation of data against the shapes: the findings, and their W3C report as triples."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pyshacl
import rdflib
from pyoxigraph import Literal, NamedNode, Triple
from rdflib import RDF, SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query

from raadgraaf.namespaces import RDF_TYPE, RDFS_LABEL, iri
from raadgraaf.resources import listing

SEVERITIES = ("Violation", "Warning", "Info")
"""The severities of SHACL (2.1.4), gravest first."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One validation result (SHACL, 3.6.2)."""

    severity: str
    shape: str
    focus: str
    path: str
    """The IRI of the property, or nothing for a node shape or a longer path."""
    value: str
    """The value in N-Triples form, or nothing."""
    messages: tuple[tuple[str, str], ...]
    """Pairs of language and message, Dutch first where there is one."""

    def message(self, language: str) -> str:
        """Return the message in a language, or in whatever there is."""
        messages = dict(self.messages)
        return messages.get(language) or next(iter(messages.values()), "")


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a validation."""

    findings: tuple[Finding, ...]

    @property
    def conforms(self) -> bool:
        """Whether there is no Violation; Warnings and Infos do not refuse data."""
        return not any(finding.severity == "Violation" for finding in self.findings)

    def counts(self) -> Mapping[str, int]:
        """Return how many findings there are of each severity."""
        return {
            severity: sum(finding.severity == severity for finding in self.findings)
            for severity in SEVERITIES
        }

    def triples(self, base: str) -> Iterable[Triple]:
        """Yield the report as a `sh:ValidationReport` of named results (SHACL, 3.6)."""
        report = NamedNode(f"{base}id/rapport/shacl")
        yield Triple(report, RDF_TYPE, iri("sh:ValidationReport"))
        yield Triple(report, RDFS_LABEL, Literal("Validatierapport", language="nl"))
        yield Triple(report, RDFS_LABEL, Literal("Validation report", language="en"))
        yield Triple(report, iri("sh:conforms"), Literal(self.conforms))
        for finding in self.findings:
            key = "|".join((finding.shape, finding.focus, finding.path, finding.value))
            node = NamedNode(f"{base}id/bevinding/{hashlib.sha256(key.encode()).hexdigest()[:16]}")
            yield Triple(report, iri("sh:result"), node)
            yield Triple(node, RDF_TYPE, iri("sh:ValidationResult"))
            yield Triple(node, iri("sh:resultSeverity"), iri(f"sh:{finding.severity}"))
            yield Triple(node, iri("sh:sourceShape"), NamedNode(finding.shape))
            if finding.focus.startswith("http"):
                yield Triple(node, iri("sh:focusNode"), NamedNode(finding.focus))
            if finding.path:
                yield Triple(node, iri("sh:resultPath"), NamedNode(finding.path))
            for language, message in finding.messages:
                text = Literal(message, language=language)
                yield Triple(node, iri("sh:resultMessage"), text)
                yield Triple(node, RDFS_LABEL, text)


class DataGraph(rdflib.Graph):
    """A graph that parses a query text once, however often pyshacl asks it."""

    def query(
        self, query_object: str | Query, *arguments: object, **named: object
    ) -> rdflib.query.Result:
        """Return the results of a query."""
        prepared = _prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(prepared, *arguments, **named)  # type: ignore[arg-type]  # likewise


@cache
def _prepared(text: str) -> Query:
    return prepareQuery(text)


@cache
def shapes() -> rdflib.Graph:
    """Return the shapes that ship with the package."""
    graph = rdflib.Graph()
    for file in listing(".ttl", "shapes"):
        graph.parse(data=file.read_bytes(), format="turtle")
    return graph


def validate(data: rdflib.Graph, shapes_graph: rdflib.Graph) -> Report:
    """Return the findings of data, which holds its ontology too, gravest first.

    The data graph must not be used by others meanwhile: pyshacl works in it. A `DataGraph` makes
    it faster.
    """
    _, results, _ = pyshacl.validate(
        data, shacl_graph=shapes_graph, inference="none", advanced=False, inplace=True
    )
    findings = (
        _finding(results, node, shapes_graph)
        for node in results.subjects(RDF.type, SH.ValidationResult)
    )
    return Report(tuple(sorted(findings, key=lambda each: (_gravity(each), each))))


def _gravity(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


def _finding(results: rdflib.Graph, node: rdflib.term.Node, shapes_graph: rdflib.Graph) -> Finding:
    shape = results.value(node, SH.sourceShape)
    path = results.value(node, SH.resultPath)
    value = results.value(node, SH.value)
    constraint = results.value(node, SH.sourceConstraint)
    printed = [str(message) for message in results.objects(node, SH.resultMessage)]
    templates = [
        message
        for source in (constraint, shape)
        if source is not None
        for message in shapes_graph.objects(source, SH.message)
        if isinstance(message, rdflib.Literal)
    ]
    return Finding(
        severity=str(results.value(node, SH.resultSeverity)).removeprefix(str(SH)),
        shape=str(shape),
        focus=str(results.value(node, SH.focusNode)),
        path=str(path) if isinstance(path, rdflib.URIRef) else "",
        value=value.n3() if isinstance(value, rdflib.URIRef | rdflib.Literal) else "",
        messages=_messages(templates, printed),
    )


def _messages(
    templates: Sequence[rdflib.Literal], printed: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Give each printed message the language of the template that it was made from.

    pyshacl drops the language of a message whose placeholders it filled in.
    """
    found: dict[str, str] = {}
    for template in templates:
        parts = re.split(r"\{[?$]\w+\}", str(template))
        pattern = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
        text = next((each for each in printed if pattern.fullmatch(each)), str(template))
        found.setdefault(template.language or "en", text)
    if not found:
        found["en"] = printed[0] if printed else ""
    return tuple(sorted(found.items(), reverse=True))
