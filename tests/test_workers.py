"""The worker processes: right answers, and every way in which a query can go wrong."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, Triple
from pyoxigraph import parse as parse_graph
from pyoxigraph import parse_query_results as parse_results

from raadgraaf import graphfiles, releases
from raadgraaf.config import MEBIBYTE, Settings
from raadgraaf.errors import (
    InputError,
    NoRelease,
    NotAcceptable,
    NotFound,
    NoWorkerFree,
    QuerySyntaxError,
    QueryTimeout,
    RaadgraafError,
    ResultTooLarge,
    SpoolsFull,
    WorkerDied,
)
from raadgraaf.namespaces import RDFS_LABEL, iri
from raadgraaf.protections import seccomp_available
from raadgraaf.results import GRAPH_TYPES, RESULT_TYPES
from raadgraaf.spools import Spool
from raadgraaf.store import EmbeddedStore
from raadgraaf.worker_process import Frame, receive, send, work
from raadgraaf.workers import QueryAnswer, QueryRequest, WorkerPool

EX = "http://example.org/"
GRAPH = f"{EX}graph"
THINGS = 60
JSON = "application/sparql-results+json"
TRIPLES = [
    Triple(iri(f"rg:thing{number}"), RDFS_LABEL, Literal(f"ding {number}", language="nl"))
    for number in range(THINGS)
]
BLANK = Triple(BlankNode(), RDFS_LABEL, Literal("to be numbered at random when it is read"))
SIZE = THINGS + 2
LABEL = "PREFIX rg: <https://w3id.org/raadgraaf/def#> SELECT ?label { rg:thing7 ?p ?label }"
LABEL_GRAPH = "PREFIX rg: <https://w3id.org/raadgraaf/def#> CONSTRUCT WHERE { rg:thing7 ?p ?label }"
RELEASE = f"SELECT ?number {{ <{EX}release> <{EX}number> ?number }}"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
MEMORY_BOMB = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o } ORDER BY ?c ?f"


def publish(home: Path, number: int) -> None:
    (home / "releases").mkdir(parents=True, exist_ok=True)
    number_of_release = Triple(NamedNode(f"{EX}release"), NamedNode(f"{EX}number"), Literal(number))
    file = graphfiles.write(home, GRAPH, [*TRIPLES, BLANK, number_of_release])
    releases.build(home, number, releases.Manifest(EX, "0", (file,)), {})


def ask(
    pool: WorkerPool, text: str, kind: str | None = JSON, deadline: float | None = None
) -> bytes:
    results_type, graph_type = (None, kind) if kind in GRAPH_TYPES else (kind, None)
    return content(pool.query(QueryRequest(text, results_type, graph_type), deadline, "somebody"))


def content(answer: QueryAnswer) -> bytes:
    with answer.body as body:
        assert body.tell() == 0
        data = body.read()
    assert len(data) == answer.length
    return data


def value(data: bytes) -> str:
    solutions = parse_results(data, QueryResultsFormat.JSON)
    assert isinstance(solutions, QuerySolutions)
    (solution,) = solutions
    term = solution[0]
    assert isinstance(term, Literal | NamedNode)
    return term.value


def descendants(process: int) -> set[int]:
    """Return the processes below one, those that are dead and not yet reaped included."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found, new = set[int](), {process}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return found


def running(processes: set[int]) -> set[int]:
    found = set()
    for process in processes:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found.add(process)
    return found


