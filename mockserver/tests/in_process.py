"""
An application or a mock as the judge's target, without a socket: a law costs milliseconds then.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping

from flask import Flask
from werkzeug.exceptions import HTTPException

from mockserver.behavior.model import written
from mockserver.contract.locate import locate, wanted
from mockserver.exchange import Request, Response
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.pipeline import Host
from mockserver.verify.context import Context, Identity, Level
from mockserver.verify.findings import Exchanged
from mockserver.verify.lockstep import Lockstep
from mockserver.verify.phases import Case
from mockserver.verify.report import Report
from mockserver.verify.runner import run

Answers = Callable[[Request], Response]


class Here:
    """A `Target` that asks a function."""

    url = "http://here"

    def __init__(self, answers: Answers, reset: Callable[[], None] | None = None) -> None:
        self._answers = answers
        self._reset = reset
        self.is_mock = self.puts_back = reset is not None
        self.takes_anybody = False
        self.settles = 0.0
        self.asked: list[Request] = []

    def send(self, request: Request, operation: str = "", timeout: float = 30) -> Exchanged:
        """Ask."""
        self.asked.append(request)
        at = time.time()
        return Exchanged(request, self._answers(request), operation, at=at)

    def reset(self) -> bool:
        """Put the world back, where that is possible."""
        if self._reset is not None:
            self._reset()
        return self.is_mock

    def leave(self) -> None:
        """Nothing was opened."""


def of_app(app: Flask) -> Here:
    """Ask *app*."""
    app.testing = False
    logging.getLogger(app.name).setLevel(logging.CRITICAL)
    client = app.test_client()

    def answers(request: Request) -> Response:
        fields = [field for field in request.headers if field[0] != "content-type"]
        media = request.header("content-type") or None
        try:
            found = client.open(
                request.target,
                method=request.method,
                headers=fields,
                data=request.body or None,
                content_type=media,
            )
        except HTTPException as error:
            return Response(error.code or 500, [], b"")
        return Response(found.status_code, list(found.headers.items()), found.data)

    return Here(answers)


def of_mock(spec: str, taken: Mapping[str, object] | None = None) -> Here:
    """Ask our own mock of *spec*, which takes listed credentials only, and *taken* options of its choices."""
    choices = {name: written(option) for name, option in (taken or {}).items()}
    return of_host(build_host(wanted((spec,)), journal=Journal(0), auth="listed", choices=choices))


def of_host(host: Host) -> Here:
    """Ask *host*."""

    def answers(request: Request) -> Response:
        fields = (("host", "here"), *request.headers)
        return host.handle(Request(request.method, request.path, request.query, fields, request.body))

    return Here(answers, host.reset)


class _Only(Lockstep):
    def __init__(self, law: str) -> None:
        self._law = law

    def cases(self, context: Context) -> Iterable[Case]:
        return [case for case in super().cases(context) if case.check.endswith(self._law)]


def judged(spec: str, target: Here, *, seed: int = 1, level: Level = "default", only: str = "") -> Report:
    """Run the lockstep phase with two identities; *only* one of its checks where it is named."""
    second = Identity("the second account", {}, "other-token")
    context = Context(locate(spec), target, second=second, seed=seed, level=level)  # type: ignore[arg-type]
    return run(context, [_Only(only)])
