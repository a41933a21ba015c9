"""The client for notebooks, against a real server."""

import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from werkzeug.serving import make_server

from raadgraaf.client import Client
from raadgraaf.config import Settings
from raadgraaf.errors import FetchFailed, InputError, NotFound, ParameterError
from raadgraaf.server import create_app
from raadgraaf.workers import WorkerPool


@pytest.fixture(scope="module")
def endpoint(service: WorkerPool, settings: Settings) -> Iterator[str]:
    """Return the address of an endpoint that is served."""
    server = make_server("127.0.0.1", 0, create_app(service, settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/sparql"
    server.shutdown()
    thread.join()
    server.server_close()


class Elsewhere(BaseHTTPRequestHandler):
    """An endpoint that leads elsewhere, or says what is no result."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"boolean": true}' if self.path == "/ask" else b"<html>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_question_gives_rows_with_their_evidence(endpoint: str) -> None:
    answer = Client(endpoint).ask("overdue-on-day", asOf="2024-02-20")
    row = next(row for row in answer.rows if row["latest"])
    assert row["latest"] == date(2024, 2, 27)
    assert row["state"] == "loopt"
    assert len(answer.evidence) == len(answer.rows)
    quotes = answer.evidence[answer.rows.index(row)]
    assert any("27 februari" in quote.text for quote in quotes)
    assert answer.verdict is None


def test_an_answer_becomes_a_data_frame(endpoint: str) -> None:
    pandas = pytest.importorskip("pandas")
    answer = Client(endpoint).query(
        "PREFIX rg: <https://w3id.org/raadgraaf/def#> "
        "SELECT ?c (1.5 AS ?n) (true AS ?t) ?none WHERE { ?c a rg:Commitment } ORDER BY ?c"
    )
    frame = answer.frame()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == ["c", "n", "t", "none", "evidence"]
    assert len(frame) == len(answer.rows) == 8
    assert frame["n"].sum() == 12.0
    assert all(frame["evidence"].map(len) > 0)
    assert frame["none"].isna().all()
    assert Client(endpoint).query("SELECT ?x WHERE { ?x a <urn:none> }").frame().empty


def test_what_cannot_be_asked_is_said(endpoint: str, elsewhere: str) -> None:
    client = Client(endpoint)
    with pytest.raises(InputError, match="SELECT"):
        client.query("ASK {}")
    with pytest.raises(FetchFailed, match="no results of SPARQL"):
        client.query("CONSTRUCT WHERE { ?s ?p ?o }")
    with pytest.raises(FetchFailed, match="400: "):
        client.select("SELECT ?x WHERE { ?x ")
    with pytest.raises(NotFound):
        client.ask("no-such-question")
    with pytest.raises(ParameterError, match="It has: asOf"):
        client.ask("overdue-on-day", day="2024-02-20")
    with pytest.raises(FetchFailed, match="302"):
        Client(f"{elsewhere}/moved").query("SELECT * {}")
    with pytest.raises(FetchFailed, match="no results of SPARQL"):
        Client(f"{elsewhere}/page").query("SELECT * {}")
    with pytest.raises(InputError, match="SELECT"):
        Client(f"{elsewhere}/ask").query("SELECT * {}")


def test_an_endpoint_that_is_not_there_is_said() -> None:
    with pytest.raises(FetchFailed, match="Check its address"):
        Client("http://127.0.0.1:9/sparql", seconds=2).query("SELECT * {}")
