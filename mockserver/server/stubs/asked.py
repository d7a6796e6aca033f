"""
A request, as stubs look at it: its parts are taken out when a stub asks for them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urlsplit

from mockserver.exchange import Request

Values = dict[str, list[str]]
"""Name -> its values in order."""


@dataclass(frozen=True)
class Part:
    """One part of a multipart body: its name ("" for none), file name, header fields, and text."""

    name: str
    filename: str
    headers: Values
    body: str


class Asked:
    """
    Args:
        request: As it came.
        now: Tells the session's time.
        address: "host:port" of the server, for a request that has no Host header.

    Attributes:
        timed: Whether somebody looked at the time.
    """

    def __init__(self, request: Request, now: Callable[[], datetime], address: str = "localhost:80") -> None:
        self.request = request
        self.timed = False
        self._clock = now
        self._address = address

    def now(self) -> datetime:
        """The session's time; who asks for it makes an answer that will not stay true."""
        self.timed = True
        return self._clock()

    @property
    def method(self) -> str:
        """Upper case."""
        return self.request.method

    @property
    def url(self) -> str:
        """Path and query, as on the request line."""
        return self.request.target

    @property
    def path(self) -> str:
        """Still percent-encoded."""
        return self.request.path

    @cached_property
    def query(self) -> Values:
        """Decoded query parameters."""
        return _pairs(self.request.query)

    @cached_property
    def headers(self) -> Values:
        """By lower-case name."""
        return _grouped(list(self.request.headers))

    @cached_property
    def cookies(self) -> Values:
        """By name."""
        pairs = []
        for field in self.request.header("cookie").split(";"):
            name, equals, value = field.strip().partition("=")
            if equals:
                pairs.append((name, value.strip('"')))
        return _grouped(pairs)

    @cached_property
    def body(self) -> str:
        """As UTF-8; bytes that are none are kept as lone surrogates, so that nothing is lost."""
        return self.request.body.decode("utf-8", "surrogateescape")

    @cached_property
    def form(self) -> Values:
        """Fields of an url-encoded body."""
        kind = self.request.header("content-type").partition(";")[0].strip().lower()
        return _pairs(self.body) if kind == "application/x-www-form-urlencoded" else {}

    @property
    def multipart(self) -> bool:
        """Whether the body is multipart."""
        return self.request.header("content-type").lower().startswith("multipart/")

    @cached_property
    def parts(self) -> list[Part]:
        """
        The parts of a multipart body; [] where it cannot be read.

        Not validation's reader: that one is form-data's, where a part must have a name and its header fields
        do not count. Stubs match those of any multipart type.
        """
        from email.parser import BytesParser
        from email.policy import HTTP

        kind = self.request.header("content-type")
        if not self.multipart:
            return []
        head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1", "replace")
        message = BytesParser(policy=HTTP).parsebytes(head + self.request.body)
        parts: list[Part] = []
        for part in message.iter_parts():
            content = part.get_payload(decode=True)
            text = content.decode("utf-8", "surrogateescape") if isinstance(content, bytes) else ""
            name = part.get_param("name", "", header="content-disposition")
            fields = [(key.lower(), str(value)) for key, value in part.items()]
            parts.append(Part(str(name), part.get_filename() or "", _grouped(fields), text))
        return parts

    @property
    def authority(self) -> str:
        """Host and port as the client has said them."""
        return self.request.header("host") or self._address

    @property
    def host(self) -> str:
        """Without the port; as it stands where it is no host ("[1:2]" is no address)."""
        try:
            return urlsplit(f"//{self.authority}").hostname or ""
        except ValueError:
            return self.authority

    @property
    def port(self) -> int:
        """As the client has said it, or HTTP's own."""
        try:
            return urlsplit(f"//{self.authority}").port or 80
        except ValueError:
            return 80

    @property
    def scheme(self) -> str:
        """We speak nothing else."""
        return "http"

    @property
    def client(self) -> str:
        """The client's address."""
        return self.request.client.rpartition(":")[0].strip("[]")

    @property
    def absolute(self) -> str:
        """The whole URL."""
        return f"{self.scheme}://{self.authority}{self.url}"

    @cached_property
    def credentials(self) -> tuple[str, str] | None:
        """User name and password of HTTP Basic, or None."""
        scheme, _, sent = self.request.header("authorization").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, _, password = base64.b64decode(sent, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        return name, password


def decoded(path: str) -> str:
    """Return a segment of a path as text."""
    return unquote(path)


def _pairs(text: str) -> Values:
    return _grouped(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))


def _grouped(pairs: list[tuple[str, str]]) -> Values:
    made: Values = {}
    for name, value in pairs:
        made.setdefault(name, []).append(value)
    return made
