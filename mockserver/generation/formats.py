"""
Strings for the formats of JSON Schema (Validation, 7.3) and of OpenAPI's format registry.

Only reserved names are used: example.com/.org/.net (RFC 2606), 192.0.2.0/24
(RFC 5737), 2001:db8::/32 (RFC 3849). An unknown format is an annotation and binds
nothing (Validation, 7.2.3).
"""

from __future__ import annotations

import base64
from binascii import b2a_qp
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache

from mockserver.generation.draw import Draw
from mockserver.generation.texts import WORDS, phrase, sentence

Text = Callable[[Draw], str]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HEX = "0123456789abcdef"
_THIRTY = (None,) * 30
"""Digits of a UUID that are drawn."""

_MINUTES = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(1440))
_SECONDS = tuple(f"{second:02}Z" for second in range(60))
"""Pieces of a time of day: writing a number costs more than looking it up."""

HOSTS = ("example.com", "example.org", "example.net")


def instant(seconds: float) -> datetime:
    """Return the moment *seconds* after 1970, whole, kept within the years 1 to 9999."""
    try:
        return EPOCH + timedelta(seconds=int(seconds))
    except OverflowError:
        return EPOCH


def date_time(seconds: float) -> str:
    """Return *seconds* since 1970 as RFC 3339, e.g. "2026-01-01T00:00:00Z"."""
    try:
        days, left = divmod(int(seconds), 86_400)
        return _day(days) + _MINUTES[left // 60] + _SECONDS[left % 60]
    except OverflowError:
        return date_time(0)


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    """Return the day so many after 1970-01-01; most are of the same year or two. Raises OverflowError."""
    return (EPOCH + timedelta(days=days)).isoformat()[:10]


def date(seconds: float) -> str:
    """Return the day of *seconds* since 1970, e.g. "2026-01-01"."""
    return date_time(seconds)[:10]


def past(ctx: Draw) -> float:
    """Return a moment of the last hundred days."""
    return ctx.now - ctx.random() * 8_640_000


def uuid(ctx: Draw) -> str:
    """Return a UUID of version 4 (RFC 9562, 5.4)."""
    random, hex_ = ctx.random, HEX
    digits = "".join([hex_[int(random() * 16)] for _ in _THIRTY])
    variant = "89ab"[int(random() * 4)]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-{variant}{digits[15:18]}-{digits[18:]}"


def word(ctx: Draw) -> str:
    """Return a word of lower-case letters."""
    return WORDS[int(ctx.random() * len(WORDS))]


def _host(ctx: Draw) -> str:
    return f"{word(ctx)}.{HOSTS[int(ctx.random() * 3)]}"


def _uri(ctx: Draw) -> str:
    return f"https://{HOSTS[int(ctx.random() * 3)]}/{word(ctx)}/{word(ctx)}"


def _email(ctx: Draw) -> str:
    return f"{word(ctx)}.{word(ctx)}@{HOSTS[int(ctx.random() * 3)]}"


def _duration(ctx: Draw) -> str:
    return ctx.pick(
        ("P1D", "P7D", "P30D", "P1M", "P1Y", "PT15M", "PT30M", "PT1H", "PT8H", "PT45S", "P1DT12H", "P2W")
    )


def _bytes(ctx: Draw) -> bytes:
    return phrase(ctx, 3).encode()


def base64_text(ctx: Draw) -> str:
    """Return base64 with padding (RFC 4648, 4)."""
    return base64.b64encode(_bytes(ctx)).decode()


def _base64url(ctx: Draw) -> str:
    return base64.urlsafe_b64encode(_bytes(ctx)).decode().rstrip("=")


def _time(ctx: Draw) -> str:
    return date_time(past(ctx))[11:]


def _password(ctx: Draw) -> str:
    return f"{word(ctx).capitalize()}-{word(ctx)}-{1000 + int(ctx.random() * 9000)}"


def _decimal(ctx: Draw) -> str:
    return f"{int(ctx.random() * 1000)}.{int(ctx.random() * 100):02d}"


def _digits(bound: int) -> Text:
    return lambda ctx: str(1 + int(ctx.random() * bound))


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel."""


def encoded(content: str | bytes, encoding: str) -> str:
    """
    Return *content* in a content encoding (RFC 4648; RFC 2045, 6.7); as text where the encoding is not known.
    """
    data = content if isinstance(content, bytes) else content.encode()
    if encoding in ("base64", "base64url"):
        return (base64.urlsafe_b64encode if encoding.endswith("url") else base64.b64encode)(data).decode()
    if encoding in ("base32", "base32hex"):
        return (base64.b32hexencode if encoding.endswith("hex") else base64.b32encode)(data).decode()
    if encoding in ("base16", "hex"):
        return data.hex().upper()
    if encoding == "quoted-printable":
        return b2a_qp(data).decode()
    return data.decode(errors="replace")


def _pick(*among: str) -> Text:
    return lambda ctx: among[int(ctx.random() * len(among))]


def _color(ctx: Draw) -> str:
    return "#" + "".join([HEX[int(ctx.random() * 16)] for _ in range(6)])


FORMATS: dict[str, Text] = {
    # JSON Schema, Validation 7.3
    "date-time": lambda ctx: date_time(past(ctx)),
    "date": lambda ctx: date(past(ctx)),
    "time": _time,
    "duration": _duration,
    "email": _email,
    "idn-email": _email,
    "hostname": _host,
    "idn-hostname": _host,
    "ipv4": lambda ctx: f"192.0.2.{1 + int(ctx.random() * 254)}",
    "ipv6": lambda ctx: f"2001:db8::{1 + int(ctx.random() * 0xFFFE):x}",
    "uri": _uri,
    "uri-reference": _uri,
    "iri": _uri,
    "iri-reference": _uri,
    "uuid": uuid,
    "uri-template": lambda ctx: f"https://example.com/{word(ctx)}/{{id}}",
    "json-pointer": lambda ctx: f"/{word(ctx)}/{int(ctx.random() * 10)}",
    "relative-json-pointer": lambda ctx: f"{int(ctx.random() * 3)}/{word(ctx)}",
    "regex": _pick("^[a-z]+$", "^[A-Z]{3}$", "[0-9]{2,4}", "^\\d+$", "^(yes|no)$"),
    # OpenAPI Format Registry
    "base64url": _base64url,
    "binary": lambda ctx: phrase(ctx, 3),
    "byte": base64_text,
    "char": lambda ctx: HEX[int(ctx.random() * 16)],
    "commonmark": lambda ctx: f"**{phrase(ctx, 2)}**: {sentence(ctx)}",
    "decimal": _decimal,
    "decimal128": _decimal,
    "date-time-local": lambda ctx: date_time(past(ctx))[:-1],
    "time-local": lambda ctx: _time(ctx)[:-1],
    "double": _decimal,
    "float": _decimal,
    "double-int": _digits(1_000_000),
    "html": lambda ctx: f"<p>{sentence(ctx)}</p>",
    "http-date": lambda ctx: format_datetime(instant(past(ctx)), usegmt=True),
    "int8": _digits(100),
    "int16": _digits(30_000),
    "int32": _digits(1_000_000),
    "int64": _digits(1_000_000_000),
    "uint8": _digits(200),
    "uint16": _digits(60_000),
    "uint32": _digits(1_000_000),
    "uint64": _digits(1_000_000_000),
    "media-range": _pick("application/json", "text/plain", "text/html", "image/png", "application/*", "*/*"),
    "password": _password,
    "sf-binary": lambda ctx: f":{base64_text(ctx)}:",
    "sf-boolean": _pick("?0", "?1"),
    "sf-decimal": _decimal,
    "sf-integer": _digits(100_000),
    "sf-string": lambda ctx: f'"{phrase(ctx, 2)}"',
    "sf-token": word,
    # names that documents use for the same things
    "datetime": lambda ctx: date_time(past(ctx)),
    "timestamp": lambda ctx: date_time(past(ctx)),
    "url": _uri,
    "guid": uuid,
    "ip": lambda ctx: f"192.0.2.{1 + int(ctx.random() * 254)}",
    "ip-address": lambda ctx: f"192.0.2.{1 + int(ctx.random() * 254)}",
    "host-name": _host,
    "base64": base64_text,
    "color": _color,
    "number": _decimal,
    "integer": _digits(100_000),
    "currency": _pick("USD", "EUR", "GBP", "JPY", "CHF", "SEK"),
    "country": _pick("US", "DE", "FR", "GB", "JP", "BR", "SE", "NL"),
    "language": _pick("en", "de", "fr", "es", "ja", "pt"),
    "locale": _pick("en-US", "de-DE", "fr-FR", "es-ES", "ja-JP"),
    "phone": lambda ctx: f"+1555010{int(ctx.random() * 10)}{int(ctx.random() * 10)}",
}


def sized(name: str, ctx: Draw, shortest: int, longest: int | None) -> str | None:
    """
    Return a string of format *name* with *shortest* to *longest* code points; None where a grammar must find
    it.

    Only for formats whose members have many lengths, and for lengths beyond the usual.
    """
    make = _STRETCHED.get(name)
    if make is None:
        return None
    if longest is not None and longest < 20:
        return _SHORT[name](ctx, longest) if name in _SHORT and longest >= 6 else None
    target = shortest if longest is None else max(shortest, min(longest, shortest + 12))
    return make(ctx, target)


def _letters(ctx: Draw, count: int) -> str:
    text = ""
    while len(text) < count:
        text += word(ctx)
    return text[:count]


def _long_path(ctx: Draw, target: int) -> str:
    base = f"https://{HOSTS[int(ctx.random() * 2)]}/"
    return base + "/".join(_pieces(ctx, target - len(base), 24))


def _long_host(ctx: Draw, target: int) -> str:
    return ".".join([*_pieces(ctx, target - 12, 24), "example.com"])


def _long_email(ctx: Draw, target: int) -> str:
    local = max(1, min(target - 12, 40))
    rest = target - 12 - local
    return f"{_letters(ctx, local)}@" + ("example.com" if rest < 2 else _long_host(ctx, 11 + rest))


def _pieces(ctx: Draw, count: int, size: int) -> list[str]:
    """Return words that have *count* characters together with the one between each two."""
    pieces = []
    while count > size + 2:
        pieces.append(_letters(ctx, size))
        count -= size + 1
    return [*pieces, _letters(ctx, max(count, 1))]


def _long_base64(ctx: Draw, target: int) -> str:
    return base64.b64encode(_letters(ctx, -(-target // 4) * 3).encode()).decode()


_STRETCHED: dict[str, Callable[[Draw, int], str]] = {
    **dict.fromkeys(("uri", "iri", "url", "uri-reference", "iri-reference", "uri-template"), _long_path),
    **dict.fromkeys(("hostname", "idn-hostname", "host-name"), _long_host),
    **dict.fromkeys(("email", "idn-email"), _long_email),
    **dict.fromkeys(("byte", "base64"), _long_base64),
    **dict.fromkeys(("password", "binary", "sf-token", "regex", "commonmark", "base64url"), _letters),
    "html": lambda ctx, target: f"<p>{_letters(ctx, max(target - 7, 1))}</p>",
    "json-pointer": lambda ctx, target: "/" + _letters(ctx, target - 1),
}

_SHORT: dict[str, Callable[[Draw, int], str]] = {
    **dict.fromkeys(("email", "idn-email"), lambda ctx, most: f"{_letters(ctx, most - 5)}@x.io"),
    **dict.fromkeys(("hostname", "idn-hostname"), _letters),
    **dict.fromkeys(("password", "binary", "sf-token", "regex"), _letters),
    **dict.fromkeys(("uri-reference", "iri-reference"), lambda ctx, most: "/" + _letters(ctx, most - 1)),
    **dict.fromkeys(("byte", "base64"), lambda ctx, most: _long_base64(ctx, most // 4 * 4)),
}
