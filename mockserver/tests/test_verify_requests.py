from __future__ import annotations

import base64
from typing import Any

import pytest

from mockserver.contract.model import Contract, Operation
from mockserver.exchange import MISSING, Request
from mockserver.tests.loaded import contract
from mockserver.verify.calls import documented_calls, every_call
from mockserver.verify.requests import Unsayable, other_scheme, saying, written

OK = {"200": {"description": "ok"}}


def only(about: dict[str, Any], path: str = "/x", **top: Any) -> tuple[Contract, Operation]:
    made = contract({path: {"post": {"responses": OK, **about}}}, **top)
    return made, next(iter(made.operations.values()))


def sent(about: dict[str, Any], path: str = "/x", name: str = "", **top: Any) -> Request:
    made, operation = only(about, path, **top)
    return written(made, operation, saying(operation, name))


def parameter(name: str, place: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}, **more}


class TestWhatIsSaid:
    def test_examples_of_the_name_then_others_then_made_up(self):
        """An example's request need not repeat what every call needs."""
        about = {
            "parameters": [
                parameter("a", "path", examples={"one": {"value": "1"}, "two": {"value": "2"}}),
                parameter("b", "query", required=True, examples={"one": {"value": "1"}}),
                parameter("c", "query", required=True, schema={"const": "made"}),
                parameter("d", "query", examples={"one": {"value": "1"}}),
            ]
        }
        assert sent(about, "/x/{a}", "two").target == "/x/2?b=1&c=made"
        assert sent(about, "/x/{a}", "one").target == "/x/1?b=1&c=made&d=1"

    def test_a_body_that_is_not_asked_for_is_not_sent(self):
        """Optional and without an example of that name: nothing."""
        content = {"application/json": {"schema": {"type": "object"}, "examples": {"one": {"value": {}}}}}
        _, operation = only({"requestBody": {"content": content}})
        assert saying(operation, "two").body is MISSING
        assert saying(operation, "one").body == {}

    def test_what_cannot_be_said(self):
        """No value fits, or the path has a fragment: the call is left out, with a reason."""
        with pytest.raises(Unsayable, match="a:"):
            sent({"parameters": [parameter("a", "query", required=True, schema={"not": {}})]})
        with pytest.raises(Unsayable, match="never sent"):
            sent({}, "/x#add")


class TestCredentials:
    @pytest.mark.parametrize(
        ("scheme", "shown"),
        [
            ({"type": "http", "scheme": "bearer"}, {"authorization": "Bearer test-token"}),
            (
                {"type": "http", "scheme": "Basic"},
                {"authorization": "Basic " + base64.b64encode(b"client-id:client-secret").decode()},
            ),
            ({"type": "oauth2", "flows": {}}, {"authorization": "Bearer test-token"}),
            ({"type": "apiKey", "in": "header", "name": "X-Key"}, {"x-key": "test-token"}),
            ({"type": "apiKey", "in": "cookie", "name": "key"}, {"cookie": "key=test-token"}),
        ],
    )
    def test_in_the_header(self, scheme: dict[str, Any], shown: dict[str, str]):
        """The first account's, in the way that the contract asks for."""
        top = {"components": {"securitySchemes": {"way": scheme}}, "security": [{"way": []}]}
        assert dict(sent({}, **top).headers) == shown

    def test_in_the_query(self):
        """A key may stand in the URL."""
        scheme = {"type": "apiKey", "in": "query", "name": "key"}
        top = {"components": {"securitySchemes": {"way": scheme}}, "security": [{}, {"way": []}]}
        assert sent({}, **top).query == "key=test-token"

    def test_given_ones_take_their_place_and_none_are_left_where_none_are_wanted(self):
        """--header brings an identity; the check without credentials must not send it."""
        scheme = {"type": "http", "scheme": "bearer"}
        made, operation = only({}, components={"securitySchemes": {"way": scheme}}, security=[{"way": []}])
        given = {"authorization": "Bearer mine", "x-trace": "1"}
        said = saying(operation)
        assert dict(written(made, operation, said, headers=given).headers) == given
        none = written(made, operation, said, headers=given, credentials=False)
        assert dict(none.headers) == {"x-trace": "1"}


class TestCalls:
    def test_each_media_type_is_a_call(self):
        """The contract promises all of them."""
        one = {"schema": {"type": "object"}, "examples": {"one": {"value": {"a": "b"}}}}
        content = {"application/json": one, "application/x-www-form-urlencoded": one}
        made, operation = only({"operationId": "add", "requestBody": {"content": content}})
        calls = list(documented_calls(made))
        assert [str(call) for call in calls] == ["add-one-json", "add-one-form"]
        assert [written(made, operation, call.said).body for call in calls] == [b'{"a":"b"}', b"a=b"]

    def test_a_name_under_several_refusals_is_any_ones(self):
        """A shared response has all examples under each status."""
        content = {"application/json": {"examples": {"no": {"value": {}}, "yes": {"value": {}}}}}
        refusal = {"description": "no", "content": content}
        about = {
            "parameters": [parameter("a", "query", examples={"no": {"value": "1"}, "yes": {"value": "2"}})],
            "responses": {"404": refusal, "409": refusal, "200": {"description": "ok", "content": content}},
        }
        about["responses"]["200"]["content"] = {"application/json": {"examples": {"yes": {"value": {}}}}}
        made, _ = only(about)
        assert {call.name: call.statuses for call in documented_calls(made)} == {
            "no": ("404", "409"),
            "yes": ("200",),
        }

    def test_an_example_that_breaks_its_own_schema_is_skipped(self):
        """A server may refuse it; `check` reports it."""
        made, _ = only({"parameters": [parameter("a", "query", examples={"one": {"value": 1}})]})
        (call,) = every_call(made)
        assert "is not of type string" in call.skip

    def test_an_operation_without_examples_is_called_once(self):
        """Any documented answer will do: nothing says which it must be."""
        made, _ = only({})
        (call,) = every_call(made)
        assert (call.statuses, call.skip) == ((), "")
        assert not list(documented_calls(made))


class TestOtherScheme:
    @pytest.mark.parametrize(
        ("scheme", "given", "said"),
        [
            ({"type": "http", "scheme": "basic"}, {"authorization": "Bearer x"}, "asks for basic"),
            ({"type": "http", "scheme": "basic"}, {"authorization": "Basic x"}, ""),
            ({"type": "oauth2", "flows": {}}, {"authorization": "bearer x"}, ""),
            ({"type": "oauth2", "flows": {}}, {"authorization": "Basic x"}, "asks for bearer"),
            ({"type": "apiKey", "in": "header", "name": "X-Key"}, {"authorization": "Basic x"}, ""),
            ({"type": "http", "scheme": "basic"}, {}, ""),
        ],
        ids=str,
    )
    def test_of_an_account(self, scheme: dict[str, Any], given: dict[str, str], said: str):
        """A 401 to a token where Basic is asked for is no fault of the server, and the reason is shown."""
        security = {"security": [{"it": []}], "components": {"securitySchemes": {"it": scheme}}}
        made, operation = only({}, **security)
        found = other_scheme(made, operation, given)
        assert said in found
        assert bool(found) == bool(said)
