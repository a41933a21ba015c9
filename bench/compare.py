"""The researcher queries on several engines in one run, their answers compared by value.

python -m bench.compare --quads 100000 HOME
"""

import argparse
import json
import multiprocessing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from functools import partial
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path

import click
import rdflib
from pyoxigraph import QueryResultsFormat, QuerySolutions, Store

from bench import dataset, measuring
from bench.dataset import Dataset
from raadgraaf import results
from raadgraaf.namespaces import PREFIXES
from raadgraaf.store import EmbeddedStore

QUERIES = Path(__file__).parent / "queries"
JSON = "application/sparql-results+json"
TIMES, SECONDS = 15, 2.0
"""How often a query is asked, and after how many seconds it is not asked again."""
LIMIT = 60.0
"""Seconds after which a query is given up, and its engine started anew."""
OPENING_LIMIT = 1800.0

Ask = Callable[[str], bytes]
"""Answers a query in SPARQL JSON."""


def _ours(store: EmbeddedStore) -> Ask:
    def ask(text: str) -> bytes:
        content = BytesIO()
        results.write(store.query(text), JSON, content)
        return content.getvalue()

    return ask


def in_memory(data: Dataset) -> Ask:
    """Hold the release in memory."""
    return _ours(data.release.open(memory_quads=data.release.quads))


def from_disk(data: Dataset) -> Ask:
    """Read the release from the Oxigraph database in it."""
    return _ours(data.release.open(memory_quads=-1))


def named_graphs(data: Dataset) -> Ask:
    """Read the named graphs alone from Oxigraph on disk, their union as default graph."""
    folder = data.release.path / "named"
    if not folder.exists():
        EmbeddedStore.build(folder, [data.named])
    store = Store.read_only(str(folder))

    def ask(text: str) -> bytes:
        found = store.query(text, use_default_graph_as_union=True)
        if not isinstance(found, QuerySolutions):
            raise TypeError("The query is not a SELECT query.")
        return found.serialize(format=QueryResultsFormat.JSON) or b""

    return ask


def rdflib_graph(data: Dataset) -> Ask:
    """Hold the default graph in rdflib."""
    graph = rdflib.Graph().parse(data.default, format="nt")

    def ask(text: str) -> bytes:
        return graph.query(text).serialize(format="json") or b""

    return ask


ENGINES: Mapping[str, Callable[[Dataset], Ask]] = {
    "memory": in_memory,
    "disk": from_disk,
    "oxigraph": named_graphs,
    "rdflib": rdflib_graph,
}
"""What opens a dataset, by the name of the engine; another engine is another row here."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How an engine answered a query."""

    seconds: float
    """The least of its times: what others on the machine took is no part of it."""
    rows: int


@dataclass(slots=True)
class Comparison:
    """The outcome of a run: seconds by engine, and by query and engine."""

    quads: int
    stored: int
    load_average: float
    opening: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    queries: dict[str, dict[str, Timing | None]] = field(default_factory=dict)
    """None where the engine was given up."""
    different: list[str] = field(default_factory=list)
    """Queries to which the engines do not give the same answer, with the engine."""

    def ratios(self, slower: str, faster: str) -> dict[str, float]:
        """Return by query how many times as long one engine took as another."""
        found = {}
        for query, timings in self.queries.items():
            one, other = timings.get(slower), timings.get(faster)
            if one and other:
                found[query] = one.seconds / other.seconds
        return found


class Process:
    """An engine in a process of its own, which can be ended at any time."""

    def __init__(self, name: str, data: Dataset) -> None:
        self.name = name
        self._data = data
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self.name, self._data), daemon=True
        )
        self._process.start()
        theirs.close()
        if not self._ours.poll(OPENING_LIMIT):
            self.end()
            raise TimeoutError(f"{self.name} did not open the data.")
        self.opening, self.memory = self._ours.recv()

    def ask(self, text: str) -> tuple[bytes, float] | None:
        """Return an answer and the least of its seconds, or None where there is none."""
        self._ours.send(text)
        if not self._ours.poll(LIMIT):
            self.end()
            self._start()
            return None
        answer: tuple[bytes, float] | None = self._ours.recv()
        return answer

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()


