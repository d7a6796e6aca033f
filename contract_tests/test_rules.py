from __future__ import annotations


def test_rules(judge, walk):
    """Whatever is asked in whatever order is answered as the rules of behavior.yaml say."""
    judge(walk)
