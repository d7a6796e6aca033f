"""
Messages as bytes (RFC 9112), and the few rules that need no socket.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from mockserver.exchange import Response
from mockserver.server.problems import phrase

ADMIN = "/__admin"

_STATUS_LINES = {status: f"HTTP/1.1 {status} {phrase(status)}\r\n" for status in range(100, 600)}
_ABSOLUTE = re.compile(r"(?i:https?)://([^/?#]+)")
_NOT_IN_A_FIELD = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")


def split_target(target: str) -> tuple[str, str, str]:
    """
    Return (path, query, authority) of a request target (RFC 9112, 3.2).

    The path stays percent-encoded, and is made so where a client sent bytes that
    a URI cannot hold. Authority is "" but for the absolute form, in which it
    takes the place of the Host header; a URL that names no host is no absolute form (RFC 9110, 4.2.1).
    """
    if not target.isascii():
        target = quote(target.encode("latin-1"), safe="!#$%&'()*+,/:;=?@[]~")
    authority = ""
    if not target.startswith("/") and (found := _ABSOLUTE.match(target)):
        authority = found[1]
        target = target[found.end() :]
        if not target.startswith("/"):
            target = f"/{target}"
    path, _, query = target.partition("#")[0].partition("?")
    return path, query, authority


def is_admin(path: str) -> bool:
    """Tell whether *path* belongs to the mock and not to a contract."""
    return path.startswith(ADMIN) and (len(path) == len(ADMIN) or path[len(ADMIN)] == "/")


_OWN = ("content-length", "connection", "date")
_OWN_WITH_LENGTH = (*_OWN, "transfer-encoding")


def head(response: Response, *, date: str, keep: bool, old: bool = False, length: int | None = None) -> bytes:
    """
    Return status line and header fields, up to the empty line.

    Args:
        response: Its Content-Length, Connection and Date, if any, are left out: these are the door's; so is
            its Transfer-Encoding where there is a length (RFC 9112, 6.2).
        date: The Date field's value (RFC 9110, 6.6.1).
        keep: Whether the connection stays open.
        old: Whether the client speaks HTTP/1.0, which must be told when it may stay.
        length: For Content-Length; None for an answer whose end is told another way.

    A header value with a line break in it would become a header of its own
    ("response splitting"): control characters are taken out.
    """
    status = response.status
    if response.wire is not None and response.wire.reason:
        parts = [f"HTTP/1.1 {status} {_safe_text(response.wire.reason)}\r\n"]
    else:
        parts = [_STATUS_LINES.get(status) or f"HTTP/1.1 {status} \r\n"]
    own = _OWN if length is None else _OWN_WITH_LENGTH
    for name, value in response.headers:
        if name.lower() not in own:
            parts.append(f"{name}: {value}\r\n")
    if length is not None and status >= 200 and status != 204:  # RFC 9110, 8.6
        parts.append(f"Content-Length: {length}\r\n")
    if not keep:
        parts.append("Connection: close\r\n")
    elif old:
        parts.append("Connection: keep-alive\r\n")
    parts.append(f"Date: {date}\r\n\r\n")
    text = "".join(parts)
    lines = len(parts) + 1
    if text.count("\n") != lines or text.count("\r") != lines or "\0" in text or not text.isascii():
        return head(_safe(response), date=date, keep=keep, old=old, length=length)
    return text.encode("ascii")


def _safe(response: Response) -> Response:
    """Return *response* with header fields that are nothing but printable ASCII."""
    fields = [
        (
            _NOT_IN_A_FIELD.sub("", quote(name, safe="!#$&'*+-.^_`|~")),
            _safe_text(value),
        )
        for name, value in response.headers
    ]
    return Response(response.status, fields, response.body, response.wire)


def _safe_text(text: str) -> str:
    return quote(_NOT_IN_A_FIELD.sub(" ", text), safe=_VISIBLE)


_VISIBLE = "".join(chr(code) for code in range(0x20, 0x7F)) + "\t"


def length_of(response: Response, method: str) -> int | None:
    """
    Return what Content-Length says of the answer to *method*; None where it says nothing.

    Where no body comes it tells the length that one would have had (RFC 9110, 8.6): as the response says,
    who may know it from an upstream.
    """
    if response.status == 204:
        return None
    if response.status == 205:
        return 0
    if not has_body(method, response.status):
        given = response.header("content-length")
        if given.isdecimal():
            return int(given)
        if response.status == 304 and not response.body:
            return None
    return len(response.body)


def has_body(method: str, status: int) -> bool:
    """Tell whether an answer with *status* to *method* may carry a body (RFC 9110, 6.4.1 and 15.3.6)."""
    return method != "HEAD" and status >= 200 and status not in (204, 205, 304)
