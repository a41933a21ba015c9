"""Writes the results of a run as docs/benchmarks.md, with plots.

python -m bench.report RESULTS.json --folder docs
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench import plots

Size = Mapping[str, Any]
"""What a run measured at one size, as JSON."""

NAMES = {
    "memory": "raadgraaf, in memory",
    "disk": "raadgraaf, from disk",
    "oxigraph": "Oxigraph on disk",
    "rdflib": "rdflib",
}
INTRODUCTION = """\
# Benchmarks

Generated council data, {queries} questions of researchers, and the SPARQL protocol over loopback.
`make bench` repeats all of it; nothing here is a test, and no test looks at the clock.

The figures of one table come from one run, engine after engine within each query, so their ratios
can be compared; seconds of other machines cannot. Answers are compared by value: {agreement}

- *raadgraaf, in memory* and *from disk*: a release, whose default graph holds the merge.
- *Oxigraph on disk*: the named graphs alone, with their union as default graph.
- *rdflib*: the default graph alone, in memory.

Time of a query: the least of up to 15, results written as SPARQL JSON.
"""


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio that is aimed at, and what came out."""

    what: str
    aim: float
    measured: float
    at_most: bool

    def row(self) -> Sequence[str]:
        """Return it as a row of a table."""
        met = self.measured <= self.aim if self.at_most else self.measured >= self.aim
        sign = "≤" if self.at_most else "≥"
        return (
            self.what,
            f"{sign} {self.aim:g}",
            f"{self.measured:#.3g}".rstrip("."),
            "yes" if met else "no",
        )


def page(results: Mapping[str, Any]) -> str:
    """Return the page as Markdown."""
    sizes: Sequence[Size] = results["sizes"]
    different = [
        f"{each['quads']:,} quads, {name}"
        for each in sizes
        for part in ("comparison", "serving")
        for name in (each.get(part) or {}).get("different", ())
    ]
    queries = max(len((each.get("comparison") or {}).get("queries", ())) for each in sizes)
    parts = [
        INTRODUCTION.format(
            queries=queries,
            agreement=f"different were {', '.join(different)}." if different else "all are equal.",
        ),
        "## Machine and date\n",
        _table(("", ""), [("date", results["date"]), *results["machine"].items()]),
        "## Goals\n",
        _table(("Ratio", "Aim", "Measured", "Met"), [goal.row() for goal in goals(sizes)]),
    ]
    for size in sizes:
        parts += _size(size)
    return "\n".join(parts)


def goals(sizes: Sequence[Size]) -> Iterator[Goal]:
    """Yield the goals that a run has figures for."""
    for size in sizes:
        quads = f"{size['quads']:,} quads"
        compared, serving, loading = (
            size.get(part) for part in ("comparison", "serving", "loading")
        )
        if compared:
            for slower, aim in (("oxigraph", 5), ("disk", 5), ("rdflib", 10)):
                ratios = _ratios(compared, slower, "memory")
                if ratios:
                    what = f"{NAMES[slower]} / in memory, median of the queries, {quads}"
                    yield Goal(what, aim, median(ratios), at_most=False)
        if serving:
            yield from _http_goals(serving["measured"], quads)
        if loading:
            yield Goal(
                f"rdflib / store, loading, {quads}",
                3,
                loading["rdflib"] / loading["store"],
                at_most=False,
            )
            if loading["transaction"]:
                yield Goal(
                    f"rdflib / whole `raadgraaf load`, {quads}",
                    3,
                    loading["rdflib"] / loading["transaction"],
                    at_most=False,
                )
                yield Goal(
                    f"pyshacl / validation with report, {quads}",
                    10,
                    loading["pyshacl"] / loading["validation"],
                    at_most=False,
                )


def _http_goals(measured: Mapping[str, Any], quads: str) -> Iterator[Goal]:
    def at(server: str, kind: str, clients: int) -> Mapping[str, float]:
        found: Mapping[str, float] = next(
            each for each in measured[server][kind] if each["clients"] == clients
        )
        return found

    if "oxigraph" in measured:
        for kind, aim in (("distinct", 3.5), ("repeated", 2.0)):
            ratio = at("raadgraaf", kind, 8)["median"] / at("oxigraph", kind, 8)["median"]
            what = f"raadgraaf / Oxigraph server, point query p50, 8 clients, {kind}, {quads}"
            yield Goal(what, aim, ratio, at_most=True)
        ours, theirs = (at(name, "large", 1)["processor"] for name in ("raadgraaf", "oxigraph"))
        what = f"raadgraaf / Oxigraph server, processor time of 10,000 rows, {quads}"
        yield Goal(what, 1.25, ours / theirs, at_most=True)
    if "rdflib-endpoint" in measured:
        ours, theirs = (
            at(name, "distinct", 8)["throughput"] for name in ("raadgraaf", "rdflib-endpoint")
        )
        what = f"raadgraaf / rdflib-endpoint, throughput, 8 clients, {quads}"
        yield Goal(what, 5, ours / theirs, at_most=False)


