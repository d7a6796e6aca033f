"""
The implementation that is judged: requests out, answers back, over HTTP and nothing else.

http.client, because requests and urllib3 normalise a target before they send it
("%2F", "//", "a/../b"), and because the judge must see repeated header fields as
they came.

What HTTP has of its own is no matter of a contract, and is taken as every client takes
it: informational answers before the final one, a content coding, and a redirect to the
same place with or without a slash at its end.
"""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from mockserver.contract.sequences import SEQUENTIAL
from mockserver.contract.urls import server_of
from mockserver.errors import MockserverError
from mockserver.exchange import Json, Request, Response
from mockserver.server.coding import Undecodable, codings, undone
from mockserver.server.upstream import Final
from mockserver.verify.findings import Exchanged

TIMEOUT = 30.0
"""Seconds that an answer may take."""

CONNECTING = 5.0
"""Seconds for a connection at the start."""

MOST_SILENT = 4
"""Calls without an answer, one after the other, after which a server, or an operation of it, is given up."""

LARGEST = 64 << 20
"""Bytes of an answer that are read."""

SETTLES = 1.1
"""Seconds after which a server shows what it was told, wherever it keeps it: in a replica, in an index."""

LISTENED = 3.0
"""Seconds that a stream is listened to: one of events may go on for ever."""

_ENDS = (b"\n\n", b"\r\n\r\n", b"}\n", b"]\n")
"""What ends an item of a stream: an empty line after an event, the line of a JSON value."""

SHORTEST = 0.5
"""Seconds that a call gets at least, however little time is left."""


class Gone(MockserverError):
    """The server answered, and does not any more; the text names the last call."""


class Target:
    """
    A server at a base URL.

    Args:
        base_url: Where the contract's paths begin, e.g. "http://127.0.0.1:9000/v2".
        option: Of the command line, that the URL was given as.
        put_back: Puts the server's world back to its start, and says whether it did; None where nothing does.
            A mockserver knows how by itself.

    Attributes:
        url: The base URL, without a slash at its end.
        timeout: Seconds that an answer may take.
        settles: Seconds after which what was changed is seen everywhere.
        headers: What goes along with every request: on a mockserver the name of a session of our own.

    Raises:
        UsageError: *base_url* is no http or https URL.
    """

    def __init__(
        self, base_url: str, put_back: Callable[[], bool] | None = None, option: str = "--base-url"
    ) -> None:
        parts = server_of(base_url, option)
        self.url = base_url.rstrip("/")
        self.timeout = TIMEOUT
        self.settles = SETTLES
        self._put_back = put_back
        self._silent = 0
        self._unanswered: Counter[str] = Counter()
        self._living: Request | None = None
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._base = parts.path.rstrip("/")

    def send(self, request: Request, operation: str = "", timeout: float = float("inf")) -> Exchanged:
        """
        Send *request*, its target below the base URL, on a connection of its own.

        An operation that answers nothing, on a server that answers elsewhere, is not asked any more: it says
        nothing else the fifth time, and the others have to be judged.

        Raises:
            Gone: It has stopped answering.
        """
        if self._unanswered[operation] >= MOST_SILENT:
            return Exchanged(request, None, operation, "not asked again: it has not answered before")
        at, started = time.time(), time.monotonic()
        response, trouble = None, ""
        try:
            target = self._base + request.target
            response = self._send(request.method, target, request, timeout)
            if there := _slashed(request.method, target, response):
                response = self._send(request.method, there, request, timeout)
            self._silent = 0
            self._unanswered.pop(operation, None)
            if request.method == "GET":
                self._living = request
        except (OSError, http.client.HTTPException, ValueError) as error:
            trouble = _said(error)
            self._silence(error, f"{request.method} {request.target}", operation)
        return Exchanged(request, response, operation, trouble, at, time.monotonic() - started)

    def _silence(self, error: Exception, call: str, operation: str) -> None:
        """Give up on a server that is not there any more, or that answers no call after another."""
        self._silent += 1
        if operation:
            self._unanswered[operation] += 1
        refused = isinstance(error, ConnectionRefusedError)
        if (self._silent >= MOST_SILENT and not self._lives()) or (refused and self.reachable()):
            raise Gone(f"{self.url} has stopped answering, at {call}: {_said(error)}")

    def _lives(self) -> bool:
        """Return whether what was answered last is answered again."""
        self._silent = 0
        if self._living is None:
            return False
        try:
            self._send("GET", self._base + self._living.target, self._living, CONNECTING)
        except (OSError, http.client.HTTPException, ValueError):
            return False
        return True

    def _send(self, method: str, target: str, request: Request, timeout: float) -> Response:
        connection = self._connection(timeout)
        until = time.monotonic() + max(SHORTEST, min(timeout, self.timeout))
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            coded = () if request.header("accept-encoding") else (("accept-encoding", "identity"),)
            for name, value in (*coded, *request.headers, *self.headers.items()):
                if name != "content-length":  # of a body that may be another one by now, and said below
                    connection.putheader(name, value.encode("utf-8", "surrogateescape"))
            if request.body or method in ("POST", "PUT", "PATCH"):
                connection.putheader("content-length", str(len(request.body)))
            connection.endheaders(request.body or None)
            sock = connection.sock  # which the answer takes over, where the connection is to be closed
            answer = connection.getresponse()
            streams = answer.headers.get_content_type() in SEQUENTIAL
            if streams and sock is not None:
                sock.settimeout(LISTENED)
            body = _heard(answer, time.monotonic() + LISTENED) if streams else _read(answer, until)
            return Response(answer.status, answer.getheaders(), _plain(answer, body))
        finally:
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        timeout = max(SHORTEST, min(timeout, self.timeout))
        connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        if self._secure:
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=timeout, context=self._trusted
            )
        connection.response_class = Final
        return connection

    def below(self, base: str) -> None:
        """Stand below *base* from now on, e.g. "/v2"."""
        self.url += base
        self._base += base

    def above(self, base: str) -> None:
        """Stand above *base*, with which the URL ends, from now on."""
        self.url = self.url.removesuffix(base)
        self._base = self._base.removesuffix(base)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """Whom to trust: read once, for that takes longer than most calls."""
        return ssl.create_default_context()

    def reachable(self) -> str:
        """Return "" when the server takes connections, else why not."""
        connection = self._connection(CONNECTING)
        try:
            connection.connect()
        except OSError as error:
            return str(error)
        finally:
            connection.close()
        return ""

    @cached_property
    def _served(self) -> dict[str, Json]:
        """What a mockserver says of what it serves; {} where this is none."""
        said = self.admin("GET", "/__admin/specs")
        return said if isinstance(said, dict) and isinstance(said.get("specs"), list) else {}

    @cached_property
    def is_mock(self) -> bool:
        """Whether this is a mockserver, whose world can be put back to its start."""
        return bool(self._served)

    @cached_property
    def takes_anybody(self) -> bool:
        """Whether this is a mockserver that takes any credentials: it was not started with --auth listed."""
        return self.is_mock and self._served.get("auth") != "listed"

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """What goes along with every request: on a mockserver the name of a session, a world of our own."""
        self.__dict__["headers"] = {}  # while it is asked
        if not self.is_mock or self.admin("GET", "/__admin/sessions") is None:
            return {}
        return {"mock-session": f"verify-{secrets.token_hex(6)}"}

    @property
    def puts_back(self) -> bool:
        """Whether the server's world can be put back to its start."""
        return self._put_back is not None or self.is_mock

    def reset(self) -> bool:
        """Put the server's world back to its start; return False where that cannot be done."""
        if self._put_back is not None:
            return self._put_back()
        return self.is_mock and self.admin("POST", "/__admin/reset") is not None

    def leave(self) -> None:
        """Give a session of our own back."""
        if name := self.headers.get("mock-session"):
            self.admin("DELETE", f"/__admin/sessions/{name}")

    def admin(self, method: str, path: str, said: Json = None) -> Json:
        """Return what a mockserver's admin says in our session, None where there is none or it refuses."""
        try:
            body = b"" if said is None else json.dumps(said).encode()
            response = self._send(method, path, Request(method, path, body=body), self.timeout)
            return json.loads(response.body or b"{}") if response.status in (200, 201, 204) else None
        except (OSError, http.client.HTTPException, ValueError):
            return None


