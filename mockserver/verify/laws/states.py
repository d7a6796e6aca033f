"""
Laws of states: what is refused in a state is refused in that state, as a 409 says in words.

"It is cancelled already" comes to who cancels twice; "Only pending bookings can be confirmed" to who
confirms any other; "Closed tickets cannot be commented on" to who comments on a closed one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from mockserver.behavior.actions import enumerated
from mockserver.behavior.closing import needs, refuses_again, refusing_states
from mockserver.behavior.wording import plain
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.acting import act, act_where_taken, acts
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row, walk
from mockserver.verify.laws.reaching import told
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial


def repeated(trial: Trial) -> None:
    """An action whose 409 says that it was done already is not done twice."""
    tried = 0
    for operation in trial.thing.actions:
        if not refuses_again(operation):
            continue
        item, first = act_where_taken(trial, operation)
        if not first.done:
            continue
        tried += 1
        again = act(trial, operation, item)
        if again.good:
            raise trial.taken(operation, f"{operation.id} is done twice", first, again, item=item)
    if not tried:
        raise Inconclusive("no action whose 409 is about doing it again is taken")


def closed(trial: Trial) -> None:
    """What a 409 says is refused in a state is refused in it: as one is made, and in each that is reached."""
    tried, thing = 0, trial.thing
    for way in trial.workshop.ways(thing):
        with suppress(Unjudged):
            item = trial.make()
            trial.workshop.bring(item, way)
            row, look = trial.seen(item)
            for state, known in _states(thing, row):
                tried += _hold_closed(trial, item, state, known, (*item.replies, look))
    if not tried:
        raise Inconclusive("no action leads to a state that a 409 names")


def filled(trial: Trial) -> None:
    """What a 409 refuses of a thing that has nothing below it is refused of one."""
    tried, thing = 0, trial.thing
    for operation, child in _needing(thing):
        for way in trial.workshop.ways(thing):
            if any(step.id not in _own(thing) for step, _ in way):
                continue
            item = trial.make()
            trial.workshop.bring(item, way)
            below = walk(trial.asker, child, item.path)
            if not below.complete or below.rows:
                raise Inconclusive(f"{child.resource.path} of what was just made is not empty")
            reply = act(trial, operation, item)
            tried += 1
            if reply.good:
                detail = f"{operation.id} is taken of what has no {child.name}"
                raise trial.taken(operation, detail, *below.replies, reply, item=item)
    if not tried:
        raise Inconclusive("no action could be tried")


def _own(thing: Thing) -> set[str]:
    """Return what is done to a thing itself."""
    return {one.id for one in (thing.patch, thing.replace, *thing.actions) if one is not None}


def _needing(thing: Thing) -> Iterator[tuple[Operation, Thing]]:
    """Yield each action that is said to be refused of a thing without something below it, with that."""
    for operation in thing.actions:
        needed = needs(operation)
        for child in thing.below:
            if child.parent is thing and child.create and child.lister and child.name in needed:
                yield operation, child


def _states(thing: Thing, row: Row) -> Iterator[tuple[str, list[str]]]:
    """Yield each state that *row* is in, with all that it could be in."""
    for name, value in row.items():
        known = enumerated(thing.row.named(name))
        if isinstance(value, str) and value in known:
            yield value, known


def _hold_closed(trial: Trial, item: Item, state: str, known: list[str], replies: tuple[Reply, ...]) -> int:
    """Ask for what is refused in *state*; return for how much."""
    tried = 0
    for operation, path, body in _changes(trial, item):
        promise = operation.responses.get("409")
        if promise is None or state not in refusing_states(operation, known):
            continue
        reply = trial.asker.ask(operation, path, body)
        tried += 1
        if reply.good:
            item.gone = item.gone or operation is trial.thing.delete
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
    """Yield what changes *item*, adds to it or takes it away, as it would be taken otherwise."""
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
    for other, link in naming(thing):
        assert other.create is not None
        with suppress(Unjudged):
            body = workshop.said(other, other.create, given={link: item.key}, ready=False)
            yield other.create, {}, workshop.bodies(other, other.create).wrapped(body)
    for operation in thing.actions:
        with suppress(Unjudged):
            said = told(workshop, operation, thing)
            if len(said) == 1:  # of several states one may follow, and one may not
                yield operation, item.path, said[0]
    if thing.delete is not None:
        yield thing.delete, item.path, MISSING


def naming(thing: Thing) -> Iterator[tuple[Thing, str]]:
    """Yield (other, property): what is made that names one of *thing*, of which its 409 says something."""
    for other in thing.peers:
        promise = other.create.responses.get("409") if other.create is not None else None
        if other.create is None or promise is None or thing.name not in plain(promise.description):
            continue
        for name in other.sent(other.create).names:
            if plain(name) == f"{thing.name}id":
                yield other, name


def _is_refused_somewhere(thing: Thing, operation: Operation) -> bool:
    """Return whether a 409 of *operation* names a state that *thing* may be in."""
    states = (enumerated(thing.row.named(name)) for name in thing.row.names)
    return any(known and refusing_states(operation, known) for known in states)


def _documented(thing: Thing, *, again: bool) -> str:
    why = acts(thing)
    if why and (again or not (thing.create and (thing.read or (thing.lister and thing.key)))):
        return why
    if again:
        return "" if any(map(refuses_again, thing.actions)) else "no 409 says that something was done already"
    changing = [thing.patch, thing.replace, thing.delete, *thing.actions]
    changing += [one.create for one in thing.below if one.parent is thing]
    changing += [one.create for one, _ in naming(thing)]
    known = any(one is not None and "409" in one.responses for one in changing)
    if why and not any(one is not None and _is_refused_somewhere(thing, one) for one in changing):
        return why
    return "" if known else "no change of one has a 409"


LAWS = (
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
    Law(
        "empty-is-refused",
        "What is refused of a thing with nothing below it is refused of one.",
        "read",
        filled,
        lambda thing: (
            acts(thing) or ("" if any(True for _ in _needing(thing)) else "no 409 is about emptiness")
        ),
    ),
)
