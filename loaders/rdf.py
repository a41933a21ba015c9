"""RDF of one's own or of others, in any of its formats: a graph for each graph of the file."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pyoxigraph import RdfFormat, Triple, parse

from raadgraaf.loaders import isolated
from raadgraaf.loaders.base import Context, Source, declared_key, slug
from raadgraaf.loaders.rdf_parsing import format_of
from raadgraaf.provenance import GraphContent
from raadgraaf.terms import rebased


@dataclass(slots=True)
class Packed:
    """Triples as compressed N-Triples: a twentieth of their size, and they can be read again."""

    parts: list[bytes] = field(default_factory=list)

    def add(self, lines: str) -> None:
        """Put N-Triples at the end."""
        self.parts.append(zlib.compress(lines.encode(), level=1))

    def __iter__(self) -> Iterator[Triple]:
        """Yield the triples."""
        for part in self.parts:
            for quad in parse(zlib.decompress(part), format=RdfFormat.N_TRIPLES):
                yield quad.triple


class Rdf:
    """The loader of RDF: Turtle, TriG, N-Triples, N-Quads, JSON-LD and RDF/XML."""

    name = "rdf"

    def recognizes(self, source: Source) -> bool:
        """Tell RDF by how the file begins, then by its name."""
        return format_of(source.head, source.name) is not None

    def load(self, source: Source, context: Context) -> Sequence[GraphContent]:
        """Return the graphs of a file by their IRIs.

        What stands in no named graph goes to the one that the file declares, else to `bron/`
        and the name of the file.
        """
        graphs = read(source, context)
        digest = source.digest
        contents = []
        for graph, triples in graphs.items():
            own = rebased(graph, context.base).removeprefix(f"{context.base}graph/")
            stated = own or declared_key(triples, context.base)
            contents.append(
                GraphContent(
                    stated or f"bron/{slug(source.stem)}",
                    triples,
                    source.name,
                    digest,
                    self.name,
                    named_after_file=not stated,
                )
            )
        return contents


def read(source: Source, context: Context) -> dict[str, Packed]:
    """Return the triples of each graph of a file, parsed in a process of its own.

    A file that says nothing has its default graph, which is empty.
    """
    form = format_of(source.head, source.name) or "TriG"
    graphs: dict[str, Packed] = {}
    with source.open() as stream:
        for part in isolated.lines(
            "raadgraaf.loaders.rdf_parsing:triples",
            stream,
            source.name,
            [form, source.name, context.base, source.stem],
        ):
            graphs.setdefault(part["graph"], Packed()).add(part["triples"])
    return graphs or {"": Packed()}
