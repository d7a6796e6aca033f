"""
The properties that tell when a thing was made or changed, and how often.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from mockserver.behavior.store import Row
from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json

_STAMP = re.compile(
    r"(created|added|registered|inserted|modified|updated|changed)(at|on|date|time|datetime|timestamp|)?\Z"
)
_UPDATED = re.compile(r"(last)?(modified|updated|changed)(at|on|date|time|datetime|timestamp|)?\Z")
_EPOCH = re.compile(r"\b(unix|unixtime|epoch)\b", re.IGNORECASE)
"""In what is said of a number: it is seconds since 1970."""
_WRITTEN = re.compile(r"\b(RFC ?3339|ISO ?8601|date-?time|timestamp)\b", re.IGNORECASE)
"""In what is said of a text: it is a moment."""


_VERSIONS = ("version", "revision", "versionnumber", "lockversion")
_GROWS = re.compile(r"\bincrement|\bincreas(ed|es)\b", re.IGNORECASE)
"""In what is said of a number: each change makes it one more."""


class Marks:
    """
    The properties of rows that their changes leave marks in.

    Args:
        row: The shape of a row; None where no answer shows one.
        own: The properties that only the server sets.

    Attributes:
        stamps: Those that tell when a row was made or changed.
        versions: Those that count its changes.
    """

    def __init__(self, row: Shape | None, own: Sequence[str]) -> None:
        self._row = row
        shown = row.sure_names if row is not None else ()
        self.stamps = tuple(name for name in own if row is not None and _is_stamp(name, row.named(name)))
        self.versions = tuple(one for one in shown if row is not None and _is_version(one, row.named(one)))

    def put(self, row: Row, old: Row | None, now: str) -> None:
        """Mark *row*, that takes the place of the *old* one, or of none."""
        for name in self.stamps:
            if name not in row or (old is not None and _UPDATED.match(plain(name))):
                row[name] = self._at(name, now)
        for name in self.versions:
            row[name] = 1 if old is None else _more(old.get(name), row.get(name))

    def move(self, row: Row, before: Row, now: str) -> None:
        """Mark *row*, that was *before* and has been changed."""
        for name in self.stamps:
            if name in row and _UPDATED.match(plain(name)):
                row[name] = self._at(name, now)
        for name in self.versions:
            row[name] = _more(before.get(name), row.get(name))

    def _at(self, name: str, now: str) -> Json:
        assert self._row is not None
        return int(datetime.fromisoformat(now).timestamp()) if _counts(self._row.named(name)) else now


def _more(old: Json, new: Json) -> Json:
    return old + 1 if isinstance(old, int) and not isinstance(old, bool) else new if new is not None else 1


def _is_stamp(name: str, shape: Shape) -> bool:
    return bool(_STAMP.match(plain(name).removeprefix("last"))) and (_is_moment(shape) or _counts(shape))


def _is_version(name: str, shape: Shape) -> bool:
    whole = shape.typed and shape.kinds <= {"integer", "null"}
    return whole and plain(name) in _VERSIONS and bool(_GROWS.search(shape.described))


def _is_moment(shape: Shape) -> bool:
    formats = {face["format"] for face in shape.faces if "format" in face}
    text = shape.typed and shape.kinds <= {"string", "null"} and not formats and shape.enum is None
    return "date-time" in formats or (text and bool(_WRITTEN.search(shape.described)))


def _counts(shape: Shape) -> bool:
    """Return whether a time is a number of seconds since 1970: "unix-time", "Unix epoch"."""
    formats = " ".join(str(face.get("format", "")) for face in shape.faces)
    whole = shape.typed and shape.kinds <= {"integer", "null"}
    return whole and bool(_EPOCH.search(f"{formats} {shape.described}"))
