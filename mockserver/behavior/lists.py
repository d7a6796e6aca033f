"""
Which rows a list shows: narrowed, searched, sorted, and one page of them.
"""

from __future__ import annotations

import math
import operator
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import Any

from mockserver.behavior.columns import SEARCH, Column, both, bounded, saying, texts_at, values_at
from mockserver.behavior.expressions import expressions
from mockserver.behavior.functions import epoch
from mockserver.behavior.model import Collection, Filter, Listing, Where
from mockserver.behavior.ordered import Ordered
from mockserver.behavior.pieces import EXAMPLES, sortable
from mockserver.behavior.rows import Rows, order, orders, rows_of, sort
from mockserver.behavior.scope import Scope
from mockserver.behavior.store import Key
from mockserver.behavior.world import World
from mockserver.exchange import MISSING, dumps

LEAST, SOON = 1_000, 2_000
"""
Rows of a list whose columns are begun, whatever is asked for: so many may become very many, and to follow
them costs little.
"""
_TIMED = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d")


def narrow(rows: Rows | list[Any], where: Where, scope: Scope) -> list[Any]:
    """Return the *rows* that *where* describes; an undefined value is no row's."""
    if where.fields is not None:
        wanted = {name: value(scope) for name, value in where.fields.items()}
        if any(value is MISSING for value in wanted.values()):
            return []
        return (rows if isinstance(rows, Rows) else rows_of(rows)).where(**wanted).list()
    return list(rows) if where.condition is None else where.condition.rows(rows, scope)


def listed(listing: Listing, scope: Scope, world: World | None = None) -> dict[str, Any]:
    """
    Return what `list:` gives names to: rows, total, page, pages, limit, offset.

    *world* keeps lists, so that another page of one, or one after a change, is little work.
    """
    asked = [
        (filtering, wanted)
        for filtering in listing.filters
        if (wanted := _asked(filtering, scope)) is not MISSING and wanted is not None and wanted != []
    ]
    sought = listing.search(scope) if listing.search is not None else MISSING
    spec = listing.sort(scope) if listing.sort is not None else MISSING
    spec = spec if isinstance(spec, str) and spec.strip() else listing.sort_default
    wish = _Wish(asked, sought.casefold() if isinstance(sought, str) else "", spec)
    if world is None or listing.reads is None or scope.transaction.changes:
        return _paged(listing, _chosen(listing, scope, wish), scope)
    collection = world.behavior.collections[listing.collection]
    looked_at = wish.looks_at(listing) if collection.derived else frozenset()
    derived = looked_at is None or not looked_at.isdisjoint(collection.derived)
    if not derived or collection.pure:
        rows = _followed(listing, scope, wish, world, derived)
        found = _paged(listing, rows, scope)
        if collection.derived and not derived:
            found["rows"] = [scope.show(collection, row[collection.key], row) for row in found["rows"]]
        return found
    known = _known_by(listing, scope, wish) if collection.lasting else None
    chosen = world.list_known(known) if known is not None else None
    if chosen is None:
        chosen = _chosen(listing, scope, wish)
        if known is not None:
            world.know_list(known, chosen)
    return _paged(listing, chosen, scope)


def _followed(listing: Listing, scope: Scope, wish: _Wish, world: World, derived: bool) -> Ordered:
    """
    Return a list that follows the changes of its collection; not to be changed.

    What one request asks for is narrowed and sorted out of all that there is, which is kept as well.
    *derived*: whether what is derived of a row is looked at.
    """
    collection = world.behavior.collections[listing.collection]
    table, all_ = collection.name, _Wish([], "", "")
    choose = partial(_belonging, listing, scope, collection, derived)
    candidates = partial(_candidates, listing, scope, collection)
    whole = world.listed(
        world.ordered(_known_by(listing, scope, all_), table, ()),
        lambda found: found.update(choose, candidates),
    )
    if world.readying or LEAST <= len(whole) <= SOON:
        for one in listing.filters:
            whole.column(one.field, values_at(one.field))
        if listing.search is not None:
            whole.column(SEARCH, texts_at(listing.search_in))
        for name in sortable(whole[:EXAMPLES]) if listing.sort is not None else ():
            whole.column(name, values_at(name))
    if wish == all_:
        return whole
    narrow = partial(_wished, listing, wish)
    select = partial(_selected, listing, wish) if wish.asked or wish.sought else None
    return world.listed(
        world.ordered(_known_by(listing, scope, wish), table, orders(wish.spec)),
        lambda found: found.follow(whole, lambda rows: narrow(choose(rows)), narrow, select),
    )


@dataclass(frozen=True)
class _Wish:
    """What one request asks of a list: filters with what each asks for, a text to be found, an order."""

    asked: list[tuple[Filter, Any]]
    sought: str
    spec: str

    def looks_at(self, listing: Listing) -> frozenset[str] | None:
        """Return the fields of a row that decide whether and where it is listed; None: it may be any."""
        paths = [*(one.field for one, _ in self.asked), *(path for path, _ in orders(self.spec))]
        paths += listing.search_in if self.sought else ()
        where = listing.where
        if where is not None:
            paths += where.fields or ()
            for one in expressions(where.condition.value) if where.condition is not None else ():
                for name, *member in one.reads:
                    if name == "row" and not member:
                        return None
                    paths += member if name == "row" else ()
        return frozenset([*paths, *(path.partition(".")[0] for path in paths)])


def _known_by(listing: Listing, scope: Scope, wish: _Wish) -> Any:
    """Return what the rows of a list are known by: all that they depend on beside what the world holds."""
    read = []
    for name, *member in listing.reads or ():
        value = scope(name)
        if member and isinstance(value, dict):
            value = value.get(member[0], MISSING)
        read.append([value] if value is not MISSING else [])
    wishes = [[one.parameter, one.by, wanted] for one, wanted in wish.asked]
    return listing, scope.account, dumps([read, wishes, wish.sought, wish.spec])


