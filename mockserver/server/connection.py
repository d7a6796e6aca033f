"""
One connection: HTTP/1.1 read by llhttp, answered in one write.

Why no ready-made server. Measured on 2 cores with `wrk -t1 -c16 -d4`, a constant
answer of 400 bytes with ten header fields, CPU of the process group for each
request (GET / POST of 300 bytes), and CPU from process start to the first answer:

    granian 2.8, ASGI, embedded, asyncio      53 / 112 µs   150 ms
    granian 2.8, ASGI, embedded, uvloop       39 /  73 µs   130 ms   "embedded server is experimental"
    uvicorn 0.54, ASGI, httptools, uvloop     48 /  45 µs   190 ms
    waitress, raw WSGI (../PERFORMANCE.md)   223 µs
    this: httptools and uvloop alone          13 /  16 µs    70 ms

A mock also has to do what no ASGI or WSGI server offers: reset a connection, send
half a body, hold ten thousand requests without a thread, keep "%2F" as it came.
With the transport in our hands that is a line each (server/faults.py). What is
hard about HTTP/1.1, and where smuggling lives, is the parser's: llhttp is what
Node.js trusts, and httptools only wraps it.

Requests of one connection are answered one after the other, in order (RFC 9112,
9.3.2). An answer is made in the event loop when it is a contract's, and in a
thread when it is Flask's (server/gateway.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import httptools

from mockserver.exchange import Request, Response
from mockserver.server import wire
from mockserver.server.faults import FAULTS, Line
from mockserver.server.problems import problem

if TYPE_CHECKING:
    from mockserver.server.door import Door
    from mockserver.server.gateway import Job

log = logging.getLogger(__name__)

LINGER = 5.0
"""Seconds in which a refused client may still send: a reset would take the answer from it (RFC 9112, 9.6)."""

QUEUE = 32
"""Pipelined requests that may wait before we stop reading."""


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What one client may ask of us.

    Attributes:
        body: Bytes of a body; more is 413.
        head: Bytes of all header fields together; more is 431.
        fields: How many header fields; more is 431.
        target: Bytes of the request target; more is 414.
        request: Seconds in which a request must have come in wholly; later is 408.
        idle: Seconds for which a connection may say nothing between requests.
        connections: How many at a time; more are closed unread.
    """

    body: int = 10 * 1024 * 1024
    head: int = 64 * 1024
    fields: int = 256
    target: int = 16 * 1024
    request: float = 60.0
    idle: float = 75.0
    connections: int = 20_000


