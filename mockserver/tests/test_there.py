"""
Walks by the rules where nothing makes what they are about: below what a server has already, and never on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

import pytest

from mockserver.contract.locate import locate
from mockserver.tests.in_process import Here, of_app
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.verify.context import NOT_OURS, Context, Level
from mockserver.verify.lockstep import Lockstep
from mockserver.verify.phases import Case
from mockserver.verify.report import Report
from mockserver.verify.rules.cases import DirectedCase, walk_cases
from mockserver.verify.rules.there import _makeable
from mockserver.verify.runner import run

INFLUENCING = APPLICATIONS["influencing"]


class _About(Lockstep):
    """The walks on purpose that are about one operation."""

    def __init__(self, operation: str) -> None:
        self._operation = operation

    def cases(self, context: Context) -> Iterable[Case]:
        cases = walk_cases(context.contract, context.level)
        return [
            one for one in cases if isinstance(one, DirectedCase) and one.operations[0].id == self._operation
        ]


def walked(operation: str, target: Here, *, level: Level = "smoke", destructive: bool = False) -> Report:
    """Go the walks about *operation*."""
    context = Context(locate(INFLUENCING.spec), target, level=level, destructive=destructive)  # type: ignore[arg-type]
    return run(context, [_About(operation)])


def convicted(report: Report) -> bool:
    """Return whether there is a finding."""
    return any(one.verdict == "finding" for one in report.findings)


class TestBelowWhatIsThere:
    @pytest.mark.parametrize("dialect", ["plain", "elsewhere"])
    def test_tasks_are_made_in_a_campaign_that_is_there(self, dialect: str) -> None:
        """
        The document has no call that makes a campaign: without one of the server's no task could be tried.
        """
        target = of_app(INFLUENCING.make([], dialect))
        report = walked("createCustomTask", target)
        assert not report.findings
        assert any(one.target.startswith("/api/task/custom/") for one in target.asked)
        assert any(one.outcome == "passed" for one in report.ran.values())

    @pytest.mark.parametrize("bug", ["custom_twice", "custom_hidden_in_app", "requirements_lost"])
    def test_what_becomes_of_them_is_judged(self, bug: str) -> None:
        """
        A task is the run's own, wherever it stands: it has to be listed, once, as it was made.
        """
        assert convicted(walked("createCustomTask", of_app(INFLUENCING.make([bug], "elsewhere"))))

    def test_the_campaign_itself_is_left_alone(self) -> None:
        """
        Somebody's campaign may be running: what would change it is said, and how it could be tried.
        """
        target = of_app(INFLUENCING.make([], "plain"))
        report = walked("updateCampaignStatus", target)
        assert "/api/campaign/status/" not in {one.target for one in target.asked}
        [checked] = report.ran.values()
        assert (checked.outcome, checked.why) == ("skipped", NOT_OURS)

    def test_it_is_changed_where_that_is_allowed(self) -> None:
        """
        On a server that may be spoilt, `--allow-destructive` finds a change that is answered and not kept.
        """
        report = walked(
            "updateCampaignSettings",
            of_app(INFLUENCING.make(["lost_settings"], "plain")),
            level="default",
            destructive=True,
        )
        assert convicted(report)


def test_what_is_made_on_the_way_is_not_looked_for() -> None:
    """
    An order that a step of its rule makes is one that can be made: what a run had left was held to be there.
    """
    steps = (
        SimpleNamespace(kind="create", collection="orders"),
        SimpleNamespace(kind="update", collection="events"),
    )
    way = SimpleNamespace(makes="", item="", rule=SimpleNamespace(steps=steps))
    assert _makeable([way]) == {"orders"}  # type: ignore[list-item]
