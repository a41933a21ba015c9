"""Each command as its user meets it: what it prints, and the status it ends with."""

import csv
import html
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import (
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    parse,
    parse_query_results,
)

from raadgraaf import __version__, catalogue, printing, releases, transaction
from raadgraaf.cli import main
from raadgraaf.config import Settings
from raadgraaf.errors import Busy
from raadgraaf.reasoning import java_available
from raadgraaf.store import EmbeddedStore

BASE = "https://data.example.org/raadgraaf/"
SELECT = "SELECT ?s { ?s a <https://w3id.org/raadgraaf/def#OfficeHolder> } ORDER BY ?s"
CONSTRUCT = f"CONSTRUCT WHERE {{ <{BASE}id/orgaan/gm0299/raad> ?p ?o }}"

TOPIC = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rg: <https://w3id.org/raadgraaf/def#> .
<https://data.example.org/raadgraaf/id/onderwerp/gm0000/x> a rg:Topic ; rdfs:label "%s"@nl .
"""
COMMITMENT_WITHOUT_ANYTHING = """
@prefix rg: <https://w3id.org/raadgraaf/def#> .
<https://data.example.org/raadgraaf/id/toezegging/gm0000/x> a rg:Commitment .
"""
COMMITMENT_AND_MEETING = """
@prefix rg: <https://w3id.org/raadgraaf/def#> .
<https://data.example.org/raadgraaf/id/toezegging/gm0000/x> a rg:Commitment , rg:Meeting .
"""


def run(home: Path | None, *words: str | Path, stdin: str | bytes | None = None) -> Result:
    """Run a command as the shell would, on a home where one is given."""
    given = ["--home", str(home)] if home else []
    result = CliRunner().invoke(main, [*map(str, words), *given], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def done(home: Path | None, *words: str | Path, stdin: str | bytes | None = None) -> str:
    """Return what a command prints that ends well."""
    result = run(home, *words, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result.output


def refused(home: Path | None, *words: str | Path, stdin: str | bytes | None = None) -> str:
    """Return what a command prints that is refused, a sentence that is no traceback."""
    result = run(home, *words, stdin=stdin)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result.output


def rows(text: str, delimiter: str = ",") -> Sequence[Sequence[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print as into a pipe, whatever terminal the tests run on."""
    monkeypatch.setattr(printing.out, "_width", printing.PIPED_WIDTH)
    for name in ("RAADGRAAF_HOME", "RAADGRAAF_BASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def copied(home: Path, tmp_path: Path) -> Path:
    """Return a copy of the published home, to write in."""
    return shutil.copytree(home, tmp_path / "home", symlinks=True)


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with one small graph in two versions, the later one current."""
    folder = tmp_path_factory.mktemp("small")
    for label in ("Parkeren", "Fietsen"):
        (folder / "proef.ttl").write_text(TOPIC % label)
        assert run(folder / "home", "load", folder / "proef.ttl", "--no-owl").exit_code in {0, 1}
    return folder / "home"


@pytest.fixture
def small(two_releases: Path, tmp_path: Path) -> Path:
    """Return a copy of that home, to write in."""
    return shutil.copytree(two_releases, tmp_path / "home", symlinks=True)


@pytest.fixture
def turtle(tmp_path: Path) -> Path:
    """Return a file to write Turtle into."""
    return tmp_path / "eigen.ttl"


def labels(home: Path) -> str:
    """Return the topics of a home as CSV."""
    query = (
        "SELECT ?l { ?s a <https://w3id.org/raadgraaf/def#Topic> ; ?p ?l FILTER(LANG(?l)='nl') }"
    )
    return done(home, "query", "-", "--format", "csv", stdin=query)


# In general


def test_the_version_is_that_of_the_package() -> None:
    assert __version__ in done(None, "--version")


@pytest.mark.parametrize("name", [*main.commands, "export review"])
def test_each_command_has_help_with_both_forms_of_the_option(name: str) -> None:
    assert done(None, *name.split(), "-h") == done(None, *name.split(), "--help")


def test_an_unknown_command_or_option_is_refused() -> None:
    assert "No such command 'lood'" in refused(None, "lood")
    assert "No such option" in refused(None, "load", "--fast")


@pytest.mark.parametrize(
    "words",
    [
        ("ask", "overdue-on-day"),
        ("query", "-"),
        ("export", "review"),
        ("publish",),
        ("rollback",),
        ("validate",),
    ],
)
def test_without_a_release_a_command_says_what_to_do_first(
    words: Sequence[str], tmp_path: Path
) -> None:
    said = refused(tmp_path / "empty", *words, stdin="ASK {}")
    assert "Nothing has been published" in said
    assert "raadgraaf load" in said


def test_the_home_comes_from_the_environment_unless_it_is_given(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADGRAAF_HOME", str(home))
    assert done(None, "releases").startswith("* 1  ")
    assert "Nothing has been published" in done(tmp_path / "empty", "releases")


def test_a_setting_that_cannot_be_read_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADGRAAF_WORKERS", "many")
    assert "RAADGRAAF_WORKERS is 'many', which is not a number" in refused(home, "releases")
    monkeypatch.delenv("RAADGRAAF_WORKERS")
    monkeypatch.setenv("RAADGRAAF_BASE", "data.example.org")
    assert "ends in a slash" in refused(home, "releases")


def test_a_home_that_is_a_file_is_refused(turtle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turtle.write_text(TOPIC % "Parkeren")
    assert "is a file" in refused(turtle, "load", turtle)
    monkeypatch.setenv("RAADGRAAF_HOME", str(turtle))
    assert f"{turtle}: " in refused(None, "load", turtle)


# load, validate, publish


def test_loading_says_what_it_did_and_ends_with_the_status_of_its_findings(
    tmp_path: Path, turtle: Path
) -> None:
    turtle.write_text(TOPIC % "Parkeren")
    result = run(tmp_path / "new", "load", turtle, "--no-owl")
    assert re.search(r"(?m)^Sources +1 new$", result.output)
    assert re.search(r"(?m)^Findings +0 violations, \d+ warnings?, \d+ infos?$", result.output)
    assert re.search(r"(?m)^Release +1 is current$", result.output)
    assert "OWL" not in result.output
    assert result.exit_code == (1 if "validate` lists" in result.output else 0)
    again = done(tmp_path / "new", "load", turtle, "--no-owl")
    assert "Sources      1 unchanged" in again
    assert "Release      1 stays current: nothing has changed" in again


@pytest.mark.slow
def test_loading_without_a_source_loads_what_ships_and_warns_of_its_findings(
    tmp_path: Path,
) -> None:
    result = run(tmp_path / "new", "load", "--no-owl")
    assert result.exit_code == 1, result.output
    assert re.search(r"(?m)^Findings +0 violations, [1-9]\d* warnings, ", result.output)
    assert "`raadgraaf validate` lists those that need attention" in result.output


def test_the_rest_stays_when_a_file_is_loaded_beside_it(small: Path, turtle: Path) -> None:
    turtle.write_text((TOPIC % "Lopen").replace("gm0000/x", "gm0000/y"))
    assert "is current" in run(small, "load", turtle, "--no-owl").output
    assert {"Fietsen", "Lopen"} <= set(labels(small).splitlines())


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("x.ttl", None, (), "does not exist. Name a file or folder to load."),
        ("x.txt", "x", (), "is of no known kind. Known kinds: transcription, "),
        ("x.ttl", "a b", (), "x.ttl, line 1: "),
        ("x.ttl", "<s> <p> <o> .", (), "line 1: "),
        ("x.ttl", TOPIC % "x", ("--loader", "transcription"), "0 documents have rg:sha256"),
        ("x.ttl", TOPIC % "x", ("--loader", "excel"), "'excel' is not one of"),
    ],
)
def test_a_source_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, name: str, content: str | None, options: Sequence[str], said: str
) -> None:
    source = tmp_path / name
    if content is not None:
        source.write_text(content)
    assert said in refused(tmp_path / "new", "load", source, *options)
    assert not (tmp_path / "new" / "current").exists()


def test_a_violation_refuses_the_load_and_is_printed(small: Path, turtle: Path) -> None:
    before = done(small, "releases")
    turtle.write_text(COMMITMENT_WITHOUT_ANYTHING)
    said = refused(small, "load", turtle, "--no-owl")
    assert f"Violation: {BASE}id/toezegging/gm0000/x\n" in said
    assert "(ProvenanceShape-statedIn)" in said
    assert "Warning: " not in said
    assert "nothing has been changed" in said
    assert done(small, "releases") == before


def test_validating_a_source_prints_its_findings_and_publishes_nothing(
    small: Path, turtle: Path
) -> None:
    before = done(small, "releases")
    turtle.write_text(COMMITMENT_WITHOUT_ANYTHING)
    said = refused(small, "validate", turtle)
    assert f"Violation: {BASE}id/toezegging/gm0000/x\n" in said
    assert f"Warning: {BASE}id/toezegging/gm0000/x\n" in said
    assert re.search(r"(?m)^Findings +[1-9]\d* violations, ", said)
    assert done(small, "releases") == before


@pytest.mark.slow
def test_validating_the_release_lists_warnings_and_infos_where_asked(copied: Path) -> None:
    result = run(copied, "validate")
    assert result.exit_code == 1
    assert "Warning: " in result.output
    assert "Info: " not in result.output
    assert "Info: " in run(copied, "validate", "--infos").output


@pytest.mark.slow
def test_the_reasoner_is_asked_where_wanted(copied: Path) -> None:
    said = run(copied, "validate", "--owl").output
    assert re.search(r"(?m)^OWL  +\w", said)
    assert ("consistent (HermiT)" in said) == java_available()


@pytest.mark.slow
def test_what_contradicts_the_ontology_is_refused_in_words(tmp_path: Path, turtle: Path) -> None:
    turtle.write_text(COMMITMENT_AND_MEETING)
    said = refused(tmp_path / "new", "validate", "--owl", turtle)
    assert "inconsistent: the data contradicts the ontology" in said
    assert "rg:Commitment" in said
    assert "rg:Meeting" in said


@pytest.mark.slow
def test_publishing_builds_another_release_of_the_same_data(small: Path) -> None:
    said = run(small, "publish").output
    assert "Sources      none given" in said
    assert "Release      3 is current" in said
    assert "Fietsen" in labels(small)


def test_a_second_writer_is_refused(small: Path, turtle: Path) -> None:
    turtle.write_text(TOPIC % "Lopen")

    def meanwhile(_: str) -> None:
        assert "Another process is writing" in refused(small, "load", turtle, "--no-owl")
        assert Busy.exit_status == 2

    settings = Settings(home=small)
    transaction.load(settings, (), rebuild=True, reason=False, progress=meanwhile)


# releases, rollback


def test_releases_are_listed_for_people_and_for_programs(small: Path) -> None:
    first, second = done(small, "releases").splitlines()
    assert re.fullmatch(r"  1  \S+  \d+ graphs, \d+ statements", first)
    assert re.fullmatch(r"\* 2  \S+  \d+ graphs, \d+ statements", second)
    listed = json.loads(done(small, "releases", "--format", "json"))
    assert [(each["release"], each["current"]) for each in listed] == [(1, False), (2, True)]
    assert listed[0].keys() == {
        "release",
        "current",
        "name",
        "published",
        "graphs",
        "statements",
    }


def test_no_release_is_an_empty_list(tmp_path: Path) -> None:
    assert "Nothing has been published" in done(tmp_path / "empty", "releases")
    assert json.loads(done(tmp_path / "empty", "releases", "--format", "json")) == []


def test_a_release_that_has_a_name_is_kept_for_ever(small: Path) -> None:
    said = done(small, "releases", "name", "1", "Begroting 2027")
    assert said == "Release 1 is called Begroting 2027 and is kept for ever.\n"
    first, second = done(small, "releases").splitlines()
    assert first.endswith("statements  Begroting 2027")
    assert second.endswith("statements")
    listed = json.loads(done(small, "releases", "--format", "json"))
    assert [each["name"] for each in listed] == ["Begroting 2027", None]
    releases.prune(small, 1)
    assert [each.number for each in releases.kept_releases(small)] == [1, 2]
    assert "has no name any more" in done(small, "releases", "name", "1", "--remove")
    releases.prune(small, 1)
    assert [each.number for each in releases.kept_releases(small)] == [2]


def test_a_name_is_that_of_one_release(small: Path) -> None:
    done(small, "releases", "name", "1", "a")
    assert "Release 1 has the name 'a'" in refused(small, "releases", "name", "2", "a")
    done(small, "releases", "name", "1", "b")
    done(small, "releases", "name", "2", "a")
    assert releases.names(small) == {1: "b", 2: "a"}


@pytest.mark.parametrize(
    "words", [["1", ""], ["1", " "], ["1", "x\ny"], ["1", "y" * 65], ["7", "a"]]
)
def test_a_name_that_is_not_usable_is_refused(small: Path, words: Sequence[str]) -> None:
    assert refused(small, "releases", "name", *words)
    assert releases.names(small) == {}


def test_a_release_is_given_a_name_or_loses_it(small: Path) -> None:
    for words in (["1"], ["1", "a", "--remove"]):
        assert "either a LABEL or --remove" in refused(small, "releases", "name", *words)


def test_rolling_back_brings_an_earlier_release_back(small: Path) -> None:
    assert done(small, "rollback") == "Release 1 is current again.\n"
    assert "Parkeren" in labels(small)
    assert done(small, "rollback", "2") == "Release 2 is current again.\n"
    assert "Fietsen" in labels(small)


def test_rolling_back_to_what_is_not_there_is_refused(small: Path) -> None:
    assert "Kept releases: 1, 2." in refused(small, "rollback", "7")
    assert "is not a valid integer" in refused(small, "rollback", "one")
    done(small, "rollback")
    assert "nothing to go back to" in refused(small, "rollback")


# ask


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_the_questions_are_listed_whole_however_narrow_the_terminal(
    lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing.out, "_width", 80)
    said = done(None, "ask", "--lang", lang)
    assert max(map(len, said.splitlines())) <= 80
    assert "…" not in said
    for question in catalogue.questions().values():
        assert re.search(rf"(?m)^ {question.name} ", said)
        assert question.summary[lang].split()[0] in said
        for parameter in question.parameters:
            assert parameter.name in said


@pytest.mark.parametrize("name", catalogue.questions())
def test_every_question_prints_its_answer_or_what_none_means(name: str, home: Path) -> None:
    said = done(home, "ask", name)
    assert said.startswith(catalogue.question(name).summary["en"] + "\n")
    assert len(said.splitlines()) > 1
    assert "…" not in said


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("portfolio-held-on-meeting-date", "Unknown in the source"),
        ("vision-adopted-by-a-day", "Unknown in the source"),
        ("announced-steps-kept", "Not covered"),
        ("same-vision-in-other-municipalities", "Not covered"),
    ],
)
def test_no_rows_come_with_what_that_means(name: str, verdict: str, home: Path) -> None:
    assert f"\n{verdict}: " in done(home, "ask", name)
    assert f"\n{verdict}: " in done(home, "ask", name, "--format", "csv")


def test_none_is_said_where_the_sources_cover_the_question(home: Path) -> None:
    said = done(home, "ask", "commitments-by-office-holder", "-p", "holder=Moviera")
    assert "\nNone: the sources cover this, and there is none.\n" in said


def test_evidence_quotes_the_passages_of_each_row(home: Path) -> None:
    said = done(home, "ask", "commitments-born-from-an-answer", "--evidence")
    count = len(rows(done(home, "ask", "commitments-born-from-an-answer", "--format", "csv"))) - 1
    assert said.count(" rests on:\n") == count > 0
    assert f"Row #{count} rests on:\n" in said
    assert re.search(r"(?m)^  Memo .*, lines 224-225:", said)
    assert re.search(r"(?m)^  “Met betrekking tot de toezeggingen", said)


def test_a_row_without_a_passage_says_so() -> None:
    with printing.out.capture() as captured:
        printing.print_evidence([[]])
    assert captured.get() == "Row #1 rests on no passage.\n"


def test_iris_are_printed_where_asked_and_can_be_given_back(home: Path) -> None:
    name = "why-this-status"
    short = "toezegging/gm0299/kampsingel"
    assert short not in done(home, "ask", name, "-p", f"matter={short}")
    assert short in done(home, "ask", name, "--iris", "-p", f"matter={short}")
    assert done(home, "ask", name, "-p", f"matter={BASE}id/{short}") == done(
        home, "ask", name, "-p", f"matter={short}"
    )


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("orgaan/gm0299/raad", f"{BASE}id/orgaan/gm0299/raad"),
        ("rgt:status-open", "https://w3id.org/raadgraaf/thes/status-open"),
        ("https://example.org/x", "https://example.org/x"),
        ("", ""),
    ],
)
def test_what_the_tables_shorten_is_spelled_out(text: str, iri: str) -> None:
    assert printing.spelled_out(text, BASE) == iri


def test_a_parameter_changes_the_answer_and_an_empty_one_leaves_the_default(home: Path) -> None:
    name = "overdue-on-day"
    early = done(home, "ask", name, "--param", "asOf=2024-02-01", "--format", "csv")
    default = done(home, "ask", name, "--format", "csv")
    assert early != default
    assert done(home, "ask", name, "--param", "asOf=", "--format", "csv") == default


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("what-is-this",), "There is no question 'what-is-this'. `raadgraaf ask` lists"),
        (("overdue-on-day", "-p", "day=1"), "has no parameter 'day'. It has: asOf."),
        (("announced-steps", "-p", "day=1"), "It has: none."),
        (("overdue-on-day", "-p", "asOf"), "write the name, an equals sign and the value"),
        (("overdue-on-day", "-p", "asOf=soon"), "Write it as year-month-day, such as 2024-03-01"),
        (("reports-per-region", "-p", "year=x"), "Write it as a whole number such as 12"),
        (("overdue-on-day", "--format", "pdf"), "'pdf' is not one of"),
        (("overdue-on-day", "--format", "csv", "--evidence"), "go with the table"),
        (("overdue-on-day", "--format", "csv", "--iris"), "go with the table"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    words: Sequence[str], said: str, home: Path
) -> None:
    assert said in refused(home, "ask", *words)


def test_a_value_cannot_leave_its_place_in_the_query(home: Path) -> None:
    hostile = 'holder=" } ?s ?p ?o } #'
    said = refused(home, "ask", "commitments-by-office-holder", "-p", hostile)
    assert "of which nothing is known" in said


# query


def test_a_query_comes_from_a_file_or_from_standard_input(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.rq"
    file.write_text(SELECT)
    said = done(home, "query", file)
    assert said == done(home, "query", "-", stdin=SELECT)
    assert "persoon/gm0299/albers" in said


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_results_come_in_each_format(form: str, home: Path) -> None:
    content = done(home, "query", "-", "--format", form, stdin=SELECT)
    albers = f"{BASE}id/persoon/gm0299/albers"
    if form == "csv":
        assert rows(content)[:2] == [["s"], [albers]]
        return
    media_type = printing.RESULT_FORMATS[form]
    read = QueryResultsFormat.from_media_type(media_type)
    assert read
    results = parse_query_results(content, read)
    assert isinstance(results, QuerySolutions)
    assert next(iter(results))["s"].value == albers


@pytest.mark.parametrize(
    ("form", "serialization"),
    [
        ("table", RdfFormat.TURTLE),
        ("turtle", RdfFormat.TURTLE),
        ("ntriples", RdfFormat.N_TRIPLES),
        ("rdfxml", RdfFormat.RDF_XML),
        ("jsonld", RdfFormat.JSON_LD),
    ],
)
def test_a_graph_comes_in_each_format_and_in_turtle_by_default(
    form: str, serialization: RdfFormat, home: Path, release_store: EmbeddedStore
) -> None:
    content = done(home, "query", "-", "--format", form, stdin=CONSTRUCT)
    results = release_store.query(CONSTRUCT)
    assert isinstance(results, QueryTriples)
    expected = set(results)
    assert {quad.triple for quad in parse(content, format=serialization)} == expected != set()


def test_a_truth_value_is_a_word_or_a_result_document(home: Path) -> None:
    assert done(home, "query", "-", stdin="ASK { ?s ?p ?o }") == "true\n"
    assert done(home, "query", "-", stdin="ASK { ?s ?s ?s }") == "false\n"
    said = done(home, "query", "-", "--format", "json", stdin="ASK { ?s ?p ?o }")
    assert json.loads(said)["boolean"] is True


@pytest.mark.parametrize(
    ("query", "form", "fitting"),
    [
        (CONSTRUCT, "csv", "graph, which --format csv cannot hold. Choose one of turtle, "),
        (SELECT, "turtle", "table, which --format turtle cannot hold. Choose one of json, "),
        ("ASK {}", "tsv", "truth value, which --format tsv cannot hold. Choose one of json, xml,"),
    ],
)
def test_a_format_that_cannot_hold_the_result_is_refused(
    query: str, form: str, fitting: str, home: Path
) -> None:
    assert fitting in refused(home, "query", "-", "--format", form, stdin=query)


def test_named_graphs_can_be_asked(home: Path) -> None:
    query = f"ASK {{ GRAPH <{BASE}graph/bron/gm0299-toezeggingenlijst> {{ ?s ?p ?o }} }}"
    assert done(home, "query", "-", stdin=query) == "true\n"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "cannot be parsed"),
        ("SELECT * {\n ?s ?p }", "error at 2:9"),
        ("INSERT DATA { <s:> <p:> <o:> }", "cannot be parsed"),
        (b"ASK { ?s ?p '\xff' }", "not UTF-8 at byte 13"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused_with_its_place(
    query: str | bytes, said: str, home: Path
) -> None:
    assert said in refused(home, "query", "-", stdin=query)


def test_a_query_file_that_is_missing_is_refused(home: Path, tmp_path: Path) -> None:
    assert "No such file" in refused(home, "query", tmp_path / "none.rq")


def test_square_brackets_and_colons_in_the_data_are_printed_as_they_are(home: Path) -> None:
    query = 'SELECT ?o { VALUES ?o { "[naam ambtenaar] [/b] :smile: [red]x" } }'
    assert "[naam ambtenaar] [/b] :smile: [red]x" in done(home, "query", "-", stdin=query)


def test_where_a_table_would_break_words_rows_stand_below_each_other(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing.out, "_width", 40)
    said = done(home, "ask", "overdue-on-day")
    assert re.search(r"(?m)^#1 *\n  \w+ +Schriftelijke", said)
    assert "onbepaalbaar" in said
    assert "…" not in said


# export


def test_the_review_page_has_every_passage_of_the_sources(
    home: Path, release_store: EmbeddedStore
) -> None:
    page = done(home, "export", "review")
    quotes = release_store.query("SELECT ?q { ?p <https://w3id.org/raadgraaf/def#quote> ?q }")
    assert isinstance(quotes, QuerySolutions)
    shown = {html.unescape(each) for each in re.findall(r"<blockquote>(.*?)</blockquote>", page)}
    assert {row["q"].value for row in quotes} - shown == set()


def test_the_review_page_says_each_thing_of_a_passage_once(home: Path) -> None:
    page = done(home, "export", "review")
    for section in page.split("<section>")[1:]:
        for things in re.findall(r"(?s)<dl>(.*?)</dl>", section):
            statements = re.findall(r"<dt>.*?</dd>", things)
            assert len(statements) == len(set(statements))
    assert "<h3>Openstaande aangelegenheid, Toezegging: Kampsingel" in page


@pytest.mark.slow
def test_the_review_page_escapes_what_it_quotes(copied: Path, turtle: Path) -> None:
    turtle.write_text(
        """
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix rg: <https://w3id.org/raadgraaf/def#> .
        @prefix rgt: <https://w3id.org/raadgraaf/thes/> .
        @prefix d: <https://data.example.org/raadgraaf/id/> .
        <https://data.example.org/raadgraaf/id/onderwerp/gm0000/x> a rg:Topic ;
            rdfs:label "<script>alert(1)</script>"@nl ;
            rg:basis rgt:basis-stated ;
            rg:statedIn <https://data.example.org/raadgraaf/id/passage/7f4b2cc5c173/34-34> .
        """
    )
    assert run(copied, "load", turtle, "--no-owl").exit_code == 1
    page = done(copied, "export", "review")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page


def test_the_review_page_goes_to_a_file(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "review.html"
    assert done(home, "export", "review", "--output", file) == f"{file} holds the review page.\n"
    assert file.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert "No such file or directory" in refused(
        home, "export", "review", "-o", tmp_path / "none" / "review.html"
    )


def test_a_query_asks_no_other_endpoint(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "elders.rq"
    file.write_text("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    assert "does not ask http://127.0.0.1:9/" in refused(home, "query", str(file))


@pytest.mark.slow
def test_pyshacl_is_asked_as_the_judge_of_a_validation(home: Path) -> None:
    result = run(home, "validate", "--judge")
    assert result.exit_code == 1  # two matters without a status
    assert "pyshacl finds the same" in result.output


@pytest.mark.slow
def test_an_error_that_nobody_foresaw_is_no_success() -> None:
    failing = "cli.main.add_command(click.command('fail')(lambda: 1 / 0)); cli.run_from_shell()"
    command = [sys.executable, "-c", f"import click; from raadgraaf import cli; {failing}", "fail"]
    ended = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert b"Traceback" in ended.stderr
