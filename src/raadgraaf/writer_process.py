"""The process that carries out writes that come over HTTP, one by one, for `raadgraaf.writing`.

Strangers' bytes are parsed here and updates carried out here, where a crash or a bomb costs this
process only: the transaction leaves the old release whole wherever it ends.
"""

import json
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, serialize

from raadgraaf import changes, releases, transaction
from raadgraaf.changes import GraphWrite, Part, Update
from raadgraaf.config import Settings
from raadgraaf.errors import InputError, RaadgraafError, ValidationRefused
from raadgraaf.releases import Release
from raadgraaf.transaction import Change, Outcome
from raadgraaf.validation import Report
from raadgraaf.worker_process import Frame, receive, send


def read_request(connection: socket.socket) -> Update | GraphWrite:
    """Return the next request, sent by `raadgraaf.writing`; EOFError if there is none."""
    values: dict[str, Any] = json.loads(receive(connection)[1])
    if "text" in values:
        return Update(values["text"], tuple(values["using"]), tuple(values["using_named"]))
    parts = tuple(Part(each, receive(connection)[1]) for each in values.pop("media_types"))
    return GraphWrite(**values, parts=parts)


def carry_out(settings: Settings, request: Update | GraphWrite) -> Outcome:
    """Write what a request asks, as one transaction."""

    def decide(release: Release | None) -> Change:
        if release is None:
            raise InputError("Nothing has been published yet. Run `raadgraaf load` first.")
        with _memory(settings.writer_memory):
            return changes.decide(settings, release, request)

    return transaction.write(settings, decide, reason=settings.shacl and not settings.plain)


@contextmanager
def _memory(limit: int) -> Iterator[None]:
    """Let this process take so many bytes in all; the reasoner's Java needs more, later."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def answer(connection: socket.socket, settings: Settings, request: Update | GraphWrite) -> None:
    """Send what a write did, or what is wrong with it."""
    try:
        outcome = carry_out(settings, request)
    except RaadgraafError as error:
        if isinstance(error, ValidationRefused) and isinstance(error.report, Report):
            triples = error.report.triples(settings.base)
            send(connection, Frame.DATA, serialize(triples, format=RdfFormat.N_TRIPLES) or b"")
        _send_error(connection, error)
    except (MemoryError, OSError, RuntimeError, ValueError) as error:
        number = releases.current_number(settings.home)
        _send_error(
            connection,
            RaadgraafError(f"The write failed: {error}. Release {number} is the current one."),
        )
    else:
        content = {
            "release": outcome.release.number,
            "changed": outcome.changed,
            "graphs": outcome.graphs,
        }
        send(connection, Frame.END, json.dumps(content).encode())


def _send_error(connection: socket.socket, error: RaadgraafError) -> None:
    """Send an error as its class, its message and the limit that it is about."""
    content = [type(error).__name__, str(error), getattr(error, "limit", None)]
    send(connection, Frame.ERROR, json.dumps(content).encode())


def main() -> None:
    """Carry out requests until the front closes its end of the socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    descriptor, values = sys.argv[1:]
    given = json.loads(values)
    settings = Settings(**given | {"home": Path(given["home"]), "token_file": None})
    connection = socket.socket(fileno=int(descriptor))
    try:
        while True:
            answer(connection, settings, read_request(connection))
    except (EOFError, ConnectionError):
        return


if __name__ == "__main__":
    main()
