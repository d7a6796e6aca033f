from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Request
from mockserver.server.preferences import NONE, BadPreference, Preferences, applied, read
from mockserver.tests.costs import growth


def asked(*headers: str, query: str = "") -> Preferences:
    return read(Request("GET", "/", query, tuple(("prefer", header) for header in headers)))


def said(preferences: Preferences) -> dict[str, Any]:
    """Return what is not as when nothing was asked."""
    names = ("code", "example", "dynamic", "seed", "variant", "items", "delay", "fault", "validate")
    return {name: value for name in names if (value := getattr(preferences, name)) != getattr(NONE, name)}


class TestHeader:
    @pytest.mark.parametrize(
        ("header", "found"),
        [
            ("code=404", {"code": "404"}),
            ("code=4xx", {"code": "4XX"}),
            ("code=default", {"code": "default"}),
            ("example=notFound", {"example": "notFound"}),
            ('example="not, found; \\"here\\""', {"example": 'not, found; "here"'}),
            ("dynamic", {"dynamic": True}),
            ("dynamic=true", {"dynamic": True}),
            ("Dynamic=FALSE", {"dynamic": False}),
            ("seed=7", {"seed": "7"}),
            ("variant=3", {"variant": "3"}),
            ("items=0", {"items": 0}),
            ("delay=250", {"delay": 250}),
            ("fault=reset", {"fault": "reset"}),
            ("validate=off", {"validate": "off"}),
            ("code = 404 ,example=a", {"code": "404", "example": "a"}),
            ("code=404; example=a", {"code": "404", "example": "a"}),
            ("", {}),
        ],
    )
    def test_words(self, header: str, found: Any) -> None:
        """Prism's names and ours, as RFC 7240 writes preferences."""
        assert said(asked(header)) == found

    def test_what_nobody_knows(self) -> None:
        """RFC 7240, 2: a preference that is not understood is ignored, whatever it looks like."""
        assert said(asked('respond-async, wait=10, (odd), =x, foo; bar="a,b", code=404')) == {"code": "404"}

    def test_the_first_counts(self) -> None:
        """RFC 7240, 2: also where the header is repeated."""
        assert said(asked("code=404", "code=500, example=a")) == {"code": "404", "example": "a"}

    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("code=4O4", "a status like 404"),
            ("code=600", "a status like 404"),
            ("code", "a status like 404"),
            ("example=", "a name"),
            ("dynamic=maybe", "true or false"),
            ("items=-1", "a whole number from 0"),
            ("items=99999999", "a whole number from 0"),
            ("delay=1.5", "a whole number from 0"),
            ("fault=fire", "one of reset"),
            ("validate=no", "one of enforce, warn, off"),
        ],
    )
    def test_a_value_that_means_nothing(self, header: str, expected: str) -> None:
        """A typing error does not pass for an answer; what would be right is said."""
        with pytest.raises(BadPreference, match=expected):
            asked(header)

    @pytest.mark.parametrize("header", ["a{}(", 'odd="a{}', ", {}", "a=({}"])
    def test_a_long_one_costs_little(self, header: str) -> None:
        """Nobody can hold the server with one header: it costs what its length costs."""
        repeated = header.replace("{}", "")
        assert growth(lambda size: asked(header.format(repeated * (size // len(repeated)))), 15_000) < 30


class TestQuery:
    def test_twins(self) -> None:
        """For a browser's address bar; other parameters are left alone."""
        found = asked(query="a=1&__code=404&__example=not+found&__nobody=1&__dynamic&__seed=%37")
        assert said(found) == {"code": "404", "example": "not found", "dynamic": True, "seed": "7"}

    def test_the_header_wins(self) -> None:
        """What is written for this request beats what a bookmark says."""
        assert said(asked("code=404", query="__code=500&__seed=1")) == {"code": "404", "seed": "1"}

    @pytest.mark.parametrize("query", ["__items=%C2%B2", "__items=%D9%A4", "__code=4%D9%A0%D9%A4"])
    def test_digits_of_other_scripts(self, query: str) -> None:
        """Python takes them for numbers; a status is none."""
        with pytest.raises(BadPreference):
            asked(query=query)

    def test_nothing(self) -> None:
        """Most requests ask for nothing."""
        assert asked(query="a=b") is NONE


class TestApplied:
    def test_what_was_asked_and_done(self) -> None:
        """RFC 7240, 3; in the order in which it was done, each once."""
        found = asked("seed=7, code=404, delay=1")
        assert applied(found, ("code", "seed", "example", "code")) == "code=404, seed=7"
        assert applied(found, ()) == ""

    @given(st.text(min_size=1))
    def test_no_value_can_be_another_header(self, text: str) -> None:
        """Whatever stands in a query: what is answered is one line, and reads back as what was asked."""
        query = "__seed=" + quote_plus(text, errors="surrogatepass")
        header = applied(asked(query=query), ("seed",))
        assert header.isascii()
        assert header.isprintable()
        if text.isascii() and text.isprintable():
            assert asked(header).seed == text


class TestForced:
    def test_a_documented_answer(self) -> None:
        """Whatever the rules would do."""
        for header in ("code=404", "example=a", "variant=1", "dynamic", "items=0"):
            assert asked(header).forced
        for header in ("seed=1", "delay=1", "validate=off", "dynamic=false"):
            assert not asked(header).forced

    def test_only_a_length(self) -> None:
        """A list of so many is still the API's own."""
        assert asked("items=5").only_items
        assert not asked("items=5, code=200").only_items


class TestAnyHeader:
    @given(st.text(), st.text())
    def test_is_read_or_refused(self, header: str, query: str) -> None:
        """Never anything but preferences or a sentence."""
        with suppress(BadPreference):
            asked(header, query="__" + quote(query, safe="&=", errors="surrogatepass"))
