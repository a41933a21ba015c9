"""The releases that are open in processes: the current one, and a few older ones on demand."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from raadgraaf import releases
from raadgraaf.config import Settings
from raadgraaf.errors import NoWorkerFree, RaadgraafError
from raadgraaf.releases import Release
from raadgraaf.worker_handles import Holder

SWITCH_SECONDS = 1.0
"""How long a query waits for a new release to open before the one before it answers."""
RETRY_SECONDS = 10.0
"""How long after a failure it is tried again to open a release."""
SPARE_WORKERS = 1
"""Workers beyond those that may be busy, so that nobody waits while a killed one is replaced."""

log = logging.getLogger(__name__)


class OpenReleases:
    """Lends holders of releases to any number of threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._returned = threading.Condition(self._lock)
        self._holder: Holder | None = None
        self._older: dict[releases.Identity, _Older] = {}  # least recently used first
        self._retired: set[Holder] = set()
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="releases")
        self._opening: Future[None] | None = None
        self._retry_at = 0.0
        self._closed = False
        if releases.current_number(settings.home) is not None:
            with self.borrowed():
                pass

    def kept(self, number: int) -> Release:
        """Return a kept release: the one that is held, or one that is opened when it is asked."""
        kept = releases.release(self._settings.home, number)
        with self._lock:
            held = self._holder.release if self._holder else None
        return held if held and held.identity == kept.identity else kept

    @contextlib.contextmanager
    def borrowed(self, older: Release | None = None) -> Iterator[Holder]:
        """Lend the holder of the current release or of an older one, until it is given back."""
        self._follow_current()
        with self._lock:
            if self._closed or not (holder := self._holder):
                raise NoWorkerFree("The service is stopping. Ask again in a minute.")
            is_current = older is None or older.identity == holder.release.identity
            holder.borrowers += is_current
        if older and not is_current:
            with self._borrowed_older(older) as opened:
                yield opened
            return
        try:
            yield holder
        finally:
            with self._lock:
                holder.borrowers -= 1
                self._end_if_done(holder)

    def close(self) -> None:
        """End every process and thread that was started; queries that still run fail."""
        with self._lock:
            self._closed = True
            self._returned.notify_all()
        self._background.shutdown()
        with self._lock:
            holders = self._retired | ({self._holder} if self._holder else set())
            older = list(self._older.values())
            self._holder = None
            self._older.clear()
        for holder in holders:
            holder.end()
        for each in older:
            each.end()

    def _follow_current(self) -> None:
        """Have the current release opened if another is held; wait for it if it opens fast."""
        with self._lock:
            holder = self._holder if self._holder and self._holder.alive() else None
            if self._closed or (holder and self._is_current(holder.release)):
                return
            if self._opening is None and (holder is None or time.monotonic() >= self._retry_at):
                self._opening = self._background.submit(self._open_current)
            opening = self._opening
        if opening:
            with contextlib.suppress(TimeoutError):
                opening.result(timeout=SWITCH_SECONDS if holder else None)

    def _is_current(self, release: Release) -> bool:
        home = self._settings.home
        if releases.current_number(home) != release.number:
            return False
        # Erasure may have put another release in the place of this one.
        return releases.identity(release) == release.identity

    def _open_current(self) -> None:
        """Start a holder of the current release and let the one before it finish."""
        try:
            workers = self._settings.workers + SPARE_WORKERS
            opened = Holder(releases.current(self._settings.home), self._settings, workers)
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
                self._retire(old)

    @contextlib.contextmanager
    def _borrowed_older(self, release: Release) -> Iterator[Holder]:
        """Lend the holder of an older release; whoever asks for it first opens it himself."""
        older = self._older_of(release)
        try:
            yield older.opened.result()
        finally:
            with self._lock:
                older.borrowers -= 1
                self._returned.notify_all()

    def _older_of(self, release: Release) -> "_Older":
        until = time.monotonic() + self._settings.queue_seconds
        with self._lock:
            while True:
                older = self._older.pop(release.identity, None)
                if older and not older.has_died():
                    self._older[release.identity] = older  # now the most recently used
                    older.borrowers += 1
                    return older
                if older:
                    self._background.submit(older.end)
                if self._has_room():
                    break
                if self._closed or not self._returned.wait(until - time.monotonic()):
                    raise NoWorkerFree("All older releases that may be open are being asked.")
            older = self._older[release.identity] = _Older()
        try:
            older.opened.set_result(Holder(release, self._settings, workers=1))
        except (OSError, RaadgraafError) as error:
            older.opened.set_exception(error)
            with self._lock:
                self._older.pop(release.identity, None)
                self._returned.notify_all()
        return older

    def _has_room(self) -> bool:
        """Return whether another older release may be opened; the lock is held."""
        if len(self._older) >= self._settings.older_releases:
            idle = next((key for key, each in self._older.items() if not each.borrowers), None)
            if idle is None:
                return False
            self._background.submit(self._older.pop(idle).end)
        return True

    def _retire(self, holder: Holder) -> None:
        self._retired.add(holder)
        self._end_if_done(holder)

    def _end_if_done(self, holder: Holder) -> None:
        """End a holder that nobody needs any more, in the background; the lock is held."""
        if holder in self._retired and not holder.borrowers and not self._closed:
            self._background.submit(self._end, holder)

    def _end(self, holder: Holder) -> None:
        holder.end()
        with self._lock:
            self._retired.discard(holder)


class _Older:
    """An older release that is open, or being opened by the first who borrows it."""

    def __init__(self) -> None:
        self.opened: Future[Holder] = Future()
        self.borrowers = 1

    def has_died(self) -> bool:
        """Whether it was open, and its process is there no more."""
        return self.opened.done() and not self.opened.result().alive()

    def end(self) -> None:
        """End its process, once it is there."""
        with contextlib.suppress(OSError, RaadgraafError):
            self.opened.result().end()
