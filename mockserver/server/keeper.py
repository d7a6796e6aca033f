"""
Where sessions are kept: in this process only, or in a database that other processes share.

Everything that changes a session passes through its keeper: `writing` surrounds the
change, and what was changed is told (`wrote`, `moved`, `replaced`, ...). In memory
none of that does anything. server/shared/ is the keeper that has a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from mockserver.errors import MockserverError
from mockserver.exchange import Request, Response, Turn
from mockserver.server.hoard import Hoard
from mockserver.server.journal import Journal
from mockserver.server.problems import problem
from mockserver.server.waiting import WaitingRoom

Session = Any
"""A `session.Session`, which looks at this module and not the other way round; so are `sessions.Sessions`."""
Sessions = Any

MEMORY_URL = "memory:"
"""What `--state` says for sessions in this process only."""

WAIT = 10.0
"""Seconds for which a change waits while somebody else keeps the state locked, where nothing else is said."""

_NOTHING = nullcontext()


class StateGone(MockserverError):
    """What is remembered cannot be reached, so that nothing can be answered now; the text says why."""


class Waits(BaseException):  # no error: nobody who is careful may take it for one
    """
    A request has come to where it would change what others share, and it is not its turn.

    Nothing has happened. When its turn comes it begins again.
    """


def unkept(error: StateGone) -> Response:
    """Return the answer to a request of which nothing could be kept, or that could not be answered."""
    return problem(503, str(error), [("Retry-After", "1")])


Later = Callable[[float, Callable[[], None]], None]
"""Has something called in the event loop in so many seconds; 0: behind what is under way."""
Refuse = Callable[[Request, Exception], Response]
"""Makes the answer to a request of which nothing was kept."""


class Turns(Protocol):
    """Lets requests of an event loop change something, in their turn: server/grouping.py."""

    def reading(self) -> AbstractContextManager[object]:
        """Surround what can be put off: whatever would change something raises `Waits` within."""

    def add(self, turn: Turn, send: Callable[[Response], None]) -> None:
        """Let *turn* come; *send* is called with the answer when that may leave."""

    def hurry(self, seconds: float) -> None:
        """Let nobody wait for longer than that: the process is about to end."""


class Keeper:
    """
    Keeps sessions in memory: there is nothing to do.

    Attributes:
        shared: Whether others may change what is kept, so that a request looks first, and writes in turn.
        puts_off: Whether what is under way is to be put off before it changes anything: `await_turn` would
            raise, which costs more.
    """

    shared = False
    puts_off = False
    process = 0
    """The number of this process among those that share what is kept."""

    def journal(self, entries: int, size: int, session: str = "", hoard: Hoard | None = None) -> Journal:
        """Return the journal of a session to be."""
        return Journal(entries, size, session, hoard)

    def keep(self, sessions: Sessions, worlds: Callable[[], dict[str, Any]]) -> None:
        """
        Keep all of *sessions* from now on.

        *worlds* makes those that every session starts with.
        """

    def exchange(self) -> AbstractContextManager[object]:
        """
        Surround a request from before anything is looked at until it is answered.

        What others have done is taken over at its start; what it does is kept at its end, all or nothing.

        Raises:
            StateGone: At its start or end.
        """
        return _NOTHING

    def writing(self) -> AbstractContextManager[object]:
        """
        Surround a change: nobody else changes anything meanwhile; what others have done is taken over first.

        Raises:
            StateGone: At its start or end.
        """
        return _NOTHING

    def attach(self, session: Session) -> None:
        """Keep the worlds that *session* has now."""

    def wrote(self, session: Session, written: Iterable[tuple[str, Any]]) -> None:
        """System rows were changed: their tables and keys."""

    def moved(self, session: Session) -> None:
        """The clocks were moved."""

    def replaced(self, session: Session) -> None:
        """The session holds other worlds and tables now."""

    def made(self, session: Session, kind: str) -> None:
        """There is one more "session" or "snapshot"."""

    def dropped(self, session: Session, kind: str, why: str = "") -> None:
        """There is one less."""

    def held(self) -> None:
        """Raise `session.Unlocked` where no change was announced (`writing`)."""

    def compare(self, api: str, seed: str, start: Any) -> str:
        """Remember of which seed and fixture an API's rows are; return what is to be said of a difference."""
        del api, seed, start
        return ""

    def last_used(self, name: str) -> float:
        """Return how many seconds ago anybody else used the session *name*."""
        del name
        return float("inf")

    def leads(self, what: str) -> bool:
        """
        Return whether this process is the one that does *what*, of all those that share what is kept.

        It is so for some seconds from now on, unless it asks again. What it holds then is fresh.
        """
        del what
        return True

    def rests(self, what: str) -> None:
        """There is nothing to do of *what* for now: whoever has something first does it."""

    def room(self, session: Session) -> WaitingRoom:
        """Return where requests wait at the gates of *session*."""
        return session.waiting  # type: ignore[no-any-return]

    def attend(self, call: Callable[[], bool]) -> None:
        """
        Have *call* made whenever others have changed something, though nobody asks here.

        It returns whether somebody waits for that, so that it is looked for more often.
        """

    def fresh(self) -> None:
        """Take over what others have done."""

    def grouped(self, later: Later, refuse: Refuse) -> Turns | None:
        """Keep together what requests of one moment do, and return who sees to that; None: nobody need."""
        del later, refuse
        return None

    def await_turn(self) -> None:
        """Raise `Waits` where what is under way, which is about to change something, can be put off."""

    def drive(self, later: Later) -> None:
        """Do what is to be done from time to time by *later*, which calls a function in so many seconds."""

    def close(self) -> None:
        """Let go of files and connections."""


MEMORY = Keeper()
