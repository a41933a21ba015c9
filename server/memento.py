"""What was described at a moment (Memento, RFC 7089), out of the releases that are kept.

The address of a description is its own TimeGate and leads to that of a release (pattern 1.1).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.http import http_date

from raadgraaf.releases import Release
from raadgraaf.server.pages import origin
from raadgraaf.server.site import Site, asked_site, current_site

LINK_FORMAT = "application/link-format"

_SAFE = "/:@!$&'()*+,;=~-._"
_DESCRIPTIONS = re.compile(r"(en/)?(doc/.+|resource)")

blueprint = Blueprint("memento", __name__)


@blueprint.get("/timemap/<path:path>")
def timemap(path: str) -> Response:
    """List the releases in which something may be described (RFC 7089, 5)."""
    kept = _kept(current_site())
    if not (_DESCRIPTIONS.fullmatch(path) and kept):
        raise NotFound(f"There are no earlier descriptions at /{path}.")
    here = _link(_address(request.path), rel="self", type=LINK_FORMAT) | _span(kept)
    links = [_link(_address(f"/{path}"), rel="original timegate"), here]
    links += [_link_to(each, kept, f"/{path}") for each in kept]
    return Response(",\n".join(map(_written, links)) + "\n", content_type=LINK_FORMAT)


def redirect() -> Response | None:
    """Return what leads to the release of the moment that the client asks for, if it does."""
    asked = request.headers.get("Accept-Datetime")
    if asked is None or "release" in request.args:
        return None
    try:
        moment = datetime.strptime(asked, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        raise BadRequest(
            f"Accept-Datetime is {asked!r}. Send a moment such as Thu, 01 Oct 2026 12:00:00 GMT."
        ) from None
    kept = _kept(current_site())
    if not kept:
        return None
    before = [each for each in kept if each.moment and each.moment <= moment]
    chosen = before[-1] if before else kept[0]
    response = Response(status=HTTPStatus.FOUND)
    response.location = _address(request.path, chosen)
    return linked(response)


def linked(response: Response) -> Response:
    """Return a response that says where the same stood at other moments."""
    site = asked_site()
    kept = _kept(site)
    response.vary.add("Accept-Datetime")
    response.vary.add("Accept")
    if not kept:
        return response
    links = [
        _link(_address(request.path), rel="original timegate"),
        _link(_address(f"/timemap{request.path}"), rel="timemap", type=LINK_FORMAT) | _span(kept),
    ]
    chosen = [each for each in kept if each.number == site.release]
    links += [
        _link_to(each, kept, request.path) for each in kept if each in (kept[0], kept[-1], *chosen)
    ]
    given = response.headers.get("Link")
    response.headers["Link"] = ", ".join([*([given] if given else []), *map(_written, links)])
    if chosen and response.status_code != HTTPStatus.FOUND:
        response.headers["Memento-Datetime"] = _date(chosen[0])
    return response


Link = Mapping[str, str]
"""The attributes of a link, and its target under an empty name."""


def _kept(site: Site) -> Sequence[Release]:
    """Return the releases of which it is known when they were published, oldest first."""
    return [each for each in site.service.releases() if each.moment]


def _address(path: str, release: Release | None = None) -> str:
    """Return an address on this host, with the parameters of this request, in a release."""
    arguments = MultiDict(request.args)
    arguments.poplist("release")
    if release:
        arguments.add("release", str(release.number))
    host = f"{origin()}{quote(request.script_root)}"
    parameters = urlencode(list(arguments.items(multi=True)))
    return f"{host}{quote(path, safe=_SAFE)}{'?' if parameters else ''}{parameters}"


def _link(target: str, **attributes: str) -> dict[str, str]:
    return {"": target, **attributes}


def _span(kept: Sequence[Release]) -> dict[str, str]:
    return {"from": _date(kept[0]), "until": _date(kept[-1])}


def _link_to(release: Release, kept: Sequence[Release], path: str) -> dict[str, str]:
    places = {"first": kept[0], "last": kept[-1]}
    names = [name for name, each in places.items() if each == release]
    relation = " ".join([*names, "memento"])
    return _link(_address(path, release), rel=relation, datetime=_date(release))


def _date(release: Release) -> str:
    return http_date(release.moment)


def _written(link: Link) -> str:
    attributes = [f'; {name}="{value}"' for name, value in link.items() if name]
    return f"<{link['']}>{''.join(attributes)}"
