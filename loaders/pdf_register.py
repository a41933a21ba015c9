"""Registers in PDFs: the table whose header a mapping knows, row by row."""

from collections.abc import Sequence

from raadgraaf.errors import InputError
from raadgraaf.loaders import pdf, register_mapping, tabular
from raadgraaf.loaders.base import SHOWN_OF_A_VALUE, Context, Rejected, Source
from raadgraaf.loaders.privacy import mask
from raadgraaf.loaders.register_mapping import RegisterMapping
from raadgraaf.loaders.tables import Finding, Table, table
from raadgraaf.provenance import GraphContent


class Pdf:
    """The loader of registers in PDFs."""

    name = "pdf"

    def recognizes(self, source: Source) -> bool:
        """Tell a PDF by its first bytes."""
        return source.head.startswith(pdf.MAGIC)

    def load(self, source: Source, context: Context) -> Sequence[GraphContent]:
        """Return the graph of the table; pages and rows that cannot be read are rejected."""
        with source.open() as stream:
            pages = pdf.pages(stream, source.name)
        if pages and all(page.problem for page in pages):
            raise InputError(
                f"{source.name} has no text, only pictures of it. Recognize its text (OCR) and "
                "load the result."
            )
        found = table(pages, _names(_mappings(context)))
        if found is None:
            context.rejected(Rejected(source.name, "", 0, "", "", "no-table", _NO_TABLE))
            return []
        for finding in found.findings:
            context.rejected(_rejected(finding, source))
        rows = _with_links(found)
        of_rows = {number: row.page for number, row in enumerate(found.rows, 1)}
        return tabular.graphs(
            source, context, loader=self.name, rows=rows, title=source.stem, pages=of_rows
        )


_LINKS = "Koppelingen"
_NO_TABLE = (
    "The document has no table whose header a mapping knows. Draft a transcription of it with "
    "raadgraaf transcribe, or load it with a mapping of your own by --mapping."
)


def _with_links(found: Table) -> list[tuple[str, ...]]:
    """Return headers and rows; links behind the text have a column of their own."""
    if not any(row.links for row in found.rows):
        return [found.header, *(row.cells for row in found.rows)]
    linked = [(*row.cells, " ".join(row.links)) for row in found.rows]
    return [(*found.header, _LINKS), *linked]


def _mappings(context: Context) -> Sequence[RegisterMapping]:
    if context.mapping is None:
        return register_mapping.ready()
    text = context.mapping.read_text(encoding="utf-8")
    return [register_mapping.parse(text, str(context.mapping))]


def _names(mappings: Sequence[RegisterMapping]) -> set[str]:
    """Return every name that a column may have."""
    return {
        name
        for mapping in mappings
        for names in (*mapping.columns.values(), mapping.personal, mapping.ignored)
        for name in names
    }


def _rejected(finding: Finding, source: Source) -> Rejected:
    value = mask(finding.text)[0][:SHOWN_OF_A_VALUE]
    place = f"page {finding.page}"
    return Rejected(source.name, place, finding.row or 0, "", value, finding.code, finding.reason)
