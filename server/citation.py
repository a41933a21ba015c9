"""What it takes to cite an answer: where it stays, of which release it is, and its digest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from raadgraaf.releases import Release
from raadgraaf.server.pages import origin
from raadgraaf.server.presentation import Presenter, Shown

ADDRESS_CHARACTERS = 8000
"""The longest address that is offered; programs and proxies refuse longer ones."""


@dataclass(frozen=True, slots=True)
class Citation:
    """The facts that a citation of an answer names."""

    address: str
    """Where the answer stays for as long as its release is kept, in full."""
    data: str
    """The address of the serialization that the digest is of, in full."""
    form: str
    """The name of that serialization."""
    release: int
    day: Shown | None
    """When the release was published."""
    digest: str


def cite(
    shown: Presenter,
    release: Release,
    path: str,
    parameters: dict[str, str | Sequence[str]],
    *,
    form: str,
    content: bytes,
) -> Citation | None:
    """Return how an answer is cited that has this content in this form, or None if it cannot be.

    The path and the parameters are those of the page with the answer.
    """
    given = parameters | {"release": str(release.number)}
    address = origin() + shown.path(path, **given)
    if len(address) > ADDRESS_CHARACTERS:
        return None
    return Citation(
        address=address,
        data=origin() + shown.path(path, **(given | {"format": form})),
        form=form,
        release=release.number,
        day=shown.day(release.moment),
        digest=digest(content),
    )


def digest(content: bytes) -> str:
    """Return the SHA-256 of the lines of an answer, sorted by their bytes.

    Where a query does not say in which order its rows come, any order is a right answer.
    """
    lines = content.removesuffix(b"\n").split(b"\n")
    return hashlib.sha256(b"".join(line + b"\n" for line in sorted(lines))).hexdigest()
