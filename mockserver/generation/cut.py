"""
Cut what is answered to what its schema knows.

A row of a collection holds all there is to know; each answer shows its part. So
a property that a closed object (`additionalProperties: false`, or
`unevaluatedProperties: false`) does not name is left out, and so is, anywhere,
one whose name starts with "_": a behaviour's own bookkeeping. What is `writeOnly` is
for requests, and never answered (OpenAPI 3.1.1, Schema Object; Validation 9.4).

Compiled once per schema, when a value first comes to it. Where several branches could describe an object, the
one whose required properties and constants are met is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mockserver.exchange import Json

Cut = Callable[[Json], Json]


def compile_cut(schema: Json) -> Cut:
    """Return the function that cuts a value to *schema*, a self-contained JSON Schema 2020-12 document."""
    return _Cutter(schema).cut(schema)


def _hidden(value: Json) -> Json:
    """Leave out what starts with "_", at any depth."""
    if isinstance(value, dict):
        return {name: _hidden(child) for name, child in value.items() if not name.startswith("_")}
    if isinstance(value, list):
        return [_hidden(child) if type(child) is dict or type(child) is list else child for child in value]
    return value


class _Known:
    """What one schema, with all that it refers to, knows of an object and of a list."""

    __slots__ = (
        *("branches", "closed", "constants", "extra", "items", "names", "patterns", "prefix"),
        *("required", "types"),
    )

    def __init__(self) -> None:
        self.names: dict[str, list[Json]] = {}
        self.patterns: list[tuple[str, Json]] = []
        self.extra: list[Json] = []
        self.closed = False
        self.items: list[Json] = []
        self.prefix: list[Json] = []
        self.branches: list[list[Json]] = []
        self.required: list[str] = []
        self.constants: dict[str, list[Json]] = {}
        self.types: list[str] = []


class _Cutter:
    def __init__(self, root: Json) -> None:
        self.definitions: Mapping[str, Json] = root.get("$defs", {}) if isinstance(root, dict) else {}
        self.made: dict[tuple[int, ...], list[Cut]] = {}
        """Of each place the one function for it, which compiles itself when it is first called."""

    def resolve(self, ref: Any) -> Json:
        return (
            self.definitions.get(ref[8:], {}) if isinstance(ref, str) and ref.startswith("#/$defs/") else {}
        )

    def is_secret(self, schema: Json) -> bool:
        """Whether a property of *schema* is for requests only."""
        for _ in range(20):  # a reference may lead to a reference, but not for ever
            if not isinstance(schema, dict) or schema.get("writeOnly") is True:
                break
            schema = self.resolve(schema.get("$ref"))
        return isinstance(schema, dict) and schema.get("writeOnly") is True

    def gather(self, schema: Json, known: _Known, seen: tuple[int, ...] = ()) -> None:
        if not isinstance(schema, dict) or id(schema) in seen:
            return
        seen = (*seen, id(schema))
        if "$ref" in schema:
            self.gather(self.resolve(schema["$ref"]), known, seen)
        for name, child in (schema.get("properties") or {}).items():
            known.names.setdefault(name, []).append(child)
            if isinstance(child, dict):
                allowed = [child["const"]] if "const" in child else child.get("enum")
                if isinstance(allowed, list):
                    known.constants[name] = allowed
        if schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False:
            known.closed = True
        known.patterns += (schema.get("patternProperties") or {}).items()
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if isinstance(schema.get(keyword), dict):
                known.extra.append(schema[keyword])
        if isinstance(schema.get("items"), dict):
            known.items.append(schema["items"])
        known.prefix = known.prefix or list(schema.get("prefixItems") or ())
        known.required += schema.get("required") or []
        kind = schema.get("type")
        known.types += kind if isinstance(kind, list) else [kind] if isinstance(kind, str) else []
        for part in schema.get("allOf") or ():
            self.gather(part, known, seen)
        for keyword in ("oneOf", "anyOf"):
            if schema.get(keyword):
                known.branches.append(list(schema[keyword]))
        if "then" in schema or "else" in schema:
            ways: list[Json] = [schema.get("then"), schema.get("else"), {}]
            known.branches.append([way for way in ways if way is not None])

    def cut(self, schema: Json) -> Cut:
        """Return the function for *schema*, which may contain itself."""
        return self._joined([schema])

    def _joined(self, schemas: list[Json]) -> Cut:
        """Return the function for all of *schemas* at one place; they may come again inside themselves."""
        key = tuple(sorted(set(map(id, schemas))))
        made = self.made.get(key)
        if made is None:
            made = self.made[key] = []

            def first(value: Json) -> Json:
                made[0] = self._compile(schemas)
                return made[0](value)

            made.append(first)
        return lambda value: made[0](value)

    def _compile(self, schemas: list[Json]) -> Cut:
        known = _Known()
        for schema in schemas:
            self.gather(schema, known)
        if known.branches:
            return self._branching(known, schemas)
        secret = {name for name, found in known.names.items() if any(map(self.is_secret, found))}
        names = {name: self._joined(found) for name, found in known.names.items() if name not in secret}
        extra = self._joined(known.extra) if known.extra else _hidden
        items = self._joined(known.items) if known.items else _hidden
        prefix = [self.cut(child) for child in known.prefix]
        patterns = self._patterns(known)
        closed = known.closed
        if not (names or secret or patterns or known.extra or known.items or prefix or closed):
            return _hidden

        parts = tuple(names.items())

        def cut(value: Json) -> Json:
            if type(value) is dict:
                # in the schema's order: an answer reads like its document
                made: dict[str, Json] = {}
                for name, part in parts:
                    if name in value:
                        child = value[name]
                        kind = type(child)
                        made[name] = part(child) if kind is dict or kind is list else child
                if (patterns or not closed) and len(made) < len(value):
                    for name, child in value.items():
                        if name in names or name in secret:
                            continue
                        described = next((part for fits, part in patterns if fits(name)), None)
                        if described is not None:
                            made[name] = described(child)
                        elif not closed and not name.startswith("_"):
                            made[name] = extra(child)
                return made
            if type(value) is list:
                if not prefix:
                    return [items(c) if type(c) is dict or type(c) is list else c for c in value]
                return [(prefix[at] if at < len(prefix) else items)(child) for at, child in enumerate(value)]
            return value

        return cut

    def _patterns(self, known: _Known) -> list[tuple[Callable[[str], bool], Cut]]:
        if not known.patterns:
            return []
        from mockserver.generation.holds import matcher  # few contracts need it at a start

        return [(matcher(pattern), self.cut(child)) for pattern, child in known.patterns]

    def _branching(self, known: _Known, schemas: list[Json]) -> Cut:
        base = [_without_branches(schema) for schema in self._leaves(schemas)]
        ways: list[tuple[_Known, Callable[[], Cut]]] = []
        for branch in _combined(known.branches):
            described = _Known()
            for part in (*base, *branch):
                self.gather(part, described)
            ways.append((described, _once(partial(self._compile, [*base, *branch]))))

        def cut(value: Json) -> Json:
            kind = "object" if type(value) is dict else "array" if type(value) is list else ""
            if not kind:
                return value
            return max(ways, key=lambda way: _likeness(way[0], value, kind))[1]()(value)

        return cut

    def _leaves(self, schemas: list[Json]) -> list[Json]:
        """The schemas that stand together (references and allOf followed), each without that."""
        found: list[Json] = []
        todo = list(schemas)
        while todo and len(found) < 200:
            schema = todo.pop(0)
            if not isinstance(schema, dict):
                continue
            if "$ref" in schema:
                todo.append(self.resolve(schema["$ref"]))
            todo.extend(schema.get("allOf") or ())
            found.append({key: value for key, value in schema.items() if key not in ("$ref", "allOf")})
        return found


def _once(make: Callable[[], Cut]) -> Callable[[], Cut]:
    made: list[Cut] = []

    def get() -> Cut:
        if not made:
            made.append(make())
        return made[0]

    return get


def _without_branches(schema: Json) -> Json:
    return {
        key: value for key, value in schema.items() if key not in ("oneOf", "anyOf", "if", "then", "else")
    }


def _combined(groups: list[list[Json]]) -> list[list[Json]]:
    """One branch of every group, in all ways, but not more than 64 of them."""
    ways: list[list[Json]] = [[]]
    for group in groups:
        ways = [[*way, branch] for way in ways for branch in group][:64]
    return ways


def _likeness(known: _Known, value: Json, kind: str) -> tuple[int, int, int, int]:
    """How well a branch describes *value*: type, constants, required properties, how few would be cut."""
    if known.types and kind not in known.types:
        return (-1, 0, 0, 0)
    if kind == "array":
        return (0, 0, 0, 0)
    wrong = sum(name in value and value[name] not in allowed for name, allowed in known.constants.items())
    missing = sum(name not in value for name in known.required)
    closed = known.closed and not known.patterns
    unknown = sum(name not in known.names for name in value) if closed else 0
    return (0, -wrong, -missing, -unknown)
