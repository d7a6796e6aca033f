"""
What stands in the database, and how an older one becomes one of today.

Rows are kept as they are in memory: a table's name, a key, a place in its order, a
value as JSON. What a fixture says is not written down, only what was changed since
(a row without a value: it was taken away), so that an edited fixture shows.

`stamp` is the number of the change that a row was written with. There is one count
for all of the database (`mockserver_head`): whoever holds its row in a transaction
is the only one that changes anything, and whoever has seen up to a stamp asks for
what is above it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
)

from mockserver.errors import UsageError

METADATA = MetaData()

META = Table(
    "mockserver_meta",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("value", Text, nullable=False),
)
"""`schema`: the version of all this. `api:NAME`: of which seed and fixture the rows of an API are."""

HEAD = Table(
    "mockserver_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("stamp", BigInteger, nullable=False),
)
"""
Row 1: the number of the last change. Row `ASKED`: how often somebody has asked for the journal. Row `SWEPT`:
the change up to which rows that say that something is gone were taken away (sweeping.py).
"""
ASKED, SWEPT = 2, 3

SESSIONS = Table(
    "mockserver_sessions",
    METADATA,
    Column("kind", String(20), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("pinned", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("used", Float, nullable=False),
    Column("stamp", BigInteger, nullable=False),
    Index("mockserver_sessions_stamp", "stamp"),
)
"""Sessions and snapshots. Another `epoch`: all that it held was exchanged."""

ROWS = Table(
    "mockserver_rows",
    METADATA,
    Column("kind", String(20), primary_key=True),
    Column("session", String(200), primary_key=True),
    Column("api", String(200), primary_key=True),
    Column("name", String(500), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("place", BigInteger, nullable=False),
    Column("value", Text),
    Column("stamp", BigInteger, nullable=False),
    Index("mockserver_rows_stamp", "stamp"),
)
"""`api` is "" for system tables; `name` is "" for the counters of a world."""

JOURNAL = Table(
    "mockserver_journal",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("session", String(200), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Index("mockserver_journal_session", "session", "seq"),
    Index("mockserver_journal_number", "session", "number"),
)

BODIES = Table(
    "mockserver_bodies",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("session", String(200), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("mockserver_bodies_number", "session", "number"),
)
"""Answers too large for the journal, whole."""

LEASES = Table(
    "mockserver_leases",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("holder", String(100), nullable=False),
    Column("until", Float, nullable=False),
)
"""What only one process does at a time, who, and until when unless it says so again (seconds since 1970)."""

PROCESSES = Table(
    "mockserver_processes",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("batch", BigInteger, nullable=False),
    Column("dirty", Integer, nullable=False),
)
"""Who writes. `dirty`: it has journal entries that are not in the database yet (see journal.py)."""


def _first(connection: Connection) -> None:
    METADATA.create_all(connection)
    connection.execute(HEAD.insert().values(id=1, stamp=0))


def _bodies_and_leases(connection: Connection) -> None:
    for table in (BODIES, LEASES):
        table.create(connection, checkfirst=True)


def _asked(connection: Connection) -> None:
    connection.execute(HEAD.insert().values(id=ASKED, stamp=0))


def _swept(connection: Connection) -> None:
    connection.execute(HEAD.insert().values(id=SWEPT, stamp=0))


MIGRATIONS = {1: _first, 2: _bodies_and_leases, 3: _asked, 4: _swept}
"""What makes a database of each version out of one of the version before; 0 is an empty one."""


def migrate(connection: Connection, where: str) -> None:
    """
    Make the database one of today. To be called where nobody else is in it.

    Raises:
        UsageError: A newer mockserver has made it.
    """
    found = 0
    if inspect(connection).has_table(META.name):
        said = connection.execute(select(META.c.value).where(META.c.name == "schema")).scalar()
        found = int(said or 0)
    if found > max(MIGRATIONS):
        raise UsageError(
            f"--state {where}: a newer mockserver has made it (schema {found}; "
            f"this one knows {max(MIGRATIONS)}). Upgrade mockserver, or name another state."
        )
    if found == max(MIGRATIONS):
        return
    for version in range(found + 1, max(MIGRATIONS) + 1):
        MIGRATIONS[version](connection)
    connection.execute(META.delete().where(META.c.name == "schema"))
    connection.execute(META.insert().values(name="schema", value=str(max(MIGRATIONS))))
