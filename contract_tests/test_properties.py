from __future__ import annotations


def test_holds_for_what_is_drawn(judge, resource):
    """What is drawn from the schemas is taken or refused as documented, and answered as promised."""
    judge(resource)
