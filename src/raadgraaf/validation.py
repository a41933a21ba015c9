"""Validation of data against the shapes: the findings, and their W3C report as triples.

pyshifty does the work; the tests hold it to what pyshacl finds.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

# What `shifty` exports reads each report into rdflib: minutes, for one of 10,000 results
from shifty._shifty import PreparedValidator

from raadgraaf.errors import InputError
from raadgraaf.namespaces import PREFIXES, RDF_TYPE, RDFS_LABEL, iri
from raadgraaf.resources import listing
from raadgraaf.store import EmbeddedStore

Term = NamedNode | BlankNode | Literal | Triple

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

    def also(self, findings: Iterable[Finding]) -> "Report":
        """Return the report with more findings."""
        return Report(_ordered((*self.findings, *findings)))

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


class Shapes:
    """Shapes, read and planned once, to validate any number of graphs."""

    def __init__(self, documents: Iterable[bytes]) -> None:
        """Read Turtle documents; one that the engine does not understand is refused."""
        triples = [
            quad.triple
            for document in documents
            for quad in parse(document, format=RdfFormat.TURTLE, rename_blank_nodes=True)
        ]
        try:
            self._engine = PreparedValidator(_lines(_narrowed(triples)), None, "nt")
        except ValueError as error:
            raise InputError(f"The shapes cannot be used: {error}") from None
        self.messages = _templates(triples)
        """What each shape says of what it refuses, by shape."""
        _require_none(self._engine.diagnostics)

    def report(self, data: bytes) -> bytes:
        """Return the W3C report on N-Triples, in Turtle."""
        try:
            result = self._engine.validate_w3c(
                data,
                data_format="nt",
                graph_mode="data",  # or the shapes count as data, too
                run_infer=False,
                sort_results=False,
                on_unsupported="error",
            )
        except ValueError as error:
            raise InputError(f"The data cannot be validated: {error}") from None
        _require_none(result.diagnostics)
        return result.report_turtle.encode()


def _lines(triples: Iterable[Triple]) -> bytes:
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""


def _templates(triples: Sequence[Triple]) -> Mapping[Term, list[Literal]]:
    constraints: dict[Term, Term] = {
        triple.object: triple.subject for triple in triples if triple.predicate == iri("sh:sparql")
    }
    found: dict[Term, list[Literal]] = defaultdict(list)
    for triple in triples:
        if triple.predicate == iri("sh:message") and isinstance(triple.object, Literal):
            found[constraints.get(triple.subject, triple.subject)].append(triple.object)
    return found


def _require_none(diagnostics: Sequence[str]) -> None:
    """Refuse to pass data by a shape that was not looked at."""
    if diagnostics:
        raise InputError(f"A shape was left out of the validation: {'; '.join(diagnostics)}")


@cache
def shapes() -> Shapes:
    """Return the shapes that ship with the package."""
    return Shapes(file.read_bytes() for file in listing(".ttl", "shapes"))


# Node shapes that do nothing but refuse texts: one sh:not sh:pattern, on properties they target
_REFUSERS = """
SELECT ?node ?pattern ?property
WHERE {
  ?node sh:property ?shape .
  ?shape sh:path/sh:alternativePath ?properties ;
    sh:not ?refused .
  ?refused sh:pattern ?pattern .
  ?properties rdf:rest*/rdf:first ?property .
  FILTER NOT EXISTS {
    ?node ?said ?value .
    FILTER(?said NOT IN (rdf:type, rdfs:label, sh:property, sh:targetSubjectsOf))
  }
  FILTER NOT EXISTS {
    ?shape ?said ?value .
    FILTER(?said NOT IN (rdf:type, sh:message, sh:name, sh:not, sh:path, sh:severity))
    FILTER(?said != sh:description)
  }
  FILTER NOT EXISTS { ?refused ?said ?value FILTER(?said != sh:pattern) }
  FILTER NOT EXISTS { ?node sh:property ?second FILTER(?second != ?shape) }
  FILTER NOT EXISTS { ?shape sh:not ?second FILTER(?second != ?refused) }
  FILTER NOT EXISTS {
    ?properties rdf:rest*/rdf:first ?untargeted
    FILTER NOT EXISTS { ?node sh:targetSubjectsOf ?untargeted }
  }
}
ORDER BY ?node ?property
"""


def _narrowed(triples: Sequence[Triple]) -> Iterator[Triple]:
    """Yield shapes of which those that refuse texts target only what has such a text.

    The results are the same. pyshifty 0.5 compiles a pattern for every value, half a millisecond
    each, yet a target's only once (SHACL Advanced Features, 3.1).
    """
    store = EmbeddedStore.of_triples(_lines(triples))
    prefixes = "".join(f"PREFIX {prefix}: <{name}>\n" for prefix, name in PREFIXES.items())
    rows = store.query(prefixes + _REFUSERS)
    found = defaultdict(list)
    for row in rows if isinstance(rows, QuerySolutions) else ():
        found[row["node"], row["pattern"]].append(row["property"])
    narrowed = {node for node, _ in found}
    for triple in triples:
        if triple.subject not in narrowed or triple.predicate != iri("sh:targetSubjectsOf"):
            yield triple
    for (node, pattern), properties in found.items():
        choice = " ".join(str(each) for each in properties)
        select = (
            f"SELECT DISTINCT ?this WHERE {{ VALUES ?property {{ {choice} }} "
            f"?this ?property ?value FILTER(REGEX(STR(?value), {pattern})) }}"
        )
        target = BlankNode()
        yield Triple(node, iri("sh:target"), target)
        yield Triple(target, RDF_TYPE, iri("sh:SPARQLTarget"))
        yield Triple(target, iri("sh:select"), Literal(select))


def validate(data: bytes, against: Shapes) -> Report:
    """Return the findings of N-Triples, which hold their ontology too, gravest first."""
    results: dict[object, dict[str, list[Term]]] = {}
    said = [quad.triple for quad in parse(against.report(data), format=RdfFormat.TURTLE)]
    for triple in said:
        if triple.predicate == iri("sh:result"):
            results[triple.object] = defaultdict(list)
    for triple in said:
        if triple.subject in results:
            name = triple.predicate.value.removeprefix(PREFIXES["sh"])
            results[triple.subject][name].append(triple.object)
    # A value that fails two constraints of one shape is one finding
    findings = {_finding(result, against.messages) for result in results.values()}
    return Report(_ordered(findings))


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda each: (_gravity(each), each)))


def _gravity(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


def _finding(
    result: Mapping[str, Sequence[Term]], templates: Mapping[Term, list[Literal]]
) -> Finding:
    path, value = (next(iter(result.get(name, ())), None) for name in ("resultPath", "value"))
    [severity], [shape], [focus] = (
        result[name] for name in ("resultSeverity", "sourceShape", "focusNode")
    )
    return Finding(
        severity=_text(severity).removeprefix(PREFIXES["sh"]),
        shape=_text(shape),
        focus=_text(focus),
        path=path.value if isinstance(path, NamedNode) else "",
        value=str(value) if isinstance(value, NamedNode | Literal) else "",
        messages=_messages(templates.get(shape, ()), result.get("resultMessage", ())),
    )


def _text(term: Term) -> str:
    return str(term) if isinstance(term, Triple) else term.value


def _messages(templates: Sequence[Literal], said: Sequence[Term]) -> tuple[tuple[str, str], ...]:
    """Give each message the language of the template that it was made from.

    The engine drops the language of a message whose placeholders it filled in.
    """
    printed = sorted(each.value for each in said if isinstance(each, Literal))
    found: dict[str, str] = {}
    for template in templates:
        parts = re.split(r"\{[?$]\w+\}", template.value)
        pattern = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
        text = next((each for each in printed if pattern.fullmatch(each)), None)
        if text is not None:
            found.setdefault(template.language or "en", text)
    return tuple(sorted(found.items(), reverse=True)) or (("en", "".join(printed[:1])),)
