"""Operations before and after: paths, parameters, bodies, answers, security, webhooks."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mockserver.contract.load import load
from mockserver.contract.locate import bundled, locate
from mockserver.tests.diffed import LENDING, difference, edited, loaded, rules
from mockserver.verify.diff.compare import compare

LIST = "/paths/~1books/get"
ADD = "/paths/~1books/post"
READ = "/paths/~1books~1{bookId}/get"
SCHEMES = "/components/securitySchemes"
BEARER = {"type": "http", "scheme": "bearer"}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
OAUTH = {
    "type": "oauth2",
    "flows": {
        "clientCredentials": {"tokenUrl": "https://id.example/token", "scopes": {"read": "", "write": ""}}
    },
}
TEXT = {"type": "string"}

SECURED = edited(
    LENDING, {SCHEMES: {"bearer": BEARER, "key": KEY, "oauth": OAUTH}, f"{LIST}/security": [{"bearer": []}]}
)
SCOPED = edited(SECURED, {f"{LIST}/security": [{"oauth": ["read"]}]})
HOOKED = edited(
    LENDING,
    {
        "/webhooks": {
            "returned": {
                "post": {
                    "requestBody": {
                        "content": {
                            "application/json": {
                                "schema": {"type": "object", "required": ["id"], "properties": {"id": TEXT}}
                            }
                        }
                    },
                    "responses": {"200": {"description": "Seen"}, "202": {"description": "Later"}},
                }
            }
        }
    },
)
HOOK = "/webhooks/returned/post"
HOOK_SCHEMA = f"{HOOK}/requestBody/content/application~1json/schema"

PAIRS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]] = [
    ("path", LENDING, {"/paths/~1books~1{bookId}": ...}, {"path-removed": "breaking"}),
    ("method", LENDING, {ADD: ...}, {"operation-removed": "breaking"}),
    (
        "new operation",
        LENDING,
        {"/paths/~1books/delete": {"responses": {"204": {"description": ""}}}},
        {"operation-added": "info"},
    ),
    ("operationId", LENDING, {f"{LIST}/operationId": "books"}, {"operation-id-changed": "warning"}),
    ("deprecated", LENDING, {f"{LIST}/deprecated": True}, {"operation-deprecated": "info"}),
    (
        "success status",
        LENDING,
        {f"{ADD}/responses": {"200": {"description": ""}}},
        {"response-success-status-removed": "breaking", "response-success-status-added": "warning"},
    ),
    (
        "error status",
        LENDING,
        {f"{LIST}/responses/404": ...},
        {"response-non-success-status-removed": "warning"},
    ),
    (
        "new error status",
        LENDING,
        {f"{LIST}/responses/429": {"description": ""}},
        {"response-non-success-status-added": "info"},
    ),
    ("parameter removed", LENDING, {f"{LIST}/parameters/0": ...}, {"request-parameter-removed": "warning"}),
    (
        "parameter required",
        LENDING,
        {f"{LIST}/parameters/0/required": True},
        {"request-parameter-became-required": "breaking"},
    ),
    (
        "new parameter",
        LENDING,
        {f"{LIST}/parameters/0": {"name": "q", "in": "query", "schema": TEXT}},
        {"request-parameter-added-optional": "info"},
    ),
    (
        "new required parameter",
        LENDING,
        {f"{LIST}/parameters/0": {"name": "q", "in": "query", "required": True, "schema": TEXT}},
        {"request-parameter-added-required": "breaking"},
    ),
    (
        "parameter moved",
        LENDING,
        {f"{LIST}/parameters/0/in": "header"},
        {"request-parameter-location-changed": "breaking"},
    ),
    (
        "parameter type",
        LENDING,
        {f"{LIST}/parameters/0/schema/type": "boolean"},
        {"request-parameter-type-changed": "breaking"},
    ),
    (
        "parameter becomes text",
        LENDING,
        {f"{LIST}/parameters/0/schema/type": "string"},
        {"request-parameter-type-widened": "info"},
    ),
    (
        "parameter bound",
        LENDING,
        {f"{LIST}/parameters/0/schema/maximum": 10},
        {"request-parameter-max-set": "breaking"},
    ),
    (
        "parameter default",
        LENDING,
        {f"{LIST}/parameters/0/schema/default": 10},
        {"request-parameter-default-added": "info"},
    ),
    (
        "parameter deprecated",
        LENDING,
        {f"{LIST}/parameters/0/deprecated": True},
        {"request-parameter-became-deprecated": "info"},
    ),
    (
        "items of a parameter",
        LENDING,
        {f"{LIST}/parameters/1/schema/items/enum": ["a"]},
        {"request-parameter-property-became-enum": "breaking"},
    ),
    (
        "explode",
        LENDING,
        {f"{LIST}/parameters/1/explode": False},
        {"request-parameter-style-changed": "breaking"},
    ),
    (
        "style",
        LENDING,
        {f"{LIST}/parameters/1/style": "pipeDelimited"},
        {"request-parameter-style-changed": "breaking"},
    ),
    (
        "parameter as JSON",
        LENDING,
        {
            f"{LIST}/parameters/1": ...,
            f"{LIST}/parameters/2": {
                "name": "tags",
                "in": "query",
                "content": {"application/json": {"schema": {"type": "array", "items": TEXT}}},
            },
        },
        {"request-parameter-style-changed": "breaking"},
    ),
    (
        "empty value",
        edited(LENDING, {f"{LIST}/parameters/0/allowEmptyValue": True}),
        {f"{LIST}/parameters/0/allowEmptyValue": False},
        {"request-parameter-allow-empty-value-removed": "warning"},
    ),
    (
        "body required",
        edited(LENDING, {f"{ADD}/requestBody/required": False}),
        {f"{ADD}/requestBody/required": True},
        {"request-body-became-required": "breaking"},
    ),
    (
        "body optional",
        LENDING,
        {f"{ADD}/requestBody/required": False},
        {"request-body-became-optional": "info"},
    ),
    ("body removed", LENDING, {f"{ADD}/requestBody": ...}, {"request-body-removed": "warning"}),
    (
        "new required body",
        LENDING,
        {f"{LIST}/requestBody": {"required": True, "content": {"text/plain": {}}}},
        {"request-body-added-required": "breaking"},
    ),
    (
        "media type of a request",
        LENDING,
        {f"{ADD}/requestBody/content": {"application/xml": {}}},
        {"request-body-media-type-removed": "breaking", "request-body-media-type-added": "info"},
    ),
    (
        "media type of an answer",
        LENDING,
        {f"{LIST}/responses/200/content": {"text/csv": {}}},
        {"response-body-media-type-removed": "breaking", "response-body-media-type-added": "info"},
    ),
    (
        "encoding",
        edited(
            LENDING,
            {f"{ADD}/requestBody/content/application~1x-www-form-urlencoded": {"schema": {"type": "object"}}},
        ),
        {
            f"{ADD}/requestBody/content/application~1x-www-form-urlencoded/encoding": {
                "tags": {"explode": False}
            }
        },
        {"request-property-encoding-changed": "breaking"},
    ),
    (
        "header removed",
        LENDING,
        {f"{LIST}/responses/200/headers": ...},
        {"response-header-removed": "breaking"},
    ),
    (
        "header optional",
        LENDING,
        {f"{LIST}/responses/200/headers/X-Total/required": False},
        {"response-header-became-optional": "breaking"},
    ),
    (
        "optional header removed",
        edited(LENDING, {f"{LIST}/responses/200/headers/X-Total/required": False}),
        {f"{LIST}/responses/200/headers": ...},
        {"response-header-removed-optional": "warning"},
    ),
    (
        "header type",
        LENDING,
        {f"{LIST}/responses/200/headers/X-Total/schema/type": "boolean"},
        {"response-header-type-changed": "breaking"},
    ),
    (
        "schema of many",
        LENDING,
        {"/components/schemas/Book/properties/pages/type": ["integer", "null"]},
        {"request-property-became-nullable": "info", "response-property-became-nullable": "breaking"},
    ),
    (
        "security added",
        edited(SECURED, {f"{LIST}/security": []}),
        {f"{LIST}/security": [{"bearer": []}]},
        {"security-added": "breaking"},
    ),
    ("security removed", SECURED, {f"{LIST}/security": []}, {"security-removed": "info"}),
    (
        "another scheme",
        SECURED,
        {f"{LIST}/security": [{"key": []}]},
        {"security-alternative-removed": "breaking", "security-alternative-added": "info"},
    ),
    (
        "one more scheme",
        SECURED,
        {f"{LIST}/security": [{"bearer": []}, {"key": []}]},
        {"security-alternative-added": "info"},
    ),
    (
        "both schemes",
        SECURED,
        {f"{LIST}/security": [{"bearer": [], "key": []}]},
        {"security-alternative-removed": "breaking", "security-alternative-added": "info"},
    ),
    (
        "scope added",
        SCOPED,
        {f"{LIST}/security": [{"oauth": ["read", "write"]}]},
        {"security-scope-added": "breaking"},
    ),
    ("scope removed", SCOPED, {f"{LIST}/security": [{"oauth": []}]}, {"security-scope-removed": "info"}),
    (
        "token url",
        SCOPED,
        {f"{SCHEMES}/oauth/flows/clientCredentials/tokenUrl": "https://id.example/2"},
        {"oauth-url-changed": "warning"},
    ),
    ("flow", SCOPED, {f"{SCHEMES}/oauth/flows": {}}, {"oauth-flow-removed": "breaking"}),
    (
        "base path",
        edited(LENDING, {"/servers": [{"url": "/v1"}]}),
        {"/servers": [{"url": "/v2"}]},
        {"server-base-path-removed": "breaking", "server-base-path-added": "info"},
    ),
    (
        "base path more",
        edited(LENDING, {"/servers": [{"url": "/v1"}]}),
        {"/servers": [{"url": "/v1"}, {"url": "/v2"}]},
        {"server-base-path-added": "info"},
    ),
    ("webhook removed", HOOKED, {"/webhooks": ...}, {"webhook-removed": "breaking"}),
    ("webhook added", LENDING, {"/webhooks": HOOKED["webhooks"]}, {"webhook-added": "info"}),
    (
        "webhook gives more",
        HOOKED,
        {f"{HOOK_SCHEMA}/properties/at": TEXT},
        {"webhook-property-added-optional": "info"},
    ),
    (
        "webhook gives less",
        HOOKED,
        {f"{HOOK_SCHEMA}/required": []},
        {"webhook-property-became-optional": "breaking"},
    ),
    (
        "webhook widened",
        HOOKED,
        {f"{HOOK_SCHEMA}/properties/id/type": ["string", "null"]},
        {"webhook-property-became-nullable": "breaking"},
    ),
    (
        "webhook takes less",
        HOOKED,
        {f"{HOOK}/responses/202": ...},
        {"webhook-response-status-removed": "breaking"},
    ),
    (
        "sunset forward",
        edited(LENDING, {f"{LIST}/x-sunset": "2099-05-01"}),
        {f"{LIST}/x-sunset": "2099-01-01"},
        {"sunset-moved-forward": "warning"},
    ),
    (
        "removed after sunset",
        edited(LENDING, {f"{ADD}/deprecated": True, f"{ADD}/x-sunset": "2020-01-01"}),
        {ADD: ...},
        {"operation-removed-after-sunset": "info"},
    ),
    (
        "removed before sunset",
        edited(LENDING, {f"{ADD}/deprecated": True, f"{ADD}/x-sunset": "2999-01-01"}),
        {ADD: ...},
        {"operation-removed": "breaking"},
    ),
]


class TestOneChange:
    @pytest.mark.parametrize(
        ("old", "edits", "expected"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS]
    )
    def test_is_found_by_its_rule(self, tmp_path, old, edits, expected):
        """Each class of changes has its rule and weight, and nothing else is said."""
        assert rules(difference(tmp_path, old, edited(old, edits))) == expected

    @pytest.mark.parametrize(
        ("old", "edits", "expected"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS]
    )
    def test_has_a_line_on_both_sides(self, tmp_path, old, edits, expected):
        """Whoever reads a finding can open both files at it."""
        found = difference(tmp_path, old, edited(old, edits))
        for change in found.changes:
            assert found.old.located(change.old).line > 0
            assert found.new.located(change.new).line > 0
            assert change.old.file.endswith("old.json")
            assert change.new.file.endswith("new.json")


def renamed_parameter():
    new = edited(LENDING, {f"{READ}/parameters/0/name": "id"})
    new["paths"]["/books/{id}"] = new["paths"].pop("/books/{bookId}")
    return new


def base_in_the_paths():
    new = copy.deepcopy(LENDING)
    new["paths"] = {f"/v1{path}": item for path, item in new["paths"].items()}
    return new


def renamed_scheme():
    new = copy.deepcopy(SECURED)
    new["components"]["securitySchemes"]["token"] = new["components"]["securitySchemes"].pop("bearer")
    new["paths"]["/books"]["get"]["security"] = [{"token": []}]
    return new


def shared_parts():
    new = copy.deepcopy(LENDING)
    listing = new["paths"]["/books"]["get"]
    new["components"]["parameters"] = {"Limit": listing["parameters"][0]}
    new["components"]["responses"] = {"Books": listing["responses"]["200"]}
    listing["parameters"][0] = {"$ref": "#/components/parameters/Limit"}
    listing["responses"]["200"] = {"$ref": "#/components/responses/Books"}
    return new


def turned_round():
    new = copy.deepcopy(LENDING)
    new["paths"] = dict(reversed(new["paths"].items()))
    new["paths"]["/books"]["get"]["parameters"].reverse()
    new["components"]["schemas"]["Book"]["properties"] = dict(
        reversed(new["components"]["schemas"]["Book"]["properties"].items())
    )
    return new


CONTENT = f"{LIST}/responses/200/content"
SAME = {
    "itself": (LENDING, LENDING),
    "a path parameter's name": (LENDING, renamed_parameter()),
    "order": (LENDING, turned_round()),
    "components": (LENDING, shared_parts()),
    "words": (
        LENDING,
        edited(LENDING, {f"{LIST}/summary": "Books", "/info/version": "2", f"{LIST}/tags": ["a"]}),
    ),
    "base path in the paths": (
        edited(LENDING, {"/servers": [{"url": "https://a.example/v1"}]}),
        base_in_the_paths(),
    ),
    "another host": (
        edited(LENDING, {"/servers": [{"url": "https://a.example/v1"}]}),
        edited(LENDING, {"/servers": [{"url": "https://b.example/v1/"}]}),
    ),
    "a scheme's name": (SECURED, renamed_scheme()),
    "security for all": (
        edited(LENDING, {SCHEMES: {"bearer": BEARER}, "/security": [{"bearer": []}]}),
        edited(
            LENDING,
            {
                SCHEMES: {"bearer": BEARER},
                f"{LIST}/security": [{"bearer": []}],
                f"{ADD}/security": [{"bearer": []}],
                f"{READ}/security": [{"bearer": []}],
            },
        ),
    ),
    "parameters of the path item": (
        LENDING,
        edited(
            edited(LENDING, {f"{READ}/parameters": ...}),
            {"/paths/~1books~1{bookId}/parameters": LENDING["paths"]["/books/{bookId}"]["get"]["parameters"]},
        ),
    ),
    "explode of a single value": (LENDING, edited(LENDING, {f"{LIST}/parameters/0/explode": False})),
    "a default said aloud": (
        LENDING,
        edited(LENDING, {f"{LIST}/parameters/1/style": "form", f"{LIST}/parameters/1/explode": True}),
    ),
    "charset": (
        LENDING,
        edited(
            LENDING,
            {
                f"{CONTENT}/application~1json; charset=utf-8": LENDING["paths"]["/books"]["get"]["responses"][
                    "200"
                ]["content"]["application/json"],
                f"{CONTENT}/application~1json": ...,
            },
        ),
    ),
    "case of a header": (
        LENDING,
        edited(
            LENDING,
            {f"{LIST}/responses/200/headers": {"x-total": {"required": True, "schema": {"type": "integer"}}}},
        ),
    ),
}


class TestNoChange:
    @pytest.mark.parametrize("name", SAME)
    def test_is_silent(self, tmp_path, name):
        """What no consumer and no provider can see is not a change, in either direction."""
        old, new = SAME[name]
        assert difference(tmp_path, old, new).changes == []
        assert difference(tmp_path, new, old).changes == []

    @pytest.mark.parametrize("api", bundled())
    def test_a_bundled_contract_against_itself(self, api):
        """Real contracts say everything in their own way; against themselves nothing of it has changed."""
        file = locate(api).file
        assert compare(load(file), load(file)).changes == []

    def test_swagger_2_against_its_translation(self, tmp_path):
        """A document that moves from Swagger 2.0 to OpenAPI 3 breaks nobody."""
        old = {
            "swagger": "2.0",
            "info": {"title": "Lending", "version": "1"},
            "basePath": "/v1",
            "paths": {
                "/books": {
                    "get": {
                        "produces": ["application/json"],
                        "parameters": [{"name": "limit", "in": "query", "type": "integer", "maximum": 9}],
                        "responses": {"200": {"description": "", "schema": {"$ref": "#/definitions/Book"}}},
                    }
                }
            },
            "definitions": {
                "Book": {"type": "object", "properties": {"isbn": {"type": "string", "x-nullable": True}}}
            },
        }
        schema = {"type": "object", "properties": {"isbn": {"type": ["string", "null"]}}}
        limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}}
        answer = {"description": "", "content": {"application/json": {"schema": schema}}}
        new = {
            "openapi": "3.1.0",
            "info": {"title": "Lending", "version": "1"},
            "servers": [{"url": "/v1"}],
            "paths": {"/books": {"get": {"parameters": [limit], "responses": {"200": answer}}}},
        }
        assert difference(tmp_path, old, new).changes == []


class TestStatuses:
    def test_a_range_takes_the_place_of_a_status(self, tmp_path):
        """200 is still promised by 2XX, and its body is held against that."""
        answer = LENDING["paths"]["/books/{bookId}"]["get"]["responses"]["200"]
        new = edited(LENDING, {f"{READ}/responses": {"2XX": answer}})
        assert rules(difference(tmp_path, LENDING, new)) == {"response-success-status-added": "warning"}

    def test_a_status_that_was_answered_by_default(self, tmp_path):
        """A 404 that had the default's body and gets its own breaks who reads it."""
        error = {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}}
        content = {"application/json": {"schema": error}}
        other = {"application/json": {"schema": {"type": "object", "properties": {"message": TEXT}}}}
        old = edited(LENDING, {f"{READ}/responses/default": {"description": "", "content": content}})
        new = edited(old, {f"{READ}/responses/404": {"description": "", "content": other}})
        assert rules(difference(tmp_path, old, new))["response-property-removed-required"] == "breaking"

    def test_a_success_is_not_covered_by_the_default_of_errors(self, tmp_path):
        """Beside a named success, `default` is for errors: a 200 that became 201 is gone."""
        error = {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}
        old = edited(LENDING, {f"{READ}/responses/default": error})
        new = edited(
            old, {f"{READ}/responses/201": old["paths"]["/books/{bookId}"]["get"]["responses"]["200"]}
        )
        new = edited(new, {f"{READ}/responses/200": ...})
        assert rules(difference(tmp_path, old, new)) == {
            "response-success-status-removed": "breaking",
            "response-success-status-added": "warning",
        }

    def test_a_default_that_gets_its_name(self, tmp_path):
        """Where `default` was all there is, a 200 with the same body is no news."""
        answer = LENDING["paths"]["/books/{bookId}"]["get"]["responses"]["200"]
        old = edited(LENDING, {f"{READ}/responses": {"default": answer}})
        new = edited(LENDING, {f"{READ}/responses": {"200": answer, "default": answer}})
        assert difference(tmp_path, old, new).changes == []


