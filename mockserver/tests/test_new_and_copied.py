"""
What a new thing is like, what a copy has of its original, and what a list alone shows.

Plans with a brief, by hand: they begin as drafts, can be copied, and a PUT changes only what it is sent.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.behavior.beginnings import told_at_first, told_when_made
from mockserver.behavior.merging import leaves_the_rest
from mockserver.contract.load import load
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Request, Response
from mockserver.tests.crud import (
    GONE,
    TEXT,
    answer,
    asking,
    body,
    in_path,
    in_query,
    listed,
    responded,
    thing,
)
from mockserver.tests.in_process import Here, judged

COLOUR = {"type": "string", "enum": ["red", "green", "blue"]}
SIZE = {"type": "string", "enum": ["small", "large"]}
NAME = {"type": "string", "minLength": 1, "maxLength": 80, "description": "No other plan may have it."}
BRIEF = thing({"goal": TEXT, "budget": {"type": "number", "minimum": 0}}, "goal", "budget")
SENT = {"name": NAME, "colour": COLOUR, "size": SIZE, "brief": BRIEF, "fee": {"type": "number", "minimum": 0}}
TIME = {"type": ["string", "null"], "format": "date-time"}
OWN = {
    "id": TEXT,
    "status": {"type": "string", "enum": ["active", "draft", "paused"]},
    "paused_at": TIME,
    "resumed_at": TIME,
    "archived": {"type": "boolean", "description": "Set in the app; a new plan is not archived."},
}
READ = thing({**OWN, **{name: SENT[name] for name in SENT if name != "fee"}}, *OWN, "name")
ROW = thing({**OWN, **{name: SENT[name] for name in SENT if name != "brief"}}, *OWN, "name")
PUT_AWAY = in_query("include_archived", {"type": "boolean", "default": False})
TAKEN = {"description": "There is a plan of that name."}
AT = [in_path("planId", TEXT)]
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Plans", "version": "1"},
    "paths": {
        "/plans": {
            "get": {
                "operationId": "list",
                "parameters": [in_query("colour", COLOUR), in_query("size", SIZE), PUT_AWAY],
                "responses": {"200": answer(listed(ROW))},
            },
            "post": {
                "operationId": "create",
                "requestBody": body(thing(SENT, "name", "colour", "size", "brief")),
                "responses": {
                    "201": answer(READ) | {"description": "The plan stands, as a draft."},
                    "409": TAKEN,
                },
            },
        },
        "/plans/{planId}": {
            "parameters": AT,
            "get": {"operationId": "read", "responses": {"200": answer(READ), "404": GONE}},
            "put": {
                "operationId": "change",
                "description": "Changes what is sent and leaves the rest.",
                "requestBody": body(thing(SENT)),
                "responses": {"200": answer(READ), "404": GONE, "409": TAKEN},
            },
            "delete": {"operationId": "drop", "responses": {"204": answer(), "404": GONE}},
        },
        **{
            f"/plans/{{planId}}/{word}": {
                "parameters": AT,
                "post": {
                    "operationId": word,
                    "description": f"Sets the status to `{state}`.",
                    "responses": {"200": answer(READ), "404": GONE, "409": GONE},
                },
            }
            for word, state in {"pause": "paused", "resume": "active"}.items()
        },
        "/plans/{planId}/archive": {
            "parameters": AT,
            "post": {
                "operationId": "archive",
                "requestBody": body(thing({"archive": {"type": "boolean"}}, "archive")),
                "responses": {"200": answer(READ), "404": GONE},
            },
        },
        "/plans/{planId}/duplicate": {
            "parameters": AT,
            "post": {
                "operationId": "copy",
                "description": 'Copies everything. Without a name it is called so, followed by " (Copy)".',
                "requestBody": body(thing({"name": NAME}), required=False),
                "responses": {
                    "201": answer(READ) | {"description": "The copy stands, as a draft."},
                    "404": GONE,
                    "409": TAKEN,
                },
            },
        },
    },
}

BUGS = {
    "begins_active": "born-as-told",
    "begins_archived": "born-as-told",
    "answers_draft": "born-as-told",
    "name_stays": "freed-when-deleted",
    "copy_is_same": "copy-is-another",
    "copy_is_nowhere": "copy-is-another",
    "copy_without_brief": "copy-is-another",
    "copy_shares_brief": "copy-is-another",
    "copy_as_original": "copy-is-another",
    "copy_name_ignored": "copy-is-another",
    "copy_has_name_of_it": "copy-is-another",
    "either_filter": "filters-combine",
    "fee_cut_in_list": "created-is-listed",
    "fee_not_changed": "patch-is-kept",
    "put_resets": "patch-is-kept",
    "pause_not_stamped": "stamps-follow",
    "resume_not_stamped": "acted-as-told",
    "archived_listed": "put-away-is-unlisted",
    "archived_nowhere": "put-away-is-unlisted",
    "archived_for_good": "put-away-is-unlisted",
}


class Plans:
    """The plans, and what is wrong with them."""

    def __init__(self, bug: str = "") -> None:
        self.bug = bug
        self.plans: dict[str, dict[str, Any]] = {}
        self.names: set[str] = set()
        self.made = 0

    def __call__(self, request: Request) -> Response:
        """Answer."""
        return responded(self.answer, request)

    def answer(self, request: Request) -> tuple[int, Any]:
        """Return status and body, or raise the status of a refusal."""
        said = json.loads(request.body) if request.body else {}
        found = re.fullmatch(r"/plans(?:/(\w+))?(?:/(\w+))?", request.path)
        if found is None:
            raise LookupError(404)
        if found[1] is None:
            return (201, self.create(said)) if request.method == "POST" else (200, self.list(request.query))
        plan = self.plans.get(found[1])
        if plan is None:
            raise LookupError(404)
        if found[2] == "duplicate":
            return 201, self.copy(plan, said)
        if found[2] == "archive":
            plan["archived"] = said["archive"] or (self.bug == "archived_for_good" and plan["archived"])
        elif found[2]:
            self.move(plan, found[2])
        elif request.method == "DELETE":
            del self.plans[found[1]]
            return 204, None
        elif request.method == "PUT":
            self.change(plan, said)
        return 200, self.read(plan)

    def move(self, plan: dict[str, Any], word: str) -> None:
        """Pause one, or resume it."""
        if (plan["status"] == "paused") != (word == "resume"):
            raise LookupError(409)
        plan["status"] = "paused" if word == "pause" else "active"
        if self.bug != f"{word}_not_stamped":
            plan[f"{word}d_at"] = "2026-01-01T00:00:00Z"

    def list(self, query: str) -> Any:
        """List those that fit, in as much as a list shows."""
        asked = dict(part.split("=") for part in query.split("&") if part)
        if asked.pop("include_archived", "") != "true" or self.bug == "archived_nowhere":
            asked |= {} if self.bug == "archived_listed" else {"archived": False}
        fits = any if self.bug == "either_filter" and len(asked) > 2 else all
        rows = [one for one in self.plans.values() if fits(one[name] == asked[name] for name in asked)]
        cut = int if self.bug == "fee_cut_in_list" else float
        return [
            {name: one[name] for name in ROW["properties"] if name in one}
            | ({"fee": cut(one["fee"])} if "fee" in one else {})
            for one in rows
        ]

    def read(self, plan: dict[str, Any]) -> Any:
        """Show one."""
        return {name: plan[name] for name in READ["properties"] if name in plan}

    def add(self, said: dict[str, Any]) -> dict[str, Any]:
        """Make one, if its name is free."""
        names = self.names if self.bug == "name_stays" else {one["name"] for one in self.plans.values()}
        if said["name"] in names:
            raise LookupError(409)
        self.names.add(said["name"])
        self.made += 1
        plan = {**said, "id": f"p{self.made}", "status": "draft", "archived": self.bug == "begins_archived"}
        plan |= {"paused_at": None, "resumed_at": None}
        if self.bug in ("begins_active", "answers_draft"):
            plan["status"] = "active"
        return plan

    def create(self, said: dict[str, Any]) -> Any:
        """Make and show one."""
        plan = self.add(said)
        self.plans[plan["id"]] = plan
        return self.read(plan) | ({"status": "draft"} if self.bug == "answers_draft" else {})

    def copy(self, plan: dict[str, Any], said: dict[str, Any]) -> Any:
        """Copy one, and show the copy."""
        if self.bug == "copy_is_same":
            return self.read(plan)
        name = f"{plan['name']} {self.made}" + ("" if self.bug == "copy_has_name_of_it" else " (Copy)")
        named = said if self.bug != "copy_name_ignored" else {}
        made = self.add({**copy.deepcopy(plan), "name": name, **named})
        if self.bug == "copy_without_brief":
            made["brief"] = {"goal": "", "budget": 0}
        if self.bug == "copy_shares_brief":
            made["brief"] = plan["brief"]
        if self.bug == "copy_as_original":
            made["status"] = plan["status"]
        if self.bug != "copy_is_nowhere":
            self.plans[made["id"]] = made
        return self.read(made)

    def change(self, plan: dict[str, Any], said: dict[str, Any]) -> None:
        """Change one."""
        if any(one is not plan and one["name"] == said.get("name") for one in self.plans.values()):
            raise LookupError(409)
        if self.bug == "fee_not_changed":
            said.pop("fee", None)
        if self.bug == "put_resets" and "colour" not in said:
            plan["colour"] = "blue"
        if "brief" in said:
            plan["brief"].update(said.pop("brief"))
        plan.update(said)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The document, as a file."""
    file = tmp_path_factory.mktemp("plans") / "plans.yaml"
    file.write_text(yaml.safe_dump(DOCUMENT, sort_keys=False))
    return str(file)


