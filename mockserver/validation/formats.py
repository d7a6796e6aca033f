"""
`format`, asserted: what each name asks of a string or a number.

JSON Schema's own formats are checked by jsonschema-rs (it agrees with the whole
optional/format part of the JSON Schema Test Suite) wherever a schema is used.
Here are the others: OpenAPI's format registry
(https://spec.openapis.org/registry/format/). A name that is not in either says
nothing, as JSON Schema wants it (2020-12 Validation, 7.2.3).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

Number = int | float | Decimal

NATIVE = frozenset(
    [
        *("date-time", "date", "time", "duration"),
        *("email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6"),
        *("uri", "uri-reference", "iri", "iri-reference", "uri-template"),
        *("uuid", "regex", "json-pointer", "relative-json-pointer"),
    ]
)
"""Formats that jsonschema-rs checks itself."""

_DOUBLE = 1.7976931348623157e308
_FLOAT = 3.4028234663852886e38

RANGES: Mapping[str, tuple[Number, Number]] = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
    "double-int": (-(2**53) + 1, 2**53 - 1),
    "float": (-_FLOAT, _FLOAT),
    "double": (-_DOUBLE, _DOUBLE),
}
"""The least and the greatest number of each numeric format; all but float and double are whole."""

WHOLE = frozenset(RANGES) - {"float", "double"}

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
# RFC 9110, 5.6.7: IMF-fixdate, and the two obsolete forms that recipients must take.
_HTTP_DATE = (
    rf"(?:{_DAYS}), [0-9]{{2}} (?:{_MONTHS}) [0-9]{{4}} {_CLOCK} GMT"
    rf"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, [0-9]{{2}}-(?:{_MONTHS})-[0-9]{{2}} {_CLOCK} GMT"
    rf"|(?:{_DAYS}) (?:{_MONTHS}) [ 0-9][0-9] {_CLOCK} [0-9]{{4}}"
)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _base64(text: str) -> bool:
    """RFC 4648, 4: with padding, without line breaks."""
    if len(text) % 4 or not text.isascii():
        return False
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True


STRINGS: Mapping[str, Callable[[str], bool]] = {
    "byte": _base64,
    "base64": _base64,
    "base64url": _matches(r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}(?:==)?|[A-Za-z0-9_-]{3}=?)?"),
    "char": lambda text: len(text) == 1,
    "decimal": _matches(r"-?[0-9]+(?:\.[0-9]+)?"),
    "decimal128": _matches(r"-?(?:[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|Infinity)|NaN"),
    "date-time-local": _matches(rf"{_DATE}[Tt]{_TIME}"),
    "time-local": _matches(_TIME),
    "http-date": _matches(_HTTP_DATE),
    "media-range": _matches(rf'(?:\*/\*|{_TOKEN}/{_TOKEN})(?:[ \t]*;[ \t]*{_TOKEN}=(?:{_TOKEN}|"[^"]*"))*'),
    # RFC 8941, 3.3
    "sf-boolean": _matches(r"\?[01]"),
    "sf-integer": _matches(r"-?[0-9]{1,15}"),
    "sf-decimal": _matches(r"-?[0-9]{1,12}\.[0-9]{1,3}"),
    "sf-string": _matches(r'"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"'),
    "sf-token": _matches(r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*"),
    "sf-binary": _matches(r":(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?:"),
}
"""Formats of text that are checked here. Numeric formats say nothing about text."""


def in_range(name: str, value: Number) -> bool:
    """Whether the number *value* fits the numeric format *name*; a whole number may be written 5.0."""
    low, high = RANGES[name]
    return low <= value <= high and (name not in WHOLE or value == int(value))
