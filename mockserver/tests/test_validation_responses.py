from __future__ import annotations

from typing import Any

import pytest

from mockserver.exchange import MISSING
from mockserver.tests.loaded import operation
from mockserver.validation.responses import ResponseChecker

ABOUT = """
responses:
  "200":
    description: ok
    headers:
      X-Total: {required: true, schema: {type: integer}}
      X-Tags: {schema: {type: array, items: {enum: [a, b]}}}
    content:
      application/json: {schema: {type: object, required: [id], properties: {id: {type: integer}}}}
      application/xml: {schema: {type: object, required: [id], properties: {id: {type: integer}}}}
      text/plain: {schema: {type: string, maxLength: 3}}
      image/png: {schema: {type: string, format: binary}}
  "204": {description: empty}
  4XX: {description: wrong, content: {application/problem+json: {schema: {type: object}}}}
"""
JSON = ("Content-Type", "application/json")
TOTAL = ("x-total", "5")


def wrong(
    status: int, *headers: tuple[str, str], body: bytes = b"", value: Any = MISSING, method: str = ""
) -> Any:
    checker = ResponseChecker(operation(ABOUT, "get"))
    return [
        (one.where, one.pointer, one.keyword)
        for one in checker.check(status, headers, body, value, method=method)
    ]


class TestStatus:
    def test_undocumented(self) -> None:
        """A status that nobody promised."""
        assert wrong(500) == [("status", "", "status")]


class TestHeaders:
    def test_missing_and_wrong(self) -> None:
        """A required header that is missing, and values that do not fit."""
        assert wrong(200, JSON, body=b'{"id": 1}') == [("header", "X-Total", "required")]
        assert wrong(200, JSON, ("X-TOTAL", "many"), ("X-Tags", "a, c"), body=b'{"id": 1}') == [
            ("header", "X-Total", "type"),
            ("header", "X-Tags/1", "enum"),
        ]

    def test_content_type(self) -> None:
        """It must be there, be one, and be documented."""
        assert wrong(200, TOTAL, body=b"{}") == [("header", "Content-Type", "mediaType")]
        assert wrong(200, TOTAL, ("content-type", "nonsense"), body=b"{}") == [
            ("header", "Content-Type", "mediaType")
        ]
        assert wrong(200, TOTAL, ("content-type", "text/csv"), body=b"{}") == [
            ("header", "Content-Type", "mediaType")
        ]


class TestBody:
    @pytest.mark.parametrize(
        ("media_type", "body", "violations"),
        [
            ("application/json", b'{"id": 1}', []),
            ("application/json; charset=utf-8", b'{"id": 1}', []),
            ("application/json", b'{"id": "1"}', [("body", "/id", "type")]),
            ("application/json", b"{", [("body", "", "parse")]),
            ("application/json", b"", [("body", "", "parse")]),
            ("application/xml", b"<a><id>1</id></a>", []),
            ("application/xml", b"<a/>", [("body", "/id", "required")]),
            ("text/plain", b"abc", []),
            ("text/plain", b"abcd", [("body", "", "maxLength")]),
            ("image/png", b"\x89PNG\xff", []),
        ],
    )
    def test_by_media_type(self, media_type: str, body: bytes, violations: Any) -> None:
        """Each is read as what it is; bytes are left alone."""
        assert wrong(200, TOTAL, ("Content-Type", media_type), body=body) == violations

    def test_value_at_hand(self) -> None:
        """What the bytes say need not be parsed again."""
        assert wrong(200, TOTAL, JSON, body=b"not even JSON", value={"id": 1}) == []
        assert wrong(200, TOTAL, JSON, value={}) == [("body", "/id", "required")]

    def test_no_body(self) -> None:
        """204 and the answer to HEAD have none; a documented one may not be missing otherwise."""
        assert wrong(204, body=b"x") == [("body", "", "maxLength")]
        assert wrong(204) == []
        assert wrong(200, TOTAL, JSON, method="HEAD") == []
        assert wrong(200, TOTAL) == [("body", "", "required")]
        assert wrong(404, ("content-type", "application/problem+json"), body=b"{}") == []
