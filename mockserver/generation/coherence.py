"""
Make the properties of one object agree with each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node


@dataclass(frozen=True, slots=True)
class Agreement:
    """
    What is to agree in the objects of one node.

    Attributes:
        fresh: Whether the object is about a person, place or moment of its own.
    """

    fresh: bool = True


def agreement(node: Node, names: list[str]) -> Agreement:
    """Return what is to agree between the properties *names* of *node*."""
    return Agreement()
