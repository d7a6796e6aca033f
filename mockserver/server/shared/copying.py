"""
What others have done, taken over into the copy that this process holds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from threading import Condition, RLock
from typing import Any, TypeVar

import msgspec
from sqlalchemy import bindparam, select

from mockserver.behavior.store import Key, Row, Table
from mockserver.behavior.world import World
from mockserver.server.keeper import Keeper
from mockserver.server.session import DEFAULT, Session
from mockserver.server.sessions import Sessions
from mockserver.server.shared.database import LONG, SHORT, Busy, Database
from mockserver.server.shared.schema import HEAD, ROWS, SESSIONS, SWEPT
from mockserver.server.shared.statements import Statement

COUNTERS = ""
"""The table that the counters of a world stand in."""

T = TypeVar("T")

_decode = msgspec.json.decode

_STAMP = Statement(select(HEAD.c.stamp).where(HEAD.c.id == 1))
_SWEPT = Statement(select(HEAD.c.stamp).where(HEAD.c.id == SWEPT))
_NEW_SESSIONS = Statement(
    select(SESSIONS).where(SESSIONS.c.stamp > bindparam("seen")).order_by(SESSIONS.c.stamp)
)
_NEW_ROWS = Statement(select(ROWS).where(ROWS.c.stamp > bindparam("seen")).order_by(ROWS.c.place))
_ROWS_OF = Statement(
    select(ROWS)
    .where(ROWS.c.kind == bindparam("kind"), ROWS.c.session == bindparam("session"))
    .order_by(ROWS.c.place)
)


class Copy(Keeper):
    """
    Sessions as the database has them.

    Attributes:
        open: Whether a transaction that changes something is under way.
        kinds: What each session that is kept is: "session" or "snapshot".
        epochs: Of each kind and name that is known; another one: all of it was exchanged.
        seen: The stamp up to which everything was taken over; -1: nothing is.
    """

    lock: RLock

    def __init__(self, database: Database, lock: RLock) -> None:
        self.database = database
        self.lock = lock
        self.open = False
        self.kinds: dict[Session, str] = {}
        self.epochs: dict[tuple[str, str], int] = {}
        self.seen = -1
        self._depth = 0
        """How many surround what is under way: nobody else gets at the copy before the outermost ends."""
        self._moment = Condition(lock)
        self._moves: object = None
        self.sessions: Sessions = None  # type: ignore[assignment]
        self.worlds: Callable[[], dict[str, World]] = dict

    def forget(self) -> None:
        """Hold the copy for wrong: the next look makes it again."""
        self.seen, self._moves = -1, None

    def patiently(self, act: Callable[[], T]) -> T:
        """
        Do *act* as soon as nobody else keeps the database locked. To be called with the lock held.

        Others in this process go on meanwhile, unless they could meet what is half way.

        Raises:
            Busy: That took more than the database's `patience`.
            StateGone: Also where it cannot be reached.
        """
        began = time.monotonic()
        pause = SHORT
        while True:
            try:
                return act()
            except Busy:
                if time.monotonic() > began + self.database.patience:
                    raise
            if self._depth:
                time.sleep(pause)
            else:
                self._moment.wait(pause)
            pause = min(pause * 1.5, LONG)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Surround what changes the database and nothing that is in memory. Raises StateGone."""
        self.patiently(self.database.lock)
        try:
            yield
        except BaseException:
            self.database.rollback()
            raise
        self.database.commit()

    def fresh(self) -> None:
        """Take over what others have done. Raises StateGone."""
        if self.open:
            return
        wal = self.database.wal
        if (
            wal is not None and wal.head() == self._moves and self.seen >= 0
        ):  # the usual case, and the short way
            return
        with self.lock:
            moves = self.database.moves()
            if moves is not None and moves == self._moves and self.seen >= 0:
                return
            if self.seen >= 0 and int(self.database.run(_STAMP)[0][0]) == self.seen:
                self._moves = moves
                return
            self.database.look()
            try:
                self.take_over(int(self.database.run(_STAMP)[0][0]))
            finally:
                self.database.rollback()
            self._moves = moves

    def take_over(self, stamp: int) -> None:
        """Make the copy what the database holds at *stamp*, whose transaction is open."""
        # A database that was put back to what it was knows less than we do.
        anew = self.seen < 0 or not int(self.database.run(_SWEPT)[0][0]) <= self.seen <= stamp
        if anew:
            self.epochs = {}
        made: set[tuple[str, str]] = set()
        for kind, name, epoch, pinned, gone, why, *_ in self.database.run(
            _NEW_SESSIONS, {"seen": -1 if anew else self.seen}
        ):
            known = self.epochs.get((kind, name))
            self.epochs[kind, name] = epoch
            session = self.sessions.kept(kind, name)
            if gone:
                if session is not None:
                    self.kinds.pop(session, None)
                    self.sessions.lost(kind, name, why)
            elif session is None or known != epoch:
                made.add((kind, name))
                self._make(kind, name, session, bool(pinned))
        if anew:
            for session in list(self.kinds):  # what the database does not have never was
                if (self.kinds[session], session.name) not in self.epochs:
                    self.sessions.lost(self.kinds.pop(session), session.name, "")
        else:
            held = {(kind, session.name): session for session, kind in self.kinds.items()}
            changed: dict[Session, list[Any]] = {}
            for row in self.database.run(_NEW_ROWS, {"seen": self.seen}):
                session = held.get((row[0], row[1]))
                if session is not None and (row[0], row[1]) not in made:
                    changed.setdefault(session, []).append(row)
            for session, rows in changed.items():
                self._lay(session, rows)
        self.seen = stamp

    def _make(self, kind: str, name: str, session: Session | None, pinned: bool) -> None:
        """Make a session, or what it holds, from what is in the database."""
        worlds = self.worlds()
        if session is None:
            session = self.sessions.found(kind, name, worlds)
        session.pinned = pinned or name == DEFAULT
        session.keeper = self
        self.kinds[session] = kind
        session.hold(worlds, {})
        self._lay(session, self.database.run(_ROWS_OF, {"kind": kind, "session": name}))
        self.attach(session)

    def _lay(self, session: Session, rows: Iterable[Any]) -> None:
        """Lay *rows* of the database over what *session* holds."""
        touched: set[str] = set()
        for _, _, api, name, key, place, value, _ in rows:
            touched.add(api)
            if not api and name == COUNTERS:
                session.numbers = read(value)
            elif not api:
                _replay(session.tables[name], read(key), value, place, ())
            elif (world := session.worlds.get(api)) is None:
                continue  # of an API that is not served here
            elif name == COUNTERS:
                world.counters = read(value)
            elif name in world.tables:
                _replay(world.tables[name], read(key), value, place, world.given(name))
        for api in touched:
            if api and api in session.worlds:
                session.worlds[api].version += 1
        if "" in touched:
            session.version += 1


def read(text: str) -> Any:
    """Return what `exchange.dumps` has written."""
    try:
        return _decode(text)
    except msgspec.DecodeError:  # a lone surrogate, which it takes for no text
        return json.loads(text)


def _replay(table: Table, key: Key, value: str | None, place: int, given: Container[Key]) -> None:
    """Take over a row; *given* are the keys that were there at the start."""
    row: Row | None = read(value) if value is not None else None
    table.replay(key, row, place)
    if row is None and key not in given:
        table.untouch(key)