def eventually(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def descriptors() -> set[str]:
    return {each.name for each in Path("/proc/self/fd").iterdir()}


def holder_of(pool: WorkerPool) -> int:
    holder = pool._releases._holder
    assert holder is not None
    return holder._process.pid


def signal_workers(pool: WorkerPool, sent: signal.Signals) -> None:
    """Send a signal to every worker."""
    for worker in descendants(holder_of(pool)):
        os.kill(worker, sent)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    publish(tmp_path, 1)
    return Settings(home=tmp_path, workers=2, worker_memory=96 * MEBIBYTE)


@pytest.fixture
def open_pool() -> Iterator[Callable[[Settings], WorkerPool]]:
    pools = []

    def start(settings: Settings) -> WorkerPool:
        pools.append(WorkerPool(settings))
        return pools[-1]

    yield start
    for each in pools:
        each.close()


@pytest.fixture
def pool(settings: Settings, open_pool: Callable[[Settings], WorkerPool]) -> WorkerPool:
    return open_pool(settings)


@pytest.fixture(scope="module")
def shared_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerPool]:
    home = tmp_path_factory.mktemp("home")
    publish(home, 1)
    pool = WorkerPool(Settings(home=home, workers=2))
    yield pool
    pool.close()


@pytest.mark.parametrize(
    "kind", ["application/sparql-results+json", "application/sparql-results+xml"]
)
def test_a_table_comes_in_the_formats_with_types(shared_pool: WorkerPool, kind: str) -> None:
    solutions = parse_results(ask(shared_pool, LABEL, kind), RESULT_TYPES[kind])
    assert isinstance(solutions, QuerySolutions)
    assert [solution["label"] for solution in solutions] == [Literal("ding 7", language="nl")]


def test_a_table_comes_as_csv_and_tsv(shared_pool: WorkerPool) -> None:
    assert ask(shared_pool, LABEL, "text/csv") == b"label\r\nding 7\r\n"
    assert ask(shared_pool, LABEL, "text/tab-separated-values") == b'?label\n"ding 7"@nl\n'


@pytest.mark.parametrize("kind", GRAPH_TYPES)
def test_a_graph_comes_in_every_format(shared_pool: WorkerPool, kind: str) -> None:
    answer = shared_pool.query(QueryRequest(LABEL_GRAPH, None, kind))
    assert answer.media_type == kind
    assert answer.release == 1
    quads = list(parse_graph(content(answer), format=GRAPH_TYPES[kind]))
    assert [quad.triple for quad in quads] == [TRIPLES[7]]


@pytest.mark.parametrize("kind", ["text/turtle", "application/trig", "application/rdf+xml"])
def test_a_graph_uses_the_usual_prefixes(shared_pool: WorkerPool, kind: str) -> None:
    assert b"rdfs:label" in ask(shared_pool, LABEL_GRAPH, kind)


def test_a_yes_or_no_has_no_csv(shared_pool: WorkerPool) -> None:
    assert ask(shared_pool, "ASK {}") == b'{"head":{},"boolean":true}'
    assert b"<boolean>true</boolean>" in ask(
        shared_pool, "ASK {}", "application/sparql-results+xml"
    )
    for kind in ("text/csv", "text/tab-separated-values"):
        with pytest.raises(NotAcceptable, match="boolean"):
            ask(shared_pool, "ASK {}", kind)


def test_a_form_that_the_client_does_not_accept_is_refused(shared_pool: WorkerPool) -> None:
    with pytest.raises(NotAcceptable, match="Accept one of application/ld"):
        ask(shared_pool, LABEL_GRAPH, JSON)
    with pytest.raises(NotAcceptable, match="table"):
        ask(shared_pool, LABEL, "text/turtle")


def test_graphs_of_the_request_replace_the_dataset(shared_pool: WorkerPool) -> None:
    for graph, number in ((GRAPH, SIZE), (f"{EX}none", 0)):
        count = QueryRequest("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", JSON, None, (graph,))
        assert value(content(shared_pool.query(count))) == str(number)


def test_a_syntax_error_has_line_and_column(shared_pool: WorkerPool) -> None:
    with pytest.raises(QuerySyntaxError, match=r"2:11"):
        ask(shared_pool, "SELECT *\n{ ?s ?p ) }")
    assert value(ask(shared_pool, LABEL)) == "ding 7"


