"""The words of the generated data: invented places, names and sentences of realistic length."""

from random import Random

FIRST = ("Elzer", "Hoender", "Kraaien", "Lork", "Mispel", "Otter", "Reiger", "Sleedoorn", "Wulp")
LAST = ("beemd", "broekhuizen", "drecht", "hoevelaar", "kuil", "mark", "schoten", "wijkerzand")
SURNAMES = (
    *("Van Aarle", "Bakx", "Coppens", "De Drie", "Eefting", "Van der Feer", "Geurtsen", "Hoek"),
    *("Inklaar", "Joosse", "Kuipéri", "Lagerwaard", "Meinders", "Nooteboom", "Oosting", "Puik"),
    *("Quartel", "Ritsema", "Schraven", "Tolkamp", "Ubbink", "Verweerd", "Wijnhoud", "Zandbelt"),
)
FACTIONS = (
    *("Burgerbelang", "Dorpen Samen", "Groen Lokaal", "Jong en Vrij", "Kernen Nu"),
    *("Open Gemeente", "Sociaal Verbond", "Stadspartij", "Vooruit"),
)
DEPARTMENTS = ("RO", "FIN", "MO", "BOR", "VTH", "SD", "CON")
PORTFOLIOS = (
    *("Ruimtelijke ordening", "Financiën", "Maatschappelijke ontwikkeling", "Verkeer en vervoer"),
    *("Wonen", "Jeugd en onderwijs", "Klimaat en energie", "Openbare orde en veiligheid"),
    *("Cultuur en sport", "Economie"),
)
COMMITTEES = ("Ruimte", "Middelen", "Samenleving")
TOPICS = (
    *("Evaluatie parkeerbeleid", "Begroting en meerjarenraming", "Uitvoeringsplan jeugdzorg"),
    *("Bestemmingsplan buitengebied", "Regionale energiestrategie", "Integrale veiligheidsagenda"),
    *("Woonvisie en prestatieafspraken", "Afvalbeleidsplan", "Verkeersveiligheid schoolroutes"),
    *("Nota grondbeleid", "Huisvesting onderwijs", "Aanpak huiselijk geweld"),
    *("Vervanging sporthal", "Armoedebeleid", "Kadernota", "Toekomst zwembad", "Omgevingsvisie"),
    *("Onderhoud wegen en riolering", "Opvang ontheemden", "Subsidiebeleid verenigingen"),
)
PLACES = (
    *("de Dorpsstraat", "het stationsgebied", "de oude haven", "het bedrijventerrein Noord"),
    *("de wijk Veldzicht", "het marktplein", "de Molenweg", "de zuidelijke rondweg"),
)
PROMISES = (
    "de raad te informeren over de voortgang van",
    "een terugmelding te doen over de oorzaak van de vertraging bij",
    "een overzicht te sturen van de kosten en de dekking van",
    "in gesprek te gaan met de omwonenden over",
    "de cijfers te delen die ten grondslag liggen aan",
    "een evaluatie te laten uitvoeren van",
    "de mogelijkheden te onderzoeken voor",
    "schriftelijk terug te komen op de vragen over",
)
ASKED = (
    "Wat is de reden van de hogere uitgaven voor",
    "Hoeveel meldingen zijn er binnengekomen over",
    "Blijft het voor instellingen en verenigingen mogelijk om gebruik te maken van",
    "Wanneer kan de raad het voorstel verwachten over",
    "Op welke wijze worden inwoners betrokken bij",
    "Kan het college toelichten welke afspraken zijn gemaakt over",
)
ASIDES = (
    "waarbij ook de ervaringen van de afgelopen jaren worden betrokken",
    "voor zover daar geen beletselen voor zijn",
    "en neemt de uitkomsten mee in de eerstvolgende rapportage",
    "mede naar aanleiding van de inspraak tijdens de vergadering",
    "nadat de gesprekken met de betrokken partijen zijn afgerond",
    "met inachtneming van de kaders die de raad eerder heeft vastgesteld",
)
ANSWERS = {
    "full": "De gevraagde informatie is beschikbaar. Het gaat om {number} gevallen in {place}; de "
    "stijging wordt verklaard door de nieuwe wijze van registreren en door de werkzaamheden. "
    "Daarmee beschouwen wij dit punt als afgedaan.",
    "partial": "Een deel van de vraag kan nu worden beantwoord: in {place} zijn {number} "
    "aanvragen behandeld. De overige gegevens zijn nog niet beschikbaar.",
    "deferral": "Dit punt zal op een later moment worden beantwoord.",
    "referral": "Zie bijgevoegde memo.",
    "progress": "De voorbereiding is gestart. Met {number} betrokkenen rond {place} is gesproken; "
    "over het vervolg wordt de raad voor het einde van het kwartaal geïnformeerd.",
    "delivery": "Het toegezegde overzicht is aan de raad gezonden en staat bij de stukken.",
}
STATES = {
    "fulfilled": "Afgedaan",
    "in-progress": "In behandeling",
    "deferred": "Uitgesteld",
    "open": "Openstaand",
    "withdrawn": "Ingetrokken",
    "lapsed": "Vervallen",
    "not-fulfilled": "Niet nagekomen",
}


def chance(random: Random, share: float) -> bool:
    """Return true in this share of the calls."""
    return random.random() < share


def sentence(random: Random, *, question: bool, topic: str) -> str:
    """Return what was asked or promised, as a register words it."""
    place, aside = random.choice(PLACES), random.choice(ASIDES)
    subject = f"{topic[0].lower()}{topic[1:]} in {place}"
    if question:
        return f"{random.choice(ASKED)} {subject}, {aside}?"
    return f"De portefeuillehouder zegt toe {random.choice(PROMISES)} {subject}, {aside}."


def answer(random: Random, kind: str) -> str:
    """Return the wording of a response; every fourth one of substance is long."""
    text = ANSWERS[kind].format(number=random.randint(3, 900), place=random.choice(PLACES))
    if kind in {"full", "partial", "progress"} and chance(random, 0.25):
        more = (f"{each[0].upper()}{each[1:]}." for each in random.sample(ASIDES, 4))
        text = " ".join([text, *more])
    return text
