"""What the graph says of one resource: its statements, links to it, and their passages."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from raadgraaf.answers import Row
from raadgraaf.catalogue import Term
from raadgraaf.namespaces import RDF_TYPE, iri
from raadgraaf.server.evidence import Evidence, evidence
from raadgraaf.server.presentation import Presenter, labels_of
from raadgraaf.server.site import Site
from raadgraaf.server.vocabulary import LAST, Labels

_OF_REASONS = iri("rdf:subject").value
"""The link from a reason to the resource; a reason stands beside its statement."""


@dataclass(frozen=True, slots=True)
class Link:
    """A property by which others refer to the resource."""

    property: str
    count: int
    subjects: Sequence[NamedNode]
    """At most twenty of them."""
    query: str
    """The text of a query for all of them."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """Why a derived statement holds."""

    iri: str
    rationale: Literal | None


@dataclass(frozen=True, slots=True)
class Statements:
    """What is known of a resource."""

    types: Sequence[str]
    values: Mapping[str, Mapping[Term, frozenset[str]]]
    """By property and value, the graphs in which it is stated; without the types."""
    links: Sequence[Link]
    labels: Labels
    reasons: Mapping[tuple[str, Term], Derivation]
    """By property and value."""
    cited: Evidence
    """The passages of the resource, of what it refers to, and of the reasons."""


def read_statements(site: Site, presenter: Presenter, resource: str) -> Statements | None:
    """Return what is known of a resource, or None where nothing is."""
    this = NamedNode(resource)
    rows = site.select("facts", this=this)
    counts = site.select("links-here", this=this)
    if not (rows or counts):
        return None
    values = _values(rows)
    classes = [term.value for term in values.pop(RDF_TYPE.value, {})]
    types = presenter.vocabulary.most_specific(classes)
    labels = dict(labels_of(rows, "value"))
    if site.graph:
        labels |= _labels_elsewhere(site, values, labels)
    links: list[Link] = []
    for row in counts:
        if row["property"].value == _OF_REASONS:
            continue
        first = site.select("linked-by", this=this, property=row["property"])
        labels.update(labels_of(first, "subject"))
        links.append(_link(site, this, row, first))
    derived = site.select("reasons", this=this) if rows else []
    reasons = {
        (row["property"].value, row["value"]): Derivation(row["reason"].value, _literal(row))
        for row in reversed(derived)
    }
    cited = [
        resource,
        *(term.value for terms in values.values() for term in terms if isinstance(term, NamedNode)),
        *(
            subject.value
            for link in links
            if presenter.vocabulary.place(types, link.property, inverse=True).order < LAST
            for subject in link.subjects
        ),
        *(reason.iri for reason in reasons.values()),
    ]
    return Statements(
        types, values, links, labels, reasons, evidence(site.of_all(), presenter, cited)
    )


def _labels_elsewhere(
    site: Site, values: Mapping[str, Mapping[Term, frozenset[str]]], labels: Labels
) -> Labels:
    """Return the labels that all data have for what one graph only refers to."""
    terms = {term for each in values.values() for term in each if isinstance(term, NamedNode)}
    unlabelled = sorted(term.value for term in terms if term.value not in labels)
    this = [NamedNode(each) for each in unlabelled]
    return labels_of(site.of_all().select("labels", this=this), "this") if this else {}


def _values(rows: Sequence[Row]) -> dict[str, dict[Term, frozenset[str]]]:
    values: dict[str, dict[Term, frozenset[str]]] = defaultdict(dict)
    for row in rows:
        terms = values[row["property"].value]
        graphs = terms.get(row["value"], frozenset())
        terms[row["value"]] = graphs | ({row["graph"].value} if "graph" in row else set())
    return values


def _link(site: Site, this: NamedNode, row: Row, first: Sequence[Row]) -> Link:
    subjects = dict.fromkeys(
        subject for each in first if isinstance(subject := each["subject"], NamedNode)
    )
    return Link(
        property=row["property"].value,
        count=int(row["count"].value),
        subjects=list(subjects),
        query=site.text("all-linked-by", this=this, property=row["property"]),
    )


def _literal(row: Row) -> Literal | None:
    rationale = row.get("rationale")
    return rationale if isinstance(rationale, Literal) else None
