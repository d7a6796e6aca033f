"""
From a connection to the Flask application: WSGI (PEP 3333), one thread a request.

Only the admin comes this way (and answers that another server gives), so a thread
costs nothing that counts, and an event stream may keep its own for hours. Threads
are daemons: a stream that nobody ends does not keep the process from leaving. The
application is imported and built with the first request, since Flask costs a quarter
of what a start may cost.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from mockserver.exchange import Response
from mockserver.server import wire
from mockserver.server.problems import problem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from mockserver.server.connection import Connection
    from mockserver.server.reader import Turn

log = logging.getLogger(__name__)

THREADS = 256
"""Admin requests at a time, event streams among them."""

WHOLE = 1024 * 1024
"""Bytes of a body that is gathered and sent in one go; a longer one passes piece by piece."""


class Gateway:
    """Runs requests through a WSGI application that is made when the first one comes."""

    def __init__(self, make: Callable[[], WSGIApplication], address: tuple[str, int]) -> None:
        self._make = make
        self._lock = Lock()
        self._running = 0
        self.address = address

    @cached_property
    def _application(self) -> WSGIApplication:
        return self._make()

    def application(self) -> WSGIApplication:
        """Return the application; the first caller makes it, the others wait."""
        with self._lock:
            return self._application

    def start(self, connection: Connection, turn: Turn) -> None:
        """Answer *turn* in a thread of its own (called in the event loop)."""
        if self._running >= THREADS:
            busy = problem(503, f"{THREADS} admin requests are under way.", [("Retry-After", "1")])
            connection.send(turn, busy)
            connection.loop.call_soon(connection.done)
            return
        self._running += 1
        job = Job(self, connection, turn)
        connection.job = job
        Thread(target=job.run, name="admin", daemon=True).start()

    def fetch(self, connection: Connection, turn: Turn, call: Callable[[], Response]) -> None:
        """Have a thread get the response to *turn* from somewhere else (called in the event loop)."""
        if self._running >= THREADS:
            connection.fetched(
                turn, problem(503, f"{THREADS} requests are under way.", [("Retry-After", "1")])
            )
            return
        self._running += 1
        loop = connection.loop

        def run() -> None:
            try:
                response = call()
            except Exception:
                log.exception("%s could not be passed on.", turn.request)
                response = problem(
                    500, "The mock failed on this request; its log says why. Please report it."
                )
            with suppress(RuntimeError):  # a loop that is closed has no client left
                loop.call_soon_threadsafe(self._fetched, connection, turn, response)

        Thread(target=run, name="fetch", daemon=True).start()

    def _fetched(self, connection: Connection, turn: Turn, response: Response) -> None:
        self.finished()
        if not connection.gone:
            connection.fetched(turn, response)

    def finished(self) -> None:
        """Count a thread out (called in the event loop)."""
        self._running -= 1


class Job:
    """One request on its way through the application."""

    def __init__(self, gateway: Gateway, connection: Connection, turn: Turn) -> None:
        self.gateway = gateway
        self.connection = connection
        self.turn = turn
        self.gone = Event()
        self.room = (
            Event()
        )  # set while the next piece may be written: a slow reader holds the thread, not our memory
        self.room.set()
        self._response: Response | None = None
        self._begun = False

    def cancel(self) -> None:
        """The client has gone away: end at the next piece (called in the event loop)."""
        self.gone.set()
        self.room.set()

    # In the thread

    def run(self) -> None:
        """Call the application and put its answer on the wire."""
        try:
            self._call()
        except Exception as error:
            if isinstance(error, ConnectionError):
                log.warning("%s %s", self.turn.request, error)
                failed = problem(502, str(error))
            else:
                log.exception("The admin failed.")
                failed = problem(500, "The mock's admin failed; its log says why.")
            if self._response is None or not self._begun:
                self._in_loop(self._send, failed)
            else:
                # A body that is not whole: its rest or its last chunk does not come (RFC 9112, 8). Where
                # the end of the connection would pass for its end, the connection breaks.
                told = self._response.header("transfer-encoding") or self._response.header("content-length")
                self._in_loop(self.connection.finish if told else self.connection.transport.abort)
        finally:
            self._in_loop(self._done)

    def _call(self) -> None:
        result = self.gateway.application()(self._environ(), self._start_response)
        try:
            pieces = iter(result)
            first = next(pieces, b"")
            response = self._response
            assert response is not None, "the application did not call start_response"
            given = response.header("content-length")
            length = int(given) if given.isdecimal() else None
            small = length is not None and length <= WHOLE
            if small or not wire.has_body(self.turn.request.method, response.status):
                response.body = b"".join((first, *pieces))
                self._begun = True
                self._in_loop(self._send, response)
            else:
                self._begun = True
                self._stream(first, pieces, length)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()

    def _stream(self, first: bytes, pieces: Iterable[bytes], length: int | None) -> None:
        """Send a long body, or one of unknown length, each piece as soon as it is there (RFC 9112, 7.1)."""
        self._in_loop(self.connection.reader.answered, len(self.turn.request.body))
        assert self._response is not None
        # HTTP/1.0 has no chunks: there the end of the connection is the end of the body.
        chunked = length is None and not self.turn.old
        keep = self.turn.keep and (chunked or length is not None)
        if self._response.header("content-type").startswith("text/event-stream"):
            self._in_loop(self._endless)
        if chunked:
            self._response.headers.append(("Transfer-Encoding", "chunked"))
        self._in_loop(self._write, self._head(keep, length))
        self._piece(first, chunked)
        for piece in pieces:
            if self.gone.is_set():
                return
            self._piece(piece, chunked)
        self._in_loop(self._write, b"0\r\n\r\n" if chunked else b"")
        if not keep:
            self._in_loop(self.connection.finish)

    def _endless(self) -> None:
        self.connection.until_eof = True  # who is asked to stop need not wait for its end

    def _piece(self, piece: bytes, chunked: bool) -> None:
        if piece:
            self.room.wait()
            self.room.clear()
            self._in_loop(self._write, b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)

    def _head(self, keep: bool, length: int | None) -> bytes:
        assert self._response is not None
        date = self.connection.door.date
        return wire.head(self._response, date=date, keep=keep, old=self.turn.old, length=length)

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if exc_info is not None and self._response is not None:
            raise exc_info[1].with_traceback(exc_info[2])
        self._response = Response(int(status[:3]), list(headers))
        return self._no_write

    def _no_write(self, data: bytes) -> None:
        raise NotImplementedError("write() of PEP 3333 is for old frameworks; Flask never calls it")

    def _environ(self) -> dict[str, Any]:
        request = self.turn.request
        name, port = self.gateway.address
        client, _, client_port = request.client.rpartition(":")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
            "QUERY_STRING": request.query,
            "RAW_URI": request.target,
            "REQUEST_URI": request.target,
            "SERVER_NAME": name,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.0" if self.turn.old else "HTTP/1.1",
            "REMOTE_ADDR": client,
            "REMOTE_PORT": client_port,
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "mockserver.request": request,
        }
        for field, value in request.index.items():
            if field == "content-type":
                environ["CONTENT_TYPE"] = value
            elif field != "content-length" and "_" not in field:  # "a_b" would pass for "a-b"
                environ[f"HTTP_{field.upper().replace('-', '_')}"] = value
        return environ

    def _in_loop(self, call: Callable[..., None], *args: Any) -> None:
        """Have *call* made by the event loop; a loop that is closed has no client left."""
        try:
            self.connection.loop.call_soon_threadsafe(call, *args)
        except RuntimeError:
            self.gone.set()

    # In the event loop

    def _send(self, response: Response) -> None:
        self._response = response
        if not self.gone.is_set():
            self.connection.send(self.turn, response)

    def _write(self, data: bytes) -> None:
        if not self.gone.is_set():
            self.connection.transport.write(data)
        if self.connection.writable:
            self.room.set()

    def _done(self) -> None:
        self.gateway.finished()
        self.connection.job = None
        if not self.gone.is_set():
            self.connection.done()