def _serve(connection: Connection, name: str, data: Dataset) -> None:
    """Open the data and answer queries until the other end is closed."""
    with measuring.stopwatch() as opening:
        ask = ENGINES[name](data)
    connection.send((opening.seconds, measuring.peak_memory()))
    while True:
        try:
            text = connection.recv()
        except EOFError:
            return
        answer, taken = measuring.repeated(partial(ask, text), times=TIMES, seconds=SECONDS)
        connection.send((answer, min(taken)))


def compare(
    data: Dataset,
    engines: Iterable[str] = tuple(ENGINES),
    progress: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Ask every query of every engine, one after the other, and compare."""
    outcome = Comparison(data.quads, data.release.quads, measuring.load_average())
    started = [Process(name, data) for name in engines]
    try:
        for each in started:
            outcome.opening[each.name] = each.opening
            outcome.memory[each.name] = each.memory
            progress(f"{each.name}: open in {each.opening:.1f} s, {each.memory / 2**20:.0f} MiB")
        for file in sorted(QUERIES.glob("*.rq")):
            timings, different = _ask_all(file.read_text(), started)
            outcome.queries[file.stem] = timings
            outcome.different += [f"{file.stem}: {name}" for name in different]
            progress(f"{file.stem}: {_line(timings)}{' DIFFERENT' if different else ''}")
    finally:
        for each in started:
            each.end()
    return outcome


def _ask_all(
    text: str, engines: Sequence[Process]
) -> tuple[dict[str, Timing | None], Sequence[str]]:
    """Return the timings by engine, and the engines that differ from the first."""
    timings: dict[str, Timing | None] = {}
    different = []
    first: list[tuple[str, ...]] | None = None
    for engine in engines:
        found = engine.ask(text)
        if found is None:
            timings[engine.name] = None
            continue
        rows = by_value(found[0])
        timings[engine.name] = Timing(found[1], len(rows))
        first = rows if first is None else first
        if rows != first:
            different.append(engine.name)
    return timings, different


def by_value(answer: bytes) -> list[tuple[str, ...]]:
    """Return the rows of an answer in SPARQL JSON, sorted, equal where their values are."""
    content = json.loads(answer)
    names = content["head"]["vars"]
    rows = content["results"]["bindings"]
    return sorted(tuple(_value(row.get(name)) for name in names) for row in rows)


_NUMBERS = {PREFIXES["xsd"] + kind for kind in ("decimal", "double", "float", "integer")}


def _value(cell: Mapping[str, str] | None) -> str:
    if cell is None:
        return ""
    value, kind = cell["value"], cell.get("datatype", "")
    if kind in _NUMBERS:
        try:
            # 0.1 + 0.2 differs between engines in the 17th digit, and 2.0 from 2 in form.
            return f"number {round(Decimal(value), 9).normalize():f}"
        except InvalidOperation:
            pass
    return f"{cell['type']} {value} {kind} {cell.get('xml:lang', '').lower()}"


def _line(timings: Mapping[str, Timing | None]) -> str:
    return ", ".join(
        f"{name} {'given up' if each is None else f'{each.seconds * 1000:.2f} ms'}"
        for name, each in timings.items()
    )


def main() -> None:
    """Compare on the size that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="folder for the release, kept for the next run")
    parser.add_argument("--quads", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    given = parser.parse_args()
    data = dataset.publish(given.home, given.seed, given.quads)
    outcome = compare(data, given.engines, click.echo)
    for slower in given.engines[1:]:
        ratios = list(outcome.ratios(slower, given.engines[0]).values())
        click.echo(f"{slower} / {given.engines[0]}: median {measuring.middle(ratios):.1f} x")
    click.echo(f"Different: {', '.join(outcome.different) or 'none'}")
    (given.home / "comparison.json").write_text(json.dumps(asdict(outcome), indent=1))


if __name__ == "__main__":
    main()
