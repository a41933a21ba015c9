"""A client that keeps many connections busy and costs little itself (HTTP/1.1, RFC 9112)."""

import selectors
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from urllib.parse import quote, urlsplit

JSON = "application/sparql-results+json"
PATIENCE = 60.0
"""Seconds without any byte after which a server is given up."""


@dataclass(slots=True)
class Load:
    """What came of a number of requests."""

    clients: int
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    failures: int = 0
    """Answers of another status than 200."""

    @property
    def throughput(self) -> float:
        """Requests a second."""
        return len(self.times) / self.seconds


class Incomplete(Exception):
    """More of the answer is to come."""


def request(address: str, query: str) -> bytes:
    """Return the bytes of a GET request for a query (SPARQL 1.1 Protocol, 2.1.1)."""
    where = urlsplit(address)
    return (
        f"GET {where.path}?query={quote(query, safe='')} HTTP/1.1\r\n"
        f"Host: {where.netloc}\r\nAccept: {JSON}\r\n\r\n"
    ).encode("ascii")


def run(address: str, requests: Sequence[bytes], clients: int, seconds: float) -> Load:
    """Send the requests in turn, each client one at a time, until they or the time are used up."""
    where = urlsplit(address)
    load, waiting = Load(clients), iter(requests)
    with selectors.DefaultSelector() as selector:
        start = perf_counter()
        for first in islice(waiting, clients):
            client = _Client(where.hostname or "", where.port or 80)
            client.send(first)
            selector.register(client.connection, selectors.EVENT_READ, client)
        while selector.get_map():
            ready = selector.select(PATIENCE)
            if not ready:
                raise TimeoutError(f"{address} sent nothing for {PATIENCE:g} seconds.")
            for key, _ in ready:
                client = key.data
                status = client.received()
                if status is None:
                    continue
                load.times.append(perf_counter() - client.sent)
                load.failures += status != b"200"
                late = perf_counter() - start > seconds
                following = None if late else next(waiting, None)
                if following is None or client.closed:
                    selector.unregister(client.connection)
                    client.connection.close()
                if following is None:
                    continue
                if client.closed:
                    client.connect()
                    selector.register(client.connection, selectors.EVENT_READ, client)
                client.send(following)
        load.seconds = perf_counter() - start
    return load


def fetch(address: str, query: str) -> bytes:
    """Return the body of the answer to one query."""
    where = urlsplit(address)
    client = _Client(where.hostname or "", where.port or 80)
    client.connection.settimeout(PATIENCE)
    client.send(request(address, query))
    while (status := client.received()) is None:
        pass
    client.connection.close()
    if status != b"200":
        raise OSError(f"{address} answered {status.decode()}: {client.body[:200]!r}")
    return client.body


class _Client:
    """One connection, with one request under way at most."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self.body = b""
        self.connect()

    def connect(self) -> None:
        self.connection = socket.create_connection(self._address, PATIENCE)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.closed = False

    def send(self, content: bytes) -> None:
        self._buffer = bytearray()
        self.sent = perf_counter()
        self.connection.sendall(content)

    def received(self) -> bytes | None:
        """Take what has come; return the status once the answer is whole."""
        content = self.connection.recv(1 << 20)
        self._buffer += content
        try:
            status, self.body = self._parsed(ended=not content)
        except Incomplete:
            if not content:
                raise ConnectionError("The server closed the connection early.") from None
            return None
        return status

    def _parsed(self, *, ended: bool) -> tuple[bytes, bytes]:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            raise Incomplete
        head = bytes(self._buffer[:end]).lower()
        status = head[9:12]
        self.closed = ended or b"\r\nconnection: close" in head
        start = end + 4
        place = head.find(b"\r\ncontent-length:")
        if place >= 0:
            size = int(head[place + 17 :].split(b"\r\n", 1)[0])
            if len(self._buffer) - start < size:
                raise Incomplete
            return status, bytes(self._buffer[start:])
        if b"\r\ntransfer-encoding: chunked" in head:
            if not self._buffer.endswith(b"0\r\n\r\n"):
                raise Incomplete
            return status, b"".join(_chunks(self._buffer, start))
        if not ended:
            raise Incomplete
        return status, bytes(self._buffer[start:])


def _chunks(content: bytearray, place: int) -> Iterator[bytes]:
    while True:
        end = content.find(b"\r\n", place)
        size = int(bytes(content[place:end]).split(b";")[0], 16)
        if not size:
            return
        yield bytes(content[end + 2 : end + 2 + size])
        place = end + 2 + size + 2
