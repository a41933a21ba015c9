"""The pages of the documentation that are made from the program; run it to write them anew."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, fields
from pathlib import Path

import click
import rdflib
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS

from raadgraaf import catalogue
from raadgraaf.catalogue import Need, Parameter, Question
from raadgraaf.cli import main
from raadgraaf.config import Settings
from raadgraaf.namespaces import PREFIXES

ROOT = Path(__file__).parents[1]
LANGUAGES = ("nl", "en")
WIDTH = 80
"""Columns of the help texts."""

SUBJECTS = ("matters", "meetings", "organisations", "policy", "documents", "figures", "sources")
"""The files of the ontology in the order in which they are read best; others come last."""

LINKS = {
    RDFS.subClassOf: "subclass of",
    RDFS.subPropertyOf: "subproperty of",
    OWL.equivalentClass: "same as",
    OWL.equivalentProperty: "same as",
    SKOS.broadMatch: "narrower than",
    SKOS.closeMatch: "close to",
    SKOS.exactMatch: "same as",
    SKOS.narrowMatch: "broader than",
    SKOS.relatedMatch: "related to",
}


def commands() -> str:
    """Return the page of the commands with their help."""
    parts = [
        "# Commands",
        (
            "What `raadgraaf COMMAND --help` prints. Every command takes `--home`; the other "
            "[settings](settings.md) come from the environment."
        ),
        *_helps(main, "raadgraaf", None),
    ]
    return _page(parts, "src/raadgraaf/commands/")


def _helps(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(
        command,
        parent=parent,
        info_name=name,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        **command.context_settings,
    )
    yield f"## `{context.command_path}`"
    yield f"```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            member = command.get_command(context, each)
            if member is not None:
                yield from _helps(member, each, context)


def settings() -> str:
    """Return the page of the settings with their defaults."""
    rows = [
        (f"`RAADGRAAF_{setting.name.upper()}`", _portable(setting), setting.metadata["about"])
        for setting in fields(Settings)
    ]
    parts = [
        "# Settings",
        (
            "Each setting is a variable of the environment. `--home` of a command overrules "
            "`RAADGRAAF_HOME`."
        ),
        _table(("Variable", "Default", "Meaning"), rows),
        (
            "`RAADGRAAF_BASE` is fixed by the first load into a home. Take another home for "
            "another base."
        ),
    ]
    return _page(parts, "src/raadgraaf/config.py")


def _portable(setting: "Field[object]") -> str:
    """Return a default that is the same on every machine."""
    if setting.name == "workers":
        return "processor cores + 1"
    default = setting.default
    for size, unit in ((1024**2, "MiB"), (1024, "KiB")):
        if isinstance(default, int) and default >= size and default % size == 0:
            return f"`{default}` ({default // size} {unit})"
    if default == "":
        return ""
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def model() -> str:
    """Return the page of the ontology, the concepts and the rules."""
    files = {path.stem: path for path in (ROOT / "ontology").glob("*.ttl")}
    graphs = {
        name: rdflib.Graph(bind_namespaces="none").parse(path)
        for name, path in sorted(files.items())
    }
    alignment = graphs.pop("alignment")
    everything = sum(graphs.values(), rdflib.Graph())
    order = {name: place for place, name in enumerate(SUBJECTS)}
    parts = [
        "# The model",
        (
            "The terms of raadgraaf, by file of the ontology, with their labels and definitions in "
            "Dutch and English. README has [the model on one page](../README.md). "
            f"`rg:` stands for `{PREFIXES['rg']}`, `rgt:` for `{PREFIXES['rgt']}`."
        ),
    ]
    for name in sorted(graphs, key=lambda name: (order.get(name, len(order)), name)):
        parts += _subject(graphs[name], name)
    parts += ["## Concept schemes", "[`ontology/concepts.ttl`](../ontology/concepts.ttl)"]
    for scheme in sorted(everything.subjects(RDF.type, SKOS.ConceptScheme)):
        parts += _scheme(everything, scheme)
    parts += [
        "## Rules",
        (
            "A rule derives facts from others when a release is built; they stand in the graph "
            "`afgeleid`, each with its reason. Rules run in the order of their names."
        ),
    ]
    for path in sorted((ROOT / "src" / "raadgraaf" / "rules").glob("*.rq")):
        parts += _rule(path)
    parts += [
        "## Links to other vocabularies",
        (
            "[`ontology/alignment.ttl`](../ontology/alignment.ttl); no question, shape or rule "
            "needs them."
        ),
        _table(("Term", "Link", "Term of others"), _links(alignment)),
    ]
    return _page(parts, "ontology/ and src/raadgraaf/rules/")


def _subject(graph: rdflib.Graph, name: str) -> Iterator[str]:
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    classes = list(_ours(graph, OWL.Class))
    properties = [each for kind in kinds for each in _ours(graph, kind)]
    if not classes and not properties:
        return
    yield f"## {name.capitalize() if name in SUBJECTS else 'Other terms'}"
    yield f"[`ontology/{name}.ttl`](../ontology/{name}.ttl)"
    if classes:
        rows = [
            (_class(graph, each), *(_defined(graph, each, language) for language in LANGUAGES))
            for each in classes
        ]
        yield _table(("Class", "Nederlands", "English"), rows)
    if properties:
        rows = [
            (
                f"`{_short(each)}`",
                _reach(graph, each),
                *(_defined(graph, each, language) for language in LANGUAGES),
            )
            for each in properties
        ]
        yield _table(("Property", "From → to", "Nederlands", "English"), rows)


def _ours(graph: rdflib.Graph, kind: rdflib.term.Node) -> Iterator[rdflib.URIRef]:
    """Yield the terms of a kind that have a definition: others are only declared."""
    for each in sorted(graph.subjects(RDF.type, kind), key=str):
        if isinstance(each, rdflib.URIRef) and (each, SKOS.definition, None) in graph:
            yield each


def _class(graph: rdflib.Graph, term: rdflib.URIRef) -> str:
    above = sorted(
        _short(each)
        for each in graph.objects(term, RDFS.subClassOf)
        if isinstance(each, rdflib.URIRef)
    )
    below = f", a kind of {_and(above)}" if above else ""
    return f"`{_short(term)}`{below}"


def _reach(graph: rdflib.Graph, term: rdflib.URIRef) -> str:
    is_data = (term, RDF.type, OWL.DatatypeProperty) in graph
    ends = [
        _and(sorted(_short(each) for each in graph.objects(term, predicate))) or otherwise
        for predicate, otherwise in (
            (RDFS.domain, "anything"),
            (RDFS.range, "a literal" if is_data else "anything"),
        )
    ]
    notes = [
        f"{words} `{_short(each)}`"
        for predicate, words in ((RDFS.subPropertyOf, "below"), (OWL.inverseOf, "inverse of"))
        for each in sorted(graph.objects(term, predicate))
    ]
    return "; ".join([" → ".join(ends), *notes])


def _defined(graph: rdflib.Graph, term: rdflib.term.Node, language: str) -> str:
    label = _in(graph, term, RDFS.label, language) or _in(graph, term, SKOS.prefLabel, language)
    definition = _in(graph, term, SKOS.definition, language)
    example = _in(graph, term, SKOS.example, language)
    word = {"nl": "Voorbeeld", "en": "Example"}[language]
    return f"**{label}** {definition}" + (f" *{word}: {example}*" if example else "")


def _scheme(graph: rdflib.Graph, scheme: rdflib.term.Node) -> Iterator[str]:
    titles = (_in(graph, scheme, DCTERMS.title, language) for language in LANGUAGES)
    yield f"### `{_short(scheme)}` {' · '.join(titles)}"
    yield "  \n".join(_in(graph, scheme, DCTERMS.description, language) for language in LANGUAGES)
    rows = [
        (f"`{_short(each)}`", *(_defined(graph, each, language) for language in LANGUAGES))
        for each in sorted(graph.subjects(SKOS.inScheme, scheme))
    ]
    yield _table(("Concept", "Nederlands", "English"), rows)


def _rule(path: Path) -> Iterator[str]:
    rule = catalogue.read(path.stem, path.read_text(encoding="utf-8"))
    yield f"### `{path.stem}`"
    yield from _bilingual(rule)


def _links(graph: rdflib.Graph) -> list[tuple[str, str, str]]:
    return sorted(
        (f"`{_short(term)}`", LINKS[link], f"`{graph.namespace_manager.curie(other)}`")
        for term, link, other in graph
        if link in LINKS and isinstance(other, rdflib.URIRef)
    )


def questions() -> str:
    """Return the page of the question library."""
    known = catalogue.questions().values()
    parts = [
        "# Questions",
        (
            "`raadgraaf ask NAME` asks one of them, `/zoekvragen/NAME` is its page. An empty "
            "answer says what it means: there is *none*, it is *unknown in the source*, or it is "
            "*not covered*. Which of these follows from what the question needs the sources to "
            "cover (`rg:Coverage`)."
        ),
    ]
    for each in sorted(known, key=lambda each: (each.number or len(known) + 1000, each.name)):
        parts += _question(each)
    return _page(parts, "queries/")


def _question(question: Question) -> Iterator[str]:
    number = f"{question.number} " if question.number else ""
    yield f"## {number}`{question.name}`"
    yield from _bilingual(question)
    if question.parameters:
        rows = [
            (f"`{each.name}`", f"`{each.type}`", each.label["nl"], each.label["en"], _default(each))
            for each in question.parameters
        ]
        yield _table(("Parameter", "Type", "Nederlands", "English", "Default"), rows)
    if question.needs:
        yield f"Needs {', '.join(_need(each) for each in question.needs)}."


def _bilingual(question: Question) -> Iterator[str]:
    for language in LANGUAGES:
        yield f"**{question.summary[language]}** {' '.join(question.description[language].split())}"


def _default(parameter: Parameter) -> str:
    return "not restricted" if parameter.default is None else f"`{parameter.default.value}`"


def _need(need: Need) -> str:
    since = f" from {need.since}" if need.since else ""
    return f"`{_short(need.of.value)}`{since}{' in every municipality' if need.everywhere else ''}"


def _in(
    graph: rdflib.Graph, term: rdflib.term.Node, predicate: rdflib.URIRef, language: str
) -> str:
    return next(
        (
            str(each)
            for each in sorted(graph.objects(term, predicate))
            if isinstance(each, rdflib.Literal) and each.language == language
        ),
        "",
    )


def _short(term: object) -> str:
    for prefix, namespace in PREFIXES.items():
        if str(term).startswith(namespace):
            return f"{prefix}:{str(term).removeprefix(namespace)}"
    return str(term)


def _and(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in lines
    )


def _page(parts: list[str], origin: str) -> str:
    head, *rest = parts
    made = f"<!-- Made by `make docs` from {origin}: change it there. -->"
    return "\n\n".join([head, made, *rest]) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "model.md": model,
    "questions.md": questions,
    "settings.md": settings,
}
"""What makes each page, by its name below `docs/`."""


if __name__ == "__main__":
    for name, text in PAGES.items():
        (ROOT / "docs" / name).write_text(text(), encoding="utf-8")
