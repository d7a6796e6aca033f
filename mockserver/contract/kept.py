"""
Keep what is heavy within bounds: compiled validators, and the nodes that generators have opened.

A schema that reaches 500 others takes 7 MB as a validator and more as a generator,
and a document may have a thousand operations of that kind. Each is compiled again
in 30 ms. So those that were compiled first are let go of once all of them together
weigh too much, whoever holds them; ordinary documents never get there.
"""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import Protocol
from weakref import ref

from mockserver.contract.definitions import MANY, Definitions
from mockserver.exchange import Json

MOST = 16_000
"""Schemas in all that is kept: of 14 kB each, some 230 MB."""


class Heavy(Protocol):
    """Something that can be made again."""

    def let_go(self) -> None:
        """Forget what is heavy; it is made again when it is asked for."""


class Kept:
    """
    What is kept, the oldest first.

    Args:
        most: What all of it may weigh together.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: deque[tuple[ref[Heavy], int]] = deque()
        self._weight = 0
        self._lock = Lock()

    def add(self, owner: Heavy, weight: int) -> None:
        """Note that *owner* now holds something of *weight*; let go of the oldest where that is too much."""
        gone: list[Heavy | None] = []
        with self._lock:
            self._held.append((ref(owner), weight))
            self._weight += weight
            while self._weight > self._most and len(self._held) > 1:
                oldest, its = self._held.popleft()
                self._weight -= its
                gone.append(oldest())
        for one in gone:
            if one is not None and one is not owner:
                one.let_go()


KEPT = Kept(MOST)
"""All of this process."""


def weight_of(document: Json) -> int:
    """
    Return how many schemas *document*, a self-contained JSON Schema, holds by name, and itself.

    Of one that reaches more than `MANY`, that many: only what values come to is compiled of it.
    """
    definitions = document.get("$defs") if isinstance(document, dict) else None
    if isinstance(definitions, Definitions) and not definitions.few():
        return 1 + MANY
    return 1 + (len(definitions) if isinstance(definitions, dict) else 0)
