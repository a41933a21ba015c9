"""The folder of a municipality that joins: settings, a mapping, what its sources cover."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from raadgraaf import resources
from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.errors import InputError
from raadgraaf.namespaces import PREFIXES, RDF_TYPE, RDFS_LABEL, iri
from raadgraaf.terms import read_turtle

GEMEENTE = "https://identifier.overheid.nl/tooi/id/gemeente/"

_READ_ME = """\
# {name} ({municipality})

1. Zet het register (CSV, XLSX, ODS of JSON) in `bronnen/`.
2. Neem de instellingen over: `set -a; . ./instellingen.env; set +a`.
3. Passen de kolommen op een kant-en-klare mapping, dan volstaat
   `raadgraaf load bronnen gemeente.ttl`. Anders: `raadgraaf map bronnen/REGISTER -o mapping.yaml`,
   lees en verbeter `mapping.yaml`, en laad met
   `raadgraaf load --mapping mapping.yaml bronnen/REGISTER`.
4. Zeg in `gemeente.ttl` wat het register dekt: welke periode, en of het volledig is.
5. `raadgraaf ask`, `raadgraaf serve`.
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a municipality that joins."""

    municipality: str
    name: str | None
    base: str | None
    publisher: str | None
    licence: str


def write(folder: Path, profile: Profile) -> Iterator[Path]:
    """Write the folder of a municipality and yield its files; never over one that is there."""
    if not re.fullmatch(r"gm[0-9]{4}", profile.municipality):
        raise InputError(
            f"{profile.municipality!r} is not a TOOI code of a municipality, such as gm0202. "
            "standaarden.overheid.nl/tooi lists them."
        )
    name = profile.name or known_name(profile.municipality)
    if name is None:
        raise InputError(
            f"The reference data does not have {profile.municipality}. Give its name with --name."
        )
    base = profile.base or f"https://data.example.org/{profile.municipality}/"
    files = {
        "LEESMIJ.md": _READ_ME.format(name=name, municipality=profile.municipality),
        "instellingen.env": (
            f"RAADGRAAF_MUNICIPALITY={profile.municipality}\n"
            f"RAADGRAAF_BASE={base}\nRAADGRAAF_HOME=./var\n"
        ),
        "gemeente.ttl": _turtle(profile, name),
    }
    for file in files:
        if (folder / file).exists():
            raise InputError(f"{folder / file} is there already. Name another folder.")
    (folder / "bronnen").mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
        yield folder / file


def known_name(municipality: str) -> str | None:
    """Return the name of a municipality by the reference data that ships with the package."""
    node = NamedNode(GEMEENTE + municipality)
    for file in resources.listing(".ttl", "data", "reference"):
        for triple in read_turtle(file.read_bytes(), file.name, PLACEHOLDER_BASE, file.name):
            if triple.subject == node and triple.predicate == iri("foaf:name"):
                return triple.object.value if isinstance(triple.object, Literal) else None
    return None


def _turtle(profile: Profile, name: str) -> str:
    # The placeholder base becomes the configured one when the file is loaded
    below = f"{PLACEHOLDER_BASE}id/dekking/{profile.municipality}/"
    municipality = NamedNode(GEMEENTE + profile.municipality)
    graph = NamedNode(f"{PLACEHOLDER_BASE}graph/gemeente-{profile.municipality}")
    coverage = NamedNode(f"{below}toezeggingen")
    label = f"Toezeggingen van {name}: deels gedekt"
    rationale = (
        "Voorlopig: vul aan welke periode het register dekt, en of het volledig is "
        "(rgt:coverage-complete)."
    )
    triples = [
        Triple(graph, RDF_TYPE, iri("sd:Graph")),
        Triple(graph, iri("dcterms:license"), NamedNode(profile.licence)),
        Triple(municipality, RDF_TYPE, iri("rg:Municipality")),
        Triple(municipality, RDFS_LABEL, Literal(name, language="nl")),
        Triple(municipality, iri("foaf:name"), Literal(name)),
        Triple(coverage, RDF_TYPE, iri("rg:Coverage")),
        Triple(coverage, RDFS_LABEL, Literal(label, language="nl")),
        Triple(coverage, iri("rg:coverageOf"), iri("rg:Commitment")),
        Triple(coverage, iri("rg:coverageExtent"), iri("rgt:coverage-partial")),
        Triple(coverage, iri("rg:coverageArea"), municipality),
        Triple(coverage, iri("rg:rationale"), Literal(rationale, language="nl")),
    ]
    if profile.publisher:
        triples.append(Triple(graph, iri("dcterms:publisher"), NamedNode(profile.publisher)))
    used = {name: PREFIXES[name] for name in ("dcterms", "foaf", "rdfs", "rg", "rgt", "sd")}
    written = serialize(triples, format=RdfFormat.TURTLE, prefixes=used) or b""
    return written.decode()
