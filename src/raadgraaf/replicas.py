"""The query service over remote stores: replicas that hold what `publish --to` sent them."""

import io
import itertools
import logging
import math
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from pyoxigraph import QuerySolutions

from raadgraaf import publication, releases, results
from raadgraaf.config import Settings
from raadgraaf.errors import (
    InputError,
    NotFound,
    RaadgraafError,
    ResultTooLarge,
    StoreUnavailable,
)
from raadgraaf.guard import Examination, examine
from raadgraaf.publication import Announcement
from raadgraaf.releases import Release
from raadgraaf.remote import Endpoint
from raadgraaf.spools import Spool, Spools
from raadgraaf.turns import Turns
from raadgraaf.worker_handles import QueryAnswer
from raadgraaf.worker_process import QueryRequest

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CHECK_SECONDS = 5.0
"""How long a store may take to say what it holds."""
PROBE_SECONDS = 60.0
PROBE_ROWS = 30_000
"""Rows that a store must be able to return; Virtuoso cuts at `ResultSetMaxRows`."""
PROBE = """\
SELECT ?a
WHERE {
  VALUES ?a { 0 1 2 3 4 5 6 7 8 9 }
  VALUES ?b { 0 1 2 3 4 5 6 7 8 9 }
  VALUES ?c { 0 1 2 3 4 5 6 7 8 9 }
  VALUES ?d { 0 1 2 3 4 5 6 7 8 9 }
  VALUES ?e { 0 1 2 }
}
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Holding:
    """What a store holds, as it says and as this home has it."""

    said: Announcement
    release: Release


@dataclass(slots=True)
class _Replica:
    """One store and what was last seen of it."""

    endpoint: Endpoint
    holds: _Holding | None = None
    trouble: str = ""
    """Why it is not asked."""
    probed: bool = False
    """Whether it has returned many rows since it was last in trouble."""
    look: threading.Event = field(default_factory=threading.Event)
    """Set to have it looked at now."""


class Replicas:
    """A query service of remote stores, for any number of threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        addresses = [each.strip() for each in settings.store.split(",") if each.strip()]
        self._replicas = [_Replica(Endpoint(each, settings)) for each in addresses]
        self._rounds = itertools.count()
        self._spools = Spools(settings.spool_bytes)
        self._turns = _turns(settings, settings.workers, settings.client_seconds)
        self._turns_of_pages = _turns(settings, settings.page_workers, math.inf)
        self._closed = False
        self._watchers = [
            threading.Thread(target=self._watch, args=[each], daemon=True)
            for each in self._replicas
        ]
        for replica in self._replicas:
            self._look_at(replica)
        for watcher in self._watchers:
            watcher.start()

    def query(
        self, request: QueryRequest, deadline: float | None = None, client: str = ""
    ) -> QueryAnswer:
        """Return the whole answer within so many seconds (default: the setting), or raise.

        A store that fails is left for the next one; no part of its answer is used.
        """
        seconds = self._settings.deadline if deadline is None else deadline
        until = time.monotonic() + seconds
        asked = examine(request.text)
        turns = self._turns if client else self._turns_of_pages
        with turns.turn(client):
            release, replicas = self._answering()
            if request.release not in {None, release.number}:
                raise self._not_kept(release)
            # Once more around: a connection that was kept may have been closed meanwhile.
            for replica in [*replicas, *replicas[:1]]:
                rest = until - time.monotonic()
                if rest <= 0:
                    break
                try:
                    return self._answer(replica.endpoint, request, asked, release, rest)
                except StoreUnavailable as error:
                    log.warning("%s", error)
                    replica.look.set()
        raise StoreUnavailable("No store answered. Ask again in a minute.")

    def release(self, number: int | None = None) -> Release:
        """Return the release that the stores hold; they keep no earlier one."""
        held = self._answering()[0]
        if number not in {None, held.number}:
            raise self._not_kept(held)
        return held

    def releases(self) -> Sequence[Release]:
        """Return the release that the stores hold."""
        return [self.release()]

    def close(self) -> None:
        """End all that was started."""
        self._closed = True
        for replica in self._replicas:
            replica.look.set()
        for watcher, replica in zip(self._watchers, self._replicas, strict=True):
            watcher.join(CHECK_SECONDS)
            replica.endpoint.close()

    def _answering(self) -> tuple[Release, Sequence[_Replica]]:
        """Return the release last announced that this home has, too, and the stores that hold it.

        Each call begins with another store.
        """
        holding = [(held, each) for each in self._replicas if (held := each.holds)]
        if holding:
            newest = max((held for held, _ in holding), key=lambda held: held.said.at)
            able = [each for held, each in holding if held.said.digest == newest.said.digest]
            first = next(self._rounds) % len(able)
            return newest.release, able[first:] + able[:first]
        raise StoreUnavailable("No store holds a release to answer from. Ask again in a minute.")

    def _holding(
        self, endpoint: Endpoint, said: Announcement | None, before: _Holding | None
    ) -> tuple[_Holding | None, str]:
        """Return the release of this home that a store holds, or why it is not asked."""
        if said is None:
            return None, f"{endpoint.address} holds no release. Fill it with `publish --to`."
        if before and before.said == said:
            return before, ""
        with suppress(NotFound):
            release = releases.release(self._settings.home, said.release)
            if publication.manifest_digest(release) == said.digest:
                return _Holding(said, release), ""
        return None, (
            f"{endpoint.address} holds release {said.release}, which is not in "
            f"{self._settings.home}. Copy that release folder there."
        )

    def _not_kept(self, held: Release) -> NotFound:
        return NotFound(
            f"The stores behind this service hold release {held.number} alone. "
            "Ask a service that keeps earlier releases on its own disk."
        )

    def _answer(
        self,
        endpoint: Endpoint,
        request: QueryRequest,
        asked: Examination,
        release: Release,
        seconds: float,
    ) -> QueryAnswer:
        """Return the whole answer of one store."""
        default_graphs, named_graphs = _dataset(request, asked, release)
        with ExitStack() as stack:
            spool = stack.enter_context(Spool(self._spools))
            with endpoint.results(
                request.text, seconds, asked.form, default_graphs, named_graphs
            ) as found:
                media_type = results.choose(found, request.results_type, request.graph_type)
                output = _Limited(cast(BinaryIO, spool), self._settings.result_bytes)
                results.write(found, media_type, cast("IO[bytes]", output))
            length = spool.tell()
            spool.seek(0)
            stack.pop_all()
        return QueryAnswer(media_type, cast(BinaryIO, spool), length, release.number)

    def _watch(self, replica: _Replica) -> None:
        while not self._closed:
            replica.look.wait(self._settings.store_check_seconds)
            replica.look.clear()
            if not self._closed:
                self._look_at(replica)

    def _look_at(self, replica: _Replica) -> None:
        """Note what a store holds, or why it is not asked, and say so where it is new."""
        endpoint = replica.endpoint
        try:
            if not replica.probed:
                _require_many_rows(endpoint)
                replica.probed = True
            said = publication.announcement(endpoint, self._settings.base, CHECK_SECONDS)
            replica.holds, trouble = self._holding(endpoint, said, replica.holds)
        except RaadgraafError as error:
            replica.holds, trouble = None, str(error)
            replica.probed = False  # it may come back with other limits
        if trouble != replica.trouble:
            log.warning("%s", trouble or f"{endpoint.address} answers.")
        replica.trouble = trouble


