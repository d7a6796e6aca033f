"""
What a stranger's document says: versions in fields, states that are put, and things that name each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from mockserver.contract.locate import locate
from mockserver.server.api import Api
from mockserver.tests.in_process import Here, of_app
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.verify.context import Context
from mockserver.verify.lockstep import Lockstep
from mockserver.verify.phases import Case
from mockserver.verify.report import Report
from mockserver.verify.rules.model import keeps_apart
from mockserver.verify.runner import run
from mockserver.verify.setup import Wanted, prepared

DESK = APPLICATIONS["desk"]

CONVICTED = {
    "list_row_null": "created-is-listed",
    "six_labels": "invalid-is-refused",
    "customer_any": "named-is-there",
    "other_replaces": "others-do-not-see",
    "status_lost": "acted-as-told",
    "closed_comment": "closed-is-closed",
    "bill_open": "closed-is-closed",
    "version_ignored": "old-version-is-refused",
    "version_refused": "old-version-is-refused",
    "tag_stays": "not-modified-is-told",
    "full_again": "not-modified-is-told",
    "comment_anywhere": "nobody-is-another",
    "deleted_customer": "deleted-is-gone",
    "page_forgets": "filters-filter",
    "first_of_several": "filters-filter",
    "label_ignored": "filters-filter",
    "customer_ignored": "filters-filter",
    "status_ignored": "filters-filter",
    "oldest_first": "order-of-making",
    "search_subject": "search-finds",
    "count_listed": "counts-follow",
    "count_stays": "counts-follow",
    "cost_stale": "figures-add-up",
    "total_of_page": "pages-are-whole",
    "escaped": "edges-are-kept",
    "cut": "edges-are-kept",
}
"""Bug -> a law that convicts it."""


class _Only(Lockstep):
    def __init__(self, law: str) -> None:
        self._law = law

    def cases(self, context: Context) -> Iterable[Case]:
        return [case for case in super().cases(context) if self._law in case.check]


def judged(target: Here, only: str = "") -> Report:
    """Try the laws on what shows its accounts by API keys; *only* one of them where it is named."""
    keys = (("x-api-key: test-token",), ("x-api-key: other-token",))
    context, _ = prepared(Wanted(locate(DESK.spec), target.url, *keys), target)  # type: ignore[arg-type]
    return run(context, [_Only(only)])


@pytest.mark.parametrize("dialect", DESK.dialects)
def test_dialects_are_acquitted(dialect: str) -> None:
    """
    Weak tags, tags of a second, times without a fraction and a search of one case are nobody's bug.
    """
    report = judged(of_app(DESK.make((), dialect)))
    assert not [(one.rule, one.detail) for one in report.findings]
    assert len(report.outcomes("passed")) > 40


@pytest.mark.parametrize("bug", CONVICTED)
def test_bugs_are_convicted(bug: str) -> None:
    """
    A law without a server that breaks it may be one that never says anything.
    """
    report = judged(of_app(DESK.make([bug], "express")), CONVICTED[bug])
    expected = "contract/type" if bug == "list_row_null" else f"lockstep/{CONVICTED[bug]}"
    assert expected in {one.rule for one in report.broken}, report.findings


NOTES = """\
openapi: 3.1.0
info: {title: Notes, version: "1"}
paths:
  /notes/{id}:
    get:
      operationId: readNote
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: It.}, "404": {description: Not there.}}
"""


@pytest.mark.parametrize(
    ("said", "world", "apart"),
    [
        ("key: id, per-account: true", "", True),
        ("key: id, per-account: true", "accounts: {only: {bearer: test-token}}", False),
        ("key: id", "", False),
        ("key: id", "accounts: {one: {bearer: test-token}, two: {bearer: other-token}}", True),
    ],
    ids=["an account's", "of one account", "nothing is said", "two accounts"],
)
def test_rules_say_whose_things_are(tmp_path: Path, said: str, world: str, apart: bool) -> None:
    """
    Rules without a data.yaml are of two accounts. Where none say whose things are, a server may decide.
    """
    (tmp_path / "openapi.yaml").write_text(NOTES)
    rules = f"collections: {{notes: {{{said}}}}}\noperations: {{readNote: {{item: notes}}}}\n"
    (tmp_path / "behavior.yaml").write_text(rules)
    if world:
        (tmp_path / "data.yaml").write_text(f"about: A world.\napi: notes\n{world}\n")
    assert keeps_apart(Api(locate(str(tmp_path)))) is apart
