"""
What only words say of a stranger's document: actions, what is computed, what is unique.
"""

from __future__ import annotations

import pytest

from mockserver.tests.in_process import judged, of_app
from mockserver.tests.judged.known import APPLICATIONS

DEPOT = APPLICATIONS["depot"]

CONVICTED = {
    "lost_cancel": "acted-as-told",
    "cancel_all": "acted-as-told",
    "cancelled_at_stays": "acted-as-told",
    "cancel_twice": "done-once",
    "cancelled_changes": "closed-is-closed",
    "other_cancels": "others-do-not-see",
    "status_ignored": "filters-filter",
    "search_reference": "search-finds",
    "reference_twice": "duplicate-is-refused",
    "reference_by_patch": "rename-is-refused",
    "create_twice": "created-is-listed",
    "line_twice": "created-is-listed",
    "put_makes_two": "put-is-kept",
    "zone_shifted": "edges-are-kept",
    "amount_of_one": "figures-add-up",
    "cursor_repeats": "pages-are-whole",
    "meta_total_all": "filters-filter",
}
"""Bug -> a law that convicts it."""


@pytest.mark.parametrize("dialect", DEPOT.dialects)
def test_dialects_are_acquitted(dialect: str) -> None:
    """
    What words say is easily read too strictly: a 409 for what is cancelled is no rule of names.
    """
    report = judged(DEPOT.spec, of_app(DEPOT.make((), dialect)))
    assert not [(one.rule, one.detail) for one in report.findings]
    assert len(report.outcomes("passed")) > 25


@pytest.mark.parametrize("bug", CONVICTED)
def test_bugs_are_convicted(bug: str) -> None:
    """
    A law without a server that breaks it may be one that never says anything.
    """
    report = judged(DEPOT.spec, of_app(DEPOT.make([bug], "laravel")), only=CONVICTED[bug])
    assert f"lockstep/{CONVICTED[bug]}" in {one.rule for one in report.broken}, report.findings
