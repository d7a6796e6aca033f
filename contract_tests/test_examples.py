from __future__ import annotations


def test_answered_as_documented(judge, call):
    """What the contract exemplifies is what the server does: status, media type, header fields, body."""
    judge(call)
