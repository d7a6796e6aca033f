"""
The judge is tried: on mutants, and on implementations that share no code with the mock.

The whole matrix takes minutes: `mockserver verify SPEC --score`, and
`python -m mockserver.tests.trying`. Here is a slice of it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import cli
from mockserver.errors import UsageError
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.tests.trying import tried
from mockserver.verify.score import Score, Trying, Verdict, spared, verdict, verdicts

PLAYLISTS = APPLICATIONS["playlists"].spec
QUICK = ("examples", "lockstep")


class TestMutants:
    def test_bugs_of_every_group_are_convicted_and_the_clean_server_is_not(self) -> None:
        """
        A judge that convicts nobody, or everybody, is of no use; both look alike without this.
        """
        names = [
            "null-value@getCampaign",
            "lost-create@createCampaign",
            "takes-no-credentials@getCampaign",
        ]
        trying = Trying("tokfluence", phases=QUICK)
        found = {one.bug or f"clean {one.seed}": one for one in verdicts(trying, names, jobs=1)}
        assert {name: one.killed for name, one in found.items()} == {
            **{f"clean {seed}": False for seed in (1, 2, 3)},
            **dict.fromkeys(names, True),
        }, [one.findings for one in found.values()]

    def test_a_survivor_says_whether_it_showed(self) -> None:
        """
        A bug that no call met needs another call; one that was met needs another eye.
        """
        trying = Trying(PLAYLISTS, phases=("examples",))
        [survivor] = [one for one in verdicts(trying, ["text-ascii@createPlaylist"], jobs=1) if one.bug]
        assert not survivor.killed
        assert survivor.why == "it never showed"

    def test_what_no_contract_decides_is_not_planted(self) -> None:
        """
        A judge cannot be blamed for acquitting what is no bug, and the report says which kinds these are.
        """
        told = dict(spared(Trying("tokfluence")))
        assert told["no-challenge"].endswith("it needs a documented WWW-Authenticate that is required")
        assert told["create-makes-two"] == "not applicable: it needs a list of what is made"
        assert "lost-create" not in told
        assert dict(spared(Trying("telegram-campaigns")))["created-is-200"].endswith("that leaves no choice")

    def test_what_is_wrong_is_mended_by_what_is_printed(self) -> None:
        """
        With a made-up id a lax server answers 404, which no judge can tell from a refusal of the request.
        """
        trying = Trying("trackbot", phases=("examples",))
        [found] = [
            one for one in verdicts(trying, ["takes-bounds-in-query@getCampaignLink"], jobs=1) if one.bug
        ]
        assert found.killed

    @pytest.mark.parametrize(
        ("spec", "bug"),
        [
            ("telegram-campaigns", "refused-and-done@deleteCampaign"),
            ("telegram-campaigns", "takes-null@createCampaign"),
            ("telegram-campaigns", "text-lowered@updateCampaign"),
            ("tendsocial", "other-account-changes@updateCampaign"),
            ("tendsocial", "lost-update@findReplace"),
            ("taglife", "lost-create@submitNetworkForApproval"),
            ("taglife", "stale-list@listAllowedCampaigns"),
            ("taglife", "row-twice@listAllowedCampaigns"),
            ("taglife", "stale-read@getCampaignCostStatistics"),
            ("taglife", "lost-update@preRegisterCampaign"),
            ("taglife", "guard-ignored@exchangeCurrency"),
        ],
    )
    def test_what_once_survived_is_convicted(self, spec: str, bug: str) -> None:
        """
        A refusal that is carried out, a null for what must be there, a text inside of an object, a word that
        has to be there to be replaced, a figure that is counted elsewhere; and who may set any status may
        still not set another's. A list that shows one of all rows, what tasks cost, told above them, a change
        that shows in one state alone, and a refusal of who only reads.
        """
        trying = Trying(spec, level="smoke", phases=("lockstep",))
        assert verdict(trying, bug, 1).killed


class TestScore:
    def test_it_counts(self) -> None:
        """
        95 % of nothing is no score.
        """
        score = Score("x", mutants=[Verdict("a", findings=("f",)), Verdict("b", why="it never showed")])
        assert (score.kills, score.percent) == (1, 50.0)
        score.clean.append(Verdict("", seed=2, findings=("rule op : detail",)))
        assert score.false_alarms == ["seed 2: rule op : detail"]
        assert score.json()["verdicts"][1]["killed"]

    def test_a_base_url_is_refused(self) -> None:
        """
        Who names a server wants that one to be judged, not our mutants.
        """
        result = CliRunner().invoke(cli, ["verify", PLAYLISTS, "--score", "--base-url", "http://127.0.0.1:1"])
        assert isinstance(result.exception, UsageError)

    def test_too_few_kills_are_an_error(self, tmp_path: Path) -> None:
        """
        CI has to see it when the judge gets worse.
        """
        file = tmp_path / "score.json"
        options = [
            "--score",
            "--phases",
            "examples",
            "--jobs",
            "1",
            "--json",
            str(file),
            "--bug",
            "text-ascii",
        ]
        result = CliRunner().invoke(cli, ["verify", "trackbot", *options], standalone_mode=False)
        assert result.return_value == 1, result.output
        assert "mutants convicted" in result.output
        assert json.loads(file.read_text())["score"] == 0


class TestApplications:
    @pytest.mark.parametrize(
        ("name", "dialect"), [("playlists", "go"), ("playlists", "rails"), ("messaging", "express")]
    )
    def test_a_dialect_is_acquitted(self, name: str, dialect: str) -> None:
        """
        Who answers otherwise than the mock, and as the document permits, is right.
        """
        assert not tried(name, dialect=dialect, phases=QUICK).findings

    @pytest.mark.parametrize(
        ("name", "bug"),
        [
            ("playlists", "count_as_text"),
            ("playlists", "other_changes"),
            ("playlists", "put_keeps"),
            ("playlists", "pages_overlap"),
            ("playlists", "accepts_bad_slug"),
            ("messaging", "list_misses_newest"),
        ],
    )
    def test_a_bug_is_convicted(self, name: str, bug: str) -> None:
        """
        What the judge finds in the mock it has to find in code that the mock has nothing to do with.
        """
        assert tried(name, bug=bug, phases=QUICK).findings
