"""Serving over HTTP: one front process with threads, the workers behind it."""

import logging
import signal
from collections.abc import Callable
from contextlib import closing
from types import FrameType

import waitress

from raadgraaf.config import Settings
from raadgraaf.errors import InputError
from raadgraaf.server import create_app
from raadgraaf.workers import WorkerPool
from raadgraaf.writing import Writer

WAITING_ROOM = 16
"""Threads beyond those that queries keep busy, for pages, errors and those who wait."""


def run(settings: Settings, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until the process is told to end."""
    signal.signal(signal.SIGTERM, _end)
    # Requests that wait for a thread are no fault, and each would be a line in the log.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with closing(WorkerPool(settings)) as service, closing(Writer(settings)) as writer:
        app = create_app(service, settings, writer)
        try:
            server = waitress.create_server(
                app,
                host=host,
                port=port,
                threads=settings.workers + WAITING_ROOM,
                ident=None,
                clear_untrusted_proxy_headers=True,
            )
        except OSError as error:
            raise InputError(
                f"Cannot listen on {host}:{port}: {error.strerror}. "
                "Choose another port with --port (`make serve PORT=…`), or another --host."
            ) from None
        except ValueError:  # of waitress, for a name that does not resolve
            raise InputError(
                f"Cannot listen on {host}:{port}: {host} is no address of this machine. "
                "Choose another with --host, such as 127.0.0.1."
            ) from None
        announce(f"http://{host}:{server.effective_port}")
        server.run()


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
