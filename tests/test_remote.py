"""Stores elsewhere, real ones: the same answers, none cut, and none lost with a store."""

import contextlib
import itertools
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from raadgraaf import catalogue, publication, releases, transaction
from raadgraaf.cli import main
from raadgraaf.config import Settings
from raadgraaf.errors import (
    Busy,
    Damaged,
    InputError,
    NotAcceptable,
    NotFound,
    NoWorkerFree,
    QuerySyntaxError,
    QueryTimeout,
    RaadgraafError,
    ResultTooLarge,
    StoreUnavailable,
)
from raadgraaf.provenance import GraphContent
from raadgraaf.publication import merged_graph
from raadgraaf.releases import Release
from raadgraaf.remote import Endpoint, update_of
from raadgraaf.replicas import PROBE, Replicas
from raadgraaf.server import create_app
from raadgraaf.terms import read_turtle
from raadgraaf.workers import QueryRequest, QueryService, WorkerPool

pytestmark = pytest.mark.slow

EXPECTED = Path(__file__).parent / "queries"
BASE = "https://data.example.org/raadgraaf/"
COVERAGE = f"{BASE}graph/dekking"
JSON = "application/sparql-results+json"
TYPES = (JSON, "application/sparql-results+xml", "text/csv", "text/tab-separated-values")
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
WORD = "abracadabra"
LOGIN = {"store_user": "dba", "store_password": "dba"}
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f) }"
START_SECONDS = 60.0
XSD = "http://www.w3.org/2001/XMLSchema#"
NUMBERS = {f"{XSD}integer", f"{XSD}decimal"}

