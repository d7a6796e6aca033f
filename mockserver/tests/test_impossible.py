"""
What no value fits is said: when it is loaded, when it is checked, and when it is asked for all the same.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from mockserver.contract.load import load
from mockserver.contract.locate import Located, locate
from mockserver.generation import Generator
from mockserver.generation.proof import Prover
from mockserver.server.impossible import Impossible
from mockserver.tests.client import Server
from mockserver.tests.test_generation_schemas import SCHEMAS, SETTINGS
from mockserver.validation.values import RawValidator
from mockserver.verify.offline import check

CLOSED: Any = {"type": "object", "required": ["a"], "properties": {"a": {}}, "additionalProperties": False}
OTHER: Any = {"type": "object", "required": ["b"], "properties": {"b": {}}, "additionalProperties": False}
NODE: Any = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/N"}}}
NESTED: Any = {
    "type": "array",
    "minItems": 1,
    "items": {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/N"}]},
}

IMPOSSIBLE: dict[str, tuple[Any, str]] = {
    "false": (False, "false"),
    "types": ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "type integer and type string"),
    "bounds": ({"type": "integer", "minimum": 3, "maximum": 2}, "minimum 3"),
    "grid": ({"type": "integer", "multipleOf": 10, "minimum": 11, "maximum": 19}, "multiple of 10"),
    "uneven": ({"type": "integer", "not": {"multipleOf": 0.5}}, "multipleOf"),
    "lengths": ({"type": "string", "minLength": 3, "maxLength": 2}, "minLength 3"),
    "pattern and length": ({"type": "string", "pattern": "^a+$", "maxLength": 0}, "'^a+$' and maxLength 0"),
    "patterns": ({"type": "string", "pattern": "^a", "allOf": [{"pattern": "^b"}]}, "'^b'"),
    "literal": ({"type": "string", "pattern": "/^a+$/i"}, "the slashes around '/^a+$/i' are part of it"),
    "lookahead": ({"type": "string", "pattern": "^(?!a)", "allOf": [{"pattern": "^a"}]}, "'^a'"),
    "format and length": ({"type": "string", "format": "uuid", "maxLength": 35}, "format 'uuid'"),
    "format and pattern": ({"type": "string", "format": "ipv4", "pattern": "x$"}, "format 'ipv4'"),
    "enum and const": ({"enum": [1, 2], "const": 3}, "enum and const"),
    "enum and type": ({"enum": ["a"], "type": "null"}, "enum"),
    "closed twice": ({"allOf": [CLOSED, OTHER]}, "required property 'a'"),
    "closed to its own base": (
        {
            "allOf": [{"type": "object", "required": ["a"], "properties": {"a": {}}}],
            "additionalProperties": False,
        },
        "nothing that comes by allOf",
    ),
    "required and false": ({"type": "object", "required": ["x"], "properties": {"x": False}}, "'x'"),
    "deep inside": (
        {
            "type": "object",
            "required": ["x"],
            "properties": {"x": {"type": "array", "minItems": 1, "items": False}},
        },
        "'x' cannot be",
    ),
    "name": ({"type": "object", "required": ["x"], "propertyNames": {"pattern": "^a"}}, "propertyNames"),
    "too few names": (
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False, "minProperties": 2},
        "only 1",
    ),
    "no other names": (
        {
            "type": "object",
            "additionalProperties": {"allOf": [{"type": "string"}, {"type": "null"}]},
            "minProperties": 1,
        },
        "only 0",
    ),
    "items": ({"type": "array", "minItems": 3, "maxItems": 2}, "at least 3 items"),
    "item": ({"type": "array", "minItems": 2, "prefixItems": [{}, {"not": {}}]}, "2 items"),
    "distinct": (
        {"type": "array", "minItems": 3, "uniqueItems": True, "items": {"type": "boolean"}},
        "2 distinct",
    ),
    "contains": ({"type": "array", "contains": {"type": "null"}, "items": {"type": "string"}}, "contains"),
    "contains too much": (
        {"type": "array", "contains": {}, "minContains": 2, "maxContains": 1},
        "maxContains 1",
    ),
    "contains always": ({"type": "array", "contains": {}, "maxContains": 1, "minItems": 2}, "more than 1"),
    "branches": ({"type": "null", "anyOf": [{"type": "string"}, {"type": "integer"}]}, "anyOf"),
    "exactly one": ({"oneOf": [{"type": "string"}, {"type": "string"}]}, "oneOf"),
    "not": ({"not": {}}, "not"),
    "not unique": ({"type": ["string", "object"], "not": {"uniqueItems": True}}, "not"),
    "not unique, but short": ({"type": "array", "maxItems": 1, "not": {"uniqueItems": True}}, "not"),
    "not closed": ({"type": "null", "not": {"unevaluatedProperties": False}}, "type object"),
    "not a date": ({"type": "integer", "not": {"format": "date"}}, "string"),
    "if": ({"type": "string", "if": {"minLength": 0}, "then": {"type": "null"}}, "if"),
    "endless": ({"$ref": "#/$defs/N", "$defs": {"N": NODE}}, "without end"),
    "endless in two": ({"$ref": "#/$defs/N", "$defs": {"N": NESTED, "A": NODE}}, "without end"),
}


class TestProof:
    @pytest.mark.parametrize(("schema", "said"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
    def test_is_found(self, schema: Any, said: str) -> None:
        """What no value fits is shown, with the keywords that exclude each other."""
        dead = Prover().reason(schema)
        assert dead is not None
        assert dead.proved
        assert said in dead.detail

    @settings(SETTINGS, max_examples=300)
    @given(SCHEMAS)
    def test_is_never_wrong(self, schema: Any) -> None:
        """Of a schema that was grown around a value nothing is shown."""
        assert Prover().reason(schema) is None

    def test_what_is_shared_is_looked_at_once(self) -> None:
        """A thousand operations reach the same schemas: what is known of one of these stays known."""
        shared = {"N": NODE, "A": {"type": "string"}}
        prover = Prover()
        for required in ("N", "A", "N"):
            schema: Any = {"required": ["x"], "type": "object", "$defs": shared}
            schema["properties"] = {"x": {"$ref": f"#/$defs/{required}"}}
            assert (prover.reason(schema) is None) == (required == "A")

    def test_optional_parts_are_left_alone(self) -> None:
        """What may be left out keeps nobody from answering."""
        schema: Any = {"type": "object", "properties": {"x": False, "y": {"type": "array", "items": False}}}
        assert Prover().reason(schema) is None
        assert Prover().reason({"type": ["string", "null"], "minLength": 3, "maxLength": 2}) is None


BROKEN_BY_FEW: list[tuple[Any, Any]] = [
    ({"additionalProperties": {"type": "string"}}, {"q": 1}),
    ({"patternProperties": {"^q": {"type": "string"}}}, {"qXY": 1}),
    ({"propertyNames": {"pattern": "^a"}}, {"q": 1}),
    ({"unevaluatedProperties": {"type": "string"}}, {"q": 1}),
    ({"items": {"type": "string"}}, ["a", "a", "a", 1]),
    ({"prefixItems": [True], "items": {"type": "string"}}, ["a", "a", "a", 1]),
    ({"unevaluatedItems": {"type": "string"}}, ["a", "a", "a", 1]),
    ({"uniqueItems": True}, [3, 3]),
    ({"format": "email"}, "q"),
]


class TestNot:
    @pytest.mark.parametrize(("negated", "value"), BROKEN_BY_FEW, ids=str)
    def test_what_few_break_is_not_impossible(self, negated: Any, value: Any) -> None:
        """Ways to break a keyword are tried, not listed: that none of those is left proves nothing."""
        text: Any = {"type": "string"}
        narrow: Any = {
            "not": negated,
            "propertyNames": {"enum": ["q", "qXY"]},
            "prefixItems": [{"enum": ["a", 3]}, {"enum": ["a", 3]}, text],
            "maxLength": 1,
        }
        assert RawValidator(narrow).is_valid(value)
        assert Prover().reason(narrow) is None

    @pytest.mark.parametrize("negated", [each for each, _ in BROKEN_BY_FEW], ids=str)
    def test_is_made(self, negated: Any) -> None:
        """Whatever is negated, something is found that breaks it."""
        accepts = RawValidator({"not": negated}).is_valid
        assert accepts(Generator({"not": negated}, accepts=accepts).value("seed"))


class TestFoundAllTheSame:
    @pytest.mark.parametrize(
        "schema",
        [
            {"contains": True, "minContains": 2, "maxContains": 1},
            {"minItems": 4, "contains": True, "maxContains": 1},
            {
                "prefixItems": [{}, {"type": "integer"}],
                "minItems": 3,
                "type": "array",
                "contains": {"type": "integer"},
                "maxContains": 1,
            },
            {"dependentRequired": {}, "oneOf": [{}, {"enum": [{}]}]},
            {"type": "array", "not": {"enum": [[], [1]]}},
            {
                "type": "object",
                "properties": {"x": {"oneOf": [{"type": "integer"}], "allOf": [{"type": "array"}]}},
                "minProperties": 2,
            },
            {"type": "integer", "minimum": 1, "not": {"enum": list(range(1, 101))}, "maximum": 101},
        ],
        ids=[
            "another type",
            "no list at all",
            "the second item",
            "a larger object",
            "a larger list",
            "other properties",
            "the last number",
        ],
    )
    def test_a_value(self, schema: Any) -> None:
        """What was given up on, and has values: the first thing that comes to mind is not among them."""
        accepts = jsonschema_rs.Draft202012Validator(schema).is_valid
        for seed in "abcde":
            assert accepts(Generator(schema, accepts=accepts).value(seed))


DOCUMENT = """openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /good:
    get:
      operationId: good
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}
  /bad:
    get:
      operationId: bad
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Both"}
    post:
      operationId: send
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [x], properties: {x: false}}}}
      responses: {"204": {description: ok}}
