"""The library of stored questions: a form for each, its answer, and the sentences behind it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest

from raadgraaf import answers, catalogue
from raadgraaf.answers import Answer, Row
from raadgraaf.catalogue import Question
from raadgraaf.errors import NotAcceptable
from raadgraaf.server import answer_data, browse, linked_data
from raadgraaf.server.citation import Citation, cite
from raadgraaf.server.evidence import Evidence, Quote, evidence
from raadgraaf.server.linked_data import ALTERNATES
from raadgraaf.server.listing_data import ATOM, CALENDAR, XLSX, addresses, spooled
from raadgraaf.server.media import content_type
from raadgraaf.server.negotiation import HTML, negotiate
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown
from raadgraaf.server.sending import stream
from raadgraaf.server.site import Site, asked_site
from raadgraaf.server.sparql_page import cells
from raadgraaf.workers import QueryRequest

ROWS_SHOWN = 50
FORMATS = {
    "html": HTML,
    "csv": "text/csv",
    "json": "application/sparql-results+json",
    "tsv": "text/tab-separated-values",
    "xml": "application/sparql-results+xml",
    "rq": "application/sparql-query",
    "xlsx": XLSX,
    "atom": ATOM,
    "ics": CALENDAR,
}

blueprint = Blueprint("library", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an answer, with the passages on which its resources rest."""

    cells: Sequence[Shown | None]
    quotes: Mapping[int, Quote]
    """Those that no earlier row has quoted, by their number on the page."""
    quoted_above: Mapping[int, Quote]


@blueprint.get("/zoekvragen")
@blueprint.get("/en/zoekvragen")
def questions() -> Response:
    """List the stored questions."""
    known = catalogue.questions().values()
    ordered = sorted(known, key=lambda each: (each.number or len(known) + 1000, each.name))
    return page("questions.html", presenter(), questions=ordered)


@blueprint.get("/zoekvragen/<name>")
@blueprint.get("/en/zoekvragen/<name>")
def question(name: str) -> Response:
    """Answer a stored question."""
    site = asked_site()
    stem, _, ending = name.rpartition(".")
    if stem and ending in ALTERNATES:
        return _described(stem, ALTERNATES[ending])
    if ending not in FORMATS and _prefers_description():
        return _described(name, None)
    asked = catalogue.question(stem if stem and ending in FORMATS else name, site.settings.base)
    media_type = _media_type(ending if stem and ending in FORMATS else request.args.get("format"))
    given = {key: value for key, value in request.args.items() if key not in {"format", "release"}}
    text = catalogue.bind(asked.text, asked.terms(given))
    if media_type == FORMATS["rq"]:
        response = Response(text, content_type=content_type(media_type))
    elif media_type == HTML:
        response = _page(site, asked, text, given)
        if not given:
            iri, here = _addresses(asked.name)
            response = linked_data.linked(response, site, iri, linked_data.alternates(here))
    elif media_type in answer_data.MADE:
        shown, solutions = presenter(), site.solutions(text)
        listed = answer_data.Listed(site, shown, asked, solutions)
        response = spooled(media_type, lambda output: answer_data.write(listed, media_type, output))
    else:
        response = stream(site.answer(QueryRequest(text, media_type, None)), media_type)
    response.vary.add("Accept")
    return response


def _prefers_description() -> bool:
    """Return whether a client would rather have the question itself as data than an answer."""
    offered = (*FORMATS.values(), *ALTERNATES.values())
    accept = request.headers.get("Accept")
    return not request.args and negotiate(accept, offered) in ALTERNATES.values()


def _described(name: str, by_address: str | None) -> Response:
    """Describe a question as data."""
    iri, here = _addresses(name)
    return browse.describe(NamedNode(iri), by_address, here)


def _addresses(name: str) -> tuple[str, str]:
    """Return the IRI of a question, and its address here."""
    path = f"zoekvragen/{name}"
    return f"{asked_site().settings.base}{path}", f"{request.script_root}/{path}"


def _media_type(form: str | None) -> str:
    if form:
        if form not in FORMATS:
            raise BadRequest(f"The format {form!r} is unknown. Known are: {', '.join(FORMATS)}.")
        return FORMATS[form]
    media_type = negotiate(request.headers.get("Accept"), tuple(FORMATS.values()))
    if media_type is None:
        raise NotAcceptable(f"An answer comes in {', '.join(FORMATS.values())}. Accept one.")
    return media_type


def _page(site: Site, asked: Question, text: str, given: Mapping[str, str]) -> Response:
    shown = presenter()
    answer = answers.ask(site.solutions, asked, asked.terms(given))
    lines = _lines(site, shown, answer)
    places = _columns(lines, len(answer.solutions.variables))
    return page(
        "query.html",
        shown,
        query=text,
        about=[*asked.summary.values(), *_quoted(lines)],
        question=asked,
        given={key: value for key, value in given.items() if value.strip()},
        defaults={each.name: each.default.value for each in asked.parameters if each.default},
        columns=[_heading(shown, answer.solutions.variables[place]) for place in places],
        places=places,
        lines=lines,
        count=len(answer.solutions.rows),
        verdict=answer.verdict,
        data=addresses(shown, f"/zoekvragen/{asked.name}", given, FORMATS),
        citation=_citation(site, shown, asked, text, given),
    )


def _citation(
    site: Site, shown: Presenter, asked: Question, text: str, given: Mapping[str, str]
) -> Citation | None:
    found = site.answer(QueryRequest(text, FORMATS["csv"], None))
    with found.body as body:
        release, content = site.service.release(found.release), body.read()
    return cite(
        shown, release, f"/zoekvragen/{asked.name}", dict(given), form="csv", content=content
    )


def _quoted(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        for quote in line.quotes.values():
            yield quote.text
            yield quote.title


def _lines(site: Site, shown: Presenter, answer: Answer) -> Sequence[Line]:
    rows = answer.solutions.rows[:ROWS_SHOWN]
    shown_cells = cells(site, shown, answer.solutions.variables, rows, in_words=True)
    cited = evidence(site, shown, (iri for row in rows for iri in _iris(row)))
    lines: list[Line] = []
    numbers: dict[str, int] = {}
    for line, row in zip(shown_cells, rows, strict=True):
        above = set(numbers.values())
        quotes = {
            numbers.setdefault(passage, len(numbers) + 1): quote
            for passage, quote in _quotes(row, cited).items()
        }
        lines.append(
            Line(
                line,
                {number: quote for number, quote in quotes.items() if number not in above},
                {number: quote for number, quote in quotes.items() if number in above},
            )
        )
    return lines


def _columns(lines: Sequence[Line], count: int) -> Sequence[int]:
    """Return the columns to show: not those that only repeat the label of a resource."""
    return [
        place
        for place in range(count)
        if any((cell := line.cells[place]) and not _repeats(cell, line.cells) for line in lines)
    ]


def _repeats(cell: Shown, cells: Sequence[Shown | None]) -> bool:
    return cell.iri is None and any(
        other is not None and other.iri is not None and other.text == cell.text for other in cells
    )


def _heading(shown: Presenter, variable: str) -> str:
    """Return what a column is called; in a question of one's own, its variable."""
    names = catalogue.columns().get(variable)
    return names[shown.language] if names else variable


def _iris(row: Row) -> Sequence[str]:
    return [term.value for term in row.values() if isinstance(term, NamedNode)]


def _quotes(row: Row, cited: Evidence) -> Mapping[str, Quote]:
    return {quote.passage: quote for iri in _iris(row) for quote in cited.get(iri, ())}
