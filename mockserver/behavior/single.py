"""
One thing of an inferred collection: shown, changed, or refused for what has become of it.
"""

from __future__ import annotations

from mockserver.behavior.act import FINAL, GONE, MADE, OVER, Act, bookkeeping
from mockserver.behavior.closing import closed
from mockserver.behavior.engine import Outcome
from mockserver.behavior.knowledge import Knowledge
from mockserver.behavior.refusals import refuse
from mockserver.behavior.resources import Resource
from mockserver.behavior.store import Row
from mockserver.contract.model import Operation
from mockserver.exchange import Json


def show(known: Knowledge, act: Act, outcome: Outcome, row: Row, rule: str, *, gone: bool = False) -> None:
    """Answer with *row*, that may be *gone*, as the operation shows one; say nothing where it shows none."""
    outcome.rule = rule
    shown = act.resource.shown(act.operation)
    if shown is None or shown.many:
        return
    looks = act.stand.entities.looks
    look = looks.gone if gone else looks.of
    view = look(shown, row, act.key, act.seed)
    if view or not row:
        outcome.body = shown.wrapped(view, known.around(act.resource, act.operation)) if shown.path else view


def put_changed(act: Act, row: Row, before: Row, live: Row | None, **marks: Json) -> Row:
    """Remember that a thing became *row*, under the key that it had *before*, with *marks*; return it."""
    key, now = act.stand.home.key, act.world.clock.now
    kept = {**row, key: before[key]} if key and key in before else row
    kept = act.stand.entities.changed(act.seed, act.key, kept, now=now, before=before)
    kept.update(bookkeeping(live) if live is not None else {**bookkeeping(act.belonging), OVER: act.scope})
    kept.update(marks)
    act.put(kept)
    return kept


def unknown(act: Act, outcome: Outcome) -> None:
    """Answer that the thing is not there."""
    refuse(act.operation, outcome, 404, f"It was deleted from {act.resource.path}.")


def is_closed(operation: Operation, outcome: Outcome, home: Resource, row: Row | None) -> bool:
    """Refuse what the 409 of *operation* says is refused in the state that a client's thing is in."""
    if row is None or MADE not in row or GONE in row or "409" not in operation.responses:
        return False
    state = closed(operation, home.row, row)
    if state:
        refuse(operation, outcome, 409, f"It is {state}.")
    return bool(state)


def astray(act: Act, row: Row) -> bool:
    """Return whether *row* belongs to another parent than the one that the path names."""
    link = act.stand.link
    return bool(link) and MADE in row and link in row and row[link] != act.belonging.get(link)


def is_final(row: Row) -> bool:
    """Return whether *row* stands for what is gone for good."""
    return GONE in row and FINAL in row
