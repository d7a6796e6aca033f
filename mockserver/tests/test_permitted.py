"""
What a document leaves open is no finding.
"""

from __future__ import annotations

from functools import cache

import pytest

from mockserver.behavior.permitted import widened
from mockserver.contract.locate import locate
from mockserver.contract.model import Contract
from mockserver.exchange import Request, Response
from mockserver.server.api import Api
from mockserver.verify.calls import documented_calls
from mockserver.verify.findings import Exchanged
from mockserver.verify.verdicts import held, meant


@cache
def _contract() -> Contract:
    api = Api(locate("telegram-campaigns"))
    return widened(api.contract, api.behavior)


REFUSAL = b'{"success":false,"error":{"code":"X","message":"No."}}'


class TestWidened:
    @pytest.mark.parametrize(("operation", "status"), [("pauseCampaign", 422), ("listCampaigns", 422)])
    def test_another_option_promises_the_same(self, operation: str, status: int) -> None:
        """
        A server that answers 422 where the mock answers 400 or 409 is acquitted, and held to the same body.
        """
        one = _contract().operations[operation]
        fields = [("Content-Type", "application/json")]
        assert not held(_contract(), one, Exchanged(Request("GET", "/"), Response(status, fields, REFUSAL)))
        assert held(_contract(), one, Exchanged(Request("GET", "/"), Response(status, fields, b"{}")))

    def test_nothing_else_is_permitted(self) -> None:
        """
        A choice of one operation is no choice of all.
        """
        operations = _contract().operations
        assert "403" not in operations["listCampaigns"].responses
        assert (
            "200" not in operations["createCampaign"].responses
            or "201" in operations["createCampaign"].responses
        )
        assert operations["getCampaign"].responses.keys() == {"200", "401", "404"}

    def test_a_refusal_may_come_as_a_success(self) -> None:
        """
        An API may say all errors as 200s: such an answer means what the documented refusal does.
        """
        api = Api(locate("trackbot"))
        one = widened(api.contract, api.behavior).operations["getCampaign"]
        fields = [("Content-Type", "application/json")]
        gone = Response(200, fields, b'{"status":"error","error":"notfound"}')
        call = meant(one, Exchanged(Request("GET", "/"), gone))
        assert call.response is not None
        assert (call.response.status, call.status) == (404, 200)
        assert not held(api.contract, one, call)
        other = Response(200, fields, b'{"status":"perhaps"}')
        assert meant(one, Exchanged(Request("GET", "/"), other)).response is other

    def test_a_documented_call_fits_each_option(self) -> None:
        """
        The documented create succeeds with 200 as it does with 201.
        """
        call = next(one for one in documented_calls(_contract()) if one.operation.id == "createCampaign")
        assert call.fits(200)
        assert call.fits(201)
        assert not call.fits(202)
