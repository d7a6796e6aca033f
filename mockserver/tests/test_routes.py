from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.contract.model import Route
from mockserver.contract.routes import Match, Miss, Routes
from mockserver.exchange import Place

PLACE = Place("openapi.yaml", "")


def routes(*lines: str, fit: Any = None) -> Routes:
    """Return the routes that *lines* say: "GET /books"."""
    made = []
    for line in lines:
        method, template = line.split(" ")
        made.append(Route(method, template, line, PLACE))
    return Routes(made, fit)


def found(made: Routes, line: str) -> Any:
    """Return (operation, captured), or the miss."""
    match = made.match(*line.split(" "))
    return (match.route.id, match.captured) if isinstance(match, Match) else match


LENDING = routes(
    "GET /books", "POST /books", "GET /books/new", "GET /books/{bookId}", "DELETE /books/{bookId}",
    "GET /books/{bookId}/loans", "GET /{kind}/popular", "GET /",
)  # fmt: skip


class TestMatch:
    def test_literal_beats_variable(self) -> None:
        """ "/books/new" is the page for a new book, not the book called "new"."""
        assert found(LENDING, "GET /books/new") == ("GET /books/new", {})
        assert found(LENDING, "GET /books/newer") == ("GET /books/{bookId}", {"bookId": "newer"})

    def test_the_earlier_literal_wins(self) -> None:
        """Segment by segment: what stands first in the path says most."""
        assert found(LENDING, "GET /books/popular") == ("GET /books/{bookId}", {"bookId": "popular"})
        assert found(LENDING, "GET /films/popular") == ("GET /{kind}/popular", {"kind": "films"})

    def test_back_from_a_dead_end(self) -> None:
        """A literal that leads nowhere does not hide a variable that does."""
        made = routes("GET /a/b/c", "GET /a/{x}/d")
        assert found(made, "GET /a/b/d") == ("GET /a/{x}/d", {"x": "b"})

    def test_the_root(self) -> None:
        """ "/" is a path as well."""
        assert found(LENDING, "GET /") == ("GET /", {})

    def test_slashes_count(self) -> None:
        """A trailing slash makes another path, and an empty segment is no value."""
        made = routes("GET /a/", "GET /b", "GET /c/{id}")
        assert found(made, "GET /a/") == ("GET /a/", {})
        for line in ("GET /a", "GET /b/", "GET /c/", "GET //c/1", "GET /c//1"):
            assert isinstance(found(made, line), Miss)


class TestEncoding:
    def test_encoded_slash_stays_in_its_segment(self) -> None:
        """ "%2F" is a character of the id; it does not open another level."""
        assert found(LENDING, "GET /books/a%2Fb") == ("GET /books/{bookId}", {"bookId": "a%2Fb"})
        assert isinstance(found(LENDING, "GET /books%2Fnew"), Miss)

    def test_values_stay_encoded(self) -> None:
        """Styles decode them later: "%2C" is no comma between two values."""
        assert found(LENDING, "GET /books/a%2Cb") == ("GET /books/{bookId}", {"bookId": "a%2Cb"})

    def test_literals_are_the_same_in_either_form(self) -> None:
        """RFC 3986, 6.2.2: "%62" is "b", hexadecimal digits have no case; a template may be encoded too."""
        made = routes("GET /books/all", "GET /caf%C3%A9", "GET /a(b)", "GET /v{n}-x", "GET /ü{n}")
        assert found(made, "GET /%62ooks/%61ll") == ("GET /books/all", {})
        assert found(made, "GET /caf%c3%a9") == ("GET /caf%C3%A9", {})
        assert found(made, "GET /a%28b%29") == ("GET /a(b)", {})
        assert found(made, "GET /%c3%bc1") == ("GET /ü{n}", {"n": "1"})
        assert found(made, "GET /%761%2Dx") == ("GET /v{n}-x", {"n": "1"})

    def test_what_is_no_encoding(self) -> None:
        """A lonely percent sign is a character like any other."""
        assert found(LENDING, "GET /books/100%") == ("GET /books/{bookId}", {"bookId": "100%"})


class TestSegments:
    MADE = routes(
        "GET /x.{format}",
        "GET /a-{id}-b",
        "GET /{from},{to}",
        "POST /{id}:cancel",
        "GET /{id}",
        "GET /files/{name}.{ending}",
    )

    @pytest.mark.parametrize(
        ("line", "wanted"),
        [
            ("GET /x.json", ("GET /x.{format}", {"format": "json"})),
            ("GET /a-1-b", ("GET /a-{id}-b", {"id": "1"})),
            ("GET /a-1-2-b", ("GET /a-{id}-b", {"id": "1-2"})),
            ("GET /1,2", ("GET /{from},{to}", {"from": "1", "to": "2"})),
            ("POST /7:cancel", ("POST /{id}:cancel", {"id": "7"})),
            ("GET /plain", ("GET /{id}", {"id": "plain"})),
            ("GET /a--b", ("GET /{id}", {"id": "a--b"})),
            ("GET /files/a.b.json", ("GET /files/{name}.{ending}", {"name": "a.b", "ending": "json"})),
        ],
    )
    def test_text_beside_variables(self, line: str, wanted: Any) -> None:
        """Parts of a segment; more literal text wins, and each variable takes at least one character."""
        assert found(self.MADE, line) == wanted

    def test_signs_mean_themselves(self) -> None:
        """A template is no regular expression."""
        made = routes("GET /a.b", "GET /c+{id}(x)", "GET /d*")
        assert isinstance(found(made, "GET /aXb"), Miss)
        assert found(made, "GET /c+1(x)") == ("GET /c+{id}(x)", {"id": "1"})
        assert found(made, "GET /d*") == ("GET /d*", {})

    def test_one_name_twice(self) -> None:
        """Wrong, and served all the same: the last one counts."""
        assert found(routes("GET /{id}/{id}"), "GET /1/2") == ("GET /{id}/{id}", {"id": "2"})


