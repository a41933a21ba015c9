"""Registers from saved responses of iBabs: each entry of a list is a row, its fields columns."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO

from raadgraaf.loaders import ibabs, tabular
from raadgraaf.loaders.base import Context, Rejected, Source
from raadgraaf.loaders.ibabs import Entry, ListName
from raadgraaf.provenance import GraphContent

_OF_ENTRY = ("EntryId", "EntryTitle", "ListId", "ListName")


class Ibabs:
    """The loader of the lists of iBabs."""

    name = "ibabs"

    def recognizes(self, source: Source) -> bool:
        """Tell a response by the call that it answers."""
        return ibabs.operation(source.head) is not None

    def load(self, source: Source, context: Context) -> Sequence[GraphContent]:
        """Return the graph of a list, with the fields of the entries that stand beside it.

        The names of lists are no rows, and an entry whose list stands beside it is one of that.
        """
        call = ibabs.operation(source.head)
        if call == ibabs.LISTS or (call == ibabs.ENTRY and _beside(source, ibabs.ENTRIES_FILE)):
            return []
        limit = context.limits.cell_bytes
        entries = [each for each in _read(source, limit) if isinstance(each, Entry)]
        if call == ibabs.ENTRIES:
            detailed = [_with_fields(entry, source, context) for entry in entries]
            entries = [entry for entry in detailed if entry]
        else:
            identifier = source.stem.removeprefix("entry-")
            entries = [replace(each, identifier=identifier) for each in entries]
        if not entries:
            return []
        title = f"{entries[0].list_name or source.stem} (iBabs)"
        return tabular.graphs(
            source, context, loader=self.name, rows=list(_rows(entries)), title=title
        )


def _read(source: Source, limit: int) -> Iterator[ListName | Entry]:
    # No DTDs and so many bytes at most: there is nothing to isolate
    content = BytesIO(source.read(limit))
    return (ibabs.decoded(record) for record in ibabs.read(content, source.name))


def _beside(source: Source, name: str) -> Source | None:
    path = source.folder.joinpath(name)
    return Source(f"{source.name} ({name})", path, source.folder) if path.is_file() else None


def _with_fields(entry: Entry, source: Source, context: Context) -> Entry | None:
    """Return an entry with the fields of its own response; one without is rejected."""
    own = _beside(source, ibabs.file_of(entry.identifier.lower()))
    for found in _read(own, context.limits.cell_bytes) if own else ():
        if isinstance(found, Entry):
            return replace(entry, fields=found.fields)
    reason = (
        "The response with the fields of this entry is missing, so it was not taken over. "
        "Fetch the list again."
    )
    context.rejected(
        Rejected(source.name, "", 0, "EntryId", entry.identifier, "entry-without-fields", reason)
    )
    return None


def _rows(entries: Sequence[Entry]) -> Iterator[Sequence[str]]:
    names = list(dict.fromkeys(name for entry in entries for name in entry.fields))
    yield [*_OF_ENTRY, *names]
    for entry in entries:
        said = [entry.identifier, entry.title, entry.list_identifier, entry.list_name]
        yield [*said, *(entry.fields.get(name, "") for name in names)]
