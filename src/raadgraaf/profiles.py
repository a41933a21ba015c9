"""The commitments profile: the few terms with which anybody can publish commitments as we do."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.errors import InputError
from raadgraaf.namespaces import RDF_TYPE, iri
from raadgraaf.resources import folder
from raadgraaf.terms import read, read_turtle
from raadgraaf.validation import Report, Shapes, validate

FORMATS = {
    ".nq": RdfFormat.N_QUADS,
    ".nt": RdfFormat.N_TRIPLES,
    ".trig": RdfFormat.TRIG,
    ".ttl": RdfFormat.TURTLE,
}
"""What a file to check may be, by its ending."""


@dataclass(frozen=True, slots=True)
class Term:
    """One property of the profile."""

    property: str
    name: dict[str, str]
    """By language, as `message`."""
    message: dict[str, str]
    required: bool


def shapes_turtle() -> bytes:
    """Return the shapes of the profile as they ship."""
    return folder("profile", "shapes.ttl").read_bytes()


@cache
def shapes() -> Shapes:
    """Return the shapes of the profile."""
    return Shapes([shapes_turtle()])


def terms() -> list[Term]:
    """Return the properties of the profile, in the order in which they are explained."""
    triples = read_turtle(shapes_turtle(), "shapes.ttl", PLACEHOLDER_BASE, "profiel")

    def texts(shape: object, name: str) -> dict[str, str]:
        return {
            each.object.language or "": each.object.value
            for each in triples
            if each.subject == shape
            and each.predicate == iri(name)
            and isinstance(each.object, Literal)
        }

    ordered = sorted(
        (int(each.object.value), str(each.subject), each.subject)
        for each in triples
        if each.predicate == iri("sh:order") and isinstance(each.object, Literal)
    )
    paths = {
        each.subject: each.object.value
        for each in triples
        if each.predicate == iri("sh:path") and isinstance(each.object, NamedNode)
    }
    return [
        Term(
            paths[shape],
            texts(shape, "sh:name"),
            texts(shape, "sh:message"),
            bool(texts(shape, "sh:minCount")),
        )
        for _, _, shape in ordered
    ]


def check(path: Path) -> Report:
    """Return what the profile finds in a file, or refuse one that has no commitments."""
    form = FORMATS.get(path.suffix)
    if form is None:
        raise InputError(f"{path} does not end in {', '.join(FORMATS)}. Convert or rename it.")
    if not path.is_file():
        raise InputError(f"{path} does not exist. Name a file to check.")
    triples: list[Triple] = read(path.read_bytes(), form, str(path), PLACEHOLDER_BASE, path.stem)
    kinds = {each.object for each in triples if each.predicate == RDF_TYPE}
    if iri("rg:Commitment") not in kinds:
        raise InputError(
            f"{path} holds no rg:Commitment, so there is nothing to check. Give each commitment "
            "the class https://w3id.org/raadgraaf/def#Commitment."
        )
    return validate(serialize(triples, format=RdfFormat.N_TRIPLES) or b"", shapes())
