"""
The properties that tell when a thing was made or changed, and what they are at a time.
"""

from __future__ import annotations

import re
from datetime import datetime

from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json

_STAMP = re.compile(
    r"(created|added|registered|inserted|modified|updated|changed)(at|on|date|time|datetime|timestamp|)?\Z"
)
_UPDATED = re.compile(r"(last)?(modified|updated|changed)(at|on|date|time|datetime|timestamp|)?\Z")
_EPOCH = re.compile(r"\b(unix|unixtime|epoch)\b", re.IGNORECASE)
"""In what is said of a number: it is seconds since 1970."""


def is_stamp(name: str, shape: Shape) -> bool:
    """Return whether the property *name*, of *shape*, tells when a thing was made or changed."""
    timed = any(face.get("format") == "date-time" for face in shape.faces) or _counts(shape)
    return timed and bool(_STAMP.match(plain(name).removeprefix("last")))


def is_of_change(name: str) -> bool:
    """Return whether the stamp *name* tells when a thing was changed."""
    return bool(_UPDATED.match(plain(name)))


def stamp(shape: Shape, now: str) -> Json:
    """Return the time *now* as a property of *shape* has it."""
    return int(datetime.fromisoformat(now).timestamp()) if _counts(shape) else now


def _counts(shape: Shape) -> bool:
    """Return whether a time is a number of seconds since 1970: "unix-time", "Unix epoch"."""
    formats = " ".join(str(face.get("format", "")) for face in shape.faces)
    whole = shape.typed and shape.kinds <= {"integer", "null"}
    return whole and bool(_EPOCH.search(f"{formats} {shape.described}"))
