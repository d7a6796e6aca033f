"""
The door that `serve` opens: listening sockets, a clock that ticks once a second, and an orderly end.

Contract traffic goes from the connection straight to the handler, in the event
loop; `/__admin` goes through the Flask application. Why there is no ready-made
server here is said, with the figures, in server/connection.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import TYPE_CHECKING

from mockserver.errors import UsageError
from mockserver.exchange import Request, Response
from mockserver.server.connection import Connection
from mockserver.server.cors import CrossOrigin, opened
from mockserver.server.flow import Flow
from mockserver.server.gateway import Gateway
from mockserver.server.keeper import Keeper, StateGone, Turns, unkept
from mockserver.server.problems import problem
from mockserver.server.reader import Limits

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)

STOP = 3.0
"""Seconds for answers that are under way when we are asked to stop; the process is gone within five."""

BACKLOG = 2_048

Handler = Callable[[Request], Response]


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """
    Return a socket bound to *host* and *port* (0: a free one), not listening yet.

    *shared*: others that say so, too, may be bound to the same (server/workers.py).

    Raises:
        UsageError: The port is taken or not allowed, or the host is no address of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, OverflowError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or error
        raise UsageError(
            f"--host {host}: expected a name or an address of this machine, such as 127.0.0.1 ({said})"
        ) from None
    try:
        if sys.platform != "win32":  # there it would share the port with whoever has it
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise UsageError(
            f"{host}:{port} cannot be opened: {error.strerror or error}. "
            "Another --port may be free; --port 0 takes one that is."
        ) from None
    return bound


def address_of(bound: socket.socket) -> str:
    """Return the URL under which *bound* is reached from this machine."""
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Door:
    """
    All connections of one process.

    Args:
        handle: Answers contract traffic; called in the event loop.
        health: Answers `GET /__admin/health`; called in the event loop.
        application: Makes the WSGI application for the rest of the admin, at its first request.
        address: Host and port, for the application.
        cors: Whether pages of other origins may use what is served.
        limits: What one client may ask.
        through: Whether the application answers all there is, each request in a thread.

    Attributes:
        now: The event loop's time at the last tick.
        date: The Date field's value at the last tick.
    """

    def __init__(
        self,
        handle: Handler,
        health: Handler,
        application: Callable[[], WSGIApplication],
        address: tuple[str, int],
        *,
        cors: bool = True,
        limits: Limits | None = None,
        through: bool = False,
    ) -> None:
        self.through = through
        self.limits = limits or Limits()
        self.flow = Flow(self.limits.flow)
        self.health = health
        self.gateway = Gateway(application, address)
        self.now = 0.0
        self.date = ""
        self.loop: asyncio.AbstractEventLoop = None  # type: ignore[assignment]
        self.turns: Turns | None = None
        """Who lets requests change something, where that is shared with others."""
        self._cors = cors
        self._handle = CrossOrigin(handle) if cors else handle
        self._connections: set[Connection] = set()
        self._stopping: asyncio.Event = None  # type: ignore[assignment]
        self._code = 0

    # What a connection asks of it

    def answer(self, request: Request) -> Response:
        """Answer contract traffic. A handler never raises; if it does, no client must not pay for it."""
        turns = self.turns
        try:
            if turns is None:
                return self._handle(request)
            with turns.reading():
                return self._handle(request)
        except Exception:
            log.exception("%s %s failed.", request.method, request.path)  # a query may hold a key
            return _failed()

    def keep_together(self, keeper: Keeper) -> None:
        """Let *keeper* keep together what requests of one moment do (in the event loop's thread)."""

        def refuse(_: Request, error: Exception) -> Response:
            return unkept(error) if isinstance(error, StateGone) else _failed()

        def later(seconds: float, call: Callable[[], None]) -> None:
            if seconds:
                self.loop.call_later(seconds, call)
            else:
                self.loop.call_soon(call)

        self.turns = keeper.grouped(later, refuse)

    def opened(self, response: Response, origin: str) -> Response:
        """Open a refusal to the page that asked."""
        return opened(response, origin) if self._cors else response

    def admit(self, connection: Connection) -> bool:
        """Count a connection in; False when there are too many."""
        self._connections.add(connection)
        return len(self._connections) <= self.limits.connections

    def leave(self, connection: Connection) -> None:
        """Count a connection out."""
        self._connections.discard(connection)

    # Its life

    def run(self, sockets: Sequence[socket.socket], ready: Callable[[], None]) -> int:
        """
        Serve until somebody asks for an end, and return the exit code.

        Args:
            sockets: Bound, not listening.
            ready: Called when all of them listen.

        Returns:
            0 after SIGTERM or `stop`, 130 after SIGINT.
        """
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            return runner.run(self._serve(sockets, ready))

    def stop(self, code: int = 0) -> None:
        """Take no more connections, finish what is under way, end with *code* (from any thread)."""
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self.loop.call_soon_threadsafe(self._stop, code)

    def in_loop(self, call: Callable[..., None], *args: object) -> None:
        """Have *call* made in the event loop (from any thread; not at all when the loop has ended)."""
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(call, *args)

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Have *call* made in the event loop in so many seconds (from any thread; not when it has ended)."""
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.loop.call_later, seconds, call)

    def stop_with(self, file: int) -> None:
        """Stop when *file* can be read or ends (called in the event loop)."""
        self.loop.add_reader(file, self._lost, file)

    def _lost(self, file: int) -> None:
        self.loop.remove_reader(file)
        self._stop(0)

    def between_requests(self, act: Callable[[], None]) -> None:
        """Call *act* while no request is answered (from any thread; not at all when the loop has ended)."""
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(act)

    async def _serve(self, sockets: Sequence[socket.socket], ready: Callable[[], None]) -> int:
        self.loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._tick()
        restore = self._catch_signals()
        servers = [
            await self.loop.create_server(lambda: Connection(self), sock=each, backlog=BACKLOG)
            for each in sockets
        ]
        ready()
        try:
            while not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), 1.0)
                self._tick()
            for server in servers:
                server.close()
            await self._drain()
        finally:
            restore()
        return self._code

    def _tick(self) -> None:
        self.now = self.loop.time()
        self.date = formatdate(time.time(), usegmt=True)
        for connection in tuple(self._connections):
            connection.sweep(self.now)

    def _stop(self, code: int) -> None:
        if self._stopping.is_set():  # asked twice: do not wait for anybody
            for connection in tuple(self._connections):
                connection.transport.abort()
        self._code = self._code or code
        self._stopping.set()

    async def _drain(self) -> None:
        """Let every answer that is under way be sent, for `STOP` seconds."""
        if self.turns is not None:
            self.turns.hurry(STOP / 2)
        for connection in tuple(self._connections):
            connection.stop()
        end = self.loop.time() + STOP
        while self._connections and self.loop.time() < end:
            await asyncio.sleep(0.02)
        for connection in tuple(self._connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    def _catch_signals(self) -> Callable[[], None]:
        """Turn SIGTERM and SIGINT into `stop`; return what puts the old handlers back."""
        if threading.current_thread() is not threading.main_thread():
            return lambda: None  # a server in a test's thread: whoever started it stops it
        before = {
            sign: signal.signal(sign, lambda *_, code=code: self.stop(code))
            for sign, code in ((signal.SIGTERM, 0), (signal.SIGINT, 130))
        }

        def restore() -> None:
            for sign, handler in before.items():
                signal.signal(sign, handler)

        return restore


def _failed() -> Response:
    return problem(500, "The mock failed while it answered; its log says why.")


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's factory; None (asyncio's own) where there is none, as on Windows."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
