"""
Sessions that stand in a database; what is in memory is a copy of it.

A request first takes over what others have changed (`fresh`: one small query, for
SQLite not even that), and is planned on the copy. What changes something begins with
the database's lock (`writing`) and takes over first what others have done until then:
so what is planned on is what is there, rules of uniqueness hold between processes as
they do in one, and nothing ever has to be merged. Rows, counters and journal entries
are written in one transaction at the end of the request (`exchange`), before its
answer leaves. Reading takes no lock.

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
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mockserver.behavior.store import Key
from mockserver.behavior.world import World
from mockserver.exchange import dumps
from mockserver.server.hoard import Hoard
from mockserver.server.journal import Journal
from mockserver.server.keeper import StateGone
from mockserver.server.session import DEFAULT, Session, Unlocked
from mockserver.server.sessions import Sessions
from mockserver.server.shared.attending import Attending
from mockserver.server.shared.copying import COUNTERS
from mockserver.server.shared.database import Database, Statement
from mockserver.server.shared.journal import SharedJournal
from mockserver.server.shared.schema import HEAD, META, PROCESSES, ROWS, SESSIONS
from mockserver.server.shared.spool import HELD, Later, Spool

log = logging.getLogger(__name__)

_decode = msgspec.json.decode


def _upsert(table: Any, keys: tuple[str, ...]) -> Callable[[str], Any]:
    def clause(dialect: str) -> Any:
        make = sqlite.insert if dialect == "sqlite" else postgresql.insert
        made = make(table).values({column.name: bindparam(column.name) for column in table.columns})
        others = {c.name: made.excluded[c.name] for c in table.columns if c.name not in keys}
        return made.on_conflict_do_update(index_elements=list(keys), set_=others)

    return clause


_RISE = Statement(update(HEAD).where(HEAD.c.id == 1).values(stamp=bindparam("stamp")))
_PUT = Statement(_upsert(ROWS, ("kind", "session", "api", "name", "key")))
_PUT_SESSION = Statement(_upsert(SESSIONS, ("kind", "name")))
_PUT_META = Statement(_upsert(META, ("name",)))
_META = Statement(select(META.c.value).where(META.c.name == bindparam("name")))
_EMPTY = Statement(
    delete(ROWS).where(ROWS.c.kind == bindparam("kind"), ROWS.c.session == bindparam("session"))
)
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
        self._state.note(self._session, self._api, written)
        self._state.note(self._session, self._api, [(COUNTERS, COUNTERS)])


class SharedState(Attending):
    """
    Args:
        url: Of the database (`--state`).
        lock: The host's.

    Attributes:
        process: The number of this process among those in the database.

    Raises:
        UsageError: There can be no such database, or a newer mockserver has made it.
    """

    shared = True

    def __init__(self, url: str, lock: RLock | None = None) -> None:
        super().__init__(Database(url), lock or RLock())
        self.process = 0
        self.spool = Spool(self)
        self._before: object = None  # what the database's `moves` said when the lock was taken
        self.database.create()
        self._depth = 0
        self._noted: dict[tuple[Session, str, str, Any], None] = {}
        self._heads: dict[tuple[str, str], dict[str, Any]] = {}
        self._whole: dict[Session, str] = {}
        with self.lock, self._alone():
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
        with self.lock, self._alone():
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

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.database.lock()
        try:
            yield
        except BaseException:
            self.database.rollback()
            raise
        self.database.commit()

    # ------------------------------------------------------------------- requests

    def exchange(self) -> AbstractContextManager[object]:
        """Surround a request: see `Keeper.exchange`."""
        return self  # one for all requests: a generator would cost more than the look

    def __enter__(self) -> None:
        self.lock.acquire()
        try:
            self.fresh()
        except BaseException:
            self.lock.release()
            raise
        self._depth += 1

    def __exit__(self, kind: object, *_: object) -> None:
        self._depth -= 1
        try:
            if kind is not None:
                self._abandon()
            elif self.open:
                self._settle()
        finally:
            self.lock.release()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Surround a change: see `Keeper.writing`."""
        with self.lock:
            if not self.open:
                self._begin()
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

    def held(self) -> None:
        """Raise Unlocked where nobody has announced a change."""
        if not self.open:
            raise Unlocked("a change outside of Keeper.writing")

    def _begin(self) -> None:
        stamp = self.database.lock()
        self.open = True
        try:
            self._before = self.database.moves()
            if stamp != self.seen:
                self.take_over(stamp)
        except BaseException:
            self._abandon()
            raise

    def _settle(self) -> None:
        """Keep what was done, if it was the outermost that ended."""
        if self._depth or not self.open:
            return
        changed = bool(self._noted or self._heads or self._whole)
        stamp = self.seen + changed
        try:
            if changed:
                self._write(stamp)
                self.database.run(_RISE, {"stamp": stamp})
            self.database.commit()
        except BaseException:
            self._abandon()
            raise
        self.spool.settled(stays=True)
        self.open = False
        self.seen, self._moves = stamp, self.database.moved_by_us(self._before)
        self._noted, self._heads, self._whole = {}, {}, {}

    def _abandon(self) -> None:
        """Leave the database as it was; where something was noted the copy is not it any more."""
        if not self.open:
            return
        self.open = False
        self.database.rollback()
        self.spool.settled(stays=False)
        if self._noted or self._heads or self._whole:
            self._noted, self._heads, self._whole = {}, {}, {}
            self.forget()

    # ------------------------------------------------------------- what was done

    def note(self, session: Session, api: str, written: Iterable[tuple[str, Key]]) -> None:
        """Note rows that were changed; they are written when the request is done."""
        for table, key in written:
            self._noted[session, api, table, _plain(key)] = None

    def wrote(self, session: Session, written: Iterable[tuple[str, Any]]) -> None:
        """System rows were changed."""
        self.held()
        self.note(session, "", written)
        if session.numbers:
            self.note(session, "", [(COUNTERS, COUNTERS)])

    def moved(self, session: Session) -> None:
        """The clocks were moved."""
        if session in self.kinds:
            self.held()
            for api in session.worlds:
                self.note(session, api, [(COUNTERS, COUNTERS)])

    def replaced(self, session: Session) -> None:
        """The session holds other worlds and tables now."""
        if session in self.kinds:
            self.held()
            self._whole[session] = self.kinds[session]
            self._head(session, self.kinds[session])
            self.attach(session)

    def made(self, session: Session, kind: str) -> None:
        """There is one more session or snapshot."""
        self.held()
        self.kinds[session] = kind
        self._whole[session] = kind
        self._head(session, kind)
        session.keeper = self
        self.attach(session)

    def dropped(self, session: Session, kind: str, why: str = "") -> None:
        """There is one less."""
        self.held()
        self.kinds.pop(session, None)
        self._whole.pop(session, None)
        self._head(session, kind, gone=1, why=why)

    def attach(self, session: Session) -> None:
        """Keep the worlds that *session* has now."""
        if session in self.kinds:
            for api, world in session.worlds.items():
                world.keeper = _WorldDoor(self, session, api)

    def _head(self, session: Session, kind: str, gone: int = 0, why: str = "") -> None:
        epoch = self.epochs.get((kind, session.name), 0) + 1
        self._heads[kind, session.name] = {
            "kind": kind,
            "name": session.name,
            "epoch": epoch,
            "pinned": int(session.pinned),
            "gone": gone,
            "why": why,
            "used": time.time(),
        }

    def _write(self, stamp: int) -> None:
        for head in self._heads.values():
            self.database.run(_PUT_SESSION, {**head, "stamp": stamp})
            self.epochs[head["kind"], head["name"]] = head["epoch"]
            self.database.run(_EMPTY, {"kind": head["kind"], "session": head["name"]})
        rows = [row for session in self._whole for row in self._all_rows(session)]
        rows += [
            row
            for session, api, table, key in self._noted
            if session not in self._whole and session in self.kinds
            for row in (self._row(session, api, table, key),)
        ]
        if rows:
            self.database.run_many(_PUT, [{**row, "stamp": stamp} for row in rows])

    def _all_rows(self, session: Session) -> Iterator[dict[str, Any]]:
        for api, world in session.worlds.items():
            yield self._row(session, api, COUNTERS, COUNTERS)
            for name, table in world.tables.items():
                for key in table.touched:
                    yield self._row(session, api, name, key)
        if session.numbers:
            yield self._row(session, "", COUNTERS, COUNTERS)
        for name, table in session.tables.items():
            for key in table.rows:
                yield self._row(session, "", name, key)

    def _row(self, session: Session, api: str, name: str, key: Key) -> dict[str, Any]:
        made = {"kind": self.kinds[session], "session": session.name, "api": api, "name": name}
        if name == COUNTERS:
            counters = dumps(session.worlds[api].counters if api else session.numbers).decode()
            return {**made, "key": "", "place": 0, "value": counters}
        table = session.worlds[api].tables[name] if api else session.tables[name]
        row = table.rows.get(key)
        value = dumps(row).decode() if row is not None else None
        return {**made, "key": dumps(key).decode(), "place": table.place(key), "value": value}

    def last_used(self, name: str) -> float:
        """Return how many seconds ago anybody used the session *name*."""
        rows = self.database.run(_USED, {"name": name})
        return max(time.time() - float(rows[0][0]) - HELD, 0.0) if rows else 0.0

    def drive(self, later: Later) -> None:
        """Write the journal by way of *later*."""
        self.spool.later = later

    def close(self) -> None:
        """Write what waits, and let go of the database."""
        self.spool.close()
        try:
            self.leave()
            with self.lock:
                self.database.run(_LEAVE, {"me": self.process})
        except StateGone as error:
            log.warning("%s", error)
        with self.lock:
            self.database.close()


def _plain(key: Key) -> Key:
    """Return the key that is the same in JSON: 1.0 is 1 where Python looks it up."""
    return int(key) if isinstance(key, float) and key.is_integer() else key
