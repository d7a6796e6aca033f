"""
Values written as bodies: the other direction of `validation/bodies`.

What the judge sends is written here, by the contract: a form's arrays and
nested keys by `encoding`, a file by the media types that it may have. A
property test holds both directions together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from mockserver.contract.media import MediaName, is_json, is_text, is_xml, parsed
from mockserver.contract.model import Encoding, MediaType, Parameter
from mockserver.contract.pairs import file_bytes
from mockserver.contract.shapes import Shape
from mockserver.contract.written import plain_text, write
from mockserver.exchange import Json, Place, Upload, dumps

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"ID3", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
)
"""(offset, bytes, media type): which of the documented media types a file is (WHATWG MIME Sniffing, 6)."""

OF_RANGE = {"image": "image/png", "video": "video/mp4", "audio": "audio/mpeg", "text": "text/plain"}
"""The member of a range that is taken where the bytes do not tell."""

BYTES = "application/octet-stream"


class Written(NamedTuple):
    """A body as it goes out, and its Content-Type."""

    content: bytes
    media_type: str


def write_body(media: MediaType, value: Json) -> Written:
    """
    Return *value* as a request body of *media*.

    Text that stands for a file is written as `pairs.file_bytes` says. A range such as "image/*" is sent as a
    member of it. The same value is always the same bytes, the boundary of a multipart body too.
    """
    name = parsed(media.name)
    essence = name.essence if name is not None else media.name
    if isinstance(value, dict) and essence == FORM:
        return Written(write_form(value, media.encoding).encode(), media.name)
    if isinstance(value, dict) and essence == MULTIPART:
        return _multipart(media, value)
    if essence.startswith("multipart/") and isinstance(value, list):
        shape = _shape(media)
        parts = (
            _part("", item, media.encoded(at).content_type, shape.item(at).is_file)
            for at, item in enumerate(value)
        )
        return _enclosed(essence, list(parts))
    if isinstance(value, Upload):
        return Written(value.content, value.media_type or _member(name, value.content))
    if is_json(essence):
        return Written(dumps(value), media.name)
    if is_xml(essence) and not isinstance(value, str):
        from mockserver.contract.xml import write_xml  # only who needs it pays for it

        return Written(write_xml(value, _shape(media)), media.name)
    if is_text(essence):
        return Written(plain_text(value).encode(), "text/plain" if "*" in essence else media.name)
    if isinstance(value, str):
        content = file_bytes(value)
        return Written(content, _member(name, content) if "*" in essence else media.name)
    return Written(dumps(value), "application/json" if "*" in essence else media.name)


def says_objects(media_type: str) -> bool:
    """Tell whether it is known how an object is written in *media_type*, or in one of that range."""
    name = parsed(media_type)
    essence = name.essence if name is not None else media_type
    known = essence == FORM or essence.startswith("multipart/") or "*" in essence
    return known or is_json(essence) or is_xml(essence) or is_text(essence)


def write_form(values: Mapping[str, Json], encodings: Mapping[str, Encoding]) -> str:
    """Return *values* as application/x-www-form-urlencoded text (WHATWG URL, 5.2)."""
    written = (_field(encodings.get(name), name, value) for name, value in values.items())
    return "&".join(text for text in written if text)


def _field(encoding: Encoding | None, name: str, value: Json) -> str:
    """
    Return one property of a form.

    style, explode and allowReserved count where one of them is written; else the default content type does:
    arrays repeat their key, objects are JSON (OpenAPI 3.1.1, Encoding Object).
    """
    if encoding is not None and (encoding.style or encoding.explode is not None or encoding.allow_reserved):
        style = encoding.style or "form"
        explode = style == "form" if encoding.explode is None else encoding.explode
        return write(_parameter(name, style, explode, encoding.allow_reserved), value)
    key = quote(name, safe="[]")
    items = value if isinstance(value, list) else [value]
    return "&".join(f"{key}={quote(plain_text(item), safe='')}" for item in items)


def _parameter(name: str, style: str, explode: bool, allow_reserved: bool) -> Parameter:
    """Return the query parameter that a form's property of that style is written like."""
    place = Place("", "")
    return Parameter(name, "query", False, style, explode, None, place, allow_reserved=allow_reserved)


def _multipart(media: MediaType, values: Mapping[str, Json]) -> Written:
    """RFC 7578: an array is one part an item (4.3)."""
    shape = _shape(media)
    parts = []
    for name, value in values.items():
        encoding = media.encoding.get(name)
        documented = encoding.content_type if encoding is not None else ""
        named = shape.named(name)
        is_file = named.is_file or named.item(0).is_file
        items = value if isinstance(value, list) else [value]
        parts += [_part(name, item, documented, is_file) for item in items]
    return _enclosed(MULTIPART, parts)


def _enclosed(essence: str, parts: Sequence[bytes]) -> Written:
    """Return a body of *parts*, each with its fields (RFC 2046, 5.1.1)."""
    boundary = f"----{hashlib.sha256(b''.join(parts)).hexdigest()[:24]}"
    dashes = b"--" + boundary.encode()
    body = b"".join(b"%s\r\n%s\r\n" % (dashes, part) for part in parts)
    return Written(body + dashes + b"--\r\n", f"{essence}; boundary={boundary}")


def _part(name: str, value: Json, documented: str, is_file: bool) -> bytes:
    """Return a part; one without *name* is of a list, as in multipart/mixed."""
    # HTML, "multipart/form-data encoding algorithm": these three are what must not stand in a name.
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    fields = [f'Content-Disposition: form-data; name="{quoted}"'] if name else []
    media_type = documented.partition(",")[0].strip()
    if isinstance(value, Upload) or is_file:
        upload = value if isinstance(value, Upload) else Upload("file", "", file_bytes(plain_text(value)))
        if fields:
            fields[0] += f'; filename="{upload.filename or "file"}"'
        media_type = upload.media_type or _file_type(documented, upload.content)
        content = upload.content
    elif isinstance(value, (dict, list)) or is_json(media_type):
        media_type = media_type or "application/json"
        content = dumps(value)
    else:
        content = plain_text(value).encode()
    if media_type:
        fields.append(f"Content-Type: {media_type}")
    return "\r\n".join([*fields, "", ""]).encode() + content


def _shape(media: MediaType) -> Shape:
    return Shape(media.schema.json("request") if media.schema is not None else {})


def _file_type(documented: str, content: bytes) -> str:
    """Return the one of the *documented* media types (ranges, comma-separated) that *content* is."""
    ranges = [name for text in documented.split(",") if (name := parsed(text)) is not None]
    sniffed = _sniffed(content)
    if not ranges:
        return sniffed.essence if sniffed is not None else BYTES
    fitting = [one for one in ranges if sniffed is not None and one.covers(sniffed, strict=False)]
    return _member((fitting or ranges)[0], content)


def _member(name: MediaName | None, content: bytes) -> str:
    """Return a media type that the range *name* takes in: what *content* is where it fits."""
    if name is None:
        return BYTES
    if "*" not in name.essence:
        return name.essence
    sniffed = _sniffed(content)
    if sniffed is not None and name.covers(sniffed, strict=False):
        return sniffed.essence
    return OF_RANGE.get(name.type, BYTES)


def _sniffed(content: bytes) -> MediaName | None:
    found = (name for at, sign, name in SIGNATURES if content[at : at + len(sign)] == sign)
    return parsed(next(found, ""))
