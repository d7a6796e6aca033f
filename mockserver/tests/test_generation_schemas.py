"""
Any schema that has a value gets one.

Schemas are grown around a value that they are to accept (the witness), so that we know there is one: whatever
is drawn
into them, nothing may be ungeneratable, and everything generated must be valid.
"""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.errors import Ungeneratable
from mockserver.generation import Generator
from mockserver.generation.fitting import passes, questions_of
from mockserver.generation.holds import holds as fragment_holds
from mockserver.generation.sources import Scope, Source

NAMES = st.sampled_from(("id", "name", "email", "createdAt", "total", "items", "x-1", "price", "a", "b", "c"))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-1000, 1000)
    | st.integers(-(2**70), 2**70)
    | st.floats(-1e6, 1e6, allow_nan=False).map(lambda number: round(number, 3))
    | st.text("ab1_- é漢😀", max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)

TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def holds(schema: Any, value: Any) -> bool:
    """Whether jsonschema finds *value* valid."""
    return Draft202012Validator(schema).is_valid(value)


@st.composite
def around(draw: st.DrawFn, value: Any, depth: int = 3) -> Any:
    """A schema that accepts *value*."""
    plain = {
        type(None): _bare,
        bool: _bare,
        int: _number,
        float: _number,
        str: _string,
        list: _array,
        dict: _object,
    }[type(value)]
    schema = draw(plain(value, depth))
    if depth <= 0:
        return schema
    for keyword in draw(st.lists(st.sampled_from(sorted(COMBINED)), max_size=2, unique=True)):
        schema[keyword] = draw(COMBINED[keyword](value, depth - 1))
        if keyword == "oneOf":
            assert holds({"oneOf": schema["oneOf"]}, value)
    if draw(st.integers(0, 9)) == 0:
        schema["if"] = draw(other(depth - 1))
        schema["then" if holds(schema["if"], value) else "else"] = draw(around(value, depth - 1))
    return schema


def other(depth: int) -> st.SearchStrategy[Any]:
    """A schema around some other value."""
    return VALUES.flatmap(lambda value: around(value, depth)) if depth > 0 else st.booleans()


@st.composite
def _any_of(draw: st.DrawFn, value: Any, depth: int) -> Any:
    return draw(st.permutations([draw(around(value, depth)), *draw(st.lists(other(depth), max_size=2))]))


@st.composite
def _one_of(draw: st.DrawFn, value: Any, depth: int) -> Any:
    others = [schema for schema in draw(st.lists(other(depth), max_size=2)) if not holds(schema, value)]
    return draw(st.permutations([draw(around(value, depth)), *others]))


@st.composite
def _not(draw: st.DrawFn, value: Any, depth: int) -> Any:
    schema = draw(other(depth))
    return {"not": schema} if holds(schema, value) else schema


COMBINED: dict[str, Any] = {
    "allOf": lambda value, depth: st.lists(around(value, depth), min_size=1, max_size=2),
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "enum": lambda value, _depth: st.lists(VALUES, max_size=3).map(lambda others: [*others, value]),
}


@st.composite
def _bare(draw: st.DrawFn, value: Any, _depth: int) -> Any:
    return draw(
        st.sampled_from(
            ({"type": TYPES[type(value)]}, {"const": value}, {"type": [TYPES[type(value)], "object"]})
        )
    )


@st.composite
def _number(draw: st.DrawFn, value: Any, _depth: int) -> Any:
    kind = "integer" if isinstance(value, int) else "number"
    schema: Any = {"type": draw(st.sampled_from((kind, ["string", kind])))} if draw(st.integers(0, 4)) else {}
    gap = draw(st.sampled_from((0, 1, 3, 1000)))
    if draw(st.booleans()):
        schema["minimum"] = value - gap
    if draw(st.booleans()):
        schema["maximum"] = value + gap
    if gap and draw(st.booleans()):
        schema[draw(st.sampled_from(("exclusiveMinimum",)))] = value - gap
    if isinstance(value, int) and draw(st.booleans()):
        schema["multipleOf"] = next((step for step in (7, 5, 3, 2) if value % step == 0), 1)
    elif isinstance(value, float) and draw(st.booleans()) and holds({"multipleOf": 0.01}, value):
        schema["multipleOf"] = 0.01
    return schema


PATTERNS = (
    r"^[a-z]*",
    r"[^x]*$",
    r"^(?!zz)",
    r"^.{0,9}$",
    r"^[^A-Z]*$",
    r"^(a|b|.)*$",
    r"a",
    r"^\S*$",
    r"(?=.*b)",
)


@st.composite
def _string(draw: st.DrawFn, value: str, _depth: int) -> Any:
    schema: Any = {"type": "string"} if draw(st.integers(0, 4)) else {}
    if draw(st.booleans()):
        schema["minLength"] = max(0, len(value) - draw(st.integers(0, 2)))
    if draw(st.booleans()):
        schema["maxLength"] = len(value) + draw(st.integers(0, 2))
    fitting = [pattern for pattern in PATTERNS if holds({"pattern": pattern}, value)]
    if fitting and draw(st.booleans()):
        schema["pattern"] = draw(st.sampled_from(fitting))
    return schema


