"""
Say in a body which other things it names: keys of things that are there, in a state that allows it.

An application names a job and a candidate, an order the ticket types of an event. What is made up of them
exists nowhere; what exists may be a draft, to which nobody applies; and the same candidate may not apply to
the same job twice. What it takes is tried once for each operation that is refused, and remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Protocol

from mockserver.behavior.wording import plain, singular
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.verify.laws.asking import Unjudged
from mockserver.verify.laws.bodies import LEAST, Bodies, names_another
from mockserver.verify.laws.items import Item, Learned, Needed, Way
from mockserver.verify.laws.things import Thing

NOTHING = Needed({}, afresh=False)


class Maker(Protocol):
    """What makes things; see `Workshop`."""

    def bodies(self, thing: Thing, operation: Operation) -> Bodies:
        """Return what makes bodies of *operation*."""
        ...

    def drawn(
        self, bodies: Bodies, how: str = "", given: Mapping[str, Json] | None = None
    ) -> dict[str, Json]:
        """Return what to send of a thing, of which nothing need exist."""
        ...

    def make(self, thing: Thing, *, parent: Item | None = None, other: bool = False) -> Item:
        """Make an item of *thing*."""
        ...

    def parent(self, thing: Thing, way: Way = (), over: Item | None = None) -> Item:
        """Return an item that is the same each time."""
        ...

    def bring(self, item: Item, way: Way, *, other: bool = False) -> None:
        """Bring a fresh *item* along *way*."""
        ...

    def ways(self, thing: Thing) -> list[Way]:
        """Return the ways that lead to the states of *thing*, () first."""
        ...

    def made_as(self, thing: Thing, key: Json) -> Item | None:
        """Return what was made of *thing* and is called *key*."""
        ...


class Mentions:
    """
    Names things in bodies.

    Args:
        maker: Makes what is named.
        things: All that the contract draws.
        learned: Shared by all workshops of a run.
    """

    def __init__(self, maker: Maker, things: list[Thing], learned: Learned) -> None:
        self._maker = maker
        self._things = things
        self._learned = learned

    def target(self, thing: Thing, name: str) -> Thing | None:
        """Return the thing at the top whose key the property *name* of *thing* holds."""
        return next((one for one in self._called(thing, name) if one.parent is None), None)

    def _called(self, thing: Thing, name: str) -> Iterator[Thing]:
        word = singular(plain(name).removesuffix("uuid").removesuffix("s").removesuffix("id"))
        for one in self._things:
            if one is not thing and one.create is not None and one.name == word and not one.orphaned:
                yield one

    def _meant(self, thing: Thing, name: str) -> Thing | None:
        """Return the thing that *name* names: one at the top, else the only one below another."""
        if not names_another(name):
            return None
        found = list(self._called(thing, name))
        top = [one for one in found if one.parent is None]
        return top[0] if top else found[0] if len(found) == 1 else None

    def named(self, thing: Thing, operation: Operation) -> list[Thing]:
        """Return what the least body of *operation*, which makes one of *thing*, names."""
        bodies = self._maker.bodies(thing, operation)
        with suppress(Unjudged):
            made = self._maker.drawn(bodies, LEAST)
            return list(dict.fromkeys(one for *_, one in self._places(thing, made, bodies.shape)))
        return []

    def _places(
        self, thing: Thing, value: Json, shape: Shape
    ) -> Iterator[tuple[dict[str, Json], str, Shape, Thing]]:
        """Yield (object, name, shape, thing): each property at any depth that names another thing."""
        if isinstance(value, dict):
            for name in list(value):
                target = self._meant(thing, name)
                if target is not None:
                    yield value, name, shape.named(name), target
                else:
                    yield from self._places(thing, value[name], shape.named(name))
        elif isinstance(value, list):
            for index, one in enumerate(value):
                yield from self._places(thing, one, shape.item(index))

    def put(
        self,
        thing: Thing,
        bodies: Bodies,
        made: dict[str, Json],
        given: Mapping[str, Json],
        *,
        above: Item | None = None,
        other: bool = False,
        ready: bool = True,
    ) -> None:
        """Put the keys of things that are there into *made*, but for what is *given*; see `Workshop.said`."""
        needed = self._learned.needs.get(bodies.operation.id, NOTHING)
        chosen: dict[str, Item] = {}
        if above is not None:
            chosen[above.thing.resource.path] = above
        for name, key in given.items():
            target = self._meant(thing, name)
            known = self._maker.made_as(target, key) if target is not None else None
            if known is not None and not other:
                chosen[known.thing.resource.path] = known
                way = needed.ways.get(known.thing.resource.path, ())
                if ready and way and not known.way:
                    with suppress(Unjudged):
                        self._maker.bring(known, way)
        drawn = {name: value for name, value in made.items() if name not in given}
        for place, name, shape, target in self._places(thing, drawn, bodies.shape):
            with suppress(Unjudged):
                key = self._one(target, needed, chosen, other=other).key
                place[name] = [key] if "array" in shape.kinds else key
        made.update(drawn)

    def _one(self, thing: Thing, needed: Needed, chosen: dict[str, Item], *, other: bool) -> Item:
        """Return what a body names of *thing*: one for the whole of it."""
        path = thing.resource.path
        if path not in chosen:
            way, over = needed.ways.get(path, ()), None
            if thing.parent is not None:
                over = self._one(thing.parent, needed, chosen, other=other)
            if (needed.afresh or other) and thing.create is not None:
                found = self._maker.make(thing, parent=over, other=other)
                if way:
                    self._maker.bring(found, way, other=other)
            else:
                found = self._maker.parent(thing, way, over)
            chosen[path] = found
        return chosen[path]

    def lessen(
        self, thing: Thing, bodies: Bodies, made: dict[str, Json], given: Mapping[str, Json], few: int
    ) -> bool:
        """
        Make the numbers of *made* no more than *few*, but for what is *given*; return whether any was.

        More was asked for than there is, perhaps: of tickets that are left, of an amount that was paid. Only
        of what names others, or stands below another.
        """
        drawn = {name: value for name, value in made.items() if name not in given}
        if thing.parent is None and not any(True for _ in self._places(thing, drawn, bodies.shape)):
            return False
        small = _lessened(drawn, bodies.shape, few)
        if small == drawn or not bodies.fits({**made, **small}):
            return False
        made.update(small)
        return True

    def enabled(self, thing: Thing, operation: Operation, attempt: Callable[[], object]) -> Item | None:
        """
        Return what *attempt* makes of *thing* when what it names is new, or in another state.

        None where it makes nothing. What it took is learned.
        """
        if operation.id in self._learned.sought:
            return None
        self._learned.sought.add(operation.id)
        for needed in self._possible(thing, operation):
            self._learned.needs[operation.id] = needed
            made = _tried(attempt)
            if made is not None:
                self._learned.needs[operation.id] = Needed(needed.ways, afresh=False)
                if any(_tried(attempt) is None for _ in range(2)):  # the second of the same two is refused
                    self._learned.needs[operation.id] = needed
                return made
        self._learned.needs.pop(operation.id, None)
        return None

    def _possible(self, thing: Thing, operation: Operation) -> Iterator[Needed]:
        targets = self.named(thing, operation)
        if not targets:
            return
        yield Needed({}, afresh=True)
        over = [one.parent for one in targets if one.parent is not None]
        for target in dict.fromkeys([*targets, *over]):
            for way in self._maker.ways(target)[1:]:
                yield Needed({target.resource.path: way}, afresh=True)

    def renewed(self, thing: Thing, operation: Operation) -> bool:
        """Learn that each needs others than the last one named; return whether that is news."""
        needed = self._learned.needs.get(operation.id, NOTHING)
        if needed.afresh or not self.named(thing, operation):
            return False
        self._learned.needs[operation.id] = Needed(needed.ways, afresh=True)
        return True


def _tried(attempt: Callable[[], object]) -> Item | None:
    """Return what *attempt* makes; None where it is refused, or cannot be tried."""
    with suppress(Unjudged):
        made = attempt()
        return made if isinstance(made, Item) else None
    return None


def _lessened(value: Json, shape: Shape, few: int, name: str = "") -> Json:
    """Return *value* with no more than *few* in each place that holds no key, or what is the least there."""
    if isinstance(value, dict):
        return {one: _lessened(inner, shape.named(one), few, one) for one, inner in value.items()}
    if isinstance(value, list):
        return [_lessened(one, shape.item(index), few, name) for index, one in enumerate(value)]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or names_another(name):
        return value
    if any(face.keys() & {"enum", "const"} for face in shape.faces):
        return value
    least = max((face["minimum"] for face in shape.faces if "minimum" in face), default=1)
    return min(value, max(least, few) if isinstance(value, int) else least or few)
