from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.contract.load import load
from mockserver.contract.locate import Located
from mockserver.contract.model import Contract
from mockserver.contract.reading import MOST_FAULTS, Faults
from mockserver.contract.sources import parse
from mockserver.errors import SpecError
from mockserver.exchange import Place, Request
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.pipeline import Host
from mockserver.verify.offline import check

HEAD = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"


def served(folder: Path, text: str) -> Host:
    """Serve the YAML *text*."""
    file = folder / "a.yaml"
    file.write_text(text if text.startswith(("openapi", "swagger")) else HEAD + text)
    return build_host([Located("a", file)], journal=Journal(10), stateless=True)


def answer(host: Host, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]:
    """Ask, as JSON."""
    path, _, query = target.partition("?")
    response = host.handle(Request(method, path, query, (("content-type", "application/json"),), body))
    return response.status, response.body


def faults(host: Host) -> list[str]:
    """What was found wrong so far: "line: detail"."""
    return [f"{fault.line}: {fault.detail}" for fault in host.apis[0].contract.faults]


OK = (
    "responses: {'200': {description: ok, content: "
    "{application/json: {schema: {type: integer}, example: 7}}}}"
)


class TestOutline:
    def test_unknown_method(self, tmp_path: Path) -> None:
        """A misspelt key of a path is said at the start, with what it should have been."""
        host = served(tmp_path, f"paths:\n  /x:\n    gett: {{{OK}}}\n    post: {{{OK}}}\n")
        assert faults(host) == ["5: there is no 'gett' in a path item. Did you mean 'get'?"]
        assert answer(host, "POST", "/x")[0] == 200

    def test_capital_method(self, tmp_path: Path) -> None:
        """It is clear what is meant, so it is served."""
        host = served(tmp_path, f"paths:\n  /x:\n    GET: {{{OK}}}\n")
        assert answer(host, "GET", "/x") == (200, b"7")
        assert len(faults(host)) == 1

    def test_path_without_slash(self, tmp_path: Path) -> None:
        """Paths begin with a slash (Paths Object); one that does not is served as if it did."""
        host = served(tmp_path, f"paths:\n  x/y:\n    get: {{{OK}}}\n")
        assert answer(host, "GET", "/x/y") == (200, b"7")
        assert faults(host) == ["4: a path begins with '/'; it is served as '/x/y'"]

    def test_duplicate_operation_ids(self, tmp_path: Path) -> None:
        """The second is known by method and path; both answer."""
        host = served(
            tmp_path,
            f"paths:\n  /x:\n    get: {{operationId: a, {OK}}}\n  /y:\n    get: {{operationId: a, {OK}}}\n",
        )
        assert [route.id for route in host.apis[0].contract.routes] == ["a", "GET /y"]
        assert answer(host, "GET", "/y") == (200, b"7")
        assert faults(host) == ["7: the operationId 'a' is taken already; it is known as 'GET /y'"]

    def test_every_id_is_one_operation(self, tmp_path: Path) -> None:
        """An operationId may read like what another operation is known by."""
        host = served(
            tmp_path, f"paths:\n  /x:\n    post: {{operationId: GET /y, {OK}}}\n  /y:\n    get: {{{OK}}}\n"
        )
        assert [route.id for route in host.apis[0].contract.routes] == ["GET /y", "GET /y'"]

    @pytest.mark.parametrize("size", [0, 200_000])
    def test_a_path_that_stands_twice(self, tmp_path: Path, size: int) -> None:
        """Operations would be lost without a word; a document that is kept parsed says so each time."""
        text = f"paths:\n  /x:\n    get: {{{OK}}}\n  /x:\n    post: {{{OK}}}\n# {'x' * size}\n"
        for _ in range(2):
            host = served(tmp_path, text)
            assert faults(host) == ["6: '/x' stands twice in one mapping; the later one counts"]
            assert answer(host, "POST", "/x") == (200, b"7")

    @pytest.mark.parametrize("item", ["[]", "text", "{$ref: '#/components/pathItems/Nope'}", "{get: 5}"])
    def test_broken_item(self, tmp_path: Path, item: str) -> None:
        """A path that is none is left out; the others are served."""
        host = served(tmp_path, f"paths:\n  /x: {item}\n  /y:\n    get: {{{OK}}}\n")
        assert answer(host, "GET", "/y") == (200, b"7")
        assert answer(host, "GET", "/x")[0] == 404
        assert [fault.partition(":")[0] for fault in faults(host)] == ["4"]

    def test_empty_operation(self, tmp_path: Path) -> None:
        """`get:` with nothing below it is an operation that promises nothing."""
        host = served(tmp_path, "paths:\n  /x:\n    get:\n")
        assert answer(host, "GET", "/x") == (200, b"")

    def test_paths_in_another_file(self, tmp_path: Path) -> None:
        """OpenAPI has no `$ref` for all paths; authors have."""
        (tmp_path / "paths.yaml").write_text(f"/x:\n  get: {{{OK}}}\n")
        host = served(tmp_path, "paths: {$ref: paths.yaml}\n")
        assert answer(host, "GET", "/x") == (200, b"7")
        assert host.apis[0].contract.routes[0].place == Place(str(tmp_path / "paths.yaml"), "/~1x/get")

    def test_operation_in_another_file(self, tmp_path: Path) -> None:
        """Nor has it one for an operation; its path item is still the one that refers to it."""
        (tmp_path / "get.yaml").write_text(f"{OK}\n")
        path = "parameters: [{name: id, in: path, required: true, schema: {type: integer}}]"
        host = served(tmp_path, f"paths: {{'/x/{{id}}': {{{path}, get: {{$ref: get.yaml}}}}}}\n")
        assert answer(host, "GET", "/x/1") == (200, b"7")
        assert answer(host, "GET", "/x/y")[0] == 422

    def test_siblings_of_a_path_reference(self, tmp_path: Path) -> None:
        """What stands beside the `$ref` of a path item is served too."""
        (tmp_path / "item.yaml").write_text(f"get: {{{OK}}}\npost: {{{OK}}}\n")
        host = served(tmp_path, f"paths: {{/x: {{$ref: item.yaml, delete: {{{OK}}}}}}}\n")
        assert sorted(route.method for route in host.apis[0].contract.routes) == ["DELETE", "GET", "POST"]

    def test_servers(self, tmp_path: Path) -> None:
        """A server that is none is left out."""
        host = served(tmp_path, f"servers: [5, {{url: /v1}}]\npaths:\n  /x:\n    get: {{{OK}}}\n")
        assert host.apis[0].contract.bases == ("/v1",)
        assert len(faults(host)) == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ("{}", 1, "there is no 'openapi' at its top"),
            ("opanapi: 3.0.3\npaths: {}", 1, "did you mean 'openapi'?"),
            ("[]", 1, "it is a list"),
            ("", 1, "it is empty"),
            ("hello", 1, "it is text"),
            ("info: {}\nopenapi: 4.0.0", 2, "'4.0.0' is not served"),
            ("swagger: '1.2'", 1, "'1.2' is not served; 2.0 is"),
            ("openapi: 3.0.0\npaths: {}", 2, "no operation to serve"),
            ("openapi: 3.0.0\npath: {/x: {get: {}}}", 1, "did you mean 'paths'?"),
            ("openapi: 3.0.0\npaths: [1]", 2, "no operation to serve: paths must be an object"),
            (
                "openapi: 3.0.0\npaths:\n  /x:\n\tget: {}",
                4,
                "there is a tab, where YAML is indented with spaces",
            ),
            ("openapi: 3.0.0\npaths:\n  /x: {get: {}\n  /y: 1", 4, "not YAML"),
            ('{"openapi": "3.0.0",\n "paths": {"/x": ]}', 2, "not JSON"),
        ],
    )
    def test_nothing_to_serve(self, tmp_path: Path, text: str, line: int, said: str) -> None:
        """What cannot be served at all is one error with its line."""
        file = tmp_path / ("a.json" if text.startswith("{") else "a.yaml")
        file.write_text(text)
        with pytest.raises(SpecError) as caught:
            load(file)
        assert caught.value.line == line
        assert said in caught.value.detail
        assert "\n" not in str(caught.value)

    def test_a_version_of_tomorrow(self, tmp_path: Path) -> None:
        """A minor version adds and does not break: it is read as the newest that is known."""
        host = served(tmp_path, f"openapi: 3.9.0\npaths:\n  /x:\n    get: {{{OK}}}\n")
        assert answer(host, "GET", "/x") == (200, b"7")
        assert faults(host) == ["1: OpenAPI '3.9.0' is not known; it is read as 3.2"]

    def test_a_version_without_quotes(self, tmp_path: Path) -> None:
        """`openapi: 3.1` is a number in YAML."""
        host = served(tmp_path, f"openapi: 3.1\npaths:\n  /x:\n    get: {{{OK}}}\n")
        assert host.apis[0].contract.openapi == "3.1"


