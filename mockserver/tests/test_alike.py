"""
Whether two values say the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.verify.laws.alike import alike


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
