"""The gate before a release: what the rules derive, what shapes and reasoner find, who passes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from pyoxigraph import DefaultGraph, Quad, QueryTriples, Triple

from raadgraaf import graphfiles, judge, reasoning, undefined_terms, validation
from raadgraaf.config import Settings
from raadgraaf.errors import Inconsistent, InputError, ValidationRefused
from raadgraaf.graphfiles import GraphFile
from raadgraaf.reasoning import Reasoning
from raadgraaf.releases import Manifest
from raadgraaf.resources import listing
from raadgraaf.store import EmbeddedStore
from raadgraaf.validation import Report

REASONED_STATEMENTS = 50_000
"""Statements up to which HermiT is asked at publication; above, `validate --owl` does it."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What was found out about a set of graphs before its release."""

    report: Report
    reasoning: Reasoning | None
    """Nothing where HermiT was not asked."""
    disagreements: Sequence[str] = ()
    """What only one of the two SHACL engines finds, where both were asked."""


def passed(settings: Settings, manifest: Manifest, *, reason: bool) -> tuple[Manifest, Checks]:
    """Return the manifest with its derived graphs, or refuse it."""
    manifest, checks = judged(settings, manifest, reason=reason)
    if manifest.plain:
        return manifest, checks
    if not checks.report.conforms:
        count = checks.report.counts()["Violation"]
        first = next(iter(checks.report.findings))
        raise ValidationRefused(
            f"{count} violation{'s' if count > 1 else ''} of the shapes; nothing has been changed. "
            f"The first: {first.focus}: {first.message('en')} ({first.shape})",
            checks.report,
        )
    if checks.reasoning and not checks.reasoning.consistent:
        raise Inconsistent(
            "The data contradicts the ontology; nothing has been changed. "
            + " ".join(checks.reasoning.explanations)
        )
    triples = list(checks.report.triples(manifest.base))
    report = f"{manifest.base}graph/rapport"
    return _put(manifest, graphfiles.write(settings.home, report, triples, public=False)), checks


def judged(
    settings: Settings, manifest: Manifest, *, reason: bool, twice: bool = False
) -> tuple[Manifest, Checks]:
    """Return the manifest with what the rules derive, and what shapes and reasoner find.

    Asked for `twice`, pyshacl validates, too.
    """
    if manifest.plain:
        return manifest, Checks(Report(()), None)
    home, base = settings.home, manifest.base
    derived = f"{base}graph/afgeleid"
    manifest = replace(
        manifest, graphs=tuple(file for file in manifest.graphs if file.graph != derived)
    )
    not_data = {f"{base}graph/{key}" for key in ("vormen", "zoekvragen")}
    public = [file for file in manifest.graphs if file.public and file.graph not in not_data]
    triples = derive(b"".join(graphfiles.merge(home, public)))
    file = graphfiles.write(home, derived, triples)
    data = b"".join(graphfiles.merge(home, [*public, file]))
    with ThreadPoolExecutor(max_workers=1) as pool:
        wanted = reason and sum(each.statements for each in public) <= REASONED_STATEMENTS
        future = pool.submit(reasoning.check, data) if wanted else None
        report = validation.validate(data, validation.shapes()) if settings.shacl else Report(())
        differing = judge.disagreements(report, data) if twice else ()
        if settings.shacl:
            report = report.also(undefined_terms.findings(data))
        checks = Checks(report, future.result() if future else None, differing)
    return _put(manifest, file), checks


def derive(data: bytes) -> list[Triple]:
    """Return what the rules construct from N-Triples, each seeing what those before it did."""
    store = EmbeddedStore.of_triples(data)
    derived: list[Triple] = []
    for rule in listing(".rq", "rules"):
        results = store.query(rule.read_text())
        if not isinstance(results, QueryTriples):
            raise InputError(f"The rule {rule.name} is not a CONSTRUCT query.")
        constructed = list(results)
        store.add(
            Quad(each.subject, each.predicate, each.object, DefaultGraph()) for each in constructed
        )
        derived += constructed
    return derived


def _put(manifest: Manifest, file: GraphFile) -> Manifest:
    graphs = {each.graph: each for each in manifest.graphs} | {file.graph: file}
    return replace(manifest, graphs=tuple(graphs[graph] for graph in sorted(graphs)))
