"""
What is made up: seeded draws for `draw.…` in behavior.yaml.

Every draw has its own generator, seeded by the world's seed, the operation, how
often the world has changed, and the how-manieth draw this is. So no draw moves
another's stream, and a read moves none.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from typing import Any

MakeText = Callable[[str, str], str]
"""Makes a text that a pattern describes: (pattern, seed) -> text."""

MakeValue = Callable[[str, str], Any]
"""Makes a value of a component schema: (component, seed) -> value."""


class Draw:
    """The `draw` of one operation's scope."""

    def __init__(self, seed: str, text: MakeText, value: MakeValue) -> None:
        self._seed = seed
        self._text = text
        self._value = value
        self._count = 0

    def _next(self) -> str:
        self._count += 1
        return f"{self._seed}|{self._count}"

    def pattern(self, regex: str) -> str:
        """A text that *regex* describes."""
        return self._text(regex, self._next())

    def integer(self, low: int, high: int) -> int:
        """An integer from *low* to *high*, both included."""
        return random.Random(self._next()).randint(int(low), int(high))

    def number(self, low: float, high: float, digits: int = 2) -> float:
        """A number from *low* to *high* with so many digits."""
        return round(random.Random(self._next()).uniform(low, high), digits)

    def one_of(self, entries: Sequence[Any]) -> Any:
        """One of the *entries*."""
        return random.Random(self._next()).choice(list(entries))

    def uuid(self) -> str:
        """A UUID, version 4 by its looks (RFC 9562, 5.4)."""
        return seeded_uuid(self._next())

    def value(self, component: str) -> Any:
        """A value of components/schemas/*component*."""
        return self._value(component, self._next())


def seeded_uuid(seed: str) -> str:
    """Return the version 4 UUID (RFC 9562, 5.4) that belongs to *seed*."""
    digits = hashlib.blake2b(seed.encode(), digest_size=16).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
