"""
Who waits at a gate: requests (or their answers) that a test lets go when it likes.

Nobody holds a thread while they wait, and none the event loop: what comes after is
a function that is called when the gate lets them through. Only a WSGI application,
which has nothing but its thread, waits with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from threading import Condition, Event, Lock
from typing import Any

from mockserver.exchange import Request, Response
from mockserver.server.problems import problem

PATIENCE = 5.0
"""Seconds in which one who was let go should have gone on, before the next one is let go."""


class Waiting:
    """
    One request that waits.

    Args:
        ident: The `Mock-Id` that its answer has, or will have.
        request: What was asked.
        go: Makes the answer, or hands it over where it was made before.
        among: All who wait; who goes, or gives up, is taken from these.
    """

    def __init__(self, ident: str, request: Request, go: Callable[[], Response], among: set[object]) -> None:
        self.id = ident
        self.request = request
        self.since = time.time()
        self.left: Callable[[Waiting], object] = lambda _: None
        """Called when the client has gone away."""
        self._go = go
        self._after: list[Callable[[Response], Response]] = []
        self._lock = Lock()
        self._call: Callable[[], None] | None = None
        self._free = Event()
        self._gone_on = Event()
        self._refusal: Response | None = None
        self._among = among
        among.add(self)

    @property
    def method(self) -> str:
        """Of the request."""
        return self.request.method

    @property
    def url(self) -> str:
        """Path and query of the request."""
        return self.request.target

    def after(self, change: Callable[[Response], Response]) -> None:
        """Have the answer changed by *change* before it is sent."""
        self._after.append(change)

    def then(self, call: Callable[[], None]) -> None:
        """Have *call* made when this one is let go, from any thread; at once where that has been."""
        with self._lock:
            self._call = call
        if self._free.is_set():
            call()

    def wait(self) -> Response:
        """Wait here until this one is let go, and return the answer."""
        self._free.wait()
        return self.go()

    def go(self) -> Response:
        """Return the answer, now that this one was let go."""
        try:
            response = self._refusal or self._go()
            for change in self._after:
                response = change(response)
            return response
        finally:
            self._gone_on.set()

    def leave(self) -> None:
        """The client has gone away: nothing is done for it any more."""
        self._gone_on.set()
        self._among.discard(self)
        self.left(self)

    def free(self, refusal: Response | None = None) -> None:
        """Let this one go, or turn it away with *refusal*."""
        with self._lock:
            self._refusal = refusal
            self._among.discard(self)
            self._free.set()
            call = self._call
        if call is not None:
            call()

    def gone_on(self) -> bool:
        """Wait until this one has gone on, as far as that takes no longer than `PATIENCE`."""
        return self._gone_on.wait(PATIENCE)


class WaitingRoom:
    """All who wait in one session, by gate, in the order in which they came."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._at: dict[str, list[Waiting]] = {}

    def enter(self, gate: str, waiting: Waiting) -> None:
        """Wait at *gate*."""
        with self._changed:
            self._at.setdefault(gate, []).append(waiting)
            self._changed.notify_all()
        waiting.left = lambda one: self._left(gate, one)

    def at(self, gate: str) -> list[Any]:
        """Return who waits at *gate*."""
        with self._changed:
            return list(self._at.get(gate, ()))

    def until(self, gate: str, count: int, seconds: float) -> bool:
        """Wait until *count* wait at *gate*; False where they did not come in so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._at.get(gate, ())) >= count, seconds)

    def let_go(self, gate: str, which: Iterable[Any]) -> None:
        """Let *which* go, in that order, each when the one before has gone on."""
        for one in self._remove(gate, which):
            one.free()
            one.gone_on()

    def here(self) -> Iterator[tuple[str, Waiting]]:
        """Yield gate and request of all who wait in this process."""
        with self._changed:
            return iter([(gate, one) for gate, them in self._at.items() for one in them])

    def turn_one_away(self, gate: str, one: Waiting) -> None:
        """Turn one away whom somebody else's reset has turned away."""
        for gone in self._remove(gate, [one]):
            gone.free(problem(503, "The session was reset while this request waited at a gate."))

    def _left(self, gate: str, one: Waiting) -> None:
        self._remove(gate, [one])

    def turn_away(self, detail: str) -> None:
        """Turn all away: nothing of what they wanted happens."""
        with self._changed:
            everybody = [one for them in self._at.values() for one in them]
            self._at.clear()
            self._changed.notify_all()
        for one in everybody:
            one.free(problem(503, detail))

    def _remove(self, gate: str, which: Iterable[Any]) -> list[Waiting]:
        """Take *which* from the list, and return those who were on it."""
        with self._changed:
            there = self._at.get(gate, [])
            found = [one for one in which if one in there]
            self._at[gate] = [one for one in there if one not in found]
            self._changed.notify_all()
        return found
