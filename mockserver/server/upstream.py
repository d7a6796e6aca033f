"""
The server behind a proxy: a request goes to it as it came.
"""

from __future__ import annotations

import http
import http.client
from secrets import token_hex

from mockserver.contract.urls import server_of
from mockserver.exchange import Request
from mockserver.server.loopback import reached_at

TIMEOUT = 60.0
"""Seconds for an upstream to say something."""

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"}
    | {"te", "trailer", "transfer-encoding", "upgrade"}
)
"""What belongs to one connection and is not passed on (RFC 9110, 7.6.1)."""


OWN_NAME = f"mockserver-{token_hex(4)}"
"""What this process is called in `Via` (RFC 9110, 7.6.3: a pseudonym will do)."""


class Loop(http.client.HTTPException):
    """A request that has come through this very process is to be passed on again."""


class Final(http.client.HTTPResponse):
    """The final answer: what is only interim (103 and the like; RFC 9110, 15.2) is read past."""

    def begin(self) -> None:
        """Read the head of the answer."""
        super().begin()
        while 100 < self.status < 200 and self.status != http.HTTPStatus.SWITCHING_PROTOCOLS:
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()


def end_to_end(answer: http.client.HTTPResponse) -> list[tuple[str, str]]:
    """Return the fields that are passed on: all but those of one connection (RFC 9110, 7.6.1)."""
    named = {name.strip().lower() for name in (answer.getheader("connection") or "").split(",")}
    return [
        (name, value)
        for name, value in answer.getheaders()
        if name.lower() not in HOP_BY_HOP and name.lower() not in named
    ]


def body_of(answer: http.client.HTTPResponse, most: int) -> tuple[bytes, bool]:
    """
    Return the body of *answer*, and whether that is all of it: it may be longer than *most* bytes.

    Raises:
        IncompleteRead: The upstream hung up before the end that it had announced.
        OSError: The connection failed.
    """
    body = answer.read(most + 1)
    if len(body) > most:
        return body, False
    ended(answer)
    return body, True


def ended(answer: http.client.HTTPResponse) -> None:
    """
    Hold the end of *answer* against the length that it announced.

    Raises:
        IncompleteRead: There should have been more.
    """
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)


class Upstream:
    """
    Where traffic goes.

    Args:
        url: http or https, with a base path or without.

    Raises:
        UsageError: It is no such URL.
    """

    def __init__(self, url: str) -> None:
        parts = server_of(url, "--upstream")
        host = parts.hostname or ""
        self.url = url
        self.base = parts.path.rstrip("/")
        self.authority = parts.netloc.rpartition("@")[2]
        plain = parts.scheme == "http"  # a certificate is for the name
        self._host, self._port = reached_at(host) if plain else host, parts.port
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection

    def send(self, request: Request) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """
        Send *request* as it came, and return the connection and the beginning of the answer.

        But for `Via`, by which we know what we have passed on before (RFC 9110, 7.6.3).

        Raises:
            Loop: It would come round for ever.
            OSError, http.client.HTTPException: Nobody answers, or not in HTTP.
        """
        via = request.header("via")
        if OWN_NAME in via:
            raise Loop(f"{self.url} leads back here: the request was passed on by this server before.")
        connection = self._kind(self._host, self._port, timeout=TIMEOUT)
        connection.response_class = Final
        try:
            connection.putrequest(
                request.method, self.base + request.target, skip_host=True, skip_accept_encoding=True
            )
            connection.putheader("Host", self.authority)
            named = {name.strip().lower() for name in request.header("connection").split(",")}
            for name, value in request.headers:
                if (
                    name not in HOP_BY_HOP
                    and name not in named
                    and name not in ("host", "content-length", "expect", "via")
                ):
                    connection.putheader(name, value.encode("latin-1"))
            connection.putheader("Via", f"{via}, 1.1 {OWN_NAME}" if via else f"1.1 {OWN_NAME}")
            if request.body or request.header("content-length"):
                connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body or None)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise
