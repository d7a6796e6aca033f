"""
The keywords of schemas: which hold schemas, and what the others must hold.

Tables, not code: `translate` goes through a schema with them. The words are JSON
Schema 2020-12's, with those of OpenAPI and of authors that are not in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from mockserver.exchange import Json

BESIDE = frozenset(("not", "if", "then", "else"))
"""Keywords whose value is a schema that applies to the same value."""

WITHIN = frozenset(
    (
        *("additionalProperties", "propertyNames", "unevaluatedProperties"),
        *("contains", "unevaluatedItems", "contentSchema"),
    )
)
"""Keywords whose value is a schema that applies to a part of the value."""

SEVERAL = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
NAMED = frozenset(("properties", "patternProperties", "dependentSchemas"))
NOT_OURS = frozenset(
    (
        *("nullable", "x-nullable", "externalDocs", "$schema", "$vocabulary", "$comment"),
        *("definitions", "$defs", "additionalItems", "dependencies"),
        *("$ref", "$dynamicRef", "$recursiveRef"),
        *("$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"),
    )
)
"""Keywords that are translated on their own, or mean nothing to a validator."""

TYPES = frozenset(("null", "boolean", "object", "array", "number", "string", "integer"))
_MEANT = {
    **dict.fromkeys(("int", "int32", "int64", "long", "short", "byte"), "integer"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    **dict.fromkeys(("bool",), "boolean"),
    **dict.fromkeys(("str", "text", "date", "datetime", "date-time", "uuid", "password"), "string"),
    **dict.fromkeys(("dict", "map", "hash"), "object"),
    **dict.fromkeys(("list",), "array"),
}
"""Words that authors write in place of a type."""

_COUNTED = ("Length", "Items", "Properties", "Contains")

SHARED = frozenset(
    (
        *("type", "format", "enum", "default", "description", "example", "x-nullable"),
        *("items", "collectionFormat", "minItems", "maxItems", "uniqueItems"),
        *("minLength", "maxLength", "pattern"),
        *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    )
)
"""What a parameter of Swagger 2.0 shares with a schema (Parameter Object, Items Object)."""


def is_count(value: Json) -> bool:
    """Whether *value* is a whole number that is not negative."""
    return is_number(value) and value >= 0 and value == int(value)


def is_number(value: Json) -> bool:
    """Whether *value* is a number; infinity is none in JSON."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_names(value: Json) -> bool:
    """Whether *value* is a list of names."""
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def is_text(value: Json) -> bool:
    """Whether *value* is text."""
    return isinstance(value, str)


def is_flag(value: Json) -> bool:
    """Whether *value* is true or false."""
    return isinstance(value, bool)


FIT: dict[str, Callable[[Json], bool]] = {
    **{f"{bound}{of}": is_count for bound in ("min", "max") for of in _COUNTED},
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), is_number),
    "multipleOf": lambda value: is_number(value) and value > 0,
    "required": is_names,
    "enum": lambda value: isinstance(value, list) and len(value) > 0,
    **dict.fromkeys(("pattern", "format", "contentEncoding", "contentMediaType"), is_text),
    **dict.fromkeys(("title", "description"), is_text),
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), is_flag),
    "examples": lambda value: isinstance(value, list),
    "dependentRequired": lambda value: isinstance(value, dict) and all(map(is_names, value.values())),
    **dict.fromkeys(SEVERAL, lambda value: isinstance(value, list) and len(value) > 0),
    **dict.fromkeys(NAMED, lambda value: isinstance(value, dict)),
}


def meant(name: str) -> str:
    """Return the type that was meant by *name*, "" for none."""
    lower = name.strip().lower()
    return lower if lower in TYPES else _MEANT.get(lower, "")
