"""Tables on the pages of a PDF: columns anchored at the words of a known header, and their rows.

A row ends where the table draws a line, else where the next one begins. It may go on on the next
page; one that is cut off for good is a finding, as is a page that holds no part of the table.
"""

import re
from bisect import bisect
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from raadgraaf.loaders.layout import Part, parts
from raadgraaf.loaders.pdf import Page, Word, joined, leading, lines, text_of

_END_OF_SENTENCE = re.compile(r"[.?!:;\u2026)\]}\"'\u201d\u2019\u00bb]$|://\S+$")
_LARGE_STEP = 1.25
"""How much more than the usual step between lines separates rows."""
_CLOSE = 1.9
"""How many times its height a line of the same cell is below the one above at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, its cells in the order of the header."""

    number: int
    page: int
    cells: tuple[str, ...]
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What could not be read as a row: the page, the row if known, and why."""

    page: int
    row: int | None
    code: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below one header, over all pages."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A row, or what of it stands on one page."""

    page: Page
    cells: tuple[tuple[Word, ...], ...]
    closed: bool
    boxed: bool
    """Whether lines are drawn on its sides."""
    begins: bool
    """Whether a row can begin so, other than one that goes on."""

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for cell in self.cells for word in cell)

    @property
    def links(self) -> Iterator[str]:
        top = min(word.top for word in self.words) - 2
        bottom = max(word.bottom for word in self.words)
        return (link.address for link in self.page.links if top <= link.top <= bottom)


def table(pages: Sequence[Page], names: Collection[str]) -> Table | None:
    """Return the table whose header has some of these names, or nothing if there is none."""
    found, outside = parts(pages, names)
    if not found:
        return None
    ruled = any(_inner_rules(part) for part in found)
    pieces = [(part, _ruled(part) if ruled else _unruled(part)) for part in found]
    rows, orphans = _assembled(pieces, ruled=ruled)
    whole: list[Row] = []
    findings = [_unreadable(page) for page in pages if page.problem]
    findings += [_outside(page, text) for page, text in outside]
    findings += [_orphan(piece) for piece in orphans]
    for number, row in enumerate(rows, 1):
        read = _row(number, row)
        if _is_cut_off(row[-1]):
            findings.append(_cut_off(row[-1].page.number, read))
        else:
            whole.append(read)
    findings.sort(key=lambda each: (each.page, each.row or 0))
    return Table(found[0].header.names, tuple(whole), tuple(findings))


def _inner_rules(part: Part) -> bool:
    """Tell whether a part draws lines between rows."""
    heights = [word.middle for word in part.words]
    return any(min(heights) < rule < max(heights) for rule in part.rules) if heights else False


def _ruled(part: Part) -> list[_Piece]:
    """Return the rows of a part as the lines from side to side divide them."""
    between: dict[int, list[Word]] = {}
    for word in part.words:
        between.setdefault(bisect(part.rules, word.middle), []).append(word)
    return [
        _piece(part, words, closed=place < len(part.rules))
        for place, words in sorted(between.items())
    ]


def _unruled(part: Part) -> list[_Piece]:
    """Return the rows of a part without lines: each begins in the first column."""
    body = lines(part.words)
    starts = _starts(body, [_columns(part, line) for line in body])
    bounds = sorted({0, *starts, len(body)})
    return [
        _piece(
            part,
            [word for line in body[first:last] for word in line],
            closed=last < len(body),
            begins=first in starts,
        )
        for first, last in pairwise(bounds)
    ]


def _starts(body: Sequence[Sequence[Word]], filled: Sequence[set[int]]) -> set[int]:
    """Return the lines at which rows begin."""
    usual = leading(body)
    apart = {
        place
        for place in range(1, len(body))
        if body[place][0].middle - body[place - 1][0].middle > usual * _LARGE_STEP
    }
    begun = {
        place
        for place, columns in enumerate(filled)
        if 0 in columns and (place == 0 or place in apart or not _continues(body, filled, place))
    }
    spaced = {
        place
        for place in begun
        if place == 0 or place in apart or not _is_close(body[place - 1], body[place])
    }
    # Where space tells rows apart, a line close to the one above goes on with it
    return spaced if len(spaced) > 1 and len(spaced) * 2 >= len(begun) else begun


def _continues(body: Sequence[Sequence[Word]], filled: Sequence[set[int]], place: int) -> bool:
    """Tell whether a line is another one of a few cells that began above, close below them."""
    few = len(filled[place]) * 2 <= max(map(len, filled)) + 1
    begun = filled[place] <= filled[place - 1]
    return few and begun and _is_close(body[place - 1], body[place])


