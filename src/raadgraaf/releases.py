"""Releases: what is published, whole and unchanging; `current` names the one that answers.

A home folder holds `graphs/` (graph files), `releases/N/` and the link `current`. A release
holds `manifest.json` (its graph files), `data.nq` (the named graphs), `default.nt` (the default
graph), `store/` (both, built), `dumps/` and `published.json` (when, and what was checked).
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from raadgraaf import dumps, graphfiles
from raadgraaf.errors import NoRelease, NotFound
from raadgraaf.graphfiles import GraphFile, sync_folder, write_durably
from raadgraaf.store import EmbeddedStore


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
        return Manifest.from_json((self.path / "manifest.json").read_bytes())

    @cached_property
    def published(self) -> Mapping[str, object]:
        """When it was published and what was checked then (see `raadgraaf releases`)."""
        content: dict[str, object] = json.loads((self.path / "published.json").read_bytes())
        return content

    @cached_property
    def quads(self) -> int:
        """How many quads the built store holds, the default graph included."""
        return int(str(self.published["quads"]))

    @cached_property
    def identity(self) -> Identity:
        """What `identity` returned when it was first asked for."""
        return identity(self)

    def open(self, memory_quads: int) -> EmbeddedStore:
        """Return its store: in memory up to so many stored quads, otherwise from disk."""
        if self.quads > memory_quads:
            return EmbeddedStore.read_only(self.path / "store")
        return EmbeddedStore.in_memory([self.path / "data.nq", self.path / "default.nt"])


def identity(release: Release) -> Identity:
    """Return what tells a release from any other that stands, or once stood, in its place."""
    found = release.path.stat()
    return release.number, found.st_ino, found.st_mtime_ns


def current_number(home: Path) -> int | None:
    """Return the number of the current release."""
    try:
        return int((home / "current").readlink().name)
    except (FileNotFoundError, NotADirectoryError):
        return None


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
    details = dict(published) | {"quads": quads}
    write_durably(folder / "published.json", json.dumps(details, indent=1).encode() + b"\n")
    write_durably(folder / "manifest.json", manifest.to_json())
    write_durably(home / "pending", str(number).encode())
    finished = folder.with_suffix("")
    folder.rename(finished)
    sync_folder(finished.parent)
    recover(home)
    return Release(number, finished)


def recover(home: Path) -> None:
    """Complete a commit that was cut off after its rename, and delete what was not committed.

    To be called with the writer lock held.
    """
    pending = home / "pending"
    if pending.exists():
        number = int(pending.read_bytes())
        if (home / "releases" / str(number)).is_dir():
            switch(home, number)
        pending.unlink()
        sync_folder(home)
    for leftover in [*(home / "releases").glob("*.tmp"), *home.glob("graphs/*.tmp")]:
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    named = {file.digest for each in kept_releases(home) for file in each.manifest.graphs}
    for graph in home.glob("graphs/*.nq"):
        if graph.stem not in named:
            graph.unlink()


def switch(home: Path, number: int) -> None:
    """Make a kept release the current one, atomically."""
    target = release(home, number)
    link = home / "current.tmp"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases", str(target.number)))
    link.replace(home / "current")
    sync_folder(home)


def prune(home: Path, keep: int) -> None:
    """Delete the oldest releases beyond `keep`, never the current one."""
    number = current_number(home)
    others = [each for each in kept_releases(home) if each.number != number]
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
