"""
What many a reader takes that a schema excludes: it converts a value, or takes null for nothing.
"""

from __future__ import annotations

import re

from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Violation

_FLAGS = frozenset({"0", "1", "0.0", "1.0", "true", "false", "on", "off", "yes", "no", "t", "f", "y", "n"})
"""What many a reader takes for a flag."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def is_converted(wrong: Violation) -> bool:
    """
    Return whether a value is of another type, and many a reader takes it for one of the right type.

    pydantic, Jackson and PHP take 0 and "true" for flags, true and "7" for numbers, if nobody forbids it.
    """
    kinds = {wrong.expected} if isinstance(wrong.expected, str) else set(wrong.expected or ())
    found = wrong.found
    if wrong.keyword != "type" or not isinstance(found, (bool, int, float, str)):
        return False
    text = str(found).strip().lower()
    if "boolean" in kinds and text in _FLAGS:
        return True
    return bool(kinds & {"integer", "number"}) and (
        isinstance(found, bool) or _NUMBER.fullmatch(text) is not None
    )


def says_nothing(operation: Operation, violation: Violation) -> bool:
    """Return whether null is said in a body for what need not be there: many take it for nothing."""
    steps = [one for one in violation.pointer.split("/") if one]
    schemas = [one.schema for one in operation.body.content.values()] if operation.body is not None else []
    if violation.where != "body" or violation.found is not None or not steps or not schemas or not schemas[0]:
        return False
    shape = Shape(schemas[0].json("request"))
    for step in steps[:-1]:
        shape = shape.item(int(step)) if step.isdecimal() else shape.named(step)
    return steps[-1] in shape.names and steps[-1] not in shape.required