def _is_close(above: Sequence[Word], line: Sequence[Word]) -> bool:
    return line[0].middle - above[0].middle < line[0].height * _CLOSE


def _piece(
    part: Part, words: Iterable[Word], *, closed: bool, begins: bool | None = None
) -> _Piece:
    cells: list[list[Word]] = [[] for _ in part.header.names]
    for word in words:
        cells[_column(part, word)].append(word)
    filled = sum(1 for cell in cells if cell)
    if begins is None:
        begins = bool(cells[0]) or filled * 2 > len(cells)
    return _Piece(part.page, tuple(tuple(cell) for cell in cells), closed, part.boxed, begins)


def _column(part: Part, word: Word) -> int:
    return bisect(part.borders, (word.x0 + word.x1) / 2)


def _columns(part: Part, line: Iterable[Word]) -> set[int]:
    return {_column(part, word) for word in line}


def _assembled(
    pieces: Iterable[tuple[Part, Sequence[_Piece]]], *, ruled: bool
) -> tuple[list[list[_Piece]], list[_Piece]]:
    """Return rows as their pieces, and pieces that go on from nowhere."""
    rows: list[list[_Piece]] = []
    orphans: list[_Piece] = []
    for part, of_part in pieces:
        for place, piece in enumerate(of_part):
            before = rows[-1][-1] if rows and place == 0 and part.starts_page else None
            if before and before.page.number < part.page.number and _goes_on(before, piece):
                rows[-1].append(piece)
            elif piece.begins or ruled:
                rows.append([piece])
            else:
                orphans.append(piece)
    return rows, orphans


def _row(number: int, pieces: Sequence[_Piece]) -> Row:
    links = tuple(dict.fromkeys(link for piece in pieces for link in piece.links))
    cells = (
        joined((text_of(line) for piece in pieces for line in lines(piece.cells[column])), links)
        for column in range(len(pieces[0].cells))
    )
    return Row(number, pieces[0].page.number, tuple(cells), links)


def _goes_on(before: _Piece, piece: _Piece) -> bool:
    """Tell whether the first piece of a page belongs to the last row of the page before."""
    if not piece.begins:
        return True
    filled = sum(1 for cell in piece.cells if cell)
    return filled * 2 <= len(piece.cells) and _ends_amid_a_sentence(before)


def _is_cut_off(piece: _Piece) -> bool:
    """Tell whether a row breaks off at the end of its page, and not between two sentences.

    With lines on its sides: none is drawn below it. Without: it reaches the foot of the page.
    """
    if piece.closed or not _ends_amid_a_sentence(piece):
        return False
    longest = max(len(lines(cell)) for cell in piece.cells)
    return piece.boxed or (_foot(piece.words) > piece.page.height * 0.85 and longest > 1)


def _ends_amid_a_sentence(piece: _Piece) -> bool:
    bottom = _foot(piece.words) - 2
    last = [lines(cell)[-1] for cell in piece.cells if cell and _foot(cell) > bottom]
    return not any(_END_OF_SENTENCE.search(text_of(line)) for line in last)


def _foot(words: Iterable[Word]) -> float:
    return max(word.bottom for word in words)


def _cut_off(page: int, row: Row) -> Finding:
    return Finding(
        page,
        row.number,
        "open-row",
        " | ".join(cell for cell in row.cells if cell),
        f"Row {row.number} breaks off at the end of page {page} and goes on nowhere. "
        "Load the whole document, or add the row by hand.",
    )


def _orphan(piece: _Piece) -> Finding:
    return Finding(
        piece.page.number,
        None,
        "row-without-beginning",
        text_of(word for line in lines(piece.words) for word in line),
        f"Page {piece.page.number} begins with the end of a row whose beginning is missing. "
        "Load the whole document, or add the row by hand.",
    )


def _outside(page: int, text: str) -> Finding:
    return Finding(
        page,
        None,
        "outside-table",
        text,
        f"Page {page} has text that is no part of the table. "
        "If it matters, draft a transcription of it with raadgraaf transcribe.",
    )


def _unreadable(page: Page) -> Finding:
    reasons = {
        "no-text-layer": f"Page {page.number} is a picture without text. "
        "Recognize its text (OCR) and load the result.",
        "rotated-text": f"The text of page {page.number} runs sideways. "
        "Turn the page and save the document, then load that.",
    }
    code = page.problem or ""
    return Finding(page.number, None, code, "", reasons[code])