def _slashed(method: str, target: str, response: Response) -> str:
    """
    Return where a redirect leads that is the same place but for a slash at its end; "" for any other answer.

    Frameworks have one of the two and send clients there, which follow (RFC 9110, 15.4): 307 and 308 with any
    method, 301 and 302 with one that asks for no change.
    """
    if response.status not in (307, 308) and not (
        response.status in (301, 302) and method in ("GET", "HEAD")
    ):
        return ""
    path, mark, query = target.partition("?")
    try:
        found = urlsplit(urljoin(path, response.header("location")))
    except ValueError:  # "http://[1/x" leads nowhere
        return ""
    if found.path == path or found.path.rstrip("/") != path.rstrip("/"):
        return ""
    return found.path + mark + query


def _plain(answer: http.client.HTTPResponse, body: bytes) -> bytes:
    """
    Return a body without its content coding; one whose coding nobody asked for, and we do not know, as it is.

    Raises:
        HTTPException: It is not what its Content-Encoding says.
    """
    try:
        return undone(body, codings(answer.getheader("content-encoding") or ""), LARGEST) if body else body
    except Undecodable as error:
        if error.status == 415:
            return body
        raise http.client.HTTPException(str(error)) from error


def _heard(answer: http.client.HTTPResponse, until: float) -> bytes:
    """
    Return what came of a stream, which need never end: all of it, or its whole items until then.

    Raises:
        HTTPException: It broke off.
    """
    said = bytearray()
    with suppress(TimeoutError):
        while part := answer.read1(1 << 16):
            said += part
            if time.monotonic() > until or len(said) > LARGEST:
                break
        else:
            return bytes(said)
    end = max(said.rfind(mark) + len(mark) for mark in _ENDS) if any(mark in said for mark in _ENDS) else 0
    return bytes(said[:end])


def _read(answer: http.client.HTTPResponse, until: float) -> bytes:
    """
    Return the body.

    Raises:
        TimeoutError: It is still coming when its time is over, however slowly.
        HTTPException: It is longer than anything that is documented can be.
    """
    parts: list[bytes] = []
    size = 0
    while part := answer.read1(1 << 16):
        parts.append(part)
        size += len(part)
        if time.monotonic() > until:
            raise TimeoutError(f"the answer did not end in time ({size} bytes came)")
        if size > LARGEST:
            raise http.client.HTTPException(f"the answer is longer than {LARGEST} bytes")
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return b"".join(parts)


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return str(error) if str(error) != "timed out" else "no answer came in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return f"the answer broke off, {error.expected} bytes before its end"
    if isinstance(error, http.client.BadStatusLine):
        return f"what came is no HTTP: {error.args!r:.60}"
    return str(error) or type(error).__name__
