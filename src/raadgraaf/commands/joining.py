"""The commands by which a municipality joins: a folder of its own, a mapping of its register."""

import json
from pathlib import Path

import click
import yaml

from raadgraaf.commands.options import context_of, home_option, settings_of
from raadgraaf.loaders import joining, register, register_mapping, register_proposal
from raadgraaf.loaders.base import Source
from raadgraaf.printing import out, print_entries


@click.command(name="map")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--csvw", is_flag=True, help="Print it as CSVW metadata instead of YAML.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here.")
@home_option
def map_columns(file: Path, output: Path | None, home: Path | None, *, csvw: bool) -> None:
    """Propose a mapping of a register, and show three rows through it.

    \b
    Examples:
      raadgraaf map toezeggingen.csv -o mapping.yaml
      raadgraaf map toezeggingen.csv --csvw -o toezeggingen.csv-metadata.json
    """
    context = context_of(settings_of(home))
    source = Source(str(file), file, file.parent)
    proposal = register.proposal(source, context)
    if csvw:
        metadata = register_mapping.csvw(proposal.mapping, proposal.header.names, file.name)
        text = json.dumps(metadata, indent=2, ensure_ascii=False) + "\n"
    else:
        declared = register_proposal.declaration(proposal.mapping)
        text = yaml.safe_dump(declared, sort_keys=False, allow_unicode=True, width=100)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        out.print(f"{output} is written. Read it, complete it and load with --mapping {output}.")
        print_entries(proposal)


@click.command()
@click.argument("municipality", metavar="GM")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", help="Name of the municipality  [default: that of the reference data]")
@click.option("--base", help="Base of the IRIs of its data, ending in /.")
@click.option("--publisher", help="Web address of who publishes the data.")
@click.option(
    "--licence",
    default="http://creativecommons.org/publicdomain/zero/1.0/",
    show_default=True,
    help="Web address of the licence of the data.",
)
def new(
    *,
    municipality: str,
    folder: Path | None,
    name: str | None,
    base: str | None,
    publisher: str | None,
    licence: str,
) -> None:
    """Make the folder of a municipality: settings, mapping, coverage.

    \b
    Examples:
      raadgraaf new gm0202
      raadgraaf new gm0202 arnhem --base https://data.example.org/arnhem/
    """
    target = folder or Path(municipality)
    for file in joining.write(
        target, joining.Profile(municipality, name, base, publisher, licence)
    ):
        out.print(f"{file} is written.")
    out.print(f"Put the register in {target / 'bronnen'} and go on with {target / 'LEESMIJ.md'}.")
