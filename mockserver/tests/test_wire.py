from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Response
from mockserver.server.wire import has_body, head, is_admin, split_target


def lines(response: Response, **options) -> list[str]:
    made = head(response, date="D", keep=options.pop("keep", True), **options)
    assert made.endswith(b"\r\n\r\n")
    return made[:-4].decode("ascii").split("\r\n")


class TestTarget:
    @pytest.mark.parametrize(
        ("target", "found"),
        [
            ("/a%2Fb?x=%20#f", ("/a%2Fb", "x=%20", "")),
            ("//a/../b", ("//a/../b", "", "")),
            ("http://h:1/a?b", ("/a", "b", "h:1")),
            ("HTTP://h?b", ("/", "b", "h")),
            ("*", ("*", "", "")),
            ("http:///a", ("http:///a", "", "")),
            ("/a?b?c", ("/a", "b?c", "")),
            ("/ä".encode().decode("latin-1"), ("/%C3%A4", "", "")),
        ],
    )
    def test_forms(self, target: str, found: tuple[str, str, str]):
        """RFC 9112, 3.2: what a target may look like; nothing in it is decoded or tidied."""
        assert split_target(target) == found

    def test_the_admin_is_a_segment(self):
        """A contract may have a path that only begins like it."""
        assert is_admin("/__admin")
        assert is_admin("/__admin/x")
        assert not is_admin("/__administration")
        assert not is_admin("/x/__admin")


class TestHead:
    def test_the_door_says_how_the_message_ends(self):
        """Two lengths that differ are a way to smuggle."""
        response = Response(200, [("content-length", "7"), ("Connection", "x"), ("A", "b")])
        assert lines(response, length=3) == ["HTTP/1.1 200 OK", "A: b", "Content-Length: 3", "Date: D"]

    def test_a_status_nobody_registered(self):
        """499 is documented by some; the space before the missing reason is part of the grammar."""
        assert lines(Response(499), length=0)[0] == "HTTP/1.1 499 "

    @given(
        st.lists(st.tuples(st.text(st.characters(codec="ascii", categories=["L"]), min_size=1), st.text()))
    )
    def test_no_header_adds_a_line(self, fields: list[tuple[str, str]]):
        """Whatever a value is, it stays one field of visible ASCII."""
        fields = [(f"X{name}", value) for name, value in fields]
        found = lines(Response(200, fields), length=0)
        assert len(found) == len(fields) + 3
        assert all(line.isprintable() or "\t" in line for line in found)


def test_answers_without_a_body():
    """RFC 9110, 6.4.1."""
    assert has_body("GET", 200)
    assert not has_body("HEAD", 200)
    assert not has_body("GET", 204)
    assert not has_body("GET", 304)
