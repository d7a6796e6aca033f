"""
Answers that go wrong on the wire, truly: a raw socket sees what a broken network shows.

Each fault is a function of a `Line`, the few things that it may do to a
connection. None of them blocks: what takes time is a timer of the event loop, so
that thousands of them cost no thread.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from asyncio import AbstractEventLoop, Transport
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mockserver.exchange import Response
from mockserver.server import wire

PIECES = 20
"""How many pieces a dripping body comes in."""

EVERY = 0.1
"""Seconds between two pieces."""

GARBAGE = bytes((position * 167 + 13) % 256 for position in range(512))
"""Bytes that are no HTTP, the same each time."""


@dataclass(slots=True)
class Line:
    """
    A connection, at the moment at which it was to carry *response*.

    Attributes:
        loop: For timers.
        transport: The connection.
        response: What would have been sent.
        date: The Date field's value.
        body: Whether the answer may carry a body (not to HEAD, not with 204).
        keep: Whether the connection would stay open.
        hold: Call it with a timer to have it cancelled when the client goes away.
        done: Call it when the connection can carry the next answer; no call, no next answer.
    """

    loop: AbstractEventLoop
    transport: Transport
    response: Response
    date: str
    body: bool
    keep: bool
    hold: Callable[[object], None]
    done: Callable[[], None]

    def head(self, *, length: int | None, keep: bool = False) -> bytes:
        """Return the head of the answer, with the Content-Length that the fault wants."""
        return wire.head(self.response, date=self.date, keep=keep, length=length)

    @property
    def content(self) -> bytes:
        """The body, b"" where none may be sent."""
        return self.response.body if self.body else b""


def reset(line: Line) -> None:
    """Send RST in place of an answer: the client sees "connection reset by peer"."""
    connection = line.transport.get_extra_info("socket")
    with contextlib.suppress(OSError):  # the client may be gone already, which is as good
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.transport.abort()


def empty(line: Line) -> None:
    """Close without a byte."""
    line.transport.close()


def truncated(line: Line) -> None:
    """Announce the whole body, send half of it, close."""
    content = line.content
    line.transport.write(line.head(length=max(len(content), 1)) + content[: len(content) // 2])
    line.transport.close()


def malformed(line: Line) -> None:
    """Send a good head and the body as a chunk, then what is no chunk, and close."""
    line.response = _chunked(line.response)
    content = line.content or b" "
    line.transport.write(line.head(length=None) + _chunk(content) + b"not-a-chunk\r\n" + GARBAGE[:64])
    line.transport.close()


def garbage(line: Line) -> None:
    """Send bytes that are no HTTP at all, and close."""
    line.transport.write(GARBAGE)
    line.transport.close()


def length(line: Line) -> None:
    """Announce half of the body and send all of it: what is left over spoils the connection."""
    content = line.content
    line.transport.write(line.head(length=len(content) // 2, keep=line.keep) + content)
    if line.keep:
        line.loop.call_soon(line.done)
    else:
        line.transport.close()


def timeout(line: Line) -> None:
    """Never answer; the connection stays open until the client gives up."""
    line.hold(None)


def drip(line: Line) -> None:
    """Send the head at once and the body in up to `PIECES` pieces, one each `EVERY` seconds, or as asked."""
    content = line.content
    asked = line.response.wire
    pieces = asked.pieces if asked is not None and asked.pieces else PIECES
    every = asked.spread / pieces if asked is not None and asked.pieces else EVERY
    size = max(1, -(-len(content) // pieces))
    line.transport.write(line.head(length=len(line.response.body), keep=line.keep))

    def piece(start: int) -> None:
        line.transport.write(content[start : start + size])
        if start + size < len(content):
            line.hold(line.loop.call_later(every, piece, start + size))
        elif line.keep:
            line.done()
        else:
            line.transport.close()

    line.hold(line.loop.call_later(every, piece, 0))


def endless(line: Line) -> None:
    """Send the body, and then white space without end."""
    line.response = _chunked(line.response)
    line.transport.write(line.head(length=None) + _chunk(line.content or b" "))

    def more() -> None:
        if (
            line.transport.get_write_buffer_size() == 0
        ):  # a client that does not read must not fill our memory
            line.transport.write(_chunk(b" "))
        line.hold(line.loop.call_later(EVERY, more))

    line.hold(line.loop.call_later(EVERY, more))


def _chunked(response: Response) -> Response:
    fields = [(name, value) for name, value in response.headers if name.lower() != "transfer-encoding"]
    return Response(response.status, [*fields, ("Transfer-Encoding", "chunked")], response.body)


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


FAULTS: Mapping[str, Callable[[Line], None]] = {
    "reset": reset,
    "empty": empty,
    "malformed": malformed,
    "timeout": timeout,
    "drip": drip,
    "truncated": truncated,
    "garbage": garbage,
    "length": length,
    "endless": endless,
}
"""What `Wire.fault` may say."""
