"""
What was said: a request, a response, and what is wrong with either.

Pure data below everything that reads or writes a socket. Headers are a tuple of
pairs, not a dict: order and repetition are part of a message (RFC 9110, 5.3),
and a proxy that folds them has changed what passed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict of these."""


def dumps(value: Json) -> bytes:
    """
    Return *value* as JSON (RFC 8259), in UTF-8.

    What orjson does not take is written in ASCII: integers beyond 64 bits, lone surrogates.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


class _Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Any = _Missing()
"""Stands where no value was sent; None is JSON's null, which is a value."""


@dataclass(frozen=True, slots=True)
class Place:
    """
    A place in a source file.

    Attributes:
        file: Path of the file.
        pointer: JSON Pointer (RFC 6901) into it, e.g. "/paths/~1books/get".
        line: Counted from 1; 0 while nobody asked (finding a line costs a parse).
    """

    file: str
    pointer: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else f"{self.file}#{self.pointer}"


class Request:
    """
    A request as it stood on the wire.

    Attributes:
        method: Upper case, e.g. "GET".
        path: The path of the request target, still percent-encoded, e.g. "/books/a%2Fb".
        query: The raw query without "?", "" when there is none.
        headers: (lower-case name, value) in order, repetitions kept. Values are latin-1 text.
        body: The bytes after transfer-decoding.
        client: "address:port" of the peer, "" when unknown.
        head: Bytes of the request line and the header fields, as they came; 0 when unknown.
    """

    __slots__ = ("_index", "body", "client", "head", "headers", "method", "path", "query")

    def __init__(
        self,
        method: str,
        path: str,
        query: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        client: str = "",
        head: int = 0,
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.client = client
        self.head = head
        self._index: dict[str, str] | None = None

    @property
    def index(self) -> Mapping[str, str]:
        """Header fields by lower-case name, repeated ones joined with ", " (RFC 9110, 5.3)."""
        index = self._index
        if index is None:
            index = self._index = {}
            for name, value in self.headers:
                if name in index:  # RFC 6265, 5.4: cookies are joined with "; "
                    index[name] += f"; {value}" if name == "cookie" else f", {value}"
                else:
                    index[name] = value
        return index

    def header(self, name: str, default: str = "") -> str:
        """Return the header field *name* (lower case), or *default*."""
        return (self._index or self.index).get(name, default)

    @property
    def target(self) -> str:
        """Path and query as on the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.target}>"


class Gate(Protocol):
    """What holds a response until somebody lets it go."""

    def after(self, change: Callable[[Response], Response]) -> None:
        """Have the response changed by *change* before it is sent."""

    def then(self, call: Callable[[], None]) -> None:
        """Have *call* made when the response may go, from any thread; at once where it may already."""

    def go(self) -> Response:
        """Return the response, now that it may go."""

    def wait(self) -> Response:
        """Wait until the response may go, and return it."""

    def leave(self) -> None:
        """The client has gone away."""


class Turn:
    """
    A request that waits for its turn to change what it shares with others.

    Args:
        request: What was asked.
        act: Makes the answer, when it is this one's turn.
    """

    def __init__(self, request: Request, act: Callable[[], Response]) -> None:
        self.request = request
        self._act = act
        self._after: list[Callable[[Response], Response]] = []
        self._response: Response | None = None

    def after(self, change: Callable[[Response], Response]) -> None:
        """Have the response changed by *change* before it is sent."""
        self._after.append(change)

    def take(self) -> None:
        """Make the answer: it is this one's turn."""
        self._response = self._act()

    def known(self, instead: Response | None = None) -> Response:
        """Return the response as it is to be sent; *instead* where the one that was made is none."""
        response = instead or self._response
        assert response is not None, "it had its turn"
        for change in self._after:
            response = change(response)
        return response


@dataclass(slots=True)
class Wire:
    """
    What the wire must do with a response, beyond sending it.

    Attributes:
        delay: Seconds to wait before the first byte.
        fault: A name in the table of server/faults.py, e.g. "reset"; "" for none.
        reason: In place of the status' own phrase; "" for that.
        pieces: How many a dripping body comes in, and
        spread: how many seconds these take; 0 for the usual.
        fetch: Gets the response, of which nothing is known yet; it takes its time, and is not to be called
            where it would hold up others.
        gate: Where the response waits, of which nothing is known yet.
        turn: Makes the response, of which nothing is known yet, when it may change what others share.
    """

    delay: float = 0.0
    fault: str = ""
    reason: str = ""
    pieces: int = 0
    spread: float = 0.0
    fetch: Callable[[], Response] | None = None
    gate: Gate | None = None
    turn: Turn | None = None


@dataclass(slots=True)
class Response:
    """
    A response as it will stand on the wire.

    Attributes:
        status: The status code.
        headers: (name, value) in order. Content-Length is the door's business.
        body: All of it.
        wire: None for a plain answer.
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    wire: Wire | None = None

    def header(self, name: str, default: str = "") -> str:
        """Return the first header field *name* (any case), or *default*."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)


@dataclass(frozen=True, slots=True)
class Violation:
    """
    One way in which a message breaks its contract.

    Attributes:
        where: "path", "query", "header", "cookie", "body" of a request; "status", "header", "body" of a
            response.
        pointer: For a body, a JSON Pointer into it; else the name, with a pointer into its value behind it
            ("limit", "filter/status").
        keyword: What was broken: a JSON Schema keyword ("minimum", "required"), or "mediaType", "parse",
            "status", "security", "scope".
        detail: One sentence for a person.
        expected: What the contract asks for, as JSON.
        found: What was there, as JSON; `MISSING` when nothing was.
        place: The rule in the contract.
    """

    where: str
    pointer: str
    keyword: str
    detail: str
    expected: Json = None
    found: Json = MISSING
    place: Place | None = None

    def json(self) -> dict[str, Json]:
        """Return this violation as an entry of problem+json's `errors` (RFC 9457, 3.2)."""
        entry: dict[str, Json] = {
            "in": self.where,
            "pointer": self.pointer,
            "keyword": self.keyword,
            "detail": self.detail,
            "expected": self.expected,
        }
        if self.found is not MISSING:
            entry["found"] = self.found
        if self.place is not None:
            entry["spec"] = {"file": self.place.file, "line": self.place.line, "pointer": self.place.pointer}
        return entry


@dataclass(frozen=True, slots=True)
class Upload:
    """
    One file part of a multipart body.

    Attributes:
        filename: As sent; "" when the part had none.
        media_type: Of the part, without parameters; "" when it named none.
        content: The bytes, never decoded.
    """

    filename: str
    media_type: str
    content: bytes


@dataclass(slots=True)
class Arguments:
    """
    A request, read by its contract: decoded, typed, defaults filled in.

    Attributes:
        path, query, header, cookie: Parameter values by the contract's names (headers lower-case too).
        body: The decoded body; `MISSING` when there is none. Of a form: an object. Files in it are `Upload`s.
        media_type: Of the body as sent, without parameters; "" when there is none.
        explicit: Names ("query.limit") that were really sent, so that a default can be told from a value.
        url: What the client addressed, without query, for answers that name addresses; "" where nobody said.
        conditions: "if-match" and "if-none-match" as sent (RFC 9110, 13.1), whether documented or not.
    """

    path: dict[str, Json] = field(default_factory=dict)
    query: dict[str, Json] = field(default_factory=dict)
    header: dict[str, Json] = field(default_factory=dict)
    cookie: dict[str, Json] = field(default_factory=dict)
    body: Json = MISSING
    media_type: str = ""
    explicit: frozenset[str] = frozenset()
    url: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)
