"""Counts requests and writes a line about each: how it was answered, never who asked what."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from raadgraaf.errors import RaadgraafError
from raadgraaf.workers import QueryService

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROUTE = "raadgraaf.route"
"""Where a part of the application leaves the pattern of the address that it answers."""
OTHER = "other"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_SECONDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60)


class Counts:
    """What is counted of the requests of one application."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "raadgraaf_requests",
            "Requests that were answered.",
            ("route", "method", "status"),
            registry=registry,
        )
        self.seconds = Histogram(
            "raadgraaf_request_seconds",
            "Seconds until an answer began.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.open = Gauge(
            "raadgraaf_requests_open",
            "Requests that wait, run or are being sent.",
            registry=registry,
        )
        self._release = Gauge("raadgraaf_release", "The release that answers.", registry=registry)

    def text(self, release: int) -> bytes:
        """Return everything that was counted, as Prometheus reads it."""
        self._release.set(release)
        return generate_latest(self._registry)


@dataclass(frozen=True, slots=True)
class Watch:
    """A WSGI application whose requests are counted and, if wanted, logged."""

    application: "WSGIApplication"
    service: QueryService
    counts: Counts
    log: bool

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request, and count it."""
        began = perf_counter()
        status = 500

        def started(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, headers, *rest)

        def ended(size: int) -> None:
            self.counts.open.dec()
            if self.log:
                self._log(method, route, status, perf_counter() - began, size)

        self.counts.open.inc()
        body: Iterable[bytes] = []
        try:
            body = self.application(environ, started)
        finally:
            route = environ.get(ROUTE, OTHER)
            method = environ["REQUEST_METHOD"]
            method = method if method in _METHODS else OTHER
            self.counts.requests.labels(route, method, status).inc()
            self.counts.seconds.labels(route).observe(perf_counter() - began)
            if isinstance(body, list):
                ended(sum(map(len, body)))
        return body if isinstance(body, list) else _Sent(body, ended)

    def _log(self, method: str, route: str, status: int, seconds: float, size: int) -> None:
        line = {
            "method": method,
            "route": route,
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
            "bytes": size,
            "release": release_of(self.service),
        }
        sys.stderr.write(json.dumps(line) + "\n")
        sys.stderr.flush()


class _Sent:
    """A body that is being sent; `ended` is told its bytes when it is closed, sent or not."""

    def __init__(self, body: Iterable[bytes], ended: Callable[[int], None]) -> None:
        self._body = body
        self._ended = ended
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            self._size += len(piece)
            yield piece

    def close(self) -> None:
        """Close the body."""
        close = getattr(self._body, "close", None)
        if close:
            close()
        self._ended(self._size)


def release_of(service: QueryService) -> int | None:
    """Return the number of the release that answers, or None where none does."""
    try:
        return service.release().number
    except RaadgraafError:
        return None
