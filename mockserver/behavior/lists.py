"""
Which rows a list shows: narrowed, searched, sorted, and one page of them.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import Any

from mockserver.behavior.functions import epoch
from mockserver.behavior.model import Filter, Listing, Where
from mockserver.behavior.rows import Rows, field, order, rows_of, sort
from mockserver.behavior.scope import Scope
from mockserver.behavior.world import World
from mockserver.exchange import MISSING, dumps

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

    *world* notes the rows of a list until it changes, so that another page of the same is no more work.
    """
    asked = [
        (filtering, wanted)
        for filtering in listing.filters
        if (wanted := _asked(filtering, scope)) is not MISSING and wanted is not None and wanted != []
    ]
    sought = listing.search(scope) if listing.search is not None else MISSING
    spec = listing.sort(scope) if listing.sort is not None else MISSING
    spec = spec if isinstance(spec, str) and spec.strip() else listing.sort_default
    sought = sought.casefold() if isinstance(sought, str) else ""
    if world is None:
        return _paged(listing, _chosen(listing, scope, asked, sought, spec), scope)
    known = _known_by(listing, scope, asked, sought, spec)
    chosen = world.list_known(known) if known is not None else None
    if chosen is None:
        chosen = _chosen(listing, scope, asked, sought, spec)
        if known is not None:
            world.know_list(known, chosen)
    return _paged(listing, chosen, scope)


def _known_by(listing: Listing, scope: Scope, asked: list[tuple[Filter, Any]], sought: str, spec: str) -> Any:
    """
    Return what the rows of a list are known by until the world changes: all that they depend on.

    None where they depend on more than that: on the time, on chance, or on what this request has changed.
    """
    if listing.reads is None or scope.transaction.changes:
        return None
    collection = scope.world.behavior.collections[listing.collection]
    if collection.derived and not (collection.pure or collection.lasting):
        return None
    read = []
    for name, *member in listing.reads:
        value = scope(name)
        if member and isinstance(value, dict):
            value = value.get(member[0], MISSING)
        read.append([value] if value is not MISSING else [])
    wishes = [[one.parameter, one.by, wanted] for one, wanted in asked]
    return listing, scope.account, dumps([read, wishes, sought, spec])


def _chosen(
    listing: Listing, scope: Scope, asked: list[tuple[Filter, Any]], sought: str, spec: str
) -> list[Any]:
    """Return all rows of a list, in its order."""
    rows: Rows | list[Any]
    if listing.of is not None:
        found = listing.of(scope)
        rows = list(found) if found is not MISSING and found is not None else []
    else:
        rows = scope(listing.collection)
    shown = narrow(rows, listing.where, scope) if listing.where is not None else None
    for filtering, wanted in asked:
        if (
            shown is None
            and isinstance(rows, Rows)
            and filtering.by == "equals"
            and not isinstance(wanted, list)
        ):
            exact = rows.where(**{filtering.field: wanted}).list()
            shown = exact if exact else None
            if shown is not None:
                continue
        shown = _passing(rows if shown is None else shown, filtering, wanted)
    chosen = list(rows) if shown is None else shown
    if sought:
        chosen = [row for row in chosen if _mentions(row, listing.search_in, sought)]
    return sort(chosen, spec) if spec else chosen


def _asked(filtering: Filter, scope: Scope) -> Any:
    for where in ("query", "body"):
        given = scope(where)
        if isinstance(given, dict) and filtering.parameter in given:
            return given[filtering.parameter]
    return MISSING


def _passing(rows: Rows | list[Any], filtering: Filter, wanted: Any) -> list[Any]:
    """Return the *rows* that a filter leaves; texts that are to be equal, as usual, go the short way."""
    path = filtering.field
    texts = wanted if isinstance(wanted, list) else [wanted]
    if filtering.by == "equals" and "." not in path and all(type(text) is str for text in texts):
        known = frozenset(texts)
        return [
            row
            for row in rows
            if (
                value in known
                if type(row) is dict and type(value := row.get(path)) is str
                else _passes(filtering, field(row, path), wanted)
            )
        ]
    return [row for row in rows if _passes(filtering, field(row, path), wanted)]


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


def _mentions(row: Any, paths: tuple[str, ...], sought: str) -> bool:
    for path in paths:
        value = field(row, path)
        values = value if isinstance(value, list) else [value]
        if any(isinstance(one, str) and sought in one.casefold() for one in values):
            return True
    return False


def _paged(listing: Listing, rows: list[Any], scope: Scope) -> dict[str, Any]:
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
