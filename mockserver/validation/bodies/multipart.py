"""
multipart/form-data (RFC 7578): fields, files, JSON parts; bytes stay bytes.

What a part is comes from the contract before it comes from the part: browsers
give every Blob a file name, also one that holds JSON, and curl gives a text
field none. A part is decoded only where the schema asks for text or JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from multipart import MultipartError, PushMultipartParser  # type: ignore[import-untyped]

from mockserver.contract.deep import deep
from mockserver.contract.encoded import Misread
from mockserver.contract.limits import LIMITS
from mockserver.contract.media import MediaName, is_json, is_text, is_xml, parsed
from mockserver.contract.model import Direction, MediaType
from mockserver.contract.shapes import Judge, Shape, scalar
from mockserver.exchange import MISSING, Json, Upload
from mockserver.validation.bodies.json_body import read_json, text_of

_LONGEST_HEADER = 8_192
_MOST_HEADERS = 16


@dataclass(frozen=True, slots=True)
class Part:
    """
    One part, as sent.

    Attributes:
        filename: None where there is none; "" where it is empty.
        media_type: Without parameters, lower case; "" where the part names none.
    """

    name: str
    filename: str | None
    media_type: str
    charset: str
    content: bytes

    @property
    def upload(self) -> Upload:
        """This part as a file."""
        return Upload(self.filename or "", self.media_type, self.content)


def parts(raw: bytes, boundary: str) -> list[Part]:
    """
    Split a multipart body.

    Raises:
        Misread: It is not one, or has more parts or longer part headers than are read.
    """
    found: list[Part] = []
    content: list[bytes] = []
    try:
        with PushMultipartParser(
            boundary,
            content_length=len(raw),
            max_header_size=_LONGEST_HEADER,
            max_header_count=_MOST_HEADERS,
            max_segment_count=LIMITS.parts,
        ) as parser:
            current: Any = None
            for event in parser.parse(raw):
                if event is None:
                    found.append(_part(current, b"".join(content)))
                    content.clear()
                elif isinstance(event, (bytes, bytearray)):
                    content.append(bytes(event))
                else:
                    current = event
    except (MultipartError, ValueError) as error:
        raise Misread(f"The body is not multipart/form-data: {error}.") from None
    return found


def _part(segment: Any, content: bytes) -> Part:
    if segment.name is None:
        raise Misread("A part of the multipart body has no name in its Content-Disposition.")
    return Part(
        segment.name, segment.filename, segment.content_type or "", (segment.charset or "").lower(), content
    )


def multipart_decoder(
    media: MediaType, direction: Direction, judge: Judge
) -> Callable[[bytes, MediaName, list[Misread]], Json]:
    """Return the reader of multipart bodies of *media*: an object whose files are `Upload`s."""
    shape = Shape(media.schema.json(direction) if media.schema is not None else {})
    documented = {name: ranges(encoding.content_type) for name, encoding in media.encoding.items()}
    fields: dict[str, _Field] = {}

    def field(name: str) -> _Field:
        known = fields.get(name)
        if known is None:
            known = _Field(name, shape.named(name), documented.get(name, ()), judge)
            if name in shape.names:
                fields[name] = known
        return known

    def decode(raw: bytes, name: MediaName, troubles: list[Misread]) -> Json:
        boundary = name.parameters.get("boundary", "")
        if not boundary:
            raise Misread("The Content-Type has no boundary.")
        by_name: dict[str, list[Part]] = {}
        for part in parts(raw, boundary):
            by_name.setdefault(part.name, []).append(part)
        charset = _default_charset(by_name, shape)
        values: dict[str, Json] = {}
        for key, several in by_name.items():
            if "[" in key and key not in shape.names and key.partition("[")[0] in shape.names:
                continue
            try:
                values[key] = field(key).read(several, charset)
            except Misread as error:
                troubles.append(Misread(str(error), error.keyword, f"/{key}{error.pointer}"))
        _bracketed(by_name, shape, values, judge, troubles, charset)
        return values

    return decode


def ranges(text: str) -> tuple[MediaName, ...]:
    """The media types of an Encoding Object's contentType, comma-separated."""
    return tuple(name for name in map(parsed, text.split(",")) if name is not None) if text else ()


