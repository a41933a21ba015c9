"""Statements about the ontology: it parses, names nothing twice, and leaves nothing undefined."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SKOS

from raadgraaf.resources import listing
from raadgraaf.validation import Report, Shapes, validate

ROOT = Path(__file__).parents[1]
RG = rdflib.Namespace("https://w3id.org/raadgraaf/def#")
RGT = rdflib.Namespace("https://w3id.org/raadgraaf/thes/")
FILES = list(listing(".ttl", "ontology"))
KINDS = (OWL.AnnotationProperty, OWL.Class, OWL.DatatypeProperty, OWL.ObjectProperty)

# Checks of others rely on these names
CLASSES = """
    ActorCategory AgendaItem Claim Commitment CommitmentRegister ConsultationForm Coverage
    Department Dispute Document DocumentEvent Faction FocusPoint Formulation GoverningBody
    JointOrganisation Matter MatterPart Meeting Memo Mention Municipality OfficeHolder OpenMatter
    Participation PartnerOrganisation PartnerRole Passage PolicyDocument PolicyElement PolicyLine
    PolicyTranslation Portfolio PortfolioHolding Precondition Question Region RegionalVision
    RegisterEntry Resolution Response StartingPoint StatusEvent Task TimeExpression Topic
"""
WHERE_TERMS_ARE_USED = (
    *("data/**/*.ttl", "loaders/**/*.py", "loaders/**/*.yaml", "ontology/*.ttl", "queries/*.rq"),
    *("server/**/*.py", "server/**/*.html", "server/**/*.rq", "shapes/*.ttl"),
    *("src/raadgraaf/*.py", "src/raadgraaf/rules/*.rq"),
)
NAME = re.compile(
    r"(?<![\w:])(?P<prefix>rgt?):(?P<name>[A-Za-z]\w*(?:-\w+)*)"
    r"|https://w3id\.org/raadgraaf/(?P<space>def#|thes/)(?P<local>[A-Za-z]\w*(?:-\w+)*)"
)
PREFIXES = """
    @prefix dcterms: <http://purl.org/dc/terms/> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix rg: <https://w3id.org/raadgraaf/def#> .
    @prefix rgt: <https://w3id.org/raadgraaf/thes/> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
GOOD_CLASS = """
    rg:Motion a owl:Class ;
        rdfs:label "Motie"@nl , "Motion"@en ;
        rdfs:isDefinedBy <https://w3id.org/raadgraaf/def> ;
        skos:definition "Uitspraak van de raad."@nl , "Statement of the council."@en .
"""
GOOD_PROPERTY = """
    rg:movedBy a owl:ObjectProperty ;
        rdfs:label "ingediend door"@nl , "moved by"@en ;
        rdfs:isDefinedBy <https://w3id.org/raadgraaf/def> ;
        rdfs:domain rg:Matter ;
        skos:definition "De fractie die haar indiende."@nl , "The group that moved it."@en .
"""
GOOD_CONCEPT = """
    rgt:mood a skos:ConceptScheme ;
        dcterms:title "Stemming"@nl , "Mood"@en ;
        skos:hasTopConcept rgt:mood-calm .
    rgt:mood-calm a skos:Concept ;
        skos:prefLabel "kalm"@nl , "calm"@en ;
        skos:definition "Zonder rumoer."@nl , "Without commotion."@en ;
        skos:notation "calm" ;
        skos:inScheme rgt:mood ;
        skos:topConceptOf rgt:mood .
"""


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    graph = rdflib.Graph()
    for file in FILES:
        graph.parse(data=file.read_bytes(), format="turtle")
    return graph


@pytest.fixture(scope="module")
def vocabulary_shapes() -> Shapes:
    return Shapes([(ROOT / "shapes" / "vocabulary.ttl").read_bytes()])


def judged(turtle: str, shapes: Shapes) -> Report:
    return validated(rdflib.Graph().parse(data=PREFIXES + turtle, format="turtle"), shapes)


def validated(graph: rdflib.Graph, shapes: Shapes) -> Report:
    return validate(graph.serialize(format="nt", encoding="utf-8"), shapes)


