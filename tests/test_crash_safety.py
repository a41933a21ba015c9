"""Crash safety: whatever happens to a load, the old release or the new one stands whole.

With RAADGRAAF_TORTURE set, hundreds of accidents; RAADGRAAF_SEED tells which.
"""

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from raadgraaf import checking, releases
from raadgraaf.errors import NoRelease

SEED = os.environ.get("RAADGRAAF_SEED", "1")
TORTURE = "RAADGRAAF_TORTURE" in os.environ
KILLS = 500 if TORTURE else 40
SWITCHES = 40 if TORTURE else 6
FULL_DISKS = 100 if TORTURE else 10
DAMAGES = 100 if TORTURE else 10

KILLED_LOAD = Path(__file__).with_name("killed_load.py")
CHANGED, REFUSED, UNCHANGED = 0, 2, 3
KILLED = {-signal.SIGKILL, -signal.SIGALRM}
WHOLE = 80
"""Resources of a generation."""
GENERATIONS = """
SELECT ?generation (COUNT(*) AS ?count)
WHERE { ?thing <http://example.org/generation> ?generation }
GROUP BY ?generation
"""
NAMED = GENERATIONS.replace("{ ?thing", "{ GRAPH ?g { ?thing").replace(" }\n", " } }\n")

log = logging.getLogger(__name__)

pytestmark = pytest.mark.slow


