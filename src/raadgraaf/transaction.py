"""The one way to write: lock, graph files, rules, gate, release.

Whatever is loaded takes the same steps (ARCHITECTURE, 2). Until the new release is committed
the old one answers and nothing else has changed; repeating a load changes nothing twice.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import DefaultGraph, Quad, QueryTriples, Triple

from raadgraaf import __version__, graphfiles, provenance, reasoning, releases, validation
from raadgraaf.config import MEBIBYTE, Settings
from raadgraaf.errors import Busy, DiskFull, Inconsistent, InputError, ValidationRefused
from raadgraaf.graphfiles import GraphFile
from raadgraaf.provenance import GraphContent
from raadgraaf.reasoning import Reasoning
from raadgraaf.releases import Manifest, Release
from raadgraaf.resources import listing
from raadgraaf.store import EmbeddedStore
from raadgraaf.terms import read_turtle
from raadgraaf.validation import DataGraph, Report

Progress = Callable[[str], None]
"""Is told each step as it begins."""

SPARE_DISK = 200 * MEBIBYTE
REASONED_STATEMENTS = 50_000
"""Statements up to which HermiT is asked at publication; above, `validate --owl` does it."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What was found out about a set of graphs before its release."""

    report: Report
    reasoning: Reasoning | None
    """Nothing where HermiT was not asked."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load did."""

    release: Release
    changed: bool
    graphs: tuple[tuple[str, str], ...]
    """Each graph that was given, with its state: new, changed or unchanged."""
    checks: Checks | None
    """Nothing where nothing changed: the checks of the release still hold."""


def load(
    settings: Settings,
    contents: Sequence[GraphContent],
    *,
    rebuild: bool = False,
    reason: bool = True,
    now: datetime | None = None,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Bring graphs into the home as a new release and return what changed.

    Graphs that are not given stay as they are. A Violation, a contradiction or any other error
    refuses all of it.
    """
    home = settings.home
    with _writing(home):
        before = _current_manifest(settings)
        _require_disk(home)
        progress("Writing graph files")
        manifest = _with_sources(settings, contents, before)
        given = {content.iri(settings.base) for content in contents}
        states = tuple(
            (graph, state) for graph, state in releases.changes(before, manifest) if graph in given
        )
        if before and not rebuild and _sources(before) == _sources(manifest):
            return Outcome(releases.current(home), changed=False, graphs=states, checks=None)
        progress("Deriving and validating")
        manifest, checks = _checked(settings, manifest, reason=reason)
        progress("Building the release")
        published = {
            "published": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
            "findings": checks.report.counts(),
            "reasoning": str(checks.reasoning.summary if checks.reasoning else "not run"),
        }
        number = releases.next_number(home)
        release = releases.build(home, number, manifest, published)
        releases.prune(home, settings.releases_kept)
        return Outcome(release, changed=True, graphs=states, checks=checks)


def check(settings: Settings, contents: Sequence[GraphContent], *, reason: bool) -> Checks:
    """Return the checks that a load of these graphs would meet; nothing is published."""
    with _writing(settings.home):
        manifest = _with_sources(settings, contents, _current_manifest(settings))
        _, checks = _judged(settings, manifest, reason=reason)
        releases.recover(settings.home)
        return checks


def roll_back(home: Path, number: int | None = None) -> Release:
    """Make an earlier release the current one: the given one, or the one before it."""
    releases.current(home)
    with _writing(home):
        now = releases.current(home).number
        earlier = [each.number for each in releases.kept_releases(home) if each.number < now]
        if number is None and not earlier:
            raise InputError(f"Release {now} is the oldest that is kept: nothing to go back to.")
        target = releases.release(home, earlier[-1] if number is None else number)
        releases.switch(home, target.number)
        return target


@contextmanager
def _writing(home: Path) -> Iterator[None]:
    """Hold the writer lock of a home, with what an earlier writer left behind put right."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                f"Another process is writing in {home}. Wait until it is done and try again."
            ) from None
        (home / "releases").mkdir(exist_ok=True)
        releases.recover(home)
        yield


def _current_manifest(settings: Settings) -> Manifest | None:
    if releases.current_number(settings.home) is None:
        return None
    manifest = releases.current(settings.home).manifest
    if manifest.base != settings.base:
        raise InputError(
            f"{settings.home} holds data with the base {manifest.base}, not {settings.base}. "
            "Set RAADGRAAF_BASE to the former, or take another folder with --home."
        )
    return manifest


