"""
One connection: requests as the reader finds them, answers in one write each.

Why no ready-made server. Measured on 2 cores with `wrk -t1 -c16 -d4`, a constant
answer of 400 bytes with ten header fields, CPU of the process group for each
request (GET / POST of 300 bytes), and CPU from process start to the first answer:

    granian 2.8, ASGI, embedded, asyncio      53 / 112 µs   150 ms
    granian 2.8, ASGI, embedded, uvloop       39 /  73 µs   130 ms   "embedded server is experimental"
    uvicorn 0.54, ASGI, httptools, uvloop     48 /  45 µs   190 ms
    waitress, raw WSGI (PERFORMANCE.md)      223 µs
    this, with the journal and CORS           26 /  27 µs   100 ms

A mock also has to do what no ASGI or WSGI server offers: reset a connection, send
half a body, hold ten thousand requests without a thread, keep "%2F" as it came.
With the transport in our hands that is a line each (server/faults.py).

Requests of one connection are answered one after the other, in order (RFC 9112,
9.3.2). An answer is made in the event loop when it is a contract's, and in a
thread when it is Flask's (server/gateway.py).
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from mockserver.exchange import Gate, Response
from mockserver.server import health, wire
from mockserver.server.faults import FAULTS, Line
from mockserver.server.problems import problem
from mockserver.server.reader import Reader, Turn

if TYPE_CHECKING:
    from mockserver.server.door import Door
    from mockserver.server.gateway import Job

LINGER = 5.0
"""Seconds in which a refused client may still send: a reset would take the answer from it (RFC 9112, 9.6)."""

QUEUE = 32
"""Pipelined requests that may wait before we stop reading."""


class Connection(asyncio.Protocol):
    """
    A client, from its connect to its close.

    Attributes:
        busy: Whether an answer is under way that is not written in one go.
        until_eof: Whether that answer ends only when the client gives up.
        gone: Whether the client is.
        writable: Whether the client takes what we write.
        since: When the request under way began, or when the last thing happened; in the door's time.
        gate: Where the answer waits until somebody lets it go; None where it does not.
        timer: What will go on with the answer; None when nothing has to wait.
        job: The thread that makes the answer, if one does.
    """

    __slots__ = (
        "busy", "client", "door", "gate", "gone", "job", "loop", "paused", "reader", "since", "timer",
        "transport", "until_eof", "writable",
    )  # fmt: skip

    def __init__(self, door: Door) -> None:
        self.door = door
        self.loop = door.loop
        self.transport: asyncio.Transport = None  # type: ignore[assignment]
        self.reader: Reader = None  # type: ignore[assignment]
        self.busy = False
        self.until_eof = False
        self.gone = False
        self.writable = True
        self.paused = False
        self.since = door.now
        self.timer: Any = None
        self.gate: Gate | None = None
        self.job: Job | None = None

    # The transport's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember who it is; one too many is closed unread."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class is no subclass of it
        peer = transport.get_extra_info("peername")
        client = f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else ""
        self.reader = Reader(self.door.limits, client, self.door.flow)
        if not self.door.admit(self):
            self.reader.end()
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Let go of everything that refers to this connection."""
        self.gone = True
        self.reader.let_go()
        self.door.flow.read(self)
        self._cancel()
        self.door.leave(self)

    def eof_received(self) -> bool:
        """Stay for answers that are still to be sent; tell the transport to close when there are none."""
        if (self.busy and not self.until_eof) or self.reader.turns:
            self.reader.end()
            return True
        return False

    def pause_writing(self) -> None:
        """Answer nothing more while the client does not read."""
        self.writable = False
        self.door.flow.unread(self, self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Go on with what waits."""
        self.writable = True
        self.door.flow.read(self)
        if self.job is not None:
            self.job.room.set()
        self._proceed()

    def data_received(self, data: bytes) -> None:
        """Read, then answer what is whole."""
        reader = self.reader
        before = reader.begun
        reader.feed(data)
        if reader.begun != before:
            self.since = self.door.now
        self._proceed()
        self._continue()

    def give_up(self) -> None:
        """Close at once: the client takes too little, and others need the room."""
        self.transport.abort()

    # Answering

    def _proceed(self) -> None:
        """Answer what is whole, in order, as long as nothing is in the way."""
        turns = self.reader.turns
        while turns and self.writable and not self.busy and not self.gone:
            self._answer(turns.popleft())
        if (len(turns) > QUEUE) != self.paused and not self.gone:
            self.paused = not self.paused
            if self.paused:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()

    def _answer(self, turn: Turn) -> None:
        request = turn.request
        if turn.refusal is not None:
            self.send(turn, self.door.opened(turn.refusal, request.header("origin")))
            return
        if self.door.through or wire.is_admin(request.path):
            if not self.door.through and request.path == health.PATH and request.method in ("GET", "HEAD"):
                self.send(turn, self.door.health(request))
                return
            self.busy = True
            self.door.gateway.start(self, turn)
            return
        self._begin(turn, self.door.answer(request))

    def _kept(self, turn: Turn, response: Response) -> None:
        """Go on with a response that was made in its turn."""
        if not self.gone:
            self.busy = False
            self._begin(turn, response)
            self._proceed()
            self._continue()

    def _begin(self, turn: Turn, response: Response) -> None:
        """Send *response* as soon as it may go."""
        asked = response.wire
        if asked is None:
            self.send(turn, response)
        elif asked.turn is not None:
            self.busy = True
            assert self.door.turns is not None, "who puts a request off lets it come"
            self.door.turns.add(asked.turn, partial(self._kept, turn))
        elif asked.gate is not None:
            self.busy = self.until_eof = True
            self.gate = gate = asked.gate
            gate.then(lambda: self.door.in_loop(self._let_go, turn, gate))
        elif asked.delay > 0:
            self.busy = True
            self.timer = self.loop.call_later(asked.delay, self._late, turn, response)
        else:
            self._perform(turn, response)

    def _let_go(self, turn: Turn, gate: Gate) -> None:
        """Go on with a response that waited at *gate*."""
        self.gate = None
        if not self.gone:
            self.busy = self.until_eof = False
            self._begin(turn, gate.go())
            self._proceed()

    def _late(self, turn: Turn, response: Response) -> None:
        """Send *response* after its delay."""
        self.timer = None
        self.busy = False
        self._perform(turn, response)
        self._proceed()

    def _perform(self, turn: Turn, response: Response) -> None:
        """Send *response* the way its fault wants it, as soon as it is there."""
        if response.wire is not None and response.wire.fetch is not None:
            self.busy = True
            self.door.gateway.fetch(self, turn, response.wire.fetch)
            return
        fault = response.wire.fault if response.wire is not None else ""
        if not fault:
            self.send(turn, response)
            return
        self.busy = True
        self.reader.answered(len(turn.request.body))
        self.until_eof = fault in ("timeout", "endless")
        FAULTS[fault](
            Line(
                self.loop,
                self.transport,
                response,
                self.door.date,
                wire.has_body(turn.request.method, response.status),
                turn.keep and not self.reader.ended,
                self._hold,
                self.done,
            )
        )

    def fetched(self, turn: Turn, response: Response) -> None:
        """Go on with a response that had to be got."""
        self.busy = False
        self._perform(turn, response)
        self._proceed()

    def send(self, turn: Turn, response: Response) -> None:
        """Put a whole answer on the wire in one piece."""
        reader = self.reader
        reader.answered(len(turn.request.body))
        keep = turn.keep and (not reader.ended or bool(reader.turns))
        body = response.body
        method = turn.request.method
        if wire.has_body(method, response.status):
            top = wire.head(response, date=self.door.date, keep=keep, old=turn.old, length=len(body))
            self.transport.write(top + body)
        else:
            length = wire.length_of(response, method)
            self.transport.write(
                wire.head(response, date=self.door.date, keep=keep, old=turn.old, length=length)
            )
        if not keep:
            self._close(linger=turn.refusal is not None)

    def done(self) -> None:
        """Go on with the next request, after an answer that took its time."""
        self.busy = False
        self.timer = None
        self.since = self.door.now
        if self.reader.ended and not self.reader.turns:
            self._close()
        elif not self.gone:
            self._proceed()
            self._continue()

    def _continue(self) -> None:
        """Ask for the body that a client holds back, once it is its turn."""
        if not self.busy and not self.gone and self.reader.wants_continue():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hold(self, timer: object) -> None:
        self.timer = timer

    # The end

    def finish(self) -> None:
        """Close behind an answer whose end is the connection's end."""
        self._close()

    def stop(self) -> None:
        """Take no further request; close now, or behind the answer that is under way."""
        if self.busy and not self.until_eof:
            self.reader.end()
        else:
            self._close()

    def sweep(self, now: float) -> None:
        """Refuse who is too slow, close who says nothing (called once a second)."""
        if self.busy or self.gone:
            return
        waited = now - self.since
        limits = self.door.limits
        if self.reader.ended:
            slow = self.transport.get_write_buffer_size() > 0
            if waited > (limits.request if slow else LINGER):
                self.transport.abort()
        elif self.reader.reading:
            if waited > limits.request:
                self.reader.refuse(problem(408, "The request did not come in time."))
                self._proceed()
        elif waited > limits.idle:
            self._close()

    def _cancel(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.gate is not None:
            self.gate.leave()
            self.gate = None
        if self.job is not None:
            self.job.cancel()

    def _close(self, linger: bool = False) -> None:
        """Close; with *linger* only our side, so that the answer is read before a reset can take it away."""
        self.reader.end()
        self.reader.turns.clear()
        self.since = self.door.now
        if linger and self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        else:
            self._cancel()
            self.transport.close()
