from __future__ import annotations


def test_walk(judge, walk):
    """What the rules say of a call after other calls is what the server says."""
    judge(walk)
