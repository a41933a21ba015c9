"""The pages of plain text: help, accessibility and privacy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response

from raadgraaf.server.pages import page, presenter


@dataclass(frozen=True, slots=True)
class Prose:
    """A page of plain text."""

    title: str
    """The key of its text."""
    dutch: Sequence[str]
    """Its paragraphs."""
    english: Sequence[str]


PAGES: Mapping[str, Prose] = {
    "hulp": Prose(
        "help_title",
        dutch=(
            (
                "Zoeken vindt namen en teksten van alles wat hier beschreven is. Alle woorden "
                "moeten voorkomen; andere vormen, delen van woorden en kleine typefouten tellen "
                "mee."
            ),
            "Lijsten zijn te filteren. Achter elke keuze staat hoeveel er overblijven.",
            (
                "Bij elk gegeven staat de zin uit het stuk waarop het berust. “Afgeleid” betekent "
                "dat een regel het uit andere gegevens afleidt; “waarom?” leidt naar de reden."
            ),
            (
                "“Geen” betekent dat de bronnen de vraag dekken en er niets is; “onbekend in de "
                "bron” dat de bron er niets over zegt; “niet gedekt” dat geen bron erover gaat. "
                "Deze site geeft geen oordeel over wat er van een toezegging kwam."
            ),
            "Onder elke pagina staat hoe u haar als data krijgt, en de SPARQL-vraag erachter.",
        ),
        english=(
            (
                "The search looks in names and texts of all that is described here. All words must "
                "occur; other forms, parts of words and small typing errors count."
            ),
            "Lists can be filtered. Behind each choice stands how many remain.",
            (
                "Each fact has the sentence of the document on which it rests. “Derived” means "
                "that a rule derives it from other facts; “why?” leads to the reason."
            ),
            (
                "“None” means that the sources cover the question and there is nothing; “unknown "
                "in the source” that the source does not say; “not covered” that no source is "
                "about it. This site passes no judgement on what came of a commitment."
            ),
            (
                "At the end of each page stands how to have it as data, and the SPARQL query "
                "behind it."
            ),
        ),
    ),
    "toegankelijkheid": Prose(
        "accessibility_title",
        dutch=(
            (
                "Deze site streeft naar WCAG 2.2, niveau A en AA. Zij werkt zonder JavaScript, met "
                "het toetsenbord, bij 320 pixels breedte, licht en donker, en afgedrukt."
            ),
            (
                "De pagina's worden automatisch getoetst met axe in Chromium. Zo'n toets vindt "
                "niet alles; een onafhankelijk onderzoek is nog niet gedaan."
            ),
            "Werkt iets niet voor u? Op de pagina over deze gegevens staat hoe u dat meldt.",
        ),
        english=(
            (
                "This site aims at WCAG 2.2, levels A and AA. It works without JavaScript, by "
                "keyboard, at a width of 320 pixels, in light and dark, and in print."
            ),
            (
                "The pages are tested automatically with axe in Chromium. Such a test does not "
                "find everything; no independent audit has been done yet."
            ),
            "Does something not work for you? The page about these data says how to report it.",
        ),
    ),
    "privacy": Prose(
        "privacy_title",
        dutch=(
            (
                "Deze site plaatst geen cookies, laadt niets van andere sites en bewaart geen "
                "IP-adressen en geen zoekvragen."
            ),
            (
                "Personen staan hier alleen als bekleder van een openbaar ambt. Namen van "
                "ambtenaren en inwoners, e-mailadressen en telefoonnummers worden onleesbaar "
                "gemaakt."
            ),
            (
                "Staat er toch iets over u dat hier niet hoort? Het kan uit alle uitgaven worden "
                "gewist; op de pagina over deze gegevens staat bij wie u dat vraagt."
            ),
        ),
        english=(
            (
                "This site sets no cookies, loads nothing from other sites, and keeps no IP "
                "addresses and no queries."
            ),
            (
                "People appear here only as holders of a public office. Names of civil servants "
                "and residents, e-mail addresses and telephone numbers are masked."
            ),
            (
                "Is there still something about you that does not belong here? It can be erased "
                "from all releases; the page about these data says whom to ask."
            ),
        ),
    ),
}
"""By the name in their address."""

_PATH = f"<any({', '.join(PAGES)}):name>"

blueprint = Blueprint("prose", __name__)


@blueprint.get(f"/{_PATH}")
@blueprint.get(f"/en/{_PATH}")
def prose(name: str) -> Response:
    """Show a page of plain text."""
    shown, text = presenter(), PAGES[name]
    paragraphs = text.english if shown.language == "en" else text.dutch
    return page("prose.html", shown, title=text.title, paragraphs=paragraphs)
