"""The guard refuses what would crash or hold up an engine, and lets ordinary queries through."""

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import rdflib
from rdflib import RDF, URIRef

from raadgraaf import errors
from raadgraaf.config import Settings
from raadgraaf.errors import Forbidden, QuerySyntaxError, RaadgraafError, TextTooLong, TooComplex
from raadgraaf.guard import admit, examine, is_repeatable

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "guard"
ADMITTED = sorted((CASES / "admitted").glob("*.rq"))
REFUSED = sorted((CASES / "refused").glob("*.rq"))
OWN = sorted(
    path
    for folder in ("queries", "server/queries", "src")
    for path in (ROOT / folder).rglob("*.rq")
)
W3C = Path(os.environ.get("RAADGRAAF_W3C", ROOT.parent / "shared" / "w3c")) / "sparql11"
MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
UPDATES_WITHOUT_OPERATION = {"syntax-update-38.ru", "syntax-update-39.ru", "syntax-update-40.ru"}

SETTINGS = Settings()
LONG = Settings(query_bytes=1024 * 1024)
ELSEWHERE = "http://elsewhere.example/"


def where(content: str) -> str:
    return f"SELECT * WHERE {{ {content} }}"


def nested(opening: str, middle: str, closing: str) -> Callable[[int], str]:
    """Return what makes a query of so many levels."""
    return lambda size: where(opening * size + middle + closing * size)


def expression(opening: str, closing: str = ")") -> Callable[[int], str]:
    return lambda size: where(f"FILTER({opening * size}?x{closing * size})")


def repeated(one: str, separator: str = " ", around: str = "{}") -> Callable[[int], str]:
    """Return what makes a query of so many similar parts; `#` in them is their number."""
    return lambda size: where(
        around.format(separator.join(one.replace("#", str(each)) for each in range(size)))
    )


GROWING: Mapping[str, Callable[[int], str]] = {
    "brackets": expression("("),
    "brackets of a sign": expression("-("),
    "negations": expression("!", ""),
    "negations of brackets": expression("!("),
    "IF": expression("IF(1,2,"),
    "COALESCE": expression("COALESCE("),
    "STR": expression("STR("),
    "function calls": expression("<http://e.example/f>("),
    "IN": expression("1 IN("),
    "SUBSTR": expression("SUBSTR(", ",1)"),
    "EXISTS": expression("EXISTS { FILTER(", ") }"),
    "groups": nested("{", "", "}"),
    "OPTIONAL": nested("?s ?p ?o OPTIONAL {", "", "}"),
    "NOT EXISTS": nested("?s ?p ?o FILTER NOT EXISTS {", "", "}"),
    "GRAPH": nested("GRAPH ?g {", "?s ?p ?o", "}"),
    "UNION": nested("?s ?p ?o { ?s ?q ?r } UNION {", "?s ?p ?o", "}"),
    "sub-selects": nested("{ SELECT * WHERE {", "?s ?p ?o", "} }"),
    "collections": lambda size: where(f"?s ?p {'(' * size}1{')' * size}"),
    "property lists": lambda size: where(f"?s ?p {'[ ?p ' * size}1{']' * size}"),
    "triple terms": lambda size: where(f"?s ?p {'<<( ?s ?p ' * size}1{')>>' * size}"),
    "brackets in a path": lambda size: where(f"?s {'(' * size}<p:>{')*' * size} ?o"),
    "star": repeated("?s ?p# ?o#", " . "),
    "predicates": repeated("?p# ?o#", " ; ", "?s {}"),
    "objects": repeated("?o#", " , ", "?s ?p {}"),
    "sequence of a path": repeated("<p:>", "/", "?s {} ?o"),
    "alternatives of a path": repeated("<p:>", "|", "?s {} ?o"),
    "long collection": repeated("?m#", " ", "?s ?p ({})"),
    "many groups": repeated("{ ?s ?p# ?o# }"),
    "many graphs": repeated("GRAPH ?g# { ?s ?p ?o# }"),
    "many OPTIONAL": repeated("OPTIONAL { ?s ?p# ?o# FILTER(?o# > 1) }"),
    "many UNION": repeated("{ ?s ?p# ?o# } UNION { ?o# ?q# ?s }"),
    "many BIND": repeated("BIND(# AS ?b#)"),
    "many VALUES": repeated("VALUES ?v { 1 2 }"),
    "many FILTER": repeated("FILTER(?x > #)"),
    "many empty groups": repeated("{}"),
    "disjunction": repeated("?x = #", " || ", "FILTER({})"),
    "sum": repeated("?x", " + ", "FILTER({} > 1)"),
    "expressions to group by": lambda size: "SELECT * { } GROUP BY " + "(?x + 1) " * size,
    "calls to order by": lambda size: "SELECT * { } ORDER BY " + "STR(?x) " * size,
    "described": lambda size: "DESCRIBE " + "<http://e.example/> " * size,
}
"""All of these crash pyoxigraph 0.5.13, or keep it planning, at some size."""

