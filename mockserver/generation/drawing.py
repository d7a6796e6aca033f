"""
Closures that choose: among branches, among types, among listed values.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json
from mockserver.generation.choices import Alternative, Choice
from mockserver.generation.draw import Draw, Fill, Make
from mockserver.generation.factories import ALNUM, spelled
from mockserver.generation.holds import holds, identity, type_of
from mockserver.generation.names import words
from mockserver.generation.semantics import local_kind
from mockserver.generation.sources import Source
from mockserver.generation.strings import null_share

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node

RETRIES = 4
"""How often a branch whose result must be checked is drawn before the next branch is tried."""

NULLS = 0.08
"""The share of nulls where null is one of the allowed types."""

NOTES = frozenset(("maxLength", "description", "title"))
"""Keywords of a text that may be any key."""

FEW = 8
"""Values of an enumeration that are few enough to be drawn from without regard to the place."""


FILLED = 200
"""
Dead ends around a given part before it is left as it is: choices within choices double them, and what is
given may fit none.
"""

STUCK = 10
"""Dead ends after which the simplest values are tried before a choice is given up."""

SIMPLE: tuple[Json, ...] = (None, False, True, 0, 1, "", "a", [], {})
"""Values that often fit where constraints leave little."""


def choosing(node: Node, choice: Choice) -> tuple[Make, Fill]:
    """Return closures that try the alternatives of *choice*."""

    deep: list[Alternative] = []
    simple: list[Json] = []
    key = _key_among(choice)
    prefix = (words(node.hint.name)[-1:] or ("id",))[0][:4]

    def order(ctx: Draw) -> list[Alternative]:
        if ctx.lean:
            if not deep:
                heights = node.document.heights
                deep.extend(
                    sorted(choice.alternatives, key=lambda each: (each.stage > 1, heights.of(each.sources)))
                )
            return deep
        alternatives = list(choice.alternatives)
        if choice.free:
            ctx.shuffle(alternatives)
        alternatives.sort(key=lambda each: each.stage)
        if alternatives[-1].null and choice.free and ctx.chance(NULLS):
            alternatives.reverse()
        return alternatives

    def draw(ctx: Draw) -> Json:
        last: Ungeneratable | None = None
        if key is not None and ctx.depth and not ctx.lean:
            told = f"{prefix}_{spelled(ctx, ALNUM, 12)}"
            if node.fits(told):
                return told
        for alternative in order(ctx):
            branch = node.branch(alternative)
            checks = () if alternative.sure else choice.checks
            for _ in range(RETRIES if checks else 1):
                try:
                    value = branch.draw(ctx)
                except Ungeneratable as dead:
                    last = dead
                    ctx.fail(node.pointer)
                    break
                if all(holds(source, value) for source in checks):
                    return value
                ctx.fail(node.pointer)
        if ctx.failures > STUCK:
            if not simple:
                simple.append(next(filter(node.fits, (*SIMPLE, *node.shape.samples)), MISSING))
            if simple[0] is not MISSING:
                return deepcopy(simple[0])
        raise last or Ungeneratable(node.pointer, f"no alternative of {choice.keyword!r} fits")

    def fill(ctx: Draw, given: Json) -> Json:
        kept: Json = MISSING
        for alternative in order(ctx):
            if ctx.failures > FILLED:
                break
            try:
                value = node.branch(alternative).fill(ctx, given)
            except Ungeneratable:
                ctx.failures += 1
                continue
            if node.fits(value):
                return value
            ctx.failures += 1
            kept = value if kept is MISSING else kept
        return given if kept is MISSING else kept

    return draw, fill


def _key_among(choice: Choice) -> Alternative | None:
    """
    Return the plain text among alternatives that refer to things; None without.

    What may be told by its key or in full ("expandable") is told by its key wherever it is a part: a page of
    twenty, each with all that it refers to, and what that refers to, would be a megabyte.
    """
    if not choice.free or not any(_refers(one) for one in choice.alternatives):
        return None
    return next((one for one in choice.alternatives if _is_text(one)), None)


def _refers(alternative: Alternative) -> bool:
    return any(isinstance(one.schema, dict) and "$ref" in one.schema for one in alternative.sources)


def _is_text(alternative: Alternative) -> bool:
    schemas = [one.schema for one in alternative.sources]
    return (
        len(schemas) == 1
        and isinstance(schemas[0], dict)
        and schemas[0].keys() - NOTES == {"type"}
        and (schemas[0]["type"] == "string")
    )


def several(makes: dict[str, tuple[Make, Fill]], node: Node) -> tuple[Make, Fill]:
    """Return closures that take the likeliest of some types, and null now and then."""
    main = next(iter(makes.values()))[0]
    others = [make for make, _ in makes.values()][1:]
    null = "null" in makes and "type" in {keyword for source in node.flat for keyword in source.schema}  # type: ignore[union-attr]
    share = null_share(node) if null else 0.0
    if null and len(makes) == 2:
        node.nullable = (share, main)

    def draw(ctx: Draw) -> Json:
        if null and ((ctx.full and ctx.lean) or ctx.random() < share):
            return None
        try:
            return main(ctx)
        except Ungeneratable:
            for make in others:
                try:
                    return make(ctx)
                except Ungeneratable:
                    continue
            raise

    def fill(ctx: Draw, given: Json) -> Json:
        there = makes.get(type_of(given))
        return given if there is None else there[1](ctx, given)

    return draw, fill


def avoiding(node: Node, make: Make, larger: str) -> Make:
    """
    Return *make*, which draws objects or arrays, kept from giving what `not` takes away.

    In place of such a value a larger one is made: *larger* is the keyword that asks for it.
    """
    excluded = node.shape.excluded
    if not any(isinstance(each, tuple) and each[0] in ("array", "object") for each in excluded):
        return make
    wider = [
        Source({larger: size}, node.document.scope, node.pointer) for size in range(1, len(excluded) + 2)
    ]

    def draw(ctx: Draw) -> Json:
        value = make(ctx)
        for more in wider:
            if identity(value) not in excluded:
                return value
            value = node.document.node((*node.sources, more), node.hint, node.settled).draw(ctx)
        return value

    return draw


def kept(_ctx: Draw, given: Json) -> Json:
    """Keep what is given: it has no parts that could be missing."""
    return given


def listing(values: list[Json], node: Node) -> Make:
    """
    Return a closure that draws one of *values*: the place's own currency or country, if it is among them.
    """
    if any(
        isinstance(value, (dict, list)) for value in values
    ):  # not the document's own object: callers change theirs
        return lambda ctx: deepcopy(ctx.pick(values))
    if len(values) == 1:
        only = values[0]
        return lambda _ctx: only
    others = [value for value in values if value is not None]
    nulls = NULLS if len(others) < len(values) else 0.0
    local = local_kind(node.hint.name, node.document.locale) if len(others) > FEW else None
    known = frozenset(others) if local else frozenset()
    count = len(others)

    def draw(ctx: Draw) -> Json:
        if nulls and (ctx.lean or ctx.random() < nulls):
            return None
        if local is not None:
            value = local(ctx)
            if value in known:
                return value
        return others[int(ctx.random() * count)]

    return draw
