"""
What a property's name, title and description say about its value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.generation.draw import Draw

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node


@dataclass(frozen=True, slots=True)
class Idea:
    """
    A suggestion for a string.

    Attributes:
        make: Draws one.
        format: The JSON Schema format that it always has; "" for none.
        free: Whether it may be cut and lengthened: prose, not an address.
    """

    make: Callable[[Draw], str]
    format: str = ""
    free: bool = False


def idea_of(node: Node) -> Idea | None:
    """Return what looks right for the strings of *node*; None when nothing is known."""
    return None


def likely_null(name: str) -> float:
    """Return how often a nullable value called *name* is null."""
    return 0.1


def truth(name: str) -> float:
    """Return how often a boolean called *name* is true."""
    return 0.5
