from __future__ import annotations

import pytest

from mockserver.contract.model import Operation
from mockserver.verify.lifecycles import travel


def test_links_lead_on(server, start: Operation):
    """What one answer leads to is there and keeps its promise: made, read, changed, and deleted last."""
    journey = travel(server.contract, start, server.ask)
    server.judge(journey.findings)
    if journey.start:
        pytest.skip(journey.start)
    if not journey.followed:
        pytest.skip("; ".join(journey.untrodden))
