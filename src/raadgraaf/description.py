"""The description of the data as data: DCAT for registers, VoID with true counts for clients.

It is a graph of the release, `{base}graph/beschrijving`, and counts itself: whoever counts in the
endpoint finds the same. Release number and times are not in it, so that equal data are described
by an equal graph; `of_release` gives them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from raadgraaf import dumps, graphfiles
from raadgraaf.config import Settings
from raadgraaf.description_counts import LINKED, Counts, Scope, count, scope, together, types_of
from raadgraaf.description_questions import prefixes
from raadgraaf.namespaces import RDF_TYPE, RDFS_LABEL, iri
from raadgraaf.releases import Manifest, Release
from raadgraaf.resources import folder
from raadgraaf.terms import read_turtle

KEY = "beschrijving"
LICENCE = NamedNode("https://creativecommons.org/publicdomain/zero/1.0/")
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"

REGISTERS = {
    "tooi": "TOOI",
    "wikidata": "Wikidata",
    "cbs": "CBS",
    "roo": "Register van Overheidsorganisaties",
}


def dataset(base: str) -> NamedNode:
    """Return the IRI of the data set."""
    return NamedNode(f"{base}dataset")


def part(base: str, name: str) -> NamedNode:
    """Return the IRI of something that the description tells of."""
    return NamedNode(f"{base}dataset#{name}")


def described(settings: Settings, manifest: Manifest) -> Manifest:
    """Return a manifest with the graph that describes the others."""
    home, graph = settings.home, f"{manifest.base}graph/{KEY}"
    others = [file for file in manifest.graphs if file.graph != graph]
    public = [file for file in others if file.public]

    merged = b"".join(graphfiles.merge(home, public))
    data = [quad.triple for quad in parse(merged, format=RdfFormat.N_TRIPLES)]
    fixed = set(_fixed(settings)) | set(_scope(settings.base, scope(data)))
    shared = {each for each in data if each in fixed}
    data += fixed - shared
    types = types_of(data)
    counts = count(data, [types])
    triples = frozenset(fixed)
    while True:
        own = triples - fixed
        with_own = together(counts, count(own, [types, types_of(own)]))
        made = frozenset(fixed).union(_counted(settings.base, with_own))
        if made == triples:
            break
        triples = made
    file = graphfiles.write(home, graph, triples)
    graphs = {each.graph: each for each in (*others, file)}
    ordered = tuple(graphs[name] for name in sorted(graphs))
    return Manifest(manifest.base, manifest.software, ordered, manifest.plain)


def _fixed(settings: Settings) -> Iterator[Triple]:
    """Yield what does not depend on the data."""
    content = folder("catalog.ttl").read_bytes()
    yield from read_turtle(content, "catalog.ttl", settings.base, KEY)
    yield from _of_settings(settings)
    yield from prefixes(settings.base)


def _counted(base: str, counts: Counts) -> Iterator[Triple]:
    """Yield what data of which these are the counts are described by."""
    yield from _statistics(base, counts)
    yield from _linksets(base, counts)


def of_release(release: Release) -> Iterator[Triple]:
    """Yield what the description adds for one release: its number, its time and its dumps."""
    this, catalog = dataset(release.manifest.base), part(release.manifest.base, "catalogus")
    yield Triple(this, iri("dcat:version"), Literal(str(release.number)))
    published = release.published.get("published")
    if published:
        moment = datetime.fromisoformat(str(published)).isoformat().replace("+00:00", "Z")
        time = Literal(moment, datatype=iri("xsd:dateTime"))
        for each in (this, catalog):
            for name in ("dcterms:issued", "dcterms:modified"):
                yield Triple(each, iri(name), time)
    for file, media_type in dumps.FILES.items():
        path = release.path / dumps.FOLDER / file
        if path.exists():  # not in a release of an earlier version
            yield from _dump(release, path, media_type)


def dump_address(base: str, number: int, name: str) -> str:
    """Return where a file of a release is to be had."""
    return f"{base}dumps/{number}/{name}"


def _dump(release: Release, file: Path, media_type: str) -> Iterator[Triple]:
    base = release.manifest.base
    this, address = (
        part(base, f"dump-{file.stem.rpartition('.')[2]}"),
        NamedNode(dump_address(base, release.number, file.name)),
    )
    kinds = [NamedNode(f"{MEDIA_TYPES}{each}") for each in (media_type, "application/gzip")]
    yield Triple(dataset(base), iri("void:dataDump"), address)
    yield Triple(dataset(base), iri("dcat:distribution"), this)
    yield Triple(this, RDF_TYPE, iri("dcat:Distribution"))
    for label in (iri("dcterms:title"), RDFS_LABEL):
        yield Triple(this, label, Literal(f"Alle gegevens als {media_type}", language="nl"))
    text = "Alle graven van deze uitgave in één bestand, gecomprimeerd met gzip."
    yield Triple(this, iri("dcterms:description"), Literal(text, language="nl"))
    yield Triple(this, iri("dcterms:license"), LICENCE)
    yield Triple(this, iri("dcat:accessURL"), address)
    yield Triple(this, iri("dcat:downloadURL"), address)
    yield Triple(this, iri("dcat:mediaType"), kinds[0])
    yield Triple(this, iri("dcat:compressFormat"), kinds[1])
    yield Triple(this, iri("dcat:byteSize"), Literal(file.stat().st_size))
    for kind in kinds:
        yield Triple(kind, RDF_TYPE, iri("dcterms:MediaType"))
        yield Triple(kind, RDFS_LABEL, Literal(kind.value.removeprefix(MEDIA_TYPES)))


def _of_settings(settings: Settings) -> Iterator[Triple]:
    base = settings.base
    this, catalog = dataset(base), part(base, "catalogus")
    service, contact = NamedNode(f"{base}sparql#service"), part(base, "contact")
    publisher = NamedNode(settings.publisher) if settings.publisher else part(base, "uitgever")
    name = settings.publisher_name or f"Beheerder van {urlsplit(base).hostname}"
    for label in (iri("dcterms:title"), RDFS_LABEL):
        yield Triple(this, label, Literal(settings.title, language="nl"))
    yield Triple(this, iri("dcterms:identifier"), Literal(this.value))
    for each in (this, catalog, service):
        yield Triple(each, iri("dcterms:publisher"), publisher)
        yield Triple(each, iri("dcterms:creator"), publisher)
    for kind in ("foaf:Agent", "foaf:Organization"):
        yield Triple(publisher, RDF_TYPE, iri(kind))
    for label in (iri("foaf:name"), RDFS_LABEL):
        yield Triple(publisher, label, Literal(name, language="nl"))
    for kind in ("vcard:Kind", "vcard:Organization"):
        yield Triple(contact, RDF_TYPE, iri(kind))
    for label in (iri("vcard:fn"), RDFS_LABEL):
        yield Triple(contact, label, Literal(name, language="nl"))
    address = settings.publisher_contact or base
    property_ = "vcard:hasEmail" if address.startswith("mailto:") else "vcard:hasURL"
    yield Triple(contact, iri(property_), NamedNode(address))


def _scope(base: str, found: Scope) -> Iterator[Triple]:
    """Yield which municipalities and which time the data are about."""
    this = dataset(base)
    for area in sorted(found.areas):
        yield Triple(this, iri("dcterms:spatial"), NamedNode(area))
        yield Triple(NamedNode(area), RDF_TYPE, iri("dcterms:Location"))
    if found.days:
        period = part(base, "periode")
        first, last = min(found.days), max(found.days)
        yield Triple(this, iri("dcterms:temporal"), period)
        yield Triple(period, RDF_TYPE, iri("dcterms:PeriodOfTime"))
        yield Triple(period, RDFS_LABEL, Literal(f"{first} tot en met {last}", language="nl"))
        for name, day in (("dcat:startDate", first), ("dcat:endDate", last)):
            yield Triple(period, iri(name), Literal(day, datatype=iri("xsd:date")))


def _statistics(base: str, counts: Counts) -> Iterator[Triple]:
    """Yield the counts of the whole and of its parts by class and property."""
    this = dataset(base)
    yield _number(this, "void:triples", counts.triples)
    yield _number(this, "void:entities", len(counts.subjects))
    yield _number(this, "void:distinctSubjects", len(counts.subjects))
    yield _number(this, "void:classes", len(counts.classes))
    yield _number(this, "void:properties", len(counts.properties))
    for name, number in counts.properties.items():
        yield from _part(base, (this, "void:propertyPartition"), "void:property", (name,), number)
    for kind, number in counts.classes.items():
        yield from _part(base, (this, "void:classPartition"), "void:class", (kind, ""), None)
        yield _number(_partition(base, (kind, "")), "void:entities", number)
    for (kind, name), number in counts.by_class.items():
        above = (_partition(base, (kind, "")), "void:propertyPartition")
        yield from _part(base, above, "void:property", (name, kind), number)
    nested = (
        (counts.objects, "void:classPartition", "void:class"),
        (counts.datatypes, "void-ext:datatypePartition", "void-ext:datatype"),
    )
    for found, link, property_ in nested:
        for kind, name, value in found:
            above = (_partition(base, (name, kind)), link)
            yield from _part(base, above, property_, (value, name, kind), None)


def _part(
    base: str,
    above: tuple[NamedNode, str],
    property_: str,
    names: Sequence[str],
    triples: int | None,
) -> Iterator[Triple]:
    this = _partition(base, names)
    yield Triple(above[0], iri(above[1]), this)
    yield Triple(this, iri(property_), NamedNode(names[0]))
    if triples is not None:
        yield _number(this, "void:triples", triples)


def _partition(base: str, names: Iterable[str]) -> NamedNode:
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    return part(base, f"deel-{digest[:16]}")


def _linksets(base: str, counts: Counts) -> Iterator[Triple]:
    """Yield how many statements link to each register."""
    for register in sorted({register for register, _ in counts.links}):
        linkset, target = part(base, f"links-{register}"), part(base, register)
        title = REGISTERS[register]
        yield Triple(linkset, RDF_TYPE, iri("void:Linkset"))
        yield Triple(linkset, RDFS_LABEL, Literal(f"Verwijzingen naar {title}", language="nl"))
        yield Triple(linkset, iri("void:subjectsTarget"), dataset(base))
        yield Triple(linkset, iri("void:objectsTarget"), target)
        yield Triple(dataset(base), iri("void:subset"), linkset)
        yield Triple(target, RDF_TYPE, iri("void:Dataset"))
        yield Triple(target, RDFS_LABEL, Literal(title, language="nl"))
        yield Triple(target, iri("void:uriSpace"), Literal(LINKED[register]))
        properties = {name: n for (found, name), n in counts.links.items() if found == register}
        yield _number(linkset, "void:triples", sum(properties.values()))
        for name in properties:
            yield Triple(linkset, iri("void:linkPredicate"), NamedNode(name))


def _number(subject: NamedNode, property_: str, number: int) -> Triple:
    return Triple(subject, iri(property_), Literal(number))
