from __future__ import annotations

import gc
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.contract import schema as schemas
from mockserver.contract import sources
from mockserver.contract.kept import Kept
from mockserver.contract.lines import line_in
from mockserver.contract.load import load
from mockserver.contract.locate import Located
from mockserver.contract.model import Schema
from mockserver.contract.sources import parse, split_pointer
from mockserver.exchange import Request
from mockserver.generation import Generator
from mockserver.server import api
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.tests.costs import cost
from mockserver.validation.values import RawValidator, Validator

RESOURCES = 300


def document(resources: int = RESOURCES) -> dict[str, Any]:
    """A document of *resources* times two operations and about 3 kB, each resource referring to others."""
    paths: dict[str, Any] = {}
    components: dict[str, Any] = {}
    for number in range(resources):
        name = f"Thing{number}"
        told = f"What a thing of the kind {number} is like, in a sentence or two, as documents have it. "
        properties: dict[str, Any] = {
            f"field_{index}": {"type": "string", "description": told, "maxLength": 20} for index in range(15)
        }
        for other in (number // 2, number - 1):
            properties[f"other_{other}"] = {"$ref": f"#/components/schemas/Thing{max(other, 0)}"}
        components[name] = {"type": "object", "properties": properties}
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        answers = {"200": {"description": "ok", "content": content}}
        path = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        paths[f"/things{number}/{{id}}"] = {
            "parameters": [path],
            "get": {"operationId": f"get{number}", "responses": answers},
            "put": {"operationId": f"put{number}", "requestBody": {"content": content}, "responses": answers},
        }
    info = {"title": "Big", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": components}}


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document as a file of about 1 MB."""
    file = tmp_path_factory.mktemp("big") / "big.json"
    file.write_text(json.dumps(document(), indent=1))
    return file


@pytest.fixture(scope="module")
def big_yaml(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same as YAML."""
    return yaml.dump(document(), Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)


class TestStart:
    def test_costs_the_outline(self, big: Path) -> None:
        """Nothing inside an operation is looked at before somebody asks for it."""
        broken = document()
        for item in broken["paths"].values():
            item["get"]["parameters"] = [{"$ref": "#/nowhere"}]
        file = big.parent / "broken.json"
        file.write_text(json.dumps(broken))
        made = load(file)
        assert len(made.routes) == 2 * RESOURCES
        assert len(made.faults) == 0
        assert made.operations["get7"].parameters[0].name == "id"
        assert len(made.faults) == 1

    def test_one_operation_costs_what_it_reaches(self, big: Path) -> None:
        """Of 300 schemas an operation translates those that it reaches, and each of them once."""
        made = load(big)
        answer = made.operations["get5"].responses["200"].content["application/json"].schema
        assert answer is not None
        assert set(answer.json("response")["$defs"]) == {f"Thing{number}" for number in range(6)}

    def test_the_first_answer_does_not_wait_for_the_others(self, big: Path) -> None:
        """A document is there, and its first answer, at a fraction of what some dozens of them cost."""

        def served(answers: int) -> None:
            host = build_host([Located("big", big)], journal=Journal(1))
            for number in range(answers):
                assert host.handle(Request("GET", f"/things{number}/1")).status == 200

        assert cost(lambda: served(1), best_of=2) < cost(lambda: served(40), best_of=1) / 3


WOVEN = 1_000


@pytest.fixture(scope="module")
def woven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document of 1,000 schemas that all reach each other, by references, branches and joined bases."""
    components: dict[str, Any] = {}
    for number in range(WOVEN):
        parts = [{"$ref": f"#/components/schemas/Woven{(number * at + 1) % WOVEN}"} for at in (1, 7, 31)]
        properties: dict[str, Any] = {
            "id": {"type": "string", "minLength": 1},
            "next": parts[0],
            "several": {"type": "array", "items": parts[1], "maxItems": 2},
            "expanded": {"anyOf": [{"type": "integer"}, parts[2]]},
        }
        base = {"$ref": "#/components/schemas/Base"}
        own = {"type": "object", "properties": properties}
        components[f"Woven{number}"] = {
            "allOf": [base, own],
            "required": ["id"],
            "unevaluatedProperties": False,
        }
    components["Base"] = {"type": "object", "properties": {"kind": {"type": "string", "enum": ["a", "b"]}}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Woven7"}}}
    answers = {"200": {"description": "ok", "content": content}}
    operation = {"requestBody": {"content": content}, "responses": answers}
    info = {"title": "Woven", "version": "1"}
    file = tmp_path_factory.mktemp("woven") / "woven.json"
    paths = {"/woven": {"put": operation, "get": {"responses": answers}}}
    file.write_text(
        json.dumps({"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": components}})
    )
    return file


def woven_schema(file: Path) -> Schema:
    """The schema of its answers."""
    schema = load(file).operations["GET /woven"].responses["200"].content["application/json"].schema
    assert schema is not None
    return schema


class TestWoven:
    def test_an_answer_costs_what_its_value_meets(self, woven: Path) -> None:
        """Where everything refers to everything, one answer has little of it translated."""
        host = build_host([Located("woven", woven)], journal=Journal(1), stateless=True)
        assert host.handle(Request("GET", "/woven")).status == 200
        schemas = host.apis[0].contract.schemas
        assert len(schemas._translated) < WOVEN
        assert 0 < len(schemas.apart) < WOVEN / 2

    @pytest.mark.parametrize(
        ("value", "fits"),
        [
            ({"id": "x"}, True),
            ({}, False),
            ({"id": "x", "kind": "a"}, True),
            ({"id": "x", "kind": "c"}, False),
            ({"id": "x", "stranger": 1}, False),
            ({"id": "x", "next": {"id": "y", "kind": "b", "next": {"id": "z"}}}, True),
            ({"id": "x", "next": {"id": "y", "next": {"id": "z", "stranger": 1}}}, False),
            ({"id": "x", "next": {"id": "y", "next": {"id": ""}}}, False),
            ({"id": "x", "several": [{"id": "y"}, {"id": "z"}]}, True),
            ({"id": "x", "several": [{"id": "y"}, {"id": 1}]}, False),
            ({"id": "x", "expanded": 5}, True),
            ({"id": "x", "expanded": {"id": "y", "kind": "a"}}, True),
            ({"id": "x", "expanded": {"id": "y", "kind": "c"}}, False),
            ({"id": "x", "expanded": "y"}, False),
        ],
    )
    def test_the_pieces_say_what_the_whole_says(self, woven: Path, value: Any, fits: bool) -> None:
        """A schema that is compiled in pieces judges as one that is compiled whole, and as the slower one."""
        schema = woven_schema(woven)
        pieces = Validator(schema, "response")
        document = schema.json("response")
        plain = RawValidator({**document, "$defs": dict(document["$defs"].items())})  # type: ignore[union-attr]
        assert pieces.is_valid(value) == plain.is_valid(value) == pieces.reasoned(value) == fits
        assert bool(pieces.violations(value)) != fits

    def test_nested_beyond_what_pieces_ask_each_other(self, woven: Path) -> None:
        """A value that nests a hundred deep is judged as well: deep inside by the slower validator."""
        validator = Validator(woven_schema(woven), "request")
        for last, fits in (({"id": "x"}, True), ({"id": 1}, False)):
            value: Any = last
            for _ in range(100):
                value = {"id": "x", "next": value}
            assert validator.is_valid(value) == fits

    def test_all_of_it_is_there_for_who_lists_it(self, woven: Path) -> None:
        """To who iterates, the definitions are all that is reached."""
        definitions = woven_schema(woven).json("response")["$defs"]
        assert isinstance(definitions, dict)
        assert len(definitions) == len(set(definitions)) == WOVEN + 1
        assert dict(definitions.items()).keys() == set(definitions)
        assert "Woven999" in definitions
        assert definitions.get("Nobody") is None


class TestYaml:
    def test_is_json_in_the_end(self, big_yaml: str) -> None:
        """Whatever the way it is read, the same values come out."""
        assert parse(big_yaml, "big.yaml") == document()

    def test_room(self, big_yaml: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """While YAML is read there is not much more than what comes out: a node with its marks takes 1 kB."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setattr(sources, "_WORTH_CACHING", len(big_yaml) + 1)
        tracemalloc.start()
        try:
            tree = parse(big_yaml, "big.yaml")
            kept, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert tree
        assert peak < 2 * kept + 2 * len(big_yaml)

    def test_the_collector_is_put_back(self) -> None:
        """Reading turns it off for its own time only, also where it fails."""
        assert gc.isenabled()
        with pytest.raises(sources.Unreadable):
            parse("a: [", "f")
        assert gc.isenabled()


class TestLines:
    @pytest.mark.parametrize("kind", ["json", "yaml", "minified"])
    def test_of_any_place(self, big: Path, big_yaml: str, kind: str) -> None:
        """Each line is found in the time of a search, not of a parse; and it is the right one."""
        text = {"json": big.read_text(), "yaml": big_yaml, "minified": json.dumps(document())}[kind]
        lines = text.splitlines()
        for number in range(0, RESOURCES, 10):
            for pointer in (
                f"/paths/~1things{number}~1{{id}}/put/operationId",
                f"/components/schemas/Thing{number}/properties/field_3/maxLength",
                f"/paths/~1things{number}~1{{id}}/parameters/0/schema",
            ):
                found = line_in(text, f"big.{kind}", pointer)
                assert split_pointer(pointer)[-1] in lines[found - 1]
        last = f"/components/schemas/Thing{RESOURCES - 1}/properties/field_3/maxLength"
        with_pyyaml = cost(lambda: yaml.compose(text, yaml.CSafeLoader), best_of=1)
        assert cost(lambda: line_in(text, f"big.{kind}", last)) < with_pyyaml / 4


class TestMemory:
    def test_what_is_kept_is_bounded(self, big: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who asks for everything once does not fill the memory; what was let go is made again."""
        monkeypatch.setattr(api, "MOST_PREPARED", 5)
        monkeypatch.setattr(schemas, "MOST_COMPILED", 5)
        host = build_host([Located("big", big)], journal=Journal(1), stateless=True)
        first = host.handle(Request("GET", "/things0/1")).body
        for number in range(12):
            assert host.handle(Request("GET", f"/things{number}/1")).status == 200
        served = host.apis[0]
        assert len(served._prepared) <= 5
        assert len(served.contract.schemas._compiled) <= 5
        assert host.handle(Request("GET", "/things0/1")).body == first

    def test_what_is_heavy_is_let_go_of(self) -> None:
        """The oldest goes first, and only when all together weigh too much."""

        class Weight:
            gone = False

            def let_go(self) -> None:
                self.gone = True

        kept, weights = Kept(10), [Weight() for _ in range(4)]
        for one in weights[:2]:
            kept.add(one, 5)
        assert [one.gone for one in weights] == [False, False, False, False]
        kept.add(weights[2], 4)
        assert [one.gone for one in weights] == [True, False, False, False]
        kept.add(weights[3], 100)  # more than all: it is needed now
        assert [one.gone for one in weights] == [True, True, True, False]

    def test_who_is_gone_weighs_nothing(self) -> None:
        """What nobody holds any more is not held here either."""
        kept = Kept(1)
        for _ in range(3):
            kept.add(RawValidator({}), 1)

    def test_what_was_let_go_is_made_again(self) -> None:
        """Who asks a validator or a generator does not see that it was compiled anew."""
        schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
        validator = RawValidator(schema)
        generator = Generator(schema, accepts=validator.is_valid)
        first = generator.value("seed"), validator.violations({}), validator.is_valid({"a": 1})
        validator.let_go()
        generator.let_go()
        assert first == (generator.value("seed"), validator.violations({}), validator.is_valid({"a": 1}))
