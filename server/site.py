"""What every page needs: the query service, the settings, and the pages' own queries."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from flask import current_app, request
from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, parse_query_results
from werkzeug.exceptions import BadRequest

from raadgraaf.answers import Row, Solutions, solutions
from raadgraaf.catalogue import Term, bind
from raadgraaf.config import Settings
from raadgraaf.errors import InputError
from raadgraaf.releases import Identity
from raadgraaf.resources import folder
from raadgraaf.server import clients
from raadgraaf.server.media import JSON
from raadgraaf.server.vocabulary import Vocabulary, read_vocabulary
from raadgraaf.workers import QueryAnswer, QueryRequest, QueryService
from raadgraaf.writing import Writer

Value = Term | Sequence[Term] | None
"""What stands on the line of a variable: a term, several terms, or nothing for its default."""


@dataclass(frozen=True, slots=True)
class Site:
    """The service behind the pages."""

    service: QueryService
    settings: Settings
    writer: Writer | None = None
    """Nothing where nobody may write."""
    vocabularies: dict[Identity, Vocabulary] = field(default_factory=dict)
    """Of the releases that were last seen; a release never changes."""
    graph: NamedNode | None = None
    """The graph that the pages' queries ask, instead of all data."""
    release: int | None = None
    """The release that is asked, instead of the current one."""
    client: str = ""
    """Who asks for an older release, for opening it takes time; pages of the current are free."""

    def text(self, query: str, **values: Value) -> str:
        """Return the text of one of the pages' queries with the given terms in it."""
        text = folder("server", "queries", f"{query}.rq").read_text("utf-8")
        bound = bind(text, {name: value for name, value in values.items() if value is not None})
        return (
            bound.replace("\nWHERE {", f"\nFROM {self.graph}\nWHERE {{", 1) if self.graph else bound
        )

    def of_report(self) -> "Site":
        """Return the same site over the validation report, which is not among all data."""
        graph = NamedNode(f"{self.settings.base}graph/rapport")
        return replace(self, graph=graph, vocabularies={})

    def of_all(self) -> "Site":
        """Return the same site over all data."""
        return replace(self, graph=None)

    def select(self, query: str, graphs: Sequence[str] = (), **values: Value) -> Sequence[Row]:
        """Return the rows of one of the pages' queries, over all data or these graphs alone."""
        return self.solutions(self.text(query, **values), graphs).rows

    def solutions(self, text: str, graphs: Sequence[str] = ()) -> Solutions:
        """Return the results of a SELECT query, within the time that a page may take."""
        request = QueryRequest(
            text=text,
            results_type=JSON,
            graph_type=None,
            default_graphs=tuple(f"{self.settings.base}graph/{key}" for key in graphs),
        )
        return tabular(self.answer(request))

    def answer(self, request: QueryRequest) -> QueryAnswer:
        """Return the answer to a query, within the time that a page may take."""
        asked = replace(request, release=self.release)
        return self.service.query(asked, self.settings.page_deadline, self.client)

    def vocabulary(self) -> Vocabulary:
        """Return the words and layout of the release."""
        release = self.service.release(self.release).identity
        known = self.vocabularies.get(release)
        if known is None:
            known = read_vocabulary(self.select)
            if len(self.vocabularies) > self.settings.older_releases:
                self.vocabularies.clear()
            self.vocabularies[release] = known
        return known


def tabular(answer: QueryAnswer) -> Solutions:
    """Return an answer in SPARQL JSON as terms."""
    results = read(answer)
    if isinstance(results, bool):
        raise InputError("This needs a SELECT query.")
    return results


def read(answer: QueryAnswer) -> Solutions | bool:
    """Return an answer in SPARQL JSON: the rows of a SELECT or the truth of an ASK."""
    with answer.body as body:
        results = parse_query_results(body, QueryResultsFormat.JSON)
        return bool(results) if isinstance(results, QueryBoolean) else solutions(results)


def at_page(text: str, page: int, size: int) -> str:
    """Return a query that ends in the lines `LIMIT` and `OFFSET` for the given page, from 1."""
    query, _, _ = text.rpartition("\nLIMIT ")
    return f"{query}\nLIMIT {size:d}\nOFFSET {(page - 1) * size:d}\n"


def current_site() -> Site:
    """Return the site of the application that handles this request."""
    return cast("Site", current_app.extensions["raadgraaf"])


def asked_site() -> Site:
    """Return the site of the release that this request names, otherwise of the current one."""
    site = current_site()
    given = request.args.get("release")
    if given is None:
        return site
    if not re.fullmatch(r"[0-9]{1,9}", given):
        raise BadRequest(f"The release is {given[:40]!r}. Give its number, as in ?release=1.")
    older = int(given) != site.service.release().number
    return replace(site, release=int(given), client=_client(site.settings) if older else "")


def charged(site: Site) -> Site:
    """Return the same site with its queries on the account of the client, for they may be many."""
    return replace(site, client=_client(site.settings))


def _client(settings: Settings) -> str:
    headers = request.headers.get("X-Forwarded-For"), request.headers.get("Forwarded")
    trusted = clients.proxies(settings.trusted_proxies)
    return clients.client(request.remote_addr or "", *headers, trusted)


def named(iri: str) -> NamedNode | None:
    """Return an IRI as a term, or None where it is not an absolute IRI."""
    try:
        return NamedNode(iri)
    except ValueError:
        return None
