"""
Find an array place by place, going back where it comes to nothing.

`arrays` fills places from left to right, and says beforehand which of them are to hold what
`contains` asks for. That is quick, and fails where distinct items, places of their own and
several `contains` hang together: the one value of the first place is just what the third
one needs. Here each place has a few candidates, and all ways to seat them are tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.errors import Ungeneratable
from mockserver.exchange import Json
from mockserver.generation.draw import Draw
from mockserver.generation.holds import identity
from mockserver.generation.matching import placed
from mockserver.generation.sources import Source

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node

LONGEST = 12
"""Items of an array that is looked for in this way."""

MORE = 3
"""Items beyond those that were asked for."""

KNOWN = 12
"""Values of a place that has few and known ones."""

DRAWN = 3
"""Values that are drawn for a place otherwise, of each kind that `contains` tells apart."""

STEPS = 4_000
"""Items that are tried in all."""


class Asks(Protocol):
    """What `contains` asks for; see `arrays.Contain`."""

    @property
    def source(self) -> Source:
        """What is counted."""

    @property
    def other(self) -> Source:
        """What is not."""

    @property
    def least(self) -> int:
        """How many there must be."""

    @property
    def most(self) -> int | None:
        """How many there may be."""


class Seats(Protocol):
    """The arrays of one node; see `arrays.Arrays`."""

    most: float
    prefix: int
    unique: bool

    @property
    def contains(self) -> Sequence[Asks]:
        """What is asked for."""

    def place(self, at: int) -> Node:
        """Return the node of an item."""

    def bound(self, at: int, parts: list[Source]) -> Node:
        """Return the node of an item with *parts* to hold as well."""

    def counts(self, contain: Any, value: Json) -> bool:
        """Whether *contain* counts *value*."""


def seated(arrays: Seats, ctx: Draw, count: int) -> list[Json] | None:
    """Return an array of *count* items or some more, None where none was found soon."""
    longest = min(count + MORE, LONGEST, arrays.most)
    known: dict[int, list[Json]] = {}
    steps = [STEPS]
    for length in range(count, int(longest) + 1):
        for at in range(length):
            place = min(at, arrays.prefix)
            if place not in known:
                known[place] = list(_candidates(arrays, ctx, place))
        found = _filled(arrays, length, known, [], [0] * len(arrays.contains), steps)
        if found is not None or steps[0] <= 0:
            return found
    return None


def places_for(known: Callable[[int], list[Json] | None], most: int) -> int | None:
    """
    Return how many places can have distinct values, None where that are *most* at least.

    *known* gives all values of a place, None where these are many. A place takes a value from another, where
    that finds one for itself (Kuhn's way to match).
    """
    taken: dict[object, int] = {}
    values: dict[int, list[object]] = {}
    for at in range(most):
        found = known(at)
        if found is not None:
            values[at] = [identity(value) for value in found]
            if not placed(at, values, taken):
                return at
    return None


def _filled(
    arrays: Seats,
    length: int,
    known: dict[int, list[Json]],
    items: list[Json],
    counts: list[int],
    steps: list[int],
) -> list[Json] | None:
    """Return *items*, of which `contains` counts *counts*, with so many more that there are *length*."""
    left = length - len(items)
    for each, count in zip(arrays.contains, counts, strict=True):
        if count + left < each.least or (each.most is not None and count > each.most):
            return None
    if not left:
        return items
    seen = {identity(item) for item in items} if arrays.unique else ()
    for value in known[min(len(items), arrays.prefix)]:
        steps[0] -= 1
        if steps[0] <= 0:
            return None
        if identity(value) in seen:
            continue
        now = [
            count + arrays.counts(each, value) for each, count in zip(arrays.contains, counts, strict=True)
        ]
        found = _filled(arrays, length, known, [*items, value], now, steps)
        if found is not None:
            return found
    return None


def _candidates(arrays: Seats, ctx: Draw, at: int) -> Iterator[Json]:
    """Yield different values for the place *at*, those first that `contains` asks for."""
    seen: set[object] = set()
    nodes: list[Node] = [arrays.place(at)]
    for each in arrays.contains:
        with_it = [arrays.bound(at, [part]) for part in (each.source, each.other)]
        nodes += with_it
    if len(arrays.contains) > 1:
        nodes.append(arrays.bound(at, [each.source for each in arrays.contains]))
    for node in reversed(nodes):
        if node.hopeless:
            continue
        for value in _values(node, ctx):
            key = identity(value)
            if key not in seen:
                seen.add(key)
                yield value


def _values(node: Node, ctx: Draw) -> Iterator[Json]:
    finite = node.finite()
    if finite is not None:
        yield from islice(finite, KNOWN)
        return
    for _ in range(DRAWN):
        try:
            yield node.draw(ctx)
        except Ungeneratable:
            return
