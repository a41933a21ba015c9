"""Loads into homes, each time in a process of its own that something happens to.

Reads tasks as lines of JSON, writes how each ended and how often it was about to change the disk.
The processes are forked from one that has everything imported and no store open.
"""

import json
import mmap
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import erasure, transaction
from raadgraaf.config import Settings
from raadgraaf.errors import RaadgraafError
from raadgraaf.provenance import GraphContent

CHANGED, REFUSED, UNCHANGED = 0, 2, 3
GENERATION = "http://example.org/generation"
THINGS = 40
"""Resources in each of two graphs; all of them carry the generation of their load."""
CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate", "os.link"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_DIRECTORY  # a folder is opened to sync it


def contents(generation: int) -> list[GraphContent]:
    return [
        GraphContent(
            f"bron/{key}",
            [
                Triple(
                    NamedNode(f"http://example.org/{key}/{number}"),
                    NamedNode(GENERATION),
                    Literal(generation),
                )
                for number in range(THINGS)
            ],
            "proef.ttl",
            f"{generation:064}",
            "rdf",
        )
        for key in ("een", "twee")
    ]


def load(task: dict[str, Any], steps: mmap.mmap) -> int:
    last = task.get("step", 0)

    def about_to(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and arguments[2] & WRITING):
            done = int.from_bytes(steps[:8]) + 1
            steps[:8] = done.to_bytes(8)
            if done == last:
                os.kill(os.getpid(), signal.SIGKILL)

    if task.get("ignore_free"):
        transaction._require_disk = lambda _: None
    sys.addaudithook(about_to)
    if "seconds" in task:
        signal.setitimer(signal.ITIMER_REAL, task["seconds"])  # its signal kills, too
    if "file_bytes" in task:
        resource.setrlimit(resource.RLIMIT_FSIZE, (task["file_bytes"], task["file_bytes"]))
    settings = Settings(home=Path(task["home"]), shacl=False, plain=task["plain"], releases_kept=2)
    try:
        if "erase" in task:
            return CHANGED if erasure.erase(settings, task["erase"]) else UNCHANGED
        outcome = transaction.load(settings, contents(task.get("generation", 0)), reason=False)
    except (RaadgraafError, OSError):
        return REFUSED
    return CHANGED if outcome.changed else UNCHANGED


def main() -> None:
    steps = mmap.mmap(-1, 8)
    for line in sys.stdin:
        steps[:8] = bytes(8)
        process = os.fork()
        if process == 0:
            status = 1
            try:
                status = load(json.loads(line), steps)
            finally:
                os._exit(status)
        _, ended = os.waitpid(process, 0)
        status = os.waitstatus_to_exitcode(ended)
        sys.stdout.write(f"{status} {int.from_bytes(steps[:8])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
