"""
Properties of objects: which there must be, and which schemas each of them has.

A property is bound by every schema at the place that speaks of its name:
`properties`, `patternProperties`, and `additionalProperties` or
`unevaluatedProperties` of those that do not know it (Core, 10.3.2 and 11.3).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.errors import Ungeneratable
from mockserver.exchange import Json
from mockserver.generation.holds import holds, matcher
from mockserver.generation.names import Hint, thing
from mockserver.generation.sources import Source

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node


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


class Properties:
    """
    What the schemas of one node say of the properties of its objects.

    Args:
        node: The node.
        late: Whether `unevaluatedProperties` are looked at.

    Attributes:
        node: Whose objects they are.
        declared: What `properties` say, by name.
        patterns: What `patternProperties` say: pattern, its test, schema.
        rests: What is said of all others.
        naming: What `propertyNames` say.
        required: Names that `required` lists.
        dependents: `dependentRequired`.
        least, most: How many there may be.
        must: Those that are always there.

    Raises:
        Ungeneratable: A required property cannot be, or the number of properties cannot be met.
    """

    def __init__(self, node: Node, *, late: bool = True) -> None:
        self.node = node
        self.late = late
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
        self.must = self.closure(list(self.required))
        for name in self.must:
            if (dead := self.impossible(name)) is not None:
                raise cannot_be(node, name, dead)
        if len(self.must) > self.most:
            raise Ungeneratable(
                node.pointer, f"{len(self.must)} properties are required and at most {self.most} allowed"
            )

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
        if self.late and "unevaluatedProperties" in schema and schema["unevaluatedProperties"] is not True:
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
        """Return all that is said of property *name*, and what is shown of it."""
        return (*self._shown(name), *self.bounds(name))

    def bounds(self, name: str) -> tuple[Source, ...]:
        """Return the schemas that property *name* is to hold to."""
        found = list(self.declared.get(name, ()))
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

    def impossible(self, name: str) -> Ungeneratable | str | None:
        """Return why property *name* cannot be there; None when it can, as far as one sees."""
        if not all(holds(source, name) for source in self.naming):
            return "propertyNames does not allow its name"
        try:
            self.part(name).open()
        except Ungeneratable as dead:
            return dead
        return None

    def closure(self, names: list[str]) -> list[str]:
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


def cannot_be(node: Node, name: str, why: Ungeneratable | str) -> Ungeneratable:
    """Say that property *name* of the objects of *node* must be there and cannot be."""
    if isinstance(why, str):
        return Ungeneratable(node.pointer, f"required property {name!r} cannot be: {why}")
    said = f"required property {name!r} cannot be: "
    return Ungeneratable(why.pointer, f"{said}{why.detail.removeprefix(said)}{_hint(node, name, why)}")


def _hint(node: Node, name: str, why: Ungeneratable) -> str:
    """Explain what many authors expect otherwise: an object is closed to what its own `allOf` brings in."""
    declared = any(name in (each.schema.get("properties") or {}) for each in node.flat)  # type: ignore[union-attr]
    if not declared or not why.pointer.endswith("/additionalProperties"):
        return ""
    return "; additionalProperties allows what stands beside it, and nothing that comes by allOf"


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
