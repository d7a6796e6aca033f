"""
Tests of Generator.value: constraints, determinism, what is given, recursion, and what cannot be.
"""

from __future__ import annotations

import json
import subprocess
import sys
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from faker import Faker

from mockserver.errors import TooLarge, Ungeneratable
from mockserver.generation import Generator
from mockserver.generation.draw import Draw, stream
from mockserver.tests.costs import cost


def valid(schema: Any, value: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(value)


def values(schema: Any, count: int = 20, **options: Any) -> list[Any]:
    generator = Generator(schema)
    made = [generator.value(str(number), **options) for number in range(count)]
    for value in made:
        assert valid(schema, value), value
    return made


CAMPAIGN: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 4},
        "owner": {"type": "object", "properties": {"email": {"type": "string", "format": "email"}}},
        "createdAt": {"type": "string", "format": "date-time"},
    },
}


class TestKeywords:
    """What the schema says, holds."""

    @pytest.mark.parametrize(
        "schema",
        [
            {"type": "number", "multipleOf": 0.01, "minimum": 0.01, "maximum": 0.05},
            {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e-9},
            {"type": "number", "minimum": -1.7976931348623157e308, "maximum": 1.7976931348623157e308},
            {"type": "integer", "minimum": 2**64, "maximum": 2**64 + 1},
            {"type": "integer", "exclusiveMinimum": 4.5, "exclusiveMaximum": 5.5},
            {"type": "integer", "multipleOf": 7, "minimum": 50, "maximum": 60},
            {"type": "number", "allOf": [{"multipleOf": 4}, {"multipleOf": 6}, {"minimum": 1}]},
            {"type": "integer", "not": {"multipleOf": 2}, "minimum": 2, "maximum": 4},
            {"type": "string", "minLength": 5, "maxLength": 5},
            {"type": "string", "maxLength": 0},
            {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3},
            {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
            {
                "type": "array",
                "prefixItems": [{"const": 1}, {"type": "string"}],
                "items": False,
                "minItems": 2,
            },
            {
                "type": "array",
                "items": {"type": "integer"},
                "contains": {"const": 5},
                "minContains": 2,
                "maxContains": 2,
            },
            {
                "type": "array",
                "contains": {"type": "string"},
                "unevaluatedItems": {"type": "integer"},
                "minItems": 3,
            },
            {"type": "object", "minProperties": 4, "propertyNames": {"pattern": "^[a-z]{2}$"}},
            {"type": "object", "patternProperties": {"^x-": {"type": "integer"}}, "minProperties": 2},
            {"type": "object", "dependentRequired": {"a": ["b"]}, "properties": {"a": {}, "b": {"const": 1}}},
            {
                "allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "integer"}}}],
                "unevaluatedProperties": False,
            },
            {
                "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
                "properties": {"a": {}, "b": {}},
                "type": "object",
            },
            {"oneOf": [{"multipleOf": 3}, {"multipleOf": 5}], "type": "integer", "minimum": 1},
            {
                "if": {"properties": {"a": {"const": 1}}},
                "then": {"required": ["b"]},
                "required": ["a"],
                "type": "object",
            },
            {"not": {"type": ["string", "number", "object", "null", "array"]}},
            {"type": ["integer", "null"], "enum": [None, "x", 3]},
            {"minLength": 3},
            True,
            {},
        ],
        ids=json.dumps,
    )
    def test_they_are_honoured(self, schema):
        """
        Each of these has been got wrong by some generator.
        """
        values(schema)

    def test_nothing_is_generated_that_only_a_request_holds(self):
        """
        A writeOnly property is not part of an answer (Validation, 9.4).
        """
        schema = {
            "type": "object",
            "properties": {"password": {"type": "string", "writeOnly": True}, "id": {"const": 1}},
        }
        assert values(schema, 3) == [{"id": 1}] * 3

    def test_nothing_is_generated_that_only_a_response_holds(self):
        """
        A client does not send what the server decides.
        """
        schema = {
            "type": "object",
            "properties": {"id": {"const": 1, "readOnly": True}, "pin": {"const": 2, "writeOnly": True}},
        }
        assert Generator(schema, direction="request").value("x") == {"pin": 2}

    def test_a_discriminator_has_the_mapped_name(self):
        """
        The property says which branch was taken, by the name that the mapping gives it.
        """
        schema = {
            "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {"meow": "#/$defs/Cat", "woof": "#/$defs/Dog"},
            },
            "$defs": {
                name: {
                    "type": "object",
                    "required": ["kind", sound],
                    "properties": {"kind": {"type": "string"}, sound: {}},
                }
                for name, sound in (("Cat", "purrs"), ("Dog", "barks"))
            },
        }
        for value in values(schema):
            assert value["kind"] == ("meow" if "purrs" in value else "woof")

    def test_an_heir_has_its_own_name(self):
        """
        A subtype joined by allOf to a base with a discriminator is called by its own name (OpenAPI 3.1.1).
        """
        pet = {
            "type": "object",
            "required": ["petType"],
            "properties": {"petType": {"type": "string"}},
            "discriminator": {"propertyName": "petType"},
        }
        dog = {"allOf": [{"$ref": "#/$defs/Pet"}, {"properties": {"bark": {"type": "boolean"}}}]}
        schema = {"$ref": "#/$defs/Dog", "$defs": {"Pet": pet, "Dog": dog}}
        assert {value["petType"] for value in values(schema)} == {"Dog"}

    def test_an_heir_of_many_that_has_heirs_itself(self, monkeypatch: pytest.MonkeyPatch):
        """
        What is called by its name already is none of its hundred heirs: not one of them is tried in vain.
        """
        failed: list[str] = []
        monkeypatch.setattr(Draw, "fail", lambda _self, pointer: failed.append(pointer))
        leaves = [f"Leaf{number}" for number in range(100)]
        base = {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string"}},
            "discriminator": {"propertyName": "kind", "mapping": {"middle": "#/$defs/Middle"}},
        }
        middle = {
            "allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"of": {"type": "integer"}}}],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {name: f"#/$defs/{name}" for name in leaves},
            },
        }
        heirs = {name: {"allOf": [{"$ref": "#/$defs/Middle"}]} for name in leaves}
        schema = {"$ref": "#/$defs/Base", "$defs": {"Base": base, "Middle": middle, **heirs}}
        assert {value["kind"] for value in values(schema)} == {"middle"}
        assert failed == []

    def test_forms_that_differ_in_what_is_optional(self, monkeypatch: pytest.MonkeyPatch):
        """
        Nine forms share a base and all fit what is empty: one of them is found without trying them all.
        """
        failed: list[str] = []
        monkeypatch.setattr(Draw, "fail", lambda _self, pointer: failed.append(pointer))
        shared = {f"shared{number}": {"type": "string"} for number in range(8)}
        forms = {
            f"Form{number}": {
                "allOf": [{"$ref": "#/$defs/Base"}, {"properties": {f"own{number}": {"type": "string"}}}]
            }
            for number in range(9)
        }
        schema = {
            "oneOf": [{"$ref": f"#/$defs/{name}"} for name in forms],
            "$defs": {"Base": {"type": "object", "properties": shared}, **forms},
        }
        values(schema, 3)
        assert len(failed) < 200

    def test_money_has_cents(self):
        """
        A price with eleven decimals is nobody's price.
        """
        schema = {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]}
        assert all(round(value["price"], 2) == value["price"] for value in values(schema))


