"""
A journal that several processes write and each can read whole.

To write each entry by itself would cost as much as answering. So a process keeps the
last ones to itself for some milliseconds and writes them together (`Spool`); a change
of state takes them along in its own transaction. Before the first entry of a batch
the process marks itself dirty in the database. Who reads waits for the batches that
were open when it began: a test that has its answer finds the line, whichever process
it asks. One that was killed in between is waited for once, for a second.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event, RLock, Thread
from typing import Any, Protocol

from sqlalchemy import bindparam, delete, func, insert, select, update

from mockserver.server.hoard import Hoard
from mockserver.server.journal import Entry, Journal
from mockserver.server.keeper import StateGone
from mockserver.server.shared import bodies
from mockserver.server.shared.database import Database, Statement
from mockserver.server.shared.entries import decoded, encoded
from mockserver.server.shared.schema import JOURNAL, PROCESSES, SESSIONS

HELD = 0.02
"""Seconds for which an entry may wait for others."""
PATIENCE = 1.0
"""Seconds to wait for a process that has entries to write; then it is taken for dead."""
TRIM = 200
"""Entries of a session after which the oldest are forgotten."""
WAITING = 1_000
"""Entries that wait at the most where the database is gone."""
SPACE = 1 << 32
"""Numbers of a process: those of the first begin with 1, those of the next with this."""

_DIRTY = Statement(
    update(PROCESSES).where(PROCESSES.c.id == bindparam("me")).values(dirty=1, batch=PROCESSES.c.batch + 1)
)
_CLEAN = Statement(update(PROCESSES).where(PROCESSES.c.id == bindparam("me")).values(dirty=0))
_OPEN = Statement(
    select(PROCESSES.c.id, PROCESSES.c.batch).where(PROCESSES.c.dirty == 1, PROCESSES.c.id != bindparam("me"))
)
_BURY = Statement(
    delete(PROCESSES).where(PROCESSES.c.id == bindparam("dead"), PROCESSES.c.batch == bindparam("batch"))
)
_ADD = Statement(
    insert(JOURNAL).values(
        session=bindparam("session"),
        number=bindparam("number"),
        size=bindparam("size"),
        entry=bindparam("entry"),
    )
)
_USED = Statement(
    update(SESSIONS)
    .where(SESSIONS.c.kind == "session", SESSIONS.c.name == bindparam("session"))
    .values(used=bindparam("now"))
)
_LAST = Statement(
    select(JOURNAL.c.entry)
    .where(JOURNAL.c.session == bindparam("session"))
    .order_by(JOURNAL.c.seq.desc())
    .limit(bindparam("most"))
)
_ONE = Statement(
    select(JOURNAL.c.entry).where(
        JOURNAL.c.session == bindparam("session"), JOURNAL.c.number == bindparam("number")
    )
)
_COUNT = Statement(select(func.count()).where(JOURNAL.c.session == bindparam("session")))
_FORGET = Statement(
    delete(JOURNAL).where(JOURNAL.c.session == bindparam("session"), JOURNAL.c.number == bindparam("number"))
)
_CLEAR = Statement(delete(JOURNAL).where(JOURNAL.c.session == bindparam("session")))
_SIZES = Statement(
    select(JOURNAL.c.seq, JOURNAL.c.size)
    .where(JOURNAL.c.session == bindparam("session"))
    .order_by(JOURNAL.c.seq.desc())
)
_TRIM = Statement(
    delete(JOURNAL).where(JOURNAL.c.session == bindparam("session"), JOURNAL.c.seq <= bindparam("seq"))
)
_HIGHEST = Statement(
    select(func.max(JOURNAL.c.number)).where(
        JOURNAL.c.session == bindparam("session"),
        JOURNAL.c.number >= bindparam("low"),
        JOURNAL.c.number < bindparam("high"),
    )
)


class State(Protocol):
    """What a journal needs of the state (state.py)."""

    @property
    def database(self) -> Database:
        """Where entries stand."""

    @property
    def lock(self) -> RLock:
        """Held by who uses the database."""

    @property
    def open(self) -> bool:
        """Whether a transaction that changes something is under way."""

    @property
    def process(self) -> int:
        """The number of this process among those in the database."""

    @property
    def spool(self) -> Spool:
        """What takes entries to the database."""


class SharedJournal(Journal):
    """The requests of one session, whichever process answered them."""

    def __init__(
        self, state: State, entries: int, size: int, session: str, hoard: Hoard | None = None
    ) -> None:
        super().__init__(entries, size, session, hoard)
        self.session = session
        self.shared = True
        self.since_trim = 0
        self._state = state
        self._number = state.spool.first_number(session)

    def _keep(self, entry: Entry, weight: int) -> None:
        self._state.spool.add(self, entry, weight)

    def _keep_whole(self, entry: Entry, body: bytes) -> None:
        self._state.spool.bodies.add(self.session, entry.number, body, self.hoard.bodies.size)

    def _whole(self, entry: Entry) -> bytes | None:
        rows = self._asked(bodies.ONE, {"session": self.session, "number": entry.number})
        return bytes(rows[0][0]) if rows else None

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entries as they are now, oldest first."""
        rows = self._asked(_LAST, {"session": self.session, "most": self.entries})
        return iter(sorted((decoded(bytes(row[0])) for row in rows), key=lambda entry: entry.at))

    def __len__(self) -> int:
        return min(int(self._asked(_COUNT, {"session": self.session})[0][0]), self.entries)

    def get(self, ident: str) -> Entry | None:
        """Return the entry with that id (any case), or None."""
        number = self._number_in(ident)
        rows = self._asked(_ONE, {"session": self.session, "number": number}) if number is not None else []
        return decoded(bytes(rows[0][0])) if rows else None

    def remove(self, ident: str) -> Entry | None:
        """Forget the entry with that id and return it; None when there is none."""
        entry = self.get(ident)
        if entry is not None:
            self._asked(_FORGET, {"session": self.session, "number": entry.number})
        return entry

    def clear(self) -> None:
        """Forget everything, and count from 1 again."""
        self._asked(_CLEAR, {"session": self.session})
        self._number = self._state.spool.base

    def _number_in(self, ident: str) -> int | None:
        wanted = ident.lower()
        if not wanted.startswith(self._owner):
            return None
        try:
            return int(wanted[len(self._owner) :], 16)
        except ValueError:
            return None

    def _asked(self, statement: Statement, values: dict[str, Any]) -> Any:
        return self._state.spool.asked(statement, values)


