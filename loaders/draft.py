"""Drafts of transcriptions: the lines of a document and passages over them, for a person to finish.

A draft says of its document that it is under development; the loader of transcriptions refuses it
until that is taken off.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.loaders.pdf import Page, Word, lines, text_of
from raadgraaf.loaders.privacy import mask
from raadgraaf.loaders.transcription import UNDER_DEVELOPMENT
from raadgraaf.namespaces import PREFIXES, RDF_TYPE, RDFS_LABEL, iri

_LONGEST_PASSAGE = 90
_LONGEST_HEADING = 12
_LARGER = 1.15
"""How much larger than the text a heading is printed."""
_APART = 1.4
"""How many steps from line to line separate paragraphs."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document; nothing stands on a blank one."""

    text: str
    page: int | None = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Lines without a blank one between them, below one heading; counted from 1, inclusive."""

    first: int
    last: int
    page: int | None
    heading: str
    quote: str


@dataclass(frozen=True, slots=True)
class _Document:
    title: str
    municipality: str
    key: str
    digest: str
    """That of its masked text."""

    @property
    def iri(self) -> NamedNode:
        return _iri("document", self.municipality, self.key)

    def passage(self, block: Block) -> NamedNode:
        return _iri("passage", self.digest[:12], f"{block.first}-{block.last}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft: the masked text, the Turtle about it, and what was masked."""

    text: bytes
    turtle: bytes
    passages: int
    masked: Counter[str]


def of_text(text: str) -> list[Line]:
    """Return the lines of a text; a form feed begins a page."""
    pages = text.count("\f") > 0
    found: list[Line] = []
    page = 1
    for line in text.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        page += line.count("\f")
        found.append(Line(line.replace("\f", ""), page if pages else None))
    return found


def of_pages(pages: Iterable[Page]) -> list[Line]:
    """Return the lines of a PDF, a blank one between paragraphs and pages."""
    read = [(page, lines(page.words)) for page in pages]
    sizes = [word.height for _, of_page in read for line in of_page for word in line]
    usual = median(sizes) if sizes else 0.0
    step = _step([of_page for _, of_page in read])
    found: list[Line] = []
    for page, of_page in read:
        above: Sequence[Word] | None = None
        for line in of_page:
            apart = above is not None and line[0].middle - above[0].middle > step * _APART
            if found and (apart or above is None):
                found.append(Line("", page.number))
            found.append(Line(text_of(line), page.number, _is_heading(line, usual)))
            above = line
    return found


def draft(of: Sequence[Line], title: str, municipality: str, key: str) -> Draft:
    """Return the draft of the transcription of a document."""
    text, counts = mask("\n".join(line.text for line in of))
    masked = [
        Line(kept, line.page, line.heading) for kept, line in zip(text.split("\n"), of, strict=True)
    ]
    redacted = {
        number
        for number, (kept, line) in enumerate(zip(masked, of, strict=True), 1)
        if kept.text != line.text
    }
    content = f"{text}\n".encode()
    document = _Document(title, municipality, key, hashlib.sha256(content).hexdigest())
    found = list(blocks(masked))
    triples = [*_said_of(document, found)]
    for block in found:
        triples += _passage(block, document, redacted)
    return Draft(content, _turtle(triples, document), len(found), counts)


def blocks(of: Sequence[Line]) -> Iterator[Block]:
    """Yield the blocks of a document; together they hold every line that is not blank."""
    starts = [
        number
        for number, line in enumerate(of, 1)
        if line.text.strip() and (number == 1 or _begins_block(of[number - 2], line))
    ]
    heading = ""
    for start, following in pairwise([*starts, len(of) + 1]):
        last = max(n for n in range(start, following) if of[n - 1].text.strip())
        heading = of[start - 1].text.strip() if of[start - 1].heading else heading
        for first in range(start, last + 1, _LONGEST_PASSAGE):
            end = min(first + _LONGEST_PASSAGE - 1, last)
            quote = " ".join(line.text.strip() for line in of[first - 1 : end])
            yield Block(first, end, of[first - 1].page, heading, quote)


def _begins_block(above: Line, line: Line) -> bool:
    return not above.text.strip() or above.page != line.page or line.heading > above.heading


def _step(of: Iterable[Sequence[Sequence[Word]]]) -> float:
    """Return the distance between lines of one paragraph: a quarter of all steps is no larger."""
    steps = sorted(
        below[0].middle - above[0].middle for of_page in of for above, below in pairwise(of_page)
    )
    return steps[len(steps) // 4] if steps else 0.0


def _is_heading(line: Sequence[Word], usual: float) -> bool:
    large = all(word.height > usual * _LARGER for word in line)
    bold = all(word.bold for word in line)
    return (large or bold) and len(line) <= _LONGEST_HEADING and line[-1].text[-1] not in ".,;"


def _said_of(document: _Document, found: Sequence[Block]) -> Iterator[Triple]:
    yield Triple(document.iri, RDF_TYPE, iri("rg:Document"))
    yield Triple(document.iri, iri("adms:status"), UNDER_DEVELOPMENT)
    yield Triple(document.iri, RDFS_LABEL, Literal(document.title, language="nl"))
    yield Triple(document.iri, iri("rg:basis"), iri("rgt:basis-stated"))
    yield Triple(document.iri, iri("rg:sha256"), Literal(document.digest))
    for block in found[:1]:
        yield Triple(document.iri, iri("rg:statedIn"), document.passage(block))


def _passage(block: Block, document: _Document, redacted: Collection[int]) -> Iterator[Triple]:
    passage = document.passage(block)
    several = "regels" if block.last > block.first else "regel"
    where = f"{block.first}-{block.last}" if block.last > block.first else str(block.first)
    label = f"{block.heading or document.title}, {several} {where}"
    yield Triple(passage, RDF_TYPE, iri("rg:Passage"))
    yield Triple(passage, RDFS_LABEL, Literal(label, language="nl"))
    yield Triple(passage, iri("rg:lineStart"), Literal(block.first))
    yield Triple(passage, iri("rg:lineEnd"), Literal(block.last))
    if block.page is not None:
        yield Triple(passage, iri("rg:pageNumber"), Literal(block.page))
    yield Triple(passage, iri("rg:passageOf"), document.iri)
    yield Triple(passage, iri("rg:quote"), Literal(block.quote, language="nl"))
    if any(number in redacted for number in range(block.first, block.last + 1)):
        yield Triple(passage, iri("rg:redacted"), Literal(True))  # an RDF term


def _iri(kind: str, holder: str, key: str) -> NamedNode:
    return NamedNode(f"{PLACEHOLDER_BASE}id/{kind}/{holder}/{key}")


def _turtle(triples: Iterable[Triple], document: _Document) -> bytes:
    prefixes = {name: PREFIXES[name] for name in ("adms", "rdfs", "rg", "rgt")} | {
        "document": _iri("document", document.municipality, "").value,
        "passage": _iri("passage", document.digest[:12], "").value,
    }
    return serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes) or b""
