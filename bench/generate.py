"""Council data of any size, the same for the same seed; a smaller size is the start of a larger.

    python -m bench.generate --quads 100000 FOLDER

writes one Turtle file (lines of N-Triples) for each source document;
`raadgraaf load --loader rdf FOLDER` reads them.
"""

import argparse
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

import click
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from bench.matters import year_of
from bench.organisations import REGION_SIZE, municipality, organisation, region
from bench.terms import SourceGraph
from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.namespaces import PREFIXES, RDF_TYPE, RDFS_LABEL

YEARS = range(2019, 2025)


def graphs(seed: int, quads: int) -> Iterator[SourceGraph]:
    """Yield graphs until they hold so many statements; only one year is in memory at a time."""
    made = 0
    for number in count():
        place = municipality(number)
        lasting = [region(place)] if number % REGION_SIZE == 0 else []
        lasting.append(organisation(place, Random(f"{seed} {place.code}")))  # noqa: S311
        for graph in lasting:
            yield graph
            made += len(graph.triples)
        for year in YEARS:
            if made >= quads:
                return
            random = Random(f"{seed} {place.code} {year}")  # noqa: S311
            documents = year_of(place, year, random, quads - made)
            made += len(documents)
            yield from documents.graphs()


def with_declaration(graph: SourceGraph) -> Iterator[Triple]:
    """Yield the statements of a graph, and first those by which the loader knows its name."""
    declared = NamedNode(f"{PLACEHOLDER_BASE}graph/{graph.key}")
    yield Triple(declared, RDF_TYPE, NamedNode(PREFIXES["sd"] + "Graph"))
    yield Triple(declared, RDFS_LABEL, Literal(f"Graaf {graph.key}", language="nl"))
    yield from graph.triples


def write(folder: Path, seed: int, quads: int) -> int:
    """Write a file for each graph and return how many statements they hold."""
    folder.mkdir(parents=True, exist_ok=True)
    made = 0
    for graph in graphs(seed, quads):
        file = folder / f"{graph.key.removeprefix('bron/')}.ttl"
        serialize(with_declaration(graph), file, RdfFormat.N_TRIPLES)
        made += len(graph.triples)
    return made


def main() -> None:
    """Write the files that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quads", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    made = write(given.folder, given.seed, given.quads)
    click.echo(f"{made} statements in {len(list(given.folder.iterdir()))} files")


if __name__ == "__main__":
    main()
