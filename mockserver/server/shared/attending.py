"""
What processes on one database do for one another: one leads, and all notice what happens though nobody asks.

A lease is a row that says who holds it and until when; it is taken in one statement,
so two cannot have it. A process that is killed loses it after `LEASE` seconds. Times
are the database's where that has a clock, since those of machines differ.

Nobody is woken by a database that both SQLite and PostgreSQL would know how to do. So
a thread looks: once a second, and often while somebody waits for what others do (a
request at a gate, which another process lets go). A look is one small query.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event, RLock, Thread
from uuid import uuid4
from weakref import WeakKeyDictionary

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from mockserver.server.keeper import StateGone
from mockserver.server.session import Session
from mockserver.server.shared.copying import Copy
from mockserver.server.shared.database import MOMENT, Busy, Database
from mockserver.server.shared.schema import LEASES
from mockserver.server.shared.statements import Statement
from mockserver.server.shared.sweeping import Sweeper
from mockserver.server.shared.waiting import ALIVE, SharedRoom

log = logging.getLogger(__name__)

LEASE = 3.0
"""Seconds for which a lease is good."""
RENEWED = 1.0
"""Seconds after which it is renewed, and after which one that somebody else had is asked for again."""
LATE = 1.0
"""Seconds between two looks."""
SOON = 0.03
"""Seconds between two looks while somebody waits."""


def _taking(dialect: str) -> object:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    made = make(LEASES).values(name=bindparam("name"), holder=bindparam("holder"), until=bindparam("until"))
    free = or_(LEASES.c.until <= bindparam("now"), LEASES.c.holder == bindparam("holder"))
    return made.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": made.excluded.holder, "until": made.excluded.until},
        where=free,
    )


_TAKE = Statement(_taking)
_HOLDER = Statement(select(LEASES.c.holder).where(LEASES.c.name == bindparam("name")))
_GIVE = Statement(
    delete(LEASES).where(LEASES.c.name == bindparam("name"), LEASES.c.holder == bindparam("holder"))
)
_LEAVE = Statement(delete(LEASES).where(LEASES.c.holder == bindparam("holder")))
_CLEAN = Statement(delete(LEASES).where(LEASES.c.until <= bindparam("now")))
_LIVING = Statement(select(LEASES.c.holder).where(LEASES.c.until > bindparam("now")))
_NOW = Statement(select(func.extract("epoch", func.clock_timestamp())))


class Attending(Copy):
    """
    Leases, rooms at gates, and a thread that looks.

    Attributes:
        holder: The name of this process in the database; no other has ever had it.
    """

    def __init__(self, database: Database, lock: RLock) -> None:
        super().__init__(database, lock)
        self.holder = uuid4().hex
        self._until: dict[str, float] = {}
        self._asked: dict[str, float] = {}
        self._calls: list[Callable[[], bool]] = []
        self._rooms: WeakKeyDictionary[Session, SharedRoom] = WeakKeyDictionary()
        self._stir, self._ended = Event(), Event()
        self._thread: Thread | None = None
        self._sweeper = Sweeper(self)

    # --------------------------------------------------------------------- leases

    def leads(self, what: str) -> bool:
        """Return whether this process is the one that does *what*: see `Keeper.leads`. Raises StateGone."""
        with self.lock:
            now = time.monotonic()
            until = self._until.get(what, 0.0)
            if now < until - LEASE + RENEWED:
                return True
            if self.open or (now >= until and now < self._asked.get(what, 0.0) + RENEWED):
                return now < until
            clock = self._clock()
            values = {"name": what, "holder": self.holder, "until": clock + LEASE, "now": clock}
            self._asked[what] = now
            try:
                self.database.run(_TAKE, values, MOMENT)
            except Busy:
                return now < until
            mine = bool(self.database.run(_HOLDER, {"name": what})[0][0] == self.holder)
            self._until[what] = now + LEASE if mine else 0.0
            if mine and now >= until:
                self.fresh()
            return mine

    def rests(self, what: str) -> None:
        """There is nothing to do of *what* for now: whoever has something first does it. Raises StateGone."""
        with self.lock:
            if self._until.pop(what, 0.0) and not self.open:
                self._asked.pop(what, None)
                self.database.run(_GIVE, {"name": what, "holder": self.holder})

    def living(self) -> set[str]:
        """Return the processes at whose gates somebody waits. Raises StateGone."""
        return {row[0] for row in self.database.run(_LIVING, {"now": self._clock()})}

    def _clock(self) -> float:
        return time.time() if self.database.sqlite else float(self.database.run(_NOW)[0][0])

    # ---------------------------------------------------------------------- looks

    def room(self, session: Session) -> SharedRoom:
        """Return where requests wait at the gates of *session*."""
        room = self._rooms.get(session)
        if room is None:
            room = self._rooms[session] = SharedRoom(self, session)
        return room

    def attend(self, call: Callable[[], bool]) -> None:
        """Have *call* made when others have changed something: see `Keeper.attend`."""
        self._calls.append(call)
        if self._thread is None:
            with self.lock:
                self.database.run(_CLEAN, {"now": self._clock()})
            self._thread = Thread(target=self._run, name="state", daemon=True)
            self._thread.start()

    def stir(self) -> None:
        """Look soon: somebody waits."""
        self._stir.set()

    def _run(self) -> None:
        pause = LATE
        while not self._ended.is_set():
            self._stir.wait(pause)
            self._stir.clear()
            try:
                pause = SOON if self._look() else LATE
            except StateGone:
                pause = LATE
            except Exception:
                log.exception("What other processes have done could not be noticed.")
                pause = LATE

    def _look(self) -> bool:
        self.fresh()
        self._sweeper.look()
        waiting = [room.look() for room in list(self._rooms.values())]
        if any(waiting):
            self.leads(f"{ALIVE}{self.holder}")
        return any([*waiting, *[call() for call in self._calls]])

    def leave(self) -> None:
        """Look no more, and hold nothing any more."""
        self._ended.set()
        self._stir.set()
        if self._thread is not None:
            self._thread.join(1)
        with self.lock:
            self.database.run(_LEAVE, {"holder": self.holder})