class TestAParameter:
    def test_that_becomes_a_list(self, tmp_path):
        """One finding: the type; that lists are written otherwise goes without saying."""
        new = edited(
            LENDING, {f"{LIST}/parameters/0/schema": {"type": "array", "items": {"type": "integer"}}}
        )
        assert rules(difference(tmp_path, LENDING, new)) == {"request-parameter-type-changed": "breaking"}

    def test_that_was_renamed(self, tmp_path):
        """Another name is another parameter."""
        new = edited(LENDING, {f"{LIST}/parameters/0/name": "size"})
        assert rules(difference(tmp_path, LENDING, new)) == {
            "request-parameter-removed": "warning",
            "request-parameter-added-optional": "info",
        }

    def test_of_the_path_that_is_narrowed_under_another_name(self, tmp_path):
        """The parameter is found again by its position."""
        new = renamed_parameter()
        new["paths"]["/books/{id}"]["get"]["parameters"][0]["schema"]["maxLength"] = 4
        found = difference(tmp_path, LENDING, new)
        assert rules(found) == {"request-parameter-max-length-set": "breaking"}
        assert found.changes[0].title == "GET /books/{id}"


class TestPlaces:
    def test_both_lines_are_those_of_the_keyword(self, tmp_path):
        """A finding opens at the bound that changed, in the component where it is written."""
        new = edited(LENDING, {"/components/schemas/Book/properties/pages/minimum": 1})
        found = difference(tmp_path, LENDING, new)
        change = found.of("breaking")[0]
        assert change.new.pointer == "/components/schemas/Book/properties/pages/minimum"
        assert change.old.pointer == "/components/schemas/Book/properties/pages"
        lines = (tmp_path / "new.json").read_text().splitlines()
        assert "minimum" in lines[found.new.located(change.new).line - 1]

    def test_every_operation_is_named(self, tmp_path):
        """A component that several operations share is a change of each of them."""
        new = edited(LENDING, {"/components/schemas/Book/properties/pages/type": "string"})
        found = difference(tmp_path, LENDING, new)
        assert {change.operation for change in found.changes} == {"listBooks", "addBook", "readBook"}
        assert {change.pointer for change in found.changes} == {"/pages", "/*/pages"}

    def test_nothing_is_changed_by_comparing(self, tmp_path):
        """The same two contracts can be compared again, and the other way round."""
        old, new = (
            loaded(tmp_path, "a.json", LENDING),
            loaded(tmp_path, "b.json", edited(LENDING, {ADD: ...})),
        )
        first = compare(old, new).changes
        assert {change.rule for change in compare(new, old).changes} == {"operation-added"}
        assert compare(old, new).changes == first
