"""The commands that answer questions and queries."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import click

from raadgraaf import answers, catalogue, releases
from raadgraaf.catalogue import Question
from raadgraaf.commands.options import home_option, settings_of
from raadgraaf.errors import InputError
from raadgraaf.guard import admit
from raadgraaf.printing import (
    GRAPH_FORMATS,
    RESULT_FORMATS,
    VERDICTS,
    err,
    out,
    print_answer,
    print_evidence,
    print_questions,
    print_results,
    spelled_out,
)


@click.command()
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
    settings = settings_of(home)
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


@click.command()
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
    settings = settings_of(home)
    store = releases.current(settings.home).open(memory_quads=0)
    try:
        text = file.read().decode()
    except UnicodeDecodeError as error:
        raise InputError(f"The query is not UTF-8 at byte {error.start}.") from None
    admit(text, settings)
    print_results(store, text, form, settings.base)


def _parameters(given: Sequence[str], question: Question, base: str) -> Mapping[str, str]:
    pairs = [each.partition("=") for each in given]
    for name, sign, _ in pairs:
        if not sign:
            raise InputError(f"--param {name}: write the name, an equals sign and the value.")
    iris = {each.name for each in question.parameters if each.type == "iri"}
    return {name: spelled_out(value, base) if name in iris else value for name, _, value in pairs}
