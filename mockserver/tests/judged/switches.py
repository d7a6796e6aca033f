"""
What the judged applications have in common: bugs to switch on, and a socket to be asked through.

    python -m mockserver.tests.judged playlists --dialect rails --bug lost_update --port 9000

Nothing here knows the mock, nor anything of the package that is tried.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

Bugs = Mapping[str, Mapping[str, str]]
"""Group -> name -> what is wrong then."""


class Switches:
    """
    Says of each bug whether it is on.

    Asking for a bug that is not in the list is a mistake of the application, so that none can be forgotten.
    """

    def __init__(self, known: Bugs, on: Iterable[str]) -> None:
        self._known = {name for group in known.values() for name in group}
        self._on = frozenset(on)
        self.asked: set[str] = set()
        if unknown := self._on - self._known:
            raise KeyError(
                f"no such bug: {', '.join(sorted(unknown))}; there are {', '.join(sorted(self._known))}"
            )

    def __call__(self, name: str) -> bool:
        """Return whether the bug *name* is on."""
        if name not in self._known:
            raise KeyError(name)
        self.asked.add(name)
        return name in self._on


@dataclass(eq=False)
class Refusal(Exception):
    """An answer that is no success."""

    status: int
    code: str
    message: str = ""


class _Quiet(WSGIRequestHandler):
    """Keeps the connection, and logs nothing."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve *app* on loopback in a thread; give its base URL."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
