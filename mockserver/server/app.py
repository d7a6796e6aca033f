"""
The Flask application: the whole server, under any WSGI server there is.

Contract traffic is answered early, in `wsgi_app` (which Flask documents for
wrapping and overriding), because Flask's own dispatch costs 150 to 200
microseconds and its router reads PATH_INFO, in which "%2F" has become "/".
`/__admin` goes through Flask's dispatch. `mockserver serve` puts its own door
before this application (server/door.py); `flask run`, gunicorn, waitress and the
test client serve the same answers, only without faults on the wire: a WSGI
application has no socket.

    $ flask --app "mockserver.server.app:create_app('openapi.yaml')" run
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask

from mockserver.contract.limits import LIMITS
from mockserver.contract.locate import wanted
from mockserver.exchange import Request
from mockserver.server import coding, wire
from mockserver.server.admin import Admin
from mockserver.server.admin_guard import Guard
from mockserver.server.cors import CrossOrigin
from mockserver.server.faults import EVERY, PIECES
from mockserver.server.host import Host
from mockserver.server.journal import Journal
from mockserver.server.problems import phrase, problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_SAFE = "!$&'()*+,/:;=@~"
"""What a path may hold unescaped (RFC 3986, 3.3)."""


class MockApp(Flask):
    """
    The application.

    Args:
        host: What is served.
        cors: Whether pages of other origins may use it.
        guard: Who may use the admin.
        shutdown: Ends the server; None where somebody else started it.

    Attributes:
        host: As given. Whoever made it closes it.
    """

    def __init__(
        self,
        host: Host,
        *,
        cors: bool = True,
        guard: Guard | None = None,
        shutdown: Callable[[], None] | None = None,
    ) -> None:
        super().__init__("mockserver", static_folder=None, template_folder=None)
        self.host = host
        self.json.sort_keys = False  # type: ignore[attr-defined]
        self._answer = CrossOrigin(host.handle) if cors else host.handle
        Admin(host, guard or Guard(), shutdown).register(self)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer contract traffic here; leave the admin to Flask."""
        if wire.is_admin(environ.get("PATH_INFO", "")):
            return self._administer(environ, start_response)
        request = request_of(environ)
        response = self._answer(request)
        pieces: Iterator[bytes] | None = None
        if response.wire is not None and response.wire.gate is not None:
            response = response.wire.gate.wait()  # may wait again, before its answer
        if response.wire is not None and response.wire.gate is not None:
            response = response.wire.gate.wait()
        if response.wire is not None and response.wire.fetch is not None:
            response = response.wire.fetch()
        if response.wire is not None:
            time.sleep(response.wire.delay)  # a WSGI application has nothing but its thread to wait with
            if response.wire.fault == "drip":
                pieces = _dripping(response.body)
            elif response.wire.fault:
                response = problem(
                    501,
                    f"The fault {response.wire.fault!r} needs the connection itself, which this server "
                    "does not hand over. `mockserver serve` does.",
                )
        content = wire.has_body(request.method, response.status)
        fields = [
            field
            for field in response.headers
            if field[0].lower() not in ("content-length", "connection", "date")
        ]
        length = wire.length_of(response, request.method)
        if length is not None:
            fields.append(("Content-Length", str(length)))
        start_response(f"{response.status} {phrase(response.status)}", fields)
        if not content:
            return []
        return pieces if pieces is not None else [response.body]

    def _administer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Leave a request to Flask, its body without a content coding."""
        names = coding.codings(environ.get("HTTP_CONTENT_ENCODING", ""))
        if names:
            try:
                content = coding.undone(_body(environ), names, LIMITS.body)
            except coding.Undecodable as error:
                refused = problem(error.status, str(error), error.fields)
                start_response(f"{refused.status} {phrase(refused.status)}", refused.headers)
                return [refused.body]
            plain = {"wsgi.input": BytesIO(content), "CONTENT_LENGTH": str(len(content))}
            environ = {**environ, **plain, "HTTP_CONTENT_ENCODING": ""}
        return super().wsgi_app(environ, start_response)


def create_app(*specs: str, cors: bool = True, **options: Any) -> MockApp:
    """
    Return the application for some APIs, in a world of its own.

    Args:
        specs: Bundled names, OpenAPI files or folders; none: all bundled APIs.
        cors: Whether pages of other origins may use it.
        options: As of `mounting.build_host` (seed, dynamic, validate, auth, ...).

    Raises:
        MockserverError: A contract, fixture or behaviour cannot be used.
    """
    from mockserver.server.mounting import build_host

    return MockApp(build_host(wanted(specs), journal=Journal(), **options), cors=cors)


def request_of(environ: WSGIEnvironment) -> Request:
    """
    Return the request of a WSGI environ, as near to the wire as the server lets us see.

    RAW_URI (gunicorn, Werkzeug) and REQUEST_URI (waitress, uWSGI, mod_wsgi) hold the
    target as it was sent. Where a server gives neither, PATH_INFO is quoted again:
    there an encoded slash cannot be told from a slash.
    """
    known = environ.get("mockserver.request")
    if known is not None:  # our own door's: PEP 3333 folds repeated fields, this does not
        return known  # type: ignore[no-any-return]
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    mount = quote(environ.get("SCRIPT_NAME", "").encode("latin-1"), safe=_SAFE)
    if target:
        path, query, _ = wire.split_target(target)
        path = path.removeprefix(mount) or "/"
    else:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe=_SAFE) or "/"
        query = environ.get("QUERY_STRING", "")
    headers = [
        (key[5:].replace("_", "-").lower(), str(value))
        for key, value in environ.items()
        if key.startswith("HTTP_")
    ]
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            headers.append((key.replace("_", "-").lower(), environ[key]))
    peer = environ.get("REMOTE_ADDR", "")
    return Request(
        environ["REQUEST_METHOD"].upper(),
        path,
        query,
        tuple(headers),
        _body(environ),
        f"{peer}:{environ.get('REMOTE_PORT', '')}" if peer else "",
        len(path) + len(query) + sum(len(name) + len(value) for name, value in headers),
    )


def _body(environ: WSGIEnvironment) -> bytes:
    """Read so much as was announced, or all of it where the server marks the end."""
    stream = environ["wsgi.input"]
    content = b""
    if environ.get("CONTENT_LENGTH"):
        content = stream.read(int(environ["CONTENT_LENGTH"]))
    elif environ.get("wsgi.input_terminated") or environ.get("HTTP_TRANSFER_ENCODING"):
        content = stream.read()
    return content


def _dripping(body: bytes) -> Iterator[bytes]:
    size = max(1, -(-len(body) // PIECES))
    for start in range(0, len(body), size):
        time.sleep(EVERY)
        yield body[start : start + size]
