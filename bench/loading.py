"""Loading and validating: the steps of a release against rdflib and plain pyshacl.

Processor time, as these take minutes on a machine that others use, too.

python -m bench.loading --quads 100000 HOME
"""

import argparse
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import pyshacl
import rdflib
from rdflib import RDF, SH

from bench import dataset, generate, measuring
from bench.dataset import Dataset
from raadgraaf import loaders, transaction, validation
from raadgraaf.config import PLACEHOLDER_BASE, Settings
from raadgraaf.resources import listing
from raadgraaf.store import EmbeddedStore


@dataclass(frozen=True, slots=True)
class Loading:
    """Processor seconds of each step, and whether the validations agree."""

    quads: int
    load_average: float
    store: float
    """Named graphs and default graph into a database on disk."""
    rdflib: float
    """The default graph into rdflib."""
    transaction: float | None
    """All of `raadgraaf load`: files, rules, validation, release. None where it was left out."""
    validation: float | None
    """The findings and their report, by raadgraaf."""
    pyshacl: float | None
    """The same by pyshacl alone."""
    same_findings: bool | None


def measure(
    data: Dataset, seed: int, *, whole: bool, progress: Callable[[str], None] = lambda _: None
) -> Loading:
    """Measure loading, and with `whole` the transaction and the validation in it."""
    busy = measuring.load_average()
    scratch = data.home / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    with measuring.stopwatch() as store:
        EmbeddedStore.build(scratch / "store", [data.named, data.default])
    with measuring.stopwatch() as parsing:
        graph = rdflib.Graph().parse(data.default, format="nt")
    progress(f"store {store.processor:.1f} s, rdflib {parsing.processor:.1f} s")
    if not whole:
        shutil.rmtree(scratch)
        return Loading(data.quads, busy, store.processor, parsing.processor, None, None, None, None)
    generate.write(scratch / "sources", seed, data.quads)
    with measuring.stopwatch() as load:
        given = loaders.sources([scratch / "sources"])
        contents = loaders.contents(given, PLACEHOLDER_BASE, "rdf")
        transaction.load(Settings(home=scratch / "home"), contents, reason=False)
    shutil.rmtree(scratch)
    progress(f"raadgraaf load {load.processor:.1f} s")
    with measuring.stopwatch() as ours:
        report = validation.validate(data.default.read_bytes(), validation.shapes())
    progress(f"validation {ours.processor:.1f} s")
    shapes = rdflib.Graph()
    for file in listing(".ttl", "shapes"):
        shapes.parse(data=file.read_bytes(), format="turtle")
    with measuring.stopwatch() as theirs:
        _, found, _ = pyshacl.validate(
            graph, shacl_graph=shapes, inference="none", advanced=False, inplace=True
        )
    progress(f"pyshacl {theirs.processor:.1f} s")
    same = _pairs(found) == {(each.shape, each.focus) for each in report.findings}
    return Loading(
        data.quads,
        busy,
        store.processor,
        parsing.processor,
        load.processor,
        ours.processor,
        theirs.processor,
        same,
    )


def _pairs(found: rdflib.Graph) -> set[tuple[str, str]]:
    return {
        (str(found.value(node, SH.sourceShape)), str(found.value(node, SH.focusNode)))
        for node in found.subjects(RDF.type, SH.ValidationResult)
    }


def main() -> None:
    """Measure the size that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="folder for the release, kept for the next run")
    parser.add_argument("--quads", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store-only", action="store_true", help="leave the validation out")
    given = parser.parse_args()
    data = dataset.publish(given.home, given.seed, given.quads)
    outcome = measure(data, given.seed, whole=not given.store_only, progress=click.echo)
    (given.home / "loading.json").write_text(json.dumps(asdict(outcome), indent=1))


if __name__ == "__main__":
    main()
