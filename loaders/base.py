"""What a loader is: it recognizes sources of its kind and turns one into a graph; it is pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import PurePath
from typing import Protocol

from pyoxigraph import Triple

from raadgraaf.namespaces import RDF_TYPE, iri
from raadgraaf.provenance import GraphContent


@dataclass(frozen=True, slots=True)
class Source:
    """A file to load."""

    name: str
    """Its path as the user gave it, for messages."""
    content: bytes
    folder: Traversable
    """The folder it stands in, where files that belong to it are looked for."""

    @property
    def stem(self) -> str:
        """The name of the file without folder and suffix."""
        return PurePath(self.name).stem


class Loader(Protocol):
    """One kind of input format."""

    name: str

    def recognizes(self, source: Source) -> bool:
        """Tell by its content whether a source is of this kind."""

    def load(self, source: Source, base: str) -> GraphContent:
        """Return the graph of a source, or raise `InputError` with what is wrong and where."""


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
