"""
Walks on purpose: what they ask for, and the bugs that only such walks find.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.contract.locate import locate
from mockserver.tests.crud import GONE, TEXT, answer, body, in_path
from mockserver.tests.in_process import judged, of_app, of_mock
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.verify.context import Context, Level
from mockserver.verify.rules.cases import Run
from mockserver.verify.rules.looking import Of
from mockserver.verify.rules.ordering import disordered, gone_back, made_at
from mockserver.verify.rules.planning import Step
from mockserver.verify.score import Trying, verdict

MESSAGING = APPLICATIONS["messaging"]
RULES = "lockstep/rules"


def planned(spec: str, operation: str, level: Level = "default") -> list[list[Step]]:
    """Return the walks that are about *operation* on our own mock of *spec*."""
    context = Context(locate(spec), of_mock(spec), level=level)  # type: ignore[arg-type]
    run = Run()
    [way] = [one for one in run.ways(context) if one.operation.id == operation]
    return [list(steps) for steps in run.director(context).walks(way)]


class TestDirector:
    def test_a_change_is_asked_for_in_a_state_that_allows_it(self) -> None:
        """
        Nothing can be resumed that was not paused before: a walk by luck seldom gets there.
        """
        before = {
            (one.operation.id, one.given)
            for steps in planned("telegram-campaigns", "resumeCampaign")
            for one, two in pairwise(steps)
            if two.operation.id == "resumeCampaign"
        }
        assert before & {("pauseCampaign", ()), ("updateCampaign", (("status", "paused"),))}

    def test_every_change_follows_every_other(self) -> None:
        """
        What a change spoils may show with the next one only: a copy that follows its original.
        """
        pairs = {
            (one.operation.id, two.operation.id)
            for steps in planned("telegram-campaigns", "cloneCampaign")
            for one, two in pairwise(steps)
        }
        changes = ("updateCampaign", "deleteCampaign", "executeCampaign", "cloneCampaign")
        assert {("cloneCampaign", one) for one in changes} <= pairs

    def test_a_row_is_moved_into_a_list_and_out_of_it(self) -> None:
        """
        A list of few of all rows stays as it is, whatever becomes of the others.
        """
        walks = planned("taglife", "listAllowedCampaigns", "smoke")
        moves = [walk[1] for walk in walks if len(walk) == 3 and walk[0] == walk[2]]
        assert {(one.operation.id, one.given) for one in moves} >= {
            ("updateCampaignStatus", (("status", "draft"),)),
            ("updateCampaignStatus", (("status", "active"),)),
        }

    def test_a_change_is_made_where_it_shows(self) -> None:
        """
        To register what is running changes no figure: only what is pending is counted by whether it is.
        """
        walks = planned("taglife", "preRegisterCampaign", "smoke")
        [looked] = [
            walk for walk in walks if walk[-1] == walk[-3] and walk[-2].operation.id == "preRegisterCampaign"
        ]
        assert looked[-1].operation.id == "getCampaignsGeneralStatistics"

    def test_what_is_refused_is_asked_of_who_only_reads(self) -> None:
        """
        Who exchanges money has to know both currencies, and nothing is made of it that could be looked at.
        """
        said = [dict(step.given) for walk in planned("taglife", "exchangeCurrency", "smoke") for step in walk]
        assert [one for one in said if set(one.values()) - {"USD", "EUR"}]

    def test_what_is_reckoned_above_is_read(self) -> None:
        """
        What the tasks of a campaign cost is asked of the campaign: no answer about a task says so.
        """
        asked = {step.operation.id for walk in planned("taglife", "actOnTask", "smoke") for step in walk}
        assert "getCampaignCostStatistics" in asked

    def test_what_is_deleted_is_looked_for_above(self) -> None:
        """
        Who left a task looks whether the campaign still lists it: only by then it tells no more whose it was.
        """
        walks = planned("taglife", "leaveTask", "smoke")
        left = [[step.operation.id for step in walk] for walk in walks]
        assert any("listCampaignTasks" in walk[walk.index("leaveTask") :] for walk in left)

    def test_a_figure_is_read_before_and_after_what_moves_it(self) -> None:
        """
        The revenue of all campaigns hangs on their tasks, and nobody who changes one is told of it.
        """
        walks = planned("taglife", "getGeneralFinancialStatistics", "smoke")
        changed = [walk[1].operation.id for walk in walks if len(walk) == 3 and walk[0] == walk[2]]
        assert changed == ["actOnTask"]

    def test_a_row_that_is_looked_for_by_what_it_has_may_be_missing(self) -> None:
        """
        No key stands in such a request; an address that was made up a moment ago is nobody's.
        """
        walks = planned("taglife", "findUser", "smoke")
        assert [dict(step.given) for step in walks[-1]] == [{"email": "user@example.com"}, {}]

    def test_each_refusal_is_asked_for_with_the_parameters_that_it_needs(self) -> None:
        """
        That content needs a campaign to move to, and not the one that is deleted, is refused by two rules.
        """
        walks = planned("tendsocial", "deleteCampaign", "smoke")
        asked = [step.asked for walk in walks for step in walk if step.operation.id == "deleteCampaign"]
        move = ("action", "move_content")
        assert (move,) in asked
        assert (move, ("moveToCampaignId", Of("id"))) in asked

    def test_what_is_refused_to_be_made_is_not_in_the_lists(self) -> None:
        """
        A campaign for a bot that nobody has is refused; whether it is there all the same, the list shows.
        """
        walks = planned("trackbot", "addCampaign", "smoke")
        steps = [(one, two) for walk in walks for one, two in pairwise(walk)]
        assert any("bot" in dict(one.given) and two.operation.id == "listCampaigns" for one, two in steps)

    def test_a_bot_that_only_the_documents_have_not_is_no_rule(self) -> None:
        """
        A server with its own data has other bots than those of the documents: it may take any number for one.
        """
        trackbot = APPLICATIONS["trackbot"]
        report = judged(trackbot.spec, of_app(trackbot.make([], "plain")), only=RULES)
        assert not report.broken, [(one.verdict, one.detail) for one in report.findings]

    @pytest.mark.parametrize(
        ("spec", "bug"),
        [
            ("taglife", "missing-is-last@findUser"),
            ("taglife", "stale-list@getGeneralFinancialStatistics"),
            ("tendsocial", "refused-and-done@deleteCampaign"),
            ("trackbot", "refused-and-done@addCampaign"),
        ],
    )
    def test_no_seed_is_needed_to_find_these(self, spec: str, bug: str) -> None:
        """
        Each survived the smoke profile with a seed that did not happen to ask for it.
        """
        trying = Trying(spec, seed=2, level="smoke", phases=("lockstep",))
        assert verdict(trying, bug, 2).killed

    def test_each_parameter_of_a_list_is_said_alone(self) -> None:
        """
        Of two parameters at once nobody knows which one was not heard.
        """
        said = [step.asked for steps in planned("telegram-campaigns", "listCampaigns") for step in steps]
        alone = {asked[0][0] for asked in said if asked and len(asked) == 1}
        assert alone == {"status", "type", "search", "sort", "limit", "page"}
        assert ("search", Of("description", word=True)) in {one for asked in said for one in asked or ()}

    def test_a_smoke_test_is_short(self) -> None:
        """
        Five seconds are for all phases of eight operations.
        """
        target = of_mock("trackbot")
        judged("trackbot", target, only=RULES, level="smoke")
        assert len(target.asked) < 320

    @pytest.mark.parametrize(
        "bug", ["clone_shares", "test_run_activates", "sort_ignored", "paused_at_created"]
    )
    def test_bugs_that_luck_does_not_find_are_convicted(self, bug: str) -> None:
        """
        Each was missed by walks that are drawn.
        """
        report = judged(MESSAGING.spec, of_app(MESSAGING.make([bug], "printed")), only=RULES)
        assert report.broken, [(one.verdict, one.detail) for one in report.findings]
        assert len(report.broken[0].calls) <= 5


class TestOrdering:
    def test_rows_that_stand_the_wrong_way_round_are_seen(self) -> None:
        """
        The server's own values say what its order is.
        """
        body = {"data": [{"id": 1, "size": 3}, {"id": 2, "size": 2}]}
        found = disordered("size", body, {"1", "2"})
        assert found is not None
        assert found.pointer == "/data/*/size"
        assert disordered("-size", body, {"1", "2"}) is None

    @pytest.mark.parametrize(
        "values",
        [
            ("a", "B"),  # in which case sorts first is the database's choice
            ("x10", "x9"),  # and so is how numbers in texts are put in order
            (2, 2),
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.500Z"),
        ],
    )
    def test_what_collates_in_several_ways_is_left_alone(self, values: tuple[object, object]) -> None:
        """
        A server is not wrong for sorting as its language does.
        """
        body = [{"id": number, "name": value} for number, value in enumerate(values)]
        assert disordered("name", body, {"0", "1"}) is None

    def test_rows_of_others_are_left_alone(self) -> None:
        """
        What others sent may hold anything.
        """
        assert disordered("size", [{"id": 1, "size": 3}, {"id": 2, "size": 2}], {"2"}) is None

    def test_time_does_not_go_back(self) -> None:
        """
        A pause before the campaign was made is no time of a pause.
        """
        [made] = made_at({"data": {"id": "c1", "createdAt": "2026-01-02T00:00:00Z"}}, {"c1"})
        assert gone_back("2020-01-02T00:00:00Z", made)
        assert not gone_back("2026-01-02T00:00:01Z", made)
        assert not gone_back("soon", made)


ROW = {"type": "object", "properties": {"id": {"type": "string"}, "title": {"type": "string"}}}
LOAN = {"type": "object", "properties": {"id": {"type": "string"}, "book_id": {"type": "string"}}}
LENDING = """\
collections:
  books: { schema: Book, key: id, new-key: "b{n}" }
  loans: { schema: Loan, key: id, new-key: "l{n}" }
