"""The stored questions in the endpoint: they are all there, and give what the library gives."""

from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient
from pyoxigraph import QuerySolutions

from raadgraaf import catalogue
from raadgraaf.config import Settings
from raadgraaf.namespaces import PREFIXES
from raadgraaf.store import EmbeddedStore

# What SIB's editor asks an endpoint for
EXAMPLES = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?question ?comment ?query
WHERE {
  ?question a sh:SPARQLExecutable ;
    rdfs:comment ?comment ;
    sh:select|sh:ask|sh:construct ?query .
}"""
DECLARED = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace
WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix }"""


def rows(store: EmbeddedStore, query: str) -> list[Mapping[str, str]]:
    results = store.query(query)
    assert isinstance(results, QuerySolutions)
    names = [variable.value for variable in results.variables]
    return [{name: getattr(row[name], "value", "") for name in names} for row in results]


@pytest.fixture(scope="module")
def examples(release_store: EmbeddedStore) -> list[Mapping[str, str]]:
    return rows(release_store, EXAMPLES)


def test_every_question_is_in_the_endpoint(
    examples: list[Mapping[str, str]], settings: Settings
) -> None:
    found = {each["question"].removeprefix(f"{settings.base}zoekvragen/") for each in examples}
    assert found == set(catalogue.questions())
    comments = {each["comment"] for each in examples}
    for question in catalogue.questions().values():
        assert set(question.summary.values()) <= comments


def test_a_question_of_the_endpoint_gives_what_the_library_gives(
    examples: list[Mapping[str, str]], release_store: EmbeddedStore, settings: Settings
) -> None:
    for each in examples:
        name = each["question"].rpartition("/")[2]
        asked = catalogue.question(name, settings.base).text
        assert rows(release_store, each["query"]) == rows(release_store, asked), name


def test_prefixes_are_declared(release_store: EmbeddedStore) -> None:
    declared = {each["prefix"]: each["namespace"] for each in rows(release_store, DECLARED)}
    assert PREFIXES.items() <= declared.items()


def test_a_question_links_to_its_answer_and_its_endpoint(
    release_store: EmbeddedStore, client: FlaskClient, settings: Settings
) -> None:
    query = """
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX schema: <http://schema.org/>
    PREFIX sh: <http://www.w3.org/ns/shacl#>
    SELECT ?answer ?endpoint
    WHERE { ?question a sh:SPARQLExecutable ; rdfs:seeAlso ?answer ; schema:target ?endpoint }
    ORDER BY ?answer"""
    found = rows(release_store, query)
    assert {each["endpoint"] for each in found} == {f"{settings.base}sparql"}
    assert len(found) == 2 * len(catalogue.questions())
    for each in found[:2]:
        assert client.get("/" + each["answer"].removeprefix(settings.base)).status_code == 200


def test_an_answer_with_parameters_is_not_the_question_itself(client: FlaskClient) -> None:
    turtle = {"Accept": "text/turtle"}
    assert client.get("/zoekvragen/overdue-on-day", headers=turtle).mimetype == "text/turtle"
    asked = client.get("/zoekvragen/overdue-on-day?asOf=2024-02-20", headers=turtle)
    assert asked.status_code == 406
    assert client.get("/zoekvragen/none.ttl").status_code == 404
