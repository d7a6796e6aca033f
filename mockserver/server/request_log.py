"""
A line for each request, for a person at a terminal.

Nobody reads them elsewhere, and writing one costs as much as answering: into a
file or a pipe there are none, and the journal has all of it (`/__admin/requests`).
"""

from __future__ import annotations

import time
from collections.abc import Callable

import click

from mockserver.exchange import Request, Response

_COLOURS = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}


class RequestLog:
    """A handler that says on stderr what another one answered."""

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle

    def __call__(self, request: Request) -> Response:
        """Answer, and say so."""
        started = time.perf_counter()
        response = self._handle(request)
        took = (time.perf_counter() - started) * 1000
        status = click.style(str(response.status), fg=_COLOURS.get(response.status // 100))
        said = [
            request.method,
            _printable(request.target),
            status,
            response.header("mock-source"),
            f"{took:.1f} ms",
        ]
        if violations := response.header("mock-violations"):
            said.append(f"violations: {violations}")
        click.echo("  ".join(part for part in said if part), err=True)
        return response


def _printable(target: str) -> str:
    """A client must not be able to write control sequences to the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in target)
