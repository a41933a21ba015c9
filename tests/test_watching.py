"""What the service says to those who run it, and what it keeps to itself."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from raadgraaf.config import Settings
from raadgraaf.errors import InputError, NoWorkerFree
from raadgraaf.releases import Release
from raadgraaf.server import create_app
from raadgraaf.workers import QueryAnswer, QueryRequest, WorkerPool

QUERY = "SELECT * { <urn:x-secret> ?p ?o }"


class Stopping:
    """A query service that is about to end."""

    def query(
        self, request: QueryRequest, deadline: float | None = None, client: str = ""
    ) -> QueryAnswer:
        raise NoWorkerFree(f"{request} {deadline} {client}")

    def release(self, number: int | None = None) -> Release:
        raise NoWorkerFree(f"{number}")

    def releases(self) -> Sequence[Release]:
        return ()

    def close(self) -> None:
        pass


def samples(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """Return each number of /metrics by its name and labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.name, *(text for _, text in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_health_is_an_answer_of_the_release(client: FlaskClient, release: Release) -> None:
    response = client.get("/healthz")
    assert response.get_json() == {"status": "ok", "release": release.number}
    assert response.headers["Cache-Control"] == "no-store"


def test_health_is_refused_where_nothing_answers(settings: Settings) -> None:
    client = create_app(Stopping(), settings).test_client()
    assert client.get("/healthz").status_code == 503
    assert samples(client)["raadgraaf_release",] == 0


def test_requests_are_counted_by_route_method_and_status(
    client: FlaskClient, release: Release
) -> None:
    client.get("/sparql", query_string={"query": QUERY})
    client.get("/sparql", query_string={"query": QUERY})
    client.get("/sparql", query_string={"query": "no"})
    client.get("/doc/toezegging/gm0299/urn-x-secret", buffered=True)
    client.open("/sparql", method="URNXSECRET", buffered=True)
    found = samples(client)
    count = "raadgraaf_requests_total"
    assert found[count, "GET", "/sparql", "200"] == 2
    assert found[count, "GET", "/sparql", "400"] == 1
    assert found[count, "GET", "/doc/<path:path>", "404"] == 1
    assert found[count, "other", "other", "405"] == 1
    assert found["raadgraaf_request_seconds_count", "/sparql"] == 3
    assert found["raadgraaf_release",] == release.number
    assert found["raadgraaf_requests_open",] == 1  # this one
    assert "secret" not in client.get("/metrics").text.lower()


def test_a_line_of_the_log_tells_nothing_of_who_asked_what(
    service: WorkerPool,
    settings: Settings,
    release: Release,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = create_app(service, replace(settings, log="json")).test_client()
    headers = {"User-Agent": "urn:x-secret", "X-Forwarded-For": "192.0.2.1"}
    answer = client.get("/sparql", query_string={"query": QUERY}, headers=headers)
    with client.get("/", headers=headers | {"Accept": "text/html"}) as page:
        length = len(page.data)
    text = capsys.readouterr().err
    first, second = map(json.loads, text.splitlines())
    assert first.pop("milliseconds") >= 0
    assert first == {
        "method": "GET",
        "route": "/sparql",
        "status": 200,
        "bytes": len(answer.data),
        "release": release.number,
    }
    assert (second["route"], second["bytes"]) == ("/", length)
    assert not re.search(r"secret|192\.0\.2|127\.0", text)


def test_without_the_setting_there_is_no_log(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.get("/")
    assert capsys.readouterr().err == ""


def test_an_unknown_log_is_refused() -> None:
    with pytest.raises(InputError, match="json or none"):
        Settings(log="xml")
