"""The lists of the main classes: filters by the shapes, counts, order and pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest, NotFound

from raadgraaf.namespaces import iri
from raadgraaf.server import listing, listing_data
from raadgraaf.server.arguments import page_number, require_known
from raadgraaf.server.listing import Facet, Wanted
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter
from raadgraaf.server.site import Site, asked_site

WORDS_LENGTH = 200
COLUMNS = 3
"""So many of the properties by which a list can be filtered are its columns."""
ORDERS = {"nieuwste": "latest", "oudste": "oldest", "naam": "name"}
"""What an address says for the order of a list."""

blueprint = Blueprint("lists", __name__)


@dataclass(frozen=True, slots=True)
class List:
    """A list of the things of one class."""

    kind: NamedNode
    title: str
    """The key of its text."""


LISTS: Mapping[str, List] = {
    "toezeggingen": List(iri("rg:Commitment"), "commitments"),
    "raadsvragen": List(iri("rg:Question"), "council_questions"),
    "vergaderingen": List(iri("rg:Meeting"), "meetings"),
    "portefeuillehouders": List(iri("rg:OfficeHolder"), "office_holders"),
    "beleidsdocumenten": List(iri("rg:PolicyDocument"), "policies"),
    "speerpunten": List(iri("rg:FocusPoint"), "focus_points"),
    "partners": List(iri("rg:PartnerOrganisation"), "partners"),
    "partnerrollen": List(iri("rg:PartnerRole"), "partner_roles"),
    "documenten": List(iri("rg:Document"), "documents"),
}
"""By the name in their address."""

_PATH = f"<any({', '.join(LISTS)}):name>"


@blueprint.get(f"/{_PATH}")
@blueprint.get(f"/en/{_PATH}")
def things(name: str) -> Response:
    """List the things of one class."""
    if name in listing_data.TITLES and (data := listing_data.instead_of_page(name)):
        data.vary.add("Accept")
        return data
    site, shown, listed = asked_site(), presenter(), LISTS[name]
    known = [listing.name(each) for each in shown.vocabulary.facets_of(listed.kind.value)]
    require_known("q", *known, "jaar", "sorteer", "pagina")
    number, order, wanted = page_number(), _order(), _wanted(site, shown, listed.kind)
    facets, years = listing.facets(site, shown, wanted), listing.years(site, wanted)
    if wanted.year and wanted.year not in years:
        raise _not_allowed("jaar", map(str, years))
    count = listing.count(site, wanted)
    last = max(1, -(-count // listing.PAGE_SIZE))
    if number > last:
        raise NotFound(f"There are {last} pages; page {number} is not among them.")
    query = listing.query(site, wanted, ORDERS[order], number)
    found = [row["this"] for row in site.solutions(query).rows if "this" in row]
    columns = facets[:COLUMNS]
    lines = listing.lines(site, shown, found, [facet.property for facet in columns])
    kept = {key: value for key, value in request.args.items() if value.strip()}
    return page(
        "list.html",
        shown,
        query=query,
        about=[word.text for line in lines for word in (line.shown, *line.wordings)],
        title=listed.title,
        path=f"/{name}",
        facets=facets,
        years=years,
        columns=columns,
        orders=ORDERS,
        order=order,
        kept={key: kept[key] for key in kept.keys() - {"pagina", "release"}},
        data=_as_data(name, shown, kept),
        count=count,
        lines=lines,
        number=number,
        last=last,
    )


def _as_data(name: str, shown: Presenter, kept: Mapping[str, str]) -> Mapping[str, str]:
    """Return where a list stands as data: not those of a year, and in one order only."""
    if name not in listing_data.TITLES or "jaar" in kept:
        return {}
    left_out = {"pagina", "release", "sorteer"}
    filters = {key: value for key, value in kept.items() if key not in left_out}
    return listing_data.addresses(shown, f"/{name}", filters)


def _order() -> str:
    order = request.args.get("sorteer") or next(iter(ORDERS))
    if order not in ORDERS:
        raise _not_allowed("sorteer", ORDERS)
    return order


def _wanted(site: Site, shown: Presenter, kind: NamedNode) -> Wanted:
    """Return what the address asks for."""
    words = request.args.get("q", "").strip()
    if len(words) > WORDS_LENGTH:
        raise BadRequest(f"The parameter q is longer than {WORDS_LENGTH} characters.")
    properties = {listing.name(each): each for each in shown.vocabulary.facets_of(kind.value)}
    asked = {name: code for name in properties if (code := request.args.get(name, ""))}
    if len(asked) > listing.MOST_FILTERS:
        raise BadRequest(f"A list takes up to {listing.MOST_FILTERS} filters at a time.")
    known = (
        {each.name: each for each in listing.facets(site, shown, Wanted(kind, {}))} if asked else {}
    )
    filters = {
        properties[name]: _value(name, code, known.get(name)) for name, code in asked.items()
    }
    return Wanted(kind, filters, words, _year())


def _value(name: str, code: str, facet: Facet | None) -> NamedNode | None:
    choices = facet.choices if facet else {}
    if code not in choices:
        raise _not_allowed(name, choices)
    return choices[code].value


def _year() -> int | None:
    text = request.args.get("jaar", "")
    if text and not (text.isascii() and text.isdigit() and len(text) == 4):  # noqa: PLR2004
        raise BadRequest(f"The parameter jaar is {text[:40]!r}. Write a year in four digits.")
    return int(text) if text else None


def _not_allowed(name: str, allowed: Iterable[str]) -> BadRequest:
    values = ", ".join(allowed) or "none"
    return BadRequest(
        f"The parameter {name} is {request.args.get(name, '')[:80]!r}. Allowed are: {values}."
    )
