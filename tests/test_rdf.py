"""RDF of others: each format by its content, graphs by their names, and what is refused."""

import io
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from raadgraaf import loaders, transaction
from raadgraaf.config import PLACEHOLDER_BASE, Settings
from raadgraaf.errors import InputError
from raadgraaf.loaders import rdf_parsing
from raadgraaf.loaders.base import Context
from raadgraaf.transaction import Outcome

PREFIX = "@prefix x: <http://x/> .\n"
XMLNS = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x/"'
ONE = {"<http://x/a> <http://x/p> <http://x/b>"}


def graphs(tmp_path: Path, name: str, content: str | bytes) -> dict[str, set[str]]:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = loaders.contents(loaders.sources([file]), Context(PLACEHOLDER_BASE), "rdf")
    return {each.key: {str(triple) for triple in each.triples} for each in found}


@pytest.mark.parametrize(
    "content",
    [
        PREFIX + "x:a x:p x:b .",
        "PREFIX x: <http://x/>\nx:a x:p x:b .",
        "# opmerking\n<http://x/a> <http://x/p> <http://x/b> .\n",
        "\ufeff<http://x/a> <http://x/p> <http://x/b> .\n",
        '{"@id": "http://x/a", "http://x/p": {"@id": "http://x/b"}}',
        '[{"@id": "http://x/a", "http://x/p": [{"@id": "http://x/b"}]}]',
        (
            f'<?xml version="1.0"?><rdf:RDF {XMLNS}><rdf:Description rdf:about="http://x/a">'
            '<x:p rdf:resource="http://x/b"/></rdf:Description></rdf:RDF>'
        ),
        (
            f'<rdf:RDF {XMLNS}><rdf:Description rdf:about="http://x/a">'
            '<x:p rdf:resource="http://x/b"/></rdf:Description></rdf:RDF>'
        ),
        f'<x:A rdf:about="http://x/a" {XMLNS}><x:p rdf:resource="http://x/b"/></x:A>',
    ],
)
def test_each_format_is_told_by_its_content(tmp_path: Path, content: str) -> None:
    file = tmp_path / "gegevens"
    file.write_text(content)
    (found,) = loaders.contents(loaders.sources([file]), PLACEHOLDER_BASE)
    assert found.loader == "rdf"
    assert {str(each) for each in found.triples} >= ONE


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ttl", "<http://x/a> <http://x/p> <http://x/b> ."),
        ("a.ttl", "<http://x/a>\n  <http://x/p> <http://x/b> ."),
        ("a.trig", "{ <http://x/a> <http://x/p> <http://x/b> }"),
        ("a.nt", "<http://x/a> <http://x/p> <http://x/b> ."),
        ("a.jsonld", '{"@graph": [{"@id": "http://x/a", "http://x/p": {"@id": "http://x/b"}}]}'),
    ],
)
def test_the_suffix_helps_where_the_content_does_not_tell(
    tmp_path: Path, name: str, content: str
) -> None:
    assert graphs(tmp_path, name, content) == {"bron/a": ONE}


@pytest.mark.parametrize("content", ["", "id;tekst\n1;a\n", "<html><p>x</p></html>", '{"a": 1}'])
def test_what_is_no_rdf_is_not_taken_for_it(content: str) -> None:
    assert rdf_parsing.format_of(content.encode(), "lijst.txt") is None


def test_graphs_go_to_the_graphs_of_their_names(tmp_path: Path) -> None:
    content = (
        f"{PREFIX}@prefix g: <{PLACEHOLDER_BASE}graph/> .\n"
        "x:a x:p x:b . x:g { x:a x:p x:b . x:a x:q [] } g:bron { x:b x:p x:a }"
    )
    found = graphs(tmp_path, "alles.trig", content)
    assert set(found) == {"bron/alles", "http://x/g", "bron"}
    assert found["bron/alles"] == ONE
    assert len(found["http://x/g"]) == 2


def test_quads_without_blank_nodes_are_not_held_in_memory(tmp_path: Path) -> None:
    lines = [
        f"<http://x/{n}> <http://x/p> <http://x/b> <http://x/g{n % 2}> .\n" for n in range(9000)
    ]
    found = graphs(tmp_path, "veel.nq", "".join(lines))
    assert {key: len(triples) for key, triples in found.items()} == {
        "http://x/g0": 4500,
        "http://x/g1": 4500,
    }


