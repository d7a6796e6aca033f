"""
One call's worth of chance, time and depth.

Everything random in this room is taken from the `Draw` made for that call, and
only through `random.Random.random`: Python promises its sequence for a seed
across versions, and does not promise that of `choice`, `shuffle` or `randrange`.
A generator kept for longer would make a value depend on what was asked before.
"""

from __future__ import annotations

from _random import Random
from collections.abc import Callable, MutableSequence, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha512
from typing import Any, TypeVar

from mockserver.errors import Ungeneratable
from mockserver.exchange import Json

T = TypeVar("T")

Make = Callable[["Draw"], Json]
"""Draws a value."""

Fill = Callable[["Draw", Json], Json]
"""Draws a value around one that is given."""

DEPTH = 5
"""Objects and arrays inside each other before only what is required is made."""

FLOOR = 40
"""Objects and arrays inside each other before a branch is given up: it has no exit."""

CONTAINERS = 100
"""
Objects and arrays in one value (in one item of its outermost list) before only what is required is made.
"""

STEPS = 200_000
"""Objects and arrays in one value before it is given up."""

FAILURES = 2_000
"""Dead ends in one value before it is given up."""


class Draw:
    """
    What the making of one value carries with it.

    Attributes:
        random: Gives floats in [0, 1), the only source of chance.
        now: Seconds since 1970 around which dates are made.
        full: Whether optional properties are made.
        shown: Whether a value that the schema itself shows (`example`, `examples`, a null `default`) is taken
            as it is.
        plain: Whether names and examples are left aside, for a value that constraints alone decide.
        depth: Objects and arrays around the place that is being made.
        left: Containers that may still be made in full.
        steps: Containers that were made.
        failures: Dead ends that were met.
        outer: Whether no list has been begun yet.
        length: How long the outermost list shall be; None for its own choice, and once it has been made.
        active: How often each object node stands above this place, by its identity.
        who: A number that stands for a person, so that name, email and user name agree.
        where: A number that stands for a place, so that city, country and currency agree.
        born: Seconds since 1970 when the thing being made came to be.
        serial: What ids of this list's items count up from.
        index: Position of the item being made in its list.
        first: Whether the next object is the whole value or an item: its id counts on, unlike that of a part.
    """

    __slots__ = (
        "active",
        "born",
        "depth",
        "failures",
        "first",
        "full",
        "index",
        "left",
        "length",
        "now",
        "outer",
        "plain",
        "random",
        "serial",
        "shown",
        "steps",
        "where",
        "who",
    )

    def __init__(
        self,
        seed: str,
        now: float,
        *,
        full: bool = True,
        plain: bool = False,
        length: int | None = None,
        shown: bool = False,
    ) -> None:
        self.random = stream(seed)
        self.now = now
        self.full = full
        self.plain = plain
        self.shown = shown
        self.depth = 0
        self.left = CONTAINERS
        self.steps = 0
        self.failures = 0
        self.outer = True
        self.length = length
        self.active: dict[int, int] = {}
        self.index = 0
        self.first = True
        self.serial = 1 + int(self.random() * 9_000)
        self.settle()

    def settle(self) -> None:
        """Draw the person, the place and the moment that what comes next is about."""
        random = self.random
        self.who = int(random() * 1_000_000_007)
        self.where = int(random() * 1_000_000_007)
        self.born = self.now - 86_400 * (2 + 400 * random())

    def restart(self, seed: int, index: int) -> None:
        """
        Draw item *index* of the outermost list from a stream of its own: it does not depend on the list's
        length.
        """
        self.random = Random(seed).random
        self.left = CONTAINERS
        self.settle()
        self.index = index

    def below(self, bound: int) -> int:
        """Return an int in [0, bound); 0 when *bound* is below 1."""
        if bound <= 1:
            return 0
        if bound < 1 << 50:
            return int(self.random() * bound)
        value = 0
        for _ in range(bound.bit_length() // 50 + 2):
            value = (value << 50) | int(self.random() * (1 << 50))
        return value % bound

    def pick(self, among: Sequence[T]) -> T:
        """Return one of *among*, each as likely as any."""
        return among[int(self.random() * len(among))]

    def chance(self, share: float) -> bool:
        """Return True in *share* of all cases."""
        return self.random() < share

    def shuffle(self, items: MutableSequence[Any]) -> None:
        """Bring *items* into a random order, in place (Fisher and Yates)."""
        for last in range(len(items) - 1, 0, -1):
            other = int(self.random() * (last + 1))
            items[last], items[other] = items[other], items[last]

    def fail(self, pointer: str) -> None:
        """Count one dead end; `Ungeneratable` when there were too many of them."""
        self.failures += 1
        if self.failures > FAILURES:
            raise Ungeneratable(pointer, f"nothing was found after {FAILURES} dead ends")

    def enter(self, pointer: str) -> None:
        """Go one container deeper; `Ungeneratable` when the recursion has no exit."""
        self.left -= 1
        self.depth += 1
        self.steps += 1
        if self.depth > FLOOR or self.steps > STEPS:
            self.depth -= 1
            self.failures += self.steps > STEPS
            raise Ungeneratable(pointer, "every value would hold another of its kind without end")

    @property
    def lean(self) -> bool:
        """Whether only what is required is to be made here."""
        return not self.full or self.depth > DEPTH or self.left < 0


def stream(seed: str) -> Callable[[], float]:
    """
    Return what gives the floats of `random.Random(seed).random`.

    The class in C below is taken: `random.Random` begins one stream in `__new__`, and another in `__init__`,
    which costs more than most values that are drawn.
    """
    text = seed.encode("utf-8", "surrogatepass")
    return Random(int.from_bytes(text + sha512(text).digest())).random


@lru_cache(maxsize=256)
def moment(text: str) -> float:
    """Return the seconds since 1970 of an RFC 3339 date-time; that of 2026-01-01 when *text* is none."""
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return 1_767_225_600.0
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
