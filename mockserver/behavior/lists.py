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
from mockserver.exchange import MISSING

_TIMED = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d")


def narrow(rows: Rows | list[Any], where: Where, scope: Scope) -> list[Any]:
    """Return the *rows* that *where* describes; an undefined value is no row's."""
    if where.fields is not None:
        wanted = {name: value(scope) for name, value in where.fields.items()}
        if any(value is MISSING for value in wanted.values()):
            return []
        return (rows if isinstance(rows, Rows) else rows_of(rows)).where(**wanted).list()
    condition = where.condition
    return [row for row in rows if condition is None or condition(scope.child(row=row))]


def listed(listing: Listing, scope: Scope) -> dict[str, Any]:
    """Return what `list:` gives names to: rows, total, page, pages, limit, offset."""
    rows: Rows | list[Any]
    if listing.of is not None:
        found = listing.of(scope)
        rows = list(found) if found is not MISSING and found is not None else []
    else:
        rows = scope(listing.collection)
    shown = narrow(rows, listing.where, scope) if listing.where is not None else None
    for filtering in listing.filters:
        wanted = _asked(filtering, scope)
        if wanted is MISSING or wanted is None or wanted == []:
            continue
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
        shown = [
            row
            for row in (rows if shown is None else shown)
            if _passes(filtering, field(row, filtering.field), wanted)
        ]
    chosen = list(rows) if shown is None else shown
    if listing.search is not None:
        sought = listing.search(scope)
        if isinstance(sought, str) and sought:
            chosen = [row for row in chosen if _mentions(row, listing.search_in, sought.casefold())]
    spec = listing.sort(scope) if listing.sort is not None else MISSING
    spec = spec if isinstance(spec, str) and spec.strip() else listing.sort_default
    if spec:
        chosen = sort(chosen, spec)
    return _paged(listing, chosen, scope)


def _asked(filtering: Filter, scope: Scope) -> Any:
    for where in ("query", "body"):
        given = scope(where)
        if isinstance(given, dict) and filtering.parameter in given:
            return given[filtering.parameter]
    return MISSING


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
