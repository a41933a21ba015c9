"""The REST API at `/api/v1`: lists, their things and the stored questions as JSON.

It keeps the API Design Rules of the Dutch government (NLGov REST API Design Rules 2.x).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO
from urllib.parse import quote, urlencode

import yaml
from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode
from werkzeug.exceptions import BadRequest, NotFound

from raadgraaf import answers, catalogue
from raadgraaf.answers import Row
from raadgraaf.namespaces import RDF_TYPE
from raadgraaf.server import api_description, browse, evidence, listings, records
from raadgraaf.server.api_description import API_VERSION, PAGE_SIZE, PAGE_SIZES, ROOT
from raadgraaf.server.listing_data import spooled
from raadgraaf.server.listings import Collection, Criteria
from raadgraaf.server.pages import origin, presenter
from raadgraaf.server.site import Site, asked_site, charged, named

OTHERS = {"page", "pageSize", "release"}
"""Parameters that are neither filters nor parameters of a question."""

blueprint = Blueprint("api", __name__, url_prefix=ROOT)


def is_asked() -> bool:
    """Return whether this request is one of the API, also where no route matched."""
    return request.path == ROOT or request.path.startswith(f"{ROOT}/")


def headers() -> Mapping[str, str]:
    """Return the headers of every response of the API; data is asked anew, by its entity tag."""
    return {"API-Version": API_VERSION, "Cache-Control": "no-cache", "X-Frame-Options": "DENY"}


@blueprint.get("")
def root() -> Response:
    """List what the API has."""
    names = [*listings.COLLECTIONS, "zoekvragen"]
    links = {name: _address(name) for name in names}
    return _json({"version": API_VERSION, "openapi": _address("openapi.json"), "links": links})


@blueprint.get("/openapi.json")
def openapi_json() -> Response:
    """Describe the API as OpenAPI 3."""
    return _json(_description())


@blueprint.get("/openapi.yaml")
def openapi_yaml() -> Response:
    """Describe the API as OpenAPI 3, in YAML."""
    # Read back from JSON, no part is written as an alias of another.
    text = yaml.safe_dump(
        json.loads(json.dumps(_description())), allow_unicode=True, sort_keys=False
    )
    return spooled("application/yaml", lambda output: _write(output, text))


@blueprint.get("/zoekvragen")
def questions() -> Response:
    """List the stored questions."""
    known = sorted(catalogue.questions())
    page, size = _page(OTHERS)
    items = [
        {
            "name": each.name,
            "number": each.number,
            "summary": each.summary,
            "description": each.description,
            "parameters": [
                {
                    "name": parameter.name,
                    "type": parameter.type,
                    "label": parameter.label,
                    "default": parameter.default.value if parameter.default else None,
                }
                for parameter in each.parameters
            ],
        }
        for each in (catalogue.question(name, asked_site().settings.base) for name in known)
    ]
    return _listed(items[(page - 1) * size : page * size], len(items), page, size)


@blueprint.get("/zoekvragen/<name>")
def question(name: str) -> Response:
    """Answer a stored question, each row with the passages on which it rests."""
    site = listings.pinned(charged(asked_site()))
    asked = catalogue.question(name, site.settings.base)
    given = {key: value for key, value in request.args.items() if key not in OTHERS}
    page, size = _page({*OTHERS, *given})
    answer = answers.ask(site.solutions, asked, asked.terms(given))
    rows = answer.solutions.rows[(page - 1) * size : page * size]
    shown = presenter()
    cited = evidence.evidence(site, shown, {iri for row in rows for iri in _iris(row)})
    items = [
        {
            "values": {key: _value(row.get(key)) for key in answer.solutions.variables},
            "evidence": [
                records.quoted(each)
                for each in {
                    found.passage: found for iri in _iris(row) for found in cited.get(iri, ())
                }.values()
            ],
        }
        for row in rows
    ]
    return _listed(items, len(answer.solutions.rows), page, size, verdict=answer.verdict)


@blueprint.get("/<name>")
def things(name: str) -> Response:
    """List the things of a collection that pass the filters."""
    site, shown = listings.pinned(charged(asked_site())), presenter()
    collection = _collection(name)
    known = listings.columns(site, collection)
    criteria = listings.asked(site, shown, collection, known, OTHERS)
    page, size = _page({*request.args})
    count = listings.count(site, collection, criteria)
    found = listings.things(site, collection, criteria, page, size)
    items = [
        {"id": _id(site, item.iri), **records.as_json(shown, known, item)}
        for item in listings.items(site, shown, known, found)
    ]
    return _listed(items, count, page, size)


@blueprint.get("/<name>/<path:identifier>", merge_slashes=False)
def thing(name: str, identifier: str) -> Response:
    """Return one thing of a collection."""
    site, shown = listings.pinned(charged(asked_site())), presenter()
    collection = _collection(name)
    _page({"release"})
    is_iri = identifier.startswith(("http://", "https://"))
    iri = named(identifier if is_iri else f"{site.settings.base}id/{identifier}")
    browse.require_not_erased(iri)
    if iri is None or not _is_of(site, iri, collection):
        raise NotFound(f"There is no {identifier!r} among the {name}.")
    known = listings.columns(site, collection)
    (item,) = listings.items(site, shown, known, [iri])
    return _json({"id": _id(site, item.iri), **records.as_json(shown, known, item)})


def _collection(name: str) -> Collection:
    """Return a collection; its filters have one name here, that of the column."""
    return replace(listings.collection(name), aliases={})


def _is_of(site: Site, iri: NamedNode, collection: Collection) -> bool:
    rows = site.select("values", this=iri, property=RDF_TYPE)
    return any(row.get("value") == collection.kind for row in rows)


def _description() -> Mapping[str, object]:
    site = listings.pinned(charged(asked_site()))
    known, examples = {}, {}
    for name, collection in listings.COLLECTIONS.items():
        known[name] = listings.columns(site, collection)
        first = listings.things(site, collection, Criteria(), size=1)
        examples[name] = _id(site, first[0].value) if first else None
    return api_description.document(
        site.settings, f"{origin()}{request.script_root}{ROOT}", known, examples
    )


def _id(site: Site, iri: str) -> str:
    """Return what stands for a thing in an address: the end of its IRI, or all of another's."""
    return iri.removeprefix(f"{site.settings.base}id/")