class TestSameness:
    """The same arguments give the same value."""

    def test_no_call_moves_another(self):
        """
        What was asked for before has no influence, or a read would change what is read next.
        """
        once, often = Generator(CAMPAIGN), Generator(CAMPAIGN)
        for number in range(5):
            often.value(f"other {number}", full=False)
        assert often.value("x") == once.value("x")
        assert once.value("x") != once.value("y")

    def test_the_hash_seed_does_not_matter(self):
        """
        "On any machine": nothing may hang on the order of a set of strings.
        """
        code = f"from mockserver.generation import Generator; print(Generator({CAMPAIGN!r}).value('x'))"
        said = {
            subprocess.run(
                [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
            ).stdout
            for seed in ("1", "2")
        }
        assert len(said) == 1

    def test_an_item_does_not_depend_on_how_many_there_are(self):
        """
        `Prefer: items=50` shows more of the same list.
        """
        generator = Generator({"type": "array", "items": CAMPAIGN})
        assert generator.value("x", items=50)[:3] == generator.value("x", items=3)

    @pytest.mark.parametrize("seed", ["", "1|getCampaign|7", "é漢😀", "x" * 5000])
    def test_chance_is_that_of_the_standard_library(self, seed: str):
        """
        Python promises the floats of `Random(seed)` across versions; ours are got more quickly.
        """
        ours, theirs = stream(seed), Random(seed)
        assert [ours() for _ in range(5)] == [theirs.random() for _ in range(5)]

    def test_what_is_handed_out_is_the_callers_own(self):
        """
        Changing a value must not change the schema it came from.
        """
        generator = Generator({"const": {"a": [1]}})
        generator.value("x")["a"].append(2)
        assert generator.value("x") == {"a": [1]}


class TestAsked:
    """What the caller asks for."""

    def test_items_reach_into_an_envelope(self):
        """
        The list in an envelope is the one that is meant, and its total agrees.
        """
        schema = {
            "type": "object",
            "properties": {
                "data": {"type": "array", "items": CAMPAIGN, "maxItems": 40},
                "total": {"type": "integer"},
                "pagination": {
                    "type": "object",
                    "properties": {"total": {"type": "integer"}, "page": {"type": "integer"}},
                },
            },
        }
        value = Generator(schema).value("x", items=50)
        assert len(value["data"]) == 40
        assert value["total"] == 40
        assert value["pagination"] == {"total": 40, "page": 1}
        assert len({item["id"] for item in value["data"]}) == 40

    def test_given_parts_stay(self):
        """
        A client's own values come back as they were sent, with what they lack.
        """
        given = {"name": "Mine", "owner": {"extra": 1}, "more": [1]}
        value = Generator(CAMPAIGN).value("x", given=given)
        assert value["name"] == "Mine"
        assert value["more"] == [1]
        assert value["owner"]["extra"] == 1
        assert value["owner"]["email"].endswith(("example.com", "example.org", "example.net"))
        assert isinstance(value["id"], int)

    def test_given_parts_choose_the_branch(self):
        """
        Where a part is known, only a branch that allows it can be meant.
        """
        schema = {
            "oneOf": [
                {
                    "type": "object",
                    "required": ["kind", name],
                    "properties": {"kind": {"const": name}, name: {"type": "integer"}},
                }
                for name in ("card", "iban", "cash")
            ]
        }
        for name in ("card", "iban", "cash"):
            value = Generator(schema).value("x", given={"kind": name})
            assert valid(schema, value)
            assert name in value

    def test_lean(self):
        """
        Not full means: what is required, and nothing else.
        """
        assert set(Generator(CAMPAIGN).value("x", full=False)) == {"id", "name"}

    def test_dates_are_near_now(self):
        """
        A mock with a clock makes things of that time.
        """
        value = Generator(CAMPAIGN).value("x", now="2031-05-01T00:00:00Z")
        assert "2029" < value["createdAt"] < "2031-05-01T00:00:01Z"


class TestRecursion:
    """A schema that holds itself."""

    @pytest.mark.parametrize(
        "node",
        [
            {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}},
            {
                "type": "object",
                "required": ["next"],
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}]}},
            },
            {
                "type": "object",
                "required": ["kids"],
                "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/N"}}},
            },
            {"type": "object", "additionalProperties": {"$ref": "#/$defs/N"}},
            {
                "oneOf": [
                    {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/N"}},
                    {"type": "integer"},
                ]
            },
            {
                "type": ["object", "null"],
                "required": ["a", "b"],
                "properties": {"a": {"$ref": "#/$defs/N"}, "b": {"$ref": "#/$defs/N"}},
            },
        ],
        ids=["optional", "null", "list", "map", "branch", "two"],
    )
    def test_the_exit_is_taken(self, node):
        """
        An optional, a null, an empty list or another branch ends it.
        """
        for value in values({"$ref": "#/$defs/N", "$defs": {"N": node}}, 8):
            assert len(json.dumps(value)) < 20_000

    def test_no_exit_is_said_so(self):
        """
        What would go on for ever is an error, and not a hang.
        """
        node = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/N"}}}
        with pytest.raises(Ungeneratable, match="without end"):
            Generator({"$ref": "#/$defs/N", "$defs": {"N": node}}).value("x")


