"""Rendering: the language, the words and the headers that every page has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlencode

from flask import Response, make_response, render_template, request

from raadgraaf.releases import Release
from raadgraaf.server.presentation import Presenter, Shown, about_violence
from raadgraaf.server.site import asked_site, current_site
from raadgraaf.server.texts import texts
from raadgraaf.server.vocabulary import Vocabulary

_SAFE = "/:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class OtherRelease:
    """A release that is shown and is not the current one."""

    day: Shown | None
    """When it was published."""
    current: str
    """The address of the same page of the current release."""


def language() -> str:
    """Return the language of the requested page: English under `/en/`, else Dutch."""
    return "en" if request.path == "/en" or request.path.startswith("/en/") else "nl"


def presenter() -> Presenter:
    """Return how the requested page writes terms."""
    site = asked_site()
    return Presenter(
        language(), request.script_root, site.settings.base, site.vocabulary(), site.release
    )


def page(
    template: str,
    shown: Presenter,
    *,
    query: str | None = None,
    about: Iterable[str] = (),
    status: int = HTTPStatus.OK,
    **content: object,
) -> Response:
    """Return a page.

    `query` is the SPARQL that it can be had with; `about` holds its texts, from which follows
    whether it must say where help is.
    """
    site = asked_site()
    release = site.service.release(site.release)
    is_current = release.identity == site.service.release().identity
    response = _rendered(
        template,
        shown,
        status,
        content
        | {
            "page_query": query,
            "release": release.number,
            "other_release": None if is_current else _other_release(release, shown),
            "help_line": about_violence(about),
        },
    )
    if not is_current:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.vary.add("Accept")
    if status == HTTPStatus.OK:
        response.add_etag()
        response.make_conditional(request)
    return response


def error_page(status: int, **content: object) -> Response:
    """Return a page that asks the store nothing, so that it also works when the store does not."""
    base = current_site().settings.base
    shown = Presenter(language(), request.script_root, base, Vocabulary({}, {}, {}, {}))
    nothing = {
        "page_query": None,
        "release": None,
        "other_release": None,
        "help_line": False,
    }
    return _rendered("error.html", shown, status, nothing | {"status": status} | content)


def _rendered(
    template: str, shown: Presenter, status: int, content: Mapping[str, object]
) -> Response:
    words = texts(shown.language)
    body = render_template(template, t=words, p=shown, twin=_twin(shown), **content)
    response = make_response(body, status)
    response.content_language.add(shown.language)
    return response


def origin() -> str:
    """Return the scheme and the host that the request was sent to, as addresses begin."""
    return f"{request.scheme}://{quote(request.host, safe=':[].-')}"


def _other_release(release: Release, shown: Presenter) -> OtherRelease:
    """Return what a page says that does not show the current release."""
    given = [item for item in request.args.items(multi=True) if item[0] != "release"]
    return OtherRelease(
        shown.day(release.moment),
        shown.root + quote(request.path, safe=_SAFE) + (f"?{urlencode(given)}" if given else ""),
    )


def _twin(shown: Presenter) -> str:
    """Return the address of the same page in the other language."""
    path = request.path
    other = path.removeprefix("/en") or "/" if shown.language == "en" else f"/en{path}"
    query = request.query_string.decode("ascii", "ignore")
    address = shown.root + quote(other, safe=_SAFE)
    return f"{address}?{query}" if query else address
