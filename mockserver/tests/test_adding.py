"""
Figures that say how they come about: which sentences are believed, and what rounding may do.
"""

from __future__ import annotations

import pytest

from mockserver.contract.shapes import Shape
from mockserver.tests.in_process import judged, of_app
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.verify.laws.adding import agrees, computed, formula

TOKFLUENCE = APPLICATIONS["tokfluence"]
NAMES = (
    "agency_fee_cents",
    "creator_fee_cents",
    "likes",
    "comments",
    "total_views",
    "gmv",
    "spend",
    "figure",
)


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ("Agency fee and creator fee together.", "agency_fee_cents + creator_fee_cents"),
        ("The sum of likes and comments. Not those of bots.", "likes + comments"),
        ("Gain per amount spent: (gmv - spend) / spend. 1.4 is 140 %.", "(gmv - spend) / spend"),
        ("likes / total_views, to four places", "likes / total_views"),
        ("Likes, comments and shares together.", ""),  # there are no shares beside it
        ("Likes and comments.", ""),
        ("Spend per thousand views, in whole cents.", ""),
        ("Either likes/comments or views.", ""),
        ("Likes and comments together, less those of bots.", ""),
        ("The spend - see gmv.", ""),
    ],
)
def test_what_is_believed(described: str, said: str) -> None:
    """
    A sentence that is taken for a formula, and is none, convicts every server.
    """
    properties = {name: {"type": "integer"} for name in NAMES} | {
        "figure": {"type": "number", "description": described}
    }
    assert formula(Shape({"type": "object", "properties": properties}), "figure") == said


@pytest.mark.parametrize(
    ("figure", "wanted", "whole", "good"),
    [
        (0.0736, 0.073629, False, True),
        (0.07, 0.073629, False, True),
        (0.1, 0.073629, False, False),
        (1.4, 1.4, False, True),
        (2.4, 1.4, False, False),
        (40, 40.32, True, True),
        (41, 40.32, True, True),
        (50000, 0, False, False),
    ],
)
def test_rounding(figure: float, wanted: float, whole: bool, good: bool) -> None:
    """
    To how many places a quotient is rounded, and which way, is in few documents.
    """
    assert agrees(figure, wanted, whole=whole) is good


def test_nothing_is_divided_by_nothing() -> None:
    """
    A campaign without spend has no return on it: whatever stands there is not computed so.
    """
    assert computed("(gmv - spend) / spend", {"gmv": 5, "spend": 0}) is None
    assert computed("(gmv - spend) / spend", {"gmv": 5, "spend": None}) is None


@pytest.mark.parametrize("bug", ["roi_off", "spend_off"])
def test_bugs_are_convicted(bug: str) -> None:
    """
    A return on investment that is only a return is seen by who reads what it is.
    """
    report = judged(TOKFLUENCE.spec, of_app(TOKFLUENCE.make([bug], "go")), only="lockstep/figures-add-up")
    assert "lockstep/figures-add-up" in [one.rule for one in report.broken]
