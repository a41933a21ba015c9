"""The front's end of writing: one write at a time, in a process that may be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, replace

from raadgraaf import errors, releases
from raadgraaf.changes import GraphWrite, Update
from raadgraaf.config import Settings
from raadgraaf.errors import Busy, RaadgraafError, ValidationRefused, WriterEnded
from raadgraaf.worker_process import Frame, receive, send


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did."""

    release: int
    changed: bool
    graphs: tuple[tuple[str, str], ...]
    """Each graph that was written, with its state: new, changed or unchanged."""


@dataclass(frozen=True, slots=True)
class ReportGraph:
    """A SHACL validation report."""

    n_triples: bytes


class Writer:
    """Carries out writes for any number of threads, in the order in which they get their turn."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = threading.Lock()
        self._process: _Process | None = None

    def write(self, request: Update | GraphWrite) -> Written:
        """Return what a write did, or raise; then the data is as it was, unless it says so."""
        if not self._turn.acquire(timeout=self._settings.queue_seconds):
            raise Busy("Other writes are being carried out. Try again in a minute.")
        try:
            if self._process is None or not self._process.alive():
                self.close()
                self._process = _Process(self._settings)
            return self._process.write(request, self._settings)
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.end()
            self._process = None


class _Process:
    """A process of `raadgraaf.writer_process`, and the socket to it."""

    def __init__(self, settings: Settings) -> None:
        self._connection, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "raadgraaf.writer_process", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                [*command, json.dumps(_without_logins(settings), default=str)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,  # a terminal's signals are for the front
            )

    def alive(self) -> bool:
        """Whether the process waits for a request."""
        return self._process.poll() is None

    def write(self, request: Update | GraphWrite, settings: Settings) -> Written:
        """Return what a write did; the process is ended if it does not say so in time."""
        until = time.monotonic() + settings.write_seconds
        report: ReportGraph | None = None
        try:
            self._connection.settimeout(settings.write_seconds)
            self._send(request)
            frame, content = receive(self._connection, until)
            if frame is Frame.DATA:
                report = ReportGraph(content)
                frame, content = receive(self._connection, until)
        except (EOFError, ConnectionError, TimeoutError):
            self.end()
            raise WriterEnded(
                "The write was broken off: it took too long, or needed more memory than "
                "RAADGRAAF_WRITER_MEMORY. All of it was done or nothing: release "
                f"{releases.current_number(settings.home)} is the current one."
            ) from None
        if frame is Frame.ERROR:
            raise _received(content, report)
        values = json.loads(content)
        graphs = tuple((graph, state) for graph, state in values["graphs"])
        return Written(values["release"], values["changed"], graphs)

    def _send(self, request: Update | GraphWrite) -> None:
        if isinstance(request, Update):
            send(self._connection, Frame.REQUEST, json.dumps(asdict(request)).encode())
            return
        head = {
            "method": request.method,
            "graph": request.graph,
            "base": request.base,
            "media_types": [part.media_type for part in request.parts],
        }
        send(self._connection, Frame.REQUEST, json.dumps(head).encode())
        for part in request.parts:
            send(self._connection, Frame.DATA, part.content)

    def end(self) -> None:
        """Kill the process: wherever it is, the data is whole."""
        self._connection.close()
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)  # the reasoner's Java with it
        self._process.wait()


def _without_logins(settings: Settings) -> dict[str, object]:
    """Return the settings as they may show in a list of processes."""
    return asdict(replace(settings, store_password="", store_token=""))


def _received(content: bytes, report: ReportGraph | None) -> RaadgraafError:
    name, message, limit = json.loads(content)
    if report:
        return ValidationRefused(message, report)
    error: RaadgraafError = getattr(errors, name)(message, *([] if limit is None else [limit]))
    return error
