"""
Sessions that stand in a database; what is in memory is a copy of it.

A request first takes over what others have changed (`fresh`: one small query, for
SQLite not even that), and is planned on the copy. What changes something begins with
the database's lock (`writing`) and takes over first what others have done until then:
so what is planned on is what is there, rules of uniqueness hold between processes as
they do in one, and nothing ever has to be merged. What was changed is written at the
end of the request (`exchange`), and committed before its answer leaves: at once, or
together with what is asked in the same moment (server/grouping.py). Reading takes no
lock.

Where that transaction fails, the copy may hold what the database does not: it is
thrown away, and made again from the database with the next request.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from threading import RLock
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from mockserver.behavior.store import Key
from mockserver.behavior.world import World
from mockserver.exchange import Turn, dumps
from mockserver.server.grouping import Group
from mockserver.server.hoard import Hoard
from mockserver.server.journal import Journal
from mockserver.server.keeper import WAIT, Later, Refuse, StateGone, Waits
from mockserver.server.session import DEFAULT, Session, Unlocked
from mockserver.server.sessions import Sessions
from mockserver.server.shared.attending import Attending
from mockserver.server.shared.database import Busy, Database
from mockserver.server.shared.journal import SharedJournal
from mockserver.server.shared.noting import Noted, upsert
from mockserver.server.shared.schema import META, PROCESSES, SESSIONS
from mockserver.server.shared.spool import HELD, Spool
from mockserver.server.shared.statements import Statement

log = logging.getLogger(__name__)

_decode = msgspec.json.decode


_PUT_META = Statement(upsert(META, ("name",)))
_META = Statement(select(META.c.value).where(META.c.name == bindparam("name")))
_EPOCH = Statement(
    select(SESSIONS.c.epoch).where(SESSIONS.c.kind == bindparam("kind"), SESSIONS.c.name == bindparam("name"))
)
_USED = Statement(
    select(SESSIONS.c.used).where(SESSIONS.c.kind == "session", SESSIONS.c.name == bindparam("name"))
)
_TAKEN = Statement(select(PROCESSES.c.id).order_by(PROCESSES.c.id))
_ENTER = Statement(
    insert(PROCESSES).values(id=bindparam("me"), batch=bindparam("zero"), dirty=bindparam("zero"))
)
_LEAVE = Statement(delete(PROCESSES).where(PROCESSES.c.id == bindparam("me")))


class _WorldDoor:
    """The keeper of one world: what `World.commit` tells."""

    def __init__(self, state: SharedState, session: Session, api: str) -> None:
        self._state = state
        self._session = session
        self._api = api

    def before(self) -> None:
        """Refuse a change that nobody announced. Raises Unlocked."""
        self._state.held()

    def after(self, written: Iterable[tuple[str, Key]]) -> None:
        """Note what was changed, and the counters with it."""
        noted = self._state.noted
        noted.rows(self._session, self._api, written)
        noted.counters(self._session, self._api)


class SharedState(Attending):
    """
    Args:
        url: Of the database (`--state`).
        lock: The host's.
        patience: Seconds for which a change waits for somebody else who keeps the database locked.

    Attributes:
        process: The number of this process among those in the database.

    Raises:
        UsageError: There can be no such database, or a newer mockserver has made it.
    """

    shared = True

    def __init__(self, url: str, lock: RLock | None = None, patience: float = WAIT) -> None:
        super().__init__(Database(url, patience), lock or RLock())
        self.process = 0
        self.spool = Spool(self)
        self._before: object = None  # what the database's `moves` said when the lock was taken
        self.database.create()
        self.noted = Noted(self)
        self._group: Group | None = None
        self._lost = False  # whether the copy holds what a turn has done that was undone
        with self.lock, self.alone():
            self._enter()

    # -------------------------------------------------------------------- opening

    def _enter(self) -> None:
        """Take the lowest number that no process has."""
        taken = {row[0] for row in self.database.run(_TAKEN)}
        self.process = next(number for number in range(len(taken) + 1) if number not in taken)
        self.database.run(_ENTER, {"me": self.process, "zero": 0})

    def journal(self, entries: int, size: int, session: str = "", hoard: Hoard | None = None) -> Journal:
        """Return the journal of a session to be."""
        return SharedJournal(self.spool, entries, size, session, hoard)

    def keep(self, sessions: Sessions, worlds: Callable[[], dict[str, World]]) -> None:
        """Keep all of *sessions* from now on, and take over what is there."""
        self.sessions, self.worlds = sessions, worlds
        with self.lock:
            with self.writing():
                if not self.database.run(_EPOCH, {"kind": "session", "name": DEFAULT}):
                    for session in sessions:
                        self.made(session, "session")
                    for snapshot in sessions.snapshots.values():
                        self.made(snapshot, "snapshot")
                else:
                    self.kinds[sessions.default] = "session"
            self.forget()
            self.fresh()

    def compare(self, api: str, seed: str, start: Any) -> str:
        """
        Remember of which seed and start the rows of *api* are; return what is to be said of a difference.

        *start* is what the fixture says, as anything that JSON can write.
        """
        found = {"seed": seed, "start": sha256(dumps(start)).hexdigest()}
        with self.lock, self.alone():
            rows = self.database.run(_META, {"name": f"api:{api}"})
            before = _decode(rows[0][0]) if rows else found
            self.database.run(_PUT_META, {"name": f"api:{api}", "value": dumps(found).decode()})
        if before["seed"] != found["seed"]:
            return (
                f"{api}: what is kept was made with the seed {before['seed']!r}; "
                f"with {seed!r} other things are made up from now on, and what was changed stays."
            )
        if before["start"] != found["start"]:
            return f"{api}: its fixture was edited since; what was changed before is laid over it."
        return ""

    # ------------------------------------------------------------------- requests

    def exchange(self) -> AbstractContextManager[object]:
        """Surround a request: see `Keeper.exchange`."""
        return self  # one for all requests: a generator would cost more than the look

    def __enter__(self) -> None:
        self.lock.acquire()
        try:
            if self._group is None or self.database.sqlite or not self._group.fresh:
                self.fresh()
        except BaseException:
            self.lock.release()
            raise
        self._depth += 1

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        self._depth -= 1
        try:
            if error is not None:
                self._abandon()
            elif not self._depth:
                self._settle()
        finally:
            self.lock.release()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Surround a change: see `Keeper.writing`."""
        with self.lock:
            self.await_turn()
            if not self.open:
                self._begin(self.patiently(self.database.lock))
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if not self._depth:
                    self._abandon()
                raise
            self._depth -= 1
            if not self._depth:
                self._settle()

    def await_turn(self) -> None:
        """Raise `Waits` where what is under way can be put off: see `Keeper.await_turn`."""
        if self.puts_off:
            raise Waits

    @property
    def puts_off(self) -> bool:  # type: ignore[override]
        """See `Keeper`."""
        return not self.open and self._group is not None and self._group.puts_off

    def held(self) -> None:
        """Raise Unlocked where nobody has announced a change."""
        if not self.open:
            raise Unlocked("a change outside of Keeper.writing")

    def _begin(self, stamp: int) -> None:
        """Take over what others have done until *stamp*; they wait from now on."""
        self.open = True
        try:
            self._before = self.database.moves()
            if stamp != self.seen:
                self.take_over(stamp)
        except BaseException:
            self._abandon()
            raise

    def _settle(self) -> None:
        """Keep what was done."""
        if not self.open:
            return
        stamp = self.seen + bool(self.noted)
        try:
            if self.noted:
                self.noted.finish(stamp)
            self.database.commit()
        except BaseException:
            self._abandon()
            raise
        self.spool.settled(stays=True)
        self.open = False
        self.seen, self._moves = stamp, self.database.moved_by_us(self._before)
        self.noted.clear()

    def _abandon(self) -> None:
        """Leave the database as it was; where something was noted the copy is not it any more."""
        if not self.open:
            return
        self.open = False
        self.database.rollback()
        self.spool.settled(stays=False)
        if self.noted:
            self.noted.clear()
            self.forget()

    # ---------------------------------------------------------------------- turns

    def grouped(self, later: Later, refuse: Refuse) -> Group:
        """Keep together what requests of one moment do: see `Keeper.grouped`."""
        self._group = Group(self, later, refuse, self.database.patience)
        return self._group

    def begin_turns(self) -> bool:
        """Begin to change, unless another process is at it. Raises StateGone."""
        try:
            stamp = self.database.lock()
        except Busy:
            return False
        self._begin(stamp)
        self._depth += 1
        return True

    def take_turn(self, turn: Turn) -> None:
        """
        Let a request change something.

        Raises:
            StateGone: Nothing of any turn was kept.
            Exception: Whatever it raises; it has not happened, and no other turn may be taken before the end.
        """
        noted = self.noted
        try:
            turn.take()
            if noted.waits:
                noted.take_down(self.seen + 1)
        except StateGone:
            self._depth -= 1
            self._abandon()
            raise
        except BaseException:
            self._lost |= noted.waits  # those before it stay, but the copy has what it did
            noted.drop()
            raise

    def end_turns(self) -> None:
        """Keep what was changed. Raises StateGone."""
        self._depth -= 1
        lost, self._lost = self._lost, False
        self._settle()
        if lost:
            self.forget()

    # ------------------------------------------------------------- what was done

    def wrote(self, session: Session, written: Iterable[tuple[str, Any]]) -> None:
        """System rows were changed."""
        self.held()
        self.noted.rows(session, "", written)
        if session.numbers:
            self.noted.counters(session, "")

    def moved(self, session: Session) -> None:
        """The clocks were moved."""
        if session in self.kinds:
            self.held()
            for api in session.worlds:
                self.noted.counters(session, api)

    def replaced(self, session: Session) -> None:
        """The session holds other worlds and tables now."""
        if session in self.kinds:
            self.held()
            self.noted.all_of(session, self.kinds[session])
            self.attach(session)

    def made(self, session: Session, kind: str) -> None:
        """There is one more session or snapshot."""
        self.held()
        self.kinds[session] = kind
        self.noted.all_of(session, kind)
        session.keeper = self
        self.attach(session)

    def dropped(self, session: Session, kind: str, why: str = "") -> None:
        """There is one less."""
        self.held()
        self.kinds.pop(session, None)
        self.noted.gone(session, kind, why)

    def attach(self, session: Session) -> None:
        """Keep the worlds that *session* has now."""
        if session in self.kinds:
            for api, world in session.worlds.items():
                world.keeper = _WorldDoor(self, session, api)

    def last_used(self, name: str) -> float:
        """Return how many seconds ago anybody used the session *name*."""
        rows = self.database.run(_USED, {"name": name})
        return max(time.time() - float(rows[0][0]) - HELD, 0.0) if rows else 0.0

    def drive(self, later: Later) -> None:
        """Write the journal by way of *later*."""
        self.spool.later = later

    def close(self) -> None:
        """Write what waits, and let go of the database: who keeps it locked is not waited for."""
        try:
            self.database.hurry()
        except StateGone as error:
            log.warning("%s", error)
        self.spool.close()
        try:
            self.leave()
            with self.lock:
                self.database.run(_LEAVE, {"me": self.process})
        except StateGone as error:
            log.warning("%s", error)
        with self.lock:
            self.database.close()
