"""Mappings that are proposed for a register, and their declaration in YAML."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from raadgraaf.loaders.register_mapping import ROLES, RegisterMapping, plain, ready
from raadgraaf.loaders.register_rows import Row


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
