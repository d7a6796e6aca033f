"""
What is only possible in some state is tried there, and held to what the words of a contract say of it.

A board of jobs, by hand: drafts are published, open ones take applications and are closed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.behavior.closing import refusing_states
from mockserver.contract.load import load
from mockserver.exchange import Request, Response
from mockserver.tests.crud import GONE, TEXT, answer, body, in_path, listed, thing
from mockserver.tests.in_process import Here, judged

NEVER_409 = {"description": "Not possible in the current status."}
INVALID = {"description": "Not valid."}
STATUS = {"type": "string", "enum": ["draft", "open", "closed"]}
NEW = thing(
    {"title": {"type": "string", "minLength": 1, "maxLength": 60}, "skills": listed(TEXT)},
    "title",
    additionalProperties=False,
)
JOB = thing(
    {"id": TEXT, "title": TEXT, "skills": listed(TEXT), "status": STATUS}, "id", "title", "skills", "status"
)
PERSON = thing({"name": {"type": "string", "minLength": 1, "maxLength": 40}}, "name")
APPLICATION = thing({"id": TEXT, "job_id": TEXT, "name": TEXT}, "id", "job_id", "name")
REFUSED = {"404": GONE, "409": NEVER_409, "422": INVALID}


def _action(name: str, description: str) -> dict[str, Any]:
    post = {"operationId": name, "description": description, "responses": {"200": answer(JOB), **REFUSED}}
    return {"parameters": [in_path("jobId", TEXT)], "post": post}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Board", "version": "1", "description": "Other users do not see what is one's own."},
    "security": [{"token": []}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/jobs": {
            "get": {"operationId": "list", "responses": {"200": answer(listed(JOB))}},
            "post": {
                "operationId": "create",
                "requestBody": body(NEW),
                "responses": {"201": answer(JOB), "422": INVALID},
            },
        },
        "/jobs/{jobId}": {
            "parameters": [in_path("jobId", TEXT)],
            "get": {"operationId": "read", "responses": {"200": answer(JOB), "404": GONE}},
            "patch": {
                "operationId": "change",
                "description": "Closed jobs cannot be updated.",
                "requestBody": body({**NEW, "required": []}),
                "responses": {"200": answer(JOB), **REFUSED},
            },
        },
        "/jobs/{jobId}/publish": _action("publish", "Only drafts can be published."),
        "/jobs/{jobId}/close": _action("close", "Sets status to closed. Only open jobs can be closed."),
        "/jobs/{jobId}/applications": {
            "parameters": [in_path("jobId", TEXT)],
            "get": {"operationId": "listed", "responses": {"200": answer(listed(APPLICATION)), "404": GONE}},
            "post": {
                "operationId": "apply",
                "requestBody": body(PERSON),
                "responses": {
                    "201": answer(APPLICATION),
                    **REFUSED,
                    "409": {"description": "The job is not open."},
                },
            },
        },
    },
}

BUGS = {
    "publish_twice": "closed-is-closed",
    "closed_changes": "closed-is-closed",
    "draft_takes": "closed-is-closed",
    "close_lost": "acted-as-told",
    "publish_empties": "acted-as-told",
    "elsewhere": "created-is-listed",
    "name_lost": "created-is-listed",
    "others_apply": "others-do-not-see",
    "refuses_longest": "bounds-are-taken",
    "refuses_long_name": "bounds-are-taken",
}


class Board:
    """The jobs, and what is wrong with them."""

    def __init__(self, bug: str = "") -> None:
        self.bug = bug
        self.jobs: dict[str, dict[str, Any]] = {}
        self.applications: list[dict[str, Any]] = []

    def __call__(self, request: Request) -> Response:
        """Answer."""
        try:
            return self.answer(request)
        except LookupError as refusal:
            return Response(refusal.args[0], [], b"")

    def answer(self, request: Request) -> Response:
        """Answer, or raise the status of a refusal."""
        account = request.header("authorization").removeprefix("Bearer ")
        said = json.loads(request.body) if request.body else {}
        if not isinstance(said, dict):
            raise LookupError(422)
        found = re.fullmatch(r"/jobs(?:/(\w+))?(?:/(\w+))?", request.path)
        if found is None or account not in ("test-token", "other-token"):
            raise LookupError(404 if found is None else 401)
        key, word = found[1], found[2] or ""
        if key is None:
            return self.all(request.method, said, account)
        job = self.jobs.get(key)
        applying = request.method == "POST" and word == "applications" and self.bug == "others_apply"
        if job is None or (job["_of"] != account and not applying):
            raise LookupError(404)
        if not word:
            return self.one(request.method, job, said)
        return self.applied(request.method, job, said) if word == "applications" else self.done(job, word)

    def all(self, method: str, said: Any, account: str) -> Response:
        """List, or make one."""
        if method == "GET":
            return told(200, [shown(one) for one in self.jobs.values() if one["_of"] == account])
        if said.keys() - {"title", "skills"}:
            raise LookupError(422)
        self.check(said, "title", 60, 60 if self.bug != "refuses_longest" else 59)
        job = {"skills": [], **said, "id": f"j{len(self.jobs)}", "status": "draft", "_of": account}
        self.jobs[job["id"]] = job
        return told(201, shown(job))

    def one(self, method: str, job: dict[str, Any], said: Any) -> Response:
        """Show one, or change it."""
        if method == "PATCH":
            if job["status"] == "closed" and self.bug != "closed_changes":
                raise LookupError(409)
            if said.keys() - {"title", "skills"}:
                raise LookupError(422)
            self.check({**job, **said}, "title", 60, 60)
            job.update(said)
        return told(200, shown(job))

    def done(self, job: dict[str, Any], word: str) -> Response:
        """Publish or close one."""
        before, after = ("draft", "open") if word == "publish" else ("open", "closed")
        twice = self.bug == "publish_twice" and job["status"] == after == "open"
        if job["status"] != before and not twice:
            raise LookupError(409)
        if self.bug == "close_lost" and word == "close":
            return told(200, {**shown(job), "status": after})
        job["status"] = after
        if self.bug == "publish_empties" and word == "publish":
            job["skills"] = []
        return told(200, shown(job))

    def applied(self, method: str, job: dict[str, Any], said: Any) -> Response:
        """List applications, or make one."""
        rows = [one for one in self.applications if one["job_id"] == job["id"]]
        if method == "GET":
            return told(200, rows)
        self.check(said, "name", 40, 40 if self.bug != "refuses_long_name" else 39)
        if job["status"] != "open" and not (self.bug == "draft_takes" and job["status"] == "draft"):
            raise LookupError(409)
        if self.bug == "elsewhere":
            job = next(one for one in self.jobs.values() if one["status"] == "open")
        name = said["name"][:9] if self.bug == "name_lost" else said["name"]
        row = {"id": f"a{len(self.applications)}", "job_id": job["id"], "name": name}
        self.applications.append(row)
        return told(201, row)

    def check(self, said: Any, name: str, most: int, taken: int) -> None:
        """Refuse what is not valid, and what is longer than is *taken*."""
        value, skills = said.get(name), said.get("skills", [])
        if not isinstance(value, str) or not 1 <= len(value) <= min(most, taken):
            raise LookupError(422)
        if not isinstance(skills, list) or not all(isinstance(one, str) for one in skills):
            raise LookupError(422)


def shown(job: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in job.items() if name != "_of"}


def told(status: int, said: Any) -> Response:
    return Response(status, [("content-type", "application/json")], json.dumps(said).encode())


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The document, as a file."""
    file = tmp_path_factory.mktemp("board") / "board.yaml"
    file.write_text(yaml.safe_dump(DOCUMENT, sort_keys=False))
    return str(file)


