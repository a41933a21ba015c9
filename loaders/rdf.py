"""Plain Turtle of one's own or of others, into a graph of its own."""

import hashlib
from collections.abc import Sequence

from raadgraaf.loaders.base import Context, Source, declared_key, slug
from raadgraaf.provenance import GraphContent
from raadgraaf.terms import read_turtle


class Rdf:
    """The loader of plain Turtle."""

    name = "rdf"

    def recognizes(self, source: Source) -> bool:
        """Tell Turtle by the name of the file."""
        return source.name.endswith(".ttl")

    def load(self, source: Source, context: Context) -> Sequence[GraphContent]:
        """Return the graph that the file declares, else `bron/` and the name of the file."""
        content = source.read(context.limits.source_bytes)
        triples = read_turtle(content, source.name, context.base, source.stem)
        key = declared_key(triples, context.base) or f"bron/{slug(source.stem)}"
        digest = hashlib.sha256(content).hexdigest()
        return [GraphContent(key, triples, source.name, digest, self.name)]
