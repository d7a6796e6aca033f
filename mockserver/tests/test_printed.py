"""
Whether a server holds the documents' own data, and what a link leads to when the thing is deleted.
"""

from __future__ import annotations

import pytest

from mockserver.tests.in_process import judged, of_app
from mockserver.tests.judged.known import APPLICATIONS

TRACKBOT = APPLICATIONS["trackbot"]


@pytest.mark.parametrize("dialect", ["plain", "php"])
def test_the_same_number_is_not_the_same_campaign(dialect: str) -> None:
    """
    A server that counts from 1 has a campaign 12 in time, and its chats are called what it likes.
    """
    app = TRACKBOT.make((), dialect)
    client = app.test_client()
    for number in range(30):
        client.post("/api/camp/add.json", json={"bot": 7, "chat": -1000 - number})
    report = judged(TRACKBOT.spec, of_app(app))
    assert not [(one.rule, one.detail) for one in report.findings]
