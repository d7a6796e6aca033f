"""
Numbers that every reader of JSON holds, in place of those that only some hold.

RFC 8259, 6: what interoperates is the range of binary64, and integers within ±(2**53 - 1). A schema without
bounds allows 1.7e308 all the same, two of which have no sum; a server that adds them up says `Infinity`, and
breaks nothing that anybody promised.
"""

from __future__ import annotations

from typing import Any

from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.generation.meta import TestPhase

LARGEST = 2**53 - 1
"""The greatest magnitude that interoperates (RFC 8259, 6)."""

_SMALLER = 10**6
"""What is drawn in its place is below this: sums and products of many stay exact enough."""


def interoperable(case: Case[Any]) -> Case[Any]:
    """
    Return *case* with smaller numbers in its body, if that was drawn to be valid and stays so.

    Bounds of the schema are left to its coverage phase, which takes them from there; a wrong number is wrong
    on purpose.
    """
    drawn = case.meta
    if drawn is None or drawn.phase.name == TestPhase.COVERAGE or not _positive(case):
        return case
    before = case.body
    after = smaller(before)
    if after != before:
        case.body = after
        if not _positive(case):
            case.body = before
    return case


def smaller(value: Any) -> Any:
    """Return *value*, JSON, with every number beyond `LARGEST` folded; the sign and the type stay."""
    if isinstance(value, dict):
        return {name: smaller(one) for name, one in value.items()}
    if isinstance(value, list):
        return [smaller(one) for one in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) > LARGEST:
        folded = abs(value) % _SMALLER
        return folded if value > 0 else -folded
    return value


def _positive(case: Case[Any]) -> bool:
    """Whether the case is valid; schemathesis looks again where it was changed."""
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE
