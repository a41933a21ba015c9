"""Releases: what is published, whole and unchanging; `current` names the one that answers.

A home folder holds `graphs/` (graph files), `releases/N/` and the link `current`. A release
holds `manifest.json` (its graph files), `data.nq` (the named graphs), `default.nt` (the default
graph), `store/` (both, built), `dumps/`, `search.sqlite` (the index of the search),
`statistics.json` (how much they hold), `published.json` (when, and what was checked) and
`digests.json` (of every other file). `names.json` holds the names that releases were given.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from raadgraaf import count_queries, counting, dumps, graphfiles, search_index
from raadgraaf.errors import Damaged, InputError, NoRelease, NotFound
from raadgraaf.graphfiles import GraphFile, exchange, sync_folder, write_durably
from raadgraaf.statistics import Statistics
from raadgraaf.store import EmbeddedStore

_Content = TypeVar("_Content")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The graph files of a release; equal inputs give an equal manifest."""

    base: str
    software: str
    graphs: tuple[GraphFile, ...]
    plain: bool = False
    """Whether the default graph is one of the files, with an empty IRI, instead of the merge."""

    def graph(self, iri: str) -> GraphFile | None:
        """Return the file of a graph."""
        return next((file for file in self.graphs if file.graph == iri), None)

    def to_json(self) -> bytes:
        """Return the manifest as JSON, by key and graph."""
        content = asdict(self) | {"graphs": [asdict(file) for file in self.graphs]}
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> "Manifest":
        """Return the manifest that `to_json` wrote."""
        values = json.loads(content)
        graphs = tuple(GraphFile(**file) for file in values["graphs"])
        return cls(values["base"], values["software"], graphs, values.get("plain", False))


Identity = tuple[int, int, int]
"""The number of a release, and what tells it from another that was put in its place."""


