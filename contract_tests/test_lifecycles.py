from __future__ import annotations


def test_links_lead_on(judge, start):
    """What one answer leads to is there and keeps its promise: made, read, changed, and deleted last."""
    judge(start)
