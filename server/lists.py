"""The lists of commitments and of questions in the council, with filters."""

from collections.abc import Mapping

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode
from werkzeug.exceptions import BadRequest, NotFound

from raadgraaf.namespaces import iri
from raadgraaf.server import listing_data, matters
from raadgraaf.server.matters import Choice, Filters
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.site import asked_site
from raadgraaf.server.texts import texts

WORDS_LENGTH = 200

blueprint = Blueprint("lists", __name__)


@blueprint.get("/toezeggingen")
@blueprint.get("/en/toezeggingen")
def commitments() -> Response:
    """List the commitments."""
    return _list(iri("rg:Commitment"), "/toezeggingen", "commitments")


@blueprint.get("/raadsvragen")
@blueprint.get("/en/raadsvragen")
def questions() -> Response:
    """List the questions in the council."""
    return _list(iri("rg:Question"), "/raadsvragen", "council_questions")


def _list(kind: NamedNode, path: str, title: str) -> Response:
    if data := listing_data.instead_of_page(path.removeprefix("/")):
        data.vary.add("Accept")
        return data
    site, shown = asked_site(), presenter()
    statuses = dict(matters.choices(site, shown, kind, matters.STATUS))
    without = matters.unknown(site, kind, texts(shown.language)["unknown"], statuses)
    if without:
        statuses[without.code] = without
    holders = matters.choices(site, shown, kind, matters.HOLDER)
    status, holder = _chosen("status", statuses), _chosen("door", holders)
    words = request.args.get("q", "").strip()
    if len(words) > WORDS_LENGTH:
        raise BadRequest(f"The parameter q is longer than {WORDS_LENGTH} characters.")
    number = _page_number()
    filters = Filters(
        status=status.term if status else None,
        holder=holder.term if holder else None,
        words=Literal(words) if words else None,
    )
    count, found, query = matters.found(site, shown, kind, filters, number)
    last = max(1, -(-count // matters.PAGE_SIZE))
    if number > last:
        raise NotFound(f"There are {last} pages; page {number} is not among them.")
    kept = {
        name: value
        for name, value in (
            ("status", status.code if status else ""),
            ("door", holder.code if holder else ""),
            ("q", words),
        )
        if value
    }
    return page(
        "list.html",
        shown,
        query=query,
        about=[word.text for matter in found for word in (matter.shown, *matter.wordings)],
        title=title,
        path=path,
        data=listing_data.addresses(shown, path, kept),
        statuses=statuses,
        holders=holders,
        kept=kept,
        count=count,
        matters=found,
        number=number,
        last=last,
    )


def _chosen(name: str, allowed: Mapping[str, Choice]) -> Choice | None:
    code = request.args.get(name, "")
    if code and code not in allowed:
        raise BadRequest(
            f"The parameter {name} is {code!r}. Allowed are: {', '.join(allowed) or 'none'}."
        )
    return allowed.get(code)


def _page_number() -> int:
    text = request.args.get("pagina", "1")
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) < 9):  # noqa: PLR2004
        raise BadRequest(f"The parameter pagina is {text!r}. Write a whole number from 1.")
    return int(text)
