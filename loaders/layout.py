"""Where a table stands on the pages of a PDF: its headers, columns and lines."""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from raadgraaf.loaders.pdf import Page, Rule, Word, lines, text_of

_HEADER_LINES = 4
_FEWEST_COLUMNS = 3
_EDGE = 2.0
"""Points by which what belongs together may differ."""
_BESIDE = 50.0
"""Points left of the first word at which a line can still be the side of the table."""
_PAGE_NUMBER = re.compile(r"(pagina|pag\.?|blz\.?|page)?[\s-]*\d+[\s-]*((van|/|of)\s*\d+)?", re.I)


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table: the names of its columns and how wide they are printed."""

    names: tuple[str, ...]
    boxes: tuple[tuple[float, float], ...]
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Part:
    """What of a table stands below one header on one page."""

    page: Page
    header: Header
    words: tuple[Word, ...]
    borders: tuple[float, ...]
    """Where each column but the first begins."""
    rules: tuple[float, ...]
    """The heights of the lines from side to side."""
    boxed: bool
    """Whether lines are drawn between the columns."""
    starts_page: bool


def plain(name: str) -> str:
    """Return the name of a column by which it is compared: letters and digits alone."""
    return re.sub(r"[\W_]+", "", name.casefold())


def parts(
    pages: Sequence[Page], names: Collection[str]
) -> tuple[list[Part], list[tuple[int, str]]]:
    """Return the parts of the table with these names of columns, and by page what is beside it."""
    known = {plain(name) for name in names}
    furniture = _furniture(pages)
    found: list[Part] = []
    outside: list[tuple[int, str]] = []
    for page in pages:
        headers = _headers(page, known)
        printed = [line for line in lines(page.words) if not _is_furniture(line, page, furniture)]
        words = [word for line in printed for word in line]
        of_page = list(_of_page(page, headers, words, found[-1] if found else None))
        inside = {word for part in of_page for word in part.words}
        title = headers[0].top if headers and not found else 0.0
        beside = [
            word
            for word in words
            if word not in inside
            and word.middle > title
            and not any(header.top <= word.middle <= header.bottom for header in headers)
        ]
        found += of_page
        if beside and found:
            outside.append((page.number, text_of(word for line in lines(beside) for word in line)))
    return found, outside


def _of_page(
    page: Page, headers: Sequence[Header], words: Sequence[Word], before: Part | None
) -> Iterator[Part]:
    """Yield the parts of the table on a page; the first may go on from the page `before`."""
    top = headers[0].top if headers else page.height
    above = [word for word in words if word.middle < top]
    goes_on = before is not None and above and _fits(above, before.borders)
    if before is not None and goes_on:
        yield _part(page, before.header, above, (0.0, top), starts_page=True)
    ends = [header.top for header in headers[1:]] + [page.height]
    for place, (header, end) in enumerate(zip(headers, ends, strict=False)):
        body = [word for word in words if header.bottom < word.middle < end]
        starts_page = place == 0 and not goes_on
        yield _part(page, header, body, (header.bottom, end), starts_page=starts_page)


def _part(
    page: Page,
    header: Header,
    words: Sequence[Word],
    heights: tuple[float, float],
    *,
    starts_page: bool,
) -> Part:
    top, end = heights
    left, right = header.boxes[0][0], max([header.boxes[-1][1], *(word.x1 for word in words)])
    rules = [rule for rule in _across(page.level, left, right) if top - _EDGE < rule < end]
    upright = [
        rule
        for rule in page.upright
        if rule.start < end
        and rule.end > top + _EDGE
        and left - rule.at < _BESIDE
        and rule.at < right
    ]
    feet = [rule.end for rule in upright if rule.end < page.height]
    # Below the foot of a table with lines on all sides there is other text
    foot = max([*feet, *rules]) if feet and rules else end
    inside = tuple(word for word in words if word.middle < foot + _EDGE)
    borders = _borders(header, upright, inside)
    return Part(page, header, inside, borders, tuple(rules), bool(upright), starts_page)


def _headers(page: Page, known: Collection[str]) -> list[Header]:
    """Return the headers on a page, from top to bottom."""
    printed = lines(page.words)
    candidates: list[tuple[tuple[int, int], int, int, Header]] = []
    for first, line in enumerate(printed):
        if not any(_begins_a_name(word, known) for word in line):
            continue
        for last in range(first + 1, min(first + _HEADER_LINES, len(printed)) + 1):
            scored = _header(printed[first:last], page.upright, known)
            if scored:
                candidates.append((scored[0], first, last, scored[1]))
    chosen: list[tuple[int, int, Header]] = []
    for _, first, last, header in sorted(candidates, key=lambda each: (each[0], -each[2]))[::-1]:
        if all(last <= begun or first >= ended for begun, ended, _ in chosen):
            chosen.append((first, last, header))
    return [header for _, _, header in sorted(chosen, key=lambda each: each[0])]


def _begins_a_name(word: Word, known: Collection[str]) -> bool:
    start = plain(word.text)
    return bool(start) and any(name.startswith(start) for name in known)


def _header(
    band: Sequence[Sequence[Word]], upright: Sequence[Rule], known: Collection[str]
) -> tuple[tuple[int, int], Header] | None:
    """Return lines of words as a header, with how many letters of it are of known names.

    By letters: "Vraag, opmerking, toezegging" is one column, though two of its words name others.
    """
    words = sorted((word for line in band for word in line), key=lambda each: each.x0)
    top, bottom = band[0][0].top, max(word.bottom for word in words)
    across = [rule.at for rule in upright if rule.start < bottom and rule.end > top]
    best: tuple[tuple[int, int], Header] | None = None
    for cells in _divisions(words, across):
        names = tuple(text_of(word for line in lines(cell) for word in line) for cell in cells)
        # What ends in a comma or slash goes on in the next word
        whole = {plain(name) for name in names if not name.endswith((",", "/"))} & set(known)
        met = len(whole)
        score = (sum(map(len, whole)), met - len(names))
        if met < _FEWEST_COLUMNS or met * 5 < len(names) * 3 or (best and score <= best[0]):
            continue
        boxes = tuple((cell[0].x0, max(word.x1 for word in cell)) for cell in cells)
        best = score, Header(names, boxes, top, bottom)
    return best


def _divisions(words: Sequence[Word], across: Sequence[float]) -> Iterator[list[list[Word]]]:
    """Yield the ways to divide the words of a header into cells: by lines, or by wide gaps."""
    by_line: dict[int, list[Word]] = {}
    for word in words:
        place = sum(1 for at in across if at < (word.x0 + word.x1) / 2)
        by_line.setdefault(place, []).append(word)
    yield [cell for _, cell in sorted(by_line.items())]
    gaps = []
    reached = words[0].x1
    for word in words[1:]:
        gaps.append(max(word.x0 - reached, 0.0))
        reached = max(reached, word.x1)
    for widest in sorted({round(gap, 1) for gap in gaps if gap > 0}):
        cells = [[words[0]]]
        for word, gap in zip(words[1:], gaps, strict=True):
            if round(gap, 1) >= widest:
                cells.append([])
            cells[-1].append(word)
        yield cells


def _borders(header: Header, upright: Sequence[Rule], words: Sequence[Word]) -> tuple[float, ...]:
    """Return where the columns but the first begin: at a line, else where no word stands."""
    found = []
    for (left, right), (next_left, next_right) in pairwise(header.boxes):
        ruled = [rule.at for rule in upright if right - _EDGE < rule.at < next_left + _EDGE]
        if ruled:
            found.append(ruled[0])
            continue
        at, crossed = _gutter(words, right, next_left)
        if crossed:  # the header is centred above wider columns
            at, _ = _gutter(words, (left + right) / 2, (next_left + next_right) / 2)
        found.append(at)
    return tuple(found)


def _gutter(words: Sequence[Word], left: float, right: float) -> tuple[float, int]:
    """Return the rightmost place in a range that the fewest words cross, and how many do."""
    places = {left + 0.1, right - 0.1}
    places |= {at for word in words for at in (word.x0 - 0.1, word.x1 + 0.1) if left < at < right}
    crossed = {place: sum(1 for word in words if word.x0 < place < word.x1) for place in places}
    at = min(places, key=lambda place: (crossed[place], -place))
    return at, crossed[at]


def _across(rules: Iterable[Rule], left: float, right: float) -> list[float]:
    """Return the heights at which lines, in one piece or several, run from side to side."""
    levels: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda each: each.at):
        if levels and rule.at - levels[-1][0].at < _EDGE:
            levels[-1].append(rule)
        else:
            levels.append([rule])
    return [level[0].at for level in levels if _covered(level, left, right) > (right - left) * 0.6]


def _covered(rules: Iterable[Rule], left: float, right: float) -> float:
    covered, reached = 0.0, left
    for rule in sorted(rules, key=lambda each: each.start):
        covered += max(0.0, min(rule.end, right) - max(rule.start, reached))
        reached = max(reached, rule.end)
    return covered


def _fits(words: Sequence[Word], borders: Sequence[float]) -> bool:
    """Tell whether words keep to columns: hardly any stands across a border."""
    across = sum(
        1 for word in words if any(word.x0 + _EDGE < border < word.x1 - _EDGE for border in borders)
    )
    filled = {bisect(borders, word.x0 + _EDGE) for word in words}
    return across * 20 <= len(words) and filled != {0}


def _furniture(pages: Sequence[Page]) -> set[tuple[str, int]]:
    """Return the lines that stand at the same place of half of the pages or more."""
    seen = Counter(mark for page in pages for mark in {_mark(line) for line in lines(page.words)})
    return {mark for mark, count in seen.items() if count > 1 and count * 2 >= len(pages)}


def _mark(line: Sequence[Word]) -> tuple[str, int]:
    return re.sub(r"\d+", "0", text_of(line)), round(line[0].middle / 4)


def _is_furniture(line: Sequence[Word], page: Page, furniture: Collection[tuple[str, int]]) -> bool:
    at_edge = not page.height * 0.12 < line[0].middle < page.height * 0.88
    text = text_of(line)
    return at_edge and (_mark(line) in furniture or bool(_PAGE_NUMBER.fullmatch(text)))
