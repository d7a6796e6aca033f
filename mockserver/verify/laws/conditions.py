"""
Laws of conditional requests (RFC 9110, 13): who has an old version does not overwrite a newer one.

Only where the contract has the field and the status: `If-Match` and 412, `If-None-Match` and 304. A weak
ETag is never the same to If-Match (13.1.1), so with one nothing is said of what matches.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unsupported
from mockserver.verify.laws.counting import made_up
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import TICK, Law, Trial
from mockserver.verify.requests import Key

_NOBODYS = '"no-version-has-this-tag"'


def _field(operation: Operation | None, name: str, status: str) -> Key | None:
    """Return the header parameter *name* of *operation*, where *status* is documented; else None."""
    if operation is None or status not in operation.responses:
        return None
    found = (one for one in operation.parameters if one.location == "header")
    return next((("header", one.name) for one in found if one.name.lower() == name), None)


def _guarded(thing: Thing) -> Iterator[tuple[Operation, Key]]:
    """Yield what changes one of *thing* only in the version that is named, and the field that names it."""
    for operation in (thing.replace, thing.patch):
        key = _field(operation, "if-match", "412")
        if operation is not None and key is not None:
            yield operation, key


def _changed(trial: Trial, item: Item, operation: Operation, *, last: bool = False) -> Json:
    """
    Return a body that changes *item*, another one each time: in the first property, or in the *last*.

    Raises:
        Unsupported: None is known.
    """
    thing = trial.thing
    bodies = trial.workshop.bodies(thing, operation)
    base = item.sent if operation is thing.replace else {}
    names = thing.kept(operation)
    for name in reversed(names) if last else names:
        value = bodies.other(name, item.sent.get(name), trial.workshop.token())
        if value is not MISSING and bodies.fits({**base, name: value}):
            return bodies.wrapped({**base, name: value})
    raise Unsupported(f"no change by {operation.id} can be said")


def _tag(trial: Trial, item: Item) -> tuple[str, Reply]:
    """
    Return the ETag that reading *item* shows, and the call.

    Raises:
        Inconclusive: It shows none.
    """
    reply = trial.read(item)
    tag = reply.header("etag")
    if not reply.good or not tag:
        raise Inconclusive(f"{reply} is answered {reply.status}, with no ETag")
    return tag, reply


def guarded(trial: Trial) -> None:
    """A change that names the version that is there is made; one that names another is refused with 412."""
    made_up(trial)
    for operation, key in _guarded(trial.thing):
        item = trial.make()
        tag, seen = _tag(trial, item)
        time.sleep(TICK)  # some make a tag of the second in which something was changed
        said = _changed(trial, item, operation)
        refused = trial.asker.ask(operation, {**item.path, key: _NOBODYS}, said)
        if refused.good:
            raise _taken(trial, item, operation, key, _NOBODYS, refused)
        first = trial.asker.ask(operation, {**item.path, key: tag}, said)
        if first.status == 412 and not tag.startswith("W/"):
            raise trial.broken(
                operation,
                f"{operation.id} refuses the version that is there: {key[1]} is the ETag that was just read.",
                *(seen, first),
                item=item,
                pointer=key[1],
                expected="a success",
                found=412,
            )
        if not first.good and first.status != 412:
            raise Inconclusive(f"{first} is answered {first.status}")
        if first.status == 412:
            first = trial.asker.ask(operation, item.path, said)
        again = trial.asker.ask(operation, {**item.path, key: tag}, _changed(trial, item, operation))
        if first.good and again.good:
            raise _taken(trial, item, operation, key, tag, seen, first, again)


def _taken(trial: Trial, item: Item, operation: Operation, key: Key, tag: str, *replies: Reply) -> Exception:
    return trial.broken(
        operation,
        f"{operation.id} overwrites another version than the one that {key[1]} names ({tag}).",
        *replies,
        item=item,
        pointer=key[1],
        expected=412,
        found=replies[-1].status,
    )


def told_apart(trial: Trial) -> None:
    """Who has the version that is there is told so with 304; who has an older one gets the newer one."""
    made_up(trial)
    thing, item = trial.thing, trial.make()
    key = _field(thing.read, "if-none-match", "304")
    assert thing.read is not None
    assert key is not None
    tag, seen = _tag(trial, item)
    same = trial.asker.ask(thing.read, {**item.path, key: tag})
    if same.good and same.header("etag") == tag:
        raise trial.broken(
            thing.read,
            f"{thing.read.id} answers in full to who has that version ({tag}), where 304 is documented.",
            *(seen, same),
            item=item,
            pointer=key[1],
            expected=304,
            found=same.status,
        )
    for operation in (thing.patch, thing.replace):
        if operation is None:
            continue
        time.sleep(TICK)
        change = trial.asker.ask(operation, item.path, _changed(trial, item, operation, last=True))
        newer = trial.read(item)
        rows = [thing.row_of(thing.read, reply.body) for reply in (seen, newer)]
        if not change.good or alike(*rows):
            continue
        late = trial.asker.ask(thing.read, {**item.path, key: tag})
        if late.status == 304:
            raise trial.broken(
                thing.read,
                f"{thing.read.id} says that what was changed by {operation.id} is not modified.",
                *(seen, change, newer, late),
                item=item,
                pointer=key[1],
                expected=200,
                found=304,
            )


def _guards(thing: Thing) -> str:
    if not (thing.create and thing.read):
        return "nothing makes and reads one"
    return "" if any(True for _ in _guarded(thing)) else "no change has If-Match and 412"


def _tells_apart(thing: Thing) -> str:
    if not (thing.create and thing.read):
        return "nothing makes and reads one"
    return (
        "" if _field(thing.read, "if-none-match", "304") else f"{thing.read.id} has no If-None-Match and 304"
    )


LAWS = (
    Law(
        "old-version-is-refused",
        "A change of another version than the one that is there is refused.",
        "replace",
        guarded,
        _guards,
    ),
    Law(
        "not-modified-is-told",
        "Who has the version that is there is told so, and nobody else.",
        "read",
        told_apart,
        _tells_apart,
    ),
)
