"""
Gates: a request waits until the test lets it go, so that a race has the outcome that the test wants.

    {"name": "slow", "operationId": "listLoans"}                    before anything happens
    {"name": "stale", "operationId": "listLoans", "at": "answer"}   answered, but not sent yet

What is held at the answer tells of the world as it was: let it go after a change,
and a stale answer comes last. A gate that lets everybody go is open from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.behavior.store import Row
from mockserver.exchange import Response, Wire
from mockserver.server.answer import Answer
from mockserver.server.bounds import Full
from mockserver.server.matching import Which
from mockserver.server.problems import problem
from mockserver.server.session import Session
from mockserver.server.waiting import Waiting

GATES = "gates"
"""System table: gates by name."""
PLACES = ("request", "answer")
"""Where a gate may stand."""


def shut(session: Session, name: str, which: Which, at: str) -> Row:
    """Put up a gate; one of that name which is there already is shut again."""
    with session.changing() as transaction:
        row: Row = {"name": name, "which": which.json(), "at": at, "open": False, "passed": 0}
        transaction.put(GATES, name, row)
    return row


def passed(session: Session, name: str, count: int, *, opened: bool) -> None:
    """Count who was let go; *opened*: whether everybody may pass from now on."""
    with session.alone():
        row = session.row(GATES, name)
        if row is not None:
            with session.changing() as transaction:
                made = {**row, "passed": row["passed"] + count, "open": row["open"] or opened}
                transaction.put(GATES, name, made)


def held(answer: Answer, at: str, go: Callable[[], Response]) -> Response | None:
    """Return what stands for the response while it waits at a gate; None where no gate stands in its way."""
    session = answer.session
    for name, row in session.rows(GATES):
        if row["at"] != at or row["open"] or not Which.read(row["which"]).fits(answer):
            continue
        session.keeper.await_turn()
        try:
            session.bounds.hold_waiting()
        except Full as full:
            if at == PLACES[1]:  # what was asked for has happened: it only cannot be held
                return problem(full.status, str(full))
            answer.problem(full.status, str(full))
            return None
        if answer.number is None:
            answer.number = session.journal.reserve()
            answer.note(f"waited at the gate {name!r}")
        waiting = Waiting(
            session.journal.identifier(answer.number), answer.request, go, session.bounds.waiting
        )
        session.room.enter(name, waiting)
        return Response(200, wire=Wire(gate=waiting))
    return None


def shuts(session: Session, answer: Answer) -> bool:
    """See to it that no kept answer passes a gate; an `Override` (server/overriding.py)."""
    for name, row in session.rows(GATES):
        if not row["open"] and Which.read(row["which"]).fits(answer):
            answer.fleeting = True
            if row["at"] == "answer":
                answer.note(f"waits at the gate {name!r} before it is sent")
    return False


def shown(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a gate with who waits, as it is shown."""
    waiting = [
        {
            "id": one.id,
            "method": one.method,
            "url": one.url,
            "since": int(one.since * 1000),
        }
        for one in session.room.at(row["name"])
    ]
    which = row["which"]
    rest = {name: value for name, value in row.items() if name != "which"}
    return {**rest, **which, "waiting": waiting}
