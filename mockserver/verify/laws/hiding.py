"""
A law of lists that leave out what is put away: `includeArchived` shows what was archived, and alone does.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.behavior.actions import deed, enumerated
from mockserver.behavior.wording import plain
from mockserver.contract.model import Operation, Parameter
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, media_of
from mockserver.verify.laws.bodies import LEAST
from mockserver.verify.laws.counting import made_up
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import walk
from mockserver.verify.laws.naming import is_status
from mockserver.verify.laws.switching import action_of, switched_to
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial

_ASKING = ("include", "with", "show")
_NOT_AGAIN = frozenset({"deleted", "removed", "trashed"})
"""What comes back to no list: that is for the laws of deletion."""


def _putting(thing: Thing) -> Iterator[tuple[Parameter, str, Json, Operation]]:
    """Yield (parameter that asks for them, property, its value, action) of what is put away."""
    for parameter in thing.lister.parameters if thing.lister is not None else ():
        word = plain(parameter.name)
        begins = next((one for one in _ASKING if word.startswith(one)), "")
        away = word.removeprefix(begins)
        if not begins or not away or away in _NOT_AGAIN or not _is_off(parameter):
            continue
        for operation in thing.actions:
            for name, value in deed(operation, action_of(thing, operation)).sets.items():
                flag = value is True and plain(name).removeprefix("is") == away
                state = (
                    is_status(name)
                    and plain(str(value)) == away
                    and value in enumerated(thing.row.named(name))
                )
                if flag or state:
                    yield parameter, name, value, operation


def _is_off(parameter: Parameter) -> bool:
    shape = Shape(parameter.schema.json("request")) if parameter.schema is not None else Shape({})
    return shape.typed and shape.kinds == {"boolean"} and shape.default in (False, MISSING)


def put_away(trial: Trial) -> None:
    """What was put away is listed where that is asked for, and only there; what was brought back is again."""
    made_up(trial)
    thing = trial.thing
    parameter, name, value, operation = next(_putting(thing))
    item, beside = trial.make(), trial.make()
    reply = _told(trial, operation, item, on=True)
    if reply is None or not reply.done:
        raise Inconclusive(f"{operation.id} is not taken")
    row, look = trial.seen(item)
    if not alike(row.get(name), value):
        raise Inconclusive(f"{operation.id} leaves {name} as it was")
    hidden, listing = trial.listed(item)
    if hidden is not None:
        detail = f"What {operation.id} was done to is listed without {parameter.name}."
        raise trial.broken(listing.operation, detail, reply, listing, item=item, found=item.key)
    _hold_asked(trial, parameter, item, reply)
    if trial.listed(beside)[0] is None:
        detail = f"What stands beside what {operation.id} was done to is no longer listed."
        raise trial.broken(listing.operation, detail, reply, item=beside, expected=beside.key)
    _hold_back(trial, operation, name, item, (reply, look))


def _hold_asked(trial: Trial, parameter: Parameter, item: Item, reply: Reply) -> None:
    thing = trial.thing
    assert thing.lister is not None
    found = walk(trial.asker, thing, item.beside, (("query", parameter.name), True), until=item.key)
    if not any(alike(row.get(thing.key), item.key) for row in found.rows) and found.complete:
        detail = f"With {parameter.name}=true the list does not show what {reply.operation.id} was done to."
        raise trial.broken(thing.lister, detail, reply, *found.replies, item=item, expected=item.key)


def _hold_back(trial: Trial, operation: Operation, name: str, item: Item, so_far: tuple[Reply, ...]) -> None:
    """Take it back, where the action can be told so, or something undoes it."""
    undoing = trial.thing.undoing.get(operation.id)
    back = trial.asker.ask(undoing, item.path) if undoing else _told(trial, operation, item, on=False)
    if back is None or not back.done:
        return
    row, look = trial.seen(item)
    if row.get(name) is True:
        raise trial.broken(
            back.operation,
            f"{back} is to take it back, and {name} is true as before.",
            *(*so_far, back, look),
            item=item,
            pointer=f"/{name}",
            expected=False,
            found=True,
        )
    listed, listing = trial.listed(item)
    if listed is None:
        detail = f"What {back} has brought back is not in the list."
        raise trial.broken(listing.operation, detail, *so_far, back, listing, item=item, expected=item.key)


def _told(trial: Trial, operation: Operation, item: Item, *, on: bool) -> Reply | None:
    """Ask for the action, or for the opposite; None where it cannot be told so."""
    if media_of(operation) is None or operation.body is None:
        return trial.asker.ask(operation, item.path) if on else None
    bodies = trial.workshop.bodies(trial.thing, operation)
    body = trial.workshop.body(bodies, LEAST)
    said = switched_to(trial.thing, operation, bodies, body, on=on)
    if said is None and not on:
        return None
    return trial.asker.ask(operation, item.path, bodies.wrapped(body if said is None else said))


def _hides(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return "" if any(True for _ in _putting(thing)) else "no parameter asks for what was put away"


LAWS = (
    Law(
        "put-away-is-unlisted",
        "What was put away is listed where that is asked for, and only there.",
        "list",
        put_away,
        _hides,
        quick=False,
    ),
)
