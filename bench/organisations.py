"""The lasting parts of the generated data: municipalities, their bodies and people, regions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from pyoxigraph import Literal, NamedNode, Triple

from bench import words
from bench.terms import STATED, TOOI, SourceGraph, Text, Value, about, both, day, entity, name, nl

FIRST_CODE = 5000
"""Codes of real municipalities lie below."""
REGION_SIZE = 8
TERMS = ((date(2018, 5, 24), date(2022, 5, 31)), (date(2022, 6, 1), date(2026, 5, 31)))
EDITIONS = ((2019, 2022), (2023, 2026))
"""Years of the two editions of a regional policy."""
ALDERMEN = 6
STAYING = 2
"""Aldermen of the second term who were so in the first."""


@dataclass(frozen=True, slots=True)
class Municipality:
    """What the matters of a municipality refer to."""

    code: str
    title: str
    region: str

    @property
    def iri(self) -> NamedNode:
        """Its IRI, of the form that TOOI has."""
        return NamedNode(TOOI + self.code)

    def of(self, kind: str, key: str) -> NamedNode:
        """Return the IRI of a thing of this municipality."""
        return entity(kind, self.code, key)

    def aldermen(self, term: int) -> Sequence[str]:
        """Return the keys of those in office in a term, by their portfolios' order."""
        start = term * (ALDERMEN - STAYING)
        return [f"wethouder-{number + 1}" for number in range(start, start + ALDERMEN)]

    def vision(self, edition: int) -> NamedNode:
        """Return the policy of its region: edition 0 or 1."""
        return entity("document", self.region, f"regiovisie-{edition}")


def municipality(number: int) -> Municipality:
    """Return the municipality with a number, from 0."""
    first, last = divmod(number, len(words.LAST))
    title = f"{words.FIRST[first % len(words.FIRST)]}{words.LAST[last]}"
    era = first // len(words.FIRST)
    title += f" {era + 1}" if era else ""
    return Municipality(f"gm{FIRST_CODE + number}", title, f"regio-{number // REGION_SIZE}")


def term_of(when: date) -> int:
    """Return the number of the council's term in which a day falls."""
    return int(when >= TERMS[1][0])


def organisation(place: Municipality, random: Random) -> SourceGraph:
    """Return the bodies, departments, factions and office holders of a municipality."""
    guide = Text(place.of("document", "gids"), f"Gids van de gemeente {place.title}")
    triples = list(guide.describe("rg:Document", {}))
    passage, quoted = guide.passage(
        f"De gemeente {place.title} kent een raad, een college en de commissies "
        f"{', '.join(words.COMMITTEES)}. In de raad zitten {', '.join(words.FACTIONS)}."
    )
    triples += quoted

    def add(subject: NamedNode, kind: str, label: str, **values: NamedNode | Literal) -> None:
        given = {key.replace("_", ":"): value for key, value in values.items()}
        common: dict[str, Value] = {
            "rdfs:label": nl(label),
            "rg:basis": STATED,
            "rg:statedIn": passage,
        }
        triples.extend(about(subject, kind, {**common, **given}))

    add(place.iri, "rg:Municipality", place.title, foaf_name=Literal(place.title))
    bodies = [("raad", "raad", "council"), ("college", "college", "executive")]
    bodies += [
        (f"commissie-{each.lower()}", f"commissie {each}", "committee") for each in words.COMMITTEES
    ]
    for key, label, kind in bodies:
        add(
            place.of("orgaan", key),
            "rg:GoverningBody",
            label,
            foaf_name=Literal(label),
            rg_bodyKind=name(f"rgt:body-{kind}"),
            rg_bodyOf=place.iri,
        )
    for notation in words.DEPARTMENTS:
        department = place.of("afdeling", notation.lower())
        add(
            department,
            "rg:Department",
            notation,
            skos_notation=Literal(notation),
            org_unitOf=place.iri,
        )
    for title in words.FACTIONS:
        add(place.of("fractie", slug(title)), "rg:Faction", title, foaf_name=Literal(title))
    for title in words.PORTFOLIOS:
        add(place.of("portefeuille", slug(title)), "rg:Portfolio", title)
    for number, title in enumerate(words.TOPICS):
        add(place.of("onderwerp", str(number)), "rg:Topic", title, rg_titleAsPrinted=nl(title))
    triples += about(
        entity("functie", "nl", "wethouder"),
        "skos:Concept",
        {"skos:prefLabel": both("wethouder", "alderman")},
    )
    triples += _office_holders(place, guide, random)
    return SourceGraph(f"bron/{place.code}-gids", triples)


