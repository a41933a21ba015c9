"""Documentation and program agree: what is described exists, and what exists is described."""

import re
import runpy
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import click
import pytest
import rdflib
from flask.testing import FlaskClient
from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples
from rdflib import OWL, RDF, SKOS

from raadgraaf import catalogue, errors
from raadgraaf.cli import main
from raadgraaf.config import Settings
from raadgraaf.errors import RaadgraafError
from raadgraaf.namespaces import PREFIXES
from raadgraaf.store import EmbeddedStore

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MADE: Mapping[str, Callable[[], str]] = runpy.run_path(str(ROOT / "tests" / "documentation.py"))[
    "PAGES"
]
MARKDOWN = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
DESCRIBING = [path for path in MARKDOWN if path.name not in {"CHANGELOG.md"}]
FOLDERS = ("data", "docs", "loaders", "ontology", "queries", "server", "shapes", "src", "tests")
TEXT = {".cfg", ".csv", ".css", ".html", ".json", ".md", ".py", ".rq", ".sh", ".srj", ".svg"}
TEXT |= {".toml", ".ttl", ".txt", ".yaml", ".yml", ""}

BLOCK = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
SPAN = re.compile(r"`([^`\n]+)`")
PLACEHOLDERS = {"COMMAND", "NAME", "FILE", "SOURCE", "IRI"}

every_page = pytest.mark.parametrize("path", DESCRIBING, ids=lambda path: path.name)


def blocks(path: Path, *languages: str) -> list[str]:
    """Return the code blocks of a page in these languages."""
    found = BLOCK.findall(path.read_text(encoding="utf-8"))
    return [text for language, text in found if language in languages]


def spans(path: Path) -> list[str]:
    """Return what stands in code font within the text of a page."""
    return SPAN.findall(BLOCK.sub("", path.read_text(encoding="utf-8")))


def code(path: Path) -> str:
    """Return all that stands in code font, one piece a line."""
    return "\n".join([*spans(path), *(text for _, text in BLOCK.findall(path.read_text("utf-8")))])


def command_lines(path: Path) -> Iterator[list[str]]:
    """Yield the arguments of each call of raadgraaf on a page."""
    lines = [*spans(path), *"".join(blocks(path, "sh")).splitlines()]
    for line in lines:
        words = shlex.split(line, comments=True) if "raadgraaf" in line else []
        for place, word in enumerate(words):
            if word == "raadgraaf" or word.endswith("/bin/raadgraaf"):
                yield [each for each in words[place + 1 :] if each not in {"|", "…"}]
                break


def commands(
    group: click.Group = main, path: Sequence[str] = ()
) -> Iterator[tuple[Sequence[str], click.Command]]:
    """Yield every command with its path."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def options() -> set[str]:
    """Return every option of every command."""
    everywhere = {"--help", "-h", "--version"}
    return everywhere | {
        option
        for _, command in commands()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }


def ontology() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in (ROOT / "ontology").glob("*.ttl"):
        graph.parse(path)
    return graph


def terms() -> set[str]:
    """Return the terms of the ontology and the shapes by their short names."""
    graph = ontology()
    for path in (ROOT / "shapes").glob("*.ttl"):
        graph.parse(path)
    return {
        f"{prefix}:{str(term).removeprefix(PREFIXES[prefix])}"
        for term in set(graph.subjects())
        for prefix in ("rg", "rgs", "rgt")
        if str(term).startswith(PREFIXES[prefix])
    }


def slug(heading: str) -> str:
    """Return the anchor of a heading as Markdown viewers make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


# Made pages


@pytest.mark.parametrize("name", MADE)
def test_a_page_that_is_made_is_current(name: str) -> None:
    page = DOCS / name
    assert page.is_file(), f"docs/{name} is missing: run `make docs`"
    assert page.read_text(encoding="utf-8") == MADE[name](), f"docs/{name}: run `make docs`"


# What is described exists


@every_page
def test_commands_that_are_mentioned_exist_and_take_what_they_are_given(path: Path) -> None:
    for words in command_lines(path):
        if not words or words[0] in PLACEHOLDERS or words[0].startswith("-"):
            continue
        command: click.Command = main
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            assert words[0] in command.commands, (path.name, words)
            command = command.commands[words.pop(0)]
        context = click.Context(command, info_name=command.name, **main.context_settings)
        command.make_parser(context).parse_args(args=list(words))


@every_page
def test_options_that_are_mentioned_exist(path: Path) -> None:
    mentioned = {span.split()[0] for span in spans(path) if re.match(r"--?[a-z]", span)}
    assert mentioned - options() == set()


@every_page
def test_settings_that_are_mentioned_exist(path: Path) -> None:
    known = {f"RAADGRAAF_{setting.name.upper()}" for setting in fields(Settings)}
    assert set(re.findall(r"RAADGRAAF_[A-Z_]+", path.read_text("utf-8"))) - known == set()


@every_page
def test_terms_that_are_mentioned_exist(path: Path) -> None:
    mentioned = set(re.findall(r"(?<!\w)rg[st]?:[A-Za-z][\w-]*", path.read_text("utf-8")))
    assert mentioned - terms() == set()


@every_page
def test_questions_that_are_mentioned_exist(path: Path) -> None:
    pattern = r"raadgraaf ask ([\w-]+)|/zoekvragen/([\w-]+)|queries/([\w-]+)\.rq"
    mentioned = {name for found in re.findall(pattern, code(path)) for name in found if name}
    mentioned = {name for name in mentioned if not name.startswith("-")} - PLACEHOLDERS
    assert mentioned - set(catalogue.questions()) == set()


