"""
Numbers that a sound server cannot add up are no evidence against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from mockserver.exchange import Request, Response
from mockserver.verify.findings import Exchanged
from mockserver.verify.properties.acceptance import Accepted
from mockserver.verify.properties.magnitudes import LARGEST, interoperable, smaller

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Fees", "version": "1"},
    "paths": {
        "/fees": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["fees"],
                                "properties": {
                                    "fees": {"type": "array", "minItems": 2, "items": {"type": "number"}},
                                    "above": {"type": "number", "minimum": 10**300},
                                },
                            }
                        }
                    },
                },
                "responses": {"204": {"description": "Noted"}},
            }
        }
    },
}
OPERATION = schemathesis.openapi.from_dict(DOCUMENT)["/fees"]["POST"]
CASES = OPERATION.as_strategy(generation_mode=GenerationMode.POSITIVE)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        lambda one: st.lists(one) | st.dictionaries(st.text(), one),
    )
)
def test_numbers_are_folded(value: Any):
    """What goes out has a sum; and only what is too large is changed, to the same type and sign."""
    folded = smaller(value)
    for before, after in zip(_numbers(value), _numbers(folded), strict=True):
        assert abs(after) <= LARGEST
        assert type(after) is type(before)
        assert after == before if abs(before) <= LARGEST else after * before >= 0


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None, database=None)
@given(CASES)
def test_a_case_stays_valid(case: Any):
    """A case that the fold made invalid would be refused, and the refusal held against the server."""
    case = interoperable(case)
    assert case.meta.generation.mode == GenerationMode.POSITIVE
    assert all(abs(one) <= LARGEST for one in _numbers(case.body["fees"])) or "above" in case.body
    assert case.body.get("above", 10**300) >= 10**300


@pytest.mark.parametrize(("value", "told"), [(7, True), (-(2**63), False), (LARGEST + 1, False)])
def test_to_refuse_what_not_every_reader_holds_is_no_fault(value: int, told: bool) -> None:
    """
    A schema of int64 allows -2**63, and a server that counts in binary64 does well to refuse it.
    """
    operation: Any = SimpleNamespace(id="addFee", parameters=())

    def call(fee: int, status: int) -> Exchanged:
        headers = (("content-type", "application/json"),)
        request = Request("POST", "/fees", "", headers, b'{"fee": %d}' % fee)
        return Exchanged(request, Response(status, [], b""), "addFee")

    accepted = Accepted()
    accepted.note(operation, call(1, 201))
    assert (accepted.only_difference(operation, call(value, 400)) is not None) is told
