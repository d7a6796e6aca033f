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
from mockserver.behavior.columns import SEARCH, values_at
from mockserver.behavior.envelopes import Shown
from mockserver.behavior.filters import Filter
from mockserver.behavior.ordered import Ordered
from mockserver.behavior.paging import Paging, understand, ways, window
from mockserver.behavior.pieces import EXAMPLES, sortable
from mockserver.behavior.population import MOST, Population
from mockserver.behavior.resources import Resource
from mockserver.behavior.store import Row
from mockserver.behavior.telling import Page, Taking, Telling
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json, dumps


@dataclass(frozen=True)
class Query:
    """What the query parameters of one list do, and what its answer tells of a page."""

    paging: Paging
    filters: tuple[Filter, ...]
    telling: Telling

    @property
    def narrows(self) -> bool:
        """Whether anything can be asked for in them but a page: less, or another order."""
        return bool(self.filters) or not self.paging.roles.keys().isdisjoint(("search", "sort"))

    @classmethod
    def of(
        cls, operation: Operation, resource: Resource, shown: Shown, taking: Taking | None = None
    ) -> Query:
        """Return what those of *operation* do, which lists *resource* as *shown*; *taking*: see `Telling`."""
        parameters = ways(operation)
        described = {one.name: one.description for one in operation.parameters if one.location == "query"}
        found = filters.filters(parameters, resource.row, resource.key, filters.partial_names(described))
        paging = understand(parameters, {one.way for one in found})
        return cls(paging, tuple(found), Telling(shown.whole, shown.path, paging, taking))


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
        self._over: dict[str, Row] = {}
        """Rows that stand for what nobody made and the list has, by the text of their key."""
        self._everyone = () if empty and not act.stand.held else self._unmade()
        hidden = self._hidden()
        self._base = [key for key in self._everyone if str(key) not in hidden] if hidden else self._everyone

    def _unmade(self) -> Sequence[Json]:
        """Return the keys of what nobody made, be it gone or changed since, and learn of its rows."""
        act = self._act
        changed = self._changes
        more = self._items + changed if self._items is not None else None
        if more is not None and self._narrows:
            more = max(more, MOST)
        keys = self._population.keys(act, self._shown, self._query.paging, more)
        for key in keys if changed else ():
            row = act.row(key)
            if row is not None and row.get(OVER) == act.scope:
                self._over[str(key)] = row
        return keys

    @property
    def _changes(self) -> int:
        """How many rows stand for what nobody made."""
        return self._act.transaction.count(self._act.table, OVER, self._act.scope)

    def _hidden(self) -> set[str]:
        """Return the keys of what is gone, or is another parent's now."""
        link = self._act.stand.link
        said = self._act.belonging.get(link, MISSING) if link else MISSING
        return {
            key for key, row in self._over.items() if GONE in row or (link and row.get(link, said) != said)
        }

    def page(self) -> tuple[list[Json], Page]:
        """Return the rows of the page as the answer shows them, and what can be told of the page."""
        act, paging = self._act, self._query.paging
        order, direction = filtering.sorting(paging, act.arguments)
        orders = filtering.orders(order, direction, act.stand.home.row)
        if self._narrows or orders or act.stand.held or (act.stand.link and self._lasts):
            rows = self._in_order(orders)
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

    def get_ready(self) -> None:
        """Put the rows in order from which filters and searches begin."""
        if self._lasts:
            whole = self._whole()
            for one in self._query.filters:
                whole.column(one.path, values_at(one.path))
            if "search" in self._query.paging.roles:
                whole.column(SEARCH, filtering.said)
            for name in sortable(whole[:EXAMPLES]) if "sort" in self._query.paging.roles else ():
                whole.column(name, values_at(name))

    @property
    def _narrows(self) -> bool:
        return bool(self._asked) or isinstance(self._sought, (str, list))

    @property
    def _lasts(self) -> bool:
        """Whether the list is worth keeping: for it depends on nothing but the request and the rows."""
        act, linked = self._act, self._linked
        keyed = act.stand.home.key and self._items is None and not act.transaction.changes
        keyed = keyed and not act.stand.held
        return bool(keyed) and (linked is None or isinstance(linked[1], (str, int, float)))

    def _in_order(self, orders: filtering.Orders) -> list[Row] | Ordered:
        """Return the rows that are asked for, as they are asked for."""
        if not self._lasts:
            return filtering.in_order(self._matching(), orders)
        act, whole = self._act, self._whole()
        if not self._narrows and not orders:
            return whole
        asked = [[one.path, one.by, one.split, value] for one, value in self._asked]
        said = dumps([asked, None if self._sought is MISSING else self._sought])
        return act.world.listed(
            act.world.ordered((*self._ground, orders, said), act.table, orders, newest=True),
            lambda found: found.follow(
                whole,
                lambda rows: self._asked_for(self._made_of(rows)),
                self._asked_for,
                (lambda column: filtering.selected(self._asked, self._sought, column))
                if self._narrows
                else None,
            ),
        )

    @property
    def _ground(self) -> tuple[Any, ...]:
        act = self._act
        return act.operation.id, act.seed, dumps(act.arguments.path)

    def _whole(self) -> Ordered:
        """Return all rows that the list has if nothing narrows it, as they came."""
        world = self._act.world
        return world.listed(
            world.ordered(self._ground, self._act.table, (), newest=True),
            lambda found: found.update(self._made_of, self._candidates, self._others()),
        )

    def _candidates(self) -> list[Json]:
        """Return the keys of what clients made here, of those that are gone as well."""
        act = self._act
        return act.transaction.keys(act.table, *(self._linked or (MADE, act.scope))) or []

    def _made_of(self, rows: list[Row]) -> list[Row]:
        """Return those of *rows* that clients made here."""
        linked = self._linked
        if linked is None:
            scope = self._act.scope
            return [row for row in rows if row.get(MADE) == scope]
        name, value = linked
        kind = isinstance(value, bool)
        return [
            row
            for row in rows
            if MADE in row
            and GONE not in row
            and row.get(name) == value
            and isinstance(row[name], bool) is kind
        ]

    def _others(self) -> dict[int, Row]:
        """Return the rows of what nobody made: they stand behind the made ones."""
        shown = set(map(str, self._base))
        everyone = enumerate(self._everyone[:MOST], 1)
        return {-place: self._row(key) for place, key in everyone if str(key) in shown}

    def _asked_for(self, rows: list[Row]) -> list[Row]:
        return filtering.searched(filtering.narrowed(rows, self._asked), self._sought)

    def _matching(self) -> list[Row]:
        """Return the rows that are asked for; to find a given number of them, more and more are looked at."""
        count = MOST if self._items is None else 2 * self._items + self._changes
        while True:
            rows = self._asked_for(self._all(count))
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
        if act.stand.held:
            rows = []
        elif linked is None:
            rows = act.transaction.newest_rows(act.table, MADE, act.scope)
        else:
            rows = act.transaction.rows(act.table, self._made())
        base = [self._row(key) for key in self._base[:most]]
        if not act.stand.home.key:
            start = len(act.scope) + 1
            made = [key[start:] for key in self._made()] if rows else []
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
