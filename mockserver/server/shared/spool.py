"""
A journal that several processes write and each can read whole.

To write each entry by itself would cost as much as answering. So a process keeps the
last ones to itself for a while and writes them together (`Spool`), in pieces, so that
no request has to wait for long. Where more come in that time than a journal holds, the
oldest are never written at all.

Before the first entry the process marks itself dirty in the database. Who reads says
so there (`ASKED`), and waits until everybody who was dirty when it began has written
what it had: a test that has its answer finds the line, whichever process it asks. One
that was killed in between is waited for once, for two seconds; its last entries are lost,
and nothing else is: state never waits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event, RLock, Thread
from typing import Any, Protocol, TypeVar

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mockserver.server.journal import Entry
from mockserver.server.keeper import StateGone
from mockserver.server.shared.bodies import Bodies
from mockserver.server.shared.database import AGAIN, MOMENT, Busy, Database
from mockserver.server.shared.entries import encoded
from mockserver.server.shared.schema import ASKED, HEAD, JOURNAL, PROCESSES, SESSIONS
from mockserver.server.shared.statements import Statement

log = logging.getLogger(__name__)

T = TypeVar("T")

HELD = 5.0
"""Seconds for which an entry may wait for others, and be lost where the process is killed."""
LOOK = 0.02
"""Seconds after which a process that has entries to write looks whether somebody asks for them."""
PIECE = 100
"""Entries that are written in one go."""
BODIES = 4 * 1024 * 1024
"""Bytes of large answers that do not wait any longer."""
PATIENCE = 2.0
"""Seconds to wait for a process that has entries to write; then it is taken for dead."""
TRIM = 200
"""Entries of a session after which the oldest are forgotten."""
SPACE = 1 << 32
"""Numbers of a process: those of the first begin with 1, those of the next with this."""


def _dirty(dialect: str) -> Any:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    made = make(PROCESSES).values(id=bindparam("me"), batch=bindparam("one"), dirty=bindparam("one"))
    again = {"dirty": 1, "batch": PROCESSES.c.batch + 1}  # else somebody has taken us for dead: here we are
    return made.on_conflict_do_update(index_elements=["id"], set_=again)


_DIRTY = Statement(_dirty)
_WRITTEN = Statement(
    update(PROCESSES).where(PROCESSES.c.id == bindparam("me")).values(batch=PROCESSES.c.batch + 1)
)
_CLEAN = Statement(update(PROCESSES).where(PROCESSES.c.id == bindparam("me")).values(dirty=0))
_OPEN = Statement(
    select(PROCESSES.c.id, PROCESSES.c.batch).where(PROCESSES.c.dirty == 1, PROCESSES.c.id != bindparam("me"))
)
_ASK = Statement(update(HEAD).where(HEAD.c.id == ASKED).values(stamp=HEAD.c.stamp + 1))
_TIMES_ASKED = Statement(select(HEAD.c.stamp).where(HEAD.c.id == ASKED))
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

    def patiently(self, act: Callable[[], T]) -> T:
        """Do *act* as soon as nobody else keeps the database locked (copying.py)."""

    @property
    def process(self) -> int:
        """The number of this process among those in the database."""


Later = Callable[[float, Callable[[], None]], None]
"""Has a function called after so many seconds; may be asked from any thread."""


class Waiting(Protocol):
    """A journal whose entries are on their way."""

    session: str
    entries: int
    size: int
    since_trim: int

    @property
    def waiting(self) -> int:
        """How many entries wait to be written."""

    def first(self, most: int) -> list[Entry]:
        """Return the oldest entries that wait to be written, at most so many."""

    def written(self, count: int) -> None:
        """Let the oldest *count* entries wait no more."""


def _weight(entry: Entry) -> int:
    return len(entry.request.body) + len(entry.response.body) + entry.request.head


_Pieces = list[tuple[Waiting, list[Entry]]]


class Spool:
    """
    Entries of this process on their way to the database.

    Args:
        state: Whose database and lock it is.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.bodies = Bodies()
        self._journals: dict[Waiting, None] = {}
        self._marked = False
        self._marked_within = False
        self._asked = 0
        self._since = self._again = 0.0
        self._wake = Event()
        self._ended = Event()
        self._thread: Thread | None = None
        self.later: Later | None = None
        """Has something called later; None: a thread of our own does, which fights with others for Python."""

    @property
    def base(self) -> int:
        """What the numbers of this process are above."""
        return (self._state.process % 0x10000) * SPACE

    def first_number(self, session: str) -> int:
        """Return the highest number that an entry of this process's range has had."""
        values = {"session": session, "low": self.base, "high": self.base + SPACE}
        return int(self._state.database.run(_HIGHEST, values)[0][0] or self.base)

    def add(self, journal: Waiting) -> None:
        """Note that *journal* has something to write (with the host's lock held)."""
        self._journals[journal] = None
        if not self._marked and time.monotonic() >= self._again:
            self._mark()

    def _mark(self) -> None:
        state = self._state
        try:
            self._asked = self._times_asked()  # first: who sees the mark asks after that
            state.database.run(_DIRTY, {"me": state.process, "one": 1}, MOMENT)
        except StateGone:
            self._again = time.monotonic() + AGAIN
            return  # it waits until the database is back
        self._marked, self._marked_within = True, state.open
        self._since = time.monotonic()
        if self.later is not None:
            self.later(LOOK, self._step)
            return
        if self._thread is None:
            self._thread = Thread(target=self._run, name="journal", daemon=True)
            self._thread.start()
        self._wake.set()

    def settled(self, stays: bool) -> None:
        """The transaction that was open has ended; a mark that was set in it stays with it, or does not."""
        if self._marked_within:
            self._marked, self._marked_within = stays, False

    # -------------------------------------------------------------------- writing

    def flush(self) -> None:
        """Write all that waits, in the transaction that is open. Raises StateGone."""
        pieces = [(journal, journal.first(journal.waiting)) for journal in self._journals]
        self._write(pieces)
        self._wrote(pieces)

    def _flush_alone(self, most: int | None = None) -> bool:
        """
        Write what waits, or so much of it, in a transaction of its own; say whether that was the last.

        Raises:
            Busy: Somebody else has the database locked.
            StateGone: Also for other reasons; nothing was written.
        """
        pieces: _Pieces = []
        for journal in self._journals:
            entries = journal.first(journal.waiting if most is None else most)
            pieces.append((journal, entries))
            if most is not None and (most := most - len(entries)) <= 0:
                break
        database = self._state.database
        database.begin()
        try:
            self._write(pieces)
            database.commit()
        except BaseException:
            database.rollback()
            raise
        self._wrote(pieces)
        return not self._journals

    def _write(self, pieces: _Pieces) -> None:
        database = self._state.database
        for journal, entries in pieces:
            session = journal.session
            rows = [
                {"session": session, "number": entry.number, "size": _weight(entry), "entry": encoded(entry)}
                for entry in entries
            ]
            database.run_many(_ADD, rows)
            journal.since_trim += len(rows)
            if journal.since_trim >= TRIM:
                journal.since_trim = 0
                self._trim(journal)
            if session:
                database.run(_USED, {"session": session, "now": time.time()})
        self.bodies.flush(database)
        if len(pieces) == len(self._journals) and all(
            len(entries) == journal.waiting for journal, entries in pieces
        ):
            database.run(_WRITTEN, {"me": self._state.process})

    def _wrote(self, pieces: _Pieces) -> None:
        self.bodies.flushed()
        for journal, entries in pieces:
            journal.written(len(entries))
            if not journal.waiting:
                del self._journals[journal]

    def _trim(self, journal: Waiting) -> None:
        held = 0
        for count, (seq, size) in enumerate(
            self._state.database.run(_SIZES, {"session": journal.session}), start=1
        ):
            held += size
            if count > journal.entries or held > journal.size:
                self._state.database.run(_TRIM, {"session": journal.session, "seq": seq})
                return

    # -------------------------------------------------------------------- reading

    def asked(self, statement: Statement, values: dict[str, Any]) -> Any:
        """Run *statement* when all that was answered before is in the database. Raises StateGone."""
        state = self._state
        if not state.open:
            self._wait_for_others()
        with state.lock:
            if self._journals:
                if state.open:
                    self.flush()
                else:
                    state.patiently(self._flush_alone)
            return state.database.run(statement, values)

    def _times_asked(self) -> int:
        return int(self._state.database.run(_TIMES_ASKED)[0][0])

    def _wait_for_others(self) -> None:
        state = self._state
        with state.lock:
            noted = {row[0]: row[1] for row in state.database.run(_OPEN, {"me": state.process})}
            if noted:
                state.patiently(lambda: state.database.run(_ASK, wait=0))
        end = time.monotonic() + PATIENCE
        pause = Event()
        while noted and time.monotonic() < end:
            pause.wait(LOOK / 4)
            with state.lock:
                still = {row[0]: row[1] for row in state.database.run(_OPEN, {"me": state.process})}
            noted = {one: batch for one, batch in noted.items() if still.get(one) == batch}
        with state.lock:
            for one, batch in noted.items():
                state.database.run(_BURY, {"dead": one, "batch": batch})

    # ------------------------------------------------------------ from time to time

    def _step(self) -> None:
        """Look, and have that done again as long as there is something to look after."""
        done = self._looked_well()
        if self._marked and self.later is not None and not self._ended.is_set():
            self.later(LOOK if done else LOOK / 10, self._step)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.wait()
            self._ended.wait(LOOK)
            while not self._looked_well():
                self._ended.wait(LOOK / 10)  # for requests, which could not take the lock from us else

    def _looked_well(self) -> bool:
        try:
            return self._looked()
        except Busy:
            return False
        except StateGone:
            with self._state.lock:
                self._rest()  # the next entry tries again
            return True

    def _rest(self) -> None:
        self._marked = False
        self._wake.clear()

    def _looked(self) -> bool:
        """Write a piece of what waits where it is time to, or somebody asks; say whether there is no more."""
        with self._state.lock:
            if not self._marked:
                self._rest()
                return True
            asked, now = self._times_asked(), time.monotonic()
            if asked == self._asked and now - self._since < HELD and self.bodies.held < BODIES:
                return True
            if not self._journals:
                self._state.database.run(_CLEAN, {"me": self._state.process}, 0)
                self._rest()
                return True
            if not self._flush_alone(PIECE):
                return False
            self._asked, self._since = asked, now
            return True

    def close(self) -> None:
        """Write what waits, and stop."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(2)
        with self._state.lock:
            try:
                if self._journals:
                    self._state.patiently(self._flush_alone)
                if self._marked:
                    self._state.database.run(_CLEAN, {"me": self._state.process})
            except StateGone as error:
                log.warning("%s", error)
