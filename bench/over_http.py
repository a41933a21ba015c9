"""Servers over loopback, with 1, 8 and 32 clients at once.

python -m bench.over_http --quads 100000 HOME
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
from pyoxigraph import NamedNode, QuerySolutions

from bench import dataset, load, measuring
from bench.compare import by_value
from bench.dataset import Dataset
from raadgraaf.catalogue import bind

REQUESTS = Path(__file__).parent / "requests"
CLIENTS = (1, 8, 32)
ASKED = 4000
"""Requests of one measurement, at most."""
SECONDS = 8.0
"""After which a measurement ends, finished or not."""
DOWNLOADS = 10
WARM_UP = 200
COMPARED = 25
"""Queries whose answers are compared between the servers."""
START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Server:
    """What starts a server of a dataset, and where it answers then."""

    command: Callable[[Dataset, int], Sequence[str]]
    path: str


def _script(name: str) -> str:
    """Return the path of a command that was installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


def _raadgraaf(data: Dataset, port: int) -> Sequence[str]:
    return [_script("raadgraaf"), "serve", "--home", str(data.home), "--port", str(port)]


def _oxigraph(data: Dataset, port: int) -> Sequence[str]:
    folder = str(data.release.path / "store")
    where = f"127.0.0.1:{port}"
    return [_script("oxigraph"), "serve-read-only", "--location", folder, "--bind", where]


def _rdflib_endpoint(data: Dataset, port: int) -> Sequence[str]:
    where = ["--host", "127.0.0.1", "--port", str(port)]
    return [_script("rdflib-endpoint"), "serve", *where, str(data.default)]


SERVERS: Mapping[str, Server] = {
    "raadgraaf": Server(_raadgraaf, "/sparql"),
    "oxigraph": Server(_oxigraph, "/query"),
    "rdflib-endpoint": Server(_rdflib_endpoint, "/"),
}
"""The servers by name; another server is another row here."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one kind of load came to; times in seconds."""

    clients: int
    requests: int
    median: float
    p95: float
    throughput: float
    processor: float
    """Processor seconds of the server for each request."""


@dataclass(slots=True)
class Serving:
    """The outcome of a run, by server and kind of load."""

    quads: int
    load_average: float
    measured: dict[str, dict[str, list[Measured]]] = field(default_factory=dict)
    different: list[str] = field(default_factory=list)


@contextmanager
def running(server: Server, data: Dataset) -> Iterator[tuple[str, int]]:
    """Start a server on a free port of the loopback; give its address and process; end it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"RAADGRAAF_MEMORY_QUADS": str(data.release.quads)}
    process = subprocess.Popen(
        server.command(data, port),
        env=os.environ | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}{server.path}"
        _await(address, process)
        yield address, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            load.fetch(address, "ASK {}")
        except ConnectionError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def serve(
    data: Dataset,
    servers: Sequence[str] = tuple(SERVERS),
    progress: Callable[[str], None] = lambda _: None,
) -> Serving:
    """Measure each server with each kind of load, one server at a time."""
    outcome = Serving(data.quads, measuring.load_average())
    points = _point_queries(data)
    large = (REQUESTS / "ten-thousand-rows.rq").read_text()
    first: list[list[tuple[str, ...]]] | None = None
    for name in servers:
        with running(SERVERS[name], data) as (address, process):
            answers = [by_value(load.fetch(address, query)) for query in points[:COMPARED]]
            # Which rows a LIMIT takes is free: only their number is compared.
            answers.append([(str(len(by_value(load.fetch(address, large)))),)])
            first = answers if first is None else first
            if answers != first:
                outcome.different.append(name)
            outcome.measured[name] = measured = _loads(address, process, points, large)
        for kind, results in measured.items():
            progress(f"{name}, {kind}: " + "; ".join(_line(each) for each in results))
    return outcome


def _point_queries(data: Dataset) -> Sequence[str]:
    store = data.release.open(memory_quads=-1)
    found = store.query((REQUESTS / "things.rq").read_text())
    if not isinstance(found, QuerySolutions):
        raise TypeError("things.rq is not a SELECT query.")
    text = (REQUESTS / "point.rq").read_text()
    things = (row["thing"] for row in found)
    return [bind(text, {"thing": thing}) for thing in things if isinstance(thing, NamedNode)]


def _loads(
    address: str, process: int, points: Sequence[str], large: str
) -> dict[str, list[Measured]]:
    distinct = [load.request(address, query) for query in points[COMPARED:]]
    same = load.request(address, points[0])
    load.run(address, distinct[:WARM_UP], 8, SECONDS)
    found: dict[str, list[Measured]] = {"distinct": [], "repeated": [], "large": []}
    size = min(ASKED, (len(distinct) - WARM_UP) // len(CLIENTS))
    for number, clients in enumerate(CLIENTS):
        start = WARM_UP + number * size  # no query is asked twice
        share = distinct[start : start + size]
        found["distinct"].append(_measured(address, process, share, clients))
        found["repeated"].append(_measured(address, process, [same] * ASKED, clients))
    downloads = [load.request(address, f"{large}# {number}\n") for number in range(DOWNLOADS)]
    found["large"].append(_measured(address, process, downloads, 1))
    return found


def _measured(address: str, process: int, requests: Sequence[bytes], clients: int) -> Measured:
    before = measuring.processor_seconds(process)
    done = load.run(address, requests, clients, SECONDS)
    used = measuring.processor_seconds(process) - before
    if done.failures:
        raise OSError(f"{address}: {done.failures} of {len(done.times)} requests failed.")
    return Measured(
        clients,
        len(done.times),
        measuring.middle(done.times),
        measuring.quantile(done.times, 0.95),
        done.throughput,
        used / len(done.times),
    )


def _line(each: Measured) -> str:
    return (
        f"{each.clients} clients {each.median * 1000:.2f} ms, {each.throughput:.0f}/s, "
        f"{each.processor * 1000:.2f} CPU-ms"
    )


def main() -> None:
    """Measure on the size that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="folder for the release, kept for the next run")
    parser.add_argument("--quads", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--servers", nargs="+", choices=list(SERVERS), default=list(SERVERS))
    given = parser.parse_args()
    data = dataset.publish(given.home, given.seed, given.quads)
    outcome = serve(data, given.servers, click.echo)
    click.echo(f"Different: {', '.join(outcome.different) or 'none'}")
    (given.home / "serving.json").write_text(json.dumps(asdict(outcome), indent=1))


if __name__ == "__main__":
    main()
