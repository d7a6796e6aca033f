from __future__ import annotations

import pytest

from mockserver.verify.calls import Call
from mockserver.verify.verdicts import as_documented, held

ABSENT = (404, 409, 410)
"""What a server says whose data is not that of the documents: not there, there already, gone."""


def test_answered_as_documented(server, call: Call):
    """What the contract exemplifies is what the server does: status, media type, header fields, body."""
    exchanged = server.ask(call.operation, call.said)
    response = exchanged.response
    elsewhere = response is not None and not server.printed and not call.fits(response.status)
    if elsewhere and (response.status in ABSENT or not call.succeeds):
        server.judge(held(server.contract, call.operation, exchanged))
        pytest.skip(f"answered {response.status}, not {call.statuses[0]}: the server has data of its own")
    server.judge(as_documented(server.contract, call, exchanged, printed=server.printed))
