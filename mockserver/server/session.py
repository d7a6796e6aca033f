"""
A session: everything that is one client's own, and the one door through which it changes.

Tests that run side by side must not meet. So nothing that a request may change is
the host's: worlds, journal, stubs, scenarios, clock, gates and faults belong to the
session that the request names (`Mock-Session`, see sessions.py for how it is found).
The default session is the one of who names none.

**What a session holds is rows in tables.** The tables of the APIs are in its worlds.
Everything else that lasts is in *system tables*, one row of JSON under a text key:

    with session.changing() as transaction:             # all of it, or nothing
        transaction.put("stubs", stub["id"], stub)
    for key, stub in session.rows("stubs"): ...

    with session.changing("books-api") as transaction:  # rows of an API, the same way
        transaction.put("books", "bk_1", book)

A table is there as soon as it is named; that is all that it takes to add one. Nobody
keeps such data elsewhere, and nobody changes a row in place. What is derived from rows
(compiled matchers, indexes) is kept beside them under `session.version`, which moves
with every change of a system table. Rows have an order, that in which they came.
A fork begins with the rows of the default session, but for those of `OWN`.

**There is one door**: rows of a world pass through `World.commit`, system rows through
`Session.commit`, and both end in `Transaction.commit`, which says in `written` which
rows they were. Who keeps sessions in a database, or shares them between processes,
does it there: compare and swap at the commit, take over what others have committed
before a request is planned, and plan again where the swap fails. Nothing is lost by
planning again, as nothing has happened before the commit. Three things are to be kept
beside the rows: their order; which rows of a fixture were deleted (`Table.touched`
without a row: a reload must not bring them back); and `World.counters`, one row for
each world, for what is no row by itself; `move` changes these alone. A whole session
is exchanged by `take` only (a reset, a snapshot that is put back).

What answers in the contract's place by such rows (stubs, armed answers) is an
`Override`: server/overriding.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock

from mockserver.behavior.clock import Clock
from mockserver.behavior.store import Row, Table, Transaction
from mockserver.behavior.world import World
from mockserver.exchange import Json
from mockserver.server.bounds import Bounds
from mockserver.server.journal import Journal
from mockserver.server.keeper import MEMORY, Keeper
from mockserver.server.waiting import WaitingRoom

DEFAULT = "default"
"""What the session of who names none is called."""

ARMED_CASES = "armed-cases"
"""The system table of cases (server/cases) that wait for a request: by API and operation."""

WAITING = "waiting"
"""The system table of who waits at a gate, where several processes share a session."""

OWN = frozenset({"armed", ARMED_CASES, "gates", WAITING, "deliveries"})
"""System tables whose rows wait for something to happen in their own session: a fork begins without them."""


class Unlocked(Exception):
    """Something was to be changed outside of `Keeper.writing`: another process might change it, too."""


class Session:
    """
    One client's world.

    Args:
        name: "default" for the one of who names none.
        worlds: By the APIs' names.
        journal: What was asked of it, and answered.
        lock: Held by who looks at it or changes it; the host's, for all its sessions.

    Attributes:
        version: Moves with every change of a system table, and when the whole session is exchanged.
        used: When it was asked for last, by `time.perf_counter()`.
        pinned: Whether it stays, however long nobody uses it.
        waiting: Who waits in this process at the session's gates, where no other shares it.
        keeper: Who keeps it, and is told of every change.
        tables: The system tables, by name.
        bounds: How much there may be of what; the host's, for all its sessions.
        gone: Whether it was dropped; a request that is under way in it is answered all the same.
    """

    def __init__(
        self, name: str, worlds: Mapping[str, World], journal: Journal, lock: RLock | None = None
    ) -> None:
        self.name = name
        self.worlds = dict(worlds)
        self.journal = journal
        self.lock = lock or RLock()
        self.version = 0
        self.used = 0.0
        self.pinned = name == DEFAULT
        self.gone = False
        self.waiting = WaitingRoom()
        self.bounds = Bounds()
        self.keeper: Keeper = MEMORY
        self.tables: dict[str, Table] = defaultdict(Table)

    @property
    def room(self) -> WaitingRoom:
        """Who waits at the session's gates."""
        return self.keeper.room(self)

    # ------------------------------------------------------------------ changes

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Look, then change: what is looked at within is as others have left it, and they wait."""
        with self.lock, self.keeper.writing():
            yield

    @contextmanager
    def changing(self, api: str = "") -> Iterator[Transaction]:
        """
        Change system tables, or the rows of the API called *api*.

        All of it happens or, where something is raised, nothing.

        Raises:
            Full: There would be more of something than there may be.
        """
        with self.lock, self.keeper.writing():
            world = self.worlds[api] if api else None
            transaction = world.begin() if world is not None else Transaction(self.tables)
            try:
                yield transaction
                if world is not None:
                    self.bounds.hold_world(world, transaction)
                else:
                    self.bounds.hold_tables(self.tables, transaction)
            except BaseException:
                transaction.rollback()
                if world is not None:
                    world.version += 1
                raise
            if world is not None:
                world.commit(transaction)
            else:
                self.commit(transaction)

    def commit(self, transaction: Transaction) -> None:
        """Make what a transaction has changed in system tables stay."""
        if transaction.commit():
            for name, key in transaction.written:
                if key not in self.tables[name].rows:
                    self.tables[name].untouch(key)
            self.version += 1
            self.keeper.wrote(self, transaction.written)

    # -------------------------------------------------------------------- looks

    def rows(self, table: str) -> list[tuple[str, Row]]:
        """Return key and row of a system table's rows, in order."""
        found = self.tables.get(table)
        if found is None or not found.rows:
            return []
        with self.lock:
            return list(found.rows.items())

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each system table has, the empty ones left out."""
        with self.lock:
            return {name: len(table.rows) for name, table in self.tables.items() if table.rows}

    def row(self, table: str, key: str) -> Row | None:
        """Return one row of a system table, or None."""
        return self.tables[table].rows.get(key) if table in self.tables else None

    @property
    def numbers(self) -> dict[str, int]:
        """The highest number that a key of each system table was made with, where there are such keys."""
        return {name: table.number for name, table in self.tables.items() if table.number}

    @numbers.setter
    def numbers(self, said: Mapping[str, int]) -> None:
        for name, number in said.items():
            self.tables[name].number = number

    def state(self, api: str) -> dict[str, dict[str, Json]]:
        """Return the rows of the API called *api*: collection, then key; a copy that is safe to read."""
        with self.lock:
            tables = self.worlds[api].tables
            return {
                name: {str(key).removeprefix("|"): row for key, row in table.rows.items()}
                for name, table in tables.items()
            }

    def move(self, act: Callable[[Clock], None]) -> None:
        """Do something to the clocks of all worlds, in which case `World.counters` change and no row does."""
        with self.lock, self.keeper.writing():
            for world in self.worlds.values():
                act(world.clock)
            self.version += 1
            self.keeper.moved(self)

    def sow(self, seed: str) -> None:
        """Make up other data from now on, as if the server had been started with *seed*."""
        with self.lock, self.keeper.writing():
            for world in self.worlds.values():
                world.sow(seed)
            self.version += 1
            self.keeper.moved(self)

    # -------------------------------------------------------------- all of it

    def take(self, worlds: Mapping[str, World], tables: Mapping[str, Table]) -> None:
        """Hold these worlds and system tables from now on, in place of all there was; the journal stays."""
        with self.lock, self.keeper.writing():
            self.hold(worlds, tables)
            self.keeper.replaced(self)

    def hold(self, worlds: Mapping[str, World], tables: Mapping[str, Table]) -> None:
        """Be what a keeper has found."""
        self.worlds = dict(worlds)
        self.tables = defaultdict(Table, tables)
        self.version += 1

    def put_away(self, name: str) -> Session:
        """Return a snapshot of this session: nobody's requests reach it, and its clocks rest."""
        made = self.fork(name, Journal(0))
        made.move(Clock.rest)
        return made

    def put_back(self, snapshot: Session) -> None:
        """Be as the session was of which *snapshot* was made; what waits in this one goes on waiting."""
        with self.lock, self.keeper.writing():
            worlds, tables = snapshot.copied()
            waiting = {name: table for name, table in self.tables.items() if name in OWN}
            self.take(worlds, {**tables, **waiting})
            self.move(Clock.resume)

    def drop(self) -> None:
        """Be no session any more."""
        self.gone = True
        self.room.turn_away(f"The session {self.name!r} was dropped while this request waited at a gate.")
        self.version += 1
        self.keeper = MEMORY
        for world in self.worlds.values():
            world.keeper = None

    def copied(self) -> tuple[dict[str, World], dict[str, Table]]:
        """Return worlds and system tables that are the same now, and go their own way."""
        with self.lock:
            worlds = {name: world.copy() for name, world in self.worlds.items()}
            return worlds, {name: table.copy() for name, table in self.tables.items()}

    def fork(self, name: str, journal: Journal) -> Session:
        """Return a session called *name* that begins as this one is now."""
        worlds, tables = self.copied()
        made = Session(name, worlds, journal, self.lock)
        made.bounds = self.bounds
        made.take(worlds, {key: table for key, table in tables.items() if key not in OWN})
        return made
