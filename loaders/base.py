"""What a loader is: it recognizes sources of its kind and turns one into graphs; it is pure."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath
from typing import BinaryIO, Protocol, cast

from pyoxigraph import Triple

from raadgraaf.config import MEBIBYTE
from raadgraaf.errors import InputError
from raadgraaf.loaders.names import Named
from raadgraaf.namespaces import RDF_TYPE, iri
from raadgraaf.provenance import GraphContent

HEAD = 64 * 1024
"""Bytes of a source by which loaders recognize it."""

SHOWN_OF_A_VALUE = 200
"""Characters of a value that a message or the quarantine shows."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to load."""

    name: str
    """Its path as the user gave it, for messages."""
    path: Traversable
    folder: Traversable
    """The folder it stands in, where files that belong to it are looked for."""

    @property
    def stem(self) -> str:
        """The name of the file without folder and suffix."""
        return PurePath(self.name).stem

    @property
    def head(self) -> bytes:
        """The first bytes, enough to tell of what kind it is."""
        with self.open() as stream:
            return stream.read(HEAD)

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes in hexadecimal digits."""
        digest = hashlib.sha256()
        with self.open() as stream:
            while block := stream.read(HEAD):
                digest.update(block)
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """How many bytes it has; nothing where it does not stand in a folder of its own."""
        return self.path.stat().st_size if isinstance(self.path, Path) else 0

    def open(self) -> BinaryIO:
        """Open it for reading its bytes; the caller closes it."""
        return cast(BinaryIO, self.path.open("rb"))

    def read(self, limit: int) -> bytes:
        """Return all its bytes, for formats that cannot be streamed; refuse more than a limit."""
        with self.open() as stream:
            content = stream.read(limit + 1)
        if len(content) > limit:
            raise InputError(
                f"{self.name} has more than {limit // MEBIBYTE} MiB. Split it into smaller files, "
                "or raise the limit that docs/settings.md names."
            )
        return content


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row, or a cell of it, that could not be taken over."""

    file: str
    place: str
    """The sheet or page; nothing where the file has none."""
    row: int
    """Its number, from 1: the row of the file, or that of the table on a page."""
    column: str
    value: str
    """What stood there, masked; at most `SHOWN_OF_A_VALUE` characters."""
    code: str
    """The kind of trouble, the same in every version."""
    reason: str
    """What is wrong and how to mend it, in full sentences."""


def ignore(_: object) -> None:
    """Take no notice of a rejected row, or of what was masked."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source may take; the settings of these names."""

    source_bytes: int = 2048 * MEBIBYTE
    unpacked_bytes: int = 200 * MEBIBYTE
    cell_bytes: int = 64 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Context:
    """What a loader has to know beside the source."""

    base: str
    """The base of the IRIs of the data."""
    municipality: str = "gm0299"
    """The municipality of sources that do not name theirs, as TOOI code."""
    mapping: Path | None = None
    """The mapping of a register, where it is not to be found by its headers."""
    rejected: Callable[[Rejected], None] = ignore
    """Is told each row that could not be taken over; it may refuse the load by an exception."""
    limits: Limits = Limits()
    known: Mapping[str, Sequence[Named]] = field(default_factory=dict)
    """Whom and what other sources describe by name, for each municipality."""
    masked: Callable[[Mapping[str, int]], None] = ignore
    """Is told how often each kind of personal data was masked in a register."""


class Loader(Protocol):
    """One kind of input format."""

    name: str

    def recognizes(self, source: Source) -> bool:
        """Tell by its content whether a source is of this kind."""

    def load(self, source: Source, context: Context) -> Sequence[GraphContent]:
        """Return the graphs of a source, or raise `InputError` with what is wrong and where.

        Their triples may come as a stream; rows are rejected while it is read.
        """


def slug(text: str) -> str:
    """Return a text as a part of an IRI: lower case letters and digits joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "naamloos"


def declared_key(triples: Iterable[Triple], base: str) -> str | None:
    """Return the graph that a file says it holds, as a key below `{base}graph/`.

    A file says so by describing one `sd:Graph` there (SPARQL 1.1 Service Description, 3.2.2).
    """
    prefix = f"{base}graph/"
    found = {
        triple.subject.value.removeprefix(prefix)
        for triple in triples
        if triple.predicate == RDF_TYPE
        and triple.object == iri("sd:Graph")
        and not isinstance(triple.subject, Triple)
        and triple.subject.value.startswith(prefix)
    }
    return found.pop() if len(found) == 1 else None
