"""Registers of commitments, questions and motions, by a mapping of their columns."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from pyoxigraph import Triple

from raadgraaf.errors import InputError
from raadgraaf.loaders import register_mapping
from raadgraaf.loaders.base import SHOWN_OF_A_VALUE, Context, Limits, Rejected, Source, slug
from raadgraaf.loaders.register_entries import RELATIONS, Cells, Entry, Problem, cells, checked
from raadgraaf.loaders.register_graph import RegisterGraph
from raadgraaf.loaders.register_mapping import Header, RegisterMapping
from raadgraaf.loaders.register_nodes import Nodes
from raadgraaf.loaders.register_people import People
from raadgraaf.loaders.register_rows import headers_of, rows
from raadgraaf.provenance import GraphContent

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".xlsx", ".ods")


@dataclass(frozen=True, slots=True)
class Survey:
    """What one reading of a register tells before its rows are taken over."""

    headers: Sequence[Header]
    digest: str
    """That of the masked text."""
    differing: Set[str]
    """The keys of rows that differ from each other."""
    related: Mapping[str, str]
    """The kind of each row to which others may refer, by key; none where no column refers."""
    masked: Counter[str]


class Register:
    """The loader of registers."""

    name = "register"

    def recognizes(self, source: Source) -> bool:
        """Tell a register by headers that fit a ready mapping."""
        if not source.name.lower().endswith(SUFFIXES):
            return False
        try:
            first = headers_of(rows(source, Limits()))
        except InputError:
            return False
        return register_mapping.choose(first, register_mapping.ready()) is not None

    def load(self, source: Source, context: Context) -> Sequence[GraphContent]:
        """Return the graph of a register; rows that cannot be taken over are rejected."""
        mapping = mapping_of(source, context)
        survey = _survey(source, context, mapping)
        context.masked(survey.masked)
        key = f"{context.municipality}-{slug(source.stem)}"
        nodes = Nodes(context.base, context.municipality, slug(source.stem))
        people = People(nodes, context.known.get(context.municipality, ()))
        graph = RegisterGraph(nodes, people, source.stem, survey.related)
        triples = _triples(source, context, mapping, survey, graph)
        digest = survey.digest
        return [
            GraphContent(f"bron/{key}", triples, source.name, digest, self.name, keeps_rows=True)
        ]


def mapping_of(source: Source, context: Context) -> RegisterMapping:
    """Return the given mapping, or the ready one that fits the headers."""
    if context.mapping is not None:
        text = context.mapping.read_text(encoding="utf-8")
        return register_mapping.parse(text, str(context.mapping))
    first = headers_of(rows(source, context.limits))
    found = register_mapping.choose(first, register_mapping.ready())
    if found is None:
        headers = ", ".join(filter(None, first[0].cells)) if first else "none"
        name, missing = register_mapping.nearest(first)
        raise InputError(
            f"{source.name}: no ready mapping fits its headers ({headers}). The nearest is {name}, "
            f"for which this is missing: {missing}. Let `raadgraaf map` propose a mapping, "
            "complete it and load with --mapping."
        )
    return found


def _rows(
    source: Source, context: Context, mapping: RegisterMapping
) -> Iterator[tuple[Header, Cells]]:
    """Yield the rows below the headers of each sheet, with personal data masked."""
    headers: dict[str, Header] = {}
    for row in rows(source, context.limits):
        if row.sheet not in headers:
            if register_mapping.fits(mapping, row.cells):
                headers[row.sheet] = register_mapping.header(row, mapping)
                register_mapping.require_columns(headers[row.sheet], mapping, source.name)
            continue
        header = headers[row.sheet]
        if row.cells != header.names:
            yield header, cells(row, header, mapping)


def _survey(source: Source, context: Context, mapping: RegisterMapping) -> Survey:
    digest, masked = hashlib.sha256(), Counter[str]()
    seen: dict[str, bytes] = {}
    differing: set[str] = set()
    related: dict[str, str] = {}
    headers: dict[str, Header] = {}
    for header, given in _rows(source, context, mapping):
        if header.sheet not in headers:
            headers[header.sheet] = header
            digest.update("\n".join(header.names).encode())
        said = given.quote.encode()
        digest.update(said + b"\n")
        masked.update(given.masked)
        own = hashlib.sha256(said).digest()[:8]
        if seen.setdefault(given.key, own) != own:
            differing.add(given.key)
        if any(role in header.places for role in RELATIONS):
            entry, _ = checked(given, header, mapping)
            if entry is not None:
                related[given.key] = entry.kind
    if not headers:
        _refuse_without_rows(source, context, mapping)
    for header in headers.values():
        for name in header.unknown:
            reason = (
                "The mapping does not know this column, so it is kept in the quotes alone. "
                "Add it to a role or to `ignored` in the mapping."
            )
            context.rejected(
                Rejected(
                    source.name, header.sheet, header.number, name, "", "unknown-column", reason
                )
            )
    sure = {key: kind for key, kind in related.items() if key not in differing}
    return Survey(tuple(headers.values()), digest.hexdigest(), differing, sure, masked)


def _refuse_without_rows(source: Source, context: Context, mapping: RegisterMapping) -> None:
    first = headers_of(rows(source, context.limits))
    for row in first:
        if register_mapping.fits(mapping, row.cells):
            return
    if first:
        header = register_mapping.header(first[0], mapping)
        register_mapping.require_columns(header, mapping, source.name)
    raise InputError(
        f"{source.name} has no row of headers that the mapping {mapping.name} knows. "
        f"It needs one of each: {'; '.join('/'.join(group) for group in mapping.signature)}."
    )


def _triples(
    source: Source,
    context: Context,
    mapping: RegisterMapping,
    survey: Survey,
    graph: RegisterGraph,
) -> Iterator[Triple]:
    yield from graph.of_document(survey.digest)
    taken: set[str] = set()
    for header, given in _rows(source, context, mapping):
        if given.key in survey.differing:
            _reject(context, source, given, [_DIFFERING])
            continue
        if given.key in taken:
            continue
        taken.add(given.key)
        entry, problems = checked(given, header, mapping)
        _reject(context, source, given, problems)
        if entry is not None:
            yield from graph.of_entry(entry)


_DIFFERING = Problem(
    "",
    "",
    "differing-duplicate",
    "Another row has the same key and says something else, so neither was taken over. "
    "Give each its own key, or remove one.",
    fatal=True,
)


def _reject(context: Context, source: Source, given: Cells, problems: Sequence[Problem]) -> None:
    for problem in problems:
        value = problem.value or (given.by_role.get("key", "") if problem is _DIFFERING else "")
        context.rejected(
            Rejected(
                source.name,
                given.row.sheet,
                given.row.number,
                problem.column,
                value[:SHOWN_OF_A_VALUE],
                problem.code,
                problem.reason,
            )
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping that fits a file more or less, and what it makes of the first rows."""

    mapping: RegisterMapping
    header: Header
    entries: Sequence[Entry]


def proposal(source: Source, context: Context) -> Proposal:
    """Return the ready mapping that fits the headers, else one made of what they have in common."""
    first = headers_of(rows(source, context.limits))
    if not first:
        raise InputError(f"{source.name} has no rows. Name a register.")
    mapping = register_mapping.choose(first, register_mapping.ready())
    if mapping is None:
        row = max(first[:5], key=lambda each: sum(map(bool, each.cells)))
        below = [each for each in first if each.sheet == row.sheet and each.number > row.number]
        mapping = register_mapping.proposed(row, below, slug(source.stem))
    entries: list[Entry] = []
    header = None
    for found, given in _rows(source, context, mapping):
        header = found
        entry, _ = checked(given, found, mapping)
        entries += [entry] if entry else []
        if len(entries) == _SHOWN:
            break
    if header is None:
        header = register_mapping.header(first[0], mapping)
    return Proposal(mapping, header, entries)


_SHOWN = 3
