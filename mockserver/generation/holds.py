"""
Does a value hold to a fragment of a schema?

The verdict on a *finished* document is not ours: the caller hands us `accepts`, a
compiled validator. But while a value is being put together we ask thousands of
times about fragments (does this also fit the other branch of a `oneOf`, does the
`if` apply, which of the `enum` survive), and compiling a validator for each
fragment, with all that it refers to, took megabytes and seconds on large
documents. So this reads schemas as they are: one function a keyword, nothing compiled.

benchmarks/json_schema_suite.py and a property test hold it against jsonschema. Formats are asserted, by
jsonschema-rs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from threading import local
from typing import Any, cast

import jsonschema_rs

from mockserver.exchange import Json
from mockserver.generation.sources import Schema, Source

EXCLUDED = "not enum"
"""A keyword of our own, made where a `not` is turned round: none of these values."""

UNLIKE = "not pattern"
"""As `EXCLUDED`: strings that match none of these patterns."""

LATE = frozenset(("unevaluatedItems", "unevaluatedProperties"))  # they look at what others have evaluated

UNEVEN = "not multipleOf"
"""As `EXCLUDED`: a multiple of none of these numbers."""


def identity(value: Json) -> Hashable:
    """
    Return something that is equal for values that JSON Schema calls equal: 1 is 1.0, and neither is true
    (Core, 4.2.2).
    """
    if isinstance(value, bool) or value is None:
        return (type(value).__name__, value)
    if isinstance(value, list):
        return ("array", tuple(identity(item) for item in value))
    if isinstance(value, dict):
        return ("object", frozenset((name, identity(item)) for name, item in value.items()))
    return cast(Hashable, value)


def is_type(value: Json, name: str) -> bool:
    """Whether *value* is of JSON Schema's type *name*; 1.0 is an integer (Validation, 6.1.1)."""
    if name == "integer":
        return not isinstance(value, bool) and (
            isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        )
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type_of(value) == name


