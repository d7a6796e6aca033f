"""
One page of an inferred collection: what clients made, newest first, and then what nobody made.

Where nothing narrows or sorts, a page costs what is on it: the rest is only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mockserver.behavior import filtering, filters
from mockserver.behavior.act import GONE, MADE, OVER, Act
from mockserver.behavior.envelopes import Shown
from mockserver.behavior.filters import Filter
from mockserver.behavior.paging import Paging, understand, ways, window
from mockserver.behavior.population import MOST, Population
from mockserver.behavior.resources import Resource
from mockserver.behavior.store import Row
from mockserver.behavior.telling import Page, Telling
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json, dumps


@dataclass(frozen=True)
class Query:
    """What the query parameters of one list do, and what its answer tells of a page."""

    paging: Paging
    filters: tuple[Filter, ...]
    telling: Telling

    @classmethod
    def of(cls, operation: Operation, resource: Resource, shown: Shown) -> Query:
        """Return what those of *operation* do, which lists *resource* as *shown*."""
        parameters = ways(operation)
        described = {one.name: one.description for one in operation.parameters if one.location == "query"}
        found = filters.filters(parameters, resource.row, resource.key, filters.partial_names(described))
        paging = understand(parameters, {one.way for one in found})
        return cls(paging, tuple(found), Telling(shown.whole, shown.path, paging))


Entry = tuple[Json, Row]
"""A key and its row."""


class Listing:
    """
    One list as one request asks for it.

    Args:
        act: The request.
        population: Those that nobody made.
        shown: How the answer shows rows.
        query: What its parameters do.
        empty: Whether nobody made any: below a parent that a client made.
        items: How many rows are asked for by `Prefer: items`.
    """

    def __init__(
        self,
        act: Act,
        population: Population,
        shown: Shown,
        query: Query,
        *,
        empty: bool = False,
        items: int | None = None,
    ) -> None:
        self._act = act
        self._population = population
        self._shown = shown
        self._query = query
        self._items = shown.within(items) if items is not None else None
        self._asked = filters.narrowing(query.filters, act.arguments)
        self._sought = query.paging.value("search", act.arguments)
        self._over = self._changed()
        self._base = () if empty else self._untouched()

    def _changed(self) -> dict[str, Row]:
        """Return the rows that stand for what nobody made, by the text of their key."""
        act = self._act
        start = len(act.scope) + 1
        get = act.transaction.get
        found: dict[str, Row] = {}
        if act.transaction.count(act.table, OVER, act.scope):
            for key in act.transaction.keys(act.table, OVER, act.scope):
                row = get(act.table, key)
                if row is not None:
                    found[str(key)[start:]] = row
        return found

    def _untouched(self) -> Sequence[Json]:
        more = self._items + len(self._over) if self._items is not None else None
        if more is not None and self._narrows:
            more = max(more, MOST)
        keys = self._population.keys(self._act, self._shown, self._query.paging, more)
        hidden = {key for key, row in self._over.items() if GONE in row}
        link = self._act.stand.link
        if link:  # whose it is may have been changed
            said = self._act.belonging.get(link, MISSING)
            hidden.update(
                key for key, row in self._over.items() if GONE not in row and row.get(link, said) != said
            )
        return [key for key in keys if str(key) not in hidden] if hidden else keys

    def page(self) -> tuple[list[Json], Page]:
        """Return the rows of the page as the answer shows them, and what can be told of the page."""
        act, paging = self._act, self._query.paging
        order, direction = filtering.sorting(paging, act.arguments)
        if self._narrows or order is not MISSING or direction is not MISSING:
            rows = self._in_order(order, direction)
            total = len(rows)
            offset, limit = self._window(total, lambda key: _place(map(self._key, rows), key))
            entries = [(self._key(row), row) for row in rows[offset : offset + limit]]
        else:
            made = self._made_count()
            total = made + len(self._base)
            offset, limit = self._window(total, lambda key: _place(self._keys(), key))
            entries = self._slice(made, offset, limit)
        show = act.stand.entities.looks.of
        page = [show(self._shown, row, key, act.seed) for key, row in entries]
        ends = (entries[0][0], entries[-1][0]) if entries else (None, None)
        said = Page(paging, offset, limit, total, len(page), ends, act.arguments.query, act.arguments.url)
        return page, said

    @property
    def _narrows(self) -> bool:
        return bool(self._asked) or isinstance(self._sought, (str, list))

    def _in_order(self, order: Json, direction: Json) -> list[Row]:
        """Return the rows that are asked for, as they are asked for; another page of them is no more work."""
        act, world = self._act, self._act.world
        known: Any = None
        if self._items is None and act.stand.home.key and not act.transaction.changes:
            asked = [[one.path, one.by, one.split, value] for one, value in self._asked]
            wishes = [None if wish is MISSING else wish for wish in (self._sought, order, direction)]
            said = dumps([asked, wishes, act.arguments.path])
            known = (act.operation.id, act.seed, said, tuple(map(str, self._base)))
            rows = world.list_known(known)
            if rows is not None:
                return rows
        rows = filtering.in_order(self._matching(), order, direction, act.stand.home.row)
        if known is not None:
            world.know_list(known, rows)
        return rows

    def _matching(self) -> list[Row]:
        """Return the rows that are asked for; to find a given number of them, more and more are looked at."""
        count = MOST if self._items is None else 2 * self._items + len(self._over)
        while True:
            rows = filtering.searched(filtering.narrowed(self._all(count), self._asked), self._sought)
            if self._items is None or len(rows) >= self._items or count >= len(self._base):
                return rows
            count *= 4

    def _window(self, total: int, find: Callable[[str], int | None]) -> tuple[int, int]:
        if self._items is not None:
            return 0, self._items
        offset, limit = window(self._query.paging, self._act.arguments, total, find)
        return offset, min(limit, self._shown.within(limit))

    # -------------------------------------------------------------------- rows

    @property
    def _linked(self) -> tuple[str, Any] | None:
        link = self._act.stand.link
        return (link, self._act.belonging.get(link)) if link else None

    def _made_count(self) -> int:
        act = self._act
        return len(self._made()) if act.stand.link else act.transaction.count(act.table, MADE, act.scope)

    def _made(self) -> list[Json]:
        """Return the table's keys of what clients made here, the newest first."""
        act = self._act
        linked = self._linked
        if linked is None:
            return list(act.transaction.newest(act.table, MADE, act.scope))
        get = act.transaction.get
        found = act.transaction.newest(act.table, *linked)
        return [
            key
            for key in found
            if (row := get(act.table, key)) is not None and MADE in row and GONE not in row
        ]

    def _keys(self) -> list[Json]:
        start = len(self._act.scope) + 1
        return [*(key[start:] for key in self._made()), *self._base]

    def _key(self, row: Row) -> Json:
        return (
            self._known.get(id(row), "")
            if not self._act.stand.home.key
            else row.get(self._act.stand.home.key, "")
        )

    _known: dict[int, Json]

    def _all(self, most: int) -> list[Row]:
        """Return every row, but not more than *most* of those that nobody made."""
        act = self._act
        linked = self._linked
        if linked is None:
            rows = act.transaction.newest_rows(act.table, MADE, act.scope)
        else:
            rows = act.transaction.rows(act.table, self._made())
        base = [self._row(key) for key in self._base[:most]]
        if not act.stand.home.key:
            start = len(act.scope) + 1
            made = [key[start:] for key in self._made()]
            self._known = {
                id(row): key for key, row in zip([*made, *self._base[:most]], [*rows, *base], strict=True)
            }
        return rows + base

    def _row(self, key: Json) -> Row:
        return self._over.get(str(key)) or self._population.base(self._act, key)

    def _slice(self, made: int, offset: int, limit: int) -> list[Entry]:
        act = self._act
        start = len(act.scope) + 1
        entries: list[Entry] = []
        if offset < made:
            newest = self._made() if act.stand.link else act.transaction.newest(act.table, MADE, act.scope)
            for key in islice(newest, offset, offset + limit):
                row = act.transaction.get(act.table, key)
                if row is not None:
                    entries.append((key[start:], row))
        behind = max(0, offset - made)
        entries += [(key, self._row(key)) for key in self._base[behind : behind + limit - len(entries)]]
        return entries


def _place(keys: Any, wanted: str) -> int | None:
    return next((place for place, key in enumerate(keys) if str(key) == wanted), None)
