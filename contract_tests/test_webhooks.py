from __future__ import annotations


def test_told(judge, telling):
    """What the implementation sends by itself is what its contract and its rules say, and is sent once."""
    judge(telling)