def test_plans_that_keep_their_contract_are_acquitted(spec: str) -> None:
    """
    A copy with a key, a name and a state of its own is none that has lost what it was copied from.
    """
    report = judged(spec, Here(Plans()))
    assert [one.detail for one in report.findings] == []
    passed = {one.check.removeprefix("lockstep/") for one in report.outcomes("passed")}
    assert set(BUGS.values()) <= passed


@pytest.mark.parametrize("bug", BUGS)
def test_what_is_wrong_with_new_and_copied_plans_is_convicted(spec: str, bug: str) -> None:
    """
    These show only in what is just made, in a copy, in a list, or where two things are asked at once.
    """
    report = judged(spec, Here(Plans(bug)), only=BUGS[bug])
    assert {one.rule for one in report.findings} == {f"lockstep/{BUGS[bug]}"}


FLAG = {"type": "boolean"}
STATE = {"type": "string", "enum": ["open", "done"]}
NUMBERED = {"type": "integer", "enum": [0, 1], "description": "0 active, 1 paused."}
SAID = [
    ("archived", FLAG, "Set in the app; a new campaign is not archived.", False),
    ("archived", FLAG, "Always false when created.", False),
    ("archived", FLAG, "Whether a new campaign is archived depends on the plan.", MISSING),
    ("archived", FLAG, "True if it is archived.", MISSING),
    ("status", STATE, "Starts as `open`.", "open"),
    ("status", STATE, "A new task is open, or done when its list is.", MISSING),
    ("status", STATE, "Is open when created by a guest.", MISSING),
    ("runs", {"type": "integer"}, "How often it ran. Initially 0.", 0),
    ("rank", {"type": "integer"}, "In lists the rank always starts at 1.", MISSING),
]


