"""Each rule derives from small data what stands beside it, and nothing else."""

import re
from pathlib import Path

import pytest
import yaml
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Quad,
    QueryTriples,
    RdfFormat,
    Store,
    parse,
)

from raadgraaf.resources import listing

HERE = Path(__file__).parent / "rules"
CASES = sorted(HERE.glob("*/*.in.ttl"))
RULES = {Path(rule.name).stem: rule.read_text() for rule in listing(".rq", "rules")}
HEADER = {"summary", "summary_nl", "description", "description_nl"}


def header(text: str) -> dict[str, object]:
    lines = [line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]
    content: dict[str, object] = yaml.safe_load("\n".join(lines))
    return content


def canonical(quads: list[Quad]) -> Dataset:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def read(path: Path) -> list[Quad]:
    return list(parse(path=path, format=RdfFormat.TURTLE))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name[:-7]}")
def test_a_rule_derives_what_is_expected(path: Path) -> None:
    store = Store()
    store.extend(read(path))
    results = store.query(RULES[path.parent.name])
    assert isinstance(results, QueryTriples)
    derived = [Quad(each.subject, each.predicate, each.object, DefaultGraph()) for each in results]
    expected = read(path.with_name(path.name.replace(".in.", ".out.")))
    assert canonical(derived) == canonical(expected)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_data_that_it_acts_on_and_data_that_it_leaves_alone(name: str) -> None:
    results = [bool(read(path)) for path in (HERE / name).glob("*.out.ttl")]
    assert set(results) == {True, False}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_what_it_does_in_dutch_and_english(name: str) -> None:
    assert set(header(RULES[name])) == HEADER


@pytest.mark.parametrize("name", RULES)
def test_a_rule_names_no_data_and_uses_every_prefix(name: str) -> None:
    body = re.sub(r"(?m)^#.*$", "", RULES[name])
    assert "data.example.org" not in body
    prefixes = re.findall(r"(?m)^PREFIX (\w+): ", body)
    assert prefixes == sorted(prefixes)
    queried = re.sub(r"(?m)^PREFIX .*$", "", body)
    assert [prefix for prefix in prefixes if f"{prefix}:" not in queried] == []
