"""
Sequences of JSON values on the wire (OpenAPI 3.2.0, "Sequential Media Types").

JSON Lines and NDJSON have one a line, JSON text sequences (RFC 7464) begin each
with a record separator, server-sent events are lines of fields (WHATWG HTML,
9.2.6).
"""

from __future__ import annotations

from typing import Any

import orjson

from mockserver.exchange import Json

EVENTS = "text/event-stream"
SEPARATED = "application/json-seq"
SEQUENTIAL = frozenset(
    [
        "application/jsonl",
        "application/x-ndjson",
        "application/ndjson",
        "application/json-lines",
        SEPARATED,
        EVENTS,
    ]
)

_FIELDS = ("event", "data", "id", "retry")


def write_sequence(value: Json, essence: str) -> bytes:
    """Return the items of *value* as a body of the media type *essence*; what is no list is one item."""
    items = value if isinstance(value, list) else [value]
    if essence == EVENTS:
        return "".join(map(_event, items)).encode("utf-8", "surrogatepass")
    mark = b"\x1e" if essence == SEPARATED else b""
    return b"".join(mark + orjson.dumps(item) + b"\n" for item in items)


def _event(item: Any) -> str:
    """Write an event: an object of an event's fields as these, anything else as the JSON in its data."""
    if not isinstance(item, dict) or not item.keys() <= {*_FIELDS}:
        item = {"data": item}
    lines: list[str] = []
    for name in _FIELDS:
        if item.get(name) is not None:
            value = item[name]
            text = value if isinstance(value, str) else orjson.dumps(value).decode()
            lines.extend(f"{name}: {line}\n" for line in text.splitlines() or [""])
    return "".join(lines) + "\n"
