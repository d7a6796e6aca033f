"""
One connection to the database, and transactions that begin with its lock.

SQLite: write-ahead log, `synchronous=NORMAL`. A commit is in the log, in the
operating system's hands, before it is acknowledged: a `kill -9` loses nothing of it.
Only a failing machine (power, kernel) may lose the last commits, never the rest; FULL
would pay a disk's round trip for each request to hold that too, which a mock need not.
PostgreSQL has its own setting (`synchronous_commit`), which is left as it is.

Statements are compiled once (SQLAlchemy Core) and given to the driver as they are:
a request pays for its statements, not for how they are written.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from sqlite3 import SQLITE_BUSY, SQLITE_FULL, SQLITE_READONLY
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from mockserver.errors import UsageError
from mockserver.server.keeper import WAIT, StateGone
from mockserver.server.shared import schema
from mockserver.server.shared.statements import Statement
from mockserver.server.shared.wal import Wal, identity

log = logging.getLogger(__name__)

LAST = 0.3
"""Seconds to wait for it when the process is about to end."""
SHORT, LONG = 0.0002, 0.004
"""Seconds after which SQLite is asked again whether that has ended, at first and at the most."""
MOMENT = 0.25
"""Seconds to wait for it with what can be done another time."""
AGAIN = 0.5
"""Seconds for which a database that was gone is not asked again."""

_ENDS = ("BEGIN", "COMMIT", "ROLLBACK")
"""What statements start with between which a transaction is."""

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}

_UNWRITABLE = (SQLITE_FULL, SQLITE_READONLY)
"""SQLite's codes of a file that can be read all the same."""

_LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's SQLSTATE of `lock_timeout`."""

Row = Sequence[Any]
Result = TypeVar("Result")


class Busy(StateGone):
    """Somebody else keeps the database locked; it is there, and nothing was changed."""


