"""pyshacl as the judge of a validation: the slower engine that every validation is held to."""

from collections.abc import Iterator, Sequence

import pyshacl
import rdflib
from pyoxigraph import Literal, NamedNode
from rdflib import SH

from raadgraaf.resources import listing
from raadgraaf.validation import Report

Key = tuple[str, str, str, str, str]
"""Focus node, path, value, shape and severity."""


def disagreements(report: Report, data: bytes) -> Sequence[str]:
    """Return what only one of the engines finds in N-Triples, each in a sentence."""
    theirs, _ = judged(data, shapes())
    ours = {
        (each.focus, each.path, each.value, each.shape, each.severity) for each in report.findings
    }
    return [
        *(f"Only pyshacl finds: {' '.join(filter(None, key))}" for key in sorted(theirs - ours)),
        *(f"Only pyshifty finds: {' '.join(filter(None, key))}" for key in sorted(ours - theirs)),
    ]


def shapes() -> rdflib.Graph:
    """Return the shapes that ship with the package."""
    graph = rdflib.Graph()
    for file in listing(".ttl", "shapes"):
        graph.parse(data=file.read_bytes(), format="turtle")
    return graph


def judged(data: bytes, shapes_graph: rdflib.Graph) -> tuple[set[Key], set[str]]:
    """Return what pyshacl finds, and how it says so."""
    rdflib.NORMALIZE_LITERALS = False  # each validation by pyshacl ends in setting it
    graph = rdflib.Graph().parse(data=data, format="nt")
    _, results, _ = pyshacl.validate(
        graph, shacl_graph=shapes_graph, inference="none", advanced=False, inplace=True
    )
    return set(keys(results)), {str(each) for each in results.objects(None, SH.resultMessage)}


def keys(results: rdflib.Graph) -> Iterator[Key]:
    """Yield the results of a report."""
    for result in results.objects(None, SH.result):
        path = results.value(result, SH.resultPath)
        severity = str(results.value(result, SH.resultSeverity)).removeprefix(str(SH))
        yield (
            str(results.value(result, SH.focusNode)),
            str(path) if isinstance(path, rdflib.URIRef) else "",
            printed(results.value(result, SH.value)),
            str(results.value(result, SH.sourceShape)),
            severity,
        )


def printed(term: rdflib.term.Node | None) -> str:
    """Return an IRI or literal in N-Triples form, and nothing for anything else."""
    if isinstance(term, rdflib.Literal):
        datatype = NamedNode(term.datatype) if term.datatype and not term.language else None
        return str(Literal(str(term), language=term.language, datatype=datatype))
    return str(NamedNode(term)) if isinstance(term, rdflib.URIRef) else ""