def test_there_is_one_ontology_with_a_version_and_a_licence(ontology: rdflib.Graph) -> None:
    [header] = ontology.subjects(RDF.type, OWL.Ontology)
    assert header == rdflib.URIRef("https://w3id.org/raadgraaf/def")
    version = str(ontology.value(header, OWL.versionInfo))
    assert ontology.value(header, OWL.versionIRI) == rdflib.URIRef(f"{header}/{version}")
    assert (header, rdflib.DCTERMS.license, None) in ontology
    assert not list(ontology.objects(None, OWL.imports))


def test_the_classes_are_those_that_others_rely_on(ontology: rdflib.Graph) -> None:
    names = {
        str(each).removeprefix(RG)
        for each in ontology.subjects(RDF.type, OWL.Class)
        if str(each).startswith(RG)
    }
    assert names == set(CLASSES.split())
    assert len(names) == 46


def test_each_term_is_declared_in_one_file_as_one_kind(ontology: rdflib.Graph) -> None:
    kinds = defaultdict(set)
    for kind in KINDS:
        for term in ontology.subjects(RDF.type, kind):
            kinds[term].add(kind)
    assert {term: found for term, found in kinds.items() if len(found) > 1} == {}
    files = defaultdict(list)
    for file in FILES:
        graph = rdflib.Graph().parse(data=file.read_bytes(), format="turtle")
        for term in set(graph.subjects(SKOS.definition)):
            files[term].append(file.name)
    assert {term: found for term, found in files.items() if len(found) > 1} == {}


def test_a_property_is_only_below_properties_of_its_own_kind(ontology: rdflib.Graph) -> None:
    for name, above in ontology.subject_objects(RDFS.subPropertyOf):
        kinds = [set(ontology.objects(each, RDF.type)) & set(KINDS) for each in (name, above)]
        assert kinds[0] == kinds[1], (name, above)


def test_annotation_properties_carry_no_axioms(ontology: rdflib.Graph) -> None:
    for name in ontology.subjects(RDF.type, OWL.AnnotationProperty):
        for predicate in (RDFS.domain, RDFS.range, RDFS.subPropertyOf, OWL.inverseOf):
            assert not list(ontology.objects(name, predicate)), name


def test_each_domain_range_and_superior_is_declared(ontology: rdflib.Graph) -> None:
    declared = {each for kind in KINDS for each in ontology.subjects(RDF.type, kind)}
    for predicate in (RDFS.domain, RDFS.range, RDFS.subClassOf, RDFS.subPropertyOf):
        for each in ontology.objects(None, predicate):
            assert each in declared or str(each).startswith(str(rdflib.XSD)), each


def test_links_to_superiors_of_others_stand_in_the_alignment_alone() -> None:
    for file in FILES:
        if file.name == "alignment.ttl":
            continue
        graph = rdflib.Graph().parse(data=file.read_bytes(), format="turtle")
        for predicate in (RDFS.subClassOf, RDFS.subPropertyOf, SKOS.closeMatch):
            for each in graph.objects(None, predicate):
                assert str(each).startswith(RG), (file.name, each)


def test_no_term_of_ours_is_used_that_is_not_defined(ontology: rdflib.Graph) -> None:
    spaces = {"rg": RG, "rgt": RGT, "def#": RG, "thes/": RGT}
    defined = {str(each) for each in ontology.subjects()}
    undefined = defaultdict(set)
    for pattern in WHERE_TERMS_ARE_USED:
        for path in ROOT.glob(pattern):
            for found in NAME.finditer(path.read_text(encoding="utf-8")):
                space = spaces[found["prefix"] or found["space"]]
                term = f"{space}{found['name'] or found['local']}"
                if term not in defined:
                    undefined[str(path.relative_to(ROOT))].add(term)
    assert dict(undefined) == {}


def test_each_scheme_names_its_concepts_and_each_concept_is_named_after_its_code(
    ontology: rdflib.Graph,
) -> None:
    schemes = set(ontology.subjects(RDF.type, SKOS.ConceptScheme))
    assert len(schemes) == 12
    for scheme in schemes:
        concepts = set(ontology.subjects(SKOS.inScheme, scheme))
        assert concepts == set(ontology.objects(scheme, SKOS.hasTopConcept))
        assert concepts == set(ontology.subjects(SKOS.topConceptOf, scheme))
        for concept in concepts:
            code = ontology.value(concept, SKOS.notation)
            assert concept == rdflib.URIRef(f"{scheme}-{code}")
    concepts = set(ontology.subjects(RDF.type, SKOS.Concept))
    assert concepts == set(ontology.subjects(SKOS.inScheme))


