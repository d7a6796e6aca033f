"""What changed in one value's own keywords: types, enums, limits, patterns, formats."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

from mockserver.contract.shapes import KINDS
from mockserver.exchange import MISSING, Json
from mockserver.verify.diff.flat import Flat, Limit, Site, same
from mockserver.verify.diff.flatten import limit_kind
from mockserver.verify.diff.languages import contains
from mockserver.verify.diff.rules import LIMITS

_KEYWORDS = {
    "min": "minimum",
    "max": "maximum",
    "min-length": "minLength",
    "max-length": "maxLength",
    "min-items": "minItems",
    "max-items": "maxItems",
    "min-properties": "minProperties",
    "max-properties": "maxProperties",
}

WIDER_FORMATS = {
    "int32": ("int64",),
    "float": ("double",),
    "uri": ("uri-reference", "iri", "iri-reference"),
    "iri": ("iri-reference",),
    "uri-reference": ("iri-reference",),
    "email": ("idn-email",),
    "hostname": ("idn-hostname",),
}
"""Format -> formats that take all of its values (JSON Schema 2020-12 Validation, 7.3; OpenAPI Formats)."""

HINTS = frozenset(("int64", "float", "double", "password", "html", "markdown", "commonmark"))
"""Formats that ask for nothing that a JSON value could break."""

HELD = frozenset(
    (
        *("date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname"),
        *("ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference", "uri-template", "uuid"),
        *("json-pointer", "relative-json-pointer", "regex", "int32", "byte", "binary"),
    )
)
"""Formats that have a meaning everywhere; any other's change is a warning."""

_SCALARS = frozenset(("string", "boolean", "integer", "number"))


@dataclass(frozen=True)
class Found:
    """
    A change of one value, wherever that value is used.

    `tokens` lead from the value to what has changed: a property's name.
    """

    aspect: str
    said: str
    old: Site
    new: Site
    tokens: tuple[str, ...] = ()


def values(old: Flat, new: Flat, text: bool) -> Iterator[Found]:
    """
    Yield what changed between *old* and *new*, their parts left aside.

    Args:
        text: Whether the value travels as text, where "5" is a string too.
    """
    if old.enum is None or new.enum is None or not _share(old.enum, new.enum):
        yield from _types(old, new, text)
    yield from _null(old, new)
    yield from _enums(old, new)
    if old.enum is None and new.enum is None:
        for name in LIMITS:
            yield from _limit(name, old, new)
        yield from _multiple(old, new)
        yield from _unique(old, new)
        if _both(old, new, "string"):
            yield from _patterns(old, new)
        if _both(old, new, "string") or _both(old, new, "integer"):
            yield from _formats(old, new)
    yield from _said(old, new)


def shown(value: Json) -> str:
    """Return *value* for a sentence."""
    return json.dumps(value, ensure_ascii=False)


def _both(old: Flat, new: Flat, kind: str) -> bool:
    return kind in old.meant and kind in new.meant


# ------------------------------------------------------------------------------------------------- types


def _types(old: Flat, new: Flat, text: bool) -> Iterator[Found]:
    before, after = _kinds(old, new, text), _kinds(new, old, text)
    gone, come = before - after, after - before
    if not gone and not come:
        return
    aspect = "type-changed" if gone and come else "type-narrowed" if gone else "type-widened"
    said = f"was {_listed(old.meant)} and is {_listed(new.meant)} now"
    yield Found(aspect, said, old.seat("type"), new.seat("type"))


def _kinds(flat: Flat, other: Flat, text: bool) -> frozenset[str]:
    """Return the kinds but null; text takes all that is written in it where *other* has no text."""
    kinds = flat.meant - {"null"} if flat.meant != KINDS else flat.meant
    plain = not (flat.enum or flat.patterns or flat.formats or flat.limits)
    spread = text and plain and "string" in kinds and "string" not in other.meant
    return kinds | _SCALARS if spread else kinds


def _listed(kinds: frozenset[str]) -> str:
    if kinds == KINDS:
        return "of any type"
    names = sorted(kinds - {"null"} - ({"integer"} if "number" in kinds else set()))
    return " or ".join(names) or ("null" if kinds else "nothing")


