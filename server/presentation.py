"""RDF terms for readers: labels, dates and numbers in their language, and links that are safe."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote, urlencode

from pyoxigraph import Literal, NamedNode

from raadgraaf.catalogue import Term
from raadgraaf.namespaces import PREFIXES, iri
from raadgraaf.server.vocabulary import Labels, Vocabulary, best, compact, in_words

_PATH_SAFE = "/:@!$&'()*+,;=~-._%"

_MONTHS = {
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "en": "January February March April May June July August September October November December",
}
_TRUTH = {"nl": {"true": "ja", "false": "nee"}, "en": {"true": "yes", "false": "no"}}
_VIOLENCE = re.compile(
    r"huiselijk geweld|kindermishandeling|veilig thuis|seksueel geweld|mensenhandel"
    r"|domestic violence|child abuse",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A term as it stands on a page."""

    text: str
    iri: str | None = None
    href: str | None = None
    external: bool = False
    lang: str | None = None
    """The language of the text where it is not that of the page."""
    date: str | None = None
    """The date as in ISO 8601 where the text is one."""


@dataclass(frozen=True, slots=True)
class Presenter:
    """How one page writes terms."""

    language: str
    root: str
    """The path under which the application is mounted, without a slash at its end."""
    base: str
    """The base of the IRIs of the data, whatever host serves them."""
    vocabulary: Vocabulary
    release: int | None = None
    """The release to which links lead, instead of the current one."""

    def path(self, path: str, **parameters: str | Sequence[str]) -> str:
        """Return the address of a page in the language of this one."""
        twin = "/en" if self.language == "en" else ""
        if self.release is not None:
            parameters.setdefault("release", str(self.release))
        query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        return f"{self.root}{twin}{path}{query}"

    def literal(self, value: Literal) -> Shown:
        """Return a literal in words."""
        kind = value.datatype.value.removeprefix(PREFIXES["xsd"])
        if kind == "date" and (words := _date_in_words(value.value, self.language)):
            return Shown(words, date=value.value)
        if kind == "boolean":
            return Shown(_TRUTH[self.language].get(value.value, value.value))
        if kind == "decimal":
            return Shown(_number_in_words(value.value, self.language))
        return Shown(value.value, lang=self.foreign(value))

    def day(self, moment: datetime | None) -> Shown | None:
        """Return the day of a moment, where that is known."""
        if moment is None:
            return None
        return self.literal(Literal(moment.date().isoformat(), datatype=iri("xsd:date")))

    def foreign(self, value: Literal) -> str | None:
        """Return the language of a literal where it is not that of the page."""
        return value.language if value.language != self.language else None

    def resource(self, iri: str, labels: Sequence[Literal] = ()) -> Shown:
        """Return a resource by its label, with a link where that is safe."""
        label = best(labels or self.vocabulary.labels.get(iri, ()), self.language)
        href = self.href(iri, described=label is not None)
        return Shown(
            text=label.value if label else compact(iri),
            iri=iri,
            href=href,
            external=href is not None and href == iri,
            lang=self.foreign(label) if label else None,
        )

    def term(self, term: Term, labels: Labels) -> Shown:
        """Return any term as it stands on a page."""
        if isinstance(term, NamedNode):
            return self.resource(term.value, labels.get(term.value, ()))
        return self.literal(term)

    def href(self, iri: str, *, described: bool) -> str | None:
        """Return where an IRI leads: to a page of ours, out, or nowhere.

        Only http and https lead out: `javascript:` and the like stay text.
        """
        for start, path in ((f"{self.base}id/", "/doc/"), (f"{self.base}graph/", "/doc/graph/")):
            if iri.startswith(start):
                return self.path(path + quote(iri.removeprefix(start), safe=_PATH_SAFE))
        if iri.startswith(PREFIXES["rg"]):
            return self.path("/resource", uri=iri) if described else None
        if described or iri.startswith(self.base):
            return self.path("/resource", uri=iri)
        return iri if re.match(r"https?://[^/]", iri) else None

    def words(self, labels: Sequence[Literal], iri: str) -> Shown:
        """Return the best of some labels as plain text."""
        label = best(labels, self.language)
        if label is None:
            return Shown(in_words(iri), iri=iri)
        return Shown(label.value, iri=iri, lang=self.foreign(label))


def labels_of(rows: Iterable[Mapping[str, Term]], key: str, label: str = "label") -> Labels:
    """Return the labels in the rows of a query, by the IRI beside them."""
    found: dict[str, list[Literal]] = defaultdict(list)
    for row in rows:
        value = row.get(label)
        if isinstance(value, Literal) and key in row and value not in found[row[key].value]:
            found[row[key].value].append(value)
    return found


def about_violence(texts: Iterable[str]) -> bool:
    """Return whether a page is about violence at home, so that it must say where help is."""
    return any(_VIOLENCE.search(text) for text in texts)


def _date_in_words(value: str, language: str) -> str | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return f"{day.day} {_MONTHS[language].split()[day.month - 1]} {day.year}"


def _number_in_words(value: str, language: str) -> str:
    whole, _, decimals = value.partition(".")
    if not re.fullmatch(r"[+-]?\d+", whole):
        return value
    thousands, point = (".", ",") if language == "nl" else (",", ".")
    grouped = f"{int(whole):,}".replace(",", thousands)
    return f"{grouped}{point}{decimals}" if decimals.strip("0") else grouped
