from __future__ import annotations


def test_law(judge, law):
    """What one call does is what others see."""
    judge(law)
