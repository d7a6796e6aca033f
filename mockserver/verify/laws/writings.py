"""
The ways to write one value that its format allows: a server may answer in its own.

"https://Example.com" and "https://example.com/" are one address, "PT60M" and "PT1H" last
as long. What a format does not say stays as it was sent: a title's capitals are its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

from mockserver.contract.shapes import Shape
from mockserver.exchange import Json

SINGLE = 1e-6
"""What is lost, of 1, where a number is kept in 32 bits (OpenAPI's `float`)."""

_DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}
_PORTS = {"http": 80, "https": 443}


def written_alike(one: Json, other: Json, shape: Shape) -> bool:
    """Return whether *one* and *other* are one value, written in two ways of a format that *shape* has."""
    formats = {str(face["format"]) for face in shape.faces if "format" in face}
    if {_kind(one), _kind(other)} == {"string", "number"}:  # a role, told as its name or as its number
        return shape.typed and "string" in shape.kinds and bool(shape.kinds & {"integer", "number"})
    if isinstance(one, str) and isinstance(other, str):
        return any(_plain(_WAYS[name], one) == _plain(_WAYS[name], other) for name in formats & _WAYS.keys())
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (one, other))
    return numbers and "float" in formats and math.isclose(one, other, rel_tol=SINGLE)


def _kind(value: Json) -> str:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return "number" if number else "string" if isinstance(value, str) else ""


def _plain(way: Callable[[str], object], text: str) -> object:
    """Return *text* as the *way* of a format has it; as it stands where it is none of that format."""
    try:
        return way(text)
    except ValueError:
        return text


def _address(text: str) -> object:
    """Return a URL with what RFC 3986, 6.2 takes for the same: case of scheme and host, port, root path."""
    parts = urlsplit(text)
    if not parts.netloc:
        return text
    name, at, host = parts.netloc.rpartition("@")
    host = host.lower().removesuffix(f":{_PORTS.get(parts.scheme, '')}")
    path = re.sub(r"%[0-9a-fA-F]{2}", lambda found: found[0].upper(), parts.path) or "/"
    return urlunsplit((parts.scheme, f"{name}{at}{host}", path, parts.query, parts.fragment))


def _length(text: str) -> object:
    """Return (months, seconds) of a duration (RFC 3339, appendix A): how long a month is nobody knows."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return text
    months = int(found["years"] or 0) * 12 + int(found["months"] or 0)
    return months, round(sum(float(found[name] or 0) * each for name, each in _SECONDS.items()), 6)


def _hour(text: str) -> object:
    """Return the seconds of a time of the day, to whole ones; with an offset those in UTC."""
    moment = time.fromisoformat(text)
    whole = datetime.combine(date(2000, 1, 2), moment.replace(microsecond=0))
    return whole.replace(tzinfo=moment.tzinfo or UTC).timestamp() % 86_400


_WAYS: dict[str, Callable[[str], object]] = {
    "duration": _length,
    "email": str.casefold,
    "hostname": str.casefold,
    "idn-email": str.casefold,
    "idn-hostname": str.casefold,
    "ipv6": ip_address,
    "iri": _address,
    "time": _hour,
    "uri": _address,
    "url": _address,
    "uuid": str.casefold,
}
"""Format -> what is the same for two texts that say the same (RFC 5321, 2.4; RFC 9562, 4; RFC 5952)."""
