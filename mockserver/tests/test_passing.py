"""
Every answer that a run sees is held to its contract.
"""

from __future__ import annotations

import json

from flask import Response as Sent
from flask import request

from mockserver.contract.locate import locate
from mockserver.contract.model import Contract
from mockserver.exchange import Request, Response
from mockserver.server.api import Api
from mockserver.tests.in_process import judged, of_app
from mockserver.tests.judged import known
from mockserver.verify.findings import Exchanged
from mockserver.verify.passing import in_passing


def _contract() -> Contract:
    return Api(locate(known.APPLICATIONS["playlists"].spec)).contract


def _call(status: int, body: bytes, method: str = "GET") -> Exchanged:
    fields = [("Content-Type", "application/json")]
    return Exchanged(Request(method, "/v2/playlists/1/tracks"), Response(status, fields, body), "listTracks")


class TestInPassing:
    def test_a_wrong_answer_is_told_once(self) -> None:
        """
        A law that only looks at keys would pass a list whose items are not as promised.
        """
        calls = [_call(200, b'[{"id": "1"}]'), _call(200, b'[{"id": "2"}]')]
        found = [one.rule for one in in_passing(_contract(), calls, set())]
        assert found.count("contract/required") == len(found) == 5

    def test_what_was_asked_to_be_refused_is_nobodys_finding(self) -> None:
        """
        A 415 to a probe with another media type would convict every server that is strict.
        """
        contract = _contract()
        for status in (301, 405, 415, 429, 502, 503):
            assert not [*in_passing(contract, [_call(status, b"{}")], set())], status
        assert not [*in_passing(contract, [_call(200, b"{}", "PURGE")], set())]

    def test_a_crash_is(self) -> None:
        """
        Whatever was asked, 500 says that the implementation could not cope with it.
        """
        assert [one.rule for one in in_passing(_contract(), [_call(500, b"{}")], set())] == [
            "contract/status"
        ]


def test_a_list_that_has_become_empty_mends_nothing() -> None:
    """
    What a list said wrongly of a thing cannot be asked again when the thing was taken away.
    """
    depot = known.APPLICATIONS["depot"]

    def wrong(answer: Sent) -> Sent:
        body = answer.get_json(silent=True)
        if request.method == "GET" and isinstance(body, dict) and isinstance(body.get("data"), list):
            answer.set_data(json.dumps({**body, "data": [{**one, "status": None} for one in body["data"]]}))
        return answer

    app = depot.make((), depot.dialects[0])
    app.after_request(wrong)
    report = judged(depot.spec, of_app(app), only="created-is-listed")
    assert {"/data/0/status"} <= {one.pointer for one in report.broken if one.rule == "contract/type"}
