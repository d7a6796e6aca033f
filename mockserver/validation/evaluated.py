"""
Which properties of an object a schema has spoken of: what `unevaluatedProperties` asks.

JSON Schema 2020-12 Core, 11.3: a property is evaluated by the keywords beside
it and by every subschema that applies in place and is met. jsonschema works the
same out by itself, but with Python's `re`: it knows no ECMA-262 expressions, and
an evil one would hold it up for hours. And it tells all names in one error,
where each deserves its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.exchange import Json


def evaluated_names(validator: Any, instance: dict[str, Json], schema: Json) -> set[str]:
    """Return the names in *instance* that *schema* evaluates, beside its own `unevaluatedProperties`."""
    if not isinstance(schema, dict):
        return set()
    found = _beside(validator, instance, schema)
    for inner, there in _applied(validator, instance, schema):
        if isinstance(there, dict) and "unevaluatedProperties" in there:
            return set(instance)
        found |= evaluated_names(inner, instance, there)
    return found


def _beside(validator: Any, instance: dict[str, Json], schema: dict[str, Any]) -> set[str]:
    if "additionalProperties" in schema:
        return set(instance)
    declared = schema.get("properties", {})
    searches = [validator.format_checker.search(pattern) for pattern in schema.get("patternProperties", {})]
    return {name for name in instance if name in declared or any(search(name) for search in searches)}


def _applied(validator: Any, instance: dict[str, Json], schema: dict[str, Any]) -> Iterator[tuple[Any, Json]]:
    """The subschemas that apply in place and are met, each with what resolves its references."""
    for keyword in ("$ref", "$dynamicRef"):
        if keyword in schema:
            yield _followed(validator, schema[keyword])
    for branch in schema.get("allOf", ()):
        yield validator, branch
    for keyword in ("anyOf", "oneOf"):
        for branch in schema.get(keyword, ()):
            if _fits(validator, branch, instance):
                yield validator, branch
    for name, dependent in schema.get("dependentSchemas", {}).items():
        if name in instance:
            yield validator, dependent
    if "if" in schema:
        met = _fits(validator, schema["if"], instance)
        if met:
            yield validator, schema["if"]
        then = schema.get("then" if met else "else")
        if then is not None:
            yield validator, then


def _fits(validator: Any, schema: Json, instance: Json) -> bool:
    return next(iter(validator.descend(instance, schema)), None) is None


def _followed(validator: Any, reference: str) -> tuple[Any, Json]:
    name = reference[8:].replace("~1", "/").replace("~0", "~") if reference.startswith("#/$defs/") else ""
    target = validator.format_checker.definitions.get(name)
    if target is not None:
        return validator, target
    resolved = validator._resolver.lookup(reference)
    return validator.evolve(schema=resolved.contents, _resolver=resolved.resolver), resolved.contents
