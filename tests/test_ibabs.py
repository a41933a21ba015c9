"""Lists of iBabs: what saved responses hold, and the client that saves them from a real server."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner, Result

from raadgraaf.cli import main
from raadgraaf.errors import InputError
from raadgraaf.loaders.ibabs import Entry, ListName, decoded, operation, read

SAVED = Path(__file__).parent / "ibabs"
FIRST, SECOND = (f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in (1, 2))
COMMITMENTS = "11111111-1111-4111-8111-111111111111"


def records(content: bytes) -> list[ListName | Entry]:
    return [decoded(each) for each in read(BytesIO(content), "antwoord.xml")]


def test_the_lists_of_a_municipality_are_read() -> None:
    found = records((SAVED / "lists.xml").read_bytes())
    assert found == [
        ListName(COMMITMENTS, "Toezeggingen"),
        ListName("22222222-2222-4222-8222-222222222222", "Moties"),
    ]


def test_the_entries_of_a_list_are_read() -> None:
    found = records((SAVED / "entries.xml").read_bytes())
    assert found == [
        Entry(FIRST, "Fontein op het plein", COMMITMENTS, "Toezeggingen"),
        Entry(SECOND, "Fietspad langs de dijk & de brug", COMMITMENTS, "Toezeggingen"),
    ]


def test_the_fields_of_an_entry_are_read_without_blanks_around_them() -> None:
    (entry,) = records((SAVED / f"entry-{FIRST}.xml").read_bytes())
    assert isinstance(entry, Entry)
    assert entry.fields["Kenmerk"] == "T-24-001"
    assert entry.fields["Omschrijving"].splitlines()[1] == "voor de zomer wordt hersteld."
    assert len(entry.fields) == 8


@pytest.mark.parametrize(
    ("file", "call"),
    [
        ("lists.xml", "GetLists"),
        ("entries.xml", "GetListsEntriesByFilterRequest"),
        (f"entry-{FIRST}.xml", "GetListEntry"),
    ],
)
def test_a_response_is_known_by_its_content(file: str, call: str) -> None:
    assert operation((SAVED / file).read_bytes()) == call


def test_other_xml_is_no_response() -> None:
    assert operation(b"<organisaties><GetLists/></organisaties>") is None


@pytest.mark.parametrize(
    "head",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]>',
        b'<!DOCTYPE a SYSTEM "file:///etc/hostname">',
        b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]>',
    ],
)
def test_document_types_and_entities_are_refused(head: bytes) -> None:
    with pytest.raises(InputError, match="document type declaration or entities"):
        records(head + (SAVED / "lists.xml").read_bytes())


def test_a_response_that_breaks_off_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"antwoord\.xml, line 2: it is no sound XML"):
        records((SAVED / f"entry-{FIRST}.xml").read_bytes()[:-40])


def test_a_call_that_ibabs_refused_is_told_in_its_words() -> None:
    denied = (SAVED / "entries.xml").read_bytes().replace(b">OK<", b">Access denied<")
    with pytest.raises(InputError, match="'Access denied'"):
        records(denied)


@dataclass
class Service:
    """A server in the place of iBabs, what it was asked and how it answers."""

    address: str = ""
    asked: list[tuple[str, str, str, float]] = field(default_factory=list)
    answer: Callable[[int, str, str], tuple[int, dict[str, str], bytes]] = field(
        default=lambda _, call, entry: (200, {}, saved(call, entry))
    )


def saved(call: str, entry: str) -> bytes:
    files = {"GetLists": "lists.xml", "GetListsEntriesByFilterRequest": "entries.xml"}
    return (SAVED / files.get(call, f"entry-{entry}.xml")).read_bytes()


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = fromstring(self.rfile.read(int(self.headers["Content-Length"])))  # noqa: S314
            texts = {each.tag.rpartition("}")[2]: each.text or "" for each in body.iter()}
            call = self.headers["SOAPAction"].strip('"').rpartition("/")[2]
            assert call in texts
            service.asked.append(
                (call, texts["Sitename"], self.headers["User-Agent"], time.monotonic())
            )
            status, headers, content = service.answer(
                len(service.asked), call, texts.get("EntryId", "")
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    service.address = f"http://127.0.0.1:{server.server_port}/api/Public.svc"
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fetch(service: Service, folder: Path, *options: str, pause: str = "0.01") -> Result:
    environment = {"RAADGRAAF_CONTACT": "beheer@veldstad.example", "RAADGRAAF_FETCH_PAUSE": pause}
    arguments = ["fetch", "ibabs", "veldstad", str(folder), "--endpoint", service.address]
    return CliRunner().invoke(main, [*arguments, *options], env=environment)


def test_each_response_on_the_lists_of_commitments_is_saved(tmp_path: Path) -> None:
    with serving(Service()) as service:
        result = fetch(service, tmp_path)
    assert result.exit_code == 0, result.output
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.*")}
    of_list = ("entries.xml", f"entry-{FIRST}.xml", f"entry-{SECOND}.xml")
    assert files == {"lists.xml", *(f"{COMMITMENTS}/{name}" for name in of_list)}
    kept = (tmp_path / COMMITMENTS / "entries.xml").read_bytes()
    assert kept == (SAVED / "entries.xml").read_bytes()
    assert {site for _, site, _, _ in service.asked} == {"veldstad"}
    assert all("beheer@veldstad.example" in agent for _, _, agent, _ in service.asked)


def test_requests_keep_their_pause(tmp_path: Path) -> None:
    with serving(Service()) as service:
        fetch(service, tmp_path, pause="0.2")
    times = [each[-1] for each in service.asked]
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(times))


def test_a_failed_request_is_repeated(tmp_path: Path) -> None:
    def unsteady(number: int, call: str, entry: str) -> tuple[int, dict[str, str], bytes]:
        return (503, {}, b"") if number in {1, 3} else (200, {}, saved(call, entry))

    with serving(Service(answer=unsteady)) as service:
        result = fetch(service, tmp_path)
    assert result.exit_code == 0, result.output
    assert len(service.asked) == 6


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (503, {}, "did not answer GetLists"),
        (403, {}, "status 403"),
        (302, {"Location": "https://elders.example/"}, "status 302"),
    ],
)
def test_a_service_that_does_not_answer_is_a_sentence(
    tmp_path: Path, status: int, headers: dict[str, str], said: str
) -> None:
    with serving(Service(answer=lambda *_: (status, headers, b""))) as service:
        result = fetch(service, tmp_path)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_a_list_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with serving(Service()) as service:
        result = fetch(service, tmp_path, "--list", "amendement")
    assert result.exit_code == 2
    assert "Toezeggingen, Moties" in " ".join(result.stderr.split())


def test_an_identifier_that_is_a_path_writes_nothing_elsewhere(tmp_path: Path) -> None:
    def hostile(_: int, call: str, entry: str) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, saved(call, entry).replace(COMMITMENTS.encode(), b"../../elders")

    with serving(Service(answer=hostile)) as service:
        result = fetch(service, tmp_path / "binnen")
    assert result.exit_code == 2
    assert "no GUID" in " ".join(result.stderr.split())
    assert {file.name for file in tmp_path.rglob("*")} == {"binnen", "lists.xml"}


def test_nobody_is_asked_anonymously(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["fetch", "ibabs", "veldstad", str(tmp_path)], env={"RAADGRAAF_CONTACT": ""}
    )
    assert result.exit_code == 2
    assert "RAADGRAAF_CONTACT" in result.stderr


def test_nothing_is_asked_in_the_clear(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main,
        ["fetch", "ibabs", "x", str(tmp_path), "--endpoint", "http://wcf.example/api"],
        env={"RAADGRAAF_CONTACT": "beheer@veldstad.example"},
    )
    assert result.exit_code == 2
    assert "Use https" in result.stderr
