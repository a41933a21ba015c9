"""Loaders: from a source to its graph, by pairs on disk, and what is refused."""

import hashlib
import tempfile
from pathlib import Path

import pytest

from raadgraaf import loaders
from raadgraaf.config import PLACEHOLDER_BASE
from raadgraaf.errors import InputError
from raadgraaf.loaders.base import Source, slug
from raadgraaf.loaders.transcription import squeeze
from raadgraaf.provenance import GraphContent

TEXT = "De wethouder zegt toe\ndat het plein wordt her-\ningericht.\n\nAfgedaan.\n"

TURTLE = """\
@prefix passage: <https://data.example.org/raadgraaf/id/passage/x/> .
@prefix rg: <https://w3id.org/raadgraaf/def#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix document: <https://data.example.org/raadgraaf/id/document/gm0000/> .
@prefix toezegging: <https://data.example.org/raadgraaf/id/toezegging/gm0000/> .

document:lijst a rg:CommitmentRegister ; rg:sha256 "%(digest)s" .
toezegging:plein a rg:Commitment ; rg:statedIn passage:1-3 .
passage:1-3 a rg:Passage ; rg:lineStart %(first)s ; rg:lineEnd %(last)s ; rg:quote "%(quote)s"@nl .
"""


def transcription(tmp_path: Path, **changes: object) -> GraphContent:
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    quote = "De wethouder zegt toe dat het plein wordt heringericht."
    values = {"digest": digest, "first": 1, "last": 3, "quote": quote} | changes
    (tmp_path / "source.txt").write_text(TEXT)
    (tmp_path / "lijst.ttl").write_text(TURTLE % values)
    (content,) = loaders.contents(loaders.sources([tmp_path / "lijst.ttl"]), PLACEHOLDER_BASE)
    return content


def test_a_transcription_becomes_the_graph_of_its_document(tmp_path: Path) -> None:
    content = transcription(tmp_path)
    assert content.key == "bron/gm0000-lijst"
    assert content.loader == "transcription"
    assert len(content.triples) == 8


def test_a_quote_that_is_not_in_its_lines_is_refused_with_what_rests_on_it(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        transcription(tmp_path, quote="De wethouder zegt toe dat het plein wordt gesloopt.")
    message = str(refused.value)
    assert "id/passage/x/1-3" in message
    assert "lines 1-3" in message
    assert "id/toezegging/gm0000/plein" in message


@pytest.mark.parametrize(("first", "last"), [(0, 2), (1, 99), (3, 1)])
def test_lines_that_the_text_does_not_have_are_refused(
    tmp_path: Path, first: int, last: int
) -> None:
    with pytest.raises(InputError, match=f"the text has no lines {first}-{last}"):
        transcription(tmp_path, first=first, last=last)


def test_another_text_than_the_one_transcribed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"source\.txt has the digest"):
        transcription(tmp_path, digest="0" * 64)


def test_a_transcription_without_its_text_is_refused_and_told_the_way_out(tmp_path: Path) -> None:
    transcription(tmp_path)
    (tmp_path / "source.txt").unlink()
    given = list(loaders.sources([tmp_path / "lijst.ttl"]))
    with pytest.raises(InputError, match="--loader rdf"):
        loaders.contents(given, PLACEHOLDER_BASE)
    (content,) = loaders.contents(given, PLACEHOLDER_BASE, loader="rdf")
    assert content.key == "bron/lijst"


def test_two_documents_in_one_transcription_are_refused(tmp_path: Path) -> None:
    transcription(tmp_path)
    file = tmp_path / "lijst.ttl"
    file.write_text(f'{file.read_text()}document:memo rg:sha256 "{"0" * 64}" .\n')
    with pytest.raises(InputError, match="2 documents"):
        loaders.contents(loaders.sources([file]), PLACEHOLDER_BASE)


def source(name: str, content: bytes) -> Source:
    folder = Path(tempfile.mkdtemp())
    (folder / Path(name).name).write_bytes(content)
    return Source(name, folder / Path(name).name, folder)


def plain(turtle: str, base: str = PLACEHOLDER_BASE, name: str = "Mijn Lijst.ttl") -> GraphContent:
    (content,) = loaders.contents([source(name, turtle.encode())], base)
    return content


def test_plain_turtle_gets_a_graph_named_after_its_file() -> None:
    assert plain("<http://x/a> a <http://x/B> .").key == "bron/mijn-lijst"


def test_turtle_that_declares_its_graph_gets_that_graph() -> None:
    graph = f"<{PLACEHOLDER_BASE}graph/dekking>"
    sd = "<http://www.w3.org/ns/sparql-service-description#Graph>"
    assert plain(f"{graph} a {sd} .").key == "dekking"


