"""
Whether two values say the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING
from mockserver.verify.laws.alike import alike, lost


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (90_000_000_007, 90_000_000_008, False),
        ("90000000007", 90_000_000_008, False),
        (7_234_567_890_123_456_789, 7_234_567_890_123_456_788, False),
        (12.5, "12.50", True),
        (4, 4.0, True),
        (0.1 + 0.2, 0.3, True),
    ],
)
def test_numbers(one: Any, other: Any, same: bool) -> None:
    """
    Fractions are written in many ways, but keys that differ in the last of many digits are two things.
    """
    assert alike(one, other) is same


SIGNER = Shape(
    {
        "type": "object",
        "properties": {
            "login": {"type": "string", "format": "email"},
            "kind": {"type": "string", "enum": ["non_modifiable"]},
            "password": {"type": "string"},
            "name": {"type": "string"},
        },
    }
)


@pytest.mark.parametrize(
    ("sent", "shown", "where"),
    [
        ({"name": "Ada"}, {"name": "Bob"}, "/name"),
        ({"name": "Ada"}, {}, "/name"),
        ({"login": "no address"}, {}, None),
        ({"kind": "non-modifiable"}, {"kind": "non_modifiable"}, None),
        ({"password": "x", "name": "Ada"}, {"name": "Ada"}, None),
        ({"login": "no address"}, MISSING, None),
    ],
)
def test_what_an_answer_cannot_show_is_not_lost(sent: Any, shown: Any, where: str | None) -> None:
    """
    A value that the answer's own schema excludes, or a secret inside of one, is not there for a reason.
    """
    assert lost(sent, shown, SIGNER) == where