def _ratios(compared: Mapping[str, Any], slower: str, faster: str) -> Sequence[float]:
    return [
        timings[slower]["seconds"] / timings[faster]["seconds"]
        for timings in compared["queries"].values()
        if timings.get(slower) and timings.get(faster)
    ]


def _size(size: Size) -> Iterator[str]:
    yield f"## {size['quads']:,} quads\n"
    if compared := size.get("comparison"):
        engines = list(compared["opening"])
        yield (
            f"Stored with the merge: {compared['stored']:,}. "
            f"Load average before: {compared['load_average']:.1f}.\n"
        )
        rows = [
            ("opening, s", *(f"{compared['opening'][each]:.2f}" for each in engines)),
            ("memory, MiB", *(f"{compared['memory'][each] / 2**20:.0f}" for each in engines)),
        ]
        for query, timings in compared["queries"].items():
            rows.append((f"{query}, ms", *(_time(timings[each]) for each in engines)))
        yield _table(("", *(NAMES[each] for each in engines)), rows)
        yield f"![Time of each query](benchmarks-queries-{size['quads']}.svg)\n"
    if serving := size.get("serving"):
        yield f"HTTP over loopback. Load average before: {serving['load_average']:.1f}.\n"
        rows = [
            (
                f"{server}, {kind}",
                str(each["clients"]),
                f"{each['median'] * 1000:.2f}",
                f"{each['p95'] * 1000:.2f}",
                f"{each['throughput']:.0f}",
                f"{each['processor'] * 1000:.2f}",
            )
            for server, kinds in serving["measured"].items()
            for kind, loads in kinds.items()
            for each in loads
        ]
        yield _table(("", "clients", "p50, ms", "p95, ms", "a second", "CPU-ms"), rows)
        yield f"![Median time of a point query](benchmarks-http-{size['quads']}.svg)\n"
    if loading := size.get("loading"):
        names = ("store", "rdflib", "transaction", "validation", "pyshacl")
        rows = [(name, f"{loading[name]:.1f}") for name in names if loading[name] is not None]
        yield _table(("Loading and validating", "CPU-s"), rows)


def _time(timing: Mapping[str, float] | None) -> str:
    return "given up" if timing is None else f"{timing['seconds'] * 1000:.2f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def drawings(sizes: Sequence[Size]) -> Iterator[tuple[str, str]]:
    """Yield the plots, each with the name of its file."""
    for size in sizes:
        quads = size["quads"]
        if compared := size.get("comparison"):
            rows = {
                query: {
                    NAMES[each]: timing and timing["seconds"] * 1000
                    for each, timing in timings.items()
                }
                for query, timings in compared["queries"].items()
            }
            title = f"Time of each query at {quads:,} quads"
            yield f"benchmarks-queries-{quads}.svg", plots.bars(title, "ms", rows)
        if serving := size.get("serving"):
            measured = serving["measured"]
            shown = {
                f"{kind}, {each['clients']} clients": {
                    server: next(
                        other["median"] * 1000
                        for other in measured[server][kind]
                        if other["clients"] == each["clients"]
                    )
                    for server in measured
                }
                for kind in ("distinct", "repeated")
                for each in next(iter(measured.values()))[kind]
            }
            title = f"Median time of a point query at {quads:,} quads"
            yield f"benchmarks-http-{quads}.svg", plots.bars(title, "ms", shown)


def write(results: Mapping[str, Any], folder: Path) -> None:
    """Write the page and its plots."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.md").write_text(page(results))
    for name, content in drawings(results["sizes"]):
        (folder / name).write_text(content)


def main() -> None:
    """Write the report that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="what `python -m bench` wrote")
    parser.add_argument("--folder", type=Path, default=Path("docs"))
    given = parser.parse_args()
    write(json.loads(given.results.read_text()), given.folder)


if __name__ == "__main__":
    main()
