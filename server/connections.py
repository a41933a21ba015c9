"""Cuts the connections of clients that stopped reading or sending; Granian waits for them for ever.

Linux only: elsewhere the connections stay until their clients end them.
"""

import contextlib
import fcntl
import os
import socket
import stat
import struct
import termios
import threading
from pathlib import Path

OWN = Path("/proc/self/fd")
_QUEUED = struct.Struct("i")
_TCP_INFO = struct.Struct("8B13I")
"""The head of `struct tcp_info` of Linux, to `tcpi_last_ack_recv`."""
_LAST_DATA_SENT, _LAST_DATA_RECEIVED = 17, 19


def watch(unread: float, silent: float) -> None:
    """Cut in the background who has stalled: seconds with an answer unread, or without one."""
    if not OWN.is_dir():
        return
    pause = threading.Event()

    def go_on() -> None:
        while not pause.wait(max(unread / 4, 0.1)):
            cut(unread, silent)

    threading.Thread(target=go_on, daemon=True).start()


def cut(unread: float, silent: float) -> int:
    """Cut each connection of this process that has stalled, and return how many they were."""
    found = 0
    for name in os.listdir(OWN):  # noqa: PTH208 # only the names are needed
        # It may be closed, and taken by another file, at any moment.
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                with socket.socket(fileno=os.dup(int(name))) as connection:
                    if _stalled(connection, unread, silent):
                        connection.shutdown(socket.SHUT_RDWR)
                        found += 1
    return found


def _stalled(connection: socket.socket, unread: float, silent: float) -> bool:
    """Return whether a client has taken nothing of what waits for it, or sends nothing any more."""
    if connection.family not in {socket.AF_INET, socket.AF_INET6}:
        return False
    connection.getpeername()  # OSError for a socket that listens
    info = _TCP_INFO.unpack(
        connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    )
    (waiting,) = _QUEUED.unpack(fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(_QUEUED.size)))
    passed: float = min(info[_LAST_DATA_SENT], info[_LAST_DATA_RECEIVED]) / 1000
    allowed = unread if waiting else silent
    return passed > allowed
