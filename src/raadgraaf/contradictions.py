"""Contradictions between ontology and data that can be named: what is of two kinds, and why."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from raadgraaf.namespaces import PREFIXES, RDF_TYPE, iri

Term = NamedNode | BlankNode | Literal | Triple
Pairs = dict[Term, set[tuple[Term, Term]]]
"""Subject and object of every statement, by predicate."""

DATATYPES = {iri(f"xsd:{name}") for name in ("boolean", "decimal", "integer", "string")}
"""The datatypes that our ranges name; dates are outside the datatype map of OWL 2 (4.7)."""


def find_contradictions(triples: Iterable[Triple]) -> Iterator[str]:
    """Yield a sentence for each thing of two kinds that exclude each other, and each wrong value.

    This follows subclasses, subproperties, inverses, property chains, domains and ranges.
    """
    pairs: Pairs = defaultdict(set)
    for each in triples:
        pairs[each.predicate].add((each.subject, each.object))
    supers = _closure(pairs[iri("rdfs:subClassOf")])
    groups = [set(_members(pairs, each)) for _, each in pairs[iri("owl:members")]]
    groups += [set(each) for each in pairs[iri("owl:disjointWith")]]
    _entail(pairs)
    for thing, reasons in sorted(_kinds(pairs).items(), key=lambda item: str(item[0])):
        kinds = {
            above: why if above == kind else f"{why}, so a {short(above)}"
            for kind, why in sorted(reasons.items(), key=str, reverse=True)
            for above in sorted(supers.get(kind, {kind}), key=str)
        }
        clash = next((found for group in groups if len(found := group & kinds.keys()) > 1), ())
        for one, other in list(combinations(sorted(clash, key=str), 2))[:1]:
            yield (
                f"{thing} {kinds[one]}, and it {kinds[other]}; "
                f"nothing is both a {short(one)} and a {short(other)}."
            )
    yield from _wrong_values(pairs)


def _wrong_values(pairs: Pairs) -> Iterator[str]:
    """Yield a sentence for each literal that is outside the datatype of its property."""
    for name, datatype in sorted(pairs[iri("rdfs:range")], key=str):
        fitting = {datatype} | ({iri("xsd:integer")} if datatype == iri("xsd:decimal") else set())
        for thing, value in sorted(pairs[name] if datatype in DATATYPES else (), key=str):
            if not isinstance(value, Literal) or value.datatype in fitting:
                continue
            if value.language or value.datatype in DATATYPES:
                yield f"{thing} has {short(name)} {value}, but that must be {short(datatype)}."


def _entail(pairs: Pairs) -> None:
    """Add what subproperties, inverses and property chains entail, until nothing is new."""
    above = [*pairs[iri("rdfs:subPropertyOf")]]
    inverse = [each for pair in pairs[iri("owl:inverseOf")] for each in (pair, pair[::-1])]
    chains = [(name, _members(pairs, each)) for name, each in pairs[iri("owl:propertyChainAxiom")]]
    size = -1
    while size != (size := sum(map(len, pairs.values()))):
        for name, wider in above:
            pairs[wider] |= pairs[name]
        for name, other in inverse:
            pairs[other] |= {(end, start) for start, end in pairs[name]}
        for name, (first, second) in chains:
            onwards = defaultdict(list)
            for start, end in pairs[second]:
                onwards[start].append(end)
            pairs[name] |= {(start, end) for start, mid in pairs[first] for end in onwards[mid]}


def _kinds(pairs: Pairs) -> Mapping[Term, Mapping[Term, str]]:
    """Return the classes of each thing, each with the reason why it is one."""
    kinds: dict[Term, dict[Term, str]] = defaultdict(dict)
    for thing, kind in pairs[RDF_TYPE]:
        kinds[thing][kind] = f"is stated to be a {short(kind)}"
    for name, kind in sorted(pairs[iri("rdfs:domain")], key=str):
        for thing, _ in pairs[name]:
            kinds[thing].setdefault(kind, f"has {short(name)}, so is a {short(kind)}")
    for name, kind in sorted(pairs[iri("rdfs:range")], key=str):
        for _, thing in pairs[name]:
            kinds[thing].setdefault(kind, f"is a value of {short(name)}, so a {short(kind)}")
    return kinds


def _closure(steps: set[tuple[Term, Term]]) -> Mapping[Term, set[Term]]:
    """Return for each class itself and all above it."""
    above: dict[Term, set[Term]] = {}
    for start in {start for start, _ in steps}:
        found, fresh = set(), {start}
        while fresh:
            found |= fresh
            fresh = {wider for each, wider in steps if each in fresh} - found
        above[start] = found
    return above


def _members(pairs: Pairs, head: Term) -> list[Term]:
    """Return the members of an RDF list."""
    first, rest = dict(pairs[iri("rdf:first")]), dict(pairs[iri("rdf:rest")])
    members = []
    while head in first:
        members.append(first[head])
        head = rest[head]
    return members


def short(term: Term) -> str:
    """Write a name with its prefix, as the Turtle files do."""
    for prefix, namespace in PREFIXES.items():
        if isinstance(term, NamedNode) and term.value.startswith(namespace):
            return f"{prefix}:{term.value.removeprefix(namespace)}"
    return str(term)
