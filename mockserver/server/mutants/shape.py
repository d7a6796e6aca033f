"""
Answers that do not have the shape that was promised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.exchange import MISSING, Json, Response
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import (
    Leaf,
    answered,
    found,
    leaves,
    operations,
)
from mockserver.server.mutants.call import Call, said, saying, succeeded
from mockserver.server.mutants.kinds import Act, Kind, Spot

Wrong = Callable[[Json, Leaf], Json]
"""Makes a good value wrong; `MISSING`: to be left out, the value itself: nothing to be done here."""


def _spots(fits: Callable[[Leaf], bool]) -> Callable[[Api], Iterator[Spot]]:
    """Return what yields the properties of good answers that fit; those that are always there, if any."""

    def spots(api: Api) -> Iterator[Spot]:
        for operation in operations(api):
            shape = answered(operation)
            every = [leaf for leaf in leaves(shape) if fits(leaf)] if shape is not None else []
            yield from (Spot(operation.id, leaf.pointer) for leaf in _best(every))

    return spots


def _best(every: list[Leaf]) -> list[Leaf]:
    for better in (
        [leaf for leaf in every if leaf.surely and not leaf.listed],
        [leaf for leaf in every if leaf.surely],
    ):
        if better:
            return better
    return every


def leaf_at(api: Api, spot: Spot) -> Leaf:
    """Return the property of the good answer that *spot* is about."""
    shape = answered(api.contract.operations[spot.operation])
    assert shape is not None
    return next(leaf for leaf in leaves(shape) if leaf.pointer == spot.at)


def at_leaf(wrong: Wrong) -> Callable[[Api, Spot], Act]:
    """Return what plants a wrong value of one property in good answers."""

    def plant(api: Api, spot: Spot) -> Act:
        leaf = leaf_at(api, spot)

        def act(call: Call) -> Response:
            response = call.proceed()
            if call.operation != spot.operation or not succeeded(response):
                return response
            value = said(response)
            if value is MISSING:
                return response
            for holder, key in list(found(value, leaf.path)):
                made = wrong(holder[key], leaf)
                if made is MISSING:
                    del holder[key]
                else:
                    holder[key] = made
            return saying(response, value)

        return act

    return plant


def on_success(change: Callable[[Response, Call], Response]) -> Callable[[Api, Spot], Act]:
    """Return what plants a change of good answers."""

    def plant(api: Api, spot: Spot) -> Act:
        del api

        def act(call: Call) -> Response:
            response = call.proceed()
            good_one = call.operation == spot.operation and succeeded(response)
            return change(response, call) if good_one else response

        return act

    return plant


# ----------------------------------------------------------------------------------------------- one value


def _is(*kinds: str) -> Callable[[Leaf], bool]:
    return lambda leaf: (
        leaf.shape.typed
        and leaf.shape.kinds
        <= {*kinds, "integer"} - (set() if "number" in kinds or "integer" in kinds else {"integer"})
    )


def _of_another_type(value: Json, leaf: Leaf) -> Json:
    del leaf
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return str(value)
    return 7 if isinstance(value, str) else value


def _broken_format(value: Json, leaf: Leaf) -> Json:
    wrong: dict[str, Callable[[str], str]] = {
        "date-time": lambda text: text.replace("T", " ").rstrip("Z"),
        "date": lambda text: "/".join(reversed(text.split("-"))),
        "email": lambda text: text.replace("@", " at "),
        "uri": lambda text: re.sub(r"^[a-z]+://", "", text).replace("/", " "),
        "uuid": lambda text: text.replace("-", "_"),
    }
    for name in leaf.values("format"):
        if isinstance(value, str) and name in wrong:
            return wrong[name](value)
    return value


def _out_of_bounds(value: Json, leaf: Leaf) -> Json:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    for keyword, step in (("minimum", -1), ("exclusiveMinimum", -1), ("maximum", 1), ("exclusiveMaximum", 1)):
        for bound in leaf.values(keyword):
            return bound + step
    return value


def _outside(value: Json, leaf: Leaf) -> Json:
    return f"{value}_x" if isinstance(value, str) and leaf.values("enum") else value


def _not_constant(value: Json, leaf: Leaf) -> Json:
    del leaf
    return not value if isinstance(value, bool) else f"{value}_x" if isinstance(value, str) else value


def _too_long(value: Json, leaf: Leaf) -> Json:
    if isinstance(value, str):
        for most in leaf.values("maxLength"):
            return (value or "x") * (int(most) // max(1, len(value)) + 1) + "x"
    return value


def _no_pattern(value: Json, leaf: Leaf) -> Json:
    del leaf
    return f"\u00a7 {value}" if isinstance(value, str) else value


def _bounded(leaf: Leaf) -> bool:
    bounds = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
    return bool(leaf.shape.kinds <= {"integer", "number"}) and any(leaf.values(one) for one in bounds)


def _null(api: Api) -> Iterator[Spot]:
    yield from _spots(lambda leaf: leaf.required and leaf.shape.typed and "null" not in leaf.shape.kinds)(api)


def _arrays(leaf: Leaf) -> bool:
    return leaf.shape.typed and leaf.shape.kinds == {"array"}


def _as_object(value: Json, leaf: Leaf) -> Json:
    del leaf
    return {str(index): one for index, one in enumerate(value)} if isinstance(value, list) else value


def _renamed(api: Api, spot: Spot) -> Act:
    leaf = leaf_at(api, spot)

    def change(response: Response, _: Call) -> Response:
        value = said(response)
        for holder, key in list(found(value, leaf.path)):
            holder[_other_case(key)] = holder.pop(key)
        return response if value is MISSING else saying(response, value)

    return on_success(change)(api, spot)


def _other_case(name: str) -> str:
    if "_" in name.strip("_"):
        return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
    snake = re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name)
    return snake if snake != name else name.capitalize()


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "shape", about, spots, plant)


KINDS = (
    _kind(
        "drop-required",
        "leaves out a required property",
        _spots(lambda leaf: leaf.required),
        at_leaf(lambda *_: MISSING),
    ),
    _kind(
        "wrong-type",
        "answers a value of another type",
        _spots(lambda leaf: leaf.shape.scalar and leaf.shape.typed and not leaf.values("format")),
        at_leaf(_of_another_type),
    ),
    _kind("null-value", "answers null where that is not allowed", _null, at_leaf(lambda *_: None)),
    _kind(
        "enum-outside",
        "answers a value that is not in the enum",
        _spots(lambda leaf: bool(leaf.values("enum")) and leaf.shape.kinds <= {"string"}),
        at_leaf(_outside),
    ),
    _kind(
        "const-broken",
        "answers another value than the constant",
        _spots(lambda leaf: bool(leaf.values("const"))),
        at_leaf(_not_constant),
    ),
    _kind(
        "bad-format",
        "answers a value that is not in its format",
        _spots(
            lambda leaf: (
                leaf.shape.kinds <= {"string"}
                and bool({"date-time", "date", "email", "uri", "uuid"} & {*leaf.values("format")})
            )
        ),
        at_leaf(_broken_format),
    ),
    _kind("out-of-bounds", "answers a number out of its bounds", _spots(_bounded), at_leaf(_out_of_bounds)),
    _kind(
        "text-too-long",
        "answers a text beyond maxLength",
        _spots(lambda leaf: bool(leaf.values("maxLength")) and leaf.shape.kinds <= {"string"}),
        at_leaf(_too_long),
    ),
    _kind(
        "pattern-broken",
        "answers a text that its pattern does not take",
        _spots(
            lambda leaf: (
                any(one.startswith("^") for one in leaf.values("pattern")) and leaf.shape.kinds <= {"string"}
            )
        ),
        at_leaf(_no_pattern),
    ),
    _kind(
        "renamed-property",
        "spells a required property in another case",
        _spots(lambda leaf: leaf.required),
        _renamed,
    ),
    _kind("object-for-array", "answers an object of an array's items", _spots(_arrays), at_leaf(_as_object)),
)