growing = pytest.mark.parametrize("make", GROWING.values(), ids=GROWING.keys())


def largest_admitted(make: Callable[[int], str]) -> str:
    """Return the largest query of its kind that is admitted."""
    size, step = 0, 512
    while step:
        try:
            admit(make(size + step), LONG)
            size += step
        except TooComplex:
            pass
        step //= 2
    return make(size)


@pytest.mark.parametrize("path", ADMITTED, ids=lambda path: path.stem)
def test_a_query_is_admitted(path: Path) -> None:
    found = admit(path.read_text("utf-8"), SETTINGS)
    assert found.form
    assert not found.is_update


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_a_query_is_refused(path: Path) -> None:
    text = path.read_bytes().decode()
    expected = getattr(errors, text.split("\n")[0].removeprefix("# ").split(":")[0])
    with pytest.raises(expected):
        admit(text, SETTINGS)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_queries_of_the_repository_are_admitted_with_room_to_spare(path: Path) -> None:
    found = admit(path.read_text("utf-8"), SETTINGS)
    assert found.patterns <= SETTINGS.query_patterns * 3 / 4
    assert found.operators <= SETTINGS.query_operators / 2


@growing
def test_what_crashes_or_hangs_an_engine_is_refused(make: Callable[[int], str]) -> None:
    assert admit(make(4), SETTINGS)
    with pytest.raises(TooComplex) as refused:
        admit(make(700), LONG)
    assert refused.value.limit in {
        SETTINGS.query_nesting,
        SETTINGS.query_patterns,
        SETTINGS.query_operators,
        SETTINGS.query_steps,
    }


@pytest.mark.slow
@growing
def test_the_largest_that_is_admitted_is_planned_in_seconds(make: Callable[[int], str]) -> None:
    """Also where the parse fails at its deepest point."""
    program = """
import sys, pyoxigraph
for text in sys.stdin.read().split("\\0"):
    try:
        pyoxigraph.Store().query(text)
    except (SyntaxError, RuntimeError):  # not SPARQL, or an unknown function
        pass
print("done")
"""
    text = largest_admitted(make)
    middle = len(text) // 2
    texts = "\0".join((text, text[:middle], f"{text[:middle]} 1 1 {text[middle:]}"))
    command = [sys.executable, "-c", program]
    ran = subprocess.run(
        command, input=texts, capture_output=True, text=True, timeout=20, check=True
    )
    assert ran.stdout == "done\n"


def test_a_federating_client_may_send_a_thousand_rows_and_a_long_list() -> None:
    rows = " ".join(f"(<http://e.example/{each}> {each})" for each in range(1000))
    assert admit(f"SELECT * {{ ?s ?p ?o }} VALUES (?s ?o) {{ {rows} }}", SETTINGS)
    numbers = ",".join(map(str, range(1000)))
    assert admit(where(f"?s ?p ?o FILTER(?o IN ({numbers}))"), SETTINGS)


def test_a_text_is_measured_in_bytes() -> None:
    text = where("?s ?p 'é'")
    size = len(text.encode())
    assert admit(text, Settings(query_bytes=size))
    with pytest.raises(TextTooLong) as refused:
        admit(text, Settings(query_bytes=size - 1))
    assert refused.value.limit == size - 1


def test_a_text_of_too_many_tokens_is_refused_before_it_is_read_to_its_end() -> None:
    with pytest.raises(TooComplex) as refused:
        admit("ASK {} " + "1 " * SETTINGS.query_tokens + "\0", SETTINGS)
    assert refused.value.limit == SETTINGS.query_tokens


