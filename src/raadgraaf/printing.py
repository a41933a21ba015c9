"""What the command line prints: tables, findings, evidence, in plain words."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from raadgraaf import answers, catalogue
from raadgraaf.answers import Quote, Row, Solutions
from raadgraaf.catalogue import Question, Term
from raadgraaf.errors import InputError
from raadgraaf.gate import Checks
from raadgraaf.loaders.register import Proposal
from raadgraaf.namespaces import PREFIXES
from raadgraaf.publication import Sent
from raadgraaf.releases import Release
from raadgraaf.results import write
from raadgraaf.rowchanges import RowChanges
from raadgraaf.store import EmbeddedStore, Results
from raadgraaf.transaction import Outcome, Rehearsal
from raadgraaf.validation import SEVERITIES, Report

RESULT_FORMATS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
BOOLEAN_FORMATS = {form: RESULT_FORMATS[form] for form in ("json", "xml")}
GRAPH_FORMATS = {
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
}

PIPED_WIDTH = 160
"""Columns of a table that goes to a file or another program."""

# Without markup: "[naam ambtenaar]" in a source is text, not a style
out = Console(
    highlight=False,
    markup=False,
    emoji=False,
    width=None if sys.stdout.isatty() else PIPED_WIDTH,
)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)

VERDICTS = {
    "en": {
        "none": "None: the sources cover this, and there is none.",
        "unknown": "Unknown in the source: the sources touch on this, but do not say it.",
        "not-covered": "Not covered: no source that is loaded is about this.",
    },
    "nl": {
        "none": "Geen: de bronnen dekken dit, en er is er geen.",
        "unknown": "Onbekend in de bron: de bronnen raken hieraan, maar zeggen het niet.",
        "not-covered": "Niet gedekt: geen van de ingelezen bronnen gaat hierover.",
    },
}


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Show the step at hand on a terminal; say nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("", total=None)
        yield lambda step: progress.update(task, description=step)


def print_outcome(outcome: Outcome) -> None:
    """Say in a few lines what a load did."""
    release = outcome.release
    counts = {
        state: sum(each == state for _, each in outcome.graphs) for _, state in outcome.graphs
    }
    public = [file for file in release.manifest.graphs if file.public]
    what = ", ".join(f"{count} {state}" for state, count in counts.items())
    out.print(f"Sources      {what or 'none given'}")
    if outcome.dropped:
        out.print(f"Erased       {outcome.dropped} statements are about what was erased: left out")
    print_rows(outcome.rows)
    out.print(f"Graphs       {len(public)}, with those of the model and what the rules derive")
    out.print(f"Statements   {sum(file.statements for file in public)}")
    if outcome.checks:
        print_checks(outcome.checks, hint="`raadgraaf validate` lists those that need attention")
        out.print(f"Release      {release.number} is current")
    else:
        out.print(f"Release      {release.number} stays current: nothing has changed")


def print_rehearsal(rehearsal: Rehearsal) -> None:
    """Say in a few lines what a load would do."""
    for graph, state in rehearsal.graphs:
        out.print(f"{state.capitalize():<12} {graph}", soft_wrap=True)
    print_rows(rehearsal.rows)
    print_findings(rehearsal.checks.report, least="Violation")
    print_checks(rehearsal.checks)
    out.print("Release      a dry run: nothing has been changed")


def print_rows(rows: Sequence[tuple[str, RowChanges]]) -> None:
    """Say how the rows of registers differ from those before."""
    for graph, each in rows:
        out.print(
            f"Rows         {each.added} added, {each.changed} changed, {each.vanished} vanished "
            f"(kept, with a note) in {graph.rpartition('/')[2]}",
            soft_wrap=True,
        )


def print_masked(counts: Mapping[str, int]) -> None:
    """Say how much personal data was masked in registers, of what kinds."""
    if counts:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
        out.print(f"Masked       {kinds}", soft_wrap=True)


def print_rejected(codes: Mapping[str, int], file: Path) -> None:
    """Say how many rows were set aside, of what kinds, and where they are listed."""
    if codes:
        kinds = ", ".join(f"{count} {code}" for code, count in sorted(codes.items()))
        out.print(f"Quarantine   {sum(codes.values())} rows or cells: {kinds}", soft_wrap=True)
        out.print(f"             {file} says what is wrong with each", soft_wrap=True)


def print_entries(proposal: Proposal) -> None:
    """Show the first rows of a register as a mapping understands them."""
    for number, entry in enumerate(proposal.entries, start=1):
        record = Table.grid(Column(no_wrap=True), Column(overflow="fold"), padding=(0, 2))
        deadline = entry.deadline.wording if entry.deadline else ""
        shown = {
            "kind": entry.kind,
            "key": entry.key,
            "text": entry.text,
            **entry.printed,
            "date": str(entry.raised or ""),
            "deadline": deadline,
            "status": ", ".join(step.status for step in entry.steps),
        }
        for name, value in shown.items():
            record.add_row(name, value)
        out.print(f"Row {number}", style="bold")
        out.print(Padding(record, (0, 0, 1, 2)))
    unused = ", ".join(proposal.header.unknown)
    out.print(f"Columns without a role: {unused or 'none'}", soft_wrap=True)


def print_sent(release: Release, sent: Sequence[Sent]) -> None:
    """Say what was sent to remote stores."""
    for each in sent:
        out.print(
            f"{each.address} answers with release {release.number}: "
            f"{each.graphs} graphs sent, {each.statements} statements",
            soft_wrap=True,
        )
    if not sent:
        out.print(f"Release {release.number} answers already: nothing was sent")


def print_checks(checks: Checks, hint: str = "") -> None:
    """Say how many findings there are, and what the reasoner says."""
    print_counts(checks.report, hint)
    if checks.reasoning:
        out.print(f"OWL          {checks.reasoning.summary}", soft_wrap=True)
        for sentence in checks.reasoning.explanations:
            out.print(f"             {sentence}", soft_wrap=True)


def print_counts(report: Report, hint: str = "") -> None:
    """Say how many findings there are of each severity; where there are grave ones, a hint."""
    counts = report.counts()
    counted = (
        f"{count} {severity.lower()}{'' if count == 1 else 's'}"
        for severity, count in counts.items()
    )
    out.print(f"Findings     {', '.join(counted)}")
    if hint and (counts["Violation"] or counts["Warning"]):
        out.print(f"             {hint}")


def print_judgement(checks: Checks) -> None:
    """Say whether pyshacl finds the same."""
    for sentence in checks.disagreements:
        out.print(sentence, markup=False, soft_wrap=True)
    if not checks.disagreements:
        out.print("Judge        pyshacl finds the same")


def print_findings(report: Report, least: str = "Warning") -> None:
    """Print each finding of the `least` severity or a graver one."""
    shown = SEVERITIES[: SEVERITIES.index(least) + 1]
    for finding in report.findings:
        if finding.severity in shown:
            out.print(
                f"{finding.severity}: {finding.focus}\n  {finding.message('en')} "
                f"({finding.shape.removeprefix(PREFIXES['rgs'])})",
                soft_wrap=True,
            )


def print_addresses(root: str) -> None:
    """Say where what is served."""
    out.print(f"Pages        {root}/")
    out.print(f"SPARQL       {root}/sparql")
    out.print(f"Questions    {root}/zoekvragen")


def print_questions(lang: str) -> None:
    """List the questions of the library."""
    table = Table(Column("Name", no_wrap=True), Column("Question", overflow="fold"), box=None)
    for question in catalogue.questions().values():
        table.add_row(question.name, _with_parameters(question, lang))
    out.print(table)


def _with_parameters(question: Question, lang: str) -> str:
    names = ", ".join(each.name for each in question.parameters)
    return question.summary[lang] + (f"\n--param {names}" if names else "")


def print_answer(solutions: Solutions, base: str, lang: str, *, iris: bool, numbered: bool) -> None:
    """Print the answer to a question of the library, its columns named in a language."""
    names = {name: words[lang] for name, words in catalogue.columns().items()}
    print_table(solutions, base, names, iris=iris, numbered=numbered)


def print_table(
    solutions: Solutions,
    base: str,
    names: Mapping[str, str] = MappingProxyType({}),
    *,
    iris: bool = True,
    numbered: bool = False,
) -> None:
    """Print solutions, IRIs in short or, where there are words beside them, not.

    They are a table, or one below the other where a table would break words. Columns have the
    given names, else those of their variables.
    """
    worded = [
        name
        for name in solutions.variables
        if iris or not any(isinstance(row.get(name), NamedNode) for row in solutions.rows)
    ]
    shown = worded or solutions.variables
    number = (Column("#", no_wrap=True),) if numbered else ()
    table = Table(*number, *(Column(names.get(name, name), overflow="fold") for name in shown))
    for place, row in enumerate(solutions.rows, start=1):
        cells = [_short(row.get(name), base) for name in shown]
        table.add_row(*((str(place), *cells) if numbered else cells))
    needed = out.measure(table, options=out.options.update(width=sys.maxsize))
    if needed.minimum > out.width:
        _print_records(shown, solutions.rows, base, names)
        return
    table.show_lines = needed.maximum > out.width
    out.print(table)


def _print_records(
    shown: Sequence[str], rows: Sequence[Row], base: str, names: Mapping[str, str]
) -> None:
    for place, row in enumerate(rows, start=1):
        record = Table.grid(Column(no_wrap=True), Column(overflow="fold"), padding=(0, 2))
        for name in shown:
            record.add_row(names.get(name, name), _short(row.get(name), base))
        out.print(f"#{place}", style="bold")
        out.print(Padding(record, (0, 0, 1, 2)))


def print_evidence(quotes: Sequence[Sequence[Quote]]) -> None:
    """Print the passages behind each row."""
    for number, passages in enumerate(quotes, start=1):
        out.print(f"Row #{number} rests on{':' if passages else ' no passage.'}", style="bold")
        for each in passages:
            said = f"{each.document}, {_lines(each.lines)}:\n“{each.text}”"
            out.print(Padding(said, (0, 0, 0, 2)))


def _lines(ranges: Sequence[tuple[int, int]]) -> str:
    parts = [f"{first}" if first == last else f"{first}-{last}" for first, last in ranges]
    return f"line{'' if len(parts) == 1 and '-' not in parts[0] else 's'} {', '.join(parts)}"


def spelled_out(text: str, base: str) -> str:
    """Return what `_short` made of an IRI as the IRI; anything else as it is."""
    prefix, colon, name = text.partition(":")
    if prefix in PREFIXES and not name.startswith("//"):
        return PREFIXES[prefix] + name
    return text if colon or not text.strip() else f"{base}id/{text}"


def _short(term: Term | None, base: str) -> str:
    if isinstance(term, NamedNode):
        if term.value.startswith(f"{base}id/"):
            return term.value.removeprefix(f"{base}id/")
        for prefix, namespace in PREFIXES.items():
            if term.value.startswith(namespace):
                return f"{prefix}:{term.value.removeprefix(namespace)}"
    return "" if term is None else term.value


def print_results(store: EmbeddedStore, text: str, form: str, base: str) -> None:
    """Run a query and print its results in a format that fits their kind."""
    results = store.query(text)
    if form == "table" and isinstance(results, QuerySolutions):
        print_table(answers.solutions(results), base)
    elif form == "table" and isinstance(results, QueryBoolean):
        out.print("true" if results else "false")
    else:
        write(results, _media_type(results, form), sys.stdout.buffer)


def _media_type(results: Results, form: str) -> str:
    """Return the media type of a format, or refuse one that cannot hold the results."""
    kind, fitting = "table", RESULT_FORMATS
    if isinstance(results, QueryTriples):
        kind, fitting = "graph", GRAPH_FORMATS
        form = "turtle" if form == "table" else form
    elif isinstance(results, QueryBoolean):
        kind, fitting = "truth value", BOOLEAN_FORMATS
    if form not in fitting:
        raise InputError(
            f"The result is a {kind}, which --format {form} cannot hold. "
            f"Choose one of {', '.join(fitting)}, or leave --format out."
        )
    return fitting[form]
