"""Terms of our namespace that the ontology does not define: misspelt, so no query finds them."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from pyoxigraph import NamedNode, RdfFormat, parse

from raadgraaf.namespaces import PREFIXES
from raadgraaf.validation import Finding

SHAPE = f"{PREFIXES['rgs']}DefinedTermShape"
_NAMESPACE = PREFIXES["rg"]
_USED = re.compile(rb"<" + re.escape(_NAMESPACE).encode() + rb"([^<>\s]*)>")
_DEFINED = re.compile(
    rb"^<" + re.escape(_NAMESPACE).encode() + rb"([^<>\s]*)> <[^<>\s]*#isDefinedBy> ", re.MULTILINE
)


def findings(data: bytes) -> Iterator[Finding]:
    """Yield a Warning for the first use of each such term in N-Triples that hold the ontology."""
    defined = {each.decode() for each in _DEFINED.findall(data)}
    used = {each.decode() for each in _USED.findall(data)}
    for name in sorted(used - defined):
        term = NamedNode(_NAMESPACE + name)
        for line in re.findall(
            rb"^.*" + re.escape(str(term).encode()) + rb".*$", data, re.MULTILINE
        ):
            (quad,) = parse(line, format=RdfFormat.N_TRIPLES)
            # It may also stand in a text, where it is no term
            if term in (quad.predicate, quad.object):
                path = quad.predicate.value
                yield Finding(
                    "Warning", SHAPE, quad.subject.value, path, str(term), _said(name, defined)
                )
                break


def _said(name: str, defined: set[str]) -> tuple[tuple[str, str], ...]:
    nearest = get_close_matches(name, sorted(defined), n=1)
    dutch = f"De ontologie kent rg:{name} niet, dus geen vraag vindt het."
    english = f"The ontology does not define rg:{name}, so no question finds it."
    if nearest:
        dutch += f" Misschien is rg:{nearest[0]} bedoeld."
        english += f" Perhaps rg:{nearest[0]} is meant."
    return ("nl", dutch), ("en", english)
