"""Words as the search compares them: without capitals and accents, and by their stem."""

import re
import unicodedata
from collections.abc import Callable, Sequence

import snowballstemmer

_WORD = re.compile(r"[^\W_]+")

_SYNONYMS = {
    "afgedaan": "afdoening",
    "beantwoord": "antwoord",
    "begroot": "begroting",
    "beloften": "toezegging",
    "belofte": "toezegging",
    "beloofd": "toezegging",
    "besloten": "besluit",
    "bezwaarschrift": "bezwaar",
    "bezwaarschriften": "bezwaar",
    "gehandhaafd": "handhaving",
    "gemeld": "melding",
    "gesproken": "gesprek",
    "gesubsidieerd": "subsidie",
    "gevraagd": "vraag",
    "mishandeld": "mishandeling",
    "opgevangen": "opvang",
    "toegezegd": "toezegging",
    "toegezegde": "toezegging",
    "toezeggen": "toezegging",
    "toezegt": "toezegging",
    "vergaderd": "vergadering",
    "vergund": "vergunning",
    "wethouder": "portefeuillehouder",
    "wethouders": "portefeuillehouder",
}
"""Words with the one under which they are found as well; the stemmer does not join these."""


def words(text: str) -> Sequence[str]:
    """Return the words of a text, without capitals and accents."""
    return _WORD.findall(folded(text))


def spans(text: str) -> Sequence[tuple[int, int, str]]:
    """Return where each word of a text begins and ends, and the word as `words` has it."""
    return [(*found.span(), folded(found[0])) for found in _WORD.finditer(text)]


def folded(text: str) -> str:
    """Return a text without capitals and accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(each for each in plain if not unicodedata.combining(each)).casefold()


def stemmer() -> Callable[[str], str]:
    """Return what gives the stem of a word, for one thread.

    It is that of Porter for Dutch: the other one makes "wel" of geweld and "meen" of gemeente.
    """
    stem_of = snowballstemmer.stemmer("dutch_porter").stemWord
    known: dict[str, str] = {}

    def stem(word: str) -> str:
        if word not in known:
            known[word] = stem_of(_SYNONYMS.get(word, word)) or word
        return known[word]

    return stem
