"""What was erased from a home: digests that tell it again, and nothing that says who it was.

`erased.json` holds them, salted for each home; loads leave out what they tell.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.graphfiles import write_durably

INSTEAD = "[verwijderd]"
"""Stands where a name stood."""

_WORD = re.compile(r"\w+")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*[^\s<>\"{}|\\^`.,;:!?)\]']")


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure, for those who follow the changes."""

    digest: str
    """Of the IRI."""
    release: int
    """The release that was current then."""
    time: str
    reason: str = ""


@dataclass(frozen=True)
class Erased:
    """Everything that was erased from a home."""

    salt: str
    erasures: tuple[Erasure, ...] = ()
    iris: frozenset[str] = frozenset()
    """Digests of all IRIs that are gone, of what belonged to those that were named, too."""
    names: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """Digests of names, by their number of words."""

    @cached_property
    def _known(self) -> dict[str, bool]:
        return {}

    def digest(self, text: str) -> str:
        """Return the digest of a text in this home."""
        key = bytes.fromhex(self.salt)
        return hashlib.blake2b(text.encode(), key=key, digest_size=20).hexdigest()

    def holds(self, iri: str) -> bool:
        """Return whether an IRI was erased."""
        if not self.iris:
            return False
        if iri not in self._known:
            self._known[iri] = self.digest(iri) in self.iris
        return self._known[iri]

    def with_more(self, erasure: Erasure, iris: Iterable[str], names: Iterable[str]) -> "Erased":
        """Return the same with another erasure of these IRIs and names."""
        by_length = {length: set(digests) for length, digests in self.names.items()}
        for name in names:
            words = _WORD.findall(name.casefold())
            if words:
                by_length.setdefault(len(words), set()).add(self.digest(" ".join(words)))
        return Erased(
            self.salt,
            (*self.erasures, erasure),
            self.iris | {self.digest(iri) for iri in iris},
            {length: frozenset(digests) for length, digests in by_length.items()},
        )

    def text(self, text: str) -> str:
        """Return a text without the names, where they stand as whole words, and the IRIs."""
        places = [each.span() for each in _IRI.finditer(text) if self.holds(each[0])]
        words = list(_WORD.finditer(text))
        for length, digests in self.names.items():
            for first, last in zip(words, words[length - 1 :], strict=False):
                within = _WORD.findall(text[first.start() : last.end()].casefold())
                if self.digest(" ".join(within)) in digests:
                    places.append((first.start(), last.end()))
        for start, end in _apart(places):
            text = text[:start] + INSTEAD + text[end:]
        return text

    def without(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        """Yield the triples that are not about what was erased, their texts without its names."""
        for triple in triples:
            if any(isinstance(term, NamedNode) and self.holds(term.value) for term in triple):
                continue
            value = triple.object
            if isinstance(value, Literal) and (text := self.text(value.value)) != value.value:
                written = (
                    Literal(text, language=value.language)
                    if value.language
                    else Literal(text, datatype=value.datatype)
                )
                yield Triple(triple.subject, triple.predicate, written)
            else:
                yield triple

    def write(self, home: Path) -> None:
        """Keep this in a home, durably."""
        content = {
            "salt": self.salt,
            "erasures": [asdict(each) for each in self.erasures],
            "iris": sorted(self.iris),
            "names": {length: sorted(digests) for length, digests in self.names.items()},
        }
        write_durably(home / "erased.json", json.dumps(content, indent=1).encode() + b"\n")


def _apart(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return places from the last to the first, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined[::-1]


def read(home: Path) -> Erased:
    """Return what was erased from a home; nothing, with a new salt, where there is no record."""
    try:
        values = json.loads((home / "erased.json").read_bytes())
    except FileNotFoundError:
        return Erased(secrets.token_hex(32))
    return Erased(
        values["salt"],
        tuple(Erasure(**each) for each in values["erasures"]),
        frozenset(values["iris"]),
        {int(length): frozenset(digests) for length, digests in values["names"].items()},
    )