class Refusal(Exception):
    """Raised in the parser's callbacks for a request that is answered before it is read."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.response = problem(status, detail)


class Turn(NamedTuple):
    """
    A request that waits for its answer.

    Attributes:
        request: As it came.
        keep: Whether the connection stays open behind the answer.
        old: Whether the client speaks HTTP/1.0.
        refusal: The answer, where there is nothing to ask.
    """

    request: Request
    keep: bool
    old: bool
    refusal: Response | None = None


_names: dict[bytes, str] = {}
"""Header names that were met, decoded; bounded by `_NAMES`."""

_NAMES = 1_000


def _name(raw: bytes) -> str:
    known = _names.get(raw)
    if known is None:
        known = raw.decode("latin-1").lower()
        if len(_names) < _NAMES:
            _names[bytes(raw)] = known
    return known


class Connection(asyncio.Protocol):
    """
    A client, from its connect to its close.

    States: reading a request (`reading`), answering one (`busy`), both, or
    neither (idle). `last` means that nothing is read any more.
    """

    __slots__ = (
        "body", "busy", "chunks", "client", "door", "expects", "fields", "gone", "head_done", "hosts", "job",
        "last", "length", "loop", "old", "parser", "paused", "queue", "reading", "seen", "since", "size",
        "target", "timer", "transport", "until_eof", "writable",
    )  # fmt: skip

    def __init__(self, door: Door) -> None:
        self.door = door
        self.loop = door.loop
        self.parser: Any = httptools.HttpRequestParser(self)
        self.transport: asyncio.Transport = None  # type: ignore[assignment]
        self.client = ""
        self.queue: deque[Turn] = deque()
        self.reading = False
        self.busy = False
        self.last = False
        self.gone = False
        self.writable = True
        self.until_eof = False
        self.paused = False
        self.timer: Any = None
        self.job: Job | None = None
        self.since = 0.0
        self._begin()

    def _begin(self) -> None:
        self.target = b""
        self.fields: list[tuple[str, str]] = []
        self.size = 0
        self.hosts = 0
        self.length = 0
        self.seen = 0
        self.expects = False
        self.old = False
        self.head_done = False
        self.chunks: list[bytes] = []
        self.body = 0

    # The transport's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember who it is; one too many is closed unread."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class is no subclass of it
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self.client = f"{peer[0]}:{peer[1]}"
        self.since = self.door.now
        if not self.door.admit(self):
            self.last = True
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Let go of everything that refers to this connection."""
        self.gone = True
        self.parser = None  # it refers to our methods: a cycle
        self.queue.clear()
        self._cancel()
        self.door.leave(self)

    def eof_received(self) -> bool:
        """Stay for answers that are still to be sent; tell the transport to close when there are none."""
        if (self.busy and not self.until_eof) or self.queue:
            self.last = True
            return True
        return False

    def pause_writing(self) -> None:
        """Answer nothing more while the client does not read."""
        self.writable = False

    def resume_writing(self) -> None:
        """Go on with what waits."""
        self.writable = True
        if self.job is not None:
            self.job.room.set()
        self._proceed()

    def data_received(self, data: bytes) -> None:
        """Parse, then answer what is complete."""
        within = self.reading
        before = self.seen
        while data and not self.last:
            rest = b""
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                # RFC 9110, 7.8: a server may ignore the wish to upgrade. The parser does not go on by itself.
                self.parser = httptools.HttpRequestParser(self)
                rest = data[upgrade.args[0] :]
            except httptools.HttpParserCallbackError as error:
                self._refuse(_cause(error))
            except httptools.HttpParserInvalidMethodError:
                self._refuse(problem(400, "This is no method of HTTP."))
            except httptools.HttpParserError as error:
                self._refuse(problem(400, f"This is not HTTP/1.1: {error}."))
            else:
                if within and self.reading and self.seen == before:
                    self._count_silent(len(data))
            data = rest
        self._proceed()

    # The parser's callbacks

    def on_message_begin(self) -> None:
        """Start a request."""
        self._begin()
        self.reading = True
        self.since = self.door.now

    def on_url(self, part: bytes) -> None:
        """Take a part of the request target."""
        self.target += part
        if len(self.target) > self.door.limits.target:
            raise Refusal(414, f"The request target is longer than {self.door.limits.target} bytes.")

    def on_header(self, raw: bytes, value: bytes) -> None:
        """Take a header field; a trailer field is left out (RFC 9110, 6.5.1: it may be ignored)."""
        self.size += len(raw) + len(value) + 4
        limits = self.door.limits
        if self.size > limits.head or len(self.fields) >= limits.fields:
            raise Refusal(
                431, f"The header fields are more than {limits.head} bytes or {limits.fields} fields."
            )
        if self.head_done:
            return
        name = _name(raw)
        self.fields.append((name, value.decode("latin-1")))
        if name == "host":
            self.hosts += 1
        elif name == "content-length":
            self.length = int(value)  # digits and not too many of them, says the parser
        elif name == "transfer-encoding" and value.lower() != b"chunked":
            raise Refusal(400, "Of the transfer codings only chunked is known here (RFC 9112, 6.1).")
        elif name == "expect":
            self.expects = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        """Refuse what need not be read to the end."""
        self.head_done = True
        self.seen += 1
        self.old = self.parser.get_http_version() == "1.0"
        if self.hosts != 1 and not (self.old and not self.hosts):
            raise Refusal(400, "A request has exactly one Host field (RFC 9112, 3.2).")
        if self.length > self.door.limits.body:
            raise Refusal(413, f"The body is longer than {self.door.limits.body} bytes (--max-body).")
        self._continue()

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        self.seen += 1
        self.body += len(part)
        if self.body > self.door.limits.body:
            raise Refusal(413, f"The body is longer than {self.door.limits.body} bytes (--max-body).")
        self.chunks.append(part)

    def on_message_complete(self) -> None:
        """Put the request in line."""
        self.reading = False
        self.since = self.door.now
        parser = self.parser
        method = parser.get_method().decode("ascii")
        path, query, authority = wire.split_target(self.target.decode("latin-1"))
        if method == "CONNECT":
            raise Refusal(405, "This is no proxy: there is nothing to CONNECT to.")
        if authority:
            self.fields = [
                ("host", authority) if name == "host" else (name, value) for name, value in self.fields
            ]
        chunks = self.chunks
        request = Request(
            method,
            path,
            query,
            tuple(self.fields),
            chunks[0] if len(chunks) == 1 else b"".join(chunks),
            self.client,
        )
        self.queue.append(Turn(request, parser.should_keep_alive(), self.old))

    # Answering

    def _proceed(self) -> None:
        """Answer what is complete, in order, as long as nothing is in the way."""
        queue = self.queue
        while queue and self.writable and not self.busy and not self.gone:
            self._answer(queue.popleft())
        if (len(queue) > QUEUE) != self.paused and not self.gone:
            self.paused = not self.paused
            if self.paused:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()

    def _answer(self, turn: Turn) -> None:
        request = turn.request
        if turn.refusal is not None:
            self.send(turn, turn.refusal)
            return
        if wire.is_admin(request.path):
            self.busy = True
            self.door.gateway.start(self, turn)
            return
        response = self.door.answer(request)
        asked = response.wire
        if asked is None:
            self.send(turn, response)
        elif asked.delay > 0:
            self.busy = True
            self.timer = self.loop.call_later(asked.delay, self._late, turn, response)
        else:
            self._perform(turn, response)

    def _late(self, turn: Turn, response: Response) -> None:
        """Send *response* after its delay."""
        self.timer = None
        self.busy = False
        self._perform(turn, response)
        self._proceed()

    def _perform(self, turn: Turn, response: Response) -> None:
        """Send *response* the way its fault wants it."""
        fault = response.wire.fault if response.wire is not None else ""
        if not fault:
            self.send(turn, response)
            return
        self.busy = True
        self.until_eof = fault in ("timeout", "endless")
        FAULTS[fault](
            Line(
                self.loop,
                self.transport,
                response,
                self.door.date,
                wire.has_body(turn.request.method, response.status),
                turn.keep and not self.last,
                self._hold,
                self.done,
            )
        )

    def send(self, turn: Turn, response: Response) -> None:
        """Put a whole answer on the wire in one piece."""
        keep = turn.keep and not self.last and turn.refusal is None
        body = response.body
        top = wire.head(response, date=self.door.date, keep=keep, old=turn.old, length=len(body))
        if not wire.has_body(turn.request.method, response.status):
            self.transport.write(top)
        else:
            self.transport.write(top + body)
        if not keep:
            self._close(linger=turn.refusal is not None)

    def finish(self) -> None:
        """Close behind an answer whose end is the connection's end."""
        self._close()

    def done(self) -> None:
        """Go on with the next request, after an answer that took its time."""
        self.busy = False
        self.timer = None
        self.since = self.door.now
        if self.last and not self.queue:
            self._close()
        elif not self.gone:
            self._continue()
            self._proceed()

    def stop(self) -> None:
        """Take no further request; close now, or behind the answer that is under way."""
        if self.busy and not self.until_eof:
            self.last = True
        else:
            self._close()

    def sweep(self, now: float) -> None:
        """Refuse who is too slow, close who says nothing (called once a second)."""
        if self.busy or self.gone:
            return
        waited = now - self.since
        if self.reading and not self.last:
            if waited > self.door.limits.request:
                self._refuse(problem(408, "The request did not come in time."))
                self._proceed()
        elif self.last:
            slow = self.transport.get_write_buffer_size() > 0
            if waited > (self.door.limits.request if slow else LINGER):
                self.transport.abort()
        elif waited > self.door.limits.idle:
            self._close()

    def _refuse(self, response: Response) -> None:
        """Put a last answer in line, behind those to requests that were whole."""
        self.reading = False
        origin = next((value for name, value in self.fields if name == "origin"), "")
        request = Request("GET", self.target.decode("latin-1"), client=self.client)
        self.queue.append(Turn(request, False, False, self.door.opened(response, origin)))
        self.last = True

    def _continue(self) -> None:
        """Ask for the body that a client holds back (RFC 9110, 10.1.1), once it is its turn."""
        if self.expects and self.head_done and self.reading and not self.busy and not self.queue:
            self.expects = False
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _count_silent(self, size: int) -> None:
        """Bound what a parser keeps to itself: an unfinished field, chunk extensions, trailers."""
        self.size += size
        if self.size > self.door.limits.head:
            self._refuse(problem(431, f"The header fields are longer than {self.door.limits.head} bytes."))

    def _hold(self, timer: object) -> None:
        self.timer = timer

    def _cancel(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.job is not None:
            self.job.cancel()

    def _close(self, linger: bool = False) -> None:
        """Close; with *linger* only our side, so that the answer is read before a reset can take it away."""
        self.last = True
        self.since = self.door.now
        if linger and self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        else:
            self._cancel()
            self.transport.close()


def _cause(error: BaseException) -> Response:
    """Return the refusal that a callback raised; anything else that was raised there is ours to mend."""
    cause = error.__context__
    if isinstance(cause, Refusal):
        return cause.response
    log.error("A request could not be read.", exc_info=cause)
    return problem(500, "The mock failed while it read this request; its log says why.")
