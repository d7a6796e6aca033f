"""
What is armed: a preference that a tester has laid on requests to come, as if each had carried it.

    {"operationId": "getLoan", "prefer": "fault=reset", "times": 1}
    {"path": "/loans/*", "rateLimit": {"requests": 5, "seconds": 60}}

The client under test cannot send `Prefer`; here somebody else says it, for the next
request, the next few, or all. What the request itself prefers wins. A rate limit is
a token bucket on the session's clock.
"""

from __future__ import annotations

from typing import Any

from mockserver.behavior.store import Row
from mockserver.server import preferences
from mockserver.server.answer import Answer
from mockserver.server.failing import BUCKETS, limited
from mockserver.server.matching import Which
from mockserver.server.session import Session

ARMED = "armed"
"""System table: what is armed, by id."""


def arm(session: Session, which: Which, prefer: str, times: int | None, limit: Any = None) -> Row:
    """Arm *session* for requests to come, and return the row."""
    with session.changing() as transaction:
        ident = f"fault-{transaction.number(ARMED)}"
        row: Row = {"id": ident, "which": which.json(), "prefer": prefer, "times": times, "used": 0}
        if limit is not None:
            row["rateLimit"] = limit
        transaction.put(ARMED, ident, row)
    return row


def disarm(session: Session, ident: str = "") -> bool:
    """Take one away, or all; say whether there was such a one."""
    found = [key for key, _ in session.rows(ARMED) if not ident or key == ident]
    with session.changing() as transaction:
        for key in found:
            transaction.delete(ARMED, key)
            transaction.delete(BUCKETS, key)
    return bool(found)


def armed(session: Session, answer: Answer) -> bool:
    """Lay what is armed on the request of *answer*; an `Override` (server/overriding.py)."""
    taken = False
    for ident, seen in session.rows(ARMED):
        if (taken and "rateLimit" not in seen) or not Which.read(seen["which"]).fits(answer):
            continue
        with session.alone():
            row = session.row(ARMED, ident)
            if row is None:
                continue  # another server has met the last one meanwhile
            limit = row.get("rateLimit")
            if limit is not None:
                answer.fleeting = True
                if limited(session, answer, ident, limit["requests"], limit["seconds"]):
                    _count(session, ident, row)
                    return True
                continue
            taken = True
            answer.preferences = preferences.over(answer.preferences, row["prefer"])
            answer.note(f"armed: Prefer: {row['prefer']} ({ident})")
            _count(session, ident, row)
    return False


def _count(session: Session, ident: str, row: Row) -> None:
    """Count a request; let go of what was armed for so many."""
    used = row["used"] + 1
    with session.changing() as transaction:
        if row["times"] is not None and used >= row["times"]:
            transaction.delete(ARMED, ident)
        else:
            transaction.put(ARMED, ident, {**row, "used": used})
