"""The one way to write: lock, graph files, rules, gate, release.

Whatever is loaded takes the same steps (ARCHITECTURE, 2). Until the new release is committed
the old one answers and nothing else has changed; repeating a load changes nothing twice.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Triple

from raadgraaf import (
    __version__,
    description,
    description_questions,
    erased,
    gate,
    graphfiles,
    provenance,
    releases,
    rowchanges,
)
from raadgraaf.config import MEBIBYTE, Settings
from raadgraaf.errors import Busy, DiskFull, InputError
from raadgraaf.gate import Checks
from raadgraaf.graphfiles import GraphFile
from raadgraaf.provenance import GraphContent
from raadgraaf.releases import Manifest, Release
from raadgraaf.resources import listing
from raadgraaf.rowchanges import RowChanges
from raadgraaf.terms import read_turtle

Progress = Callable[[str], None]
"""Is told each step as it begins."""

SPARE_DISK = 200 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load did."""

    release: Release
    changed: bool
    graphs: tuple[tuple[str, str], ...]
    """Each graph that was given, with its state: new, changed or unchanged."""
    checks: Checks | None
    """Nothing where nothing changed: the checks of the release still hold."""
    dropped: int = 0
    """Statements that were left out or masked, because what they are about was erased."""
    rows: tuple[tuple[str, RowChanges], ...] = ()
    """How the rows of each register that was given differ from those before."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a load would do."""

    graphs: tuple[tuple[str, str], ...]
    """Each graph that was given, with its state: new, changed or unchanged."""
    checks: Checks
    rows: tuple[tuple[str, RowChanges], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of some graphs; all others stay as they are."""

    contents: Sequence[GraphContent] = ()
    """Graphs to be put in the place of those of the same IRI."""
    removed: Set[str] = frozenset()
    """The IRIs of graphs that end; their last version stays, outside the merge."""


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
    change = Change(contents)
    return write(
        settings, lambda _: change, rebuild=rebuild, reason=reason, now=now, progress=progress
    )


def write(
    settings: Settings,
    decide: Callable[[Release | None], Change],
    *,
    rebuild: bool = False,
    reason: bool = True,
    now: datetime | None = None,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Carry out the change that is decided on in view of the current release, as `load` does."""
    home = settings.home
    with locked(home):
        before = _current_manifest(settings)
        _require_disk(home)
        change, dropped = _without_erased(home, decide(releases.current(home) if before else None))
        progress("Writing graph files")
        manifest = _with_sources(settings, change, before)
        states = _states(settings, change.contents, before, manifest)
        if before and not rebuild and _sources(before) == _sources(manifest):
            current = releases.current(home)
            return Outcome(current, changed=False, graphs=states, checks=None, dropped=dropped)
        rows = _rows(settings, change.contents, before, manifest)
        made_from = _sources(manifest)[1]
        for file in manifest.graphs:
            if file.graph in made_from:
                graphfiles.require_unchanged(home, file)
        progress("Deriving and validating")
        manifest, checks = gate.passed(settings, manifest, reason=reason)
        if not manifest.plain:
            manifest = description.described(settings, manifest)
        progress("Building the release")
        published = {
            "published": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
            "findings": checks.report.counts(),
            "reasoning": str(checks.reasoning.summary if checks.reasoning else "not run"),
        }
        number = releases.next_number(home)
        release = releases.build(home, number, manifest, published)
        releases.prune(home, settings.releases_kept)
        return Outcome(
            release, changed=True, graphs=states, checks=checks, dropped=dropped, rows=rows
        )


def rehearse(
    settings: Settings, contents: Sequence[GraphContent], *, reason: bool, twice: bool = False
) -> Rehearsal:
    """Return what a load of these graphs would do and find; nothing is published."""
    with locked(settings.home):
        before = _current_manifest(settings)
        change, _ = _without_erased(settings.home, Change(contents))
        manifest = _with_sources(settings, change, before)
        _, checks = gate.judged(settings, manifest, reason=reason, twice=twice)
        states = _states(settings, change.contents, before, manifest)
        rows = _rows(settings, change.contents, before, manifest)
        releases.recover(settings.home)
        return Rehearsal(states, checks, rows)


def check(
    settings: Settings, contents: Sequence[GraphContent], *, reason: bool, twice: bool = False
) -> Checks:
    """Return the checks that a load of these graphs would meet; nothing is published."""
    return rehearse(settings, contents, reason=reason, twice=twice).checks


def _states(
    settings: Settings,
    contents: Sequence[GraphContent],
    before: Manifest | None,
    manifest: Manifest,
) -> tuple[tuple[str, str], ...]:
    given = {content.iri(settings.base) for content in contents}
    return tuple(each for each in releases.changes(before, manifest) if each[0] in given)


def _rows(
    settings: Settings,
    contents: Sequence[GraphContent],
    before: Manifest | None,
    manifest: Manifest,
) -> tuple[tuple[str, RowChanges], ...]:
    old = {file.graph: file for file in before.graphs} if before else {}
    new = {file.graph: file for file in manifest.graphs}
    registers = [each.iri(settings.base) for each in contents if each.keeps_rows]
    return tuple(
        (graph, rowchanges.between(settings.home, old.get(graph), new[graph]))
        for graph in registers
        if old.get(graph) != new[graph]
    )


def roll_back(home: Path, number: int | None = None) -> Release:
    """Make an earlier release the current one: the given one, or the one before it."""
    releases.current(home)
    with locked(home):
        now = releases.current(home).number
        earlier = [each.number for each in releases.kept_releases(home) if each.number < now]
        if number is None and not earlier:
            raise InputError(f"Release {now} is the oldest that is kept: nothing to go back to.")
        target = releases.release(home, earlier[-1] if number is None else number)
        releases.switch(home, target.number)
        return target


def name_release(home: Path, number: int, name: str | None) -> None:
    """Give a kept release a name, so that it is kept for ever, or take it away."""
    releases.current(home)
    with locked(home):
        releases.name(home, number, name)


@contextmanager
def locked(home: Path) -> Iterator[None]:
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


def _without_erased(home: Path, change: Change) -> tuple[Change, int]:
    """Return a change without what was erased before, and how many statements that concerns."""
    known = erased.read(home)
    if not known.erasures:
        return change, 0
    contents, dropped = [], 0
    for content in change.contents:
        given = set(content.triples)
        kept = list(known.without(given))
        dropped += len(given - set(kept))
        contents.append(replace(content, triples=kept))
    return replace(change, contents=contents), dropped


def _current_manifest(settings: Settings) -> Manifest | None:
    if releases.current_number(settings.home) is None:
        return None
    manifest = releases.current(settings.home).manifest
    if manifest.plain != settings.plain:
        kind = "a plain store" if manifest.plain else "not a plain store"
        raise InputError(
            f"{settings.home} is {kind}. Give or leave out --plain-default-graph accordingly, or "
            "take another folder with --home."
        )
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
    keys = ("afgeleid", "rapport", description.KEY)
    derived = {f"{manifest.base}graph/{key}" for key in keys}
    files = {file.graph: file.digest for file in manifest.graphs if file.graph not in derived}
    return manifest.software, files


def _with_sources(settings: Settings, change: Change, before: Manifest | None) -> Manifest:
    """Return the manifest after a change, with provenance and model in place."""
    base = settings.base
    graphs = {file.graph: file for file in before.graphs} if before else {}
    graphs.pop(f"{base}graph/{description.KEY}", None)  # made anew
    for content in change.contents:
        file = graphfiles.write(settings.home, content.iri(base), content.triples)
        if content.keeps_rows and file.graph in graphs:
            file = rowchanges.with_vanished(settings.home, graphs[file.graph], file)
        if graphs.get(file.graph) != file:
            if content.named_after_file and not settings.plain:
                _require_same_file(settings, graphs, content)
            _replace(settings, graphs, file.graph, content)
            graphs[file.graph] = file
    for graph in change.removed & graphs.keys():
        _replace(settings, graphs, graph, None)
        del graphs[graph]
    if not settings.plain:
        for key, triples in _model(base):
            graph = f"{base}graph/{key}"
            graphs[graph] = graphfiles.write(settings.home, graph, triples)
    ordered = tuple(graphs[graph] for graph in sorted(graphs))
    return Manifest(base, f"{__version__}+{_rules_digest()}", ordered, settings.plain)


def _require_same_file(
    settings: Settings, graphs: dict[str, GraphFile], content: GraphContent
) -> None:
    """Refuse to replace a graph by that of another file that happens to have the same name."""
    graph = content.iri(settings.base)
    origin = graphs.get(provenance.graph_of(graph, settings.base))
    if graph not in graphs or origin is None:
        return
    before = provenance.source_of(graphfiles.read(settings.home, origin), graph)
    if before is not None and Path(before).absolute() != Path(content.source).absolute():
        raise InputError(
            f"{content.source} would replace the graph {content.key}, which was read from "
            f"{before}. If it is a new version of that, give --graph {content.key}; if not, give "
            "it another graph by --graph, or rename the file."
        )


def _replace(
    settings: Settings, graphs: dict[str, GraphFile], graph: str, content: GraphContent | None
) -> None:
    """Keep the present version of a graph under an IRI of its own; say where the next is from."""
    if settings.plain:
        return
    home, base = settings.home, settings.base
    origin, old = provenance.graph_of(graph, base), graphs.get(graph)
    history: Sequence[Triple] = []
    if old:
        version = provenance.version_of(graph, old.digest, base)
        graphs[version] = graphfiles.write(home, version, graphfiles.read(home, old), public=False)
        history = provenance.of_version(graphfiles.read(home, graphs[origin]), graph, version)
    elif origin in graphs:
        history = list(graphfiles.read(home, graphs[origin]))
    described = provenance.describe(content, base) if content else ()
    graphs[origin] = graphfiles.write(home, origin, [*described, *history])


def _model(base: str) -> Iterator[tuple[str, list[Triple]]]:
    """Yield the graphs of the questions, the ontology, the concepts and the shapes."""
    yield description_questions.KEY, list(description_questions.questions(base))
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