class TestOperations:
    @pytest.mark.parametrize(
        ("parameter", "said"),
        [
            ("{in: query, schema: {type: string}}", "a parameter needs a name; it is left out"),
            ("{name: a, schema: {type: string}}", "does not say what it is in"),
            ("{name: a, in: qury}", "Did you mean 'query'?"),
            ("{$ref: '#/components/parameters/Limt'}", "Did you mean '#/components/parameters/Limit'?"),
            ("text", "a parameter must be an object"),
            ("{name: q, in: path, required: true}", "there is no {q} in /x"),
            ("{name: a, in: query, style: formm, schema: {}}", "Did you mean 'form'?"),
            ("{name: a, in: query, type: integer}", "typed as in Swagger 2.0"),
        ],
    )
    def test_parameters(self, tmp_path: Path, parameter: str, said: str) -> None:
        """A parameter that cannot be understood is none; the operation answers."""
        host = served(
            tmp_path,
            f"paths:\n  /x:\n    get:\n      parameters:\n        - {parameter}\n      {OK}\n"
            "components: {parameters: {Limit: {name: limit, in: query, schema: {type: integer}}}}\n",
        )
        assert answer(host, "GET", "/x") == (200, b"7")
        (fault,) = faults(host)
        assert fault.startswith("7: ")
        assert said in fault

    def test_a_parameter_typed_as_in_2_0(self, tmp_path: Path) -> None:
        """What its author asks for is clear, so it is asked for."""
        host = served(
            tmp_path,
            "paths: {/x: {get: {parameters: [{name: a, in: query, type: integer, maximum: 3}], " + OK + "}}}",
        )
        assert answer(host, "GET", "/x?a=3")[0] == 200
        assert answer(host, "GET", "/x?a=4")[0] == 422

    def test_variables_of_the_path(self, tmp_path: Path) -> None:
        """One that nobody describes takes any text; one that is in no path cannot be asked for."""
        host = served(
            tmp_path,
            "paths:\n  /x/{petId}:\n    get:\n      parameters:\n"
            f"        - {{name: petID, in: path, required: true, schema: {{type: integer}}}}\n      {OK}\n",
        )
        assert answer(host, "GET", "/x/abc") == (200, b"7")
        assert faults(host) == [
            "5: the path parameter 'petId' is not described; any text is taken",
            "7: there is no {petID} in /x/{petId}; the parameter is left out. Did you mean 'petId'?",
        ]

    @pytest.mark.parametrize(
        ("responses", "status"),
        [
            ("", 200),
            ("responses: {}", 200),
            ("responses: [1]", 200),
            ("responses: {'201': {$ref: '#/components/responses/Nope'}}", 201),
            ("responses: {'201': text}", 201),
            ("responses: {'201': {description: ok, content: [1]}}", 201),
            ("responses: {'20O': {description: ok}, '202': {description: ok}}", 202),
            ("responses: {2xx: {description: ok}}", 200),
            ("responses: {201: {description: ok, headers: {X-A: {$ref: '#/nope'}}}}", 201),
            ("responses: {201: {description: ok, links: {a: {$ref: '#/nope'}}}}", 201),
        ],
    )
    def test_responses(self, tmp_path: Path, responses: str, status: int) -> None:
        """A response that is broken is one without content; where none is left, it is a bare 200."""
        host = served(tmp_path, f"paths:\n  /x:\n    get:\n      summary: s\n      {responses}\n")
        assert answer(host, "GET", "/x") == (status, b"")
        assert len(faults(host)) == (0 if "2xx" in responses else 1)

    def test_a_media_type_without_a_slash(self, tmp_path: Path) -> None:
        """It is said what it is read as: an answer without its body would be a riddle."""
        content = "content: {json: {schema: {type: string}, example: seen}}"
        host = served(
            tmp_path, f"paths: {{/x: {{get: {{responses: {{201: {{description: ok, {content}}}}}}}}}}}\n"
        )
        assert answer(host, "GET", "/x") == (201, b'"seen"')
        (said,) = faults(host)
        assert said.endswith("'json' is no media type; it is read as 'application/json'")

    def test_no_responses_in_3_1(self, tmp_path: Path) -> None:
        """OpenAPI 3.1 does not require them."""
        host = served(tmp_path, "openapi: 3.1.0\npaths: {/x: {get: {summary: s}}}\n")
        assert answer(host, "GET", "/x") == (200, b"")
        assert faults(host) == []

    def test_body(self, tmp_path: Path) -> None:
        """A body whose description is lost may be anything."""
        host = served(tmp_path, f"paths: {{/x: {{post: {{requestBody: {{$ref: '#/nope'}}, {OK}}}}}}}\n")
        assert answer(host, "POST", "/x", b'{"a": 1}') == (200, b"7")
        assert len(faults(host)) == 1

    def test_security(self, tmp_path: Path) -> None:
        """Nobody is asked for a credential of which nothing is known."""
        host = served(
            tmp_path,
            f"paths:\n  /x:\n    get:\n      security: [{{kee: []}}, 5]\n      {OK}\n"
            "components: {securitySchemes: {key: {type: apiKey, in: header, name: X}}}\n",
        )
        assert answer(host, "GET", "/x") == (200, b"7")
        said = faults(host)
        assert said[0] == "6: there is no security scheme 'kee'; nobody is asked for it. Did you mean 'key'?"
        assert len(said) == 2


