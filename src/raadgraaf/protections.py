"""What keeps a query in its bounds on this machine, and what is missing here."""

import errno
from collections.abc import Iterator
from importlib.util import find_spec

NETWORK_CALLS = ("socket", "connect", "io_uring_setup")
"""The calls of the system without which no connection is opened."""


def missing(system: str, machine: str, *, from_disk: bool, seccomp: bool) -> Iterator[str]:
    """Yield a sentence for each protection that is not there."""
    if system != "linux":
        yield (
            "The memory of a query has no limit, and workers outlive a server that is killed: "
            "only Linux has both. Do not offer this to strangers."
        )
    elif machine not in {"x86_64", "aarch64"}:
        yield f"Limits of memory and connections are not tested on {machine}."
    if from_disk and not (system == "linux" and seccomp):
        yield (
            "Only the guard keeps SERVICE from opening connections, for the release is read from "
            "disk. Install raadgraaf[seccomp] on Linux, or raise RAADGRAAF_MEMORY_QUADS."
        )


def seccomp_available() -> bool:
    """Return whether `forbid_connections` can do anything."""
    return find_spec("pyseccomp") is not None


def forbid_connections() -> None:
    """Have this process and its threads open no socket any more, where pyseccomp is installed."""
    if seccomp_available():
        import pyseccomp  # noqa: PLC0415 # optional

        allowed = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        for call in NETWORK_CALLS:
            allowed.add_rule(pyseccomp.ERRNO(errno.EPERM), call)
        allowed.load()
