"""
Bodies of parts without names, as multipart/mixed has them: a list, each part by its place (RFC 2046, 5.1).

OpenAPI 3.2 describes them by `itemSchema`, or by a list whose items stand in their order (`prefixItems`).
"""

from __future__ import annotations

from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser

from mockserver.contract.encoded import Misread
from mockserver.contract.limits import LIMITS
from mockserver.contract.media import MediaName
from mockserver.contract.model import Direction, MediaType
from mockserver.contract.shapes import Judge, Shape
from mockserver.exchange import Json
from mockserver.validation.bodies.multipart import Part, Reading


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
            try:
                values.append(Reading(shape.item(at), (), judge).read(part, ""))
            except Misread as error:
                values.append(None)
                troubles.append(Misread(str(error), error.keyword, f"/{at}{error.pointer}"))
        return values

    return decode


def _parts(raw: bytes, boundary: str) -> list[Part]:
    quoted = boundary.replace("\\", "\\\\").replace('"', '\\"').encode("latin-1", "replace")
    whole = BytesParser().parsebytes(
        b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n%s' % (quoted, raw)
    )
    found = whole.get_payload()
    if whole.defects or not isinstance(found, list):
        raise Misread("The body is not made of parts with the boundary that its Content-Type names.")
    if len(found) > LIMITS.parts:
        raise Misread(f"The body has more than {LIMITS.parts} parts.")
    return [_part(one) for one in found if isinstance(one, Message)]


def _part(message: Message) -> Part:
    content = message.get_payload(decode=True)
    said = message.get_content_type() if "Content-Type" in message else ""
    charset = message.get_content_charset() or ""
    return Part("", message.get_filename(), said, charset, content if isinstance(content, bytes) else b"")
