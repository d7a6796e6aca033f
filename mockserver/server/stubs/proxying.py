"""
A stub that lets another server answer (`proxyBaseUrl`): one on this machine, nowhere else.

The mock never calls out: a stub is a few lines of JSON that anybody who reaches the
admin can post, and would make of it a way into a network. Redirects are passed on
and not followed.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from mockserver.errors import UsageError
from mockserver.exchange import Request, Response
from mockserver.server.loopback import is_loopback
from mockserver.server.problems import problem
from mockserver.server.stubs.asked import Asked
from mockserver.server.stubs.reading import Doc, Unfit
from mockserver.server.upstream import Loop, Upstream, body_of, end_to_end

LARGEST = 64 * 1024 * 1024
"""Bytes of an answer that are passed on."""


@dataclass(frozen=True)
class Proxy:
    """
    Where a request is passed on to, and with which changes.

    Attributes:
        url: Base URL; may be a template.
        headers: Added to the request, in place of fields of these names.
        removed: Lower-case names of fields that are not passed on.
        prefix: Taken off the path.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    removed: frozenset[str]
    prefix: str

    def fetching(self, asked: Asked, fill: Callable[[str], str]) -> Callable[[], Response]:
        """Return what gets the answer; it takes time and is not to be called in the event loop."""
        url = fill(self.url)
        headers = tuple((name.lower(), fill(value)) for name, value in self.headers)
        return lambda: self._fetched(url, headers, asked.request)

    def _fetched(self, url: str, headers: tuple[tuple[str, str], ...], request: Request) -> Response:
        try:
            checked(url)
            upstream = Upstream(url)
            names = ({name for name, _ in headers} | self.removed) - {"via"}  # it ends a loop
            kept = tuple(field for field in request.headers if field[0] not in names)
            path = request.path.removeprefix(self.prefix) if self.prefix else request.path
            passed = Request(
                request.method, path, request.query, kept + headers, request.body, request.client
            )
            connection, answer = upstream.send(passed)
        except (Unfit, UsageError) as error:
            return problem(500, f"proxyBaseUrl: {getattr(error, 'detail', error)}")
        except Loop as loop:
            return problem(508, f"proxyBaseUrl: {loop}")
        except (OSError, http.client.HTTPException) as error:
            return problem(502, f"proxyBaseUrl: {url} does not answer: {error}")
        try:
            content, all_of_it = body_of(answer, LARGEST)
        except (OSError, http.client.HTTPException) as error:
            return problem(502, f"proxyBaseUrl: {url} broke off its answer: {error}")
        finally:
            connection.close()
        if not all_of_it:
            return problem(502, f"proxyBaseUrl: the answer of {url} has more than {LARGEST} bytes.")
        fields = [field for field in end_to_end(answer) if field[0].lower() != "date"]
        return Response(answer.status, fields, content)


def checked(url: str) -> str:
    """
    Return *url* where it is on this machine.

    Raises:
        Unfit: It is no URL, or leads elsewhere.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        assert parts.port is None or parts.port
    except (ValueError, AssertionError) as error:
        raise Unfit("", f"{url!r} is no URL: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise Unfit("", f"{url!r}: expected a URL such as http://127.0.0.1:9000")
    if not is_loopback(host):
        raise Unfit(
            "", f"{url!r}: stubs pass requests on to this machine only (localhost, 127.0.0.0/8, [::1])"
        )
    return url


def proxy(doc: Doc) -> Proxy | None:
    """Return where `proxyBaseUrl` leads, None where there is none. Raises Unfit."""
    url = doc.text("proxyBaseUrl")
    if url is None:
        return None
    if "{{" not in url:  # a template is looked at when it is filled
        try:
            checked(url)
        except Unfit as error:
            raise doc.unfit("proxyBaseUrl", error.detail) from error
    added = doc.doc("additionalProxyRequestHeaders")
    headers = [
        (name, str(one))
        for name, value in (added.value.items() if added is not None else ())
        for one in (value if isinstance(value, list) else [value])
    ]
    removed = frozenset(str(item).lower() for item, _ in doc.list("removeProxyRequestHeaders"))
    return Proxy(url, tuple(headers), removed, doc.text("proxyUrlPrefixToRemove") or "")
