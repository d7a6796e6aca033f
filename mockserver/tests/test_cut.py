from __future__ import annotations

import copy
from typing import Any, ClassVar

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.generation.cut import compile_cut

CLOSED = {"type": "object", "additionalProperties": False, "properties": {"a": {}, "b": {}}}


def cut(schema: Any, value: Any) -> Any:
    """Cut a value, which must stay as it was."""
    before = copy.deepcopy(value)
    found = compile_cut(schema)(value)
    assert value == before
    return found


class TestObjects:
    def test_closed(self) -> None:
        """What the answer does not show is left out; what is not there is not made."""
        assert cut(CLOSED, {"a": 1, "x": 2}) == {"a": 1}

    def test_open(self) -> None:
        """Where others are allowed, they are shown."""
        assert cut({"properties": {"a": {}}}, {"a": 1, "x": 2}) == {"a": 1, "x": 2}
        assert cut({"additionalProperties": True}, {"x": 2}) == {"x": 2}

    def test_bookkeeping(self) -> None:
        """A name that begins with "_" is never shown, at any depth, unless the contract has it."""
        assert cut({}, {"a": 1, "_b": 2, "c": [{"_d": 1, "e": {"_f": 1}}]}) == {"a": 1, "c": [{"e": {}}]}
        assert cut({"properties": {"_id": {}, "a": {}}}, {"_id": 1, "a": {"_b": 1}}) == {"_id": 1, "a": {}}

    def test_what_others_may_be(self) -> None:
        """Other properties are cut to their own schema."""
        schema = {"properties": {"a": {}}, "additionalProperties": CLOSED}
        assert cut(schema, {"a": {"x": 1}, "z": {"a": 1, "x": 1}}) == {"a": {"x": 1}, "z": {"a": 1}}

    def test_names_by_a_pattern(self) -> None:
        """What a pattern allows is shown, also in a closed object; anything else is not."""
        schema = {
            "patternProperties": {"^x-": CLOSED},
            "properties": {"a": {}},
            "additionalProperties": False,
        }
        assert cut(schema, {"a": 1, "x-1": {"a": 1, "q": 1}, "y": 1}) == {"a": 1, "x-1": {"a": 1}}

    def test_in_the_order_of_the_schema(self) -> None:
        """An answer reads like its document."""
        assert list(cut(CLOSED, {"b": 1, "a": 2})) == ["a", "b"]

    def test_unevaluated(self) -> None:
        """`unevaluatedProperties: false` closes what it stands around."""
        schema = {
            "allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}],
            "unevaluatedProperties": False,
        }
        assert cut(schema, {"a": 1, "b": 2, "x": 3}) == {"a": 1, "b": 2}


class TestStructure:
    def test_below(self) -> None:
        """In properties, lists and tuples."""
        schema = {"properties": {"list": {"items": CLOSED}, "pair": {"prefixItems": [CLOSED], "items": {}}}}
        row = {"a": 1, "x": 1}
        assert cut(schema, {"list": [row, row], "pair": [row, row]}) == {
            "list": [{"a": 1}, {"a": 1}],
            "pair": [{"a": 1}, row],
        }

    def test_references(self) -> None:
        """Followed, also beside other words, and to itself."""
        tree = {
            "$defs": {
                "Tree": {
                    "additionalProperties": False,
                    "properties": {"name": {}, "below": {"items": {"$ref": "#/$defs/Tree"}}},
                }
            },
            "$ref": "#/$defs/Tree",
        }
        value = {"name": 1, "x": 1, "below": [{"name": 2, "x": 1, "below": [{"name": 3, "x": 1}]}]}
        assert cut(tree, value) == {"name": 1, "below": [{"name": 2, "below": [{"name": 3}]}]}

    def test_all_of(self) -> None:
        """What several say together of one property."""
        schema = {
            "allOf": [
                {"properties": {"a": {"properties": {"b": {}}}}},
                {"properties": {"a": {"additionalProperties": False, "properties": {"c": {}}}}},
            ]
        }
        assert cut(schema, {"a": {"b": 1, "c": 2, "x": 3}}) == {"a": {"b": 1, "c": 2}}

    @pytest.mark.parametrize("value", [None, True, 5, "text", [], {}, [1, [2]]])
    def test_what_has_nothing_to_cut(self, value: Any) -> None:
        """A value of another kind than the schema's is the checker's business."""
        assert cut(CLOSED, value) == value
        assert cut(True, value) == value