operations:
  addBook: { create: { in: books, from: =body }, answer: { status: 201, body: =new } }
  getBook: { item: books }
  removeBook:
    item: books
    refuse:
    - { when: "loans.has(book_id=item.id)", with: { status: 409 } }
    delete: item
    answer: { status: 204 }
  lend:
    item: { in: books, key: =body.book_id }
    create: { in: loans, from: =body }
    answer: { status: 201, body: =new }
"""


def lending(folder: Path) -> str:
    """Write an API whose books are removed only where nobody has them."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Lending", "version": "1"},
        "components": {"schemas": {"Book": ROW, "Loan": LOAN}},
        "paths": {
            "/books": {"post": _makes("addBook", {**ROW, "required": ["title"]}, ROW)},
            "/books/{id}": {
                "parameters": [in_path("id", TEXT)],
                "get": {"operationId": "getBook", "responses": {"200": answer(ROW), "404": GONE}},
                "delete": {"operationId": "removeBook", "responses": {"204": GONE, "404": GONE, "409": GONE}},
            },
            "/loans": {"post": _makes("lend", {**LOAN, "required": ["book_id"]}, LOAN)},
        },
    }
    (folder / "openapi.yaml").write_text(yaml.safe_dump(document))
    (folder / "behavior.yaml").write_text(LENDING)
    return str(folder)


def _makes(name: str, sent: Any, row: Any) -> Any:
    responses = {"201": answer(row), "404": GONE}
    return {"operationId": name, "requestBody": body(sent), "responses": responses}


def test_what_is_refused_of_a_thing_is_asked_of_one_that_is_there(tmp_path: Path) -> None:
    """
    Everything is refused of what is deleted; that a book is lent is refused by a rule of its own.
    """
    walks = planned(lending(tmp_path), "removeBook", "smoke")
    pairs = {(one.operation.id, two.operation.id) for steps in walks for one, two in pairwise(steps)}
    assert {("lend", "removeBook"), ("removeBook", "removeBook")} <= pairs


def test_a_word_is_looked_for_that_one_text_alone_has() -> None:
    """
    Who looks at titles alone finds a row by a word that its author has, too.
    """
    row = {"title": "Early title q17 of all", "author": "Early author q17 of all"}
    assert [Of(name, word=True).value(row) for name in row] == ["TITLE", "AUTHOR"]
    assert Of("author", word=True, exact=True).value(row) == "q17"
    assert Of("title", word=True).value({**row, "author": "Late author q18"}) == "Q17"