def test_each_limit_is_a_setting() -> None:
    text = where("?s ?p ?o FILTER(!REGEX(?o, ?p))")
    for few in (
        "query_nesting",
        "query_tokens",
        "query_patterns",
        "query_operators",
        "query_steps",
    ):
        with pytest.raises(TooComplex):
            admit(text, Settings(**{few: 0}))


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(QuerySyntaxError, match="1:13"):
        admit("ASK {?s ?p '\ud800'}", SETTINGS)


@pytest.mark.parametrize("silent", ["", "SILENT"])
@pytest.mark.parametrize("endpoint", [f"<{ELSEWHERE}>", "e:", r"<http://elsewhere.ex\u0061mple/>"])
def test_an_endpoint_on_the_list_may_be_asked(endpoint: str, silent: str) -> None:
    text = f"PREFIX e: <{ELSEWHERE}> SELECT * {{ SERVICE {silent} {endpoint} {{ }} }}"
    assert admit(text, SETTINGS, frozenset({ELSEWHERE})).services == (ELSEWHERE,)
    with pytest.raises(Forbidden):
        admit(text, SETTINGS, frozenset({ELSEWHERE + "sparql"}))


def test_one_endpoint_on_the_list_does_not_admit_the_next() -> None:
    text = where(f"SERVICE <{ELSEWHERE}> {{ SERVICE ?e {{ }} }} SERVICE e:x\\-y {{ }}")
    assert examine(text).services == (ELSEWHERE, "?e", "e:x-y")
    with pytest.raises(Forbidden, match=r"\?e"):
        admit(text, SETTINGS, frozenset({ELSEWHERE}))


@pytest.mark.parametrize("form", ["SELECT *", "ASK", "CONSTRUCT", "DESCRIBE ?s"])
def test_the_form_and_the_dataset_of_a_query_are_found(form: str) -> None:
    found = examine(
        f"PREFIX delete: <insert:> # UPDATE\n{form.lower()} FROM <g:> WHERE {{ ?s ?p 1 }}"
    )
    assert found.form == form.split(maxsplit=1)[0]
    assert found.has_dataset_clause
    assert not found.is_update
    assert not examine(f"{form} WHERE {{ ?s ?p <FROM> }}").has_dataset_clause


def test_an_update_is_told_from_a_query() -> None:
    text = "PREFIX l: <l:> INSERT { ?s ?p 1 } WHERE { { SELECT * { ?s ?p ?o } } } ; load silent l:x"
    found = examine(text)
    assert found.is_update
    assert found.form is None
    assert found.loads == ("l:x",)
    with pytest.raises(QuerySyntaxError):
        examine("PREFIX LOADl: <l:> LOADl:x")
    with pytest.raises(QuerySyntaxError):
        examine("LOAD 1")


def test_what_is_written_but_not_matched_is_not_counted() -> None:
    triples = " ; ".join(f"<p:{each}> ({each} -1)" for each in range(500))
    assert examine(f"INSERT DATA {{ <s:> {triples} }}").patterns == 0
    assert examine(f"CONSTRUCT {{ <s:> {triples} }} WHERE {{ ?s ?p ?o }}").patterns == 1
    assert examine("DELETE WHERE { ?s ?p ?o . ?o ?q ?r }").patterns == 2


def test_what_a_planner_joins_is_counted() -> None:
    assert examine("ASK { ?s ?p ?o , ?x ; ?q ?r . ?a ?b ?c }").patterns == 4
    assert examine("ASK { ?s <p:>/(<q:>|<r:>)*/^<s:> ?o }").patterns == 3
    assert examine("ASK { ?s ?p (1 'a'@en 'b'^^<t:>) }").patterns == 1 + 2 * 3
    assert examine("ASK { [ ?p [ ?q 1 ; ?r 2 ] ] }").patterns == 1 + 1 + 2
    assert examine("ASK { {} GRAPH ?g { ?s ?p ?o } BIND(1 AS ?x) VALUES ?v { 1 2 } }").patterns == 5


def test_operators_are_counted() -> None:
    assert examine("ASK { FILTER(?a + 1 > 2 && !(?b IN (1, 2)) || -?c = 1) }").operators == 9
    assert examine("SELECT (?a AS ?b) ?c { } ORDER BY (?a) STR(?b) ?c").operators == 3


