"""A polite client for the public iBabs calls on lists: it asks slowly and saves what it is told.

It was tried against a server of the tests alone: iBabs answers only those whom it has admitted.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

import urllib3
from urllib3.exceptions import HTTPError

from raadgraaf import __version__
from raadgraaf.errors import FetchFailed, InputError
from raadgraaf.loaders import ibabs
from raadgraaf.loaders.ibabs import Entry, ListName

ENDPOINT = "https://wcf.ibabs.eu/api/Public.svc"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_SERVICE = "http://tempuri.org/"
_REQUEST = "http://schemas.datacontract.org/2004/07/iBabsWCFObjects.Public.Request"
_BASE = "http://schemas.datacontract.org/2004/07/iBabsWCFObjects.Base"
_SINCE = "2000-01-01T00:00:00"
_BLOCK = 64 * 1024
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

Ask = Callable[[str, Element], bytes]
"""Sends a call with its parameters and returns the response."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a client behaves."""

    contact: str
    """An address or page by which the one who asks can be reached."""
    pause: float = 1.0
    """Seconds between two requests."""
    retries: int = 4
    """How often a request is repeated, each time after twice as long."""
    timeout: float = 60.0
    """Seconds that an answer may take."""
    most_bytes: int = 64 * 1024 * 1024
    """Bytes that a response may have."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A response and the file it belongs in."""

    file: str
    content: bytes


class Client:
    """A client of one address; it follows no redirects."""

    def __init__(self, address: str, manners: Manners) -> None:
        """Refuse to ask in the clear or without a name."""
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
            raise InputError(f"{address} is no https address. Use https.")
        if not manners.contact:
            raise InputError(
                "Whoever runs the service must be able to reach you: set RAADGRAAF_CONTACT to an "
                "e-mail address or a web page of yours."
            )
        self._address = address
        self._manners = manners
        self._next = 0.0
        self._pool = urllib3.PoolManager(
            headers={"User-Agent": f"raadgraaf/{__version__} ({manners.contact})"},
            retries=urllib3.Retry(
                manners.retries,
                redirect=False,
                allowed_methods=None,  # the calls only read
                backoff_factor=manners.pause,
                status_forcelist=(429, 500, 502, 503, 504),
            ),
            timeout=urllib3.Timeout(manners.timeout),
        )

    def ask(self, operation: str, parameters: Element) -> bytes:
        """Send a SOAP call, not sooner than the pause after the one before."""
        envelope = Element(f"{{{_ENVELOPE}}}Envelope")
        SubElement(envelope, f"{{{_ENVELOPE}}}Body").append(parameters)
        headers = {
            **self._pool.headers,
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{_SERVICE}IPublic/{operation}"',
        }
        time.sleep(max(0.0, self._next - time.monotonic()))
        try:
            response = self._pool.request(
                "POST",
                self._address,
                body=tostring(envelope, encoding="utf-8", xml_declaration=True),
                headers=headers,
                preload_content=False,
            )
            content = b"".join(self._blocks(response.stream(_BLOCK, decode_content=True)))
            response.release_conn()
        except HTTPError as error:
            raise FetchFailed(
                f"{self._address} did not answer {operation}: {error}. Try again later."
            ) from None
        finally:
            self._next = time.monotonic() + self._manners.pause
        if response.status != 200:  # noqa: PLR2004  # OK
            raise FetchFailed(
                f"{self._address} answered {operation} with status {response.status}. "
                "Check the address, and whether you have been admitted."
            )
        return content

    def _blocks(self, stream: Iterable[bytes]) -> Iterator[bytes]:
        received = 0
        for block in stream:
            received += len(block)
            if received > self._manners.most_bytes:
                raise FetchFailed(
                    f"{self._address} sent more than {self._manners.most_bytes} bytes; it was cut "
                    "off. Ask for one list at a time with --list."
                )
            yield block


def responses(ask: Ask, site: str, wanted: Callable[[ListName], bool]) -> Iterator[Saved]:
    """Yield the responses on the lists of a site that are wanted, with their entries."""
    content = ask(ibabs.LISTS, _call(ibabs.LISTS, {"Sitename": site}))
    yield Saved("lists.xml", content)
    lists = [each for each in _records(content, "lists.xml") if isinstance(each, ListName)]
    chosen = [each for each in lists if wanted(each)]
    if not chosen:
        names = ", ".join(each.name for each in lists) or "none"
        raise InputError(f"No list of {site} is asked for. Its lists: {names}. Name one by --list.")
    for each in chosen:
        folder = _identifier(each.identifier)
        content = ask(ibabs.ENTRIES, _filter(site, each.identifier))
        yield Saved(f"{folder}/{ibabs.ENTRIES_FILE}", content)
        for entry in _records(content, ibabs.ENTRIES_FILE):
            if isinstance(entry, Entry):
                named = {"Sitename": site, "ListId": each.identifier, "EntryId": entry.identifier}
                file = f"{folder}/{ibabs.file_of(_identifier(entry.identifier))}"
                yield Saved(file, ask(ibabs.ENTRY, _call(ibabs.ENTRY, named)))


def _records(content: bytes, name: str) -> Iterator[ListName | Entry]:
    return (ibabs.decoded(record) for record in ibabs.read(BytesIO(content), name))


def _identifier(text: str) -> str:
    """Return an identifier as part of a file name; a server could name any file by it."""
    if not _GUID.fullmatch(text):
        raise FetchFailed(f"The service names a list or entry {text[:80]!r}, which is no GUID.")
    return text.lower()


def _call(operation: str, parameters: Mapping[str, str]) -> Element:
    call = Element(f"{{{_SERVICE}}}{operation}")
    for name, value in parameters.items():
        SubElement(call, f"{{{_SERVICE}}}{name}").text = value
    return call


def _filter(site: str, identifier: str) -> Element:
    call = Element(f"{{{_SERVICE}}}{ibabs.ENTRIES}")
    request = SubElement(call, f"{{{_SERVICE}}}filterRequest")
    SubElement(request, f"{{{_BASE}}}Sitename").text = site
    SubElement(request, f"{{{_REQUEST}}}ListId").text = identifier
    SubElement(request, f"{{{_REQUEST}}}SinceDate").text = _SINCE
    return call
