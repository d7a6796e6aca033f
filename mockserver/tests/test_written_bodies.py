from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.model import MediaType
from mockserver.contract.written_bodies import write_body
from mockserver.exchange import Json, Request, Upload
from mockserver.tests.loaded import operation
from mockserver.validation.requests import RequestReader

FORM = "application/x-www-form-urlencoded"
PNG = "\x89PNG\r\n\x1a\n\0"


@cache
def taking(content: str) -> tuple[MediaType, RequestReader]:
    """Return the one documented body of an operation, and what reads it."""
    asked = operation({"requestBody": {"content": json.loads(content)}})
    assert asked.body is not None
    (media,) = asked.body.content.values()
    return media, RequestReader(asked)


def read_back(content: dict[str, Any], value: Json) -> Json:
    """Write *value* as the one documented body, and read it as a server does."""
    media, reader = taking(json.dumps(content))
    written = write_body(media, value)
    headers = (("content-type", written.media_type),)
    arguments, violations = reader.read({}, Request("POST", "/things", "", headers, written.content))
    assert not violations, violations
    return arguments.body


def media(name: str, schema: Json, **more: Any) -> MediaType:
    asked = operation({"requestBody": {"content": {name: {"schema": schema, **more}}}})
    assert asked.body is not None
    return asked.body.content[name]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.one_of(TEXTS, st.integers(-(10**9), 10**9), st.booleans())


class TestReadBack:
    """What is written is read as it was meant."""

    @given(
        value=st.fixed_dictionaries(
            {"a b": TEXTS, "n": st.integers(-(10**9), 10**9), "on": st.booleans()},
            optional={"many": st.lists(TEXTS, min_size=1, max_size=4)},
        )
    )
    @pytest.mark.parametrize("name", [FORM, "multipart/form-data", "application/json"])
    def test_flat(self, name: str, value: Json):
        """Text with "&", "=", "+", quotes and line ends survives in every media type."""
        properties = {
            "a b": {"type": "string"},
            "n": {"type": "integer"},
            "on": {"type": "boolean"},
            "many": {"type": "array", "items": {"type": "string"}},
        }
        assert read_back({name: {"schema": {"type": "object", "properties": properties}}}, value) == value

    @given(
        value=st.dictionaries(
            st.text("abcxyz_09", min_size=1, max_size=8), TEXTS.filter(bool), min_size=1, max_size=4
        )
    )
    @pytest.mark.parametrize(
        "encoding", [{"settings": {"style": "deepObject", "explode": True}}, {}], ids=["nested keys", "JSON"]
    )
    def test_object_in_a_form(self, encoding: Json, value: Json):
        """`encoding` decides between settings[rate]=30 and settings={"rate":30}; both come back."""
        schema = {
            "type": "object",
            "properties": {"settings": {"type": "object", "additionalProperties": {"type": "string"}}},
        }
        sent = {"settings": value}
        assert read_back({FORM: {"schema": schema, "encoding": encoding}}, sent) == sent

    @given(value=st.lists(st.integers(0, 99), min_size=1, max_size=5))
    @pytest.mark.parametrize("explode", [True, False])
    def test_array_in_a_form(self, explode: bool, value: Json):
        """Repeated keys, or one key with commas, as `encoding` says."""
        schema = {"type": "object", "properties": {"ids": {"type": "array", "items": {"type": "integer"}}}}
        content = {FORM: {"schema": schema, "encoding": {"ids": {"style": "form", "explode": explode}}}}
        assert read_back(content, {"ids": value}) == {"ids": value}

    @given(content=st.binary(max_size=64))
    def test_a_file_is_its_bytes(self, content: bytes):
        """Bytes are never decoded, whatever they look like: a boundary follows from what it separates."""
        schema = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
        upload = Upload("a.bin", "application/octet-stream", content)
        assert read_back({"multipart/form-data": {"schema": schema}}, {"file": upload}) == {"file": upload}

    @given(value=st.dictionaries(st.text("abc", min_size=1, max_size=3), SCALARS, min_size=1, max_size=3))
    def test_an_object_in_multipart_is_a_part_of_json(self, value: Json):
        """OpenAPI 3.1.1, Encoding Object: the default of complex types is application/json."""
        schema = {"type": "object", "properties": {"meta": {"type": "object"}}}
        assert read_back({"multipart/form-data": {"schema": schema}}, {"meta": value}) == {"meta": value}

    def test_xml(self):
        """An XML body is written by the `xml` keywords that it is read by."""
        schema = {
            "type": "object",
            "xml": {"name": "book"},
            "properties": {
                "id": {"type": "integer", "xml": {"attribute": True}},
                "title": {"type": "string"},
            },
        }
        value = {"id": 7, "title": "Dune & more"}
        assert read_back({"application/xml": {"schema": schema}}, value) == value

    def test_text(self):
        """Plain text is itself, not a JSON string."""
        assert read_back({"text/plain": {"schema": {"type": "string"}}}, 'say "hi"') == 'say "hi"'


class TestFiles:
    FILE: Json = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("documented", "text", "sent"),
        [
            ("image/*, video/*", PNG, "image/png"),
            ("image/*, video/*", "\0\0\0\x10ftypmp42", "video/mp4"),
            ("image/*, video/*", "neither", "image/png"),
            ("application/pdf", "neither", "application/pdf"),
            ("", "GIF89a", "image/gif"),
            ("", "neither", "application/octet-stream"),
        ],
    )
    def test_media_type_of_a_part(self, documented: str, text: str, sent: str):
        """An example gives bytes as text; the part says what they are, among what is documented."""
        encoding = {"file": {"contentType": documented}} if documented else {}
        written = write_body(media("multipart/form-data", self.FILE, encoding=encoding), {"file": text})
        assert f"Content-Type: {sent}\r\n".encode() in written.content
        assert text.encode("latin-1") in written.content

    def test_a_range_is_sent_as_a_member_of_it(self):
        """`image/*` is no Content-Type."""
        written = write_body(media("image/*", {"type": "string", "format": "binary"}), PNG)
        assert written == (PNG.encode("latin-1"), "image/png")

    def test_same_value_same_bytes(self):
        """A run can be repeated: no boundary is drawn by lot."""
        one = media("multipart/form-data", self.FILE)
        assert write_body(one, {"file": PNG}) == write_body(one, {"file": PNG})


def test_nothing_is_sent_where_nothing_is_said():
    """A form without fields is an empty body."""
    assert write_body(media(FORM, {"type": "object"}), {}).content == b""