def test_triples_can_be_read_more_than_once(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text(PREFIX + "x:a x:p x:b .")
    (found,) = loaders.contents(loaders.sources([file]), PLACEHOLDER_BASE)
    assert list(found.triples) == list(found.triples)


def test_an_empty_file_is_an_empty_graph(tmp_path: Path) -> None:
    assert graphs(tmp_path, "leeg.ttl", "") == {"bron/leeg": set()}


REFUSED = {
    "a remote context": (
        "a.jsonld",
        '{"@context": "https://schema.org/", "@id": "http://x/a"}',
        "stands elsewhere",
    ),
    "a relative IRI of JSON-LD": ("a.jsonld", '{"@id": "a", "http://x/p": "1"}', "relative IRI"),
    "a relative IRI of RDF/XML": (
        "a.rdf",
        f'<rdf:RDF {XMLNS}><x:A rdf:about="b"/></rdf:RDF>',
        "'b' is a relative IRI",
    ),
    "a relative IRI of Turtle": ("a.ttl", "<a> <http://x/p> 1 .", "line 1"),
    "a document type": (
        "a.rdf",
        f'<!DOCTYPE r [<!ENTITY e "x">]><rdf:RDF {XMLNS}/>',
        "document type definition",
    ),
    "a nameless graph": ("a.trig", "_:g { <http://x/a> <http://x/p> 1 }", "blank node"),
    "a triple term": (
        "a.ttl",
        "<http://x/a> <http://x/p> <<( <http://x/s> <http://x/p> <http://x/o> )>> .",
        r"RDF 1\.1",
    ),
    "other bytes than UTF-8": ("a.ttl", b'<http://x/a> <http://x/p> "\xe9" .', "UTF-8"),
    "a syntax error": ("a.nq", "<http://x/a> <http://x/p> 1 .\noeps\n", "line"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path: Path, case: str) -> None:
    name, content, sentence = REFUSED[case]
    with pytest.raises(InputError, match=sentence):
        graphs(tmp_path, name, content)


def test_harm_ends_in_a_sentence(tmp_path: Path) -> None:
    content = "<http://x/s> <http://x/p> " + "<<( <http://x/s> <http://x/p> " * 20_000
    for loader in ("rdf", None):
        file = tmp_path / "sha256.ttl"
        file.write_text(content)
        with pytest.raises(InputError, match=r"sha256\.ttl"):
            loaders.contents(loaders.sources([file]), PLACEHOLDER_BASE, loader)


def test_imports_are_not_fetched(tmp_path: Path) -> None:
    owl = "<http://www.w3.org/2002/07/owl#imports>"
    found = graphs(tmp_path, "a.ttl", f"<http://x/o> {owl} <http://127.0.0.1:1/o> .")
    assert len(found["bron/a"]) == 1


def test_the_parser_run_in_this_process_says_the_same(tmp_path: Path) -> None:
    content = f"{PREFIX}x:a x:p [ x:q 1 ] . x:g {{ x:a x:p x:b }}".encode()
    parts = list(rdf_parsing.triples(io.BytesIO(content), "TriG", "a.trig", PLACEHOLDER_BASE, "a"))
    here = {
        part["graph"]: {str(q.triple) for q in parse(part["triples"], format=RdfFormat.N_TRIPLES)}
        for part in parts
    }
    found = graphs(tmp_path, "a.trig", content)
    assert here[""] == found["bron/a"]
    assert here["http://x/g"] == found["http://x/g"] == ONE
    assert "_:" not in str(found)


def load(home: Path, file: Path, graph: str | None = None) -> Outcome:
    contents = loaders.contents(loaders.sources([file]), PLACEHOLDER_BASE)
    if graph is not None:
        contents = loaders.put_in(graph, contents, PLACEHOLDER_BASE)
    return transaction.load(Settings(home=home), contents, reason=False)


def two_of_one_name(tmp_path: Path) -> tuple[Path, Path]:
    here, there = tmp_path / "hier" / "lijst.ttl", tmp_path / "daar" / "lijst.ttl"
    for number, file in enumerate((here, there)):
        file.parent.mkdir()
        file.write_text(f"{PREFIX}x:a x:p {number} .")
    return here, there


def test_a_file_of_the_same_name_elsewhere_does_not_replace_a_graph_in_silence(
    tmp_path: Path,
) -> None:
    here, there = two_of_one_name(tmp_path)
    load(tmp_path / "home", here)
    with pytest.raises(InputError, match=r"hier/lijst\.ttl.*give --graph bron/lijst;"):
        load(tmp_path / "home", there)
    assert load(tmp_path / "home", there, "bron/andere-lijst").changed
    assert load(tmp_path / "home", there, "bron/lijst").changed
    here.write_text(f"{PREFIX}x:a x:p 3 .")
    with pytest.raises(InputError, match="which was read from"):
        load(tmp_path / "home", here)


def test_a_new_version_of_the_same_file_replaces_its_graph(tmp_path: Path) -> None:
    here, _ = two_of_one_name(tmp_path)
    load(tmp_path / "home", here)
    here.write_text(f"{PREFIX}x:a x:p 3 .")
    assert load(tmp_path / "home", here).changed


def test_one_graph_is_for_one_source(tmp_path: Path) -> None:
    _, there = two_of_one_name(tmp_path)
    other = there.with_name("andere.ttl")
    other.write_text(there.read_text())
    contents = loaders.contents(loaders.sources([there, other]), PLACEHOLDER_BASE)
    with pytest.raises(InputError, match="one graph at a time"):
        loaders.put_in("bron/x", contents, PLACEHOLDER_BASE)


def test_a_graph_that_raadgraaf_makes_itself_is_nobody_elses(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="makes itself"):
        load(tmp_path / "home", two_of_one_name(tmp_path)[0], "afgeleid")


@pytest.mark.parametrize("key", ["", "bron/", "a b", "javascript:x", "/x"])
def test_a_name_that_no_graph_can_have_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(InputError, match="cannot be the name of a graph"):
        load(tmp_path / "home", two_of_one_name(tmp_path)[0], key)


def test_a_misspelt_term_is_a_warning_that_names_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "fout.ttl"
    rg = "https://w3id.org/raadgraaf/def#"
    topic = f"{PLACEHOLDER_BASE}id/onderwerp/gm9001/x"
    file.write_text(
        f"@prefix rg: <{rg}> .\n<{topic}> a rg:Topic , rg:Topik ; "
        f'rg:titelAsPrinted "geen <{rg}Niets>"@nl .'
    )
    outcome = load(tmp_path / "home", file)
    assert outcome.checks is not None
    said = {
        each.value: (each.severity, each.focus, each.message("en"))
        for each in outcome.checks.report.findings
        if each.shape.endswith("DefinedTermShape")
    }
    assert said == {
        f"<{rg}{wrong}>": (
            "Warning",
            topic,
            (
                f"The ontology does not define rg:{wrong}, so no question finds it. "
                f"Perhaps rg:{right} is meant."
            ),
        )
        for wrong, right in (("Topik", "Topic"), ("titelAsPrinted", "titleAsPrinted"))
    }
