"""What an address may ask of a page: no parameter that it does not know, whole page numbers."""

from flask import request
from werkzeug.exceptions import BadRequest

_LONGEST_NUMBER = 8


def require_known(*names: str) -> None:
    """Refuse parameters that a page does not know; one that is overlooked misleads."""
    allowed = (*names, "release")
    for name in request.args:
        if name not in allowed:
            raise BadRequest(
                f"The parameter {name[:40]!r} is unknown. Allowed are: {', '.join(allowed)}."
            )
        if len(request.args.getlist(name)) > 1:
            raise BadRequest(f"The parameter {name} stands there more than once. Give one value.")


def page_number() -> int:
    """Return the number of the page of a list that is asked for, from 1."""
    text = request.args.get("pagina", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER and int(text) > 0):
        raise BadRequest(f"The parameter pagina is {text[:40]!r}. Write a whole number from 1.")
    return int(text)
