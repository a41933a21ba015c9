"""A release of generated data, published without validation, which is measured on its own."""

from dataclasses import dataclass
from pathlib import Path

from bench import generate
from raadgraaf import gate, graphfiles, releases
from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.releases import Manifest, Release
from raadgraaf.resources import listing
from raadgraaf.terms import read_turtle

DERIVED = f"{PLACEHOLDER_BASE}graph/afgeleid"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Generated data in the forms that the engines load."""

    quads: int
    """Statements of the source graphs."""
    release: Release

    @property
    def named(self) -> Path:
        """The named graphs, as N-Quads."""
        return self.release.path / "data.nq"

    @property
    def default(self) -> Path:
        """The default graph, as N-Triples."""
        return self.release.path / "default.nt"

    @property
    def home(self) -> Path:
        """The folder that `raadgraaf serve` serves."""
        return self.release.path.parent.parent


def publish(home: Path, seed: int, quads: int) -> Dataset:
    """Return a dataset in this folder; one that is there already is taken as it is."""
    count = home / f"seed-{seed}-quads-{quads}"
    if count.exists():
        return Dataset(int(count.read_text()), releases.current(home))
    made = 0
    files = []
    for graph in generate.graphs(seed, quads):
        made += len(graph.triples)
        iri = f"{PLACEHOLDER_BASE}graph/{graph.key}"
        files.append(graphfiles.write(home, iri, graph.triples))
    for file in listing(".ttl", "ontology"):
        triples = read_turtle(file.read_bytes(), file.name, PLACEHOLDER_BASE, file.name)
        iri = f"{PLACEHOLDER_BASE}graph/ontologie/{file.name}"
        files.append(graphfiles.write(home, iri, triples))
    derived = gate.derive(b"".join(graphfiles.merge(home, files)))
    files.append(graphfiles.write(home, DERIVED, derived))
    manifest = Manifest(
        PLACEHOLDER_BASE, "bench", tuple(sorted(files, key=lambda file: file.graph))
    )
    release = releases.build(home, releases.next_number(home), manifest, {"published": "bench"})
    count.write_text(str(made))
    return Dataset(made, release)
