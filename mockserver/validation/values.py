"""
Hold a value against its schema: a quick yes, and all the reasons for a no.

The only module that knows jsonschema and jsonschema_rs. The first takes some
hundred times as long as the second (10 ms for a list of 20, against 28 µs), but
says precisely what is wrong where. So jsonschema-rs is asked first, and
jsonschema only after its no. Where the two disagree jsonschema is right; a test
holds them together over a corpus, and what would divide them is taken away:

- one set of functions checks formats on both sides (`formats`, and the native
  ones of jsonschema-rs);
- patterns are searched by the engine of jsonschema-rs on both sides: in linear
  time where the expression allows it, with a limit where it does not;
- `multipleOf` is decimal on both: 19.99 is a multiple of 0.01, which jsonschema's
  binary division denies;
- `uniqueItems` tells items by keys, where jsonschema compares every pair.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import FormatError
from jsonschema.validators import extend

from mockserver.contract.model import Direction, Schema
from mockserver.exchange import Json, Place, Violation
from mockserver.validation import formats
from mockserver.validation.patterns import respelled
from mockserver.validation.quick import Quickened, Unquick
from mockserver.validation.reasons import explained, too_deep

MOST_VIOLATIONS = 100
"""Of one value: who breaks a thousand rules is not helped by the rest."""

_BACKTRACKS = 100_000
_LONGEST_FANCY = 16_384
"""Characters that an expression with lookarounds may be held against: it may cost the square of this."""
_EXACT = Context(prec=800)
"""Enough for the quotient of any two JSON numbers that Python reads."""


class UnknownPattern(ValueError):
    """An expression that is none (ECMA-262)."""


# ------------------------------------------------------------------------------------- patterns and formats


def _engine(pattern: str, options: Any) -> Callable[[Json], bool] | None:
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options).is_valid
    except (ValueError, jsonschema_rs.ValidationError):
        return None


def _of_text(is_valid: Callable[[Json], bool]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            return is_valid(text)
        except ValueError:  # a lone surrogate: no text at all
            return False

    return holds


def _no_longer_than(limit: int, search: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: len(text) <= limit and search(text)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> tuple[str | None, Callable[[str], bool]]:
    """The spelling with which jsonschema-rs can be trusted (None: with none), and the search itself."""
    for spelling in (pattern, respelled(pattern)):
        linear = _engine(spelling, jsonschema_rs.RegexOptions())
        if linear is not None:
            return spelling, _of_text(linear)
        fancy = _engine(spelling, jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACKS))
        if fancy is not None:
            return None, _no_longer_than(_LONGEST_FANCY, _of_text(fancy))
    raise UnknownPattern(f"{pattern!r} is not a regular expression (ECMA-262)")


def matcher(pattern: str) -> Callable[[str], bool]:
    """
    Return the function that searches text for *pattern* in linear or limited time.

    Beyond the limit it finds nothing.

    Raises:
        UnknownPattern: It is no regular expression.
    """
    return _compiled(pattern)[1]


def pattern_fault(pattern: str) -> str:
    """Return why *pattern* cannot be held against anything, "" when it can; for `check`."""
    try:
        matcher(pattern)
    except UnknownPattern as error:
        return str(error)
    return ""


def _search(pattern: str) -> Callable[[str], bool]:
    try:
        return matcher(pattern)
    except UnknownPattern:
        return lambda _: True  # `check` says it once; it must not refuse every request


def _spell(pattern: str) -> str | None:
    try:
        return _compiled(pattern)[0]
    except UnknownPattern:
        return None


@lru_cache(maxsize=64)
def _native(name: str) -> Callable[[str], bool]:
    return _of_text(jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid)


def fits_format(name: str, value: Json) -> bool:
    """Whether *value* is what the format *name* asks for. A name that nobody knows asks for nothing."""
    if isinstance(value, str):
        own = formats.STRINGS.get(name)
        if own is not None:
            return own(value)
        return name not in formats.NATIVE or _native(name)(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and name in formats.RANGES:
        return formats.in_range(name, value)
    return True


class _Checker(FormatChecker):
    """
    Our formats, and the schema's definitions.

    jsonschema makes a validator anew for each subschema; this is what of ours it carries along.
    """

    def __init__(self, definitions: Mapping[str, Json]) -> None:
        super().__init__(formats=())
        self.definitions = definitions

    def check(self, instance: object, format: str) -> None:
        if not fits_format(format, instance):
            raise FormatError(f"{instance!r} is not a {format!r}")


# ------------------------------------------------------------------------------------ jsonschema's keywords

# Their messages are short on purpose: `reasons` words them, and the repr of a megabyte is slow.
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


def _pattern(_validator: Any, pattern: str, instance: Json, _schema: Json) -> _Errors:
    if isinstance(instance, str) and not _search(pattern)(instance):
        yield ValidationError("no match")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Json], instance: Json, _schema: Json
) -> _Errors:
    if isinstance(instance, dict):
        for pattern, subschema in patterns.items():
            search = _search(pattern)
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
    searches = [_search(pattern) for pattern in schema.get("patternProperties", {})]
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


# ---------------------------------------------------------------------------------------------- validators


class RawValidator:
    """
    Holds values against a self-contained JSON Schema 2020-12 that stands in no contract.

    It is compiled when it is first used; the schema is not changed, and must not change.
    """

    def __init__(self, schema: Json) -> None:
        self._make: Callable[[], Json] = lambda: schema
        self._quick: Callable[[Json], bool] | None = None
        self._slow: Any = None

    @cached_property
    def schema(self) -> Json:
        """The JSON Schema."""
        return self._make()

    def is_valid(self, value: Json) -> bool:
        """Whether *value*, plain JSON, fits."""
        quick = self._quick
        if quick is None:
            quick = self._quick = self._compile()
        try:
            return quick(value)
        except ValueError:  # beyond jsonschema-rs: nested 255 deep, a lone surrogate
            return self._reasoned(value)

    def violations(self, value: Json, where: str = "body", prefix: str = "") -> list[Violation]:
        """
        Return every reason why *value* does not fit, at most `MOST_VIOLATIONS`; [] when it does fit.

        *where* is `Violation.where`; *prefix* stands before the JSON Pointers into *value*: "" for a body,
        otherwise the parameter's name.
        """
        try:
            errors = itertools.islice(self._explainer().iter_errors(value), MOST_VIOLATIONS)
            return explained(errors, where, prefix, self.place)[:MOST_VIOLATIONS]
        except RecursionError:
            return [too_deep(where, prefix, self.place(()))]

    def check(self, value: Json, where: str = "body", prefix: str = "") -> list[Violation]:
        """Return [] quickly when *value* fits, else every reason."""
        return [] if self.is_valid(value) else self.violations(value, where, prefix)

    def place(self, path: tuple[object, ...]) -> Place | None:  # noqa: ARG002
        """Return where in a contract the rule at *path* in the schema stands; here, in none."""
        return None

    def _reasoned(self, value: Json) -> bool:
        try:
            return bool(self._explainer().is_valid(value))
        except RecursionError:
            return False

    def _explainer(self) -> Any:
        if self._slow is None:
            definitions = self.schema.get("$defs", {}) if isinstance(self.schema, dict) else {}
            self._slow = _Reasoning(self.schema, format_checker=_Checker(definitions))
        return self._slow

    def _compile(self) -> Callable[[Json], bool]:
        try:
            quickened = Quickened(self.schema, _spell, _search)
            return jsonschema_rs.Draft202012Validator(
                quickened.schema, formats=quickened.functions or None, validate_formats=True, offline=True
            ).is_valid
        except (
            Unquick,
            ValueError,
            jsonschema_rs.ValidationError,
            jsonschema_rs.ReferencingError,
            RecursionError,
        ):
            return self._reasoned


class Validator(RawValidator):
    """Holds values that travel in one direction against a schema of a contract, and names its places."""

    def __init__(self, schema: Schema, direction: Direction) -> None:
        super().__init__(None)
        self._make = lambda: schema.json(direction)
        self._source = schema

    def place(self, path: tuple[object, ...]) -> Place | None:
        """Return where in the contract the rule at *path* in the schema stands."""
        return self._source.schemas.origin(self._source, path)
