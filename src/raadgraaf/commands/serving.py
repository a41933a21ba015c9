"""The command that serves."""

import platform
import sys
from dataclasses import replace
from pathlib import Path

import click

from raadgraaf import protections, releases, transaction
from raadgraaf.commands.options import home_option, settings_of
from raadgraaf.commands.tokens import token_file_of, token_file_option
from raadgraaf.printing import err, print_addresses
from raadgraaf.server.production import run


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option("--no-shacl", is_flag=True, help="Accept what is written whatever the shapes find.")
@click.option(
    "--plain-default-graph",
    is_flag=True,
    help="A plain SPARQL 1.1 store: the default graph is a graph of its own instead of the merge, "
    "and nothing is derived or added. A home is plain or not for good.",
)
@token_file_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--share-port",
    is_flag=True,
    help="Listen beside a server that has the port and will now be ended.",
)
@home_option
def serve(
    home: Path | None,
    port: int,
    host: str,
    token_file: Path | None,
    *,
    share_port: bool,
    no_shacl: bool,
    plain_default_graph: bool,
) -> None:
    """Serve the current release over HTTP, and each later one.

    A home without a release gets an empty one. Whoever has a token may write, at /sparql and
    /graphs; as long as there are none, nobody may.

    \b
    Examples:
      raadgraaf serve --port 8000
      raadgraaf serve --no-shacl --plain-default-graph --token-file tokens --home store
    """
    settings = settings_of(home)
    settings = replace(
        settings,
        token_file=token_file_of(home, token_file),
        shacl=settings.shacl and not no_shacl,
        plain=settings.plain or plain_default_graph,
    )
    if releases.current_number(settings.home) is None:
        transaction.load(settings, (), reason=False)
    from_disk = releases.current(settings.home).quads > settings.memory_quads
    for each in protections.missing(
        sys.platform,
        platform.machine(),
        from_disk=from_disk,
        seccomp=protections.seccomp_available(),
    ):
        err.print(each)
    run(settings, host, port, print_addresses, share_port=share_port)
