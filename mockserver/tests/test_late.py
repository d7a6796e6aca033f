"""
What only shows after a while, or on what only the documents' own things have below them.
"""

from __future__ import annotations

import pytest

from mockserver.contract.locate import locate
from mockserver.exchange import MISSING
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.mutants.host import MutatedHost
from mockserver.server.mutants.registry import chosen
from mockserver.tests.in_process import of_app, of_host, of_mock
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.verify.context import Context
from mockserver.verify.rules import walking
from mockserver.verify.rules.answered import Wrong
from mockserver.verify.rules.cases import Run
from mockserver.verify.rules.late import late_walks
from mockserver.verify.rules.planning import Step

PLANNING = APPLICATIONS["planning"]


def planned(spec: str) -> tuple[Context, Run, list[list[Step]]]:
    """Return the walks after a while on our own mock of *spec*."""
    context = Context(locate(spec), of_mock(spec), level="smoke")  # type: ignore[arg-type]
    run = Run()
    return context, run, list(late_walks(run.director(context), run.ways(context)))


def wrong(bug: str, dialect: str = "flask") -> set[str]:
    """Return where an independent server is wrong, as the walks after a while see it; each waits as usual."""
    app = of_app(PLANNING.make([bug] if bug else [], dialect))
    context = Context(locate(PLANNING.spec), app, level="smoke")  # type: ignore[arg-type]
    run = Run()
    walker = run.walker(context)
    walker.alone = False
    walks = late_walks(run.director(context), run.ways(context))
    came = walking.together([walker.going(steps) for steps in walks])
    return {one[0].pointer for one in came if isinstance(one, tuple) and one[0] is not None}


def listed(operation: str, bug: str = "") -> tuple[Context, Wrong | None]:
    """Read the longest list of *operation* of our own mock with a *bug*; return what is wrong with it."""
    host = build_host([locate("tokfluence")], journal=Journal(0), auth="listed", make=MutatedHost)
    assert isinstance(host, MutatedHost)
    host.infect(chosen(host.apis[0], bug) if bug else None)
    context = Context(locate("tokfluence"), of_host(host), level="smoke")  # type: ignore[arg-type]
    run = Run()
    [way] = [one for one in run.ways(context) if one.operation.id == operation]
    [walk] = [
        steps
        for steps in run.director(context).walks(way)
        if len(steps) == 1 and steps[0].printed is not MISSING
    ]
    return context, run.walker(context).go(walk)[0]


class TestLate:
    def test_each_change_is_made_late_once(self) -> None:
        """
        All wait together, so that ten changes take no longer than one.
        """
        _, _, walks = planned("tendsocial")
        late = [[step.operation.id for step in steps if step.late] for steps in walks]
        assert sorted(late) == [
            ["archiveCampaign"],
            ["findReplace"],
            ["generatePlan"],
            ["resumeCampaign"],
            ["updateCampaign"],
        ]

    def test_walks_beside_each_other_wait_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """
        A clock moves for all of them at the same time.
        """
        slept: list[float] = []
        monkeypatch.setattr("mockserver.verify.rules.walking.time.sleep", slept.append)
        context, run, walks = planned("tendsocial")
        walker = run.walker(context)
        walker.alone = False
        came = walking.together([walker.going(steps) for steps in walks])
        assert slept == [walking.MOVED]
        assert [one[0] for one in came if isinstance(one, tuple)] == [None] * len(walks)

    @pytest.mark.parametrize(
        ("bug", "pointer"),
        [
            ("updated_stays", "/updatedAt"),
            ("created_moves", "/createdAt"),
            ("changed_at_stays", "/lastStatusChangedAt"),
        ],
    )
    def test_times_that_move_or_stand_wrongly_are_seen(self, bug: str, pointer: str) -> None:
        """
        What a time says is the server's own; that it goes with a change, and only with it, is the rules'.
        """
        assert pointer in wrong(bug)

    @pytest.mark.parametrize("dialect", PLANNING.dialects)
    def test_other_ways_to_tell_times_are_right(self, dialect: str) -> None:
        """
        With milliseconds or without, as a time of another zone: it moves all the same.
        """
        assert wrong("", dialect) == set()


class TestBelow:
    def test_content_that_nobody_makes_is_changed_and_looked_at(self) -> None:
        """
        A campaign is made without content: what a change does to content shows on the documents' own alone.
        """
        host = build_host([locate("tendsocial")], journal=Journal(0), auth="listed", make=MutatedHost)
        assert isinstance(host, MutatedHost)
        context = Context(locate("tendsocial"), of_host(host), level="smoke")  # type: ignore[arg-type]
        run = Run()
        [way] = [one for one in run.ways(context) if one.operation.id == "findReplace"]
        director = run.director(context)
        [walk] = [steps for steps in director.walks(way) if isinstance(steps[0].printed, str)]
        assert run.walker(context).go(walk)[0] is None
        host.infect(chosen(host.apis[0], "stale-list@getCampaignContent"))
        wrong, _ = run.walker(context).go(walk)
        assert wrong is not None
        assert wrong.answered.step.operation.id == "getCampaignContent"

    def test_the_longest_list_below_a_thing_is_read(self) -> None:
        """
        A row that is shown twice in place of another one shows only where there are several.
        """
        context, wrong = listed("listCampaignInfluencers", "row-twice@listCampaignInfluencers")
        assert context.record
        assert wrong is not None
        assert wrong.pointer == "/data/*"
        _, right = listed("listCampaignInfluencers")
        assert right is None
