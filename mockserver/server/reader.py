"""
Bytes in, requests out: llhttp, and the limits and refusals that are not its business.

No socket here. What is hard about HTTP/1.1, and where smuggling lives, is the
parser's: llhttp is what Node.js trusts, and httptools only wraps it. A request
that two servers could read differently is refused, and nothing behind it is read.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

import httptools

from mockserver.exchange import Request, Response
from mockserver.server import wire
from mockserver.server.flow import Flow
from mockserver.server.problems import problem

log = logging.getLogger(__name__)


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
        flow: Bytes of all bodies that are under way, and of answers that nobody takes; more is 429.
    """

    body: int = 10 * 1024 * 1024
    head: int = 64 * 1024
    fields: int = 256
    target: int = 16 * 1024
    request: float = 60.0
    idle: float = 75.0
    connections: int = 20_000
    flow: int = 256 * 1024 * 1024


class Turn(NamedTuple):
    """
    A request that waits for its answer.

    Attributes:
        request: As it came; of a refused one, so much as was read.
        keep: Whether the connection stays open behind the answer.
        old: Whether the client speaks HTTP/1.0.
        refusal: The answer, where there is nothing to ask; the last one of its connection.
    """

    request: Request
    keep: bool
    old: bool
    refusal: Response | None = None


