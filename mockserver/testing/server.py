"""
A server in this process, on a free port: `with MockServer("openapi.yaml") as mock: ...`

The door runs in a thread of its own, as it does behind `mockserver serve`: faults on
the wire, gates and thousands of held requests are the same.
"""

from __future__ import annotations

import threading
from typing import Any, Self

from mockserver.contract.locate import wanted
from mockserver.server.admin_guard import Guard
from mockserver.server.door import Door, address_of, bind
from mockserver.server.health import Health
from mockserver.server.journal import Journal
from mockserver.testing.bench import Bench

READY = 30.0
STOP = 10.0


class MockServer(Bench):
    """
    APIs, served in this process for as long as the context lasts; itself the default session.

    Args:
        specs: Bundled names, OpenAPI files or folders; none: all bundled APIs.
        host: The address to listen on.
        port: 0 takes a free one.
        cors: Whether pages of other origins may use it.
        options: As of `mockserver serve`: seed, dynamic, validate, auth, stateless, chaos, sessions, ...
    """

    def __init__(
        self, *specs: str, host: str = "127.0.0.1", port: int = 0, cors: bool = True, **options: Any
    ) -> None:
        super().__init__("")
        self._specs = specs
        self._address = (host, port)
        self._cors = cors
        self._options = options
        self._stop: list[Any] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        """
        Serve.

        Raises:
            MockserverError: A contract cannot be served, or the port is taken.
        """
        from mockserver.server.mounting import build_host

        bound = bind(*self._address)
        try:
            served = build_host(wanted(self._specs), journal=Journal(), **self._options)
        except BaseException:
            bound.close()
            raise

        def application() -> Any:
            from mockserver.server.app import MockApp

            return MockApp(served, cors=self._cors, shutdown=door.stop)

        guard = Guard(names=frozenset({self._address[0].lower()}))
        door = Door(
            served.handle, Health(served, guard), application, bound.getsockname()[:2], cors=self._cors
        )
        ready = threading.Event()
        thread = threading.Thread(target=door.run, args=([bound], ready.set), name="mockserver", daemon=True)
        self.url = address_of(bound)
        thread.start()
        if not ready.wait(READY):
            raise RuntimeError(f"the mock server did not start within {READY:g} s")
        self._stop = [door, thread, served]

    def stop(self) -> None:
        """End, when what is under way has been answered."""
        if self._stop:
            door, thread, served = self._stop
            self._stop = []
            door.stop()
            thread.join(STOP)
            served.close()

    def bench(self, session: str) -> Bench:
        """Return a session of this server, by its name."""
        return Bench(self.url, session)
