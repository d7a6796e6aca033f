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

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import FormatError
from jsonschema.validators import extend

from mockserver.exchange import Json
from mockserver.validation.evaluated import evaluated_names

_EXACT = Context(prec=800)
"""Enough for the quotient of any two JSON numbers that Python reads."""

Search = Callable[[str], Callable[[str], bool]]
"""Gives the function that searches text for a pattern."""
FitsFormat = Callable[[str, Json], bool]


class _Checker(FormatChecker):
    """
    Our formats and patterns, the schema's definitions, and where to look.

    jsonschema makes a validator anew for each subschema; this is what of ours it carries along.

    Attributes:
        suspects: The ids of what may be wrong, and of all around it; None where everything may be.
        whole: The same without suspects.
    """

    def __init__(
        self,
        definitions: Mapping[str, Json],
        search: Search,
        fits_format: FitsFormat,
        suspects: Set[int] | None = None,
    ) -> None:
        super().__init__(formats=())
        self.definitions = definitions
        self.search = search
        self.fits_format = fits_format
        self.suspects = suspects
        self.whole = self if suspects is None else _Checker(definitions, search, fits_format)

    def check(self, instance: object, format: str) -> None:
        if not self.fits_format(format, instance):
            raise FormatError(f"{instance!r} is not a {format!r}")


_Errors = Iterator[ValidationError]


def _suspect(validator: Any, value: Json) -> bool:
    suspects = validator.format_checker.suspects
    return suspects is None or id(value) in suspects


def _whole(validator: Any) -> Any:
    """The validator for a question whose answer is no error: what does not fit a branch is not suspect."""
    checker = validator.format_checker
    return validator if checker.suspects is None else validator.evolve(format_checker=checker.whole)


def _wholly(keyword: str) -> Callable[..., _Errors]:
    """jsonschema's own *keyword*, looking everywhere."""
    original = Draft202012Validator.VALIDATORS[keyword]

    def check(validator: Any, value: Any, instance: Json, schema: Json) -> _Errors:
        yield from original(_whole(validator), value, instance, schema) or ()

    return check


def _properties(validator: Any, properties: Mapping[str, Json], instance: Json, _schema: Json) -> _Errors:
    if isinstance(instance, dict):
        for name, value in instance.items():
            if name in properties and _suspect(validator, value):
                yield from validator.descend(value, properties[name], path=name, schema_path=name)


def _items(validator: Any, items: Json, instance: Json, schema: Mapping[str, Any]) -> _Errors:
    if isinstance(instance, list):
        start = len(schema.get("prefixItems", ()))
        for index, value in enumerate(instance[start:], start):
            if items is False or _suspect(validator, value):
                yield from validator.descend(value, items, path=index)


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
                if _suspect(validator, value) and search(name):
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
        # Of a property that may not be, only the object around it is suspect.
        if name in declared or not (allowed is False or _suspect(validator, value)):
            continue
        if any(search(name) for search in searches):
            continue
        if allowed is False:
            yield ValidationError("not declared", path=[name], instance=value)
        else:
            yield from validator.descend(value, allowed, path=name)


def _unevaluated_properties(
    validator: Any, allowed: Json, instance: Json, schema: Mapping[str, Any]
) -> _Errors:
    """One error per property, as with `additionalProperties`."""
    if not isinstance(instance, dict) or allowed is True:
        return
    whole = _whole(validator)
    beside = {key: value for key, value in schema.items() if key != "unevaluatedProperties"}
    known = evaluated_names(whole, instance, beside)
    for name, value in instance.items():
        if name in known:
            continue
        if allowed is False:
            yield ValidationError("not evaluated", path=[name], instance=value)
        else:
            yield from whole.descend(value, allowed, path=name)


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
    whole = _whole(validator)
    for index, branch in enumerate(branches):
        errors = list(whole.descend(instance, branch, schema_path=index))
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
        "items": _items,
        "multipleOf": _multiple_of,
        "oneOf": _one_of,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "properties": _properties,
        "unevaluatedProperties": _unevaluated_properties,
        "uniqueItems": _unique_items,
        **{keyword: _wholly(keyword) for keyword in ("anyOf", "not", "if", "contains", "unevaluatedItems")},
    },
)


class Reasoning:
    """
    Finds every reason why a value does not fit a schema.

    Args:
        schema: JSON Schema 2020-12, self-contained.
        search: Gives the function that searches text for a pattern.
        fits_format: `values.fits_format`.
    """

    def __init__(self, schema: Json, search: Search, fits_format: FitsFormat) -> None:
        if isinstance(schema, dict):
            # jsonschema would go on with the class that is registered for the dialect, without our keywords.
            schema = {key: value for key, value in schema.items() if key != "$schema"}
        definitions = schema.get("$defs", {}) if isinstance(schema, dict) else {}
        self._checker = _Checker(definitions, search, fits_format)
        self._validator = _Reasoning(schema, format_checker=self._checker)

    def is_valid(self, value: Json) -> bool:
        """Whether *value* fits."""
        return bool(self._validator.is_valid(value))

    def errors(self, value: Json, paths: Iterable[Sequence[str | int]] | None = None) -> _Errors:
        """
        Return what is wrong with *value*.

        *paths* lead to all that is wrong, as the quick validator found it: nothing is looked at that does not
        lie on one of them. Of ten thousand items of which one is wrong, one is looked at.
        """
        suspects = _suspects(value, paths) if paths is not None else None
        if suspects is None:
            yield from self._validator.iter_errors(value)
            return
        one = self._checker
        checker = _Checker(one.definitions, one.search, one.fits_format, suspects)
        yield from self._validator.evolve(format_checker=checker).iter_errors(value)


def _suspects(value: Json, paths: Iterable[Sequence[str | int]]) -> Set[int] | None:
    """
    Return the ids of all that lies on *paths*, None where a path cannot be followed.

    jsonschema-rs makes paths from JSON Pointers: a name of digits becomes a number, an empty one is lost.
    """
    found = {id(value)}
    for path in paths:
        inner = value
        for step in path:
            key = str(step) if isinstance(inner, dict) else step
            if isinstance(inner, dict) and ("" in inner or key not in inner):
                return None
            inner = inner[key]
            found.add(id(inner))
        if isinstance(inner, dict) and "" in inner:
            return None
    return found
