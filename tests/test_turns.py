"""Who is next at the workers: everybody gets a share, and nobody waits for the slow ones."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from raadgraaf.config import Settings
from raadgraaf.errors import NoWorkerFree, QueryTimeUsed
from raadgraaf.turns import MINUTE, YOUNG_SECONDS, Turn, Turns

LONG = 5.0


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Query:
    """What one client asks, in a thread of its own, until it is told to end."""

    def __init__(self, turns: Turns, client: str, threads: ThreadPoolExecutor, *, again: bool):
        self.running = threading.Event()
        self.over = threading.Event()
        self.overtaken = False
        self.done: Future[None] = threads.submit(self._run, turns, client, again)

    def _run(self, turns: Turns, client: str, again: bool) -> None:
        with turns.turn(client, again=again) as turn, turn.interruptible(self.over.set):
            self.running.set()
            assert self.over.wait(LONG)
            self.overtaken = turn.overtaken

    def has_begun(self) -> bool:
        return self.running.wait(LONG)

    def end(self) -> None:
        self.over.set()
        self.done.result()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def turns(clock: Clock) -> Turns:
    return Turns(
        Settings(queue_length=4, queue_seconds=10),
        workers=3,
        most_slow=2,
        client_seconds=60,
        clock=clock,
    )


@pytest.fixture
def ask(turns: Turns) -> Iterator[Callable[..., Query]]:
    """Return what has a client ask; on return the query runs or waits."""
    asked: list[Query] = []
    with ThreadPoolExecutor(32) as threads:

        def start(client: str, *, again: bool = False) -> Query:
            before = turns._client(client).waiting
            asked.append(Query(turns, client, threads, again=again))
            until = threading.Event()
            while not (
                asked[-1].running.is_set()
                or asked[-1].done.done()
                or turns._client(client).waiting > before
            ):
                until.wait(0.001)
            return asked[-1]

        yield start
        for each in asked:
            each.over.set()


def waits(turns: Turns, *clients: str) -> bool:
    names = {id(client): name for name, client in turns._clients.items()}
    return sorted(names[id(each.client)] for each in turns._waiting) == sorted(clients)


def test_a_client_alone_may_have_all_workers(turns: Turns, ask: Callable[..., Query]) -> None:
    assert all(ask("a").has_begun() for _ in range(3))
    ask("a")
    assert waits(turns, "a")


def test_a_quick_query_does_not_wait_for_slow_ones(clock: Clock, ask: Callable[..., Query]) -> None:
    slow = []
    for _ in range(3):
        slow.append(ask("a"))
        clock.now += 1
    assert ask("b").has_begun()
    slow[-1].done.result()
    assert slow[-1].overtaken
    assert not any(each.over.is_set() for each in slow[:-1])


def test_a_query_is_left_alone_for_as_long_as_it_may_be_quick(
    clock: Clock, ask: Callable[..., Query]
) -> None:
    slow = [ask("a"), ask("a")]
    clock.now += LONG
    young = ask("a")
    waiting = ask("b")
    assert not waiting.running.wait(3 * YOUNG_SECONDS)
    assert not young.over.is_set()
    clock.now += YOUNG_SECONDS
    assert waiting.has_begun()
    assert young.over.is_set()
    assert not any(each.over.is_set() for each in slow)


def test_what_was_overtaken_begins_anew_once_there_is_room_among_the_slow(
    turns: Turns, clock: Clock, ask: Callable[..., Query]
) -> None:
    slow = [ask("a"), ask("b")]
    clock.now += LONG
    again = ask("c", again=True)
    assert waits(turns, "c"), "one worker is left to quick queries"
    quick = ask("d")
    assert quick.has_begun()
    quick.end()
    assert waits(turns, "c")
    slow[0].end()
    assert again.has_begun()


def test_a_client_with_several_slow_queries_loses_one_to_a_client_without(
    turns: Turns, clock: Clock, ask: Callable[..., Query]
) -> None:
    first = ask("a")
    clock.now += 1
    second = ask("a")
    clock.now += 1
    other = ask("b", again=True)
    assert other.has_begun()
    assert second.over.is_set()
    assert not first.over.is_set()
    ask("a", again=True)
    ask("c", again=True)
    assert waits(turns, "a", "c"), "each has one, and nobody loses the only one"


def test_who_has_less_comes_before_who_came_first(
    turns: Turns, clock: Clock, ask: Callable[..., Query]
) -> None:
    running = [ask("a"), ask("a"), ask("b")]
    clock.now += YOUNG_SECONDS / 4
    greedy, cheap, costly = ask("a"), ask("c"), ask("d")
    turns.charge("d", 5)
    assert waits(turns, "a", "c", "d")
    running[1].end()
    assert cheap.has_begun()
    cheap.end()
    assert costly.has_begun()
    costly.end()
    assert greedy.has_begun()


def test_who_was_quick_comes_before_those_whom_nobody_knows(
    turns: Turns, clock: Clock, ask: Callable[..., Query]
) -> None:
    ask("known").end()
    turns.charge("known", 1)
    running = [ask("a"), ask("b"), ask("c")]
    unknown, known = ask("d"), ask("known")
    assert waits(turns, "d", "known")
    running[0].end()
    assert known.has_begun()
    again = ask("known")
    clock.now += 5  # half of what it may wait
    known.end()
    assert unknown.has_begun(), "it has waited long, and has taken less"
    unknown.end()
    assert again.has_begun()


def test_who_was_quick_loses_a_query_after_the_others(
    clock: Clock, ask: Callable[..., Query]
) -> None:
    ask("known").end()
    slow = [ask("a"), ask("b")]
    clock.now += YOUNG_SECONDS / 2
    known = ask("known")
    clock.now += YOUNG_SECONDS
    assert ask("c").has_begun()
    assert any(each.over.is_set() for each in slow)
    assert not known.over.is_set()


def test_a_full_queue_costs_the_client_that_fills_it(
    turns: Turns, ask: Callable[..., Query]
) -> None:
    for _ in range(3):
        ask("a")
    waiting = [ask("a") for _ in range(4)]
    other = ask("b")
    with pytest.raises(NoWorkerFree, match="4 queries wait"):
        waiting[-1].done.result()
    assert waits(turns, "a", "a", "a", "b")
    with pytest.raises(NoWorkerFree, match="4 queries wait"):
        ask("a").done.result()
    assert waits(turns, "a", "a", "a", "b")
    assert not other.done.done()


def test_who_gets_nothing_for_too_long_is_told_so(clock: Clock, ask: Callable[..., Query]) -> None:
    for client in ("a", "b"):
        assert ask(client).has_begun()
    clock.now += 1
    starved, patient = ask("c", again=True), ask("d", again=True)
    clock.now += 9
    served = ask("d")
    assert served.has_begun()
    clock.now += 1
    with pytest.raises(NoWorkerFree, match="for 10 seconds"):
        starved.done.result()
    assert not patient.done.done(), "its client has just been served"
    clock.now += 9
    with pytest.raises(NoWorkerFree, match="for 10 seconds"):
        patient.done.result()


def test_a_client_that_used_its_time_must_wait_and_no_other(
    turns: Turns, clock: Clock, ask: Callable[..., Query]
) -> None:
    turns.charge("a", 20)
    clock.now += 30
    long = ask("a")
    clock.now += 20
    long.end()
    turns.charge("a", 20)
    with pytest.raises(QueryTimeUsed, match="60 seconds in the last minute") as refused:
        ask("a").done.result()
    assert refused.value.retry_after == 10
    assert ask("b").has_begun()
    clock.now += refused.value.retry_after
    assert ask("a").has_begun()


def test_time_used_while_one_waits_counts(turns: Turns, ask: Callable[..., Query]) -> None:
    running = [ask("b") for _ in range(3)]
    waiting = ask("a")
    turns.charge("a", 60)
    running[0].end()
    with pytest.raises(QueryTimeUsed):
        waiting.done.result()
    assert ask("c").has_begun()


def test_clients_are_forgotten(turns: Turns, clock: Clock, ask: Callable[..., Query]) -> None:
    for number in range(1000):
        turns.charge(f"client {number}", 0.01)
    running = ask("a")
    clock.now += MINUTE + 2
    turns.charge("b", 1)
    assert set(turns._clients) == {"a", "b"}
    running.end()


def test_an_error_passes_the_turn_on(turns: Turns, ask: Callable[..., Query]) -> None:
    with ExitStack() as stack:
        kept: list[Turn] = [stack.enter_context(turns.turn("a")) for _ in range(3)]
        waiting = ask("b")
        with pytest.raises(ZeroDivisionError), stack:
            1 / 0  # noqa: B018 # an error in the midst of three turns
        assert waiting.has_begun()
    assert all(turn.client.running == 0 for turn in kept)
