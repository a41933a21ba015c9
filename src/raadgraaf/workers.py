"""The query service of the front: expendable worker processes, a queue and a deadline for each.

pyoxigraph can neither be interrupted nor kept from taking memory, and some queries crash it:
a query that goes too far costs the process that it runs in, and the other queries go on.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from raadgraaf.config import Settings
from raadgraaf.errors import NoWorkerFree
from raadgraaf.open_releases import OpenReleases
from raadgraaf.releases import Release
from raadgraaf.worker_handles import QueryAnswer
from raadgraaf.worker_process import QueryRequest

__all__ = ["QueryAnswer", "QueryRequest", "QueryService", "WorkerPool"]


class QueryService(Protocol):
    """What answers queries."""

    def query(
        self, request: QueryRequest, deadline: float | None = None, client: str = ""
    ) -> QueryAnswer:
        """Return the whole answer within so many seconds (default: the setting), or raise.

        Clients share the workers fairly; the pages themselves, whose name is empty, have a
        share of their own.
        """

    def release(self, number: int | None = None) -> Release:
        """Return a kept release; without a number that from which a query would be answered."""

    def close(self) -> None:
        """End all that was started."""


class WorkerPool:
    """A query service of processes on this machine, for any number of threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._queue = _Queue(settings, settings.workers)
        self._pages = _Queue(settings, settings.page_workers)
        self._releases = OpenReleases(settings)

    def query(
        self, request: QueryRequest, deadline: float | None = None, client: str = ""
    ) -> QueryAnswer:
        """Return the whole answer within so many seconds (default: the setting), or raise."""
        seconds = self._settings.deadline if deadline is None else deadline
        queue = self._queue if client else self._pages
        older = None if request.release is None else self._releases.kept(request.release)
        with self._releases.borrowed(older) as holder, queue.turn():
            worker = holder.take()
            try:
                return worker.ask(request, seconds, self._settings, holder.release.number)
            finally:
                holder.give_back(worker)

    def release(self, number: int | None = None) -> Release:
        """Return a kept release; without a number that from which a query would be answered."""
        if number is not None:
            return self._releases.kept(number)
        with self._releases.borrowed() as holder:
            return holder.release

    def close(self) -> None:
        """End every process and thread that was started; queries that still run fail."""
        self._releases.close()


class _Queue:
    """Lets a number of threads through at a time, the others in the order in which they came."""

    def __init__(self, settings: Settings, workers: int) -> None:
        self._settings = settings
        self._workers = workers
        self._lock = threading.Lock()
        self._running = 0
        self._waiting: deque[threading.Event] = deque()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and pass it on at the end."""
        self._enter()
        try:
            yield
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._running -= 1

    def _enter(self) -> None:
        limit, seconds = self._settings.queue_length, self._settings.queue_seconds
        with self._lock:
            if self._running < self._workers:
                self._running += 1
                return
            if len(self._waiting) >= limit:
                raise NoWorkerFree(
                    f"All workers are busy and {limit} queries wait. Ask again in a minute."
                )
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(seconds):
            return
        with self._lock:
            if turn not in self._waiting:  # its turn came at the last moment
                return
            self._waiting.remove(turn)
        raise NoWorkerFree(f"All workers were busy for {seconds:g} seconds. Ask again in a minute.")
