"""
Bodies: bytes in, a value and what is wrong with it out.

One reader per documented media type, compiled when the first such body comes.
The media type that was sent decides how the bytes are read; the documented one,
which may be a range such as "*/*", what they must be.
"""

from __future__ import annotations

from collections.abc import Callable

from mockserver.contract.encoded import Misread
from mockserver.contract.limits import LIMITS, holds_more
from mockserver.contract.media import MediaName, is_json, is_text, is_xml
from mockserver.contract.model import Direction, MediaType
from mockserver.contract.sequences import SEQUENTIAL
from mockserver.contract.shapes import Accepts, Shape, scalar
from mockserver.exchange import MISSING, Json, Upload, Violation
from mockserver.validation.bodies.form import form_decoder
from mockserver.validation.bodies.json_body import read_json, text_of
from mockserver.validation.bodies.readonly import stripper
from mockserver.validation.bodies.sequences import read_sequence
from mockserver.validation.values import RawValidator, Validator

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

Decoder = Callable[[bytes, MediaName, list[Misread]], Json]
"""
Reads a body of the media type that was sent.

Raises `Misread` where nothing can be made of it. What cannot be read of it is left out and added to the list.
"""


def judge(document: Json) -> Accepts:
    """Return the validator of a JSON Schema as a function, for readers of text that is ambiguous."""
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
        schema = media.schema if held else None
        self._validator = Validator(schema, direction) if schema is not None else None
        self._strip = stripper(schema) if direction == "request" and schema is not None else None
        self._files = essence.startswith("multipart/")
        self._bounded = direction == "request"

    def read(self, raw: bytes, name: MediaName) -> tuple[Json, list[Violation]]:
        """Return the value of the body *raw*, `MISSING` where it cannot be read, and every violation."""
        troubles: list[Misread] = []
        try:
            value = self._decode(raw, name, troubles)
        except Misread as error:
            return MISSING, [self._violation(error)]
        most = LIMITS.values
        if self._bounded and len(raw) > most and holds_more(value, most):  # one takes a byte at least
            said = f"The body holds more than {most} values (--max-values)."
            return MISSING, [self._violation(Misread(said, "maxValues"))]
        violations = self.check(value)
        if not troubles:
            return value, violations
        # What could not be read is missing only because of that.
        unread = {error.pointer.split("/")[1] for error in troubles if error.pointer}
        others = [one for one in violations if one.pointer.partition("/")[2].partition("/")[0] not in unread]
        return value, [*map(self._violation, troubles), *others]

    def check(self, value: Json) -> list[Violation]:
        """Return every violation of a body at hand; `readOnly` properties are taken out of a request's."""
        if self._validator is None:
            return []
        if self._strip is not None:
            self._strip(value)
        return self._validator.check(_stood_in(value) if self._files else value)

    def _violation(self, error: Misread) -> Violation:
        place = self.media.place
        return Violation("body", error.pointer, error.keyword, str(error), self.media.name, place=place)


def _stood_in(value: Json) -> Json:
    """Return *value* with text in the place of files, one character a byte: bounds of length count bytes."""
    if isinstance(value, Upload):
        return value.content.decode("latin-1")
    if isinstance(value, list):
        return [_stood_in(item) for item in value]
    if isinstance(value, dict):
        return {name: _stood_in(item) for name, item in value.items()}
    return value


def _decoder(media: MediaType, essence: str, direction: Direction) -> tuple[Decoder, bool]:
    """The decoder, and whether what it returns can be held against the schema."""
    if is_json(essence):
        return _json, True
    if essence in (FORM, MULTIPART) and not _fielded(media, direction):
        return (_text_decoder(media, direction), True) if essence == FORM else (_binary, False)
    if essence == FORM:
        return form_decoder(media, direction, judge), True
    if essence == MULTIPART:
        from mockserver.validation.bodies.multipart import multipart_decoder  # only who needs it pays for it

        return multipart_decoder(media, direction, judge), True
    if essence.startswith("multipart/") and _listed(media, direction):
        from mockserver.validation.bodies.mixed import mixed_decoder

        return mixed_decoder(media, direction, judge), True
    if is_xml(essence):
        from mockserver.validation.bodies.xml_body import xml_decoder

        return xml_decoder(media, direction, judge), True
    if essence in SEQUENTIAL and not _of_items(media, direction):
        return (_text_decoder(media, direction), True) if _is_text(media, direction) else (_binary, False)
    if essence in SEQUENTIAL:
        most = LIMITS.values if direction == "request" else None
        return lambda raw, name, troubles: read_sequence(raw, essence, name.charset, troubles, most), True
    if is_text(essence):
        return _text_decoder(media, direction), True
    return _binary, False


def _fielded(media: MediaType, direction: Direction) -> bool:
    """Return whether the schema of a form lets it have fields; wrong ones call it a text, or a file."""
    return media.schema is None or "object" in Shape(media.schema.json(direction)).kinds


def _listed(media: MediaType, direction: Direction) -> bool:
    """Return whether the schema of a body of parts says that they are a list."""
    return media.schema is not None and Shape(media.schema.json(direction)).kinds == {"array"}


def _of_items(media: MediaType, direction: Direction) -> bool:
    """
    Return whether the schema of a sequence is of its items together, as OpenAPI 3.2 has it.

    Before that, documents called a stream a text, or gave the schema of one item and left the rest to prose.
    """
    return media.schema is None or "array" in Shape(media.schema.json(direction)).kinds


def _is_text(media: MediaType, direction: Direction) -> bool:
    return media.schema is not None and "string" in Shape(media.schema.json(direction)).kinds


def _json(raw: bytes, name: MediaName, _: list[Misread]) -> Json:
    return read_json(raw, name.charset)


def _text_decoder(media: MediaType, direction: Direction) -> Decoder:
    shape = Shape(media.schema.json(direction) if media.schema is not None else {})
    if not shape.kinds & {"string", "null"} and shape.kinds & {"object", "array"}:
        return _json  # a contract that calls JSON text
    read = scalar(shape, judge)
    return lambda raw, name, _: read(text_of(raw, name.charset))


def _binary(raw: bytes, name: MediaName, _: list[Misread]) -> Json:
    return Upload("", name.essence, raw)