def test_a_board_that_keeps_its_contract_is_acquitted(spec: str) -> None:
    """
    What is refused in one state and taken in another is no contradiction.
    """
    report = judged(spec, Here(Board()))
    assert [one.detail for one in report.findings] == []
    tried = {one.check for one in report.outcomes("passed") if one.operation == "apply"}
    assert {"lockstep/created-is-listed", "lockstep/bounds-are-taken"} <= tried


@pytest.mark.parametrize("bug", BUGS)
def test_what_is_wrong_in_one_state_is_convicted(spec: str, bug: str) -> None:
    """
    A bug that shows only in what was published is one that nobody meets among drafts.
    """
    report = judged(spec, Here(Board(bug)), only=BUGS[bug])
    assert {one.rule for one in report.findings} == {f"lockstep/{BUGS[bug]}"}


SAID = [
    ("Not possible now.", "Only drafts can be published.", {"open", "closed"}),
    ("Not possible now.", "Closed jobs cannot be updated.", {"closed"}),
    ("Not possible now.", "Is only possible while open.", {"draft", "closed"}),
    ("Not possible now.", "The job must be a draft.", {"open", "closed"}),
    ("The job is not open.", "", {"draft", "closed"}),
    ("The job is not published.", "", {"draft"}),
    ("The title is taken.", "The title must be unique among open jobs.", set()),
    ("The title is taken.", "The job is created as a draft.", set()),
    ("It is closed.", "Only drafts can be published.", {"closed"}),
]


@pytest.mark.parametrize(("conflict", "description", "refused"), SAID)
def test_where_words_say_what_is_refused(
    tmp_path: Path, conflict: str, description: str, refused: set[str]
) -> None:
    """
    The words of a 409 come first; those of the operation only where these name no state.
    """
    operation = {
        "operationId": "act",
        "description": description,
        "responses": {"200": GONE, "409": {"description": conflict}},
    }
    file = tmp_path / "api.yaml"
    file.write_text(yaml.safe_dump({**DOCUMENT, "paths": {"/act": {"post": operation}}}))
    known = ["draft", "open", "closed"] if "published" not in conflict else ["draft", "published", "closed"]
    assert refusing_states(load(file).operations["act"], known) == refused
