"""The command that drafts a transcription."""

import sys
from pathlib import Path

import click

from raadgraaf.commands.options import DONE, FINDINGS, home_option, settings_of
from raadgraaf.errors import InputError
from raadgraaf.loaders import pdf
from raadgraaf.loaders.base import slug
from raadgraaf.loaders.draft import Line, draft, of_pages, of_text
from raadgraaf.loaders.transcription import TEXT_FILE
from raadgraaf.printing import out


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--title", help="Title of the document  [default: the name of the file]")
@click.option(
    "--municipality", default="gm0299", show_default=True, help="TOOI code of its holder."
)
@home_option
def transcribe(
    home: Path | None, file: Path, folder: Path, title: str | None, municipality: str
) -> None:
    """Draft the transcription of a PDF or text FILE in FOLDER.

    The draft has the lines of the document as source.txt, personal data masked, and a passage for
    each paragraph. Mask the names of persons, add the statements, take off adms:status; only then
    is it loaded.

    \b
    Examples:
      raadgraaf transcribe memo.pdf data/zevenaar/memo
    """
    settings_of(home)
    key = slug(file.stem)
    turtle, text = folder / f"{key}.ttl", folder / TEXT_FILE
    for existing in (turtle, text):
        if existing.exists():
            raise InputError(f"{existing} exists already. Draft into another folder.")
    lines, unread = _lines(file)
    made = draft(lines, title or file.stem, municipality, key)
    folder.mkdir(parents=True, exist_ok=True)
    text.write_bytes(made.text)
    turtle.write_bytes(made.turtle)
    masked = ", ".join(f"{kind} ({count})" for kind, count in sorted(made.masked.items()))
    out.print(
        f"{turtle} is a draft with {made.passages} passages over {text}. Masked: "
        f"{masked or 'nothing'}; names are for you to mask.",
        soft_wrap=True,
    )
    for number in unread:
        out.print(f"Page {number} has no text that can be read; it is not in the draft.")
    sys.exit(FINDINGS if unread else DONE)


def _lines(file: Path) -> tuple[list[Line], list[int]]:
    """Return the lines of a document, and the pages that cannot be read."""
    content = file.read_bytes()
    if not content.startswith(pdf.MAGIC):
        try:
            return of_text(content.decode("utf-8-sig")), []
        except UnicodeDecodeError as error:
            raise InputError(
                f"{file} is neither a PDF nor text in UTF-8 (byte {error.start}). Save it as one."
            ) from None
    with file.open("rb") as stream:
        pages = pdf.pages(stream, str(file))
    unread = [page.number for page in pages if page.problem]
    if len(unread) == len(pages):
        raise InputError(
            f"{file} has no text, only pictures of it. Recognize it (OCR) and draft from that."
        )
    return of_pages(pages), unread
