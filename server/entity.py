"""The page of one resource, whatever its class: shapes give the order, the graph the rest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from raadgraaf.catalogue import Term
from raadgraaf.namespaces import iri
from raadgraaf.server.evidence import Quote
from raadgraaf.server.presentation import Presenter, Shown
from raadgraaf.server.site import Site
from raadgraaf.server.statements import Link, Statements, read_statements
from raadgraaf.server.texts import texts
from raadgraaf.server.vocabulary import LAST, Place

_LABELS = tuple(
    iri(name).value for name in ("rdfs:label", "skos:prefLabel", "dcterms:title", "foaf:name")
)
_STATUS = iri("rg:currentStatus").value
_STATED_IN = iri("rg:statedIn").value
_QUOTE = iri("rg:quote").value

QUOTED_LINKS = 5
"""How many resources may refer here by one property to be quoted; more make a list of names."""

_MARKS = {"afgeleid": "derived", "afgewogen": "weighed", "referentie": "background"}
"""The graphs that are no source, each with the key of the text that says so."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a derived statement holds."""

    href: str | None
    rationale: Shown | None
    quotes: Sequence[Quote]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a property."""

    shown: Shown
    mark: str | None = None
    """The key of the text that says how the statement came about, where no source states it."""
    reason: Reason | None = None
    quotes: Sequence[Quote] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A property with its values, or one by which others refer to the resource."""

    property: str
    name: Shown
    values: Sequence[Value]
    place: Place
    count: int
    query: str | None = None
    """The text of a query for all values, where there are more than are shown."""


@dataclass(frozen=True, slots=True)
class Group:
    """Facts under one heading."""

    title: Shown
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Entity:
    """What a page says of a resource."""

    iri: str
    title: Shown
    kinds: Sequence[Shown]
    mark: str | None
    """How all statements came about, where that is the same for each and no source makes them."""
    status: Sequence[Value]
    groups: Sequence[Group]
    quotes: Sequence[Quote]
    links: Sequence[Fact]
    """What refers to it, less what the groups show."""

    def words(self) -> Iterator[str]:
        """Yield the texts that tell what the page is about; not where it is referred to from."""
        yield self.title.text
        for quote in self.quotes:
            yield quote.text
            yield quote.title
        for group in self.groups:
            for fact in group.facts:
                yield from (value.shown.text for value in fact.values)


def entity(site: Site, presenter: Presenter, resource: str) -> Entity | None:
    """Return what is known of a resource, or None where nothing is."""
    known = read_statements(site, presenter, resource)
    if known is None:
        return None
    names = [
        term for key in _LABELS for term in known.values.get(key, {}) if isinstance(term, Literal)
    ]
    title = presenter.resource(resource, names)
    own = known.cited.get(resource, ())
    page = _Page(presenter, known, {quote.passage for quote in own})
    facts = [
        page.fact(key, terms)
        for key, terms in _without_repetition(known.values, title.text, own, presenter.language)
    ]
    links = [page.link(link) for link in known.links]
    marks = {value.mark for fact in facts for value in fact.values}
    placed = [fact for fact in links if fact.place.order < LAST]
    here = {value.shown.iri for fact in (*facts, *placed) for value in fact.values}
    return Entity(
        iri=resource,
        title=title,
        kinds=[presenter.resource(each) for each in known.types],
        mark=next(iter(marks)) if len(marks) == 1 else None,
        status=[value for fact in facts if fact.property == _STATUS for value in fact.values],
        groups=page.groups(
            [
                *(fact for fact in facts if fact.property != _STATUS),
                *placed,
            ]
        ),
        quotes=own,
        links=[
            fact
            for fact in links
            if fact.place.order == LAST and not {value.shown.iri for value in fact.values} <= here
        ],
    )


