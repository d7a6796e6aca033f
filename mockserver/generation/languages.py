"""
Is there a string that holds to patterns, lengths and formats at once?

Strings for a schema are drawn from a language that may be a little smaller than the
right one (automata.py passes over what it cannot put together, grammars.py knows
a part of each format). To say that there is none takes one that is not smaller:
what cannot be told exactly is left out here, or told roughly.
"""

from __future__ import annotations

import re

from mockserver.errors import Ungeneratable
from mockserver.generation.automata import Automaton, TooHard, conditional, refers_back
from mockserver.generation.ecma import Alt, BadPattern, Cat, Group, Look, Repeat, Tree, parse
from mockserver.generation.shape import Shape

OUTLINES: dict[str, str] = {
    "uuid": r"^[0-9a-fA-F-]{36}$",
    "date": r"^\d{4}-\d\d-\d\d$",
    "time": r"^\d\d:\d\d:\d\d[.\dZz:+-]+$",
    "date-time": r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d[.\dZz:+-]+$",
    "email": r"^[\s\S]+@[\s\S]+$",
    "ipv4": r"^[0-9.]{7,15}$",
    "ipv6": r"^[0-9a-fA-F:.]{2,45}$",
    "uri": r"^[a-zA-Z][a-zA-Z0-9+.-]*:",
    "byte": r"^[A-Za-z0-9+/=]*$",
    "char": r"^[\s\S]$",
}
"""Format -> a pattern that all its strings match, and others."""

MANY = 40
"""Strings that `not` takes away, up to which they are looked at."""


_LITERAL = re.compile(r"/\^.*/[a-z]*|/.*\$/[a-z]*", re.DOTALL)
"""A pattern as JavaScript's source has it, with an anchor inside its slashes."""


def no_string(shape: Shape) -> str | None:
    """Return why no string holds to *shape*; None where there may be one."""
    patterns = [pattern for pattern in shape.patterns if _told(pattern, exactly=False)]
    unlike = [pattern for pattern in shape.unlike if _told(pattern, exactly=True)]
    gone = [each for each in shape.excluded if isinstance(each, str)]
    if len(gone) <= MANY:
        unlike += [f"^{re.escape(each)}$" for each in gone if each.isalnum() or not each]
    outlines = {name: OUTLINES[name] for name in shape.formats if name in OUTLINES}
    wanted = [*patterns, *outlines.values()]
    free = not unlike and not shape.shortest and shape.longest is None
    if (not wanted and not unlike) or (free and len(wanted) == 1 and not conditional(parse(wanted[0]))):
        return None
    try:
        automaton = Automaton(wanted, unlike, [], shape.shortest, shape.longest)
        if automaton.algebra.away(automaton.start) >= 0:
            return None
    except (TooHard, RecursionError, Ungeneratable):
        return None
    said = [f"format {name!r}" for name in outlines]
    said += [f"pattern {pattern!r}" for pattern in patterns]
    said += [f"not pattern {pattern!r}" for pattern in unlike]
    said += [f"minLength {shape.shortest}"] if shape.shortest else []
    said += [] if shape.longest is None else [f"maxLength {shape.longest}"]
    literal = next((pattern for pattern in patterns if _LITERAL.fullmatch(pattern)), None)
    hint = (
        "" if literal is None else f"; the slashes around {literal!r} are part of it, as nowhere but in code"
    )
    return f"no string has {' and '.join(said)}{hint}"


def _told(pattern: str, *, exactly: bool) -> bool:
    """Whether the language made of *pattern* leaves no string out; *exactly*: takes none in either."""
    try:
        tree = parse(pattern)
    except BadPattern:
        return False
    if refers_back(tree):
        return False
    return not conditional(tree) if exactly else not _unrolled(tree)


def _unrolled(tree: Tree) -> bool:
    """Whether something with conditions in it is repeated, or looked behind at: see automata.py."""
    if isinstance(tree, Repeat):
        return conditional(Cat((tree.item, tree.item))) or _unrolled(tree.item)
    if isinstance(tree, (Cat, Alt)):
        return any(_unrolled(item) for item in tree.items)
    if isinstance(tree, Look):
        return not tree.ahead or conditional(tree.item)
    return isinstance(tree, Group) and _unrolled(tree.item)
