"""
A piece of the order of many rows, found without sorting them.

A sample of the rows tells between which two of them the piece lies; what lies between these is
found in one pass, and only that has to be sorted. A total order makes it sound: by one property
after the other, and among those that are alike by their places. So each row is before or after another.

All values of a property are compared side by side: to make a key of each row, and to call something
to compare two, takes several times as long.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import chain, compress
from operator import itemgetter
from typing import Any, TypeVar

from mockserver.behavior.columns import Values, values_at
from mockserver.behavior.rows import NOTHING, OTHER, rank

Rows = list[Any]
Order = tuple[tuple[str, bool], ...]
"""Properties that are sorted by, the first first, each with whether it descends."""

Parts = tuple[list[int] | None, list[int], list[int] | None]
"""Where rows stand now that are to follow each other, in three parts; None: all the rest, as they stand."""
Whole = TypeVar("Whole", list[Any], "array[int]")

SAMPLE = 1000
"""Rows that are looked at first."""
EXAMPLES, MOST = 20, 32
"""Rows that tell what rows have, and properties that are got ready to be sorted by."""
_SCALAR = (str, int, float, type(None))

SLACK = 16
"""By how many of the sample a piece is longer than what is asked for on either side: a sample is no count."""


def sorted_by(rows: Rows, order: Order) -> list[int]:
    """Return where each row of the sorted list stands among *rows*; those that are alike stay as they are."""
    indexes = list(range(len(rows)))
    for path, reverse in reversed(order):
        indexes = Property.of(rows, path).sorted(indexes, reverse=reverse)
    return indexes


def without(whole: Whole, indexes: Iterable[int]) -> Whole:
    """Return the rest of *whole* but what stands at *indexes*, which ascend."""
    rest, at = whole[:0], 0
    for index in indexes:
        rest += whole[at:index]
        at = index + 1
    rest += whole[at:]
    return rest


def laid(whole: Whole, parts: Parts) -> Whole:
    """Return *whole* as its *parts* follow each other."""
    made = whole[:0]
    for indexes in parts:
        if indexes is None:
            made.extend(without(whole, sorted(chain.from_iterable(one for one in parts if one is not None))))
        else:
            made.extend(map(whole.__getitem__, indexes))
    return made


class Property:
    """
    What one property is in each of some rows, so that `order` need not be asked of each.

    Args:
        values: Its values, `MISSING` where there is none. Not ours.
        kinds: Their types, and maybe others.
    """

    def __init__(self, values: Values, kinds: Iterable[type] | None = None) -> None:
        self._values = values
        self._ranks: dict[type, int] = {
            kind: rank(kind) for kind in (kinds if kinds is not None else set(map(type, values)))
        }

    @classmethod
    def of(cls, rows: Rows, path: str) -> Property:
        """Read what is at *path*."""
        try:
            return cls(list(map(itemgetter(path), rows)))
        except (KeyError, TypeError):
            return cls(values_at(path)(rows))

    def chosen(self, flags: Iterable[bool]) -> Property:
        """Return that of some of the rows."""
        return Property(list(compress(self._values, flags)), self._ranks)

    def at(self, indexes: Iterable[int]) -> Property:
        """Return that of the rows at *indexes*."""
        return Property(list(map(self._values.__getitem__, indexes)), self._ranks)

    def sorted(self, indexes: list[int], *, reverse: bool) -> list[int]:
        """
        Return *indexes* of rows as the property sorts them.

        No pairs of rank and value: so many new tuples have Python's collector look through all there is.
        """
        values, made = self._values, []
        for own in sorted(set(self._ranks.values()), reverse=reverse):
            kinds = {kind for kind, rank in self._ranks.items() if rank == own}
            same = indexes
            if len(kinds) < len(self._ranks):
                same = [index for index in indexes if type(values[index]) in kinds]
            if own == OTHER:
                same.sort(key=lambda index: repr(values[index]), reverse=reverse)
            elif own != NOTHING:
                same.sort(key=values.__getitem__, reverse=reverse)
            made += same
        return made

    def beside(self, at: int, *, less: bool) -> tuple[list[int], list[int]]:
        """Return where those stand that are less (or more) than the one at *at*, and its equals."""
        values, wanted = self._values, self._values[at]
        own = self._ranks[type(wanted)]
        same = {kind for kind, rank in self._ranks.items() if rank == own}
        other = {kind for kind, rank in self._ranks.items() if (rank < own if less else rank > own)}
        found = [index for index, one in enumerate(values) if type(one) in other] if other else []
        if own == NOTHING:
            return found, [index for index, one in enumerate(values) if type(one) in same]
        if own == OTHER:
            said = {index: repr(one) for index, one in enumerate(values) if type(one) in same}
            wanted = said[at]
            found += [index for index, one in said.items() if (one < wanted if less else one > wanted)]
            alike = [index for index, one in said.items() if one == wanted]
        else:
            near = self._near(wanted, same, less=less)
            equals = [at for at, index in enumerate(near) if values[index] == wanted]
            found += without(near, equals)
            alike = [near[at] for at in equals]
        return sorted(found), alike

    def _near(self, wanted: Any, kinds: set[type], *, less: bool) -> list[int]:
        """Return where those of these *kinds* stand that are at most (or at least) *wanted*."""
        values = enumerate(self._values)
        if len(kinds) == len(self._ranks):
            if less:
                return [index for index, one in values if one <= wanted]
            return [index for index, one in values if one >= wanted]
        if less:
            return [index for index, one in values if type(one) in kinds and one <= wanted]
        return [index for index, one in values if type(one) in kinds and one >= wanted]


class Stretch:
    """
    Rows that stand by their places.

    Args:
        rows: All of them.
        order: How they are to be sorted: by one property at the least.
        known: What was read already of all rows, by its path.
    """

    def __init__(self, rows: Rows, order: Order, known: Mapping[str, Property]) -> None:
        self._rows = rows
        self._order = order
        self._known = known
        first = order[0][0]
        self._first = known.get(first) or Property.of(rows, first)

    def around(self, start: int, stop: int) -> Parts:
        """
        Find the rows that stand from *start* to *stop* once all are sorted.

        Returns:
            Where those stand now that come before a piece, those in it, and those that come after it, each by
            their places. What is asked for is in the piece, with a few others. None: all the rest.
        """
        count = len(self._rows)
        sample = range(0, count, max(1, count // SAMPLE))
        ranked = [sample[one] for one in sorted_by([self._rows[index] for index in sample], self._order)]
        slack = SLACK
        while True:
            low, high = start * len(sample) // count - slack, -(-stop * len(sample) // count) + slack
            slack *= 2
            if low < 0 and high >= len(ranked):
                return [], list(range(count)), []
            if low < 0:
                inside = self._beside(ranked[high], before=True)
                if len(inside) >= stop:
                    return [], inside, None
            elif high >= len(ranked):
                inside = self._beside(ranked[low], before=False)
                if count - len(inside) <= start:
                    return None, inside, []
            else:
                before = self._beside(ranked[low], before=True)
                after = self._beside(ranked[high], before=False)
                if len(before) <= start and count - len(after) >= stop:
                    return before, _others(count, before, after), after

    def _beside(self, pivot: int, *, before: bool) -> list[int]:
        """Return where those stand that come before (or after) the row that stands at *pivot*."""
        path, reverse = self._order[0]
        found, alike = self._first.beside(pivot, less=before is not reverse)
        for path, reverse in self._order[1:]:
            if len(alike) == 1:
                break
            known = self._known.get(path)
            if known is not None:
                column = known.at(alike)
            else:
                column = Property.of([self._rows[index] for index in alike], path)
            more, same = column.beside(bisect_left(alike, pivot), less=before is not reverse)
            found += [alike[one] for one in more]
            alike = [alike[one] for one in same]
        at = bisect_left(alike, pivot)
        found += alike[:at] if before else alike[at + 1 :]
        found.sort()
        return found


def sortable(rows: Rows) -> list[str]:
    """Return the properties by which *rows* may be sorted one day, of those that all can see."""
    names: dict[str, None] = {}
    for row in rows[:EXAMPLES]:
        if type(row) is dict:
            names |= dict.fromkeys(name for name, value in row.items() if type(value) in _SCALAR)
    return [name for name in names if not name.startswith("_")][:MOST]


def _others(count: int, *several: Iterable[int]) -> list[int]:
    """Return all numbers below *count* that are in none of *several*."""
    flags = bytearray(b"\1") * count
    for indexes in several:
        for index in indexes:
            flags[index] = 0
    return list(compress(range(count), flags))
