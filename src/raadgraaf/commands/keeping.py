"""The commands that keep a home sound."""

import os
import sys
from dataclasses import asdict
from pathlib import Path

import click

from raadgraaf import checking, config, erasure, releases
from raadgraaf.commands.options import REFUSED, home_option, lines_option, settings_of
from raadgraaf.printing import out, steps


@click.command()
@lines_option
@home_option
def check(home: Path | None, form: str) -> None:
    """Say whether all that is kept is whole; change nothing.

    Every release and graph file is read in full. Exit status: 0 sound, 2 not. What a load left
    behind that was cut off is named, but harms nothing.
    """
    settings = config.from_environment(os.environ, home=home)
    if not releases.kept_releases(settings.home):
        releases.current(settings.home)
    with steps() as step:
        found = list(checking.findings(settings.home, step))
    is_sound = all(finding.harmless for finding in found)
    if form == "json":
        out.print_json(data={"sound": is_sound, "findings": [asdict(each) for each in found]})
    else:
        for finding in found:
            out.print(f"{finding.place}: {finding.problem} {finding.remedy}", soft_wrap=True)
        count = len(releases.kept_releases(settings.home))
        if is_sound:
            out.print(f"Sound: {count} release{'' if count == 1 else 's'} checked.")
    if not is_sound:
        sys.exit(REFUSED)


@click.command()
@click.argument("iri")
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="TEXT",
    help="Another spelling of its name that must go, such as the last name alone.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why, for the record; no names.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@home_option
def erase(home: Path | None, iri: str, names: tuple[str, ...], reason: str, *, yes: bool) -> None:
    """Erase the resource IRI from every release, for ever.

    Gone are its statements, those that refer to it, what only it refers to, and its name in all
    texts. A later load does not bring it back. This cannot be undone.

    \b
    Example:
      raadgraaf erase IRI --name Jansen --reason "op verzoek"
    """
    settings = settings_of(home)
    planned = erasure.plan(settings.home, iri, names)
    if not yes:
        count = len(planned.resources)
        texts = ", ".join(sorted(planned.names)) or "no name"
        resources = f"{count} resource{'' if count == 1 else 's'}"
        click.confirm(f"Erase {resources} and, in all texts, {texts}?", abort=True)
    with steps() as step:
        step("Building the releases without it")
        count = erasure.erase(settings, iri, reason, names)
    out.print(f"Erased from {count} release{'' if count == 1 else 's'}.")
