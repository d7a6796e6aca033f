"""
A receiver of webhooks on this machine: it takes whatever comes with a 204, and keeps it in order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

from mockserver.errors import UsageError
from mockserver.exchange import Request

LARGEST = 16 << 20
"""Bytes of a delivery that are read."""


@dataclass(frozen=True)
class Delivery:
    """What came: the request, and when (seconds since 1970)."""

    request: Request
    at: float


class Catcher:
    """
    Args:
        address: Where it listens, "127.0.0.1:9100"; a port of 0 takes a free one.

    Attributes:
        url: Where deliveries are to go.

    Raises:
        UsageError: It cannot listen there.
    """

    def __init__(self, address: str = "127.0.0.1:0") -> None:
        host, _, port = address.rpartition(":")
        self.caught: list[Delivery] = []
        self._came = Condition()
        catcher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def take(self) -> None:
                body = _body(self)
                path, _, query = self.path.partition("?")
                fields = tuple((name.lower(), value) for name, value in self.headers.items())
                self.send_response(204)
                self.end_headers()
                catcher.take(Request(self.command, path, query, fields, body))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = take

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: what came is kept."""

        try:
            self._server = ThreadingHTTPServer((host or "127.0.0.1", int(port)), Handler)
        except (OSError, ValueError, OverflowError) as error:
            raise UsageError(f"--catcher {address}: nothing can be caught there: {error}") from error
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://{host or '127.0.0.1'}:{self._server.server_address[1]}"

    def take(self, request: Request) -> None:
        """Keep what came."""
        with self._came:
            self.caught.append(Delivery(request, time.time()))
            self._came.notify_all()

    def wait(self, enough: Callable[[list[Delivery]], bool], seconds: float) -> bool:
        """Wait until what came is *enough*, at most so long; return whether it is."""
        with self._came:
            return self._came.wait_for(lambda: enough(self.caught), seconds)

    def close(self) -> None:
        """Catch nothing more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _body(handler: BaseHTTPRequestHandler) -> bytes:
    if "chunked" not in (handler.headers.get("transfer-encoding") or "").lower():
        length = handler.headers.get("content-length") or "0"
        return handler.rfile.read(min(int(length), LARGEST)) if length.isdecimal() else b""
    body = b""
    while size := int(handler.rfile.readline().partition(b";")[0].strip() or b"0", 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
        if len(body) > LARGEST:
            break
    handler.rfile.readline()
    return body


@contextmanager
def catching(address: str = "") -> Iterator[Catcher]:
    """Yield a catcher at *address*, or at a free port; it is closed at the end."""
    catcher = Catcher(address or "127.0.0.1:0")
    try:
        yield catcher
    finally:
        catcher.close()
