from __future__ import annotations


def test_refused(judge, wrong):
    """What the contract excludes is refused, in a way that the contract documents."""
    judge(wrong)