def test_workers_do_not_share_random_numbers(pool: WorkerPool) -> None:
    holder = pool._releases._holder
    assert holder is not None
    workers = [holder.take(), holder.take()]
    found = set()
    for worker in workers:
        request = QueryRequest("SELECT (UUID() AS ?id) {}", JSON, None)
        found.add(value(content(worker.ask(request, 5, pool._settings, 1, Spool(pool._spools)))))
        holder.give_back(worker)
    assert len(found) == 2


def test_a_deadline_ends_one_query_and_no_other(pool: WorkerPool) -> None:
    before = descendants(holder_of(pool))
    with ThreadPoolExecutor() as threads:
        endless = threads.submit(ask, pool, ENDLESS, JSON, 0.5)
        answers = 0
        while not endless.done():
            assert value(ask(pool, LABEL)) == "ding 7"
            answers += 1
    assert answers > 1
    with pytest.raises(QueryTimeout, match=r"0\.5 seconds"):
        endless.result()
    assert value(ask(pool, LABEL)) == "ding 7"
    after = descendants(holder_of(pool))
    assert len(after) == len(before)
    assert len(after - before) == 1, "one is replaced"


def test_the_default_deadline_is_the_setting(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(replace(settings, deadline=0.1))
    with pytest.raises(QueryTimeout, match=r"0\.1 seconds"):
        ask(pool, ENDLESS)


def test_a_query_that_takes_all_memory_costs_only_its_worker(pool: WorkerPool) -> None:
    with pytest.raises(WorkerDied, match="96 MiB"):
        ask(pool, MEMORY_BOMB)
    assert value(ask(pool, LABEL)) == "ding 7"


def test_a_query_that_crashes_its_process_costs_only_its_worker(pool: WorkerPool) -> None:
    with pytest.raises(WorkerDied):
        ask(pool, f"ASK {{ FILTER ({'(' * 20_000}1{')' * 20_000}) }}")
    assert value(ask(pool, LABEL)) == "ding 7"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_service_opens_no_connection(pool: WorkerPool, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        port = canary.getsockname()[1]
        with pytest.raises(InputError, match="cannot be carried out"):
            ask(pool, f"SELECT * {{ SERVICE <http://{host}:{port}/> {{ ?s ?p ?o }} }}")
        canary.settimeout(0.1)
        with pytest.raises(TimeoutError):
            canary.accept()
    assert b"rdfs:label" in ask(pool, LABEL_GRAPH, "text/turtle")


@pytest.mark.skipif(not seccomp_available(), reason="pyseccomp is not installed")
def test_service_opens_no_connection_from_disk(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(replace(settings, memory_quads=1, worker_memory=256 * MEBIBYTE))
    with socket.create_server(("127.0.0.1", 0)) as canary:
        port = canary.getsockname()[1]
        with pytest.raises(InputError, match="cannot be carried out"):
            ask(pool, f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
        canary.settimeout(0.1)
        with pytest.raises(TimeoutError):
            canary.accept()
    assert value(ask(pool, LABEL)) == "ding 7"


def test_a_result_that_is_too_large_is_not_sent(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(replace(settings, result_bytes=100_000))
    with pytest.raises(ResultTooLarge, match="100000 bytes"):
        ask(pool, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    assert value(ask(pool, LABEL)) == "ding 7"


def test_a_result_that_does_not_fit_in_memory_is_whole(shared_pool: WorkerPool) -> None:
    data = ask(shared_pool, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "text/csv")
    assert len(data) > 2 * MEBIBYTE
    assert data.count(b"\r\n") == 1 + SIZE**3


def test_who_finds_all_workers_busy_is_told_so(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(replace(settings, workers=1, queue_length=1, queue_seconds=0.3))
    with ThreadPoolExecutor() as threads:
        busy = threads.submit(ask, pool, ENDLESS, JSON, 0.8)
        assert eventually(lambda: len(pool._turns._running) == 1)
        waits_in_vain = threads.submit(ask, pool, LABEL)
        assert eventually(lambda: len(pool._turns._waiting) == 1)
        with pytest.raises(NoWorkerFree, match="1 queries wait"):
            ask(pool, LABEL)
        with pytest.raises(NoWorkerFree, match=r"for 0\.3 seconds"):
            waits_in_vain.result()
        with pytest.raises(QueryTimeout):
            busy.result()
    assert value(ask(pool, LABEL)) == "ding 7"


def test_who_waits_gets_a_turn(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(replace(settings, workers=1))
    with ThreadPoolExecutor(8) as threads:
        endless = threads.submit(ask, pool, ENDLESS, JSON, 0.3)
        assert eventually(lambda: len(pool._turns._running) == 1)
        waiting = [threads.submit(ask, pool, LABEL) for _ in range(6)]
        assert [value(each.result()) for each in waiting] == ["ding 7"] * 6
        assert isinstance(endless.exception(), QueryTimeout)


def test_a_new_release_is_taken_up_without_a_failed_query(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(replace(settings, cache_bytes=0))
    old = holder_of(pool)
    stop = threading.Event()

    def client() -> list[int]:
        seen = []
        while not stop.is_set():
            answer = pool.query(QueryRequest(RELEASE, JSON, None))
            number = int(value(content(answer)))
            assert number == answer.release
            seen.append(number)
        return seen

    with ThreadPoolExecutor() as threads:
        long = threads.submit(ask, pool, ENDLESS)
        assert eventually(lambda: len(pool._turns._running) == 1)
        try:
            clients = [threads.submit(client) for _ in range(3)]
            publish(settings.home, 2)
            assert eventually(lambda: pool.release().number == 2)
            assert running({old}), "the query that runs keeps the old release"
            time.sleep(0.1)
            stop.set()
            for each in clients:
                seen = each.result()
                assert seen == sorted(seen)
                assert seen[-1] == 2
        finally:
            stop.set()
            for worker in descendants(old):
                os.kill(worker, signal.SIGKILL)
        assert isinstance(long.exception(), WorkerDied)
    assert eventually(lambda: old not in descendants(os.getpid()))


def test_going_back_to_an_earlier_release_is_taken_up(pool: WorkerPool) -> None:
    publish(pool._settings.home, 2)
    assert value(ask(pool, RELEASE)) == "2"
    releases.switch(pool._settings.home, 1)
    assert value(ask(pool, RELEASE)) == "1"


def test_a_kept_release_can_be_asked(pool: WorkerPool) -> None:
    publish(pool._settings.home, 2)
    for number in (2, 1, 2):
        answer = pool.query(QueryRequest(RELEASE, JSON, None, release=number))
        assert answer.release == number
        assert value(content(answer)) == str(number)
    assert value(ask(pool, RELEASE)) == "2"
    assert [pool.release(number).number for number in (1, 2)] == [1, 2]


def test_a_release_that_is_not_kept_is_not_found(pool: WorkerPool) -> None:
    publish(pool._settings.home, 2)
    for number in (3, 0, -1, 10**300):
        with pytest.raises(NotFound, match=r"Kept releases: 1, 2\."):
            pool.query(QueryRequest(RELEASE, JSON, None, release=number))
    assert content(pool.query(QueryRequest(RELEASE, JSON, None, release=1)))
    releases.prune(pool._settings.home, 1)
    with pytest.raises(NotFound, match=r"Kept releases: 2\."):
        pool.query(QueryRequest(RELEASE, JSON, None, release=1))


def test_the_older_release_that_was_asked_last_stays_open(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    for number in (2, 3, 4):
        publish(settings.home, number)
    others = descendants(os.getpid())
    pool = open_pool(replace(settings, workers=1, older_releases=2, cache_bytes=0))
    current = holder_of(pool)
    for number in (1, 2, 1, 3, 1):
        answer = pool.query(QueryRequest(RELEASE, JSON, None, release=number))
        assert value(content(answer)) == str(number)
    assert [number for number, *_ in pool._releases._older] == [3, 1]
    assert eventually(lambda: len(descendants(os.getpid()) - others) == 3 * 2 + 1)
    assert holder_of(pool) == current


def test_who_finds_all_older_releases_busy_waits_and_is_told_so(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    for number in (2, 3):
        publish(settings.home, number)
    pool = open_pool(replace(settings, older_releases=1, queue_seconds=0.3))
    with ThreadPoolExecutor() as threads:
        first = threads.submit(pool.query, QueryRequest(ENDLESS, JSON, None, release=1), 3, "a")
        assert eventually(lambda: len(pool._turns._running) == 1)
        assert value(ask(pool, RELEASE)) == "3"
        with pytest.raises(NoWorkerFree, match="older releases"):
            pool.query(QueryRequest(RELEASE, JSON, None, release=2))
        assert isinstance(first.exception(), QueryTimeout)
    answer = pool.query(QueryRequest(RELEASE, JSON, None, release=2))
    assert value(content(answer)) == "2"


def test_an_older_release_whose_process_has_died_is_opened_again(pool: WorkerPool) -> None:
    publish(pool._settings.home, 2)
    request = QueryRequest(RELEASE, JSON, None, release=1)
    assert value(content(pool.query(request))) == "1"
    (older,) = pool._releases._older.values()
    process = older.opened.result()._process.pid
    os.kill(process, signal.SIGKILL)
    assert eventually(lambda: not running({process}))
    assert value(content(pool.query(request))) == "1"


def test_an_older_release_that_cannot_be_opened_costs_nobody_else(pool: WorkerPool) -> None:
    publish(pool._settings.home, 2)
    damaged = pool._settings.home / "releases/1/data.nq"
    whole = damaged.read_bytes()
    damaged.write_bytes(b"no quads")
    request = QueryRequest(RELEASE, JSON, None, release=1)
    with pytest.raises(RaadgraafError, match=r"Release 1 in .* cannot be read"):
        pool.query(request)
    assert value(ask(pool, RELEASE)) == "2"
    damaged.write_bytes(whole)
    assert value(content(pool.query(request))) == "1"


def test_a_release_put_in_the_place_of_another_is_the_one_that_answers(pool: WorkerPool) -> None:
    home = pool._settings.home
    publish(home, 2)
    request = QueryRequest(RELEASE, JSON, None, release=1)
    assert value(content(pool.query(request))) == "1"
    for number in (1, 2):
        (home / f"releases/{number}").rename(home / f"erased-{number}")
    publish(home, 3)
    (home / "releases/3").rename(home / "releases/1")
    publish(home, 4)
    (home / "releases/4").rename(home / "releases/2")
    releases.switch(home, 2)
    assert value(content(pool.query(request))) == "3"
    assert value(ask(pool, RELEASE)) == "4"


def test_queries_do_not_make_pages_wait(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(replace(settings, workers=1))
    with ThreadPoolExecutor() as threads:
        endless = threads.submit(ask, pool, ENDLESS, JSON, 1)
        assert eventually(lambda: len(pool._turns._running) == 1)
        assert value(content(pool.query(QueryRequest(LABEL, JSON, None)))) == "ding 7"
        assert not endless.done()


def test_the_same_query_is_answered_once(pool: WorkerPool) -> None:
    first, second = ask(pool, LABEL), ask(pool, LABEL)
    assert first == second
    signal_workers(pool, signal.SIGSTOP)
    assert ask(pool, LABEL, deadline=0.1) == first, "no worker is asked"
    for other in (
        QueryRequest(f"{LABEL} ", JSON, None),
        QueryRequest(LABEL, "text/csv", None),
        QueryRequest(LABEL, JSON, None, default_graphs=(GRAPH,)),
        QueryRequest(LABEL, JSON, None, named_graphs=(GRAPH,)),
    ):
        signal_workers(pool, signal.SIGSTOP)
        with pytest.raises(QueryTimeout):
            pool.query(other, 0.1)


def test_an_answer_is_kept_for_its_release_only(pool: WorkerPool) -> None:
    assert value(ask(pool, RELEASE)) == "1"
    publish(pool._settings.home, 2)
    assert value(ask(pool, RELEASE)) == "2"
    for number in (1, 2, 1):
        answer = pool.query(QueryRequest(RELEASE, JSON, None, release=number))
        assert answer.release == number
        assert value(content(answer)) == str(number)


def test_a_kept_answer_of_an_older_release_opens_nothing(pool: WorkerPool) -> None:
    assert value(ask(pool, RELEASE)) == "1"
    publish(pool._settings.home, 2)
    assert value(ask(pool, RELEASE)) == "2"
    answer = pool.query(QueryRequest(RELEASE, JSON, None, release=1))
    assert value(content(answer)) == "1"
    assert not pool._releases._older


def test_what_differs_each_time_is_not_kept(pool: WorkerPool) -> None:
    for call in ("NOW()", "RAND()", "STRUUID()", "UUID()"):
        text = f"SELECT ({call} AS ?x) {{}}"
        assert value(ask(pool, text)) != value(ask(pool, text)), call


def test_errors_are_not_kept(pool: WorkerPool) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with pytest.raises(QueryTimeout):
        ask(pool, slow, deadline=0.001)
    assert value(ask(pool, slow)) == str(SIZE**3)


def test_who_asks_the_same_at_once_shares_one_run(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(replace(settings, workers=4))
    with ThreadPoolExecutor(8) as threads:
        signal_workers(pool, signal.SIGSTOP)
        first = threads.submit(ask, pool, LABEL)
        assert eventually(lambda: len(pool._turns._running) == 1)
        others = [threads.submit(ask, pool, LABEL) for _ in range(6)]
        hasty = threads.submit(ask, pool, LABEL, JSON, 0.1)
        assert isinstance(hasty.exception(), QueryTimeout)
        assert len(pool._turns._running) == 1
        signal_workers(pool, signal.SIGCONT)
        assert {first.result(), *(each.result() for each in others)} == {ask(pool, LABEL)}


def test_the_time_out_of_one_does_not_hurt_another_that_asks_the_same(pool: WorkerPool) -> None:
    with ThreadPoolExecutor() as threads:
        signal_workers(pool, signal.SIGSTOP)
        hasty = threads.submit(ask, pool, LABEL, JSON, 0.3)
        assert eventually(lambda: len(pool._turns._running) == 1)
        patient = threads.submit(ask, pool, LABEL, JSON, 20)
        assert isinstance(hasty.exception(), QueryTimeout)
        signal_workers(pool, signal.SIGCONT)
        assert value(patient.result()) == "ding 7"


def test_answers_that_are_not_sent_take_no_more_than_their_room(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(replace(settings, spool_bytes=8 * MEBIBYTE))
    large = QueryRequest("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "text/csv", None)
    waiting = [pool.query(replace(large, text=f"{large.text} LIMIT 10000"))]
    waiting.append(pool.query(replace(large, text=f"{large.text} LIMIT 10001")))
    size = sum(each.length for each in waiting)
    assert size > 2 * MEBIBYTE
    with pytest.raises(SpoolsFull, match="8 MiB"):
        pool.query(large)
    assert pool._spools._taken == size
    waiting.pop().body.close()
    with waiting.pop().body:
        pass
    assert pool._spools._taken == 0
    assert content(pool.query(replace(large, text=f"{large.text} LIMIT 10002")))


def test_a_release_that_cannot_be_opened_leaves_the_one_before_it(
    pool: WorkerPool, caplog: pytest.LogCaptureFixture
) -> None:
    home = pool._settings.home
    (home / "releases/2").mkdir()
    releases.switch(home, 2)
    assert value(ask(pool, RELEASE)) == "1"
    assert "Release 1 goes on answering. Release 2 in " in caplog.text
    assert value(ask(pool, RELEASE)) == "1"


def test_an_unreadable_release_is_an_error(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    (settings.home / "releases/1/data.nq").write_bytes(b"no quads")
    before = descendants(os.getpid())
    with pytest.raises(RaadgraafError, match=r"Release 1 in .* cannot be read"):
        open_pool(settings)
    assert descendants(os.getpid()) == before


def test_an_empty_home_answers_once_something_is_published(
    tmp_path: Path, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(Settings(home=tmp_path, workers=1))
    with pytest.raises(NoRelease):
        ask(pool, LABEL)
    publish(tmp_path, 1)
    assert value(ask(pool, LABEL)) == "ding 7"


def test_a_release_that_is_too_large_for_memory_answers_from_disk(
    settings: Settings, open_pool: Callable[[Settings], WorkerPool]
) -> None:
    pool = open_pool(replace(settings, memory_quads=1, worker_memory=256 * MEBIBYTE))
    assert value(ask(pool, LABEL)) == "ding 7"
    with pytest.raises(QueryTimeout):
        ask(pool, ENDLESS, deadline=0.2)
    assert value(ask(pool, LABEL)) == "ding 7"


def test_dead_workers_and_a_dead_holder_are_replaced(pool: WorkerPool) -> None:
    holder = holder_of(pool)
    workers = descendants(holder)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: not running(workers))
    assert value(ask(pool, LABEL)) == "ding 7"
    family = {holder, *descendants(holder)}
    os.kill(holder, signal.SIGKILL)
    assert eventually(lambda: not running(family))
    assert value(ask(pool, LABEL)) == "ding 7"
    assert holder_of(pool) not in family


def test_a_worker_that_has_grown_ends_after_its_answer() -> None:
    front, worker = socket.socketpair()
    with front, worker:
        send(front, Frame.REQUEST, QueryRequest("ASK {}", JSON, None).to_json())
        work(worker, EmbeddedStore.in_memory(), memory=-1)
        frames = [receive(front) for _ in range(3)]
    assert frames[:2] == [
        (Frame.HEAD, JSON.encode()),
        (Frame.DATA, b'{"head":{},"boolean":true}'),
    ]
    assert frames[2] == (Frame.LAST, b"")


def test_closing_leaves_no_process_and_no_descriptor(settings: Settings) -> None:
    before, opened = descendants(os.getpid()), descriptors()
    pool = WorkerPool(settings)
    with ThreadPoolExecutor() as threads:
        endless = threads.submit(ask, pool, ENDLESS)
        assert eventually(lambda: len(pool._turns._running) == 1)
        publish(settings.home, 2)
        assert value(ask(pool, RELEASE)) == "2"
        assert len(descendants(os.getpid()) - before) == 2 * (1 + settings.workers + 1)
        pool.close()
        assert isinstance(endless.exception(), WorkerDied)
    assert descendants(os.getpid()) == before
    assert descriptors() == opened
    with pytest.raises(NoWorkerFree, match="stopping"):
        ask(pool, LABEL)


FRONT = """
import signal, sys, threading
from pathlib import Path
from raadgraaf.config import Settings
from raadgraaf.workers import QueryRequest, WorkerPool

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by what a shell runs behind
pool = WorkerPool(Settings(home=Path(sys.argv[1]), workers=2))
request = QueryRequest(sys.argv[2], "text/csv", None)
threading.Thread(target=pool.query, args=[request], daemon=True).start()
try:
    print("ready", flush=True)
    threading.Event().wait()
except KeyboardInterrupt:
    pool.close()
"""


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_the_front(settings: Settings, sent: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FRONT, str(settings.home), ENDLESS],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    ) as front:
        try:
            assert front.stdout
            assert front.stderr
            assert front.stdout.readline() == b"ready\n"
            assert eventually(lambda: len(descendants(front.pid)) == 4)
            family = descendants(front.pid)
            os.killpg(front.pid, sent)
            assert eventually(lambda: not running({front.pid, *family}))
            assert b"worker_process" not in front.stderr.read()
        finally:
            front.kill()