def type_of(value: Json) -> str:
    """Return JSON Schema's name for the type of *value*; "number" for any number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "array"
    if isinstance(value, dict):
        return "object"
    return "number"


@lru_cache(maxsize=512)
def matcher(pattern: str) -> Callable[[str], bool]:
    """
    Return a test for the ECMA-262 *pattern*, found anywhere in a string (Validation, 6.3.3).

    It is jsonschema-rs's engine: linear where the pattern is regular, with a bounded number of steps where it
    is not, so
    that a hostile pattern costs no more than any other. A pattern that cannot be read matches everything.
    """
    options = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)
    try:
        validator = jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options)
    except (ValueError, jsonschema_rs.ValidationError):
        return lambda _text: True
    return cast("Callable[[str], bool]", validator.is_valid)


@lru_cache(maxsize=128)
def formatted(name: str) -> Callable[[Json], bool]:
    """Return a test for the format *name*; one that is not known holds for everything."""
    validator = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
    return cast("Callable[[Json], bool]", validator.is_valid)


def is_multiple(value: float, step: float) -> bool:
    """Whether *value* is a multiple of *step*, both read as the decimals that JSON writes for them."""
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    if not math.isfinite(value):
        return False
    return (Fraction(repr(value)) / Fraction(repr(step))).denominator == 1


@dataclass(slots=True)
class Marks:
    """What has been evaluated of one object or array (Core, 11)."""

    names: set[str] = field(default_factory=set)
    places: set[int] = field(default_factory=set)

    def add(self, other: Marks) -> None:
        """Take over what *other* has."""
        self.names |= other.names
        self.places |= other.places


def holds(source: Source, value: Json, marks: Marks | None = None) -> bool:
    """
    Return whether *value* is valid against *source*.

    Args:
        source: The schema, with the scope of its references.
        value: Any JSON value.
        marks: Is told what was evaluated, for an `unevaluated...` further out.
    """
    schema = source.schema
    if isinstance(schema, bool):
        return schema
    late = LATE & schema.keys()
    own = Marks() if late and isinstance(value, (dict, list)) else marks
    for keyword, argument in schema.items():
        check = CHECKS.get(keyword)
        if check is not None and not check(source, value, argument, own):
            return False
    for keyword in late:
        if own is not None and not _unevaluated(source, value, keyword, own):
            return False
    if marks is not None and own is not None and own is not marks:
        marks.add(own)
    return True


Check = Callable[[Source, Json, Any, "Marks | None"], bool]


def _branch(source: Source, value: Json, schema: Schema, path: str, marks: Marks | None) -> bool:
    """Try a branch: what it evaluates counts only when it holds."""
    tried = Marks() if marks is not None else None
    fits = holds(source.beside(schema, path), value, tried)
    if fits and marks is not None and tried is not None:
        marks.add(tried)
    return fits


class _Verdicts(local):
    """What is known during one outermost call: schema referred to, its scope and the value, by identity."""

    known: dict[tuple[int, int, int], bool] | None = None


_VERDICTS = _Verdicts()


def _reference(source: Source, value: Json, _reference: Any, marks: Marks | None) -> bool:
    """
    `$ref`, `$dynamicRef`. A part of a recursive union is asked the same by each branch: it is answered once.
    """
    if marks is not None or not isinstance(value, (dict, list)):
        return all(holds(target, value, marks) for target in source.references())
    outermost = _VERDICTS.known is None
    known = _VERDICTS.known = {} if _VERDICTS.known is None else _VERDICTS.known
    try:
        for target in source.references():
            key = (id(target.schema), id(target.scope), id(value))
            if key not in known:
                known[key] = holds(target, value)
            if not known[key]:
                return False
        return True
    finally:
        if outermost:
            _VERDICTS.known = None


def _all_of(source: Source, value: Json, members: Any, marks: Marks | None) -> bool:
    return all(_branch(source, value, member, "allOf", marks) for member in members)


def _any_of(source: Source, value: Json, members: Any, marks: Marks | None) -> bool:
    if marks is None:
        return any(_branch(source, value, member, "anyOf", None) for member in members)
    return sum(_branch(source, value, member, "anyOf", marks) for member in members) > 0


def _one_of(source: Source, value: Json, members: Any, marks: Marks | None) -> bool:
    if marks is None:
        fitting = (True for member in members if _branch(source, value, member, "oneOf", None))
        return next(fitting, False) and not next(fitting, False)
    return sum(_branch(source, value, member, "oneOf", marks) for member in members) == 1


def _not(source: Source, value: Json, schema: Any, _marks: Marks | None) -> bool:
    return not holds(source.beside(schema, "not"), value)


def _if(source: Source, value: Json, schema: Any, marks: Marks | None) -> bool:
    then = "then" if _branch(source, value, schema, "if", marks) else "else"
    whole = cast("dict[str, Json]", source.schema)
    return then not in whole or _branch(source, value, whole[then], then, marks)


def _dependent_schemas(source: Source, value: Json, schemas: Any, marks: Marks | None) -> bool:
    if not isinstance(value, dict):
        return True
    return all(
        name not in value or _branch(source, value, schema, f"dependentSchemas/{name}", marks)
        for name, schema in schemas.items()
    )


def _properties(source: Source, value: Json, schemas: Any, marks: Marks | None) -> bool:
    if not isinstance(value, dict):
        return True
    for name, schema in schemas.items():
        if name in value:
            if not holds(source.child(schema, f"properties/{name}"), value[name]):
                return False
            if marks is not None:
                marks.names.add(name)
    return True


def _pattern_properties(source: Source, value: Json, schemas: Any, marks: Marks | None) -> bool:
    if not isinstance(value, dict):
        return True
    for pattern, schema in schemas.items():
        matches = matcher(pattern)
        for name, item in value.items():
            if matches(name):
                if not holds(source.child(schema, f"patternProperties/{pattern}"), item):
                    return False
                if marks is not None:
                    marks.names.add(name)
    return True


def _additional_properties(source: Source, value: Json, schema: Any, marks: Marks | None) -> bool:
    if not isinstance(value, dict) or (schema is True and marks is None):
        return True
    whole = cast("dict[str, Json]", source.schema)
    known = whole.get("properties") or {}
    patterns = [matcher(pattern) for pattern in whole.get("patternProperties") or {}]
    child = source.child(schema, "additionalProperties")
    for name, item in value.items():
        if name in known or any(matches(name) for matches in patterns):
            continue
        if not holds(child, item):
            return False
        if marks is not None:
            marks.names.add(name)
    return True


def _prefix_items(source: Source, value: Json, schemas: Any, marks: Marks | None) -> bool:
    if not isinstance(value, list):
        return True
    for at, (item, schema) in enumerate(zip(value, schemas, strict=False)):
        if not holds(source.child(schema, f"prefixItems/{at}"), item):
            return False
        if marks is not None:
            marks.places.add(at)
    return True


def _items(source: Source, value: Json, schema: Any, marks: Marks | None) -> bool:
    if not isinstance(value, list) or isinstance(schema, list):
        return True
    start = len(cast("dict[str, Json]", source.schema).get("prefixItems") or ())
    child = source.child(schema, "items")
    if not all(holds(child, item) for item in value[start:]):
        return False
    if marks is not None:
        marks.places.update(range(len(value)))
    return True


def _contains(source: Source, value: Json, schema: Any, marks: Marks | None) -> bool:
    if not isinstance(value, list):
        return True
    whole = cast("dict[str, Json]", source.schema)
    child = source.child(schema, "contains")
    found = {at for at, item in enumerate(value) if holds(child, item)}
    if marks is not None:
        marks.places |= found
    return bool(whole.get("minContains", 1) <= len(found) <= whole.get("maxContains", len(found)))


def _unevaluated(source: Source, value: Json, keyword: str, marks: Marks) -> bool:
    whole = cast("dict[str, Json]", source.schema)
    child = source.child(whole[keyword], keyword)
    if keyword == "unevaluatedItems" and isinstance(value, list):
        if not all(holds(child, item) for at, item in enumerate(value) if at not in marks.places):
            return False
        marks.places.update(range(len(value)))
    if keyword == "unevaluatedProperties" and isinstance(value, dict):
        if not all(holds(child, item) for name, item in value.items() if name not in marks.names):
            return False
        marks.names.update(value)
    return True


def _for(kind: type | tuple[type, ...], test: Callable[[Any, Any], bool]) -> Check:
    """Return a check that looks at values of *kind* only; booleans are no numbers."""

    def check(_source: Source, value: Json, argument: Any, _marks: Marks | None) -> bool:
        return isinstance(value, bool) or not isinstance(value, kind) or test(value, argument)

    return check


def _any(test: Callable[[Any, Any], bool]) -> Check:
    def check(_source: Source, value: Json, argument: Any, _marks: Marks | None) -> bool:
        return test(value, argument)

    return check


def _listed(value: Json, values: Any) -> bool:
    return identity(value) in {identity(each) for each in values}


def _unique(items: Any, wanted: Any) -> bool:
    return not wanted or len({identity(item) for item in items}) == len(items)


def _typed(value: Json, names: Any) -> bool:
    return is_type(value, names) if isinstance(names, str) else any(is_type(value, name) for name in names)


def _dependents(value: Any, lists: Any) -> bool:
    return all(name not in value or all(each in value for each in names) for name, names in lists.items())


def _property_names(source: Source, value: Json, schema: Any, _marks: Marks | None) -> bool:
    child = source.child(schema, "propertyNames")
    return not isinstance(value, dict) or all(holds(child, name) for name in value)


NUMBER = (int, float)

CHECKS: dict[str, Check] = {
    "type": _any(_typed),
    "enum": _any(_listed),
    "const": _any(lambda value, constant: identity(value) == identity(constant)),
    EXCLUDED: _any(lambda value, values: not _listed(value, values)),
    "minimum": _for(NUMBER, lambda value, bound: value >= bound),
    "maximum": _for(NUMBER, lambda value, bound: value <= bound),
    "exclusiveMinimum": _for(NUMBER, lambda value, bound: value > bound),
    "exclusiveMaximum": _for(NUMBER, lambda value, bound: value < bound),
    "multipleOf": _for(NUMBER, is_multiple),
    UNEVEN: _for(NUMBER, lambda value, steps: not any(is_multiple(value, step) for step in steps)),
    "minLength": _for(str, lambda value, bound: len(value) >= bound),
    "maxLength": _for(str, lambda value, bound: len(value) <= bound),
    "pattern": _for(str, lambda value, pattern: matcher(pattern)(value)),
    UNLIKE: _for(str, lambda value, patterns: not any(matcher(pattern)(value) for pattern in patterns)),
    "format": _for(str, lambda value, name: not isinstance(name, str) or formatted(name)(value)),
    "minItems": _for(list, lambda value, bound: len(value) >= bound),
    "maxItems": _for(list, lambda value, bound: len(value) <= bound),
    "uniqueItems": _for(list, _unique),
    "prefixItems": _prefix_items,
    "items": _items,
    "contains": _contains,
    "minProperties": _for(dict, lambda value, bound: len(value) >= bound),
    "maxProperties": _for(dict, lambda value, bound: len(value) <= bound),
    "required": _for(dict, lambda value, names: all(name in value for name in names)),
    "dependentRequired": _for(dict, _dependents),
    "dependentSchemas": _dependent_schemas,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "$ref": _reference,
    "$dynamicRef": _reference,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
}
