"""
Java's regular expressions, within bounds.

WireMock's patterns are java.util.regex (DOTALL, the whole text must match). The
`regex` module speaks most of that: possessive quantifiers, "(?<name>...)",
"\\p{Alpha}", class intersections. What is only spelled differently is respelled.

It backtracks, as Java does, so "(a+)+b" can run for ever. Each match has a time
limit, and all that one request asks for have one together (`budget`); one that is not
done by then counts as no match. `validation/patterns.py` needs no limit, since its
engine is linear, but that one has no groups to extract and no look-behind, which stubs
use.
"""

from __future__ import annotations

import re
from functools import lru_cache

import regex

from mockserver.server.stubs import budget
from mockserver.server.stubs.reading import Unfit

LIMIT = 0.1
"""Seconds for one match."""
LONGEST = 10_000
"""Characters of an expression."""
HEAVIEST = 50_000
"""Characters of an expression with its repetitions written out, which is what it is compiled to."""

_JAVA = {
    r"\e": r"\x1b",
    r"\p{javaLowerCase}": r"\p{Ll}",
    r"\p{javaUpperCase}": r"\p{Lu}",
    r"\p{javaWhitespace}": r"\s",
}


class Pattern:
    """
    A compiled expression.

    Args:
        text: In Java's spelling.
        pointer: Where it stands, for the error.

    Raises:
        Unfit: It is none.
    """

    def __init__(self, text: str, pointer: str = "") -> None:
        self.text = text
        if len(text) > LONGEST or _weight(text) > HEAVIEST:
            raise Unfit(pointer, f"{text[:40]!r}… is a larger regular expression than is compiled here")
        try:
            self._compiled = _compiled(text)
        except (regex.error, RecursionError) as error:
            raise Unfit(pointer, f"{text!r:.200} is no regular expression: {error}") from error

    def fits(self, text: str) -> bool:
        """Whether the whole of *text* matches."""
        try:
            return self._compiled.fullmatch(text, timeout=_limit(), concurrent=True) is not None
        except TimeoutError:
            return False

    def found(self, text: str) -> tuple[str, tuple[str, ...]] | None:
        """Return the first match within *text* and its groups, or None."""
        try:
            match = self._compiled.search(text, timeout=_limit(), concurrent=True)
        except TimeoutError:
            return None
        return None if match is None else (match[0], tuple(group or "" for group in match.groups()))

    def replaced(self, text: str, by: str) -> str:
        """Return *text* with every match replaced by the text *by*."""
        try:
            made = self._compiled.sub(lambda _: by, text, timeout=_limit(), concurrent=True)
        except TimeoutError:
            return text
        return str(made)


def _limit() -> float:
    """Return the seconds for a match. Raises TimeoutError where there are none."""
    if budget.spent():
        raise TimeoutError
    return LIMIT


@lru_cache(maxsize=1024)
def _compiled(text: str) -> regex.Pattern[str]:
    # ASCII: \w, \d and \s are in Java what they were in 1999, unless (?U) stands before.
    return regex.compile(_respelled(text), regex.VERSION1 | regex.DOTALL | regex.ASCII)


_TOKEN = re.compile(r"\\Q.*?(?:\\E|$)|\\.|\{(\d+)(?:,\d*)?\}|[()\[\]]|.", re.DOTALL)


def _weight(text: str) -> int:
    """Return how long *text* is with the least of its repetitions written out: ((a{9}){9}){9} is 729."""
    groups, last, sets = [0], 0, 0
    for token in _TOKEN.finditer(text):
        said = token[0]
        if sets or said == "[":
            sets += (said == "[") - (said == "]")
            last = 1
        elif said == "(":
            groups.append(0)
            continue
        elif said == ")" and len(groups) > 1:
            last = groups.pop()
        elif token[1] is not None:
            groups[-1] += last * (min(int(token[1][:9]), HEAVIEST) - 1)
            last *= max(1, min(int(token[1][:9]), HEAVIEST))
            continue
        else:
            last = len(said)
        groups[-1] += last
    return max(groups)


def _respelled(text: str) -> str:
    parts: list[str] = []
    rest = text
    while True:  # \Q...\E quotes
        before, quote, after = rest.partition(r"\Q")
        for java, ours in _JAVA.items():
            before = before.replace(java, ours)
        parts.append(before)
        if not quote:
            return "".join(parts)
        quoted, _, rest = after.partition(r"\E")
        parts.append(regex.escape(quoted))
