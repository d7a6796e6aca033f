"""
Regular languages with *and* and *not*, by derivatives.

The derivative of a language by a character is what may follow that character
(Brzozowski 1964; Owens, Reppy and Turon, "Regular-expression derivatives
re-examined", 2009). Intersection and complement cost nothing extra there, and both
are needed: two patterns at one place, a pattern and a length, `(?=..)`, `(?!..)`,
a `not`. States are made as they are walked to, so `{1,5000}` is no five thousand states.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from mockserver.generation.characters import ALL, Ranges, complement, intersection, letters, union
from mockserver.generation.draw import Draw

LAST = 0x10FFFF

STATES = 20_000
"""Languages that are looked at before the search is given up."""

MORE = 8
"""Characters beyond the shortest string that are welcome."""


class TooHard(Exception):
    """The search has met more states than `STATES`."""


class Language:
    """
    A set of strings. Equal ones that were written alike are one object (see `Algebra`).

    Attributes:
        kind: "none", "empty", "set", "cat", "alt", "and", "not" or "rep".
        parts: Languages it is made of.
        ranges: Of a "set".
        least, most: Of a "rep".
        nullable: Whether the empty string is in it.
        steps, classes, derived: What was worked out of it: many states are made of the same parts.
    """

    __slots__ = (
        *("classes", "derived", "kind", "least", "most", "nullable", "parts"),
        *("ranges", "steps"),
    )

    def __init__(
        self,
        kind: str,
        parts: tuple[Language, ...] = (),
        ranges: Ranges = (),
        least: int = 0,
        most: int | None = None,
        *,
        nullable: bool,
    ) -> None:
        self.kind = kind
        self.parts = parts
        self.ranges = ranges
        self.least = least
        self.most = most
        self.nullable = nullable
        self.steps: list[tuple[Ranges, Language]] | None = None
        self.classes: list[Ranges] | None = None
        self.derived: dict[int, Language] = {}


class Algebra:
    """
    Makes languages, takes derivatives, and finds strings. Everything made is kept until it is dropped itself.
    """

    def __init__(self) -> None:
        self._made: dict[object, Language] = {}
        self._away: dict[Language, int] = {}
        self.none = Language("none", nullable=False)
        self.empty = Language("empty", nullable=True)
        self.anything = self.repeat(self.chars(ALL), 0, None)

    def _make(
        self,
        kind: str,
        parts: tuple[Language, ...],
        ranges: Ranges,
        least: int,
        most: int | None,
        nullable: bool,
    ) -> Language:
        ids: object = tuple(id(part) for part in parts)
        if kind in ("alt", "and"):
            ids = frozenset(id(part) for part in parts)
        key = (kind, ids, ranges, least, most)
        made = self._made.get(key)
        if made is None:
            if len(self._made) > STATES:
                raise TooHard
            made = self._made[key] = Language(kind, parts, ranges, least, most, nullable=nullable)
        return made

    # ------------------------------------------------------------------ making

    def chars(self, ranges: Ranges) -> Language:
        """One character of *ranges*."""
        return self._make("set", (), ranges, 0, None, False) if ranges else self.none

    def cat(self, left: Language, right: Language) -> Language:
        """*left*, then *right*."""
        if left is self.none or right is self.none:
            return self.none
        if left is self.empty:
            return right
        if right is self.empty:
            return left
        if left.kind == "cat":
            return self.cat(left.parts[0], self.cat(left.parts[1], right))
        return self._make("cat", (left, right), (), 0, None, left.nullable and right.nullable)

    def either(self, items: Iterable[Language]) -> Language:
        """One of *items*."""
        parts: dict[Language, None] = {}
        sets: list[tuple[int, int]] = []
        for item in items:
            for part in item.parts if item.kind == "alt" else (item,):
                if part is self.anything:
                    return part
                if part.kind == "set":
                    sets += part.ranges
                elif part is not self.none:
                    parts[part] = None
        if sets:
            parts[self.chars(union(sets))] = None
        if not parts:
            return self.none
        if len(parts) == 1:
            return next(iter(parts))
        return self._make("alt", tuple(parts), (), 0, None, any(part.nullable for part in parts))

    def both(self, items: Iterable[Language]) -> Language:
        """All of *items* at once."""
        parts: dict[Language, None] = {}
        ranges: Ranges | None = None
        for item in items:
            for part in item.parts if item.kind == "and" else (item,):
                if part is self.none:
                    return part
                if part.kind == "set":
                    ranges = part.ranges if ranges is None else intersection(ranges, part.ranges)
                elif part is not self.anything:
                    parts[part] = None
        if ranges is not None:
            parts[self.chars(ranges)] = None
        if not parts:
            return self.anything
        if self.none in parts or any(self.complement(part) in parts for part in parts):
            return self.none
        if self.empty in parts:
            return self.empty if all(part.nullable for part in parts) else self.none
        if len(parts) == 1:
            return next(iter(parts))
        return self._make("and", tuple(parts), (), 0, None, all(part.nullable for part in parts))

    def complement(self, item: Language) -> Language:
        """Every string that is not in *item*."""
        if item.kind == "not":
            return item.parts[0]
        if item is self.none:
            return self.anything
        if item is self.anything:
            return self.none
        return self._make("not", (item,), (), 0, None, not item.nullable)

    def repeat(self, item: Language, least: int, most: int | None) -> Language:
        """*item*, *least* to *most* times; None for any number."""
        if most == 0 or item is self.empty:
            return self.empty
        if item is self.none:
            return self.none if least else self.empty
        if least == 1 and most == 1:
            return item
        least = 0 if item.nullable else least
        return self._make("rep", (item,), (), least, most, least == 0)

    # ------------------------------------------------------------------ walking

    def steps(self, here: Language) -> list[tuple[Ranges, Language]]:
        """
        Return the sets of characters that may come next, each with what may follow it; dead ends left out.
        """
        if here.steps is None:
            found: dict[Language, Ranges] = {}
            for ranges in self._classes(here):
                after = self.derivative(here, ranges[0][0])
                if after is not self.none:
                    found[after] = union((*found[after], *ranges)) if after in found else ranges
            here.steps = [(ranges, after) for after, ranges in found.items()]
        return here.steps

    def derivative(self, here: Language, code: int) -> Language:
        """Return what may follow the character *code* in *here*."""
        if here.kind == "set":
            return self.empty if any(low <= code <= high for low, high in here.ranges) else self.none
        found = here.derived.get(code)
        if found is None:
            found = here.derived[code] = self._derivative(here, code)
        return found

    def _derivative(self, here: Language, code: int) -> Language:
        if here.kind == "cat":
            left, right = here.parts
            first = self.cat(self.derivative(left, code), right)
            return self.either((first, self.derivative(right, code))) if left.nullable else first
        if here.kind == "alt":
            return self.either([self.derivative(part, code) for part in here.parts])
        if here.kind == "and":
            return self.both([self.derivative(part, code) for part in here.parts])
        if here.kind == "not":
            return self.complement(self.derivative(here.parts[0], code))
        if here.kind == "rep":
            item = here.parts[0]
            rest = self.repeat(item, max(here.least - 1, 0), None if here.most is None else here.most - 1)
            return self.cat(self.derivative(item, code), rest)
        return self.none

    def _classes(self, here: Language) -> list[Ranges]:
        """Return sets of characters within each of which the derivative is the same."""
        if here.classes is None:
            here.classes = self._classified(here)
        return here.classes

    def _classified(self, here: Language) -> list[Ranges]:
        if here.kind == "set":
            return [part for part in (here.ranges, complement(here.ranges, LAST)) if part]
        if here.kind in ("not", "rep"):
            return self._classes(here.parts[0])
        if here.kind == "cat" and not here.parts[0].nullable:
            return self._classes(here.parts[0])
        classes: list[Ranges] = [((0, LAST),)]
        for part in here.parts:
            others = self._classes(part)
            if len(others) > 1:
                classes = [
                    both for left in classes for right in others if (both := intersection(left, right))
                ]
        return classes

    def away(self, here: Language) -> int:
        """Return the length of the shortest string in *here*; -1 when there is none."""
        known = self._away.get(here)
        if known is not None:
            return known
        before: dict[Language, Language | None] = {here: None}
        queue = deque([(here, 0)])
        best, end = -1, here
        while queue:
            state, depth = queue.popleft()
            if best >= 0 and depth >= best:
                break
            rest = 0 if state.nullable else self._away.get(state)
            if rest is not None:
                if rest >= 0 and (best < 0 or depth + rest < best):
                    best, end = depth + rest, state
                continue
            for _, after in self.steps(state):
                if after not in before:
                    before[after] = state
                    queue.append((after, depth + 1))
        if best < 0:
            self._away.update(dict.fromkeys(before, -1))
            return -1
        back: Language | None = end
        rest = 0 if end.nullable else self._away[end]
        while back is not None:
            self._away[back] = rest
            rest += 1
            back = before[back]
        return best

    def draw(self, start: Language, ctx: Draw) -> str | None:
        """Return a string of *start*; None when there is none."""
        shortest = self.away(start)
        if shortest < 0:
            return None
        wanted = shortest + int(ctx.random() * (MORE + 1))
        found: list[str] = []
        here = start
        while True:
            options = [(ranges, after) for ranges, after in self.steps(here) if self.away(after) >= 0]
            if not options or (here.nullable and len(found) >= wanted):
                if here.nullable:
                    return "".join(found)
                return None
            if len(found) >= wanted:
                nearest = min(self.away(after) for _, after in options)
                options = [option for option in options if self.away(option[1]) == nearest]
            weights = [_weight(ranges) for ranges, _ in options]
            point = ctx.random() * sum(weights)
            chosen = len(options) - 1
            for at, weight in enumerate(weights):
                point -= weight
                if point < 0:
                    chosen = at
                    break
            ranges, here = options[chosen]
            found.append(ctx.pick(letters(ranges)))


def _weight(ranges: Ranges) -> float:
    """
    Return how welcome the characters of *ranges* are: letters and digits most, control characters least.
    """
    chars = letters(ranges)
    if not chars:
        return 1e-9
    first = chars[0]
    if first.isalnum() and first.isascii():
        return 6.0
    return 1.0 if first.isprintable() else 0.001
