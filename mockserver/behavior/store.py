"""
Rows by key, in memory, with a way back.

A row is never changed in place: a change puts another mapping under the key. So
an answer may hold a row while the next request replaces it, and a copy of a
table shares everything with it until one of the two is changed: a hundred private
worlds of a hundred thousand rows cost what is changed in them.

A transaction writes to the tables at once, so that expressions see its changes,
and keeps what undoes them. Deletions wait for the commit: a row put back would
come last and not where it stood. `Transaction.commit` is the one door through
which a change comes to stay, and `Transaction.written` names the rows that it is
about: who keeps rows elsewhere too writes these, and the numbers of their tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.exchange import MISSING

Row = dict[str, Any]
Key = Any

Change = tuple[Key, Row | None, int, Row | None, int]
"""What happened to a key: its row before and the place of that, its row after and the place of that."""
_RECALLED = 2000
"""Changes that a table recalls, once somebody wants to know of them."""


class Table:
    """The rows of one collection by key, in the order in which they came."""

    __slots__ = (
        *("_indexes", "_last", "_latest", "_places", "_shared", "_unsorted"),
        *("changes", "number", "rows", "touched"),
    )

    def __init__(self) -> None:
        self.rows: dict[Key, Row] = {}
        self.touched: set[Key] = set()
        """Keys that were changed or made since the start."""
        self.changes = 0
        """Moves whenever a row is set or forgotten, by way of trial as well."""
        self.number = 0
        """The highest {n} that a key was made with."""
        self._indexes: dict[str, dict[Any, dict[Key, None]]] = {}
        self._places: dict[Key, int] = {}
        self._last = 0
        self._unsorted: set[tuple[str, Any]] = set()
        """Values of indexes whose keys are not in the order of the rows: an update filed one anew."""
        self._shared = False
        """Whether a copy may hold the same rows, so that a change takes its own first."""
        self._latest: list[Change] | None = None
        """The latest changes; None as long as nobody wants to know of them."""

    def copy(self) -> Table:
        """Return a table that can change without this one; its rows are shared until one of them does."""
        made = Table()
        for name in Table.__slots__:
            setattr(made, name, getattr(self, name))
        self._shared = made._shared = True
        made._latest = None
        return made

    def _own(self) -> None:
        """Take rows of our own, before they are changed. Indexes are made again when they are asked for."""
        self.rows, self.touched = dict(self.rows), set(self.touched)
        self._places, self._indexes, self._unsorted = dict(self._places), {}, set()
        self._shared = False

    def touch(self, key: Key) -> None:
        """Note that *key* was changed, made or deleted since the start."""
        if self._shared:
            self._own()
        self.touched.add(key)

    def untouch(self, key: Key) -> None:
        """Note that nothing has happened to *key* since the start."""
        if self._shared:
            self._own()
        self.touched.discard(key)

    def overlay(self, other: Table) -> None:
        """Lay what was touched in *other* over these rows: put what was changed, remove what was deleted."""
        for key in other.touched - other.rows.keys():
            self.remove(key)
        for key, row in other.rows.items():
            if key in other.touched:
                self.put(key, row)
        for key in other.touched:
            self.touch(key)
        self.number = max(self.number, other.number)

    def put(self, key: Key, row: Row, place: int | None = None) -> None:
        """Set the row of *key*; a new key comes last, or at the *place* from which it was removed."""
        if self._shared:
            self._own()
        self.changes += 1
        old = self.rows.get(key)
        if old is None:
            self._last += 1
            self._places[key] = self._last if place is None else place
        if self._latest is not None:
            stands = self._places[key]
            self._note((key, old, stands, row, stands))
        for name, index in self._indexes.items():
            value = row.get(name, MISSING)
            if old is not None:
                if type(value) is type(old.get(name, MISSING)) and value == old.get(name, MISSING):
                    continue
                self._unfile(index, name, key)
            if old is not None or place is not None:
                self._unsorted.add((name, _exact(value) if _hashable(value) else None))
            if type(value) is str:
                index.setdefault(value, {})[key] = None
            elif _hashable(value):
                index.setdefault(_exact(value), {})[key] = None
        self.rows[key] = row
        if place is not None:
            self.rows = dict(sorted(self.rows.items(), key=lambda item: self._places[item[0]]))

    def remove(self, key: Key) -> int | None:
        """Forget *key*; return its place among the rows, None where it had none."""
        if self._shared:
            self._own()
        self.changes += 1
        for name, index in self._indexes.items():
            self._unfile(index, name, key)
        old, place = self.rows.pop(key, None), self._places.pop(key, None)
        if self._latest is not None:
            self._note((key, old, place or 0, None, 0))
        return place

    def _note(self, change: Change) -> None:
        assert self._latest is not None
        self._latest.append(change)
        if len(self._latest) > 2 * _RECALLED:
            del self._latest[:-_RECALLED]

    def watch(self) -> int:
        """Return where `since` is to begin later on: from now on, changes are recalled."""
        if self._latest is None:
            self._latest = []
        return self.changes

    def since(self, changes: int) -> list[Change] | None:
        """Return what has happened since `watch` said *changes*, None where that is recalled no longer."""
        count = self.changes - changes
        if self._latest is None or count > len(self._latest):
            return None
        return self._latest[len(self._latest) - count :]

    def places(self, keys: Iterable[Key]) -> list[int]:
        """Return the places of *keys*, which are all there."""
        return list(map(self._places.__getitem__, keys))

    def place(self, key: Key) -> int:
        """Return the place of *key* in the order of the rows, 0 where it has none."""
        return self._places.get(key, 0)

    def replay(self, key: Key, row: Row | None, place: int) -> None:
        """Take over what happened to *key* in another copy of this table; None: it was taken away."""
        known = self._places.get(key)
        if row is None or (known is not None and known != place):
            self.remove(key)
            known = None
        if row is not None:
            if known is None and place > self._last:
                self._last = place - 1  # it comes last here as well
                place_there = None
            else:
                place_there = None if known is not None else place
            self.put(key, row, place_there)
        self.touch(key)

    def _unfile(self, index: dict[Any, dict[Key, None]], name: str, key: Key) -> None:
        old = self.rows.get(key)
        if old is not None and _hashable(value := old.get(name, MISSING)):
            index.get(_exact(value), {}).pop(key, None)

    def keys_where(self, name: str, value: Any) -> list[Key] | None:
        """Return the keys of rows whose field *name* is *value*, or None where no index can tell."""
        found = self.filed(name, value)
        return None if found is None else list(found)

    def filed(self, name: str, value: Any) -> dict[Key, None] | None:
        """Return what `keys_where` does, as it is kept: not to be changed, and good until the next change."""
        if (type(value) is not str and not _hashable(value)) or "." in name:
            return None
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = {}
            for key, row in self.rows.items():
                if _hashable(found := row.get(name, MISSING)):
                    index.setdefault(_exact(found), {})[key] = None
        exact = value if type(value) is str else _exact(value)
        if self._unsorted and (name, exact) in self._unsorted:
            self._unsorted.discard((name, exact))
            index[exact] = dict.fromkeys(sorted(index.get(exact, ()), key=self._places.__getitem__))
        return index.get(exact, {})


def _hashable(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool))


def _exact(value: Any) -> Any:
    return (value,) if isinstance(value, bool) else value


class Transaction:
    """
    Changes that happen together or not at all.

    Use it as: begin, change, then `commit()` or `rollback()`.

    Attributes:
        changes: How many rows were set or taken away.
        written: Table and key of each row that was set or taken away, in the order in which it first was.
        flowed: Whether the flowing time was looked at: what was found will not be true for long.
    """

    __slots__ = ("_gone", "_numbers", "_tables", "_undo", "changes", "flowed", "written")

    def __init__(self, tables: dict[str, Table]) -> None:
        self._tables = tables
        self._gone: dict[str, dict[Key, None]] = {}
        self._undo: list[tuple[Table, Key, Row | None, bool, int | None]] = []
        """Of each row that was set: what stood there, whether it was touched, its place if it was gone."""
        self._numbers: dict[str, int] = {}
        self.changes = 0
        self.written: dict[tuple[str, Key], None] = {}
        self.flowed = False

    def get(self, name: str, key: Key) -> Row | None:
        """Return the row of *key*, or None."""
        try:
            row = self._tables[name].rows.get(key)
        except TypeError:  # a key that is a list is nobody's
            return None
        return None if row is None or key in self._gone.get(name, ()) else row

    def scan(self, name: str) -> Iterator[tuple[Key, Row]]:
        """Yield key and row of all rows, in order."""
        gone = self._gone.get(name)
        items = self._tables[name].rows.items()
        return iter(items) if not gone else ((key, row) for key, row in items if key not in gone)

    def where(self, name: str, field: str, value: Any) -> list[tuple[Key, Row]] | None:
        """
        Return key and row of the rows with that value, in the order in which they came.

        None where no index can tell and a scan must.
        """
        table = self._tables[name]
        filed = table.filed(field, value)
        if filed is None:
            return None
        rows, gone = table.rows, self._gone.get(name)
        return [(key, rows[key]) for key in filed if not gone or key not in gone]

    def keys(self, name: str, field: str, value: Any) -> list[Key] | None:
        """Return the keys of the rows with that value in the order in which they came, as `where` does."""
        gone = self._gone.get(name, ())
        found = self._tables[name].keys_where(field, value)
        return found if found is None or not gone else [key for key in found if key not in gone]

    def all_keys(self, name: str) -> list[Key]:
        """Return the keys of all rows, in the order in which they came."""
        gone = self._gone.get(name, ())
        rows = self._tables[name].rows
        return [key for key in rows if key not in gone] if gone else list(rows)

    def any(self, name: str) -> bool:
        """Return whether the table has rows at all (those about to be deleted count)."""
        return bool(self._tables[name].rows)

    def size(self, name: str) -> int:
        """Return how many rows the table has, those about to be deleted not counted."""
        return len(self._tables[name].rows) - len(self._gone.get(name, ()))

    def count(self, name: str, field: str, value: Any) -> int:
        """Return how many rows have that text or number."""
        filed = self._tables[name].filed(field, value) or {}
        gone = self._gone.get(name)
        return len(filed) if not gone else sum(key not in gone for key in filed)

    def newest(self, name: str, field: str, value: Any) -> Iterator[Key]:
        """Yield the keys of the rows with that text or number, the last that came first."""
        filed = self._tables[name].filed(field, value) or {}
        gone = self._gone.get(name)
        return reversed(filed) if not gone else (key for key in reversed(filed) if key not in gone)

    def newest_rows(self, name: str, field: str, value: Any) -> list[Row]:
        """Return the rows with that text or number, the last that came first."""
        table, count = self._tables[name], self.count(name, field, value)
        if name in self._gone or count * 4 < len(table.rows):
            return self.rows(name, self.newest(name, field, value))
        rows = reversed(table.rows.values())
        return list(rows) if count == len(table.rows) else [row for row in rows if row.get(field) == value]

    def rows(self, name: str, keys: Iterable[Key]) -> list[Row]:
        """Return the rows of *keys*, which are all there."""
        rows = self._tables[name].rows
        return [rows[key] for key in keys]

    def put(self, name: str, key: Key, row: Row) -> None:
        """Set a row."""
        table = self._tables[name]
        old = table.rows.get(key)
        touched = key in table.touched
        gone = self._gone.get(name)
        place = None
        if gone and key in gone:  # made again under the same key: it comes last, as any new one
            del gone[key]
            place = table.remove(key)
        self._undo.append((table, key, old, touched, place))
        table.put(key, row)
        table.touch(key)
        self.written[name, key] = None
        self.changes += 1

    def delete(self, name: str, key: Key) -> None:
        """Take a row away."""
        self._gone.setdefault(name, {})[key] = None
        self.written[name, key] = None
        self.changes += 1

    def number(self, name: str) -> int:
        """Return the next {n} of a table's keys."""
        table = self._tables[name]
        self._numbers.setdefault(name, table.number)
        table.number += 1
        return table.number

    def touched(self, name: str, key: Key) -> bool:
        """Return whether that row was changed since the start, or is gone."""
        table = self._tables[name]
        return key in table.touched or self.get(name, key) is None

    def commit(self) -> bool:
        """Make the changes stay; say whether there were any."""
        for name, keys in self._gone.items():
            for key in keys:
                self._tables[name].remove(key)
                self._tables[name].touch(key)
        self._undo.clear()
        self._gone.clear()
        return self.changes > 0

    def rollback(self) -> None:
        """Take all changes back."""
        for table, key, old, touched, place in reversed(self._undo):
            if old is None or place is not None:
                table.remove(key)
            if old is not None:
                table.put(key, old, place)
            if not touched:
                table.untouch(key)
        self._undo.clear()
        self._gone.clear()
        for name, number in self._numbers.items():
            self._tables[name].number = number
        self.written.clear()
        self.changes = 0
