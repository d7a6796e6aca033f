"""
A page of playlists: filtered, searched, sorted, cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request

from mockserver.tests.judged.playlists_choices import Dialect

if TYPE_CHECKING:
    from mockserver.tests.judged.playlists import _Playlists

MOODS = ("calm", "happy", "loud", "sad")
SORTS = ("title", "rating", "created_at")


def _whole(app: _Playlists, name: str, default: int, most: int, lax: bool) -> int:
    """Return a whole number of the query."""
    text = request.args.get(name)
    if text is None:
        return default
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        app.wrong(name, "must be a whole number")
    number = int(text)
    if lax:
        return min(max(number, 1), most)
    if not 1 <= number <= most:
        app.wrong(name, f"must be 1 to {most}")
    return number


def page_of(app: _Playlists) -> Response:
    """Answer GET /v2/playlists."""
    bug = app.bug
    account = app.account(reading=True)
    way: Dialect = app.way
    page = _whole(app, "page", 1, 2**31, bug("accepts_page_zero"))
    size = _whole(app, "per_page", way.per_page, 50, bug("accepts_many_per_page"))
    if bug("per_page_ignored"):
        size = 10
    every = list(app.rows.values()) + (list(app.gone.values()) if bug("deleted_listed") else [])
    every = [row for row in every if "mood" in row]
    rows = [row for row in every if row["_account"] == account or bug("other_lists")]
    if bug("newest_missing"):
        rows = rows[:-1]
    unfiltered = len(rows)
    if way.newest_first:
        rows.reverse()
    rows = _sorted(app, _filtered(app, rows))
    start = (page - 1) * size
    if bug("pages_overlap"):
        start = max(0, start - 1)
    if bug("page_ignored"):
        start = 0
    shown = [app.shown(row, listed=True) for row in rows[start : start + size]]
    total: Any = len(rows)
    if bug("total_of_page"):
        total = len(shown)
    if bug("total_off"):
        total += 1
    if bug("filter_total"):
        total = unfiltered
    if bug("account_total"):
        total = len(app.rows)
    if bug("total_as_text"):
        total = str(total)
    answer = {"items": shown, "page": page, "per_page": size, "total": total}
    response = app.answer(shown if bug("bare_list") else answer)
    if bug("page_as_html"):
        response.content_type = "text/html; charset=utf-8"
    return response


def _filtered(app: _Playlists, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    bug = app.bug
    mood = request.args.get("mood")
    if mood is not None:
        if mood not in MOODS:
            app.wrong("mood", "is none of " + ", ".join(MOODS))
        if not bug("filter_ignored"):
            rows = [row for row in rows if row["mood"] == mood]
    public = request.args.get("public")
    if public is not None:
        if public not in ("true", "false"):
            app.wrong("public", "must be true or false")
        wanted = (public == "true") != bug("filter_inverted")
        rows = [row for row in rows if row["public"] == wanted]
    part = request.args.get("q", "")
    if part and not bug("search_ignored"):
        if bug("search_by_case"):
            rows = [row for row in rows if part in row["title"]]
        else:
            rows = [row for row in rows if part.lower() in row["title"].lower()]
    return rows


def _sorted(app: _Playlists, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    bug = app.bug
    by = request.args.get("sort")
    if by is None:
        return rows
    name = by.removeprefix("-")
    if name not in SORTS:
        if not bug("accepts_unknown_sort"):
            app.wrong("sort", "is none of " + ", ".join(SORTS))
        return rows
    if bug("sort_ignored"):
        return rows
    fold = str.lower if app.way.folded else str
    key = (lambda row: fold(row["title"])) if name == "title" else (lambda row: row[name])
    return sorted(rows, key=key, reverse=by.startswith("-") != bug("sort_reversed"))
