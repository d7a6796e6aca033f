"""
A page of campaigns: filtered, sorted, cut.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from flask import Response, request

from mockserver.tests.judged.creators_bodies import EIGHT
from mockserver.tests.judged.switches import Refusal

if TYPE_CHECKING:
    from mockserver.tests.judged.creators import _Campaigns

SORTS = ("name", "created_at")


def page_of(app: _Campaigns) -> Response:
    """Answer GET /v1/campaigns."""
    bug = app.bug
    account = app.account("list")
    size = _size(app)
    rows = list(app.rows.values()) + (list(app.gone.values()) if bug("deleted_listed") else [])
    rows = [row for row in rows if row["_account"] == account or bug("other_lists")]
    if bug("newest_missing"):
        rows = rows[:-1]
    if not bug("oldest_first"):
        rows.reverse()
    every = len(rows)
    rows = _sorted(app, _filtered(app, rows))
    start = _start(app)
    if bug("limit_off"):
        size += 1
    shown = rows[start : start + size]
    if bug("pages_overlap") and start:
        shown = rows[start - 1 : start - 1 + size]
    after = start + size
    if bug("last_page_lost") and start and after >= len(rows):
        shown = []
    total: Any = len(rows) + bug("total_off")
    if bug("total_of_page"):
        total = len(shown)
    if bug("total_of_all"):
        total = every
    meta: dict[str, Any] = {"total": str(total) if bug("total_as_text") else total, "next_cursor": None}
    if after < len(rows):
        meta["next_cursor"] = base64.urlsafe_b64encode(f"at:{after}".encode()).decode().rstrip("=")
    elif bug("null_cursor_missing"):
        del meta["next_cursor"]
    return app.answer({"data": [_listed(app, row) for row in shown], "meta": meta})


def _listed(app: _Campaigns, row: dict[str, Any]) -> dict[str, Any]:
    shown = app.shown(row)
    if app.bug("listed_without_currency"):
        del shown["currency"]
    if app.bug("list_differs"):
        shown["name"] = row["_name"]
    return shown


def _size(app: _Campaigns) -> int:
    text = request.args.get("limit")
    if text is None:
        return 10 if app.bug("default_limit_off") else 20
    if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()):
        app.wrong("limit", "must be a whole number")
    number = int(text)
    if number == 0 and app.bug("accepts_limit_zero"):
        number = 20
    if number > 100 and app.bug("accepts_many"):
        number = 100
    if not 1 <= number <= 100:
        app.wrong("limit", "must be 1 to 100")
    return 20 if app.bug("limit_ignored") else number


def _start(app: _Campaigns) -> int:
    text = request.args.get("cursor")
    if not text:
        return 0
    try:
        said = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        start = int(said.removeprefix("at:")) if said.startswith("at:") else -1
    except ValueError:
        start = -1
    if start < 0:
        raise Refusal(app.invalid, "invalid_cursor", "This cursor is none of ours.")
    return 0 if app.bug("cursor_ignored") else start


def _filtered(app: _Campaigns, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    bug = app.bug
    archived = request.args.get("archived")
    if archived is not None:
        if archived not in ("true", "false") and not bug("accepts_bad_archived"):
            app.wrong("archived", "must be true or false")
        if not bug("filter_ignored"):
            wanted = (archived == "true") != bug("filter_inverted")
            rows = [row for row in rows if row["archived"] == wanted]
    currency = request.args.get("currency")
    if currency is not None:
        if currency not in EIGHT:
            app.wrong("currency", "is not known")
        if not bug("currency_filter_ignored"):
            rows = [row for row in rows if row["currency"] == currency]
    return rows


def _sorted(app: _Campaigns, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by = request.args.get("sort")
    if by is None:
        return rows
    name = by.removeprefix("-")
    if name not in SORTS:
        app.wrong("sort", "is none of " + ", ".join(SORTS))
    if app.bug("sort_ignored"):
        return rows
    if name == "created_at":
        return sorted(rows, key=lambda row: row["id"], reverse=by.startswith("-") != app.bug("sort_reversed"))
    fold = str.lower if app.way.folded else str
    return sorted(
        rows, key=lambda row: fold(row["name"]), reverse=by.startswith("-") != app.bug("sort_reversed")
    )
