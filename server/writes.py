"""Writing over HTTP: who may, and what a write answers."""

import json
import time
from http import HTTPStatus

from raadgraaf import credentials
from raadgraaf.changes import GraphWrite, Update
from raadgraaf.errors import Unauthorized, WritingOff
from raadgraaf.server.replies import Reply
from raadgraaf.server.site import Site
from raadgraaf.writing import Written

SWITCH_SECONDS = 20.0
"""How long a write waits for its release to answer queries, so that its writer reads it."""


def may(site: Site, authorization: str) -> bool:
    """Tell whether the Authorization header of a request allows it to write."""
    file, token = site.settings.token_file, _token(authorization)
    return bool(file and token and credentials.allows(file, token))


def authorize(site: Site, authorization: str) -> None:
    """Refuse a request that may not write (RFC 6750, 2.1 and 3)."""
    file = site.settings.token_file
    if site.writer is None or file is None or not credentials.read(file):
        raise WritingOff(
            "Nobody may write here: no token has been given out. `raadgraaf token new` makes one."
        )
    challenge = 'Bearer realm="raadgraaf"'
    if not _token(authorization):
        raise Unauthorized(
            "Writing needs a token. Send it as `Authorization: Bearer …`.", challenge
        )
    if not may(site, authorization):
        raise Unauthorized(
            "The token is not, or no longer, valid.", f'{challenge}, error="invalid_token"'
        )


def _token(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def carry_out(site: Site, asked: Update | GraphWrite) -> Written:
    """Return what a write did, once queries are answered from its release."""
    if site.writer is None:
        raise WritingOff("Nobody may write here.")
    written = site.writer.write(asked)
    until = time.monotonic() + SWITCH_SECONDS
    while site.service.release().number < written.release and time.monotonic() < until:
        time.sleep(0.01)
    return written


def done(written: Written, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    """Return the answer to a write: its release, and what became of each graph."""
    content = {
        "release": written.release,
        "changed": written.changed,
        "graphs": [{"graph": graph, "state": state} for graph, state in written.graphs],
    }
    body = json.dumps(content).encode() + b"\n"
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return Reply(status, headers, body)
