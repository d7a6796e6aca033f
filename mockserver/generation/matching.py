"""
The largest matching of two sides, grown one by one: each may take the place of one that finds another (Kuhn).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Left = TypeVar("Left", bound=Hashable)
Right = TypeVar("Right", bound=Hashable)


def placed(one: Left, near: Mapping[Left, Sequence[Right]], held: dict[Right, Left]) -> bool:
    """
    Return whether there is a place for *one* beside all that have one, and give it that.

    *near* says which places fit each, *held* who has which; it is changed.
    """
    return _placed(one, near, held, set())


def _placed(
    one: Left, near: Mapping[Left, Sequence[Right]], held: dict[Right, Left], seen: set[Right]
) -> bool:
    for other in near[one]:
        if other not in seen:
            seen.add(other)
            if other not in held or _placed(held[other], near, held, seen):
                held[other] = one
                return True
    return False