def _office_holders(place: Municipality, guide: Text, random: Random) -> Iterator[Triple]:
    surnames = random.sample(words.SURNAMES, 2 * ALDERMEN - STAYING)
    named: set[str] = set()
    for term, (first, last) in enumerate(TERMS):
        for seat, key in enumerate(place.aldermen(term)):
            surname = surnames[int(key.rpartition("-")[2]) - 1]
            period = f"{first.year}-{last.year}"
            portfolio = words.PORTFOLIOS[seat]
            passage, quoted = guide.passage(
                f"Wethouder {surname} heeft in de periode {period} de portefeuille {portfolio}."
            )
            yield from quoted
            origin = {"rg:basis": STATED, "rg:statedIn": passage}
            if key not in named:
                named.add(key)
                yield from about(
                    place.of("persoon", key),
                    "rg:OfficeHolder",
                    {"rdfs:label": nl(surname), "foaf:name": Literal(surname), **origin},
                )
            time = place.of("tijd", f"{key}-{term}")
            yield from about(
                place.of("portefeuillehouderschap", f"{key}-{term}"),
                "rg:PortfolioHolding",
                {
                    "rdfs:label": nl(f"{surname} als wethouder, {period}"),
                    "org:member": place.of("persoon", key),
                    "org:role": entity("functie", "nl", "wethouder"),
                    "org:organization": place.of("orgaan", "college"),
                    "org:memberDuring": time,
                    "rg:portfolio": place.of("portefeuille", slug(portfolio)),
                    **origin,
                },
            )
            yield from about(
                time,
                "rg:TimeExpression",
                {
                    "rdfs:label": nl(period),
                    "rg:expression": nl(period),
                    "rg:earliest": day(first),
                    "rg:latest": day(last),
                    **origin,
                },
            )


def region(place: Municipality) -> SourceGraph:
    """Return the policy of the region of a municipality: two editions and those it involves."""
    key = place.region
    line, area = entity("beleidslijn", key, "samen"), entity("regio", "nl", key)
    text = Text(place.vision(1), f"Regiovisie {key}, tweede uitgave")
    old = Text(place.vision(0), f"Regiovisie {key}, eerste uitgave")
    triples: list[Triple] = []
    for edition, each in enumerate((old, text)):
        years = EDITIONS[edition]
        time = entity("tijd", key, f"uitgave-{edition}")
        triples += each.describe(
            "rg:RegionalVision",
            {
                "rg:editionOf": line,
                "rg:appliesTo": area,
                "rg:validDuring": time,
                "rg:replacesDocument": old.document if edition else None,
            },
        )
        passage, quoted = each.passage(f"Deze visie geldt van {years[0]} tot en met {years[1]}.")
        triples += quoted
        triples += about(
            time,
            "rg:TimeExpression",
            {
                "rdfs:label": nl(f"{years[0]}-{years[1]}"),
                "rg:expression": nl(f"{years[0]} tot en met {years[1]}"),
                "rg:earliest": day(date(years[0], 1, 1)),
                "rg:latest": day(date(years[1], 12, 31)),
                "rg:basis": STATED,
                "rg:statedIn": passage,
            },
        )
    passage, quoted = text.passage("De gemeenten van de regio werken samen aan hun aanpak.")
    triples += quoted
    origin = {"rg:basis": STATED, "rg:statedIn": passage}
    triples += about(line, "rg:PolicyLine", {"rdfs:label": nl(f"Samen in {key}"), **origin})
    triples += about(area, "rg:Region", {"rdfs:label": nl(f"Regio {key}"), **origin})
    partners = [entity("partner", key, f"partner-{number}") for number in range(6)]
    kinds = ("shelter", "care-provider", "local-team", "justice", "health", "other")
    for partner, kind in zip(partners, kinds, strict=True):
        label = f"Stichting {kind} {key}"
        triples += about(
            partner,
            "rg:PartnerOrganisation",
            {
                "rdfs:label": nl(label),
                "foaf:name": Literal(label),
                "rg:partnerKind": name(f"rgt:partner-{kind}"),
                **origin,
            },
        )
    for number in range(5):
        quote = f"{number + 1}. {words.PROMISES[number]} de aanpak, {words.ASIDES[number]}."
        passage, quoted = text.passage(quote)
        triples += quoted
        triples += about(
            entity("speerpunt", key, str(number + 1)),
            "rg:FocusPoint",
            {
                "rdfs:label": both(f"Speerpunt {number + 1}", f"Focus point {number + 1}"),
                "rg:text": nl(quote),
                "rg:ordinal": Literal(str(number + 1)),
                "rg:elementOf": text.document,
                "rg:involves": (partners[number], partners[number + 1]),
                "rg:basis": STATED,
                "rg:statedIn": passage,
            },
        )
    return SourceGraph(f"bron/{key}-regiovisie", triples)


def slug(title: str) -> str:
    """Return a title as a part of an IRI."""
    return title.lower().replace(" ", "-").replace("ë", "e")
