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

from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json
from mockserver.generation.draw import Draw
from mockserver.generation.holds import identity
from mockserver.generation.names import Hint, singular
from mockserver.generation.sources import Source

if TYPE_CHECKING:
    from mockserver.generation.nodes import Fill, Make, Node

USUAL = 3
"""The most items where nothing says how many."""

TRIES = 30
"""Draws for an item that differs from those before it."""

LONGEST = 10_000
"""The most items that are made, whatever is asked for; `minItems` alone goes beyond."""


@dataclass(frozen=True, slots=True)
class Contain:
    """What `contains` asks for: items of *source*, at least *least* and at most *most* of them."""

    source: Source
    least: int
    most: int | None


def maker(node: Node) -> tuple[Make, Fill]:
    """
    Return closures that draw an array for *node*, and complete a given one.

    Raises:
        Ungeneratable: Lengths exclude each other, or too few places can be filled.
    """
    array = _Array(node)
    return array.draw, array.fill


class _Array:
    """The arrays of one node."""

    def __init__(self, node: Node) -> None:
        self.node = node
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
                self.contains.append(
                    Contain(source.child(schema["contains"], "contains"), math.ceil(least), most)
                )
        self.places: dict[int, Node] = {}
        self.variety: int | None = None
        self.hint = Hint(singular(node.hint.name), node.hint.owner)
        self._limit()

    def _limit(self) -> None:
        """Lower the bound to the places that can be filled, and to the distinct values there are."""
        for at in range(self.prefix + 1):
            if at >= self.most:
                break
            if self.place(at).dead:
                self.most = at
        wanted = sum(each.least for each in self.contains[:1])
        if max(self.least, wanted) > self.most:
            raise Ungeneratable(
                self.node.pointer,
                f"at least {max(self.least, wanted)} items are asked for and at most {self.most} can be",
            )
        if self.unique and not self.prefix and not self.contains and self.most:
            finite = self.place(0).finite()
            if finite is not None:
                self.variety = len({identity(value) for value in finite})
                if self.variety < self.least:
                    raise Ungeneratable(
                        self.node.pointer, f"uniqueItems: there are only {self.variety} distinct items"
                    )
                self.most = min(self.most, self.variety)

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
        if "unevaluatedItems" in schema and not self._evaluated(source, at):
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
        needed = max(self.least, sum(each.least for each in self.contains))
        if ctx.length is not None:
            wanted = ctx.length
        elif ctx.lean:
            wanted = self.least
        else:
            top = USUAL if ctx.depth < 3 else 2
            wanted = self.least + int(ctx.random() * top) + (self.least == 0)
            wanted = max(wanted, self.prefix)
        return (
            int(max(needed, min(wanted, self.most, max(LONGEST, self.least))))
            if self.most >= needed
            else int(self.most)
        )

    def draw(self, ctx: Draw) -> Json:
        ctx.enter(self.node.pointer)
        try:
            outer = ctx.length is not None or ctx.depth == 1
            count = self.length(ctx)
            ctx.length = None
            return self._items(ctx, count, outer)
        finally:
            ctx.depth -= 1

    def fill(self, ctx: Draw, given: Json) -> Json:
        ctx.enter(self.node.pointer)
        try:
            kept = [
                self.place(at).fill(ctx, item) if not self.place(at).dead else item
                for at, item in enumerate(given)
            ]
            while len(kept) < self.least:
                kept.append(self._another(ctx, len(kept), {identity(item) for item in kept}))
            return kept
        finally:
            ctx.depth -= 1

    def _items(self, ctx: Draw, count: int, outer: bool) -> list[Json]:
        special = self._special(count)
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
                node = special.get(at) or self.place(at)
                value = self._distinct(ctx, node, seen) if self.unique else node.draw(ctx)
                if value is MISSING:
                    if at >= self.least:
                        break
                    raise Ungeneratable(
                        self.node.pointer, f"uniqueItems: no {at + 1}. distinct item was found"
                    )
                items.append(value)
        except Ungeneratable:
            if len(items) < self.least or special:
                raise
            ctx.step(self.node.pointer)
        finally:
            ctx.random, ctx.left, ctx.serial, ctx.index, ctx.who, ctx.where, ctx.born = keep
        return items

    def _another(self, ctx: Draw, at: int, seen: set[object]) -> Json:
        value = self._distinct(ctx, self.place(at), seen) if self.unique else self.place(at).draw(ctx)
        if value is MISSING:
            raise Ungeneratable(self.node.pointer, f"uniqueItems: no {at + 1}. distinct item was found")
        return value

    def _distinct(self, ctx: Draw, node: Node, seen: set[object]) -> Json:
        """Return an item that is not in *seen*, and put it there; `MISSING` when none was found."""
        for _ in range(TRIES):
            value = node.draw(ctx)
            key = identity(value)
            if key not in seen:
                seen.add(key)
                return value
        finite = node.finite()
        left = [value for value in finite or [] if identity(value) not in seen]
        if not left:
            return MISSING
        value = ctx.pick(left)
        seen.add(identity(value))
        return value

    def _special(self, count: int) -> dict[int, Node]:
        """
        Return the positions that are to hold what `contains` asks for, or to avoid it.

        Items that fit of their own accord are counted too, so that no more are forced than needed.
        """
        if not self.contains:
            return {}
        extra: dict[int, list[Source]] = {}
        free = list(range(count))
        for each in self.contains:
            chosen = self._room(each.source, each.least, free)
            for at in chosen:
                extra.setdefault(at, []).append(each.source)
            if each.most is not None:
                unwanted = Source({"not": each.source.schema}, each.source.scope, each.source.pointer)
                for at in range(count):
                    if at not in chosen:
                        extra.setdefault(at, []).append(unwanted)
        document = self.node.document
        return {
            at: document.node((*self.place(at).sources, *parts), self.hint) for at, parts in extra.items()
        }

    def _room(self, source: Source, count: int, free: list[int]) -> list[int]:
        """Take *count* positions out of *free* that can hold *source*."""
        chosen: list[int] = []
        for at in list(free):
            if len(chosen) == count:
                break
            node = self.node.document.node((*self.place(at).sources, source), self.hint)
            if not node.dead:
                chosen.append(at)
                free.remove(at)
        if len(chosen) < count:
            raise Ungeneratable(source.pointer, f"contains: no {count} items can be what it asks for")
        return chosen
