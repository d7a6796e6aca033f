"""
Numbers within bounds, on a grid.

A number is drawn as a whole multiple of a step: 1 for integers, the least common
multiple of every `multipleOf`, a cent where nothing else is said. Steps are
fractions of the decimals that stand in the document, so 0.1 is a tenth and 19.99
is a multiple of 0.01.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from mockserver.errors import Ungeneratable
from mockserver.exchange import Json
from mockserver.generation.draw import Draw
from mockserver.generation.holds import identity, is_multiple
from mockserver.generation.quantities import Range, quantity
from mockserver.generation.shape import Shape

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node

FEW = 64
"""Whole numbers in a range that is listed rather than drawn from."""

MORE = 1_000
"""Steps that are looked at to either side where all near ones are taken away."""

NONE_LEFT = "not, enum and multipleOf leave no number within the bounds"

TRIES = 60
"""Draws before a number that avoids the excluded ones is given up."""


def span(shape: Shape) -> list[Json] | None:
    """Return all numbers of *shape* when they are whole and at most `FEW`, else None."""
    if not shape.whole or shape.low is None or shape.high is None or shape.high - shape.low > 10_000:
        return None
    grid = _grid(shape, Fraction(1))
    bounds = _bounds(shape, grid)
    if bounds is None or bounds[1] - bounds[0] >= FEW:
        return None
    return [_value(number, grid) for number in range(bounds[0], bounds[1] + 1)]


def maker(node: Node) -> Callable[[Draw], Json]:
    """
    Return a closure that draws numbers for *node*.

    Raises:
        Ungeneratable: No multiple lies between the bounds.
    """
    shape = node.shape
    idea = quantity(node.hint.name, shape, node.document.locale)
    if idea.make is not None and not shape.multiples and not shape.uneven and not shape.excluded:
        return _within(shape, idea.make, _drawn(node, shape, Range()))
    return _drawn(node, shape, idea)


def _within(
    shape: Shape, make: Callable[[Draw], float], other: Callable[[Draw], Json]
) -> Callable[[Draw], Json]:
    """
    Return a closure for *make* where what it gives lies within the bounds, and for *other* where it does not.
    """
    low = -math.inf if shape.low is None else shape.low
    high = math.inf if shape.high is None else shape.high
    whole = shape.whole

    def draw(ctx: Draw) -> Json:
        if not ctx.plain:
            value = make(ctx)
            if whole:
                value = int(value)
            if low < value < high:
                return value
        return other(ctx)

    return draw


def _drawn(node: Node, shape: Shape, idea: Range) -> Callable[[Draw], Json]:
    grid = _grid(shape, idea.step)
    wide = _bounds(shape, grid)
    if wide is not None and wide[0] > wide[1]:
        if shape.multiples or shape.whole:
            raise Ungeneratable(
                node.pointer, f"no multiple of {_value(1, grid)} between {shape.low} and {shape.high}"
            )
        grid, wide = _finer(shape)
    narrow = _narrow(idea, grid)
    first, last = _clip(wide, narrow) if wide is not None else _slide(shape, grid, narrow)
    if last < first:
        return _between(node, shape)
    top, bottom = grid.numerator, grid.denominator
    count = last - first + 1
    plain = bottom == 1 and not shape.uneven and not shape.excluded and count < 1 << 50
    if plain and top == 1:
        return lambda ctx: first + int(ctx.random() * count)
    if plain:
        return lambda ctx: (first + int(ctx.random() * count)) * top
    if not shape.multiples and not shape.uneven and not shape.excluded and count < 1 << 50:
        return lambda ctx: (first + int(ctx.random() * count)) * top / bottom
    if any((grid / _exact(step)).denominator == 1 for step in shape.uneven):
        raise Ungeneratable(node.pointer, NONE_LEFT)
    try:
        return _careful(node, shape, grid, first, count)
    except Ungeneratable:  # what the name suggests is taken away; there may be more
        if wide is None:
            start = first - MORE if shape.low is None else first
            return _careful(node, shape, grid, start, 2 * MORE)
        if not shape.whole and not shape.multiples and wide[0] < wide[1]:
            return _between(node, shape)
        return _careful(node, shape, grid, wide[0], wide[1] - wide[0] + 1)


def _careful(node: Node, shape: Shape, grid: Fraction, first: int, count: int) -> Callable[[Draw], Json]:
    """Return a closure that draws until nothing that is to be avoided is met."""
    decimals = [step for step in shape.multiples if isinstance(step, float)]
    if count <= FEW:
        few = [_value(first + at, grid) for at in range(count)]
        few = [value for value in few if not _avoided(shape, value)]
        if not few:
            raise Ungeneratable(node.pointer, NONE_LEFT)
        few = [value for value in few if all(_divides(value, step) for step in decimals)] or few
        return lambda ctx: few[int(ctx.random() * len(few))]

    def draw(ctx: Draw) -> Json:
        kept: Json = None
        start = ctx.below(count)
        for attempt in range(TRIES):
            at = start if attempt == 0 else (ctx.below(count) if count > TRIES else (start + attempt) % count)
            value = _value(first + at, grid)
            if _avoided(shape, value):
                continue
            # 0.29 is 29 hundredths and 0.29 / 0.01 is 28.999999999999996: validators that divide floats
            # refuse it.
            if all(_divides(value, step) for step in decimals):
                return value
            kept = value
        if kept is None:
            raise Ungeneratable(node.pointer, NONE_LEFT)
        return kept

    return draw


def _avoided(shape: Shape, value: Json) -> bool:
    return identity(value) in shape.excluded or any(is_multiple(value, step) for step in shape.uneven)


def _between(node: Node, shape: Shape) -> Callable[[Draw], Json]:
    """Return a closure for bounds so near to each other that no decimal lies between them."""
    low, high = shape.low, shape.high
    assert low is not None
    assert high is not None

    def draw(ctx: Draw) -> Json:
        for share in (ctx.random(), 0.5, 0.0, 1.0):
            value = (
                low + (high - low) * share if math.isfinite(high - low) else low * (1 - share) + high * share
            )
            inside = (low < value or (low == value and not shape.low_open)) and (
                value < high or (value == high and not shape.high_open)
            )
            if inside and identity(value) not in shape.excluded:
                return value
        raise Ungeneratable(node.pointer, f"no number was found between {low} and {high}")

    return draw


def _divides(value: Json, step: float) -> bool:
    try:
        quotient = value / step
        return bool(int(quotient) == quotient)
    except OverflowError:
        return True


def _value(number: int, grid: Fraction) -> Json:
    """Return *number* steps of *grid*: an int where the grid is whole, else the nearest float."""
    if grid.denominator == 1:
        return number * grid.numerator
    try:
        return number * grid.numerator / grid.denominator
    except OverflowError:
        return number * grid.numerator // grid.denominator


def _exact(number: float) -> Fraction:
    """Return the decimal that JSON writes for *number*."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _grid(shape: Shape, wanted: Fraction) -> Fraction:
    steps = [_exact(step) for step in shape.multiples]
    if shape.whole:
        steps.append(Fraction(1))
    if not steps:
        steps.append(wanted)
    grid = steps[0]
    for step in steps[1:]:
        common = math.lcm(grid.numerator * step.denominator, step.numerator * grid.denominator)
        grid = Fraction(common, grid.denominator * step.denominator)
    if shape.uneven and not shape.whole and not shape.multiples:
        grid = min(grid, *(_exact(step) / 10 for step in shape.uneven))
    return grid


