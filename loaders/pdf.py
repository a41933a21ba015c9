"""The pages of a PDF: words, rules and links with their places. It knows layout and no RDF."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from io import BufferedReader
from itertools import pairwise
from statistics import median
from typing import Any, BinaryIO, cast

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils.exceptions import PdfminerException

from raadgraaf.errors import InputError
from raadgraaf.loaders import isolated

MAGIC = b"%PDF-"
_PAGES = 5000
_FILES = 16
"""Files that the library may open: tables of characters."""
_MARKS = 100_000
"""Words, rules or links that a page may have."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box, in points from the top left of the page."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    bold: bool = False

    @property
    def middle(self) -> float:
        """The height at which it stands."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """The size of its letters."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, level or upright: `at` a height or distance, `start` to `end`."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Link:
    """An address behind a place of the page."""

    address: str
    x0: float
    top: float


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on one page."""

    number: int
    height: float
    words: tuple[Word, ...]
    level: tuple[Rule, ...] = ()
    upright: tuple[Rule, ...] = ()
    links: tuple[Link, ...] = ()
    problem: str | None = None
    """The code of why it cannot be read, if so: `no-text-layer` or `rotated-text`."""


def read(stream: BinaryIO, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the pages of a PDF as JSON can carry them; to be run by `isolated`."""
    try:
        with pdfplumber.open(cast("BufferedReader", stream)) as document:
            if len(document.pages) > _PAGES:
                raise InputError(f"{name} has more than {_PAGES} pages. Split it.")
            for page in document.pages:
                yield _read_page(page, name)
                page.close()
    except PdfminerException as error:
        if isinstance(error.args[0], MemoryError):
            raise error.args[0] from None
        raise _refusal(error, name) from None
    except (PDFException, ValueError, TypeError, KeyError, IndexError) as error:
        raise _refusal(error, name) from None


def pages(stream: BinaryIO, name: str) -> list[Page]:
    """Return the pages of a PDF, or refuse it with what is wrong."""
    limits = isolated.Limits(files=_FILES)
    records = isolated.lines("raadgraaf.loaders.pdf:read", stream, name, [name], limits)
    return [decoded(record) for record in records]


def decoded(record: Mapping[str, Any]) -> Page:
    """Return a page from what `read` made of it."""
    return Page(
        record["number"],
        record["height"],
        tuple(Word(*each) for each in record["words"]),
        tuple(Rule(*each) for each in record["level"]),
        tuple(Rule(*each) for each in record["upright"]),
        tuple(Link(*each) for each in record["links"]),
        record["problem"],
    )


def lines(words: Iterable[Word]) -> list[tuple[Word, ...]]:
    """Return words as the lines that they stand on, from top to bottom, each from the left."""
    found: list[list[Word]] = []
    for word in sorted(words, key=lambda each: (each.middle, each.x0)):
        last = found[-1][0] if found else None
        if last and word.middle - last.middle < min(word.height, last.height) / 2:
            found[-1].append(word)
        else:
            found.append([word])
    return [tuple(sorted(line, key=lambda each: each.x0)) for line in found]


def text_of(line: Iterable[Word]) -> str:
    """Return the words of a line, one blank between them."""
    return " ".join(word.text for word in line)


def leading(of: Sequence[Sequence[Word]]) -> float:
    """Return the usual distance from one line to the next."""
    steps = [below[0].middle - above[0].middle for above, below in pairwise(of)]
    return median(steps) if steps else 0.0


def joined(texts: Iterable[str], addresses: Iterable[str] = ()) -> str:
    """Return lines as one text: words broken over lines are whole again, and links, too."""
    known = tuple(addresses)
    return reduce(lambda text, line: _joined(text, line, known), filter(None, texts), "").strip()


def _joined(text: str, line: str, addresses: tuple[str, ...]) -> str:
    last, first = text.rpartition(" ")[2], line.partition(" ")[0]
    if "://" in last and "://" not in first:
        broken = last[last.index("http") :] if "http" in last else last
        known = any(each.startswith(broken + first) for each in addresses)
        return text + ("" if known or last[-1] in "/-=&?_%.#" else " ") + line
    if not last.endswith("-") or last in {"-", ""}:
        return f"{text} {line}"
    if first in {"en", "of", "tot"}:
        return f"{text} {line}"
    return text.removesuffix("-") + line if first[:1].islower() else text + line


def _read_page(page: Any, name: str) -> Mapping[str, Any]:  # pdfplumber ships no types
    words = page.extract_words(
        x_tolerance_ratio=0.2, keep_blank_chars=False, extra_attrs=["fontname"]
    )
    edges = [edge for edge in page.edges if edge["orientation"] in {"h", "v"}]
    if max(len(words), len(edges), len(page.annots)) > _MARKS:
        raise InputError(
            f"{name}, page {page.page_number} has more than {_MARKS} words or lines. "
            "It is a drawing or made to do harm; leave the page out."
        )
    upright = [word for word in words if word["upright"]]
    problem = None
    if not words and (page.images or page.curves or page.rects):
        problem = "no-text-layer"
    elif len(upright) * 2 < len(words):
        problem = "rotated-text"
    return {
        "number": page.page_number,
        "height": round(float(page.height), 2),
        "words": [_word(word) for word in upright],
        "level": [_rule(edge, "top", "x0", "x1") for edge in edges if edge["orientation"] == "h"],
        "upright": [
            _rule(edge, "x0", "top", "bottom") for edge in edges if edge["orientation"] == "v"
        ],
        "links": [
            [each["uri"], float(each["x0"]), float(each["top"])]
            for each in page.annots
            if each.get("uri")
        ],
        "problem": problem,
    }


def _word(word: Mapping[str, Any]) -> list[object]:
    box = (round(float(word[side]), 2) for side in ("x0", "x1", "top", "bottom"))
    return [word["text"], *box, "bold" in word["fontname"].lower()]


def _rule(edge: Mapping[str, Any], at: str, start: str, end: str) -> list[float]:
    return [round(float(edge[each]), 2) for each in (at, start, end)]


def _refusal(error: Exception, name: str) -> InputError:
    cause = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    if isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError):
        return InputError(
            f"{name} is encrypted and asks for a password. Save it without one and load that."
        )
    said = f"{type(cause).__name__} {cause}".strip()
    return InputError(
        f"{name} cannot be read as PDF ({said}). It is damaged; get it anew "
        "or print it to a new PDF."
    )
