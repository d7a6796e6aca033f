"""
Read an ECMA-262 regular expression into a tree.

JSON Schema patterns are ECMA-262 (2020-12 Core, 6.4). Neither `re` nor rstr reads
them: `\\d` is ASCII there, `$` is not before a last newline, `\\p{..}`, `\\cX` and
`\\u{..}` exist, and `[^]` means anything. The grammar is that of ECMA-262 22.2.1 with
the leniency of Annex B; what people bring from elsewhere (`(?P<name>`, `\\A`, `\\Z`,
inline flags, possessive quantifiers) is understood too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from mockserver.generation.characters import (
    ALL,
    DIGITS,
    LINE_ENDS,
    SPACE,
    WORD,
    Ranges,
    complement,
    folded,
    named,
    union,
)


class BadPattern(ValueError):
    """The pattern is not a regular expression."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of *ranges*."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Cat:
    """One after the other."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Alt:
    """One of them."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """*item*, at least *least* and at most *most* times; None for any number."""

    item: Tree
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """A capture, counted from 1; *name* is "" where it has none."""

    number: int
    name: str
    item: Tree


@dataclass(frozen=True, slots=True)
class Back:
    """What the group *name*, a name or a number, has captured."""

    name: str


@dataclass(frozen=True, slots=True)
class Look:
    """A condition on what follows (*ahead*) or precedes; turned round when *negative*."""

    item: Tree
    ahead: bool
    negative: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """ "^" (start), "$" (end), "b" (word boundary) or "B" (none)."""

    kind: str


Tree = Chars | Cat | Alt | Repeat | Group | Back | Look | Edge

EMPTY = Cat(())

ESCAPES = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D, "0": 0x00, "a": 0x07, "e": 0x1B}
CLASSES: dict[str, Ranges] = {
    "d": DIGITS,
    "D": complement(DIGITS),
    "w": WORD,
    "W": complement(WORD),
    "s": SPACE,
    "S": complement(SPACE),
}
HEX = frozenset("0123456789abcdefABCDEF")
MOST = 10_000
"""The highest count that is believed; a repetition beyond it is as good as endless."""


@lru_cache(maxsize=512)
def parse(pattern: str) -> Tree:
    """
    Return *pattern* as a tree.

    Raises:
        BadPattern: It is no regular expression.
    """
    reader = _Reader(pattern)
    tree = reader.alternatives()
    if reader.at < len(pattern):
        raise BadPattern(f"unmatched {pattern[reader.at]!r} at {reader.at}")
    return tree


class _Reader:
    """Reads a pattern from left to right; `at` is the place of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = 0
        self.fold = False
        self.dot_all = False

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def next(self) -> str:
        self.at += 1
        if self.at > len(self.text):
            raise BadPattern("the pattern ends too early")
        return self.text[self.at - 1]

    def alternatives(self) -> Tree:
        items = [self.sequence()]
        while self.take("|"):
            items.append(self.sequence())
        return items[0] if len(items) == 1 else Alt(tuple(items))

    def sequence(self) -> Tree:
        items: list[Tree] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            items.append(self.quantified(self.atom()))
        return items[0] if len(items) == 1 else Cat(tuple(items))

    def quantified(self, item: Tree) -> Tree:
        while True:
            if self.take("*"):
                least, most = 0, None
            elif self.take("+"):
                least, most = 1, None
            elif self.take("?"):
                least, most = 0, 1
            elif self.peek("{") and (counts := self.counts()) is not None:
                least, most = counts
            else:
                return item
            self.take("?") or self.take("+")  # lazy or possessive: the same strings, nearly
            if most is not None and most < least:
                raise BadPattern(f"numbers out of order in {{{least},{most}}}")
            item = item if isinstance(item, (Look, Edge)) and least else Repeat(item, least, most)

    def counts(self) -> tuple[int, int | None] | None:
        """
        Read "{n}", "{n,}" or "{n,m}"; None (and nothing read) where the brace is only a brace (Annex B).
        """
        end = self.text.find("}", self.at)
        if end < 0:
            return None
        low, comma, high = self.text[self.at + 1 : end].partition(",")
        low, high = low.strip(), high.strip()
        if not ((low.isascii() and low.isdigit()) or (comma and not low and high)):
            return None
        if high and not (high.isascii() and high.isdigit()):
            return None
        self.at = end + 1
        least = int(low or 0)
        most = least if not comma else (int(high) if high else None)
        return least, None if most is not None and most > MOST else most

    def atom(self) -> Tree:
        char = self.next()
        if char == ".":
            return Chars(ALL if self.dot_all else complement(LINE_ENDS))
        if char == "^":
            return Edge("^")
        if char == "$":
            return Edge("$")
        if char == "(":
            return self.group()
        if char == "[":
            return Chars(self.char_class())
        if char == "\\":
            return self.escape()
        if char in "*+?":
            raise BadPattern(f"nothing to repeat at {self.at - 1}")
        return self.literal(ord(char))

    def literal(self, code: int) -> Chars:
        ranges: Ranges = ((code, code),)
        return Chars(folded(ranges) if self.fold else ranges)

    def group(self) -> Tree:
        fold, dot_all = self.fold, self.dot_all
        if self.take("?"):
            wrap = self.group_head()
            if wrap is None:  # flags for the rest: "(?i)"
                return EMPTY
        else:
            self.groups += 1
            wrap = partial(Group, self.groups, "")
        tree = self.alternatives()
        if not self.take(")"):
            raise BadPattern("a group is not closed")
        self.fold, self.dot_all = fold, dot_all
        return wrap(tree)

    def group_head(self) -> Callable[[Tree], Tree] | None:
        """Read what stands between "(?" and the group's content; return what to make of the content."""
        if self.take(":") or self.take(">"):
            return lambda tree: tree
        for mark, ahead, negative in (
            ("=", True, False),
            ("!", True, True),
            ("<=", False, False),
            ("<!", False, True),
        ):
            if self.take(mark):
                return partial(Look, ahead=ahead, negative=negative)
        if self.take("P<") or self.take("<"):
            end = self.text.find(">", self.at)
            if end < 0:
                raise BadPattern("a group's name is not closed")
            name = self.text[self.at : end]
            self.at = end + 1
            self.groups += 1
            return partial(Group, self.groups, name)
        if self.take("#"):
            self.at = max(self.text.find(")", self.at), self.at)
            return lambda _tree: EMPTY
        return self.flags()

    def flags(self) -> Callable[[Tree], Tree] | None:
        """Read flags: for the group that follows, or (None) for the rest of the group around."""
        on = True
        while self.at < len(self.text) and self.text[self.at] in "imsxuUaL-":
            flag = self.next()
            if flag == "-":
                on = False
            elif flag == "i":
                self.fold = on
            elif flag == "s":
                self.dot_all = on
        if self.take(")"):
            return None
        if self.take(":"):
            return lambda tree: tree
        raise BadPattern(f"unknown group (?{self.text[self.at : self.at + 1]}")

    def escape(self) -> Tree:
        char = self.next()
        if char in "bB":
            return Edge(char)
        if char == "A":
            return Edge("^")
        if char in "zZ":
            return Edge("$")
        if char in "123456789":
            start = self.at - 1
            while self.at < len(self.text) and self.text[self.at].isdigit():
                self.at += 1
            return Back(self.text[start : self.at])
        if char == "k" and self.take("<"):
            end = self.text.find(">", self.at)
            if end < 0:
                raise BadPattern("a reference's name is not closed")
            name, self.at = self.text[self.at : end], end + 1
            return Back(name)
        self.at -= 1
        ranges = self.escaped()
        return Chars(folded(ranges) if self.fold else ranges)

    def escaped(self) -> Ranges:
        """Read what follows a backslash where it stands for characters; also inside a class."""
        char = self.next()
        if char in CLASSES:
            return CLASSES[char]
        if char in "pP":
            return self.unicode_property(negative=char == "P")
        if char == "c" and self.at < len(self.text) and self.text[self.at].isalpha():
            code = ord(self.next()) % 32
        elif char == "x":
            code = self.hexadecimal(2, ord("x"))
        elif char == "u":
            code = self.unicode_escape()
        elif char in ESCAPES:
            code = ESCAPES[char]
        else:
            code = ord(char)
        return ((code, code),)

    def unicode_property(self, *, negative: bool) -> Ranges:
        if self.take("{"):
            end = self.text.find("}", self.at)
            if end < 0:
                raise BadPattern("a property's name is not closed")
            name, self.at = self.text[self.at : end], end + 1
        else:
            name = self.next()
        if name.startswith("^"):
            name, negative = name[1:], not negative
        found = named(name)
        if found is None:
            raise BadPattern(f"unknown property {name!r}")
        return complement(found) if negative else found

    def unicode_escape(self) -> int:
        if self.take("{"):
            end = self.text.find("}", self.at)
            digits = self.text[self.at : end]
            if end < 0 or not digits or not HEX.issuperset(digits):
                raise BadPattern("a code point is not closed")
            self.at = end + 1
            return int(digits, 16)
        code = self.hexadecimal(4, ord("u"))
        if 0xD800 <= code < 0xDC00 and self.peek("\\u"):  # a pair of surrogates is one character
            before = self.at
            self.at += 2
            low = self.hexadecimal(4, 0)
            if 0xDC00 <= low < 0xE000:
                return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
            self.at = before
        return code

    def hexadecimal(self, count: int, otherwise: int) -> int:
        digits = self.text[self.at : self.at + count]
        if len(digits) < count or not HEX.issuperset(digits):
            return otherwise
        self.at += count
        return int(digits, 16)

    def char_class(self) -> Ranges:
        negative = self.take("^")
        parts: list[tuple[int, int]] = []
        while not self.take("]"):
            low = self.class_atom()
            if self.peek("-") and not self.peek("-]") and len(low) == 1 and low[0][0] == low[0][1]:
                self.at += 1
                high = self.class_atom()
                if len(high) == 1 and high[0][0] == high[0][1]:
                    if high[0][0] < low[0][0]:
                        raise BadPattern("a range in a class is out of order")
                    parts.append((low[0][0], high[0][0]))
                    continue
                parts += [*low, *high, (0x2D, 0x2D)]
                continue
            parts += low
        ranges = union(parts)
        if self.fold:
            ranges = folded(ranges)
        return complement(ranges) if negative else ranges

    def class_atom(self) -> Ranges:
        char = self.next()
        if char == "[" and self.peek(":"):
            end = self.text.find(":]", self.at)
            found = named(self.text[self.at + 1 : end]) if end > 0 else None
            if found is not None:
                self.at = end + 2
                return found
        if char != "\\":
            return ((ord(char), ord(char)),)
        if self.take("b"):
            return ((0x08, 0x08),)
        if self.take("-"):
            return ((0x2D, 0x2D),)
        return self.escaped()