def test_labels_of_concepts_are_unique_in_their_scheme(ontology: rdflib.Graph) -> None:
    for scheme in ontology.subjects(RDF.type, SKOS.ConceptScheme):
        labels = [
            label
            for concept in ontology.subjects(SKOS.inScheme, scheme)
            for label in ontology.objects(concept, SKOS.prefLabel)
        ]
        assert len(labels) == len(set(labels))


def test_the_ontology_keeps_the_rules_for_a_vocabulary(
    ontology: rdflib.Graph, vocabulary_shapes: Shapes
) -> None:
    assert validated(ontology, vocabulary_shapes).findings == ()


def test_a_good_term_is_accepted(vocabulary_shapes: Shapes) -> None:
    good = GOOD_CLASS + GOOD_PROPERTY + GOOD_CONCEPT
    assert judged(good, vocabulary_shapes).findings == ()


@pytest.mark.parametrize(
    ("good", "old", "new", "shape"),
    [
        (GOOD_CLASS, 'rdfs:label "Motie"@nl ,', "rdfs:label", "TermShape-label"),
        (GOOD_CLASS, '"Motie"@nl', '"Motie"@nl , "Moties"@nl', "TermShape-label"),
        (GOOD_CLASS, '"Motie"@nl', '"Motie"', "TermShape-label"),
        (GOOD_CLASS, '"Motie"@nl', '"motie"@nl', "ClassShape-label"),
        (GOOD_CLASS, ', "Statement of the council."@en', "", "TermShape-definition"),
        (GOOD_CLASS, "of the council.", "of the council", "TermShape-definition"),
        (GOOD_CLASS, "rdfs:isDefinedBy", "rdfs:seeAlso", "DeclarationShape"),
        (GOOD_CLASS, "raadgraaf/def>", "raadgraaf/other>", "TermShape-isDefinedBy"),
        (GOOD_CLASS, "rdfs:label", 'skos:prefLabel "Motie"@nl ; rdfs:label', "TermShape-prefLabel"),
        (GOOD_CLASS, "a owl:Class", "a owl:Class , owl:ObjectProperty", "TermShape-type"),
        (GOOD_CLASS, "rg:Motion", "rg:motion", "ClassShape"),
        (GOOD_CLASS, "rg:Motion", "<https://example.org/Motion>", "TermShape"),
        (GOOD_PROPERTY, "rg:movedBy", "rg:MovedBy", "PropertyTermShape"),
        (GOOD_PROPERTY, '"moved by"', '"Moved by"', "PropertyTermShape-label"),
        (GOOD_PROPERTY, "rg:Matter", "rg:Matter , rg:Document", "PropertyTermShape-domain"),
        (GOOD_PROPERTY, "rdfs:domain rg:Matter", "rdfs:range xsd:date", "PropertyTermShape-range"),
        (GOOD_CONCEPT, ', "calm"@en', "", "ConceptShape-prefLabel"),
        (GOOD_CONCEPT, '"Zonder rumoer."@nl , ', "", "ConceptShape-definition"),
        (GOOD_CONCEPT, 'notation "calm"', 'notation "Calm!"', "ConceptShape-notation"),
        (GOOD_CONCEPT, "inScheme rgt:mood", "inScheme rgt:moods", "ConceptShape-inScheme"),
        (GOOD_CONCEPT, "a skos:Concept ;", "a owl:Thing ;", "ConceptShape-type"),
        (GOOD_CONCEPT, ', "Mood"@en', "", "ConceptSchemeShape-title"),
        (GOOD_CONCEPT, "skos:hasTopConcept", "skos:member", "ConceptSchemeShape-hasTopConcept"),
    ],
)
def test_a_bad_term_is_refused_by_the_shape_that_says_so(
    good: str, old: str, new: str, shape: str, vocabulary_shapes: Shapes
) -> None:
    assert old in good
    found = judged(good.replace(old, new), vocabulary_shapes).findings
    assert f"https://w3id.org/raadgraaf/shapes#{shape}" in {each.shape for each in found}
    for finding in found:
        assert {language for language, _ in finding.messages} == {"nl", "en"}


def test_a_term_of_others_may_be_declared(vocabulary_shapes: Shapes) -> None:
    foreign = (
        "<https://example.org/thing> a owl:Class . <https://example.org/Of> a owl:ObjectProperty ."
    )
    assert judged(foreign, vocabulary_shapes).findings == ()