VIRTUOSO = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 10000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
MaxClientConnections = 20
[SPARQL]
ResultSetMaxRows = {rows}
"""

TOPIC = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rg: <https://w3id.org/raadgraaf/def#> .
<https://data.example.org/raadgraaf/id/onderwerp/gm0000/{0}> a rg:Topic ; rdfs:label "{0}"@nl .
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def answers(address: str) -> bool:
    try:
        with Endpoint(address, Settings()).results("ASK { ?s ?p ?o }", 5, "ASK"):
            return True
    except RaadgraafError:
        return False


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], folder: Path, address: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until it is no longer needed."""
    with (folder / "output.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        until = time.monotonic() + START_SECONDS
        while not answers(address):
            assert process.poll() is None, (folder / "output.log").read_text()
            assert time.monotonic() < until, (folder / "output.log").read_text()
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def oxigraph(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run an Oxigraph server that holds everything in memory."""
    program = Path(sys.executable).parent / "oxigraph"
    if not program.exists():
        pytest.skip("The Oxigraph server is not installed (`pip install oxigraph`).")
    folder.mkdir(exist_ok=True)
    port = free_port()
    address = f"http://127.0.0.1:{port}/query"
    with running([program, "serve", "--bind", f"127.0.0.1:{port}"], folder, address) as process:
        yield address, process


@contextlib.contextmanager
def virtuoso(folder: Path, rows: int) -> Iterator[str]:
    """Run a Virtuoso that returns so many rows at most."""
    program = shutil.which("virtuoso-t")
    if not program:
        pytest.skip("Virtuoso is not installed (Debian: virtuoso-opensource-7-bin).")
    folder.mkdir(exist_ok=True)
    http = free_port()
    ini = VIRTUOSO.format(sql=free_port(), http=http, rows=rows)
    (folder / "virtuoso.ini").write_text(ini)
    address = f"http://127.0.0.1:{http}/sparql"
    command = [program, "+foreground", "+configfile", "virtuoso.ini"]
    with running(command, folder, address):
        yield address


@pytest.fixture(scope="module")
def virtuoso_settings(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Return the settings that make a Virtuoso answer, filled with the release."""
    with virtuoso(tmp_path_factory.mktemp("virtuoso"), rows=1_000_000) as address:
        login = replace(settings, store=address, store_digest=True, **LOGIN)
        fill(login, address)
        yield login


@pytest.fixture(scope="module")
def oxigraph_settings(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Return the settings that make an Oxigraph server answer, filled with the release."""
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as (address, _):
        fill(settings, address)
        yield replace(settings, store=address)


def fill(
    settings: Settings, *addresses: str, everywhere: bool = True
) -> Sequence[publication.Sent]:
    endpoints = [Endpoint(each, settings) for each in addresses]
    release = releases.current(settings.home)
    return publication.publish(
        settings, release, endpoints, everywhere=everywhere, wait=lambda _: None
    )


def ask(
    service: QueryService,
    text: str,
    kind: str | None = JSON,
    graph: str | None = "application/n-triples",
    **more: object,
) -> bytes:
    """Return the whole answer to a query."""
    answer = service.query(QueryRequest(text, kind, graph, **more))  # type: ignore[arg-type]
    with answer.body as body:
        return body.read()


def count(service: QueryService, text: str = COUNT) -> int:
    (row,) = json.loads(ask(service, text))["results"]["bindings"]
    return int(row["n"]["value"])


def by_value(content: bytes) -> tuple[Sequence[str], Sequence[Mapping[str, object]]]:
    """Return variables and rows, numbers as numbers and truth as one or none.

    Virtuoso 7 has no type for truth.
    """

    def value(term: Mapping[str, str]) -> object:
        if term.get("datatype") == f"{XSD}boolean":
            return Decimal(term["value"] in {"true", "1"})
        return Decimal(term["value"]) if term.get("datatype") in NUMBERS else term

    answer = json.loads(content)
    rows = [
        {key: value(term) for key, term in row.items()} for row in answer["results"]["bindings"]
    ]
    return answer["head"]["vars"], rows


# The same answers

DATASETS: Sequence[tuple[str, Mapping[str, object]]] = (
    (COUNT, {}),
    ("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g", {}),
    (COUNT_NAMED.replace("?g", f"<{merged_graph(BASE)}>"), {}),
    (COUNT.replace("{", f"FROM <{COVERAGE}> {{", 1), {}),
    (COUNT.replace("{", f"FROM NAMED <{COVERAGE}> {{", 1), {}),
    (COUNT_NAMED.replace("{", f"FROM NAMED <{COVERAGE}> {{", 1), {}),
    (COUNT, {"default_graphs": (COVERAGE, f"{BASE}graph/rapport")}),
    (COUNT_NAMED, {"named_graphs": (COVERAGE,)}),
)
ROWS = "SELECT ?s ?text { ?s <https://w3id.org/raadgraaf/def#text> ?text } ORDER BY ?s ?text"
GRAPH = "CONSTRUCT WHERE { ?s a <https://w3id.org/raadgraaf/def#Commitment> ; ?p ?o }"


@pytest.mark.parametrize("store", ["oxigraph_settings", "virtuoso_settings"])
def test_a_store_answers_as_this_machine_does(
    store: str, service: WorkerPool, request: pytest.FixtureRequest
) -> None:
    with contextlib.closing(Replicas(request.getfixturevalue(store))) as remote:
        for name, question in catalogue.questions().items():
            expected = (EXPECTED / f"{name}.srj").read_bytes()
            assert by_value(ask(remote, question.text)) == by_value(expected), name
        for text, graphs in DATASETS:
            assert ask(remote, text, **graphs) == ask(service, text, **graphs), text
        for kind in TYPES:
            assert ask(remote, ROWS, kind) == ask(service, ROWS, kind)
        for truth in ("ASK { ?s ?p ?o }", "ASK { ?s <x:none> ?o }"):
            for kind in TYPES[:2]:
                assert ask(remote, truth, kind) == ask(service, truth, kind)
        assert ask(remote, GRAPH, graph="text/turtle") == ask(service, GRAPH, graph="text/turtle")
        lines = [set(ask(each, GRAPH).splitlines()) for each in (remote, service)]
        assert lines[0] == lines[1]
        with pytest.raises(QuerySyntaxError, match=r"The store refuses the query: .*[12]"):
            ask(remote, "SELECT * { ?s ?p }")


def test_what_a_store_cannot_do_is_said(oxigraph_settings: Settings) -> None:
    with contextlib.closing(Replicas(oxigraph_settings)) as service:
        with pytest.raises(NotAcceptable):
            ask(service, "ASK { ?s ?p ?o }", kind="text/csv")
        with pytest.raises(NotFound, match="hold release 1 alone"):
            ask(service, COUNT, release=7)
        with pytest.raises(NotFound, match="hold release 1 alone"):
            service.release(7)
        assert service.release(1) == service.release()


def test_a_store_serves_the_pages_and_the_endpoint(oxigraph_settings: Settings) -> None:
    with contextlib.closing(Replicas(oxigraph_settings)) as service:
        client = create_app(service, oxigraph_settings).test_client()
        assert client.get("/").status_code == 200
        assert client.get("/zoekvragen/open-matters-by-status").status_code == 200
        answer = client.get(
            "/sparql", query_string={"query": COUNT}, headers={"Accept": "text/csv"}
        )
        assert answer.data == b"n\r\n%d\r\n" % count(service)
        refused = client.post("/sparql", data={"update": "CLEAR ALL"})
        assert refused.status_code == 403
        assert "publish again" in refused.get_json(force=True)["detail"]


def test_an_answer_past_a_limit_is_an_error_and_not_a_part(oxigraph_settings: Settings) -> None:
    small = replace(oxigraph_settings, result_bytes=1000)
    with contextlib.closing(Replicas(small)) as service, pytest.raises(ResultTooLarge):
        ask(service, "SELECT * { ?s ?p ?o }")
    with contextlib.closing(Replicas(oxigraph_settings)) as service:
        with pytest.raises(QueryTimeout):
            service.query(QueryRequest(CROSS, JSON, None), deadline=0.5)
        assert count(service) > 0


def test_a_virtuoso_that_leaves_out_rows_is_not_asked(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with virtuoso(tmp_path, rows=1000) as address:
        with (
            pytest.raises(ResultTooLarge, match="no more than 1000 of these rows"),
            Endpoint(address, settings).results(PROBE, 60),
        ):
            pass
        with contextlib.closing(Replicas(replace(settings, store=address))) as service:
            with pytest.raises(StoreUnavailable):
                ask(service, COUNT)
            assert "ResultSetMaxRows" in caplog.text


# Replicas


def test_a_store_that_is_killed_under_load_costs_no_request(
    settings: Settings, tmp_path: Path
) -> None:
    questions = {name: each.text for name, each in catalogue.questions().items()}
    expected = {name: by_value((EXPECTED / f"{name}.srj").read_bytes()) for name in questions}
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(oxigraph(tmp_path / str(each))) for each in range(3)]
        addresses = [address for address, _ in servers]
        fill(settings, *addresses)
        replicas = Replicas(replace(settings, store=", ".join(addresses), workers=8))
        service = stack.enter_context(contextlib.closing(replicas))
        asked: list[str] = []
        killed = threading.Event()
        halfway = len(questions)

        def client(names: Iterator[str]) -> None:
            for name in names:
                assert by_value(ask(service, questions[name])) == expected[name], name
                asked.append(name)
                if len(asked) >= halfway and not killed.is_set():
                    killed.set()
                    servers[1][1].kill()

        rounds = list(questions) * 3
        errors = together(
            *(lambda part=rounds[number::4]: client(iter(part)) for number in range(4))
        )
        assert errors == []
        assert killed.is_set()
        assert len(asked) == len(rounds)


def together(*tasks: Callable[[], None]) -> Sequence[BaseException]:
    """Run tasks at the same time and return what they raised."""
    errors: list[BaseException] = []

    def run(task: Callable[[], None]) -> None:
        try:
            task()
        except (AssertionError, RaadgraafError) as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=[each]) for each in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_without_any_store_the_service_says_so_and_comes_back(
    settings: Settings, tmp_path: Path
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/query"
    waiting = replace(settings, store=address, store_check_seconds=0.1)
    with contextlib.closing(Replicas(waiting)) as service:
        with pytest.raises(StoreUnavailable, match="Ask again in a minute"):
            ask(service, COUNT)
        program = Path(sys.executable).parent / "oxigraph"
        command = [program, "serve", "--bind", f"127.0.0.1:{port}"]
        with running(command, tmp_path, address):
            fill(settings, address)
            eventually(lambda: count(service) > 0)


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(StoreUnavailable):
            if holds():
                return
        assert time.monotonic() < until
        time.sleep(0.05)


def test_more_queries_than_there_is_room_for_are_told_to_wait(oxigraph_settings: Settings) -> None:
    narrow = replace(oxigraph_settings, page_workers=1, queue_seconds=0.0)
    with contextlib.closing(Replicas(narrow)) as service:

        def slow() -> None:
            service.query(QueryRequest(CROSS, JSON, None), deadline=3)

        def second() -> None:
            for _ in range(1000):
                ask(service, COUNT)

        kinds = {type(error) for error in together(slow, second)}
        assert NoWorkerFree in kinds
        assert kinds <= {QueryTimeout, NoWorkerFree}


# Publication


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """Return the settings of a home with one graph and no more."""
    settings = Settings(home=tmp_path / "home", shacl=False, plain=True, store_check_seconds=0.1)
    topics(settings, "een")
    return settings


def topics(settings: Settings, *names: str) -> Release:
    """Publish a graph for each name beside what is there."""
    contents = []
    for name in names:
        triples = list(read_turtle(TOPIC.format(name).encode(), name, settings.base, name))
        contents.append(GraphContent(f"bron/{name}", triples, f"{name}.ttl", "0" * 64, "rdf"))
    return transaction.load(settings, contents, reason=False).release


def test_of_two_stores_the_idle_one_is_filled_and_then_answers(
    small: Settings, tmp_path: Path
) -> None:
    with oxigraph(tmp_path / "blue") as (blue, _), oxigraph(tmp_path / "green") as (green, _):
        both = replace(small, store=f"{blue},{green}")
        (sent,) = fill(both, blue, green, everywhere=False)
        assert sent.address == blue
        with contextlib.closing(Replicas(both)) as service:
            assert service.release().number == 1
            assert fill(both, blue, green, everywhere=False) == []
            topics(small, "twee")
            before = count(service, COUNT_NAMED)
            (sent,) = fill(both, blue, green, everywhere=False)
            assert sent.address == green
            eventually(lambda: count(service, COUNT_NAMED) == 2 * before)
            assert service.release().number == 2
            topics(small, "drie")
            (sent,) = fill(both, blue, green, everywhere=False)
            assert sent.address == blue
            assert sent.graphs < len(releases.current(small.home).manifest.graphs)
            eventually(lambda: service.release().number == 3)
            transaction.roll_back(small.home)
            fill(both, blue, green, everywhere=False)
            eventually(lambda: service.release().number == 2)
            fill(both, blue, green)
            assert fill(both, blue, green) == []


class CutOff(Exception):
    """A publisher has ended."""


def cut_at_second_step() -> Callable[[str], None]:
    steps = itertools.count(1)

    def progress(_: str) -> None:
        if next(steps) == 2:
            raise CutOff

    return progress


def test_a_publication_that_was_cut_off_anywhere_is_completed_by_the_next(
    small: Settings, tmp_path: Path
) -> None:
    with oxigraph(tmp_path / "blue") as (blue, _), oxigraph(tmp_path / "green") as (green, _):
        both = replace(small, store=f"{blue},{green}")
        fill(both, blue)
        with contextlib.closing(Replicas(both)) as service:
            before = count(service, COUNT_NAMED)
            release = topics(small, *(f"onderwerp{number}" for number in range(4)))
            endpoints = [Endpoint(blue, both), Endpoint(green, both)]
            for _ in release.manifest.graphs:
                with pytest.raises(CutOff):
                    publication.publish(both, release, endpoints, progress=cut_at_second_step())
                assert service.release().number == 1
                assert count(service, COUNT_NAMED) == before
            (sent,) = publication.publish(both, release, endpoints)
            assert sent.graphs == 0
            eventually(lambda: count(service, COUNT_NAMED) == 5 * before)


def test_a_store_that_changed_statements_is_not_announced(small: Settings, tmp_path: Path) -> None:
    with oxigraph(tmp_path / "store") as (address, _):
        endpoint = Endpoint(address, small)
        fill(small, address)
        topics(small, "twee")
        endpoint.update(f"CLEAR GRAPH <{BASE}graph/bron/een>", 60)
        with pytest.raises(Damaged, match=r"holds 0 statements of the graph \S+bron/een, not 2"):
            fill(small, address)
        assert publication.announcement(endpoint, BASE, 60) is None
        fill(small, address)
        assert publication.announcement(endpoint, BASE, 60) is not None


def test_a_release_that_this_home_lacks_is_not_answered_from(
    small: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with oxigraph(tmp_path / "store") as (address, _):
        fill(small, address)
        empty = replace(small, home=tmp_path / "other", store=address)
        with contextlib.closing(Replicas(empty)) as service, pytest.raises(StoreUnavailable):
            service.release()
        assert "Copy that release folder there" in caplog.text


def test_a_plain_store_is_published_with_its_own_default_graph(tmp_path: Path) -> None:
    plain = Settings(home=tmp_path / "home", shacl=False, plain=True)
    triples = list(read_turtle(TOPIC.format("een").encode(), "een", plain.base, "een"))
    content = GraphContent("", triples, "een.ttl", "0" * 64, "rdf")
    transaction.load(plain, [content], reason=False)
    with oxigraph(tmp_path / "store") as (address, _):
        fill(plain, address)
        with contextlib.closing(Replicas(replace(plain, store=address))) as service:
            assert count(service) == len(triples)


def test_the_command_publishes_and_says_what_was_sent(small: Settings, tmp_path: Path) -> None:
    def publish(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["publish", *words, "--home", str(small.home)])
        return result.exit_code, result.output

    with oxigraph(tmp_path / "store") as (address, _):
        status, printed = publish("--to", address)
        assert status == 0
        assert f"{address} answers with release 1" in printed
        explicit = ("--to", address, "--updates", update_of(address, digest=False))
        assert "nothing was sent" in publish(*explicit)[1]
    assert publish("--to", address)[0] == 2
    assert publish("--all") == (
        2,
        "raadgraaf: --updates and --all go with --to. Name the stores with it.\n",
    )
    assert publish("--to", address, "--updates", address, "--updates", address)[0] == 2


def test_two_cannot_publish_from_a_home_at_once(small: Settings, tmp_path: Path) -> None:
    with oxigraph(tmp_path / "store") as (address, _):

        def publish_again(_: str) -> None:
            with pytest.raises(Busy, match="Another process publishes"):
                fill(small, address)

        endpoint = Endpoint(address, small)
        release = releases.current(small.home)
        assert publication.publish(small, release, [endpoint], progress=publish_again)


# Stores that misbehave

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextlib.contextmanager
def misbehaving(answer: Answer) -> Iterator[str]:
    """Run an HTTP server that answers each POST like this."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/sparql"
        finally:
            server.shutdown()
            thread.join()


def reply(status: int, content: bytes, **headers: str) -> Answer:
    """Return what sends a status, headers and a body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in ({"Content-Length": str(len(content))} | given).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True

    return answer


TABLE = b'{"head":{"vars":["x"]},"results":{"bindings":[]}}'


def stall(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    with contextlib.suppress(OSError):
        for _ in range(40):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (reply(302, b"", Location="http://127.0.0.1:9/"), StoreUnavailable, "redirects elsewhere"),
        (reply(200, b"<p>", Content_Type="text/html"), StoreUnavailable, "answers in text/html"),
        (reply(200, TABLE), StoreUnavailable, "no stated type"),
        (reply(200, TABLE[:30], Content_Type=JSON), StoreUnavailable, "cannot be read"),
        (reply(200, TABLE, Content_Type=JSON, Content_Length="99"), StoreUnavailable, "reached"),
        (reply(200, TABLE, Content_Type=JSON, X_SQL_State="S1TAT"), ResultTooLarge, "a part"),
        (reply(503, b"busy"), StoreUnavailable, "answers 503"),
        (reply(401, b""), StoreUnavailable, "RAADGRAAF_STORE_USER"),
        (reply(500, b"S1T00 Error SR171"), QueryTimeout, "SR171"),
        (reply(500, b"no\nSPARQL query: secret"), InputError, "query: no$"),
        (stall, QueryTimeout, "after 0.5 seconds"),
    ],
)
def test_what_is_no_whole_answer_is_an_error(
    answer: Answer, error: type[RaadgraafError], said: str
) -> None:
    with (
        misbehaving(answer) as address,
        pytest.raises(error, match=said),
        Endpoint(address, Settings()).results("SELECT * {}", 0.5) as found,
    ):
        list(found)


def test_a_boolean_where_rows_were_asked_is_an_error(settings: Settings) -> None:
    boolean = reply(200, b'{"head":{},"boolean":true}', Content_Type=JSON)
    with misbehaving(boolean) as address:
        service = Replicas(replace(settings, store=address))
        with contextlib.closing(service), pytest.raises(StoreUnavailable):
            service.release()
        with pytest.raises(InputError, match="something else"):
            fill(settings, address)


@pytest.mark.parametrize(
    ("login", "begins"),
    [
        ({}, None),
        ({"store_token": "abc"}, "Bearer abc"),
        ({"store_user": "u", "store_password": "p"}, "Basic dTpw"),
    ],
)
def test_a_login_is_sent_as_the_settings_say(login: dict[str, str], begins: str | None) -> None:
    seen: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Authorization"])
        reply(200, b"")(handler)

    with misbehaving(answer) as address:
        Endpoint(address, Settings(**login)).update("CLEAR ALL", 5)  # type: ignore[arg-type]
    assert seen == [begins]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("store", "is not the address"),
        ("ftp://store.example.org/sparql", "is not the address"),
        ("https://u:p@store.example.org/sparql", "holds a login"),
        ("http://store.example.org/sparql", "readable for others"),
    ],
)
def test_an_address_that_cannot_be_used_safely_is_refused(address: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Endpoint(address, Settings(store_token=WORD))


def test_a_password_does_not_show_where_settings_are_printed() -> None:
    assert WORD not in repr(Settings(store_token=WORD, store_password=WORD))


@pytest.mark.parametrize(
    ("queries", "updates"),
    [
        ("http://localhost:7878/query", "http://localhost:7878/update"),
        ("https://store.example.org/ds/query", "https://store.example.org/ds/update"),
        ("https://h/repositories/raad", "https://h/repositories/raad/statements"),
        ("https://h/sparql", "https://h/sparql"),
    ],
)
def test_updates_go_where_the_makers_of_a_store_take_them(queries: str, updates: str) -> None:
    assert update_of(queries, digest=False) == updates


def test_updates_of_virtuoso_go_where_a_digest_is_asked() -> None:
    assert update_of("https://h/sparql", digest=True) == "https://h/sparql-auth"
