"""
Laws of changes that are easily forgotten: to nothing, to 0, to false, and to what a thing is anyhow.

`if body.get("budget"):` in an implementation takes 0 for "not sent", and a check for a name
that is taken finds the thing itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.behavior.uniqueness import is_natural
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Unjudged
from mockserver.verify.laws.changing import changing, with_required
from mockserver.verify.laws.entering import unique_by
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short

_WHOLE = frozenset({"boolean", "array", "object"})
"""Kinds that have a way of their own to say that nothing is there."""
_NOTHING: tuple[Json, ...] = (None, MISSING, "", [], {}, 0, False)


def empties(thing: Thing, operation: Operation) -> Iterator[tuple[str, Json]]:
    """Yield (property, value): the empty values that *operation* may change properties to."""
    sent = thing.sent(operation)
    shared = bool(thing.row.names) and set(thing.row.names) <= set(sent.names)
    nulls = not shared and not _says_unsaid(thing, sent)
    for name in changing(thing, operation):
        for value in _empty(sent.named(name), nulls=nulls):
            yield name, value


def _says_unsaid(thing: Thing, sent: Shape) -> bool:
    """Return whether null says "not sent": it may be said of what a thing cannot be without."""
    shared = set(thing.row.names) & set(sent.names)
    always = {name for name in shared if name in thing.row.required or thing.row.named(name).kinds <= _WHOLE}
    return any(
        "null" in sent.named(name).kinds and "null" not in thing.row.named(name).kinds
        for name in always
        if sent.named(name).typed
    )


def _empty(shape: Shape, *, nulls: bool) -> Iterator[Json]:
    if not shape.typed or any("enum" in face for face in shape.faces):
        return
    if shape.kinds & {"integer", "number"}:
        yield 0
    if "boolean" in shape.kinds:
        yield False
    if "array" in shape.kinds:
        yield []
    if "string" in shape.kinds and _says_empty(shape):
        yield ""
    if "null" in shape.kinds and nulls:  # a schema for answers, too, says null of what is shown
        yield None


def _says_empty(shape: Shape) -> bool:
    """Return whether a pattern takes no text at all, and not any text: then it was thought of."""
    patterns = [face["pattern"] for face in shape.faces if "pattern" in face]
    takes = [RawValidator({"pattern": one}).is_valid for one in patterns]
    bound = any(face.get("minLength") or "format" in face for face in shape.faces)
    return bool(takes) and not bound and all(one("") and not one("\u00a7 \u00a7") for one in takes)


def emptied(trial: Trial) -> None:
    """What is changed to nothing, to 0 or to false is not what it was."""
    thing = trial.thing
    operation = thing.patch
    assert operation is not None
    item = trial.make()
    tried = 0
    reason = f"{operation.id} takes no change to nothing"
    for name, value in empties(thing, operation):
        try:
            tried += _empty_one(trial, operation, item, name, value)
        except Unjudged as error:
            reason = str(error)
    if not tried:
        raise Inconclusive(reason)


def _empty_one(trial: Trial, operation: Operation, item: Item, name: str, value: Json) -> bool:
    """Empty one property, which is filled before where it is empty; return whether that could be tried."""
    bodies = trial.workshop.bodies(trial.thing, operation)
    before, first = trial.seen(item)
    if before.get(name, MISSING) in _NOTHING:
        filled = with_required(trial, {name: bodies.other(name, value, trial.workshop.token())}, before)
        if filled is None or not trial.asker.ask(operation, item.path, bodies.wrapped(filled)).done:
            return False
        before, first = trial.seen(item)
        if before.get(name, MISSING) in _NOTHING:
            return False
    sent = with_required(trial, {name: value}, before)
    if sent is None:
        return False
    reply = trial.asker.ask(operation, item.path, bodies.wrapped(sent))
    if not reply.done:
        return False
    after, second = trial.seen(item)
    if alike(after.get(name, MISSING), before[name]):
        raise trial.broken(
            operation,
            f"{name} is changed to {short(value)}, and is still {short(before[name])}.",
            *(first, reply, second),
            item=item,
            pointer=f"/{name}",
            expected=value,
            found=after.get(name, MISSING),
        )
    return True


def renamed_to_itself(trial: Trial) -> None:
    """A thing may keep its own name: that is no conflict with another one."""
    thing = trial.thing
    operation = thing.patch or thing.replace
    assert operation is not None
    item = trial.make()
    names = [name for name in thing.kept(operation) if is_natural(name) and name in item.sent]
    bodies = trial.workshop.bodies(thing, operation)
    for name in names:
        said = item.sent if operation is thing.replace else {name: item.sent[name]}
        if not bodies.fits(said):
            raise Inconclusive(f"{operation.id} does not take what was sent to make one")
        reply = trial.asker.ask(operation, item.path, bodies.wrapped(said))
        if reply.status == 409:
            raise trial.broken(
                operation,
                f"{name} is changed to what it is ({short(item.sent[name])}), and refused as taken.",
                reply,
                item=item,
                pointer=f"/{name}",
                expected=200,
                found=reply.status,
            )
    if not names:
        raise Inconclusive(f"nothing that {operation.id} changes is known to be unique")


def _empties_none(thing: Thing) -> str:
    if not (thing.create and thing.patch and (thing.read or thing.lister)):
        return "nothing changes a part of one"
    return "" if any(True for _ in empties(thing, thing.patch)) else f"{thing.patch.id} empties nothing"


LAWS = (
    Law(
        "emptied-is-empty",
        "What is changed to nothing, 0 or false is not what it was.",
        "patch",
        emptied,
        _empties_none,
    ),
    Law(
        "own-name-is-free",
        "A thing may keep its own name.",
        "patch",
        renamed_to_itself,
        lambda thing: (
            unique_by(thing.patch or thing.replace, thing)
            if thing.create and (thing.patch or thing.replace)
            else "nothing changes one"
        ),
    ),
)
