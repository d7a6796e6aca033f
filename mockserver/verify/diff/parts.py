"""
What changed in the parts of a value: the properties of an object, the items of an array.

What becomes of a part's own value is not said here: each part is an `Edge` to another pair of schemas, so
that a schema that contains itself is compared once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mockserver.exchange import MISSING
from mockserver.verify.diff.alike import alike
from mockserver.verify.diff.flat import Flat, Sites
from mockserver.verify.diff.flatten import flatten
from mockserver.verify.diff.rules import Role
from mockserver.verify.diff.values import Found

ANY = "*"
"""Any item, or any name."""


@dataclass(frozen=True)
class Edge:
    """A part of both values: the token that leads there ("" for the same value), and its schemas."""

    token: str
    old: Sites | Flat
    new: Sites | Flat


def parts(old: Flat, new: Flat, role: Role) -> Iterator[Found | Edge]:
    """Yield what changed between the parts of *old* and *new*, and the parts that both have."""
    if "object" in old.meant and "object" in new.meant:
        for name in dict.fromkeys((*old.properties, *new.properties, *old.required, *new.required)):
            yield from _property(name, old, new, role)
        yield from _others(old, new)
        yield from _by_pattern(old, new)
    if "array" in old.meant and "array" in new.meant:
        for index in range(max(len(old.prefix), len(new.prefix))):
            yield Edge(str(index), _item(old, index), _item(new, index))
        if old.items or new.items:
            yield Edge(ANY, _item(old, None), _item(new, None))


def _item(flat: Flat, index: int | None) -> Sites:
    if index is not None and index < len(flat.prefix):
        return flat.prefix[index]
    return flat.items or (flat.site.anything,)


# ------------------------------------------------------------------------------------------- properties


def _property(name: str, old: Flat, new: Flat, role: Role) -> Iterator[Found | Edge]:
    before, after = _of(name, old), _of(name, new)
    hidden = "readOnly" if role == "taken" else "writeOnly"
    if before is None:
        assert after is not None
        if not _says(after, hidden):
            yield _added(name, after, old, new)
    elif after is None:
        if not _says(before, hidden):
            yield _removed(name, before, old, new, role)
    elif _says(before, hidden) and _says(after, hidden):
        return
    elif _says(after, hidden):
        asked = role == "given" and name in old.required
        aspect = "became-read-only" if role == "taken" else "became-write-only"
        said = (
            "is not to be sent any more (readOnly)"
            if role == "taken"
            else "is never answered now (writeOnly)"
        )
        yield Found(f"{aspect}-required" if asked else aspect, said, before[0], after[0], (name,))
    else:
        if _says(before, hidden):
            aspect = "became-not-read-only" if role == "taken" else "became-not-write-only"
            said = "may be sent now (no longer readOnly)"
            if role == "given":
                said = "may be answered now (no longer writeOnly)"
            yield Found(aspect, said, before[0], after[0], (name,))
        yield from _required(name, old, new, after)
        yield Edge(name, before, after)


def _of(name: str, flat: Flat) -> Sites | None:
    """Return what is said of the property *name*; None where it is not there."""
    sites = flat.properties.get(name)
    if sites is None and name in flat.required:
        return flat.extra or (flat.site.anything,)
    return sites


def _says(sites: Sites, keyword: str) -> bool:
    seat = flatten(sites).seats.get(keyword)
    return seat is not None and seat.said is True


def _required(name: str, old: Flat, new: Flat, after: Sites) -> Iterator[Found]:
    before, now = name in old.required, name in new.required
    if now and not before:
        seats = (old.seat("required"), new.required[name])
        yield Found("became-required", "is required now", *seats, (name,))
    elif before and not now:
        seats = (old.required[name], new.seat("required") if "required" in new.seats else after[0])
        yield Found("became-optional", "is optional now", *seats, (name,))


def _added(name: str, after: Sites, old: Flat, new: Flat) -> Found:
    around = old.seat("properties")
    if name not in new.required:
        return Found("added-optional", "is new", around, after[0], (name,))
    if flatten(after).default is not MISSING:
        said = "is new and required, with a default"
        return Found("added-required-with-default", said, around, after[0], (name,))
    return Found("added-required", "is new and required", around, after[0], (name,))


def _removed(name: str, before: Sites, old: Flat, new: Flat, role: Role) -> Found:
    if role == "taken" and new.closed:
        said = "was removed, and properties that are not named are refused"
        return Found("refused", said, before[0], new.closed, (name,))
    aspect = "removed-required" if name in old.required else "removed-optional"
    return Found(aspect, "was removed", before[0], new.seat("properties"), (name,))


# ------------------------------------------------------------------------------------- other properties


def _others(old: Flat, new: Flat) -> Iterator[Found | Edge]:
    """Yield what changed for properties that are not named."""
    seats = (old.seat("additionalProperties"), new.seat("additionalProperties"))
    typed_before, typed_after = _typed(old), _typed(new)
    if old.closed and not new.closed:
        yield Found("additional-properties-opened", "may have properties that are not named now", *seats)
    elif new.closed and not old.closed:
        aspect = "additional-properties-removed" if old.extra else "additional-properties-closed"
        yield Found(aspect, "may not have properties that are not named any more", *seats)
    elif typed_before and typed_after:
        yield Edge(ANY, old.extra, new.extra)
    elif typed_after:
        said = "has a schema for properties that are not named now"
        yield Found("additional-properties-typed", said, *seats)
    elif typed_before:
        said = "has no schema for properties that are not named any more"
        yield Found("additional-properties-untyped", said, *seats)


def _typed(flat: Flat) -> bool:
    return any(isinstance(site.node, dict) and len(site.node) > 0 for site in flat.extra)


def _by_pattern(old: Flat, new: Flat) -> Iterator[Found | Edge]:
    seats = (old.seat("patternProperties"), new.seat("patternProperties"))
    for pattern in dict.fromkeys((*old.named_by_pattern, *new.named_by_pattern)):
        before, after = old.named_by_pattern.get(pattern), new.named_by_pattern.get(pattern)
        if before and after:
            yield Edge(ANY, before, after)
        elif before:
            said = f"says nothing of properties named like {pattern} any more"
            yield Found("pattern-properties-removed", said, *seats)
        else:
            said = f"has a schema for properties named like {pattern} now"
            yield Found("pattern-properties-added", said, *seats)


# ------------------------------------------------------------------------------------------- conditions


def conditions(old: Flat, new: Flat) -> Iterator[Found]:
    """Yield what changed in keywords that are only compared as they are written (`not`, `if` ...)."""
    for keyword in dict.fromkeys((*old.opaque, *new.opaque)):
        before, after = old.opaque.get(keyword, ()), new.opaque.get(keyword, ())
        seats = (old.seat(keyword), new.seat(keyword))
        if not before:
            yield Found("condition-added", f"has a new condition ({keyword})", *seats)
        elif not after:
            yield Found("condition-removed", f"lost a condition ({keyword})", *seats)
        elif not alike(before, after):
            yield Found("condition-changed", f"has another condition ({keyword})", *seats)
