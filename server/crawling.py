"""What crawlers and researchers of security look for: sitemap, robots.txt, security.txt."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from flask import Blueprint, Response, request
from pyoxigraph import Literal
from werkzeug.exceptions import NotFound
from werkzeug.urls import iri_to_uri

from raadgraaf.server.site import at_page, current_site

ADDRESSES = 50_000
"""How many addresses a sitemap may hold (sitemaps.org)."""
EXPIRES_DAYS = 90
"""How long what security.txt says may be relied on (RFC 9116, 2.5.5)."""
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

blueprint = Blueprint("crawling", __name__)


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the pages of all things, or the sitemaps that do where there are many."""
    site = current_site()
    start = Literal(f"{site.settings.base}id/")
    (row,) = site.select("things-count", start=start)
    pages = -(-int(row["count"].value) // ADDRESSES)
    if pages <= 1:
        return part_of_sitemap(1)
    addresses = [f"{request.url_root}sitemap-{page}.xml" for page in range(1, pages + 1)]
    return _xml("sitemapindex", "sitemap", addresses)


@blueprint.get("/sitemap-<int:page>.xml")
def part_of_sitemap(page: int) -> Response:
    """List the pages of some things."""
    site = current_site()
    start = f"{site.settings.base}id/"
    text = at_page(site.text("things", start=Literal(start)), max(page, 1), ADDRESSES)
    things = [row["this"].value.removeprefix(start) for row in site.solutions(text).rows]
    if not things and page != 1:
        raise NotFound(f"There is no sitemap {page}.")
    return _xml("urlset", "url", [f"{request.url_root}doc/{iri_to_uri(each)}" for each in things])


def _xml(root: str, element: str, addresses: list[str]) -> Response:
    tree = ElementTree.Element(root, xmlns=NAMESPACE)
    for address in addresses:
        ElementTree.SubElement(ElementTree.SubElement(tree, element), "loc").text = address
    content = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    response = Response(content, mimetype="application/xml")
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Let crawlers read everything but the answers to queries."""
    lines = [
        "User-agent: *",
        "Disallow: /sparql?",
        "Disallow: /en/sparql?",
        f"Sitemap: {request.url_root}sitemap.xml",
    ]
    return _text(lines)


@blueprint.get("/.well-known/security.txt")
def security() -> Response:
    """Say where to report a weakness (RFC 9116)."""
    settings = current_site().settings
    expires = datetime.now(UTC).replace(hour=0, minute=0, second=0) + timedelta(EXPIRES_DAYS)
    lines = [
        f"Contact: {settings.publisher_contact or settings.base}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: nl, en",
        f"Canonical: {request.base_url}",
    ]
    return _text(lines)


def _text(lines: list[str]) -> Response:
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
