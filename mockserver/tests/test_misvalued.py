"""
Requests that are good but for one value: which are asked, and who is convicted for taking one.
"""

from __future__ import annotations

import pytest

from mockserver.contract.load import load
from mockserver.contract.locate import locate
from mockserver.exchange import Request, Response
from mockserver.tests.in_process import Here, of_app, of_mock
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.verify.calls import successful_call
from mockserver.verify.context import Context, Identity
from mockserver.verify.examples import Examples, WronglySaid
from mockserver.verify.findings import Finding
from mockserver.verify.misvalued import misvalued
from mockserver.verify.refusals import wrong_requests
from mockserver.verify.score import Trying, verdict

MESSAGING = APPLICATIONS["messaging"]


def found(spec: str, target: Here) -> list[Finding]:
    """Return what is found by wrong values alone."""
    first = Identity("the first account", {"authorization": "Bearer test-token"})
    context = Context(locate(spec), target, first=first)  # type: ignore[arg-type]
    cases = [case for case in Examples().cases(context) if isinstance(case, WronglySaid) and not case.skip]
    return [event for case in cases for event in case.run(context) if isinstance(event, Finding)]


class TestMisvalued:
    def test_each_place_is_said_wrongly(self) -> None:
        """
        A server looks at a query, a form and a path in different places.
        """
        contract = load(locate("trackbot").file, name="trackbot")
        said = {
            (one.where, one.name, one.keyword)
            for operation in contract.operations.values()
            for one in misvalued(contract, operation, successful_call(operation).said)
        }
        assert ("query", "id", "type") in said
        assert ("body", "pause", "enum") in said or ("body", "pause", "type") in said
        assert not [one for one in said if one[2] == "required"]

    def test_what_no_form_can_say_is_said_in_json(self) -> None:
        """
        Who takes both reads them in different places; and a form knows neither null nor an object for a text.
        """
        contract = load(locate("taglife").file, name="taglife")
        operation = contract.operations["findUser"]
        every = list(misvalued(contract, operation, successful_call(operation).said))
        said = {(one.said.media.name, one.keyword) for one in every if one.said.media is not None}
        assert ("application/x-www-form-urlencoded", "format") in said
        assert {("application/json", "type"), ("application/json", "parse")} <= said
        assert None in [one.said.body["email"] for one in every]
        assert ("application/json", "format") not in said

    def test_what_excludes_it_is_named(self) -> None:
        """
        Who mends it opens the contract at the word that was broken, not at the operation.
        """
        contract = load(locate("trackbot").file, name="trackbot")
        for operation in contract.operations.values():
            for one in misvalued(contract, operation, successful_call(operation).said):
                assert one.keyword == "parse" or (one.place is not None and one.place != operation.place)
        left_out = {one.what: one.place for one in wrong_requests(contract) if one.what.startswith("no ")}
        said = {what: place.pointer for what, place in left_out.items() if place is not None}
        assert said["no id in the query"].endswith("/parameters/0")
        assert said["no pause in the body"].endswith("/required")

    @pytest.mark.parametrize("bug", ["takes-null@findUser", "takes-bad-format@submitNetworkForApproval"])
    def test_who_takes_what_no_form_can_say_is_convicted(self, bug: str) -> None:
        """
        A null is looked at where JSON is read, and an address where somebody looks at addresses.
        """
        assert verdict(Trying("taglife", level="smoke", phases=("examples",)), bug, 1).killed

    def test_a_body_that_is_no_json(self) -> None:
        """
        A parser's failure is the client's fault, and not the server's; so is a list for an object.
        """
        contract = load(locate("telegram-campaigns").file, name="telegram-campaigns")
        operation = contract.operations["createCampaign"]
        every = list(misvalued(contract, operation, successful_call(operation).said))
        assert [one.content for one in every if one.keyword == "parse"] == [b'{"a": ']
        assert [one.content for one in every if (one.name, one.keyword) == ("", "type")] == [b"[]"]

    @pytest.mark.parametrize("dialect", MESSAGING.dialects)
    def test_dialects_are_acquitted(self, dialect: str) -> None:
        """
        Who refuses in another way that is permitted still refuses.
        """
        assert not found(MESSAGING.spec, of_app(MESSAGING.make((), dialect)))

    @pytest.mark.parametrize("spec", ["trackbot", "tokfluence"])
    def test_our_own_mock_is_acquitted(self, spec: str) -> None:
        """
        The mock reads requests as the judge does.
        """
        assert not found(spec, of_mock(spec))

    @pytest.mark.parametrize(
        "bug",
        ["accepts_page_zero", "accepts_any_status_filter", "accepts_rate_above_100", "crash_on_bad_json"],
    )
    def test_bugs_are_convicted(self, bug: str) -> None:
        """
        Who takes what the contract excludes is convicted by one call, without any thing being made.
        """
        told = found(MESSAGING.spec, of_app(MESSAGING.make([bug], "printed")))
        assert told
        assert len(told[0].calls) == 1

    def test_a_path_may_lead_nowhere(self) -> None:
        """
        400 and 404 are HTTP's own for a path, whether a contract names them or not.
        """

        def nowhere(request: Request) -> Response:
            del request
            return Response(404, [("content-type", "application/json")], b"{}")

        told = [one for one in found("tokfluence", Here(nowhere)) if one.pointer.startswith("path/")]
        assert not told