components:
  schemas:
    Both:
      allOf:
        - {type: object, required: [a], properties: {a: {type: string}}, additionalProperties: false}
        - {type: object, required: [b], properties: {b: {type: string}}, additionalProperties: false}
"""
WHERE = ":28: /components/schemas/Both/allOf/1/additionalProperties"
SAID = f"{WHERE}: no answer bad 200 (application/json) can be valid"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The document as a file."""
    file = tmp_path / "both.yaml"
    file.write_text(DOCUMENT)
    return file


class TestSearch:
    def test_piece_by_piece(self, document: Path) -> None:
        """A server goes on where it has stopped, and what is found is told when all was looked at."""
        contract = load(document)
        search = Impossible(contract)
        looks = 0
        while not search.look(0):
            looks += 1
            assert not contract.faults
        assert looks >= 3
        assert [fault.line for fault in contract.faults] == [28, 21]
        assert "no body of send" in contract.faults[1].detail

    def test_one_line_for_one_reason(self, tmp_path: Path) -> None:
        """Forty operations that answer with one schema are one fault, which names some of them."""
        paths = "".join(
            f"  /p{number}: {{get: {{operationId: op{number}, responses: {{'200': {{description: ok, "
            "content: {application/json: {schema: {$ref: '#/components/schemas/Both'}}}}}}}\n"
            for number in range(40)
        )
        file = tmp_path / "many.yaml"
        head, tail = DOCUMENT.split("paths:\n")[0], DOCUMENT[DOCUMENT.index("components:") :]
        file.write_text(f"{head}paths:\n{paths}{tail}")
        contract = load(file)
        assert Impossible(contract).look()
        (fault,) = contract.faults
        assert "op0 200" in fault.detail
        assert "(nor 37 more)" in fault.detail

    def test_check(self, document: Path) -> None:
        """`mockserver check` names each of them, once."""
        found = [str(finding) for finding in check([Located("both", document)])]
        assert [one for one in found if SAID in one]
        assert len(found) == 2

    def test_costs_what_must_be_there(self, tmp_path: Path) -> None:
        """Of a thousand schemas that an answer reaches, those are looked at without which there is none."""
        where = "#/components/schemas/"
        schemas: Any = {
            f"S{number}": {
                "type": "object",
                "required": ["own"],
                "properties": {"own": {"type": "string"}, "next": {"$ref": f"{where}S{number + 1}"}},
            }
            for number in range(1000)
        }
        schemas["S1000"] = {"type": "object"}
        schemas["Top"] = {"type": "object", "required": ["it"], "properties": {"it": {"$ref": f"{where}S0"}}}
        content = {"application/json": {"schema": {"$ref": f"{where}Top"}}}
        answer = {"description": "ok", "content": content}
        paths = {"/x": {"get": {"responses": {"200": answer}}}}
        info = {"title": "T", "version": "1"}
        document = {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}
        file = tmp_path / "long.json"
        file.write_text(json.dumps(document))
        contract = load(file)
        schema = contract.operations["GET /x"].responses["200"].content["application/json"].schema
        assert schema is not None
        opened = schema.json("response")
        assert Prover().reason(opened) is None
        definitions = opened["$defs"]
        assert isinstance(definitions, dict)
        assert list(dict.keys(definitions)) == ["Top", "S0"]