def _candidates(listing: Listing, scope: Scope, collection: Collection) -> list[Key]:
    """Return the keys of all rows that may be listed: where an index can tell, of those only."""
    fields = listing.where.fields if listing.where is not None else None
    for name, value in (fields or {}).items():
        if name not in collection.derived:
            found = scope.transaction.keys(collection.name, name, value(scope))
            if found is not None:
                return found
    return scope.transaction.all_keys(collection.name)


def _belonging(
    listing: Listing, scope: Scope, collection: Collection, derived: bool, rows: list[Any]
) -> list[Any]:
    """Return those of *rows* that the list has if nothing is asked for, with what is *derived* of them."""
    if collection.per_account:
        rows = [row for row in rows if scope.visible(collection, row)]
    if derived:
        rows = [scope.show(collection, row[collection.key], row) for row in rows]
    return narrow(rows, listing.where, scope) if listing.where is not None else rows


def _chosen(listing: Listing, scope: Scope, wish: _Wish) -> list[Any]:
    """Return all rows of a list, in its order."""
    rows: Rows | list[Any]
    if listing.of is not None:
        found = listing.of(scope)
        rows = list(found) if found is not MISSING and found is not None else []
    else:
        rows = scope(listing.collection)
    there = narrow(rows, listing.where, scope) if listing.where is not None else list(rows)
    chosen = _wished(listing, wish, there)
    return sort(chosen, wish.spec) if wish.spec else chosen


def _wished(listing: Listing, wish: _Wish, rows: list[Any]) -> list[Any]:
    """Return those of *rows* that filters and search leave."""
    for filtering, wanted in wish.asked:
        rows = list(compress(rows, _passing(values_at(filtering.field)(rows), filtering, wanted)))
    if wish.sought:
        rows = list(compress(rows, saying(texts_at(listing.search_in)(rows), wish.sought)))
    return rows


def _selected(listing: Listing, wish: _Wish, column: Column) -> list[bool]:
    """Return of each row of a list, by its columns, whether filters and search leave it."""
    flags: list[bool] | None = None
    for filtering, wanted in wish.asked:
        path = filtering.field
        flags = both(flags, _passing(column(path, values_at(path)), filtering, wanted))
    if wish.sought:
        flags = both(flags, saying(column(SEARCH, texts_at(listing.search_in)), wish.sought))
    return flags or []


def _asked(filtering: Filter, scope: Scope) -> Any:
    for where in ("query", "body"):
        given = scope(where)
        if isinstance(given, dict) and filtering.parameter in given:
            return given[filtering.parameter]
    return MISSING


def _passing(values: list[Any], filtering: Filter, wanted: Any) -> list[bool]:
    """Return of each of *values* whether a filter leaves it; what is usual goes the short way."""
    texts = wanted if isinstance(wanted, list) else [wanted]
    if filtering.by == "equals" and all(type(text) is str for text in texts):
        known = frozenset(texts)
        return [
            value in known if type(value) is str else _passes(filtering, value, wanted) for value in values
        ]
    if filtering.by in ("from", "to"):
        holds = operator.ge if filtering.by == "from" else operator.le
        return bounded(
            values, wanted, holds, filtering.by == "to", lambda value: _passes(filtering, value, wanted)
        )
    return [_passes(filtering, value, wanted) for value in values]


def _passes(filtering: Filter, value: Any, wanted: Any) -> bool:
    if filtering.by == "equals":
        wanted_values = wanted if isinstance(wanted, list) else [wanted]
        values = value if isinstance(value, list) else [value]
        return any(equal(one, other) for one in values for other in wanted_values)
    if filtering.by == "contains":
        return isinstance(value, str) and str(wanted).casefold() in value.casefold()
    if value is MISSING or value is None:
        return False
    if isinstance(value, str) and isinstance(wanted, str):
        if _TIMED.match(value) and _TIMED.match(wanted):
            with suppress(ValueError):  # what only looks like a time is compared as text
                value, wanted = epoch(value), epoch(wanted)
        elif filtering.by == "to":
            value = value[: len(wanted)]  # a day without a time means all of it
    return order(value) >= order(wanted) if filtering.by == "from" else order(value) <= order(wanted)


def equal(a: Any, b: Any) -> bool:
    """Return whether a row's value is what a parameter asks for; text that says a number is that number."""
    if a is MISSING:
        return False
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b or str(a).casefold() == str(b).casefold()
    return bool(a == b) or (isinstance(a, str) is not isinstance(b, str) and str(a) == str(b))


def _paged(listing: Listing, rows: list[Any] | Ordered, scope: Scope) -> dict[str, Any]:
    total = len(rows)
    limit = _count(listing.limit, scope, None)
    limit = max(0, limit) if limit is not None else None
    if listing.page is not None:
        page = max(1, _count(listing.page, scope, 1) or 1)
        offset = (page - 1) * (limit or 0)
    else:
        offset = max(0, _count(listing.offset, scope, 0) or 0)
        page = offset // limit + 1 if limit else 1
    shown = rows[offset : offset + limit] if limit is not None else rows[offset:]
    return {
        "rows": shown,
        "total": total,
        "limit": limit if limit is not None else total,
        "offset": offset,
        "page": page,
        "pages": math.ceil(total / limit) if limit else (1 if total else 0),
    }


def _count(value: Any, scope: Scope, default: int | None) -> int | None:
    found = value(scope) if value is not None else MISSING
    return int(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else default
