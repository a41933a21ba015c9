"""Hand-kept transcriptions: Turtle whose passages are checked against the text they quote.

A transcription describes one document by `rg:sha256`, the digest of the file `source.txt` that
stands beside it, and names its passages by the lines of that file.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.errors import InputError
from raadgraaf.loaders import rdf
from raadgraaf.loaders.base import Context, Limits, Source
from raadgraaf.namespaces import PREFIXES, iri
from raadgraaf.provenance import GraphContent

TEXT_FILE = "source.txt"
DIGEST = iri("rg:sha256")
UNDER_DEVELOPMENT = NamedNode("http://purl.org/adms/status/UnderDevelopment")
"""What a draft says of its document (ADMS, 5.1.1)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A quoted passage and the lines it is said to stand on (1-based, inclusive)."""

    iri: str
    quote: str
    ranges: tuple[tuple[int, int], ...]

    def text(self, lines: Sequence[str]) -> str:
        """Return what the text has on those lines."""
        return " ".join(line for first, last in self.ranges for line in lines[first - 1 : last])


class Transcription:
    """The loader of transcriptions."""

    name = "transcription"

    def recognizes(self, source: Source) -> bool:
        """Tell a transcription by a document that has the digest of its text."""
        if not source.name.endswith(".ttl"):
            return False
        content = source.read(Limits().source_bytes)
        return b"sha256" in content and any(
            triple.predicate == DIGEST for triple in _triples(source, Context(PLACEHOLDER_BASE))
        )

    def load(self, source: Source, context: Context) -> Sequence[GraphContent]:
        """Return the graph of a transcription whose every quote stands in its text."""
        triples = _triples(source, context)
        if any(triple.object == UNDER_DEVELOPMENT for triple in triples):
            raise InputError(
                f"{source.name} is a draft. Mask the names of persons in {TEXT_FILE}, finish the "
                "statements, take the line with adms:status off the document, and load it again."
            )
        key = _document_key(triples, source, context.base)
        lines = _lines(_text(triples, source), source)
        complaints = list(_complaints(triples, lines))
        if complaints:
            raise InputError(
                f"{source.name}: {len(complaints)} passages do not agree with {TEXT_FILE}; "
                "nothing was loaded. Correct the quote or the lines.\n" + "\n".join(complaints)
            )
        return [GraphContent(f"bron/{key}", triples, source.name, source.digest, self.name)]


def _triples(source: Source, context: Context) -> list[Triple]:
    return [triple for triples in rdf.read(source, context).values() for triple in triples]


def passages(triples: Sequence[Triple]) -> Iterator[Passage]:
    """Yield the passages of a graph that have a quote; those without lines have no ranges."""
    about: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        about[_value(triple.subject)][triple.predicate.value].append(_value(triple.object))
    for name, properties in about.items():
        for quote in properties.get(PREFIXES["rg"] + "quote", ()):
            nodes = properties.get(PREFIXES["oa"] + "hasSelector") or [name]
            ranges = (_range(about[node]) for node in nodes if node in about)
            yield Passage(name, quote, tuple(sorted(each for each in ranges if each)))


def squeeze(text: str) -> str:
    """Return a text without white space and hyphens, by which quotes and lines are compared."""
    return re.sub(r"[\s\u00ad-]+", "", text)


def _value(term: object) -> str:
    return term.value if isinstance(term, Literal) else str(getattr(term, "value", term))


def _range(properties: Mapping[str, Sequence[str]]) -> tuple[int, int] | None:
    first = properties.get(PREFIXES["rg"] + "lineStart")
    last = properties.get(PREFIXES["rg"] + "lineEnd")
    if not (first and last and first[0].isdecimal() and last[0].isdecimal()):
        return None
    return int(first[0]), int(last[0])


def _document_key(triples: Sequence[Triple], source: Source, base: str) -> str:
    documents = {_value(triple.subject) for triple in triples if triple.predicate == DIGEST}
    if len(documents) != 1:
        raise InputError(
            f"{source.name}: {len(documents)} documents have rg:sha256; a transcription has one. "
            "Keep one file per source document."
        )
    return documents.pop().removeprefix(f"{base}id/document/").replace("/", "-")


def _text(triples: Sequence[Triple], source: Source) -> bytes:
    stated = next(_value(triple.object) for triple in triples if triple.predicate == DIGEST)
    file = source.folder.joinpath(TEXT_FILE)
    if not file.is_file():
        raise InputError(
            f"{source.name}: the text that it transcribes is missing. Put it beside the file as "
            f"{TEXT_FILE}, or load the file unchecked with --loader rdf."
        )
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != stated:
        raise InputError(
            f"{source.name}: rg:sha256 is {stated}, but {TEXT_FILE} has the digest {digest}. "
            "Either the text was changed or this is the transcription of another one."
        )
    return content


def _lines(text: bytes, source: Source) -> Sequence[str]:
    try:
        return text.decode().split("\n")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source.name}: {TEXT_FILE} is not UTF-8 at byte {error.start}. Save it as UTF-8."
        ) from None


def _complaints(triples: Sequence[Triple], lines: Sequence[str]) -> Iterator[str]:
    resting: dict[str, list[str]] = defaultdict(list)
    for triple in triples:
        if triple.predicate == iri("rg:statedIn"):
            resting[_value(triple.object)].append(_value(triple.subject))
    for passage in passages(triples):
        named = ", ".join(resting[passage.iri]) or "no statement"
        where = ", ".join(f"{first}-{last}" for first, last in passage.ranges)
        if not passage.ranges:
            yield f"{passage.iri}: a quote without lines; {named} rests on it."
        elif any(first < 1 or last > len(lines) or last < first for first, last in passage.ranges):
            yield f"{passage.iri}: the text has no lines {where}; {named} rests on it."
        elif squeeze(passage.quote) != squeeze(passage.text(lines)):
            yield (
                f"{passage.iri}: lines {where} read {passage.text(lines)!r}, not "
                f"{passage.quote!r}; {named} rests on it."
            )
