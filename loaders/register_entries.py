"""From a row of a register to an entry whose every value was checked."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from raadgraaf.loaders import privacy
from raadgraaf.loaders.register_mapping import Header, RegisterMapping
from raadgraaf.loaders.register_rows import Row
from raadgraaf.loaders.register_values import (
    FORMULA_ERRORS,
    BadValue,
    Time,
    day,
    key_of,
    natural,
    short_digest,
    steps,
    time,
    web_address,
)

MASKED_NAME = "[naam]"
RELATIONS = ("repeats", "amends", "supplements")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell, or with the row where there is no column."""

    column: str
    value: str
    code: str
    reason: str
    fatal: bool
    """Whether the row cannot be taken over; else the cell alone."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that came of a matter."""

    on: date | None
    words: str
    status: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a register that was understood."""

    key: str
    number: int
    sheet: str
    kind: str
    ground: str
    """The words by which it is of this kind; nothing where the register itself says so."""
    text: str
    subject: str
    printed: Mapping[str, str]
    """The cells of holder, promiser, department, committee and the like, by role."""
    raised: date | None
    deadline: Time | None
    steps: Sequence[Step]
    response: str
    settled_on: date | None
    page: str
    identifier: str
    related: Mapping[str, str]
    """The keys of the matters that this one repeats, amends or supplements, by role."""
    quote: str
    redacted: bool


@dataclass(frozen=True, slots=True)
class Cells:
    """The masked cells of a row, by role and all together."""

    row: Row
    by_role: Mapping[str, str]
    quote: str
    redacted: bool
    masked: Mapping[str, int]
    """How often each kind of personal data stood in it."""

    @property
    def key(self) -> str:
        """What tells this row from others: its number, else a digest of what it says."""
        number = self.by_role.get("key", "")
        if number:
            return key_of(number)
        said = "|".join(
            natural(self.by_role.get(role, "")) for role in ("text", "date", "subject", "committee")
        )
        return short_digest(said)


def cells(row: Row, header: Header, mapping: RegisterMapping) -> Cells:
    """Return the cells of a row with personal data masked."""
    counts: dict[str, int] = {}
    shown: list[str] = []
    for place, cell in enumerate(row.cells):
        if place in header.personal and cell:
            shown.append(MASKED_NAME)
            counts["naam"] = counts.get("naam", 0) + 1
            continue
        text, found = privacy.mask(cell) if cell else (cell, {})
        shown.append(text)
        for kind, count in found.items():
            counts[kind] = counts.get(kind, 0) + count
    by_role = {
        role: "" if place in header.personal or place >= len(shown) else shown[place]
        for role, place in header.places.items()
    }
    if len(mapping.key) > 1 or mapping.key[0] != "key":
        by_role["key"] = " ".join(filter(None, (by_role.get(role, "") for role in mapping.key)))
    names = (*header.names, *("" for _ in range(len(shown) - len(header.names))))
    quote = "\n".join(
        f"{name}: {text}" if name else text
        for name, text in zip(names, shown, strict=False)
        if text
    )
    return Cells(row, by_role, quote, bool(counts), counts)


def checked(
    given: Cells, header: Header, mapping: RegisterMapping
) -> tuple[Entry | None, Sequence[Problem]]:
    """Return the entry of a row, or nothing, and what is wrong with the row."""
    check = _Check(given, header, mapping)
    entry = check.entry()
    fatal = any(problem.fatal for problem in check.problems)
    return (None if fatal else entry), check.problems


class _Check:
    """The checks of one row; gathers its problems."""

    def __init__(self, given: Cells, header: Header, mapping: RegisterMapping) -> None:
        self._given, self._header, self._mapping = given, header, mapping
        self.problems: list[Problem] = []

    def entry(self) -> Entry:
        given = self._given
        self._require_shape()
        raised = self._value("date", self._day, None)
        settled = self._value("settledOn", self._day, None)
        if raised and settled and settled < raised:
            self._note("settledOn", "settled-before-raised", _SETTLED_BEFORE, fatal=False)
            settled = None
        chain = self._steps()
        status = self._status(settled)
        # That it is still open says nothing that its steps do not
        if status and not (chain and status in {"open", chain[-1].status}):
            words = self._cell("status") or self._cell("settled") or "afgedaan"
            chain.append(Step(settled, words, status))
        kind, ground = self._kind()
        related = {role: key_of(self._cell(role)) for role in RELATIONS if self._cell(role)}
        return Entry(
            key=given.key,
            number=given.row.number,
            sheet=given.row.sheet,
            kind=kind,
            ground=ground,
            text=self._cell("text") or self._cell("subject"),
            subject=self._cell("subject"),
            printed={
                role: self._cell(role)
                for role in ("holder", "promiser", "department", "committee", "madeTo", "askedBy")
                if self._cell(role)
            },
            raised=raised,
            deadline=self._value("deadline", lambda text: time(text, *self._formats), None),
            steps=_opened(chain, raised),
            response=self._cell("response"),
            settled_on=settled,
            page=self._value("page", web_address, "", fatal=False) if self._cell("page") else "",
            identifier=self._cell("key"),
            related=related,
            quote=given.quote,
            redacted=given.redacted,
        )

    @property
    def _formats(self) -> tuple[Sequence[str], Sequence[str]]:
        return self._mapping.dates, self._mapping.unknown

    def _cell(self, role: str) -> str:
        return self._given.by_role.get(role, "")

    def _day(self, text: str) -> date | None:
        return day(text, *self._formats)

    def _note(self, role: str, code: str, reason: str, *, fatal: bool, value: str = "") -> None:
        place = self._header.places.get(role)
        column = self._header.names[place] if place is not None else ""
        self.problems.append(Problem(column, value or self._cell(role), code, reason, fatal))

    def _value(self, role: str, read: Callable[[str], _T], absent: _T, *, fatal: bool = True) -> _T:
        try:
            return read(self._cell(role))
        except BadValue as bad:
            self._note(role, bad.code, bad.reason, fatal=fatal)
            return absent

    def _require_shape(self) -> None:
        row, width = self._given.row, len(self._header.names)
        if len(row.cells) != width:
            reason = (
                f"The row has {len(row.cells)} fields and the headers are {width}. "
                "Put a field that holds the separator or a line end between quotes."
            )
            self._note("", "field-count", reason, fatal=True, value=self._given.quote)
        for role in self._mapping.required:
            if not self._cell(role):
                reason = "The cell is blank, but the mapping requires it. Fill it in the register."
                self._note(role, "required-value", reason, fatal=True)
        wordless = not (self._cell("text") or self._cell("subject"))
        if wordless and not any(each.code == "required-value" for each in self.problems):
            self._note("text", "required-value", "The row has no wording.", fatal=True)
        for role in self._header.places:
            if self._cell(role) in FORMULA_ERRORS:
                reason = "The cell holds the error of a formula. Mend the formula in the workbook."
                self._note(role, "formula-error", reason, fatal=True)

    def _word(self, role: str, words: Mapping[str, str]) -> str | None:
        said = self._cell(role).casefold()
        if said and said not in words:
            reason = (
                f"{self._cell(role)!r} is not one of the words of the mapping "
                f"({', '.join(words)}). Add it there; the row was taken over without it."
            )
            self._note(role, f"unknown-{role}", reason, fatal=False)
        return words.get(said)

    def _kind(self) -> tuple[str, str]:
        """Return the kind of the row, and the words by which it is that if no column says so."""
        mapping = self._mapping
        said = self._word("kind", mapping.kinds)
        place = self._header.places.get("text")
        heading = self._header.names[place].casefold().strip() if place is not None else ""
        if said or heading in mapping.kinds:
            return said or mapping.kinds[heading], ""
        for wording in mapping.wordings:
            if words := wording.found(self._cell(wording.role)):
                return wording.kind, words
        if mapping.kind == "matter":
            self._note("text", "kind-not-told", _NO_KIND, fatal=False)
        return mapping.kind, ""

    def _status(self, settled: date | None) -> str | None:
        said = self._word("status", self._mapping.statuses)
        flag = self._word("settled", self._mapping.statuses)
        if flag == "fulfilled" or (settled and not said):
            return "fulfilled"
        return said or flag or None

    def _steps(self) -> list[Step]:
        found = []
        for written, words in steps(self._cell("steps")):
            status = _matching(words, self._mapping.steps)
            try:
                on = self._day(written)
            except BadValue as bad:
                self._note("steps", bad.code, bad.reason, fatal=False, value=words)
                continue
            if status:
                found.append(Step(on, words, status))
        return sorted(found, key=lambda step: step.on or date.max)


_SETTLED_BEFORE = (
    "It is settled before it was raised, so the day on which it was settled is left out. "
    "Correct one of the two dates in the register."
)


_NO_KIND = (
    "Neither a column nor the wording tells whether this is a question or a commitment, so it was "
    "taken over as a matter of no kind. Add a column with the kind, or words to `wordings` in the "
    "mapping."
)


def _matching(words: str, known: Mapping[str, str]) -> str | None:
    """Return the status of the longest known words that a step has."""
    said = words.casefold()
    found = [each for each in known if re.search(rf"\b{re.escape(each)}\b", said)]
    return known[max(found, key=len)] if found else None


def _opened(chain: Sequence[Step], raised: date | None) -> Sequence[Step]:
    """Let a chain begin with the promise where its day is known."""
    if raised is None or (chain and chain[0].status == "open" and chain[0].on):
        return chain
    if chain and chain[0].status == "open":
        return [replace(chain[0], on=raised), *chain[1:]]
    return [Step(raised, "aan de orde gesteld", "open"), *chain]
