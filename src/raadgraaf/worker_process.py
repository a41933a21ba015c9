"""The processes behind `raadgraaf.workers`: a holder of one release, and workers forked from it.

The holder only opens, forks and ends. A worker answers one query at a time over a socket of its
own. A worker whose release is in memory can open neither files nor connections, so SERVICE fails
in it; one that reads from disk must open files: there the guard in front refuses SERVICE, and
`raadgraaf.protections` where pyseccomp is installed.
"""

import ctypes
import gc
import io
import json
import os
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from raadgraaf import results
from raadgraaf.errors import InputError, RaadgraafError
from raadgraaf.protections import forbid_connections
from raadgraaf.releases import Release
from raadgraaf.store import EmbeddedStore

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

COMMAND = struct.Struct("!q")
"""To a holder: FORK, or the process to end. From it: the process that it forked, or NONE."""
FORK = NONE = 0

FETCHED_BYTES = 64 * 1024
"""Bytes that go through a worker's socket at a time."""

_HEADER = struct.Struct("!cI")
_WORKER_SOCKET = 3
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query, with the media types that the client prefers for either form of result."""

    text: str
    results_type: str | None
    """For SELECT and ASK; an ASK has no CSV or TSV. None: the client accepts no such type."""
    graph_type: str | None
    """For CONSTRUCT and DESCRIBE. None: the client accepts no such type."""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    release: int | None = None
    """A kept release; None: the current one."""
    base: str | None = None
    """What relative IRIs are resolved against."""

    def to_json(self) -> bytes:
        """Return the request as it travels to a worker."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "QueryRequest":
        """Return the request that `to_json` wrote."""
        values = json.loads(content)
        for graphs in ("default_graphs", "named_graphs"):
            values[graphs] = tuple(values[graphs])
        return cls(**values)


class Frame(Enum):
    """What travels between front, holder and worker: one letter, a length and that many bytes."""

    READY = b"R"  # a holder has opened its release
    REQUEST = b"Q"  # a QueryRequest
    HEAD = b"H"  # media type of the answer
    DATA = b"D"  # part of the answer
    ERROR = b"E"  # class in errors.py and message
    END = b"Z"  # the answer or error is whole; the worker waits for the next request
    LAST = b"L"  # the same, but the worker has grown and ends


def send(connection: socket.socket, frame: Frame, payload: bytes = b"") -> None:
    """Send one frame."""
    connection.sendall(_HEADER.pack(frame.value, len(payload)) + payload)


def send_error(connection: socket.socket, error: RaadgraafError) -> None:
    """Send an error as its class and message."""
    send(connection, Frame.ERROR, _error(error))


def _error(error: RaadgraafError) -> bytes:
    return json.dumps([type(error).__name__, str(error)]).encode()


def receive(connection: socket.socket, until: float | None = None) -> tuple[Frame, bytes]:
    """Return the next frame; EOFError if there is none, TimeoutError past a monotonic time."""
    kind, length = _HEADER.unpack(receive_exactly(connection, _HEADER.size, until))
    return Frame(kind), receive_exactly(connection, length, until)


def receive_exactly(connection: socket.socket, size: int, until: float | None = None) -> bytes:
    """Return so many bytes, under the same conditions."""
    received = bytearray(size)
    rest = memoryview(received)
    while rest:
        if until is not None:
            connection.settimeout(max(until - time.monotonic(), 0.001))
        count = connection.recv_into(rest)
        if not count:
            raise EOFError
        rest = rest[count:]
    return bytes(received)


class Incoming:
    """Frames of a socket, of which as many are fetched at once as have come."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stream = connection.makefile("rb", FETCHED_BYTES)

    def receive(self, until: float) -> tuple[Frame, bytes]:
        """Return the next frame, under the conditions of `receive`."""
        kind, length = _HEADER.unpack(self._exactly(_HEADER.size, until))
        return Frame(kind), self._exactly(length, until)

    def _exactly(self, size: int, until: float) -> bytes:
        self._connection.settimeout(max(until - time.monotonic(), 0.001))
        content: bytes = self._stream.read(size)
        if len(content) < size:
            raise EOFError
        return content

    def close(self) -> None:
        """Let go of the socket."""
        self._stream.close()


class Outgoing:
    """Frames for a socket, of which as many are sent at once as fit."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._waiting = bytearray()

    def send(self, frame: Frame, payload: bytes = b"") -> None:
        """Send a frame, now or with those after it."""
        self._waiting += _HEADER.pack(frame.value, len(payload)) + payload
        if len(self._waiting) >= FETCHED_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        self._connection.sendall(self._waiting)
        self._waiting.clear()


