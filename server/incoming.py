"""What a request must be before anything is made of it: for one host, and whole."""

import re
from typing import TYPE_CHECKING

from raadgraaf.errors import BadRequest, LengthRequired, TooLarge

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_HOST = re.compile(r"(?:[\w.~%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?", re.ASCII)


def require_host(environ: "WSGIEnvironment") -> None:
    """Refuse a request that is not for one host (RFC 9112, 3.2): answers are cited by its name."""
    host = environ.get("HTTP_HOST", "")
    if not host and environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
        return
    if not _HOST.fullmatch(host):
        raise BadRequest("The header Host is not that of one host. Send such as localhost:8000.")


def body(environ: "WSGIEnvironment", most: int) -> bytes:
    """Return the whole body of a request, of at most so many bytes."""
    stated = environ.get("CONTENT_LENGTH") or None
    if stated is not None and not (stated.isascii() and stated.isdecimal()):
        raise BadRequest("Content-Length is not a number.")
    if stated is None and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    length = most if stated is None else int(stated)
    if length <= most:
        content: bytes = environ["wsgi.input"].read(length if stated else length + 1)
        if stated and len(content) < length:
            raise BadRequest("The body ended before its Content-Length. Nothing was done.")
        if len(content) <= most:
            return content
    raise TooLarge(f"The body has more than {most} bytes. Send less.", most)


def has_length(environ: "WSGIEnvironment") -> bool:
    """Return whether a body that was cut off would be noticed; Granian does not tell of others."""
    return "HTTP_TRANSFER_ENCODING" not in environ


def require_length(*, known: bool) -> None:
    """Refuse a write of which a part may be missing (RFC 9110, 15.5.12)."""
    if not known:
        raise LengthRequired(
            "A write needs a Content-Length: without it nobody can tell whether all of it has "
            "arrived. Nothing was done. Send it without Transfer-Encoding."
        )