class TestBranches:
    PET: ClassVar[dict[str, Any]] = {
        "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}, {"type": "null"}],
        "$defs": {
            "Cat": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kind", "meow"],
                "properties": {"kind": {"const": "cat"}, "meow": {}},
            },
            "Dog": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kind", "bark"],
                "properties": {"kind": {"enum": ["dog", "wolf"]}, "bark": {}},
            },
        },
    }

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ({"kind": "cat", "meow": 1, "bark": 2}, {"kind": "cat", "meow": 1}),
            ({"kind": "wolf", "meow": 1, "bark": 2}, {"kind": "wolf", "bark": 2}),
            ({"bark": 2, "x": 1}, {"bark": 2}),
            (None, None),
        ],
    )
    def test_the_one_that_is_meant(self, value: Any, shown: Any) -> None:
        """By its constants, then by what it requires, then by what would be left."""
        assert cut(self.PET, value) == shown

    def test_nullable(self) -> None:
        """OpenAPI 3.0's nullable is a branch, and null is not the one that a row fits."""
        schema = {"anyOf": [CLOSED, {"type": "null"}]}
        assert cut(schema, {"a": 1, "x": 1}) == {"a": 1}
        assert cut(schema, None) is None

    def test_a_list_or_an_object(self) -> None:
        """By the kind of value."""
        schema = {"oneOf": [{"type": "array", "items": CLOSED}, {**CLOSED}]}
        assert cut(schema, [{"a": 1, "x": 1}]) == [{"a": 1}]
        assert cut(schema, {"a": 1, "x": 1}) == {"a": 1}

    def test_what_stands_beside_them(self) -> None:
        """Names beside the branches count with each."""
        schema = {
            "properties": {"id": {}},
            "oneOf": [
                {"properties": {"a": {}}, "required": ["a"]},
                {"properties": {"b": {}}, "required": ["b"]},
            ],
            "unevaluatedProperties": False,
        }
        assert cut(schema, {"id": 1, "b": 2, "x": 3}) == {"id": 1, "b": 2}

    def test_in_a_property(self) -> None:
        """Each value of a list has its own."""
        schema = {**self.PET, "oneOf": [{"type": "array", "items": {"oneOf": self.PET["oneOf"]}}]}
        value = [{"kind": "dog", "bark": 1, "meow": 1}, {"kind": "cat", "bark": 1, "meow": 1}]
        assert cut(schema, value) == [{"kind": "dog", "bark": 1}, {"kind": "cat", "meow": 1}]


NAMES = ["a", "b", "c", "d"]


@st.composite
def described(draw: Any, depth: int = 3) -> tuple[Any, Any]:
    """A schema, and a value that fits it."""
    kind = draw(st.sampled_from(["scalar", "object", "array", "allOf", "oneOf"] if depth else ["scalar"]))
    if kind == "scalar":
        value = draw(st.none() | st.integers() | st.text(max_size=2))
        return {}, value
    if kind == "array":
        schema, value = draw(described(depth - 1))
        return {"type": "array", "items": schema}, [value] * draw(st.integers(0, 3))
    parts = {name: draw(described(depth - 1)) for name in draw(st.sets(st.sampled_from(NAMES)))}
    given_names = draw(st.sets(st.sampled_from(sorted(parts)))) if parts else set()
    properties = {name: schema for name, (schema, _) in parts.items()}
    value = {name: parts[name][1] for name in given_names}
    if kind == "object":
        closed = draw(
            st.sampled_from([{}, {"additionalProperties": False}, {"unevaluatedProperties": False}])
        )
        return {"type": "object", "properties": properties, **closed}, value
    if kind == "allOf":
        halves = [{"properties": dict(list(properties.items())[at::2])} for at in (0, 1)]
        return {"type": "object", "allOf": halves, "unevaluatedProperties": False}, value
    tags = draw(st.permutations(["x", "y"]))
    branches = [
        {"properties": {"kind": {"const": tags[0]}, **properties}, "required": ["kind"]},
        {"properties": {"kind": {"const": tags[1]}}, "required": ["kind"], "additionalProperties": False},
    ]
    order = draw(st.permutations(branches))
    return {"type": "object", "oneOf": list(order)}, {"kind": tags[0], **value}


class TestCircles:
    def test_of_two_that_stand_together(self) -> None:
        """A schema that adds to a reference, and contains itself where both do, is compiled to an end."""
        node = {"allOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]}
        schema = {
            "$ref": "#/$defs/A",
            "$defs": {
                "A": {"properties": {"next": node}},
                "B": {"properties": {"next": node}, "additionalProperties": False},
            },
        }
        assert cut(schema, {"next": {"next": {}, "x": 1}}) == {"next": {"next": {}}}


class TestAnySchema:
    @given(described())
    def test_what_fits_is_left_alone(self, made: tuple[Any, Any]) -> None:
        """A value that the schema takes as it is has nothing to be cut."""
        schema, value = made
        jsonschema.validate(value, schema, jsonschema.Draft202012Validator)
        assert cut(schema, value) == value

    @given(described(), st.sampled_from(["zz", "_zz"]))
    def test_what_does_not_belong_is_cut(self, made: tuple[Any, Any], name: str) -> None:
        """With something more in every object, what is left fits again; cutting again changes nothing."""
        schema, value = made
        shown = cut(schema, more(value, name))
        jsonschema.validate(shown, schema, jsonschema.Draft202012Validator)
        assert cut(schema, shown) == shown
        if name == "_zz":
            assert shown == value


def more(value: Any, name: str) -> Any:
    """Add a property to every object in *value*."""
    if isinstance(value, dict):
        return {**{key: more(child, name) for key, child in value.items()}, name: 1}
    return [more(child, name) for child in value] if isinstance(value, list) else value
