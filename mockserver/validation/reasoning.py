"""
jsonschema with our keywords: the validator that knows the reasons.

The only module that knows jsonschema, imported when the first value is refused:
a server that refuses nothing need not pay for it. Where its own keywords would
part it from jsonschema-rs, or cost the square of what was sent, ours stand in
their place; `values` says what is the same on both sides.

The messages of our errors are short on purpose: `reasons` words them, and the
repr of a megabyte is slow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import FormatError
from jsonschema.validators import extend

from mockserver.exchange import Json

_EXACT = Context(prec=800)
"""Enough for the quotient of any two JSON numbers that Python reads."""

Search = Callable[[str], Callable[[str], bool]]
"""Gives the function that searches text for a pattern."""
FitsFormat = Callable[[str, Json], bool]


class _Checker(FormatChecker):
    """
    Our formats and patterns, and the schema's definitions.

    jsonschema makes a validator anew for each subschema; this is what of ours it carries along.
    """

    def __init__(self, definitions: Mapping[str, Json], search: Search, fits_format: FitsFormat) -> None:
        super().__init__(formats=())
        self.definitions = definitions
        self.search = search
        self.fits_format = fits_format

    def check(self, instance: object, format: str) -> None:
        if not self.fits_format(format, instance):
            raise FormatError(f"{instance!r} is not a {format!r}")


_Errors = Iterator[ValidationError]


def _ref(validator: Any, ref: str, instance: Json, _schema: Json) -> _Errors:
    """Follow "#/$defs/NAME" by one look-up, and leave "$ref" in the path, for `Schemas.origin`."""
    name = ref[8:].replace("~1", "/").replace("~0", "~") if ref.startswith("#/$defs/") else ""
    target = validator.format_checker.definitions.get(name)
    if target is None:
        errors = validator._validate_reference(ref=ref, instance=instance)
    else:
        errors = validator.descend(instance, target)
    for error in errors:
        error.schema_path.appendleft("$ref")
        yield error


def _pattern(validator: Any, pattern: str, instance: Json, _schema: Json) -> _Errors:
    if isinstance(instance, str) and not validator.format_checker.search(pattern)(instance):
        yield ValidationError("no match")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Json], instance: Json, _schema: Json
) -> _Errors:
    if isinstance(instance, dict):
        for pattern, subschema in patterns.items():
            search = validator.format_checker.search(pattern)
            for name, value in instance.items():
                if search(name):
                    yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, allowed: Json, instance: Json, schema: Mapping[str, Any]
) -> _Errors:
    """One error per property, at the property: whoever reads it sees where."""
    if not isinstance(instance, dict) or allowed is True:
        return
    declared = schema.get("properties", {})
    searches = [validator.format_checker.search(pattern) for pattern in schema.get("patternProperties", {})]
    for name, value in instance.items():
        if name in declared or any(search(name) for search in searches):
            continue
        if allowed is False:
            yield ValidationError("not declared", path=[name], instance=value)
        else:
            yield from validator.descend(value, allowed, path=name)


def _multiple_of(_validator: Any, step: float, instance: Json, _schema: Json) -> _Errors:
    if not isinstance(instance, (int, float)) or isinstance(instance, bool):
        return
    try:
        rest = _EXACT.remainder(Decimal(repr(instance)), Decimal(repr(step)))
    except InvalidOperation:  # infinity, or a quotient beyond any precision
        rest = Decimal(1)
    if rest:
        yield ValidationError("no multiple")


def _unique_items(_validator: Any, wanted: bool, instance: Json, _schema: Json) -> _Errors:
    if not wanted or not isinstance(instance, list):
        return
    seen: dict[Any, int] = {}
    for index, item in enumerate(instance):
        first = seen.setdefault(_key(item), index)
        if first != index:
            yield ValidationError(f"/{first}", path=[index], instance=item)


def _key(value: Json) -> Any:
    """A hashable stand-in that is equal where JSON values are: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, bool) or value is None:
        return (value, "word")
    if isinstance(value, list):
        return ("array", *map(_key, value))
    if isinstance(value, dict):
        return frozenset((name, _key(item)) for name, item in value.items())
    return value


def _one_of(validator: Any, branches: list[Json], instance: Json, _schema: Json) -> _Errors:
    """Each branch is tried once (jsonschema tries each twice, at every level of a recursive schema)."""
    context: list[ValidationError] = []
    fitting: list[int] = []
    for index, branch in enumerate(branches):
        errors = list(validator.descend(instance, branch, schema_path=index))
        context.extend(errors)
        if not errors:
            fitting.append(index)
    if not fitting:
        yield ValidationError("none fits", context=context)
    elif len(fitting) > 1:
        yield ValidationError(" and ".join(f"/{index}" for index in fitting))


_Reasoning: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "$ref": _ref,
        "additionalProperties": _additional_properties,
        "multipleOf": _multiple_of,
        "oneOf": _one_of,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "uniqueItems": _unique_items,
    },
)


def reasoning(schema: Json, search: Search, fits_format: FitsFormat) -> Any:
    """
    Return a jsonschema validator of *schema*, by the functions that its quick sister uses too.

    *search* gives the function that searches text for a pattern, *fits_format* is `values.fits_format`.
    """
    definitions = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    return _Reasoning(schema, format_checker=_Checker(definitions, search, fits_format))
