"""
What is asked of the rows of a list, read out of them once: values and texts, side by side.

A hundred thousand rows lie all over the memory, and to look a name up in each takes
longer than what is then compared. A list that is kept (`Ordered`) keeps such columns as
well, so that a filter or a search is one pass over what lies together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from operator import and_
from typing import Any

from mockserver.behavior.rows import Entries, field
from mockserver.exchange import MISSING, Json

Values = list[Any]
Read = Callable[[Entries], Values]
"""Reads a column out of rows: one value of each."""

Column = Callable[[Any, Read], Values]
"""Gives the column that is known by something, and is read so."""

SEARCH = ("search",)
"""What the column of the texts that are searched is known by; others are by their paths."""

_NUMBERS = (int, float)
_TIMED = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_APART = "\ud800"
"""Stands between the texts of a row: no text that is sought has half a character in it."""


def values_at(path: str) -> Read:
    """Return what reads the values at *path* ("stats.sent"), `MISSING` where there is none."""
    if "." in path:
        return lambda rows: [field(row, path) for row in rows]
    return lambda rows: [row.get(path, MISSING) if type(row) is dict else field(row, path) for row in rows]


def texts_at(paths: Iterable[str]) -> Read:
    """Return what reads the texts at *paths*, and those of lists there, to be searched with `saying`."""
    all_ = tuple(paths)
    if len(all_) == 1 and "." not in all_[0]:
        read = values_at(all_[0])
        return lambda rows: [
            value.casefold() if type(value) is str else _joined(_texts(value)) for value in read(rows)
        ]
    return lambda rows: [_joined(text for path in all_ for text in _texts(field(row, path))) for row in rows]


def joined(read: Callable[[Any], Iterable[str]]) -> Read:
    """Return what reads all the texts that *read* gives of a row, to be searched with `saying`."""
    return lambda rows: [_joined(read(row)) for row in rows]


def saying(texts: Values, sought: str) -> list[bool]:
    """Return of each of *texts* whether it has *sought* in it, whatever its case."""
    folded = sought.casefold()
    return [folded in text for text in texts]


def bounded(
    values: Values, wanted: Any, holds: Callable[[Any, Any], bool], cut: bool, tell: Callable[[Any], bool]
) -> list[bool]:
    """
    Return of each of *values* whether it *holds* between it and *wanted*, be these numbers or texts.

    *cut*: whether of a text no more is compared than *wanted* has. Of all else *tell* says it, as it does of
    times that are not written alike.
    """
    if type(wanted) in _NUMBERS:
        return [holds(value, wanted) if type(value) in _NUMBERS else tell(value) for value in values]
    if type(wanted) is not str:
        return list(map(tell, values))
    size = len(wanted)
    if not _TIMED.match(wanted):
        end = size if cut else None
        return [holds(value[:end], wanted) if type(value) is str else tell(value) for value in values]
    if wanted[-1] != "Z":
        return list(map(tell, values))
    return [
        holds(value, wanted)
        if type(value) is str and len(value) == size and value[-1] == "Z"
        else tell(value)
        for value in values
    ]


def both(flags: list[bool] | None, more: list[bool]) -> list[bool]:
    """Return what holds by both; *more* where there is nothing before."""
    return more if flags is None else list(map(and_, flags, more))


def _joined(texts: Iterable[str]) -> str:
    return _APART.join(texts).casefold()


def _texts(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    return [one for one in value if isinstance(one, str)] if type(value) is list else ()
