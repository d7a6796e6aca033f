"""
What expressions see of a collection: a view that can be iterated, narrowed and summed.

A view is lazy: it asks for its rows when they are needed, so it shows what an
operation has changed so far, and a narrowing by equality can be answered by
the collection's index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from operator import itemgetter
from typing import Any

from jinja2 import ChainableUndefined

from mockserver.exchange import MISSING

Row = Mapping[str, Any]

Entries = list[Any]
"""Rows, or values of them (inside `Rows`, `list` is its own method)."""


def field(row: Any, path: str) -> Any:
    """Return what *row* has at *path* ("stats.sent"), or `MISSING`."""
    if isinstance(row, Mapping) and path in row:
        return row[path]
    for name in path.split("."):
        if not isinstance(row, Mapping) or name not in row:
            return MISSING
        row = row[name]
    return row


def order(value: Any) -> tuple[int, Any]:
    """A sort key for any JSON value: null and absent first, then false/true and numbers, texts, the rest."""
    if value is None or value is MISSING:
        return (NOTHING, 0)
    if isinstance(value, (bool, int, float)):
        return (1, value)
    if isinstance(value, str):
        return (2, value)
    return (OTHER, repr(value))


NOTHING, OTHER = 0, 3
"""What `order` begins with for null and what is absent, and for what is neither a number nor a text."""


def rank(kind: type) -> int:
    """Return what `order` begins with for a value of that *kind*."""
    if issubclass(kind, (bool, int, float)):
        return 1
    return 2 if issubclass(kind, str) else NOTHING if kind in (type(None), type(MISSING)) else OTHER


def sort(rows: Entries, spec: str) -> Entries:
    """Return *rows* by "field", "-field" or several separated by commas; ties keep their order."""
    made = list(rows)
    for path, reverse in reversed(orders(spec)):
        made.sort(key=sort_key(made, path), reverse=reverse)
    return made


def orders(spec: str) -> tuple[tuple[str, bool], ...]:
    """Return the properties that *spec* sorts by, the first first, each with whether it descends."""
    parts = (part for raw in spec.split(",") if (part := raw.strip()))
    return tuple((part.lstrip("+-"), part[0] == "-") for part in parts)


def sort_key(rows: Entries, path: str) -> Callable[[Any], Any]:
    """Return what *rows* are sorted by: the property as it is where all have it and it is of one kind."""
    if "." not in path and all(type(row) is dict for row in rows):
        kinds = {type(row.get(path)) for row in rows}
        if kinds == {str} or kinds <= {int, float}:
            return itemgetter(path)
    return partial(_ordered_by, path)


def _ordered_by(path: str, row: Any) -> tuple[int, Any]:
    return order(row[path] if path in row else field(row, path))


def _is(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, (list, tuple)) and not isinstance(value, (list, tuple)):
        return any(_is(value, one) for one in wanted)
    if isinstance(value, bool) is not isinstance(wanted, bool):
        return False  # Python's 1 == True is not JSON's
    return bool(value == wanted)


Equal = Callable[[str, Any], Entries | None]
"""Answers one equality from an index, or None where there is none for it."""


class Rows:
    """
    Rows of a collection, or of a list.

    Args:
        source: Gives the rows now, in order.
        equal: Answers a first narrowing by one field without looking at every row.
        get: Finds a row by its key.
        select: Compiles a condition given as text.
    """

    __slots__ = ("_equal", "_get", "_source")

    _compile_condition: Callable[[str], Callable[[Any], bool]]

    def __init__(
        self,
        source: Callable[[], Entries],
        equal: Equal | None = None,
        get: Callable[[Any], Any] | None = None,
    ) -> None:
        self._source = source
        self._equal = equal
        self._get = get

    def __iter__(self) -> Iterator[Any]:
        return iter(self._source())

    def __len__(self) -> int:
        return len(self._source())

    def __bool__(self) -> bool:
        return len(self) > 0

    def __getitem__(self, index: int) -> Any:
        return self._source()[index]

    def list(self) -> Entries:
        """All rows, in order."""
        return list(self._source())

    def where(self, **fields: Any) -> Rows:
        """The rows whose fields equal the values; a list as value means any of them."""
        return Rows(lambda: self._where(fields))

    def _where(self, fields: Mapping[str, Any]) -> Entries:
        rest = dict(fields)
        rows: Entries | None = None
        if self._equal is not None:
            for name in fields:
                rows = self._equal(name, fields[name])
                if rows is not None:
                    del rest[name]
                    break
        if rows is None:
            rows = self._source()
        return (
            [row for row in rows if all(_is(field(row, name), value) for name, value in rest.items())]
            if rest
            else rows
        )

    def get(self, key: Any) -> Any:
        """The row of that key; undefined when there is none."""
        found = self._get(key) if self._get is not None else MISSING
        return undefined(key) if found is MISSING else found

    def first(self, **fields: Any) -> Any:
        """The first row whose fields equal the values; undefined when there is none."""
        rows = self._where(fields)
        return rows[0] if rows else undefined("first")

    def has(self, **fields: Any) -> bool:
        """Whether there is such a row."""
        return bool(self._where(fields))

    def count(self, **fields: Any) -> int:
        """How many there are."""
        return len(self._where(fields))

    def pluck(self, path: str) -> Entries:
        """The field of every row that has it."""
        return [value for row in self._source() if (value := field(row, path)) is not MISSING]

    def distinct(self, path: str) -> Entries:
        """Each value of the field once, first come first."""
        seen: Entries = []
        known: set[tuple[bool, Any]] = set()
        for value in self.pluck(path):
            if isinstance(value, (str, int, float, bool, type(None))):
                exact = (isinstance(value, bool), value)  # Python's 1 == True is not JSON's
                if exact not in known:
                    known.add(exact)
                    seen.append(value)
            elif value not in seen:
                seen.append(value)
        return seen

    def _numbers(self, path: str) -> Entries:
        return [v for v in self.pluck(path) if isinstance(v, (int, float)) and not isinstance(v, bool)]

    def sum(self, path: str) -> float:
        """The sum of the field's numbers."""
        total: float = sum(self._numbers(path))
        return round(total, 10) if isinstance(total, float) else total

    def mean(self, path: str) -> float:
        """The mean of the field's numbers; 0 where there are none."""
        numbers = self._numbers(path)
        return sum(numbers) / len(numbers) if numbers else 0

    def min(self, path: str) -> Any:
        """The least value of the field; undefined where there is none."""
        values = [value for value in self.pluck(path) if value is not None]
        return min(values, key=order) if values else undefined(path)

    def max(self, path: str) -> Any:
        """The greatest value of the field; undefined where there is none."""
        values = [value for value in self.pluck(path) if value is not None]
        return max(values, key=order) if values else undefined(path)

    def sort(self, spec: str) -> Rows:
        """The rows by "field" or "-field"."""
        return Rows(lambda: sort(self._source(), spec))

    def select(self, condition: str) -> Rows:
        """The rows for which the condition over `row` holds."""
        holds = Rows._compile_condition(condition)
        return Rows(lambda: [row for row in self._source() if holds(row)])

    def group(self, path: str) -> Entries:
        """A {value, rows} for each value of the field, in order of appearance; rows without it are null's."""
        groups: dict[str, tuple[Any, Entries]] = {}
        for row in self._source():
            value = field(row, path)
            value = None if value is MISSING else value
            groups.setdefault(repr(value), (value, []))[1].append(row)
        return [{"value": value, "rows": rows_of(found)} for value, found in groups.values()]


def rows_of(entries: Iterable[Any] | None) -> Rows:
    """Return *entries* as rows, with where(), sum() and the rest."""
    found = list(entries or ())
    return Rows(lambda: found)


def undefined(name: Any) -> Any:
    """Return what expressions take for undefined; *name* is what was looked for."""
    return ChainableUndefined(name=str(name))