def _without_repetition(
    values: Mapping[str, Mapping[Term, frozenset[str]]],
    title: str,
    quotes: Sequence[Quote],
    language: str,
) -> Iterator[tuple[str, Mapping[Term, frozenset[str]]]]:
    """Yield the statements less those that the heading, the quotes or a translation show."""
    passages = {quote.passage for quote in quotes}
    for key, terms in values.items():
        translated = any(isinstance(term, Literal) and term.language == language for term in terms)
        kept = {
            term: graphs
            for term, graphs in terms.items()
            if not (key in _LABELS[:2] or (key in _LABELS and term.value == title))
            and not (key == _STATED_IN and term.value in passages)
            and not (key == _QUOTE and quotes)
            and not (
                translated and isinstance(term, Literal) and term.language not in {None, language}
            )
        }
        if kept:
            yield key, kept


@dataclass(frozen=True, slots=True)
class _Page:
    """What the facts of one page share."""

    presenter: Presenter
    known: Statements
    passages_shown: set[str] = field(default_factory=set)

    def fact(self, key: str, terms: Mapping[Term, frozenset[str]]) -> Fact:
        """Return a property with its values."""
        vocabulary = self.presenter.vocabulary
        values = [
            Value(
                self.presenter.term(term, self.known.labels),
                self._mark(graphs),
                self._reason(key, term),
                self._quotes(term),
            )
            for term, graphs in terms.items()
        ]
        values.sort(key=lambda value: (value.shown.iri is None, value.shown.text.casefold()))
        return Fact(
            property=key,
            name=self.presenter.words(vocabulary.name(self.known.types, key), key),
            values=values,
            place=vocabulary.place(self.known.types, key),
            count=len(values),
        )

    def link(self, link: Link) -> Fact:
        """Return a property by which others refer to the resource, as if they were its values."""
        vocabulary = self.presenter.vocabulary
        names = vocabulary.name(self.known.types, link.property, inverse=True)
        place = vocabulary.place(self.known.types, link.property, inverse=True)
        return Fact(
            property=link.property,
            name=self.presenter.words(names, link.property),
            values=sorted(
                (
                    Value(
                        self.presenter.term(subject, self.known.labels),
                        quotes=self._quotes(subject) if link.count <= QUOTED_LINKS else (),
                    )
                    for subject in link.subjects
                ),
                key=lambda value: value.shown.text.casefold(),
            ),
            place=place,
            count=link.count,
            query=link.query if link.count > len(link.subjects) else None,
        )

    def _mark(self, graphs: Iterable[str]) -> str | None:
        keys = {graph.removeprefix(f"{self.presenter.base}graph/") for graph in graphs}
        return _MARKS[min(keys)] if keys and keys <= _MARKS.keys() else None

    def _reason(self, key: str, term: Term) -> Reason | None:
        found = self.known.reasons.get((key, term))
        if found is None:
            return None
        return Reason(
            self.presenter.href(found.iri, described=True),
            self.presenter.literal(found.rationale) if found.rationale else None,
            self.known.cited.get(found.iri, ()),
        )

    def _quotes(self, term: Term) -> Sequence[Quote]:
        """Return the passages of a value that this page has not shown yet."""
        if not isinstance(term, NamedNode):
            return ()
        quotes = [
            quote
            for quote in self.known.cited.get(term.value, ())
            if quote.passage not in self.passages_shown
        ]
        self.passages_shown.update(quote.passage for quote in quotes)
        return quotes

    def groups(self, facts: Sequence[Fact]) -> Sequence[Group]:
        """Return facts under the headings and in the order of the shapes."""
        ordered = sorted(
            facts,
            key=lambda fact: (
                fact.place.group_order,
                fact.place.group or "",
                fact.place.order,
                fact.name.text,
            ),
        )
        headings = dict.fromkeys(fact.place.group for fact in ordered)
        words = texts(self.presenter.language)
        rest = Shown(words["other_facts"] if len(headings) > 1 else words["facts"])
        labels = self.presenter.vocabulary.labels
        return [
            Group(
                self.presenter.words(labels.get(heading, ()), heading) if heading else rest,
                [fact for fact in ordered if fact.place.group == heading],
            )
            for heading in headings
        ]
