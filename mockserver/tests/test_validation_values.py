from __future__ import annotations

import subprocess
import sys
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.model import Schema
from mockserver.exchange import MISSING, Json, Place
from mockserver.tests.costs import cost, growth
from mockserver.validation.values import (
    RawValidator,
    UnknownPattern,
    Validator,
    fits_format,
    matcher,
)

MANY: list[Json] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    1.5,
    19.99,
    0.3,
    1e30,
    1e308,
    2**31,
    2**53 + 1,
    2**63,
    2**64,
    10**40,
    -(10**40),
    "",
    "a",
    "aa",
    "é",
    "😀",
    "a\n",
    "1",
    "007",
    "٣",
    "\u00a0",
    "\u2028",
    "true",
    "null",
    "\ud800",
    "2024-02-30",
    "2024-02-29T23:59:60Z",
    "2024-01-02T03:04:05+02:00",
    "2024-01-02 03:04:05",
    "a@b.c",
    "127.0.0.1",
    "::1",
    "aGk=",
    "aGk",
    "http://[::1]/",
    "P1D",
    "550e8400-e29b-41d4-a716-446655440000",
    "x" * 300,
    [],
    [1],
    [1, True],
    [1, 1.0],
    [0, False],
    [[1], [True]],
    [{"a": 1}, {"a": 1.0}],
    [1, 2, 3],
    ["a", "b"],
    [None, 0],
    {},
    {"a": 1},
    {"a": "x"},
    {"b": 1},
    {"a": 1, "b": 2},
    {"aa": 1},
    {"": 1},
    {"a/b~c": {"d": [1, {"e": None}]}},
]
"""Values on which validators are known to disagree, and their neighbours."""

CORPUS: list[Json] = [
    True,
    False,
    {},
    *({"type": kind} for kind in ("null", "boolean", "integer", "number", "string", "array", "object")),
    {"type": ["integer", "null"]},
    {"const": 1},
    {"const": True},
    {"const": [0]},
    {"enum": [1, "a", None, 10**40]},
    {"enum": [0, False]},
    *({"multipleOf": step} for step in (1, 2, 3, 0.01, 0.1, 0.3, 1e-8, 0.5, 1e300, 10**30)),
    *({"minimum": bound} for bound in (0, 1.5, 2**53, 2**63, 10**40)),
    *({"exclusiveMaximum": bound} for bound in (0, 1.5, 2**53, 2**64, 10**40)),
    {"minLength": 1, "maxLength": 2},
    {"uniqueItems": True},
    {"minItems": 1, "maxItems": 2, "items": {"type": "integer"}},
    {"prefixItems": [{"type": "integer"}], "items": {"type": "boolean"}},
    {"contains": {"const": 1}, "maxContains": 1},
    {"properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False},
    {"patternProperties": {"^a{1,2}$": {"type": "integer"}}, "additionalProperties": {"type": "object"}},
    {"patternProperties": {"^(?!b)a": False}},
    {"propertyNames": {"pattern": "^[ab]+$"}, "maxProperties": 1},
    {"dependentRequired": {"a": ["b"]}},
    {"dependentSchemas": {"a": {"required": ["b"]}}},
    {"dependencies": {"a": ["b"]}},
    {"if": {"type": "object"}, "then": {"required": ["a"]}, "else": {"not": {"type": "null"}}},
    {"oneOf": [{"type": "integer"}, {"minimum": 2}]},
    {"anyOf": [{"type": "integer"}, {"required": ["a"]}]},
    {"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False},
    {
        "anyOf": [{"required": ["a"], "properties": {"a": True}}, {"minProperties": 3}],
        "unevaluatedProperties": False,
    },
    {
        "if": {"required": ["b"]},
        "then": {"properties": {"b": True}},
        "unevaluatedProperties": {"type": "integer"},
    },
    {"prefixItems": [True], "unevaluatedItems": False},
    {"$ref": "#/$defs/A", "$defs": {"A": {"anyOf": [{"type": "null"}, {"items": {"$ref": "#/$defs/A"}}]}}},
    *(
        {"pattern": pattern}
        for pattern in (
            r"^\d+$",
            r"^\w$",
            r"^\s$",
            r"a$",
            r"^.$",
            r"^[^]$",
            r"^(?=a)a+$",
            r"(?<!a)b",
            r"^\p{L}$",
            r"^(a+)\1$",
            r"^a{,3}$",
            r"^\/?a$",
            r"\Aa\Z",
            r"^(?P<x>a)",
            r"^(?<x>a)\k<x>$",
            r"^[\w.-]+$",
            r"^[a-\d]$",
            r"^{a}$",
            r"(",
            r"^\0$",
            r"^[\b]$",
            r"\h",
            r"^\u{61}$",
            r"^\u0061$",
            r"(?#note)a",
            r"^]$",
            r"[]",
            r"^(a+)+$",
        )
    ),
    *(
        {"format": name}
        for name in (
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint32",
            "uint64",
            "double-int",
            "float",
            "double",
            "byte",
            "binary",
            "date",
            "date-time",
            "time",
            "duration",
            "email",
            "hostname",
            "idn-hostname",
            "ipv4",
            "ipv6",
            "uri",
            "uri-reference",
            "iri",
            "uuid",
            "regex",
            "json-pointer",
            "uri-template",
            "char",
            "decimal",
            "base64url",
            "http-date",
            "password",
            "media-range",
            "sf-token",
            "date-time-local",
            "nobody-knows-this",
        )
    ),
    {"properties": {"a": {"format": "int32", "pattern": "^(?=x)"}}, "items": {"format": "byte"}},
]


class TestTwoValidatorsOneVerdict:
    @pytest.mark.parametrize("schema", CORPUS, ids=lambda schema: str(schema)[:60])
    def test_corpus(self, schema: Json) -> None:
        """
        jsonschema-rs, jsonschema and the reasons agree on every value; who disagrees would answer 200 with
        violations.
        """
        validator = RawValidator(schema)
        for value in MANY:
            quick = validator.is_valid(value)
            assert quick == validator.reasoned(value), value
            found = validator._explained(value, "body", "", validator._paths(value))
            assert found == validator._explained(value, "body", "", None), value
            assert quick == (found == []), value

    JSON = st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(),
        ),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "aa"]), inner),
        max_leaves=8,
    )

    @given(JSON, st.sampled_from([schema for schema in CORPUS if isinstance(schema, dict)]))
    @settings(max_examples=200, deadline=None)
    def test_any_value(self, value: Json, schema: Json) -> None:
        """The corpus is what we thought of; hypothesis thinks of the rest."""
        validator = RawValidator(schema)
        assert validator.is_valid(value) == validator.reasoned(value)

    @given(st.integers(-(10**6), 10**6), st.sampled_from([0.01, 0.1, 0.05, 0.001]))
    def test_cents(self, count: int, step: float) -> None:
        """Every count of cents is a multiple of a cent, which binary division denies."""
        value = round(count * step, 6)
        validator = RawValidator({"multipleOf": step})
        assert validator.is_valid(value)
        assert validator.violations(value) == []