@pytest.mark.parametrize(("name", "schema", "said", "value"), SAID)
def test_where_words_say_what_a_new_one_is(
    name: str, schema: dict[str, Any], said: str, value: object
) -> None:
    """
    What is true of some new things, or of other things, is no promise.
    """
    assert told_at_first(name, Shape({**schema, "description": said})) is value


PROMISED = [
    ("The campaign stands and is active.", 0),
    ("The campaign stands, as a paused one.", 1),
    ("It is active or paused.", MISSING),
    ("Active campaigns are counted.", MISSING),
    ("It is active for a day.", MISSING),
]


@pytest.mark.parametrize(("said", "value"), PROMISED)
def test_where_the_answer_to_making_one_says_its_state(tmp_path: Path, said: str, value: object) -> None:
    """
    A state in passing is not the state of what was made; one that is numbered is told by its word.
    """
    file = tmp_path / "api.yaml"
    operation = {"operationId": "make", "responses": {"201": {"description": said}}}
    file.write_text(yaml.safe_dump({**DOCUMENT, "paths": {"/make": {"post": operation}}}))
    assert told_when_made(load(file).operations["make"], Shape(NUMBERED)) is value


def test_the_mock_begins_as_words_say() -> None:
    """
    Without rules it took the first of the states, and any flag.
    """
    client = asking(DOCUMENT["paths"])
    made = client.post(
        "/plans", {"name": "a", "colour": "red", "size": "small", "brief": {"goal": "", "budget": 1}}
    )
    assert made.json()["archived"] is False
    assert made.json()["status"] == "draft"


