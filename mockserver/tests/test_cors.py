from __future__ import annotations

import pytest

from mockserver.exchange import Request, Response
from mockserver.server.cors import CrossOrigin, opened

PREFLIGHT = (
    ("origin", "http://localhost:3000"),
    ("access-control-request-method", "PATCH"),
    ("access-control-request-headers", "authorization,x-a"),
)


def handle(request: Request) -> Response:
    return Response(404, [("Content-Type", "text/plain"), ("X-Page", "1")], request.method.encode())


class TestPreflight:
    def test_everything_asked_for_is_allowed(self):
        """The page is told by the request itself what is wrong with it, and can read that."""
        answer = CrossOrigin(handle)(Request("OPTIONS", "/none", headers=PREFLIGHT))
        assert answer.status == 204
        assert answer.header("access-control-allow-origin") == "http://localhost:3000"
        assert answer.header("access-control-allow-credentials") == "true"
        assert "PATCH" in answer.header("access-control-allow-methods").split(", ")
        assert answer.header("access-control-allow-headers") == "authorization,x-a"

    def test_an_unusual_method_is_allowed_too(self):
        """OpenAPI 3.2 has methods of its own."""
        headers = (("origin", "http://a"), ("access-control-request-method", "COPY"))
        allowed = CrossOrigin(handle)(Request("OPTIONS", "/", headers=headers))
        assert allowed.header("access-control-allow-methods").endswith(", COPY")

    def test_a_private_network_is_granted(self):
        """Chrome asks before a public page may speak to 127.0.0.1."""
        headers = (*PREFLIGHT, ("access-control-request-private-network", "true"))
        answer = CrossOrigin(handle)(Request("OPTIONS", "/", headers=headers))
        assert answer.header("access-control-allow-private-network") == "true"

    @pytest.mark.parametrize("missing", ["origin", "access-control-request-method"])
    def test_other_options_are_the_contracts(self, missing: str):
        """A contract may document OPTIONS; only a preflight is taken from it."""
        headers = tuple(pair for pair in PREFLIGHT if pair[0] != missing)
        assert CrossOrigin(handle)(Request("OPTIONS", "/", headers=headers)).body == b"OPTIONS"


class TestOpened:
    def test_the_origin_is_echoed_on_refusals(self):
        """A browser hides an answer without these fields, and a 404 becomes "network error"."""
        answer = CrossOrigin(handle)(Request("GET", "/", headers=(("origin", "http://a"),)))
        assert answer.status == 404
        assert answer.header("access-control-allow-origin") == "http://a"
        assert answer.header("access-control-allow-credentials") == "true"

    def test_what_the_answer_carries_can_be_read(self):
        """With credentials "*" exposes nothing: names are listed, the answer's own among them."""
        exposed = opened(handle(Request("GET", "/")), "http://a").header("access-control-expose-headers")
        assert {"Mock-Id", "Mock-Source", "Mock-Operation", "Mock-Violations", "X-Page"} <= set(
            exposed.split(", ")
        )
        assert "Content-Type" not in exposed

    def test_the_contracts_own_fields_give_way(self):
        """Documents describe them for the real origin, and generated ones say "string"."""
        answer = opened(Response(200, [("access-control-allow-origin", "string"), ("A", "b")]), "http://a")
        assert [value for name, value in answer.headers if name.lower() == "access-control-allow-origin"] == [
            "http://a"
        ]
        assert answer.header("a") == "b"

    def test_a_cache_is_told(self):
        """An answer without an origin must not be given to a page with one."""
        answer = opened(Response(200), "")
        assert answer.header("vary") == "Origin"
        assert not answer.header("access-control-allow-origin")

    @pytest.mark.parametrize("origin", ["http://a, http://b", "http://a b", "x" * 600, "http://ä"])
    def test_no_origin_is_echoed_that_is_none(self, origin: str):
        """What a client sends does not become a header of ours unseen."""
        assert not opened(Response(200), origin).header("access-control-allow-origin")

    def test_a_handlers_answer_is_not_changed(self):
        """A pipeline may hand out one response many times."""
        kept = Response(200, [("A", "b")])
        opened(kept, "http://a")
        assert kept.headers == [("A", "b")]
