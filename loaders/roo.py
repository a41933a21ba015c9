"""The register of government organisations (ROO): its XML export, read as a stream.

The namespace of the export carries a version, so elements and attributes go by their local names.
"""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.errors import InputError
from raadgraaf.loaders import isolated
from raadgraaf.loaders.base import Context, Rejected, Source, slug
from raadgraaf.loaders.council_records import is_public
from raadgraaf.loaders.privacy import mask
from raadgraaf.loaders.triples import Term, about, date, dutch
from raadgraaf.namespaces import iri
from raadgraaf.provenance import GraphContent

PAGES = "https://organisaties.overheid.nl/"
_TOOI = re.compile(r"https://identifier\.overheid\.nl/tooi/id/[a-z]+/[a-z]+[0-9]+")
_MUNICIPALITY = "https://identifier.overheid.nl/tooi/id/gemeente/"
_ROOTS = re.compile(rb"<(?:\w+:)?(?:overheidsorganisaties|organisaties|organisatie|regeling)[\s>]")
Record = Mapping[str, Any]


class Roo:
    """The loader of the register of government organisations."""

    name = "roo"

    def recognizes(self, source: Source) -> bool:
        """Tell an export by its first element."""
        return _ROOTS.match(_body(source.head)) is not None

    def load(self, source: Source, context: Context) -> Sequence[GraphContent]:
        """Return the graph of an export: organisations, who takes part in them, public offices."""
        found: dict[str, list[Record]] = {"organisatie": [], "regeling": []}
        with source.open() as stream:
            for each in isolated.lines(
                "raadgraaf.loaders.roo:parsed", stream, source.name, [source.name]
            ):
                found[each["element"]].append(each)
        graph = RegisterGraph(
            context,
            source,
            {each["id"]: each["tooi"] for each in found["organisatie"] if each["tooi"]},
        )
        triples = list(graph.triples(found["organisatie"], found["regeling"]))
        key = f"referentie-{slug(source.stem)}"
        return [GraphContent(key, triples, source.name, source.digest, self.name)]


