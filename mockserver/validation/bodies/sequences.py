"""
Bodies that are a sequence of JSON values (OpenAPI 3.2.0, "Sequential Media Types").

JSON Lines and NDJSON have one a line, JSON text sequences (RFC 7464) begin each
with a record separator, server-sent events are objects of their fields. Each is
held against `itemSchema`, all of them together against `schema`.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.encoded import Misread
from mockserver.contract.sequences import EVENTS, SEPARATED
from mockserver.exchange import Json
from mockserver.validation.bodies.json_body import read_json, text_of

MOST_TROUBLES = 100
"""Items that cannot be read, after which nothing more is read: the rest would help nobody."""


def read_sequence(
    raw: bytes, essence: str, charset: str, troubles: list[Misread], most: int | None = None
) -> list[Json]:
    """
    Return the values of a sequential body; one that cannot be read is null, and added to *troubles*.

    Raises:
        Misread: It has over *most* lines, or no text at all can be made of it.
    """
    mark = b"\x1e" if essence == SEPARATED else b"\n"
    if most is not None and raw.count(mark) > most:
        raise Misread(f"The body has over {most} lines (--max-values).", "maxValues")
    if essence == EVENTS:
        return list(_events(text_of(raw, charset)))
    values: list[Json] = []
    for part in raw.split(mark):
        if not part.strip():
            continue
        if len(troubles) >= MOST_TROUBLES:
            break
        try:
            values.append(read_json(part, charset))
        except Misread as error:
            troubles.append(
                Misread(str(error).replace("The body", "The item", 1), error.keyword, f"/{len(values)}")
            )
            values.append(None)
    return values


def _events(text: str) -> Iterator[dict[str, Json]]:
    """The events of a stream, as the WHATWG HTML standard reads them (9.2.6), `retry` as a number."""
    event: dict[str, Json] = {}
    for line in [*text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""]:
        if not line:
            if event:
                yield event
            event = {}
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            event["data"] = f"{event['data']}\n{value}" if "data" in event else value
        elif name == "retry" and value.isdigit():
            event["retry"] = int(value)
        elif name in ("event", "id"):
            event[name] = value
