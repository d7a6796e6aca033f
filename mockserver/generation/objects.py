"""
Objects: drawn with the properties they must have and may have.

What is said of each property stands in properties.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from mockserver.errors import Ungeneratable
from mockserver.exchange import Json
from mockserver.generation.coherence import Agreement
from mockserver.generation.draw import Draw, Make
from mockserver.generation.names import Hint
from mockserver.generation.properties import Properties
from mockserver.generation.sources import Source

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node

AGAIN = 1
"""How often a schema may lie inside itself before what is optional there is left out."""


LONGEST = 2_000
"""Names that are tried at most for properties that are not declared."""

ENTRIES = 2
"""Entries of a map whose keys nobody names."""

MISSED = 30
"""Names in a row that do not fit before no more are tried."""

NAME = Hint("key", "")
"""What names of properties are called, themselves."""


class Objects(Properties):
    """
    The objects of one node.

    Attributes:
        lean: Properties of the smallest object that is made.
        rich: Properties of an object with everything in it.

    Raises:
        Ungeneratable: A required property cannot be, or the number of properties cannot be met.
    """

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.lean = self._enough(list(self.must))
        self.rich = self._rich()
        self.agree = Agreement(node, self.rich, self.part, self.owner)

    @cached_property
    def _lean_makes(self) -> list[tuple[str, float, Make]]:
        return self._makes(self.lean)

    @cached_property
    def _rich_makes(self) -> list[tuple[str, float, Make]]:
        return self._makes(self.rich)

    def _makes(self, names: list[str]) -> list[tuple[str, float, Make]]:
        """Return of each property how often it is null, -1 where that is not asked here, and its maker."""
        found = []
        for name in names:
            part = self.part(name)
            with suppress(Ungeneratable):  # it is raised again when the property is drawn
                part.prepare()
            share, make = part.nullable or (-1.0, part.draw)
            found.append((name, share, _or_null(make) if part.nullable else make))
        return found

    def _rich(self) -> list[str]:
        """Return the properties of an object with everything in it."""
        chosen = list(self.must)
        for name in self.declared:
            if name in chosen or len(chosen) >= self.most:
                continue
            wider = self.closure([*chosen, name])
            fresh = [each for each in wider if each not in chosen]
            if len(wider) > self.most or any(self._hidden(each) or self.impossible(each) for each in fresh):
                continue
            chosen = wider
        chosen = self._enough(chosen)
        if not self.declared and self._is_map():
            keys = self._fresh(chosen)
            while len(chosen) < min(ENTRIES, self.most) and (key := next(keys, None)) is not None:
                chosen.append(key)
        return chosen

    def _is_map(self) -> bool:
        """
        Whether the object is one of entries: nothing but the schema of its values is said of its properties.
        """
        return bool(self.patterns) or any(isinstance(rest.source.schema, dict) for rest in self.rests)

    def _hidden(self, name: str) -> bool:
        """
        Whether property *name* does not travel this way (OpenAPI 3.1.1, Schema Object; Validation, 9.4).
        """
        node = self.part(name)
        return not node.dead and node.shape.notes.get(self.node.document.hidden) is True

    def _enough(self, names: list[str]) -> list[str]:
        """
        Return *names* with as many more as `minProperties` asks for: optional ones, then such as may be
        added.
        """
        chosen = list(names)
        for name in self.declared:
            if len(chosen) >= self.least:
                break
            if name not in chosen and self.impossible(name) is None:
                wider = self.closure([*chosen, name])
                if len(wider) <= self.most and all(self.impossible(each) is None for each in wider):
                    chosen = wider
        fresh = self._fresh(chosen)
        while len(chosen) < self.least:
            extra = next(fresh, None)
            if extra is None:
                raise Ungeneratable(
                    self.node.pointer, f"minProperties {self.least}: no more names are possible"
                )
            chosen.append(extra)
        return self.closure(chosen)

    def _fresh(self, taken: list[str]) -> Iterator[str]:
        """Yield names of properties that are not declared and can be."""
        seen = {*taken, *self.declared}
        namers = self._namers()
        missed = 0
        for at in range(LONGEST):
            found = False
            for namer in namers:
                name = _name(namer, at)
                if name is not None and name not in seen and self.impossible(name) is None:
                    seen.add(name)
                    found = True
                    yield name
            missed = 0 if found else missed + 1
            if missed > MISSED:
                return

    def _namers(self) -> list[Node]:
        """Return what makes names: one a pattern of `patternProperties`, and one for any other name."""
        document, scope = self.node.document, self.node.document.scope
        extra: list[Json] = [
            {"type": "string", "pattern": pattern}
            for pattern, _, part in self.patterns
            if part.schema is not False
        ]
        if not any(rest.source.schema is False for rest in self.rests):
            extra.append({"type": "string", "minLength": 1} if not self.naming else {"type": "string"})
        return [document.node((*self.naming, Source(each, scope, self.node.pointer)), NAME) for each in extra]

    # ------------------------------------------------------------------ drawing

    def draw(self, ctx: Draw) -> Json:
        """Return an object."""
        node, active = self.node, ctx.active
        ctx.enter(node.pointer)
        here = id(node)
        depth = active.get(here, 0)
        active[here] = depth + 1
        try:
            out: dict[str, Json] = {}
            if self.agree.fresh:
                keep = (ctx.who, ctx.where, ctx.born, ctx.serial, ctx.index)
                ctx.settle()
                if not ctx.first:
                    ctx.serial, ctx.index = 1 + ctx.who % 9_000, 0
            ctx.first = False
            lean, full, random = ctx.lean, ctx.full, ctx.random
            for name, share, make in self._lean_makes if lean or depth > AGAIN else self._rich_makes:
                # As `drawing.several` has it, which is not called for each of so many.
                if share >= 0 and ((full and (lean or ctx.left < 0)) or random() < share):
                    out[name] = None
                    continue
                try:
                    out[name] = make(ctx)
                except Ungeneratable:
                    if name in self.required:
                        raise
                    ctx.fail(node.pointer)
            if len(out) < len(self.lean):
                self._complete(ctx, out)
            if self.agree.rules:
                self.agree.see(out, ())
            return out
        finally:
            if self.agree.fresh:
                ctx.who, ctx.where, ctx.born, ctx.serial, ctx.index = keep
            active[here] = depth
            ctx.depth -= 1

    def fill(self, ctx: Draw, given: Json) -> Json:
        """Return the object *given* with what it lacks; what is no object stays as it is."""
        if not isinstance(given, dict):
            return given
        ctx.enter(self.node.pointer)
        try:
            names = self.lean if ctx.lean else self.rich
            out = {}
            for name in names:
                if name in given:
                    out[name] = self._filled(ctx, name, given[name])
                else:
                    out[name] = self.part(name).draw(ctx)
            for name, value in given.items():
                if name not in out:
                    out[name] = self._filled(ctx, name, value)
            self.agree.see(out, given)
            return out
        finally:
            ctx.depth -= 1

    def _complete(self, ctx: Draw, out: dict[str, Json]) -> None:
        """
        Add to *out* what `minProperties` asks for in place of properties that could not be made.

        Raises:
            Ungeneratable: There are too few; or one that was made needs another one, which was not.
        """
        if len(out) < self.least:
            tried = {*self.lean, *self.rich}
            others = (name for name in self.declared if name not in tried and self.impossible(name) is None)
            for name in chain(others, self._fresh([*tried])):
                with suppress(Ungeneratable):
                    out[name] = self.part(name).draw(ctx)
                if len(out) >= self.least:
                    break
                ctx.fail(self.node.pointer)
        if len(out) < self.least:
            raise Ungeneratable(
                self.node.pointer, f"minProperties {self.least}: only {len(out)} properties can be made"
            )
        for name in out:
            lacking = [other for other in self.dependents.get(name, ()) if other not in out]
            if lacking:
                raise Ungeneratable(self.node.pointer, f"dependentRequired: {name!r} needs {lacking[0]!r}")

    def _filled(self, ctx: Draw, name: str, value: Json) -> Json:
        if not isinstance(value, (dict, list)) or self.impossible(name) is not None:
            return value
        return self.part(name).fill(ctx, value)


def _or_null(make: Make) -> Make:
    """Return *make*, for a place where null is what remains when nothing else can be made."""

    def draw(ctx: Draw) -> Json:
        try:
            return make(ctx)
        except Ungeneratable:
            return None

    return draw


def _name(namer: Node, at: int) -> str | None:
    """Return name number *at*; None when it cannot be made."""
    try:
        finite = namer.finite()
        if finite is not None:
            return str(finite[at]) if at < len(finite) else None
        return str(namer.draw(Draw(f"name{at}", 0.0, plain=at % 8 == 7)))
    except Ungeneratable:
        return None
