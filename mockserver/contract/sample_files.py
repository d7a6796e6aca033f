"""
The smallest file of some kinds: what stands in for bytes that a document does not show.

A page that shows `<img src=".../avatar">` should show an image, and whoever unpacks an
archive should find one, if an empty one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png() -> bytes:
    """A grey square of 64 by 64 (PNG, 11.2)."""
    rows = b"".join(b"\0" + b"\xb0" * 64 for _ in range(64))
    header = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _gif() -> bytes:
    """One grey pixel (GIF89a)."""
    return b"GIF89a\1\0\1\0\x80\0\0\xb0\xb0\xb0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def _bmp() -> bytes:
    """One grey pixel."""
    return (
        b"BM"
        + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
        + b"\xb0\xb0\xb0\0"
    )


def _svg() -> bytes:
    return (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">'
        b'<rect width="64" height="64" fill="#b0b0b0"/></svg>'
    )


def _pdf() -> bytes:
    """One empty page (ISO 32000-1, 7.5)."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + table + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(made)


def _zip() -> bytes:
    """An archive with nothing in it."""
    return b"PK\5\6" + b"\0" * 18


def _gzip() -> bytes:
    """Nothing, compressed (RFC 1952); the time is left out."""
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0" + b"\0" * 8


def _wav() -> bytes:
    """A tenth of a second of silence."""
    data = b"\x80" * 800
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    return (
        b"RIFF"
        + struct.pack("<I", 4 + len(form) + 8 + len(data))
        + b"WAVE"
        + form
        + struct.pack("<4sI", b"data", len(data))
        + data
    )


_MADE: Mapping[str, Callable[[], bytes]] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/bmp": _bmp,
    "image/svg+xml": _svg,
    "application/pdf": _pdf,
    "application/zip": _zip,
    "application/gzip": _gzip,
    "audio/wav": _wav,
    "audio/x-wav": _wav,
}


@cache
def sample_file(essence: str) -> bytes | None:
    """Return a file of the media type *essence*, "type/subtype"; None where none is known."""
    make = _MADE.get(essence)
    return make() if make is not None else None
