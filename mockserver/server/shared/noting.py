"""
What was changed in the copy and is not in the database yet, and how it is written there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from mockserver.behavior.store import Key
from mockserver.exchange import dumps
from mockserver.server.session import Session
from mockserver.server.shared.copying import COUNTERS, Copy
from mockserver.server.shared.schema import HEAD, ROWS, SESSIONS
from mockserver.server.shared.statements import Statement


def upsert(table: Any, keys: tuple[str, ...]) -> Callable[[str], Any]:
    """Return what makes the statement, for a dialect, that puts a row in place of that of the same *keys*."""

    def clause(dialect: str) -> Any:
        make = sqlite.insert if dialect == "sqlite" else postgresql.insert
        made = make(table).values({column.name: bindparam(column.name) for column in table.columns})
        others = {c.name: made.excluded[c.name] for c in table.columns if c.name not in keys}
        return made.on_conflict_do_update(index_elements=list(keys), set_=others)

    return clause


_RISE = Statement(update(HEAD).where(HEAD.c.id == 1).values(stamp=bindparam("stamp")))
_PUT = Statement(upsert(ROWS, ("kind", "session", "api", "name", "key")))
_PUT_SESSION = Statement(upsert(SESSIONS, ("kind", "name")))
_EMPTY = Statement(
    delete(ROWS).where(ROWS.c.kind == bindparam("kind"), ROWS.c.session == bindparam("session"))
)


class Noted:
    """
    What the transaction that is open has to write.

    Args:
        copy: What is noted is written as it is there.

    Attributes:
        taken: Whether some of it was taken down already.
    """

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        self._rows: dict[tuple[Session, str, str, Any], None] = {}
        self._heads: dict[tuple[str, str], dict[str, Any]] = {}
        self._whole: dict[Session, str] = {}
        self._counters: dict[tuple[Session, str], None] = {}
        self._taken: dict[tuple[str, ...], dict[str, Any]] = {}
        self.taken = False

    @property
    def waits(self) -> bool:
        """Whether anything but counters is still to be written."""
        return bool(self._rows or self._heads or self._whole)

    def __bool__(self) -> bool:
        return self.taken or self.waits or bool(self._counters)

    # ------------------------------------------------------------- what was done

    def rows(self, session: Session, api: str, written: Iterable[tuple[str, Key]]) -> None:
        """Note rows that were changed."""
        for table, key in written:
            self._rows[session, api, table, _plain(key)] = None

    def counters(self, session: Session, api: str) -> None:
        """Note that what a world holds beside its rows has changed, or the numbers of a session ("")."""
        self._counters[session, api] = None

    def all_of(self, session: Session, kind: str) -> None:
        """Note that a session or snapshot holds other worlds and tables now."""
        self._whole[session] = kind
        self._head(session, kind)

    def gone(self, session: Session, kind: str, why: str) -> None:
        """Note that there is one less."""
        self._whole.pop(session, None)
        self._head(session, kind, gone=1, why=why)

    def _head(self, session: Session, kind: str, gone: int = 0, why: str = "") -> None:
        epoch = self._copy.epochs.get((kind, session.name), 0) + 1
        self._heads[kind, session.name] = {
            "kind": kind,
            "name": session.name,
            "epoch": epoch,
            "pinned": int(session.pinned),
            "gone": gone,
            "why": why,
            "used": time.time(),
        }

    # ------------------------------------------------------------------- writing

    def take_down(self, stamp: int) -> None:
        """
        Hold on to what waits as it is now: the next request may change it, and fail.

        It is written with what others of the transaction do, a row that several change once; but sessions
        that were made, exchanged or dropped are at once, behind all that was done before.
        """
        database = self._copy.database
        if self._heads:
            self._flush()
        for head in self._heads.values():
            database.run(_PUT_SESSION, {**head, "stamp": stamp})
            self._copy.epochs[head["kind"], head["name"]] = head["epoch"]
            database.run(_EMPTY, {"kind": head["kind"], "session": head["name"]})
        rows = [row for session in self._whole for row in self._all_rows(session)]
        kinds = self._copy.kinds
        rows += [
            self._row(session, api, table, key)
            for session, api, table, key in self._rows
            if session not in self._whole and session in kinds
        ]
        self._hold(rows, stamp)
        self.taken = True
        self._rows, self._heads, self._whole = {}, {}, {}

    def _hold(self, rows: Iterable[dict[str, Any]], stamp: int) -> None:
        for row in rows:
            row["stamp"] = stamp
            self._taken[row["kind"], row["session"], row["api"], row["name"], row["key"]] = row

    def _flush(self) -> None:
        """Write what is held on to."""
        if self._taken:
            self._copy.database.run_many(_PUT, self._taken.values())
            self._taken = {}

    def finish(self, stamp: int) -> None:
        """Write what waits, counters too, and that *stamp* is the last change."""
        if self.waits:
            self.take_down(stamp)
        kinds = self._copy.kinds
        counters = (
            self._row(session, api, COUNTERS, COUNTERS) for session, api in self._counters if session in kinds
        )
        self._hold(counters, stamp)
        self._flush()
        self._copy.database.run(_RISE, {"stamp": stamp})

    def drop(self) -> None:
        """Have nothing to write of what still waits."""
        self._rows, self._heads, self._whole = {}, {}, {}

    def clear(self) -> None:
        """Begin anew: all of it was kept, or nothing."""
        self.drop()
        self._counters, self._taken = {}, {}
        self.taken = False

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
        made = {"kind": self._copy.kinds[session], "session": session.name, "api": api, "name": name}
        if name == COUNTERS:
            counters = dumps(session.worlds[api].counters if api else session.numbers).decode()
            return {**made, "key": "", "place": 0, "value": counters}
        table = session.worlds[api].tables[name] if api else session.tables[name]
        row = table.rows.get(key)
        value = dumps(row).decode() if row is not None else None
        return {**made, "key": dumps(key).decode(), "place": table.place(key), "value": value}


def _plain(key: Key) -> Key:
    """Return the key that is the same in JSON: 1.0 is 1 where Python looks it up."""
    return int(key) if isinstance(key, float) and key.is_integer() else key
