"""Loads a file into a home and is killed just before its N-th change of the disk.

Usage: killed_load.py HOME FILE N
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from raadgraaf import graphfiles, loaders, releases, transaction
from raadgraaf.config import Settings

changes = count(1)


def counted(original: Callable[..., Any], last: int) -> Callable[..., Any]:
    def step(*arguments: object, **named: object) -> object:
        if next(changes) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)

    return step


def main(home: Path, file: Path, last: int) -> None:
    for owner, name in (
        (graphfiles, "write_durably"),
        (graphfiles, "sync_folder"),
        (releases, "write_durably"),
        (releases, "sync_folder"),
        (Path, "rename"),
        (Path, "replace"),
        (Path, "symlink_to"),
        (Path, "unlink"),
    ):
        setattr(owner, name, counted(getattr(owner, name), last))
    settings = Settings(home=home, releases_kept=1)
    contents = loaders.contents(loaders.sources([file]), settings.base)
    transaction.load(settings, contents, reason=False)


main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