def test_a_put_that_leaves_the_rest_leaves_it() -> None:
    """
    A mock that replaced all would lose what the document says stays.
    """
    client = asking(DOCUMENT["paths"])
    sent = {"name": "a", "colour": "red", "size": "small", "brief": {"goal": "", "budget": 1}}
    made = client.post("/plans", sent).json()
    changed = client.put(f"/plans/{made['id']}", {"colour": "blue"})
    assert {name: changed.json()[name] for name in sent} == {**sent, "colour": "blue"}


MERGED = [
    ("Changes what is sent and leaves the rest.", True),
    ("Only the fields that are provided are updated.", True),
    ("Omitted properties remain unchanged.", True),
    ("Fields not included in the request keep their values.", True),
    ("Partially updates a plan.", True),
    ("Replaces the plan. What is left out is lost.", False),
    ("Updates a plan. The rest of the list is moved down.", False),
]


@pytest.mark.parametrize(("said", "merged"), MERGED)
def test_where_words_say_that_a_put_leaves_the_rest(tmp_path: Path, said: str, merged: bool) -> None:
    """
    PUT replaces (RFC 9110, 9.3.4), unless the document says that it does not.
    """
    file = tmp_path / "api.yaml"
    operation = {"operationId": "put", "description": said, "responses": {"200": GONE}}
    file.write_text(yaml.safe_dump({**DOCUMENT, "paths": {"/put": {"put": operation}}}))
    contract = load(file)
    assert leaves_the_rest(contract, contract.operations["put"].route) is merged


def test_the_mock_copies() -> None:
    """
    A copy that was made up was nowhere to be read, and said nothing of its original.
    """
    client = asking(DOCUMENT["paths"])
    sent = {"name": "a", "colour": "red", "size": "small", "brief": {"goal": "g", "budget": 1}}
    made = client.post("/plans", sent).json()
    client.post(f"/plans/{made['id']}/pause")
    answered = client.post(f"/plans/{made['id']}/duplicate", {"name": "b"})
    assert answered.status == 201
    read = client.get(f"/plans/{answered.json()['id']}").json()
    assert read["id"] != made["id"]
    assert {name: read[name] for name in sent} == {**sent, "name": "b"}
    assert (read["status"], client.get(f"/plans/{made['id']}").json()["status"]) == ("draft", "paused")
    second = client.post(f"/plans/{made['id']}/duplicate", {}).json()
    assert second["name"] == "a (Copy)"
    assert {"a", "b", "a (Copy)"} <= {one["name"] for one in client.get("/plans").json()}
    assert client.post(f"/plans/{made['id']}/duplicate", {"name": "b"}).status == 409
    client.put(f"/plans/{read['id']}", {"brief": {"goal": "h", "budget": 2}})
    assert client.get(f"/plans/{made['id']}").json()["brief"] == sent["brief"]
