"""
The judge on campaigns of creators: posts come along with what makes them, and figures follow from them.
"""

from __future__ import annotations

import pytest

from mockserver.contract.locate import locate
from mockserver.tests.in_process import judged, of_app
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.verify.laws import changing

CREATORS = APPLICATIONS["creators"]
TOKFLUENCE = APPLICATIONS["tokfluence"]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a second to pass: the law about that has a test of its own."""
    monkeypatch.setattr(changing, "TICK", 0.0)


CONVICTED = {
    "creator_posts_off": "counts-agree",
    "patch_null_ignored": "emptied-is-empty",
    "patch_of_falsy_ignored": "emptied-is-empty",
    "own_name_is_taken": "own-name-is-free",
    "read_moves_time": "reading-changes-nothing",
    "conflict_makes_it": "refused-changes-nothing",
    "metrics_in_usd": "below-agrees",
    "currency_ignored": "created-is-readable",
    "posts_lost": "counts-are-true",
    "creators_counted_twice": "counts-are-true",
    "fees_of_last": "sums-are-true",
    "accepts_no_handle": "invalid-is-refused",
    "accepts_fee_as_fraction": "invalid-is-refused",
}
"""Bug -> a law that convicts it."""


class TestLaws:
    @pytest.mark.parametrize("dialect", ["rails", "fastapi"])
    def test_dialects_are_acquitted(self, dialect: str) -> None:
        """
        Long numbers as keys, posts that wait, unknown fields refused: all of it is permitted.
        """
        report = judged(CREATORS.spec, of_app(CREATORS.make((), dialect)), seed=2)
        assert not [(one.rule, one.detail) for one in report.findings]
        assert len(report.outcomes("passed")) > 25

    @pytest.mark.parametrize("bug", CONVICTED)
    def test_bugs_are_convicted(self, bug: str) -> None:
        """
        What an example with one post cannot show is shown by several, and a change to nothing is a change.
        """
        report = judged(CREATORS.spec, of_app(CREATORS.make([bug], "express")), only=CONVICTED[bug])
        rules = {one.rule for one in report.broken}
        assert f"lockstep/{CONVICTED[bug]}" in rules, [(one.verdict, one.rule) for one in report.findings]


class TestRules:
    def test_rows_that_count_by_the_same_numbers(self) -> None:
        """
        Campaign 51 and post 51 are two things, whatever the walk has made of the one.
        """
        report = judged(TOKFLUENCE.spec, of_app(TOKFLUENCE.make((), "go")), only="lockstep/rules", seed=1)
        assert not [(one.rule, one.detail) for one in report.findings]

    @pytest.mark.parametrize("bug", ["rejected_counted", "results_reversed"])
    def test_bugs_are_convicted(self, bug: str) -> None:
        """
        Walks say several posts, good ones and bad ones: with one alone neither count nor order can be wrong.
        """
        report = judged(TOKFLUENCE.spec, of_app(TOKFLUENCE.make([bug], "flask")), only="lockstep/rules")
        assert report.broken, [(one.verdict, one.detail) for one in report.findings]


PARTS = {
    "results_reversed": "parts-are-told",
    "created_count_off": "parts-are-told",
    "rejected_fails_all": "parts-are-told",
    "fee_lost": "parts-are-kept",
    "default_fee": "parts-are-kept",
    "creator_fee_of_first": "sums-agree",
    "name_stays_taken": "freed-when-deleted",
    "archived_at_birth": "born-as-told",
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The contract of campaigns and their results without its rules, as a stranger has one."""
    file = tmp_path_factory.mktemp("bare") / "openapi.yaml"
    file.write_bytes(locate(TOKFLUENCE.spec).file.read_bytes())
    return str(file)


class TestWithoutRules:
    @pytest.mark.parametrize("dialect", TOKFLUENCE.dialects)
    def test_dialects_are_acquitted(self, bare: str, dialect: str) -> None:
        """
        What documented pairs show is what every server does that keeps them, whatever else it chooses.
        """
        passed = 0
        for law in sorted(set(PARTS.values())):
            report = judged(bare, of_app(TOKFLUENCE.make((), dialect)), only=law)
            assert [one.detail for one in report.findings] == []
            passed += len(report.outcomes("passed"))
        assert passed >= 3  # some show nothing by which a part is known again

    @pytest.mark.parametrize("bug", PARTS)
    def test_bugs_are_convicted(self, bare: str, bug: str) -> None:
        """
        No word says what an answer counts; three pairs of request and answer do.
        """
        report = judged(bare, of_app(TOKFLUENCE.make([bug], "go")), only=PARTS[bug])
        assert {one.rule for one in report.broken} == {f"lockstep/{PARTS[bug]}"}
