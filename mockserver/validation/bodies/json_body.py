"""
JSON bodies (RFC 8259): quick when good, precise when not.

msgspec reads them: it is as quick as orjson and keeps integers beyond 64 bits,
which orjson turns into floats (an id would come back changed). orjson's
messages name line and column, so it is asked what is wrong.
"""

from __future__ import annotations

import codecs
from contextlib import suppress

import msgspec
import orjson

from mockserver.contract.encoded import Misread
from mockserver.contract.limits import LIMITS, nests_deeper
from mockserver.exchange import Json

_decode = msgspec.json.Decoder().decode


def read_json(raw: bytes, charset: str = "") -> Json:
    """
    Return the JSON value that *raw* is.

    Of a name that is given twice the last value counts. A byte order mark is passed over. *charset* is what
    the media type says, "" where it says nothing: JSON between systems is UTF-8 (RFC 8259, 8.1), but what was
    said is honoured.

    Raises:
        Misread: It is not JSON: NaN and Infinity, lone surrogates, and what is nested too deeply among it.
    """
    if charset and charset not in ("utf-8", "utf8", "us-ascii"):
        raw = text_of(raw, charset).encode("utf-8", "surrogatepass")
    if raw.startswith(codecs.BOM_UTF8):
        raw = raw[3:]
    try:
        value = _decode(raw)
    except (ValueError, RecursionError):
        value = _told_wrong(raw)
    if raw.count(b"[") + raw.count(b"{") > LIMITS.depth and nests_deeper(value, LIMITS.depth):
        raise Misread(f"The body is nested more than {LIMITS.depth} levels deep.", "depth")
    return value


def _told_wrong(raw: bytes) -> Json:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Misread(f"The body is not JSON: {error}.") from None


def text_of(raw: bytes, charset: str) -> str:
    """
    Return *raw* decoded; "" as *charset* means UTF-8.

    Raises:
        Misread: The charset is unknown, or the bytes are not in it.
    """
    try:
        return raw.decode(codec(charset))
    except UnicodeError as error:
        raise Misread(f"The body is not {charset or 'utf-8'}: {error}.") from None


_NO_CHARSETS = frozenset(
    (
        "charmap",
        "idna",
        "mbcs",
        "oem",
        "punycode",
        "raw-unicode-escape",
        "undefined",
        "unicode-escape",
        "utf-7",
    )
)
"""What Python calls encodings and nobody writes text in; some take the square of its length."""


def codec(charset: str) -> str:
    """Return the name of what decodes *charset*, "" meaning UTF-8. Raises Misread where there is none."""
    if not charset:
        return "utf-8"
    try:
        name = codecs.lookup(charset).name
        with suppress(UnicodeError):
            bytes(8).decode(name)  # rot13 turns text into text, hex bytes into bytes
    except (LookupError, ValueError):  # a null byte is no name
        name = "undefined"
    if name.replace("_", "-") in _NO_CHARSETS:
        raise Misread(f"The charset {charset!r} is not known.", "mediaType")
    return name
