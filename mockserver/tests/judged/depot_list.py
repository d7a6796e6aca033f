"""
A page of orders: filtered, searched, cut after a cursor.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Response, request

from mockserver.tests.judged.switches import Refusal

if TYPE_CHECKING:
    from mockserver.tests.judged.depot import _Depot


def page_of(app: _Depot) -> Response:
    """Answer GET /orders."""
    bug, account, args = app.bug, app.account(), request.args
    rows = [r for r in app.orders.values() if r["_account"] == account or bug("other_lists")]
    if bug("deleted_listed"):
        rows += [r for r in app.gone.values() if r["_account"] == account]
    rows.sort(key=lambda r: r["_n"], reverse=not bug("oldest_first"))
    everything = len(rows)
    status = args.get("status")
    if status is not None:
        if status not in ("open", "cancelled"):
            if not bug("takes_status"):
                app.wrong("status is unknown")
        elif not bug("status_ignored"):
            rows = [r for r in rows if r["status"] == status]
    currency = args.get("currency")
    if currency is not None:
        if currency not in ("EUR", "USD", "GBP"):
            app.wrong("currency is unknown")
        if not bug("currency_ignored"):
            rows = [r for r in rows if r["currency"] == currency]
    part = args.get("search", "").lower()
    if part and not bug("search_ignored"):
        notes = (lambda r: "") if bug("search_reference") else (lambda r: (r["notes"] or "").lower())
        rows = [r for r in rows if part in r["reference"].lower() or part in notes(r)]
    text = args.get("limit", str(app.way.limit))
    if not re.fullmatch(r"-?[0-9]+", text):
        app.wrong("limit must be a number")
    limit = int(text)
    if limit == 0 and bug("takes_limit_0"):
        limit = 1
    if not 1 <= limit <= 100:
        app.wrong("limit must be 1 to 100")
    if bug("limit_ignored"):
        limit = 10
    if bug("last_lost"):
        rows = rows[:-1]
    total = len(rows)
    cursor = args.get("cursor")
    start = 0
    if cursor:
        at = [n for n, r in enumerate(rows) if app.way.cursor(r["id"]) == cursor]
        if not at and app.way.bad_cursor:
            raise Refusal(app.way.bad_cursor, "bad_cursor", "Unknown cursor.")
        start = at[0] + 1 if at else 0
        if at and bug("cursor_repeats"):
            start -= 1
        if at and bug("cursor_skips"):
            start += 1
    page = rows[start : start + limit]
    more = page and (start + limit < len(rows))
    meta = {"next_cursor": app.way.cursor(page[-1]["id"]) if more else None, "total": total}
    if bug("meta_total_page"):
        meta["total"] = len(page)
    if bug("meta_total_all"):
        meta["total"] = everything
    data: Any = [app.shown(r, listed=True) for r in page]
    answer = app.answer({"data": None if not data and bug("list_null") else data, "meta": meta})
    if bug("list_as_html"):
        answer.content_type = "text/html"
    return answer
