"""What became of a matter: responses in register and memos, and its status."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from pyoxigraph import Literal, NamedNode, Triple

from bench import words
from bench.terms import STATED, Text, about, both, day, entity, name, nl
from bench.words import chance
from bench.years import Meeting, Year, mostly

_RESPONSES = (
    {"full": 32, "referral": 24, "deferral": 14, "delivery": 10, "progress": 10, "partial": 10},
    {"full": 40, "partial": 15, "progress": 25, "deferral": 20},
)
"""Weights of the kinds of response: in the register, and in a memo that it refers to."""
CHAINS = (
    ("open", "in-progress", "fulfilled"),
    ("open", "deferred", "fulfilled"),
    ("open", "deferred", "in-progress"),
    ("open", "fulfilled"),
    ("open", "withdrawn"),
    ("in-progress", "lapsed"),
    ("open", "deferred", "not-fulfilled"),
)


def kind_of_response(random: Random, where: int) -> str:
    """Return a kind of response: 0 in the register, 1 in a memo."""
    weights = _RESPONSES[where]
    return random.choices(list(weights), list(weights.values()))[0]


def response(
    made: Year,
    text: Text,
    key: str,
    *,
    matter: NamedNode,
    kind: str,
    printed: str,
    meeting: Meeting,
) -> date:
    """Add the answer cell of a row, and the memo it refers to; return the last of their days."""
    place, random = made.place, made.random
    passage, quoted = text.passage(printed)
    made.register += quoted
    response = place.of("reactie", f"{key}-lijst")
    when = meeting.when + timedelta(days=random.randint(2, 200))
    elaborated = place.of("reactie", f"{key}-memo")
    resolved = kind == "referral" and chance(random, 0.9)
    made.register += about(
        response,
        "rg:Response",
        {
            "rdfs:label": both(f"Reactie op {key}", f"Response to {key}"),
            "rg:responseKind": name(f"rgt:response-{kind}"),
            "rg:respondsTo": matter,
            "rg:responseDate": mostly(random, 0.8, day(when)),
            "rg:givenIn": text.document,
            "rg:elaboratedBy": elaborated if resolved else None,
            "rg:text": nl(printed),
            "rg:basis": STATED,
            "rg:statedIn": passage,
        },
    )
    made.register.append(Triple(matter, name("rg:hasResponse"), response))
    if resolved:
        memo = _memo(made, key, when)
        _memo_response(
            made, memo, elaborated, matter=matter, kind=kind_of_response(random, 1), when=when
        )
        _wording(made, memo, key, matter)
    return when


def _memo(made: Year, key: str, when: date) -> Text:
    place = made.place
    memo = Text(place.of("document", f"memo-{key}"), f"Memo over toezegging {key}")
    made.memos += memo.describe(
        "rg:Memo", {"rg:documentDate": day(when), "rg:addressee": place.of("orgaan", "raad")}
    )
    return memo


def _memo_response(
    made: Year, memo: Text, response: NamedNode, *, matter: NamedNode, kind: str, when: date
) -> None:
    worded = words.answer(made.random, kind)
    passage, quoted = memo.passage(worded)
    made.memos += quoted
    made.memos += about(
        response,
        "rg:Response",
        {
            "rdfs:label": both(f"Antwoord in {memo.title}", f"Answer in {memo.title}"),
            "rg:responseKind": name(f"rgt:response-{kind}"),
            "rg:respondsTo": matter,
            "rg:responseDate": day(when),
            "rg:givenIn": memo.document,
            "rg:text": nl(worded),
            "rg:basis": STATED,
            "rg:statedIn": passage,
        },
    )
    made.memos.append(Triple(matter, name("rg:hasResponse"), response))


def _wording(made: Year, memo: Text, key: str, matter: NamedNode) -> None:
    """Add how a memo words a matter, which is not how the register does."""
    worded = f"Toegezegd is {made.random.choice(words.PROMISES)} het gevraagde onder {key}."
    passage, quoted = memo.passage(worded)
    made.memos += quoted
    made.memos += about(
        made.place.of("formulering", f"{key}-memo"),
        "rg:Formulation",
        {
            "rdfs:label": both(f"{memo.title}, punt 1", f"{memo.title}, point 1"),
            "rg:formulates": matter,
            "rg:partOfDocument": memo.document,
            "rg:itemNumber": Literal(1),
            "rg:text": nl(worded),
            "rg:basis": STATED,
            "rg:statedIn": passage,
        },
    )


def memo_on_parts(
    made: Year, key: str, matter: NamedNode, parts: Sequence[str], meeting: Meeting
) -> None:
    """Add a memo that answers the parts of a matter one by one, and promises something new."""
    if not parts:
        return
    place, random = made.place, made.random
    when = meeting.when + timedelta(days=random.randint(10, 90))
    memo = _memo(made, f"{key}-delen", when)
    _wording(made, memo, f"{key}-delen", matter)
    for part in parts:
        part_matter = place.of("deel", f"{key}-{part}")
        response = place.of("reactie", f"{key}-{part}")
        kind_of_answer = kind_of_response(random, 1)
        _memo_response(made, memo, response, matter=part_matter, kind=kind_of_answer, when=when)
    promised = place.of("toezegging", f"{key}-memo")
    passage, quoted = memo.passage(f"Wij zeggen toe {random.choice(words.PROMISES)} het restant.")
    made.memos += quoted
    made.memos += about(
        promised,
        "rg:Commitment",
        {
            "rdfs:label": both(f"Nieuwe toezegging bij {key}", f"New commitment at {key}"),
            "rg:raisedBefore": meeting.body,
            "rg:basis": STATED,
            "rg:statedIn": passage,
        },
    )
    made.memos.append(
        Triple(place.of("reactie", f"{key}-{parts[-1]}"), name("rg:gaveRiseTo"), promised)
    )
    _wording(made, memo, f"{key}-nieuw", promised)


def status(
    made: Year, text: Text, key: str, *, matter: NamedNode, chain: Sequence[str], last: date
) -> None:
    """Add the events that the register's own status column records."""
    if not chain:
        return
    printed = ", ".join(words.STATES[state] for state in chain)
    passage, quoted = text.passage(f"Stand van zaken: {printed}.")
    made.register += quoted
    for number, state in enumerate(chain, start=1):
        last += timedelta(days=made.random.randint(5, 60))
        made.register += about(
            entity("status", made.place.code, f"{key}-{number}"),
            "rg:StatusEvent",
            {
                "rdfs:label": both(f"{words.STATES[state]}: {key}", f"{state}: {key}"),
                "rg:statusOf": matter,
                "rg:toStatus": name(f"rgt:status-{state}"),
                "rg:sequence": Literal(number),
                "rg:eventDate": mostly(made.random, 0.8, day(last)),
                "rg:evidence": passage,
                "rg:basis": STATED,
                "rg:statedIn": passage,
            },
        )
