"""
A law of copies: `POST /campaigns/{id}/clone` makes another thing that says what the original says.

Another one: with a key of its own, read and listed, and changed without the original. What the words of the
operation speak of, a state and what tells things apart need not be those of the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from mockserver.behavior.beginnings import told_when_made
from mockserver.behavior.copies import added_to_name
from mockserver.behavior.uniqueness import is_natural, telling
from mockserver.behavior.wording import words_of
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.acting import act
from mockserver.verify.laws.alike import alike, lost
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, media_of
from mockserver.verify.laws.bodies import LEAST
from mockserver.verify.laws.counting import made_up
from mockserver.verify.laws.gone import GONE
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.keys import called
from mockserver.verify.laws.lists import Row
from mockserver.verify.laws.naming import is_count, is_status
from mockserver.verify.laws.switching import action_of
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short

_WHOLLY = re.compile(r"\b(everything|all|every|entire|whole|deep|exact|identical|same|completely)\b")
"""How an operation says that a copy has all that its original has."""


def copying(thing: Thing) -> Iterator[Operation]:
    """Yield what copies a thing."""
    for operation in thing.actions:
        if operation.method == "POST" and action_of(thing, operation).copies:
            yield operation


def copied(trial: Trial) -> None:
    """A copy is another thing, and says what the original says."""
    made_up(trial)
    for operation in copying(trial.thing):
        item = trial.make()
        _hold_copy(trial, operation, item, act(trial, operation, item))
        _hold_name(trial, operation, item)
        for way in trial.workshop.ways(trial.thing)[1:]:
            with suppress(Unjudged):
                other = trial.make()
                trial.workshop.bring(other, way)
                _hold_state(trial, operation, other)


def _hold_copy(trial: Trial, operation: Operation, item: Item, reply: Reply) -> None:
    thing = trial.thing
    copy = _copy(trial, operation, item, reply)
    if thing.read is not None and (look := trial.read(copy)).status in GONE:
        detail = f"What {operation.id} has made is answered {look.status} when it is read."
        raise trial.broken(thing.read, detail, reply, look, item=item, expected=200, found=look.status)
    row, look = trial.seen(copy)
    before, _ = trial.seen(item)
    for name in _kept(thing, operation, item):
        sent, shape = item.sent[name], thing.row.named(name)
        if (
            name in before
            and lost(sent, before[name], shape) is None
            and lost(sent, row.get(name), shape) is not None
        ):
            raise trial.broken(
                operation,
                f"{name} of one is {short(before[name])}, of its copy {short(row.get(name, MISSING))}.",
                *(reply, look),
                item=item,
                pointer=f"/{name}",
                expected=before[name],
                found=row.get(name, MISSING),
            )
    _hold_words(trial, operation, item, row, (reply, look))
    _hold_apart(trial, operation, item, copy, before, reply)


def _copy(trial: Trial, operation: Operation, item: Item, reply: Reply) -> Item:
    """
    Return what was made.

    Raises:
        Broken: It is the original itself.
        Inconclusive: Nothing was, or the answer does not say what.
    """
    thing = trial.thing
    if not reply.done or reply.status == 202:
        raise Inconclusive(f"{reply} is answered {reply.status}")
    row = thing.row_of(operation, reply.body)
    key = (row or {}).get(thing.key) if thing.key else None
    key = called(reply.body, (thing.key, thing.resource.parameter, "id")) if key is None else key
    if key is not None and alike(key, item.key):
        if reply.status != 201:
            raise Inconclusive(f"{operation.id} answers {reply.status} with the original")
        detail = f"{operation.id} says that it has made {short(key)}, and that is the original."
        raise trial.broken(operation, detail, reply, item=item, pointer=f"/{thing.key}", found=key)
    copy = trial.workshop.adopt(thing, {}, reply, item.beside)
    if copy is None:
        raise Inconclusive(f"{operation.id} does not say how the copy is called")
    return copy


def _kept(thing: Thing, operation: Operation, item: Item) -> Iterator[str]:
    """
    Yield what a copy has of its original: what was sent of that, and nothing tells things apart by.

    Without a word of it, that is no more than what must be said to make one.
    """
    assert thing.create is not None
    shape = thing.sent(thing.create)
    said = f" {' '.join(words_of(f'{operation.summary} {operation.description}'))} "
    sendable = {*_told(operation), *telling(thing.create, shape)}
    names = thing.clients & set(item.sent)
    for name in sorted(names if _WHOLLY.search(said) else names & shape.required):
        own = (
            name in sendable
            or is_natural(name)
            or is_status(name)
            or is_count(name)
            or thing.row.named(name).is_time
        )
        if not own and not re.search(rf"\b(no|not|without|reset|except|but)\b.* {words_of(name)[-1]}", said):
            yield name


def _told(operation: Operation) -> tuple[str, ...]:
    media = media_of(operation)
    return Shape(media.schema.json("request")).names if media is not None and media.schema is not None else ()


def _hold_words(trial: Trial, operation: Operation, item: Item, row: Row, replies: tuple[Reply, ...]) -> None:
    """Raise `Broken` where the name of a copy has not in it what the operation says that it has."""
    added = added_to_name(operation)
    names = [name for name in item.sent if is_natural(name) and isinstance(row.get(name), str)]
    if added and names and not any(added in row[name] for name in names):
        raise trial.broken(
            operation,
            f"{names[0]} of a copy is {short(row[names[0]])}, without {short(added)}.",
            *replies,
            item=item,
            pointer=f"/{names[0]}",
            expected=added,
            found=row[names[0]],
        )


def _hold_apart(trial: Trial, operation: Operation, item: Item, copy: Item, before: Row, made: Reply) -> None:
    """Raise `Broken` where the original changes with its copy."""
    thing = trial.thing
    change = thing.patch or thing.replace
    if change is None:
        return
    bodies = trial.workshop.bodies(thing, change)
    sent = {name: value for name, value in trial.workshop.body(bodies, "full").items() if not is_status(name)}
    if not bodies.fits(sent):
        return
    reply = trial.asker.ask(change, copy.path, bodies.wrapped(sent))
    if not reply.done:
        return
    after, look = trial.seen(item)
    said = f"of the original was changed when the copy of {operation.id} was"
    trial.hold_same(operation, thing.clients, before, after, said, made, reply, look, item=item)


def _hold_name(trial: Trial, operation: Operation, item: Item) -> None:
    """Tell what a copy is called, where that can be told."""
    thing = trial.thing
    names = [name for name in _told(operation) if name in thing.clients and is_natural(name)]
    if not names:
        return
    bodies = trial.workshop.bodies(thing, operation)
    name = names[0]
    text = bodies.text(name, bodies.shape.named(name), trial.workshop.token())
    if text is None:
        return
    body = trial.workshop.body(bodies, LEAST, {name: text})
    reply = trial.asker.ask(operation, item.path, bodies.wrapped(body))
    if not reply.done:
        return
    row, look = trial.seen(_copy(trial, operation, item, reply))
    trial.hold_sent(look.operation, {name: text}, row, item, reply, look)


def _hold_state(trial: Trial, operation: Operation, item: Item) -> None:
    """Raise `Broken` where a copy is not in the state in which the answer is said to leave it."""
    thing = trial.thing
    told: dict[str, Json] = {
        name: value
        for name in thing.row.names
        if is_status(name) and (value := told_when_made(operation, thing.row.named(name))) is not MISSING
    }
    if not told:
        return
    reply = act(trial, operation, item)
    row, look = trial.seen(_copy(trial, operation, item, reply))
    for name, value in told.items():
        if name in row and not alike(row[name], value):
            raise trial.broken(
                operation,
                f"{name} of a copy is {short(row[name])}, and said to be {short(value)}.",
                *(reply, look),
                item=item,
                pointer=f"/{name}",
                expected=value,
                found=row[name],
            )


def _copies(thing: Thing) -> str:
    if not (thing.create and thing.read):
        return "nothing makes and reads one"
    return "" if any(True for _ in copying(thing)) else "nothing copies one"


LAWS = (
    Law(
        "copy-is-another",
        "A copy is another thing, and says what the original says.",
        "create",
        copied,
        _copies,
    ),
)
