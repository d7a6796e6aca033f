"""
application/x-www-form-urlencoded (WHATWG URL, 5.1; OpenAPI 3.1.1, Encoding Object).
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, unquote_to_bytes

from mockserver.contract.encoded import Misread, fields
from mockserver.contract.limits import LIMITS
from mockserver.contract.media import MediaName
from mockserver.contract.model import Direction, MediaType
from mockserver.contract.shapes import Judge, Shape
from mockserver.contract.styles import form_reader
from mockserver.exchange import Json
from mockserver.validation.bodies.json_body import codec


def form_decoder(
    media: MediaType, direction: Direction, judge: Judge
) -> Callable[[bytes, MediaName, list[Misread]], Json]:
    """Return the reader of urlencoded bodies: an object, its values read by the schema and `encoding`."""
    shape = Shape(media.schema.json(direction) if media.schema is not None else {})
    styles = {
        name: (
            encoding.style or "form",
            encoding.explode if encoding.explode is not None else (encoding.style or "form") == "form",
        )
        for name, encoding in media.encoding.items()
        # style, explode and allowReserved count only where one of them is written; else contentType does
        if encoding.style or encoding.explode is not None or encoding.allow_reserved
    }
    read = form_reader(shape, judge, styles)
    needed = shape.required & styles.keys()
    # Stripe's clients send so: in this style an array or object without anything in it cannot be seen.
    unseen: dict[str, Callable[[], Json]] = {
        name: list if shape.named(name).kinds == {"array"} else dict
        for name in sorted(needed)
        if styles[name][0] == "deepObject" and shape.named(name).kinds in ({"array"}, {"object"})
    }

    def decode(raw: bytes, name: MediaName, troubles: list[Misread]) -> Json:
        if raw.count(b"&") >= LIMITS.fields:
            raise Misread(f"The form has more than {LIMITS.fields} fields.", "maxProperties")
        charset = name.charset
        if charset in ("", "utf-8", "utf8"):
            text = raw.decode("latin-1")  # what is not ASCII is decoded with its value
        else:
            text = _recoded(raw, charset)
        value = read(fields(text.strip("\r\n")), troubles)
        for field, empty in unseen.items():
            if field not in value and field not in _troubled(troubles):
                value[field] = empty()
        return value

    return decode


def _troubled(troubles: list[Misread]) -> set[str]:
    """Return the fields that could not be read."""
    return {error.pointer.split("/")[1] for error in troubles if error.pointer}


def _recoded(raw: bytes, charset: str) -> str:
    """A form in another charset: unescape, decode and escape again, so that one reader does for all."""
    name = codec(charset)
    try:
        pairs = [part.split(b"=", 1) for part in raw.split(b"&") if part]
        return "&".join(
            "=".join(quote(unquote_to_bytes(side.replace(b"+", b" ")).decode(name), safe="") for side in pair)
            for pair in pairs
        )
    except UnicodeError as error:
        raise Misread(f"The body is not {charset}: {error}.") from None
