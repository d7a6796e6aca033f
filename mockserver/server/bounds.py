"""
How much of what clients make is remembered, and what is said to who wants more: 429, and by which option.

Nothing is thrown away in silence: a test that made a thing must find it. So the one
that is too many is refused, with nothing done, and whoever deletes, resets or restarts
has room again. It is a 4xx since it is the client's doing, and of these 429 says it
best: too many of them.

What there is, and what it weighs as JSON, is added up as rows are written, which
costs a microsecond, and counted anew where that seems too much, since rows are
replaced and deleted as well: not more often than costs a twentieth of the time.

That a thing is gone is remembered, too: a key that nobody has touched would be answered
with a made-up thing. Of so many things as there may be; of more, those that were made
first are forgotten, a tenth of them at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from mockserver.behavior.act import GONE, OVER
from mockserver.behavior.store import Row, Table, Transaction
from mockserver.behavior.world import World
from mockserver.exchange import dumps

RESOURCES = 100_000
STATE = 128 * 1024 * 1024
STUBS = 10_000
GATES = 1_000
HELD = 10_000
SNAPSHOTS = 100
OTHERS = {"armed": 1_000, "subscriptions": 1_000, "armed-cases": 1_000}
"""Rows of other tables of a session that a client may fill."""
SHARE = 20
"""A count of all rows may take one part of so many of the time."""


class Full(Exception):
    """There is no room for one more; the text says of what, and which option decides."""

    status = 429


class Bounds:
    """
    The bounds of one host.

    Args:
        resources: Rows of one API in one session beside those of its fixture.
        state: Bytes of the rows of all sessions, as JSON.
        stubs: Stubs of one session.
        gates: Gates of one session.
        held: Requests that wait at gates, of all sessions.
        snapshots: Snapshots of the host.

    Attributes:
        waiting: The requests that wait at gates now.
        rows: Yields all tables that count, whoever asks for a count.
    """

    def __init__(
        self,
        *,
        resources: int = RESOURCES,
        state: int = STATE,
        stubs: int = STUBS,
        gates: int = GATES,
        held: int = HELD,
        snapshots: int = SNAPSHOTS,
    ) -> None:
        self.resources = resources
        self.state = state
        self.held = held
        self.snapshots = snapshots
        self.waiting: set[object] = set()
        self.rows: Callable[[], Iterable[Table]] = tuple
        self._tables = {**OTHERS, "stubs": stubs, "gates": gates}
        self._options = {"stubs": "--max-stubs", "gates": "--max-gates"}
        self._weight = Sum(state)
        self._things: WeakKeyDictionary[World, Sum] = WeakKeyDictionary()
        self._graves: WeakKeyDictionary[World, int] = WeakKeyDictionary()
        """How many rows say of something made that it is gone, at the most."""

    def hold_world(self, world: World, transaction: Transaction) -> None:
        """Raise Full where *transaction*, which is not committed, makes more of *world* than may be."""
        get = transaction.get
        grown: list[Row] = []
        graves = 0
        for name, key in transaction.written:
            row = get(name, key)
            if row is not None and GONE not in row:
                grown.append(row)
            elif row is not None and OVER not in row:
                graves += 1
        if graves:
            self._bury(world, transaction, graves)
        if not grown:
            return
        things = self._things.get(world)
        if things is None:
            things = self._things[world] = Sum(self.resources)
            things.value = sum(transaction.size(name) for name in world.tables) - len(grown)
        if not things.takes(len(grown), _count_of, world):
            raise Full(
                f"This session holds {self.resources} things that clients have made, as many as it may "
                "(--max-resources). Delete some, or reset it: POST /__admin/reset."
            )
        self._weigh(grown)

    def _bury(self, world: World, transaction: Transaction, more: int) -> None:
        """Count that *more* things are gone; forget in *transaction* that the first are, where it is many."""
        known = self._graves.get(world)
        if known is not None and known + more <= self.resources:
            self._graves[world] = known + more
            return
        graves = [
            (name, key)
            for name in world.tables
            for key, row in transaction.scan(name)
            if GONE in row and OVER not in row and (name, key) not in transaction.written
        ]
        left = len(graves) + more
        if left > self.resources:
            for name, key in graves[: left - self.resources + self.resources // 10]:
                transaction.delete(name, key)
                left -= 1
        self._graves[world] = left

    def hold_tables(self, tables: dict[str, Table], transaction: Transaction) -> None:
        """Raise Full where *transaction*, which is not committed, makes more than there may be."""
        grown = [
            (name, key)
            for name, key in transaction.written
            if name in self._tables and transaction.get(name, key) is not None
        ]
        if not grown:
            return
        for name in {name for name, _ in grown}:
            most = self._tables[name]
            if transaction.size(name) > most:
                option = f" ({self._options[name]})" if name in self._options else ""
                raise Full(f"This session has {most} {name}, as many as it may{option}. Remove some.")
        self._weigh([tables[name].rows[key] for name, key in grown])

    def hold_waiting(self) -> None:
        """Raise Full where one more must not wait at a gate."""
        if len(self.waiting) >= self.held:
            raise Full(f"{self.held} requests wait at gates, as many as may (--max-held). Let some go.")

    def _weigh(self, grown: Iterable[Row]) -> None:
        more = 0
        for row in grown:
            more += len(dumps(row))
        if not self._weight.takes(more, self._weight_of_all):
            raise Full(
                f"All sessions together hold {self.state} bytes of rows, as many as they may (--max-state). "
                "Delete some, drop sessions, or reset: POST /__admin/reset."
            )

    def _weight_of_all(self) -> int:
        return _weight_of(self.rows())


class Sum:
    """
    A sum that only grows, until it is counted anew.

    Args:
        most: What it may be.
    """

    def __init__(self, most: int) -> None:
        self.value = 0
        self._most = most
        self._next = 0.0

    def takes(self, more: int, count: Callable[..., int], *of: Any) -> bool:
        """Add *more*, if that is not too much; *count* counts *of* anew, with what is added."""
        if self.value + more > self._most and (now := time.monotonic()) >= self._next:
            self.value = count(*of) - more
            end = time.monotonic()
            self._next = end + (end - now) * SHARE
        if self.value + more > self._most:
            return False
        self.value += more
        return True


def _count_of(world: World) -> int:
    """Return how many things were made in *world*, beside those of its fixture."""
    there = sum(GONE not in row for table in world.tables.values() for row in table.rows.values())
    return there - sum(len(rows) for rows in world.fixture.rows.values())


def _weight_of(tables: Iterable[Table]) -> int:
    """Return what the rows weigh that were made or changed, those that copies share once."""
    seen: set[int] = set()
    weight = 0
    for table in tables:
        for key in table.touched:
            row = table.rows.get(key)
            if row is not None and id(row) not in seen:
                seen.add(id(row))
                weight += len(dumps(row))
    return weight
