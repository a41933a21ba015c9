"""Mappings of registers: what each column means, declared in YAML, checked, found by headers."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from typing import Any

import jsonschema
import yaml

from raadgraaf import resources
from raadgraaf.errors import InputError
from raadgraaf.loaders.register_rows import Row

ROLES = {
    "key": "the number or code that stays the same in every version",
    "kind": "whether it is a commitment, a question or a motion",
    "subject": "its title",
    "text": "its wording",
    "holder": "the office holder who answers for it",
    "promiser": "the office holder who made the promise",
    "department": "the department that carries it out",
    "committee": "the body before which it was raised",
    "date": "the day on which it was raised",
    "deadline": "the time by which it is to be settled",
    "status": "its status, in the words of `statuses`",
    "settled": "whether it is settled",
    "settledOn": "the day on which it was settled",
    "steps": "what came of it, a dated step on each line",
    "response": "the answer",
    "page": "its web address",
    "madeTo": "the body or political group to which it was made",
    "askedBy": "the political group that asked",
    "repeats": "the key of the commitment that it repeats",
    "amends": "the key of the commitment that it amends",
    "supplements": "the key of the commitment that it supplements",
}
"""What a column can mean."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Words by which a row is of some kind."""

    role: str
    """The cell in which they stand."""
    kind: str
    begins: Sequence[str] = ()
    has: Sequence[str] = ()
    ends: Sequence[str] = ()

    def found(self, cell: str) -> str | None:
        """Return the first of the words that a cell has in the place for it."""
        said = cell.casefold().strip()
        for word in self.begins:
            if re.match(rf"{re.escape(word)}\b", said):
                return word
        for word in self.has:
            if re.search(rf"\b{re.escape(word)}\b", said):
                return word
        return next((sign for sign in self.ends if said.endswith(sign)), None)


@dataclass(frozen=True, slots=True)
class RegisterMapping:
    """What the columns of a register mean."""

    name: str
    title: str
    signature: Sequence[Sequence[str]]
    """Groups of headers; a file is of this kind if it has one of each group."""
    columns: Mapping[str, Sequence[str]]
    """The headers that a role may have, the most fitting first."""
    dates: Sequence[str]
    kind: str = "commitment"
    required: Sequence[str] = ("text",)
    key: Sequence[str] = ("key",)
    """The roles that tell rows apart; where they are blank, text, date and subject do."""
    unknown: Sequence[str] = ()
    """Values that stand for nothing known."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    wordings: Sequence[Wording] = ()
    """By what words the kind of a row is told where no column says it; the first that fits."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    personal: Sequence[str] = ()
    """Headers of columns that name people who hold no public office."""
    ignored: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """The row of headers of a sheet, understood by a mapping."""

    sheet: str
    number: int
    names: tuple[str, ...]
    places: Mapping[str, int]
    """The column of each role that the sheet has."""
    personal: frozenset[int]
    unknown: tuple[str, ...]
    """Headers that the mapping does not know."""


def plain(header: str) -> str:
    """Return a header as it is compared: lower case letters and digits, dots kept."""
    return re.sub(r"[^\w.]+", " ", header.casefold()).replace("_", " ").strip()


def parse(text: str, name: str) -> RegisterMapping:
    """Return the mapping that a YAML document declares, or say what is wrong with it and where."""
    try:
        # All values are texts: `nee`, 0001-01-01 and 12 are words of a register, too
        declared = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # makes texts only
    except yaml.YAMLError as error:
        raise InputError(f"{name} is not YAML: {error}. Mend it and try again.") from None
    schema = yaml.safe_load(resources.folder("loaders", "mapping-schema.yaml").read_text("utf-8"))
    errors = sorted(
        jsonschema.Draft202012Validator(schema).iter_errors(declared),
        key=lambda each: [str(step) for step in each.path],
    )
    if errors:
        where = "; ".join(
            f"{'.'.join(map(str, error.path)) or 'the document'}: {error.message}"
            for error in errors
        )
        raise InputError(f"{name} is no mapping of a register: {where}. docs/loaders.md has them.")
    given: dict[str, Any] = {
        each: {str(word).casefold(): value for word, value in members.items()}
        if each in {"kinds", "statuses", "steps"}
        else members
        for each, members in declared.items()
    }
    given["wordings"] = [Wording(**each) for each in given.get("wordings", ())]
    mapping = RegisterMapping(**given)
    for role in (*mapping.required, *mapping.key, *(each.role for each in mapping.wordings)):
        if role not in ROLES:
            raise InputError(
                f"{name}: {role!r} is no role of a column. The roles are {', '.join(ROLES)}."
            )
    return mapping


@cache
def ready() -> Sequence[RegisterMapping]:
    """Return the mappings that ship with the package."""
    return tuple(
        parse(file.read_text(encoding="utf-8"), file.name)
        for file in resources.listing(".yaml", "loaders", "mappings")
    )


def fits(mapping: RegisterMapping, names: Iterable[str]) -> bool:
    """Tell whether headers have the signature of a mapping."""
    found = {plain(name) for name in names}
    return all(any(plain(alias) in found for alias in group) for group in mapping.signature)


def choose(first: Sequence[Row], mappings: Iterable[RegisterMapping]) -> RegisterMapping | None:
    """Return the mapping that knows most of the headers among the first rows of a file."""
    fitting = [
        (len(header(row, mapping).places), mapping)
        for row in first
        for mapping in mappings
        if fits(mapping, row.cells)
    ]
    return max(fitting, key=lambda each: each[0])[1] if fitting else None