class TestMisspelt:
    @pytest.mark.parametrize(
        ("operation", "said"),
        [
            (
                f"requestbody: {{}}\n      {OK}",
                "no 'requestbody' in an operation. Did you mean 'requestBody'?",
            ),
            (
                f"paramters: []\n      {OK}",
                "no 'paramters' in an operation. Did you mean 'parameters'?",
            ),
            (
                f"parameters: [{{name: a, in: query, requird: true, schema: {{}}}}]\n      {OK}",
                "there is no 'requird' in a parameter. Did you mean 'required'?",
            ),
            (
                "responses: {'200': {descripton: ok}}",
                "there is no 'descripton' in a response. Did you mean 'description'?",
            ),
            (
                "responses: {'200': {description: ok, content: {application/json: {shema: {}}}}}",
                "there is no 'shema' in a media type. Did you mean 'schema'?",
            ),
            (
                "responses: {'200': {description: ok, content: {aplication/json: {}}}}",
                "no media type begins as 'aplication/json' does. Did you mean 'application/json'?",
            ),
            (
                f"parameters: [{{name: a, in: query}}, {{name: a, in: query}}]\n      {OK}",
                "the query parameter 'a' stands twice; the later one counts",
            ),
        ],
    )
    def test_is_said(self, tmp_path: Path, operation: str, said: str) -> None:
        """A word that nobody reads is what the author meant, and is not there: its neighbour is named."""
        host = served(tmp_path, f"paths:\n  /x:\n    get:\n      {operation}\n")
        answer(host, "GET", "/x")
        assert any(fault.endswith(said) for fault in faults(host))

    def test_words_of_other_tools(self, tmp_path: Path) -> None:
        """What looks like no word of OpenAPI is somebody else's, and left alone."""
        host = served(
            tmp_path, f"paths:\n  /x:\n    get:\n      owner: me\n      x-respones: 1\n      {OK}\n"
        )
        assert answer(host, "GET", "/x") == (200, b"7")
        assert faults(host) == []

    def test_yes_for_true(self, tmp_path: Path) -> None:
        """YAML 1.1 took "yes" for true, and people wrote it: it is taken for what they meant, and said."""
        host = served(
            tmp_path,
            "paths:\n  /x:\n    get:\n      parameters: [{name: a, in: query, required: yes, schema: {}}]\n"
            f"      {OK}\n",
        )
        assert answer(host, "GET", "/x")[0] == 422
        assert faults(host) == ["6: required must be true or false, found 'yes'; read as true"]

    def test_an_answer_as_in_2_0(self, tmp_path: Path) -> None:
        """A schema right in a response is one of Swagger 2.0: it is served, and said."""
        host = served(
            tmp_path, "paths: {/x: {get: {responses: {'200': {description: ok, schema: {const: 7}}}}}}"
        )
        assert answer(host, "GET", "/x") == (200, b"7")
        assert faults(host) == ["3: the schema stands as in Swagger 2.0; it belongs under content"]

    def test_a_name_twice_in_a_path(self, tmp_path: Path) -> None:
        """One of the two is a slip."""
        host = served(tmp_path, f"paths:\n  /a/{{id}}/{{id}}:\n    get:\n      {OK}\n")
        answer(host, "GET", "/a/1/2")
        assert "5: {id} stands twice in /a/{id}/{id}" in faults(host)

    def test_backslashes(self, tmp_path: Path) -> None:
        """A path of Windows leads to its file all the same."""
        (tmp_path / "s").mkdir()
        (tmp_path / "s" / "x.yaml").write_text("const: 7")
        host = served(
            tmp_path,
            "paths: {/x: {get: {responses: {'200': {description: ok, content: {application/json: "
            "{schema: {$ref: 's\\x.yaml'}}}}}}}}",
        )
        assert answer(host, "GET", "/x") == (200, b"7")
        assert faults(host) == ["3: $ref 's\\\\x.yaml' is read with '/' for each '\\', as URLs are written"]

    @pytest.mark.parametrize(
        ("schema", "said"),
        [
            ("{type: string, enum: [a, 5]}", "5 of the enum is no string; nothing is ever that value"),
            ("{type: integer, default: x}", 'the default breaks its own schema: "x" is not of type integer.'),
            (
                "{type: object, properties: {default: {enum: [a, b], default: c}}}",
                'the default breaks its own schema: "c" is not one of "a" or "b".',
            ),
        ],
    )
    def test_values_that_nothing_is(self, tmp_path: Path, schema: str, said: str) -> None:
        """`check` holds what a schema lists, and what it falls back to, against the schema itself."""
        served(tmp_path, f"paths: {{/x: {{get: {{{OK}}}}}}}\ncomponents:\n  schemas:\n    A: {schema}\n")
        (finding,) = check([Located("a", tmp_path / "a.yaml")])
        assert (finding.line, finding.detail) == (6, said)

    def test_values_that_are_fine(self, tmp_path: Path) -> None:
        """Whole numbers are integers, null is nullable, and a property may be called default."""
        schema = (
            "{properties: {default: {type: string}, a: {type: integer, enum: [1.0, 2], default: 2}, "
            "b: {type: string, nullable: true, enum: [x, null], default: null}}, default: {a: 1}}"
        )
        served(tmp_path, f"paths: {{/x: {{get: {{{OK}}}}}}}\ncomponents:\n  schemas:\n    A: {schema}\n")
        assert check([Located("a", tmp_path / "a.yaml")]) == []


