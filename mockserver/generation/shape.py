"""
What all the schemas at one place say together about types, numbers and strings.

`merge` turns `allOf` (and `$ref` with siblings) into one set of bounds: the
highest minimum, the lowest maximum, every pattern. A contradiction shows here,
before anything is drawn. Objects and arrays are put together from the same
sources by objects.py and arrays.py, because their parts are schemas again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json
from mockserver.generation.holds import EXCLUDED, UNEVEN, UNLIKE, identity, type_of
from mockserver.generation.sources import Source
from mockserver.generation.wordlists import listed

TYPES = ("object", "array", "string", "number", "boolean", "null")

RANGES: dict[str, tuple[float, float]] = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "double-int": (-(2**53) + 1, 2**53 - 1),
    "float": (-3.4028234663852886e38, 3.4028234663852886e38),
}
"""Numeric formats of OpenAPI's format registry that narrow a range, inclusive."""

WHOLE = frozenset(name for name in RANGES if "int" in name)
"""Numeric formats whose values are whole."""

SPEAKING: dict[str, str] = {
    **dict.fromkeys(
        ("properties", "required", "additionalProperties", "patternProperties", "minProperties"), "object"
    ),
    **dict.fromkeys(("maxProperties", "propertyNames", "dependentRequired", "dependentSchemas"), "object"),
    **dict.fromkeys(("unevaluatedProperties", "discriminator"), "object"),
    **dict.fromkeys(("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"), "array"),
    **dict.fromkeys(("unevaluatedItems", "minContains", "maxContains"), "array"),
    **dict.fromkeys(
        ("pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType", UNLIKE), "string"
    ),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", UNEVEN), "number"
    ),
}
"""The type that a keyword is about: where `type` is missing, what its author had in mind."""


@dataclass(slots=True)
class Shape:
    """
    Bounds for one place.

    Attributes:
        types: Allowed types in the order in which to try them. Never "integer": see `whole`.
        whole: Whether numbers must be integers.
        values: What `const` and `enum` leave; None when neither is there.
        excluded: What `not` takes away, as identities.
        low, high: Bounds of numbers, as written; `low_open`, `high_open` when the bound itself is excluded.
        multiples, uneven: Numbers that a number must be, and must not be, a multiple of.
        shortest, longest: Code points of a string; `longest` is None for no bound.
        patterns, unlike: ECMA-262 patterns that a string must, and must not, match.
        formats: Of strings and numbers, in the order met.
        notes: Annotations, the nearest to the value winning: title, description, x-faker, example, default
            ...
    """

    types: tuple[str, ...] = ()
    whole: bool = False
    values: list[Json] | None = None
    excluded: set[Any] = field(default_factory=set)
    low: float | None = None
    low_open: bool = False
    high: float | None = None
    high_open: bool = False
    multiples: list[float] = field(default_factory=list)
    uneven: list[float] = field(default_factory=list)
    shortest: int = 0
    longest: int | None = None
    patterns: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    notes: dict[str, Json] = field(default_factory=dict)

    def raise_low(self, bound: float, *, open_: bool) -> None:
        """Take *bound* as a lower bound, if it says more than the one there is."""
        if self.low is None or bound > self.low or (bound == self.low and open_):
            self.low, self.low_open = bound, open_

    def lower_high(self, bound: float, *, open_: bool) -> None:
        """Take *bound* as an upper bound, if it says more than the one there is."""
        if self.high is None or bound < self.high or (bound == self.high and open_):
            self.high, self.high_open = bound, open_

    @property
    def bare(self) -> bool:
        """Whether strings are bound by nothing."""
        return not (
            self.shortest or self.longest is not None or self.patterns or self.unlike or self.excluded
        )

    @property
    def samples(self) -> list[Json]:
        """Values that the document shows for this place: `example`, `examples`, `default`; not checked."""
        found = []
        for name in ("example", "default"):
            if self.notes.get(name, MISSING) not in (MISSING, None):
                found.append(self.notes[name])
        several = self.notes.get("examples")
        if isinstance(several, list):
            found[:0] = several
        elif isinstance(several, dict):
            found[:0] = [
                each["value"] if isinstance(each, dict) and "value" in each else each
                for each in several.values()
            ]
        return found


Merge = Callable[[Shape, Any], None]


def _append(name: str) -> Merge:
    def merge_(shape: Shape, argument: Any) -> None:
        there = getattr(shape, name)
        there.extend(
            each for each in (argument if isinstance(argument, list) else [argument]) if each not in there
        )

    return merge_


def _shortest(shape: Shape, bound: Any) -> None:
    shape.shortest = max(shape.shortest, math.ceil(bound))


def _longest(shape: Shape, bound: Any) -> None:
    shape.longest = int(bound) if shape.longest is None else min(shape.longest, int(bound))


def _enum(shape: Shape, values: Any) -> None:
    listed = {identity(value) for value in values}
    if shape.values is None:
        there: dict[Any, Json] = {}
        for value in values:
            there.setdefault(identity(value), value)
        shape.values = list(there.values())
    else:
        shape.values = [value for value in shape.values if identity(value) in listed]


