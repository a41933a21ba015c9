"""Parse strangers' bytes in a process of its own: limited memory and time, and no connections.

`main` calls a function with the file on standard input and prints what it yields as JSON lines.
The process opens nothing but that file.
"""

import codecs
import ctypes
import importlib
import io
import json
import math
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import InputError, RaadgraafError

# Not with -m: the package may import this module, too
_CALL = "import sys; from raadgraaf.loaders.isolated import main; sys.exit(main(sys.argv[1:]))"
_REFUSED, _NO_MEMORY, _TOO_DEEP = 65, 66, 67
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_KEPT_OF_STANDARD_ERROR = 2000

# Python finds an encoding in a file when it is first asked for; a ZIP's names are in cp437
_ENCODINGS = ("ascii", "cp1252", "cp437", "latin-1", "utf-16", "utf-32", "utf-8-sig")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a parser may use."""

    memory: int = 1024 * MEBIBYTE
    """Bytes above its size at the start."""
    seconds: float = 300.0
    """Seconds of computing, and of waiting for it."""
    files: int = 0
    """Files that it may have open beside the source; a library that looks for data needs some."""


def lines(
    function: str,
    stream: BinaryIO,
    name: str,
    arguments: Sequence[object] = (),
    limits: Limits = Limits(),
) -> Iterator[Mapping[str, Any]]:
    """Yield what `MODULE:FUNCTION` yields for a file, as it comes.

    The function gets the file as a binary stream, then the arguments; it yields mappings that
    JSON can carry. `name` is that of the file, for `InputError`.
    """
    settings = {
        "arguments": list(arguments),
        "files": limits.files,
        "memory": limits.memory,
        "seconds": limits.seconds,
    }
    with tempfile.TemporaryFile() as complaints, _with_descriptor(stream) as source:
        process = subprocess.Popen(
            # -P: a file of the working folder that is named like a module is none
            [
                sys.executable,
                "-P",
                "-c",
                f"import sys; from {__name__} import main; sys.exit(main(sys.argv[1:]))",
                function,
                json.dumps(settings),
            ],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        try:
            assert process.stdout is not None  # noqa: S101  # a pipe was asked for
            for line in _arriving(process.stdout, name, limits):
                yield json.loads(line)
            status = process.wait()
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if status:
            complaints.seek(0)
            raise _refusal(status, complaints.read().decode(errors="replace"), name, limits)


def _with_descriptor(stream: BinaryIO) -> IO[bytes]:
    """Return a file that another process can inherit, with the content of a stream."""
    try:
        descriptor = stream.fileno()
    except (AttributeError, io.UnsupportedOperation):
        copy = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the caller
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        return copy
    return os.fdopen(os.dup(descriptor), "rb", buffering=0)


def _arriving(stream: IO[bytes], name: str, limits: Limits) -> Iterator[bytes]:
    """Yield the lines of a pipe; the time in which the reader does other things does not count."""
    left, pending = limits.seconds, [b""]
    while True:
        start = time.monotonic()
        ready, _, _ = select.select([stream], [], [], max(left, 0.0))
        left -= time.monotonic() - start
        if not ready:
            raise _too_slow(name, limits)
        received = os.read(stream.fileno(), io.DEFAULT_BUFFER_SIZE * 8)
        if not received:
            return
        *complete, rest = received.split(b"\n")
        if complete:
            yield b"".join([*pending, complete[0]])
            yield from complete[1:]
            pending = []
        pending.append(rest)


def _too_slow(name: str, limits: Limits) -> InputError:
    return InputError(
        f"{name}: reading it took more than {limits.seconds:g} seconds, so it was stopped. "
        "Split the file into smaller ones."
    )


def _refusal(status: int, complaints: str, name: str, limits: Limits) -> InputError:
    """Return why a parser ended, in a sentence."""
    if status == _REFUSED:
        return InputError(complaints.strip())
    if status in {-signal.SIGXCPU, -signal.SIGKILL}:
        return _too_slow(name, limits)
    if status in {_NO_MEMORY, -signal.SIGABRT}:
        return InputError(
            f"{name}: reading it took more than {limits.memory // MEBIBYTE} MiB of memory, so it "
            "was stopped. Split the file; if it is small, it is made to do harm."
        )
    if status in {_TOO_DEEP, -signal.SIGSEGV, -signal.SIGBUS}:
        return InputError(
            f"{name}: it is nested so deeply that no parser can read it. "
            "If nobody made it so by mistake, it is made to do harm."
        )
    said = complaints.strip().rpartition("\n")[2][-_KEPT_OF_STANDARD_ERROR:]
    return InputError(f"{name}: the parser broke off ({said}). Check that the file is whole.")


def main(arguments: Sequence[str]) -> int:
    """Call a function as told by `lines`, print what it yields, return the exit status."""
    function, settings = arguments[0], json.loads(arguments[1])
    module, _, attribute = function.partition(":")
    called = getattr(importlib.import_module(module), attribute)
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    _confine(settings["memory"], settings["seconds"], settings["files"])
    try:
        for record in called(sys.stdin.buffer, *settings["arguments"]):
            sys.stdout.write(json.dumps(record, separators=(",", ":")) + "\n")
        sys.stdout.flush()
    except RaadgraafError as error:
        sys.stderr.write(str(error))
        return _REFUSED
    except MemoryError:
        return _NO_MEMORY
    except RecursionError:
        return _TOO_DEEP
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, allowed)
    return 0


def _confine(memory: int, seconds: float, files: int) -> None:
    """Limit this process; it may open `files` more than it has open."""
    for name in _ENCODINGS:
        codecs.lookup(name)
    # In a network of its own there is nobody to connect to; not every system grants one
    libc = ctypes.CDLL(None)
    if libc.unshare(_CLONE_NEWNET):
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory)
    _lower(resource.RLIMIT_CPU, math.ceil(seconds))
    # A number left free below the limit would be enough for a connection
    highest = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
    while (descriptor := os.open(os.devnull, os.O_RDONLY)) < highest:
        pass
    os.close(descriptor)
    _lower(resource.RLIMIT_NOFILE, descriptor + files)


def _lower(limit: int, value: int) -> None:
    soft, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if soft == resource.RLIM_INFINITY else min(soft, value), hard))