def _body(head: bytes) -> bytes:
    """Return the first bytes without what may stand before the first element."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return re.sub(rb"\A(?:<\?.*?\?>|<!--.*?-->|\s+)+", b"", start, flags=re.DOTALL)


def parsed(stream: BinaryIO, name: str) -> Iterator[Record]:
    """Yield organisations and arrangements as mappings; run by `isolated`."""
    try:
        for _, element in iterparse(stream, events=("end",)):
            local = _local(element.tag)
            if local in {"organisatie", "regeling"}:
                yield {"element": local, **_record(element)}
                element.clear()
    except ParseError as error:
        raise InputError(
            f"{name}: this is no XML from line {error.position[0]} on. "
            "Fetch the export again; it may have been cut off."
        ) from None
    except DefusedXmlException:
        raise InputError(
            f"{name}: it has a document type definition or entities, which can hide harm. "
            "Fetch the export again from organisaties.overheid.nl."
        ) from None


def _record(element: Element) -> Record:
    """Return what is kept of an element; addresses, numbers and staff are not."""
    tooi = _attribute(element, "resourceIdentifierTOOI") or _text(element, "tooi")
    members = _child(element, "deelnemendeOrganisaties")
    body = _child(element, "regionaalSamenwerkingsorgaan")
    kinds = [*_children(_child(element, "types"), "type"), *_children(element, "type")]
    return {
        "id": _attribute(element, "systeemId") or _text(element, "id"),
        "tooi": tooi if _TOOI.fullmatch(tooi) else "",
        "name": _text(element, "naam") or _text(element, "citeertitel") or _text(element, "titel"),
        "kinds": [_words(each) for each in kinds],
        "body": _reference(body) if body is not None else None,
        "members": [_reference(each) for each in ([] if members is None else members)],
        "factions": [
            _text(each, "naam")
            for each in _children(_child(_child(element, "raad"), "partijen"), "partij")
        ],
        "offices": [
            {
                "id": _attribute(holder, "systeemId") or _text(holder, "id"),
                "office": _text(office, "naam"),
                "name": _text(holder, "naam"),
                "begin": _text(holder, "startDatum"),
                "end": _text(holder, "eindDatum"),
            }
            for office in _children(_child(element, "functies"), "functie")
            # Names of others than holders of a public office do not leave this process
            if is_public(_text(office, "naam"))
            for holder in _children(_child(office, "medewerkers"), "medewerker")
        ],
    }


def _reference(element: Element) -> Record:
    tooi = _attribute(element, "resourceIdentifierTOOI")
    return {
        "id": _attribute(element, "systeemId"),
        "tooi": tooi if _TOOI.fullmatch(tooi) else "",
        "name": _text(element, "naam") or _words(element),
        "left": _text(element, "uittredingsDatum"),
    }


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _children(element: Element | None, name: str) -> list[Element]:
    return [each for each in ([] if element is None else element) if _local(each.tag) == name]


def _child(element: Element | None, name: str) -> Element | None:
    return next(iter(_children(element, name)), None)


def _words(element: Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""


def _text(element: Element, name: str) -> str:
    return _words(_child(element, name))


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if _local(key) == name), "").strip()


@dataclass(frozen=True, slots=True)
class RegisterGraph:
    """Makes the triples of an export."""

    context: Context
    source: Source
    known: Mapping[str, str]
    """The IRIs of TOOI by the numbers of the register."""

    def triples(
        self, organisations: Sequence[Record], arrangements: Sequence[Record]
    ) -> Iterator[Triple]:
        """Yield the triples of organisations and of the arrangements between them."""
        for number, each in enumerate(organisations, start=1):
            if not each["name"] or not (each["id"] or each["tooi"]):
                self._reject(number, "naam", "no-name", "The organisation has no name or number.")
                continue
            yield from self._organisation(each)
            if each["tooi"].startswith(_MUNICIPALITY):
                yield from self._of_municipality(number, each)
        for each in arrangements:
            yield from self._arrangement(each)

    def _reject(self, number: int, column: str, code: str, reason: str) -> None:
        self.context.rejected(Rejected(self.source.name, "", number, column, "", code, reason))

    def _node(self, reference: Record) -> NamedNode:
        number = reference["id"]
        tooi = reference["tooi"] or self.known.get(number)
        return NamedNode(tooi or f"{self.context.base}id/organisatie/roo/{slug(number)}")

    def _organisation(self, record: Record) -> Iterator[Triple]:
        node = self._node(record)
        name = record["name"]
        if node.value.startswith(_MUNICIPALITY):
            # As TOOI's register prints it
            name = re.sub(r"^[Gg]emeente ", "", name)
        yield from about(node, {"rdf:type": _kind(node, record), **self._named(name, record["id"])})

    def _arrangement(self, record: Record) -> Iterator[Triple]:
        """Yield a joint organisation and the municipalities that take part in it today."""
        body = record["body"] or record
        municipalities = [
            NamedNode(each["tooi"])
            for each in record["members"]
            if each["tooi"].startswith(_MUNICIPALITY) and not each["left"]
        ]
        if not (record["body"] or municipalities) or not (body["name"] and body["id"]):
            return
        yield from about(
            self._node(body),
            {
                "rdf:type": iri("rg:JointOrganisation"),
                "rg:actsFor": municipalities,
                **self._named(body["name"], body["id"]),
            },
        )
        for each in municipalities:
            yield from about(each, {"rdf:type": iri("rg:Municipality")})

    def _of_municipality(self, number: int, record: Record) -> Iterator[Triple]:
        code = record["tooi"].removeprefix(_MUNICIPALITY)
        base = f"{self.context.base}id/"
        for name in filter(None, record["factions"]):
            node = NamedNode(f"{base}fractie/{code}/{slug(name)}")
            yield from about(
                node, {"rdf:type": iri("rg:Faction"), **self._named(name, record["id"])}
            )
        for each in record["offices"]:
            if not each["id"] or not re.search(r"\w\w", each["name"]):
                self._reject(number, "medewerker", "no-name", "The holder has no name or number.")
            elif not all(_is_day(each[name]) for name in ("begin", "end")):
                self._reject(number, "startDatum", "impossible-date", "Write it as 2024-02-27.")
            else:
                yield from self._holding(each, code, record)

    def _holding(self, holder: Record, code: str, municipality: Record) -> Iterator[Triple]:
        base = f"{self.context.base}id/"
        key = f"roo-{slug(holder['id'])}"
        person = NamedNode(f"{base}persoon/{code}/{key}")
        office = NamedNode(f"{base}functie/nl/{slug(holder['office'])}")
        term = NamedNode(f"{base}termijn/{code}/{key}-{slug(holder['office'])}")
        name, begin, end = holder["name"], holder["begin"][:10], holder["end"][:10]
        basis = self._basis(municipality["id"])
        words = " ".join(filter(None, (begin and f"vanaf {begin}", end and f"tot en met {end}")))
        yield from about(
            person,
            {
                "rdf:type": iri("rg:OfficeHolder"),
                "rdfs:label": dutch(mask(name)[0]),
                "foaf:name": Literal(mask(name)[0]),
                "rg:basis": basis["rg:basis"],
                "rg:rationale": basis["rg:rationale"],
            },
        )
        yield from about(
            office,
            {"rdf:type": iri("skos:Concept"), "skos:prefLabel": dutch(holder["office"]), **basis},
        )
        yield from about(
            NamedNode(f"{base}portefeuillehouderschap/{code}/{key}-{slug(holder['office'])}"),
            {
                "rdf:type": iri("rg:PortfolioHolding"),
                "rdfs:label": dutch(f"{mask(name)[0]} als {holder['office']}"),
                "org:member": person,
                "org:role": office,
                "org:organization": NamedNode(municipality["tooi"]),
                "org:memberDuring": term if words else None,
                **basis,
            },
        )
        if words:
            yield from about(
                term,
                {
                    "rdf:type": iri("rg:TimeExpression"),
                    "rdfs:label": dutch(words),
                    "rg:expression": dutch(words),
                    "rg:earliest": date(begin) if begin else None,
                    "rg:latest": date(end) if end else None,
                    **basis,
                },
            )

    def _named(self, name: str, number: str) -> Mapping[str, Term]:
        masked = mask(name)[0]
        return {"rdfs:label": dutch(masked), "foaf:name": Literal(masked), **self._basis(number)}

    def _basis(self, number: str) -> Mapping[str, Term]:
        return {
            "rg:basis": iri("rgt:basis-background"),
            "rg:rationale": dutch("Volgens het Register van Overheidsorganisaties."),
            "dcterms:source": NamedNode(f"{PAGES}{slug(number)}" if number else PAGES),
        }


def _kind(node: NamedNode, record: Record) -> NamedNode:
    if node.value.startswith(_MUNICIPALITY):
        return iri("rg:Municipality")
    words = " ".join(record["kinds"]).lower()
    if "/tooi/id/so/" in node.value or "samenwerking" in words or "gemeenschappelijk" in words:
        return iri("rg:JointOrganisation")
    if "/tooi/id/provincie/" in node.value:
        return iri("tooiont:Provincie")
    return iri("org:FormalOrganization")


def _is_day(text: str) -> bool:
    try:
        return not text or bool(datetime.date.fromisoformat(text[:10]))
    except ValueError:
        return False
