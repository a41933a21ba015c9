"""Plain Turtle of one's own or of others, into a graph of its own."""

import hashlib

from raadgraaf.loaders.base import Source, declared_key, slug
from raadgraaf.provenance import GraphContent
from raadgraaf.terms import read_turtle


class Rdf:
    """The loader of plain Turtle."""

    name = "rdf"

    def recognizes(self, source: Source) -> bool:
        """Tell Turtle by the name of the file."""
        return source.name.endswith(".ttl")

    def load(self, source: Source, base: str) -> GraphContent:
        """Return the graph that the file declares, else `bron/` and the name of the file."""
        triples = read_turtle(source.content, source.name, base, source.stem)
        key = declared_key(triples, base) or f"bron/{slug(source.stem)}"
        digest = hashlib.sha256(source.content).hexdigest()
        return GraphContent(key, triples, source.name, digest, self.name)
