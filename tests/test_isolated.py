"""Parsing in a process of its own: what is yielded, and how each kind of harm ends."""

import io
import socket
import zipfile
from pathlib import Path

import pytest

from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import InputError
from raadgraaf.loaders import isolated
from raadgraaf.loaders.isolated import Limits

PARSERS = """
import os
import socket
import time
import xml.dom.pulldom
import zipfile

import pyoxigraph
from raadgraaf.errors import InputError

def numbers(stream, most):
    for number in range(most):
        yield {"number": number, "text": stream.readline().decode(errors="surrogateescape")}

def refused(stream):
    yield {"row": 1}
    raise InputError("lijst.csv, row 2: that is no date. Write 2024-02-27.")

def broken(stream):
    raise ValueError("no sheet named Blad1")
    yield

def hungry(stream):
    yield {"size": len(bytearray(10**12))}

def deep(stream):
    import json
    yield {"depth": len(json.loads(stream.read()))}

def busy(stream):
    while True:
        pass
    yield

def idle(stream):
    time.sleep(600)
    yield

def connecting(stream, port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5)
    except OSError:
        yield {"connected": False}
    else:
        yield {"connected": True}

def opening(stream, path):
    try:
        with open(path, "rb") as file:
            yield {"read": len(file.read())}
    except OSError:
        yield {"read": None}

def rdf(stream, form):
    parser = pyoxigraph.parse(stream, format=getattr(pyoxigraph.RdfFormat, form))
    yield {"quads": sum(1 for quad in parser)}

def unzipped(stream):
    with zipfile.ZipFile(stream) as archive:
        yield {"size": len(archive.read(archive.namelist()[0]))}
"""


@pytest.fixture(autouse=True)
def parsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "parsers.py").write_text(PARSERS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))


def read(
    function: str, content: bytes = b"", *arguments: object, limits: Limits | None = None
) -> list[dict[str, object]]:
    given = limits or Limits(memory=256 * MEBIBYTE, seconds=60)
    stream = io.BytesIO(content)
    found = isolated.lines(f"parsers:{function}", stream, "lijst.csv", arguments, given)
    return [dict(each) for each in found]


def test_what_a_parser_yields_arrives_whole_and_in_order() -> None:
    rows = read("numbers", b"een\ntwee\n\xff\n", 30_000)
    assert [row["number"] for row in rows] == list(range(30_000))
    assert [row["text"] for row in rows[:4]] == ["een\n", "twee\n", "\udcff\n", ""]


def test_a_file_on_disk_is_handed_over_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "lijst.csv"
    file.write_bytes(b"een\n")
    with file.open("rb") as stream:
        (row,) = isolated.lines("parsers:numbers", stream, file.name, [1])
    assert row == {"number": 0, "text": "een\n"}


def test_a_reader_that_stops_early_leaves_no_process() -> None:
    before = _children()  # of fixtures of other tests
    rows = isolated.lines("parsers:idle", io.BytesIO(), "lijst.csv")
    rows.close()  # type: ignore[attr-defined]
    rows = isolated.lines("parsers:numbers", io.BytesIO(), "lijst.csv", [10**9])
    assert next(rows)["number"] == 0
    assert _children() - before
    rows.close()  # type: ignore[attr-defined]
    assert _children() <= before


def _children() -> set[str]:
    """Return the processes that this one has started and not reaped."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {process for task in tasks for process in task.read_text().split()}


def test_a_refusal_keeps_its_sentence_and_what_came_before_it() -> None:
    rows = isolated.lines("parsers:refused", io.BytesIO(), "lijst.csv")
    assert next(rows) == {"row": 1}
    with pytest.raises(InputError, match=r"^lijst\.csv, row 2: that is no date\. Write 2024-02-27"):
        next(rows)


def test_a_parser_that_fails_is_quoted() -> None:
    with pytest.raises(InputError, match=r"lijst\.csv: the parser broke off .*no sheet named"):
        read("broken")


def test_memory_is_limited() -> None:
    with pytest.raises(InputError, match=r"lijst\.csv: reading it took more than 256 MiB"):
        read("hungry")


def test_depth_is_refused() -> None:
    with pytest.raises(InputError, match="nested so deeply"):
        read("deep", b"[" * 200_000 + b"]" * 200_000)


@pytest.mark.parametrize("function", ["busy", "idle"])
def test_time_is_limited_for_those_that_compute_and_those_that_wait(function: str) -> None:
    with pytest.raises(InputError, match="more than 1 seconds"):
        read(function, limits=Limits(seconds=1))


def test_no_connection_is_opened() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert read("connecting", b"", server.getsockname()[1]) == [{"connected": False}]


def test_no_file_is_opened_but_by_those_that_may(tmp_path: Path) -> None:
    file = tmp_path / "geheim.txt"
    file.write_bytes(b"geheim")
    assert read("opening", b"", str(file)) == [{"read": None}]
    assert read("opening", b"", str(file), limits=Limits(files=2)) == [{"read": 6}]


def test_a_file_of_the_working_folder_is_no_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "csv.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert len(read("numbers", b"", 1)) == 1


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 12))
    return (
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lollollollol">{entities}]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="http://x/a"><p xmlns="http://x/">&l11;</p>'
        "</rdf:Description></rdf:RDF>"
    ).encode()


def test_entities_that_grow_end_the_process_and_not_this_one() -> None:
    with pytest.raises(InputError, match=r"lijst\.csv"):
        read("rdf", billion_laughs(), "RDF_XML")


def test_json_ld_that_is_nested_ends_the_process_and_not_this_one() -> None:
    depth = 20_000
    content = b'{"http://x/p":' * depth + b"1" + b"}" * depth
    with pytest.raises(InputError, match=r"lijst\.csv: .*(MiB|nested|seconds)"):
        read("rdf", content, "JSON_LD", limits=Limits(memory=256 * MEBIBYTE, seconds=20))


def test_turtle_that_is_nested_ends_the_process_and_not_this_one() -> None:
    content = b"<http://x/s> <http://x/p> " + b"<<( <http://x/s> <http://x/p> " * 20_000
    with pytest.raises(InputError, match=r"lijst\.csv"):
        read("rdf", content, "TURTLE")


def test_an_archive_that_grows_ends_the_process_and_not_this_one() -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("blad.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(100):
            member.write(bytes(MEBIBYTE))
    with pytest.raises(InputError, match="64 MiB"):
        read("unzipped", packed.getvalue(), limits=Limits(memory=64 * MEBIBYTE))
