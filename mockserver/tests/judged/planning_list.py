"""
A page of planned campaigns: whose they are, filtered, searched, in order, cut.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import request

from mockserver.tests.judged.planning_bodies import STATUSES, TYPES, Row

if TYPE_CHECKING:
    from mockserver.tests.judged.planning import Planning


def page_of(app: Planning) -> Any:
    """Return what GET /campaigns answers."""
    bug = app.bug
    limit = app.whole(
        "limit",
        10 if bug("default_limit") else 20,
        1,
        100,
        (bug("accepts_limit_zero"), bug("accepts_limit_above")),
    )
    if bug("limit_ignored"):
        limit = 20
    offset = app.whole("offset", 0, 0, 2**63, (bug("accepts_negative_offset"), True))
    every = [
        row
        for row in [*app.rows.values(), *(app.gone.values() if bug("deleted_listed") else ())]
        if row["_company"] == app.company or bug("others_listed")
    ]
    rows = ordered(app, fitting(app, every))
    if offset > len(rows) and bug("crash_on_far_offset"):
        raise IndexError(offset)
    start = 0 if bug("offset_ignored") else max(0, offset - 1) if bug("pages_overlap") else offset
    shown = [listed(app, row) for row in rows[start : start + limit]]
    total: Any = len(shown) if bug("total_of_page") else len(every if bug("total_forgets_filter") else rows)
    if bug("bare_list"):
        return shown
    if bug("no_total"):
        return {"items": shown}
    return {"items": shown, "total": str(total) if bug("total_as_text") else total}


def listed(app: Planning, row: Row) -> Row:
    """Return a campaign as the list shows it."""
    shown = app.shown(row)
    if app.bug("list_differs"):
        shown["name"] = row["_name"]
    return shown


def ordered(app: Planning, rows: list[Row]) -> list[Row]:
    """Return campaigns as a page shows them: the newest first."""
    if app.bug("oldest_first"):
        return rows
    if app.way.tied:
        return sorted(rows, key=lambda row: -int(row["createdAt"].timestamp()))
    return sorted(rows, key=lambda row: row["createdAt"], reverse=True)


def fitting(app: Planning, rows: list[Row]) -> list[Row]:
    """Return the campaigns that the query asks for."""
    bug = app.bug
    for name, known in (("status", STATUSES), ("type", TYPES)):
        wanted = request.args.getlist(name)
        if not {*wanted} <= {*known}:
            if name == "status" and bug("accepts_any_status_filter"):
                continue
            app.wrong(name, "is none of " + ", ".join(known))
        if bug("filter_takes_first"):
            wanted = wanted[:1]
        if (name == "status" and bug("status_filter_ignored")) or (
            name == "type" and bug("type_filter_ignored")
        ):
            continue
        if wanted:
            rows = [row for row in rows if row[name] in wanted]
    text = request.args.get("search", "")
    if text and not bug("search_ignored"):
        if bug("crash_on_search"):
            re.compile(text)
        if not bug("search_case"):
            rows = [row for row in rows if text.lower() in row["name"].lower()]
        else:
            rows = [row for row in rows if text in row["name"]]
    archived = request.args.get("includeArchived", "false").lower()
    if archived not in ("true", "false"):
        app.wrong("includeArchived", "must be true or false")
    if (archived == "true" or bug("archived_listed")) and not bug("archived_never_listed"):
        return rows
    return [row for row in rows if not row["isArchived"]]
