from __future__ import annotations

from mockserver.verify.refusals import Wrong, refused


def test_refused(server, wrong: Wrong):
    """What the contract excludes is refused, in a way that the contract documents."""
    exchanged = server.target.send(wrong.request(server.contract, server.headers), wrong.operation.id)
    server.judge(refused(server.contract, wrong, exchanged))
