"""What the commands share: options, the settings of a call, errors as sentences, exit statuses."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from errno import EPIPE
from pathlib import Path
from typing import Any

import click
from pyoxigraph import QueryTriples

from raadgraaf import config, loaders, releases
from raadgraaf.config import Settings
from raadgraaf.errors import RaadgraafError, ValidationRefused
from raadgraaf.gate import Checks
from raadgraaf.loaders import names
from raadgraaf.loaders.base import Context, Limits, Rejected, ignore
from raadgraaf.loaders.names import Named
from raadgraaf.printing import err, print_counts, print_findings
from raadgraaf.validation import Report

DONE, FINDINGS, REFUSED = 0, 1, 2
"""The exit statuses: done, done with findings, refused."""


home_option = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that holds everything that is written  [default: RAADGRAAF_HOME or ./var]",
)
sources_argument = click.argument("source", nargs=-1, type=click.Path(path_type=Path))
loader_option = click.option(
    "--loader", type=click.Choice(list(loaders.LOADERS)), help="Take every source as of this kind."
)

mapping_option = click.option(
    "--mapping",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="Mapping of the registers' columns  [default: the ready one that fits the headers]",
)
municipality_option = click.option(
    "--municipality",
    metavar="GM",
    help="Municipality of sources that do not name theirs  [default: RAADGRAAF_MUNICIPALITY]",
)
lines_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines to read, or JSON for programs.",
)
no_owl_option = click.option("--no-owl", is_flag=True, help="Do not ask the reasoner HermiT.")


class Commands(click.Group):
    """The group of commands: an error of ours becomes its sentence and its exit status."""

    def invoke(self, ctx: click.Context) -> Any:  # as click has it
        """Run a command; say what was refused."""
        try:
            return super().invoke(ctx)
        except RaadgraafError as error:
            if isinstance(error, ValidationRefused) and isinstance(error.report, Report):
                print_findings(error.report, least="Violation")
                print_counts(error.report)
            complain(str(error))
            ctx.exit(error.exit_status)
        except OSError as error:
            if error.errno == EPIPE:
                raise  # whoever read the output has gone; click ends quietly
            where = f"{error.filename}: " if error.filename else ""
            complain(f"{where}{error.strerror or error}.")
            ctx.exit(REFUSED)


def complain(sentence: str) -> None:
    """Print what is wrong to standard error."""
    err.print(f"raadgraaf: {sentence}", style="red", soft_wrap=True)


def settings_of(home: Path | None, municipality: str | None = None) -> Settings:
    """Return the settings; a home that has a release gives the base, unless it is set."""
    settings = config.from_environment(os.environ, home=home, municipality=municipality)
    if "RAADGRAAF_BASE" in os.environ or releases.current_number(settings.home) is None:
        return settings
    return replace(settings, base=releases.current(settings.home).manifest.base)


def context_of(
    settings: Settings,
    mapping: Path | None = None,
    rejected: Callable[[Rejected], None] = ignore,
    masked: Callable[[Mapping[str, int]], None] = ignore,
) -> Context:
    """Return what the loaders have to know."""
    limits = Limits(settings.source_bytes, settings.unpacked_bytes, settings.cell_bytes)
    known = _known(settings)
    return Context(settings.base, settings.municipality, mapping, rejected, limits, known, masked)


def _known(settings: Settings) -> Mapping[str, Sequence[Named]]:
    """Return whom and what the current release describes by name."""
    if releases.current_number(settings.home) is None:
        return {}
    # From disk: all of it in memory would take longer than the query
    found = releases.current(settings.home).open(memory_quads=0).query(names.KNOWN)
    return names.known(found) if isinstance(found, QueryTriples) else {}


def exit_status(checks: Checks | None) -> int:
    """Return the exit status after checks that refused nothing."""
    return FINDINGS if checks and checks.report.counts()["Warning"] else DONE
