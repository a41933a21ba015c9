"""Graph files of more triples than fit in memory are those of the same triples sorted at once."""

import hashlib
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import graphfiles, sorting
from raadgraaf.graphfiles import GraphFile

GRAPH = "http://example.org/graaf"


def some_triples() -> list[Triple]:
    chance = random.Random(7)  # noqa: S311 # the same in every run
    values = [
        Literal("a\nb"),
        Literal("a\rb"),
        Literal("é", language="nl"),
        NamedNode("http://x/a"),
    ]
    return [
        Triple(
            NamedNode(f"http://x/{chance.randrange(40)}"),
            NamedNode(f"http://x/p{chance.randrange(3)}"),
            chance.choice([*values, Literal(chance.randrange(20))]),
        )
        for _ in range(1_000)
    ]


def expected(triples: Iterable[Triple]) -> bytes:
    lines = {f"{triple} <{GRAPH}> .\n".encode() for triple in triples}
    return b"".join(sorted(lines))


@pytest.mark.parametrize("at_a_time", [1, 7, 1_000, 100_000])
def test_a_graph_file_is_the_same_however_little_memory_there_is(
    at_a_time: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "TRIPLES_IN_MEMORY", at_a_time)
    triples = some_triples()[: 300 if at_a_time == 1 else None]
    file = graphfiles.write(tmp_path, GRAPH, iter(triples))
    content = expected(triples)
    assert file.path(tmp_path).read_bytes() == content
    digest = hashlib.sha256(content).hexdigest()
    assert file == GraphFile(GRAPH, digest, len(set(triples)))
    assert [path.name for path in (tmp_path / "graphs").iterdir()] == [f"{digest}.nq"]


def test_a_graph_of_nothing_is_an_empty_file(tmp_path: Path) -> None:
    file = graphfiles.write(tmp_path, GRAPH, ())
    assert file.statements == 0
    assert file.path(tmp_path).read_bytes() == b""


def test_a_damaged_graph_file_is_mended_by_writing_it_again(tmp_path: Path) -> None:
    triples = some_triples()
    path = graphfiles.write(tmp_path, GRAPH, triples).path(tmp_path)
    path.write_bytes(b"weg")
    assert graphfiles.write(tmp_path, GRAPH, triples).path(tmp_path) == path
    assert path.read_bytes() == expected(triples)


def test_sorted_triples_give_the_graph_file_of_what_they_were_made_of(tmp_path: Path) -> None:
    triples = some_triples()
    kept = sorting.write(triples, tmp_path / "gesorteerd.nt")
    assert set(kept) == set(triples)
    assert graphfiles.write(tmp_path, GRAPH, kept) == graphfiles.write(tmp_path, GRAPH, triples)
