"""Asking a question of the library: its rows, the passages behind them, and what none means."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode, QuerySolutions

from raadgraaf.catalogue import Coverage, Question, Term, Verdict, bind, verdict
from raadgraaf.errors import InputError, ParameterError
from raadgraaf.namespaces import iri
from raadgraaf.store import EmbeddedStore, Results

Row = Mapping[str, Term]

COVERAGE = """\
PREFIX rg: <https://w3id.org/raadgraaf/def#>

SELECT ?of ?extent ?until ?area
WHERE {
  ?coverage a rg:Coverage ;
    rg:coverageOf ?of ;
    rg:coverageExtent ?extent .
  OPTIONAL {
    ?coverage rg:coveragePeriod ?period .
    ?period rg:latest ?until .
  }
  OPTIONAL { ?coverage rg:coverageArea ?area . }
}
ORDER BY ?of ?extent ?until ?area
"""

EVIDENCE = """\
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX rg: <https://w3id.org/raadgraaf/def#>

SELECT DISTINCT ?thing ?passage ?title ?first ?last ?quote
WHERE {
  VALUES ?thing { UNDEF }
  ?thing rg:statedIn ?passage .
  ?passage rg:passageOf ?document ;
    rg:quote ?quote .
  ?document rdfs:label ?title .
  FILTER (LANG(?title) = "nl")
  OPTIONAL {
    ?passage oa:hasSelector? ?lines .
    ?lines rg:lineStart ?first ;
      rg:lineEnd ?last .
  }
}
ORDER BY ?thing ?first ?passage
"""


KNOWN = """\
SELECT ?thing
WHERE {
  VALUES ?thing { UNDEF }
  FILTER EXISTS {
    { ?thing ?property ?value . }
    UNION
    { ?subject ?link ?thing . }
  }
}
ORDER BY ?thing
"""

NAMED = """\
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX rg: <https://w3id.org/raadgraaf/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?words
WHERE {
  VALUES ?words { UNDEF }
  FILTER EXISTS {
    ?thing rdfs:label|foaf:name|skos:prefLabel|skos:altLabel|skos:notation|rg:titleAsPrinted ?name .
    FILTER (CONTAINS(LCASE(STR(?name)), LCASE(?words)) || STR(?thing) = ?words)
  }
}
ORDER BY ?words
"""


@dataclass(frozen=True, slots=True)
class Solutions:
    """The results of a SELECT query."""

    variables: tuple[str, ...]
    rows: tuple[Row, ...]


Select = Callable[[str], Solutions]
"""Answers a SELECT query, in this process or through a service."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question."""

    solutions: Solutions
    verdict: Verdict | None
    """What it means that there are no rows; nothing where there are."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage on which a row rests."""

    passage: str
    """Its IRI."""
    document: str
    lines: tuple[tuple[int, int], ...]
    text: str


def ask(select: Select, question: Question, terms: Mapping[str, Term]) -> Answer:
    """Return the answer to a question for the given parameters."""
    solutions = select(bind(question.text, terms))
    if solutions.rows:
        return Answer(solutions, None)
    _require_known(select, terms)
    return Answer(solutions, verdict(question.needs, list(_coverage(select(COVERAGE)))))


def _require_known(select: Select, terms: Mapping[str, Term]) -> None:
    """Refuse a parameter that names nothing: a slip must not look like an answer."""
    for name, term in terms.items():
        if isinstance(term, NamedNode):
            query, variable = KNOWN, "thing"
        elif term.datatype == iri("xsd:string"):
            query, variable = NAMED, "words"
        else:
            continue
        if not select(bind(query, {variable: term})).rows:
            raise ParameterError(
                f"The parameter {name} is {term.value!r}, of which nothing is known. "
                "Copy a name or an IRI from an answer or a page."
            )


def evidence(select: Select, rows: Sequence[Row]) -> Sequence[Sequence[Quote]]:
    """Return the passages that the resources of each row are stated in, row by row."""
    things = {term for row in rows for term in row.values() if isinstance(term, NamedNode)}
    if not things:
        return [[] for _ in rows]
    found = select(bind(EVIDENCE, {"thing": sorted(things, key=str)})).rows
    quotes: dict[Term, dict[str, Quote]] = {}
    for each in found:
        known = quotes.setdefault(each["thing"], {})
        name = each["passage"].value
        lines = known[name].lines if name in known else ()
        if "first" in each:
            lines = (*lines, (int(each["first"].value), int(each["last"].value)))
        known[name] = Quote(name, each["title"].value, lines, each["quote"].value)
    return [
        list(
            {
                quote.passage: quote
                for thing in row.values()
                for quote in quotes.get(thing, {}).values()
            }.values()
        )
        for row in rows
    ]


def over(store: EmbeddedStore) -> Select:
    """Return what answers SELECT queries from a store in this process."""
    return lambda text: solutions(store.query(text))


def solutions(results: Results) -> Solutions:
    """Return the results of a SELECT query as terms."""
    if not isinstance(results, QuerySolutions):
        raise InputError("This needs a SELECT query.")
    variables = tuple(variable.value for variable in results.variables)
    return Solutions(variables, tuple(_row(variables, solution) for solution in results))


def _row(variables: Sequence[str], solution: Mapping[str, object]) -> Row:
    terms = {name: solution[name] for name in variables}
    return {name: term for name, term in terms.items() if isinstance(term, NamedNode | Literal)}


def _coverage(found: Solutions) -> Iterator[Coverage]:
    for row in found.rows:
        of, area = row["of"], row.get("area")
        if not isinstance(of, NamedNode):
            continue
        yield Coverage(
            of=of,
            extent=row["extent"].value.removeprefix(iri("rgt:coverage-").value),
            until=date.fromisoformat(row["until"].value) if "until" in row else None,
            area=area if isinstance(area, NamedNode) else None,
        )
