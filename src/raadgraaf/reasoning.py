"""Reasoning over the ontology and the data: what contradicts, and which matters stay open."""

import io
import shutil
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import owlready2
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse, serialize

from raadgraaf.contradictions import find_contradictions, short
from raadgraaf.errors import RaadgraafError
from raadgraaf.namespaces import PREFIXES, RDF_TYPE, iri

JAVA_PACKAGE = "default-jre-headless"
"""The package of Debian that holds the Java that HermiT runs on."""

EXPLAINED = 10
"""How many contradictions are written out; of the others only the number is given."""

UNEXPLAINED = (
    "HermiT finds a contradiction that is none between two kinds and no value of a wrong datatype; "
    "look at owl:sameAs, owl:differentFrom and the axioms that were added last."
)
OPEN_MATTER = iri("rg:OpenMatter")
SKOLEM = "/.well-known/genid/"
LIST = {iri("rdf:first"), iri("rdf:rest")}
RDFS_DOMAIN = iri("rdfs:domain")
RDFS = {RDFS_DOMAIN} | {iri(f"rdfs:{name}") for name in ("range", "subClassOf", "subPropertyOf")}
HEADER = {iri(f"owl:{name}") for name in ("deprecated", "imports", "versionIRI", "versionInfo")}


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What the reasoner says of an ontology with its data."""

    consistent: bool
    """Whether no contradiction was found."""
    explanations: tuple[str, ...] = ()
    """Sentences that name what contradicts what."""
    open_matters: frozenset[str] = frozenset()
    """The IRIs that are inferred to be rg:OpenMatter, whatever is asserted."""
    unsatisfiable: tuple[str, ...] = ()
    """The classes that can have no instance."""
    complete: bool = True
    """Whether HermiT decided; without it, only kinds that exclude each other were compared."""

    @property
    def summary(self) -> str:
        """The outcome in one sentence."""
        if not self.consistent:
            return "inconsistent: the data contradicts the ontology"
        if not self.complete:
            return (
                "no kinds that exclude each other; HermiT was not asked, because there is no Java "
                f"(install {JAVA_PACKAGE})"
            )
        if self.unsatisfiable:
            return f"consistent (HermiT), but nothing can be a {', '.join(self.unsatisfiable)}"
        return f"consistent (HermiT); {len(self.open_matters)} open matters inferred"


def java_available() -> bool:
    """Say whether there is a Java to run HermiT on."""
    return shutil.which(owlready2.JAVA_EXE) is not None


def check(data: bytes) -> Reasoning:
    """Reason over the N-Triples of an ontology with its data, without touching the network.

    Contradictions between kinds are found here, since HermiT does not say where they are.
    """
    triples = [_unskolemized(quad.triple) for quad in parse(data, format=RdfFormat.N_TRIPLES)]
    contradictions = list(find_contradictions(triples))
    if contradictions:
        more = len(contradictions) - EXPLAINED
        tail = (f"There are {more} more of these contradictions.",) if more > 0 else ()
        return Reasoning(False, (*contradictions[:EXPLAINED], *tail))
    if not java_available():
        return Reasoning(True, complete=False)
    return _hermit(triples)


def _hermit(triples: Iterable[Triple]) -> Reasoning:
    """Return what HermiT says, in a world of its own that is given up afterwards."""
    logic = io.BytesIO()
    serialize(_logic(triples), logic, format=RdfFormat.N_TRIPLES)
    logic.seek(0)
    world = owlready2.World()
    try:
        ontology = world.get_ontology(PREFIXES["rg"])
        ontology.load(fileobj=logic, only_local=True)
        owlready2.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=True)
        unsatisfiable = sorted(
            each.iri for each in world.inconsistent_classes() if each is not owlready2.Nothing
        )
        named = world[OPEN_MATTER.value]
        found = named.instances(world=world) if named else ()
        return Reasoning(
            consistent=True,
            explanations=tuple(
                f"Nothing can be a {short(NamedNode(each))}: its definition contradicts itself."
                for each in unsatisfiable
            ),
            open_matters=frozenset(each.iri for each in found if each.iri.startswith("http")),
            unsatisfiable=tuple(unsatisfiable),
        )
    except owlready2.OwlReadyInconsistentOntologyError as error:
        _remove_input(error.__traceback__)
        return Reasoning(consistent=False, explanations=(UNEXPLAINED,))
    except owlready2.OwlReadyJavaError as error:
        _remove_input(error.__traceback__)
        raise RaadgraafError(
            f"HermiT gave up: {error}. Mend the ontology, or load without the reasoner."
        ) from None
    finally:
        world.close()


def _remove_input(frames: TracebackType | None) -> None:
    """Remove the file that owlready2 leaves behind when HermiT refuses it."""
    for frame, _ in traceback.walk_tb(frames):
        if name := getattr(frame.f_locals.get("tmp"), "name", ""):
            Path(name).unlink(missing_ok=True)


def _logic(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield what HermiT needs: no labels, quotes, imports or terms that no axiom speaks of.

    All that a literal adds is the kind of its subject; wrong values have been found before.
    """
    triples = list(triples)
    literal = _instances(triples, iri("owl:DatatypeProperty"))
    relation_or_list = LIST | _instances(triples, iri("owl:ObjectProperty"))
    domain = {each.subject: each.object for each in triples if each.predicate == RDFS_DOMAIN}
    axioms = [each for each in triples if each.predicate in LIST | RDFS or _is_owl(each.predicate)]
    said: set[object] = {each.subject for each in axioms}
    said |= {each.object for each in axioms if each.predicate not in RDFS}
    for each in triples:
        if each.predicate in literal:
            if each.predicate in domain:
                yield Triple(each.subject, RDF_TYPE, domain[each.predicate])
        elif each.subject in literal or (each.predicate, each.object) == (RDF_TYPE, OPEN_MATTER):
            continue
        elif each.predicate in RDFS or each.predicate == RDF_TYPE:
            if each.object in said or _is_owl(each.object):
                yield each
        elif each.predicate in relation_or_list or _is_owl(each.predicate):
            yield each


def _instances(triples: Iterable[Triple], kind: NamedNode) -> set[object]:
    return {each.subject for each in triples if each.object == kind}


def _is_owl(term: object) -> bool:
    owl = isinstance(term, NamedNode) and term.value.startswith(PREFIXES["owl"])
    return owl and term not in HEADER


def _unskolemized(triple: Triple) -> Triple:
    """Give blank nodes back: OWL reads an expression only there (Mapping to RDF Graphs, 3.2)."""
    subject, target = triple.subject, triple.object
    if isinstance(subject, NamedNode) and SKOLEM in subject.value:
        subject = BlankNode(subject.value.rpartition("/")[2])
    if isinstance(target, NamedNode) and SKOLEM in target.value:
        target = BlankNode(target.value.rpartition("/")[2])
    return Triple(subject, triple.predicate, target)