def _require_disk(home: Path) -> None:
    last = home / "current"
    size = sum(file.stat().st_size for file in last.rglob("*")) if last.exists() else 0
    free = shutil.disk_usage(home).free
    if free < size + SPARE_DISK:
        raise DiskFull(
            f"{home} has {free // MEBIBYTE} MiB free; a release needs "
            f"{(size + SPARE_DISK) // MEBIBYTE} MiB. Free some space; nothing has been changed."
        )


def _sources(manifest: Manifest) -> tuple[str, dict[str, str]]:
    """Return what decides a release: all that is not derived from the rest."""
    derived = {f"{manifest.base}graph/{key}" for key in ("afgeleid", "rapport")}
    files = {file.graph: file.digest for file in manifest.graphs if file.graph not in derived}
    return manifest.software, files


def _with_sources(
    settings: Settings, contents: Sequence[GraphContent], before: Manifest | None
) -> Manifest:
    """Return the manifest with the given graphs, their provenance and the model in place."""
    home, base = settings.home, settings.base
    graphs = {file.graph: file for file in before.graphs} if before else {}
    for content in contents:
        file = graphfiles.write(home, content.iri(base), content.triples)
        old = graphs.get(file.graph)
        if old == file:
            continue
        origin = provenance.graph_of(content, base)
        history: list[Triple] = []
        if old:
            version = f"{old.graph}/v/{old.digest[:12]}"
            graphs[version] = graphfiles.write(
                home, version, graphfiles.read(home, old), public=False
            )
            history = provenance.of_version(
                graphfiles.read(home, graphs[origin]), file.graph, version
            )
        triples = [*provenance.describe(content, base), *history]
        graphs[origin] = graphfiles.write(home, origin, triples)
        graphs[file.graph] = file
    for key, triples in _model(base):
        graphs[f"{base}graph/{key}"] = graphfiles.write(home, f"{base}graph/{key}", triples)
    ordered = tuple(graphs[graph] for graph in sorted(graphs))
    return Manifest(base, f"{__version__}+{_rules_digest()}", ordered)


def _model(base: str) -> Iterator[tuple[str, list[Triple]]]:
    """Yield the graphs of the ontology, the concepts and the shapes."""
    files = list(listing(".ttl", "ontology"))
    concepts = [file for file in files if file.name == "concepts.ttl"]
    terms = [file for file in files if file.name != "concepts.ttl"]
    shapes = list(listing(".ttl", "shapes"))
    for key, members in (("ontologie", terms), ("begrippen", concepts), ("vormen", shapes)):
        yield (
            key,
            [
                triple
                for file in members
                for triple in read_turtle(file.read_bytes(), file.name, base, f"{key}-{file.name}")
            ],
        )


def _rules_digest() -> str:
    digest = hashlib.sha256()
    for rule in listing(".rq", "rules"):
        digest.update(rule.read_bytes())
    return digest.hexdigest()[:12]


def _checked(settings: Settings, manifest: Manifest, *, reason: bool) -> tuple[Manifest, Checks]:
    """Return the manifest with its derived graphs, or refuse it."""
    manifest, checks = _judged(settings, manifest, reason=reason)
    report = f"{manifest.base}graph/rapport"
    triples = list(checks.report.triples(manifest.base))
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
    return _put(manifest, graphfiles.write(settings.home, report, triples, public=False)), checks


def _judged(settings: Settings, manifest: Manifest, *, reason: bool) -> tuple[Manifest, Checks]:
    """Return the manifest with what the rules derive, and what shapes and reasoner find."""
    home, base = settings.home, manifest.base
    derived = f"{base}graph/afgeleid"
    manifest = replace(
        manifest, graphs=tuple(file for file in manifest.graphs if file.graph != derived)
    )
    shapes = f"{base}graph/vormen"
    public = [file for file in manifest.graphs if file.public and file.graph != shapes]
    triples = derive(b"".join(graphfiles.merge(home, public)))
    file = graphfiles.write(home, derived, triples)
    data = b"".join(graphfiles.merge(home, [*public, file]))
    with ThreadPoolExecutor(max_workers=1) as pool:
        wanted = reason and sum(each.statements for each in public) <= REASONED_STATEMENTS
        future = pool.submit(reasoning.check, data) if wanted else None
        report = validation.validate(DataGraph().parse(data=data, format="nt"), validation.shapes())
        checks = Checks(report, future.result() if future else None)
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
