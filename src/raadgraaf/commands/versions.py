"""The commands about releases."""

from pathlib import Path

import click

from raadgraaf import releases, transaction
from raadgraaf.commands.options import home_option, settings_of
from raadgraaf.printing import err, out


@click.command("releases")
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
    settings = settings_of(home)
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


@click.command()
@click.argument("number", type=int, required=False)
@home_option
def rollback(home: Path | None, number: int | None) -> None:
    """Go back to release NUMBER, or to the one before the current."""
    settings = settings_of(home)
    target = transaction.roll_back(settings.home, number)
    out.print(f"Release {target.number} is current again.")
