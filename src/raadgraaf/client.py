"""Questions to a raadgraaf elsewhere, for notebooks and scripts: rows with their evidence.

    from raadgraaf.client import Client

    answer = Client("https://example.org/sparql").ask("overdue-on-day", asOf="2024-03-01")
    answer.frame()

`frame` needs pandas, which `pip install raadgraaf[client]` brings along.
"""

import json
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http.client import HTTPException
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

from pyoxigraph import Literal, QueryBoolean, QueryResultsFormat, parse_query_results
from SPARQLWrapper import JSON, POST, SELECT, SPARQLWrapper

from raadgraaf import answers, catalogue
from raadgraaf.answers import Quote, Row, Solutions
from raadgraaf.catalogue import Term, Verdict
from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.errors import FetchFailed, InputError
from raadgraaf.namespaces import iri

if TYPE_CHECKING:
    import pandas

Value = str | int | float | bool | date | None

_KINDS: Mapping[str, Callable[[str], Value]] = {
    iri("xsd:boolean").value: lambda text: text in {"true", "1"},
    iri("xsd:date").value: date.fromisoformat,
    iri("xsd:decimal").value: float,
    iri("xsd:double").value: float,
    iri("xsd:integer").value: int,
}
_SHOWN = 300
"""Characters of another's error that are repeated."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The rows of an answer, each with the passages on which its resources rest."""

    columns: Sequence[str]
    rows: Sequence[Mapping[str, Value]]
    evidence: Sequence[Sequence[Quote]]
    verdict: Verdict | None
    """What it means that a stored question has no answer: none, unknown or not covered."""

    def frame(self) -> "pandas.DataFrame":
        """Return the rows as a DataFrame, with the quotes in the column `evidence`."""
        import pandas as pd  # noqa: PLC0415 # of the extra `client`

        found = pd.DataFrame(list(self.rows), columns=list(self.columns))
        quotes = [[quote.text for quote in each] for each in self.evidence]
        return found.assign(evidence=pd.Series(quotes, index=found.index, dtype=object))


@dataclass(frozen=True, slots=True)
class Client:
    """A SPARQL endpoint that is asked, each time within so many seconds."""

    endpoint: str
    base: str = PLACEHOLDER_BASE
    """The base of the IRIs of its data."""
    seconds: int = 60

    def query(self, text: str) -> Answered:
        """Return the answer to a SELECT query."""
        return self._with_evidence(self.select(text), None)

    def ask(self, name: str, **parameters: str) -> Answered:
        """Return the answer to a stored question of this version of raadgraaf."""
        question = catalogue.question(name, self.base)
        found = answers.ask(self.select, question, question.terms(parameters))
        return self._with_evidence(found.solutions, found.verdict)

    def select(self, text: str) -> Solutions:
        """Return the results of a SELECT query as terms."""
        wrapper = _Unredirected(self.endpoint, agent="raadgraaf")
        wrapper.setTimeout(self.seconds)
        wrapper.setMethod(POST)
        wrapper.setReturnFormat(JSON)
        wrapper.setQuery(text)
        wrapper.queryType = SELECT  # it looks for the first such word, also in comments
        try:
            body = wrapper.query().response.read()
        except HTTPError as error:
            with error:
                raise FetchFailed(self._said(f"{error.code}: {_detail(error)}")) from None
        except (OSError, HTTPException) as error:
            raise FetchFailed(self._said(str(error))) from None
        try:
            results = parse_query_results(BytesIO(body), QueryResultsFormat.JSON)
            if isinstance(results, QueryBoolean):
                raise InputError("This needs a SELECT query.")
            return answers.solutions(results)
        except (SyntaxError, ValueError) as error:
            raise FetchFailed(self._said(f"no results of SPARQL: {error}")) from None

    def _said(self, what: str) -> str:
        return f"{self.endpoint} answered {what}. Check its address and the query."

    def _with_evidence(self, found: Solutions, verdict: Verdict | None) -> Answered:
        return Answered(
            columns=found.variables,
            rows=[_values(row, found.variables) for row in found.rows],
            evidence=answers.evidence(self.select, found.rows),
            verdict=verdict,
        )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for an error: queries go where the caller sends them."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


class _Unredirected(SPARQLWrapper):
    """SPARQLWrapper, which by itself follows redirects."""

    def _query(self) -> tuple[Any, str]:
        opener = urllib.request.build_opener(_NoRedirects)
        return opener.open(self._createRequest(), timeout=self.timeout), self.returnFormat


def _detail(error: HTTPError) -> str:
    """Return what an endpoint says is wrong: the detail of a problem, or its text."""
    text = error.read(65_536).decode("utf-8", "replace")
    try:
        return str(json.loads(text)["detail"])[:_SHOWN]
    except (ValueError, KeyError, TypeError):
        return text[:_SHOWN] or str(error.reason)


def _values(row: Row, names: Sequence[str]) -> Mapping[str, Value]:
    return {name: _value(row.get(name)) for name in names}


def _value(term: Term | None) -> Value:
    if not isinstance(term, Literal):
        return term.value if term else None
    try:
        return _KINDS.get(term.datatype.value, str)(term.value)
    except ValueError:
        return term.value
