"""The command line: parses, calls, prints."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from errno import EPIPE
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import click

from raadgraaf import __version__, answers, catalogue, config, loaders, releases, transaction
from raadgraaf.catalogue import Question
from raadgraaf.config import Settings
from raadgraaf.errors import InputError, RaadgraafError, ValidationRefused
from raadgraaf.gate import Checks
from raadgraaf.guard import admit
from raadgraaf.printing import (
    GRAPH_FORMATS,
    RESULT_FORMATS,
    VERDICTS,
    err,
    out,
    print_addresses,
    print_answer,
    print_checks,
    print_counts,
    print_evidence,
    print_findings,
    print_judgement,
    print_outcome,
    print_questions,
    print_results,
    spelled_out,
    steps,
)
from raadgraaf.server import review
from raadgraaf.server.production import run
from raadgraaf.validation import Report

DONE, FINDINGS, REFUSED = 0, 1, 2
"""The exit statuses: done, done with findings, refused."""


class Commands(click.Group):
    """The group of commands: an error of ours becomes its sentence and its exit status."""

    def invoke(self, ctx: click.Context) -> Any:  # as click has it
        """Run a command; say what was refused."""
        try:
            return super().invoke(ctx)
        except RaadgraafError as error:
            if isinstance(error, ValidationRefused) and isinstance(error.report, Report):
                print_findings(error.report, least="Violation")
                print_counts(error.report)
            _complain(str(error))
            ctx.exit(error.exit_status)
        except OSError as error:
            if error.errno == EPIPE:
                raise  # whoever read the output has gone; click ends quietly
            where = f"{error.filename}: " if error.filename else ""
            _complain(f"{where}{error.strerror or error}.")
            ctx.exit(REFUSED)


def _complain(sentence: str) -> None:
    err.print(f"raadgraaf: {sentence}", style="red", soft_wrap=True)


def _settings(home: Path | None) -> Settings:
    """Return the settings; a home that has a release gives the base, unless it is set."""
    settings = config.from_environment(os.environ, home=home)
    if "RAADGRAAF_BASE" in os.environ or releases.current_number(settings.home) is None:
        return settings
    return replace(settings, base=releases.current(settings.home).manifest.base)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="raadgraaf")
def main() -> None:
    """Load, ask and serve what councils were promised and what came of it.

    \b
    Examples:
      raadgraaf load                    # the data that ships with the package
      raadgraaf ask                     # the questions that there are
      raadgraaf ask open-matters-by-status --evidence
      raadgraaf serve --port 8000

    Exit status: 0 done, 1 done with findings, 2 refused.
    """


home_option = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that holds everything that is written  [default: RAADGRAAF_HOME or ./var]",
)
sources_argument = click.argument("source", nargs=-1, type=click.Path(path_type=Path))
loader_option = click.option(
    "--loader", type=click.Choice(list(loaders.LOADERS)), help="Take every source as of this kind."
)


no_owl_option = click.option("--no-owl", is_flag=True, help="Do not ask the reasoner HermiT.")


@main.command()
@sources_argument
@loader_option
@no_owl_option
@home_option
def load(home: Path | None, source: tuple[Path, ...], loader: str | None, *, no_owl: bool) -> None:
    """Load sources, validate them and publish a release.

    Without SOURCE: the data that ships with the package. Graphs of other sources stay.

    \b
    Examples:
      raadgraaf load
      raadgraaf load data/zevenaar/memo-parkeerbeleid.ttl
      raadgraaf load --loader rdf mine.ttl
    """
    settings = _settings(home)
    with steps() as step:
        step("Reading sources")
        contents = loaders.contents(loaders.sources(source), settings.base, loader)
        outcome = transaction.load(settings, contents, reason=not no_owl, progress=step)
    print_outcome(outcome)
    sys.exit(_status(outcome.checks))


@main.command()
@sources_argument
@loader_option
@click.option("--judge", is_flag=True, help="Compare with what pyshacl finds, too (slow).")
@click.option("--owl", is_flag=True, help="Ask the reasoner HermiT, too (needs Java).")
@click.option("--infos", is_flag=True, help="List findings of severity Info, too.")
@home_option
def validate(
    home: Path | None,
    source: tuple[Path, ...],
    loader: str | None,
    *,
    judge: bool,
    owl: bool,
    infos: bool,
) -> None:
    """Say what the shapes find in the release; change nothing.

    With SOURCE: what they would find after a load of it.

    \b
    Examples:
      raadgraaf validate --owl
      raadgraaf validate mine.ttl
    """
    settings = _settings(home)
    with steps() as step:
        step("Validating")
        if not source:
            releases.current(settings.home)
        given = loaders.sources(source) if source else ()
        contents = loaders.contents(given, settings.base, loader)
        checks = transaction.check(settings, contents, reason=owl, twice=judge)
    print_findings(checks.report, least="Info" if infos else "Warning")
    print_checks(checks)
    if judge:
        print_judgement(checks)
    inconsistent = checks.reasoning is not None and not checks.reasoning.consistent
    if inconsistent or not checks.report.conforms:
        sys.exit(REFUSED)
    sys.exit(FINDINGS if checks.disagreements else _status(checks))


@main.command()
@no_owl_option
@home_option
def publish(home: Path | None, *, no_owl: bool) -> None:
    """Build the data anew, with the rules and shapes of this version."""
    settings = _settings(home)
    releases.current(settings.home)
    with steps() as step:
        outcome = transaction.load(settings, (), rebuild=True, reason=not no_owl, progress=step)
    print_outcome(outcome)
    sys.exit(_status(outcome.checks))


@main.command("releases")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines to read, or JSON for programs.",
)
@home_option
def list_releases(home: Path | None, form: str) -> None:
    """List the releases that are kept; `*` marks the current one."""
    settings = _settings(home)
    current = releases.current_number(settings.home)
    rows = [
        {
            "release": each.number,
            "current": each.number == current,
            "published": each.published["published"],
            "graphs": sum(file.public for file in each.manifest.graphs),
            "statements": sum(file.statements for file in each.manifest.graphs if file.public),
        }
        for each in releases.kept_releases(settings.home)
    ]
    if form == "json":
        out.print_json(data=rows)
        return
    if not rows:
        err.print(f"Nothing has been published in {settings.home}.")
    for row in rows:
        mark = "*" if row["current"] else " "
        out.print(
            f"{mark} {row['release']}  {row['published']}  "
            f"{row['graphs']} graphs, {row['statements']} statements"
        )


@main.command()
@click.argument("number", type=int, required=False)
@home_option
def rollback(home: Path | None, number: int | None) -> None:
    """Go back to release NUMBER, or to the one before the current."""
    settings = _settings(home)
    target = transaction.roll_back(settings.home, number)
    out.print(f"Release {target.number} is current again.")


@main.command()
@click.argument("name", required=False)
@click.option("--param", "-p", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
@click.option("--evidence", is_flag=True, help="Print the passages behind each row.")
@click.option("--iris", is_flag=True, help="Print the IRIs, too, in the table.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *RESULT_FORMATS]),
    default="table",
    show_default=True,
    help="Form of the answer.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "nl"]),
    default="en",
    show_default=True,
    help="Language of the questions; the answers are in that of the source.",
)
@home_option
def ask(
    home: Path | None,
    name: str | None,
    param: tuple[str, ...],
    form: str,
    lang: str,
    *,
    evidence: bool,
    iris: bool,
) -> None:
    """Ask a question of the library by NAME; without one, list them.

    \b
    Examples:
      raadgraaf ask
      raadgraaf ask referrals-that-defer --evidence
      raadgraaf ask why-this-status --param matter=toezegging/gm0299/kampsingel
      raadgraaf ask overdue-on-day --param asOf=2024-06-01 --format csv
    """
    settings = _settings(home)
    if name is None:
        print_questions(lang)
        return
    if form != "table" and (evidence or iris):
        raise InputError("--evidence and --iris go with the table; leave them or --format out.")
    question = catalogue.question(name, settings.base)
    terms = question.terms(_parameters(param, question, settings.base))
    store = releases.current(settings.home).open(memory_quads=0)
    select = answers.over(store)
    answer = answers.ask(select, question, terms)
    if form != "table":
        print_results(store, catalogue.bind(question.text, terms), form, settings.base)
        if answer.verdict:
            err.print(VERDICTS[lang][answer.verdict])
        return
    out.print(question.summary[lang], style="bold")
    if answer.verdict:
        out.print(VERDICTS[lang][answer.verdict])
        return
    print_answer(answer.solutions, settings.base, lang, iris=iris, numbered=evidence)
    if evidence:
        print_evidence(answers.evidence(select, answer.solutions.rows))


@main.command()
@click.argument("file", type=click.File("rb"))
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *RESULT_FORMATS, *GRAPH_FORMATS]),
    default="table",
    show_default=True,
    help="Form of the results; a graph comes in Turtle instead of a table.",
)
@home_option
def query(home: Path | None, file: BinaryIO, form: str) -> None:
    """Run the SPARQL query in FILE, or on standard input for `-`.

    \b
    Examples:
      raadgraaf query mine.rq
      echo 'ASK { ?s ?p ?o }' | raadgraaf query -
    """
    settings = _settings(home)
    store = releases.current(settings.home).open(memory_quads=0)
    try:
        text = file.read().decode()
    except UnicodeDecodeError as error:
        raise InputError(f"The query is not UTF-8 at byte {error.start}.") from None
    admit(text, settings)
    print_results(store, text, form, settings.base)


@main.group(cls=Commands)
def export() -> None:
    """Write what is published in other forms."""


@export.command("review")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write  [default: standard output]",
)
@home_option
def export_review(home: Path | None, output: Path | None) -> None:
    """Write each sentence beside the statements that rest on it.

    The page is HTML in Dutch, for somebody who knows the documents.
    """
    settings = _settings(home)
    store = releases.current(settings.home).open(memory_quads=0)
    page = review.page(answers.over(store))
    if output is None:
        click.echo(page)
    else:
        output.write_text(page, encoding="utf-8")
        out.print(f"{output} holds the review page.")


@main.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@home_option
def serve(home: Path | None, port: int, host: str) -> None:
    """Serve the current release over HTTP, and each later one.

    A home without a release gets an empty one.
    """
    settings = _settings(home)
    if releases.current_number(settings.home) is None:
        transaction.load(settings, (), reason=False)
    run(settings, host, port, print_addresses)


def _parameters(given: Sequence[str], question: Question, base: str) -> Mapping[str, str]:
    pairs = [each.partition("=") for each in given]
    for name, sign, _ in pairs:
        if not sign:
            raise InputError(f"--param {name}: write the name, an equals sign and the value.")
    iris = {each.name for each in question.parameters if each.type == "iri"}
    return {name: spelled_out(value, base) if name in iris else value for name, _, value in pairs}


def _status(checks: Checks | None) -> int:
    return FINDINGS if checks and checks.report.counts()["Warning"] else DONE


def run_from_shell() -> None:
    """Run a command as the shell does: an error that nobody foresaw is no `done with findings`."""
    sys.excepthook = _unforeseen
    main(prog_name="raadgraaf")


def _unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    sys.__excepthook__(kind, error, trace)
    sys.stderr.flush()
    os._exit(REFUSED)
