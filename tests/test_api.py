"""The REST API and the API Design Rules of the Dutch government (NLGov REST API Design Rules 2.x).

Each test of a rule names it, as in https://logius-standaarden.github.io/API-Design-Rules/.
"""

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import yaml
from flask.testing import FlaskClient
from jsonschema import Draft4Validator
from openapi_spec_validator import validate

from raadgraaf import catalogue
from raadgraaf.server.listings import COLLECTIONS

ROOT = "/api/v1"
NAMES = list(COLLECTIONS)


@pytest.fixture
def document(client: FlaskClient) -> dict:
    return client.get(f"{ROOT}/openapi.json").json


def operations(document: dict) -> Iterator[tuple[str, dict]]:
    for path, item in document["paths"].items():
        assert item.keys() == {"get"}
        yield path, item["get"]


def example(path: str, operation: dict, name: str | None = None) -> str:
    """Return the address of an operation with its example, and that of one parameter."""
    given = {each["name"]: each["example"] for each in operation["parameters"] if "example" in each}
    for each in operation["parameters"]:
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", quote(str(given[each["name"]]), safe=""))
    return f"{ROOT}{path}" + (f"?{name}={quote(str(given[name]), safe='')}" if name else "")


def schema(document: dict, operation: dict) -> dict:
    """Return the schema of an operation with all that it refers to."""
    found = operation["responses"]["200"]["content"]["application/json"]["schema"]
    text = json.dumps({**found, "components": document["components"]})
    # `nullable` is OpenAPI 3.0's own: here each schema that has it also takes null.
    return nulls(json.loads(text))


