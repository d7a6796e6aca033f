"""A receiver of webhooks on loopback: it keeps what comes, and answers as it is told."""

from __future__ import annotations

import http.server
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Caught:
    """One request that came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Catcher:
    """What came, in order; `answers` are the statuses of the next answers, 204 when there is none left."""

    def __init__(self) -> None:
        self.caught: list[Caught] = []
        self.answers: list[int] = []
        self._came: queue.Queue[Caught] = queue.Queue()
        catcher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _take(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                fields = {name.lower(): value for name, value in self.headers.items()}
                caught = Caught(self.command, self.path, fields, body)
                catcher.caught.append(caught)
                self.send_response(catcher.answers.pop(0) if catcher.answers else 204)
                self.send_header("content-length", "0")
                self.end_headers()
                catcher._came.put(caught)

            do_GET = do_POST = do_PUT = _take

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def next(self) -> Caught:
        """Return what comes next, within ten seconds."""
        return self._came.get(timeout=10)

    @property
    def targets(self) -> list[str]:
        """Where the requests went that came so far."""
        return [one.target for one in self.caught]

    def close(self) -> None:
        """Catch nothing more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def catching() -> Iterator[Catcher]:
    """Give a catcher, closed at the end."""
    catcher = Catcher()
    try:
        yield catcher
    finally:
        catcher.close()