def nested(times: int, around: dict[str, Any], keyword: str) -> Any:
    """*around* so often inside itself."""
    schema: Any = {"type": "integer"}
    for _ in range(times):
        schema = {**around, keyword: schema}
    return schema


BUSHY = {
    "$ref": "#/$defs/A0",
    "$defs": {
        f"A{level}": {
            "type": "object",
            "required": ["x", "y", "z"],
            "properties": {name: {"$ref": f"#/$defs/A{level + 1}"} for name in "xyz"},
        }
        for level in range(30)
    }
    | {"A30": {"type": "string"}},
}
"""Three of the next at each of thirty levels."""


class TestImpossible:
    """Schemas without a value."""

    @pytest.mark.parametrize(
        ("schema", "said"),
        [
            ({"type": "string", "minLength": 10**11}, "a text of 100000000000 characters"),
            ({"type": "string", "pattern": "((a{1000}){1000}){1000}"}, "pattern "),
            ({"type": "array", "minItems": 10**11}, "minItems 100000000000"),
            (nested(3, {"minItems": 1000, "type": "array"}, "items"), "minItems 1000: "),
            ({"type": "object", "minProperties": 10**8}, "minProperties 100000000"),
            (BUSHY, "required: the smallest value has 3.1e"),
        ],
    )
    def test_what_would_fill_the_memory(self, schema: Any, said: str):
        """
        A document may ask for more than there is: it is said at once, with its keyword, and nothing is made.
        """
        with pytest.raises(TooLarge) as refused:
            Generator(schema).value("1")
        assert said in refused.value.detail
        assert "more than is made here" in refused.value.detail

    def test_what_is_long_once(self):
        """
        Repetitions inside each other share the length that is asked for: each of that length is its square.
        """
        value = Generator({"type": "string", "pattern": "^(a+)+$", "minLength": 100_000}).value("1")
        assert 100_000 <= len(value) < 300_000

    @pytest.mark.parametrize(
        ("schema", "said"),
        [
            ({"type": "integer", "minimum": 5, "maximum": 4}, "minimum 5 and maximum 4"),
            ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "type"),
            ({"type": "object", "required": ["a"], "additionalProperties": False}, "'a'"),
            ({"type": "integer", "multipleOf": 10, "minimum": 11, "maximum": 19}, "multiple of 10"),
            ({"type": "string", "allOf": [{"pattern": "^a$"}, {"pattern": "^b$"}]}, "pattern"),
            ({"enum": ["a", 1], "type": "null"}, "enum"),
            (
                {"type": "array", "minItems": 3, "uniqueItems": True, "items": {"type": "boolean"}},
                "2 distinct",
            ),
            (False, "false"),
        ],
        ids=lambda each: each if isinstance(each, str) else "",
    )
    def test_the_clash_is_named(self, schema, said):
        """
        "No value" helps nobody; which keywords exclude each other does.
        """
        with pytest.raises(Ungeneratable, match=said):
            Generator(schema).value("x")

    def test_what_the_judge_refuses_is_not_returned(self):
        """
        The judge has the last word, even when it is never content.
        """
        with pytest.raises(Ungeneratable):
            Generator(CAMPAIGN, accepts=lambda _value: False).value("x")


