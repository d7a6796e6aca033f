"""
Whether requests are served: asked first by whoever started us, and then every few seconds.

The door answers it without Flask, whose import is a fifth of what a start may
cost; under another WSGI server the admin's view gives the same answer.
"""

from __future__ import annotations

import time

import orjson

from mockserver import __version__
from mockserver.exchange import Request, Response
from mockserver.server import wire
from mockserver.server.admin_guard import Guard
from mockserver.server.host import Host
from mockserver.server.problems import problem

PATH = f"{wire.ADMIN}/health"


class Health:
    """Answers `GET /__admin/health` in WireMock's shape, behind the same guard as the rest of the admin."""

    def __init__(self, host: Host, guard: Guard) -> None:
        self._host = host
        self._guard = guard
        self._started = time.monotonic()

    def __call__(self, request: Request) -> Response:
        """Return 200, or the guard's refusal."""
        refusal = self._guard.refusal(request.method, request.path, request.index)
        if refusal is not None:
            return problem(*refusal)
        said = {
            "status": "healthy",
            "message": "mockserver is ok",
            "version": __version__,
            "uptimeInSeconds": int(time.monotonic() - self._started),
            "apis": [api.name for api in self._host.apis],
            "contracts": {name: condition.json() for name, condition in self._host.conditions.items()},
        }
        return Response(200, [("Content-Type", "application/json")], orjson.dumps(said))