def _null(old: Flat, new: Flat) -> Iterator[Found]:
    if KINDS in (old.meant, new.meant) or not old.meant or not new.meant:
        return
    before, after = _nullable(old), _nullable(new)
    if before != after:
        seats = (old.seat("type"), new.seat("type"))
        if after:
            yield Found("became-nullable", "may be null now", *seats)
        else:
            yield Found("became-not-nullable", "may not be null any more", *seats)


def _nullable(flat: Flat) -> bool:
    return "null" in flat.meant and (flat.enum is None or None in flat.enum)


def _share(one: tuple[Json, ...], other: tuple[Json, ...]) -> bool:
    return any(same(left, right) for left in one for right in other)


def _enums(old: Flat, new: Flat) -> Iterator[Found]:
    before, after = _choices(old, new), _choices(new, old)
    seats = (_enum_seat(old), _enum_seat(new))
    if before is None and after is not None:
        yield Found("became-enum", f"must be one of {_several(after)} now", *seats)
    elif before is not None and after is None:
        yield Found("became-not-enum", f"is no longer one of {_several(before)} only", *seats)
    elif before is not None and after is not None:
        gone = [value for value in before if not _share((value,), after)]
        come = [value for value in after if not _share((value,), before)]
        if gone:
            yield Found("enum-value-removed", f"no longer allows {_several(gone)}", *seats)
        if come:
            yield Found("enum-value-added", f"may be {_several(come)} now", *seats)


def _choices(flat: Flat, beside: Flat) -> tuple[Json, ...] | None:
    """Return what may be chosen, null aside; None where the values are not listed."""
    if flat.enum is None:
        logical = beside.enum is not None and flat.meant - {"null"} == beside.meant - {"null"} == {"boolean"}
        return (True, False) if logical else None
    return tuple(value for value in flat.enum if value is not None)


def _enum_seat(flat: Flat) -> Site:
    return flat.seats.get("enum") or flat.seats.get("const") or flat.seat("type")


def _several(values: list[Json] | tuple[Json, ...]) -> str:
    named = [shown(value) for value in values[:8]]
    return ", ".join(named) + (f" and {len(values) - 8} more" if len(values) > 8 else "")


# ------------------------------------------------------------------------------------------------ limits


def _limit(name: str, old: Flat, new: Flat) -> Iterator[Found]:
    kind = limit_kind(name)
    if not _both(old, new, kind) and not (kind == "number" and _both(old, new, "integer")):
        return
    before, after = _bound(name, old), _bound(name, new)
    keyword = _KEYWORDS[name]
    seats = (_seat(old, name), _seat(new, name))
    if before is None and after is not None:
        yield Found(f"{name}-set", f"has a {keyword} of {_number(after)} now", *seats)
    elif before is not None and after is None:
        yield Found(f"{name}-removed", f"has no {keyword} any more (it was {_number(before)})", *seats)
    elif before is not None and after is not None and before != after:
        lower = name.startswith("min")
        grown = after > before if before[0] != after[0] else (after[1] > before[1]) == lower
        aspect = f"{name}-{'increased' if grown else 'decreased'}"
        yield Found(aspect, f"has a {keyword} of {_number(after)}, it was {_number(before)}", *seats)


def _bound(name: str, flat: Flat) -> tuple[float, bool] | None:
    """Return the limit; of whole numbers it is never exclusive."""
    limit = flat.limits.get(name)
    if limit is None:
        return None
    if limit_kind(name) == "number" and "number" not in flat.meant:
        return _whole(limit, 1 if name == "min" else -1), False
    return limit.value, limit.exclusive


def _whole(limit: Limit, step: int) -> float:
    value = math.ceil(limit.value) if step > 0 else math.floor(limit.value)
    return value + step if limit.exclusive and value == limit.value else value


def _number(bound: tuple[float, bool]) -> str:
    value, exclusive = bound
    said = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{said} (exclusive)" if exclusive else said


def _seat(flat: Flat, name: str) -> Site:
    limit = flat.limits.get(name)
    return limit.site if limit is not None else flat.site