def nulls(node: object) -> object:
    if isinstance(node, list):
        return [nulls(each) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {key: nulls(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [{"type": "null"}, inner]} if node.get("nullable") is True else inner


# The document


def test_the_document_is_openapi_3(document: dict) -> None:
    """/core/doc-openapi."""
    validate(document)
    assert re.fullmatch(r"3\.0\.\d", document["openapi"])


def test_the_document_stands_at_the_root_of_the_api_in_json_and_yaml(
    client: FlaskClient, document: dict
) -> None:
    """/core/publish-openapi."""
    response = client.get(f"{ROOT}/openapi.yaml")
    assert yaml.safe_load(response.data) == document
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_document_says_whom_to_ask_and_its_version(document: dict) -> None:
    """/core/doc-openapi-contact, /core/semver."""
    assert document["info"]["contact"]["name"]
    assert document["info"]["contact"]["url"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"])


def test_names_in_the_document_are_written_as_the_rules_ask(document: dict) -> None:
    """/core/path-segments-kebab-case, /core/query-keys-camel-case, /core/no-trailing-slash."""
    identifiers = []
    for path, operation in operations(document):
        identifiers.append(operation["operationId"])
        assert re.fullmatch(r"(/([a-z0-9-]+|\{[a-z]+\}|openapi\.json))+", path)
        for parameter in operation["parameters"]:
            assert re.fullmatch(r"[a-z][a-z\d]*([A-Z][a-z\d]*)*", parameter["name"])
        if operation["parameters"]:
            assert "400" in operation["responses"]
    assert len(set(identifiers)) == len(identifiers)
    for name, each in document["components"]["schemas"].items():
        assert re.fullmatch(r"([A-Z][a-z]+)+", name)
        for key in each.get("properties", {}):
            assert re.fullmatch(r"[a-z][a-z\d]*([A-Z][a-z\d]*)*", key)


def test_every_list_and_question_is_in_the_document(document: dict) -> None:
    names = {f"/zoekvragen/{name}" for name in catalogue.questions()}
    lists = {f"/{name}" for name in NAMES} | {f"/{name}/{{id}}" for name in NAMES}
    assert set(document["paths"]) == names | lists | {"/zoekvragen", "/openapi.json"}


def test_every_example_of_the_document_answers_by_its_schema(
    client: FlaskClient, document: dict
) -> None:
    asked = 0
    for path, operation in operations(document):
        judge = Draft4Validator(schema(document, operation))
        names = [
            each["name"]
            for each in operation["parameters"]
            if "example" in each and each["in"] == "query"
        ]
        few = names if not path.startswith("/zoekvragen/") else names[:1]
        for name in [None, *few]:
            address = example(path, operation, name)
            response = client.get(address)
            assert response.status_code == 200, (address, response.text)
            assert [error.message for error in judge.iter_errors(response.json)] == [], address
            asked += 1
    assert asked > 100


# Lists and things


@pytest.mark.parametrize("name", NAMES)
def test_a_list_and_its_things_agree(client: FlaskClient, name: str) -> None:
    listed = client.get(f"{ROOT}/{name}?pageSize=200").json
    assert listed["count"] == len(listed["items"]) > 0
    item = listed["items"][0]
    found = client.get(f"{ROOT}/{name}/{item['id']}")
    assert found.json == item
    assert client.get(f"{ROOT}/{name}/{quote(item['id'], safe='')}").json == item
    other = next(each for each in NAMES if each != name)
    assert client.get(f"{ROOT}/{other}/{item['id']}").status_code == 404


def test_a_filter_leaves_what_has_the_value(client: FlaskClient) -> None:
    everything = client.get(f"{ROOT}/toezeggingen").json["items"]
    found = client.get(f"{ROOT}/toezeggingen?currentStatus=open&portfolioHolder=albers").json
    assert [each["id"] for each in found["items"]] == [
        each["id"]
        for each in everything
        if each["currentStatus"]
        and each["currentStatus"]["iri"].endswith("/status-open")
        and each["portfolioHolder"][0]["iri"].endswith("/albers")
    ]
    assert found["items"]


def test_things_have_the_sentences_on_which_they_rest(client: FlaskClient) -> None:
    for each in client.get(f"{ROOT}/toezeggingen").json["items"]:
        assert all(passage["quote"] for passage in each["evidence"])
        assert each["evidence"]


def test_pages_link_to_each_other_and_hold_everything_once(client: FlaskClient) -> None:
    address = f"{ROOT}/partners?pageSize=4"
    found: list[str] = []
    pages = 0
    while address:
        response = client.get(address)
        found += [each["id"] for each in response.json["items"]]
        links = {
            rel: target
            for target, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', response.headers["Link"])
        }
        assert {"first", "last"} <= links.keys()
        assert ("prev" in links) == (pages > 0)
        pages += 1
        address = links.get("next", "").removeprefix("http://localhost")
    assert pages == 4
    assert len(found) == len(set(found)) == response.json["count"]


def test_an_answer_has_its_rows_verdict_and_evidence(client: FlaskClient) -> None:
    address = f"{ROOT}/zoekvragen/commitments-by-office-holder"
    answer = client.get(f"{address}?holder=Albers").json
    assert answer["verdict"] is None
    assert all(each["evidence"] for each in answer["items"])
    assert client.get(f"{address}?holder=Nobody").status_code == 400
    empty = client.get(f"{ROOT}/zoekvragen/vision-adopted-by-a-day").json
    assert empty["items"] or empty["verdict"] in {"none", "unknown", "not-covered"}


def test_a_thing_of_elsewhere_has_its_iri_as_id(client: FlaskClient) -> None:
    documents = client.get(f"{ROOT}/beleidsdocumenten/https://example.org/x")
    assert documents.status_code == 404
    assert documents.mimetype == "application/problem+json"


# The rules over HTTP


@pytest.mark.parametrize("path", ["", "/toezeggingen", "/zoekvragen", "/openapi.json", "/none"])
def test_every_response_has_the_version_and_safe_headers(client: FlaskClient, path: str) -> None:
    """/core/version-header, /core/transport/security-headers, /core/transport/cors."""
    for response in (client.get(ROOT + path), client.head(ROOT + path), client.post(ROOT + path)):
        assert response.headers["API-Version"] == "1.0.0"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "API-Version" in response.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/toezeggingen", "/toezeggingen/x", "/zoekvragen"])
def test_only_reading_methods_are_taken(client: FlaskClient, method: str, path: str) -> None:
    """/core/http-methods, /core/http-safety."""
    response = client.open(ROOT + path, method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert response.mimetype == "application/problem+json"


def test_options_and_head_answer(client: FlaskClient) -> None:
    options = client.options(f"{ROOT}/toezeggingen")
    assert options.status_code == 200
    assert "GET" in options.headers["Access-Control-Allow-Methods"]
    head, got = client.head(f"{ROOT}/toezeggingen"), client.get(f"{ROOT}/toezeggingen")
    assert head.data == b""
    assert head.headers["ETag"] == got.headers["ETag"]
    again = client.get(f"{ROOT}/toezeggingen", headers={"If-None-Match": got.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/", "/toezeggingen/", "/zoekvragen/"])
def test_a_slash_at_the_end_is_not_found(client: FlaskClient, path: str) -> None:
    """/core/no-trailing-slash."""
    assert client.get(ROOT + path).status_code == 404


def test_json_is_what_comes_whatever_is_accepted(client: FlaskClient) -> None:
    for accept in ("text/html", "application/xml", "*/*"):
        assert client.get(f"{ROOT}/partners", headers={"Accept": accept}).is_json
        wrong = client.get(f"{ROOT}/partners?x=1", headers={"Accept": accept})
        assert wrong.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/toezeggingen?status=open", 400, "Allowed are: basis, currentStatus, department, madeBy"),
        ("/toezeggingen?currentStatus=kept", 400, "Allowed are: deferred, "),
        ("/toezeggingen?page=0", 400, "from 1 to"),
        ("/toezeggingen?page=x", 400, "from 1 to"),
        ("/toezeggingen?pageSize=201", 400, "from 1 to 200"),
        ("/toezeggingen?page=99", 404, "There are 1 pages"),
        ("/toezeggingen/x?page=1", 400, "Allowed are: release"),
        ("/toezeggingen/x", 404, "no 'x' among the toezeggingen"),
        ("/toezeggingen/%3Cscript%3E", 404, "among the toezeggingen"),
        ("/motions", 404, "There are: toezeggingen"),
        ("/zoekvragen?status=x", 400, "Allowed are: page, pageSize"),
        ("/zoekvragen/none", 404, "no question"),
        ("/zoekvragen/overdue-on-day?asOf=x", 400, "year-month-day"),
        ("/zoekvragen/overdue-on-day?x=1", 400, "It has: asOf"),
    ],
)
def test_errors_are_problems_that_say_what_is_allowed(
    client: FlaskClient, path: str, status: int, words: str
) -> None:
    """/core/error-handling/problem-details, /core/error-handling/invalid-input."""
    response = client.get(ROOT + path)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= response.json.keys()
    assert response.json["status"] == status
    assert words in response.json["detail"]
