"""All benchmarks in one run, and the report of them.

python -m bench --date 2026-11-23 HOME
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from bench import compare, dataset, loading, measuring, over_http, report

RDFLIB_QUADS = 200_000
"""Statements above which rdflib and pyshacl would take hours."""


def measured(home: Path, seed: int, sizes: list[int]) -> Iterator[dict[str, Any]]:
    """Yield what was measured at each size."""
    for quads in sizes:
        data = dataset.publish(home / str(quads), seed, quads)
        click.echo(f"{data.quads} quads")
        small = quads <= RDFLIB_QUADS
        engines = [each for each in compare.ENGINES if small or each != "rdflib"]
        servers = [each for each in over_http.SERVERS if small or each != "rdflib-endpoint"]
        yield {
            "quads": quads,
            "comparison": asdict(compare.compare(data, engines, click.echo)),
            "serving": asdict(over_http.serve(data, servers, click.echo)),
            "loading": asdict(loading.measure(data, seed, whole=small, progress=click.echo)),
        }


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="folder for data and results")
    parser.add_argument("--date", type=date.fromisoformat, required=True)
    parser.add_argument("--quads", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("docs"), help="where the report goes")
    given = parser.parse_args()
    results = {
        "date": given.date.isoformat(),
        "machine": measuring.machine(),
        "sizes": list(measured(given.home, given.seed, given.quads)),
    }
    (given.home / "results.json").write_text(json.dumps(results, indent=1))
    report.write(results, given.folder)


if __name__ == "__main__":
    main()
