"""
The wire: one attempt to hand a message over, signed.

The signature is that of Standard Webhooks (standardwebhooks.com, "Signature
scheme"): HMAC-SHA256 of `id.timestamp.body` under the subscriber's secret, so that
any of its libraries verifies what we send. The timestamp is the machine's time
and not the session's: a receiver compares it with its own clock.

Redirects are not followed, proxies of the environment not used: what was allowed
is that address, and nothing that it points to.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from mockserver import __version__
from mockserver.exchange import Json
from mockserver.server.loopback import is_loopback, reached_at

if TYPE_CHECKING:  # imported by the courier, whom nobody waits for
    import httpx

READ = 64 * 1024
"""Of a receiver's answer, only so much is read."""


@dataclass(frozen=True)
class Sent:
    """
    What came of one attempt.

    Attributes:
        at: When it began, in seconds since 1970.
        seconds: How long it took.
        status: Of the answer; 0 where there was none.
        trouble: Why there was none, else "".
        after: Seconds that the receiver asked to wait (Retry-After), 0 where it did not.
    """

    at: float
    seconds: float
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    trouble: str = ""
    after: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether the receiver has taken it."""
        return 200 <= self.status < 300

    @property
    def final(self) -> bool:
        """Whether there is no sense in another attempt: taken, or "410 Gone" (Standard Webhooks)."""
        return self.taken or self.status == 410


@dataclass(frozen=True)
class Letter:
    """A message with its address, as it stands on the wire but for its signature."""

    ident: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    secret: str
    signature: tuple[str, ...] = ()
    timeout: float = field(default=5.0)


def key_of(secret: str) -> bytes:
    """Return the key that *secret* stands for; one that is not base64 is its own text."""
    text = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()


def signed(letter: Letter, now: int) -> list[tuple[str, str]]:
    """Return the header fields that prove where *letter* comes from."""
    key = key_of(letter.secret)
    content = f"{letter.ident}.{now}.".encode() + letter.body
    made = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    fields = [
        ("webhook-id", letter.ident),
        ("webhook-timestamp", str(now)),
        ("webhook-signature", f"v1,{made}"),
    ]
    shown = dict(letter.headers)
    plain = hmac.new(key, letter.body, hashlib.sha256).hexdigest()
    for name in letter.signature:  # a document's own: as its example looks
        prefix = "sha256=" if shown.get(name, "").startswith("sha256=") else ""
        fields.append((name, prefix + plain))
    return fields


def headers_of(letter: Letter, now: int) -> list[tuple[str, str]]:
    """Return all header fields of *letter*, each name once: what proves it goes before what was asked for."""
    fields: dict[str, str] = {"user-agent": f"mockserver/{__version__}"}
    for name, value in (*letter.headers, *signed(letter, now)):
        fields[name.lower()] = value
    if letter.body or letter.method in ("POST", "PUT", "PATCH"):
        fields["content-length"] = str(len(letter.body))
    return list(fields.items())


class Wire:
    """
    Sends letters, in the loop that made it.

    On this machine a certificate is nobody's business: whoever develops has one that he has made himself.
    """

    def __init__(self) -> None:
        import httpx

        self._httpx = httpx
        self._clients = {
            near: httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=None, verify=not near)
            for near in (True, False)
        }

    async def send(self, letter: Letter) -> Sent:
        """Hand *letter* over once. Never raises but when it is cancelled."""
        at, started = time.time(), time.monotonic()

        def sent(status: int = 0, trouble: str = "", **members: object) -> Sent:
            return Sent(at, time.monotonic() - started, status, trouble=trouble, **members)  # type: ignore[arg-type]

        url, host = _reached(letter.url)
        fields = [*headers_of(letter, int(at)), ("host", host)]
        encoded = [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in fields]
        httpx = self._httpx
        try:
            async with asyncio.timeout(letter.timeout):
                request = httpx.Request(letter.method, url, headers=encoded, content=letter.body)
                response, body = await self._exchange(request)
        except TimeoutError:
            return sent(trouble=f"no answer within {letter.timeout:g} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return sent(trouble=f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
        said = tuple((name.lower(), value) for name, value in response.headers.multi_items())
        after = _seconds(response.headers.get("retry-after", ""))
        return sent(response.status_code, headers=said, body=body[:READ], after=after)

    async def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        client = self._clients[is_loopback(request.url.host)]
        response = await client.send(request, stream=True)
        body = b""
        try:
            async for piece in response.aiter_raw():
                body += piece
                if len(body) >= READ:
                    break
        finally:
            await response.aclose()
        return response, body

    async def close(self) -> None:
        """Let go of its connections."""
        for client in self._clients.values():
            await client.aclose()


def _reached(url: str) -> tuple[str, str]:
    """Return the URL to connect to, and the Host field: what ends in .localhost is this machine."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    name = parts.hostname or ""
    if (address := reached_at(name)) != name:
        netloc = f"{address}:{parts.port}" if parts.port else address
        return urlunsplit((parts.scheme, netloc, parts.path, parts.query, "")), host
    return urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, "")), host


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() and len(text) < 6 else 0.0


def shown(fields: Iterable[tuple[str, str]]) -> Mapping[str, Json]:
    """Return header fields as an object; repeated ones are joined (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for name, value in fields:
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
