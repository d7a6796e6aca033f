"""
Bodies of parts without names, as multipart/mixed has them: a list, each part by its place (RFC 2046, 5.1).

OpenAPI 3.2 describes them by `itemSchema`, or by a list whose items stand in their order (`prefixItems`);
and their media types by `prefixEncoding` and `itemEncoding`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email.parser import BytesHeaderParser
from itertools import pairwise

from mockserver.contract.encoded import Misread
from mockserver.contract.limits import LIMITS
from mockserver.contract.media import MediaName
from mockserver.contract.model import Direction, MediaType
from mockserver.contract.shapes import Judge, Shape
from mockserver.exchange import Json
from mockserver.validation.bodies.multipart import Part, Reading, hold_type, ranges

_LINE_END = re.compile(rb"\A\r?\n")


def mixed_decoder(
    media: MediaType, direction: Direction, judge: Judge
) -> Callable[[bytes, MediaName, list[Misread]], Json]:
    """Return the reader of such bodies of *media*: a list whose files are `Upload`s."""
    shape = Shape(media.schema.json(direction) if media.schema is not None else {})

    def decode(raw: bytes, name: MediaName, troubles: list[Misread]) -> Json:
        boundary = name.parameters.get("boundary", "")
        if not boundary:
            raise Misread("The Content-Type has no boundary.")
        values: list[Json] = []
        for at, part in enumerate(_parts(raw, boundary)):
            documented = ranges(media.encoded(at).content_type)
            try:
                hold_type(part, documented, f"Part {at + 1}")
                values.append(Reading(shape.item(at), documented, judge).read(part, ""))
            except Misread as error:
                values.append(None)
                troubles.append(Misread(str(error), error.keyword, f"/{at}{error.pointer}"))
        return values

    return decode


def _parts(raw: bytes, boundary: str) -> list[Part]:
    """Split a body; what is made of parts in it stays whole, however deep it goes."""
    line = re.escape(boundary.encode("latin-1", "replace"))
    lines = list(re.finditer(rb"(?:\A|\r?\n)--%s(--)?[ \t]*(?=\r?\n|\Z)" % line, raw))
    last = next((at for at, one in enumerate(lines) if one[1]), 0)
    if not last:
        raise Misread("The body is not made of parts with the boundary that its Content-Type names.")
    if last > LIMITS.parts:
        raise Misread(f"The body has more than {LIMITS.parts} parts.")
    return [_part(raw[one.end() : following.start()]) for one, following in pairwise(lines[: last + 1])]


def _part(raw: bytes) -> Part:
    message = BytesHeaderParser().parsebytes(_LINE_END.sub(b"", raw, 1))
    content = message.get_payload(decode=True)
    said = message.get_content_type() if "Content-Type" in message else ""
    charset = message.get_content_charset() or ""
    return Part("", message.get_filename(), said, charset, content if isinstance(content, bytes) else b"")