def _iris(row: Row) -> Sequence[str]:
    return [term.value for term in row.values() if isinstance(term, NamedNode)]


def _value(term: NamedNode | Literal | None) -> object:
    if term is None:
        return None
    return {"iri": term.value} if isinstance(term, NamedNode) else records.plain(term)


def _page(allowed: Iterable[str]) -> tuple[int, int]:
    """Return the page and its size, and refuse parameters that mean nothing here."""
    for name in request.args:
        if name not in allowed:
            raise BadRequest(
                f"The parameter {name!r} is unknown. Allowed are: {', '.join(sorted(allowed))}."
            )
    return _number("page", 1, 1_000_000), _number("pageSize", PAGE_SIZE, PAGE_SIZES)


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 0 < int(text) <= most):  # noqa: PLR2004
        raise BadRequest(
            f"The parameter {name} is {text[:40]!r}. Allowed are whole numbers from 1 to {most}."
        )
    return int(text)


def _listed(items: Sequence[object], count: int, page: int, size: int, **more: object) -> Response:
    """Return one page of a list, with the addresses of the others (RFC 8288)."""
    last = max(1, -(-count // size))
    if page > last:
        raise NotFound(f"There are {last} pages; page {page} is not among them.")
    pages = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
    links = [
        f'<{_paged(number)}>; rel="{name}"' for name, number in pages.items() if 1 <= number <= last
    ]
    content = {"items": items, "count": count, "page": page, "pageSize": size, **more}
    response = _json(content)
    response.headers["Link"] = ", ".join(links)
    return response


def _paged(number: int) -> str:
    given = [item for item in request.args.items(multi=True) if item[0] != "page"]
    path = quote(request.path, safe="/")
    return f"{origin()}{request.script_root}{path}?{urlencode([*given, ('page', number)])}"


def _address(name: str) -> str:
    return f"{origin()}{request.script_root}{ROOT}/{name}"


def _json(content: object) -> Response:
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    return spooled("application/json", lambda output: _write(output, text))


def _write(output: BinaryIO, text: str) -> None:
    output.write(text.encode())
