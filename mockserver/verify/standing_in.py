"""
Things of our own in place of those that the document names.

On somebody's server "campaign 4711" is not ours to delete, and may not be there
at all. So where a documented call would change a thing, one is made for it, by
the same hand that makes things for the laws, and taken away afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

from mockserver.contract.model import Contract, Operation
from mockserver.verify.context import Context
from mockserver.verify.laws.asking import Carried, Unjudged
from mockserver.verify.laws.cases import asker_of
from mockserver.verify.laws.items import Item, Learned
from mockserver.verify.laws.things import Thing, things
from mockserver.verify.laws.workshop import Workshop
from mockserver.verify.requests import Said


@dataclass
class Understudies:
    """What the cases of one run share: the things that the contract draws, and how they are made."""

    contract: Contract
    learned: Learned = field(default_factory=Learned)

    @cached_property
    def things(self) -> list[Thing]:
        """The things, those at the top first."""
        return things(self.contract)

    @contextmanager
    def said(self, context: Context, operation: Operation, said: Said) -> Iterator[Said | None]:
        """Yield *said*, said of a thing that is made for it, and taken away; None where none can be."""
        workshop = Workshop(asker_of(context, self.things), self.things, self.learned)
        try:
            yield self._instead(workshop, operation, said)
        finally:
            workshop.clean()

    def _instead(self, workshop: Workshop, operation: Operation, said: Said) -> Said | None:
        path = operation.route.template
        fitting = [
            one
            for one in self.things
            if one.resource.item_path and f"{path}/".startswith(f"{one.resource.item_path}/")
        ]
        told = next((one for one in self.things if operation.id in one.carried), None)
        if told is not None:
            return _told(workshop, told, told.carried[operation.id], said)
        if not fitting:
            return None
        below = next((one for one in self.things if one.create is operation and one.parent in fitting), None)
        try:
            item = self._ready(workshop, below) if below is not None else None
            item = item or workshop.make(max(fitting, key=lambda one: len(one.resource.item_path)))
        except Unjudged:
            return None
        named = {(one.location, one.name) for one in operation.parameters if one.location == "path"}
        if not named <= item.path.keys():
            return None
        return replace(said, parameters={**said.parameters, **{key: item.path[key] for key in named}})

    def _ready(self, workshop: Workshop, thing: Thing) -> Item | None:
        """Return what *thing* can be made below, brought into the state that this needs."""
        assert thing.create is not None
        if thing.create.id not in self.learned.how:
            with suppress(Unjudged):
                workshop.make(thing)
        return workshop.above(thing, other=False) if thing.create.id in self.learned.ready else None


def _told(workshop: Workshop, thing: Thing, carried: Carried, said: Said) -> Said | None:
    """Return *said* of an item that is made for it, where that is said in the query or in the body."""
    body, key = said.body, (carried.location, carried.name)
    given = body.get(carried.name) if isinstance(body, dict) else None
    value = said.parameters.get(key) if carried.location == "query" else given
    if type(value) is not type(carried.sample):
        return None
    try:
        item = workshop.make(thing)
    except Unjudged:
        return None
    if carried.location == "query":
        return replace(said, parameters={**said.parameters, key: item.key})
    return replace(said, body={**body, carried.name: item.key}) if isinstance(body, dict) else None
