"""
Printed examples, and servers that take another option of what their document leaves open.
"""

from __future__ import annotations

import pytest

from mockserver.contract.locate import locate
from mockserver.exchange import Request, Response
from mockserver.tests.in_process import Here, of_mock
from mockserver.verify.context import Context
from mockserver.verify.examples import Examples
from mockserver.verify.findings import Exchanged
from mockserver.verify.report import Report
from mockserver.verify.runner import run
from mockserver.verify.verdicts import Dialect, meant


def judged(spec: str, target: Here) -> Report:
    """Run the examples phase: what is printed is expected, for the mock holds the documents' own data."""
    return run(Context(locate(spec), target), [Examples()])  # type: ignore[arg-type]


class Tampering(Here):
    """Our own mock in a dialect, with one text in its answers replaced."""

    def __init__(self, inner: Here, old: bytes, new: bytes) -> None:
        super().__init__(lambda request: self._bent(inner, request), inner.reset)
        self._texts = (old, new)

    def _bent(self, inner: Here, request: Request) -> Response:
        response = inner.send(request).response
        assert response is not None
        return Response(response.status, response.headers, response.body.replace(*self._texts))


class TestExamples:
    @pytest.mark.parametrize(
        ("spec", "taken"),
        [
            ("tendsocial", {"tendsocial-7": "replace"}),
            ("telegram-campaigns", {"telegram-campaigns-16": "refused", "telegram-campaigns-4": 403}),
            ("trackbot", {"trackbot-3": 200, "trackbot-12": 200, "trackbot-19": 422}),
        ],
    )
    def test_another_option_is_acquitted(self, spec: str, taken: dict[str, object]) -> None:
        """
        An example is printed of one dialect; who answers it in another is right, values and status.
        """
        assert not [(one.rule, one.detail) for one in judged(spec, of_mock(spec, taken)).findings]

    def test_a_bug_is_no_dialect(self) -> None:
        """
        What no option explains is a finding, in whatever dialect it is said.
        """
        target = Tampering(of_mock("tendsocial", {"tendsocial-7": "replace"}), b"Updated Name", b"Old Name")
        assert {one.operation for one in judged("tendsocial", target).broken} >= {"updateCampaign"}


class Careless(Here):
    """Trackbot in the dialect that says all errors as 200s, but for *spare*, which is said as a 404."""

    def __init__(self, spare: str) -> None:
        inner = of_mock("trackbot", {"trackbot-12": 200})
        usual = of_mock("trackbot")

        def answers(request: Request) -> Response:
            found = (usual if request.path.endswith(spare) else inner).send(request).response
            assert found is not None
            return found

        super().__init__(answers, lambda: all((inner.reset(), usual.reset())) and None)


class TestConsistency:
    def test_a_refusal_is_said_in_one_way(self) -> None:
        """
        A document may leave open whether errors are 200s; a client still has to know where to look.
        """
        broken = judged("trackbot", Careless("/link.json")).broken
        (found,) = [one for one in broken if one.rule == "contract/choice"]
        assert found.operation == "getCampaignLink"
        assert sorted(call.status for call in found.calls) == [200, 404]
        assert found.place.line

    @pytest.mark.parametrize(("code", "mixed"), [("exists", False), ("invalid", True)])
    def test_two_refusals_of_one_status_are_two(self, code: str, mixed: bool) -> None:
        """
        What is invalid may be said in a 200 where a taken name is a 422: each is said in its one way.
        """
        contract = Context(locate("trackbot"), of_mock("trackbot")).contract  # type: ignore[arg-type]
        operation, dialect = contract.operations["addCampaign"], Dialect()

        def told(status: int, error: str) -> Exchanged:
            body = b'{"status":"error","error":"%s","message":"?"}' % error.encode()
            response = Response(status, [("Content-Type", "application/json")], body)
            return meant(operation, Exchanged(Request("POST", "/api/camp/add.json"), response))

        first = told(200, "invalid")
        assert first.response is not None
        assert first.response.status >= 400
        found = [
            one
            for call in (first, told(first.response.status, code))
            for one in dialect.mixed(contract, operation, call)
        ]
        assert [one.rule for one in found] == ["contract/choice"] * mixed
