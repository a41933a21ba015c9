"""The commands about the tokens that allow writing over HTTP."""

from pathlib import Path

import click

from raadgraaf import credentials
from raadgraaf.commands.options import Commands, home_option, settings_of
from raadgraaf.printing import err, out

token_file_option = click.option(
    "--token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the hashes  [default: RAADGRAAF_TOKEN_FILE or `tokens` in the home folder]",
)


def token_file_of(home: Path | None, token_file: Path | None) -> Path:
    """Return the file of the hashes: the given one, that of the settings, or that of the home."""
    settings = settings_of(home)
    return token_file or settings.token_file or settings.home / "tokens"


@click.group(cls=Commands)
def token() -> None:
    """Give out and revoke the tokens that allow writing over HTTP.

    \b
    Examples:
      raadgraaf token new --label "loader of the clerk's office"
      raadgraaf token list
      raadgraaf token revoke 1a2b3c4d
    """


@token.command("new")
@click.option("--label", default="", help="What the token is for, for the list.")
@token_file_option
@home_option
def new_token(home: Path | None, token_file: Path | None, label: str) -> None:
    """Print a new token, once: only its hash is kept."""
    click.echo(credentials.new(token_file_of(home, token_file), label))


@token.command("list")
@token_file_option
@home_option
def list_tokens(home: Path | None, token_file: Path | None) -> None:
    """List the tokens: identifier, when it was made, what it is for."""
    file = token_file_of(home, token_file)
    known = credentials.read(file)
    if not known:
        err.print(f"There are no tokens in {file}, so nobody may write over HTTP.")
    for each in known:
        out.print(f"{each.id}  {each.created}  {each.label}".rstrip())


@token.command("revoke")
@click.argument("identifier")
@token_file_option
@home_option
def revoke_token(home: Path | None, token_file: Path | None, identifier: str) -> None:
    """Take back the token with this IDENTIFIER, at once."""
    credentials.revoke(token_file_of(home, token_file), identifier)
    out.print(f"Token {identifier} does not allow writing any more.")
