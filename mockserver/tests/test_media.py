from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.media import RANGES, MediaName, accepted, chosen, is_json, meant, parsed, preferred


class TestParsed:
    def test_parameters(self) -> None:
        """Names are of any case, values may be quoted (RFC 9110, 5.6.6)."""
        assert parsed('Text/HTML ; Charset="utf-8";x="a;b\\"c"') == MediaName(
            "text", "html", {"charset": "utf-8", "x": 'a;b"c'}
        )

    @pytest.mark.parametrize(
        "text", ["", "json", "a/", "/b", "a b/c", "a/b;c", "a/b; c=", "a/b c/d", "é/b", ";"]
    )
    def test_malformed(self, text: str) -> None:
        """What is no media type is None: it came over the wire and is nobody's error."""
        assert parsed(text) is None

    @pytest.mark.parametrize("text", ["a/b;", "a/b; ; c=d", " a/b "])
    def test_tolerated(self, text: str) -> None:
        """RFC 9110 allows empty parameters; everybody sends room around a value."""
        assert parsed(text) is not None

    @given(st.text())
    def test_anything(self, text: str) -> None:
        """No text makes it fail."""
        parsed(text)
        accepted(text)

    def test_json_by_suffix(self) -> None:
        """ "+json" is JSON (RFC 6839, 3.1)."""
        assert is_json("application/problem+json")
        assert not is_json("application/jsonp")


class TestMeant:
    @pytest.mark.parametrize(
        ("key", "media"),
        [
            ("*", "*/*"),
            ("", "*/*"),
            ("JSON", "application/json"),
            ("xls", "application/vnd.ms-excel"),
            ("applicationjson;version=1", "application/json"),
            ("file", "application/octet-stream"),
        ],
    )
    def test_a_key_without_a_slash(self, key: str, media: str) -> None:
        """Documents have them; an operation whose only answer is left out for it answers nothing."""
        assert meant(key) == media


def choose(content: list[str], sent: str) -> str | None:
    name = parsed(sent)
    assert name is not None
    return chosen({key: key for key in content}, name)


class TestChosen:
    @pytest.mark.parametrize(
        ("content", "sent", "key"),
        [
            (["application/json"], "application/json; charset=utf-8", "application/json"),
            (["application/json"], "APPLICATION/JSON", "application/json"),
            (["application/json; charset=utf-8"], "application/json", "application/json; charset=utf-8"),
            (["application/json; charset=utf-8"], "application/json; charset=latin-1", None),
            (["application/json"], "application/vnd.api+json", None),
            (["application/*+json"], "application/vnd.api+json", "application/*+json"),
            (["*/*", "text/*", "text/plain"], "text/plain", "text/plain"),
            (["*/*", "text/*", "text/plain"], "text/html", "text/*"),
            (["*/*", "text/*"], "image/png", "*/*"),
            (["a/b", "a/b; v=2"], "a/b; v=2", "a/b; v=2"),
            (["a/b", "a/b; v=2"], "a/b; v=1", "a/b"),
            (["a/b; v=2"], "a/b", None),
        ],
    )
    def test_most_specific(self, content: list[str], sent: str, key: str | None) -> None:
        """The most specific key applies; parameters count where the contract names them (OpenAPI 3.1.1)."""
        assert choose(content, sent) == key


class TestPreferred:
    def test_not_all_of_thousands(self):
        """A header of thousands of ranges costs no more than one of some: the rest is disregarded."""
        many = ",".join(f"a{number}/b" for number in range(5_000))
        assert len(accepted(many)) == RANGES
        assert preferred(f"text/html,{many}", ["application/json", "text/html"]) == "text/html"

    @pytest.mark.parametrize(
        ("header", "offered", "name"),
        [
            ("", ["a/b", "c/d"], "a/b"),
            ("*/*", ["a/b", "c/d"], "a/b"),
            ("c/d, a/b", ["a/b", "c/d"], "a/b"),
            ("a/b;q=0.5, c/d", ["a/b", "c/d"], "c/d"),
            ("c/*;q=0.9, a/b;q=0.1", ["a/b", "c/d"], "c/d"),
            ("*/*, a/b;q=0", ["a/b", "c/d"], "c/d"),
            ("a/b;q=0", ["a/b"], None),
            ("x/y", ["a/b"], None),
            ("text/html, application/xhtml+xml, */*;q=0.8", ["application/json"], "application/json"),
            ("application/json; charset=utf-8", ["application/json"], "application/json"),
            ("image/png", ["image/*"], "image/*"),
            ("nonsense", ["a/b"], "a/b"),
            ('a/b; x="p,q", c/d;q=0.1', ["c/d", "a/b"], "a/b"),
            ("a/b; q=nonsense", ["a/b"], "a/b"),
        ],
    )
    def test_negotiation(self, header: str, offered: list[str], name: str | None) -> None:
        """
        Quality decides, the more specific range over the wider, and the contract's order between equals.
        """
        assert preferred(header, offered) == name

    def test_nothing_offered(self) -> None:
        """Nothing to offer is nothing chosen."""
        assert preferred("", []) is None
