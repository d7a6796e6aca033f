"""
What one request may hold, once its bytes are read.

The door bounds bytes (server/reader.py); these bound what can be made of them. Ten
megabytes are four million zeros, and each value costs a validator more than a
byte costs a parser. A list of form fields or of parts is bounded for the same
reason. `serve` sets them from its options, before anything is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class BodyLimits:
    """
    Bounds of a request's body, whatever its media type.

    Attributes:
        body: Bytes that may come out of a content coding.
        values: JSON values, XML elements and attributes, or lines of a sequence.
        fields: Fields of an urlencoded form.
        parts: Parts of a multipart body.
        depth: Levels of arrays and objects. What came in must be written again, and orjson writes no more
            than 253.
    """

    body: int = 10 * 1024 * 1024
    values: int = 50_000
    fields: int = 10_000
    parts: int = 1_000
    depth: int = 200


LIMITS = BodyLimits()
"""Those of this process."""


def holds_more(value: Any, most: int) -> bool:
    """Return whether *value* holds more than *most* JSON values, itself among them; looks no further."""
    count = 1
    waiting = [value]
    inner: Any
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            count += len(one)
            inner = one.values()
        elif isinstance(one, list):
            count += len(one)
            inner = one
        else:
            continue
        if count > most:
            return True
        waiting.extend(item for item in inner if isinstance(item, (dict, list)))
    return False


def nests_deeper(value: Any, most: int) -> bool:
    """Return whether arrays and objects lie more than *most* levels deep in *value*."""
    level = [value]
    for _ in range(most + 1):
        level = [
            item
            for container in level
            if isinstance(container, (dict, list))
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True
