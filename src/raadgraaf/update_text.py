"""What the SPARQL Protocol asks of the text of an update: a dataset from outside, and no LOAD."""

from collections.abc import Iterator, Sequence

from pyoxigraph import NamedNode

from raadgraaf.errors import InputError
from raadgraaf.tokens import Token

REFUSED_SOURCE = "raadgraaf:not-loaded"
"""In place of what LOAD SILENT names: a scheme that no engine fetches, so it does nothing."""


def without_loads(text: str, outermost: Sequence[Token], *, silent_only: bool) -> str:
    """Return an update in which LOAD, or LOAD SILENT alone, fetches nothing.

    `outermost` are the tokens of the update outside of all brackets.
    """
    sources = [
        after[1] if after[0].word == "SILENT" else after[0]
        for token, after in _with_following(outermost, 2)
        if token.word == "LOAD" and (after[0].word == "SILENT" or not silent_only)
    ]
    return _replaced(text, [(source, f"<{REFUSED_SOURCE}>") for source in sources])


def with_dataset(
    text: str, outermost: Sequence[Token], default: Sequence[str], named: Sequence[str]
) -> str:
    """Return an update whose WHERE clauses match the given graphs.

    Source: SPARQL 1.1 Protocol, 2.2.3 (Specifying an RDF Dataset).
    """
    if not (default or named):
        return text
    if any(token.word in {"USING", "WITH"} for token in outermost):
        raise InputError(
            "The update has USING or WITH, and the request names graphs, too (using-graph-uri). "
            "Name them in one place."
        )
    try:
        clauses = " ".join(
            [f"USING {NamedNode(graph)}" for graph in default]
            + [f"USING NAMED {NamedNode(graph)}" for graph in named]
        )
    except ValueError as error:
        raise InputError(f"A graph of the request is not an absolute IRI: {error}") from None
    changes: list[tuple[Token, str]] = []
    for token, after in _with_following(outermost, 3):
        if token.word == "DELETE" and after[0].word == "WHERE":
            opening, closing = after[1], after[2]
            pattern = text[opening.position : closing.position + 1]
            changes.append((after[0], f"{pattern} {clauses} WHERE"))
        elif token.text == "}" and after[0].word == "WHERE":
            changes.append((after[0], f"{clauses} WHERE"))
    return _replaced(text, changes)


def _with_following(tokens: Sequence[Token], count: int) -> Iterator[tuple[Token, Sequence[Token]]]:
    end = Token("", "", 0)
    padded = [*tokens, *[end] * count]
    for index, token in enumerate(tokens):
        yield token, padded[index + 1 : index + 1 + count]


def _replaced(text: str, changes: Sequence[tuple[Token, str]]) -> str:
    for token, replacement in sorted(changes, key=lambda change: -change[0].position):
        end = token.position + len(token.text)
        text = text[: token.position] + replacement + text[end:]
    return text
