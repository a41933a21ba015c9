"""The commands that write or check the data."""

import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import click

from raadgraaf import loaders, profiles, publication, releases, transaction
from raadgraaf.commands.options import (
    DONE,
    FINDINGS,
    REFUSED,
    context_of,
    exit_status,
    home_option,
    loader_option,
    mapping_option,
    municipality_option,
    no_owl_option,
    settings_of,
    sources_argument,
)
from raadgraaf.errors import InputError
from raadgraaf.gate import Checks
from raadgraaf.loaders import reading
from raadgraaf.loaders.quarantine import quarantine
from raadgraaf.printing import (
    print_checks,
    print_counts,
    print_findings,
    print_judgement,
    print_masked,
    print_outcome,
    print_rehearsal,
    print_rejected,
    print_sent,
    steps,
)
from raadgraaf.remote import Endpoint


@click.command()
@sources_argument
@loader_option
@mapping_option
@municipality_option
@click.option(
    "--graph",
    metavar="KEY",
    help="Graph for the one source, such as bron/lijst; it may replace that of another file.",
)
@click.option("--strict", is_flag=True, help="Refuse everything at the first rejected row.")
@click.option(
    "--max-errors",
    type=click.IntRange(min=0),
    help="Refuse everything at more rejected rows than this.",
)
@click.option("--dry-run", is_flag=True, help="Say what a load would do; change nothing.")
@click.option(
    "--quarantine",
    "quarantine_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the rejected rows  [default: quarantine.csv in the home]",
)
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help="Processes that read sources at the same time  [default: RAADGRAAF_PROCESSES or one "
    "for each core]",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Read on the workers of the Dask scheduler at ADDRESS, such as tcp://10.0.0.5:8786.",
)
@no_owl_option
@home_option
def load(
    *,
    home: Path | None,
    source: tuple[Path, ...],
    loader: str | None,
    mapping: Path | None,
    municipality: str | None,
    graph: str | None,
    max_errors: int | None,
    quarantine_file: Path | None,
    processes: int | None,
    cluster: str | None,
    strict: bool,
    dry_run: bool,
    no_owl: bool,
) -> None:
    """Load sources, validate them and publish a release.

    Without SOURCE: the data that ships with the package. Graphs of other sources stay. SOURCE is
    a file, or a folder of which every file of a known kind is loaded. Rows that cannot be taken
    over go to the quarantine, with the reason; the others are loaded, and the exit status is 1.

    \b
    Examples:
      raadgraaf load
      raadgraaf load data/zevenaar/memo-parkeerbeleid.ttl
      raadgraaf load --municipality gm0599 --dry-run toezeggingen.csv
      raadgraaf load --loader rdf mine.ttl
      raadgraaf load --cluster tcp://10.0.0.5:8786 /shared/registers
    """
    settings = settings_of(home, municipality)
    allowed = 0 if strict else max_errors
    file = quarantine_file or settings.home / "quarantine.csv"
    with ExitStack() as stack:
        rejected = stack.enter_context(quarantine(file, allowed))
        step = stack.enter_context(steps())
        step("Reading sources")
        masked: Counter[str] = Counter()
        contents = stack.enter_context(
            reading.contents(
                loaders.sources(source),
                context_of(settings, mapping, rejected, masked.update),
                loader,
                processes=processes or settings.processes,
                at=cluster,
            )
        )
        if graph is not None:
            contents = loaders.put_in(graph, contents, settings.base)
        if dry_run:
            rehearsal = transaction.rehearse(settings, contents, reason=not no_owl)
            checks: Checks | None = rehearsal.checks
        else:
            outcome = transaction.load(settings, contents, reason=not no_owl, progress=step)
            checks = outcome.checks
    if dry_run:
        print_rehearsal(rehearsal)
    else:
        print_outcome(outcome)
    print_masked(masked)
    print_rejected(rejected.codes, file)
    if checks is not None and not checks.report.conforms:
        sys.exit(REFUSED)
    sys.exit(FINDINGS if rejected.codes else exit_status(checks))


@click.command()
@sources_argument
@loader_option
@click.option("--judge", is_flag=True, help="Compare with what pyshacl finds, too (slow).")
@click.option("--owl", is_flag=True, help="Ask the reasoner HermiT, too (needs Java).")
@click.option(
    "--profile",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Check this file by the commitments profile, and nothing else.",
)
@click.option("--infos", is_flag=True, help="List findings of severity Info, too.")
@home_option
def validate(
    home: Path | None,
    source: tuple[Path, ...],
    loader: str | None,
    profile: Path | None,
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
      raadgraaf validate --profile theirs.ttl
    """
    least = "Info" if infos else "Warning"
    if profile:
        report = profiles.check(profile)
        print_findings(report, least=least)
        print_counts(report)
        sys.exit(DONE if report.conforms else REFUSED)
    settings = settings_of(home)
    with steps() as step:
        step("Validating")
        if not source:
            releases.current(settings.home)
        given = loaders.sources(source) if source else ()
        contents = loaders.contents(given, context_of(settings), loader)
        checks = transaction.check(settings, contents, reason=owl, twice=judge)
    print_findings(checks.report, least=least)
    print_checks(checks)
    if judge:
        print_judgement(checks)
    inconsistent = checks.reasoning is not None and not checks.reasoning.consistent
    if inconsistent or not checks.report.conforms:
        sys.exit(REFUSED)
    sys.exit(FINDINGS if checks.disagreements else exit_status(checks))


@click.command()
@click.option(
    "--to",
    multiple=True,
    metavar="ADDRESS",
    help="Send the release to the remote store whose queries go to ADDRESS; may be repeated.",
)
@click.option(
    "--updates",
    multiple=True,
    metavar="ADDRESS",
    help="Where that store takes updates, if elsewhere than usual; once for each --to.",
)
@click.option("--all", "everywhere", is_flag=True, help="Send it to each store, one by one.")
@no_owl_option
@home_option
def publish(
    home: Path | None,
    to: tuple[str, ...],
    updates: tuple[str, ...],
    *,
    everywhere: bool,
    no_owl: bool,
) -> None:
    """Build the data anew, with the rules and shapes of this version.

    With --to nothing is built: the current release goes to remote stores. Of several, the one
    that has waited longest is filled, counted and then answers; meanwhile the others do. The
    login of the stores comes from RAADGRAAF_STORE_USER and RAADGRAAF_STORE_PASSWORD, or from
    RAADGRAAF_STORE_TOKEN.

    \b
    Examples:
      raadgraaf publish
      raadgraaf publish --to https://blue.example.org/query --to https://green.example.org/query
    """
    settings = settings_of(home)
    release = releases.current(settings.home)
    if not to and (updates or everywhere):
        raise InputError("--updates and --all go with --to. Name the stores with it.")
    if updates and len(updates) != len(to):
        raise InputError("Give --updates as often as --to, in the same order, or leave it out.")
    if to:
        addresses = zip(to, updates or ("",) * len(to), strict=True)
        endpoints = [Endpoint(each, settings, where) for each, where in addresses]
        with steps() as step:
            sent = publication.publish(
                settings, release, endpoints, everywhere=everywhere, progress=step
            )
        print_sent(release, sent)
        return
    with steps() as step:
        outcome = transaction.load(settings, (), rebuild=True, reason=not no_owl, progress=step)
    print_outcome(outcome)
    sys.exit(exit_status(outcome.checks))
