"""
Journal entries as bytes, and back (MessagePack).

Not pickle: a file of state is handed around with a ticket, and must not be able to
run anything.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mockserver.exchange import MISSING, Place, Request, Response, Violation, Wire
from mockserver.server.journal import Entry

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


def encoded(entry: Entry) -> bytes:
    """Return *entry* as bytes."""
    request, response = entry.request, entry.response
    wire = (response.wire.delay, response.wire.fault) if response.wire is not None else None
    parts: list[Any] = [
        *(entry.number, entry.at, entry.seconds),
        (request.method, request.path, request.query, request.headers, request.body, request.client),
        (response.status, response.headers, response.body, wire),
        *(entry.api, entry.operation, entry.source),
        [_violation(one) for one in entry.violations],
        *(entry.notes, entry.cut, entry.stub, entry.owner),
    ]
    try:
        return _encode(parts)
    except (
        OverflowError,
        TypeError,
        ValueError,
        UnicodeError,
    ):  # an integer beyond 64 bits, a lone surrogate
        parts[8] = [_violation(one, plain=True) for one in entry.violations]
        return _encode(parts)


def _violation(one: Violation, *, plain: bool = False) -> tuple[Any, ...]:
    expected, found = one.expected, one.found
    if plain:
        expected = None if expected is None else ascii(expected)
        found = found if found is MISSING else ascii(found)
    place = (one.place.file, one.place.pointer, one.place.line) if one.place is not None else None
    return (
        *(one.where, one.pointer, one.keyword, one.detail, expected),
        *(found is not MISSING, None if found is MISSING else found, place),
    )


def decoded(data: bytes) -> Entry:
    """Return the entry that *data* is."""
    number, at, seconds, asked, said, api, operation, source, violations, notes, cut, stub, owner = _decode(
        data
    )
    method, path, query, headers, body, client = asked
    request = Request(method, path, query, tuple((name, value) for name, value in headers), body, client)
    status, fields, content, wire = said
    response = Response(
        status, [(name, value) for name, value in fields], content, Wire(*wire) if wire is not None else None
    )
    found = tuple(
        Violation(
            *(where, pointer, keyword, detail, expected),
            *(value if there else MISSING, Place(*place) if place is not None else None),
        )
        for where, pointer, keyword, detail, expected, there, value, place in violations
    )
    return Entry(
        *(number, at, seconds, request, response, api, operation, source),
        *(found, tuple(notes), cut, stub, owner),
    )
