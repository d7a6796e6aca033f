"""
What waits in the rows of a table for its time, as long as each row alone says for which.

Every request asks first whether something is due. Who has changed one row of a hundred
thousand has that row looked at again, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from mockserver.behavior.store import Key, Row, Table

Dues = list[tuple[int, float]]
"""What waits in one row: the index of each `due` that applies, and its instant."""
_MANY = 1000
"""Changes after which all rows are looked at."""


class Waiting:
    """
    What waits in the rows of *table*.

    Attributes:
        table: The table.
    """

    __slots__ = ("_count", "_dues", "_heap", "_seen", "table")

    def __init__(self, table: Table) -> None:
        self.table = table
        self._dues: dict[Key, tuple[Row, Dues]] = {}
        self._heap: list[tuple[float, int, Key, Row]] = []
        self._count = count()
        self._seen = -1

    def update(self, dues: Callable[[Row], Dues]) -> None:
        """Take over what has happened to the rows; *dues* says what waits in one, always the same."""
        changes = self.table.since(self._seen) if self._seen >= 0 else None
        self._seen = -1  # whatever is raised below, the next one begins anew
        rows = self.table.rows
        if changes is None or len(changes) > _MANY:
            self._dues, self._heap = {}, []
            keys = dict.fromkeys(rows)
        else:
            keys = dict.fromkeys(key for key, *_ in changes)
        for key in keys:
            row = rows.get(key)
            known = self._dues.get(key)
            if known is not None and known[0] is row:
                continue  # a change was taken back: what waits in that row waits already
            found = dues(row) if row is not None else []
            if row is None or not found:
                self._dues.pop(key, None)
            else:
                self._dues[key] = (row, found)
                heappush(self._heap, (min(at for _, at in found), next(self._count), key, row))
        self._seen = self.table.watch()

    def due(self, instant: float) -> list[tuple[Key, Row, int]]:
        """Return what is due at *instant*, in the order of the rows: key, row, and the first of its `due`."""
        found = []
        while self._heap and self._heap[0][0] <= instant:
            entry = heappop(self._heap)
            if self._stands(entry):
                found.append(entry)
        for entry in found:  # as long as nothing has happened to the row, it stays due
            heappush(self._heap, entry)
        found.sort(key=lambda entry: self.table.place(entry[2]))
        return [
            (key, row, next(index for index, at in self._dues[key][1] if at <= instant))
            for _, _, key, row in found
        ]

    @property
    def next(self) -> float:
        """When the next will be due, infinity where nothing waits."""
        while self._heap and not self._stands(self._heap[0]):
            heappop(self._heap)
        return self._heap[0][0] if self._heap else float("inf")

    def _stands(self, entry: tuple[float, int, Key, Row]) -> bool:
        """Return whether the row of *entry* is still that row."""
        known = self._dues.get(entry[2])
        return known is not None and known[0] is entry[3]
