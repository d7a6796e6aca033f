"""
A page of messaging campaigns: filtered, searched, sorted, cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from mockserver.tests.judged.messaging_bodies import STATUSES, TYPES

if TYPE_CHECKING:
    from mockserver.tests.judged.messaging import Messaging

Row = dict[str, Any]
PLAIN = (
    "id",
    "name",
    "description",
    "type",
    "status",
    "budget",
    "startDate",
    "endDate",
    "createdBy",
    "createdAt",
)
PLAIN += ("updatedAt",)
NESTED = {
    "goals": ("targetAudience", "conversionRate", "revenue"),
    "targetAudience": ("totalCount",),
    "strategy": ("messaging", "timing"),
    "statistics": (
        "totalTasks",
        "completedTasks",
        "failedTasks",
        "messagesSent",
        "conversionsAchieved",
        "totalCost",
    ),
}


def page_of(app: Messaging) -> Row:
    """Return what GET /campaigns answers."""
    bug = app.bug
    page = _whole(app, "page", 1, 2**31, bug("accepts_page_zero"))
    limit = _whole(app, "limit", 20, 100, bug("accepts_limit_above") or app.way.cuts)
    if bug("limit_ignored"):
        limit = 20
    rows = list(app.rows.values()) + (list(app.gone.values()) if bug("deleted_listed") else [])
    for row in app.rows:
        app.found(row)
    if bug("list_misses_newest"):
        rows = rows[:-1]
    rows = _sorted(app, _found(app, rows))
    start = (page - 1) * limit
    if bug("pages_overlap"):
        start = max(0, start - 1)
    shown = [app.summary(row) for row in rows[start : start + limit]]
    total = len(shown) if bug("total_of_page") else len(rows)
    pages: float = -(-total // limit)
    if bug("pages_wrong"):
        pages += 1
    if bug("pages_as_float"):
        pages = total / limit + 0.01
    if bug("no_pagination"):
        return {"campaigns": shown}
    return {"campaigns": shown, "pagination": {"page": page, "limit": limit, "total": total, "pages": pages}}


def _whole(app: Messaging, name: str, default: int, most: int, lax: bool) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.removeprefix("-").isdigit():
        app.wrong(name, "must be a whole number")
    if lax:
        return min(max(1, int(text)), most)
    if not 1 <= int(text) <= most:
        app.wrong(name, f"must be 1 to {most}")
    return int(text)


def _found(app: Messaging, rows: list[Row]) -> list[Row]:
    bug = app.bug
    asked: dict[str, str] = {}
    for name, known in (("status", STATUSES), ("type", TYPES)):
        value = request.args.get(name)
        if value is None:
            continue
        if value not in known:
            if name == "status" and bug("accepts_any_status_filter"):
                continue
            app.wrong(name, "is none of " + ", ".join(known))
        if not (name == "status" and bug("status_filter_ignored")) and not (
            name == "type" and bug("type_filter_ignored")
        ):
            asked[name] = value
    fits = any if bug("filters_ored") and len(asked) > 1 else all
    rows = [row for row in rows if fits(row[name] == value for name, value in asked.items())]
    text = request.args.get("search", "")
    if not text:
        return rows
    names = ("name",) if bug("search_name_only") else ("name", "description")
    if bug("search_case"):
        return [row for row in rows if any(text in row[name] for name in names)]
    return [row for row in rows if any(text.lower() in row[name].lower() for name in names)]


def _sorted(app: Messaging, rows: list[Row]) -> list[Row]:
    bug = app.bug
    by = request.args.get("sort", "createdAt" if bug("default_oldest_first") else "-createdAt")
    if bug("sort_ignored"):
        by = "-createdAt"
    name = by.removeprefix("-")
    outer, _, inner = name.partition(".")
    if name not in PLAIN and inner not in NESTED.get(outer, ()):
        if not app.way.unsorted:
            app.wrong("sort", "cannot be sorted by")
        name, outer, inner = "createdAt", "createdAt", ""

    def value(row: Row) -> tuple[bool, Any]:
        found = row[name] if name in ("createdAt", "updatedAt") else app.summary(row)[outer]
        if inner:
            found = found[inner]
        return (found is not None, found if found is not None else 0)

    return sorted(rows, key=value, reverse=by.startswith("-") != bug("sort_reversed"))