def _format(shape: Shape, name: Any) -> None:
    if isinstance(name, str) and name not in shape.formats:
        shape.formats.append(name)


def _exclude(shape: Shape, values: Any) -> None:
    shape.excluded.update(identity(value) for value in values)


MERGES: dict[str, Merge] = {
    "enum": _enum,
    "const": lambda shape, constant: _enum(shape, [constant]),
    EXCLUDED: _exclude,
    "minimum": lambda shape, bound: shape.raise_low(bound, open_=False),
    "exclusiveMinimum": lambda shape, bound: shape.raise_low(bound, open_=True),
    "maximum": lambda shape, bound: shape.lower_high(bound, open_=False),
    "exclusiveMaximum": lambda shape, bound: shape.lower_high(bound, open_=True),
    "multipleOf": _append("multiples"),
    UNEVEN: _append("uneven"),
    "minLength": _shortest,
    "maxLength": _longest,
    "pattern": _append("patterns"),
    UNLIKE: _append("unlike"),
    "format": _format,
}

NOTES = listed(
    """
    title description x-faker example examples default contentMediaType contentEncoding contentSchema
    readOnly writeOnly deprecated
    """
)
"""Keywords that say something without binding anything."""


def merge(flat: Iterable[Source]) -> Shape:
    """
    Return what the flattened schemas *flat* (see `sources.flatten`) say together.

    Raises:
        Ungeneratable: Types, bounds, lengths or enumerations exclude each other.
    """
    shape = Shape()
    allowed: set[str] | None = None
    spoken: dict[str, None] = {}
    where = ""
    for source in flat:
        schema = source.schema
        assert isinstance(schema, dict)
        where = source.pointer
        for keyword, argument in schema.items():
            if keyword == "type":
                names = {argument} if isinstance(argument, str) else set(argument)
                before = allowed
                allowed = names if allowed is None else _both(allowed, names)
                if not allowed:
                    detail = f"type {_listed(names)} and type {_listed(before or names)} leave no value"
                    raise Ungeneratable(where, detail)
                if isinstance(argument, list):
                    spoken.update(dict.fromkeys("number" if name == "integer" else name for name in argument))
            elif keyword in MERGES:
                MERGES[keyword](shape, argument)
                if keyword in SPEAKING:
                    spoken.setdefault(SPEAKING[keyword])
            elif keyword in NOTES:
                shape.notes[keyword] = argument
            elif keyword in SPEAKING:
                spoken.setdefault(SPEAKING[keyword])
    _order(shape, allowed, spoken)
    _check(shape, where)
    return shape


def _listed(names: set[str]) -> str:
    return " or ".join(sorted(names)) or "[]"


def _both(left: set[str], right: set[str]) -> set[str]:
    """Intersect two sets of types: an integer is a number."""
    both = left & right
    if ("integer" in left and "number" in right) or ("integer" in right and "number" in left):
        both.add("integer")
        if not ("number" in left and "number" in right):
            both.discard("number")
    return both


def _order(shape: Shape, allowed: set[str] | None, spoken: dict[str, None]) -> None:
    """
    Set the types of *shape*, the likeliest first: null last, and what the keywords speak of before the rest.
    """
    if allowed is not None:
        shape.whole = "integer" in allowed and "number" not in allowed
        allowed = {"number" if name == "integer" else name for name in allowed}
    if any(name in WHOLE for name in shape.formats):
        shape.whole = True
        if allowed is None:
            spoken.setdefault("number")
    if any(name in ("float", "double", "decimal") for name in shape.formats) and allowed is None:
        spoken.setdefault("number")
    elif shape.formats and allowed is None and "number" not in spoken:
        spoken.setdefault("string")
    shown = [type_of(sample) for sample in shape.samples if sample is not None]
    first = [*spoken, *shown, "string", *TYPES]
    rest = dict.fromkeys(name for name in first if name != "null" and (allowed is None or name in allowed))
    if allowed is None or "null" in allowed:
        rest["null"] = None
    shape.types = tuple(rest)
    for name in shape.formats:
        if name in RANGES and "number" in shape.types:
            low, high = RANGES[name]
            shape.raise_low(low, open_=False)
            shape.lower_high(high, open_=False)


def _check(shape: Shape, where: str) -> None:
    """Drop the types whose bounds exclude each other; `Ungeneratable` when none is left."""
    reason = "no type is left"
    if shape.low is not None and shape.high is not None:
        nothing = shape.low > shape.high or (shape.low == shape.high and (shape.low_open or shape.high_open))
        if nothing:
            reason = f"minimum {shape.low} and maximum {shape.high} leave no number"
            shape.types = tuple(name for name in shape.types if name != "number")
    if shape.longest is not None and shape.shortest > shape.longest:
        reason = f"minLength {shape.shortest} and maxLength {shape.longest} leave no string"
        shape.types = tuple(name for name in shape.types if name != "string")
    if shape.values is not None and not shape.values:
        reason = "enum and const leave no value"
        shape.types = ()
    if not shape.types:
        raise Ungeneratable(where, reason)