class TestVerdicts:
    @pytest.mark.parametrize(
        ("schema", "value", "valid"),
        [
            ({"type": "integer"}, 1.0, True),
            ({"multipleOf": 0.01}, 19.99, True),
            ({"multipleOf": 0.01}, 19.999, False),
            ({"uniqueItems": True}, [1, True], True),
            ({"uniqueItems": True}, [1, 1.0], False),
            ({"maximum": 2**64}, 2**64 + 1, False),
            ({"maxLength": 1}, "😀", True),
            ({"pattern": r"^\d+$"}, "٣", False),
            ({"pattern": "a$"}, "a\n", False),
            ({"pattern": r"^[^]$"}, "x", True),
            ({"pattern": "("}, "anything", True),
            ({"format": "int32"}, 2**31, False),
            ({"format": "int32"}, 5.0, True),
            ({"format": "int32"}, 5.5, False),
            ({"format": "int64"}, 2**63, False),
            ({"format": "float"}, 1e39, False),
            ({"format": "date-time"}, "2024-01-02T03:04:05", False),
            ({"format": "nobody-knows-this"}, "x", True),
        ],
    )
    def test_known_disputes(self, schema: Json, value: Json, valid: bool) -> None:
        """Where validators differ, this is what we hold."""
        assert RawValidator(schema).is_valid(value) is valid

    def test_deep_value(self) -> None:
        """
        A value beyond Python's stack is still judged; where the reasons cannot be found, that is the reason.
        """
        schema = {"$ref": "#/$defs/A", "$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}}}

        def nested(innermost: Json) -> Json:
            for _ in range(900):
                innermost = [innermost]
            return innermost

        assert RawValidator(schema).check(nested([])) == []
        assert [one.keyword for one in RawValidator(schema).check(nested(5))] == ["depth"]


class TestEvilPatterns:
    @pytest.mark.parametrize(
        ("pattern", "text"),
        [
            (r"^(a+)+$", "a" * 50_000 + "!"),
            (r"^(a|aa)+$", "a" * 50_000 + "!"),
            (r"^(?=(a+)+$)a", "a" * 10_000 + "!"),
            (r"^(a|a)*(?!x)$", "a" * 10_000 + "!"),
            (r"(?=.*a)(?=.*b)^(.*)*$", "c" * 1_000_000),
            (r"(a*)(a*)\1b", "a" * 10_000),
        ],
    )
    def test_answers_in_time(self, pattern: str, text: str) -> None:
        """Neither side may be held up by an expression and the text that was made for it."""
        validator = RawValidator({"pattern": pattern})
        assert [one.keyword for one in validator.check(text)] == ["pattern"]
        half = text[len(text) // 2 :]
        # Twice the text may cost four times as much, where an expression looks back; never 2^n times.
        assert cost(lambda: validator.check(text)) < 8 * cost(lambda: validator.check(half))

    def test_names_of_properties(self) -> None:
        """A name may be as evil as a value, also where only `unevaluatedProperties` asks for the pattern."""
        schema = {"patternProperties": {"^(a+)+$": True, r"^\p{Lu}$": True}, "unevaluatedProperties": False}
        validator = RawValidator(schema)
        assert [one.pointer for one in validator.check({"É": 1, "x": 1, "a" * 5000 + "!": 1})] == [
            "/x",
            "/" + "a" * 5000 + "!",
        ]
        assert growth(lambda size: validator.check({"a" * size + "!": 1}), 2_000) < 30

    def test_many_equal_objects(self) -> None:
        """uniqueItems of ten thousand objects is no matter of pairs."""
        validator = RawValidator({"uniqueItems": True})
        assert validator.violations([{"a": index} for index in range(10_000)]) == []
        assert growth(lambda size: validator.violations([{"a": one} for one in range(size)]), 2_500) < 30

    def test_no_expression(self) -> None:
        """What is no expression is said to be none, however often it is asked for; no request is refused."""
        for _ in range(2):
            with pytest.raises(UnknownPattern, match="not a regular expression"):
                matcher("(")
        assert RawValidator({"pattern": "("}).violations("a") == []

    @pytest.mark.parametrize(
        ("pattern", "taken", "refused"),
        [
            ("^.{1,2097152}", "a", ""),
            ("^.{3,100000}$", "a" * 100_000, "a" * 100_001),
            ("^[a-z]{4000}$", "a" * 4_000, "a" * 3_999),
            (r"^\p{L}{1,1000}$", "é" * 1_000, "é" * 1_001),
            (r"^\p{L}{1,1000}$", "é", "1"),
            ("^[a-z]{2,100000}-[0-9]{70000}$", "aa-" + "1" * 70_000, "a-" + "1" * 70_000),
        ],
    )
    def test_repeated_more_often_than_can_be_compiled(self, pattern: str, taken: str, refused: str) -> None:
        """What an engine cannot hold is held all the same: neither is anything taken, nor nothing."""
        validator = RawValidator({"pattern": pattern})
        assert validator.is_valid(taken)
        assert validator.violations(taken) == []
        assert not validator.is_valid(refused)
        assert validator.violations(refused)


class TestFormats:
    @pytest.mark.parametrize(
        ("name", "good", "bad"),
        [
            ("byte", ["", "aGk=", "AAEC"], ["aGk", "a Gk=", "***", "é==="]),
            ("base64url", ["aGk", "a-_k", "aGk="], ["a+/k", "a"]),
            ("char", ["a", "😀"], ["", "ab"]),
            ("decimal", ["1", "-1.50"], ["1.", "x"]),
            ("http-date", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"], ["1994-11-06"]),
            ("date-time-local", ["2024-01-02T03:04:05"], ["2024-01-02T03:04:05Z"]),
            ("media-range", ["text/*", "application/json; q=0.5"], ["json"]),
            ("sf-token", ["*a/b"], ["1a"]),
            ("date-time", ["2024-01-02t03:04:05.123z"], ["2024-13-02T03:04:05Z", "2024-01-02"]),
            ("int8", [127, "not a number"], [128]),
        ],
    )
    def test_registry(self, name: str, good: list[Json], bad: list[Json]) -> None:
        """OpenAPI's registry, as its sources define each name."""
        assert [value for value in good if not fits_format(name, value)] == []
        assert [value for value in bad if fits_format(name, value)] == []


def said(schema: Json, value: Json) -> list[tuple[str, str, str]]:
    return [(one.pointer, one.keyword, one.detail) for one in RawValidator(schema).check(value)]


CAT: Json = {
    "type": "object",
    "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
    "required": ["lives"],
}
DOG: Json = {
    "type": "object",
    "properties": {"kind": {"const": "dog"}, "barks": {"type": "boolean"}},
    "required": ["barks"],
}
PET: Json = {
    "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
    "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/$defs/Cat", "dog": "#/$defs/Dog"}},
    "$defs": {"Cat": CAT, "Dog": DOG},
}


class TestReasons:
    def test_all_of_them(self) -> None:
        """Three wrong fields, three violations, each at its place."""
        schema = {
            "properties": {
                "name": {"type": "string"},
                "age": {"minimum": 0},
                "a/b": {"enum": ["red", "blue"]},
            },
            "required": ["id"],
            "additionalProperties": False,
        }
        assert said(schema, {"name": 5, "age": -1, "a/b": "blu", "nmae": 1}) == [
            ("/name", "type", "5 is not of type string."),
            ("/age", "minimum", "-1 is less than 0."),
            ("/a~1b", "enum", '"blu" is not one of "red" or "blue". Did you mean \'blue\'?'),
            ("/id", "required", "'id' is required."),
            ("/nmae", "additionalProperties", "'nmae' is not a property here. Did you mean 'name'?"),
        ]

    def test_expected_and_found(self) -> None:
        """What was asked for and what was there stand beside each other, as JSON."""
        (one,) = RawValidator({"properties": {"a": {"maxLength": 2}}}).check({"a": "x" * 1000})
        assert (one.expected, one.where) == (2, "body")
        assert len(one.found) < 300
        (missing,) = RawValidator({"required": ["a"]}).check({})
        assert missing.found is MISSING

    def test_discriminator(self) -> None:
        """Who says that it is a cat hears about cats only."""
        assert said(PET, {"kind": "cat", "lives": "nine"}) == [
            ("/lives", "type", 'As Cat, because kind is "cat": "nine" is not of type integer.')
        ]
        assert said(PET, {"kind": "cta", "lives": 9}) == [
            ("/kind", "discriminator", 'kind is "cta"; expected "cat" or "dog". Did you mean \'cat\'?')
        ]
        assert [one[:2] for one in said(PET, {})] == [("/kind", "required")]

    def test_likeliest_branch(self) -> None:
        """Without a discriminator the branch whose fixed property fits was meant."""
        schema = {key: value for key, value in PET.items() if key != "discriminator"}
        assert said(schema, {"kind": "dog", "barks": "loudly"}) == [
            ("/barks", "type", '"loudly" is not of type boolean.')
        ]

    def test_no_type_fits(self) -> None:
        """No branch takes text: all the types are named at once."""
        assert said({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "x") == [
            ("", "type", '"x" is not of type integer or null.')
        ]

    def test_too_many_branches(self) -> None:
        """oneOf that fits twice says which."""
        schema = {"oneOf": [{"$ref": "#/$defs/A"}, {"minimum": 1}], "$defs": {"A": {"type": "integer"}}}
        assert said(schema, 5) == [("", "oneOf", "It fits A and oneOf/1 at once; exactly one must fit.")]

    def test_bounded(self) -> None:
        """A thousand wrong items are told by their first hundred, a hundred thousand by the first."""
        validator = RawValidator({"items": {"type": "string"}})
        assert len(validator.check(list(range(1_000)))) == 100
        assert len(validator.check(list(range(100_000)))) == 1

    def test_one_of_many(self) -> None:
        """Of ten thousand items one is wrong: the others are not looked at again."""
        schema = {
            "items": {"$ref": "#/$defs/A"},
            "$defs": {
                "A": {"properties": {f"p{index}": {"type": "string", "minLength": 1} for index in range(15)}}
            },
        }
        value: list[Json] = [{f"p{index}": "x" for index in range(15)} for _ in range(10_000)]
        value[7_777]["p3"] = ""
        validator = RawValidator(schema)
        assert not validator.is_valid(value)
        assert [one.pointer for one in validator.violations(value)] == ["/7777/p3"]
        assert cost(lambda: validator.violations(value)) < 20 * cost(lambda: validator.is_valid(value))

    def test_dialect(self) -> None:
        """A schema that names its dialect is held by the same keywords as one that does not."""
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "pattern": r"^\p{L}$"}
        assert [one.keyword for one in RawValidator(schema).check("5")] == ["pattern"]

    def test_prefix(self) -> None:
        """Violations of a parameter point into it by its name."""
        (one,) = RawValidator({"items": {"type": "integer"}}).check([1, "x"], "query", "ids")
        assert (one.where, one.pointer) == ("query", "ids/1")


class TestPlace:
    def test_in_the_contract(self) -> None:
        """The rule is named where it stands in the contract, through references."""

        class Schemas:
            asked: ClassVar[list[Any]] = []

            def compiled(self, _place: Place, _direction: str) -> Json:
                return {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"minimum": 1}}}

            def origin(self, _schema: Schema, path: Any) -> Place:
                self.asked.append(tuple(path))
                return Place("x.yaml", "/rule")

        (one,) = Validator(Schema(Place("x.yaml", ""), Schemas()), "request").check({"a": 0})  # type: ignore[arg-type]
        assert one.place == Place("x.yaml", "/rule")
        assert Schemas.asked == [("properties", "a", "$ref", "minimum")]


def test_the_first_no_is_quick() -> None:
    """The first refused request of a server does not wait until jsonschema compiled its grammars of IRIs."""
    code = (
        "import sys; from mockserver.validation.values import RawValidator;"
        "assert RawValidator({'type': 'integer'}).check('x');"
        "sys.exit(bool({'lark', 'rfc3987_syntax'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
