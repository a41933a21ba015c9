"""Bearer tokens for writing over HTTP (RFC 6750): only their hashes are kept, in one file."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from raadgraaf.errors import InputError, NotFound
from raadgraaf.graphfiles import write_durably


@dataclass(frozen=True, slots=True)
class Credential:
    """A token that was given out: what is kept of it."""

    id: str
    """By which it is listed and revoked."""
    label: str
    created: str
    """An xsd:dateTime in UTC."""
    sha256: str
    """Of the token, in hexadecimal digits; 256 random bits need no slow hash."""


def new(file: Path, label: str = "", now: datetime | None = None) -> str:
    """Return a new token and keep its hash in the file."""
    token = f"rg_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(token.encode()).hexdigest()
    created = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    _write(file, [*read(file), Credential(digest[:8], label, created, digest)])
    return token


def read(file: Path) -> Sequence[Credential]:
    """Return the credentials of a file, none where there is no file."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return []
    try:
        return [Credential(**json.loads(line)) for line in content.splitlines()]
    except (TypeError, ValueError):
        raise InputError(
            f"{file} is not a file of tokens. Make one with `raadgraaf token new --token-file F`."
        ) from None


def revoke(file: Path, identifier: str) -> None:
    """Take a credential out of the file: its token does not allow writing any more."""
    known = read(file)
    kept = [each for each in known if each.id != identifier]
    if len(kept) == len(known):
        names = ", ".join(each.id for each in known) or "none"
        raise NotFound(f"There is no token {identifier} in {file}. Tokens: {names}.")
    _write(file, kept)


def allows(file: Path, token: str) -> bool:
    """Tell whether the token is one of the file, without telling by the time how it begins."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = [hmac.compare_digest(digest, each.sha256) for each in read(file)]
    return any(found)


def _write(file: Path, credentials: Sequence[Credential]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(each)).encode() + b"\n" for each in credentials]
    before = os.umask(0o077)
    try:
        write_durably(file, b"".join(lines))
    finally:
        os.umask(before)
