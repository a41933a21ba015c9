"""Checks that a home is what it says: releases, graph files, `current`. It changes nothing."""

import fcntl
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from raadgraaf import counting, graphfiles, releases
from raadgraaf.errors import Damaged
from raadgraaf.graphfiles import GraphFile
from raadgraaf.releases import Release

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be."""

    place: str
    """The file or folder, below the home."""
    problem: str
    remedy: str
    harmless: bool = False
    """Whether everything still answers as it should, so that nothing needs to be done."""


def findings(home: Path, progress: Progress = lambda _: None) -> Iterator[Finding]:
    """Yield what is wrong in a home; what is only left behind comes last, as harmless.

    Writers may be at work meanwhile: what they delete is not missed.
    """
    yield from _current(home)
    sound: dict[GraphFile, bool] = {}
    for release in releases.kept_releases(home):
        progress(f"Checking release {release.number}")
        found = list(_release(home, release, sound))
        if release.path.exists():
            yield from found
    yield from _leftovers(home)


def _current(home: Path) -> Iterator[Finding]:
    kept = [each.number for each in releases.kept_releases(home)]
    remedy = "Run `raadgraaf rollback N` with one of the kept releases, or load again."
    try:
        number = releases.current_number(home)
    except Damaged as error:
        yield Finding("current", "It is no link to a release.", str(error))
        return
    if number is None and kept and not (home / "pending").exists():
        yield Finding("current", "It is lost.", remedy)
    if number is not None and number not in kept:
        yield Finding("current", f"It leads to release {number}, which is not there.", remedy)


def _release(home: Path, release: Release, sound: dict[GraphFile, bool]) -> Iterator[Finding]:
    place = f"releases/{release.number}"
    rebuild = (
        "Run `raadgraaf publish` for a new release of the same data, or `raadgraaf rollback` to "
        f"another one; delete {place} once it is not the current one."
    )
    try:
        manifest, quads, digests = release.manifest, release.quads, release.digests
        statistics = release.statistics
    except Damaged as error:
        yield Finding(place, str(error), rebuild)
        return
    changed = sorted(
        name
        for name, digest in (digests or {}).items()
        if not (release.path / name).is_file()
        or graphfiles.digest_of(release.path / name) != digest
    )
    for name in changed:
        yield Finding(f"{place}/{name}", "It was changed or lost.", rebuild)
    graphs = manifest.graphs
    for file in graphs:
        if file not in sound:
            sound[file] = _is_sound(home, file)
            if not sound[file]:
                yield Finding(
                    f"graphs/{file.digest}.nq",
                    f"The file of the graph {file.graph} was changed or lost.",
                    "Load the source of that graph again.",
                )
    if changed or not all(sound[file] for file in graphs):
        return
    try:
        size = release.open(memory_quads=-1).size()
    except (Damaged, OSError, RuntimeError) as error:
        yield Finding(f"{place}/store", f"It cannot be read: {error}", rebuild)
        return
    if size != quads:
        yield Finding(f"{place}/store", f"It holds {size} quads instead of {quads}.", rebuild)
    if not _same(release.path / "data.nq", _content(home, graphs)):
        yield Finding(f"{place}/data.nq", "It is not what the graph files hold.", rebuild)
    public = [file for file in graphs if file.public and not manifest.plain]
    if not _same(release.path / "default.nt", graphfiles.merge(home, public)):
        yield Finding(f"{place}/default.nt", "It is not the merge of the graph files.", rebuild)
    default = None if manifest.plain else release.path / "default.nt"
    if statistics and statistics != counting.of_release(home, graphs, default):
        yield Finding(f"{place}/statistics.json", "It is not what the graph files hold.", rebuild)


def _is_sound(home: Path, file: GraphFile) -> bool:
    path = file.path(home)
    if not path.is_file() or graphfiles.digest_of(path) != file.digest:
        return False
    with path.open("rb") as stream:
        return sum(1 for _ in stream) == file.statements


def _content(home: Path, files: Iterable[GraphFile]) -> Iterator[bytes]:
    for file in files:
        with file.path(home).open("rb") as stream:
            yield from stream


def _same(path: Path, lines: Iterable[bytes]) -> bool:
    with path.open("rb") as stream:
        return all(one == other for one, other in itertools.zip_longest(stream, lines))


def _leftovers(home: Path) -> Iterator[Finding]:
    """Yield what a writer left behind, unless one is at work."""
    lock = home / "lock"
    if not lock.exists():
        return
    with lock.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        left = list(releases.leftovers(home))
    for path in left:
        yield Finding(
            str(path.relative_to(home)),
            "It was left behind by a load that was refused or cut off.",
            "The next load deletes it.",
            harmless=True,
        )
