"""Serving over HTTP with Granian: one process with threads in front, the workers behind it.

Granian was chosen by measurement: among servers of WSGI it takes the least processor time for a
request. Its main process only watches the front, which it starts and ends.
"""

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from types import FrameType
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from raadgraaf.config import Settings
from raadgraaf.errors import InputError, RaadgraafError
from raadgraaf.server import clients, connections, create_app
from raadgraaf.workers import WorkerPool
from raadgraaf.writing import Writer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

CONNECTIONS = 2048
"""Connections that are open at a time, and threads for them, which start when they are needed;
further ones wait to be accepted."""
HEADER_SECONDS = 15
"""How long the head of a request may take, and how long an idle connection stays open."""
HEADER_BYTES = 128 * 1024
"""Bytes of the head of a request; an address with a query of 64 kB must fit in."""
SILENT_SECONDS = 60
"""How much longer than a write may take a client may be silent while it sends or waits."""
GRACE_SECONDS = 5
"""How much longer than a query may take the end of the server may take."""
CONNECT_SECONDS = 0.05


def run(
    settings: Settings,
    host: str,
    port: int,
    announce: Callable[[str], None],
    *,
    share_port: bool = False,
) -> None:
    """Serve until the process is told to end."""
    clients.proxies(settings.trusted_proxies)  # so that a slip is told before anything starts
    failures, theirs = Pipe(duplex=False)
    with _reserved(host, port, share_port=share_port) as (address, taken):
        server = Granian(
            "raadgraaf",
            address=address,
            port=taken,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            blocking_threads=CONNECTIONS,
            backpressure=CONNECTIONS,
            http1_settings=HTTP1Settings(
                header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES
            ),
            workers_kill_timeout=int(settings.deadline) + GRACE_SECONDS,
            log_enabled=False,
        )
        load = partial(_application, settings, theirs, (address, taken), announce)
        try:
            server.serve(target_loader=load, wrap_loader=False)
        except SystemExit:
            if failures.poll():
                raise failures.recv() from None
            raise


def _application(
    settings: Settings,
    failures: Connection,
    where: tuple[str, int],
    announce: Callable[[str], None],
) -> "WSGIApplication":
    """Return the application, in the process that will serve it; its workers end with that."""
    signal.signal(signal.SIGTERM, _end)  # until Granian listens to signals itself
    try:
        service = WorkerPool(settings)
    except RaadgraafError as error:
        failures.send(error)
        raise SystemExit(error.exit_status) from None
    writer = Writer(settings)
    for each in (service, writer):
        Finalize(None, each.close, exitpriority=0)
    connections.watch(settings.drain_seconds, settings.write_seconds + SILENT_SECONDS)
    threading.Thread(target=_announce, args=(where, announce), daemon=True).start()
    return create_app(service, settings, writer)


def _announce(where: tuple[str, int], announce: Callable[[str], None]) -> None:
    """Say where the server answers, once it does."""
    while True:
        try:
            socket.create_connection(where, timeout=1).close()
        except OSError:
            time.sleep(CONNECT_SECONDS)
        else:
            break
    host, port = where
    announce(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")


@contextlib.contextmanager
def _reserved(host: str, port: int, *, share_port: bool) -> Iterator[tuple[str, int]]:
    """Keep an address from others that do not share it, and say which it is."""
    try:
        family, _, _, _, wanted = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise InputError(
            f"Cannot listen on {host}:{port}: {host} is no address of this machine. "
            "Choose another with --host, such as 127.0.0.1."
        ) from None
    try:
        if not share_port:  # Granian shares whatever port it listens on: see first that it is free
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(wanted)
        with socket.socket(family) as bound:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            bound.bind(wanted)
            address, taken, *_ = bound.getsockname()
            yield address, taken
    except OSError as error:
        raise InputError(
            f"Cannot listen on {host}:{port}: {error.strerror}. "
            "Choose another port with --port (`make serve PORT=…`), or another --host."
        ) from None


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
