"""Spools: answers that wait to be sent, in memory or in a file, bounded all together."""

import tempfile
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import SpoolsFull

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MEMORY_BYTES = MEBIBYTE
"""Bytes of an answer that are kept in memory; a longer one goes to a file."""


class Spools:
    """The room that all spools share."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> None:
        """Take room for so many bytes, or raise if there is none."""
        with self._lock:
            if self._taken + count > self._limit:
                raise SpoolsFull(
                    f"Answers that are still being sent fill the {self._limit // MEBIBYTE} MiB "
                    "that there are for them. Ask again in a minute, or for less with LIMIT."
                )
            self._taken += count

    def give_back(self, count: int) -> None:
        """Make room again."""
        with self._lock:
            self._taken -= count


class Spool(tempfile.SpooledTemporaryFile[bytes]):
    """One answer; its room is given back when it is closed."""

    def __init__(self, spools: Spools) -> None:
        super().__init__(MEMORY_BYTES)
        self._spools = spools
        self._length = 0

    def write(self, data: "ReadableBuffer") -> int:
        """Append to the answer."""
        length = memoryview(data).nbytes
        self._spools.take(length)
        self._length += length
        return super().write(data)

    def close(self) -> None:
        """Delete the answer."""
        super().close()
        self._spools.give_back(self._length)
        self._length = 0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
