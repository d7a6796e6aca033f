"""
A list that stays as it is asked for while its rows come, change and go.

Who asks for a page of a hundred thousand rows after one of them has changed pays for
that one: the table says what has happened since, each row that went is found by
bisection and taken out, each that came is put in. What has been worked out once, who
belongs to the list and in which order, is not worked out again; and of the order no more
is worked out than pages were asked for (`Settling`).

That needs a total order. It is that of `rows.sort`: by one property after the other, and among
those that are alike by their places in the table.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from itertools import compress
from typing import Any

from mockserver.behavior.columns import Column, Read, Values
from mockserver.behavior.pieces import Order, Property, Rows, sorted_by
from mockserver.behavior.settling import Settling
from mockserver.behavior.store import Change, Key, Table

Choose = Callable[[Rows], Rows]
"""Returns what a list shows of some rows, in their order."""
Select = Callable[[Column], list[bool]]
"""Tells of each row of a list, by its columns, whether it is chosen."""

_NONE: Mapping[int, Any] = {}
MARGIN = 1000
"""Rows on either side of a page that are put in order with it: who reads one page reads the next."""
FEW = 500
"""Texts of a column of which each is held once."""
_MANY = 1000
"""Changes after which a list is made anew."""


class _Kept:
    """A column, how it is read, and of which types its values are or were."""

    __slots__ = ("_few", "_read", "kinds", "values")

    def __init__(self, read: Read, rows: Rows) -> None:
        self.kinds: set[type] = set()
        self.values: Values = []
        self._read = read
        self._few: dict[str, str] | None = {}
        """The texts of the column, as long as they are few; then None."""
        for at in range(0, len(rows), FEW):
            self.put_in(at, rows[at : at + FEW])

    def put_in(self, at: int, rows: Rows) -> None:
        """
        Read *rows* that come to stand at *at*.

        Texts that are alike become one object where there are few of them: to compare a hundred thousand that
        lie all over the memory takes three times as long.
        """
        values, few = self._read(rows), self._few
        self.kinds.update(map(type, values))
        if few is not None:
            values = [few.setdefault(value, value) if type(value) is str else value for value in values]
            self._few = few if len(few) <= FEW else None
        self.values[at:at] = values


class Ordered:
    """
    One list of a table.

    Args:
        table: Whose rows it shows.
        order: How they are sorted.
        newest: Whether of those that are alike the last that came is first.

    Attributes:
        mark: When it was brought up to date, for who asks for it. What it shows is good until it is again.
    """

    __slots__ = ("_columns", "_extra", "_newest", "_order", "_seen", "_stand", "mark", "table")

    def __init__(self, table: Table, order: Order, *, newest: bool) -> None:
        self.table = table
        self.mark: Any = None
        # Where the newest is first, all stands the other way round, so that what comes is put in at the end.
        self._order = tuple((path, reverse is not newest) for path, reverse in order)
        self._newest = newest
        self._stand = Settling(self._order)
        self._extra: dict[int, Any] = {}
        self._columns: dict[Any, _Kept] = {}
        self._seen = -1

    def __len__(self) -> int:
        return len(self._stand.rows)

    def __iter__(self) -> Iterator[Any]:
        at = 0
        while at < len(self):
            page = self[at : 2 * at + MARGIN]
            yield from page
            at += len(page)

    def __getitem__(self, page: slice) -> Rows:
        start, stop, _ = page.indices(len(self))
        if not self._stand.is_settled(*self._turned(start, stop)):
            reads_on = start and self._stand.is_settled(*self._turned(start - 1, start))
            early = start - MARGIN if start > 2 * MARGIN else 0
            late = stop + (max(start, MARGIN) if reads_on else MARGIN)
            self._stand.settle(*self._turned(early, min(late, len(self))))
        begin, end = self._turned(start, stop)
        rows = self._stand.rows[begin:end]
        return rows[::-1] if self._newest else rows

    def _turned(self, start: int, stop: int) -> tuple[int, int]:
        return (len(self) - stop, len(self) - start) if self._newest else (start, stop)

    def column(self, known: Any, read: Read) -> Values:
        """
        Return what *read* reads out of each row of a list that nothing sorts; not to be changed.

        It is kept under *known*.
        """
        found = self._columns.get(known)
        if found is None:
            found = self._columns[known] = _Kept(read, self._stand.rows)
        return found.values

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

    def follow(self, whole: Ordered, choose: Choose, narrow: Choose, select: Select | None) -> None:
        """
        Take over what has happened to a part of the *whole*, which is up to date, and which nothing sorts.

        *choose* says who belongs to it of all rows, *narrow* of those that the whole has; so does *select* of
        all of these, by the whole's columns. None: all of them belong to it, in another order.
        """
        if not self._follow(choose):
            rows, places = whole._stand.rows, whole._stand.places
            columns = ((path, whole._columns.get(path)) for path, _ in self._order)
            known = {path: Property(one.values, one.kinds) for path, one in columns if one is not None}
            if select is None:
                self._stand.begin(rows[:], places[:], known)
            else:
                flags = select(whole.column)
                rows, places = list(compress(rows, flags)), array("q", compress(places, flags))
                self._stand.begin(rows, places, {path: one.chosen(flags) for path, one in known.items()})
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
        self._stand.changed()
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
        rows, places = _chosen(choose, whole, array("q", self.table.places(keys)))
        self._stand.begin(rows, places)
        self._columns = {}

    def _put_in_all(self, choose: Choose, came: list[Change]) -> None:
        """Put in what came: all of it at once where nothing stands in between, as of those that come last."""
        if not came:
            return
        rows, places = _chosen(choose, [change[3] for change in came], array("q", [one[4] for one in came]))
        if self._order:
            indexes = sorted_by(rows, self._order)
            rows = [rows[index] for index in indexes]
            places = array("q", [places[index] for index in indexes])
        if not rows:
            return
        at, stand = self._stand.find(rows[0], places[0]), self._stand
        if at == stand.find(rows[-1], places[-1]) and not (len(rows) > 1 and stand.is_open(at)):
            self._put_at(at, rows, places)
            return
        for row, place in zip(rows, places, strict=True):
            self._put_in([row], place)

    def _put_in(self, rows: Rows, place: int) -> None:
        for row in rows:
            self._put_at(self._stand.find(row, place), [row], array("q", [place]))

    def _put_at(self, at: int, rows: Rows, places: array[int]) -> None:
        self._stand.put_in(at, rows, places)
        for one in self._columns.values():
            one.put_in(at, rows)

    def _take_out(self, rows: Rows, place: int) -> None:
        for row in rows:
            at = self._stand.find(row, place)
            assert self._stand.places[at] == place, "what was put in stands where its order says"
            self._stand.take_out(at)
            for one in self._columns.values():
                del one.values[at]


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