class TestSchemas:
    @pytest.mark.parametrize(
        ("schema", "value", "said"),
        [
            ("{type: any}", "[]", "there is no type 'any'; anything is taken"),
            ("{type: Integer}", "5", "there is no type 'Integer'; read as integer"),
            ("{type: int}", "5", "read as integer"),
            ("{type: []}", "5", "there is no type []"),
            ("{type: integer, required: true}", "5", "required: True means nothing here"),
            ("{type: integer, minimum: '5'}", "5", "minimum: '5' means nothing here"),
            ("{type: integer, enum: 5}", "5", "enum: 5 means nothing here"),
            ("{type: array}", "[]", ""),
            ("{type: array, items: [{type: integer}]}", "[1]", "read as prefixItems"),
            ("{type: array, items: 5}", "[1]", "a schema must be an object, found 5"),
            ("{$ref: '#/components/schemas/Pat'}", "[1]", "Did you mean '#/components/schemas/Pet'?"),
            ("{$ref: 5}", "[1]", "$ref must be text"),
            ("{oneOf: [{$ref: '#/components/schemas/Pat'}, {type: integer}]}", "1", "points nowhere"),
            ("{not: {$ref: '#/components/schemas/Pat'}}", "1", "points nowhere"),
            ("{allOf: [{$ref: '#/components/schemas/A'}]}", "1", "without end"),
            ("{$ref: '#/components/schemas/B'}", "1", "without end"),
            ("{type: object, discriminator: {mapping: {}}}", "{}", "a discriminator needs a propertyName"),
            ("{type: string, pattern: '['}", '"x"', ""),
            ("5", "[1]", "a schema must be an object, found 5"),
        ],
    )
    def test_sent_and_answered(self, tmp_path: Path, schema: str, value: str, said: str) -> None:
        """What no validator takes is left out of a schema and said; the rest of it holds."""
        host = served(
            tmp_path,
            "paths:\n  /x:\n    post:\n      requestBody:\n        required: true\n        content:\n"
            f"          application/json:\n            schema: {schema}\n      responses:\n        '200':\n"
            f"          description: ok\n          content: {{application/json: {{schema: {schema}}}}}\n"
            "components:\n  schemas:\n    Pet: {type: object}\n"
            "    A: {allOf: [{$ref: '#/components/schemas/A'}]}\n"
            "    B: {$ref: '#/components/schemas/C'}\n    C: {$ref: '#/components/schemas/B'}\n",
        )
        status, body = answer(host, "POST", "/x", value.encode())
        assert status == 200, body
        found = faults(host)
        assert bool(found) == bool(said)
        assert not said or any(said in fault for fault in found)

    def test_an_unknown_type_among_known(self, tmp_path: Path) -> None:
        """One part of a schema that is lost does not loosen the others."""
        host = served(
            tmp_path,
            "paths: {/x: {get: {parameters: [{name: a, in: query, schema: {type: intger, maximum: 3}}]}}}",
        )
        assert answer(host, "GET", "/x?a=x")[0] == 200
        assert any("Did you mean 'integer'?" in fault for fault in faults(host))


