"""
Lockstep with rules, tried on an application that shares no code with the mock, and on our own dialects.
"""

from __future__ import annotations

import pytest

from mockserver.tests.in_process import judged, of_app, of_mock
from mockserver.tests.judged.known import APPLICATIONS

MESSAGING = APPLICATIONS["messaging"]
PLANNING = APPLICATIONS["planning"]
RULES = "lockstep/rules"

CONVICTED = ("deletes_active", "pause_stays_active", "processed_off")
"""Bugs that only the rules can tell from what is meant."""


class TestRules:
    @pytest.mark.parametrize("dialect", MESSAGING.dialects[:2])
    def test_dialects_are_acquitted(self, dialect: str) -> None:
        """
        What a document leaves open is learned from the server, not held against it.
        """
        report = judged(
            MESSAGING.spec, of_app(MESSAGING.make((), dialect)), only=RULES, level="smoke", seed=3
        )
        assert not [(one.rule, one.detail) for one in report.findings]
        assert sum(one.count for one in report.outcomes("passed")) > 15

    @pytest.mark.parametrize("dialect", ["fastapi", "go"])
    def test_what_hangs_on_what_is_open_is_open(self, dialect: str) -> None:
        """
        A server drafts and inherits what it likes; what is read, copied and listed of that is its own, too.
        """
        report = judged(PLANNING.spec, of_app(PLANNING.make((), dialect)), only=RULES, seed=1)
        assert not [(one.rule, one.detail) for one in report.findings]

    def test_what_is_open_is_taken_over(self) -> None:
        """
        What a plan says is the server's to choose: once it was answered it has to be there.
        """
        report = judged(PLANNING.spec, of_app(PLANNING.make(["plan_lost"], "fastapi")), only=RULES, seed=1)
        assert [one.operation for one in report.broken]

    @pytest.mark.parametrize(
        ("bug", "pointer"),
        [
            ("accepts_set_without_end", "body/newEndDate/required beside endDateAction=set"),
            ("extend_ignored", "/endsAt"),
            ("archived_never_listed", "/items/*"),
        ],
    )
    def test_what_shows_only_in_some_state_is_brought_about(self, bug: str, pointer: str) -> None:
        """
        A campaign is paused before it is resumed, rightly and wrongly; a short page shows all that fits.
        """
        report = judged(PLANNING.spec, of_app(PLANNING.make([bug], "flask")), only=RULES, seed=1)
        assert pointer in {one.pointer for one in report.broken}

    @pytest.mark.parametrize("bug", CONVICTED)
    def test_bugs_are_convicted(self, bug: str) -> None:
        """
        A judge that never says no is no judge; what it says names the rule, and is short.
        """
        report = judged(MESSAGING.spec, of_app(MESSAGING.make([bug], "printed")), only=RULES)
        found = report.broken
        assert found, [(one.verdict, one.detail) for one in report.findings]
        assert len(found[0].calls) <= 5
        assert found[0].place.file.endswith("behavior.yaml")
        assert found[0].place.line

    @pytest.mark.parametrize("spec", ["tokfluence", "trackbot"])
    def test_our_own_mock_is_acquitted(self, spec: str) -> None:
        """
        The mock and the model are one engine: where they differ the judge is wrong.
        """
        report = judged(spec, of_mock(spec), only=RULES, level="smoke", seed=4)
        assert not [(one.rule, one.detail) for one in report.findings]

    @pytest.mark.parametrize(
        ("spec", "taken"),
        [
            ("tendsocial", {"tendsocial-7": "replace", "tendsocial-13": 400, "tendsocial-6": "inherits"}),
            ("tendsocial", {"tendsocial-10": 400, "tendsocial-15": "required", "tendsocial-16": "COMPLETED"}),
            ("tokfluence", {"tokfluence-10": None, "tokfluence-1": 422}),
            (
                "trackbot",
                {"trackbot-3": 422, "trackbot-12": 400, "trackbot-16": "refused", "trackbot-5": 404},
            ),
            ("trackbot", {"trackbot-3": 200, "trackbot-12": 200, "trackbot-5": 200, "trackbot-19": 200}),
        ],
    )
    def test_other_choices_of_the_mock_are_acquitted(self, spec: str, taken: dict[str, object]) -> None:
        """
        Every option that behavior.yaml lists is a right answer, and is expected once it was met.
        """
        target = of_mock(spec, taken)
        report = judged(spec, target, only=RULES, level="smoke", seed=2)
        assert not [(one.rule, one.detail) for one in report.findings]