def nearest(first: Sequence[Row]) -> tuple[str, str]:
    """Return the ready mapping that misses least of some headers, and what it misses, in words."""
    missing = []
    for row in first:
        names = [name for name in row.cells if name]
        found = {plain(name) for name in names}
        for mapping in ready():
            groups = [
                group
                for group in mapping.signature
                if not any(plain(alias) in found for alias in group)
            ]
            near = [
                (alias, name)
                for group in groups
                for alias in group
                for name in difflib.get_close_matches(alias, names, n=1, cutoff=0.7)
            ]
            said = "; ".join(" or ".join(group) for group in groups)
            hint = f" (is {near[0][1]!r} meant to be {near[0][0]!r}?)" if near else ""
            missing.append((len(groups), -len(near), mapping.name, said + hint))
    return min(missing)[2:] if missing else ("", "")


def header(row: Row, mapping: RegisterMapping) -> Header:
    """Return a row as the headers of its sheet."""
    names = [plain(cell) for cell in row.cells]
    places: dict[str, int] = {}
    for role, aliases in mapping.columns.items():
        found = [names.index(plain(alias)) for alias in aliases if plain(alias) in names]
        free = [place for place in found if place not in places.values()]
        if found:
            places[role] = (free or found)[0]
    personal = {plain(each) for each in mapping.personal}
    known = {*personal, *(plain(each) for each in mapping.ignored)}
    return Header(
        row.sheet,
        row.number,
        row.cells,
        places,
        frozenset(place for place, name in enumerate(names) if name in personal),
        tuple(
            row.cells[place]
            for place, name in enumerate(names)
            if name and name not in known and place not in places.values()
        ),
    )


def require_columns(found: Header, mapping: RegisterMapping, source: str) -> None:
    """Refuse headers that lack a required column; name the nearest one."""
    for role in mapping.required:
        if role in found.places:
            continue
        aliases = mapping.columns.get(role, ())
        near = difflib.get_close_matches(
            " ".join(aliases[:1]), [name for name in found.names if name], n=1, cutoff=0.4
        )
        hint = f" The nearest is {near[0]!r}." if near else ""
        raise InputError(
            f"{source}: the mapping {mapping.name} needs a column for {ROLES[role]} "
            f"({', '.join(aliases)}). The headers found are {', '.join(filter(None, found.names))}."
            f"{hint} Write a mapping of your own with `raadgraaf map` and load with --mapping."
        )


def csvw(mapping: RegisterMapping, names: Sequence[str], address: str) -> Mapping[str, Any]:
    """Return the mapping as metadata of a CSV file (CSVW: Metadata Vocabulary for Tabular Data)."""
    found = header(Row("", 1, tuple(names)), mapping)
    roles = {place: role for role, place in found.places.items()}
    temporal = {"date", "settledOn"}
    form = next((each for each in mapping.dates if each != "excel"), "yyyy-mm-dd")
    columns: list[Mapping[str, Any]] = []
    for place, name in enumerate(names):
        role = roles.get(place)
        column: dict[str, Any] = {"titles": name, "name": role or f"column{place + 1}"}
        if role in temporal:
            column["datatype"] = {"base": "date", "format": form.replace("mm", "MM")}
        if role in mapping.required:
            column["required"] = True
        if place in found.personal or role is None:
            column["suppressOutput"] = True
        columns.append(column)
    key = [each for each in mapping.key if each in found.places]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": address,
        "dc:title": mapping.title,
        "tableSchema": {"columns": columns, **({"primaryKey": key} if key else {})},
    }


def proposed(row: Row, below: Sequence[Row], name: str) -> RegisterMapping:
    """Return a mapping of headers that no ready one fits, from what all ready ones say of them.

    Where they say of none that it is the text, the longest cells below them are.
    """
    names = [cell for cell in row.cells if cell]
    private = {plain(each) for mapping in ready() for each in mapping.personal}
    personal = [each for each in names if plain(each) in private]
    columns: dict[str, list[str]] = {}
    for role in ROLES:
        aliases = [alias for mapping in ready() for alias in mapping.columns.get(role, ())]
        exact = {plain(alias) for alias in aliases}
        taken = {each for found in columns.values() for each in found}
        fitting = [each for each in names if plain(each) in exact and each not in taken]
        near = [
            each
            for each in names
            if each not in taken and difflib.get_close_matches(plain(each), exact, n=1, cutoff=0.8)
        ]
        if fitting or near:
            columns[role] = (fitting or near)[:1]
    if "text" not in columns:
        taken = {plain(each) for found in (*columns.values(), personal) for each in found}
        free = [place for place, each in enumerate(row.cells) if each and plain(each) not in taken]
        longest = max(free, key=partial(_length, below), default=0)
        columns["text"] = columns.get("subject", [row.cells[longest]])
    return RegisterMapping(
        name=name,
        title=name,
        signature=[[each] for each in columns["text"]],
        columns=columns,
        dates=["dd-mm-yyyy", "yyyy-mm-dd", "d mmmm yyyy", "excel"],
        kinds=_joined(mapping.kinds for mapping in ready()),
        statuses=_joined(mapping.statuses for mapping in ready()),
        steps=_joined(mapping.steps for mapping in ready()),
        personal=personal,
    )


def _length(rows: Iterable[Row], column: int) -> int:
    return sum(len(row.cells[column]) for row in rows if column < len(row.cells))


def _joined(words: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Return what all mappings say of words; a code such as `1` means something in one alone."""
    return {word: value for each in words for word, value in each.items() if not word.isdecimal()}


def declaration(mapping: RegisterMapping) -> Mapping[str, Any]:
    """Return a mapping as its YAML document has it."""
    declared = {each: value for each, value in asdict(mapping).items() if value}
    if mapping.wordings:
        declared["wordings"] = [
            {name: value for name, value in asdict(each).items() if value}
            for each in mapping.wordings
        ]
    return declared