def _turns(settings: Settings, workers: int, client_seconds: float) -> Turns:
    return Turns(settings, workers, most_slow=max(1, workers - 1), client_seconds=client_seconds)


def _require_many_rows(endpoint: Endpoint) -> None:
    """Refuse a store that would silently leave out rows."""
    try:
        with endpoint.results(PROBE, PROBE_SECONDS) as found:
            if not isinstance(found, QuerySolutions):
                raise InputError(f"{endpoint.address} answers a SELECT with something else.")
            rows = sum(1 for _ in found)
    except ResultTooLarge:
        rows = 0
    if rows < PROBE_ROWS:
        raise StoreUnavailable(
            f"{endpoint.address} leaves out rows of results of {PROBE_ROWS}. Set ResultSetMaxRows "
            "under [SPARQL] in virtuoso.ini to 1000000 or more, and start it again."
        )


def _dataset(
    request: QueryRequest, asked: Examination, release: Release
) -> tuple[Sequence[str], Sequence[str]]:
    """Return the graphs to be named, so that a store answers as if it held the release alone."""
    if request.default_graphs or request.named_graphs:
        return request.default_graphs, request.named_graphs
    if asked.has_dataset_clause:
        return (), ()
    manifest = release.manifest
    named = [file.graph for file in manifest.graphs if file.graph]
    return [publication.merged_graph(manifest.base)], named if asked.has_graph_clause else ()


class _Limited(io.RawIOBase):
    """Writes to a spool up to so many bytes."""

    def __init__(self, spool: BinaryIO, limit: int) -> None:
        super().__init__()
        self._spool = spool
        self._limit = limit

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        content = bytes(data)
        if self._spool.tell() + len(content) > self._limit:
            raise ResultTooLarge(
                f"The result has more than {self._limit} bytes. Ask in parts, with LIMIT."
            )
        return self._spool.write(content)
