"""
Strings that match patterns.

A pattern is read into a tree (ecma.py), and a string is drawn by walking it: cheap,
and right for nearly all patterns that documents have. What a walk cannot promise
(lookarounds, several patterns at once, lengths that must be met, a format besides)
is left to an automaton for all of it together (automata.py).
"""

from __future__ import annotations

from collections.abc import Callable

from mockserver.errors import TooLarge, Ungeneratable
from mockserver.generation.automata import Automaton, TooHard, conditional, refers_back
from mockserver.generation.characters import letters
from mockserver.generation.draw import Draw
from mockserver.generation.ecma import (
    Alt,
    Back,
    BadPattern,
    Cat,
    Chars,
    Edge,
    Group,
    Look,
    Repeat,
    Tree,
    parse,
)
from mockserver.generation.holds import matcher

Walk = Callable[[Draw, dict[str, str], int], str]
"""
Draws a string: from chance, what groups have captured, and how many repetitions more than needed are welcome.
"""

HUGE = 1_000_000
"""Characters of a text that nobody waits for."""

WELCOME = 8
"""Repetitions more than needed that are welcome where no length is asked for."""


def string_matching(pattern: str, seed: str, *, min_length: int = 0, max_length: int | None = None) -> str:
    """
    Return a string in which the ECMA-262 *pattern* is found, the same one for the same *seed*.

    Args:
        pattern: Not anchored unless it says so (JSON Schema, 6.3.3).
        seed: Any text.
        min_length, max_length: Code points; None for no bound.

    Raises:
        Ungeneratable: The pattern is no regular expression, or no such string was found.
    """
    try:
        parse(pattern)
    except BadPattern as bad:
        raise Ungeneratable("", f"pattern {pattern!r} cannot be read: {bad}") from bad
    strings = Strings([pattern], [], [], min_length, max_length)
    if strings.least[0] > HUGE:
        raise TooLarge(
            "", f"pattern {pattern!r}: a text of {strings.least[0]} characters is more than is made"
        )
    ctx = Draw(seed, 0.0)
    matches = matcher(pattern)
    for attempt in range(12):
        value = strings.draw(ctx, thorough=attempt > 1)
        if value is None:
            break
        if len(value) >= min_length and (max_length is None or len(value) <= max_length) and matches(value):
            return value
    raise Ungeneratable(
        "", f"no string was found for pattern {pattern!r} of {min_length} to {max_length} characters"
    )


class Strings:
    """
    Strings for patterns, formats and lengths together.

    Args:
        patterns: ECMA-262 patterns that a string must match; what is none is passed over, as in validation.
        unlike: Patterns that it must not match.
        formats: Formats that it should have, of those that are known by a grammar.
        shortest, longest: Code points; None for no bound.
    """

    def __init__(
        self, patterns: list[str], unlike: list[str], formats: list[str], shortest: int, longest: int | None
    ) -> None:
        self._trees = {pattern: tree for pattern in patterns if (tree := _tree(pattern)) is not None}
        self.patterns, self.unlike, self.formats = list(self._trees), unlike, formats
        self.shortest, self.longest = shortest, longest
        self._walks = {pattern: _walk(tree) for pattern, tree in self._trees.items()}
        self._alone: Walk | None = None
        if len(self.patterns) == 1 and not unlike and not formats:
            alone = self.patterns[0]
            self._alone = None if conditional(self._trees[alone]) else self._walks[alone]
        self._automaton: Automaton | None = None
        self._hard = False

    @property
    def least(self) -> tuple[int, str]:
        """The length that one of the patterns asks for at least, and which it is."""
        return max(((_least(tree), pattern) for pattern, tree in self._trees.items()), default=(0, ""))

    def draw(self, ctx: Draw, *, thorough: bool = False) -> str | None:
        """
        Return a string, to be checked by the caller; None when there is none. *thorough*: search, do not
        walk.
        """
        if self._alone is not None and not thorough:
            for more in (WELCOME, WELCOME, self.shortest, self.shortest * 2):
                value = self._alone(ctx, {}, more)
                if self.shortest <= len(value) and (self.longest is None or len(value) <= self.longest):
                    return value
        if not self._hard:
            try:
                return self._search(ctx)
            except (TooHard, RecursionError):
                self._hard = True
        return self._walks[ctx.pick(self.patterns)](ctx, {}, WELCOME) if self.patterns else None

    def _search(self, ctx: Draw) -> str | None:
        """
        Draw from the automaton; a new one for each draw where a pattern refers back to what it has captured.
        """
        captured: dict[str, dict[str, str]] = {}
        for pattern, tree in self._trees.items():
            if refers_back(tree):
                self._walks[pattern](ctx, captured.setdefault(pattern, {}), 3)
        if self._automaton is None or captured:
            self._automaton = Automaton(
                self.patterns, self.unlike, self.formats, self.shortest, self.longest, captured
            )
        return self._automaton.draw(ctx)


