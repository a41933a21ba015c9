"""Responses without a framework: representations with their digest, compressed, or unchanged.

Sources: RFC 9110, 8.8.3 (ETag), 12.5.3 (Accept-Encoding), 13.1.2 (If-None-Match); RFC 9530.
"""

import base64
import gzip
import hashlib
import io
import json
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import MappingProxyType
from typing import BinaryIO, cast

from raadgraaf.config import MEBIBYTE
from raadgraaf.server.media import content_type
from raadgraaf.server.negotiation import takes_gzip

CHUNK_BYTES = 64 * 1024
"""Up to so many bytes a body is sent in one piece."""
GZIP_BYTES = 1024
"""From so many bytes a body is compressed for who takes that."""
GZIP_LEVEL = 4
PROBLEM = "application/problem+json"
TYPES = "https://w3id.org/raadgraaf/problem/"
RETRY_SECONDS = 5
VARY = "Accept, Accept-Encoding"


@dataclass(frozen=True, slots=True)
class Reply:
    """A response; whoever receives it closes its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes | BinaryIO
    """At its start where it is a file."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a client wants a representation, beside its media type."""

    accept_encoding: str
    if_none_match: str


def representation(body: BinaryIO, media_type: str, wish: Wish) -> Reply:
    """Return a whole representation with its digest, or that the client has it already.

    The entity tag is made of the digest before compression, so that it tells the content.
    """
    content: bytes | BinaryIO = body
    length = body.seek(0, io.SEEK_END)
    body.seek(0)
    if length <= CHUNK_BYTES:
        with body:
            content = body.read()
    digest = _digest(content)
    tag = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    headers = {"Content-Type": content_type(media_type), "Vary": VARY}
    if length >= GZIP_BYTES and takes_gzip(wish.accept_encoding):
        content, length = _compressed(content)
        headers["Content-Encoding"] = "gzip"
        digest, tag = _digest(content), f"{tag}.gzip"
    value = f"sha-256=:{base64.b64encode(digest).decode()}:"
    headers |= {"ETag": f'"{tag}"', "Repr-Digest": value}
    if wish.if_none_match and _matches(wish.if_none_match, tag):
        close(content)
        return Reply(HTTPStatus.NOT_MODIFIED, _without_content(headers), b"")
    headers |= {"Content-Digest": value, "Content-Length": str(length)}
    return Reply(HTTPStatus.OK, headers, content)


def with_headers(reply: Reply, headers: Mapping[str, str]) -> Reply:
    """Return the same response with further headers."""
    return replace(reply, headers={**reply.headers, **headers})


def problem(status: int, slug: str, title: str, detail: str, limit: float | None = None) -> Reply:
    """Return an error as problem details (RFC 9457)."""
    content = {"type": TYPES + slug, "title": title, "status": status, "detail": detail}
    if limit is not None:
        content["limit"] = limit
    body = json.dumps(content).encode() + b"\n"
    headers = {"Content-Type": PROBLEM, "Vary": VARY, "Content-Length": str(len(body))}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_SECONDS)
    return Reply(status, headers, body)


def chunks(body: bytes | BinaryIO) -> Iterable[bytes]:
    """Return a body in pieces; it is closed by the last one, or by `close`."""
    return [body] if isinstance(body, bytes) else _pieces(body)


def close(body: bytes | BinaryIO) -> None:
    """Close a body that is not to be sent."""
    if not isinstance(body, bytes):
        body.close()


def _pieces(body: BinaryIO) -> Iterator[bytes]:
    with body:
        while piece := body.read(CHUNK_BYTES):
            yield piece


def _digest(content: bytes | BinaryIO) -> bytes:
    if isinstance(content, bytes):
        return hashlib.sha256(content).digest()
    found = hashlib.sha256()
    while piece := content.read(CHUNK_BYTES):
        found.update(piece)
    content.seek(0)
    return found.digest()


def _compressed(content: bytes | BinaryIO) -> tuple[bytes | BinaryIO, int]:
    if isinstance(content, bytes):
        made = gzip.compress(content, GZIP_LEVEL, mtime=0)
        return made, len(made)
    spool = cast("BinaryIO", tempfile.SpooledTemporaryFile(MEBIBYTE))  # noqa: SIM115 # closed when sent
    packer = zlib.compressobj(GZIP_LEVEL, wbits=zlib.MAX_WBITS | 16)  # 16: the form of gzip
    for piece in _pieces(content):
        spool.write(packer.compress(piece))
    spool.write(packer.flush())
    length = spool.tell()
    spool.seek(0)
    return spool, length


def _matches(header: str, tag: str) -> bool:
    """Return whether If-None-Match names an entity tag; the comparison is weak."""
    members = {member.strip().removeprefix("W/") for member in header.split(",")}
    return "*" in members or f'"{tag}"' in members


def _without_content(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers that a 304 repeats (RFC 9110, 15.4.5)."""
    left_out = {"Content-Type", "Content-Encoding", "Repr-Digest"}
    return MappingProxyType({name: headers[name] for name in headers.keys() - left_out})
