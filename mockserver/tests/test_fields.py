from __future__ import annotations

import re

import pytest

from mockserver.exchange import Request
from mockserver.tests.crud import NUMBER, TEXT, Json, answer, asking

FREE: list[tuple[str, Json, str]] = [
    ("Set-Cookie", TEXT, r"session=[0-9a-f]{16}; Path=/; HttpOnly"),
    ("Content-Disposition", TEXT, r'attachment; filename="[0-9a-f]{16}"'),
    ("Cache-Control", TEXT, "no-cache"),
    ("Retry-After", TEXT, "1"),
    ("retry-after", NUMBER, "1"),
    ("Location", TEXT, "/"),
    ("WWW-Authenticate", TEXT, "Bearer"),
]
SAID: list[tuple[str, Json, str]] = [
    ("Retry-After", {"type": "integer", "minimum": 30, "maximum": 30}, "30"),
    ("Set-Cookie", {"type": "string", "example": "sid=1; Secure"}, "sid=1; Secure"),
    ("Cache-Control", {"type": "string", "const": "max-age=9"}, "max-age=9"),
    ("Location", {"type": "string", "format": "uri"}, "https://.*"),
]


@pytest.mark.parametrize(("name", "schema", "spelt"), FREE + SAID)
def test_as_http_spells_it(name: str, schema: Json, spelt: str):
    """Two words are no cookie, and nobody comes back after a quarter of an hour; what is said goes first."""
    said = {**answer({"type": "object"}), "headers": {name: {"schema": schema}}}
    api = asking({"/x": {"get": {"responses": {"200": said}}}})
    got = api.get("/x")
    assert re.fullmatch(spelt, got.headers[name.lower()])
    assert got.headers == {**api.get("/x").headers, "mock-id": got.headers["mock-id"]}


def test_each_cookie_has_a_field_of_its_own():
    """A browser reads one cookie a field: what stands behind a comma is lost to it (RFC 9110, 5.3)."""
    cookies = {"schema": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}}
    said = {**answer({"type": "object"}), "headers": {"Set-Cookie": cookies}}
    host = asking({"/x": {"get": {"responses": {"200": said}}}}).host
    response = host.handle(Request("GET", "/x", "", (("host", "x"),), b""))
    found = [value for name, value in response.headers if name == "Set-Cookie"]
    assert response.status == 200
    assert len(set(found)) == 2
    assert all(re.fullmatch(r"session=[0-9a-f]{16}; Path=/; HttpOnly", one) for one in found)


def test_no_more_is_left_than_there_may_be():
    """A client that counts its calls would reckon with more than it may ever make."""
    count = {"schema": {"type": "integer", "minimum": 0, "maximum": 5000}}
    names = ("X-RateLimit-Remaining", "X-RateLimit-Limit")
    said = {**answer({"type": "object"}), "headers": dict.fromkeys(names, count)}
    api = asking({f"/x{number}": {"get": {"responses": {"200": said}}} for number in range(12)})
    for number in range(12):
        headers = api.get(f"/x{number}").headers
        assert 0 <= int(headers[names[0].lower()]) <= int(headers[names[1].lower()])
