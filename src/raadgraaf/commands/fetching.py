"""The commands that ask other services for sources."""

from pathlib import Path

import click

from raadgraaf.commands.options import Commands, home_option, settings_of
from raadgraaf.loaders.fetch import ENDPOINT, Client, Manners, responses
from raadgraaf.loaders.ibabs import ListName
from raadgraaf.printing import out, steps


@click.group(cls=Commands)
def fetch() -> None:
    """Fetch sources from other services and save them."""


@fetch.command("ibabs")
@click.argument("site")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--list",
    "lists",
    multiple=True,
    default=("toezegging",),
    show_default=True,
    help="Fetch lists with this in their name; may be repeated.",
)
@click.option("--endpoint", default=ENDPOINT, show_default=True, help="Address of the service.")
@home_option
def fetch_ibabs(
    home: Path | None, site: str, folder: Path, lists: tuple[str, ...], endpoint: str
) -> None:
    """Save the lists of SITE, as iBabs calls a municipality, below FOLDER.

    iBabs answers those whom it has admitted. Requests carry RAADGRAAF_CONTACT, keep a pause and
    follow no redirect. Each response becomes a file, which load reads.

    \b
    Examples:
      raadgraaf fetch ibabs zevenaar downloads/zevenaar
      raadgraaf fetch ibabs zevenaar downloads/zevenaar --list motie
    """
    settings = settings_of(home)
    manners = Manners(
        settings.contact, settings.fetch_pause, settings.fetch_retries, settings.fetch_seconds
    )
    wanted = [each.casefold() for each in lists]

    def is_wanted(each: ListName) -> bool:
        return any(part in each.name.casefold() for part in wanted)

    count = 0
    with steps() as step:
        for saved in responses(Client(endpoint, manners).ask, site, is_wanted):
            step(f"Fetching {saved.file}")
            file = folder / saved.file
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_name(f"{file.name}.part")
            partial.write_bytes(saved.content)
            partial.replace(file)
            count += 1
    out.print(f"{count} responses are in {folder}. Load them with raadgraaf load {folder}.")
