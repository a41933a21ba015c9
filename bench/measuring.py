"""What a measurement is: times, processor time, memory, and the machine that it was made on."""

import os
import platform
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Stopwatch:
    """The seconds that a block took, and the processor seconds, those of its processes included."""

    seconds: float = field(default=0.0)
    processor: float = field(default=0.0)


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Measure the block under it."""
    watch = Stopwatch()
    start, used = perf_counter(), _used()
    yield watch
    watch.seconds, watch.processor = perf_counter() - start, _used() - used


def _used() -> float:
    """Return the processor time of this process and of those it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def repeated(act: Callable[[], T], *, times: int, seconds: float) -> tuple[T, list[float]]:
    """Return what an act returns and how long it took each time; it ends early after a while."""
    taken: list[float] = []
    while True:
        with stopwatch() as watch:
            result = act()
        taken.append(watch.seconds)
        if len(taken) >= times or sum(taken) > seconds:
            return result, taken


def quantile(values: list[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def processes(root: int) -> set[int]:
    """Return a process and all that came from it, from /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents[int(entry.name)] = int(fields[1])
    found, before = {root}, 0
    while len(found) > before:
        before = len(found)
        found |= {process for process, parent in parents.items() if parent in found}
    return found


def processor_seconds(root: int) -> float:
    """Return the processor time of a process and all that came from it."""
    stats = [_stat(process) for process in processes(root)]
    return sum(sum(int(each) for each in fields[11:15]) / TICKS for fields in stats if fields)


def peak_memory() -> int:
    """Return the most bytes that this process has had in memory."""
    status = Path("/proc/self/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def machine() -> dict[str, str]:
    """Describe where the figures come from, without the name of the machine."""
    processor = next(
        (
            line.partition(": ")[2]
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ("pyoxigraph", "oxigraph", "rdflib", "rdflib-endpoint", "pyshacl", "granian")
    return {
        "processor": f"{processor}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def load_average() -> float:
    """Return how busy the machine was in the last minute, others included."""
    return os.getloadavg()[0]


def middle(values: list[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def _stat(process: int) -> list[str] | None:
    """Return the fields of a process's state that follow its name, or None if it has gone."""
    try:
        content = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return content.rpartition(")")[2].split()
