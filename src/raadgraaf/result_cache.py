"""Answers that are kept for those who ask the same again: a release never changes."""

import contextlib
import io
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from raadgraaf.config import MEBIBYTE
from raadgraaf.releases import Release
from raadgraaf.worker_handles import QueryAnswer
from raadgraaf.worker_process import QueryRequest

ANSWER_BYTES = MEBIBYTE
"""Bytes up to which an answer is kept."""
ENTRY_BYTES = 1024
"""About what an entry takes beside the texts of the query and its answer."""

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is kept."""

    media_type: str
    content: bytes
    release: int

    def answer(self) -> QueryAnswer:
        """Return the answer for one who asks."""
        body = io.BytesIO(self.content)
        return QueryAnswer(self.media_type, body, len(self.content), self.release)


def key(request: QueryRequest, release: Release) -> Key:
    """Return what two requests have in common that have the same answer."""
    media_types = request.results_type, request.graph_type
    dataset = request.default_graphs, request.named_graphs
    return release.identity, request.text, request.base, media_types, dataset


class ResultCache:
    """As many answers as fit, those that were asked last, and who is asking what now."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[Kept, int]] = OrderedDict()
        self._bytes = 0
        self._running: dict[Key, threading.Event] = {}

    def find(self, key: Key) -> Kept | threading.Event | None:
        """Return a kept answer, or what is set when somebody who asks the same now is done."""
        with self._lock:
            if entry := self._kept.get(key):
                self._kept.move_to_end(key)
                return entry[0]
            return self._running.get(key)

    @contextlib.contextmanager
    def asking(self, key: Key) -> Iterator[None]:
        """Let others who ask the same wait meanwhile."""
        done = threading.Event()
        with self._lock:
            self._running.setdefault(key, done)
        try:
            yield
        finally:
            with self._lock:
                if self._running.get(key) is done:
                    del self._running[key]
            done.set()

    def keep(self, key: Key, answer: QueryAnswer) -> QueryAnswer:
        """Keep an answer unless it is large, and return it for the one who asked."""
        if answer.length > ANSWER_BYTES:
            return answer
        with answer.body as body:
            kept = Kept(answer.media_type, body.read(), answer.release)
        size = answer.length + ENTRY_BYTES + sum(len(str(part)) for part in key)
        with self._lock:
            self._bytes += size - self._kept.pop(key, (kept, 0))[1]
            self._kept[key] = kept, size
            while self._bytes > self._limit:
                self._bytes -= self._kept.popitem(last=False)[1][1]
        return kept.answer()
