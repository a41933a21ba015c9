"""Counting a graph for its description: how many of each class, property and link, exactly."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.namespaces import RDF_TYPE, iri

LINKED: Mapping[str, str] = {
    "tooi": "https://identifier.overheid.nl/tooi/id/",
    "wikidata": "http://www.wikidata.org/entity/",
    "cbs": "https://opendata.cbs.nl/",
    "roo": "https://organisaties.overheid.nl/",
}
"""Where the IRIs of the registers begin that the data may link to, by a name for each."""


@dataclass(slots=True)
class Counts:
    """How often what stands in a graph; each triple counts once."""

    triples: int = 0
    subjects: set[str] = field(default_factory=set)
    classes: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)
    by_class: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By the class of the subject and the property."""
    objects: set[tuple[str, str, str]] = field(default_factory=set)
    """Class of the subject, property, and class of the object."""
    datatypes: set[tuple[str, str, str]] = field(default_factory=set)
    """Class of the subject, property, and datatype of the value."""
    links: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By the name of a register and the property that links to it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a graph is about."""

    areas: frozenset[str]
    """The municipalities of whose bodies it tells."""
    days: frozenset[str]
    """The dates of the meetings."""


Types = Mapping[str, Sequence[str]]


def types_of(triples: Iterable[Triple]) -> Types:
    """Return the classes of each resource of a graph."""
    types: dict[str, list[str]] = defaultdict(list)
    for triple in triples:
        if triple.predicate == RDF_TYPE and not isinstance(triple.object, Literal | Triple):
            types[str(triple.subject)].append(triple.object.value)
    return types


def scope(triples: Sequence[Triple]) -> Scope:
    """Return which municipalities and days a graph is about."""
    body_of, kind, day = iri("rg:bodyOf"), iri("rg:Meeting"), iri("xsd:date")
    areas = frozenset(
        each.object.value
        for each in triples
        if each.predicate == body_of and isinstance(each.object, NamedNode)
    )
    meetings = {each.subject for each in triples if each.object == kind}
    days = frozenset(
        each.object.value
        for each in triples
        if isinstance(each.object, Literal)
        and each.object.datatype == day
        and each.subject in meetings
    )
    return Scope(areas, days)


def count(triples: Iterable[Triple], types: Sequence[Types]) -> Counts:
    """Return the counts of a graph, the classes of its resources being given."""
    counts = Counts()

    def classes(resource: str) -> Set[str]:
        return {each for known in types for each in known.get(resource, ())}

    for triple in triples:
        subject, name, value = str(triple.subject), triple.predicate.value, triple.object
        counts.triples += 1
        counts.subjects.add(subject)
        counts.properties[name] += 1
        kinds = classes(subject)
        if isinstance(value, Literal):
            for kind in kinds:
                counts.datatypes.add((kind, name, value.datatype.value))
        elif not isinstance(value, Triple):
            if triple.predicate == RDF_TYPE:
                counts.classes[value.value] += 1
            for register, start in LINKED.items():
                if value.value.startswith(start):
                    counts.links[register, name] += 1
            for kind in kinds:
                for other in classes(str(value)):
                    counts.objects.add((kind, name, other))
        for kind in kinds:
            counts.by_class[kind, name] += 1
    return counts


def together(one: Counts, other: Counts) -> Counts:
    """Return the counts of two graphs that share no triple, as of one."""
    return Counts(
        one.triples + other.triples,
        one.subjects | other.subjects,
        one.classes + other.classes,
        one.properties + other.properties,
        one.by_class + other.by_class,
        one.objects | other.objects,
        one.datatypes | other.datatypes,
        one.links + other.links,
    )