def _default_charset(by_name: dict[str, list[Part]], shape: Shape) -> str:
    """RFC 7578, 4.6: a field called "_charset_" names the charset of the others."""
    said = by_name.get("_charset_")
    if said is None or "_charset_" in shape.names:
        return ""
    del by_name["_charset_"]
    return said[0].content.decode("ascii", "replace").strip().lower()


def _bracketed(
    by_name: dict[str, list[Part]],
    shape: Shape,
    values: dict[str, Json],
    judge: Judge,
    troubles: list[Misread],
    charset: str,
) -> None:
    """Read "settings[rate]" into the property `settings`, as forms do."""
    bases = {key.partition("[")[0] for key in by_name if "[" in key and key not in shape.names}
    for base in bases:
        if base not in shape.names or base in values:
            continue
        try:
            sent = {
                key: [quote(text_of(part.content, part.charset or charset), safe="") for part in several]
                for key, several in by_name.items()
                if key.startswith(f"{base}[")
            }
            value = deep(base, shape.named(base), judge)(sent)
        except Misread as error:
            troubles.append(Misread(str(error), error.keyword, f"/{base}"))
            continue
        if value is not MISSING:
            values[base] = value


class _Field:
    """One property of the form."""

    def __init__(self, name: str, shape: Shape, documented: Sequence[MediaName], judge: Judge) -> None:
        self._name = name
        self._shape = shape
        self._documented = documented
        self._judge = judge
        self._array = shape.typed and "array" in shape.kinds
        self._one = Reading(shape, documented, judge)
        self._item = Reading(shape.item(0), documented, judge) if self._array else self._one

    def read(self, several: list[Part], charset: str) -> Json:
        for index, part in enumerate(several):
            hold_type(part, self._documented, repr(self._name), f"/{index}" if self._array else "")
        if self._array:
            if len(several) == 1 and is_json(several[0].media_type):
                value = read_json(several[0].content, several[0].charset)
                return value if isinstance(value, list) else [value]
            if len(several) > 1 or self._shape.kinds == {"array"}:
                return [self._item.read(part, charset) for part in several]
        if len(several) > 1:
            if self._shape.typed:
                raise Misread(
                    f"{self._name!r} is given {len(several)} times and takes one value.", "maxItems"
                )
            return [self._one.read(part, charset) for part in several]
        return self._one.read(several[0], charset)


def hold_type(part: Part, documented: Sequence[MediaName], called: str, pointer: str = "") -> None:
    """
    Hold a part that is *called* so to the media types that are *documented* for it, if it names one.

    Raises:
        Misread: It is none of them.
    """
    if not documented or not part.media_type:
        return
    sent = parsed(part.media_type)
    if sent is None or not any(one.covers(sent, strict=False) for one in documented):
        wanted = " or ".join(one.essence for one in documented)
        detail = f"{called} is sent as {part.media_type}; {wanted} is taken."
        raise Misread(detail, "contentMediaType", pointer)


def _is_written(name: MediaName) -> bool:
    """Return whether what has the media type *name* is text that can be read into a value."""
    essence = name.essence
    return is_json(essence) or is_xml(essence) or is_text(essence)


class Reading:
    """How the content of one part is read."""

    def __init__(self, shape: Shape, documented: Sequence[MediaName], judge: Judge) -> None:
        bytes_named = documented and not any(map(_is_written, documented))
        self._is_file = shape.is_file or (not shape.typed and bool(bytes_named))
        self._complex = shape.typed and bool(shape.kinds & {"object", "array"})
        self._typed = shape.typed
        self._json = any(is_json(one.essence) for one in documented)
        self._scalar = scalar(shape, judge)

    def read(self, part: Part, charset: str) -> Json:
        """Return the value of *part*; *charset* is that of texts that name none."""
        if self._is_file:
            return part.upload
        json_sent = is_json(part.media_type)
        if (json_sent and (self._typed or self._json)) or (
            not part.media_type and (self._complex or self._json)
        ):
            return self._read_json(part)
        if part.filename is not None:
            return part.upload
        return self._scalar(text_of(part.content, part.charset or charset))

    def _read_json(self, part: Part) -> Json:
        try:
            return read_json(part.content, part.charset)
        except Misread as error:
            raise Misread(re.sub("^The body", "The part", str(error)), error.keyword) from None
