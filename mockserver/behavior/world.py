"""
A world: what an API holds at one moment, and whose it is.

It starts as a fixture says, and can be copied: a copy shares the rows until one
side changes them. What it holds is rows in tables, changed by transactions that end
in `World.commit`; what is no row of a table (how often it was written to, its clock,
the numbers that keys were made with) is the one row that `World.counters` gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mockserver.behavior.clock import DEFAULT_NOW, Clock
from mockserver.behavior.draw import MakeText, MakeValue
from mockserver.behavior.model import Behavior, Collection
from mockserver.behavior.ordered import Ordered
from mockserver.behavior.pieces import Order
from mockserver.behavior.store import Key, Row, Table, Transaction
from mockserver.behavior.waiting import Waiting
from mockserver.exchange import Json


@dataclass(frozen=True)
class Rehearsal:
    """The free values of a call that the document prints: with them the rules give the printed answer."""

    example: str
    now: str = ""
    keys: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    instead: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Fixture:
    """The world that an API starts with. `file` is "" where there is none."""

    file: str = ""
    about: str = ""
    now: str = DEFAULT_NOW
    seed: str = "1"
    accounts: Mapping[str, Mapping[str, Json]] = field(default_factory=lambda: {"first": {}, "other": {}})
    rehearsals: Mapping[str, tuple[Rehearsal, ...]] = field(default_factory=dict)
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)


LISTS = 16
"""Lists that are kept: each is as long as a collection at the most."""

Mark = tuple[int, float]
"""A moment of a world: as long as it stands, what depends on nothing but rows and `now` stays true."""


class Keeping(Protocol):
    """Somebody who keeps a world elsewhere, too."""

    def before(self) -> None:
        """Something is about to be changed; what is raised here prevents it."""

    def after(self, written: Iterable[tuple[str, Key]]) -> None:
        """Rows were changed: their tables and keys."""


class World:
    """
    The state of one API.

    Args:
        behavior: Its collections.
        fixture: What it starts with.
        seed: For all that is made up.
        text: Makes a text that a pattern describes.
        value: Makes a value of a component schema.
    """

    def __init__(
        self,
        behavior: Behavior,
        fixture: Fixture,
        *,
        seed: str,
        text: MakeText,
        value: MakeValue,
        clock: Clock | None = None,
    ) -> None:
        self.behavior = behavior
        self.fixture = fixture
        self.seed = seed
        self.text = text
        self.value = value
        self.clock = clock or Clock(fixture.now)
        self.accounts: dict[str, dict[str, Any]] = {
            name: {**said, "name": name} for name, said in fixture.accounts.items()
        }
        self.account = next(iter(self.accounts), "first")
        self.tables: dict[str, Table] = {}
        self.writes = 0
        """How often the world has changed since the start."""
        self.version = 0
        """Moves with every put, delete and rollback: what was computed at an older version may be wrong."""
        self.shown: dict[tuple[str, Any, str], tuple[Row, int, Row]] = {}
        """Rows with derived fields, by collection, key and account: each account counts its own rows."""
        self._lists: tuple[Mark, dict[Any, list[Any]]] = ((0, 0.0), {})
        """The rows of lists at a mark, by all that they depend on beside it."""
        self._ordered: dict[Any, Ordered] = {}
        """Lists that follow the changes of their table, the one that was asked for last at the end."""
        self.next_due: tuple[tuple[object, ...], float] | None = None
        """When the next thing is due, and what that was worked out from (`Engine`)."""
        self._waiting: dict[str, Waiting] = {}
        """What waits in the rows of tables, by their names."""
        self.ready: dict[Any, int] = {}
        """Lists that are got ready while their rows come, each with what its table's `changes` said then."""
        self.readying = False
        """Whether a list is asked for to be got ready, and by nobody else."""
        for name, collection in behavior.collections.items():
            self.tables[name] = self._table(collection, fixture.rows.get(name, ()))
        self.aside: dict[str, tuple[str, Table]] = {}
        """Keys and tables of collections that an edit has removed: the next edit may bring them back."""
        self._first: World | None = None
        self.keeper: Keeping | None = None
        """Who is told of every change; a copy has none."""

    def inherit(self, before: World) -> None:
        """
        Take over what the world *before* holds, whose files were edited: its clock, and all that was changed.

        Rows that nobody touched are the new fixture's. Where a collection has another key now, its rows
        could not be found any more, and it starts anew.
        """
        self.clock, self.writes, self.version = before.clock, before.writes, before.version + 1
        keys = {name: collection.key for name, collection in before.behavior.collections.items()}
        held = {**before.aside, **{name: (keys[name], table) for name, table in before.tables.items()}}
        for name, collection in self.behavior.collections.items():
            key, table = held.pop(name, ("", None))
            if table is None or key != collection.key:
                continue
            if name in keys and before.fixture.rows.get(name, ()) == self.fixture.rows.get(name, ()):
                self.tables[name] = table
            else:
                self.tables[name].overlay(table)
        self.aside = held

    def _table(self, collection: Collection, rows: tuple[Row, ...]) -> Table:
        table = Table()
        numbers = [collection.first - 1]
        numbered = number_pattern(collection)
        for row in rows:
            table.put(row[collection.key], row)
            if numbered is not None and (found := numbered.fullmatch(str(row[collection.key]))):
                numbers.append(int(found.group(1)))
        table.number = max(numbers)
        return table

    def given(self, table: str) -> Container[Key]:
        """Return the keys that *table* had at the start."""
        found = self.start.tables.get(table)
        return found.rows if found is not None else ()

    @property
    def start(self) -> World:
        """The world as it was at the start."""
        if self._first is None:
            self._first = World(
                self.behavior,
                self.fixture,
                seed=self.seed,
                text=self.text,
                value=self.value,
                clock=Clock(self.fixture.now, lambda: 0.0),
            )
        return self._first

    @property
    def mark(self) -> Mark:
        """Another one after every change of a row, and whenever somebody moved the clock."""
        return self.version, self.clock.moved

    def list_known(self, key: Any) -> list[Any] | None:
        """Return the rows that were noted under *key*, if nothing has changed since; not to be changed."""
        mark, lists = self._lists
        return lists.get(key) if mark == self.mark else None

    def know_list(self, key: Any, rows: list[Any]) -> None:
        """Note *rows* until something changes: another page of the same list is no more work then."""
        mark, lists = self._lists
        if mark != self.mark or len(lists) >= LISTS:
            lists = {}
        lists[key] = rows
        self._lists = (self.mark, lists)

    def ordered(self, known: Any, table: str, order: Order, *, newest: bool = False) -> Ordered:
        """
        Return the list of *table* that is kept under *known*, as it was left: `listed` brings it up to date.

        *known* stands for all that the list depends on beside what the world holds.
        """
        found = self._ordered.pop(known, None)
        if found is None or found.table is not self.tables[table]:
            found = Ordered(self.tables[table], order, newest=newest)
        while len(self._ordered) >= LISTS:
            del self._ordered[next(iter(self._ordered))]
        self._ordered[known] = found
        return found

    def listed(self, found: Ordered, update: Callable[[Ordered], None]) -> Ordered:
        """Return *found* as it is now: where something has changed, *update* brings it up to date."""
        if found.mark != self.mark:
            found.mark = None  # whatever is raised in between
            update(found)
            found.mark = self.mark
        return found

    def waiting(self, table: str) -> Waiting:
        """Return what waits in the rows of *table*."""
        found = self._waiting.get(table)
        if found is None or found.table is not self.tables[table]:
            found = self._waiting[table] = Waiting(self.tables[table])
        return found

    def begin(self) -> Transaction:
        """Start changing."""
        return Transaction(self.tables)

    def commit(self, transaction: Transaction, *, by_client: bool = True) -> bool:
        """
        Make the changes of *transaction* stay; say whether there were any.

        *by_client*: whether somebody asked for them, so that the world's time steps on. What falls due does
        not move the time at which it is due.
        """
        keeper = self.keeper
        if keeper is not None and transaction.changes:
            keeper.before()
        if not transaction.commit():
            return False
        for name, key in transaction.written:
            if key not in self.tables[name].rows and key not in self.given(name):
                self.tables[name].untouch(key)  # as if it had never been
        self.version += 1
        if by_client:
            self.writes += 1
            self.clock.step()
        if keeper is not None:
            keeper.after(transaction.written)
        return True

    def sow(self, seed: str) -> None:
        """Make up other data from now on."""
        self.seed, self._first = seed, None
        self.version += 1

    @property
    def counters(self) -> Row:
        """What the world holds beside its rows, as one row: JSON only."""
        numbers = {name: table.number for name, table in self.tables.items()}
        return {"seed": self.seed, "writes": self.writes, "clock": self.clock.row, "numbers": numbers}

    @counters.setter
    def counters(self, row: Row) -> None:
        self.seed = row["seed"]
        self.writes = row["writes"]
        self.clock.row = row["clock"]
        for name, number in row["numbers"].items():
            if name in self.tables:
                self.tables[name].number = number
        self.version += 1

    def copy(self) -> World:
        """Return a world that is the same now and goes its own way."""
        made = World.__new__(World)
        made.__dict__.update(self.__dict__)
        made.tables = {name: table.copy() for name, table in self.tables.items()}
        made.clock = self.clock.copy()
        made.keeper = None
        made.shown = {}
        made._lists = ((0, 0.0), {})
        made._ordered = {}
        made.ready = {}
        made.next_due = None
        made._waiting = {}
        return made


def number_pattern(collection: Collection) -> re.Pattern[str] | None:
    """Return what finds the {n} in a key of *collection*, or None where keys have none."""
    template = collection.new_key
    if not isinstance(template, str) or "{n}" not in template:
        return None
    return re.compile(re.escape(template).replace(r"\{n\}", "([0-9]{1,18})"))