def _multiple(old: Flat, new: Flat) -> Iterator[Found]:
    if not _both(old, new, "integer"):
        return
    before, after = _factor(old), _factor(new)
    if before == after:
        return
    seats = (old.seat("multipleOf"), new.seat("multipleOf"))
    if before is None or (after is not None and _divides(before, after)):
        said = f"must be a multiple of {after:g} now"
        yield Found("multiple-of-narrowed", said, *seats)
    elif after is None or _divides(after, before):
        yield Found("multiple-of-widened", f"need not be a multiple of {before:g} any more", *seats)
    else:
        yield Found("multiple-of-changed", f"must be a multiple of {after:g}, it was {before:g}", *seats)


def _factor(flat: Flat) -> float | None:
    factors = [factor for factor in flat.multiples if "number" in flat.meant or factor != 1]
    return max(factors) if factors else None


def _divides(one: float, other: float) -> bool:
    quotient = other / one
    return abs(quotient - round(quotient)) < 1e-9


def _unique(old: Flat, new: Flat) -> Iterator[Found]:
    if not _both(old, new, "array"):
        return
    before, after = (_true(flat, "uniqueItems") for flat in (old, new))
    seats = (old.seat("uniqueItems"), new.seat("uniqueItems"))
    if after and not before:
        yield Found("unique-items-set", "must not repeat an item now", *seats)
    elif before and not after:
        yield Found("unique-items-removed", "may repeat an item now", *seats)


def _true(flat: Flat, keyword: str) -> bool:
    site = flat.seats.get(keyword)
    return site is not None and site.said is True


# --------------------------------------------------------------------------------- patterns and formats


def _patterns(old: Flat, new: Flat) -> Iterator[Found]:
    before, after = tuple(old.patterns), tuple(new.patterns)
    if set(before) == set(after):
        return
    seats = (next(iter(old.patterns.values()), old.site), next(iter(new.patterns.values()), new.site))
    was, now = " and ".join(before), " and ".join(after)
    if not before:
        yield Found("pattern-added", f"must match {now} now", *seats)
        return
    if not after:
        yield Found("pattern-removed", f"need not match {was} any more", *seats)
        return
    narrower, wider = contains(before, after), contains(after, before)
    said = f"must match {now}, it was {was}"
    if narrower is None or wider is None:
        yield Found("pattern-rewritten", said, *seats)
    elif not (narrower and wider):
        aspect = "pattern-narrowed" if narrower else "pattern-widened" if wider else "pattern-changed"
        yield Found(aspect, said, *seats)


def _formats(old: Flat, new: Flat) -> Iterator[Found]:
    before, after = set(old.formats), set(new.formats)
    gone, come = before - after, after - before
    if not gone and not come:
        return
    seats = (old.seat("format"), new.seat("format"))
    was, now = ", ".join(sorted(before)), ", ".join(sorted(after))
    said = f"has the format {now} now" if not before else f"has the format {now}, it was {was}"
    if not after:
        said = f"has no format any more (it was {was})"
    yield Found(_format_aspect(gone, come), said, *seats)


def _format_aspect(gone: set[str], come: set[str]) -> str:
    if len(gone) == 1 and len(come) == 1:
        (one,), (other,) = gone, come
        if other in WIDER_FORMATS.get(one, ()):
            return "format-widened"
        if one in WIDER_FORMATS.get(other, ()):
            return "format-narrowed"
    gone, come = gone - HINTS, come - HINTS
    if not gone and not come:
        return "format-hint-changed"
    if (gone | come) - HELD:
        return "format-unknown-changed"
    if gone and come:
        return "format-changed"
    return "format-removed" if gone else "format-added"


# -------------------------------------------------------------------------------------------- what is said


def _said(old: Flat, new: Flat) -> Iterator[Found]:
    if not same(old.default, new.default):
        seats = (old.seat("default"), new.seat("default"))
        if old.default is MISSING:
            yield Found("default-added", f"has the default {shown(new.default)} now", *seats)
        elif new.default is MISSING:
            yield Found("default-removed", f"has no default any more (it was {shown(old.default)})", *seats)
        else:
            said = f"has the default {shown(new.default)}, it was {shown(old.default)}"
            yield Found("default-changed", said, *seats)
    before, after = _true(old, "deprecated"), _true(new, "deprecated")
    seats = (old.seat("deprecated"), new.seat("deprecated"))
    if after and not before:
        yield Found("became-deprecated", "is deprecated now", *seats)
    elif before and not after:
        yield Found("became-not-deprecated", "is no longer deprecated", *seats)
