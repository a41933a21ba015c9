"""The real server: how it starts and ends, what it bears, and what it says of itself."""

import contextlib
import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from raadgraaf import loaders, transaction
from raadgraaf.config import Settings

pytestmark = pytest.mark.slow

START_SECONDS = 60
ASK = f"/sparql?query={quote('ASK {}')}"
MANY = f"/sparql?query={quote('SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 100000')}"


@dataclass
class Server:
    process: "subprocess.Popen[str]"
    root: str
    log: Path

    def get(self, path: str) -> tuple[int, bytes]:
        where = urlsplit(self.root)
        connection = http.client.HTTPConnection(where.netloc, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def connect(self) -> socket.socket:
        where = urlsplit(self.root)
        return socket.create_connection((where.hostname, where.port), timeout=60)

    def send(self, content: bytes) -> bytes:
        """Return all that the server says until it closes the connection."""
        with self.connect() as connection:
            connection.sendall(content)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@contextlib.contextmanager
def serving(folder: Path, *options: str, home: Path, **settings: str) -> Iterator[Server]:
    """Run `raadgraaf serve` on a free port."""
    command = [str(Path(sys.executable).with_name("raadgraaf")), "serve", "--home", str(home)]
    log = folder / "log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [*command, "--port", "0", *options],
            env=os.environ | {f"RAADGRAAF_{name.upper()}": text for name, text in settings.items()},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout
    try:
        ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
        assert ready, log.read_text()
        found = re.search(r"http://\S+(?=/)", process.stdout.readline())
        assert found, log.read_text()
        yield Server(process, found[0], log)
    finally:
        process.stdout.close()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with serving(folder, home=home, workers="2", drain_seconds="0.5") as running:
        yield running


def processes(group: int) -> set[int]:
    """Return the processes that came from one, by their parents in /proc."""
    found, before = {group}, 0
    while before < len(found):
        before = len(found)
        for entry in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = entry.read_text().rpartition(")")[2].split()
                if int(fields[1]) in found:
                    found.add(int(entry.parent.name))
    return found - {group}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_all_that_it_started(
    home: Path, tmp_path: Path, number: int
) -> None:
    with serving(tmp_path, home=home, workers="1") as server:
        assert server.get(ASK)[0] == 200
        children = processes(server.process.pid)
        assert len(children) > 2
        assert server.end(number) == 0
        assert {child for child in children if Path(f"/proc/{child}").exists()} == set()
        assert server.log.read_text() == ""


def test_what_is_under_way_is_answered_before_the_end(home: Path, tmp_path: Path) -> None:
    with serving(tmp_path, home=home, workers="1") as server, server.connect() as connection:
        body = b"query=ASK%7B%7D"
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(body)
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")  # so it is being read
        server.process.send_signal(signal.SIGTERM)
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(timeout=60) == 0


def test_a_port_that_is_taken_is_told(home: Path, server: Server) -> None:
    port = str(urlsplit(server.root).port)
    command = [str(Path(sys.executable).with_name("raadgraaf")), "serve", "--home", str(home)]
    done = subprocess.run(
        [*command, "--port", port], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr


def test_a_release_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    release = tmp_path / "home" / "releases" / "1"
    release.mkdir(parents=True)
    (tmp_path / "home" / "current").symlink_to(release)
    command = [str(Path(sys.executable).with_name("raadgraaf")), "serve", "--port", "0"]
    done = subprocess.run(
        [*command, "--home", str(tmp_path / "home")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_requests_of_every_make_are_answered(server: Server) -> None:
    get = f"GET {ASK} HTTP/1.1\r\nHost: x\r\n"
    last = f"{get}Connection: close\r\n\r\n"
    answers = server.send(f"{get}\r\n{get}\r\n{last}".encode())
    assert answers.count(b"HTTP/1.1 200 OK") == answers.count(b'"boolean":true') == 3
    old = server.send(f"GET {ASK} HTTP/1.0\r\n\r\n".encode())
    assert old.startswith(b"HTTP/1.0 200 OK")
    assert b"content-length: " in old.lower()
    absolute = last.replace(ASK, f"http://elsewhere.example{ASK}")
    assert server.send(absolute.encode()).startswith(b"HTTP/1.1 200 OK")
    chunked = (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/sparql-query\r\n\r\n3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n"
    )
    assert b'"boolean":true' in server.send(chunked)
    head = server.send(last.replace("GET", "HEAD", 1).encode()).lower()
    same = server.send(last.encode()).lower()
    assert head.endswith(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", same)
    assert length
    assert length[0] in head


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (f"GET /sparql?query={'a' * 61_000} HTTP/1.1\r\nHost: x", 414),
        (f"GET /sparql?query={'a' * 90_000} HTTP/1.1\r\nHost: x", 414),
        ("GET / HTTP/1.1\r\nHost: x" + "\r\nX-Many: 1" * 500, 431),
        ("GARBAGE", 400),
        ("GET /sparql HTTP/1.1", 400),
        ("GET /sparql HTTP/1.1\r\nHost: x\r\nHost: y", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: a", 400),
        ("POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000", 413),
        ("BREW /sparql HTTP/1.1\r\nHost: x", 405),
    ],
)
def test_what_is_no_proper_request_is_refused(
    server: Server, request_head: str, status: int
) -> None:
    answer = server.send(f"{request_head}\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"granian" not in answer.lower()
    assert server.get(ASK)[0] == 200


def test_an_address_too_long_is_told_with_the_limit(server: Server) -> None:
    head = f"GET /sparql?query={'a' * 61_000} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = server.send(head.encode())
    assert b"access-control-allow-origin: *" in answer.lower()
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["limit"] == 60_000


def test_who_stops_reading_is_cut_and_holds_up_nobody(server: Server) -> None:
    for patience in (2, 4, 8, 16, 32):
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(60)
            where = urlsplit(server.root)
            connection.connect((where.hostname, where.port))
            connection.sendall(f"GET {MANY} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = connection.recv(2000)  # so all the rest waits to be sent
            assert server.get(ASK)[0] == 200
            time.sleep(patience)
            length = re.search(rb"content-length: (\d+)", head.lower())
            assert length
            rest = int(length[1]) - len(head.partition(b"\r\n\r\n")[2])
            with contextlib.suppress(ConnectionError):
                while rest and (piece := connection.recv(1 << 20)):
                    rest -= len(piece)
        if rest:
            return
    pytest.fail("The whole answer came, though it was left unread.")


def test_slow_senders_hold_up_nobody(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            connection = stack.enter_context(server.connect())
            connection.sendall(
                b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
                b"Content-Type: application/sparql-query\r\n\r\nASK"
            )
        assert server.get(ASK)[0] == 200


def test_what_was_sent_or_given_up_is_open_no_longer(server: Server) -> None:
    for path in ("/", "/doc/none", "/static/raadgraaf.css", ASK, MANY):
        server.get(path)
    assert server.get("/healthz")[0] == 200
    for patience in (0, 1, 2, 4, 8, 16):  # those of other tests are still being ended
        time.sleep(patience)
        text = server.get("/metrics")[1]
        if b"\nraadgraaf_requests_open 1.0\n" in text:
            return
    pytest.fail(text.decode())


def test_no_request_fails_while_a_release_is_published(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", plain=True)
    file = tmp_path / "data.ttl"
    file.write_text("<urn:a> <urn:generation> 0 .")
    transaction.load(
        settings, loaders.contents(loaders.sources((file,)), settings.base), reason=False
    )
    count = f"/sparql?format=csv&query={quote('SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }')}"
    counts: list[int] = []
    failures: list[str] = []
    done = threading.Event()

    with serving(tmp_path, home=settings.home, workers="2", plain="true") as server:

        def hammer() -> None:
            while not done.is_set():
                try:
                    counts.append(int(server.get(count)[1].split()[1]))
                except (OSError, IndexError) as error:
                    failures.append(repr(error))

        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for thread in threads:
            thread.start()
        raadgraaf = str(Path(sys.executable).with_name("raadgraaf"))
        for generation in range(1, 4):
            file.write_text(
                "".join(f"<urn:a> <urn:generation> {n} ." for n in range(generation + 1))
            )
            subprocess.run(
                [raadgraaf, "load", "--home", str(settings.home), str(file)],
                env=os.environ | {"RAADGRAAF_PLAIN": "true"},
                check=True,
                capture_output=True,
                timeout=120,
            )
        last = int(server.get(count)[1].split()[1])
        done.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert len(set(counts)) > 1
    assert last == max(counts)
