"""
Media types, media ranges and `Accept`: one small grammar, read in one place.

Parsing is kept (`lru_cache`): a server meets the same dozen header values all
day. What cannot be parsed is None, never an exception: it came over the wire.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from mimetypes import MimeTypes
from typing import TypeVar

from mockserver.errors import closest

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
# RFC 9110, 8.3.1: media-type = type "/" subtype parameters
# RFC 9110, 5.6.6: parameters = *( OWS ";" OWS [ parameter ] )
_TYPE = re.compile(rf"[ \t]*({_TOKEN})/({_TOKEN})[ \t]*")
_PARAMETER = re.compile(rf';[ \t]*(?:({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*)"))?[ \t]*')

T = TypeVar("T")

REGISTRIES = frozenset(
    ("application", "audio", "example", "font", "haptics", "image", "message", "model", "multipart", "text")
) | {"video", "chemical", "x-world", "*"}
"""What media types begin with: IANA's registries, and what is in use beside them."""


@dataclass(frozen=True)
class MediaName:
    """
    A media type or range as a header or a contract names it.

    Attributes:
        type, subtype: Lower case; "*" in a range.
        parameters: By lower-case name, quotes taken off.
    """

    type: str
    subtype: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def essence(self) -> str:
        """ "type/subtype", without parameters."""
        return f"{self.type}/{self.subtype}"

    @property
    def charset(self) -> str:
        """The charset parameter in lower case, "" when there is none."""
        return self.parameters.get("charset", "").lower()

    def covers(self, other: MediaName, *, strict: bool = True) -> bool:
        """
        Whether this media range takes in *other*.

        Parameters count only where this one names them; a charset, or any parameter when not *strict*, only
        where *other* names it too.
        """
        if self.type not in ("*", other.type) or self.subtype not in ("*", other.subtype):
            suffix = self.subtype[1:] if self.subtype.startswith("*+") else ""
            if not suffix or self.type not in ("*", other.type) or not other.subtype.endswith(suffix):
                return False
        for name, value in self.parameters.items():
            found = other.parameters.get(name)
            if name == "q" or (found is None and (not strict or name == "charset")):
                continue
            if found is None or found.lower() != value.lower():
                return False
        return True

    @property
    def openness(self) -> tuple[int, int]:
        """Smaller is more specific, and the more specific applies (RFC 9110, 12.5.1; OpenAPI 3.1.1)."""
        ranges = 2 if self.type == "*" else 1 if "*" in self.subtype else 0
        return ranges, -sum(name != "q" for name in self.parameters)


USUAL = ("application/json", "application/xml", "text/plain", "multipart/form-data")


def meant(key: str) -> str:
    """
    Return the media type or range that is likely meant by *key*, where a contract has one without "/".

    A file's ending is the media type of such files, what is like a usual media type is that one; "*" and ""
    are any, and everything else is bytes.
    """
    if key in ("", "*"):
        return "*/*"
    known = MimeTypes(filenames=()).types_map[1].get(f".{key.lower()}")
    return known or closest(key.lower(), USUAL) or "application/octet-stream"


@lru_cache(maxsize=512)
def parsed(text: str) -> MediaName | None:
    """Return the media type or range that *text* is, None when it is none (RFC 9110, 8.3.1)."""
    found = _TYPE.match(text)
    if found is None:
        return None
    parameters: dict[str, str] = {}
    at = found.end()
    while at < len(text):
        part = _PARAMETER.match(text, at)
        if part is None:
            return None
        at = part.end()
        name, token, quoted = part.groups()
        if name:
            parameters.setdefault(
                name.lower(), token if token is not None else re.sub(r"\\(.)", r"\1", quoted)
            )
    return MediaName(found[1].lower(), found[2].lower(), parameters)


def is_json(essence: str) -> bool:
    """Whether *essence* is written in JSON: application/json, text/json, anything +json (RFC 6839, 3.1)."""
    return essence.endswith(("/json", "+json")) or essence == "application/x-json"


def is_xml(essence: str) -> bool:
    """Whether *essence* is written in XML (RFC 7303)."""
    return essence.endswith(("/xml", "+xml"))


def is_text(essence: str) -> bool:
    """Whether *essence* is text whose schema speaks about the text itself."""
    return essence.startswith("text/") or essence in (
        "application/javascript",
        "application/x-sh",
        "application/graphql",
    )


def chosen(content: Mapping[str, T], sent: MediaName) -> T | None:
    """Return the entry of *content* (by type or range) that speaks most specifically of *sent*, or None."""
    best: tuple[tuple[int, ...], T] | None = None
    for name, entry in content.items():
        key = parsed(name)
        if key is None or not key.covers(sent):
            continue
        unsaid = sum(parameter not in sent.parameters for parameter in key.parameters)
        rank = (key.openness[0], unsaid, key.openness[1])  # what is just what was sent comes first
        if best is None or rank < best[0]:
            best = (rank, entry)
    return None if best is None else best[1]


RANGES = 200
"""Ranges of an Accept header that are looked at."""


@lru_cache(maxsize=512)
def accepted(header: str) -> tuple[tuple[MediaName, float], ...]:
    """
    Return the ranges of an Accept header with their quality, in the order of the header.

    What is malformed in it is passed over; a header in which nothing can be read gives (), which accepts
    anything (RFC 9110, 12.5.1: a server may disregard it). More than `RANGES` are not looked at.
    """
    found: list[tuple[MediaName, float]] = []
    for part in islice(_split(header), RANGES):
        name = parsed(part)
        if name is None:
            continue
        try:
            quality = min(1.0, max(0.0, float(name.parameters.get("q", "1"))))
        except ValueError:
            quality = 1.0
        found.append((name, quality))
    return tuple(found)


def _split(header: str) -> Iterable[str]:
    """Split at the commas that stand outside quotes."""
    found = re.finditer(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+', header)
    return (part for one in found if (part := one[0]).strip())


def preferred(header: str, offered: Sequence[str]) -> str | None:
    """
    Return the offered media type that *header* (an Accept field, "" for none) likes best; None for none.

    Of equals the first offered wins. A more specific range overrides a wider one, also with q=0
    (RFC 9110, 12.5.1).
    An offer that is itself a range ("image/*") is taken when the header names anything inside it.
    """
    ranges = accepted(header)
    if not ranges:
        return offered[0] if offered else None
    best: tuple[float, str] | None = None
    for name in offered:
        offer = parsed(name)
        quality = _quality(ranges, offer) if offer is not None else 0.0
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, name)
    return None if best is None else best[1]


def _quality(ranges: Iterable[tuple[MediaName, float]], offer: MediaName) -> float:
    fits = [
        (wanted.openness, quality)
        for wanted, quality in ranges
        if wanted.covers(offer, strict=False) or ("*" in offer.essence and offer.covers(wanted))
    ]
    if not fits:
        return 0.0
    return min(fits, key=lambda fit: (fit[0], -fit[1]))[1]
