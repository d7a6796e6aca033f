"""
Arrays: how long, and which schemas each place has.

The place *i* of an array is bound by what every schema there says about it:
`prefixItems`, else `items`, and `unevaluatedItems` where neither of its kin has
spoken (Core, 10.3.1 and 11.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.errors import TooLarge, Ungeneratable
from mockserver.exchange import Json
from mockserver.generation.draw import Draw
from mockserver.generation.holds import identity
from mockserver.generation.names import Hint, singular
from mockserver.generation.seating import LONGEST as LONGEST_SEATED
from mockserver.generation.seating import places_for, seated
from mockserver.generation.sources import Source

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node

USUAL = 3
"""The most items where nothing says how many."""

TRIES = 30
"""Draws for an item that differs from those before it."""

GROWTH = ("minProperties", "minItems", "minLength")
"""Keywords that make a value larger."""

DATED = frozenset(("date", "date-time"))
"""Formats of what is listed in order."""

VARIED = 4
"""Draws for a scalar that differs from those before it, where nothing asks for it."""

DISTINCT = 200
"""Positions behind the prefix for which it is seen whether there are as many values."""

HUGE = 100_000
"""Items of an array that nobody waits for."""
LONGEST = 10_000
"""The most items that are made, whatever is asked for; `minItems` alone goes beyond."""


@dataclass(frozen=True, slots=True)
class Contain:
    """
    What `contains` asks for: items of *source*, at least *least* and at most *most* of them; *other* is its
    negation.
    """

    source: Source
    other: Source
    least: int
    most: int | None


def _variety(node: Node) -> int | None:
    """Return how many distinct values *node* has, None where they are many or unknown."""
    finite = None if node.dead else node.finite()
    return None if finite is None else len({identity(value) for value in finite})


class Arrays:
    """
    The arrays of one node.

    Args:
        node: The node.
        late: Whether `unevaluatedItems` are looked at.

    Attributes:
        node: What they are made for.
        least, most: Bounds of the length; `most` is also bounded by what can be filled.
        needed: The shortest length in which there is room for what `contains` asks for.
        unique: Whether no two items may be equal.
        seats: Whether it may help to look for items one place after another.

    Raises:
        Ungeneratable: Lengths exclude each other, or too few places can be filled.
    """

    def __init__(self, node: Node, *, late: bool = True) -> None:
        self.node = node
        self.late = late
        self.least, self.most, self.unique, self.prefix = 0, math.inf, False, 0
        self.contains: list[Contain] = []
        for source in node.flat:
            schema = source.schema
            assert isinstance(schema, dict)
            self.least = max(self.least, math.ceil(schema.get("minItems", 0)))
            self.most = min(self.most, schema.get("maxItems", math.inf))
            self.unique = self.unique or bool(schema.get("uniqueItems"))
            self.prefix = max(self.prefix, len(schema.get("prefixItems") or ()))
            if "contains" in schema:
                least, most = schema.get("minContains", 1), schema.get("maxContains")
                if most is not None and least > most:
                    raise Ungeneratable(source.pointer, f"minContains {least} is above maxContains {most}")
                wanted = source.child(schema["contains"], "contains")
                other = Source({"not": wanted.schema}, wanted.scope, wanted.pointer)
                self.contains.append(Contain(wanted, other, math.ceil(least), most))
        self.places: dict[int, Node] = {}
        self.growth: dict[tuple[int, str], Source] = {}
        self.hint = Hint(singular(node.hint.name), node.hint.owner)
        self.seats = bool(self.contains) or (self.unique and self.prefix > 0)
        self._limit()

    def _limit(self) -> None:
        """Lower the bound to the places that can be filled, and to the distinct values there are."""
        for at in range(self.prefix + 1):
            if at >= self.most:
                break
            if self.place(at).dead:
                self.most = at
        self.needed = max([self.least, *(self._reach(each) for each in self.contains)])
        if self.needed > HUGE:
            said = f"an array of {self.needed} items is more than is made here"
            raise TooLarge(self.node.pointer, said)
        if self.needed > self.most:
            raise Ungeneratable(
                self.node.pointer,
                f"at least {self.needed} items are asked for and at most {self.most} can be",
            )
        if self.unique and self.most:
            self._distinct()

    def _distinct(self) -> None:
        """Lower the bound to the distinct values that there are; `Ungeneratable` where that are too few."""
        room = places_for(self._known, int(min(self.most, self.prefix + DISTINCT)))
        if room is not None:
            self.most = min(self.most, room)
            if self.most < self.needed:
                raise Ungeneratable(
                    self.node.pointer, f"uniqueItems: there are only {self.most} distinct items"
                )
        for each in self.contains:
            variety = _variety(self.node.document.node((each.source,), self.hint)) if each.least > 1 else None
            if variety is not None and variety < each.least:
                said = f"contains: {each.least} distinct items are wanted, and there are only {variety} such"
                raise Ungeneratable(each.source.pointer, said)

    def _known(self, at: int) -> list[Json] | None:
        """Return all values that position *at* can have, None where they are many or unknown."""
        node = self.place(at)
        return None if node.dead else node.finite()

    def _reach(self, contain: Contain) -> int:
        """Return the length from which on there are enough places for *contain*."""
        left = contain.least
        for at in range(self.prefix + 1):
            if left <= 0:
                return at
            if not self.bound(at, [contain.source]).hopeless:
                left -= 1
        if left <= 0:
            return self.prefix + 1
        if self.bound(self.prefix, [contain.source]).hopeless:
            raise Ungeneratable(
                contain.source.pointer, f"contains: no {contain.least} items can be what it asks for"
            )
        return self.prefix + 1 + left

    def place(self, at: int) -> Node:
        """Return the node of the item at position *at*."""
        at = min(at, self.prefix)
        node = self.places.get(at)
        if node is None:
            sources = tuple(part for source in self.node.flat for part in self._parts(source, at))
            node = self.places[at] = self.node.document.node(sources, self.hint)
        return node

    def _parts(self, source: Source, at: int) -> list[Source]:
        """Return what *source* says about position *at*."""
        schema = source.schema
        assert isinstance(schema, dict)
        prefix = schema.get("prefixItems") or []
        if at < len(prefix):
            return [source.child(prefix[at], f"prefixItems/{at}")]
        if isinstance(schema.get("items"), (dict, bool)):
            return [source.child(schema["items"], "items")]
        if self.late and "unevaluatedItems" in schema and not self._evaluated(source, at):
            rest: Json = schema["unevaluatedItems"]
            kin = [each for each in self._kin(source) if "contains" in each.schema]  # type: ignore[operator]
            if kin:
                rest = {"anyOf": [rest, *(each.schema["contains"] for each in kin)]}  # type: ignore[index]
            return [source.child(rest, "unevaluatedItems")]
        return []

    def _kin(self, source: Source) -> list[Source]:
        """Return *source* and the schemas that it applies in place."""
        own = id(source.schema)
        return [each for each in self.node.flat if each is source or own in each.within]

    def _evaluated(self, source: Source, at: int) -> bool:
        for each in self._kin(source):
            schema = each.schema
            assert isinstance(schema, dict)
            if at < len(schema.get("prefixItems") or ()) or isinstance(schema.get("items"), (dict, bool)):
                return True
            if each is not source and "unevaluatedItems" in schema:
                return True
        return False

    # ------------------------------------------------------------------ drawing

    def length(self, ctx: Draw) -> int:
        """Return how many items to make."""
        if ctx.length is not None:
            wanted = ctx.length
        elif ctx.plain and ctx.full and self.contains:  # room where nothing else is asked for
            wanted = max(self.needed, self.prefix + sum(each.least for each in self.contains))
        elif ctx.lean or ctx.plain:
            wanted = self.needed
        else:
            top = USUAL if ctx.depth < 3 else 2
            wanted = self.least + int(ctx.random() * top) + (self.least == 0)
            wanted = max(wanted, self.prefix, sum(each.least for each in self.contains))
        return int(max(self.needed, min(wanted, self.most, max(LONGEST, self.least))))

    def draw(self, ctx: Draw) -> Json:
        """Return an array."""
        ctx.enter(self.node.pointer)
        try:
            outer, ctx.outer = ctx.outer, False
            count = self.length(ctx)
            ctx.length = None
            try:
                return self._items(ctx, count, outer)
            except TooLarge:
                raise
            except Ungeneratable:
                found = seated(self, ctx, count) if self.seats and count <= LONGEST_SEATED else None
                if found is None:
                    self.seats = False
                    raise
                return found
        finally:
            ctx.depth -= 1

    def fill(self, ctx: Draw, given: Json) -> Json:
        """Return the array *given* with what its items lack, and as many more as it must have."""
        if not isinstance(given, list):
            return given
        ctx.enter(self.node.pointer)
        try:
            kept = [
                self.place(at).fill(ctx, item) if not self.place(at).dead else item
                for at, item in enumerate(given)
            ]
            while len(kept) < self.least:
                seen = {identity(item) for item in kept}
                kept.append(self._item(ctx, self.place(len(kept)), len(kept), seen))
            return kept
        finally:
            ctx.depth -= 1

    def _items(self, ctx: Draw, count: int, outer: bool) -> list[Json]:
        # When it did not work out with the first positions, the last are filled first.
        special = self._special(count, backward=ctx.plain) if self.contains else {}
        keep = (ctx.random, ctx.left, ctx.serial, ctx.index, ctx.who, ctx.where, ctx.born)
        base = ctx.below(1 << 48)
        ctx.serial = 1 + int(ctx.random() * 9_000)
        items: list[Json] = []
        seen: set[object] = set()
        try:
            for at in range(count):
                if outer:
                    ctx.restart(base + at, at)
                else:
                    ctx.index = at
                ctx.first = True
                items.append(self._item(ctx, special.get(at) or self.place(at), at, seen))
        except Ungeneratable:
            if len(items) < self.least or any(at >= len(items) for at in special):
                raise
            ctx.fail(self.node.pointer)
        finally:
            ctx.random, ctx.left, ctx.serial, ctx.index, ctx.who, ctx.where, ctx.born = keep
            ctx.first = False
        if not special and not self.prefix and len(items) > 1 and DATED & set(self.place(0).shape.formats):
            items.sort(key=str)  # days that somebody lists are in order
        return items

    def _item(self, ctx: Draw, node: Node, at: int, seen: set[object]) -> Json:
        """Return item *at*, made by *node*; one that is not in *seen* where that is asked for."""
        if not self.unique:
            return self._varied(ctx, node, seen)
        for _ in range(TRIES):
            value = node.draw(ctx)
            key = identity(value)
            if key not in seen:
                seen.add(key)
                return value
        left = [value for value in node.finite() or [] if identity(value) not in seen]
        value = ctx.pick(left) if left else self._grown(ctx, node, at, seen)
        seen.add(identity(value))
        return value

    def _grown(self, ctx: Draw, node: Node, at: int, seen: set[object]) -> Json:
        """
        Return an item that is larger than those before it: what is drawn freely is often the same, e.g. {}.
        """
        for size in range(1, len(seen) + 2):
            for larger in GROWTH:
                part = self.growth.setdefault(
                    (size, larger), Source({larger: size}, node.document.scope, node.pointer)
                )
                try:
                    value = node.document.node((*node.sources, part), self.hint).draw(ctx)
                except Ungeneratable:
                    continue
                if identity(value) not in seen:
                    return value
        raise Ungeneratable(self.node.pointer, f"uniqueItems: no {at + 1}. distinct item was found")

    def _varied(self, ctx: Draw, node: Node, seen: set[object]) -> Json:
        """
        Return an item; a scalar that is not in *seen*, if one comes up soon: lists seldom say a thing twice.
        """
        for _ in range(VARIED):
            value = node.draw(ctx)
            if isinstance(value, (dict, list)) or value is None:
                return value
            if value not in seen:
                seen.add(value)
                return value
            ctx.settle()  # it may be a name, and all of the object's are the same person's
        return value

    def _special(self, count: int, *, backward: bool) -> dict[int, Node]:
        """
        Return the nodes of the positions that are to hold what `contains` asks for, or to avoid it.

        As many as `maxContains` allows are left to chance; the rest must avoid it. *backward*: fill the last
        positions first, when it did not work out with the first.
        """
        extra: dict[int, list[Source]] = {at: [] for at in range(count)}
        order = list(range(count))[:: -1 if backward else 1]
        taken = []
        for each in self.contains:
            forced = [at for at in order if each.most is not None and not self._avoids(at, each, extra)]
            free = [at for at in order if at not in forced]
            wanted = max(0, each.least - len(forced))
            chosen = self._room(each.source, wanted, free, extra, share=self.unique and backward)
            taken.append((each, [*forced, *chosen]))
            for at in chosen:
                extra[at].append(each.source)
        for each, chosen in taken:
            if each.most is not None:
                others = [at for at in order if at not in chosen]
                may = [at for at in others if self._avoids(at, each, extra)]
                left = int(each.most) - len(chosen) - (len(others) - len(may))
                if left < 0:
                    detail = f"contains: more than {each.most} items cannot but be what it counts"
                    raise Ungeneratable(each.source.pointer, detail)
                for at in may[left:]:
                    extra[at].append(each.other)
        return {at: self.bound(at, parts) for at, parts in extra.items() if parts}

    def _avoids(self, at: int, contain: Contain, extra: dict[int, list[Source]]) -> bool:
        """Whether position *at* can be something that *contain* does not count, as far as one sees."""
        return not self.bound(at, [*extra[at], contain.other]).hopeless

    def bound(self, at: int, parts: list[Source]) -> Node:
        """Return the node of position *at* with *parts* to hold as well."""
        return self.node.document.node((*self.place(at).sources, *parts), self.hint)

    def counts(self, contain: Contain, value: Json) -> bool:
        """Whether *contain* counts *value*."""
        return self.node.document.node((contain.source,), self.hint).fits(value)

    def _room(
        self, source: Source, count: int, order: list[int], extra: dict[int, list[Source]], *, share: bool
    ) -> list[int]:
        """
        Return *count* positions that can hold *source*; such as have nothing special yet, if there are
        enough, or those that have, where they are to *share*: what two ask for may be one and the same value.
        """
        fitting = [at for at in order if not self.bound(at, [*extra[at], source]).hopeless] if count else []
        fitting.sort(key=lambda at: len(extra[at]), reverse=share)
        if len(fitting) < count:
            raise Ungeneratable(source.pointer, f"contains: no {count} items can be what it asks for")
        return fitting[:count]
