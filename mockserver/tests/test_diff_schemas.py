"""Schemas before and after: what is said of a value that is taken, and of the same value given."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.tests.diffed import difference, of_schema, rules

TEXT = {"type": "string"}
CAT = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
}
DOG = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}, "tricks": TEXT}}
HEN = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"const": "hen"}, "eggs": {"type": "integer"}},
}
PETS = {"Cat": CAT, "Dog": DOG, "Hen": HEN}


def refs(*names):
    return [{"$ref": f"#/components/schemas/{name}"} for name in names]


def told(*names, **mapping):
    """Return a union of components that are told apart by "kind"."""
    found = {"oneOf": refs(*names), "discriminator": {"propertyName": "kind"}}
    if mapping:
        found["discriminator"]["mapping"] = {
            value: f"#/components/schemas/{name}" for value, name in mapping.items()
        }
    return found


PAIRS = [
    # before, after, aspect, severity where taken, where given; and the way back
    ({"type": ["string", "integer"]}, TEXT, "type-narrowed", "breaking", "info"),
    (TEXT, {"type": ["string", "integer"]}, "type-widened", "info", "breaking"),
    (TEXT, {"type": "boolean"}, "type-changed", "breaking", "breaking"),
    ({"type": "number"}, {"type": "integer"}, "type-narrowed", "breaking", "info"),
    ({"type": "integer"}, {"type": "number"}, "type-widened", "info", "breaking"),
    (TEXT, {"type": ["string", "null"]}, "became-nullable", "info", "breaking"),
    ({"type": ["string", "null"]}, TEXT, "became-not-nullable", "breaking", "info"),
    (TEXT, {"type": "string", "enum": ["a", "b"]}, "became-enum", "breaking", "info"),
    ({"type": "string", "enum": ["a", "b"]}, TEXT, "became-not-enum", "info", "warning"),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}, "enum-value-removed", "breaking", "info"),
    ({"enum": ["a"]}, {"enum": ["a", "b"]}, "enum-value-added", "info", "warning"),
    ({"const": "a"}, {"enum": ["a", "b"]}, "enum-value-added", "info", "warning"),
    ({"type": "integer"}, {"type": "integer", "minimum": 1}, "min-set", "breaking", "info"),
    (
        {"type": "integer", "minimum": 1},
        {"type": "integer", "minimum": 2},
        "min-increased",
        "breaking",
        "info",
    ),
    (
        {"type": "integer", "minimum": 2},
        {"type": "integer", "minimum": 1},
        "min-decreased",
        "info",
        "breaking",
    ),
    (
        {"type": "number", "minimum": 1},
        {"type": "number", "exclusiveMinimum": 1},
        "min-increased",
        "breaking",
        "info",
    ),
    ({"type": "integer", "maximum": 9}, {"type": "integer"}, "max-removed", "info", "breaking"),
    (
        {"type": "integer", "maximum": 9},
        {"type": "integer", "maximum": 8},
        "max-decreased",
        "breaking",
        "info",
    ),
    (
        {"type": "string", "maxLength": 9},
        {"type": "string", "maxLength": 10},
        "max-length-increased",
        "info",
        "breaking",
    ),
    (TEXT, {"type": "string", "minLength": 1}, "min-length-set", "breaking", "info"),
    ({"type": "array"}, {"type": "array", "maxItems": 3}, "max-items-set", "breaking", "info"),
    ({"type": "array", "minItems": 3}, {"type": "array"}, "min-items-removed", "info", "breaking"),
    ({"type": "object"}, {"type": "object", "minProperties": 1}, "min-properties-set", "breaking", "info"),
    (
        {"type": "integer", "multipleOf": 5},
        {"type": "integer", "multipleOf": 10},
        "multiple-of-narrowed",
        "breaking",
        "info",
    ),
    ({"type": "integer", "multipleOf": 5}, {"type": "integer"}, "multiple-of-widened", "info", "breaking"),
    (
        {"type": "integer", "multipleOf": 5},
        {"type": "integer", "multipleOf": 7},
        "multiple-of-changed",
        "breaking",
        "breaking",
    ),
    ({"type": "array"}, {"type": "array", "uniqueItems": True}, "unique-items-set", "breaking", "info"),
    (TEXT, {"type": "string", "pattern": "^a"}, "pattern-added", "breaking", "info"),
    ({"type": "string", "pattern": "^a"}, TEXT, "pattern-removed", "info", "breaking"),
    (
        {"type": "string", "pattern": "^[a-z]+$"},
        {"type": "string", "pattern": "^[a-f]+$"},
        "pattern-narrowed",
        "breaking",
        "info",
    ),
    (
        {"type": "string", "pattern": "^[a-f]+$"},
        {"type": "string", "pattern": "^[a-z]+$"},
        "pattern-widened",
        "info",
        "breaking",
    ),
    (
        {"type": "string", "pattern": "^a+$"},
        {"type": "string", "pattern": "^b+$"},
        "pattern-changed",
        "breaking",
        "breaking",
    ),
    (
        {"type": "string", "pattern": r"^(?<=x)a$"},
        {"type": "string", "pattern": "^b$"},
        "pattern-rewritten",
        "warning",
        "warning",
    ),
    (TEXT, {"type": "string", "format": "date"}, "format-added", "breaking", "info"),
    ({"type": "string", "format": "date"}, TEXT, "format-removed", "info", "breaking"),
    (
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        "format-changed",
        "breaking",
        "breaking",
    ),
    (
        {"type": "integer", "format": "int32"},
        {"type": "integer", "format": "int64"},
        "format-widened",
        "info",
        "breaking",
    ),
    (
        {"type": "integer", "format": "int64"},
        {"type": "integer", "format": "int32"},
        "format-narrowed",
        "breaking",
        "info",
    ),
    ({"type": "number"}, {"type": "number", "format": "double"}, "format-hint-changed", "info", "info"),
    (TEXT, {"type": "string", "format": "isbn"}, "format-unknown-changed", "warning", "warning"),
    (TEXT, {"type": "string", "not": {"const": "x"}}, "condition-added", "breaking", "info"),
    ({"type": "string", "not": {"const": "x"}}, TEXT, "condition-removed", "info", "warning"),
    (
        {"type": "string", "not": {"const": "x"}},
        {"type": "string", "not": {"const": "y"}},
        "condition-changed",
        "warning",
        "warning",
    ),
    ({"oneOf": refs("Cat", "Dog")}, {"oneOf": refs("Cat")}, "alternative-removed", "breaking", "info"),
    ({"oneOf": refs("Cat")}, {"anyOf": refs("Dog", "Cat")}, "alternative-added", "info", "breaking"),
    (told("Cat", "Dog", cat="Cat", dog="Dog"), told("Cat", cat="Cat"), "variant-removed", "breaking", "info"),
    (told("Cat", cat="Cat"), told("Cat", "Dog", cat="Cat", dog="Dog"), "variant-added", "info", "warning"),
    (
        told("Cat", "Dog", cat="Cat", dog="Dog"),
        told("Cat", "Dog", cat="Cat", dog="Dog", tom="Cat"),
        "discriminator-mapping-added",
        "info",
        "warning",
    ),
    (
        told("Cat", "Dog", cat="Cat", dog="Dog", tom="Cat"),
        told("Cat", "Dog", cat="Cat", dog="Dog"),
        "discriminator-mapping-removed",
        "breaking",
        "info",
    ),
    ({"oneOf": refs("Cat", "Dog")}, told("Cat", "Dog"), "discriminator-added", "info", "info"),
    (
        {"type": "object", "additionalProperties": False},
        {"type": "object"},
        "additional-properties-opened",
        "info",
        "warning",
    ),
    (
        {"type": "object"},
        {"type": "object", "additionalProperties": False},
        "additional-properties-closed",
        "warning",
        "info",
    ),
    (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": False},
        "additional-properties-removed",
        "breaking",
        "info",
    ),
    (
        {"type": "object"},
        {"type": "object", "additionalProperties": TEXT},
        "additional-properties-typed",
        "warning",
        "info",
    ),
    (
        {"type": "string", "default": "a"},
        {"type": "string", "default": "b"},
        "default-changed",
        "warning",
        "info",
    ),
    ({"type": "string", "default": "a"}, TEXT, "default-removed", "warning", "info"),
    (TEXT, {"type": "string", "default": "a"}, "default-added", "info", "info"),
    (TEXT, {"type": "string", "deprecated": True}, "became-deprecated", "info", "info"),
    (
        {"type": "array", "prefixItems": [TEXT]},
        {"type": "array", "prefixItems": [{"type": "boolean"}]},
        "type-changed",
        "breaking",
        "breaking",
    ),
]


def aspects(found, side):
    """Return aspect -> severity of the changes of the request or the response."""
    return {change.aspect: change.severity for change in found.changes if change.rule.startswith(side)}


class TestAValue:
    @pytest.mark.parametrize(
        ("before", "after", "aspect", "taken", "given_"),
        PAIRS,
        ids=[f"{n}-{pair[2]}" for n, pair in enumerate(PAIRS)],
    )
    def test_one_change_is_one_finding_each_way(self, tmp_path, before, after, aspect, taken, given_):
        """What narrows a value breaks those who send it; what widens it, those who receive it."""
        found = difference(tmp_path, of_schema(before, **PETS), of_schema(after, **PETS))
        assert aspects(found, "request") == {aspect: taken}
        assert aspects(found, "response") == {aspect: given_}

    @pytest.mark.parametrize(
        ("before", "after", "aspect", "taken", "given_"),
        PAIRS,
        ids=[f"{n}-{pair[2]}" for n, pair in enumerate(PAIRS)],
    )
    def test_the_way_back_weighs_the_other_way_round(self, tmp_path, before, after, aspect, taken, given_):
        """A narrowing one way is a widening the other way: never breaking for the same side both times."""
        back = difference(tmp_path, of_schema(after, **PETS), of_schema(before, **PETS))
        assert len(back.changes) == 2
        returned, answered = aspects(back, "request").popitem()[1], aspects(back, "response").popitem()[1]
        if (taken, given_) == ("breaking", "info"):
            assert returned == "info"
            assert answered in ("breaking", "warning")
        elif (taken, given_) == ("info", "breaking"):
            assert (returned, answered) == ("breaking", "info")


SAME = {
    "order": (
        {"type": "object", "required": ["a", "b"], "properties": {"a": TEXT, "b": TEXT}},
        {"properties": {"b": TEXT, "a": TEXT}, "required": ["b", "a"], "type": "object"},
    ),
    "type array": ({"type": ["string", "null"]}, {"type": ["null", "string"]}),
    "type array of one": ({"type": ["string"]}, TEXT),
    "reference": ({"$ref": "#/components/schemas/Cat"}, CAT),
    "reference beside words": (
        {"$ref": "#/components/schemas/Cat", "description": "A cat"},
        {"$ref": "#/components/schemas/Cat"},
    ),
    "renamed component": ({"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Feline"}),
    "description": ({"type": "string", "description": "One"}, {"type": "string", "title": "Another"}),
    "examples": ({"type": "string", "example": "a"}, {"type": "string", "examples": ["b"]}),
    "allOf of one": ({"allOf": [CAT]}, CAT),
    "allOf of parts": (
        {
            "allOf": [
                {"type": "object", "properties": {"a": TEXT}},
                {"required": ["a"], "properties": {"b": TEXT}},
            ]
        },
        {"type": "object", "required": ["a"], "properties": {"a": TEXT, "b": TEXT}},
    ),
    "allOf of bounds": (
        {"type": "integer", "allOf": [{"minimum": 1}, {"minimum": 3, "maximum": 9}]},
        {"type": "integer", "minimum": 3, "maximum": 9},
    ),
    "null as a branch": (
        {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"type": "null"}]},
        {**CAT, "type": ["object", "null"]},
    ),
    "branches of other kinds": (
        {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer", "minimum": 1}]},
        {"type": ["string", "integer"], "maxLength": 3, "minimum": 1},
    ),
    "constants": ({"oneOf": [{"const": "a"}, {"const": "b"}]}, {"enum": ["b", "a"]}),
    "order of branches": ({"oneOf": refs("Cat", "Dog")}, {"oneOf": refs("Dog", "Cat")}),
    "anyOf for oneOf": ({"oneOf": refs("Cat", "Dog")}, {"anyOf": refs("Cat", "Dog")}),
    "branches in place": ({"oneOf": refs("Cat", "Dog")}, {"oneOf": [DOG, CAT]}),
    "exclusive bound of whole numbers": (
        {"type": "integer", "exclusiveMinimum": 0},
        {"type": "integer", "minimum": 1},
    ),
    "bounds that bound nothing": ({"type": "string", "minLength": 0}, TEXT),
    "pattern in other words": (
        {"type": "string", "pattern": "^[0-9]{3}$"},
        {"type": "string", "pattern": "^[0-9][0-9][0-9]$"},
    ),
    "1 and 1.0": (
        {"type": "number", "maximum": 1, "default": 1},
        {"type": "number", "maximum": 1.0, "default": 1.0},
    ),
    "object that is meant": ({"properties": {"a": TEXT}}, {"type": "object", "properties": {"a": TEXT}}),
    "open said aloud": ({"type": "object"}, {"type": "object", "additionalProperties": True}),
    "not in other order": (
        {"type": "string", "not": {"enum": ["a", "b"]}},
        {"type": "string", "not": {"enum": ["b", "a"]}},
    ),
    "const for enum of one": ({"const": "a"}, {"type": "string", "enum": ["a"]}),
    "true and false listed": ({"type": "boolean"}, {"type": "boolean", "enum": [False, True]}),
}


class TestNoChange:
    @pytest.mark.parametrize("name", SAME)
    def test_the_same_values_in_other_words(self, tmp_path, name):
        """Whoever tidies a document breaks nobody, and nothing is said."""
        schemas = {**PETS, "Feline": CAT}
        before, after = (of_schema(schema, **schemas) for schema in SAME[name])
        assert difference(tmp_path, before, after).changes == []
        assert difference(tmp_path, after, before).changes == []

    def test_nullable_of_3_0_is_null_of_3_1(self, tmp_path):
        """A document that moves to OpenAPI 3.1 says the same of null in other words."""
        old = {**of_schema({"type": "string", "nullable": True}), "openapi": "3.0.3"}
        assert difference(tmp_path, old, of_schema({"type": ["string", "null"]})).changes == []


def thing(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


PROPERTIES = [
    (
        thing(a=TEXT),
        thing(a=TEXT, b=TEXT),
        {"request-property-added-required": "breaking", "response-property-added-required": "info"},
    ),
    (
        thing(a=TEXT),
        {**thing(a=TEXT, b=TEXT), "required": ["a"]},
        {"request-property-added-optional": "info", "response-property-added-optional": "info"},
    ),
    (
        thing(a=TEXT),
        thing(a=TEXT, b={"type": "string", "default": "x"}),
        {
            "request-property-added-required-with-default": "warning",
            "response-property-added-required": "info",
        },
    ),
    (
        thing(a=TEXT, b=TEXT),
        thing(a=TEXT),
        {"request-property-removed-required": "warning", "response-property-removed-required": "breaking"},
    ),
    (
        {**thing(a=TEXT, b=TEXT), "required": ["a"]},
        thing(a=TEXT),
        {"request-property-removed-optional": "warning", "response-property-removed-optional": "warning"},
    ),
    (
        {**thing(a=TEXT), "required": []},
        thing(a=TEXT),
        {"request-property-became-required": "breaking", "response-property-became-required": "info"},
    ),
    (
        thing(a=TEXT),
        {**thing(a=TEXT), "required": []},
        {"request-property-became-optional": "info", "response-property-became-optional": "breaking"},
    ),
    (
        thing(a=TEXT),
        thing(a={"type": "string", "readOnly": True}),
        {"request-property-became-read-only": "warning"},
    ),
    (
        thing(a=TEXT),
        thing(a={"type": "string", "writeOnly": True}),
        {"response-property-became-write-only-required": "breaking"},
    ),
    (
        thing(a={"type": "string", "readOnly": True}),
        thing(a=TEXT),
        {"request-property-became-not-read-only": "info", "request-property-became-required": "breaking"},
    ),
    (thing(), thing(a={"type": "string", "readOnly": True}), {"response-property-added-required": "info"}),
    (
        thing(a={"type": "string", "writeOnly": True}),
        thing(),
        {"request-property-removed-required": "warning"},
    ),
]


class TestProperties:
    @pytest.mark.parametrize(("before", "after", "expected"), PROPERTIES)
    def test_come_and_go(self, tmp_path, before, after, expected):
        """A property is seen from both sides, but not from one that it does not travel to."""
        found = rules(difference(tmp_path, of_schema(before), of_schema(after)))
        expected = dict(expected)
        if "response-property-added-required" in expected and "default" in str(after):
            expected["response-property-added-required-with-default"] = expected.pop(
                "response-property-added-required"
            )
        assert found == expected

    def test_a_removed_one_is_refused_where_the_object_is_closed(self, tmp_path):
        """A consumer that still sends it gets an error, so that is breaking and no warning."""
        old = {**thing(a=TEXT, b=TEXT), "additionalProperties": False}
        new = {**thing(a=TEXT), "additionalProperties": False}
        assert (
            rules(difference(tmp_path, of_schema(old), of_schema(new)))["request-property-refused"]
            == "breaking"
        )

    def test_deep_inside(self, tmp_path):
        """The pointer leads through objects, arrays and maps to what changed."""

        def nested(leaf):
            items = {"type": "array", "items": thing(b={"type": "object", "additionalProperties": leaf})}
            return thing(a=items)

        found = difference(tmp_path, of_schema(nested(TEXT)), of_schema(nested({"type": "boolean"})))
        assert {change.pointer for change in found.changes} == {"/a/*/b/*"}
        assert {change.rule for change in found.changes} == {
            "request-property-type-changed",
            "response-property-type-changed",
        }

    def test_a_schema_inside_itself(self, tmp_path):
        """A tree is compared once, not to the end of all leaves."""

        def tree(leaf):
            node = thing(leaf=leaf, left={"$ref": "#/components/schemas/Tree"})
            return of_schema({"$ref": "#/components/schemas/Tree"}, Tree=node)

        found = difference(tmp_path, tree(TEXT), tree({"type": "integer"}))
        assert [change.pointer for change in found.changes] == ["/leaf", "/leaf"]

    def test_a_change_inside_a_branch(self, tmp_path):
        """The branch is found again, and what changed in it is said, not that it came and went."""
        lazy = {**CAT, "properties": {**CAT["properties"], "lives": TEXT}}
        before = of_schema({"oneOf": refs("Cat", "Dog")}, **PETS)
        after = of_schema({"oneOf": refs("Dog", "Cat")}, **{**PETS, "Cat": lazy})
        assert set(rules(difference(tmp_path, before, after))) == {
            "request-property-type-changed",
            "response-property-type-changed",
        }

    def test_an_alternative_that_another_one_takes_in(self, tmp_path):
        """Who could choose between a and b and now need not choose has lost nothing."""
        both = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}
        either = {**both, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
        found = difference(tmp_path, of_schema(either), of_schema(both))
        assert aspects(found, "request") == {"became-optional": "info"}
        assert aspects(found, "response") == {"became-optional": "breaking"}
        back = difference(tmp_path, of_schema(both), of_schema(either))
        assert aspects(back, "request") == {"became-required": "breaking"}

    def test_alternatives_inside_alternatives(self, tmp_path):
        """However they are nested, it is the same choice."""
        flat = {"oneOf": refs("Cat", "Dog", "Hen")}
        nested = {"oneOf": [*refs("Hen"), {"anyOf": refs("Dog", "Cat")}]}
        assert difference(tmp_path, of_schema(flat, **PETS), of_schema(nested, **PETS)).changes == []

    def test_heirs_of_a_discriminator(self, tmp_path):
        """A variant that joins its base by allOf is part of what is given, though nothing refers to it."""

        def family(lives):
            base = {"type": "object", "required": ["kind"], "properties": {"kind": TEXT}}
            base["discriminator"] = {"propertyName": "kind", "mapping": {"tom": "#/components/schemas/Tom"}}
            tom = {"allOf": [*refs("Pet"), {"type": "object", "properties": {"lives": lives}}]}
            return of_schema(refs("Pet")[0], Pet=base, Tom=tom)

        found = difference(tmp_path, family({"type": "integer"}), family(TEXT))
        assert {change.pointer for change in found.changes} == {"/lives"}

    def test_a_mapping_that_means_another(self, tmp_path):
        """The same value on the wire is read as another thing: both sides are broken."""
        before, after = told("Cat", "Dog", pet="Cat", dog="Dog"), told("Cat", "Dog", pet="Dog", dog="Cat")
        found = rules(difference(tmp_path, of_schema(before, **PETS), of_schema(after, **PETS)))
        assert found["request-body-discriminator-mapping-changed"] == "breaking"


SCHEMAS = st.recursive(
    st.one_of(
        st.builds(lambda low: {"type": "integer", "minimum": low}, st.integers(-5, 5)),
        st.builds(lambda size: {"type": "string", "maxLength": size}, st.integers(0, 9)),
        st.builds(lambda names: {"enum": sorted(names)}, st.sets(st.sampled_from("abcde"), min_size=1)),
        st.just({"type": "boolean"}),
        st.sampled_from(refs("Cat", "Dog")),
    ),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda named: thing(**named), st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)),
        st.builds(lambda one, other: {"oneOf": [one, other]}, inner, inner),
        st.builds(lambda one, other: {"allOf": [one, {"anyOf": [one, other]}]}, inner, inner),
    ),
    max_leaves=6,
)


class TestLaws:
    @given(SCHEMAS)
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_nothing_differs_from_itself(self, tmp_path, schema):
        """A contract against itself has no change, whatever it says."""
        document = of_schema(schema, **PETS)
        assert difference(tmp_path, document, document).changes == []

    @given(SCHEMAS, SCHEMAS)
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_there_and_back(self, tmp_path, one, other):
        """What is found on the way there is found on the way back, at the same places."""
        there = difference(tmp_path, of_schema(one, **PETS), of_schema(other, **PETS))
        back = difference(tmp_path, of_schema(other, **PETS), of_schema(one, **PETS))
        assert {change.pointer for change in there.changes} == {change.pointer for change in back.changes}