class TestExamples:
    @pytest.mark.parametrize(
        ("examples", "said"),
        [
            ("example: '{\"a\": 1}'", "the example is JSON written as text"),
            ("examples: [{a: 1}]", "examples must be an object"),
            ("examples: {one: {a: 1}}", "is the value itself; it belongs under 'value'"),
            ("examples: {bad: {$ref: '#/nope'}, good: {value: {a: 1}}}", "points nowhere"),
        ],
    )
    def test_what_is_meant_is_served(self, tmp_path: Path, examples: str, said: str) -> None:
        """Authors write examples in many ways."""
        host = served(
            tmp_path,
            "paths:\n  /x:\n    get:\n      responses:\n        '200':\n          description: ok\n"
            "          content:\n            application/json:\n"
            f"              schema: {{type: object, required: [a]}}\n              {examples}\n",
        )
        assert answer(host, "GET", "/x") == (200, b'{"a":1}')
        (fault,) = faults(host)
        assert said in fault

    @pytest.mark.parametrize(
        ("value", "served_as"),
        [
            ("{$ref: '#/components/examples/Ann/value'}", {"a": "Ann"}),
            ("{$ref: '#/components/examples/Ann'}", {"a": "Ann"}),
            (
                "{a: {$ref: '#/components/examples/Ann/value/a'}, b: [{$ref: '#/info/title'}]}",
                {"a": "Ann", "b": ["T"]},
            ),
            ("{a: {$ref: '#/nowhere'}}", {"a": {"$ref": "#/nowhere"}}),
            ("{a: {$ref: things, $id: 1}}", {"a": {"$ref": "things", "$id": 1}}),
        ],
    )
    def test_a_reference_in_a_value(self, tmp_path: Path, value: str, served_as: Any) -> None:
        """Many tools follow it, so authors write it; what names nothing of the document is data."""
        host = served(
            tmp_path,
            "components: {examples: {Ann: {value: {a: Ann}}}}\n"
            "paths: {/x: {get: {responses: {'200': {description: ok, content: {application/json: "
            f"{{schema: {{type: object, required: [a]}}, example: {value}}}}}}}}}}}}}}}",
        )
        status, body = answer(host, "GET", "/x")
        assert (status, json.loads(body)) == (200, served_as)

    def test_references_in_values_that_grow_without_end(self, tmp_path: Path) -> None:
        """Ten that name ten that name ten …: what is read ends, and the answer comes."""
        refs = [", ".join([f"{{$ref: '#/components/examples/e{n + 1}'}}"] * 10) for n in range(12)]
        ones = ", ".join(f"e{n}: {{value: [{ten}]}}" for n, ten in enumerate(refs))
        host = served(
            tmp_path,
            f"components: {{examples: {{{ones}, e12: {{value: [1]}}}}}}\n"
            "paths: {/x: {get: {responses: {'200': {description: ok, content: {application/json: "
            "{schema: {type: array}, example: {$ref: '#/components/examples/e0'}}}}}}}}",
        )
        status, body = answer(host, "GET", "/x")
        assert status == 200
        assert len(body) < 1_000_000

    def test_text_that_may_be_text(self, tmp_path: Path) -> None:
        """Where the schema takes text, text that looks like JSON is text."""
        host = served(
            tmp_path,
            "paths: {/x: {get: {responses: {'200': {description: ok, content: {application/json: "
            "{schema: {type: string}, example: '[1]'}}}}}}}",
        )
        assert answer(host, "GET", "/x") == (200, b'"[1]"')


