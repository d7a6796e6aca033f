"""
Choices that meet in large numbers are made in about the time of their number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.generation import Generator
from mockserver.tests.costs import growth

Json = Any


def either(number: int) -> Json:
    """Return a schema of *number* alternatives of two, each about properties of its own."""
    return [{"anyOf": [{"required": [f"p{at}"]}, {"required": [f"q{at}"]}]} for at in range(number)]


def only(number: int) -> Json:
    return [
        {
            "oneOf": [
                {"properties": {f"p{at}": {"type": kind}}, "required": [f"p{at}"]}
                for kind in ("integer", "string")
            ]
        }
        for at in range(number)
    ]


def chain(number: int) -> Json:
    return [
        {
            "if": {"properties": {f"p{at}": {"const": 1}}, "required": [f"p{at}"]},
            "then": {"required": [f"p{at + 1}"]},
            "else": {"required": [f"p{at}"]},
        }
        for at in range(number)
    ]


def numbers(number: int) -> Json:
    return [{"anyOf": [{"multipleOf": 2}, {"minimum": at}]} for at in range(number)]


@pytest.mark.parametrize(
    ("members", "kind"), [(either, "object"), (only, "object"), (chain, "object"), (numbers, "integer")]
)
class TestManyChoices:
    def test_valid(self, members: Callable[[int], Json], kind: str):
        """
        A hundred choices at one place are all made, and made so that they hold together.
        """
        schema = {"type": kind, "allOf": members(100)}
        assert Draft202012Validator(schema).is_valid(Generator(schema).value("seed"))

    def test_cost(self, members: Callable[[int], Json], kind: str):
        """
        Four times as many choices do not cost the cube of that: each was held against all others after each.
        """

        def made(number: int) -> None:
            Generator({"type": kind, "allOf": members(number)}).value("seed")

        assert growth(made, 15, times=4) < 40


@pytest.mark.parametrize(
    "schema",
    [
        {
            "prefixItems": [{"if": {}, "then": {"type": "boolean"}}],
            "contains": {"oneOf": [{}, {"prefixItems": [{"type": "integer"}]}]},
        },
        {
            "contains": {"type": "array"},
            "allOf": [
                {"prefixItems": [{}], "unevaluatedItems": False, "contains": {"type": ["string"]}},
            ],
        },
        {
            "contains": {
                "contains": {"type": "null"},
                "allOf": [{"minItems": 2, "contains": {"type": "null"}}],
            },
            "items": {"type": "array", "uniqueItems": True},
        },
        {
            "prefixItems": [{}, {"enum": [None]}, {"additionalProperties": {"type": ["string", "integer"]}}],
            "minItems": 4,
            "allOf": [
                {"contains": {}},
                {
                    "contains": {
                        "type": "object",
                        "properties": {"kind": {"type": "boolean"}},
                        "required": ["kind"],
                    }
                },
            ],
        },
    ],
)
def test_contained_somewhere(schema: Json):
    """
    What an array is to contain may not fit where it seems to: then there is room behind.
    """
    schema = {"type": "array", **schema}
    judge = Draft202012Validator(schema)
    for seed in ("one", "two", "three"):
        assert judge.is_valid(Generator(schema, accepts=judge.is_valid).value(seed))
