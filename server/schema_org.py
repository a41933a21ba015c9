"""What a page is about in schema.org's terms, for search engines: JSON-LD to put in the page."""

from collections.abc import Iterable, Mapping

from raadgraaf.namespaces import PREFIXES
from raadgraaf.server.linked_data import LICENCE
from raadgraaf.server.presentation import Shown

CONTEXT = "https://schema.org/"


def thing(
    iri: str, title: Shown, classes: Iterable[str], dataset: str, language: str
) -> Mapping[str, object]:
    """Return a resource with its name and the data set that it is part of.

    Its types are those of its classes that are schema.org's own.
    """
    start = PREFIXES["schema"]
    types = [each.removeprefix(start) for each in classes if each.startswith(start)]
    name: dict[str, str] = {"@language": title.lang or language, "@value": title.text}
    return {
        "@context": CONTEXT,
        "@id": iri,
        "@type": types or ["Thing"],
        "name": name,
        "identifier": iri,
        "subjectOf": {
            "@type": "Dataset",
            "@id": dataset,
            "license": LICENCE,
        },
    }
