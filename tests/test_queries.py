"""Each question runs on the published release and answers what was read in the document by eye."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, serialize

from raadgraaf import answers, catalogue, gate
from raadgraaf.store import EmbeddedStore

ROOT = Path(__file__).parents[1]
EXPECTED = ROOT / "tests" / "queries"
QUERIES = {path.stem: path.read_text() for path in sorted((ROOT / "queries").glob("*.rq"))}
TURTLE = sorted(path for folder in ("ontology", "data") for path in (ROOT / folder).rglob("*.ttl"))
ADDED = sorted(EXPECTED.glob("*.added.ttl"))

KEYS = {"summary", "summary_nl", "description", "description_nl", "tags", "number", "needs"}
PARAMETER_KEYS = {"type", "label", "label_nl"}
MODEL_QUESTIONS = 31
DEFAULTS = {
    "iri": r"<\S+>",
    "xsd:date": r'"\d{4}-\d\d-\d\d"\^\^xsd:date',
    "xsd:integer": r"\d+",
    "xsd:string": r'"[^"]+"',
}
NUMBERS = {f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "decimal")}

every_query = pytest.mark.parametrize("name", QUERIES)


def header(name: str) -> dict[str, object]:
    lines = [
        line[2:].removeprefix(" ") for line in QUERIES[name].splitlines() if line.startswith("#+")
    ]
    content: dict[str, object] = yaml.safe_load("\n".join(lines))
    return content


def parameters(name: str) -> Mapping[str, Mapping[str, str]]:
    declared = header(name).get("parameters", {})
    assert isinstance(declared, dict)
    return declared


def body(name: str) -> str:
    return re.sub(r"(?m)^#.*\n", "", QUERIES[name])


def outline(name: str) -> str:
    """Return a query without its prefixes, comments and strings."""
    text = re.sub(r"(?m)^PREFIX .*\n|^\s*#.*\n", "", body(name))
    return re.sub(r'"[^"\n]*"', '""', text)


def merge(*more: Path) -> EmbeddedStore:
    """Return a store with the files of the repository, some more, and what rules derive."""
    triples = [quad.triple for path in (*TURTLE, *more) for quad in parse(path=path)]
    data = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
    derived = serialize(gate.derive(data), format=RdfFormat.N_TRIPLES) or b""
    return EmbeddedStore.of_triples(data + derived)


@pytest.fixture(scope="session")
def merged(release_store: EmbeddedStore) -> EmbeddedStore:
    return release_store


def answer(store: EmbeddedStore, name: str) -> Mapping[str, object]:
    results = store.query(QUERIES[name])
    assert isinstance(results, QuerySolutions)
    content: Mapping[str, object] = json.loads(results.serialize(format=QueryResultsFormat.JSON))
    return content


def by_value(content: Mapping[str, object]) -> tuple[Sequence[str], Sequence[object]]:
    """Return variables and rows, numbers as numbers, so that 6251 and 6251.0 are the same."""
    head, results = content["head"], content["results"]
    assert isinstance(head, dict)
    assert isinstance(results, dict)
    rows = [
        {
            variable: Decimal(term["value"]) if term.get("datatype") in NUMBERS else term
            for variable, term in row.items()
        }
        for row in results["bindings"]
    ]
    return head["vars"], rows


def expectation(path: Path) -> tuple[Sequence[str], Sequence[object]]:
    return by_value(json.loads(path.read_text()))


@every_query
def test_a_question_answers_what_the_document_says(merged: EmbeddedStore, name: str) -> None:
    assert by_value(answer(merged, name)) == expectation(EXPECTED / f"{name}.srj")


@pytest.mark.parametrize("path", ADDED, ids=lambda path: path.name.removesuffix(".added.ttl"))
def test_a_question_without_rows_finds_what_is_added(path: Path) -> None:
    name = path.name.removesuffix(".added.ttl")
    assert expectation(EXPECTED / f"{name}.srj")[1] == []
    assert by_value(answer(merge(path), name)) == expectation(path.with_suffix(".srj"))


@pytest.mark.parametrize(
    ("number", "expected"),
    [(3, "unknown"), (15, "unknown"), (28, "not-covered"), (30, "not-covered")],
)
def test_a_question_without_rows_says_what_that_means(
    merged: EmbeddedStore, number: int, expected: str
) -> None:
    (question,) = (each for each in catalogue.questions().values() if each.number == number)
    assert answers.ask(answers.over(merged), question, {}).verdict == expected


def test_every_expectation_belongs_to_a_question_without_or_with_added_data() -> None:
    names = {path.name.removesuffix(".srj").removesuffix(".added") for path in EXPECTED.iterdir()}
    assert {name.removesuffix(".added.ttl") for name in names} == set(QUERIES)
    empty = {name for name in QUERIES if not expectation(EXPECTED / f"{name}.srj")[1]}
    assert {path.name.removesuffix(".added.ttl") for path in ADDED} == empty


def test_all_questions_of_the_model_are_there() -> None:
    numbers = sorted(int(str(header(name)["number"])) for name in QUERIES)
    assert numbers == sorted(set(numbers))
    assert numbers[:MODEL_QUESTIONS] == list(range(1, MODEL_QUESTIONS + 1))


@every_query
def test_a_question_is_described_in_dutch_and_english(name: str) -> None:
    content = header(name)
    assert set(content) - {"parameters"} == KEYS
    for key in ("summary", "summary_nl", "description", "description_nl"):
        assert isinstance(content[key], str)
        assert content[key] == str(content[key]).strip() != ""
    assert content["tags"] == sorted(str(tag) for tag in content["tags"])  # type: ignore[attr-defined]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)


@every_query
def test_the_needs_of_a_question_are_terms_with_a_period_or_area(name: str) -> None:
    needs = header(name)["needs"]
    assert isinstance(needs, list)
    for need in needs:
        assert set(need) <= {"of", "from", "area"}
        assert re.fullmatch(r"(rg|org|qb):[A-Za-z]+", need["of"])
        assert need.get("area", "any") == "any"


@every_query
def test_each_parameter_stands_in_one_line_with_its_default(name: str) -> None:
    for parameter, content in parameters(name).items():
        assert set(content) == PARAMETER_KEYS
        lines = re.findall(rf"(?m)^ *VALUES \?{parameter} .*$", body(name))
        assert len(lines) == 1
        default = lines[0].partition("{")[2].removesuffix("}").strip()
        assert re.fullmatch(rf"UNDEF|{DEFAULTS[content['type']]}", default)


@every_query
def test_a_question_names_no_data_but_as_the_default_of_a_parameter(name: str) -> None:
    iris = re.findall(r"<https?://[^>]+>", re.sub(r"(?m)^(PREFIX|#).*$", "", QUERIES[name]))
    defaults = re.findall(r"VALUES \?\w+ \{ (<[^>]+>) \}", body(name))
    assert iris == defaults
    assert len(defaults) <= len(parameters(name))


@every_query
def test_prefixes_are_sorted_and_all_used(name: str) -> None:
    prefixes = re.findall(r"(?m)^PREFIX (\w+): ", body(name))
    assert prefixes == sorted(set(prefixes))
    assert [prefix for prefix in prefixes if f"{prefix}:" not in outline(name)] == []


@every_query
def test_a_question_is_portable_and_has_one_order(name: str) -> None:
    text = outline(name)
    assert "SELECT *" not in text
    assert "SERVICE" not in text
    assert "GRAPH" not in text or name == "on-what-a-statement-rests"
    assert len(re.findall(r"(?m)^ORDER BY ", text)) == 1
    keywords = "select|where|filter|optional|values|bind|minus|union|order|group|by|distinct|as"
    assert re.findall(rf"(?<![?\w:])({keywords})(?!\w)", text) == []


@every_query
def test_a_question_says_first_what_each_row_is_about(merged: EmbeddedStore, name: str) -> None:
    content = answer(merged, name)
    variables, rows = by_value(content)
    for row in rows:
        assert isinstance(row, dict)
        first = row.get(variables[0])
        assert isinstance(first, dict)
        assert first["type"] == "uri"


@every_query
def test_another_run_gives_the_same_order(merged: EmbeddedStore, name: str) -> None:
    assert answer(merged, name) == answer(merged, name)


def test_every_column_has_a_name_in_dutch_and_english_and_no_name_is_left_over(
    merged: EmbeddedStore,
) -> None:
    used = {variable for name in QUERIES for variable in by_value(answer(merged, name))[0]}
    assert set(catalogue.columns()) == used
    assert all(set(names) == {"nl", "en"} for names in catalogue.columns().values())
