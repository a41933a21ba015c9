"""Statements about the shapes: each accepts and refuses what its cases on disk say."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SH, SKOS
from rdflib.collection import Collection
from rdflib.plugins.sparql import prepareQuery

from raadgraaf.resources import listing
from raadgraaf.validation import Shapes, validate

CASES = sorted((Path(__file__).parent / "shapes").glob("*/*.ttl"))
RG = rdflib.Namespace("https://w3id.org/raadgraaf/def#")
RGS = rdflib.Namespace("https://w3id.org/raadgraaf/shapes#")
RGT = rdflib.Namespace("https://w3id.org/raadgraaf/thes/")
EXPECTATION = re.compile(r"^# expects: rgs:(?P<shape>\S+) sh:(?P<severity>\S+)$", re.MULTILINE)
ON_THE_NODE = (SH["class"], SH.closed, SH["or"], SH.pattern, SH.sparql, SH.xone)

# The shapes that refuse, warn and inform: others rely on these names and severities
SEVERITIES = {
    "Violation": """
        AnswerNotBeforeQuestionShape ClaimShape-claimPredicate ClaimShape-claimSubject
        ClaimValueXorShape FinalStatusNeedsEvidenceShape HoldingOnMeetingDateShape
        MatterShape-portfolioHolder MatterShape-raisedBefore-present MeetingShape-meetingDate
        MeetingShape-meetingOf MemoNotBeforeMeetingShape MunicipalityShape
        NoOtherPersonsShape NoPersonalDataInTextShape-text ObservationShape-indicator
        ObservationShape-obsValue ObservationShape-refArea ObservationShape-unit
        OfficeHolderShape OfficeHolderShape-name OneAcceptedShape OneObservationPerKeyShape
        OrdinalUniqueShape ParticipationShape-participant ParticipationShape-participationIn
        PartsDecideWholeShape PassageLengthShape PassageLinesShape PassageShape-lineStart
        PassageShape-passageOf PassageShape-quote PolicyDocumentShape-titleAsPrinted
        PolicyElementShape-elementOf PolicyElementShape-text ProvenanceShape-statedIn
        RegisterEntryShape-records RegisterEntryShape-rowNumber ReplacementAcyclicShape
        ReplacementOrderShape ResolutionReasonedShape-rationale ResponseShape-respondsTo
        ResponseShape-responseDate ResponseShape-responseKind StatusEventShape-evidence
        StatusEventShape-sequence StatusEventShape-statusOf StatusEventShape-toStatus
        StatusSequenceUniqueShape TaskShape-responsibleParty TimeExpressionShape-earliest
        TimeExpressionShape-expression UnrecognisedConflictShape
    """,
    "Warning": """
        BackgroundNeedsSourceShape ClaimShape-standing-present FulfilledNeedsSubstanceShape
        MatterShape-portfolioHolder-present MatterShape-statusEvent-present
        MeetingShape-meetingDate-present NoRestartAfterEndShape ReferralResolvedShape
        SumOfPartsShape
    """,
    "Info": """
        DocumentEventShape-time-present HoldingUnknownShape-term MatterShape-department-present
        ObservationShape-refYear-present PassageShape-pageNumber-present
        PolicyDocumentShape-validDuring-present ResponseShape-responseDate-present
        StatusEventShape-eventDate-present TaskShape-executedBy-present
        TimeExpressionShape-latest-present
    """,
}


def read(folder: str, *without: str) -> rdflib.Graph:
    graph = rdflib.Graph()
    for file in listing(".ttl", folder):
        if file.name not in without:
            graph.parse(data=file.read_bytes(), format="turtle")
    return graph


@cache
def shapes() -> rdflib.Graph:
    """Return the shapes of data; those of the ontology have tests of their own."""
    return read("shapes", "vocabulary.ttl")


@cache
def ontology() -> rdflib.Graph:
    return read("ontology")


@cache
def hierarchy() -> rdflib.Graph:
    """Return all that a constraint on one shape needs of the ontology."""
    graph = rdflib.Graph()
    for triple in ontology().triples((None, RDFS.subClassOf, None)):
        graph.add(triple)
    return graph


@cache
def shape_alone(name: str) -> rdflib.Graph:
    """Return the triples that make up one node shape."""
    graph = rdflib.Graph()
    waiting: list[rdflib.term.Node] = [RGS[name]]
    while waiting:
        subject = waiting.pop()
        for triple in shapes().triples((subject, None, None)):
            if triple not in graph:
                graph.add(triple)
                waiting.append(triple[2])
    return graph


@cache
def prepared(name: str) -> Shapes:
    return Shapes([lines(shape_alone(name))])


def lines(graph: rdflib.Graph) -> bytes:
    return graph.serialize(format="nt", encoding="utf-8")


def of_type(kind: rdflib.URIRef) -> list[rdflib.URIRef]:
    subjects = set(shapes().subjects(RDF.type, kind))
    return sorted(each for each in subjects if isinstance(each, rdflib.URIRef))


def local(term: rdflib.term.Node) -> str:
    return str(term).removeprefix(RGS)


def languages(subject: rdflib.term.Node, predicate: rdflib.URIRef) -> list[str]:
    return sorted(
        str(each.language)
        for each in shapes().objects(subject, predicate)
        if isinstance(each, rdflib.Literal) and each.strip()
    )


def expectations(file: Path) -> set[tuple[str, str]]:
    return {(each["shape"], each["severity"]) for each in EXPECTATION.finditer(file.read_text())}


def constraints() -> Iterator[tuple[str, str]]:
    """Yield all that can be reported, with its severity."""
    for shape in of_type(SH.PropertyShape):
        yield local(shape), severity_of(shape)
    for shape in of_type(SH.NodeShape):
        if any((shape, parameter, None) in shapes() for parameter in ON_THE_NODE):
            yield local(shape), severity_of(shape)


def severity_of(shape: rdflib.URIRef) -> str:
    return str(shapes().value(shape, SH.severity)).removeprefix(str(SH))


def test_each_node_shape_has_data_that_it_accepts_and_data_that_it_refuses() -> None:
    kinds = defaultdict(set)
    for case in CASES:
        kinds[case.parent.name].add(case.stem.partition("-")[0])
    names = {local(shape) for shape in of_type(SH.NodeShape)}
    assert dict(kinds) == {name: {"valid", "invalid"} for name in names}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_a_case_is_judged_as_its_file_says(case: Path) -> None:
    data = rdflib.Graph().parse(case)
    report = validate(lines(data + hierarchy()), prepared(case.parent.name))
    found = {(local(rdflib.URIRef(each.shape)), each.severity) for each in report.findings}
    expected = expectations(case)
    grave = {pair for pair in found if pair[1] != "Info"}
    assert grave == {pair for pair in expected if pair[1] != "Info"}
    assert expected <= found
    assert bool(expected) == case.stem.startswith("invalid-")


def test_every_constraint_is_met_by_data_that_it_refuses() -> None:
    refused = {pair for case in CASES for pair in expectations(case)}
    assert refused == set(constraints())


def test_severities_are_those_agreed_on() -> None:
    agreed = {name: severity for severity, names in SEVERITIES.items() for name in names.split()}
    actual = dict(constraints())
    assert {name: actual.get(name) for name in agreed} == agreed


def test_every_shape_is_named_after_its_class_or_rule() -> None:
    owners = defaultdict(set)
    for node, shape in shapes().subject_objects(SH.property):
        if isinstance(node, rdflib.URIRef):
            assert isinstance(shape, rdflib.URIRef), f"{local(node)} has a property without name."
            owners[local(shape)].add(local(node))
    assert set(owners) == {local(shape) for shape in of_type(SH.PropertyShape)}
    for name, nodes in owners.items():
        assert nodes == {name.partition("-")[0]}
    for owner in of_type(SH.NodeShape):
        assert re.fullmatch(r"[A-Z][A-Za-z]+Shape", local(owner))
        assert languages(owner, RDFS.label) == ["en", "nl"]


def test_a_property_shape_says_in_both_languages_what_it_is_and_what_to_repair() -> None:
    for shape in of_type(SH.PropertyShape):
        assert languages(shape, SH.name) == ["en", "nl"], local(shape)
        assert languages(shape, SH.message) == ["en", "nl"], local(shape)
        assert languages(shape, SH.description) in ([], ["en", "nl"]), local(shape)
        assert severity_of(shape) in SEVERITIES, local(shape)


def test_a_node_shape_that_constrains_the_node_says_what_to_repair() -> None:
    for name, severity in constraints():
        sparql = shapes().value(RGS[name], SH.sparql)
        assert languages(sparql or RGS[name], SH.message) == ["en", "nl"], name
        assert severity in SEVERITIES, name


def test_a_property_is_shown_in_a_group_and_at_a_place_of_its_own() -> None:
    groups = set(of_type(SH.PropertyGroup))
    for shape in of_type(SH.PropertyShape):
        group, order = shapes().value(shape, SH.group), shapes().value(shape, SH.order)
        assert (group is None) == (order is None), local(shape)
        assert group is None or group in groups, local(shape)
        assert order is not None or (shape, RG.facet, None) not in shapes(), local(shape)
    for group in groups:
        assert languages(group, RDFS.label) == ["en", "nl"]


def test_the_page_of_a_class_shows_no_two_properties_at_one_place() -> None:
    for kind in ontology().subjects(RDF.type, OWL.Class):
        shown = defaultdict(list)
        for ancestor in ontology().transitive_objects(kind, RDFS.subClassOf):
            for node in shapes().subjects(SH.targetClass, ancestor):
                for shape in shapes().objects(node, SH.property):
                    if (shape, SH.order, None) in shapes():
                        place = shapes().value(shape, SH.group), shapes().value(shape, SH.order)
                        shown[place].append(local(shape))
        assert {names[0]: names for names in shown.values() if len(names) > 1} == {}, kind


def test_every_class_of_the_ontology_has_a_shape() -> None:
    kinds = ontology().subjects(RDF.type, OWL.Class)
    classes = {each for each in kinds if str(each).startswith(RG)}
    assert classes
    assert classes <= set(shapes().objects(None, SH.targetClass))


def test_a_choice_offers_the_whole_scheme_or_says_why_not() -> None:
    parts = {"OpenMatterShape-currentStatus"}
    for shape in of_type(SH.PropertyShape):
        head = shapes().value(shape, SH["in"])
        choices = set(Collection(shapes(), head)) if head else set()
        if any(str(choice).startswith(RGT) for choice in choices) and local(shape) not in parts:
            schemes = {ontology().value(choice, SKOS.inScheme) for choice in choices}
            assert len(schemes) == 1, local(shape)
            assert choices == set(ontology().subjects(SKOS.inScheme, schemes.pop())), local(shape)


def test_only_the_shape_of_office_holders_is_closed() -> None:
    assert list(shapes().subjects(SH.closed, None)) == [RGS.OfficeHolderShape]


def test_a_sparql_constraint_stays_within_the_data_and_projects_its_focus_node() -> None:
    prefixes = {
        str(shapes().value(each, SH.prefix)): str(shapes().value(each, SH.namespace))
        for each in shapes().objects(rdflib.URIRef("https://w3id.org/raadgraaf/shapes"), SH.declare)
    }
    for node, constraint in shapes().subject_objects(SH.sparql):
        assert constraint == rdflib.URIRef(f"{node}-sparql")
        assert (constraint, SH.severity, None) not in shapes(), "pyshacl does not look there"
        text = str(shapes().value(constraint, SH.select))
        assert prepareQuery(text, initNs=prefixes)
        assert not re.search(r"\b(FROM|SERVICE|GRAPH)\b", text)
        assert not re.search(r" [-/] \S+ [-+*/] ", text), "read as a - (b + c)"
        assert all("$this" in each for each in projections(text)), local(constraint)
        for message in shapes().objects(constraint, SH.message):
            for name in re.findall(r"\{\?(\w+)\}", str(message)):
                assert all(f"?{name}" in each for each in projections(text)), local(constraint)


def projections(text: str) -> Iterable[str]:
    return re.findall(r"SELECT(.*?)WHERE", text, re.DOTALL)
