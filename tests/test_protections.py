"""What keeps queries in their bounds, and what is said where it is missing."""

import socket
import subprocess
import sys

import pytest

from raadgraaf.protections import missing, seccomp_available

OPENS_A_SOCKET = """
import socket
from raadgraaf.protections import forbid_connections
pair = socket.socketpair()
forbid_connections()
pair[0].sendall(b"x")
assert pair[1].recv(1) == b"x"
try:
    socket.create_connection(("127.0.0.1", int({port})))
except PermissionError:
    print("refused")
"""


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_linux_misses_nothing(machine: str) -> None:
    assert not list(missing("linux", machine, from_disk=False, seccomp=False))
    assert not list(missing("linux", machine, from_disk=True, seccomp=True))


def test_what_is_missing_is_said() -> None:
    (disk,) = missing("linux", "x86_64", from_disk=True, seccomp=False)
    assert "raadgraaf[seccomp]" in disk
    (other,) = missing("linux", "riscv64", from_disk=False, seccomp=False)
    assert "riscv64" in other
    memory, _ = missing("darwin", "arm64", from_disk=True, seccomp=True)
    assert "no limit" in memory


@pytest.mark.skipif(not seccomp_available(), reason="pyseccomp is not installed")
def test_a_process_that_may_open_no_connection_opens_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        program = OPENS_A_SOCKET.format(port=canary.getsockname()[1])
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"refused\n"
