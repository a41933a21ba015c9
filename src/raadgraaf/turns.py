"""Turns at the workers: every client gets its share, and no quick query waits for slow ones.

One worker is left to queries that have just begun. A query that goes on in it is ended when
another waits, and begins anew once there is room among the slow ones; so a client may have all
the workers that nobody else needs, and loses them to those who have none.
"""

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from raadgraaf.config import Settings
from raadgraaf.errors import NoWorkerFree, QueryTimeUsed, RaadgraafError

YOUNG_SECONDS = 0.1
"""How long a query runs before it may be ended for another that waits."""
LOOK_SECONDS = 1.0
"""How often at least one that waits looks whether somebody has to make room."""
MINUTE = 60.0
"""The seconds over which the query time of a client is counted."""

Interrupt = Callable[[], None]


class Turns:
    """Lets so many queries run at a time, and chooses who is next."""

    def __init__(
        self,
        settings: Settings,
        workers: int,
        *,
        most_slow: int,
        client_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._workers = workers
        self._most_slow = most_slow
        self._client_seconds = client_seconds
        self._lock = threading.Lock()
        self._running: list[Turn] = []
        self._waiting: list[Turn] = []
        self._clients: dict[str, _Client] = {}
        self._swept = self._clock()

    @contextlib.contextmanager
    def turn(self, client: str, *, again: bool = False) -> Iterator["Turn"]:
        """Wait for a turn, and pass it on at the end.

        `again` says that the query has been overtaken before.
        """
        with self._lock:
            turn = Turn(self, self._client(client), self._clock(), again=again)
            self._check_time(turn)
            self._queue_up(turn)
            self._begin_next()
            if turn in self._waiting:
                self._make_room(turn)
        try:
            self._wait(turn)
            yield turn
        finally:
            turn.end()

    def charge(self, client: str, seconds: float) -> None:
        """Count query time that a client took outside of its turns."""
        with self._lock:
            self._client(client).add(seconds, self._clock())

    def _client(self, name: str) -> "_Client":
        now = self._clock()
        if now > self._swept + MINUTE:
            busy = {turn.client for turn in (*self._running, *self._waiting)}
            self._clients = {
                key: each for key, each in self._clients.items() if each in busy or each.cost(now)
            }
            self._swept = now
        return self._clients.setdefault(name, _Client())

    def _check_time(self, turn: "Turn") -> None:
        seconds = turn.client.seconds_until(self._client_seconds, self._clock())
        if seconds:
            raise QueryTimeUsed(
                f"Your queries took more than {self._client_seconds:g} seconds in the last minute. "
                f"Ask again in {seconds} seconds.",
                seconds,
            )

    def _queue_up(self, turn: "Turn") -> None:
        """Let a turn wait; where too many do, somebody of the client with the most must go."""
        limit = self._settings.queue_length
        room = self._workers - len(self._running) + limit
        self._waiting.append(turn)
        turn.client.waiting += 1
        if len(self._waiting) > room:
            last = max(reversed(self._waiting), key=lambda each: each.client.waiting)
            self._leave(last)
            last.refusal = NoWorkerFree(
                f"All workers are busy and {limit} queries wait. Ask again in a minute."
            )
            last.decided.set()

    def _leave(self, turn: "Turn") -> None:
        self._waiting.remove(turn)
        turn.client.waiting -= 1

    def _wait(self, turn: "Turn") -> None:
        seconds = self._settings.queue_seconds
        while not turn.decided.wait(self._until_next_look(turn)):
            with self._lock:
                # Whoever has just been served can wait longer for the next.
                if self._clock() - turn.patient_since() >= seconds:
                    if turn in self._waiting:
                        self._leave(turn)
                        turn.refusal = NoWorkerFree(
                            f"All workers were busy for {seconds:g} seconds. Ask again in a minute."
                        )
                        turn.decided.set()
                else:
                    self._make_room(turn)
        if turn.refusal:
            raise turn.refusal

    def _until_next_look(self, turn: "Turn") -> float:
        """Return the seconds after which somebody may have to make room, or nobody has."""
        with self._lock:
            now = self._clock()
            ends = [now + LOOK_SECONDS, turn.patient_since() + self._settings.queue_seconds]
            ends += [each.began + YOUNG_SECONDS for each in self._running if not each.is_slow(now)]
        return max(min(ends) - now, 0.001)

    def _begin_next(self) -> None:
        """Let those who are next begin, as far as there is room."""
        while len(self._running) < self._workers:
            now = self._clock()
            room = sum(each.is_slow(now) for each in self._running) < self._most_slow
            able = [each for each in self._waiting if room or not each.again]
            if not able:
                return
            first = min(able, key=lambda each: each.rank(now, self._settings.queue_seconds / 2))
            self._leave(first)
            try:
                self._check_time(first)
            except QueryTimeUsed as error:
                first.refusal = error
            else:
                first.began = first.client.served = now
                first.client.running += 1
                self._running.append(first)
            first.decided.set()

    def _make_room(self, turn: "Turn") -> None:
        """End a slow query for one that waits, where that is fair."""
        now = self._clock()
        slow = [each for each in self._running if each.is_slow(now)]
        if any(each.overtaken for each in self._running):
            return  # whoever has to go is about to
        if len(slow) < self._most_slow + (not turn.again):
            return  # there is room, or will be once a young one is done or slow
        able = [each for each in slow if each.interrupt]
        if turn.again:
            able = [each for each in able if each.client.running >= turn.client.running + 2]
        victim = max(able, key=Turn.dispensability, default=None)
        if victim and victim.interrupt:
            victim.overtaken = True
            victim.interrupt()

    def end(self, turn: "Turn") -> None:
        """Take a turn back, if it has not been yet."""
        with self._lock:
            if turn in self._waiting:
                self._leave(turn)
            if turn in self._running:
                self._running.remove(turn)
                turn.client.running -= 1
                now = self._clock()
                turn.client.quick = not turn.is_slow(now)
                turn.client.add(now - turn.began, now)
                self._begin_next()

    @contextlib.contextmanager
    def interruptible(self, turn: "Turn", interrupt: Interrupt) -> Iterator[None]:
        """Say how a turn may be ended for another, for as long as it may."""
        with self._lock:
            turn.interrupt = interrupt
        try:
            yield
        finally:
            with self._lock:
                turn.interrupt = None


class Turn:
    """One query that waits or runs."""

    def __init__(self, turns: Turns, client: "_Client", now: float, *, again: bool) -> None:
        self._turns = turns
        self.client = client
        self.again = again
        self.arrived = now
        self.began = math.inf
        self.decided = threading.Event()
        """Set once it has begun or was refused."""
        self.refusal: RaadgraafError | None = None
        self.interrupt: Interrupt | None = None
        self.overtaken = False
        """Whether the query was ended for another that waited."""

    def is_slow(self, now: float) -> bool:
        """Whether it is no quick query."""
        return self.again or now - self.began >= YOUNG_SECONDS

    def patient_since(self) -> float:
        """Return since when it waits while its client gets nothing."""
        return max(self.arrived, self.client.served)

    def rank(self, now: float, long: float) -> tuple[int, bool, float, float]:
        """Return what puts it before others: a client that has less, then who came first.

        Clients that nobody knows come after those whose queries are quick, until they have waited
        long: so many slow ones that come together do not keep the others out.
        """
        is_behind = not self.client.quick and now - self.patient_since() < long
        return self.client.running, is_behind, self.client.cost(now), self.arrived

    def dispensability(self) -> tuple[int, bool, float]:
        """Return what has it end for another: its client has more, is slow, has just begun."""
        return self.client.running, not self.client.quick, self.began

    def interruptible(self, interrupt: Interrupt) -> contextlib.AbstractContextManager[None]:
        """Say how the query may be ended for another, for as long as it may."""
        return self._turns.interruptible(self, interrupt)

    def end(self) -> None:
        """Let the next begin; without effect if it has ended before."""
        self._turns.end(self)


class _Client:
    """What one client runs, waits for, and has taken in the last minute."""

    def __init__(self) -> None:
        self.running = self.waiting = 0
        self.served = -math.inf
        """When it last got a turn."""
        self.quick = False
        """Whether its last query was quick; not known of one that has just come."""
        self._taken: deque[tuple[int, float]] = deque()  # in which second, how many seconds

    def add(self, seconds: float, now: float) -> None:
        """Count query time."""
        if self._taken and self._taken[-1][0] == int(now):
            seconds += self._taken.pop()[1]
        self._taken.append((int(now), seconds))

    def cost(self, now: float) -> float:
        """Return the query time of the last minute."""
        while self._taken and self._taken[0][0] <= now - MINUTE:
            self._taken.popleft()
        return sum(seconds for _, seconds in self._taken)

    def seconds_until(self, limit: float, now: float) -> int:
        """Return the whole seconds after which its query time is below a limit; 0: it is now."""
        rest, after = self.cost(now), 0
        for second, seconds in self._taken:
            if rest < limit:
                break
            rest -= seconds
            after = math.ceil(second + MINUTE - now)
        return after
