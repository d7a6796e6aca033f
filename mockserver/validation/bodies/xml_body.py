"""
XML bodies (RFC 7303), read by the schema's `xml` keywords.
"""

from __future__ import annotations

from collections.abc import Callable

from mockserver.contract.encoded import Misread
from mockserver.contract.limits import LIMITS
from mockserver.contract.media import MediaName
from mockserver.contract.model import Direction, MediaType
from mockserver.contract.shapes import Judge, Shape
from mockserver.contract.xml import read_xml
from mockserver.exchange import Json
from mockserver.validation.bodies.json_body import text_of


def xml_decoder(
    media: MediaType, direction: Direction, judge: Judge
) -> Callable[[bytes, MediaName, list[Misread]], Json]:
    """Return the reader of XML bodies of *media*."""
    shape = Shape(media.schema.json(direction) if media.schema is not None else {})

    def decode(raw: bytes, name: MediaName, _: list[Misread]) -> Json:
        if name.charset and name.charset not in ("utf-8", "utf8"):
            # The header's charset is authoritative (RFC 7303, 3); the parser knows only the document's own.
            text = text_of(raw, name.charset).lstrip("\ufeff")
            start = text.find("?>") + 2 if text.startswith("<?xml") else 0
            raw = text[start:].encode("utf-8")
        return read_xml(raw, shape, judge, LIMITS.values if direction == "request" else None)

    return decode