class Writers:
    """Processes that load, one after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def load(self, home: Path, generation: int, **accident: object) -> tuple[int, int]:
        """Return how a load ended and how often it was about to change the disk."""
        task: dict[str, Any] = {"home": str(home), "generation": generation}
        task |= {"plain": home.name == "plain"} | accident
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        status, steps = self._process.stdout.readline().split()
        return int(status), int(steps)


@pytest.fixture
def writers() -> Iterator[Writers]:
    command = [sys.executable, str(KILLED_LOAD)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Writers(process)
        assert process.stdin
        process.stdin.close()
        assert process.wait(60) == 0


def generation(home: Path) -> int:
    """Return the one generation that the current release holds whole, 0 without a release."""
    try:
        release = releases.current(home)
    except NoRelease:
        return 0
    store = release.open(memory_quads=0)
    (row,) = store.query(NAMED if home.name == "plain" else GENERATIONS)
    assert int(row["count"].value) == WHOLE
    return int(row["generation"].value)


def newest(home: Path) -> int:
    return max((each.number for each in releases.kept_releases(home)), default=0)


def assert_repeatable(writers: Writers, home: Path, now: int, number: int) -> None:
    """Repeat a load: that makes one release. Now and then: again, it makes none; all is sound."""
    status, _ = writers.load(home, now)
    assert status in {CHANGED, UNCHANGED}
    assert generation(home) == now
    assert newest(home) == number + 1
    if now % 4 == 0:
        assert writers.load(home, now)[0] == UNCHANGED
        assert list(checking.findings(home)) == []


def test_killed_anywhere_the_old_or_the_new_release_stands_whole(
    tmp_path: Path, writers: Writers
) -> None:
    random = Random(f"kills {SEED}")  # noqa: S311
    measured: dict[str, tuple[int, float]] = {}
    for name in ("plain", "merged"):
        began = time.monotonic()
        assert writers.load(tmp_path / "measured" / name, 1)[0] == CHANGED
        _, steps = writers.load(tmp_path / "measured" / name, 2)
        measured[name] = steps, (time.monotonic() - began) / 2
    killed: Counter[str] = Counter()
    now = 0
    while killed.total() < KILLS:
        now += 1
        name = "merged" if now % 8 < 2 else "plain"
        home = tmp_path / name
        if random.random() < 0.1:
            shutil.rmtree(home, ignore_errors=True)
        before, number = generation(home), newest(home)
        steps, seconds = measured[name]
        at_step = {"step": random.randint(1, steps)}
        at_time = {"seconds": random.uniform(0.001, seconds)}
        status, _ = writers.load(home, now, **(at_step if random.random() < 0.6 else at_time))
        after = generation(home)
        assert after in {before, now}
        if status in KILLED:
            killed["after the commit" if after == now else "before the commit"] += 1
        else:
            assert status == CHANGED
        assert_repeatable(writers, home, now, number)
    log.info(f"{KILLS} kills, seed {SEED}: {dict(killed)}")
    assert len(killed) == 2


def test_while_writers_are_killed_readers_see_whole_generations(
    tmp_path: Path, writers: Writers
) -> None:
    random = Random(f"switches {SEED}")  # noqa: S311
    home = tmp_path / "merged"
    writers.load(home, 1)
    _, steps = writers.load(home, 2)
    seen: list[tuple[int, int]] = []
    failed: list[str] = []
    stop = threading.Event()
    with served(home) as root:

        def read() -> None:
            while not stop.wait(0.01):  # leave the writers some of the machine
                try:
                    seen.append(asked(root))
                except (OSError, ValueError) as error:
                    failed.append(repr(error))

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        try:
            for now in range(3, 3 + SWITCHES):
                writers.load(home, now, step=random.randint(steps * 2 // 3, steps))
                writers.load(home, now)
        finally:
            stop.set()
            for reader in readers:
                reader.join(60)
        last = 0
        until = time.monotonic() + 60
        while last != now and time.monotonic() < until:
            last = asked(root)[0]
    log.info(f"{SWITCHES} switches, seed {SEED}: {len(seen)} answers")
    assert last == now
    assert failed == []
    assert {count for _, count in seen} == {WHOLE}
    assert seen


@contextlib.contextmanager
def served(home: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "raadgraaf", "serve", "--port", "0", "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield server.stdout.readline().split()[-1].rstrip("/")
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()


def asked(root: str) -> tuple[int, int]:
    query = urllib.parse.urlencode({"query": GENERATIONS})
    request = urllib.request.Request(  # noqa: S310
        f"{root}/sparql?{query}", headers={"Accept": "application/sparql-results+json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        (row,) = json.load(response)["results"]["bindings"]
    return int(row["generation"]["value"]), int(row["count"]["value"])


def test_where_no_file_can_grow_a_load_is_refused_and_goes_through_later(
    tmp_path: Path, writers: Writers
) -> None:
    random = Random(f"limits {SEED}")  # noqa: S311
    home = tmp_path / "plain"
    writers.load(home, 1)
    ended: Counter[int] = Counter()
    for now in range(2, 2 + FULL_DISKS):
        number = newest(home)
        status, _ = writers.load(home, now, file_bytes=int(10 ** random.uniform(1, 4.7)))
        ended[status] += 1
        assert generation(home) == (now if status == CHANGED else now - 1)
        assert_repeatable(writers, home, now, number)
    log.info(f"{FULL_DISKS} limits, seed {SEED}: {dict(ended)}")
    assert set(ended) <= {REFUSED, CHANGED}
    assert ended[REFUSED]


def test_on_a_full_disk_a_load_is_refused_and_goes_through_later(
    tmp_path: Path, writers: Writers
) -> None:
    random = Random(f"disks {SEED}")  # noqa: S311
    ended: Counter[int] = Counter()
    with small_disk(tmp_path / "disk") as disk:
        home = disk / "plain"
        writers.load(home, 1, ignore_free=True)
        for now in range(2, 2 + FULL_DISKS):
            number = newest(home)
            used = shutil.disk_usage(disk).used
            resize(disk, used + int(10 ** random.uniform(3, 6)))
            status, _ = writers.load(home, now, ignore_free=True)
            ended[status] += 1
            assert generation(home) == (now if status == CHANGED else now - 1)
            resize(disk, 1 << 30)
            assert_repeatable(writers, home, now, number)
    log.info(f"{FULL_DISKS} full disks, seed {SEED}: {dict(ended)}")
    assert set(ended) <= {REFUSED, CHANGED}
    assert ended[REFUSED]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1g", "none", str(folder)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, check=False).returncode:
        pytest.skip("no tmpfs can be mounted here; the limit of file sizes is tested")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S607


def resize(disk: Path, size: int) -> None:
    command = ["mount", "-o", f"remount,size={size}", str(disk)]
    subprocess.run(command, check=True)


def test_a_byte_that_changes_is_found_and_never_stops_a_load_in_the_middle(
    tmp_path: Path, writers: Writers
) -> None:
    random = Random(f"damages {SEED}")  # noqa: S311
    sound = tmp_path / "sound" / "plain"
    for now in (1, 2):
        writers.load(sound, now)
    files = sorted(path for path in sound.rglob("*") if path.is_file() and path.stat().st_size)
    files = [path for path in files if "current" not in path.relative_to(sound).parts]
    ended: Counter[int] = Counter()
    for _ in range(DAMAGES):
        home = tmp_path / "plain"
        shutil.copytree(sound, home, symlinks=True)
        path = home / random.choice(files).relative_to(sound)
        content = bytearray(path.read_bytes())
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
        path.write_bytes(content)
        assert any(not each.harmless for each in checking.findings(home))
        status, _ = writers.load(home, 3)
        ended[status] += 1
        if status == CHANGED:
            assert generation(home) == 3
        shutil.rmtree(home)
    log.info(f"{DAMAGES} damages, seed {SEED}: {dict(ended)}")
    assert set(ended) <= {CHANGED, REFUSED}
