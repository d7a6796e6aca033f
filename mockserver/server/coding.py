"""
What a body was before its content coding: gzip and deflate are undone (RFC 9110, 8.4).

A kilobyte may be a gigabyte in disguise, and a coding may be applied to what is coded
already. So what comes out of each is bounded while it is made, and so is how often.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from mockserver.contract.limits import LIMITS
from mockserver.exchange import Request, Violation

ACCEPTED = "gzip, deflate"
"""What `Accept-Encoding` says of requests (RFC 9110, 12.5.3)."""
_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})
_LAYERS = 4
_MEMBERS = 100
"""Parts of a gzip file that stand one behind the other (RFC 1952, 2.2)."""


class Undecodable(Exception):
    """A coding cannot be undone: 415 if it is not known, 413 if too much comes out, 400 if it is broken."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The header fields that the refusal has (RFC 9110, 15.5.16)."""
        return (("Accept-Encoding", ACCEPTED),) if self.status == 415 else ()

    def among(self, violations: Iterable[Violation]) -> list[Violation]:
        """Return *violations* with this in the place of those of the body: it could not be read."""
        keyword = "mediaType" if self.status == 415 else "parse"
        own = Violation("header", "Content-Encoding", keyword, str(self), ACCEPTED.split(", "))
        return [own, *(one for one in violations if one.where != "body")]


def codings(field: str) -> list[str]:
    """Return the codings that a Content-Encoding field names, in the order in which they were applied."""
    names = (name.strip().lower() for name in field.split(","))
    return [name for name in names if name not in ("", "identity")]


def undone(body: bytes, names: Iterable[str], most: int) -> bytes:
    """
    Return *body* as it was before the codings *names* were applied to it.

    Raises:
        Undecodable: One is not known, the body is not what it says, or more than *most* bytes come out.
    """
    applied = list(names)
    for name in applied:
        if name not in _KNOWN:
            raise Undecodable(415, f"The content coding {name!r:.60} is not known; {ACCEPTED} are.")
    if len(applied) > _LAYERS:
        raise Undecodable(415, f"{len(applied)} content codings are more than {_LAYERS}.")
    for name in reversed(applied):
        body = _inflated(body, most) if name == "deflate" else _gunzipped(body, most)
    return body


def plain(request: Request) -> tuple[Request, Undecodable | None]:
    """Return *request* as it would be without a content coding; where that cannot be, as it is, and why."""
    field = request.header("content-encoding")
    names = codings(field) if field and request.body else []
    if not names:
        return request, None
    try:
        body = undone(request.body, names, LIMITS.body)
    except Undecodable as error:
        return request, error
    fields = [one for one in request.headers if one[0] not in ("content-encoding", "content-length")]
    fields.append(("content-length", str(len(body))))
    said = (request.method, request.path, request.query, tuple(fields), body, request.client, request.head)
    return Request(*said), None


def _gunzipped(body: bytes, most: int) -> bytes:
    found = b""
    for _ in range(_MEMBERS):
        piece, body = _decompressed(body, _GZIP, most - len(found), "gzip")
        found += piece
        if not body:
            return found
    raise Undecodable(400, f"The body is more than {_MEMBERS} gzip files.")


def _inflated(body: bytes, most: int) -> bytes:
    """Undo "deflate", which is zlib's format; that some send the bare stream is known (RFC 9110, 8.4.1.2)."""
    begins_as_zlib = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
    found, rest = _decompressed(body, _ZLIB if begins_as_zlib else _RAW, most, "deflate")
    if rest:
        raise Undecodable(400, "There is more behind the end of the deflated body.")
    return found


def _decompressed(body: bytes, kind: int, most: int, name: str) -> tuple[bytes, bytes]:
    """Return what comes out of the first stream in *body*, and what stands behind it."""
    stream = zlib.decompressobj(kind)
    try:
        found = stream.decompress(body, most + 1)
    except zlib.error as error:
        raise Undecodable(400, f"The body is no {name}: {error}.") from None
    if len(found) > most:
        raise Undecodable(413, "More bytes come out of the coded body than a body may have (--max-body).")
    if not stream.eof:
        raise Undecodable(400, f"The {name} body breaks off.")
    return found, stream.unused_data
