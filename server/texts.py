"""The words of the interface, in Dutch and English."""

from collections.abc import Mapping
from types import MappingProxyType

_TEXTS: Mapping[str, tuple[str, str]] = {
    # On every page
    "site": ("raadgraaf", "raadgraaf"),
    "skip": ("Naar de inhoud", "Skip to content"),
    "menu": ("Hoofdmenu", "Main menu"),
    "crumbs": ("Kruimelpad", "Breadcrumbs"),
    "home": ("Home", "Home"),
    "commitments": ("Toezeggingen", "Commitments"),
    "council_questions": ("Raadsvragen", "Council questions"),
    "library": ("Zoekvragen", "Stored questions"),
    "terms": ("Begrippen", "Terms"),
    "other_language": ("English", "Nederlands"),
    "release": ("Gegevens: uitgave", "Data: release"),
    "other_release": (
        "Dit is niet de huidige uitgave van de gegevens, maar uitgave",
        "This is not the current release of the data but release",
    ),
    "of_day": ("van", "of"),
    "to_current_release": ("Naar de huidige uitgave", "Go to the current release"),
    "licence": ("vrij te gebruiken (CC0 1.0)", "free to use (CC0 1.0)"),
    "no_cookies": ("geen cookies", "no cookies"),
    "as_data": ("Deze pagina als data", "This page as data"),
    "page_query": ("SPARQL van deze pagina", "SPARQL of this page"),
    "help": (
        "Hulp nodig bij geweld thuis? Veilig Thuis 0800-2000, gratis, dag en nacht. Gevaar: 112.",
        "Need help with violence at home? Veilig Thuis 0800-2000, free, any time. Danger: 112.",
    ),
    # The data set and its files
    "dataset": ("Over deze gegevens", "About these data"),
    "publisher": ("Uitgever", "Publisher"),
    "contact": ("Contact", "Contact"),
    "area": ("Gemeente", "Municipality"),
    "period": ("Vergaderingen in de periode", "Meetings in the period"),
    "version": ("Uitgave", "Release"),
    "modified": ("Gepubliceerd op", "Published on"),
    "statements_count": ("Aantal gegevens", "Number of statements"),
    "resources_count": ("Aantal beschreven zaken", "Number of things described"),
    "endpoint": ("SPARQL-eindpunt", "SPARQL endpoint"),
    "dumps": ("Bestanden", "Files"),
    # The commitments profile
    "profile": ("Profiel voor toezeggingen", "Commitments profile"),
    "profile_intro": (
        "Met deze termen publiceert iedere overheid toezeggingen die hiermee samengaan.",
        "With these terms any government publishes commitments that go together with these.",
    ),
    "profile_use": (
        "Geef elke toezegging de klasse rg:Commitment en noem dit profiel met dcterms:conformsTo.",
        "Give each commitment the class rg:Commitment; name this profile with dcterms:conformsTo.",
    ),
    "required": ("verplicht", "required"),
    "example": ("Voorbeeld", "Example"),
    # Home
    "tagline": (
        "Wat is de raad toegezegd, door wie, en wat kwam ervan?",
        "What was the council promised, by whom, and what came of it?",
    ),
    "intro": (
        "Elk gegeven op deze site verwijst naar de zin in het stuk waarop het berust.",
        "Every fact on this site points to the sentence in the document on which it rests.",
    ),
    "search": ("Zoek", "Search"),
    "state": ("Stand van zaken", "State of affairs"),
    "total": ("Totaal", "Total"),
    "coverage": ("Wat de bronnen dekken", "What the sources cover"),
    "coverage_intro": (
        "Wat hier niet staat, is daarmee nog niet ongezegd: dit is wat de bronnen bestrijken.",
        "What is not here may still have been said: this is how far the sources reach.",
    ),
    "coverage_extent": ("Dekking", "Coverage"),
    "coverage_area": ("Gebied", "Area"),
    "municipalities": ("{count} gemeenten", "{count} municipalities"),
    "coverage_source": ("Bron", "Source"),
    "coverage_period": ("Periode", "Period"),
    "no_coverage": ("Over de dekking is niets vastgelegd.", "No coverage has been recorded."),
    "further": ("Verder", "Further"),
    "ask_library": ("Stel een van de kant-en-klare vragen", "Ask one of the stored questions"),
    "ask_sparql": ("Stel een eigen vraag in SPARQL", "Ask a question of your own in SPARQL"),
    "read_terms": ("Lees wat de begrippen betekenen", "Read what the terms mean"),
    # Search
    "search_all": ("Zoek in alles", "Search everything"),
    "search_intro": (
        "Zoekt in namen en teksten: ook in delen van woorden, andere vormen en met een typefout.",
        "Looks in names and texts: in parts and other forms of words, too, and despite a typo.",
    ),
    "search_hint": (
        "Alle woorden moeten voorkomen. Probeer het met minder of andere woorden.",
        "All words must occur. Try fewer or other words.",
    ),
    "all_kinds": ("Toon alle soorten", "Show all kinds"),
    "kinds_found": ("Gevonden per soort", "Found by kind"),
    "not_there": ("“{word}” komt niet voor.", "“{word}” does not occur."),
    "searched_instead": ("Gezocht op", "Looked for"),
    # Home and quality
    "due": ("Termijnen", "Deadlines"),
    "none_due": (
        "Onbekend in de bron: geen open toezegging of vraag heeft een termijn met een datum.",
        "Unknown in the source: no open commitment or question has a deadline with a date.",
    ),
    "answered": ("Laatste reacties", "Latest responses"),
    "none_answered": (
        "Onbekend in de bron: geen reactie heeft een datum.",
        "Unknown in the source: no response has a date.",
    ),
    "quality": ("Datakwaliteit", "Data quality"),
    "quality_intro": (
        "Bij elke uitgave toetsen regels (SHACL) de gegevens. Een fout houdt de uitgave tegen.",
        "Rules (SHACL) check the data of each release. A violation stops the release.",
    ),
    "findings": ("Bevindingen naar zwaarte", "Findings by severity"),
    "Violation": ("fout", "violation"),
    "Warning": ("waarschuwing", "warning"),
    "Info": ("opmerking", "remark"),
    "by_rule": ("Bevindingen per regel", "Findings by rule"),
    "rule": ("Regel", "Rule"),
    "for_example": ("Bijvoorbeeld", "For example"),
    "help_title": ("Uitleg", "Help"),
    "accessibility_title": ("Toegankelijkheid", "Accessibility"),
    "privacy_title": ("Privacy", "Privacy"),
    # Lists
    "filters": ("Filters", "Filters"),
    "words": ("Woorden", "Words"),
    "status": ("Status", "Status"),
    "all": ("alle", "all"),
    "not_stated": ("onbekend in de bron", "unknown in the source"),
    "nothing_listed": (
        "Niets: geen van de bronnen gaat hierover, of ze noemen er geen.",
        "Nothing: none of the sources is about this, or they name none.",
    ),
    "all_filters_off": ("Alle filters uit", "All filters off"),
    "year": ("Jaar", "Year"),
    "date": ("Datum", "Date"),
    "order": ("Volgorde", "Order"),
    "latest": ("Nieuwste eerst", "Latest first"),
    "oldest": ("Oudste eerst", "Oldest first"),
    "name": ("Op naam", "By name"),
    "meetings": ("Vergaderingen", "Meetings"),
    "office_holders": ("Portefeuillehouders", "Portfolio holders"),
    "policies": ("Beleid", "Policies"),
    "focus_points": ("Speerpunten", "Focus points"),
    "partners": ("Partners", "Partners"),
    "partner_roles": ("Rollen van partners", "Roles of partners"),
    "documents": ("Documenten", "Documents"),
    "show": ("Toon", "Show"),
    "nothing_fits": ("Niets gevonden met deze filters.", "Nothing found with these filters."),
    "found": ("gevonden", "found"),
    "text": ("tekst", "text"),
    "what": ("Wat", "What"),
    "pages": ("Pagina's", "Pages"),
    "page": ("Pagina", "Page"),
    "previous": ("Vorige", "Previous"),
    "next": ("Volgende", "Next"),
    "of": ("van", "of"),
    # Entity
    "kind": ("Soort", "Kind"),
    "status_now": ("Status", "Status"),
    "derived": ("afgeleid", "derived"),
    "weighed": ("afgewogen", "weighed"),
    "background": ("achtergrond", "background"),
    "stated": ("volgens de bron", "as the source states"),
    "why": ("waarom?", "why?"),
    "other_facts": ("Overige gegevens", "Other facts"),
    "facts": ("Gegevens", "Facts"),
    "source": ("Bron", "Source"),
    "source_quote": ("bron", "source"),
    "line": ("regel", "line"),
    "lines": ("regels", "lines"),
    "and": ("en", "and"),
    "redacted": ("persoonsgegevens onleesbaar gemaakt", "personal data masked"),
    "involves": ("Wie", "Who"),
    "number": ("Nummer", "Number"),
    "links_here": ("Verwijst hiernaar", "Refers to this"),
    "show_all": ("toon alle {count}", "show all {count}"),
    "identifier": ("Adres van dit gegeven (IRI)", "Address of this item (IRI)"),
    # Graph
    "graph": ("Graaf", "Graph"),
    "graph_intro": (
        "Alle uitspraken die uit één bron komen of op één manier zijn gemaakt.",
        "All statements that come from one source or were made in one way.",
    ),
    "statements": ("uitspraken", "statements"),
    "contents": ("Inhoud", "Contents"),
    "count": ("Aantal", "Number"),
    # Stored questions
    "library_intro": (
        "Kant-en-klare vragen aan de graaf. Elke vraag is als SPARQL te lezen en aan te passen.",
        "Questions to the graph, ready to be asked. Each can also be read and changed as SPARQL.",
    ),
    "answer": ("Antwoord", "Answer"),
    "quoted_above": ("al aangehaald", "quoted above"),
    "rows": ("rijen", "rows"),
    "row": ("rij", "row"),
    "first_rows": (
        "Hier staan de eerste {shown}; alle {count} staan in CSV en JSON.",
        "These are the first {shown}; CSV and JSON hold all {count}.",
    ),
    "verdict_none": (
        "Geen. De bronnen dekken deze vraag volledig, en er is niets gevonden.",
        "None. The sources cover this question completely, and nothing was found.",
    ),
    "verdict_unknown": (
        "Onbekend in de bron. De bronnen dekken deze vraag maar voor een deel.",
        "Unknown in the source. The sources cover this question only in part.",
    ),
    "verdict_not_covered": (
        "Niet gedekt. Geen van de bronnen gaat hierover.",
        "Not covered. None of the sources is about this.",
    ),
    # Citations
    "cite": ("Dit antwoord aanhalen", "Cite this answer"),
    "permanent_address": ("Vast adres", "Permanent address"),
    "cited_release": ("Uitgave", "Release"),
    "cited_licence": ("Licentie", "Licence"),
    "digest": ("SHA-256 van de gesorteerde regels", "SHA-256 of the sorted lines"),
    # SPARQL
    "sparql_title": ("SPARQL", "SPARQL"),
    "sparql_intro": (
        "Stel een vraag in SPARQL 1.1. Dit adres is ook het eindpunt voor programma's.",
        "Ask a question in SPARQL 1.1. Programs use this same address as endpoint.",
    ),
    "query": ("Vraag in SPARQL", "Query"),
    "show_as": ("Toon als", "Show as"),
    "as_table": ("tabel op deze pagina", "table on this page"),
    "run": ("Voer uit", "Run"),
    "result": ("Resultaat", "Result"),
    "complete": ("volledig resultaat", "complete result"),
    "not_shown": (
        "Het resultaat is te groot voor een pagina ({size}). Haal het op als bestand:",
        "The result is too large for a page ({size}). Fetch it as a file:",
    ),
    "download": ("Haal op", "Download"),
    "calendar": ("agenda", "calendar"),
    "left_out": (
        "Termijnen waaruit geen dag volgt, zijn weggelaten: {count}.",
        "Deadlines from which no day follows are left out: {count}.",
    ),
    "first_rows_here": (
        "Hier staan de eerste {shown}; haal alles op als bestand.",
        "These are the first {shown}; fetch all as a file.",
    ),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    "no_rows": ("Geen rijen.", "No rows."),
    "subject": ("onderwerp", "subject"),
    # Terms
    "terms_title": ("Begrippen van raadgraaf", "Terms of raadgraaf"),
    "terms_intro": (
        "De ontologie: wat de klassen, eigenschappen en begrippen van deze gegevens betekenen.",
        "The ontology: what the classes, properties and concepts of these data mean.",
    ),
    "classes": ("Klassen", "Classes"),
    "relations": ("Relaties", "Relations"),
    "attributes": ("Gegevens", "Attributes"),
    "concepts": ("Begrippen in lijsten", "Concepts"),
    "definition": ("Betekenis", "Meaning"),
    # Errors
    "error_detail": ("Toelichting van het programma (Engels)", "Explanation of the program"),
    "error_400": (
        "Iets in het adres klopt niet. In de toelichting staat wat er wel kan.",
        "Something in the address is wrong. The explanation says what is possible.",
    ),
    "error_404_text": (
        "Op dit adres staat niets. Zoek hierboven op woorden, of ga naar de voorpagina.",
        "There is nothing at this address. Search above by words, or go to the front page.",
    ),
    "error_410": (
        "Wat hier stond, is gewist en komt niet terug.",
        "What stood here was erased and does not come back.",
    ),
    "error_429": (
        "U vroeg in korte tijd veel. Probeer het over een minuut opnieuw.",
        "You asked much in little time. Try again in a minute.",
    ),
    "error_503": (
        "Het is nu te druk, of de gegevens worden ververst. Probeer het over een minuut opnieuw.",
        "It is too busy now, or the data are being renewed. Try again in a minute.",
    ),
    "error_504": (
        "Het zoeken duurde te lang en is gestopt. Vraag minder tegelijk.",
        "This took too long and was stopped. Ask for less at a time.",
    ),
    "error_404": ("Niet gevonden", "Not found"),
    "error": ("Dat ging niet", "That did not work"),
    "error_status": ("Foutcode", "Status"),
    "back_home": ("Naar de voorpagina", "To the front page"),
}

LANGUAGES = ("nl", "en")


def texts(language: str) -> Mapping[str, str]:
    """Return the words of the interface in one language."""
    place = LANGUAGES.index(language)
    return MappingProxyType({name: words[place] for name, words in _TEXTS.items()})
