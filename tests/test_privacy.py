"""Masking: a table of texts on disk, and agreement with the shape that guards the gate."""

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
import rdflib

from raadgraaf import resources
from raadgraaf.loaders.privacy import mask, passes_eleven_test
from raadgraaf.validation import Shapes, validate

with (Path(__file__).parent / "privacy" / "cases.csv").open(newline="") as table:
    CASES = [(row["text"], row["masked"], row["kinds"].split()) for row in csv.DictReader(table)]


def refused_by_the_shapes(texts: Iterable[str]) -> set[str]:
    text = rdflib.URIRef("https://w3id.org/raadgraaf/def#text")
    data, shapes = rdflib.Graph(), rdflib.Graph()
    shapes.parse(data=resources.folder("shapes", "privacy.ttl").read_bytes(), format="turtle")
    shapes.parse(data=resources.folder("shapes", "groups.ttl").read_bytes(), format="turtle")
    named = {f"https://x.example/{number}": each for number, each in enumerate(texts)}
    for name, each in named.items():
        data.add((rdflib.URIRef(name), text, rdflib.Literal(each)))
    report = validate(lines(data), Shapes([lines(shapes)]))
    return {named[finding.focus] for finding in report.findings}


def lines(graph: rdflib.Graph) -> bytes:
    return graph.serialize(format="nt", encoding="utf-8")


@pytest.mark.parametrize(("text", "masked", "kinds"), CASES)
def test_a_text_is_masked_and_counted_as_the_table_says(
    text: str, masked: str, kinds: list[str]
) -> None:
    assert mask(text) == (masked, Counter(kinds))


def test_the_shapes_refuse_what_is_masked_and_accept_what_is_left() -> None:
    personal = {text for text, _, kinds in CASES if kinds}
    assert refused_by_the_shapes(text for text, _, _ in CASES) == personal
    assert refused_by_the_shapes(masked for _, masked, _ in CASES) == set()


@pytest.mark.parametrize("text", [text for text, _, _ in CASES])
def test_masking_twice_changes_nothing(text: str) -> None:
    once, _ = mask(text)
    assert mask(once) == (once, Counter())


def test_masking_keeps_the_number_of_lines() -> None:
    text = "\n".join(text for text, _, _ in CASES)
    assert mask(text)[0].count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("digits", "passes"), [("123456782", True), ("111222333", True), ("123456789", False)]
)
def test_the_eleven_test_weighs_the_digits(digits: str, passes: bool) -> None:
    assert passes_eleven_test(digits) is passes


@pytest.mark.parametrize("unit", ["a", "1", "a@", "06-", "0 ", "1.", "mailto:", "bsn "])
def test_masking_a_long_cell_ends(unit: str) -> None:
    assert isinstance(mask(unit * 200_000)[0], str)