class Database:
    """
    Args:
        url: As after `--state`.

    Attributes:
        shown: The URL without its password.
        wal: Tells whether anybody has changed anything; None where only a query can.

    Raises:
        UsageError: It is no URL of a database that is known here, or its driver is not installed.
    """

    def __init__(self, url: str, patience: float = WAIT) -> None:
        self.patience = patience
        parsed = _parsed(url)
        self.shown = parsed.render_as_string(hide_password=True).replace("+psycopg", "")
        self.sqlite = parsed.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"check_same_thread": False, "timeout": patience}
        if not self.sqlite:
            options = {"connect_timeout": 3, "application_name": "mockserver"}
            parsed = parsed.difference_update_query(()) if not parsed.query else parsed
        try:
            self.engine = create_engine(
                parsed, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=options
            )
        except ImportError as error:
            raise UsageError(
                f"--state {self.shown}: its driver is missing ({error}): pip install 'mockserver[postgresql]'"
            ) from None
        event.listen(self.engine, "connect", self._prepare)
        self._connection: Connection | None = None
        self._raw: Any = None
        self._file = (parsed.database or "") if self.sqlite else ""
        self._identity: object = None
        self.wal: Wal | None = None
        self._failed = 0.0
        self._why = ""
        self._within = False  # whether a transaction is under way

    def _prepare(self, raw: Any, _record: object) -> None:
        cursor = raw.cursor()
        if self.sqlite:
            # Of two that open a new file at once SQLite makes none wait here, whatever its timeout says.
            self._patiently(lambda: cursor.execute("PRAGMA journal_mode=WAL"), self.patience)
            cursor.execute("PRAGMA synchronous=NORMAL")
            cursor.execute("SELECT 1 FROM sqlite_master").fetchone()  # from here on the log has its index
            cursor.execute("PRAGMA busy_timeout=0")  # from here on `_plain` waits
        else:
            cursor.execute(_lock_timeout(self.patience))
            cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
        cursor.close()

    @property
    def _open(self) -> Connection:
        """The connection. Raises StateGone where there can be none."""
        if self._connection is None:
            if time.monotonic() - self._failed < AGAIN:
                raise StateGone(self._why)
            if self._identity is not None and identity(self._file) is None:  # SQLite would make an empty one
                raise self._gone(FileNotFoundError("the file is gone"))
            try:
                self._connection = self._connected()
                self._raw = self._connection.connection.driver_connection
            except SQLAlchemyError as error:
                raise self._gone(error) from None
            if self.sqlite:
                self._identity = identity(self._file)
                self.wal = Wal.of(self._file)
        return self._connection

    def _connected(self) -> Connection:
        """Open a connection; once more where that was broken off at once, as what drops connections does."""
        begun = time.monotonic()
        try:
            return self.engine.connect()
        except SQLAlchemyError:
            if self.sqlite or time.monotonic() - begun > MOMENT:
                raise
        return self.engine.connect()

    @property
    def connection(self) -> Connection:
        """The connection, for statements that are run once."""
        return self._open

    def create(self) -> None:
        """
        Make the database one of today, alone in it.

        Raises:
            UsageError: A newer mockserver has made it, or it cannot be opened.
        """
        try:
            connection = self._open
            if self.sqlite:
                self._plain("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql("BEGIN")
                connection.exec_driver_sql(
                    "SELECT pg_advisory_xact_lock(6102026, hashtext(coalesce(current_schema(), '')))"
                )
            schema.migrate(connection, self.shown)
            connection.exec_driver_sql("COMMIT")
        except StateGone as error:
            raise UsageError(str(error)) from None
        except SQLAlchemyError as error:
            raise UsageError(str(self._gone(error))) from None

    # -------------------------------------------------------------- transactions

    def begin(self) -> None:
        """
        Begin to change, until `commit` or `rollback`, what is ours: others may change theirs.

        Raises:
            Busy: Somebody else does, where the whole file is locked: nobody is waited for here.
            StateGone: Also where it cannot be reached.
        """
        if self.sqlite:
            self._plain("BEGIN IMMEDIATE", wait=0)
            if identity(self._file) != self._identity:  # what is written now would be gone with the process
                raise self._gone(FileNotFoundError("the file was taken away, or another put in its place"))
        else:
            self._plain("BEGIN")

    def lock(self) -> int:
        """
        Begin to change, alone until `commit` or `rollback`. Return the stamp of the last change.

        Raises:
            Busy: Somebody else does: nobody is waited for here, see `Copy.patiently`.
            StateGone: Also where it cannot be reached.
        """
        self.begin()
        found = self.run(_LOCK)
        if not found:
            self.rollback()
            raise self._taken(0)
        return int(found[0][0])

    def look(self) -> None:
        """Begin to look: what is read until `commit` is of one moment."""
        self._plain("BEGIN" if self.sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        """Make what was changed stay. Raises StateGone; then nobody knows whether it does."""
        self._plain("COMMIT")

    def rollback(self) -> None:
        """Leave everything as it was."""
        if self._connection is not None:
            if self.sqlite and not self._raw.in_transaction:  # SQLite has done it: the disk is full
                return
            try:
                self._plain("ROLLBACK")
            except StateGone:
                return  # with the connection its transaction is gone

    def moves(self) -> object:
        """
        Return what is another one whenever anybody has changed anything; None where that costs a query.

        For SQLite that is the head of the log's index, which all processes have in their memory: a look takes
        no system call.
        """
        if not self.sqlite:
            return None
        self._open  # noqa: B018 - opens it
        if self.wal is not None:
            return self.wal.head()
        try:
            return self._raw.execute("PRAGMA data_version").fetchone()[0]
        except self.engine.dialect.dbapi.Error as error:  # type: ignore[union-attr]
            raise self._gone(error) from None

    def moved_by_us(self, before: object) -> object:
        """
        Return what `moves` says now where nobody but us has changed anything since it said *before*; or None.

        *before* was asked for with the lock held, and one transaction has ended since.
        """
        if self.wal is not None and isinstance(before, bytes):
            return self.wal.head_after_one(before)
        return before  # `PRAGMA data_version` does not move with what its own connection does

    def run(
        self, statement: Statement, values: Mapping[str, Any] | None = None, wait: float | None = None
    ) -> list[Row]:
        """
        Run a statement; return its rows, if it gives any.

        Raises:
            Busy: It would change something while somebody else does, who goes on for *wait* seconds
                (`patience`, where nothing is said).
            StateGone: Also where it cannot be reached.
        """
        compiled = statement.compiled(self.engine)
        return self._plain(compiled.text, compiled.given(values or {}), wait)

    def run_many(self, statement: Statement, several: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement for each of *several*. Raises StateGone."""
        compiled = statement.compiled(self.engine)
        rows = [compiled.given(values) for values in several]
        self._open  # noqa: B018 - opens it
        try:
            self._raw.cursor().executemany(compiled.text, rows)
        except self.engine.dialect.dbapi.Error as error:  # type: ignore[union-attr]
            raise self._gone(error) from None

    def hurry(self) -> None:
        """Wait for nobody any more, but for a moment: the process is about to end. Raises StateGone."""
        self.patience = min(self.patience, LAST)
        if not self.sqlite and self._connection is not None:
            self._plain(_lock_timeout(self.patience))

    def _plain(
        self, text: str, values: Any = (), wait: float | None = None, *, again: bool = True
    ) -> list[Row]:
        self._open  # noqa: B018 - opens it
        wait = self.patience if wait is None else wait

        def act() -> list[Row]:
            cursor = self._raw.cursor()
            cursor.execute(text, values)
            return cursor.fetchall() if cursor.description is not None else []

        try:
            found = self._patiently(act, wait)
        except self.engine.dialect.dbapi.Error as error:  # type: ignore[union-attr]
            if self._busy(error):
                raise self._taken(wait) from None
            if not (again and self._dropped(text)):
                raise self._gone(error) from None
            self.close()
            return self._plain(text, values, wait, again=False)
        if text.startswith(_ENDS):
            self._within = text.startswith("BEGIN")
        return found

    def _dropped(self, text: str) -> bool:
        """
        Return whether the connection was lost where nothing is lost with it: another one does for *text*.

        So does a database that begins again, or a firewall, with who was silent for long.
        """
        return (
            not self.sqlite and not self._within and text.startswith(("BEGIN", "SELECT")) and self._raw.closed
        )

    def _patiently(self, act: Callable[[], Result], wait: float) -> Result:
        """Return what *act* returns, again and again for *wait* seconds while somebody else is at it."""
        until = time.monotonic() + wait
        pause = SHORT
        while True:
            try:
                return act()
            except self.engine.dialect.dbapi.Error as error:  # type: ignore[union-attr]
                # PostgreSQL has waited by itself.
                if not self.sqlite or not self._busy(error) or time.monotonic() >= until:
                    raise
            # SQLite itself would sleep for longer and longer: another process's transaction takes
            # milliseconds, and while it is slept through nobody is answered here.
            time.sleep(pause)
            pause = min(pause * 1.5, LONG)

    def _taken(self, wait: float) -> Busy:
        more = f" for more than {wait:g} seconds." if wait else "."
        return Busy(f"The state is kept in {self.shown}, which another process keeps locked{more}")

    @staticmethod
    def _busy(error: Exception) -> bool:
        """Return whether somebody else is at it; the connection is as good as before."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == SQLITE_BUSY:
            return True
        return getattr(error, "sqlstate", None) == _LOCK_NOT_AVAILABLE

    def _gone(self, error: Exception) -> StateGone:
        """Let go of the connection; the next request opens another. Who only cannot write keeps it."""
        said = str(error.orig if isinstance(error, DBAPIError) else error).strip().partition("\n")[0]
        if getattr(error, "sqlite_errorcode", 0) in _UNWRITABLE:
            return StateGone(f"The state is kept in {self.shown}, which cannot be changed now: {said}")
        self._why = f"The state is kept in {self.shown}, which cannot be used now: {said}"
        if self.sqlite or self._connection is None:  # else another connection may do
            self._failed = time.monotonic()
        self.close()
        return StateGone(self._why)

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection, self._raw = self._connection, None, None
        self._within = False
        wal, self.wal = self.wal, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except SQLAlchemyError as error:
                log.debug("The connection was closed already: %s", error)
        if wal is not None:  # behind the connection: see its module's head
            wal.let_go()


def _lock_timeout(seconds: float) -> str:
    return f"SET lock_timeout = '{max(1, int(seconds * 1000))}ms'"


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UsageError(f"--state {url}: memory:, sqlite:///FILE or postgresql://... is expected.") from None
    backend = parsed.get_backend_name()
    if backend not in _DRIVERS:
        raise UsageError(
            f"--state {url}: {backend!r} is not known; memory:, sqlite:///FILE or postgresql://..."
        )
    if backend == "sqlite" and not parsed.database:
        raise UsageError(f"--state {url}: a file is expected: sqlite:///file.db")
    return parsed.set(drivername=_DRIVERS[backend]) if parsed.drivername == backend else parsed


def _locking(dialect: str) -> Any:
    clause = select(schema.HEAD.c.stamp).where(schema.HEAD.c.id == 1)
    return clause if dialect == "sqlite" else clause.with_for_update(skip_locked=True)


_LOCK = Statement(_locking)
