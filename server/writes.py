"""Writing over HTTP: who may, and what a write answers."""

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn

from flask import Response, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from raadgraaf import credentials
from raadgraaf.changes import GraphWrite, Update
from raadgraaf.server.site import Site
from raadgraaf.writing import Written

SWITCH_SECONDS = 20.0
"""How long a write waits for its release to answer queries, so that its writer reads it."""


def allow_long_body(site: Site) -> None:
    """Let the body of a request be as long as an upload may be, if its sender may write."""
    file, token = site.settings.token_file, _token()
    if file and token and credentials.allows(file, token):
        request.max_content_length = site.settings.upload_bytes


def authorize(site: Site) -> None:
    """Refuse a request whose token does not allow writing (RFC 6750, 2.1 and 3)."""
    file, token = site.settings.token_file, _token()
    if site.writer is None or file is None or not credentials.read(file):
        raise Forbidden(
            "Nobody may write here: no token has been given out. `raadgraaf token new` makes one."
        )
    if not token:
        _ask_for_token({}, "Writing needs a token. Send it as `Authorization: Bearer …`.")
    if not credentials.allows(file, token):
        _ask_for_token({"error": "invalid_token"}, "The token is not, or no longer, valid.")


def _token() -> str:
    """Return the bearer token of the request, empty where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _ask_for_token(parameters: Mapping[str, str], sentence: str) -> NoReturn:
    challenge = WWWAuthenticate("bearer", {"realm": "raadgraaf", **parameters})
    raise Unauthorized(sentence, www_authenticate=challenge)


def carry_out(site: Site, asked: Update | GraphWrite) -> Written:
    """Return what a write did, once queries are answered from its release."""
    if site.writer is None:
        raise Forbidden("Nobody may write here.")
    written = site.writer.write(asked)
    until = time.monotonic() + SWITCH_SECONDS
    while site.service.release().number < written.release and time.monotonic() < until:
        time.sleep(0.01)
    return written


def done(written: Written, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return the answer to a write: its release, and what became of each graph."""
    content = {
        "release": written.release,
        "changed": written.changed,
        "graphs": [{"graph": graph, "state": state} for graph, state in written.graphs],
    }
    return Response(json.dumps(content) + "\n", status, mimetype="application/json")
