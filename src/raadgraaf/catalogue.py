"""The question library: reads `.rq` files and their headers, and binds parameters as RDF terms.

A header is the YAML behind `#+ ` (as in grlc). A parameter stands in the query as one line
`VALUES ?name { term }` with its default, so that a file runs as it is on any SPARQL 1.1 store.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import PurePath
from typing import Literal as OneOf

import yaml
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.errors import InputError, NotFound, ParameterError
from raadgraaf.namespaces import PREFIXES, iri
from raadgraaf.resources import folder, listing

Term = NamedNode | Literal
Verdict = OneOf["none", "unknown", "not-covered"]

_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A term that the asker chooses."""

    name: str
    type: str
    """`iri`, or the datatype such as `xsd:date`."""
    label: Mapping[str, str]
    """By language."""
    default: Term | None
    """Nothing where the question is not restricted unless the asker says so."""

    def term(self, text: str) -> Term:
        """Return what the asker wrote as a term of this parameter's type."""
        try:
            return _TERMS[self.type](text)
        except ValueError:
            raise ParameterError(
                f"The parameter {self.name} is {text!r}, which is not of the type {self.type}. "
                f"Write it as {_EXAMPLES[self.type]}."
            ) from None


@dataclass(frozen=True, slots=True)
class Need:
    """What a question needs the sources to cover before no answer means that there is none."""

    of: NamedNode
    """A class or property."""
    since: date | None
    """The day from which; nothing for any time."""
    everywhere: bool
    """Whether for every municipality, not only for those whose sources are here."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the sources cover a class or property (`rg:Coverage`)."""

    of: NamedNode
    extent: str
    """`complete`, `partial` or `none`."""
    until: date | None
    """The last day that is covered; nothing where it is not limited in time."""
    area: NamedNode | None
    """The municipality; nothing for all."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the library."""

    name: str
    number: int | None
    summary: Mapping[str, str]
    """By language, as `description`."""
    description: Mapping[str, str]
    tags: Sequence[str]
    parameters: Sequence[Parameter]
    needs: Sequence[Need]
    text: str

    def terms(self, given: Mapping[str, str]) -> dict[str, Term]:
        """Return the terms of the parameters that were given; refuse one that is unknown."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                raise ParameterError(
                    f"The question {self.name} has no parameter {name!r}. "
                    f"It has: {', '.join(known) or 'none'}."
                )
        return {name: known[name].term(text) for name, text in given.items() if text.strip()}


@cache
def questions() -> Mapping[str, Question]:
    """Return the questions that ship with the package, by name."""
    return {
        question.name: question
        for question in (
            read(PurePath(file.name).stem, file.read_text()) for file in listing(".rq", "queries")
        )
    }


def question(name: str, base: str = PLACEHOLDER_BASE) -> Question:
    """Return the question of that name, its defaults under the base of the data."""
    try:
        found = questions()[name]
        return read(name, found.text.replace(f"<{PLACEHOLDER_BASE}", f"<{base}"))
    except KeyError:
        raise NotFound(
            f"There is no question {name!r}. `raadgraaf ask` lists those that there are."
        ) from None


@cache
def columns() -> Mapping[str, Mapping[str, str]]:
    """Return what the columns of answers are called, by variable and language."""
    content: dict[str, dict[str, str]] = yaml.safe_load(
        folder("queries", "columns.yaml").read_text("utf-8")
    )
    return content


def read(name: str, text: str) -> Question:
    """Return a question file as a question."""
    header = "\n".join(line[2:] for line in text.splitlines() if line.startswith("#+"))
    try:
        values = yaml.safe_load(header) or {}
        return Question(
            name=name,
            number=values.get("number"),
            summary=_by_language(values, "summary"),
            description=_by_language(values, "description"),
            tags=values.get("tags", []),
            parameters=[
                Parameter(key, each["type"], _by_language(each, "label"), _default(text, key))
                for key, each in values.get("parameters", {}).items()
            ],
            needs=[_need(each) for each in values.get("needs", [])],
            text=text,
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{name}.rq: the header cannot be read: {error!r}.") from None


def bind(text: str, terms: Mapping[str, Term | Sequence[Term]]) -> str:
    """Return a query with the given terms in the place of its parameters' defaults.

    Terms are written in N-Triples form, so that a value can never end its literal or IRI.
    """
    for name, given in terms.items():
        pattern = _values_line(name)
        if len(pattern.findall(text)) != 1:
            raise ParameterError(f"The query has not one line `VALUES ?{name} {{ … }}`.")
        several = [given] if isinstance(given, NamedNode | Literal) else given
        written = " ".join(map(str, several))
        text = pattern.sub(partial(_with_terms, written), text)
    return text


def _with_terms(written: str, line: re.Match[str]) -> str:
    return f"{line[1]} {written} {line[3]}"


def verdict(needs: Sequence[Need], coverage: Sequence[Coverage]) -> Verdict:
    """Return what an empty answer means: there is none, it is unknown, or it is not covered."""
    extents = [_extent(need, coverage) for need in needs]
    if "none" in extents:
        return "not-covered"
    return "unknown" if "partial" in extents else "none"


def _extent(need: Need, coverage: Sequence[Coverage]) -> str:
    """Return how far a need is covered at best."""
    fitting = [
        each.extent
        for each in coverage
        if each.of == need.of
        and (need.since is None or each.until is None or need.since <= each.until)
        and not (need.everywhere and each.area is not None)
    ]
    return next((extent for extent in ("complete", "partial") if extent in fitting), "none")


def _by_language(values: Mapping[str, str], key: str) -> Mapping[str, str]:
    return {"en": str(values[key]).strip(), "nl": str(values[f"{key}_nl"]).strip()}


def _need(values: Mapping[str, object]) -> Need:
    since = values.get("from")
    return Need(
        iri(str(values["of"])),
        since if isinstance(since, date) else None,
        values.get("area") == "any",
    )


def _values_line(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?m)^(\s*VALUES \?{re.escape(name)} \{{)(.*)(\}}\s*)$")


def _default(text: str, name: str) -> Term | None:
    """Return the term on a parameter's line, read by the Turtle parser."""
    line = _values_line(name).search(text)
    if line is None:
        raise InputError(f"The parameter {name} has no line `VALUES ?{name} {{ … }}`.")
    if line[2].strip() == "UNDEF":
        return None
    turtle = "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())
    (quad,) = parse(f"{turtle}<x:s> <x:p> {line[2]} .", format=RdfFormat.TURTLE)
    if not isinstance(quad.object, NamedNode | Literal):
        raise InputError(f"The default of the parameter {name} is not an IRI or a literal.")
    return quad.object


def _iri_term(text: str) -> NamedNode:
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S", text):
        raise ValueError(text)
    return NamedNode(text)


def _date_term(text: str) -> Literal:
    return Literal(date.fromisoformat(text).isoformat(), datatype=iri("xsd:date"))


def _decimal_term(text: str) -> Literal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Literal(text, datatype=iri("xsd:decimal"))


_TERMS: Mapping[str, Callable[[str], Term]] = {
    "iri": _iri_term,
    "xsd:date": _date_term,
    "xsd:decimal": _decimal_term,
    "xsd:integer": lambda text: Literal(int(text)),
    "xsd:string": Literal,
}
_EXAMPLES = {
    "iri": "an absolute IRI such as https://identifier.overheid.nl/tooi/id/gemeente/gm0299",
    "xsd:date": "year-month-day, such as 2024-03-01",
    "xsd:decimal": "a number such as 0.5",
    "xsd:integer": "a whole number such as 12",
    "xsd:string": "any text",
}
