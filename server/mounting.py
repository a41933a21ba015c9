"""Answering at the path of the IRIs, for a proxy that passes addresses on as they are."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def at_path_of(base: str, app: "WSGIApplication") -> "WSGIApplication":
    """Return an application that answers at `/` and at the path of the base of the data."""
    path = urlsplit(base).path.rstrip("/")

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if path and environ["PATH_INFO"].startswith(f"{path}/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + path
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(path)
        return app(environ, start_response)

    return answer
