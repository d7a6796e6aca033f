"""
Turn a `not` round: schemas, one of which holds wherever the negated one does not.

"not (a and b)" is "not a, or not b" (De Morgan), so each keyword gives
alternatives of its own. Where a keyword cannot be turned round, or not in all ways, the
last alternative is wider than what is meant, and the caller checks what comes out:
where nothing is left of that one either, nothing can break the keyword.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

from mockserver.exchange import Json
from mockserver.generation.holds import EXCLUDED, UNEVEN, UNLIKE, holds, matcher
from mockserver.generation.patterns import string_matching
from mockserver.generation.sources import Schema, Source

TYPES = ["string", "number", "object", "array", "boolean", "null"]

EXTRA = ("extra", "z", "Other", "x-1", "_", "a9", "b", "id")
"""Names for properties that nobody has named; of several forms, as there may be rules for names."""

TWICE: tuple[Json, ...] = ("again", 1, True, None, {}, [])
"""What may stand twice in an array."""

Negation = Callable[[Any, dict[str, Json]], "list[Schema]"]


def negations(source: Source, schema: Schema) -> tuple[list[Source], bool]:
    """
    Return alternatives to `{"not": schema}`, and whether each of them makes sure that *schema* does not hold.

    The simplest come first. No alternative at all: *schema* holds for everything.
    """
    inner = source.child(schema, "not")
    if isinstance(schema, bool):
        return ([], True) if schema else ([Source(True, source.scope, source.pointer)], True)
    found: list[Source] = []
    for keyword, argument in schema.items():
        negate = NEGATIONS.get(keyword)
        if negate is not None:
            found += [Source(each, inner.scope, inner.pointer) for each in negate(argument, schema)]
        if keyword == "propertyNames" and not _anything(argument):
            found += [Source(each, inner.scope, inner.pointer) for each in _property_names(inner, argument)]
    for target in inner.references():
        found.append(Source({"not": target.schema}, target.scope, target.pointer))
    left: list[Schema] = []
    for keyword, argument in schema.items():
        if _is_inexact(keyword, argument, schema) and WIDER[keyword] not in left:
            left.append(WIDER[keyword])
    found += [Source(each, source.scope, source.pointer) for each in left]
    return found, not left


def _anything(part: Any) -> bool:
    """Whether *part* is a schema that takes anything."""
    return part is True or part == {}


def _is_inexact(keyword: str, argument: Any, schema: dict[str, Json]) -> bool:
    """Whether what breaks *keyword* may be none of what is made to break it."""
    if keyword == "items":  # `contains` turns it round where it is for all items
        return bool(schema.get("prefixItems")) and not _anything(argument)
    if keyword == "uniqueItems":
        return argument is True
    return keyword in WIDER and not _anything(argument)


def _type(names: Any, _schema: dict[str, Json]) -> list[Schema]:
    listed = {names} if isinstance(names, str) else set(names)
    others = [name for name in TYPES if name not in listed]
    found: list[Schema] = [{"type": others}] if others else []
    if "integer" in listed and "number" not in listed:
        found = [{"type": [name for name in others if name != "number"]}, {"type": "number", UNEVEN: [1]}]
    return found


def _of(kind: str, keyword: str, shift: float = 0, floor: float | None = None) -> Negation:
    """Return the negation of a bound: the opposite *keyword*, on values of type *kind*."""

    def negate(bound: Any, _schema: dict[str, Json]) -> list[Schema]:
        moved = bound + shift
        return [] if floor is not None and moved < floor else [{"type": kind, keyword: moved}]

    return negate


def _required(names: Any, _schema: dict[str, Json]) -> list[Schema]:
    return [{"type": "object", "properties": {name: False}} for name in names]


def _properties(schemas: Any, _schema: dict[str, Json]) -> list[Schema]:
    return [
        {"type": "object", "required": [name], "properties": {name: {"not": part}}}
        for name, part in schemas.items()
        if not _anything(part)
    ]


def _pattern_properties(schemas: Any, _schema: dict[str, Json]) -> list[Schema]:
    found: list[Schema] = []
    for pattern, part in schemas.items():
        name = string_matching(pattern, "negation")
        found.append({"type": "object", "required": [name], "properties": {name: {"not": part}}})
    return found


def _additional_properties(part: Any, schema: dict[str, Json]) -> list[Schema]:
    if _anything(part):
        return []
    patterns = [matcher(pattern) for pattern in schema.get("patternProperties") or {}]
    known = schema.get("properties") or {}
    fresh = [name for name in EXTRA if name not in known and not any(matches(name) for matches in patterns)]
    return [{"type": "object", "required": [name], "properties": {name: {"not": part}}} for name in fresh]


def _property_names(inner: Source, part: Any) -> list[Schema]:
    """Return objects with a name that `propertyNames` does not allow: some that are tried out."""
    longest = part.get("maxLength", 0) if isinstance(part, dict) else 0
    tried = [*EXTRA, "", "name", "A B", "é", "0", "z" * (int(longest) + 1)]
    assert isinstance(inner.schema, dict)
    tried += inner.schema.get("properties") or {}
    child = inner.child(part, "propertyNames")
    return [{"type": "object", "required": [name]} for name in tried if not holds(child, name)]


def _prefix_items(schemas: Any, _schema: dict[str, Json]) -> list[Schema]:
    return [
        {"type": "array", "minItems": at + 1, "prefixItems": [*([True] * at), {"not": part}]}
        for at, part in enumerate(schemas)
        if not _anything(part)
    ]


def _items(part: Any, schema: dict[str, Json]) -> list[Schema]:
    start = len(schema.get("prefixItems") or ())
    if _anything(part):
        return []
    found: list[Schema] = [
        {"type": "array", "minItems": at + 1, "prefixItems": [*([True] * at), {"not": part}]}
        for at in (start, start + 1)
    ]
    return found if start else [*found[:1], {"type": "array", "contains": {"not": part}}]


def _unique_items(wanted: Any, _schema: dict[str, Json]) -> list[Schema]:
    if not wanted:
        return []
    return [{"type": "array", "minItems": 2, "prefixItems": [{"const": each}] * 2} for each in TWICE]


def _contains(part: Any, schema: dict[str, Json]) -> list[Schema]:
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    found: list[Schema] = []
    if least > 0:
        found.append({"type": "array", "contains": part, "minContains": 0, "maxContains": least - 1})
    if most is not None:
        found.append({"type": "array", "contains": part, "minContains": most + 1})
    return found


def _dependent_required(lists: Any, _schema: dict[str, Json]) -> list[Schema]:
    return [
        {"type": "object", "required": [name], "properties": {other: False}}
        for name, others in lists.items()
        for other in others
        if other != name
    ]


def _dependent_schemas(schemas: Any, _schema: dict[str, Json]) -> list[Schema]:
    return [{"type": "object", "required": [name], "not": part} for name, part in schemas.items()]


def _one_of(members: Any, _schema: dict[str, Json]) -> list[Schema]:
    none: Schema = {"allOf": [{"not": member} for member in members]}
    return [none, *({"allOf": [left, right]} for left, right in combinations(members, 2))]


def _if(schema: Any, whole: dict[str, Json]) -> list[Schema]:
    found: list[Schema] = []
    if "then" in whole:
        found.append({"allOf": [schema, {"not": whole["then"]}]})
    if "else" in whole:
        found.append({"allOf": [{"not": schema}, {"not": whole["else"]}]})
    return found


def _unevaluated_properties(part: Any, schema: dict[str, Json]) -> list[Schema]:
    return _additional_properties(part, schema)


def _unevaluated_items(part: Any, schema: dict[str, Json]) -> list[Schema]:
    return _items(part, schema)


NEGATIONS: dict[str, Negation] = {
    "unevaluatedProperties": _unevaluated_properties,
    "unevaluatedItems": _unevaluated_items,
    "const": lambda constant, _: [{EXCLUDED: [constant]}],
    "enum": lambda values, _: [{EXCLUDED: values}],
    "type": _type,
    "required": _required,
    "pattern": lambda pattern, _: [{"type": "string", UNLIKE: [pattern]}],
    "minimum": _of("number", "exclusiveMaximum"),
    "maximum": _of("number", "exclusiveMinimum"),
    "exclusiveMinimum": _of("number", "maximum"),
    "exclusiveMaximum": _of("number", "minimum"),
    "multipleOf": lambda step, _: [{"type": "number", UNEVEN: [step]}],
    "minLength": _of("string", "maxLength", -1, 0),
    "maxLength": _of("string", "minLength", 1),
    "minItems": _of("array", "maxItems", -1, 0),
    "maxItems": _of("array", "minItems", 1),
    "minProperties": _of("object", "maxProperties", -1, 0),
    "maxProperties": _of("object", "minProperties", 1),
    "dependentRequired": _dependent_required,
    "dependentSchemas": _dependent_schemas,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "prefixItems": _prefix_items,
    "items": _items,
    "uniqueItems": _unique_items,
    "contains": _contains,
    "not": lambda schema, _: [schema],
    "allOf": lambda members, _: [{"not": member} for member in members],
    "anyOf": lambda members, _: [{"allOf": [{"not": member} for member in members]}],
    "oneOf": _one_of,
    "if": _if,
}

WIDER: dict[str, Schema] = {
    "format": {"type": "string"},
    "uniqueItems": {"type": "array", "minItems": 2},
    "items": {"type": "array", "minItems": 2},
    "propertyNames": {"type": "object", "minProperties": 1},
    "patternProperties": {"type": "object", "minProperties": 1},
    "additionalProperties": {"type": "object", "minProperties": 1},
    "unevaluatedProperties": {"type": "object", "minProperties": 1},
    "unevaluatedItems": {"type": "array", "minItems": 1},
    "$dynamicRef": True,
}
"""
Keywords that are turned round in some ways or in none: what holds for all that breaks them.

It is the last alternative, so that where nothing is left of it, nothing breaks the keyword.
"""
