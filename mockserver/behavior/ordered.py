"""
A list that stays as it is asked for while its rows come, change and go.

Who asks for a page of a hundred thousand rows after one of them has changed pays for
that one: the table says what has happened since, each row that went is found by
bisection and taken out, each that came is put in. What has been worked out once, who
belongs to the list and in which order, is not worked out again.

That needs a total order. It is that of `rows.sort`: by one property after the other, and among
those that are alike by their places in the table.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from itertools import compress
from typing import Any

from mockserver.behavior.columns import Column, Read, Values, values_at
from mockserver.behavior.rows import comparable, field, order, sort_values
from mockserver.behavior.store import Change, Key, Table

Rows = list[Any]
Order = tuple[tuple[str, bool], ...]
"""Properties that are sorted by, the first first, each with whether it descends."""
Choose = Callable[[Rows], Rows]
"""Returns what a list shows of some rows, in their order."""
Select = Callable[[Column], list[bool]]
"""Tells of each row of a list, by its columns, whether it is chosen."""

_NONE: Mapping[int, Any] = {}
_MANY = 1000
"""Changes after which a list is made anew."""


class Ordered:
    """
    One list of a table.

    Args:
        table: Whose rows it shows.
        order: How they are sorted.
        newest: Whether of those that are alike the last that came is first.

    Attributes:
        rows: What is listed, in order. Not to be changed, and good until the next update.
        mark: When it was, for who asks for it.
    """

    __slots__ = ("_columns", "_extra", "_newest", "_order", "_places", "_seen", "mark", "rows", "table")

    def __init__(self, table: Table, order: Order, *, newest: bool) -> None:
        self.table = table
        self.rows: Rows = []
        self.mark: Any = None
        self._places = array("q")
        self._order = order
        self._newest = newest
        self._extra: dict[int, Any] = {}
        self._columns: dict[Any, tuple[Read, Values]] = {}
        self._seen = -1

    def column(self, known: Any, read: Read) -> Values:
        """Return what *read* reads out of each row, which is kept under *known*; not to be changed."""
        found = self._columns.get(known)
        if found is None:
            found = self._columns[known] = (read, read(self.rows))
        return found[1]

    def update(
        self,
        choose: Choose,
        candidates: Callable[[], list[Key]],
        extra: Mapping[int, Any] = _NONE,
        unsorted: Callable[[], Ordered] | None = None,
    ) -> None:
        """
        Take over what has happened.

        Args:
            choose: Who belongs to the list; the same whenever it is asked.
            candidates: Gives the keys of all rows of which `choose` may choose any, in their order.
            extra: Rows that no table has, by their places: negative numbers.
            unsorted: Gives the list of the same rows that nothing sorts, up to date: this one begins from
                that, which has looked at all rows already.
        """
        if not self._follow(choose):
            if unsorted is None:
                self._begin(choose, candidates())
            else:
                self._begin_from(unsorted())
        self._seen = self.table.watch()
        self._stand_in(extra)

    def follow(self, whole: Ordered, choose: Choose, narrow: Choose, select: Select) -> None:
        """
        Take over what has happened to a part of the *whole*, which is in the same order and up to date.

        *choose* says who belongs to it of all rows, *narrow* of those that the whole has; so does *select* of
        all of these, by the whole's columns.
        """
        if not self._follow(choose):
            flags = select(whole.column)
            self.rows = list(compress(whole.rows, flags))
            self._places = array("q", compress(whole._places, flags))
            self._columns = {}
            self._extra = whole._others(narrow)
        self._seen = self.table.watch()
        self._stand_in(whole._others(narrow))

    def _others(self, choose: Choose) -> dict[int, Any]:
        """Return those of the rows that no table has that are chosen, by their places."""
        chosen = set(map(id, choose(list(self._extra.values()))))
        return {place: row for place, row in self._extra.items() if id(row) in chosen}

    def _follow(self, choose: Choose) -> bool:
        """Do what has happened to the table; return False where a list has to be made anew."""
        changes = self.table.since(self._seen) if self._seen >= 0 else None
        self._seen = -1  # whatever is raised below, the next one begins anew
        if changes is None or len(changes) > _MANY:
            return False
        came: list[Change] = []
        for change in changes:
            _, old, old_place, row, place = change
            if old is None and row is not None:
                came.append(change)
                continue
            self._put_in_all(choose, came)
            came = []
            if old is not None:
                self._take_out(choose([old]), old_place)
            if row is not None:
                self._put_in(choose([row]), place)
        self._put_in_all(choose, came)
        return True

    def _stand_in(self, extra: Mapping[int, Any]) -> None:
        """Take over the rows that no table has."""
        if extra != self._extra:
            for place in self._extra.keys() | extra.keys():
                if (was := self._extra.get(place)) is not (now := extra.get(place)):
                    self._take_out([] if was is None else [was], place)
                    self._put_in([] if now is None else [now], place)
            self._extra = dict(extra)

    def _begin(self, choose: Choose, keys: list[Key]) -> None:
        # No pairs of key and row: so many new tuples have Python's collector look through all there is.
        self._extra = {}
        whole = [self.table.rows[key] for key in keys]
        self.rows, self._places = self._sorted(*_chosen(choose, whole, array("q", self.table.places(keys))))
        self._columns = {}

    def _begin_from(self, unsorted: Ordered) -> None:
        indexes = self._indexes(unsorted.rows, unsorted.column)
        self.rows = list(map(unsorted.rows.__getitem__, indexes))
        self._places = array("q", map(unsorted._places.__getitem__, indexes))
        self._extra = dict(unsorted._extra)
        self._columns = {}

    def _indexes(self, rows: Rows, column: Column | None = None) -> list[int]:
        """Return where each row of the list stands among *rows*; their *column*s, if they have any."""
        indexes = list(range(len(rows)))
        for path, reverse in reversed(self._order):
            values = column(path, values_at(path)) if column is not None and "." not in path else None
            if values is None or not comparable(values):
                values = sort_values(rows, path)
            indexes.sort(key=values.__getitem__, reverse=reverse)
        return indexes

    def _sorted(self, rows: Rows, places: array[int]) -> tuple[Rows, array[int]]:
        """Return *rows* and their *places*, which come in the order of the places, as they are listed."""
        if self._newest:
            rows, places = rows[::-1], places[::-1]
        if not self._order:
            return rows, places
        indexes = self._indexes(rows)
        return [rows[index] for index in indexes], array("q", map(places.__getitem__, indexes))

    def _put_in_all(self, choose: Choose, came: list[Change]) -> None:
        """Put in what came: all of it at once where nothing stands in between, as of those that come last."""
        if not came:
            return
        rows, places = _chosen(choose, [change[3] for change in came], array("q", [one[4] for one in came]))
        rows, places = self._sorted(rows, places)
        if rows and (at := self._find(rows[0], places[0])) == self._find(rows[-1], places[-1]):
            self.rows[at:at] = rows
            self._places[at:at] = places
            for read, column in self._columns.values():
                column[at:at] = read(rows)
            return
        for row, place in zip(rows, places, strict=True):
            self._put_in([row], place)

    def _put_in(self, rows: Rows, place: int) -> None:
        for row in rows:
            at = self._find(row, place)
            self.rows.insert(at, row)
            self._places.insert(at, place)
            for read, column in self._columns.values():
                column[at:at] = read([row])

    def _take_out(self, rows: Rows, place: int) -> None:
        for row in rows:
            at = self._find(row, place)
            assert self._places[at] == place, "what was put in stands where its order says"
            del self.rows[at], self._places[at]
            for _, column in self._columns.values():
                del column[at]

    def _find(self, row: Any, place: int) -> int:
        """Return where *row* with that *place* in the table stands, or would."""
        wanted = [order(field(row, path)) for path, _ in self._order]
        low, high = 0, len(self.rows)
        if not high or not self._precedes(0, wanted, place):
            return 0
        if self._precedes(high - 1, wanted, place):
            return high
        while low < high:
            middle = (low + high) // 2
            if self._precedes(middle, wanted, place):
                low = middle + 1
            else:
                high = middle
        return low

    def _precedes(self, index: int, wanted: list[Any], place: int) -> bool:
        """Return whether the row at *index* comes before one of these values and *place*."""
        row = self.rows[index]
        for (path, reverse), value in zip(self._order, wanted, strict=True):
            own = order(field(row, path))
            if own != value:
                return bool(own > value if reverse else own < value)
        own_place = self._places[index]
        return own_place > place if self._newest else own_place < place


def _chosen(choose: Choose, rows: Rows, places: array[int]) -> tuple[Rows, array[int]]:
    """Return those of *rows* that are chosen, as the list shows them, and their places."""
    chosen = choose(rows)
    found = _of_chosen(chosen, rows, places)
    if len(found) == len(chosen):
        return chosen, found
    shown = [(one, place) for row, place in zip(rows, places, strict=True) for one in choose([row])]
    return [one for one, _ in shown], array("q", [place for _, place in shown])


def _of_chosen(rows: Rows, whole: Rows, places: array[int]) -> array[int]:
    """Return the places of the *rows* that were chosen of the *whole*: they are in the same order."""
    if len(rows) == len(whole):
        return places[:]
    chosen = set(map(id, rows))
    return array("q", compress(places, map(chosen.__contains__, map(id, whole))))
