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
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mockserver.behavior.rows import field, order, sort_key
from mockserver.behavior.store import Key, Table

Rows = list[Any]
Order = tuple[tuple[str, bool], ...]
"""Properties that are sorted by, the first first, each with whether it descends."""
Choose = Callable[[Rows], Rows]
"""Returns what a list shows of some rows, in their order."""

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

    __slots__ = ("_extra", "_newest", "_order", "_places", "_seen", "mark", "rows", "table")

    def __init__(self, table: Table, order: Order, *, newest: bool) -> None:
        self.table = table
        self.rows: Rows = []
        self.mark: Any = None
        self._places = array("q")
        self._order = order
        self._newest = newest
        self._extra: dict[int, Any] = {}
        self._seen = -1

    def update(
        self, choose: Choose, candidates: Callable[[], list[Key]], extra: Mapping[int, Any] = _NONE
    ) -> None:
        """
        Take over what has happened.

        Args:
            choose: Who belongs to the list; the same whenever it is asked.
            candidates: Gives the keys of all rows of which `choose` may choose any, in their order.
            extra: Rows that no table has, by their places: negative numbers.
        """
        if not self._follow(choose):
            self._begin(choose, candidates())
        self._seen = self.table.watch()
        self._stand_in(extra)

    def follow(self, whole: Ordered, choose: Choose, narrow: Choose) -> None:
        """
        Take over what has happened to a part of the *whole*, which is in the same order and up to date.

        *choose* says who belongs to it of all rows, *narrow* of those that the whole has.
        """
        if not self._follow(choose):
            self.rows = list(narrow(whole.rows))  # all of them are the whole's own list, which goes on
            self._places = _of_chosen(self.rows, whole.rows, whole._places)
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
        for _, old, old_place, row, place in changes:
            if old is not None:
                self._take_out(choose([old]), old_place)
            if row is not None:
                self._put_in(choose([row]), place)
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
        rows, places = choose(whole), array("q", self.table.places(keys))
        if len(rows) < len(whole):
            places = _of_chosen(rows, whole, places)
        if self._newest:
            rows, places = rows[::-1], places[::-1]
        indexes: Iterable[int] = range(len(rows))
        for path, reverse in reversed(self._order):
            by = sort_key(rows, path)
            values = [by(row) for row in rows]
            indexes = sorted(indexes, key=values.__getitem__, reverse=reverse)
        if self._order:
            indexes = list(indexes)
            rows, places = (
                [rows[index] for index in indexes],
                array("q", [places[index] for index in indexes]),
            )
        self.rows, self._places = rows, places

    def _put_in(self, rows: Rows, place: int) -> None:
        for row in rows:
            at = self._find(row, place)
            self.rows.insert(at, row)
            self._places.insert(at, place)

    def _take_out(self, rows: Rows, place: int) -> None:
        for row in rows:
            at = self._find(row, place)
            assert self._places[at] == place, "what was put in stands where its order says"
            del self.rows[at], self._places[at]

    def _find(self, row: Any, place: int) -> int:
        """Return where *row* with that *place* in the table stands, or would."""
        wanted = [order(field(row, path)) for path, _ in self._order]
        low, high = 0, len(self.rows)
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


def _of_chosen(rows: Rows, whole: Rows, places: array[int]) -> array[int]:
    """Return the places of the *rows* that were chosen of the *whole*: they are in the same order."""
    if len(rows) == len(whole):
        return places[:]
    found, wanted = array("q"), iter(rows)
    one = next(wanted, None)
    for row, place in zip(whole, places, strict=True):
        if row is one:
            found.append(place)
            one = next(wanted, None)
    return found
