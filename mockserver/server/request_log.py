"""
A line for each request: for a person at a terminal, or as JSON for a machine.

Writing one costs as much as answering. So into a file or a pipe there are none
unless they are asked for (`--log-format`), and the journal has all of it
(`/__admin/requests`), under the id that stands in each line.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from mockserver.exchange import Request, Response, dumps
from mockserver.server.known import once_known

_COLOURS = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}

Handle = Callable[[Request], Response]
Target = Callable[[Request], str]
"""Gives the target of a request as it may be shown: without secrets."""


class RequestLog:
    """A handler that says on stderr what another one answered."""

    def __init__(self, handle: Handle, target: Target) -> None:
        self._handle = handle
        self._target = target

    def __call__(self, request: Request) -> Response:
        """Answer, and say so once it is known how."""
        started = time.perf_counter()
        response = self._handle(request)
        if response.wire is not None and response.wire.gate is not None:
            click.echo(f"{request.method}  {_printable(self._target(request))}  waits at a gate", err=True)
        return once_known(response, lambda known: self._say(request, known, started))

    def _say(self, request: Request, response: Response, started: float) -> Response:
        took = (time.perf_counter() - started) * 1000
        status = click.style(str(response.status), fg=_COLOURS.get(response.status // 100))
        said = [
            request.method,
            _printable(self._target(request)),
            status,
            response.header("mock-source"),
            f"{took:.1f} ms",
        ]
        if violations := response.header("mock-violations"):
            said.append(f"violations: {violations}")
        if ident := response.header("mock-id"):
            said.append(click.style(ident, dim=True))
        click.echo("  ".join(part for part in said if part), err=True)
        return response


def _printable(target: str) -> str:
    """A client must not be able to write control sequences to the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in target)


class JsonRequestLog:
    """The same, one JSON object a line."""

    def __init__(self, handle: Handle, target: Target) -> None:
        self._handle = handle
        self._target = target

    def __call__(self, request: Request) -> Response:
        """Answer, and say so."""
        started = time.perf_counter()
        return once_known(self._handle(request), lambda known: self._say(request, known, started))

    def _say(self, request: Request, response: Response, started: float) -> Response:
        said: dict[str, Any] = {
            **_head("info", "mockserver.request"),
            "requestId": response.header("mock-id"),
            "method": request.method,
            "target": self._target(request),
            "status": response.status,
            "milliseconds": round((time.perf_counter() - started) * 1000, 3),
            "client": request.client,
            "source": response.header("mock-source"),
            "operation": response.header("mock-operation"),
            "violations": int(response.header("mock-violations", "0")),
        }
        _write({name: value for name, value in said.items() if value != ""})
        return response


class JsonLines(logging.Handler):
    """What is logged otherwise, as JSON too."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        said: dict[str, Any] = {
            **_head(record.levelname.lower(), record.name),
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["exception"] = "".join(traceback.format_exception(*record.exc_info))
        _write(said)


def _head(level: str, logger: str) -> dict[str, Any]:
    return {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "logger": logger}


def _write(said: dict[str, Any]) -> None:
    sys.stderr.write(dumps(said).decode() + "\n")
    sys.stderr.flush()


def logged(handle: Handle, form: str, target: Target) -> Handle:
    """
    Return *handle* with a line for each request.

    *form* is "json", "text", or "": text where stderr is a terminal, else nothing.
    """
    if form == "json":
        logging.getLogger().handlers = [JsonLines()]
        return JsonRequestLog(handle, target)
    return RequestLog(handle, target) if form == "text" or sys.stderr.isatty() else handle
