"""The dumps of a release: all of its named graphs in one file a format, compressed.

Equal data give equal bytes: the graphs are sorted, and no time is in the files.
"""

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from pyoxigraph import RdfFormat, parse, serialize

from raadgraaf.graphfiles import write_durably
from raadgraaf.namespaces import PREFIXES

FOLDER = "dumps"
FILES: Mapping[str, str] = {
    "raadgraaf.nq.gz": "application/n-quads",
    "raadgraaf.trig.gz": "application/trig",
}
"""The files of a release, with the media type of what is compressed in each."""
SUMS = "SHA256SUMS"


def write(data: Path, folder: Path) -> None:
    """Write the dumps of the N-Quads of a release, with a file of their digests."""
    folder.mkdir()
    with data.open("rb") as quads, _compressed(folder / "raadgraaf.nq.gz") as stream:
        shutil.copyfileobj(quads, stream)
    with data.open("rb") as quads, _compressed(folder / "raadgraaf.trig.gz") as stream:
        read = parse(quads, format=RdfFormat.N_QUADS)
        serialize(read, stream, format=RdfFormat.TRIG, prefixes=PREFIXES)
    lines = "".join(f"{digest}  {name}\n" for name, digest in _digests(folder))
    write_durably(folder / SUMS, lines.encode())


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for name in FILES:
        with (folder / name).open("rb") as stream:
            yield name, hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _compressed(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write that is compressed; it is durable once it has been written."""
    with path.open("wb") as file:
        # Name and time would stand in the file (RFC 1952, 2.3.1).
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as stream:
            yield cast("IO[bytes]", stream)
        file.flush()
        os.fsync(file.fileno())
