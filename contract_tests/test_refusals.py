from __future__ import annotations


def test_refused(judge, wrong):
    """What the contract excludes is refused, in a way that the contract documents."""
    judge(wrong)


def test_wrong_values_refused(judge, values):
    """A request that is good but for one value is refused."""
    judge(values)
