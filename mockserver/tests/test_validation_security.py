from __future__ import annotations

import base64
from typing import Any, ClassVar

import pytest

from mockserver.exchange import Request
from mockserver.tests.loaded import contract
from mockserver.validation.security import Admission, Credential, Security

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "Basic"},
    "digest": {"type": "http", "scheme": "digest"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "api_key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "SESSION"},
    "oauth": {"type": "oauth2", "flows": {}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://example.com"},
    "tls": {"type": "mutualTLS"},
}


def admit(
    security: list[Any], query: str = "", known: Any = None, scopes: Any = None, **headers: str
) -> Admission:
    paths = {"/a": {"get": {"security": security, "responses": {"200": {"description": "ok"}}}}}
    made = contract(paths, components={"securitySchemes": SCHEMES})
    (operation,) = made.operations.values()
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Security(made).admit(operation, Request("GET", "/a", query, pairs), known, scopes)


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


class TestSchemes:
    @pytest.mark.parametrize(
        ("scheme", "request_", "kind", "value"),
        [
            ("bearer", {"authorization": "Bearer abc.d-e"}, "bearer", "abc.d-e"),
            ("bearer", {"authorization": "bearer   abc"}, "bearer", "abc"),
            ("basic", {"authorization": basic("ann:s:ecret")}, "basic", "ann:s:ecret"),
            ("digest", {"authorization": 'Digest username="ann"'}, "digest", 'username="ann"'),
            ("key", {"x_api_key": "k1"}, "apiKey", "k1"),
            ("query", {"query": "api_key=k%201"}, "apiKey", "k 1"),
            ("cookie", {"cookie": "a=b; SESSION=k1"}, "apiKey", "k1"),
            ("oauth", {"authorization": "Bearer abc"}, "bearer", "abc"),
            ("openid", {"authorization": "Bearer abc"}, "bearer", "abc"),
            ("tls", {}, "mutualTLS", ""),
        ],
    )
    def test_found(self, scheme: str, request_: Any, kind: str, value: str) -> None:
        """The credential is where its scheme says, and is handed over decoded."""
        outcome = admit([{scheme: []}], **request_)
        assert outcome.granted
        assert outcome.credentials == (Credential(scheme, kind, value),)

    @pytest.mark.parametrize(
        ("scheme", "request_", "challenge"),
        [
            ("bearer", {}, 'Bearer realm="Test"'),
            ("bearer", {"authorization": "Bearer"}, 'Bearer realm="Test", error="invalid_request"'),
            ("bearer", {"authorization": "Bearer a b"}, 'Bearer realm="Test", error="invalid_request"'),
            ("bearer", {"authorization": basic("a:b")}, 'Bearer realm="Test"'),
            ("basic", {"authorization": "Bearer abc"}, 'Basic realm="Test", charset="UTF-8"'),
            ("basic", {"authorization": "Basic ***"}, 'Basic realm="Test", charset="UTF-8"'),
            ("basic", {"authorization": "Basic bm9jb2xvbg=="}, 'Basic realm="Test", charset="UTF-8"'),
            ("key", {"x_api_key": " "}, 'ApiKey realm="Test", in="header", name="X-API-Key"'),
            ("query", {"query": "api_key="}, 'ApiKey realm="Test", in="query", name="api_key"'),
        ],
    )
    def test_refused(self, scheme: str, request_: Any, challenge: str) -> None:
        """Missing or malformed is 401 with the challenge of the way in (RFC 9110, 15.5.2 demands one)."""
        outcome = admit([{scheme: []}], **request_)
        assert outcome.status == 401
        assert outcome.challenges == (challenge,)
        assert [one.keyword for one in outcome.violations] == ["security"]
        place = outcome.violations[0].place
        assert place is not None
        assert place.pointer == f"/components/securitySchemes/{scheme}"


class TestAlternatives:
    def test_nothing_asked(self) -> None:
        """No requirement, or an empty one: anybody may come in."""
        assert admit([]).granted
        assert admit([{"bearer": []}, {}]).granted

    def test_all_of_one(self) -> None:
        """Schemes inside one entry must all be met; every missing one is named."""
        assert not admit([{"key": [], "query": []}], x_api_key="k").granted
        assert admit([{"key": [], "query": []}], "api_key=1", x_api_key="k").granted
        assert len(admit([{"key": [], "query": []}]).violations) == 2

    def test_any_of_several(self) -> None:
        """Entries are alternatives; a refusal offers them all, and tells of the nearest."""
        assert admit([{"bearer": []}, {"key": []}], x_api_key="k").granted
        outcome = admit([{"bearer": []}, {"basic": []}, {"oauth": []}])
        assert outcome.challenges == ('Bearer realm="Test"', 'Basic realm="Test", charset="UTF-8"')

    def test_optional_credentials_are_seen(self) -> None:
        """Who shows who they are is not taken for anybody, where anybody may come in too."""
        assert [one.value for one in admit([{}, {"bearer": []}], authorization="Bearer abc").credentials] == [
            "abc"
        ]

    def test_undefined_scheme(self) -> None:
        """A scheme that the contract forgot to define cannot lock everybody out."""
        assert admit([{"nowhere": []}]).granted


class TestKnown:
    ACCOUNTS: ClassVar[Any] = {
        ("bearer", "one"): {"id": 1},
        ("bearer", "weak"): {"id": 2, "scopes": ["read"]},
    }

    def known(self, kind: str, value: str) -> Any:
        """Whose it is."""
        return self.ACCOUNTS.get((kind, value))

    def test_account(self) -> None:
        """The account comes back with its credential."""
        assert admit([{"bearer": []}], known=self.known, authorization="Bearer one").credentials[
            0
        ].account == {"id": 1}

    def test_unknown(self) -> None:
        """A token that is nobody's is 401 invalid_token (RFC 6750, 3.1)."""
        outcome = admit([{"bearer": []}], known=self.known, authorization="Bearer two")
        assert (outcome.status, outcome.challenges) == (401, ('Bearer realm="Test", error="invalid_token"',))

    def test_scopes(self) -> None:
        """Somebody who may not do this is 403, with the scopes that it takes."""
        outcome = admit([{"oauth": ["read", "write"]}], known=self.known, authorization="Bearer weak")
        assert outcome.status == 403
        assert [one.keyword for one in outcome.violations] == ["scope"]
        assert outcome.challenges == ('Bearer realm="Test", error="insufficient_scope", scope="read write"',)
        assert admit([{"oauth": ["read"]}], known=self.known, authorization="Bearer weak").granted
        assert admit([{"oauth": ["read", "write"]}], known=self.known, authorization="Bearer one").granted