def test_the_placeholder_base_becomes_the_configured_one() -> None:
    base = "https://data.veldstad.example/"
    content = plain(f"<{PLACEHOLDER_BASE}id/a> <http://x/p> <{PLACEHOLDER_BASE}id/b> .", base)
    (triple,) = content.triples
    assert triple.subject.value == f"{base}id/a"
    assert triple.object.value == f"{base}id/b"


def test_blank_nodes_become_names_that_do_not_depend_on_their_labels_or_order() -> None:
    one = plain("_:a <http://x/p> _:b . _:b <http://x/q> 1 .")
    two = plain("_:z <http://x/q> 1 . _:y <http://x/p> _:z .")
    assert set(one.triples) == set(two.triples)
    assert all(triple.subject.value.startswith("https://") for triple in one.triples)


def test_malformed_turtle_is_refused_with_file_and_line() -> None:
    with pytest.raises(InputError, match=r"Mijn Lijst\.ttl, line 2: .*Nothing of this file"):
        plain("<http://x/a> a <http://x/B> .\n<http://x/a> oeps")


def test_a_relative_iri_is_refused() -> None:
    with pytest.raises(InputError, match="line 1"):
        plain("<a> a <http://x/B> .")


def test_a_triple_term_is_refused() -> None:
    with pytest.raises(InputError, match=r"RDF 1\.1"):
        plain("<http://x/a> <http://x/p> <<( <http://x/s> <http://x/p> <http://x/o> )>> .")


def test_a_source_of_no_known_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(InputError, match=r"transcription, .*rdf"):
        loaders.contents([source("foto.jpg", b"\xff\xd8")], PLACEHOLDER_BASE)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InputError, match=r"nergens\.ttl does not exist"):
        list(loaders.sources([Path("nergens.ttl")]))


def test_two_sources_for_one_graph_are_refused() -> None:
    same = source("a/lijst.ttl", b""), source("b/lijst.ttl", b"")
    with pytest.raises(InputError, match=r"a/lijst\.ttl and b/lijst\.ttl"):
        loaders.contents(same, PLACEHOLDER_BASE)


def test_the_data_that_ships_is_what_is_loaded_without_a_source() -> None:
    names = [source.name for source in loaders.sources(())]
    assert "data/zevenaar/toezeggingenlijst.ttl" in names
    assert all(name.endswith(".ttl") for name in names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Mijn Lijst (2024)", "mijn-lijst-2024"), ("--", "naamloos"), ("Één", "n")],
)
def test_a_slug_is_lower_case_letters_digits_and_hyphens(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_white_space_and_hyphens_do_not_count_in_a_comparison() -> None:
    assert squeeze("rechts-\nbeschermend  en") == squeeze("rechtsbeschermend en")


@pytest.mark.parametrize("key", ["afgeleid", "rapport", "herkomst/x", "vormen"])
def test_a_graph_that_raadgraaf_makes_itself_is_refused(key: str) -> None:
    sd = "<http://www.w3.org/ns/sparql-service-description#Graph>"
    with pytest.raises(InputError, match="makes itself"):
        plain(f"<{PLACEHOLDER_BASE}graph/{key}> a {sd} .")


@pytest.mark.parametrize("name", ["_lijst.ttl", "é naam.ttl", "---.ttl"])
def test_blank_nodes_of_any_file_name_become_sound_names(name: str) -> None:
    (triple,) = plain("[] <http://x/p> 1 .", name=name).triples
    last = triple.subject.value.rpartition("/")[2]
    assert last[0].isalnum()


def test_a_line_number_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a quote without lines"):
        transcription(tmp_path, first='"abc"')


def test_a_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    text = b"De wethouder zegt toe \xe9\n"
    transcription(tmp_path)
    file = tmp_path / "lijst.ttl"
    digests = [hashlib.sha256(each).hexdigest() for each in (TEXT.encode(), text)]
    file.write_text(file.read_text().replace(*digests))
    (tmp_path / "source.txt").write_bytes(text)
    with pytest.raises(InputError, match="not UTF-8 at byte 22"):
        loaders.contents(loaders.sources([file]), PLACEHOLDER_BASE)


def test_a_transcription_is_recognized_whatever_prefix_it_uses(tmp_path: Path) -> None:
    transcription(tmp_path)
    file = tmp_path / "lijst.ttl"
    file.write_text(file.read_text().replace("rg:", "raad:").replace("heringericht", "gesloopt"))
    with pytest.raises(InputError, match="the quote or the lines"):
        loaders.contents(loaders.sources([file]), PLACEHOLDER_BASE)


def test_a_digest_of_another_vocabulary_makes_no_transcription() -> None:
    assert plain('<http://x/a> <http://schema.org/sha256> "0" .').loader == "rdf"
