"""One year of a municipality: what its documents hold, and its meetings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from pyoxigraph import Literal, NamedNode, Triple

from bench import words
from bench.organisations import Municipality, slug
from bench.terms import STATED, SourceGraph, Text, Value, about, day, nl
from bench.words import chance

MEETINGS = 16
ITEMS = 3


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting and its agenda."""

    iri: NamedNode
    body: NamedNode
    when: date
    dated: bool
    """Whether the source gives its date."""
    items: Sequence[tuple[NamedNode, int]]
    """Agenda items, each with the number of its topic."""


@dataclass(slots=True)
class Year:
    """What the documents of one year of a municipality say."""

    place: Municipality
    year: int
    random: Random
    meetings: list[Triple] = field(default_factory=list)
    register: list[Triple] = field(default_factory=list)
    memos: list[Triple] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.meetings) + len(self.register) + len(self.memos)

    def graphs(self) -> Iterator[SourceGraph]:
        """Yield one graph for each kind of document."""
        for kind in ("meetings", "register", "memos"):
            triples = getattr(self, kind)
            if triples:
                yield SourceGraph(f"bron/{self.place.code}-{_FILES[kind]}-{self.year}", triples)


_FILES = {"meetings": "vergaderingen", "register": "toezeggingenlijst", "memos": "memos"}


def mostly(random: Random, share: float, value: NamedNode | Literal) -> NamedNode | Literal | None:
    """Return the value, or nothing where it is missing."""
    return value if chance(random, share) else None


def meetings(made: Year) -> Iterator[Meeting]:
    """Add the meetings of the year with their agendas, and yield them."""
    place, random = made.place, made.random
    text = Text(place.of("document", f"kalender-{made.year}"), f"Vergaderkalender {made.year}")
    made.meetings += text.describe("rg:Document", {})
    bodies = [("raad", "raad"), *((f"commissie-{slug(each)}", each) for each in words.COMMITTEES)]
    for number in range(MEETINGS):
        key, label = bodies[number % len(bodies)]
        when = date(made.year, 1, 8) + timedelta(days=21 * number + random.randint(0, 6))
        dated = chance(random, 0.96)
        meeting = place.of("vergadering", f"{made.year}-{number + 1}")
        body = place.of("orgaan", key)
        title = f"Vergadering {label} {when:%d-%m-%Y}" if dated else f"Vergadering {label}"
        topics = random.sample(range(len(words.TOPICS)), ITEMS)
        agenda = "; ".join(
            f"{place + 1}. {words.TOPICS[each]}" for place, each in enumerate(topics)
        )
        passage, quoted = text.passage(f"{title}. Agenda: {agenda}.")
        made.meetings += quoted
        origin: Mapping[str, Value] = {"rg:basis": STATED, "rg:statedIn": passage}
        made.meetings += about(
            meeting,
            "rg:Meeting",
            {
                "rdfs:label": nl(title),
                "rg:meetingOf": body,
                "rg:meetingDate": day(when) if dated else None,
                **origin,
            },
        )
        items = []
        for position, topic in enumerate(topics):
            item = place.of("agendapunt", f"{made.year}-{number + 1}-{position + 1}")
            items.append((item, topic))
            made.meetings += about(
                item,
                "rg:AgendaItem",
                {
                    "rdfs:label": nl(words.TOPICS[topic]),
                    "rg:agendaItemOf": meeting,
                    "rg:topic": place.of("onderwerp", str(topic)),
                    **origin,
                },
            )
        yield Meeting(meeting, body, when, dated, items)
