"""
Laws of what changes nothing: reading, and what is refused. And of what a thing's figures say below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from mockserver.behavior.uniqueness import is_natural
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.generation import choose
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply
from mockserver.verify.laws.counting import counts, grown
from mockserver.verify.laws.entering import unique_by
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row
from mockserver.verify.laws.naming import is_created, is_id, is_status, is_updated
from mockserver.verify.laws.refusing import wrong_bodies
from mockserver.verify.laws.things import Thing, answer_shape
from mockserver.verify.laws.trial import Law, Trial, short

_LOOKS = 4
"""Times that a thing is read in a row: work in the background may move it, but not each time."""

_TOLD_ONCE = re.compile(
    r"otp|pass|pin\b|verif|confirm|access|auth|login|secret|session|nonce|qr|status|state|error|request|trace"
    r"|correlation|viewer|next|last|random",
    re.IGNORECASE,
)
"""Of a code or an id that may well be another each time it is asked for."""

_OF_ITS_OWN = re.compile(
    r"(type|kind|level|role|mode|format|unit|channel|method|period|granularity|category)$", re.I
)


def read_again(trial: Trial) -> None:
    """Reading a thing does not change it."""
    thing = trial.thing
    assert thing.read is not None
    item = trial.make()
    replies = [trial.read(item) for _ in range(_LOOKS)]
    rows = [thing.row_of(thing.read, reply.body) for reply in replies]
    if any(row is None for row in rows):
        raise Inconclusive(f"{replies[0]} shows none of {thing.resource.path}")
    names = {name for name in thing.row.names if is_created(name) or is_updated(name)}
    names |= {name for name in thing.clients if not is_status(name)}
    names |= {name for name in thing.row.names if _is_its_name(name, thing.row.named(name))}
    for name in sorted(names):
        values = [row.get(name, MISSING) for row in rows if row is not None]
        if all(one != other for one, other in pairwise(values)) and not alike(values[0], values[-1]):
            raise trial.broken(
                thing.read,
                f"{name} is another each time that a thing is read: {', '.join(map(short, values))}.",
                *replies,
                item=item,
                pointer=f"/{name}",
                expected=values[0],
                found=values[-1],
            )


def _is_its_name(name: str, shape: Shape) -> bool:
    """Return whether a property tells a thing from others, whoever gave it; not what is told once."""
    return (is_natural(name) or is_id(name)) and shape.scalar and not _TOLD_ONCE.search(name)


def refused_touches_nothing(trial: Trial) -> None:
    """What is refused as taken, or as wrong in one property, has changed nothing."""
    tried = 0
    for one in (_taken, _half_wrong):
        tried += one(trial)
    if not tried:
        raise Inconclusive("nothing was refused")


def _taken(trial: Trial) -> bool:
    """Make a thing twice; the first is as it was."""
    thing = trial.thing
    operation = thing.create
    if operation is None or unique_by(operation, thing):
        return False
    item = trial.make(grown(trial))
    before, first = trial.seen(item)
    bodies = trial.workshop.bodies(thing, operation)
    again = trial.asker.ask(operation, item.beside, bodies.wrapped(item.sent))
    if again.good:
        trial.workshop.adopt(thing, item.sent, again, item.beside)
    if again.status != 409:
        return False
    counted = {name for name, _ in counts(thing)}
    _hold(trial, again, item, before, first, counted)
    return True


def _half_wrong(trial: Trial) -> bool:
    """Change two properties at once, of which one is wrong; the other is as it was."""
    thing = trial.thing
    operation = thing.patch
    if operation is None or choose.fitting(operation, "invalid") is None:
        return False
    item = trial.make()
    before, first = trial.seen(item)
    bodies = trial.workshop.bodies(thing, operation)
    good = next((name for name in thing.kept(operation) if is_natural(name) and name in before), "")
    text = bodies.text(good, bodies.shape.named(good), trial.workshop.token()) if good else None
    if text is None or not bodies.fits({good: text}):
        return False
    for name, _, body in wrong_bodies(bodies, {good: text}):
        if name in ("", good):
            continue
        reply = trial.asker.ask(operation, item.path, bodies.wrapped(body))
        if 400 <= reply.status < 500:
            _hold(trial, reply, item, before, first, set())
            return True
    return False


def _hold(trial: Trial, refused: Reply, item: Item, before: Row, first: Reply, more: set[str]) -> None:
    after, second = trial.seen(item)
    said = f"was changed by what {refused.operation.id} refused"
    names = {name for name in trial.thing.clients if not is_status(name)} | more
    trial.hold_same(refused.operation, names, before, after, said, first, refused, second, item=item)


# ------------------------------------------------------------------------------------------------------ below


def told_again(thing: Thing) -> Iterator[tuple[Operation, tuple[str, ...], str]]:
    """Yield (operation, path in its answer, property): where an answer below a thing tells its enum again."""
    if thing.create is None:
        return
    sent = thing.sent(thing.create)
    for operation in thing.reads:
        whole = answer_shape(operation)
        for path, shape in _enums(whole, (), 3) if whole is not None else ():
            name = path[-1]
            own = sent.named(name).enum if name in sent.names and name in thing.clients else None
            if own and own == shape.enum and not is_status(name) and not _OF_ITS_OWN.search(name):
                yield operation, path, name


def _enums(shape: Shape, path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], Shape]]:
    for name in shape.names:
        child = shape.named(name)
        if child.enum:
            yield (*path, name), child
        elif depth > 1 and child.typed and "object" in child.kinds:
            yield from _enums(child, (*path, name), depth - 1)


def below_agrees(trial: Trial) -> None:
    """What is read below a thing says of it what the thing says: a report's currency is the campaign's."""
    thing = trial.thing
    assert thing.create is not None
    bodies = trial.workshop.bodies(thing, thing.create)
    for operation, path, name in told_again(thing):
        item = trial.make()
        value = bodies.other(name, item.sent.get(name), trial.workshop.token())
        for other in (item, *(() if value is MISSING else (trial.make({name: value}),))):
            row, first = trial.seen(other)
            reply = trial.asker.ask(operation, other.path)
            found: Json = reply.body
            for step in path:
                found = found.get(step) if isinstance(found, dict) else None
            if reply.good and found is not None and row.get(name) is not None and found != row[name]:
                raise trial.broken(
                    operation,
                    f"{name} is {short(found)}, and that of what it stands below is {short(row[name])}.",
                    *(first, reply),
                    item=other,
                    pointer="/" + "/".join(path),
                    expected=row[name],
                    found=found,
                )


LAWS = (
    Law(
        "reading-changes-nothing",
        "Reading a thing does not change it.",
        "read",
        read_again,
        lambda thing: "" if thing.create and thing.read else "nothing makes and reads one",
    ),
    Law(
        "refused-changes-nothing",
        "What is refused has changed nothing.",
        "create",
        refused_touches_nothing,
        lambda thing: (
            ""
            if thing.create
            and (thing.read or thing.lister)
            and (thing.patch or not unique_by(thing.create, thing))
            else "nothing that is refused could have changed one"
        ),
    ),
    Law(
        "below-agrees",
        "What is read below a thing says of it what it says itself.",
        "read",
        below_agrees,
        lambda thing: (
            ""
            if thing.create and (thing.read or thing.lister) and any(True for _ in told_again(thing))
            else "nothing below one tells of it again"
        ),
    ),
)
