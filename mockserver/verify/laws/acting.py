"""
Laws of actions: `POST /orders/{id}/cancel` does to one thing what it says, once, and for its owner.

What an action does is only said in words, so little is taken for granted: what its answer shows
has happened; a value that it sets ("sets the status to `cancelled`") is there; others are as they
were; and a 409 that names a state ("It is cancelled already") is what comes in that state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from mockserver.behavior.actions import (
    Action,
    deed,
    enumerated,
    names_state,
    refuses_again,
    says,
    stamps,
)
from mockserver.behavior.wording import words_of
from mockserver.contract.model import Operation
from mockserver.exchange import Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, media_of
from mockserver.verify.laws.bodies import LEAST
from mockserver.verify.laws.lists import Row
from mockserver.verify.laws.naming import is_updated
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short
from mockserver.verify.laws.workshop import Item

_AT_ONCE = [
    *(["activate"], ["archive"], ["cancel"], ["close"], ["deactivate"], ["disable"], ["enable"], ["lock"]),
    *(["pause"], ["publish"], ["reopen"], ["resume"], ["unarchive"], ["unlock"], ["unpublish"]),
]
"""Verbs, as words of a path, whose effect is seen when they are answered."""
_LATER = re.compile(
    r"asynchron|background|eventual|schedul|\bperiod|\blater\b|\bsoon\b|queue|review|request|confirm|pending"
    r"|no effect|ignored|idempotent",
    re.IGNORECASE,
)


def act(trial: Trial, operation: Operation, item: Item, *, other: bool = False) -> Reply:
    """Ask for an action on *item*, with no more than it must be told."""
    if media_of(operation) is None or operation.body is None or not operation.body.required:
        return trial.asker.ask(operation, item.path, other=other)
    bodies = trial.workshop.bodies(item.thing, operation)
    body = trial.workshop.body(bodies, LEAST)
    return trial.asker.ask(operation, item.path, bodies.wrapped(body), other=other)


def acted(trial: Trial) -> None:
    """An action on one thing has done what its answer and its words say, and has done nothing to others."""
    tried, why = 0, "no action is taken"
    for operation in trial.thing.actions:
        try:
            _acted(trial, operation)
            tried += 1
        except Unjudged as error:
            why = str(error)
    if not tried:
        raise Inconclusive(why)


def _acted(trial: Trial, operation: Operation) -> None:
    item, beside = trial.make(), trial.make()
    before, first = trial.seen(item)
    others, _ = trial.seen(beside)
    reply = act(trial, operation, item)
    if not reply.done:
        raise Inconclusive(f"{reply} is answered {reply.status}")
    after, second = trial.seen(item)
    _hold_answer(trial, item, reply, before, after, second)
    _hold_words(trial, item, reply, before, after, second)
    _hold_path(trial, item, reply, before, after, second)
    for name, value in _changed(before, after):
        untouched, look = trial.seen(beside)
        if (
            alike(others.get(name), before.get(name))
            and alike(untouched.get(name), value)
            and name in untouched
        ):
            raise trial.broken(
                look.operation,
                f"{operation.id} has changed {name} of another one, too: it was "
                f"{short(others.get(name))} and is {short(value)}.",
                *(*beside.replies, first, reply, look),
                item=item,
                pointer=f"/{name}",
                expected=others.get(name),
                found=value,
            )


def _changed(before: Row, after: Row) -> Iterator[tuple[str, Json]]:
    """Yield (name, value) of what an action has changed to something that others do not come to by chance."""
    for name, value in after.items():
        if isinstance(value, (str, bool)) and not alike(before.get(name), value) and not is_updated(name):
            yield name, value


def _hold_answer(trial: Trial, item: Item, reply: Reply, before: Row, after: Row, second: Reply) -> None:
    """Raise `Broken` where the answer shows a change, and the thing is as it was before."""
    told = trial.thing.row_of(reply.operation, reply.body) or {}
    if trial.thing.key and not alike(told.get(trial.thing.key), item.key):
        return
    for name in sorted(told.keys() & before.keys() & after.keys()):
        if not alike(told[name], before[name]) and alike(after[name], before[name]):
            raise trial.broken(
                second.operation,
                f"{reply.operation.id} answers that {name} is {short(told[name])}, and it is "
                f"{short(after[name])} as before.",
                *(reply, second),
                item=item,
                pointer=f"/{name}",
                expected=told[name],
                found=after[name],
            )


def _hold_words(trial: Trial, item: Item, reply: Reply, before: Row, after: Row, second: Reply) -> None:
    """Raise `Broken` where the action says what it sets, and that is not so."""
    operation = reply.operation
    for name, value in says(operation, trial.thing.row):
        if name in after and not alike(after[name], value):
            raise trial.broken(
                second.operation,
                f"{operation.id} says that it sets {name} to {short(value)}, and it is {short(after[name])}.",
                *(reply, second),
                item=item,
                pointer=f"/{name}",
                expected=value,
                found=after[name],
            )
    for name in stamps(operation, trial.thing.row):
        if name in before and before[name] is None and name in after and after[name] is None:
            raise trial.broken(
                second.operation,
                f"{operation.id} says that it sets {name}, and it is null.",
                *(reply, second),
                item=item,
                pointer=f"/{name}",
                expected="a time",
                found=None,
            )


def _hold_path(trial: Trial, item: Item, reply: Reply, before: Row, after: Row, second: Reply) -> None:
    """
    Raise `Broken` where nothing at all has changed, though a state is called as the path says.

    Only of verbs that are done at once, and never of what is said to be asked for or to come later.
    """
    operation = reply.operation
    word = operation.route.template.rpartition("/")[2].partition(".")[0]
    if words_of(word)[:1] not in _AT_ONCE or _LATER.search(f"{operation.summary} {operation.description}"):
        return
    changed = [name for name, value in after.items() if not alike(before.get(name), value)]
    implied = deed(operation, Action(trial.thing.resource, word)).sets.items()
    for name, value in implied if not [name for name in changed if not is_updated(name)] else ():
        if name in before and name in after and not alike(before[name], value):
            raise trial.broken(
                second.operation,
                f"{operation.id} is answered {reply.status}, and nothing has changed: {name} may be "
                f"{short(value)}, and is {short(after[name])} as before.",
                *(reply, second),
                item=item,
                pointer=f"/{name}",
                expected=value,
                found=after[name],
            )


def repeated(trial: Trial) -> None:
    """An action whose 409 says that it was done already is not done twice."""
    tried = 0
    for operation in trial.thing.actions:
        if not refuses_again(operation):
            continue
        item = trial.make()
        first = act(trial, operation, item)
        if not first.done:
            continue
        tried += 1
        again = act(trial, operation, item)
        if again.good:
            promise = operation.responses["409"]
            raise trial.broken(
                operation,
                f"{operation.id} is done twice, where 409 is documented: {promise.description}",
                *(first, again),
                item=item,
                expected=409,
                found=again.status,
                place=promise.place,
            )
    if not tried:
        raise Inconclusive("no action whose 409 is about doing it again is taken")


def closed(trial: Trial) -> None:
    """What a 409 says is refused in a state is refused in that state."""
    tried, thing = 0, trial.thing
    for operation in thing.actions:
        with suppress(Unjudged):
            item = trial.make()
            before, _ = trial.seen(item)
            reply = act(trial, operation, item)
            if not reply.done:
                continue
            after, look = trial.seen(item)
            for name, value in _changed(before, after):
                if isinstance(value, str) and value in enumerated(thing.row.named(name)):
                    tried += _hold_closed(trial, item, value, (*item.replies, reply, look))
    if not tried:
        raise Inconclusive("no action leads to a state that a 409 names")


def _hold_closed(trial: Trial, item: Item, state: str, replies: tuple[Reply, ...]) -> int:
    """Ask for what is refused in *state*; return for how much."""
    tried = 0
    for operation, path, body in _changes(trial, item):
        promise = operation.responses.get("409")
        if promise is None or not names_state(promise.description, state):
            continue
        reply = trial.asker.ask(operation, path, body)
        tried += 1
        if reply.good:
            raise trial.broken(
                operation,
                f"{operation.id} is taken of what is {state}, where 409 is documented: {promise.description}",
                *(*replies, reply),
                expected=409,
                found=reply.status,
                place=promise.place,
            )
    return tried


def _changes(trial: Trial, item: Item) -> Iterator[tuple[Operation, dict[tuple[str, str], Json], Json]]:
    """Yield what changes *item*, or adds to it, with a body that would be taken otherwise."""
    thing, workshop = trial.thing, trial.workshop
    if thing.patch is not None:
        bodies = workshop.bodies(thing, thing.patch)
        for name in thing.kept(thing.patch):
            value = bodies.other(name, item.row.get(name), workshop.token())
            if bodies.fits({name: value}):
                yield thing.patch, item.path, bodies.wrapped({name: value})
                break
    if thing.replace is not None:
        bodies = workshop.bodies(thing, thing.replace)
        if bodies.fits(item.sent):
            yield thing.replace, item.path, bodies.wrapped(item.sent)
    for child in thing.below:
        if child.parent is thing and child.create is not None:
            bodies = workshop.bodies(child, child.create)
            with suppress(Unjudged):
                yield child.create, item.path, bodies.wrapped(workshop.body(bodies))


def _acts(thing: Thing) -> str:
    if not (thing.create and (thing.read or (thing.lister and thing.key))):
        return "nothing makes and shows one"
    good = [one for one in thing.actions if one.success is not None]
    return "" if good else "nothing is done to one"


def _documented(thing: Thing, *, again: bool) -> str:
    if why := _acts(thing):
        return why
    if again:
        return "" if any(map(refuses_again, thing.actions)) else "no 409 says that something was done already"
    changing = [thing.patch, thing.replace, *(one.create for one in thing.below if one.parent is thing)]
    told = any(one is not None and "409" in one.responses for one in changing)
    return "" if told else "no change of one has a 409"


LAWS = (
    Law("acted-as-told", "An action has done what it says, to one thing.", "read", acted, _acts),
    Law(
        "done-once",
        "What was done already is refused where that is documented.",
        "read",
        repeated,
        lambda thing: _documented(thing, again=True),
    ),
    Law(
        "closed-is-closed",
        "What is refused in a state is refused in that state.",
        "patch",
        closed,
        lambda thing: _documented(thing, again=False),
    ),
)
