"""
A server to talk to, and a client that sends what it is told.

http.client, because requests and urllib3 normalise a target before they send it
("%2F", "//", "a/../b"), and because a test must see repeated headers as they came.
"""

from __future__ import annotations

import http.client
import json as jsonlib
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from urllib3.filepost import encode_multipart_formdata

READY = re.compile(r"mockserver ready on (http://\S+)")
START_SECONDS = 60
STOP_SECONDS = 10

NOTHING: Any = object()
Form = Mapping[str, Any] | Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back: `status`, `headers` (any case, repetitions by `get_all`), `body` bytes."""

    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON; the text is shown when it is none."""
        try:
            return jsonlib.loads(self.body)
        except ValueError as error:
            raise AssertionError(f"{self.status} is not JSON: {self.body[:500]!r}") from error


def encode(
    json: Any = NOTHING,
    form: Form | None = None,
    files: Mapping[str, Any] | None = None,
    body: bytes | None = None,
) -> tuple[bytes | None, str]:
    """Return the bytes of a body and its media type ("" when the caller gives it, or there is no body)."""
    if files is not None:
        fields: list[tuple[str, Any]] = [*_pairs(form or {}), *files.items()]
        return encode_multipart_formdata(fields)
    if form is not None:
        return urlencode(_pairs(form)).encode(), "application/x-www-form-urlencoded"
    if json is not NOTHING:
        return jsonlib.dumps(json).encode(), "application/json"
    return body, ""


def _pairs(form: Form) -> list[tuple[str, str]]:
    """A list as value is a repeated key."""
    pairs = form.items() if isinstance(form, Mapping) else form
    return [
        (key, str(one))
        for key, value in pairs
        for one in (value if isinstance(value, (list, tuple)) else [value])
    ]


class Client:
    """Requests to one server, with headers that go along every time."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.url = url
        self.headers = dict(headers or {})

    def request(
        self,
        method: str,
        target: str,
        *,
        json: Any = NOTHING,
        form: Form | None = None,
        files: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """
        Send one request on a connection of its own, and return the answer.

        Args:
            method: As it goes out.
            target: Path and query as they go out, e.g. "/books/a%2Fb?x=1".
            json: A value, sent as application/json.
            form: Sent urlencoded; a list as value repeats its key.
            files: Name to (filename, bytes, media type); sent as multipart/form-data, beside `form`.
            body: Bytes as they are.
            headers: Over the client's own; None takes one away.
        """
        content, media_type = encode(json, form, files, body)
        wanted: dict[str, str | None] = dict(self.headers)
        if media_type:
            wanted["Content-Type"] = media_type
        for name, value in (headers or {}).items():
            for known in [known for known in wanted if known.lower() == name.lower()]:
                del wanted[known]
            wanted[name] = value
        sent = {name: value for name, value in wanted.items() if value is not None}
        return self.send(method, target, sent, content)

    def send(self, method: str, target: str, headers: dict[str, str], content: bytes | None) -> Answer:
        """Put one request on the wire."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            connection.request(method, target, content, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, target: str, **options: Any) -> Answer:
        """Send a GET."""
        return self.request("GET", target, **options)

    def post(self, target: str, **options: Any) -> Answer:
        """Send a POST."""
        return self.request("POST", target, **options)

    def put(self, target: str, **options: Any) -> Answer:
        """Send a PUT."""
        return self.request("PUT", target, **options)

    def patch(self, target: str, **options: Any) -> Answer:
        """Send a PATCH."""
        return self.request("PATCH", target, **options)

    def delete(self, target: str, **options: Any) -> Answer:
        """Send a DELETE."""
        return self.request("DELETE", target, **options)

    def reset(self) -> None:
        """Put the server's world back to its start."""
        answer = self.request("POST", "/__admin/reset", headers={"Authorization": None})
        assert answer.status == 200, answer


class InProcess(Client):
    """The same requests, handed to the Flask application without a socket."""

    def __init__(self, app: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__("http://localhost", headers)
        self.app = app

    def send(self, method: str, target: str, headers: dict[str, str], content: bytes | None) -> Answer:
        """Give one request to the application; RAW_URI carries the target as it would stand on the wire."""
        response = self.app.test_client(use_cookies=False).open(
            target,
            method=method,
            headers=headers,
            data=content or b"",
            environ_overrides={"RAW_URI": target},
            buffered=True,
        )
        found = http.client.HTTPMessage()
        for name, value in response.headers:
            found[name] = value
        return Answer(response.status_code, found, response.get_data())


def _path() -> str:
    """PYTHONPATH by which a process in any folder finds the package that is tested."""
    known = os.environ.get("PYTHONPATH", "")
    return os.pathsep.join(filter(None, [str(Path(__file__).resolve().parents[2]), known]))


class Server(Client):
    """
    `python -m mockserver serve ARGS --port 0` as a process of its own, in the folder *cwd*.

    Attributes:
        url: "http://127.0.0.1:PORT", from the ready line.
        lines: What it printed up to the ready line.
        process: The process.
    """

    def __init__(
        self,
        *args: str,
        headers: Mapping[str, str] | None = None,
        command: str = "serve",
        cwd: Path | None = None,
    ) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        port = [] if "--port" in args else ["--port", "0"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mockserver", command, *args, *port],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": _path()},
            text=True,
            cwd=cwd,
        )
        self.lines: list[str] = []
        self._said: queue.Queue[str | None] = queue.Queue()
        super().__init__(self._wait_ready(), headers)

    def _wait_ready(self) -> str:
        """Read stdout until the ready line, and go on emptying the pipe behind it."""
        said = self._said

        def read() -> None:
            assert self.process.stdout is not None
            for line in self.process.stdout:
                said.put(line)
            said.put(None)

        self._reader = threading.Thread(target=read, daemon=True)
        self._reader.start()
        while True:
            try:
                line = said.get(timeout=START_SECONDS)
            except queue.Empty:
                line = None
            if line is None:
                self.process.kill()
                self.process.wait()
                why = f"serve did not start: {''.join(self.lines)}{self.log()}"
                self.close()  # what is left open would be another test's failure
                raise AssertionError(why)
            self.lines.append(line)
            if found := READY.search(line):
                return found[1]

    @property
    def printed(self) -> str:
        """What it wrote to stdout: up to the ready line, and all of it once it was stopped."""
        return "".join(self.lines)

    def log(self) -> str:
        """Return what the server wrote to stderr so far."""
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")

    def close(self) -> None:
        """Stop, if it still runs, and let go of its pipes."""
        self.stop()
        self._stderr.close()

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to stop, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(sign)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"serve did not stop within {STOP_SECONDS} s: {self.log()}") from None
        finally:
            self._reader.join(STOP_SECONDS)
            if self.process.stdout is not None:
                self.process.stdout.close()
        while not self._said.empty():
            self.lines.append(self._said.get() or "")
        return code
