"""
A law of actions: `POST /orders/{id}/cancel`, or `PUT /orders/{id}/status`, does to one thing what it says.

What an action does is only said in words, so little is taken for granted: what its answer shows
has happened; a state that it is told, or that it sets ("sets the status to `cancelled`"), is there;
and others are as they were. What it refuses is held in `states`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from mockserver.behavior.actions import deed, says, stamps, switched
from mockserver.behavior.numbered import meanings
from mockserver.behavior.wording import words, words_of
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, media_of
from mockserver.verify.laws.bodies import LEAST
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row
from mockserver.verify.laws.naming import is_address, is_status, is_updated
from mockserver.verify.laws.reaching import REFUSED, set_to, told
from mockserver.verify.laws.stamping import states
from mockserver.verify.laws.switching import action_of, switched_to
from mockserver.verify.laws.things import Thing, told_of
from mockserver.verify.laws.trial import Law, Trial, short

_AT_ONCE = words(
    "activate archive cancel close deactivate disable enable lock pause publish reopen resume unarchive "
    "unlock unpublish"
)
"""Verbs whose effect is seen when they are answered."""
_LATER = re.compile(
    r"asynchron|background|eventual|schedul|\bperiod|\blater\b|\bsoon\b|queue|review|request|confirm|pending"
    r"|no effect|ignored|idempotent",
    re.IGNORECASE,
)


def act(trial: Trial, operation: Operation, item: Item, *, other: bool = False) -> Reply:
    """Ask for an action on *item*, with what it must be told; of several states, for one that is taken."""
    reply = None
    for body in told(trial.workshop, operation, item.thing):
        reply = trial.asker.ask(operation, item.path, body, other=other)
        if reply.status not in REFUSED:
            break
    assert reply is not None
    return reply


def act_where_taken(trial: Trial, operation: Operation) -> tuple[Item, Reply]:
    """
    Return a fresh thing after an action, and the answer.

    Where it is refused, it is tried in each of the states that things come into; the last refusal where it is
    taken in none of them.
    """
    item = trial.make()
    reply = act(trial, operation, item)
    for way in trial.workshop.ways(trial.thing)[1:] if reply.status in REFUSED else ():
        with suppress(Unjudged):
            brought = trial.make()
            trial.workshop.bring(brought, way)
            again = act(trial, operation, brought)
            if again.status not in REFUSED:
                return brought, again
    return item, reply


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
    for way in trial.workshop.ways(trial.thing):
        item, beside = trial.make(), trial.make()
        trial.workshop.bring(item, way)
        trial.workshop.bring(beside, way)
        before, first = trial.seen(item)
        others, _ = trial.seen(beside)
        reply = act(trial, operation, item)
        if reply.status not in REFUSED:
            break
    if not reply.done:
        raise Inconclusive(f"{reply} is answered {reply.status}")
    after, second = trial.seen(item)
    _hold(trial, item, after, _wrong(trial, item, reply, before, after), reply, second)
    _hold_listed(trial, item, reply, second, before, after)
    _undone(trial, item, reply, before, after)
    _take_back(trial, operation, item, after, (reply, second))
    for name, value in changed(before, after):
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


def _hold(trial: Trial, item: Item, after: Row, wrongs: Wrongs, *replies: Reply) -> None:
    """Raise `Broken` for the first of *wrongs* in what the last of *replies* shows of *item*."""
    for name, detail, expected in wrongs:
        raise trial.broken(
            replies[-1].operation,
            detail,
            *replies,
            item=item,
            pointer=f"/{name}",
            expected=expected,
            found=after[name],
        )


def _hold_listed(trial: Trial, item: Item, reply: Reply, second: Reply, before: Row, after: Row) -> None:
    """Raise `Broken` where the list still shows what was before the action."""
    thing = trial.thing
    if thing.lister is None or thing.read is None or not thing.key:
        return
    names = {name for name, _ in changed(before, after)}
    with suppress(Unjudged):
        row, listing = trial.listed(item)
        if row is None and (state := _promised(thing, after)):
            detail = (
                f"The list is said to have what is {state}, and has not what {reply.operation.id} made so."
            )
            raise trial.broken(thing.lister, detail, reply, second, listing, item=item, expected=item.key)
        if row is not None and any(alike(row.get(name), before.get(name)) for name in names & row.keys()):
            said = f"is listed as another than it is read after {reply.operation.id}"
            trial.hold_same(thing.lister, names, after, row, said, reply, second, listing, item=item)


def _promised(thing: Thing, row: Row) -> str:
    """Return the state of *row* that a list is said to have ("that are active or paused"), or ""."""
    assert thing.lister is not None
    said = told_of(thing.lister)
    for name in states(thing):
        shape = thing.row.named(name)
        called: dict[Json, str] = {number: word for word, number in meanings(shape).items()}
        word = str(called.get(row.get(name), row.get(name)))
        if re.search(rf"\b(that|which) are (\w+, )*(\w+ (or|and) )?{re.escape(word)}\b", said, re.IGNORECASE):
            return word
    return ""


def _undone(trial: Trial, item: Item, reply: Reply, before: Row, after: Row) -> None:
    """Raise `Broken` where an action is taken back, and all stands as the action left it."""
    operation = trial.thing.undoing.get(reply.operation.id)
    made = [(name, value) for name, value in changed(before, after) if before.get(name) in (None, False, "")]
    if operation is None or not made or _LATER.search(f"{operation.summary} {operation.description}"):
        return
    back = trial.asker.ask(operation, item.path)
    if not back.done:
        return
    again, look = trial.seen(item)
    if all(name in again and alike(again[name], value) for name, value in made):
        name, value = made[0]
        raise trial.broken(
            operation,
            f"{operation.id} is answered {back.status}, and {name} is still {short(value)}.",
            *(reply, back, look),
            item=item,
            pointer=f"/{name}",
            expected=before.get(name),
            found=value,
        )


def _take_back(trial: Trial, operation: Operation, item: Item, row: Row, so_far: tuple[Reply, ...]) -> None:
    """Tell an action the opposite, where it can be told: `{"pause": false}` after `{"pause": true}`."""
    if media_of(operation) is None or operation.body is None:
        return
    bodies = trial.workshop.bodies(trial.thing, operation)
    off = switched_to(trial.thing, operation, bodies, trial.workshop.body(bodies, LEAST), on=False)
    if off is None:
        return
    reply = trial.asker.ask(operation, item.path, bodies.wrapped(off))
    if not reply.done:
        return
    after, second = trial.seen(item)
    _hold(trial, item, after, _by_path(trial, reply, row, after), *so_far, reply, second)


def changed(before: Row, after: Row) -> Iterator[tuple[str, Json]]:
    """Yield (name, value) of what an action has changed to something that others do not come to by chance."""
    for name, value in after.items():
        if isinstance(value, (str, bool)) and not alike(before.get(name), value) and not is_updated(name):
            yield name, value


Wrongs = Iterator[tuple[str, str, Json]]
"""(property, what is wrong with it, what it should be)."""


def _wrong(trial: Trial, item: Item, reply: Reply, before: Row, after: Row) -> Wrongs:
    """Yield what is wrong with a thing after an action."""
    yield from _by_answer(trial, item, reply, before, after)
    yield from _by_request(item, reply, after)
    yield from _by_words(trial, reply.operation, before, after)
    yield from _by_path(trial, reply, before, after)
    yield from _by_time(trial, reply, before, after)
    yield from _by_loss(trial, reply, before, after)


def _by_answer(trial: Trial, item: Item, reply: Reply, before: Row, after: Row) -> Wrongs:
    """The answer shows a change, and the thing is as it was before."""
    told = trial.thing.row_of(reply.operation, reply.body) or {}
    if trial.thing.key and not alike(told.get(trial.thing.key), item.key):
        return
    for name in sorted(told.keys() & before.keys() & after.keys() & set(trial.thing.row.names)):
        if is_address(name):
            continue
        if not alike(told[name], before[name]) and alike(after[name], before[name]):
            said = f"{reply.operation.id} answers that {name} is {short(told[name])}"
            yield name, f"{said}, and it is {short(after[name])} as before.", told[name]


def _by_request(item: Item, reply: Reply, after: Row) -> Wrongs:
    """The action was told a state of the thing, and it is in another."""
    operation, body = reply.operation, reply.said.body
    for name, value in body.items() if isinstance(body, dict) else ():
        if name in after and set_to(item.thing, operation, name) and not alike(after[name], value):
            said = f"{operation.id} was told that {name} is {short(value)}"
            yield name, f"{said}, and it is {short(after[name])}.", value


def _by_words(trial: Trial, operation: Operation, before: Row, after: Row) -> Wrongs:
    """The action says what it sets, and that is not so."""
    for name, value in says(operation, trial.thing.row):
        if name in after and not alike(after[name], value):
            said = f"{operation.id} says that it sets {name} to {short(value)}"
            yield name, f"{said}, and it is {short(after[name])}.", value
    for name in stamps(operation, trial.thing.row):
        if name in before and before[name] is None and name in after and after[name] is None:
            yield name, f"{operation.id} says that it sets {name}, and it is null.", "a time"


def _by_loss(trial: Trial, reply: Reply, before: Row, after: Row) -> Wrongs:
    """
    A text or a list of texts that a client gave is no more, though the state alone was to change.

    Only of verbs that are done at once and say what state is meant, and of what their words do not speak of.
    """
    operation = reply.operation
    verb = next(iter(words_of(operation.route.template.rpartition("/")[2].partition(".")[0])), "")
    if verb not in _AT_ONCE or reply.said.body is not MISSING:
        return
    said = f"{operation.summary} {operation.description}".lower()
    for name in sorted(trial.thing.clients & before.keys() & after.keys()):
        value = before[name]
        parts = value if isinstance(value, list) else [value]
        given = [one for one in parts if isinstance(one, str) and one]
        spoken = any(word in said for word in words_of(name))
        if given and not is_status(name) and not spoken and after[name] in (None, "", []):
            yield name, f"{operation.id} has taken away {name}: it was {short(value)}.", value


def _by_path(trial: Trial, reply: Reply, before: Row, after: Row) -> Wrongs:
    """
    Nothing at all has changed, though a state is called as the path says.

    Only of verbs that are done at once, and never of what is said to be asked for or to come later.
    """
    operation = reply.operation
    action = switched(action_of(trial.thing, operation), reply.said.body)
    verb = next(iter(words_of(action.word)), "") if action is not None else ""
    if (
        action is None
        or verb not in _AT_ONCE
        or _LATER.search(f"{operation.summary} {operation.description}")
    ):
        return
    if any(not is_updated(name) and not alike(before.get(name), after[name]) for name in after):
        return
    for name, value in deed(operation, action).sets.items():
        if name in before and name in after and not alike(before[name], value):
            said = f"{operation.id} is answered {reply.status}, and nothing has changed"
            yield name, f"{said}: {name} may be {short(value)}, and is {short(after[name])} as before.", value


def _by_time(trial: Trial, reply: Reply, before: Row, after: Row) -> Wrongs:
    """A state has changed, and the time that is called as the path says is null: `resumedAt`."""
    action = switched(action_of(trial.thing, reply.operation), reply.said.body)
    verb = next(iter(words_of(action.word)), "") if action is not None else ""
    moved = any(not alike(before.get(name), after.get(name)) for name in states(trial.thing))
    if action is None or action.opposite or verb not in _AT_ONCE or not moved:
        return
    for name in deed(reply.operation, action).times:
        if name in before and before[name] is None and name in after and after[name] is None:
            said = f"{reply.operation.id} is answered {reply.status}, and {name} is null"
            yield name, f"{said}: nothing says when it was done.", "a time"


def acts(thing: Thing) -> str:
    """Return why no action on one of *thing* can be looked at, "" where one can."""
    if not (thing.create and (thing.read or (thing.lister and thing.key))):
        return "nothing makes and shows one"
    good = [one for one in thing.actions if one.success is not None]
    return "" if good else "nothing is done to one"


LAWS = (Law("acted-as-told", "An action has done what it says, to one thing.", "read", acted, acts),)