class TestFaults:
    def test_check_finds_what_arises_later(self, tmp_path: Path) -> None:
        """`check` builds everything, and then asks what was found."""
        served(tmp_path, f"paths:\n  /x:\n    get:\n      parameters: [{{name: a}}]\n      {OK}\n")
        (finding,) = check([Located("a", tmp_path / "a.yaml")])
        assert (finding.line, finding.pointer) == (6, "/paths/~1x/get/parameters/0")

    def test_check_looks_at_what_no_answer_needs(self, tmp_path: Path) -> None:
        """Serving translates what values come to; `check` says also what is wrong three optional steps on."""
        served(
            tmp_path,
            f"paths:\n  /x:\n    get:\n      {OK}\n    put:\n      {OK}\n"
            "      requestBody: {content: {application/json: {schema: {$ref: 'other.yaml#/A'}}}}\n",
        )
        (tmp_path / "other.yaml").write_text(
            "A: {properties: {b: {$ref: '#/B'}}}\nB: {properties: {c: {$ref: '#/C'}}}\nC: {type: strin}\n"
        )
        (finding,) = check([Located("a", tmp_path / "a.yaml")])
        assert (Path(finding.file).name, finding.line, finding.pointer) == ("other.yaml", 3, "/C/type")

    def test_each_once(self) -> None:
        """An operation that is built twice, or a schema for two directions, is wrong once."""
        found = Faults(lambda _: 3)
        for _ in range(2):
            found.add(Place("a", "/x"), "wrong")
        assert [str(fault) for fault in found] == ["a:3: /x: wrong"]
        assert (found[0].line, len(found[:1])) == (3, 1)

    def test_not_without_end(self) -> None:
        """A document of a million faults must not fill the memory."""
        found = Faults(lambda _: 0)
        for number in range(MOST_FAULTS + 1):
            found.add(Place("a", f"/{number}"), "wrong")
        assert len(found) == MOST_FAULTS


DOCUMENT = """
openapi: 3.1.0
info: {title: T, version: '1'}
servers: [{url: 'https://{host}/v1', variables: {host: {default: a, enum: [a, b]}}}]
security: [{key: []}]
tags: [{name: t}]
paths:
  /pets:
    parameters: [{$ref: '#/components/parameters/Limit'}]
    get:
      operationId: list
      tags: [t]
      parameters:
        - {name: filter, in: query, style: deepObject, explode: true, schema: {type: object, properties: {a: {type: integer}}}}
        - {name: ids, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: integer}}}
        - {name: X-Trace, in: header, schema: {type: string, format: uuid}}
        - {name: q, in: query, content: {application/json: {schema: {type: object}}}}
      responses:
        '200':
          description: ok
          headers: {X-Total: {schema: {type: integer, minimum: 0}}}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}
              examples: {one: {value: [{kind: cat, name: Tom}]}, two: {$ref: '#/components/examples/Two'}}
          links: {read: {operationId: read}}
        4XX: {$ref: '#/components/responses/Problem'}
    post:
      operationId: create
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Pet'}}
          multipart/form-data:
            schema: {type: object, properties: {file: {type: string, format: binary}, pet: {$ref: '#/components/schemas/Pet'}}}
            encoding: {pet: {contentType: application/json, headers: {X-A: {schema: {type: string}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
      callbacks: {done: {'{$request.body#/url}': {post: {responses: {'200': {description: ok}}}}}}
  /pets/{id}:
    get:
      operationId: read
      security: []
      parameters: [{name: id, in: path, required: true, schema: {type: integer, format: int64}}]
      responses:
        '200': {description: ok, content: {application/xml: {schema: {$ref: '#/components/schemas/Tree'}}}}
        default: {$ref: '#/components/responses/Problem'}
webhooks: {new: {post: {requestBody: {content: {application/json: {schema: {type: string}}}}, responses: {'200': {description: ok}}}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, user: {type: http, scheme: basic}}
  parameters: {Limit: {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 9, default: 5}}}
  examples: {Two: {summary: two, value: []}}
  responses: {Problem: {description: no, content: {application/problem+json: {schema: {type: object, properties: {detail: {type: string}}}}}}}
  schemas:
    Pet:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: Dog}}
    Base: {type: object, required: [kind, name], properties: {kind: {type: string}, name: {type: string, pattern: '^[A-Z]', maxLength: 9}}}
    Cat: {allOf: [{$ref: '#/components/schemas/Base'}, {properties: {kind: {const: cat}, lives: {type: integer, readOnly: true}}}]}
    Dog: {allOf: [{$ref: '#/components/schemas/Base'}], properties: {kind: {const: dog}, tags: {type: array, uniqueItems: true, items: {enum: [a, b]}}}}
    Tree: {type: object, xml: {name: tree}, properties: {value: {type: [number, 'null'], multipleOf: 0.5}, next: {$ref: '#/components/schemas/Tree'}}}
    Page: {$id: page, $defs: {item: {$dynamicAnchor: item}}, properties: {items: {items: {$dynamicRef: '#item'}}}}
"""  # noqa: E501

