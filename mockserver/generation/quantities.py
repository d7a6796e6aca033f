"""
What a number's name says of its size: a price has cents, a latitude ends at 90.

`quantity` only suggests; numbers.py keeps the suggestion within the bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from mockserver.generation.draw import Draw
from mockserver.generation.shape import Shape


@dataclass(frozen=True, slots=True)
class Range:
    """
    A suggestion for a number.

    Attributes:
        low, high: Bounds that look right.
        step: Distance between neighbours where the value need not be whole.
        make: Draws a value outright; None to draw from the range.
    """

    low: Fraction | int = 0
    high: Fraction | int = 1000
    step: Fraction = Fraction(1, 100)
    make: Callable[[Draw], float] | None = None


def quantity(name: str, owner: str, shape: Shape) -> Range:
    """Return what looks right for a number called *name* in something called *owner*."""
    return Range()
