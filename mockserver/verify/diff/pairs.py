"""
Pairs of schemas, each compared once, and the way through them from a message's root.

What a pair says of its own value is kept with the edges to its parts. A message's changes are then found by
walking that graph, nearest first, never into a pair inside itself. So schemas may contain themselves, and one
that a hundred operations share is compared once for requests and once for answers.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from mockserver.contract.sources import join_pointer
from mockserver.verify.diff.flat import Flat, Sites
from mockserver.verify.diff.flatten import flatten, pruned
from mockserver.verify.diff.parts import Edge, conditions, parts
from mockserver.verify.diff.rules import Role, severity
from mockserver.verify.diff.unions import heirs, unions
from mockserver.verify.diff.values import Found, values

DEEPEST = 60
"""Levels of nesting that are looked at."""

DEEPEST_FITS = 2
"""Alternatives inside alternatives of which it is asked whether another one takes their values."""

OFTEN = 5
"""Places of one message at which the same pair is told of."""


Key = tuple[object, object]


@dataclass(frozen=True)
class Pair:
    """What two schemas say differently of one value, and the pairs of its parts."""

    held: tuple[object, ...]  # keeps alive what the key is made of
    found: tuple[Found, ...] = ()
    edges: tuple[Edge, ...] = ()


@dataclass
class Pairs:
    """All pairs of two contracts in one role."""

    role: Role
    depth: int = 0
    _known: dict[tuple[Key, bool], Pair] = field(default_factory=dict)

    def changes(
        self, old: Sites | Flat, new: Sites | Flat, *, text: bool = False
    ) -> Iterator[tuple[str, Found]]:
        """
        Yield what changed between *old* and *new*, with the JSON Pointer to the value that it is about.

        Args:
            text: Whether the value travels as text (a path, query, header or cookie).
        """
        seen: Counter[Key] = Counter()
        queue: deque[tuple[tuple[str, ...], Edge, frozenset[Key]]] = deque()
        queue.append(((), Edge("", old, new), frozenset()))
        while queue:
            tokens, edge, above = queue.popleft()
            key = (_key(edge.old), _key(edge.new))
            if key in above or seen[key] >= OFTEN or len(tokens) > DEEPEST:
                continue
            seen[key] += 1
            pair = self._pair(key, edge, text)
            for found in pair.found:
                yield join_pointer("", *tokens, *found.tokens), found
            for child in pair.edges:
                queue.append(((*tokens, child.token) if child.token else tokens, child, above | {key}))

    def _pair(self, key: Key, edge: Edge, text: bool) -> Pair:
        known = self._known.get((key, text))
        if known is None:
            before, after = _flat(edge.old), _flat(edge.new)
            said = [*self._said(before, after, text)]
            known = self._known[key, text] = Pair(
                (edge.old, edge.new, before, after),
                tuple(one for one in said if isinstance(one, Found)),
                tuple(one for one in said if isinstance(one, Edge)),
            )
        return known

    def _said(self, old: Flat, new: Flat, text: bool) -> Iterator[Found | Edge]:
        if old.groups or new.groups:
            yield from unions(old, new, self._fits)
            return
        yield from values(old, new, text)
        yield from conditions(old, new)
        yield from parts(old, new, self.role)
        yield from heirs(old, new)

    def _fits(self, inner: Flat, outer: Flat) -> bool:
        """Whether whoever sends all of *inner* may go on where *outer* is taken."""
        if self.depth >= DEEPEST_FITS:
            return False
        pairs = Pairs("taken", self.depth + 1)
        return all(severity(found.aspect, "taken") == "info" for _, found in pairs.changes(inner, outer))


def _key(end: Sites | Flat) -> object:
    return end.key if isinstance(end, Flat) else tuple(site.bare.key for site in end)


def _flat(end: Sites | Flat) -> Flat:
    return pruned(end if isinstance(end, Flat) else flatten(end))
