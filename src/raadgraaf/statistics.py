"""Statistics of a release: how much its graphs hold, for counts and for descriptions (VoID).

They are kept as `statistics.json` in the release and counted when it is built (`counting.py`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PropertyNumbers:
    """How often a property is used."""

    triples: int
    subjects: int
    """Different ones, as are the objects."""
    objects: int


@dataclass(frozen=True, slots=True)
class ClassNumbers:
    """How many resources a class has, and what is said of them."""

    triples: int
    """Statements that put a resource in the class: more than the resources where the numbers are
    of several graphs together."""
    entities: int
    properties: Mapping[str, int] = field(default_factory=dict)
    """Triples of each property whose subject is in the class; not known for a single graph of
    many, where it would make the statistics larger than what they are about."""


@dataclass(frozen=True, slots=True)
class GraphNumbers:
    """What a graph holds, or several together."""

    triples: int = 0
    """Of several graphs together: the sum, so that what two of them state counts twice."""
    subjects: int = 0
    """Different ones, as are the objects, in several graphs together as well."""
    objects: int = 0
    properties: Mapping[str, PropertyNumbers] = field(default_factory=dict)
    classes: Mapping[str, ClassNumbers] = field(default_factory=dict)
    frequent: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Objects (as N-Triples) that stand in many triples: property, or nothing for all of them
    together, then object, then triples. Not known for several graphs together."""

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "GraphNumbers":
        """Return the numbers that stand in JSON values."""
        return cls(
            triples=values["triples"],
            subjects=values["subjects"],
            objects=values["objects"],
            properties={
                iri: PropertyNumbers(**numbers) for iri, numbers in values["properties"].items()
            },
            classes={iri: ClassNumbers(**numbers) for iri, numbers in values["classes"].items()},
            frequent=values["frequent"],
        )


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of a release."""

    default: GraphNumbers
    """Of the default graph."""
    named: GraphNumbers
    """Of all named graphs together."""
    graphs: Mapping[str, GraphNumbers]
    """Of each named graph that holds anything, by its IRI."""

    def to_json(self) -> bytes:
        """Return the statistics as JSON, by key."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> "Statistics":
        """Return the statistics that `to_json` wrote."""
        values = json.loads(content)
        return cls(
            default=GraphNumbers.from_values(values["default"]),
            named=GraphNumbers.from_values(values["named"]),
            graphs={
                iri: GraphNumbers.from_values(numbers) for iri, numbers in values["graphs"].items()
            },
        )