class _Refused(Exception):
    """Raised in the parser's callbacks for a request that is answered before it is read."""

    def __init__(self, status: int, detail: str, fields: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(detail)
        self.response = problem(status, detail, fields)


_names: dict[bytes, str] = {}
"""Header names that were met, decoded; never more than `_NAMES`."""

_NAMES = 1_000

_READ = frozenset(("host", "content-length", "transfer-encoding", "expect"))
"""Fields that say how a request is to be read."""


def _name(raw: bytes) -> str:
    known = _names.get(raw)
    if known is None:
        known = raw.decode("latin-1").lower()
        if len(_names) < _NAMES:
            _names[raw] = known
    return known


_hosts: set[bytes] = set()
"""Values of Host that were met; never more than `_NAMES`."""
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
"""A host with or without a port (RFC 3986, 3.2.2); an empty one is for those who have no name."""


def _known_host(value: bytes) -> bool:
    if not _HOST.fullmatch(value):
        return False
    if len(_hosts) < _NAMES:
        _hosts.add(value)
    return True


class Reader:
    """
    The requests of one connection.

    Attributes:
        turns: Requests that are whole, and refusals, in order.
        reading: Whether a request has begun and is not whole.
        ended: Whether nothing more is read, because of a refusal or because `end` was called.
        begun: How many requests have begun, or were made whole.
    """

    __slots__ = (
        "_body", "_chunks", "_client", "_expects", "_fields", "_flow", "_head_done", "_held", "_hosts",
        "_length", "_limits", "_old", "_parser", "_size", "_steps", "_target", "begun", "ended", "reading",
        "turns",
    )  # fmt: skip

    def __init__(self, limits: Limits, client: str, flow: Flow | None = None) -> None:
        self.turns: deque[Turn] = deque()
        self.reading = False
        self.ended = False
        self.begun = 0
        self._steps = 0
        self._limits = limits
        self._flow = flow or Flow(limits.flow)
        self._held = 0
        self._client = client
        self._parser: Any = httptools.HttpRequestParser(self)
        self._clear()

    def _clear(self) -> None:
        self._target = b""
        self._fields: list[tuple[str, str]] = []
        self._size = 0
        self._hosts = 0
        self._length = 0
        self._expects = False
        self._old = False
        self._head_done = False
        self._chunks: list[bytes] = []
        self._body = 0

    def feed(self, data: bytes) -> None:
        """Read *data*; what became whole is in `turns`."""
        while data and not self.ended:
            before = self._steps
            rest = b""
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                rest = self._without_upgrade() + data[upgrade.args[0] :]
            except httptools.HttpParserCallbackError as error:
                self.refuse(_cause(error))
            except httptools.HttpParserInvalidMethodError:
                self.refuse(problem(400, "This is no method of HTTP."))
            except httptools.HttpParserError as error:
                self.refuse(problem(400, f"This is not HTTP/1.1: {error}."))
            else:
                if self.reading and self._steps == before:  # all of it belongs to one unfinished thing
                    self._count_unfinished(len(data))
            data = rest

    def refuse(self, response: Response) -> None:
        """Put a last answer in line, behind those to requests that were whole."""
        target = self._target.decode("latin-1")
        request = Request("GET", target, headers=tuple(self._fields), client=self._client)
        self.turns.append(Turn(request, False, self._old, response))
        self.end()

    def end(self) -> None:
        """Read nothing more."""
        self.reading = False
        self.ended = True

    def let_go(self) -> None:
        """Break the cycle of parser and callbacks; nothing can be read any more."""
        self.end()
        self.turns.clear()
        self._parser = None
        self.answered(self._held)

    def answered(self, size: int) -> None:
        """Let go of a body of so many bytes: its answer is sent."""
        size = min(size, self._held)
        self._held -= size
        self._flow.coming -= size

    def wants_continue(self) -> bool:
        """Tell, once, whether the client holds a body back until it is asked for it (RFC 9110, 10.1.1)."""
        wanted = self._expects and self._head_done and self.reading
        if wanted:
            self._expects = False
        return wanted

    # The parser's callbacks

    def on_message_begin(self) -> None:
        """Start a request."""
        self._clear()
        self.reading = True
        self.begun += 1

    def on_url(self, part: bytes) -> None:
        """Take a part of the request target."""
        self._target += part
        if len(self._target) > self._limits.target:
            raise _Refused(414, f"The request target is longer than {self._limits.target} bytes.")

    def on_header(self, raw: bytes, value: bytes) -> None:
        """Take a header field; a trailer field is left out (RFC 9110, 6.5.1: it may be ignored)."""
        self._size += len(raw) + len(value) + 4
        if self._size > self._limits.head or len(self._fields) >= self._limits.fields:
            raise self._too_large()
        if self._head_done:
            return
        name = _names.get(raw) or _name(raw)
        self._fields.append((name, value.decode("latin-1")))
        if name not in _READ:
            return
        if name == "host":
            self._hosts += 1
            if value not in _hosts and not _known_host(value):
                raise _Refused(400, "The Host field is no host (RFC 9112, 3.2).")
        elif name == "content-length":
            self._length = int(value)  # digits and not too many of them, says the parser
        elif name == "transfer-encoding" and value.lower() != b"chunked":
            raise _Refused(400, "Of the transfer codings only chunked is known here (RFC 9112, 6.1).")
        elif name == "expect":
            self._expects = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        """Refuse what need not be read to the end."""
        if self._parser.should_upgrade():
            return
        self._head_done = True
        self._steps += 1
        version = self._parser.get_http_version()
        self._old = version == "1.0"
        if version not in ("1.1", "1.0"):
            raise _Refused(400, f"HTTP in the versions 1.1 and 1.0 is spoken here, not {version}.")
        if self._hosts != 1 and not (self._old and not self._hosts):
            raise _Refused(400, "A request has exactly one Host field (RFC 9112, 3.2).")
        if self._old and any(name == "transfer-encoding" for name, _ in self._fields):
            raise _Refused(400, "HTTP/1.0 knows no transfer coding (RFC 9112, 6.1).")
        if self._length > self._limits.body:
            raise self._too_long()

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        self._body += len(part)
        self._steps += 1
        if self._body > self._limits.body:
            raise self._too_long()
        self._held += len(part)
        self._flow.coming += len(part)
        if self._flow.coming > self._flow.most:
            raise _Refused(
                429,
                f"The bodies under way are over {self._flow.most} bytes together (--max-in-flight).",
                (("Retry-After", "1"),),
            )
        self._chunks.append(part)

    def on_message_complete(self) -> None:
        """Put the request in line."""
        parser = self._parser
        if parser.should_upgrade():
            return
        self.reading = False
        self.begun += 1
        self._steps += 1
        path, query, authority = wire.split_target(self._target.decode("latin-1"))
        if path[:1] != "/" and not (path == "*" and parser.get_method() == b"OPTIONS"):
            raise _Refused(400, "The request target is neither a path nor an http URL (RFC 9112, 3.2).")
        if authority:
            if not _known_host(authority.rpartition("@")[2].encode("latin-1")):
                raise _Refused(400, "The request target names no host (RFC 9112, 3.2.2).")
            self._fields = [
                ("host", authority) if name == "host" else (name, value) for name, value in self._fields
            ]
        chunks = self._chunks
        request = Request(
            parser.get_method().decode("ascii"),
            path,
            query,
            tuple(self._fields),
            chunks[0] if len(chunks) == 1 else b"".join(chunks),
            self._client,
            self._size + len(self._target),
        )
        self.turns.append(Turn(request, parser.should_keep_alive(), self._old))

    def _without_upgrade(self) -> bytes:
        """
        Return the head that was just read, without its wish to upgrade, for a new parser.

        A server may ignore that wish (RFC 9110, 7.8), and Java's client expresses it with its first
        request. llhttp takes what follows such a head for another protocol's: left to itself it
        would read a body as the next request, which is a way to smuggle one in.
        """
        method = self._parser.get_method()
        self._parser = httptools.HttpRequestParser(self)
        if method == b"CONNECT":
            self.refuse(problem(405, "This is no proxy: there is nothing to CONNECT to.", [("Allow", "GET")]))
            return b""
        lines = [b"%s %s HTTP/1.1\r\n" % (method, self._target)]
        for name, value in self._fields:
            if name == "connection":
                value = ", ".join(part for part in value.split(",") if part.strip().lower() != "upgrade")
            if name != "upgrade":
                lines.append(f"{name}: {value}\r\n".encode("latin-1"))
        return b"".join([*lines, b"\r\n"])

    def _count_unfinished(self, size: int) -> None:
        """Bound what a parser keeps to itself: an unfinished field, chunk extensions, trailers."""
        self._size += size
        if self._size > self._limits.head:
            self.refuse(self._too_large().response)

    def _too_large(self) -> _Refused:
        limits = self._limits
        return _Refused(431, f"The header fields are over {limits.head} bytes or {limits.fields} fields.")

    def _too_long(self) -> _Refused:
        return _Refused(413, f"The body is longer than {self._limits.body} bytes (--max-body).")


def _cause(error: BaseException) -> Response:
    """Return the refusal that a callback raised; anything else that was raised there is ours to mend."""
    cause = error.__context__
    if isinstance(cause, _Refused):
        return cause.response
    log.error("A request could not be read.", exc_info=cause)
    return problem(500, "The mock failed while it read this request; its log says why.")
