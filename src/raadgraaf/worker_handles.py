"""The front's ends of the processes that `raadgraaf.worker_process` runs."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import BinaryIO, cast

from raadgraaf import errors
from raadgraaf.config import MEBIBYTE, Settings
from raadgraaf.errors import (
    NoWorkerFree,
    QueryTimeout,
    RaadgraafError,
    ResultTooLarge,
    WorkerDied,
)
from raadgraaf.releases import Release
from raadgraaf.spools import Spool
from raadgraaf.worker_process import (
    COMMAND,
    FORK,
    NONE,
    Frame,
    Incoming,
    QueryRequest,
    receive,
    send,
)

END_SECONDS = 10.0
"""How long a holder may take to end before it is killed."""


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """A whole answer; whoever receives it closes its body."""

    media_type: str
    body: BinaryIO
    """At its start."""
    length: int
    release: int


class Holder:
    """The front's end of the process that holds one release, and of its idle workers."""

    def __init__(self, release: Release, settings: Settings, workers: int) -> None:
        self.release = release
        self.borrowers = 0
        """Kept by `OpenReleases`, under its lock."""
        self._idle: deque[Worker] = deque()
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "raadgraaf.worker_process", str(theirs.fileno())]
        command += [str(release.number), str(release.path.absolute())]
        command += [str(settings.memory_quads), str(settings.worker_memory)]
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,  # a terminal's signals are for the front
            )
        try:
            self._await_ready()
            for _ in range(workers):
                self._idle.append(self._fork())
        except RaadgraafError:
            self.end()
            raise

    def _await_ready(self) -> None:
        try:
            frame, content = receive(self._control)
        except (EOFError, ConnectionError):
            raise WorkerDied(
                f"The process that opened release {self.release.number} ended. If the machine "
                "has too little memory for it, lower RAADGRAAF_MEMORY_QUADS."
            ) from None
        if frame is Frame.ERROR:
            raise _received(content)

    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def take(self) -> "Worker":
        """Return a worker that waits for a request."""
        while True:
            try:
                worker = self._idle.pop()
            except IndexError:
                return self._fork()
            if worker.alive():
                return worker
            self._discard(worker)

    def give_back(self, worker: "Worker") -> None:
        """Keep a worker for the next query, or end it and fork another if it cannot go on."""
        if worker.sound:
            self._idle.append(worker)
            return
        # Without a replacement `take` forks, and says what is wrong to whoever asks then.
        with contextlib.suppress(OSError, RaadgraafError):
            self._discard(worker)
            self._idle.appendleft(self._fork())

    def end(self) -> None:
        """End the process, and with it all its workers."""
        with self._lock:
            self._control.close()
        while self._idle:
            self._idle.pop().close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _fork(self) -> "Worker":
        try:
            with self._lock:
                self._control.sendall(COMMAND.pack(FORK))
                message, descriptors, _, _ = socket.recv_fds(
                    self._control, COMMAND.size, 1, getattr(socket, "MSG_CMSG_CLOEXEC", 0)
                )
        except OSError:
            message = b""
        if not message:
            raise WorkerDied("The process that holds the release has ended. Ask again.")
        (process,) = COMMAND.unpack(message)
        if process == NONE:
            raise NoWorkerFree("The machine has no room for another worker. Ask again later.")
        return Worker(process, socket.socket(fileno=descriptors[0]))

    def _discard(self, worker: "Worker") -> None:
        worker.close()
        with self._lock:
            self._control.sendall(COMMAND.pack(worker.process))


class Worker:
    """The front's end of one worker."""

    def __init__(self, process: int, connection: socket.socket) -> None:
        self.process = process
        self.connection = connection
        self._incoming = Incoming(connection)
        self.sound = True
        """Whether it waits for a request."""

    def alive(self) -> bool:
        """Whether an idle worker is still there."""
        self.connection.setblocking(False)
        try:
            self.connection.recv(1)
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        return False  # the end, for an idle worker sends nothing

    def close(self) -> None:
        """Close the connection, which ends the worker."""
        self._incoming.close()
        self.connection.close()

    def interrupt(self) -> None:
        """End what it is asked, as if it had died; for any thread."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def ask(
        self, request: QueryRequest, seconds: float, settings: Settings, release: int, spool: Spool
    ) -> QueryAnswer:
        """Return the whole answer; the worker is not `sound` until all of it is there."""
        self.sound = False
        until = time.monotonic() + seconds
        with contextlib.ExitStack() as stack:
            body = cast("BinaryIO", stack.enter_context(spool))
            try:
                self.connection.settimeout(seconds)
                send(self.connection, Frame.REQUEST, request.to_json())
                media_type = self._spool(body, until, settings.result_bytes)
            except TimeoutError:
                raise timed_out(seconds) from None
            except (EOFError, ConnectionError):
                raise WorkerDied(
                    "The worker ended during the query, most often because it needed more than "
                    f"{settings.worker_memory // MEBIBYTE} MiB. Sort or join less at a time."
                ) from None
            length = body.tell()
            body.seek(0)
            stack.pop_all()
        return QueryAnswer(media_type, body, length, release)

    def _spool(self, body: BinaryIO, until: float, limit: int) -> str:
        media_type = ""
        error: RaadgraafError | None = None
        length = 0
        while True:
            frame, content = self._incoming.receive(until)
            if frame is Frame.DATA:
                length += len(content)
                if length > limit:
                    raise ResultTooLarge(
                        f"The result has more than {limit} bytes. Ask in parts, with LIMIT."
                    )
                body.write(content)
            elif frame is Frame.HEAD:
                media_type = content.decode()
            elif frame is Frame.ERROR:
                error = _received(content)
            else:
                self.sound = frame is Frame.END
                break
        if error:
            raise error
        return media_type


def timed_out(seconds: float) -> QueryTimeout:
    """Return the error of a query that was ended after so many seconds."""
    return QueryTimeout(
        f"The query was ended after {seconds:g} seconds. Make it more selective, "
        "or ask for less with LIMIT."
    )


def _received(content: bytes) -> RaadgraafError:
    """Return the error that another process sent."""
    name, message = json.loads(content)
    error: RaadgraafError = getattr(errors, name)(message)
    return error
