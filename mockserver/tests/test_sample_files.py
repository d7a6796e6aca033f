"""
Bytes that a document does not show are a file of the kind that it names.
"""

from __future__ import annotations

import gzip
import io
import json
import wave
import zipfile
import zlib
from email import message_from_bytes
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mockserver.contract.locate import Located
from mockserver.contract.sample_files import sample_file
from mockserver.exchange import Request, Response
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host

BYTES = {"type": "string", "format": "binary"}


def answered(folder: Path, media: str, schema: Any = None) -> tuple[Response, str]:
    """Return the answer to GET of a document that promises *media*, and its Content-Type."""
    content = {media: {} if schema is None else {"schema": schema}}
    operation = {"responses": {"200": {"description": "ok", "content": content}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/x": {"get": operation}},
    }
    file = folder / "a.json"
    file.write_text(json.dumps(document))
    response = build_host([Located("a", file)], journal=Journal(1)).handle(Request("GET", "/x"))
    assert response.status == 200
    return response, dict(response.headers)["Content-Type"]


class TestFiles:
    def test_can_be_opened(self) -> None:
        """Who reads them finds a file that is whole, if of nothing."""
        made = {name: sample_file(name) or b"" for name in ("image/png", "audio/wav", "application/zip")}
        with wave.open(io.BytesIO(made["audio/wav"])) as sound:
            assert sound.getnframes() == 800
        assert zipfile.ZipFile(io.BytesIO(made["application/zip"])).namelist() == []
        assert gzip.decompress(sample_file("application/gzip") or b"") == b""
        assert ElementTree.fromstring(sample_file("image/svg+xml") or b"").get("width") == "64"
        png = made["image/png"]
        start = png.index(b"IDAT") + 4
        length = int.from_bytes(png[start - 8 : start - 4], "big")
        assert len(zlib.decompress(png[start : start + length])) == 64 * 65
        pdf = sample_file("application/pdf") or b""
        assert pdf[int(pdf.split(b"startxref\n")[1].split()[0]) :].startswith(b"xref")

    def test_of_a_kind_that_is_not_known(self) -> None:
        """Nothing is made up for it."""
        assert sample_file("application/x-unheard-of") is None


class TestAnswers:
    @pytest.mark.parametrize("schema", [None, {}, BYTES], ids=["none", "anything", "binary"])
    @pytest.mark.parametrize("media", ["image/png", "image/*"])
    def test_an_image(self, tmp_path: Path, media: str, schema: Any) -> None:
        """A page that shows it shows an image; of a range, one of its members."""
        response, said = answered(tmp_path, media, schema)
        assert (said, response.body) == ("image/png", sample_file("image/png"))

    def test_the_schema_comes_first(self, tmp_path: Path) -> None:
        """Where the bytes are bounded, they are within the bounds, be they no image."""
        response, _ = answered(tmp_path, "image/png", {**BYTES, "maxLength": 10})
        assert 0 < len(response.body) <= 10

    def test_parts(self, tmp_path: Path) -> None:
        """A list as multipart/mixed is one part an item, under a boundary that Content-Type tells."""
        item = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
        response, said = answered(
            tmp_path, "multipart/mixed", {"type": "array", "minItems": 2, "maxItems": 2, "items": item}
        )
        message = message_from_bytes(b"Content-Type: " + said.encode() + b"\r\n\r\n" + response.body)
        parts: Any = message.get_payload()
        assert [part.get_content_type() for part in parts] == ["application/json"] * 2
        assert all(isinstance(json.loads(part.get_payload())["a"], int) for part in parts)