class TestSpeed:
    """Compiled once, drawn often."""

    def test_an_object_of_fifteen_fields(self):
        """
        A tenth of a millisecond is the budget; ten times that is a mistake, whatever the machine is doing.
        """
        names = (
            "id",
            "name",
            "email",
            "city",
            "country",
            "price",
            "createdAt",
            "updatedAt",
            "url",
            "status",
            "count",
        )
        kinds = {"id": "integer", "price": "number", "count": "integer"}
        properties = {
            name: {"type": kinds.get(name, "string")}
            for name in (*names, "description", "phone", "company", "slug")
        }
        generator = Generator({"type": "object", "properties": properties})
        generator.value("warm")
        faker = Faker()

        def made() -> None:
            for number in range(300):
                generator.value(str(number))

        def by_faker() -> None:
            for _ in range(300):
                for name in ("uuid4", "first_name", "last_name", "email", "street_address", "city"):
                    getattr(faker, name)()

        assert cost(made) < 2 * cost(by_faker)

    def test_faker_is_not_needed_for_numbers(self):
        """
        Its import costs more than a whole start may.
        """
        code = (
            "import sys; from mockserver.generation import Generator;"
            "Generator({'properties': {'count': {'type': 'integer'}, 'status': {'enum': ['a']}}}).value('x');"
            "sys.exit('faker' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
