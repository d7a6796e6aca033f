"""
Objects: which properties, and which schemas each of them has.

A property is bound by every schema at the place that speaks of its name:
`properties`, `patternProperties`, and `additionalProperties` or
`unevaluatedProperties` of those that do not know it (Core, 10.3.2 and 11.3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.errors import Ungeneratable
from mockserver.exchange import Json
from mockserver.generation.coherence import Agreement
from mockserver.generation.draw import Draw
from mockserver.generation.holds import holds, matcher
from mockserver.generation.names import Hint, thing
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


@dataclass(frozen=True, slots=True)
class Rest:
    """
    What a schema says of properties it does not name.

    Attributes:
        names: Those it names.
        patterns: Tests for those it names by pattern.
        source: What is to hold for all others.
    """

    names: frozenset[str]
    patterns: tuple[Callable[[str], bool], ...]
    source: Source

    def covers(self, name: str) -> bool:
        """Whether *name* is one of the others."""
        return name not in self.names and not any(matches(name) for matches in self.patterns)


class Objects:
    """
    The objects of one node.

    Attributes:
        node: What they are made for.
        must: Properties that are always there.
        lean: Properties of the smallest object that is made.
        rich: Properties of an object with everything in it.

    Raises:
        Ungeneratable: A required property cannot be, or the number of properties cannot be met.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self.declared: dict[str, list[Source]] = {}
        self.patterns: list[tuple[str, Callable[[str], bool], Source]] = []
        self.rests: list[Rest] = []
        self.naming: list[Source] = []
        self.required: dict[str, None] = {}
        self.dependents: dict[str, list[str]] = {}
        self.least, self.most = 0, math.inf
        for source in node.flat:
            self._read(source)
        self.parts: dict[str, Node] = {}
        self.owner = self._owner()
        if self.least > self.most:
            raise Ungeneratable(
                node.pointer, f"minProperties {self.least} is above maxProperties {self.most}"
            )
        self.must = self._closure(list(self.required))
        for name in self.must:
            if (dead := self._impossible(name)) is not None:
                raise Ungeneratable(node.pointer, f"required property {name!r} cannot be: {dead}")
        if len(self.must) > self.most:
            raise Ungeneratable(
                node.pointer, f"{len(self.must)} properties are required and at most {self.most} allowed"
            )
        self.lean = self._enough(list(self.must))
        self.rich = self._rich()
        self.agree = Agreement(node, self.rich, self.part)

    # ------------------------------------------------------------------ reading the schemas

    def _read(self, source: Source) -> None:
        schema = source.schema
        assert isinstance(schema, dict)
        for name, part in (schema.get("properties") or {}).items():
            self.declared.setdefault(name, []).append(source.child(part, f"properties/{name}"))
        for pattern, part in (schema.get("patternProperties") or {}).items():
            self.patterns.append(
                (pattern, matcher(pattern), source.child(part, f"patternProperties/{pattern}"))
            )
        if schema.get("additionalProperties", True) is not True:
            self.rests.append(_rest([source], source, "additionalProperties"))
        if "unevaluatedProperties" in schema and schema["unevaluatedProperties"] is not True:
            own = id(schema)
            kin = [each for each in self.node.flat if each is source or own in each.within]
            taken = [each for each in kin if each is not source and _takes_all(each)]
            if not taken and "additionalProperties" not in schema:
                self.rests.append(_rest(kin, source, "unevaluatedProperties"))
        if "propertyNames" in schema:
            self.naming.append(source.child(schema["propertyNames"], "propertyNames"))
        self.required.update(dict.fromkeys(schema.get("required") or ()))
        for name, others in (schema.get("dependentRequired") or {}).items():
            self.dependents.setdefault(name, []).extend(others)
        self.least = max(self.least, math.ceil(schema.get("minProperties", 0)))
        self.most = min(self.most, schema.get("maxProperties", math.inf))

    def _owner(self) -> str:
        """
        Return what the object is called: by its schema, its property or its title, whichever says something.
        """
        hint, title = self.node.hint, self.node.shape.notes.get("title")
        names = [source.name for source in reversed(self.node.flat) if source.name]
        names += [hint.name, title if isinstance(title, str) else "", hint.owner]
        return next((name for name in names if thing(name)), names[0])

    def sources(self, name: str) -> tuple[Source, ...]:
        """Return all that is said of property *name*."""
        found = [*self._shown(name), *self.declared.get(name, ())]
        found += [part for _, matches, part in self.patterns if matches(name)]
        found += [rest.source for rest in self.rests if rest.covers(name)]
        return tuple(found)

    def _shown(self, name: str) -> list[Source]:
        """Return what the document's samples of the whole object have for property *name*, as its samples."""
        values = [
            sample[name] for sample in self.node.shape.samples if isinstance(sample, dict) and name in sample
        ]
        values = [
            value for value in values if isinstance(value, (str, int, float)) and not isinstance(value, bool)
        ]
        if not values:
            return []
        part: Json = {"examples": values}
        return [Source(part, self.node.document.scope, self.node.pointer)]

    def part(self, name: str, hint: str | None = None) -> Node:
        """Return the node of property *name*."""
        node = self.parts.get(name)
        if node is None:
            node = self.parts[name] = self.node.document.node(self.sources(name), self._hint(name, hint))
        return node

    def _hint(self, name: str, hint: str | None) -> Hint:
        return Hint(name if hint is None else hint, self.owner)

    def _impossible(self, name: str) -> Ungeneratable | str | None:
        """Return why property *name* cannot be there; None when it can, as far as one sees."""
        if not all(holds(source, name) for source in self.naming):
            return "propertyNames does not allow its name"
        try:
            self.part(name).open()
        except Ungeneratable as dead:
            return dead
        return None

    def _closure(self, names: list[str]) -> list[str]:
        """Return *names* with all that they require besides, declared ones in their order."""
        found = dict.fromkeys(names)
        queue = list(names)
        while queue:
            for other in self.dependents.get(queue.pop(), ()):
                if other not in found:
                    found[other] = None
                    queue.append(other)
        if len(self.declared) < 2:
            return list(found)
        return [name for name in self.declared if name in found] + [
            name for name in found if name not in self.declared
        ]

    def _rich(self) -> list[str]:
        """Return the properties of an object with everything in it."""
        chosen = list(self.must)
        for name in self.declared:
            if name in chosen or len(chosen) >= self.most:
                continue
            wider = self._closure([*chosen, name])
            fresh = [each for each in wider if each not in chosen]
            if len(wider) > self.most or any(self._hidden(each) or self._impossible(each) for each in fresh):
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
            if name not in chosen and self._impossible(name) is None:
                wider = self._closure([*chosen, name])
                if len(wider) <= self.most and all(self._impossible(each) is None for each in wider):
                    chosen = wider
        fresh = self._fresh(chosen)
        while len(chosen) < self.least:
            extra = next(fresh, None)
            if extra is None:
                raise Ungeneratable(
                    self.node.pointer, f"minProperties {self.least}: no more names are possible"
                )
            chosen.append(extra)
        return self._closure(chosen)

    def _fresh(self, taken: list[str]) -> Iterator[str]:
        """Yield names of properties that are not declared and can be."""
        seen = {*taken, *self.declared}
        namers = self._namers()
        missed = 0
        for at in range(LONGEST):
            found = False
            for namer in namers:
                name = _name(namer, at)
                if name is not None and name not in seen and self._impossible(name) is None:
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
            out = {}
            if self.agree.fresh:
                keep = (ctx.who, ctx.where, ctx.born)
                ctx.settle()
            lean = ctx.lean or depth > AGAIN
            for name in self.lean if lean else self.rich:
                part = self.parts.get(name) or self.part(name)
                try:
                    out[name] = part.draw(ctx)
                except Ungeneratable:
                    if name in self.required:
                        raise
                    ctx.fail(node.pointer)
            if len(out) < len(self.lean):
                self._complete(out)
            if self.agree.rules:
                self.agree.see(out, ())
            return out
        finally:
            if self.agree.fresh:
                ctx.who, ctx.where, ctx.born = keep
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

    def _complete(self, out: dict[str, Json]) -> None:
        """Raise `Ungeneratable` where a property that was left out is missing."""
        if len(out) < self.least:
            raise Ungeneratable(
                self.node.pointer, f"minProperties {self.least}: only {len(out)} properties can be made"
            )
        for name in out:
            lacking = [other for other in self.dependents.get(name, ()) if other not in out]
            if lacking:
                raise Ungeneratable(self.node.pointer, f"dependentRequired: {name!r} needs {lacking[0]!r}")

    def _filled(self, ctx: Draw, name: str, value: Json) -> Json:
        if not isinstance(value, (dict, list)) or self._impossible(name) is not None:
            return value
        return self.part(name).fill(ctx, value)


def _name(namer: Node, at: int) -> str | None:
    """Return name number *at*; None when it cannot be made."""
    try:
        finite = namer.finite()
        if finite is not None:
            return str(finite[at]) if at < len(finite) else None
        return str(namer.draw(Draw(f"name{at}", 0.0, plain=at % 8 == 7)))
    except Ungeneratable:
        return None


def _takes_all(source: Source) -> bool:
    """Whether *source* counts all properties as evaluated."""
    schema = source.schema
    return isinstance(schema, dict) and (
        "additionalProperties" in schema or "unevaluatedProperties" in schema
    )


def _rest(kin: list[Source], source: Source, keyword: str) -> Rest:
    names: set[str] = set()
    patterns: list[Callable[[str], bool]] = []
    for each in kin:
        assert isinstance(each.schema, dict)
        names.update(each.schema.get("properties") or {})
        patterns += [matcher(pattern) for pattern in each.schema.get("patternProperties") or {}]
    assert isinstance(source.schema, dict)
    return Rest(frozenset(names), tuple(patterns), source.child(source.schema[keyword], keyword))
