"""The query service of the front: expendable worker processes, a queue and a deadline for each.

pyoxigraph can neither be interrupted nor kept from taking memory, and some queries crash it:
a query that goes too far costs the process that it runs in, and the other queries go on.
"""

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from raadgraaf import releases
from raadgraaf.config import Settings
from raadgraaf.errors import NoWorkerFree, RaadgraafError
from raadgraaf.releases import Release
from raadgraaf.worker_handles import Holder, QueryAnswer
from raadgraaf.worker_process import QueryRequest

__all__ = ["QueryAnswer", "QueryRequest", "QueryService", "WorkerPool"]

SWITCH_SECONDS = 1.0
"""How long a query waits for a new release to open before the one before it answers."""
RETRY_SECONDS = 10.0
"""How long after a failure it is tried again to open a release."""

log = logging.getLogger(__name__)


class QueryService(Protocol):
    """What answers queries."""

    def query(self, request: QueryRequest, deadline: float | None = None) -> QueryAnswer:
        """Return the whole answer within so many seconds (default: the setting), or raise."""

    def release(self) -> Release:
        """Return the release that a query would now be answered from."""

    def close(self) -> None:
        """End all that was started."""


class WorkerPool:
    """A query service of processes on this machine, for any number of threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._queue = _Queue(settings)
        self._lock = threading.Lock()
        self._holder: Holder | None = None
        self._retired: set[Holder] = set()
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="releases")
        self._opening: Future[None] | None = None
        self._retry_at = 0.0
        self._closed = False
        if releases.current_number(settings.home) is not None:
            self.release()

    def query(self, request: QueryRequest, deadline: float | None = None) -> QueryAnswer:
        """Return the whole answer within so many seconds (default: the setting), or raise."""
        seconds = self._settings.deadline if deadline is None else deadline
        with self._queue.turn(), self._borrowed_holder() as holder:
            worker = holder.take()
            try:
                return worker.ask(request, seconds, self._settings, holder.release.number)
            finally:
                holder.give_back(worker)

    def release(self) -> Release:
        """Return the release that a query would now be answered from."""
        with self._borrowed_holder() as holder:
            return holder.release

    def close(self) -> None:
        """End every process and thread that was started; queries that still run fail."""
        with self._lock:
            self._closed = True
        self._background.shutdown()
        with self._lock:
            holders = self._retired | ({self._holder} if self._holder else set())
            self._holder = None
        for holder in holders:
            holder.end()

    @contextlib.contextmanager
    def _borrowed_holder(self) -> Iterator[Holder]:
        """Lend the holder of the current release; it lasts at least until it is given back."""
        self._follow_current()
        with self._lock:
            holder = self._holder
            if holder is None:
                raise NoWorkerFree("The service is stopping. Ask again in a minute.")
            holder.borrowers += 1
        try:
            yield holder
        finally:
            with self._lock:
                holder.borrowers -= 1
                self._end_if_done(holder)

    def _follow_current(self) -> None:
        """Have the current release opened if another is held; wait for it if it opens fast."""
        number = releases.current_number(self._settings.home)
        with self._lock:
            holder = self._holder if self._holder and self._holder.alive() else None
            if self._closed or (holder and holder.release.number == number):
                return
            if self._opening is None and (holder is None or time.monotonic() >= self._retry_at):
                self._opening = self._background.submit(self._open_current)
            opening = self._opening
        if opening:
            with contextlib.suppress(TimeoutError):
                opening.result(timeout=SWITCH_SECONDS if holder else None)

    def _open_current(self) -> None:
        """Start a holder of the current release and let the one before it finish."""
        try:
            opened = Holder(releases.current(self._settings.home), self._settings)
        except (OSError, RaadgraafError) as error:
            with self._lock:
                self._opening, self._retry_at = None, time.monotonic() + RETRY_SECONDS
                held = self._holder
            if not (held and held.alive()):
                raise
            log.warning("Release %d goes on answering. %s", held.release.number, error)
            return
        with self._lock:
            old, self._holder, self._opening = self._holder, opened, None
            if old:
                self._retired.add(old)
                self._end_if_done(old)

    def _end_if_done(self, holder: Holder) -> None:
        """End a holder that nobody needs any more, in the background; the lock is held."""
        if holder in self._retired and not holder.borrowers and not self._closed:
            self._background.submit(self._end, holder)

    def _end(self, holder: Holder) -> None:
        holder.end()
        with self._lock:
            self._retired.discard(holder)


class _Queue:
    """Lets a number of threads through at a time, the others in the order in which they came."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
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
            if self._running < self._settings.workers:
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
