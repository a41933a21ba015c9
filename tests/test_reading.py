"""Many sources, read in several processes or on a cluster, give what one process makes of them."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from raadgraaf import cluster, loaders
from raadgraaf.cli import main
from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.errors import ClusterUnavailable, ReaderEnded
from raadgraaf.loaders import reading
from raadgraaf.loaders.base import Context, Source

HEADERS = "Kenmerk;Soort;Omschrijving;Datum afgedaan;Portefeuillehouder"
GONE = "tcp://127.0.0.1:1"


@pytest.fixture
def registers(tmp_path: Path) -> Path:
    """Three registers, two of which have a row that cannot be taken over."""
    folder = tmp_path / "bronnen"
    folder.mkdir()
    for name in ("a", "b", "c"):
        lines = [
            f"{name}-{row};Toezegging;Het college zegt {name} {row} toe;01-02-2024;Wethouder {name}"
            for row in range(30)
        ]
        if name != "b":
            lines.append(f"{name}-fout;Toezegging;Nog iets;31-02-2024;Wethouder {name}")
        (folder / f"{name}.csv").write_text("\n".join([HEADERS, *lines]) + "\n")
    (folder / "regel.ttl").write_text("<http://x/a> <http://x/p> 1 .")
    return folder


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have other processes started for the smallest of sources."""
    monkeypatch.setattr(reading, "ALONE", 0)


def loaded(home: Path, *arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(
        main,
        ["load", "--no-owl", "--home", str(home), *map(str, arguments)],
        env={"RAADGRAAF_SHACL": "false"},  # what is read is the same
    )
    return result.exit_code, result.output


def written(home: Path) -> tuple[bytes, bytes]:
    return (
        (home / "current" / "manifest.json").read_bytes(),
        (home / "quarantine.csv").read_bytes(),
    )


@pytest.mark.slow
@pytest.mark.usefixtures("_at_once")
def test_several_processes_make_the_release_and_the_quarantine_that_one_makes(
    registers: Path, tmp_path: Path
) -> None:
    assert loaded(tmp_path / "een", "--processes", 1, registers)[0] == 1
    assert loaded(tmp_path / "meer", "--processes", 3, registers)[0] == 1
    assert written(tmp_path / "meer") == written(tmp_path / "een")
    assert b"31-02-2024" in written(tmp_path / "een")[1]


@pytest.mark.usefixtures("_at_once")
def test_a_source_that_is_refused_in_another_process_is_named(
    registers: Path, tmp_path: Path
) -> None:
    (registers / "regel.ttl").write_text("<http://x/a> <http://x/p> .")
    status, said = loaded(tmp_path / "huis", "--processes", 2, registers)
    assert status == 2
    assert "regel.ttl, line 1" in " ".join(said.split())
    assert not (tmp_path / "huis" / "current").exists()


def test_a_row_too_many_refuses_all_of_several_sources(registers: Path, tmp_path: Path) -> None:
    status, said = loaded(tmp_path / "huis", "--max-errors", 1, registers)
    assert status == 2
    assert "c.csv, row 32" in " ".join(said.split())


def test_two_sources_that_hold_one_graph_are_refused(registers: Path, tmp_path: Path) -> None:
    other = registers / "elders"
    other.mkdir()
    (other / "a.csv").write_bytes((registers / "a.csv").read_bytes())
    status, said = loaded(tmp_path / "huis", registers)
    assert status == 2
    assert "both hold the graph" in " ".join(said.split())


@pytest.mark.usefixtures("_at_once")
def test_a_reading_process_that_is_killed_is_told_in_a_sentence(
    registers: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "nooit.csv"
    os.mkfifo(pipe)  # whoever reads it waits
    sources = [Source(str(path), path, tmp_path) for path in (registers / "a.csv", pipe)]

    def kill() -> None:
        while not (children := multiprocessing.active_children()):
            time.sleep(0.05)
        for child in children:
            if child.pid:
                os.kill(child.pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    with (
        pytest.raises(ReaderEnded, match="Nothing has been changed"),
        reading.contents(sources, Context("http://example.org/"), "register", processes=2),
    ):
        pass
    thread.join()


@contextmanager
def started(*arguments: str, folder: Path) -> Iterator[None]:
    """Run a part of Dask until the end of the block."""
    with (folder / "dask.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments], stdout=log, stderr=log, cwd=folder
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.slow
def test_a_cluster_makes_the_release_that_one_machine_makes(
    registers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert loaded(tmp_path / "een", registers.name)[0] == 1
    file = tmp_path / "scheduler.json"
    local = ("--host", "127.0.0.1", "--no-dashboard")
    with started(
        "scheduler", *local, "--port", "0", "--scheduler-file", str(file), folder=tmp_path
    ):
        address = _address(file)
        status, said = loaded(tmp_path / "geen", "--cluster", address, registers.name)
        assert status == 2
        assert "has no workers" in " ".join(said.split())
        elsewhere = tmp_path / "elders"
        elsewhere.mkdir()
        worker = ("worker", address, *local, "--nthreads", "1", "--nworkers", "2")
        with started(*worker, folder=elsewhere):
            cluster_home = tmp_path / "veel"
            while (result := loaded(cluster_home, "--cluster", address, registers.name))[0] == 2:
                assert "has no workers" in " ".join(result[1].split()), result[1]
                time.sleep(0.2)
            assert written(cluster_home) == written(tmp_path / "een")
            broken = registers / "regel.ttl"
            broken.write_text("<http://x/a> <http://x/p> .")
            status, said = loaded(tmp_path / "fout", "--cluster", address, broken)
            assert status == 2
            assert "regel.ttl, line 1" in " ".join(said.split())


def _address(file: Path) -> str:

    while True:
        try:
            return str(json.loads(file.read_bytes())["address"])
        except (FileNotFoundError, ValueError):
            time.sleep(0.1)


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_is_refused_in_a_sentence(
    registers: Path, tmp_path: Path
) -> None:
    status, said = loaded(tmp_path / "huis", "--cluster", GONE, registers)
    assert status == 2
    assert f"No Dask scheduler answers at {GONE}" in " ".join(said.split())


def test_a_worker_of_another_version_is_refused() -> None:
    with pytest.raises(ClusterUnavailable, match=r"0\.0\.0.*same version"):
        cluster._require_workers({"tcp://127.0.0.1:2": "0.0.0"}, GONE)


@pytest.mark.usefixtures("_at_once")
def test_names_in_registers_are_looked_up_in_the_sources_beside_them(registers: Path) -> None:
    holder = "<https://data.example.org/raadgraaf/id/persoon/gm0299/bekend>"
    (registers / "regel.ttl").write_text(
        f"{holder} a <https://w3id.org/raadgraaf/def#OfficeHolder> ; "
        '<http://xmlns.com/foaf/0.1/name> "Wethouder b" .'
    )
    sources = list(loaders.sources([registers]))
    context = Context(PLACEHOLDER_BASE)
    found = []
    for processes in (1, 2):
        with reading.contents(sources, context, processes=processes) as contents:
            found.append({each.key: set(each.triples) for each in contents})
    assert found[0] == found[1]
    register = "\n".join(map(str, found[0]["bron/gm0299-b"]))
    assert f"portfolioHolder> {holder}" in register
