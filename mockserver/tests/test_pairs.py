from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.model import Operation
from mockserver.contract.pairs import file_bytes, is_example, paired
from mockserver.exchange import MISSING, Arguments, Upload
from mockserver.tests.loaded import operation

LEND = operation("""
parameters:
  - {name: limit, in: query, schema: {type: integer}, examples: {few: {value: 2}, many: {value: 100}}}
  - {name: X-Trace, in: header, schema: {type: string}, examples: {few: {value: t1}}}
  - {name: sort, in: query, schema: {type: string}, example: up}
requestBody:
  content:
    application/json:
      schema: {type: object}
      examples: {few: {value: {a: 1}}, whole: {value: {a: [1, {b: null}], c: true}}}
    text/plain: {examples: {few: {value: text}, plain: {value: text}}}
responses: {"200": {description: ok, content: {application/json: {examples: {only: {value: 1}}}}}}
""")


def arguments(body: Any = MISSING, header: dict[str, Any] | None = None, **query: Any) -> Arguments:
    explicit = frozenset([*(f"query.{name}" for name in query), *(["body"] if body is not MISSING else [])])
    return Arguments(query=query, header=header or {}, body=body, explicit=explicit)


class TestNames:
    def test_in_order(self) -> None:
        """The body's first, then the parameters'; an example without a name pairs with nothing."""
        assert LEND.example_names == ("few", "whole", "plain", "many")

    def test_of_a_response_only(self) -> None:
        """What only an answer is called says nothing about a request."""
        assert "only" not in LEND.example_names
        assert list(LEND.request_examples("only")) == []

    def test_all_that_a_name_says(self) -> None:
        """Of several media types that have it, the first."""
        said = [(where, name, example.value) for where, name, example in LEND.request_examples("few")]
        assert said == [("query", "limit", 2), ("header", "X-Trace", "t1"), ("body", "", {"a": 1})]


class TestIsExample:
    FEW = ({"a": 1}, {"x-trace": "t1"})

    def test_the_very_request(self) -> None:
        """All that the example gives, and nothing else."""
        assert is_example(LEND, "few", arguments(*self.FEW, limit=2))
        assert paired(LEND, arguments(*self.FEW, limit=2)) == "few"

    @pytest.mark.parametrize(
        ("body", "header", "query"),
        [
            ({"a": 2}, {"x-trace": "t1"}, {"limit": 2}),
            ({"a": 1, "b": 1}, {"x-trace": "t1"}, {"limit": 2}),
            ({"a": 1}, {}, {"limit": 2}),
            ({"a": 1}, {"x-trace": "t1"}, {}),
            ({"a": 1}, {"x-trace": "t1"}, {"limit": 2, "sort": "up"}),
            (MISSING, {"x-trace": "t1"}, {"limit": 2}),
        ],
    )
    def test_another_request(self, body: Any, header: Any, query: Any) -> None:
        """One value that differs, one too few or one too many."""
        assert not is_example(LEND, "few", arguments(body, header, **query))

    def test_other_headers_do_not_matter(self) -> None:
        """Every client sends some."""
        header = {"x-trace": "t1", "accept": "*/*"}
        assert is_example(LEND, "few", arguments({"a": 1}, header, limit=2))

    def test_a_default_was_not_sent(self) -> None:
        """What the contract fills in is not part of the request."""
        asked = arguments({"a": [1, {"b": None}], "c": True})
        asked.query["limit"] = 20
        assert paired(LEND, asked) == "whole"

    def test_a_body_that_the_example_does_not_have(self) -> None:
        """An empty object is as good as none."""
        assert is_example(LEND, "many", arguments(limit=100))
        assert is_example(LEND, "many", arguments({}, limit=100))
        assert not is_example(LEND, "many", arguments({"a": 1}, limit=100))

    def test_no_example(self) -> None:
        """A name that says nothing fits nothing, not even an empty request."""
        assert not is_example(LEND, "only", arguments())
        assert paired(LEND, arguments()) == ""


class TestEquality:
    def one(self, value: Any) -> Operation:
        """An operation whose one example has that body."""
        content = {"application/json": {"examples": {"it": {"value": value}}}}
        return operation({"requestBody": {"content": content}})

    JSON = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    ).filter(lambda value: value != {})

    @given(JSON, JSON)
    def test_a_value_is_itself_and_nothing_else(self, one: Any, other: Any) -> None:
        """Whatever JSON it is: equal to its copy; two values are equal when they are written alike."""
        made = self.one(one)
        assert is_example(made, "it", arguments(copy.deepcopy(one)))
        assert is_example(made, "it", arguments(other)) is (repr_of(one) == repr_of(other))

    def test_numbers(self) -> None:
        """JSON Schema 2020-12, 4.2.2: 1.0 is 1, and true is neither."""
        made = self.one({"a": 1, "b": False})
        assert is_example(made, "it", arguments({"a": 1.0, "b": False}))
        assert not is_example(made, "it", arguments({"a": True, "b": False}))
        assert not is_example(made, "it", arguments({"a": 1, "b": 0}))
        assert not is_example(made, "it", arguments({"a": "1", "b": False}))

    def test_files(self) -> None:
        """A file is its bytes; in an example each is a character."""
        made = self.one({"file": "\x89PNG"})
        assert is_example(made, "it", arguments({"file": Upload("a.png", "image/png", b"\x89PNG")}))
        assert not is_example(made, "it", arguments({"file": Upload("a.png", "image/png", b"PNG")}))
        assert file_bytes("größer €") == "größer €".encode()


def repr_of(value: Any) -> str:
    """Write a value so that only equal ones are written alike: true is not 1."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{repr_of(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(repr_of, value)) + "]"
    return repr(value)
