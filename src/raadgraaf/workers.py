"""The query service of the front: expendable worker processes, a queue and a deadline for each.

pyoxigraph can neither be interrupted nor kept from taking memory, and some queries crash it:
a query that goes too far costs the process that it runs in, and the other queries go on.
"""

import contextlib
import math
import time
from collections.abc import Sequence
from typing import Protocol

from raadgraaf import releases, result_cache
from raadgraaf.config import Settings
from raadgraaf.errors import WorkerDied
from raadgraaf.guard import is_repeatable
from raadgraaf.open_releases import OpenReleases
from raadgraaf.releases import Release
from raadgraaf.result_cache import Kept, ResultCache
from raadgraaf.spools import Spool, Spools
from raadgraaf.turns import Turn, Turns
from raadgraaf.worker_handles import Holder, QueryAnswer, timed_out
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

    def releases(self) -> Sequence[Release]:
        """Return the releases that are kept, oldest first."""

    def close(self) -> None:
        """End all that was started."""


class WorkerPool:
    """A query service of processes on this machine, for any number of threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cache = ResultCache(settings.cache_bytes)
        self._spools = Spools(settings.spool_bytes)
        self._turns = Turns(
            settings,
            settings.workers,
            most_slow=max(1, settings.workers - 1),
            client_seconds=settings.client_seconds,
        )
        pages = settings.page_workers
        self._turns_of_pages = Turns(settings, pages, most_slow=pages, client_seconds=math.inf)
        self._releases = OpenReleases(settings)

    def query(
        self, request: QueryRequest, deadline: float | None = None, client: str = ""
    ) -> QueryAnswer:
        """Return the whole answer within so many seconds (default: the setting), or raise."""
        older = None
        if request.release is not None:
            older = self._releases.kept(request.release)
            found = self._cache.find(result_cache.key(request, older))
            if isinstance(found, Kept):
                return found.answer()
        began = time.monotonic()
        with self._releases.borrowed(older) as holder:
            if older:
                self._turns.charge(client, time.monotonic() - began)
            return self._answer(
                holder, request, self._settings.deadline if deadline is None else deadline, client
            )

    def _answer(
        self, holder: Holder, request: QueryRequest, seconds: float, client: str
    ) -> QueryAnswer:
        """Return a kept answer, that of somebody who asks the same now, or one of our own."""
        key = result_cache.key(request, holder.release)
        found = self._cache.find(key)
        if isinstance(found, Kept):
            return found.answer()
        repeatable = bool(found) or is_repeatable(request.text, self._settings.query_tokens)
        turns = self._turns if client else self._turns_of_pages
        until = time.monotonic() + seconds
        shared, again = repeatable, False
        while True:
            found = self._cache.find(key)
            if isinstance(found, Kept):
                return found.answer()
            if found and shared:
                if not found.wait(until - time.monotonic()):
                    raise timed_out(seconds)
                shared = False  # what the other failed by may not be in this one's way
                continue
            with turns.turn(client, again=again) as turn:
                found = self._cache.find(key)
                if isinstance(found, Kept) or (found and shared):
                    continue  # it was answered, or somebody began, while this one waited
                with self._cache.asking(key) if repeatable else contextlib.nullcontext():
                    answer = self._ask(holder, request, seconds, turn)
                    if answer:
                        return self._cache.keep(key, answer) if repeatable else answer
                again = True

    def _ask(
        self, holder: Holder, request: QueryRequest, seconds: float, turn: Turn
    ) -> QueryAnswer | None:
        """Return the answer of a worker, or nothing if the query was ended for another."""
        worker = holder.take()
        number = holder.release.number
        try:
            with turn.interruptible(worker.interrupt):
                return worker.ask(request, seconds, self._settings, number, Spool(self._spools))
        except WorkerDied:
            if turn.overtaken:
                return None
            raise
        finally:
            turn.end()  # the next need not wait until the worker is replaced
            holder.give_back(worker)

    def release(self, number: int | None = None) -> Release:
        """Return a kept release; without a number that from which a query would be answered."""
        if number is not None:
            return self._releases.kept(number)
        with self._releases.borrowed() as holder:
            return holder.release

    def releases(self) -> Sequence[Release]:
        """Return the releases that are kept, oldest first."""
        return releases.kept_releases(self._settings.home)

    def close(self) -> None:
        """End every process and thread that was started; queries that still run fail."""
        self._releases.close()
