"""The command line: the group of all commands, and how it ends."""

import os
import sys
from types import TracebackType

import click

from raadgraaf import __version__
from raadgraaf.commands import (
    asking,
    exporting,
    fetching,
    keeping,
    loading,
    serving,
    tokens,
    transcribing,
    versions,
)
from raadgraaf.commands.options import REFUSED, Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="raadgraaf")
def main() -> None:
    """Load, ask and serve what councils were promised and what came of it.

    \b
    Examples:
      raadgraaf load                    # the data that ships with the package
      raadgraaf ask                     # the questions that there are
      raadgraaf ask open-matters-by-status --evidence
      raadgraaf serve --port 8000

    Exit status: 0 done, 1 done with findings, 2 refused.
    """


for command in (
    loading.load,
    loading.validate,
    loading.publish,
    versions.list_releases,
    versions.rollback,
    asking.ask,
    asking.query,
    exporting.export,
    fetching.fetch,
    transcribing.transcribe,
    keeping.check,
    keeping.erase,
    serving.serve,
    tokens.token,
):
    main.add_command(command)


def run_from_shell() -> None:
    """Run a command as the shell does: an error that nobody foresaw is no `done with findings`."""
    sys.excepthook = _unforeseen
    main(prog_name="raadgraaf")


def _unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    sys.__excepthook__(kind, error, trace)
    sys.stderr.flush()
    os._exit(REFUSED)