WRONG: list[Any] = [
    *(None, True, False, 0, -1, 3.5, 10**30, "", "x", "#", "#/nowhere", "other.yaml#/a", "[a", "{}"),
    *([], {}, [1], ["x"], [None], {"a": 1}, {"x": None}, {"type": "any"}, {"not": {}}, {"properties": []}),
    *({"$ref": "#/nope"}, {"$ref": 5}, {"$ref": "#"}, {"type": ["string"]}),
]
WORDS = [
    *("$ref", "$id", "$anchor", "$dynamicRef", "type", "schema", "in", "name", "style", "content", "format"),
    *("allOf", "oneOf", "not", "required", "properties", "items", "enum", "const", "pattern", "minLength"),
    *("discriminator", "readOnly", "example", "examples", "default", "security", "parameters", "200", "get"),
]


def _nodes(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    found: list[tuple[tuple[Any, ...], Any]] = []
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        found.append((path, key))
        found += _nodes(node[key], (*path, key))
    return found


@st.composite
def wrong(draw: st.DrawFn) -> Any:
    """The document above with something taken away, exchanged or added."""
    document = copy.deepcopy(parse(DOCUMENT, ""))
    for _ in range(draw(st.integers(1, 4))):
        path, key = draw(st.sampled_from(_nodes(document)))
        holder = document
        for step in path:
            holder = holder[step]
        change = draw(st.sampled_from(("delete", "replace", "add")))
        if change == "delete":
            del holder[key]
        elif change == "replace" or isinstance(holder, list):
            holder[key] = copy.deepcopy(draw(st.sampled_from(WRONG)))
        else:
            holder[draw(st.sampled_from(WORDS))] = copy.deepcopy(draw(st.sampled_from(WRONG)))
    return document


class TestAnythingAtAll:
    def test_the_document_is_good(self, tmp_path: Path) -> None:
        """What is broken below is whole here."""
        (tmp_path / "a.yaml").write_text(DOCUMENT)
        assert check([Located("a", tmp_path / "a.yaml")]) == []

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(wrong())
    def test_is_refused_or_served(self, tmp_path: Path, document: Any) -> None:
        """
        A document either cannot be served, and that is said, or every operation of it answers.

        A 500 says that nothing fits the schema, never that the mock failed.
        """
        file = tmp_path / "a.json"
        file.write_text(json.dumps(document))
        try:
            host = build_host([Located("a", file)], journal=Journal(1))
        except SpecError:
            return
        contract: Contract = host.apis[0].contract
        for route in contract.routes:
            target = host.sample(contract.operations[route.id])
            for body in (b"", b'{"kind": "cat", "name": "Tom"}'):
                for wishes in ("validate=off", "seed=1"):
                    path, _, query = target.partition("?")
                    fields = (("prefer", wishes), ("content-type", "application/json"), ("x-key", "k"))
                    response = host.handle(Request(route.method, path, query, fields, body))
                    assert b"Please report it" not in response.body
        assert all(map(str, contract.faults))


class TestForms:
    @pytest.mark.parametrize("media", ["multipart/form-data", "application/x-www-form-urlencoded"])
    def test_that_is_called_a_text(self, tmp_path: Path, media: str) -> None:
        """A form whose schema is a text, as one file often is described, can be sent all the same."""
        host = served(
            tmp_path,
            f"paths: {{/x: {{post: {{{OK}, requestBody: {{required: true, content: "
            f"{{{media}: {{schema: {{type: string}}}}}}}}}}}}}}\n",
        )
        body = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'
        fields = (("content-type", media + "; boundary=b"),)
        assert host.handle(Request("POST", "/x", "", fields, body)).status == 200
        assert host.handle(Request("POST", "/x")).status == 422

    def test_json_that_is_called_text(self, tmp_path: Path) -> None:
        """What is sent as text/plain and described as an object is read as JSON."""
        host = served(
            tmp_path,
            f"paths: {{/x: {{post: {{{OK}, requestBody: {{content: "
            "{text/plain: {schema: {type: object, required: [a]}}}}}}}\n",
        )
        fields = (("content-type", "text/plain"),)
        assert host.handle(Request("POST", "/x", "", fields, b'{"a": 1}')).status == 200
        assert host.handle(Request("POST", "/x", "", fields, b"{}")).status == 422


class TestCredentials:
    def test_described_twice(self, tmp_path: Path) -> None:
        """A key that is a parameter and a credential may be sent twice, once for each."""
        host = served(
            tmp_path,
            "components: {securitySchemes: {k: {type: apiKey, in: query, name: key}}}\nsecurity: [{k: []}]\n"
            "paths:\n  /x:\n    get:\n      parameters:\n"
            "        - {name: key, in: query, required: true, schema: {type: string}}\n"
            "        - {name: other, in: query, schema: {type: string}}\n"
            f"      {OK}\n",
        )
        assert answer(host, "GET", "/x?key=1&key=2")[0] == 200
        assert answer(host, "GET", "/x?key=1&other=1&other=2")[0] == 422


class TestAnswers:
    def test_fields_by_which_http_tells_messages_apart(self, tmp_path: Path) -> None:
        """Recorded documents list them: made up they break the connection, and browsers cannot send them."""
        host = served(
            tmp_path,
            "paths:\n  /x:\n    get:\n      parameters:\n"
            "        - {name: Host, in: header, required: true, schema: {enum: [api.example.com]}}\n"
            "        - {name: Connection, in: header, required: true, schema: {type: string}}\n"
            "      responses:\n        '200':\n          description: ok\n          headers:\n"
            + "".join(
                f"            {name}: {{required: true, schema: {{type: string}}, example: {value}}}\n"
                for name, value in (
                    ("Transfer-Encoding", "chunked"),
                    ("Content-Encoding", "gzip"),
                    ("Content-Length", "7"),
                    ("Connection", "close"),
                    ("Keep-Alive", "timeout=5"),
                    ("Date", "yesterday"),
                    ("X-Kept", "yes"),
                )
            )
            + "          content: {application/json: {schema: {type: object}, example: {a: 1}}}\n",
        )
        response = host.handle(Request("GET", "/x", "", (("host", "127.0.0.1:4010"),)))
        assert response.status == 200
        said = {name.lower(): value for name, value in response.headers if not name.startswith("Mock-")}
        assert said == {"content-type": "application/json", "x-kept": "yes"}

    def test_a_header_whose_example_is_wrong(self, tmp_path: Path) -> None:
        """An example that breaks its own schema is not sent: a value is made."""
        host = served(
            tmp_path,
            "paths: {/x: {get: {responses: {'200': {description: ok, headers: "
            "{X-Left: {schema: {type: integer}, example: many}}}}}}}\n",
        )
        response = host.handle(Request("GET", "/x"))
        assert response.status == 200
        assert dict(response.headers)["X-Left"].isdigit()

    def test_the_media_type_with_and_without_a_charset(self, tmp_path: Path) -> None:
        """What is answered under one of two names that mean the same is held to that one's schema."""
        host = served(
            tmp_path,
            "paths: {/x: {get: {responses: {'200': {description: ok, content: {application/json: {example: 1}"
            ", 'application/json; charset=utf-8': {schema: {type: object}}}}}}}}\n",
        )
        assert answer(host, "GET", "/x") == (200, b"1")


@pytest.mark.parametrize(
    "media",
    ["*/*", "application/*", "text/*", "image/*", "audio/*", "video/*", "font/*", "model/*", "chemical/*"],
)
def test_an_answer_in_a_range(tmp_path: Path, media: str) -> None:
    """A range is answered by a member of it: another type would break the contract."""
    host = served(
        tmp_path,
        "paths: {/x: {get: {responses: {'200': {description: ok, content: "
        f"{{'{media}': {{schema: {{type: string, format: binary}}}}}}}}}}}}}}}}",
    )
    response = host.handle(Request("GET", "/x"))
    assert response.status == 200
    assert (
        media.startswith("*") or response.header("content-type").partition("/")[0] == media.partition("/")[0]
    )


def test_content_where_there_can_be_none(tmp_path: Path) -> None:
    """A 205 never has content (RFC 9110, 15.3.6), whatever a document says of it."""
    host = served(
        tmp_path,
        "paths: {/x: {put: {responses: {'205': {description: ok, content: "
        "{application/json: {schema: {type: object, required: [a]}, example: {a: 1}}}}}}}}",
    )
    response = host.handle(Request("PUT", "/x"))
    assert (response.status, response.body) == (205, b"")
