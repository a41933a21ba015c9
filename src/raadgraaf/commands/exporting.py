"""The commands that write what is published in other forms."""

import shutil
from pathlib import Path

import click

from raadgraaf import answers, dumps, releases
from raadgraaf.commands.options import Commands, home_option, settings_of
from raadgraaf.errors import InputError
from raadgraaf.printing import out
from raadgraaf.server import review


@click.group(cls=Commands)
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
    settings = settings_of(home)
    store = releases.current(settings.home).open(memory_quads=0)
    page = review.page(answers.over(store))
    if output is None:
        click.echo(page)
    else:
        output.write_text(page, encoding="utf-8")
        out.print(f"{output} holds the review page.")


@export.command("dump")
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder to write to  [default: the present one]",
)
@home_option
def export_dump(home: Path | None, output: Path) -> None:
    """Write all graphs of the release to files.

    They are N-Quads and TriG, with their digests.

    Check them with `sha256sum --check SHA256SUMS`.
    """
    release = releases.current(settings_of(home).home)
    output.mkdir(parents=True, exist_ok=True)
    for name in (*dumps.FILES, dumps.SUMS):
        path = release.path / dumps.FOLDER / name
        if not path.exists():
            raise InputError(
                f"Release {release.number} was made without files. Run `raadgraaf publish` first."
            )
        shutil.copyfile(path, output / name)
        out.print(f"{output / name}")