@every_page
def test_targets_of_make_that_are_mentioned_exist(path: Path) -> None:
    known = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8")))
    mentioned = set(re.findall(r"(?m)^\s*make ([a-z-]+)", code(path)))
    assert mentioned - known == set()


@every_page
def test_files_that_are_mentioned_exist(path: Path) -> None:
    for span in spans(path):
        if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./*-]*", span):
            assert list(ROOT.glob(span.rstrip("/"))), (path.name, span)


@every_page
def test_addresses_that_are_mentioned_answer(path: Path, client: FlaskClient) -> None:
    for span in spans(path):
        if re.fullmatch(r"/[\w./?=-]*", span) and not PLACEHOLDERS & set(re.split(r"\W", span)):
            assert client.get(span).status_code == 200, (path.name, span)


@every_page
def test_links_within_the_repository_lead_somewhere(path: Path) -> None:
    text = BLOCK.sub("", path.read_text(encoding="utf-8"))
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", text):
        there = path.parent / target if target else path
        assert there.exists(), (path.name, target)
        if anchor:
            headings = re.findall(r"(?m)^#+ (.*)$", there.read_text(encoding="utf-8"))
            assert anchor in map(slug, headings), (path.name, anchor)


# Examples run


@every_page
def test_shell_examples_parse(path: Path) -> None:
    for block in blocks(path, "sh"):
        command = ["/bin/sh", "-n"]
        checked = subprocess.run(
            command, input=block, text=True, capture_output=True, check=False, timeout=10
        )
        assert checked.returncode == 0, (path.name, checked.stderr)


@every_page
def test_python_examples_parse(path: Path) -> None:
    for block in blocks(path, "python", "py"):
        compile(block, path.name, "exec")


@every_page
def test_queries_answer(path: Path, release_store: EmbeddedStore) -> None:
    heredocs = [
        query
        for block in blocks(path, "sh")
        for query in re.findall(r"(?ms)<<'QUERY'\n(.*?)^QUERY$", block)
    ]
    for query in [*blocks(path, "sparql"), *heredocs]:
        results = release_store.query(query)
        if isinstance(results, QueryBoolean):
            assert results, (path.name, query)
        else:
            assert isinstance(results, QuerySolutions | QueryTriples)
            assert next(iter(results), None) is not None, (path.name, query)


# What exists is described


def test_every_command_and_option_is_described() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    for path, command in commands():
        _, heading, text = page.partition(f"## `raadgraaf {' '.join(path)}`\n")
        assert heading
        described = text.partition("\n## ")[0]
        assert command.help, path
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in described
                assert parameter.help, (path, parameter.name)


def test_the_list_of_commands_cuts_no_sentence_off() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    lists = re.findall(r"(?m)^Commands:\n((?:  .*\n)+)", page)
    assert len(lists) == page.count("\nCommands:\n")
    assert "..." not in "".join(lists)


def test_every_setting_is_described() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    for setting in fields(Settings):
        assert f"| `RAADGRAAF_{setting.name.upper()}` |" in page
        assert re.fullmatch(r"[A-Z].+\.", setting.metadata["about"])


def test_every_question_is_described() -> None:
    page = (DOCS / "questions.md").read_text(encoding="utf-8")
    for question in catalogue.questions().values():
        assert re.search(rf"(?m)^## (\d+ )?`{question.name}`$", page)
        for language in ("nl", "en"):
            assert question.summary[language] in page


def test_every_class_property_and_concept_is_described() -> None:
    page = (DOCS / "model.md").read_text(encoding="utf-8")
    graph = ontology()
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    for kind in (*kinds, SKOS.Concept, SKOS.ConceptScheme):
        for term in graph.subjects(RDF.type, kind):
            for prefix in ("rg", "rgt"):
                if str(term).startswith(PREFIXES[prefix]):
                    name = f"{prefix}:{str(term).removeprefix(PREFIXES[prefix])}"
                    assert re.search(rf"(?m)^(\| |### )`{name}`", page), name


def test_every_rule_is_described() -> None:
    page = (DOCS / "model.md").read_text(encoding="utf-8")
    for path in (ROOT / "src" / "raadgraaf" / "rules").glob("*.rq"):
        assert f"### `{path.stem}`\n" in page


def test_every_error_over_http_is_described_with_its_status() -> None:
    page = (DOCS / "http-api.md").read_text(encoding="utf-8")
    of_writers = {
        errors.Busy,
        errors.ClusterUnavailable,
        errors.Damaged,
        errors.DiskFull,
        errors.FetchFailed,
        errors.Inconsistent,
        errors.ReaderEnded,
        errors.ValidationRefused,
    }
    for error in set(RaadgraafError.__subclasses__()) - of_writers:
        lines = [line for line in page.splitlines() if f"`{error.slug}`" in line]
        assert any(str(error.http_status) in line for line in lines), error.slug


def test_every_address_is_described(client: FlaskClient) -> None:
    page = (DOCS / "http-api.md").read_text(encoding="utf-8")
    rules = {rule.rule.partition("<")[0] for rule in client.application.url_map.iter_rules()}
    described = {rule for rule in rules if not rule.startswith(("/en/", "/static/"))}
    assert {rule for rule in described if f"`{rule}" not in page} == set()


def test_every_page_can_be_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in DOCS.glob("*.md"):
        assert f"(docs/{path.name})" in readme


# Everywhere


def test_no_file_names_a_place_on_one_machine() -> None:
    pattern = re.compile(r"(?<![\w.:}/-])/(?:home|mnt|root|Users|work)/\w")
    files = [path for path in ROOT.iterdir() if path.is_file()]
    files += [path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.is_file()]
    found = [
        str(path.relative_to(ROOT))
        for path in files
        if path.suffix in TEXT
        and "egg-info" not in str(path)
        and not path.name.startswith(".coverage")
        and pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
