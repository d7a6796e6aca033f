"""
Requests that change something: each in its turn, those of one moment together.

Where what is remembered is shared, one process at a time may change it, and a
transaction of its own costs a request more than all the rest. So the event loop reads
and checks such a request, and puts it off before it would begin to change anything
(`Waits`). What was put off in one go is one transaction; until it is a process's turn
the loop goes on reading, checking and answering others. No answer leaves before the
commit; where that fails each of them is a 503, and nothing has happened. A request
that fails by itself takes nobody with it: only what it would have written is missing.

Who reads waits for nobody: what is under way is over before the loop comes to it.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from threading import RLock, get_ident
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mockserver.exchange import Response, Turn
from mockserver.server.keeper import Refuse, StateGone

if TYPE_CHECKING:
    from mockserver.server.keeper import Later

log = logging.getLogger(__name__)

SPAN = 0.005
"""Seconds after which a transaction takes no further request: other processes wait for its end."""
SHORT, LONG = 0.001, 0.004
"""Seconds after which it is asked again whether another process has ended its own: at first, at most."""
Send = Callable[[Response], None]


class State(Protocol):
    """What is needed of the state (shared/state.py)."""

    lock: RLock

    def begin_turns(self) -> bool:
        """Begin to change, unless another process is at it. Raises StateGone."""

    def take_turn(self, turn: Turn) -> None:
        """Let a request change something. Raises StateGone; whatever else is raised undoes that request."""

    def end_turns(self) -> None:
        """Keep what was changed. Raises StateGone."""


class _Waiting(NamedTuple):
    turn: Turn
    send: Send
    since: float


class Group:
    """
    The requests of one event loop that wait for their turn.

    Args:
        state: That they change.
        later: Has something called in the event loop in so many seconds; 0: behind what is under way.
        refuse: Makes the answer to a request of which nothing was kept.
        patience: Seconds for which a request waits for its turn.
    """

    def __init__(self, state: State, later: Later, refuse: Refuse, patience: float) -> None:
        self.patience = patience
        self._state = state
        self._later = later
        self._refuse = refuse
        self._thread = 0
        self._waiting: deque[_Waiting] = deque()
        self._called = False
        self._pause = SHORT
        self._fresh = False

    # What the event loop says

    def reading(self) -> Group:
        """Surround what can be put off: whatever would change something raises `Waits` within."""
        return self  # a generator would cost more than the look

    def __enter__(self) -> None:
        self._thread = get_ident()

    def __exit__(self, *_: object) -> None:
        self._thread = 0

    def add(self, turn: Turn, send: Send) -> None:
        """Let *turn* come; *send* is called with the answer when that may leave."""
        self._waiting.append(_Waiting(turn, send, time.monotonic()))
        if not self._called:
            self._call(0)

    def hurry(self, seconds: float) -> None:
        """Let nobody wait for longer than that: the process is about to end."""
        self.patience = min(self.patience, seconds)

    # What the state asks

    @property
    def puts_off(self) -> bool:
        """Whether what is under way in this thread can be put off."""
        return self._thread == get_ident()

    @property
    def fresh(self) -> bool:
        """
        Whether what others have done was taken over since the loop last looked for requests.

        That is good for all that it has found then: nothing that they may know of can have happened since.
        """
        if not self.puts_off:
            return False
        fresh, self._fresh = self._fresh, True
        if not fresh:
            self._later(0, self._stale)
        return fresh

    def _stale(self) -> None:
        self._fresh = False

    # Turns

    def _call(self, seconds: float) -> None:
        self._called = True
        self._later(seconds, self._work)

    def _work(self) -> None:
        """Let those who wait have their turn, as many as one transaction takes."""
        self._called = False
        done: list[tuple[_Waiting, Exception | None]] = []
        try:
            with self._state.lock:
                if not self._state.begin_turns():
                    self._give_up()
                    if self._waiting:
                        self._call(self._pause)
                        self._pause = min(self._pause * 2, LONG)
                    return
                self._pause = SHORT
                self._take_turns(done)
                self._state.end_turns()
        except StateGone as error:
            if not done:  # nobody's turn has come: it will not for any of them
                done = [(one, None) for one in self._waiting]
                self._waiting.clear()
            done = [(one, error) for one, _ in done]
        if self._waiting:
            self._call(0)
        for one, wrong in done:
            self._answer(one, wrong)

    def _take_turns(self, done: list[tuple[_Waiting, Exception | None]]) -> None:
        end = time.monotonic() + SPAN
        while self._waiting:
            one = self._waiting.popleft()
            try:
                self._state.take_turn(one.turn)
            except StateGone:
                done.append((one, None))
                raise
            except Exception as error:
                log.exception("%s %s failed.", one.turn.request.method, one.turn.request.path)
                done.append((one, error))
                return
            done.append((one, None))
            if time.monotonic() >= end:
                return

    def _give_up(self) -> None:
        """Refuse who has waited for too long."""
        late = time.monotonic() - self.patience
        while self._waiting and self._waiting[0].since < late:
            said = "Another process has kept the state locked for {:g} seconds; nothing was changed."
            said = said.format(self.patience)
            self._answer(self._waiting.popleft(), StateGone(said))

    def _answer(self, one: _Waiting, error: Exception | None) -> None:
        request = one.turn.request
        try:
            one.send(one.turn.known(None if error is None else self._refuse(request, error)))
        except Exception:
            log.exception("%s %s was answered, and could not be sent.", request.method, request.path)
