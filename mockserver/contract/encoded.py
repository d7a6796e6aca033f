"""
Names and values as a URL, a form or a Cookie header carries them.

Values stay percent-encoded here: a style splits at its delimiters first and
decodes after, so that "%2C" is data and "," is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote_to_bytes

Fields = Mapping[str, Sequence[str]]
"""Decoded name -> its raw values (still percent-encoded), in order."""


class Misread(ValueError):
    """
    Text that cannot be read as its contract says it is written.

    Raised by readers for whoever turns it into a `Violation`; it never leaves them.

    Attributes:
        keyword: For the violation: "parse", or "maxItems" where one value is taken and several came.
        pointer: JSON Pointer into the value, "" for all of it.
    """

    def __init__(self, detail: str, keyword: str = "parse", pointer: str = "") -> None:
        super().__init__(detail)
        self.keyword = keyword
        self.pointer = pointer


def decoded(raw: str) -> str:
    """
    Return *raw* percent-decoded; a "%" that begins no escape stays.

    Raises:
        Misread: The bytes are not UTF-8 (RFC 3986, 2.5).
    """
    if "%" not in raw and raw.isascii():
        return raw
    try:
        # There are bytes on the wire; a door that hands them over as text does so as latin-1.
        octets = unquote_to_bytes(raw if raw.isascii() else raw.encode("latin-1"))
    except UnicodeEncodeError:
        octets = unquote_to_bytes(raw.encode("utf-8", "surrogatepass"))
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise Misread(f"{raw!r:.80} is not UTF-8 when percent-decoded") from None


def decoded_plus(raw: str) -> str:
    """Return *raw* percent-decoded with "+" as a space, as in queries and forms (WHATWG URL, 5.1)."""
    return decoded(raw.replace("+", " ") if "+" in raw else raw)


def fields(text: str) -> dict[str, list[str]]:
    """Split a query or an urlencoded form at "&" into decoded names and raw values; "flag" is "flag="."""
    found: dict[str, list[str]] = {}
    for part in text.split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        if "%" in name or "+" in name or not name.isascii():
            name = _name(name)
        values = found.get(name)
        if values is None:
            found[name] = [value]
        else:
            values.append(value)
    return found


def _name(raw: str) -> str:
    try:
        return decoded_plus(raw)
    except Misread:
        return raw  # it is the name of nothing that a contract documents


@lru_cache(maxsize=256)
def cookies(header: str, separators: str = ";") -> Fields:
    """Split a Cookie header into raw values by name, without quotes around them (RFC 6265, 4.2.1)."""
    found: dict[str, list[str]] = {}
    first = separators[0]
    for separator in separators[1:]:
        header = header.replace(separator, first)
    for part in header.split(first):
        name, mark, value = part.strip().partition("=")
        if mark and name:
            quoted = len(value) > 1 and value[0] == value[-1] == '"'
            found.setdefault(name, []).append(value[1:-1] if quoted else value)
    return found