class TestTies:
    def fit(self, route: Route, name: str, raw: str) -> int:
        """A number fits "number" well, and anything fits "name"."""
        return 1 if name != "number" else 2 if raw.isdigit() else 0

    def test_the_type_decides(self) -> None:
        """Two templates that differ only in their variables (OpenAPI leaves that to the tool)."""
        made = routes("GET /books/{number}", "GET /books/{name}", fit=self.fit)
        assert found(made, "GET /books/7") == ("GET /books/{number}", {"number": "7"})
        assert found(made, "GET /books/emma") == ("GET /books/{name}", {"name": "emma"})

    def test_the_order_of_the_document_does_not(self) -> None:
        """The same contract in another order answers the same."""
        lines = ["GET /books/{number}", "GET /books/{name}", "GET /books/new"]
        one, other = routes(*lines, fit=self.fit), routes(*reversed(lines), fit=self.fit)
        for path in ("7", "emma", "new"):
            assert found(one, f"GET /books/{path}") == found(other, f"GET /books/{path}")

    def test_of_two_methods(self) -> None:
        """Each has the method that the other has not: both answer."""
        made = routes("GET /books/{a}", "DELETE /books/{b}")
        assert found(made, "DELETE /books/1") == ("DELETE /books/{b}", {"b": "1"})
        assert found(made, "PUT /books/1") == Miss(("DELETE", "GET", "HEAD"), ())

    def test_no_type_fits(self) -> None:
        """Then it is that operation with a wrong value, which is said better than "not found"."""
        made = routes("GET /books/{number}", fit=self.fit)
        assert found(made, "GET /books/emma") == ("GET /books/{number}", {"number": "emma"})


class TestMethods:
    def test_head_is_answered_by_get(self) -> None:
        """RFC 9110, 9.3.2; unless the contract has a HEAD of its own."""
        assert found(LENDING, "HEAD /books") == ("GET /books", {})
        assert found(routes("GET /a", "HEAD /a"), "HEAD /a") == ("HEAD /a", {})
        assert found(routes("POST /a"), "HEAD /a") == Miss(("POST",), ())

    def test_a_known_path_with_another_method(self) -> None:
        """What it does have, sorted; HEAD where GET is (RFC 9110, 15.5.6)."""
        assert found(LENDING, "PUT /books") == Miss(("GET", "HEAD", "POST"), ())
        assert found(LENDING, "get /books") == Miss(("GET", "HEAD", "POST"), ())

    def test_the_concrete_path_has_won(self) -> None:
        """ "/books/new" is not the book called "new", also for a method that it has not."""
        assert found(LENDING, "DELETE /books/new") == Miss(("GET", "HEAD"), ())


class TestNearest:
    def test_what_looks_like_it(self) -> None:
        """Up to three templates, the nearest first."""
        miss = found(LENDING, "GET /boks/new")
        assert miss.allow == ()
        assert miss.nearest[0] == "/books/new"
        assert len(miss.nearest) <= 3

    def test_nothing_like_it(self) -> None:
        """Somebody who is quite lost is told what kind of paths there are."""
        miss = found(LENDING, "GET /zzzzzzzzzzzzzzzz")
        assert isinstance(miss, Miss)
        assert miss.nearest


LITERAL = st.text("ab.-é %", min_size=1, max_size=4).filter(lambda text: text not in (".", ".."))


@st.composite
def templates(draw: Any) -> tuple[str, dict[str, str], str]:
    """A template, values for its variables, and the path that they give."""
    template, path, values = "", "", {}
    for _ in range(draw(st.integers(1, 4))):
        template, path = template + "/", path + "/"
        kind = draw(st.sampled_from(["literal", "variable", "both"]))
        if kind != "variable":
            text = draw(LITERAL).replace("%", "x") + ("=" if kind == "both" else "")
            template, path = template + text, path + quote(text, safe="=")
        if kind != "literal":
            name, value = f"v{len(values)}", draw(st.text(min_size=1, max_size=5))
            values[name] = value
            template, path = template + "{" + name + "}", path + quote(value, safe="", errors="surrogatepass")
    return template, values, path


class TestAnyTemplate:
    @given(templates())
    def test_a_written_path_matches_back(self, made: tuple[str, dict[str, str], str]) -> None:
        """Whatever the values are made of, the path written with them leads to the operation and to them."""
        template, values, path = made
        assume(not {".", ".."} & {*path.split("/")})  # which are steps, and no values
        match = Routes([Route("GET", template, "it", PLACE)]).match("GET", path)
        assert isinstance(match, Match)
        assert {name: unquote(raw, errors="surrogatepass") for name, raw in match.captured.items()} == values

    @given(st.lists(templates(), min_size=2, max_size=6), st.integers(0, 5))
    def test_among_others(self, made: list[tuple[str, dict[str, str], str]], which: int) -> None:
        """Among other templates it is found as well, or a template that is no more open than it."""
        template, _, path = made[which % len(made)]
        assume(not {".", ".."} & {*path.split("/")})  # which are steps, and no values
        match = Routes([Route("GET", one[0], one[0], PLACE) for one in made]).match("GET", path)
        assert isinstance(match, Match)
        assert openness(match.route.template) <= openness(template)


def openness(template: str) -> list[int]:
    """For each segment: 0 a literal, 1 a variable with text beside it, 2 a variable alone."""
    return [
        0 if "{" not in segment else 2 if re.fullmatch(r"\{[^{}]+\}", segment) else 1
        for segment in template.split("/")
    ]
