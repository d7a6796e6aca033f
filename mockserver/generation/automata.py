"""
Patterns, formats and lengths as one language.

The tree of a pattern is turned into a language from right to left, each piece
being told what follows it: then "(?=x)" is *and*, "(?!x)" is *and not*, and "$" says
that nothing follows. What looks back ("(?<=x)", "\\b") needs what comes before, which
is known between the pieces of a sequence on the highest level; further inside it is
passed over, and the caller, who checks what comes out, draws again.
"""

from __future__ import annotations

from mockserver.errors import Ungeneratable
from mockserver.generation.algebra import Algebra, Language, TooHard
from mockserver.generation.characters import ALL, WORD
from mockserver.generation.draw import Draw
from mockserver.generation.ecma import (
    EMPTY,
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
from mockserver.generation.grammars import GRAMMARS

UNROLLED = 10
"""Repetitions of something with conditions in it that are looked at beyond the needed ones."""


class Automaton:
    """
    The strings that hold to everything at once.

    Args:
        patterns, unlike: ECMA-262 patterns to match, and not to match.
        formats: Names; those without a grammar here are passed over.
        shortest, longest: Code points; None for no bound.
        captured: Texts for the groups that a pattern refers back to, by pattern.
    """

    def __init__(
        self,
        patterns: list[str],
        unlike: list[str],
        formats: list[str],
        shortest: int,
        longest: int | None,
        captured: dict[str, dict[str, str]] | None = None,
    ) -> None:
        self.shortest = shortest
        self.algebra = algebra = Algebra()
        wanted = [*patterns, *(GRAMMARS[name] for name in formats if name in GRAMMARS)]
        known = captured or {}
        parts = [self._found(pattern, known.get(pattern, {})) for pattern in wanted]
        parts += [algebra.complement(self._found(pattern, {})) for pattern in unlike]
        parts.append(algebra.repeat(algebra.chars(ALL), shortest, longest))
        if longest is None and not shortest:
            parts.pop()
        self.start = algebra.both(parts)

    def draw(self, ctx: Draw) -> str | None:
        """
        Return a string; None when there is none.

        Raises:
            TooHard: The search was given up.
        """
        return self.algebra.draw(self.start, ctx)

    def _found(self, pattern: str, captured: dict[str, str]) -> Language:
        """Return the strings in which *pattern* is found somewhere."""
        try:
            tree = parse(pattern)
        except BadPattern as bad:
            raise Ungeneratable("", f"pattern {pattern!r} cannot be read: {bad}") from bad
        if captured:
            tree = _replaced(tree, captured)
        algebra = self.algebra
        some = algebra.repeat(algebra.chars(ALL), 1, None)
        at_start = self._top(tree, algebra.empty, start=True)
        later = self._top(tree, some, start=False)
        return algebra.either((at_start, later))

    def _top(self, tree: Tree, before: Language, *, start: bool) -> Language:
        """Return *before* and *tree* and anything after; here, what comes before is known."""
        algebra = self.algebra
        while isinstance(tree, Group):
            tree = tree.item
        if isinstance(tree, Alt):
            return algebra.either([self._top(item, before, start=start) for item in tree.items])
        items = tree.items if isinstance(tree, Cat) else (tree,)
        for at in range(len(items) - 1, -1, -1):
            if _looks_back(items[at]):
                return self._behind(items, at, before, start)
        return algebra.cat(before, self._then(Cat(items), algebra.anything, start))

    def _behind(self, items: tuple[Tree, ...], at: int, before: Language, start: bool) -> Language:
        """Return the sequence *items* with the condition on what precedes that stands at *at*."""
        algebra, condition = self.algebra, items[at]
        left_items, rest = items[:at], Cat(items[at + 1 :])
        right = self._then(rest, algebra.anything, start and all(_zero(item) for item in left_items))
        if any(_conditional(item) and not _looks_back(item) for item in left_items):
            return self._top(Cat((*left_items, *items[at + 1 :])), before, start=start)
        left = self._prefix(left_items, before, start)
        return algebra.either(
            [
                algebra.cat(algebra.both((left, ends)), algebra.both((right, begins)))
                for ends, begins in self._sides(condition)
            ]
        )

    def _sides(self, condition: Tree) -> list[tuple[Language, Language]]:
        """Return what may precede and what may follow the place where *condition* stands, as pairs."""
        algebra = self.algebra
        if isinstance(condition, Look):
            ends = algebra.cat(algebra.anything, self._then(condition.item, algebra.empty, False))
            return [(algebra.complement(ends) if condition.negative else ends, algebra.anything)]
        assert isinstance(condition, Edge)
        word = algebra.chars(WORD)
        in_word, at_word = algebra.cat(algebra.anything, word), algebra.cat(word, algebra.anything)
        no_word, not_at = algebra.complement(in_word), algebra.complement(at_word)
        if condition.kind == "B":
            return [(in_word, at_word), (no_word, not_at)]
        return [(in_word, not_at), (no_word, at_word)]

    def _prefix(self, items: tuple[Tree, ...], before: Language, start: bool) -> Language:
        """
        Return *before* and *items* with nothing after; a condition before what may be empty is passed over.
        """
        algebra = self.algebra
        for at in range(len(items) - 1, -1, -1):
            if _looks_back(items[at]):
                left = self._prefix(items[:at], before, start)
                right = self._then(Cat(items[at + 1 :]), algebra.empty, False)
                if right.nullable:
                    return algebra.cat(left, right)
                return algebra.either(
                    [
                        algebra.cat(algebra.both((left, ends)), algebra.both((right, begins)))
                        for ends, begins in self._sides(items[at])
                    ]
                )
        return algebra.cat(before, self._then(Cat(items), algebra.empty, start))

    def _then(self, tree: Tree, after: Language, start: bool) -> Language:
        """Return *tree* followed by *after*; *start* when *tree* stands at the start of the string."""
        algebra = self.algebra
        if isinstance(tree, Chars):
            return algebra.cat(algebra.chars(tree.ranges), after)
        if isinstance(tree, Cat):
            starts = [start and all(_zero(item) for item in tree.items[:at]) for at in range(len(tree.items))]
            for item, first in zip(reversed(tree.items), reversed(starts), strict=True):
                after = self._then(item, after, first)
            return after
        if isinstance(tree, Alt):
            return algebra.either([self._then(item, after, start) for item in tree.items])
        if isinstance(tree, Group):
            return self._then(tree.item, after, start)
        if isinstance(tree, Repeat):
            return self._repeated(tree, after, start)
        if isinstance(tree, Edge):
            if tree.kind == "$":
                return algebra.both((algebra.empty, after))
            return after if tree.kind != "^" or start else algebra.none
        if isinstance(tree, Look) and tree.ahead:
            ahead = self._then(tree.item, algebra.anything, start)
            return algebra.both((algebra.complement(ahead) if tree.negative else ahead, after))
        return after

    def _repeated(self, tree: Repeat, after: Language, start: bool) -> Language:
        algebra = self.algebra
        if not _conditional(tree.item):
            item = self._then(tree.item, algebra.empty, False)
            return algebra.cat(algebra.repeat(item, tree.least, tree.most), after)
        more = max(UNROLLED, min(self.shortest, 64))
        if tree.most is not None:
            more = min(more, tree.most - tree.least)
        found = after
        for _ in range(more):
            found = algebra.either((after, self._then(tree.item, found, False)))
        for _ in range(min(tree.least, 64)):
            found = self._then(tree.item, found, False)
        return (
            algebra.either((found, self._then(tree.item, after, True)))
            if start and tree.least <= 1
            else found
        )


def _looks_back(tree: Tree) -> bool:
    return (isinstance(tree, Look) and not tree.ahead) or (isinstance(tree, Edge) and tree.kind in "bB")


def _zero(tree: Tree) -> bool:
    """Whether *tree* takes no character."""
    return isinstance(tree, (Look, Edge)) or (
        isinstance(tree, Cat) and all(_zero(item) for item in tree.items)
    )


def _conditional(tree: Tree) -> bool:
    """Whether there is a condition on the surroundings in *tree*."""
    if isinstance(tree, (Look, Edge)):
        return True
    if isinstance(tree, (Cat, Alt)):
        return any(_conditional(item) for item in tree.items)
    return _conditional(tree.item) if isinstance(tree, (Repeat, Group)) else False


def conditional(tree: Tree) -> bool:
    """Whether *tree* has conditions other than being found at the start or up to the end."""
    if isinstance(tree, Alt):
        return any(conditional(item) for item in tree.items)
    items = list(tree.items) if isinstance(tree, Cat) else [tree]
    if items and items[0] == Edge("^"):
        items.pop(0)
    if items and items[-1] == Edge("$"):
        items.pop()
    if len(items) == 1 and isinstance(items[0], Group) and isinstance(items[0].item, Alt):
        return any(_conditional(item) for item in items[0].item.items)
    return any(_conditional(item) for item in items)


def _replaced(tree: Tree, captured: dict[str, str]) -> Tree:
    """Return *tree* with the texts *captured* in place of groups and of references to them."""
    if isinstance(tree, Back):
        return _literal(captured.get(tree.name, ""))
    if isinstance(tree, Group):
        text = captured.get(str(tree.number))
        return _replaced(tree.item, captured) if text is None else _literal(text)
    if isinstance(tree, (Cat, Alt)):
        return type(tree)(tuple(_replaced(item, captured) for item in tree.items))
    if isinstance(tree, Repeat):
        return Repeat(_replaced(tree.item, captured), tree.least, tree.most)
    return Look(_replaced(tree.item, captured), tree.ahead, tree.negative) if isinstance(tree, Look) else tree


def _literal(text: str) -> Tree:
    return Cat(tuple(Chars(((ord(char), ord(char)),)) for char in text)) if text else EMPTY


def refers_back(tree: Tree) -> bool:
    """Whether *tree* refers to what one of its groups has captured."""
    if isinstance(tree, Back):
        return True
    if isinstance(tree, (Cat, Alt)):
        return any(refers_back(item) for item in tree.items)
    return refers_back(tree.item) if isinstance(tree, (Repeat, Group, Look)) else False


__all__ = ["Automaton", "TooHard", "conditional", "refers_back"]