def _tree(pattern: str) -> Tree | None:
    try:
        return parse(pattern)
    except BadPattern:
        return None


def _least(tree: Tree) -> int:
    """Return how many characters a string of *tree* has at least."""
    if isinstance(tree, Chars):
        return 1
    if isinstance(tree, Cat):
        return sum(_least(item) for item in tree.items)
    if isinstance(tree, Alt):
        return min((_least(item) for item in tree.items), default=0)
    if isinstance(tree, Repeat):
        return tree.least * _least(tree.item) if tree.least else 0
    return _least(tree.item) if isinstance(tree, Group) else 0


def _walk(tree: Tree) -> Walk:
    """Return a closure that draws strings of *tree*; conditions in it are passed over."""
    if isinstance(tree, Chars):
        chars = letters(tree.ranges)
        if not chars:
            raise Ungeneratable("", "the pattern has an empty class")
        if len(chars) == 1:
            return lambda _ctx, _groups, _more: chars
        count = len(chars)
        return lambda ctx, _groups, _more: chars[int(ctx.random() * count)]
    if isinstance(tree, Cat):
        walks = [_walk(item) for item in tree.items]
        return lambda ctx, groups, more: "".join([walk(ctx, groups, more) for walk in walks])
    if isinstance(tree, Alt):
        walks = _possible(tree.items)
        return lambda ctx, groups, more: walks[int(ctx.random() * len(walks))](ctx, groups, more)
    if isinstance(tree, Repeat):
        return _repeat(tree)
    if isinstance(tree, Group):
        return _capture(tree)
    if isinstance(tree, Back):
        name = tree.name
        return lambda _ctx, groups, _more: groups.get(name, "")
    assert isinstance(tree, (Look, Edge))
    return lambda _ctx, _groups, _more: ""


def _possible(items: tuple[Tree, ...]) -> list[Walk]:
    walks = []
    last: Ungeneratable | None = None
    for item in items:
        try:
            walks.append(_walk(item))
        except Ungeneratable as dead:
            last = dead
    if last is not None and not walks:
        raise last
    return walks


def _repeat(tree: Repeat) -> Walk:
    least, most = tree.least, tree.most
    if most == 0:
        return lambda _ctx, _groups, _more: ""
    try:
        walk = _walk(tree.item)
    except Ungeneratable:
        if least:
            raise
        return lambda _ctx, _groups, _more: ""

    def draw(ctx: Draw, groups: dict[str, str], more: int) -> str:
        room = more if most is None else min(more, most - least)
        count = least + int(ctx.random() * (room + 1))
        inner = (
            more if more <= WELCOME else more // max(1, count)
        )  # long ones are long once, not at each level
        return "".join([walk(ctx, groups, inner) for _ in range(count)])

    return draw


def _capture(tree: Group) -> Walk:
    walk = _walk(tree.item)
    names = [str(tree.number)] + ([tree.name] if tree.name else [])

    def draw(ctx: Draw, groups: dict[str, str], more: int) -> str:
        value = walk(ctx, groups, more)
        for name in names:
            groups[name] = value
        return value

    return draw