class Spool:
    """
    Entries of this process on their way to the database.

    Args:
        state: Whose database and lock it is.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.bodies = bodies.Bodies()
        self._waiting: list[tuple[SharedJournal, Entry, int]] = []
        self._marked = False
        self._wake = Event()
        self._ended = Event()
        self._thread: Thread | None = None

    @property
    def base(self) -> int:
        """What the numbers of this process are above."""
        return (self._state.process % 0x10000) * SPACE

    def first_number(self, session: str) -> int:
        """Return the highest number that an entry of this process's range has had."""
        values = {"session": session, "low": self.base, "high": self.base + SPACE}
        return int(self._state.database.run(_HIGHEST, values)[0][0] or self.base)

    def add(self, journal: SharedJournal, entry: Entry, weight: int) -> None:
        """Take an entry (with the host's lock held)."""
        if len(self._waiting) < WAITING:
            self._waiting.append((journal, entry, weight))
        if not self._marked and not self._state.open:
            try:
                self._state.database.run(_DIRTY, {"me": self._state.process})
                self._marked = True
            except StateGone:
                return  # it waits until the database is back
            if self._thread is None:
                self._thread = Thread(target=self._run, name="journal", daemon=True)
                self._thread.start()
            self._wake.set()

    def flush(self) -> None:
        """Write what waits, in the transaction that is open. Raises StateGone."""
        waiting = self._waiting
        if not waiting and not self._marked:
            return
        database = self._state.database
        if waiting:
            database.run_many(
                _ADD,
                [
                    {
                        "session": journal.session,
                        "number": entry.number,
                        "size": weight,
                        "entry": encoded(entry),
                    }
                    for journal, entry, weight in waiting
                ],
            )
            counted: dict[SharedJournal, int] = {}
            for journal, _, _ in waiting:
                counted[journal] = counted.get(journal, 0) + 1
            for journal, count in counted.items():
                journal.since_trim += count
                if journal.since_trim >= TRIM:
                    journal.since_trim = 0
                    self._trim(journal)
                if journal.session:
                    database.run(_USED, {"session": journal.session, "now": time.time()})
        self.bodies.flush(database)
        if self._marked:
            database.run(_CLEAN, {"me": self._state.process})

    def flushed(self) -> None:
        """Forget what was written: its transaction has come to stay."""
        self._waiting = []
        self.bodies.flushed()
        self._marked = False

    def _trim(self, journal: SharedJournal) -> None:
        held = 0
        for count, (seq, size) in enumerate(
            self._state.database.run(_SIZES, {"session": journal.session}), start=1
        ):
            held += size
            if count > journal.entries or held > journal.size:
                self._state.database.run(_TRIM, {"session": journal.session, "seq": seq})
                return

    def asked(self, statement: Statement, values: dict[str, Any]) -> Any:
        """Run *statement* when all that was answered before is in the database. Raises StateGone."""
        state = self._state
        if not state.open:
            self._wait_for_others()
        with state.lock:
            if state.open:
                self.flush()
                self.flushed()
                return state.database.run(statement, values)
            self._flush_now()
            return state.database.run(statement, values)

    def _wait_for_others(self) -> None:
        state = self._state
        with state.lock:
            noted = {row[0]: row[1] for row in state.database.run(_OPEN, {"me": state.process})}
        end = time.monotonic() + PATIENCE
        pause = Event()
        while noted and time.monotonic() < end:
            pause.wait(HELD / 4)
            with state.lock:
                still = {row[0]: row[1] for row in state.database.run(_OPEN, {"me": state.process})}
            noted = {one: batch for one, batch in noted.items() if still.get(one) == batch}
        with state.lock:
            for one, batch in noted.items():
                state.database.run(_BURY, {"dead": one, "batch": batch})

    def _flush_now(self) -> None:
        if not self._waiting and not self._marked:
            return
        state = self._state
        state.database.lock()
        try:
            self.flush()
            state.database.commit()
        except BaseException:
            state.database.rollback()
            raise
        self.flushed()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.wait()
            self._ended.wait(HELD)
            self._wake.clear()
            with self._state.lock:
                try:
                    if not self._state.open:
                        self._flush_now()
                except StateGone:
                    self._marked = False  # the next entry tries again

    def close(self) -> None:
        """Write what waits, and stop."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(2)
        with self._state.lock:
            try:
                self._flush_now()
            except StateGone:
                return