@dataclass(frozen=True)
class Release:
    """One published release."""

    number: int
    path: Path

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest of this release."""
        return self._read("manifest.json", Manifest.from_json)

    @cached_property
    def published(self) -> Mapping[str, object]:
        """When it was published and what was checked then (see `raadgraaf releases`)."""
        return self._read("published.json", _published)

    @cached_property
    def quads(self) -> int:
        """How many quads the built store holds, the default graph included."""
        return int(str(self.published["quads"]))

    @cached_property
    def moment(self) -> datetime | None:
        """When it was published, where that was recorded."""
        text = self.published.get("published")
        return datetime.fromisoformat(text) if isinstance(text, str) else None

    @cached_property
    def identity(self) -> Identity:
        """What `identity` returned when it was first asked for."""
        return identity(self)

    @cached_property
    def statistics(self) -> Statistics | None:
        """How much its graphs hold; not known of a release that an early version built."""
        if not (self.path / "statistics.json").exists():
            return None
        return self._read("statistics.json", Statistics.from_json)

    @cached_property
    def digests(self) -> Mapping[str, str] | None:
        """The SHA-256 of its other files; not known of a release that an early version built."""
        if not (self.path / "digests.json").exists():
            return None
        return self._read("digests.json", _digests)

    def _read(self, name: str, reading: Callable[[bytes], _Content]) -> _Content:
        try:
            content = (self.path / name).read_bytes()
            digests = None if name == "digests.json" else self.digests
            if digests and digests.get(name) != hashlib.sha256(content).hexdigest():
                raise self._damaged(f"{name} was changed")
            return reading(content)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._damaged(f"{name}: {error!r}") from None

    def _damaged(self, what: str) -> Damaged:
        return Damaged(
            f"Release {self.number} in {self.path} cannot be read ({what}). "
            "Run `raadgraaf check`, and `raadgraaf rollback` to go back to an earlier release."
        )

    def open(self, memory_quads: int) -> EmbeddedStore:
        """Return its store: in memory up to so many stored quads, otherwise from disk."""
        try:
            if self.quads > memory_quads:
                store = EmbeddedStore.read_only(self.path / "store")
            else:
                store = EmbeddedStore.in_memory([self.path / "data.nq", self.path / "default.nt"])
        except (OSError, RuntimeError, SyntaxError, ValueError) as error:
            raise self._damaged(str(error)) from None
        if self.statistics is None:
            return store
        return store.knowing(partial(count_queries.answer, self.statistics))


def identity(release: Release) -> Identity:
    """Return what tells a release from any other that stands, or once stood, in its place."""
    found = release.path.stat()
    return release.number, found.st_ino, found.st_mtime_ns


def _published(content: bytes) -> Mapping[str, object]:
    published: dict[str, object] = json.loads(content)
    int(str(published["quads"]))
    return published


def _digests(content: bytes) -> Mapping[str, str]:
    return {str(name): str(digest) for name, digest in json.loads(content).items()}


def current_number(home: Path) -> int | None:
    """Return the number of the current release."""
    try:
        return int((home / "current").readlink().name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):
        raise Damaged(
            f"{home / 'current'} is not a link to a release. Remove it; "
            "`raadgraaf rollback N` makes release N the current one."
        ) from None


def current(home: Path) -> Release:
    """Return the current release."""
    number = current_number(home)
    if number is None:
        raise NoRelease(
            f"Nothing has been published in {home}. Run `raadgraaf load` first, "
            "or name another folder with --home."
        )
    return Release(number, home / "releases" / str(number))


def release(home: Path, number: int) -> Release:
    """Return a kept release."""
    kept = kept_releases(home)
    for each in kept:
        if each.number == number:
            return each
    numbers = ", ".join(str(each.number) for each in kept) or "none"
    raise NotFound(f"There is no release {number}. Kept releases: {numbers}.")


def kept_releases(home: Path) -> Sequence[Release]:
    """Return the releases that are kept, oldest first."""
    folder = home / "releases"
    numbers = sorted(int(each.name) for each in folder.glob("*") if each.name.isdigit())
    return [Release(number, folder / str(number)) for number in numbers]


def build(home: Path, number: int, manifest: Manifest, published: Mapping[str, object]) -> Release:
    """Build a release beside the others and commit it; killed anywhere, it stands or it does not.

    The rename of the finished folder is the commit: `recover` completes what follows it.
    """
    folder = _built(home, number, manifest, published)
    write_durably(home / "pending", str(number).encode())
    finished = folder.with_suffix("")
    folder.rename(finished)
    sync_folder(finished.parent)
    recover(home)
    return Release(number, finished)


def rebuild(home: Path, old: Release, manifest: Manifest, published: Mapping[str, object]) -> None:
    """Put a release of other content in the place of one that stands, for an erasure."""
    folder = _built(home, old.number, manifest, published)
    exchange(folder, old.path)
    sync_folder(old.path.parent)
    shutil.rmtree(folder)


def _built(home: Path, number: int, manifest: Manifest, published: Mapping[str, object]) -> Path:
    """Return a folder with all that a release holds, not yet under its name."""
    folder = home / "releases" / f"{number}.tmp"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with (folder / "data.nq").open("wb") as stream:
        for file in manifest.graphs:
            with file.path(home).open("rb") as graph:
                shutil.copyfileobj(graph, stream)
        stream.flush()
        os.fsync(stream.fileno())
    with (folder / "default.nt").open("wb") as stream:
        public = [file for file in manifest.graphs if file.public and not manifest.plain]
        stream.writelines(graphfiles.merge(home, public))
        stream.flush()
        os.fsync(stream.fileno())
    dumps.write(folder / "data.nq", folder / dumps.FOLDER)
    quads = EmbeddedStore.build(folder / "store", [folder / "data.nq", folder / "default.nt"])
    search_index.build(folder / "default.nt", manifest.base, folder / search_index.FILE)
    default = None if manifest.plain else folder / "default.nt"
    statistics = counting.of_release(home, manifest.graphs, default)
    write_durably(folder / "statistics.json", statistics.to_json())
    details = dict(published) | {"quads": quads}
    write_durably(folder / "published.json", json.dumps(details, indent=1).encode() + b"\n")
    write_durably(folder / "manifest.json", manifest.to_json())
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {str(path.relative_to(folder)): graphfiles.digest_of(path) for path in files}
    write_durably(folder / "digests.json", json.dumps(digests, indent=1).encode() + b"\n")
    return folder


def recover(home: Path) -> None:
    """Complete a commit that was cut off after its rename, and delete what was not committed.

    To be called with the writer lock held.
    """
    pending = home / "pending"
    if pending.exists():
        number = pending.read_text("ascii", "replace")
        if number.isdigit() and (home / "releases" / number).is_dir():
            switch(home, int(number))
        pending.unlink()
        sync_folder(home)
    for leftover in leftovers(home):
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


def leftovers(home: Path) -> Sequence[Path]:
    """Return what no release needs: unfinished files and folders, graphs that none names."""
    unfinished = [*home.glob("releases/*.tmp"), *home.glob("graphs/*.tmp"), *home.glob("*.tmp")]
    try:
        named = {file.digest for each in kept_releases(home) for file in each.manifest.graphs}
    except Damaged:
        return unfinished  # nobody knows which graph files that release needs: all stay
    return unfinished + [path for path in home.glob("graphs/*.nq") if path.stem not in named]


def switch(home: Path, number: int) -> None:
    """Make a kept release the current one, atomically."""
    target = release(home, number)
    link = home / "current.tmp"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases", str(target.number)))
    link.replace(home / "current")
    sync_folder(home)


def names(home: Path) -> Mapping[int, str]:
    """Return the names that releases were given, by number."""
    try:
        content: dict[str, str] = json.loads((home / "names.json").read_bytes())
    except FileNotFoundError:
        return {}
    return {int(number): name for number, name in content.items()}


def name(home: Path, number: int, given: str | None) -> None:
    """Give a kept release a name, so that it is kept for ever, or with None take it away.

    To be called with the writer lock held.
    """
    known = {key: each for key, each in names(home).items() if key != number}
    release(home, number)
    if given is not None:
        if not re.fullmatch(r"[^\W_](?:[\w .-]{0,62}\w)?", given):
            raise InputError(
                f"The name {given!r} is not usable. Take up to 64 letters, digits, spaces and "
                "hyphens, such as begroting-2027."
            )
        if given in known.values():
            (other,) = (key for key, each in known.items() if each == given)
            raise InputError(
                f"Release {other} has the name {given!r}. Take another, or take that one away with "
                f"`raadgraaf releases name {other} --remove`."
            )
        known[number] = given
    content = json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False)
    write_durably(home / "names.json", content.encode() + b"\n")


def prune(home: Path, keep: int) -> None:
    """Delete the oldest releases beyond `keep`, never the current one or one that has a name."""
    spared = {current_number(home), *names(home)}
    others = [each for each in kept_releases(home) if each.number not in spared]
    for old in others[: max(0, len(others) - (keep - 1))]:
        gone = old.path.with_suffix(".tmp")
        old.path.rename(gone)
        shutil.rmtree(gone)


def next_number(home: Path) -> int:
    """Return the number that the next release gets."""
    return max((each.number for each in kept_releases(home)), default=0) + 1


def changes(before: Manifest | None, after: Manifest) -> Iterator[tuple[str, str]]:
    """Yield graph and state for each graph of a manifest: new, changed or unchanged."""
    for file in after.graphs:
        old = before.graph(file.graph) if before else None
        if old is None:
            yield file.graph, "new"
        else:
            yield file.graph, "unchanged" if old.digest == file.digest else "changed"