def _first(shape: Shape, grid: Fraction) -> int | None:
    if shape.low is None:
        return None
    first = math.ceil(_exact(shape.low) / grid)
    return first + 1 if shape.low_open and first * grid == _exact(shape.low) else first


def _last(shape: Shape, grid: Fraction) -> int | None:
    if shape.high is None:
        return None
    last = math.floor(_exact(shape.high) / grid)
    return last - 1 if shape.high_open and last * grid == _exact(shape.high) else last


def _bounds(shape: Shape, grid: Fraction) -> tuple[int, int] | None:
    first, last = _first(shape, grid), _last(shape, grid)
    return None if first is None or last is None else (first, last)


def _finer(shape: Shape) -> tuple[Fraction, tuple[int, int]]:
    """
    Return the coarsest decimal grid that has some room between the bounds; an empty one when there is none.
    """
    for digits in range(3, 320):
        grid = Fraction(1, 10**digits)
        bounds = _bounds(shape, grid)
        assert bounds is not None
        if bounds[1] - bounds[0] >= 10 or (digits > 20 and bounds[0] <= bounds[1]):
            return grid, bounds
    return Fraction(1), (1, 0)


def _narrow(idea: Range, grid: Fraction) -> tuple[int, int]:
    """Return the range that the name suggests, in steps."""
    low, high = Fraction(idea.low), Fraction(idea.high)
    if grid > 1 and high - low < 100 * grid:
        high = low + 100 * grid
    return math.ceil(low / grid), max(math.ceil(low / grid), math.floor(high / grid))


def _clip(wide: tuple[int, int], narrow: tuple[int, int]) -> tuple[int, int]:
    """Return the part of *narrow* that lies in *wide*; all of *wide* where they do not meet."""
    first, last = max(wide[0], narrow[0]), min(wide[1], narrow[1])
    return (first, last) if first < last or (first == last and narrow[0] == narrow[1]) else wide


def _slide(shape: Shape, grid: Fraction, narrow: tuple[int, int]) -> tuple[int, int]:
    """Return *narrow*, moved so that the one bound there is (or none) is kept."""
    first, last = _first(shape, grid), _last(shape, grid)
    size = narrow[1] - narrow[0]
    if first is not None and first > narrow[0]:
        return (first, narrow[1]) if first + size // 10 < narrow[1] else (first, first + size)
    if last is not None and last < narrow[1]:
        return (narrow[0], last) if last - size // 10 > narrow[0] else (last - size, last)
    return narrow
