"""
A host with nothing behind it, and a raw socket: what the door's tests talk to, and talk with.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from mockserver.behavior.store import Table
from mockserver.exchange import Request, Response, Wire
from mockserver.server.admin_guard import Guard
from mockserver.server.app import MockApp
from mockserver.server.door import Door, bind
from mockserver.server.health import Health
from mockserver.server.host import Condition
from mockserver.server.journal import Journal
from mockserver.server.keeper import MEMORY
from mockserver.server.reader import Limits
from mockserver.server.session import DEFAULT, Session
from mockserver.server.stubs.override import Stubs


class Echo:
    """
    A host that answers with what it was asked, and with what the path says.

    `/delay/SECONDS`, `/fault/NAME`, `/status/CODE`, `/size/BYTES`, `/raise`; anything else echoes
    "METHOD target body".
    """

    def __init__(self) -> None:
        self.journal = Journal()
        self.options = {"auth": "any"}
        contract = SimpleNamespace(
            title="Echo",
            version="1",
            openapi="3.1.0",
            routes=(),
            operations={},
            security_schemes={
                "key": SimpleNamespace(kind="apiKey", location="header", parameter="X-Echo-Key"),
                "query": SimpleNamespace(kind="apiKey", location="query", parameter="echo_key"),
            },
            faults=(),
            document={"openapi": "3.1.0", "info": {"title": "Echo", "version": "1"}},
            file="echo.json",
            files=("echo.json",),
            located=lambda place: place,
        )
        self.apis: Any = (SimpleNamespace(name="echo", contract=contract, engine=None),)
        books = Table()
        books.put("bk_1", {"id": "bk_1"})
        world: Any = SimpleNamespace(tables={"books": books})
        self.default = Session(DEFAULT, {"echo": world}, self.journal)
        self.stubs = Stubs()
        self.keeper = MEMORY
        self.resets = 0
        self.conditions = {"echo": Condition()}

    def handle(self, request: Request) -> Response:
        """Answer as the path says."""
        started = time.perf_counter()
        response = self._answer(request)
        self.journal.add(request, response, started, "echo", "echo" if response.status < 400 else "", "mock")
        return response

    def _answer(self, request: Request) -> Response:
        _, kind, value = f"{request.path}//".split("/", 3)[:3]
        said = f"{request.method} {request.target} ".encode() + request.body
        response = Response(200, [("Content-Type", "text/plain"), ("Mock-Source", "mock")], said)
        if kind == "raise":
            raise RuntimeError("on purpose")
        if kind == "delay":
            response.wire = Wire(delay=float(value))
        elif kind == "fault":
            response.wire = Wire(fault=value)
        elif kind == "status":
            response.status = int(value)
        elif kind == "size":
            response.body = b"x" * int(value)
        return response

    def rehearsed(self, request: Request, session: Session) -> Any:
        """There are no cases here."""
        raise NotImplementedError

    def session(self, request: Request) -> Session:
        """The only one."""
        return self.default

    def reset(self, session: Session) -> None:
        """Count, and forget."""
        self.resets += 1
        self.journal.clear()

    def sample(self, operation: Any) -> str:
        """Any target."""
        return "/"

    def close(self) -> None:
        """Nothing is open."""


class Opened:
    """A door in a thread of this process."""

    def __init__(self, door: Door, host: Echo, port: int) -> None:
        self.door = door
        self.host = host
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def connect(self, timeout: float = 10) -> socket.socket:
        """Return a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def ask(self, *parts: bytes, timeout: float = 10) -> bytes:
        """Send *parts*, and return all that comes until the server closes."""
        with self.connect(timeout) as client:
            for part in parts:
                client.sendall(part)
            return read_all(client)


def read_all(client: socket.socket) -> bytes:
    """Return what comes until the end of the connection."""
    found = b""
    while piece := client.recv(65536):
        found += piece
    return found


def is_cut(client: socket.socket) -> bool:
    """Tell whether the connection ended without another byte, orderly or not."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def read_answer(client: socket.socket) -> tuple[bytes, bytes]:
    """Return head and body of one answer with a Content-Length, and leave the connection open."""
    found = b""
    while b"\r\n\r\n" not in found:
        piece = client.recv(1)
        assert piece, found
        found += piece
    length = 0
    for line in found.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    body = b""
    while len(body) < length:
        piece = client.recv(length - len(body))
        assert piece, body
        body += piece
    return found, body


@contextmanager
def opened(
    host: Echo | None = None,
    limits: Limits | None = None,
    cors: bool = True,
    make: Callable[[Echo], Any] | None = None,
) -> Iterator[Opened]:
    """Open a door onto *host* in a thread; *make* makes the WSGI application, our own by default."""
    host = host or Echo()
    bound = bind("127.0.0.1", 0)
    address = bound.getsockname()[:2]
    door = Door(
        host.handle,
        Health(host, Guard()),
        lambda: make(host) if make else MockApp(host, shutdown=lambda: door.stop()),
        address,
        cors=cors,
        limits=limits,
    )
    ready = threading.Event()
    thread = threading.Thread(target=door.run, args=([bound], ready.set))
    thread.start()
    assert ready.wait(10)
    try:
        yield Opened(door, host, address[1])
    finally:
        door.stop()
        thread.join(10)
        assert not thread.is_alive()
