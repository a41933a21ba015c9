"""The search over all classes: what is found, by class, with the words that were looked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, NotFound

from raadgraaf import search
from raadgraaf.namespaces import PREFIXES
from raadgraaf.search import EXCERPT, Found, Hit, Piece
from raadgraaf.server.arguments import page_number, require_known
from raadgraaf.server.pages import page, presenter
from raadgraaf.server.presentation import Presenter, Shown
from raadgraaf.server.site import asked_site
from raadgraaf.server.vocabulary import best

TEXT_LENGTH = 200
FIRST = 5
"""How many of each class are shown together."""
PAGE_SIZE = 25

_ORDER = (
    "Commitment",
    "Question",
    "Meeting",
    "OfficeHolder",
    "RegionalVision",
    "PolicyLine",
    "FocusPoint",
    "PartnerOrganisation",
    "Memo",
    "CommitmentRegister",
    "PolicyDocument",
    "Document",
)
"""The classes that stand first; the others follow by how much is found, passages last."""

blueprint = Blueprint("search", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was found."""

    shown: Shown
    title: Sequence[Piece]
    excerpt: Sequence[Piece]
    excerpt_lang: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one class."""

    code: str
    """What stands for the class in an address."""
    title: Shown
    count: int
    lines: Sequence[Line]


@blueprint.get("/zoeken")
@blueprint.get("/en/zoeken")
def results() -> Response:
    """Show what is found by some words."""
    require_known("q", "soort", "pagina")
    site, shown = asked_site(), presenter()
    text = request.args.get("q", "").strip()
    if len(text) > TEXT_LENGTH:
        raise BadRequest(f"The parameter q is longer than {TEXT_LENGTH} characters.")
    number = page_number()
    code = request.args.get("soort", "")
    release = site.service.release(site.release)
    seconds = site.settings.page_deadline
    size = PAGE_SIZE if code else FIRST
    kind = _class(code) if code else None
    after = (number - 1) * size if code else 0
    found = search.find(release, text, seconds=seconds, kind=kind, after=after, until=after + size)
    if kind and kind not in found.counts and found.counts:
        allowed = ", ".join(sorted(map(_code, found.counts)))
        raise BadRequest(f"The parameter soort is {code!r}. Allowed are: {allowed}.")
    last = max(1, -(-found.counts.get(kind or "", 0) // size))
    if number > last:
        raise NotFound(f"There are {last} pages; page {number} is not among them.")
    groups = _groups(shown, found)
    return page(
        "search.html",
        shown,
        about=[text, *(line.shown.text for group in groups for line in group.lines)],
        text=text,
        groups=groups,
        code=code if kind in found.counts else "",
        count=sum(found.counts.values()),
        meant=found.meant,
        number=number,
        last=last,
    )


def _class(code: str) -> str:
    """Return the class for which a code of an address stands."""
    return code if ":" in code else PREFIXES["rg"] + code


def _code(kind: str) -> str:
    return kind.removeprefix(PREFIXES["rg"])


def _groups(shown: Presenter, found: Found) -> Sequence[Group]:
    groups = [
        Group(
            _code(kind),
            shown.words(shown.vocabulary.labels.get(kind, ()), kind),
            count,
            [_line(shown, hit, found.stems) for hit in found.hits.get(kind, ())],
        )
        for kind, count in found.counts.items()
    ]
    places: Mapping[str, int] = {code: place for place, code in enumerate(_ORDER)}

    def rank(group: Group) -> tuple[int, int, str]:
        place = len(_ORDER) + (group.code == "Passage")
        return places.get(group.code, place), -group.count, group.title.text

    return sorted(groups, key=rank)


def _line(shown: Presenter, hit: Hit, stems: frozenset[str]) -> Line:
    name = shown.resource(hit.iri, hit.names)
    texts = [text for text in hit.texts if text.value != name.text]
    here = [
        each for each in texts if any(piece.marked for piece in search.marked(each.value, stems))
    ]
    text = best(here or texts, shown.language)
    return Line(
        name,
        search.marked(name.text, stems),
        search.marked(text.value, stems, length=EXCERPT) if text else (),
        shown.foreign(text) if text else None,
    )