@st.composite
def _array(draw: st.DrawFn, value: list[Any], depth: int) -> Any:
    schema: Any = {"type": "array"} if draw(st.integers(0, 4)) else {}
    known = draw(st.integers(0, len(value)))
    if known:
        schema["prefixItems"] = [draw(around(item, depth - 1)) for item in value[:known]]
    rest = value[known:]
    closing = draw(st.sampled_from(("", "items", "unevaluatedItems")))
    if closing:
        schema[closing] = {"anyOf": [draw(around(item, depth - 1)) for item in rest]} if rest else False
    if draw(st.booleans()):
        schema["minItems"] = len(value)
    if draw(st.booleans()):
        schema["maxItems"] = len(value) + draw(st.integers(0, 2))
    if draw(st.booleans()) and holds({"uniqueItems": True}, value):
        schema["uniqueItems"] = True
    if value and draw(st.booleans()):
        schema["contains"] = draw(around(draw(st.sampled_from(value)), depth - 1))
        found = sum(holds(schema["contains"], item) for item in value)
        schema["minContains"] = draw(st.integers(0, found))
        if draw(st.booleans()):
            schema["maxContains"] = found
    return schema


@st.composite
def _object(draw: st.DrawFn, value: dict[str, Any], depth: int) -> Any:
    schema: Any = {"type": "object"} if draw(st.integers(0, 4)) else {}
    named = [name for name in value if draw(st.integers(0, 3))]
    schema["properties"] = {name: draw(around(value[name], depth - 1)) for name in named}
    rest = [item for name, item in value.items() if name not in named]
    closing = draw(st.sampled_from(("", "additionalProperties", "unevaluatedProperties")))
    if closing:
        schema[closing] = {"anyOf": [draw(around(item, depth - 1)) for item in rest]} if rest else False
    if value and draw(st.booleans()):
        schema["required"] = draw(st.lists(st.sampled_from(sorted(value)), unique=True))
    if draw(st.booleans()):
        schema["minProperties"] = max(0, len(value) - draw(st.integers(0, 1)))
    if draw(st.booleans()):
        schema["maxProperties"] = len(value) + draw(st.integers(0, 1))
    if value and draw(st.integers(0, 4)) == 0:
        schema["dependentRequired"] = {
            draw(NAMES): draw(st.lists(st.sampled_from(sorted(value)), max_size=2, unique=True))
        }
    if draw(st.integers(0, 4)) == 0:
        schema["propertyNames"] = {"maxLength": max([len(name) for name in value], default=0) + 3}
    return schema


SCHEMAS = VALUES.flatmap(lambda value: around(value, 2))


# A failing schema is large, and shrinking it takes longer than reading it: hence only Phase.generate.
SETTINGS = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class TestHolds:
    @settings(SETTINGS, max_examples=150)
    @given(SCHEMAS, VALUES)
    def test_it_judges_as_jsonschema_does(self, schema, value):
        """
        Fragments are judged by a reader of our own, which must not be of another mind.
        """
        source = Source(schema, Scope(schema), "")
        verdict = holds(schema, value)
        assert fragment_holds(source, value) == verdict
        assert passes(questions_of([source]), value) == verdict, "put together once or not"


class TestAnySchema:
    def test_a_value_is_found_and_valid(self):
        """
        Where a value exists one is found, and both judges take it; that there is none is never said.

        Which schemas are drawn goes by the modules that are imported (Hypothesis tries their constants),
        and of thousands of this kind a few are searched in vain: one in fifty may be.
        """
        wrong: list[Any] = []
        missed: list[Any] = []

        @settings(SETTINGS, max_examples=150)
        @given(SCHEMAS)
        def each(schema: Any) -> None:
            slow, fast = Draft202012Validator(schema), jsonschema_rs.Draft202012Validator(schema)
            generator = Generator(schema, accepts=fast.is_valid)
            for seed in ("one", "two"):
                try:
                    value = generator.value(seed)
                except Ungeneratable as dead:
                    (wrong if dead.proved else missed).append(schema)
                    continue
                assert slow.is_valid(value), value
                assert fast.is_valid(value), value

        each()
        assert not wrong
        assert len(missed) <= 6, missed

    @settings(SETTINGS, max_examples=25)
    @given(SCHEMAS)
    def test_variants_are_valid(self, schema):
        """
        Every nasty form is a valid one, or it would be a bug report about nothing.
        """
        fast = jsonschema_rs.Draft202012Validator(schema)
        for name, value in Generator(schema, accepts=fast.is_valid).variants("seed"):
            assert fast.is_valid(value), name
