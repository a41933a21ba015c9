"""The commands about releases."""

import os
from pathlib import Path

import click

from raadgraaf import config, releases, transaction
from raadgraaf.commands.options import home_option, lines_option, settings_of
from raadgraaf.printing import err, out


@click.group("releases", invoke_without_command=True)
@lines_option
@home_option
@click.pass_context
def list_releases(context: click.Context, home: Path | None, form: str) -> None:
    """List the releases that are kept; `*` marks the current one."""
    if context.invoked_subcommand:
        return
    settings = settings_of(home)
    names = releases.names(settings.home)
    current = releases.current_number(settings.home)
    rows = [
        {
            "release": each.number,
            "current": each.number == current,
            "name": names.get(each.number),
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
            + (f"  {row['name']}" if row["name"] else "")
        )


@list_releases.command("name")
@click.argument("number", type=int)
@click.argument("label", required=False)
@click.option("--remove", is_flag=True, help="Take the name away.")
@home_option
def name_release(number: int, label: str | None, home: Path | None, *, remove: bool) -> None:
    """Keep release NUMBER for ever, under a name that no other has."""
    if (label is None) != remove:
        raise click.UsageError("Give either a LABEL or --remove.")
    transaction.name_release(settings_of(home).home, number, label)
    said = f"is called {label} and is kept for ever" if label else "has no name any more"
    out.print(f"Release {number} {said}.")


@click.command()
@click.argument("number", type=int, required=False)
@home_option
def rollback(home: Path | None, number: int | None) -> None:
    """Go back to release NUMBER, or to the one before the current."""
    settings = config.from_environment(os.environ, home=home)  # the current one may be damaged
    target = transaction.roll_back(settings.home, number)
    out.print(f"Release {target.number} is current again.")
