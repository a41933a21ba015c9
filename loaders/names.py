"""What the names in a register mean: whom and what other sources describe by that very name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf.namespaces import RDF_TYPE, iri

# What other sources say of people and bodies; what a register assumed is no source for another
KNOWN = """
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX rg: <https://w3id.org/raadgraaf/def#>
CONSTRUCT { ?subject ?property ?value }
WHERE {
  {
    VALUES ?class {
      rg:Department
      rg:GoverningBody
      rg:OfficeHolder
    }
    VALUES ?property {
      <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>
      foaf:name
      rg:basis
    }
    ?subject a ?class ;
      ?property ?value .
  }
  UNION
  {
    VALUES ?property {
      org:member
      org:memberDuring
    }
    ?subject a rg:PortfolioHolding ;
      ?property ?value .
  }
  UNION
  {
    VALUES ?property {
      rg:earliest
      rg:latest
    }
    [] a rg:PortfolioHolding ;
      org:memberDuring ?subject .
    ?subject ?property ?value .
  }
}
"""
_PERIOD = re.compile(r"\s*\((?:19|20)\d\d\s*[-\u2013]\s*(?:19|20)\d\d\)$")
_CLASSES = {iri("rg:Department"), iri("rg:GoverningBody"), iri("rg:OfficeHolder")}
# Words that tell no person or body from another
_COMMON = {
    *("burgemeester", "wethouder", "dhr", "heer", "mevr", "mevrouw", "mw", "drs", "ing", "ir"),
    *("dr", "mr", "prof", "afdeling", "team", "commissie", "raadscommissie", "de", "het", "van"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A person, body or department as a source describes it."""

    node: NamedNode
    kind: NamedNode
    name: str
    terms: tuple[tuple[date | None, date | None], ...] = ()
    """The first and last day of each office, where known; nothing where no term is known."""

    def held_office(self, day: date | None) -> bool:
        """Tell whether what is known of the terms allows for an office on a day."""
        return (
            day is None
            or not self.terms
            or any(
                (first is None or first <= day) and (last is None or last >= day)
                for first, last in self.terms
            )
        )


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a printed name means: one that is certain, or those that it may be."""

    node: NamedNode | None = None
    candidates: Sequence[NamedNode] = ()


def without_period(printed: str) -> str:
    """Return the name of a body without the council period behind it, such as (2022-2026)."""
    return _PERIOD.sub("", printed)


def meant(printed: str, kind: str, day: date | None, known: Iterable[Named]) -> Meaning:
    """Return whom or what a name means on a day.

    Certain is one that has exactly this name and no other that has it; a period behind the name
    counts only where somebody has it in the name, too.
    """
    fitting = [each for each in known if each.kind == iri(kind)]
    for name in (printed, without_period(printed)):
        exact = {each.node for each in fitting if each.name == name and each.held_office(day)}
        if len(exact) == 1:
            return Meaning(exact.pop())
    alike = {each.node for each in fitting if _alike(without_period(printed), each.name)}
    return Meaning(candidates=sorted(alike, key=lambda node: node.value))


def _alike(one: str, other: str) -> bool:
    words, others = _words(one), _words(other)
    return bool(words and others) and (words <= others or others <= words)


def _words(name: str) -> set[str]:
    return set(re.findall(r"\w+", without_period(name).casefold())) - _COMMON


def known(triples: Iterable[Triple]) -> Mapping[str, Sequence[Named]]:
    """Return who and what is described, by the municipality that their IRIs name (MODEL, 10)."""
    said: dict[NamedNode, dict[NamedNode, list[NamedNode | Literal]]] = {}
    for triple in triples:
        subject, value = triple.subject, triple.object
        if (
            triple.predicate in _USED
            and isinstance(subject, NamedNode)
            and isinstance(value, NamedNode | Literal)
        ):
            said.setdefault(subject, {}).setdefault(triple.predicate, []).append(value)
    terms: dict[object, list[tuple[date | None, date | None]]] = {}
    for about in said.values():
        for holder in about.get(iri("org:member"), ()):
            for period in about.get(iri("org:memberDuring"), ()):
                bounds = said.get(period, {}) if isinstance(period, NamedNode) else {}
                term = (_day(bounds.get(iri("rg:earliest"))), _day(bounds.get(iri("rg:latest"))))
                terms.setdefault(holder, []).append(term)
    found: dict[str, list[Named]] = {}
    for node, about in said.items():
        municipality = re.search(r"/id/[a-z]+/(gm\d{4})/", node.value)
        kinds = _CLASSES.intersection(about.get(RDF_TYPE, ()))
        if (
            municipality
            and kinds
            and iri("rgt:basis-assumed") not in about.get(iri("rg:basis"), ())
        ):
            for kind in kinds:
                for name in about.get(iri("foaf:name"), ()):
                    each = Named(node, kind, name.value, tuple(terms.get(node, ())))
                    found.setdefault(municipality[1], []).append(each)
    return found


def joined(
    one: Mapping[str, Sequence[Named]], other: Mapping[str, Sequence[Named]]
) -> Mapping[str, Sequence[Named]]:
    """Return what two sources know together."""
    return {
        code: tuple(dict.fromkeys([*one.get(code, ()), *other.get(code, ())]))
        for code in {*one, *other}
    }


_USED = {
    RDF_TYPE,
    *map(iri, ("foaf:name", "rg:basis", "org:member", "org:memberDuring")),
    *map(iri, ("rg:earliest", "rg:latest")),
}


def _day(values: Sequence[NamedNode | Literal] | None) -> date | None:
    return date.fromisoformat(values[0].value[:10]) if values else None
