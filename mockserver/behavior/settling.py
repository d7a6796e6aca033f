"""
Rows that are put in order as far as somebody looks, and no further.

To sort a hundred thousand rows while somebody waits for the first twenty of them takes a tenth of a
second. So an order that is asked for first is found out around the page that is asked for: a piece is
sorted, and what comes before and after it stays as it was. These stretches are *open*: their rows belong
between their neighbours, but stand by their places in the table. Another page settles another piece.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from mockserver.behavior.pieces import Order, Parts, Property, Rows, Stretch, laid, sorted_by
from mockserver.behavior.rows import field, order

_NONE: Mapping[str, Property] = {}

SMALL = 4000
"""Rows of an open stretch that are all sorted as soon as one of them is asked for."""


class Settling:
    """
    Rows, and their places in the table.

    Args:
        order: How they are sorted; where by nothing, by their places. So are those that are alike.

    Attributes:
        rows: In order as far as they are settled. Not to be changed.
        places: Theirs.
    """

    __slots__ = ("_known", "_open", "_order", "places", "rows")

    def __init__(self, order: Order) -> None:
        self.rows: Rows = []
        self.places = array("q")
        self._order = order
        self._open: list[tuple[int, int]] = []
        """Where open stretches begin and end, in order. Something settled is between two of them."""
        self._known: Mapping[str, Property] = {}
        """What was read already of all rows, as long as nothing is settled and nothing has changed."""

    def begin(self, rows: Rows, places: array[int], known: Mapping[str, Property] = _NONE) -> None:
        """
        Begin with *rows*, which stand by their *places*; both lists are ours from now on.

        *known* is what was read of them already.
        """
        self.rows, self.places, self._known = rows, places, known
        self._open = [(0, len(rows))] if self._order and rows else []

    def is_settled(self, start: int, stop: int) -> bool:
        """Return whether what stands from *start* to before *stop* is in order."""
        return not any(begin < stop and start < end for begin, end in self._open)

    def settle(self, start: int, stop: int) -> None:
        """Put that in order."""
        while found := next((one for one in self._open if one[0] < stop and start < one[1]), None):
            begin, end = found
            self._settle(begin, end, max(start, begin) - begin, min(stop, end) - begin)

    def changed(self) -> None:
        """Take note that rows may have changed since `begin`."""
        self._known = _NONE

    # ------------------------------------------------------------------------------------------- changes

    def find(self, row: Any, place: int) -> int:
        """Return where *row* with that *place* in the table stands, or would."""
        wanted = [order(field(row, path)) for path, _ in self._order]
        low, high = 0, len(self.rows)
        if high and not self._open:  # what came last is often first or last here as well
            if not self._precedes(0, wanted, place):
                return 0
            if self._precedes(high - 1, wanted, place):
                return high
        while low < high:
            middle = self._settled_near((low + high) // 2, low, high)
            if middle is None:
                return bisect_left(self.places, place, low, high)
            if self.places[middle] == place:
                return middle  # else it would be looked for in the stretch before
            if self._precedes(middle, wanted, place):
                low = middle + 1
            else:
                high = middle
        return low

    def is_open(self, at: int) -> bool:
        """Return whether what belongs to *at* stands there by its place, and not by the order."""
        return any(begin <= at <= end for begin, end in self._open)

    def put_in(self, at: int, rows: Rows, places: array[int]) -> None:
        """Put in *rows* that belong to where `find` said."""
        self.changed()
        self.rows[at:at] = rows
        self.places[at:at] = places
        more = len(rows)
        self._open = [(begin + more * (begin > at), end + more * (end >= at)) for begin, end in self._open]

    def take_out(self, at: int) -> None:
        """Take out the row that stands at *at*."""
        self.changed()
        del self.rows[at], self.places[at]
        if self._open:
            moved = ((begin - (begin > at), end - (end > at)) for begin, end in self._open)
            self._open = [(begin, end) for begin, end in moved if begin < end]
            if any(one[1] == other[0] for one, other in zip(self._open, self._open[1:], strict=False)):
                self._open_all()

    def _open_all(self) -> None:
        """Begin again: nothing settled is left between two stretches, so that no row knows its own."""
        parts: Parts = (sorted(range(len(self.rows)), key=self.places.__getitem__), [], [])
        self.begin(laid(self.rows, parts), laid(self.places, parts))

    def _settled_near(self, middle: int, low: int, high: int) -> int | None:
        """Return *middle*, or what is settled next to its open stretch; None where nothing in between is."""
        for begin, end in self._open:
            if begin <= middle < end:
                return end if end < high else begin - 1 if begin > low else None
        return middle

    def _precedes(self, index: int, wanted: list[Any], place: int) -> bool:
        """Return whether the settled row at *index* comes before one of these values and *place*."""
        row = self.rows[index]
        for (path, reverse), value in zip(self._order, wanted, strict=True):
            own = order(field(row, path))
            if own != value:
                return bool(own > value if reverse else own < value)
        return self.places[index] < place

    # ------------------------------------------------------------------------------------- one open stretch

    def _settle(self, begin: int, end: int, start: int, stop: int) -> None:
        """Settle what stands from *start* to *stop* of the open stretch from *begin* to *end*."""
        count, whole = end - begin, end - begin == len(self.rows)
        rows, places = (self.rows, self.places) if whole else (self.rows[begin:end], self.places[begin:end])
        known, self._known = self._known if whole else _NONE, _NONE
        left: list[tuple[int, int]] = []
        if count <= SMALL or 4 * (stop - start) > count:
            parts: Parts = (sorted_by(rows, self._order), [], [])
        else:
            before, inside, after = Stretch(rows, self._order, known).around(start, stop)
            piece = [inside[one] for one in sorted_by([rows[index] for index in inside], self._order)]
            parts = (before, piece, after)
            first = begin + (count - len(inside) if before is None else len(before))
            left = [one for one in ((begin, first), (first + len(inside), end)) if one[0] < one[1]]
        if whole:
            self.rows, self.places = laid(rows, parts), laid(places, parts)
        else:
            self.rows[begin:end], self.places[begin:end] = laid(rows, parts), laid(places, parts)
        at = self._open.index((begin, end))
        self._open[at : at + 1] = left