class TestServe:
    def test_the_start_says_so(self, document: Path, serve: Callable[..., Server]) -> None:
        """And whoever asks all the same reads the same reason, and the same line."""
        server = serve(str(document))
        assert SAID in server.log()
        answer = server.get("/bad")
        assert answer.status == 500
        detail = answer.json()["detail"]
        assert detail.startswith("bad 200: no value can be valid: required property 'a' cannot be")
        assert f"both.yaml{WHERE})" in detail
        assert server.get("/good").status == 200

    def test_after_the_start(self, document: Path, tmp_path: Path, serve: Callable[..., Server]) -> None:
        """What the start has no time for is looked for between requests."""
        document.rename(tmp_path / "openapi.yaml")
        (tmp_path / "behavior.yaml").write_text("collections: {}\noperations: {}\n")
        assert locate(str(tmp_path)).behavior_file is not None
        server = serve(str(tmp_path))
        end = time.monotonic() + 30
        while SAID not in server.log():
            assert server.get("/good").status == 200
            assert time.monotonic() < end, server.log()

    def test_what_every_request_breaks_is_asked_of_none(
        self, document: Path, serve: Callable[..., Server]
    ) -> None:
        """A page that nobody can ask for is of no use: what is sent is taken, what is missing still is."""
        server = serve(str(document))
        head = {"Content-Type": "application/json"}
        assert server.request("POST", "/bad", body=b'{"x": 1}', headers=head).status == 204
        assert server.request("POST", "/bad").status in (400, 422)
