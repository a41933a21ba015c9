"""The command that serves."""

from pathlib import Path

import click

from raadgraaf import releases, transaction
from raadgraaf.commands.options import home_option, settings_of
from raadgraaf.printing import print_addresses
from raadgraaf.server.production import run


@click.command()
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
    settings = settings_of(home)
    if releases.current_number(settings.home) is None:
        transaction.load(settings, (), reason=False)
    run(settings, host, port, print_addresses)
