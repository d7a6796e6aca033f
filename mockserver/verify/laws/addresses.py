"""
Laws of addresses: what a server says of where a thing stands leads there, and nothing else stands there.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from urllib.parse import unquote

from mockserver.contract.urls import parts_of
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.acting import act
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Unjudged, Unsupported
from mockserver.verify.laws.bodies import Bodies
from mockserver.verify.laws.gone import strange_key
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short

HUGE = 10**20
"""A key that nothing has, beyond what 64 bits hold."""


def location_leads_there(trial: Trial) -> None:
    """The Location of what was made (RFC 9110, 10.2.2) ends in the key that the answer shows it under."""
    thing, item = trial.thing, trial.make()
    reply = item.replies[-1]
    told = reply.header("location")
    key = item.row.get(thing.key)
    if not told or key is None:
        raise Unsupported(f"{reply} does not show both where and what it made")
    *above, last = unquote(parts_of(told).path).rstrip("/").split("/")
    *template, parameter = thing.resource.item_path.rstrip("/").split("/")
    if not above or parameter != "{" + thing.resource.parameter + "}" or above[-1] != template[-1]:
        raise Unsupported(f"{told} is no address of {thing.resource.item_path}")
    if str(last) != str(key) and not _leads_to(trial, item, last):
        raise trial.broken(
            reply.operation,
            f"The Location of what was made as {short(key)} is {told}.",
            item=item,
            pointer="Location",
            expected=key,
            found=last,
        )


def _leads_to(trial: Trial, item: Item, last: str) -> bool:
    """Return whether what was made stands at *last*, too: many a thing has a number, and a name for URLs."""
    thing = trial.thing
    if thing.read is None:
        return False
    reply = trial.asker.ask(thing.read, {**item.path, ("path", thing.resource.parameter): last})
    row = thing.row_of(thing.read, reply.body) if reply.good else None
    return row is not None and alike(row.get(thing.key), item.key)


def nobody_is_another(trial: Trial) -> None:
    """A key that was never given to anything is not answered with another thing, nor as if it was there."""
    thing = trial.thing
    item = trial.make()
    _hold_huge(trial, item)
    strange = strange_key(item.key)
    if strange is None:
        raise Inconclusive(f"no key is known that is certainly not there, from {short(item.key)}")
    path = {**item.path, ("path", thing.resource.parameter): strange}
    unknown = False
    for operation in (thing.read, thing.patch, *thing.actions):
        if operation is None:
            continue
        if operation is thing.read:
            reply = trial.asker.ask(operation, path)
            unknown = reply.status == 404
        elif operation is thing.patch:
            bodies = trial.workshop.bodies(thing, operation)
            body = _some(trial, bodies, item)
            if body is None:
                continue
            reply = trial.asker.ask(operation, path, bodies.wrapped(body))
        else:
            try:
                reply = act(trial, operation, replace(item, path=path))
            except Unsupported:
                continue
        if reply.good and unknown and "404" in operation.responses and operation is not thing.read:
            raise trial.broken(
                operation,
                f"{thing.key} {short(strange)} is not there, and is answered {reply.status}.",
                reply,
                item=item,
                expected=404,
                found=reply.status,
            )
        row = thing.row_of(operation, reply.body) if reply.good else None
        shown = row.get(thing.key) if row is not None else None
        if shown is not None and not alike(shown, strange):
            raise trial.broken(
                operation,
                f"{thing.key} {short(strange)} was asked for, and {short(shown)} is answered.",
                reply,
                item=item,
                pointer=f"/{thing.key}",
                expected=404 if "404" in operation.responses else strange,
                found=shown,
            )
    _hold_below(trial, item, readable=unknown)


def _hold_huge(trial: Trial, item: Item) -> None:
    """Raise `Broken` where a key that no machine's integer holds, and the contract allows, is a failure."""
    thing, shape = trial.thing, trial.thing.resource.parameter_shape
    if thing.read is None or shape is None or not shape.typed or shape.kinds != {"integer"}:
        return
    path = {**item.path, ("path", thing.resource.parameter): HUGE}
    if trial.asker.excluded(thing.read, path, MISSING):
        return
    reply = trial.asker.ask(thing.read, path)
    if reply.status >= 500:
        raise trial.broken(
            thing.read,
            f"{thing.resource.parameter} {HUGE} is answered {reply.status}.",
            reply,
            item=item,
            expected=404,
            found=reply.status,
        )


def _hold_below(trial: Trial, item: Item, *, readable: bool) -> None:
    """
    What stands below one thing is neither read nor changed below another.

    Not read where a key that nothing has is answered 404 (*readable*), not changed where that is documented.
    """
    thing = trial.thing
    if thing.parent is None or thing.parent.create is None or thing.apart:
        return
    with suppress(Unjudged):
        other = trial.workshop.make(thing.parent)
        parameter = ("path", thing.resource.parameter)
        path = {**other.path, parameter: item.path[parameter]}
        bodies = trial.workshop.bodies(thing, thing.patch) if thing.patch is not None else None
        change = _some(trial, bodies, item) if bodies is not None else None
        for operation, body in (
            (thing.read, MISSING),
            (thing.patch, bodies.wrapped(change) if bodies is not None and change else MISSING),
        ):
            changes = operation is thing.patch
            if operation is None or (changes and body is MISSING) or (not changes and not readable):
                continue
            if changes and "404" not in operation.responses:
                continue
            reply = trial.asker.ask(operation, path, body)
            row = thing.row_of(operation, reply.body) if reply.good else None
            if row is not None and alike(row.get(thing.key), item.key):
                done = "changed" if changes else "read"
                raise trial.broken(
                    operation,
                    f"What was made below one of {thing.parent.resource.path} is {done} below another one.",
                    *(*other.replies, reply),
                    item=item,
                    expected=404,
                    found=reply.status,
                )


def _some(trial: Trial, bodies: Bodies, item: Item) -> dict[str, Json] | None:
    """Return a change: what must be said, else another value of one property; None where none can be said."""
    made = trial.workshop.body(bodies, "least")
    if made:
        return made if bodies.fits(made) else None
    for name in trial.thing.kept(bodies.operation):
        value = bodies.other(name, item.sent.get(name), trial.workshop.token())
        if value is not MISSING and bodies.fits({name: value}):
            return {name: value}
    return None


def _made_at_a_key(thing: Thing) -> str:
    if not (thing.create and thing.key and thing.resource.parameter):
        return "nothing makes one that has an address"
    return "" if thing.read or thing.patch else "nothing is done to one by its address"


LAWS = (
    Law(
        "location-leads-there",
        "The Location of what was made is its own.",
        "create",
        location_leads_there,
        _made_at_a_key,
    ),
    Law(
        "nobody-is-another",
        "A key that nothing has is not answered with another thing.",
        "read",
        nobody_is_another,
        _made_at_a_key,
    ),
)
