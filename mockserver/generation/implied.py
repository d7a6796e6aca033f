"""
Does what some schemas ask for make sure of another one?

Where it does, that other one cannot be denied beside them. Branches of a `oneOf`
that were copied from each other differ in descriptions and in what they require:
told keyword by keyword, the one holds wherever the other does, and no search for
a value that tells them apart will end. "No" means only that it is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mockserver.errors import Ungeneratable
from mockserver.exchange import Json
from mockserver.generation.holds import CHECKS, identity
from mockserver.generation.sources import Source, flatten

DEPTH = 6
"""Schemas inside each other that are looked into."""

CONTEXT: dict[str, tuple[str, ...]] = {
    "additionalProperties": ("properties", "patternProperties"),
    "items": ("prefixItems",),
    "contains": ("minContains", "maxContains"),
    "if": ("then", "else"),
}
"""Keywords that mean something else beside other ones."""

OPEN = frozenset(("additionalProperties", "items", "patternProperties", "properties", "propertyNames"))
"""Keywords that ask for nothing where their argument is a schema that takes anything, or has no member."""


def implied(wanted: Source, flat: list[Source], depth: int = DEPTH) -> bool:
    """
    Return whether every value that holds to all of *flat* is seen to hold to *wanted*.

    Args:
        wanted: The schema that may follow.
        flat: Schemas of one place, flattened.
        depth: Schemas inside each other that may still be looked into.
    """
    schema = wanted.schema
    if isinstance(schema, bool):
        return schema
    if any(each.schema is schema and each.scope is wanted.scope for each in flat):
        return True
    if depth == 0 or "unevaluatedProperties" in schema or "unevaluatedItems" in schema:
        return False
    for keyword, argument in schema.items():
        if keyword not in CHECKS or (keyword in OPEN and (argument is True or argument == {})):
            continue
        look = LOOKS.get(keyword, _same)
        if not look(wanted, keyword, flat, depth):
            return False
    return True


def _said(flat: Iterable[Source], keyword: str) -> list[Any]:
    """Return what *flat* has for *keyword*."""
    return [each.schema[keyword] for each in flat if keyword in each.schema]  # type: ignore[operator,index]


def _argument(wanted: Source, keyword: str) -> Any:
    assert isinstance(wanted.schema, dict)
    return wanted.schema[keyword]


def _same(wanted: Source, keyword: str, flat: list[Source], _depth: int) -> bool:
    """Whether one of *flat* says the same, beside the same."""
    beside = (keyword, *CONTEXT.get(keyword, ()))
    schema = wanted.schema
    assert isinstance(schema, dict)
    return any(
        each.scope is wanted.scope and all(each.schema.get(name) == schema.get(name) for name in beside)  # type: ignore[union-attr]
        for each in flat
    )


def _references(wanted: Source, _keyword: str, flat: list[Source], depth: int) -> bool:
    return all(implied(target, flat, depth - 1) for target in wanted.references())


def _all_of(wanted: Source, keyword: str, flat: list[Source], depth: int) -> bool:
    members = _argument(wanted, keyword)
    return all(implied(wanted.beside(member, keyword), flat, depth - 1) for member in members)


def _any_of(wanted: Source, keyword: str, flat: list[Source], depth: int) -> bool:
    members = _argument(wanted, keyword)
    return any(implied(wanted.beside(member, keyword), flat, depth - 1) for member in members)


def _type(wanted: Source, keyword: str, flat: list[Source], _depth: int) -> bool:
    allowed = _names(_argument(wanted, keyword))
    return any(_names(names) <= allowed for names in _said(flat, keyword))


def _names(names: Json) -> set[str]:
    """Return the types in *names*, whole numbers told apart from others."""
    listed = {names} if isinstance(names, str) else set(names)
    return listed | {"integer"} if "number" in listed else listed


def _values(wanted: Source, keyword: str, flat: list[Source], _depth: int) -> bool:
    argument = _argument(wanted, keyword)
    allowed = {identity(value) for value in (argument if keyword == "enum" else [argument])}
    told = [*_said(flat, "enum"), *([value] for value in _said(flat, "const"))]
    return any({identity(value) for value in values} <= allowed for values in told)


def _required(wanted: Source, keyword: str, flat: list[Source], _depth: int) -> bool:
    there = {name for names in _said(flat, keyword) for name in names}
    return there.issuperset(_argument(wanted, keyword))


def _properties(wanted: Source, keyword: str, flat: list[Source], depth: int) -> bool:
    for name, part in _argument(wanted, keyword).items():
        declared = [
            each.child(each.schema[keyword][name], name)  # type: ignore[index]
            for each in flat
            if name in (each.schema.get(keyword) or {})  # type: ignore[union-attr]
        ]
        if not _follows(wanted.child(part, name), declared, depth):
            return False
    return True


def _items(wanted: Source, keyword: str, flat: list[Source], depth: int) -> bool:
    if _same(wanted, keyword, flat, depth):
        return True
    if "prefixItems" in wanted.schema:  # type: ignore[operator]
        return False
    every = [
        each.child(each.schema[keyword], keyword)  # type: ignore[index]
        for each in flat
        if keyword in each.schema and "prefixItems" not in each.schema  # type: ignore[operator]
    ]
    return _follows(wanted.child(_argument(wanted, keyword), keyword), every, depth)


def _follows(wanted: Source, parts: list[Source], depth: int) -> bool:
    try:
        return implied(wanted, flatten(tuple(parts)), depth - 1)
    except Ungeneratable:  # the part cannot be there, which breaks nothing
        return True


def _bound(tighter: Callable[[Any, Any], bool]) -> Look:
    def look(wanted: Source, keyword: str, flat: list[Source], _depth: int) -> bool:
        bound = _argument(wanted, keyword)
        return any(tighter(said, bound) for said in _said(flat, keyword))

    return look


Look = Callable[[Source, str, list[Source], int], bool]

_AT_LEAST = _bound(lambda said, bound: said >= bound)
_AT_MOST = _bound(lambda said, bound: said <= bound)

LOOKS: dict[str, Look] = {
    "$ref": _references,
    "allOf": _all_of,
    "anyOf": _any_of,
    "type": _type,
    "enum": _values,
    "const": _values,
    "required": _required,
    "properties": _properties,
    "items": _items,
    **dict.fromkeys(("minimum", "exclusiveMinimum"), _AT_LEAST),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), _AT_LEAST),
    **dict.fromkeys(("maximum", "exclusiveMaximum"), _AT_MOST),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), _AT_MOST),
}
"""How a keyword may follow from others; the rest follow from the same said again."""