def hold(control: socket.socket, release: Release, memory_quads: int, worker_memory: int) -> None:
    """Open a release, then fork and end workers as told, until the front closes its end."""
    store = None
    try:
        if release.quads <= memory_quads:
            # In a thread that is gone by the first fork: a random generator that loading had
            # seeded in this thread would give all workers the same UUID() and RAND().
            with ThreadPoolExecutor(max_workers=1) as loader:
                store = loader.submit(release.open, memory_quads).result()
    except RaadgraafError as error:
        send_error(control, error)
        return
    die_with_parent = _parent_death_signal()

    def run(connection: socket.socket) -> None:
        die_with_parent()
        _confine(connection)
        if store is None:
            forbid_connections()
        opened = release.open(memory_quads=-1) if store is None else store
        _limit_memory(worker_memory)
        if store is not None:
            # With a number left free below the limit SERVICE would still connect.
            _lower(resource.RLIMIT_NOFILE, _WORKER_SOCKET + 1)
        work(socket.socket(fileno=_WORKER_SOCKET), opened, worker_memory)

    gc.freeze()  # or the collector of each worker would copy every page of Python's objects
    send(control, Frame.READY)
    workers: set[int] = set()
    try:
        while True:
            (process,) = COMMAND.unpack(receive_exactly(control, COMMAND.size))
            if process == FORK:
                _fork(control, workers, run)
            elif process in workers:
                workers.remove(process)
                _end(process)
    except (EOFError, ConnectionError):
        for process in workers:
            _end(process)


def _fork(control: socket.socket, workers: set[int], run: Callable[[socket.socket], None]) -> None:
    """Fork a worker and hand its process number and socket to the front."""
    for_front, for_worker = socket.socketpair()
    with for_front, for_worker:
        try:
            process = os.fork()
        except OSError:  # too many processes, or too little memory for another
            control.sendall(COMMAND.pack(NONE))
            return
        if process == 0:
            try:
                run(for_worker)
            finally:
                os._exit(1)
        workers.add(process)
        socket.send_fds(control, [COMMAND.pack(process)], [for_front.fileno()])


def _end(process: int) -> None:
    """End a worker, dead or alive; only the holder reaps, so its number is still its own."""
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def _parent_death_signal() -> Callable[[], object]:
    """Return what a fork calls to be killed when its parent ends, where the system can do so."""
    if sys.platform != "linux":
        return lambda: None
    holder, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def die_with_parent() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != holder:
            os._exit(1)

    return die_with_parent


def _confine(connection: socket.socket) -> None:
    """Move the socket to descriptor 3 and close all after it."""
    os.dup2(1, 2)  # to /dev/null: the last words of a process that aborts may quote the query
    os.dup2(connection.fileno(), _WORKER_SOCKET)
    os.closerange(_WORKER_SOCKET + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _limit_memory(more: int) -> None:
    """Let this process take so many bytes more than it has, where the system tells its size."""
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + more)


def _lower(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (value, value))


def work(connection: socket.socket, store: EmbeddedStore, memory: int) -> None:
    """Answer requests one by one until there are no more, or until this process has grown."""
    # Warm up with a point query; a scan would copy pages that are shared with the holder.
    results.write(store.query("SELECT * { OPTIONAL { <x:> ?p ?o } }"), "text/csv", io.BytesIO())
    outgoing = Outgoing(connection)
    start = _peak_memory()
    grown = False
    try:
        while not grown:
            _, content = receive(connection)
            answer(outgoing, store, QueryRequest.from_json(content))
            grown = _peak_memory() - start > memory // 2
            outgoing.send(Frame.LAST if grown else Frame.END)
            outgoing.flush()
    except (EOFError, ConnectionError):
        return


def _peak_memory() -> int:
    """Return the most memory that this process has had; no file is opened for it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def answer(outgoing: Outgoing, store: EmbeddedStore, request: QueryRequest) -> None:
    """Send the answer to a request, or what is wrong with it."""
    try:
        found = store.query(
            request.text, request.default_graphs, request.named_graphs, request.base
        )
        media_type = results.choose(found, request.results_type, request.graph_type)
        outgoing.send(Frame.HEAD, media_type.encode())
        results.write(found, media_type, cast("IO[bytes]", _DataFrames(outgoing)))
    except RaadgraafError as error:
        outgoing.send(Frame.ERROR, _error(error))
    except (OSError, RuntimeError, ValueError) as error:
        outgoing.send(Frame.ERROR, _error(InputError(f"The query cannot be carried out: {error}")))


class _DataFrames(io.RawIOBase):
    """Sends what is written to it; pyoxigraph writes 8 kB at a time."""

    def __init__(self, outgoing: Outgoing) -> None:
        super().__init__()
        self._outgoing = outgoing

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        content = bytes(data)
        self._outgoing.send(Frame.DATA, content)
        return len(content)


def main() -> None:
    """Hold the release that the arguments name, for the front at the other end of a socket."""
    # A terminal's Ctrl-C and a service manager's stop are for the front; the rest follows it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    descriptor, number, path, memory_quads, worker_memory = sys.argv[1:]
    control = socket.socket(fileno=int(descriptor))
    hold(control, Release(int(number), Path(path)), int(memory_quads), int(worker_memory))


if __name__ == "__main__":
    main()