@pytest.mark.skipif(not W3C.is_dir(), reason="the test suites of W3C are not beside the checkout")
@pytest.mark.parametrize("kind", ["PositiveSyntaxTest11", "PositiveUpdateSyntaxTest11"])
def test_what_w3c_calls_sparql_is_admitted(kind: str) -> None:
    seen = 0
    for manifest in sorted(W3C.glob("*/manifest.ttl")):
        graph = rdflib.Graph().parse(manifest)
        for test in graph.subjects(RDF.type, URIRef(MANIFEST + kind)):
            path = (
                manifest.parent / str(graph.value(test, URIRef(MANIFEST + "action"))).split("/")[-1]
            )
            found = examine(path.read_text("utf-8"))
            admit(path.read_text("utf-8"), SETTINGS, frozenset(found.services))
            is_update = "Update" in kind and path.name not in UPDATES_WITHOUT_OPERATION
            assert found.is_update == is_update, path
            assert (found.form is None) == ("Update" in kind), path
            seen += 1
    assert seen >= 40


PIECES = [
    *"(){}[]<>.,;:=!+-*/|^?~'\"\\#@_$%&\n\r\t aAé😀\0\ufeff\ud800",
    *("'''", '"""', "<<", ">>", "<<(", ")>>", "{|", "|}", "&&", "||", "^^", "<=", "!(", "\\u0022"),
    *("\\u005C", "\\U0010FFFF", "\\UFFFFFFFF", "\\u", "<a:b>", "<a", "a:", "a.", "a-", "a.b:c.d."),
    *("?x", "_:b.", "1.", "1e", ".5", "@en-", "SERVICE ", "LOAD ", "PREFIX ", "VALUES ", "SELECT "),
    *("FILTER(", "REGEX(", "EXISTS{", "INSERT{", "DELETE", "DATA", "GRAPH", "GROUP BY(", "true"),
]


@pytest.mark.parametrize("seed", range(20))
def test_any_text_is_examined_or_refused(seed: int) -> None:
    """Random characters, random bytes and random pieces of SPARQL."""
    chance = random.Random(seed)  # noqa: S311 # the same texts in every run
    for _ in range(100):
        texts = [
            "".join(chance.choices(PIECES, k=chance.randint(0, 60))),
            chance.randbytes(chance.randint(0, 200)).decode("utf-8", "replace"),
            "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randint(0, 60))),
        ]
        for text in texts:
            for read in (examine, lambda text: admit(text, SETTINGS)):
                with contextlib.suppress(RaadgraafError):
                    read(text)


@pytest.mark.parametrize("start", ["", "SELECT * { ", "SELECT (", "ASK { FILTER(?x<"])
def test_the_time_is_linear(start: str) -> None:
    """Each piece, repeated to the longest text, is refused or admitted within a second."""
    for piece in PIECES:
        text = (start + piece * 65536).encode("utf-8", "replace")[:65536].decode("utf-8", "ignore")
        begun = time.process_time()
        with contextlib.suppress(RaadgraafError):
            admit(text, SETTINGS)
        assert time.process_time() - begun < 1


@pytest.mark.parametrize("call", ["NOW()", "rand()", "Uuid()", "STRUUID()", "BNODE()"])
def test_what_differs_each_time_is_told_from_what_does_not(call: str) -> None:
    assert not is_repeatable(where(f"BIND({call} AS ?x)"))
    for hidden in (f'"{call}"', f"<http://e.example/{call[:-2]}>", f"1 #{call}\n"):
        assert is_repeatable(where(f"BIND({hidden} AS ?x)"))
    assert is_repeatable(where("?now ?rand <http://e.example/now> . ?s <urn:now> ex:now")) is True


def test_what_asks_others_or_cannot_be_read_counts_as_different_each_time() -> None:
    assert not is_repeatable(where(f"SERVICE <{ELSEWHERE}> {{ ?s ?p ?o }}"))
    assert not is_repeatable(where("?s ?p \\u004eOW()"))
    assert not is_repeatable("SELECT § {}")
    assert not is_repeatable(where("?s ?p ?o"), most_tokens=3)
