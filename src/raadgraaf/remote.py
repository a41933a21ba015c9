"""Speaks to one SPARQL 1.1 endpoint elsewhere; the queries of clients and our updates go there."""

import io
import ipaddress
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import requests
import urllib3
from pyoxigraph import (
    Literal,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from raadgraaf.config import Settings
from raadgraaf.errors import (
    InputError,
    QuerySyntaxError,
    QueryTimeout,
    ResultTooLarge,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Found = QuerySolutions | QueryBoolean | Iterator[Triple]

CONNECT_SECONDS = 3.0
"""How long a store may take to accept a connection."""
BUFFER_BYTES = 64 * 1024
MESSAGE_LENGTH = 300
"""Characters of a store's own message that are passed on."""

_JSON = "application/sparql-results+json"
_RESULTS = {
    _JSON: QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
}
_N_TRIPLES = "application/n-triples"
_GRAPHS = {_N_TRIPLES: RdfFormat.N_TRIPLES, "text/plain": RdfFormat.N_TRIPLES}
_FAILING = frozenset({429, 502, 503, 504})
"""Statuses of a store, or of what stands before it, that another replica need not give."""
_BOOLEANS = {truth: f'{{"head":{{}},"boolean":{truth}}}'.encode() for truth in ("true", "false")}


class Endpoint:
    """A SPARQL 1.1 endpoint, for any number of threads."""

    def __init__(self, address: str, settings: Settings, update_address: str = "") -> None:
        self.address = _checked(address, settings)
        self.update_address = _checked(
            update_address or update_of(address, digest=settings.store_digest), settings
        )
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, netrc or certificates of the environment
        self._session.auth = _login(settings)
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=settings.workers)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    @contextmanager
    def results(
        self,
        text: str,
        seconds: float,
        form: str | None = "SELECT",
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Iterator[Found]:
        """Lend the results of a query as they come, or raise what became of it.

        They are the store's whole answer once they have been read to their end.
        """
        is_graph = form in {"CONSTRUCT", "DESCRIBE"}
        content: Mapping[str, str | Sequence[str]] = {
            "query": text,
            "default-graph-uri": default_graphs,
            "named-graph-uri": named_graphs,
        }
        until = time.monotonic() + seconds
        with self._failures(seconds):
            response = self._post(self.address, content, _N_TRIPLES if is_graph else _JSON, seconds)
            with response:
                self._require_whole(response)
                body = io.BufferedReader(_Body(response.raw, until), BUFFER_BYTES)
                kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                if is_graph and kind in _GRAPHS:
                    yield (quad.triple for quad in parse(body, format=_GRAPHS[kind]))
                elif not is_graph and kind in _RESULTS:
                    found = parse_query_results(body, _RESULTS[kind])
                    yield _truth(found) if form == "ASK" else found
                else:
                    raise StoreUnavailable(
                        f"{self.address} answers in {kind or 'no stated type'} where "
                        f"{_N_TRIPLES if is_graph else _JSON} was asked. Is it a SPARQL endpoint?"
                    )
                while body.read(BUFFER_BYTES):  # to the end, or the connection is not kept
                    pass

    def update(self, text: str, seconds: float) -> None:
        """Carry out an update (SPARQL 1.1 Protocol, 2.2)."""
        with (
            self._failures(seconds),
            self._post(self.update_address, {"update": text}, "*/*", seconds) as response,
        ):
            response.content  # noqa: B018 # read, or the connection is not kept

    def close(self) -> None:
        """Close the connections that wait."""
        self._session.close()

    def _post(
        self, address: str, content: Mapping[str, Any], accept: str, seconds: float
    ) -> requests.Response:
        """Return an answer of status 2xx; Virtuoso hangs on any other kind of request body."""
        response = self._session.post(
            address,
            data=content,
            headers={"Accept": accept, "Accept-Encoding": "identity"},
            timeout=(min(CONNECT_SECONDS, seconds), seconds),
            allow_redirects=False,
            stream=True,
        )
        if not response.ok or response.is_redirect:
            with response:
                self._refuse(response)
        return response

    def _refuse(self, response: requests.Response) -> None:
        """Raise what the status of an answer means."""
        status = response.status_code
        if response.is_redirect:
            raise StoreUnavailable(
                f"{self.address} redirects elsewhere, which is not followed. "
                "Set the address that answers itself."
            )
        if status in {401, 403, 404}:
            raise StoreUnavailable(
                f"{response.url} answers {status}. Check the address, and the login in "
                "RAADGRAAF_STORE_USER and RAADGRAAF_STORE_PASSWORD or RAADGRAAF_STORE_TOKEN."
            )
        if status in _FAILING:
            raise StoreUnavailable(f"{self.address} answers {status}. Ask again in a minute.")
        said = response.raw.read(BUFFER_BYTES).decode("utf-8", "replace")
        message = " ".join(said.partition("SPARQL query:")[0].split())[:MESSAGE_LENGTH]
        if "S1T00" in message:  # Virtuoso's MaxQueryExecutionTime
            raise QueryTimeout(f"The store ended the query: {message}")
        if status == requests.codes.bad_request:
            raise QuerySyntaxError(f"The store refuses the query: {message}")
        raise InputError(f"The store cannot carry out the query: {message or status}")

    def _require_whole(self, response: requests.Response) -> None:
        """Refuse an answer that Virtuoso says it has cut."""
        rows = response.headers.get("X-SPARQL-MaxRows")
        if rows or "X-SQL-State" in response.headers:
            raise ResultTooLarge(
                f"The store gives no more than {rows or 'a part'} of these rows. Ask in parts, "
                "with LIMIT; who keeps the store can raise its ResultSetMaxRows."
            )

    @contextmanager
    def _failures(self, seconds: float) -> Iterator[None]:
        """Turn the failures of a connection into errors of ours."""
        try:
            yield
        except (requests.ReadTimeout, TimeoutError):
            raise QueryTimeout(
                f"The query was ended after {seconds:g} seconds. Make it more selective, "
                "or ask for less with LIMIT."
            ) from None
        except (requests.RequestException, ConnectionError) as error:
            raise StoreUnavailable(
                f"{self.address} cannot be reached ({type(error).__name__}). Is it running?"
            ) from None
        except (SyntaxError, ValueError) as error:
            raise StoreUnavailable(
                f"{self.address} gave an answer that cannot be read: {error}"
            ) from None


def update_of(address: str, *, digest: bool) -> str:
    """Return where a store whose queries go to an address takes updates, as its makers have it."""
    if digest and address.endswith("/sparql"):  # Virtuoso
        return f"{address}-auth"
    if address.endswith("/query"):  # Oxigraph, Fuseki, Stardog
        return address.removesuffix("query") + "update"
    if "/repositories/" in address:  # GraphDB, RDF4J
        return f"{address.rstrip('/')}/statements"
    return address


def _checked(address: str, settings: Settings) -> str:
    """Return an address that credentials may be sent to, or refuse it."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise InputError(
            f"{address} is not the address of a SPARQL endpoint. "
            "Write it as https://store.example.org/sparql."
        )
    if parts.username is not None:
        raise InputError(
            f"The address of {parts.hostname} holds a login. Set RAADGRAAF_STORE_USER and "
            "RAADGRAAF_STORE_PASSWORD, or RAADGRAAF_STORE_TOKEN, instead."
        )
    readable = settings.store_token or (settings.store_user and not settings.store_digest)
    if parts.scheme == "http" and readable and not _is_loopback(parts.hostname):
        raise InputError(
            f"A password or token for {address} would be sent readable for others. "
            "Take an https address, or set RAADGRAAF_STORE_DIGEST=true."
        )
    return address


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Bearer(AuthBase):
    """Sends a bearer token (RFC 6750, 2.1)."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _login(settings: Settings) -> AuthBase | None:
    if settings.store_token:
        return _Bearer(settings.store_token)
    if settings.store_user:
        kind = HTTPDigestAuth if settings.store_digest else HTTPBasicAuth
        return kind(settings.store_user, settings.store_password)
    return None


def _truth(found: QuerySolutions | QueryBoolean) -> QueryBoolean:
    """Return the answer to an ASK; Virtuoso 7 gives a table of one number."""
    if isinstance(found, QueryBoolean):
        return found
    values = [row[0] for row in found]
    true = len(values) == 1 and isinstance(values[0], Literal) and values[0].value == "1"
    answer = parse_query_results(_BOOLEANS["true" if true else "false"], QueryResultsFormat.JSON)
    return cast(QueryBoolean, answer)


class _Body(io.RawIOBase):
    """The body of an answer, up to a monotonic time."""

    def __init__(self, raw: urllib3.HTTPResponse, until: float) -> None:
        super().__init__()
        self._raw = raw
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        rest = self._until - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        connection = self._raw.connection
        if connection is not None and connection.sock is not None:
            connection.sock.settimeout(rest)
        target = memoryview(buffer).cast("B")
        try:
            content = self._raw.read1(len(target))
        except urllib3.exceptions.ReadTimeoutError:
            raise TimeoutError from None
        except urllib3.exceptions.HTTPError as error:
            raise ConnectionError(str(error)) from None
        target[: len(content)] = content
        return len(content)
