"""
What a body is made wrong with.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.shapes import Shape
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.refusing import wrong_values

SCHEMAS: list[tuple[dict[str, Any], Any, set[str]]] = [
    ({"type": "integer", "minimum": 1, "maximum": 5}, 3, {"type", "minimum", "maximum"}),
    ({"type": "number", "exclusiveMinimum": 0}, 2, {"type", "exclusiveMinimum"}),
    ({"type": "string", "minLength": 2, "maxLength": 9}, "abc", {"type", "minLength", "maxLength"}),
    ({"type": "string", "pattern": "^[a-z]+$", "minLength": 3}, "abc", {"type", "minLength", "pattern"}),
    ({"type": "string", "enum": ["a", "b"]}, "a", {"type", "enum"}),
    ({"type": ["string", "null"], "format": "email"}, None, {"type", "format"}),
    ({"type": "array", "maxItems": 2, "uniqueItems": True}, ["a"], {"type", "maxItems", "uniqueItems"}),
    ({"type": "boolean"}, True, {"type"}),
    (
        {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}},
        ["a", "b"],
        {"type", "items/type", "items/pattern"},
    ),
    (
        {
            "type": "object",
            "properties": {"town": {"type": "string", "maxLength": 3}, "no": {"type": "boolean"}},
        },
        {"town": "Ulm"},
        {"type", "town/type", "town/maxLength", "no/type"},
    ),
    ({}, "anything", set()),
]


def _shown(value: Any) -> str:
    """Return what stands for *value* in a test's name: the same in each process, for pytest-xdist."""
    return " ".join(sorted(value)) if isinstance(value, set) else str(value)[:40]


@pytest.mark.parametrize(("schema", "good", "keywords"), SCHEMAS, ids=_shown)
def test_each_is_wrong_in_what_it_says(schema: dict[str, Any], good: Any, keywords: set[str]) -> None:
    """
    A value that is good after all would convict every server that takes it.
    """
    found = dict(wrong_values(Shape(schema), good))
    assert found.keys() == keywords
    for keyword, value in found.items():
        said = {one.keyword for one in RawValidator(schema).violations(value)}
        assert keyword.rpartition("/")[2] in said, (keyword, value, said)


def test_a_number_as_text_is_not_asked() -> None:
    """
    Many a framework takes "4" for 4, and no document says that it must not.
    """
    assert "4" not in [value for _, value in wrong_values(Shape({"type": "integer"}), 4)]
