"""The files that ship with the package: the only caller of `importlib.resources`."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable


def folder(*names: str) -> Traversable:
    """Return a folder or file of the package; works from a checkout, a wheel and a zip."""
    return files("raadgraaf").joinpath(*names)


def listing(suffix: str, *names: str) -> Iterator[Traversable]:
    """Yield the files of a folder that end in `suffix`, folders below it included, by name."""
    for entry in sorted(folder(*names).iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from listing(suffix, *names, entry.name)
        elif entry.name.endswith(suffix):
            yield entry
