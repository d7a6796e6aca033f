"""
Find the states that a thing can be brought into, and the way to each.

What is refused of a thing as it is made may be taken of one that something was done to before: an order is
shipped when it is paid, and somebody applies to a job that is published. The words of a document seldom say
all of it, so it is tried: each action on a fresh thing, then each on those that came into another state, and
what was never taken on one that has something below it: a report without items is not handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from mockserver.behavior.actions import enumerated
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.asking import Asker, Reply, Unjudged, media_of
from mockserver.verify.laws.bodies import LEAST, Bodies
from mockserver.verify.laws.items import Item, Step, Way
from mockserver.verify.laws.naming import is_status
from mockserver.verify.laws.switching import switched_to
from mockserver.verify.laws.things import Thing

MOST, DEEPEST = 6, 3
"""States that are looked for, and steps to each."""

REFUSED = (400, 403, 409, 422)
"""What a server may say of what is not possible in a state."""


class Maker(Protocol):
    """What makes things, and the bodies of requests; see `Workshop`."""

    asker: Asker

    def bodies(self, thing: Thing, operation: Operation) -> Bodies:
        """Return what makes bodies of *operation*."""
        ...

    def body(self, bodies: Bodies, how: str = "") -> dict[str, Json]:
        """Return what to send of a thing."""
        ...

    def make(self, thing: Thing) -> Item:
        """Make an item of *thing*."""
        ...

    def said(self, thing: Thing, operation: Operation) -> dict[str, Json]:
        """Return what to send of a thing, with the keys of such as exist where it names others."""
        ...


def told(maker: Maker, operation: Operation, thing: Thing) -> list[Json]:
    """Return what an action may be told: a body for each state that it can name, else one, or `MISSING`."""
    if media_of(operation) is None or operation.body is None or not operation.body.required:
        return [MISSING]
    bodies = maker.bodies(thing, operation)
    body = maker.body(bodies, LEAST)
    for name in body:
        if states := set_to(thing, operation, name):
            return [bodies.wrapped({**body, name: one}) for one in states]
    return [bodies.wrapped(switched_to(thing, operation, bodies, body, on=True) or body)]


def set_to(thing: Thing, operation: Operation, name: str) -> list[str]:
    """Return the states of a thing that *operation* may be told as *name*, a property of the thing."""
    media = media_of(operation)
    if name not in thing.row.names or media is None or media.schema is None:
        return []
    known = enumerated(thing.row.named(name))
    return [one for one in enumerated(Shape(media.schema.json("request")).named(name)) if one in known]


def steps(maker: Maker, thing: Thing) -> Iterator[Step]:
    """Yield what may bring a thing into another state: its actions, and changes of its status."""
    for operation in thing.actions:
        with suppress(Unjudged):
            for body in told(maker, operation, thing):
                yield operation, body
    change = (
        thing.patch or thing.replace
    )  # a PUT that takes a state alone takes it, whatever becomes of the rest
    if change is None:
        return
    with suppress(Unjudged):
        bodies = maker.bodies(thing, change)
        for name in bodies.shape.names:
            for state in enumerated(bodies.shape.named(name)) if is_status(name) else ():
                if name in thing.row.names and bodies.fits({name: state}):
                    yield change, bodies.wrapped({name: state})


def go(asker: Asker, item: Item, way: Way, *, other: bool = False) -> tuple[Reply, ...]:
    """Do what *way* says to *item*; return the calls, the last of which was refused where one was."""
    replies: list[Reply] = []
    for operation, body in way:
        reply = asker.ask(operation, item.path, body, other=other)
        replies.append(reply)
        if not reply.done:
            break
    return tuple(replies)


def _fillings(maker: Maker, thing: Thing) -> Iterator[Step]:
    """Yield what makes something below one of *thing*."""
    for child in thing.below:
        if child.parent is thing and child.create is not None:
            yield child.create, maker.bodies(child, child.create).wrapped(maker.said(child, child.create))


def explored(maker: Maker, thing: Thing) -> list[Way]:
    """Return ways to the states of *thing*, the shortest first: () leads to what is just made."""
    with suppress(Unjudged):
        search = _Search(maker, thing, [state_of(maker.asker, maker.make(thing))])
        search.all_from(0)
        search.filled()
        return search.found
    return [()]


@dataclass(eq=False)
class _Search:
    """
    What is known while states are looked for.

    Attributes:
        known: The states.
        found: The ways to them.
        taken: Operations that were done at all.
    """

    maker: Maker
    thing: Thing
    known: list[dict[str, Json]]
    found: list[Way] = field(default_factory=lambda: [()])
    taken: set[str] = field(default_factory=set)

    def all_from(self, start: int) -> None:
        """Try each step after each way, those that are found meanwhile too."""
        for index, way in enumerate(self.found):
            if index >= start:
                self.along(way)

    def along(self, way: Way, *, but: frozenset[str] = frozenset()) -> None:
        """Try each step after *way*, except the operations *but*."""
        for step in list(steps(self.maker, self.thing)) if len(way) < DEEPEST else ():
            if len(self.found) >= MOST:
                return
            if step[0].id in but:
                continue
            self.step(way, step)

    def step(self, way: Way, step: Step) -> None:
        """Go a step after *way*, and note where that leads."""
        with suppress(Unjudged):
            item = self.maker.make(self.thing)
            replies = go(self.maker.asker, item, (*way, step))
            if len(replies) == len(way) + 1 and replies[-1].done:
                self.taken.add(step[0].id)
                own = step[0].id not in {one.create.id for one in self.thing.below if one.create is not None}
                state = state_of(self.maker.asker, item, replies[-1] if own else None)
                if state not in self.known:
                    self.known.append(state)
                    self.found.append((*way, step))

    def filled(self) -> None:
        """Make something below a thing, which may change its state; and try what was never taken on one."""
        for filling in _fillings(self.maker, self.thing):
            start = len(self.found)
            self.step((), filling)
            if len(self.found) > start:
                self.all_from(start)
                continue
            if {one.id for one in self.thing.actions} <= self.taken:
                continue
            before, start = frozenset(self.taken), len(self.found)
            self.along((filling,), but=before)
            if self.taken > before:
                self.found.insert(start, (filling,))
                self.all_from(start + 1)


def state_of(asker: Asker, item: Item, reply: Reply | None = None) -> dict[str, Json]:
    """Return what tells the state of *item*: its texts of a few, and what is true or not of it."""
    thing = item.thing
    look = asker.ask(thing.read, item.path) if thing.read is not None else reply
    row = thing.row_of(look.operation, look.body) if look is not None and look.good else item.row
    return {
        name: value
        for name, value in (row or {}).items()
        if isinstance(value, bool) or (isinstance(value, str) and value in enumerated(thing.row.named(name)))
    }
