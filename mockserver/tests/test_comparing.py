"""
What of an answer is the same as what the rules say, in whatever way it is written.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.shapes import Shape
from mockserver.verify.rules.comparing import Known, differences

PARTS = {"year": 2026, "month": 11, "day": 30, "hour": 5, "minute": 59, "second": 59}
ROLLED = {**PARTS, "hour": 6, "minute": 0, "second": 0}


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [
        (PARTS, ROLLED, True),
        (PARTS, {**PARTS, "second": 30}, False),
        (PARTS, {**PARTS, "day": 29}, False),
        ("November 30, 2026 - 05:59:59", "November 30, 2026 - 06:00:00", True),
        ("November 30, 2026 - 05:59:59", "November 30, 2026 - 06:00:30", False),
        ("November 30, 2026 - 05:59:59", "November 29, 2026 - 05:59:59", False),
        ("30 rooms", "31 rooms", False),
    ],
)
def test_a_time_in_parts_or_words_may_be_a_moment_off(wanted: Any, found: Any, same: bool) -> None:
    """A server looks at its clock before we look at ours, and a second ends in between."""
    known = Known(own=(), whole=True)
    body, answer = {"ends": wanted}, {"ends": found}
    found_wrong = list(differences(body, body, answer, Shape(True), known))
    assert bool(found_wrong) is not same
