"""The quarantine: a CSV file of the rows that could not be taken over, each with the reason."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

from raadgraaf.errors import InputError
from raadgraaf.loaders.base import Rejected

COLUMNS = tuple(each.name for each in fields(Rejected))


@dataclass(slots=True)
class Quarantine:
    """Collects rejected rows; refuses the load at one more than `allowed`."""

    path: Path
    allowed: int | None = None
    codes: Counter[str] = field(default_factory=Counter)
    _rows: list[Rejected] = field(default_factory=list)
    _seen: set[Rejected] = field(default_factory=set)

    def __call__(self, rejected: Rejected) -> None:
        """Take in a rejected row."""
        if rejected in self._seen:
            return
        self._seen.add(rejected)
        self._rows.append(rejected)
        self.codes[rejected.code] += 1
        if self.allowed is not None and len(self._rows) > self.allowed:
            raise InputError(
                f"{rejected.file}, row {rejected.row}: {rejected.reason} "
                f"That makes {len(self._rows)} rejected rows or cells and {self.allowed} are "
                f"allowed, so nothing was loaded; {self.path} lists them. "
                "Mend them, or load with a higher --max-errors and without --strict."
            )

    def __len__(self) -> int:
        """Return how many rows or cells were rejected."""
        return len(self._rows)

    def write(self) -> None:
        """Write the file; where nothing was rejected, only in the place of an earlier one."""
        if not self._rows and not self.path.exists():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            writer.writerows(astuple(each) for each in self._rows)


@contextmanager
def quarantine(path: Path, allowed: int | None = None) -> Iterator[Quarantine]:
    """Collect rejected rows and write them to a file at the end, also when the load is refused."""
    collected = Quarantine(path, allowed)
    try:
        yield collected
    finally:
        collected.write()
