"""
The laws without rules, tried on an application that shares no code with the mock.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.tests.in_process import judged, of_app, of_mock
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.verify.laws import changing, ordering
from mockserver.verify.laws.cases import LAWS

PLAYLISTS = APPLICATIONS["playlists"]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a second to pass: the law about that has a test of its own."""
    monkeypatch.setattr(changing, "TICK", 0.0)
    monkeypatch.setattr(ordering, "TICK", 0.0)


CONVICTED = {
    "lost_create": "created-is-readable",
    "lost_patch": "patch-is-kept",
    "lost_put": "put-is-kept",
    "stale_read": "patch-is-kept",
    "deleted_readable": "deleted-is-gone",
    "deleted_listed": "deleted-is-gone",
    "tracks_survive": "below-is-gone",
    "second_delete_500": "deleted-twice",
    "patch_resets": "patch-is-kept",
    "put_keeps": "put-replaces",
    "same_title_twice": "duplicate-is-refused",
    "same_title_by_patch": "rename-is-refused",
    "conflict_makes_it": "duplicate-is-refused",
    "newest_missing": "created-is-listed",
    "track_elsewhere": "created-is-listed",
    "patch_changes_all": "patch-is-kept",
    "track_stays": "deleted-is-gone",
    "delete_takes_neighbour": "others-stay",
    "no_default": "default-is-applied",
    "title_trimmed": "created-is-readable",
    "title_lowered": "created-is-readable",
    "description_lost": "created-is-readable",
    "total_of_page": "pages-are-whole",
    "pages_overlap": "pages-are-whole",
    "page_ignored": "pages-are-whole",
    "per_page_ignored": "pages-are-whole",
    "filter_ignored": "filters-filter",
    "filter_inverted": "filters-filter",
    "filter_total": "filters-filter",
    "search_ignored": "search-finds",
    "search_by_case": "search-finds",
    "sort_ignored": "order-orders",
    "sort_reversed": "order-orders",
    "positions_swapped": "default-order",
    "count_stands": "counts-are-true",
    "sum_wrong": "sums-are-true",
    "list_differs": "patch-is-kept",
    "track_of_another": "created-is-readable",
    "other_reads": "others-do-not-see",
    "other_lists": "others-do-not-see",
    "other_changes": "others-do-not-see",
    "other_deletes": "others-do-not-see",
    "account_total": "others-do-not-see",
    "tags_lost": "edges-are-kept",
    "always_public": "edges-are-kept",
    "patch_loses_tracks": "below-stays",
    "location_of_another": "location-leads-there",
    "reads_any": "nobody-is-another",
    "delete_takes_all_tracks": "others-stay",
    "accepts_text": "other-media-refused",
    "accepts_empty_patch": "invalid-is-refused",
    "accepts_long_tag": "invalid-is-refused",
}
"""Bug -> a law that convicts it."""


class TestLaws:
    @pytest.mark.parametrize("dialect", [one for one in PLAYLISTS.dialects if one not in ("flask", "spring")])
    def test_dialects_are_acquitted(self, dialect: str) -> None:
        """
        A judge that convicts a permitted choice is switched off after its second verdict.
        """
        report = judged(PLAYLISTS.spec, of_app(PLAYLISTS.make((), dialect)))
        assert not [(one.rule, one.detail) for one in report.findings]
        assert len(report.outcomes("passed")) > 25
        assert not report.outcomes("inconclusive")

    @pytest.mark.parametrize("bug", CONVICTED)
    def test_bugs_are_convicted(self, bug: str) -> None:
        """
        A law without a server that breaks it may be one that never says anything.
        """
        report = judged(PLAYLISTS.spec, of_app(PLAYLISTS.make([bug], "express")), only=CONVICTED[bug])
        rules = {one.rule for one in report.broken}
        assert f"lockstep/{CONVICTED[bug]}" in rules, [(one.verdict, one.rule) for one in report.findings]
        shown = next(one for one in report.broken if one.rule == f"lockstep/{CONVICTED[bug]}")
        assert shown.calls
        assert shown.place.line

    @pytest.mark.parametrize("spec", ["tokfluence", "tendsocial"])
    def test_our_own_mock_is_acquitted(self, spec: str) -> None:
        """
        What the mock does is what the judge expects, or one of the two is wrong.
        """
        report = judged(spec, of_mock(spec), seed=2, level="smoke")
        assert not [(one.rule, one.detail) for one in report.findings]
        assert report.outcomes("passed")

    @pytest.mark.parametrize("law", [one.name for one in LAWS])
    def test_each_is_told_of(self, law: str) -> None:
        """
        Who is accused by a rule looks it up.
        """
        assert f"`{law}`" in (Path(__file__).parents[2] / "docs/verify.md").read_text()

    def test_same_seed_same_requests(self) -> None:
        """
        A finding that cannot be shown again cannot be mended.
        """
        first, second = of_app(PLAYLISTS.make((), "express")), of_app(PLAYLISTS.make((), "express"))
        for target in (first, second):
            judged(PLAYLISTS.spec, target, seed=5, level="smoke")
        assert [(one.target, one.body) for one in first.asked] == [
            (one.target, one.body) for one in second.asked
        ]
