"""
Bodies: bytes in, a value and what is wrong with it out.

One reader per documented media type, compiled when the first such body comes.
The media type that was sent decides how the bytes are read; the documented one,
which may be a range such as "*/*", what they must be.
"""

from __future__ import annotations

from collections.abc import Callable

from mockserver.contract.encoded import Misread
from mockserver.contract.media import MediaName, is_json, is_text
from mockserver.contract.model import Direction, MediaType
from mockserver.contract.shapes import Accepts, Shape, scalar
from mockserver.exchange import MISSING, Json, Upload, Violation
from mockserver.validation.bodies.form import form_decoder
from mockserver.validation.bodies.json_body import read_json, text_of
from mockserver.validation.bodies.readonly import stripper
from mockserver.validation.values import RawValidator, Validator

FORM = "application/x-www-form-urlencoded"

Decoder = Callable[[bytes, MediaName], Json]
"""Reads a body of the media type that was sent. Raises `Misread`."""


def judge(document: Json) -> Accepts:
    """Return the validator of a JSON Schema as a function: what the readers of text ask where text is ambiguous."""
    return RawValidator(document).is_valid


class BodyReader:
    """
    Reads the bodies that one Media Type Object speaks about.

    Args:
        media: The documented one.
        essence: Of the media type that is sent, e.g. "application/json".
        direction: "request" or "response".
    """

    def __init__(self, media: MediaType, essence: str, direction: Direction) -> None:
        self.media = media
        self.essence = essence
        self._decode, held = _decoder(media, essence, direction)
        self._validator = Validator(media.schema, direction) if media.schema is not None and held else None
        self._strip = (
            stripper(media.schema) if direction == "request" and media.schema is not None and held else None
        )

    def read(self, raw: bytes, name: MediaName) -> tuple[Json, list[Violation]]:
        """Return the value of the body *raw* and every violation; `MISSING` where it cannot be read at all."""
        try:
            value = self._decode(raw, name)
        except Misread as error:
            place = self.media.place
            return MISSING, [
                Violation("body", error.pointer, error.keyword, str(error), self.media.name, place=place)
            ]
        return value, self.check(value)

    def check(self, value: Json) -> list[Violation]:
        """Return every violation of a body that is at hand as a value. What is `readOnly` is taken out of a request's."""
        if self._validator is None:
            return []
        if self._strip is not None:
            self._strip(value)
        return self._validator.check(value)


def _decoder(media: MediaType, essence: str, direction: Direction) -> tuple[Decoder, bool]:
    """The decoder, and whether what it returns can be held against the schema."""
    if is_json(essence):
        return _json, True
    if essence == FORM:
        return form_decoder(media, direction, judge), True
    if is_text(essence):
        return _text_decoder(media, direction), True
    return _binary, False


def _json(raw: bytes, name: MediaName) -> Json:
    return read_json(raw, name.charset)


def _text_decoder(media: MediaType, direction: Direction) -> Decoder:
    shape = Shape(media.schema.json(direction) if media.schema is not None else {})
    read = scalar(shape, judge)
    return lambda raw, name: read(text_of(raw, name.charset))


def _binary(raw: bytes, name: MediaName) -> Json:
    return Upload("", name.essence, raw)
