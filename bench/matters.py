"""The rows of a year's register, each with its matter and all that hangs on it."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random

from pyoxigraph import Literal, NamedNode

from bench import words
from bench.handling import CHAINS, kind_of_response, memo_on_parts, response, status
from bench.organisations import EDITIONS, Municipality, slug, term_of
from bench.terms import STATED, Text, Value, about, both, day, name, nl
from bench.words import chance
from bench.years import Meeting, Year, meetings, mostly

ROWS = 60
"""Rows of a register that is not cut short."""


def year_of(place: Municipality, year: int, random: Random, room: int) -> Year:
    """Return one year, cut short at the first row beyond so many statements."""
    made = Year(place, year, random)
    met = list(meetings(made))
    text = Text(place.of("document", f"toezeggingenlijst-{year}"), f"Toezeggingenlijst {year}")
    made.register += text.describe("rg:CommitmentRegister", {})
    for number in range(1, ROWS + 1):
        if len(made) >= room:
            break
        _row(made, text, number, random.choice(met))
    return made


def _row(made: Year, text: Text, number: int, meeting: Meeting) -> None:
    """Add a row of the register and all that hangs on it."""
    place, random = made.place, made.random
    key = f"{made.year}-{number}"
    question = chance(random, 0.35)
    matter = place.of("vraag" if question else "toezegging", key)
    item, topic = random.choice(meeting.items)
    subject = words.TOPICS[topic]
    # Few departments and aldermen answer for most matters.
    weights = [1 / (rank + 1) for rank in range(len(words.DEPARTMENTS))]
    department = random.choices(words.DEPARTMENTS, weights)[0]
    aldermen = place.aldermen(term_of(meeting.when))
    holder = random.choices(aldermen, weights[: len(aldermen)])[0]
    worded = words.sentence(random, question=question, topic=subject)
    parts = () if question or not chance(random, 0.06) else ("a", "b")
    # The answer to a matter with parts stands in a memo, part by part.
    kind = kind_of_response(random, 0) if not parts and chance(random, 0.88) else None
    printed = words.answer(random, kind) if kind else ""
    page = number // 4 + 1 if chance(random, 0.5) else None
    passage, quoted = text.passage(f"{holder} {department} {subject} {worded}", page)
    made.register += quoted
    entry = place.of("regel", key)
    origin = {"rg:basis": STATED, "rg:statedIn": passage}
    made.register += about(
        entry,
        "rg:RegisterEntry",
        {
            "rdfs:label": both(f"Registerregel {key}", f"Register row {key}"),
            "rg:records": matter,
            "rg:formulates": matter,
            "rg:partOfDocument": text.document,
            "rg:rowNumber": Literal(number),
            "rg:printedPortfolioHolder": mostly(random, 0.95, Literal(holder)),
            "rg:printedDepartment": mostly(random, 0.9, Literal(department)),
            "rg:printedSubject": nl(subject),
            "rg:printedResponse": nl(printed) if printed else None,
            "rg:text": nl(worded),
            **origin,
        },
    )
    known = chance(random, 0.9)
    chain = () if parts or not chance(random, 0.35) else random.choice(CHAINS)
    made.register += about(
        matter,
        "rg:Question" if question else "rg:Commitment",
        {
            "rdfs:label": both(f"{subject} ({key})", f"Matter {key}"),
            "rg:department": mostly(random, 0.9, place.of("afdeling", department.lower())),
            "rg:portfolioHolder": mostly(random, 0.95, place.of("persoon", holder)),
            "rg:raisedBefore": meeting.body,
            "rg:raisedIn": meeting.iri if known else None,
            "rg:raisedUnder": mostly(random, 0.75, item) if known else None,
            "rg:topic": place.of("onderwerp", str(topic)),
            "rg:madeTo": None if question else mostly(random, 0.6, _recipient(made, meeting)),
            "rg:askedBy": mostly(random, 0.85, _faction(made)) if question else None,
            "rg:questionKind": _question_kind(random) if question else None,
            "rg:concerns": mostly(random, 0.05, place.vision(int(made.year >= EDITIONS[1][0]))),
            "rg:hasDeadline": _deadline(made, key, meeting, origin),
            "adms:identifier": _identifier(made, key, origin),
            "rg:hasPartMatter": [place.of("deel", f"{key}-{part}") for part in parts],
            **origin,
        },
    )
    last = meeting.when
    for part in parts:
        made.register += about(
            place.of("deel", f"{key}-{part}"),
            "rg:MatterPart",
            {
                "rdfs:label": both(f"{subject} ({key}, deel {part})", f"Matter {key}, part {part}"),
                "rg:text": nl(f"{worded.partition(',')[0]} ({part})"),
                "rg:raisedBefore": meeting.body,
                **origin,
            },
        )
    if kind:
        last = response(made, text, key, matter=matter, kind=kind, printed=printed, meeting=meeting)
    memo_on_parts(made, key, matter, parts, meeting)
    status(made, text, key, matter=matter, chain=chain, last=last)


def _recipient(made: Year, meeting: Meeting) -> NamedNode:
    return _faction(made) if chance(made.random, 0.2) else meeting.body


def _faction(made: Year) -> NamedNode:
    weights = range(len(words.FACTIONS), 0, -1)
    return made.place.of("fractie", slug(made.random.choices(words.FACTIONS, weights)[0]))


def _question_kind(random: Random) -> NamedNode:
    return name(f"rgt:question-{random.choice(('technical', 'oral', 'written'))}")


def _deadline(
    made: Year, key: str, meeting: Meeting, origin: Mapping[str, Value]
) -> NamedNode | None:
    random = made.random
    if not chance(random, 0.55):
        return None
    deadline = made.place.of("termijn", key)
    latest = meeting.when + timedelta(days=random.choice((14, 30, 42, 90, 180)))
    vague = chance(random, 0.3)
    expression = "zo spoedig mogelijk" if vague else f"uiterlijk {latest:%d-%m-%Y}"
    made.register += about(
        deadline,
        "rg:TimeExpression",
        {
            "rdfs:label": nl(expression),
            "rg:expression": nl(expression),
            "rg:latest": None if vague else day(latest),
            "rg:edtf": None if vague else Literal(f"../{latest.isoformat()}"),
            **origin,
        },
    )
    return deadline


def _identifier(made: Year, key: str, origin: Mapping[str, Value]) -> NamedNode | None:
    random = made.random
    if not chance(random, 0.4):
        return None
    identifier = made.place.of("identificatie", key)
    notation = f"{random.getrandbits(32):08x}-{random.getrandbits(16):04x}"
    made.register += about(
        identifier,
        "adms:Identifier",
        {
            "rdfs:label": nl(f"iBabs {notation}"),
            "skos:notation": Literal(notation),
            "adms:schemaAgency": Literal("iBabs"),
            **origin,
        },
    )
    return identifier
