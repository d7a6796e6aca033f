"""
A board where people apply to jobs, by hand: things that name others, sets, what is put at a name, and prose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.exchange import Request, Response
from mockserver.tests.crud import GONE, NUMBER, TEXT, answer, body, in_path, in_query, listed, thing

Row = dict[str, Any]
INVALID = {"description": "Not valid."}
TIME = {"type": "string", "format": "date-time"}
NAME = {"type": "string", "minLength": 1, "maxLength": 200}
WORD = {"type": "string", "pattern": "^[a-z0-9]{1,30}$"}
STATUS = {"type": "string", "enum": ["draft", "open", "closed"]}
STAGE = {"type": "string", "enum": ["applied", "hired", "rejected"]}
SALARIES = {"lowest": NUMBER, "highest": NUMBER}
JOB = thing({"id": TEXT, "title": TEXT, **SALARIES, "status": STATUS}, "id", "title", "status")
PERSON = thing({"id": TEXT, "name": TEXT, "tags": listed(TEXT)}, "id", "name", "tags")
NAMED = {"job_id": TEXT, "person_id": TEXT}
APPLICATION = thing(
    {"id": TEXT, **NAMED, "letter": TEXT, "stage": STAGE, "stage_changed_at": TIME, "created_at": TIME},
    "id",
    "job_id",
    "person_id",
    "stage",
)
STAGES = ("applied", "hired", "rejected")
IN_ALL = {"type": "integer", "description": "Sum of applied, hired and rejected"}
FUNNEL = thing({**dict.fromkeys(STAGES, NUMBER), "total": IN_ALL}, *STAGES, "total")
NOTE = thing({"id": TEXT, "text": TEXT}, "id", "text")
HELD = {
    "about": NAME,
    "host": NAME,
    "starts_at": TIME,
    "minutes": {"type": "integer", "minimum": 1, "maximum": 600},
}
MEETING = thing({"id": NUMBER, **HELD, "title": TEXT, "ends_at": TIME}, "id", *HELD, "title", "ends_at")
CODE = thing({"code": WORD, "percent": NUMBER, "active": {"type": "boolean"}}, "code", "percent", "active")
NEW_CODE = thing({"percent": NUMBER, "active": {"type": "boolean", "default": True}}, "percent")

WORDS = {
    "salary": "The highest must not be less than the lowest.",
    "apply": "The job is not open, or the person has applied to it already.",
    "done": "The application is hired or rejected.",
    "forget": "Deletes the person with all notes and applications.",
    "meetings": "The earliest first.",
    "until": "Meetings that start before this time.",
    "replaced": "Replaced.",
    "note": "The text is unique within a person.",
    "tag": "Only people with exactly this tag.",
    "title": "`host` and `about`, separated by a space",
    "ends": "`starts_at` plus `minutes`",
    "moved": "When the stage was last changed.",
}


def _listing(row: Any, name: str, words: str = "", query: tuple[Any, ...] = ()) -> Row:
    return {
        "operationId": name,
        "description": words,
        "parameters": [*query],
        "responses": {"200": answer(listed(row)), "400": INVALID},
    }


def _making(new: Any, row: Any, name: str, words: str = "", conflict: str = "") -> Row:
    refused = {"400": INVALID, **({"409": {"description": conflict}} if conflict else {})}
    return {
        "operationId": name,
        "description": words,
        "requestBody": body(new),
        "responses": {"201": answer(row), **refused},
    }


def _one(row: Any, name: str, key: str, delete: str = "") -> Row:
    found = {
        "parameters": [in_path(key, row["properties"]["id"])],
        "get": {"operationId": f"read_{name}", "responses": {"200": answer(row), "404": GONE}},
    }
    if delete:
        found["delete"] = {
            "operationId": f"delete_{name}",
            "description": delete,
            "responses": {"204": GONE, "404": GONE},
        }
    return found


def _action(row: Any, name: str, key: str, conflict: str) -> Row:
    responses = {"200": answer(row), "404": GONE, "409": {"description": conflict}}
    return {"parameters": [in_path(key, TEXT)], "post": {"operationId": name, "responses": responses}}


def document(words: dict[str, str]) -> Row:
    """Return the document, with these words."""
    set_of = {"parameters": [in_path("personId", TEXT), in_path("tag", WORD)]}
    set_of["put"] = {"operationId": "tag", "responses": {"200": answer(PERSON), "404": GONE}}  # type: ignore[assignment]
    set_of["delete"] = {"operationId": "untag", "responses": {"204": GONE, "404": GONE}}  # type: ignore[assignment]
    put = {
        "operationId": "put_code",
        "requestBody": body(NEW_CODE),
        "responses": {
            "200": {**answer(CODE), "description": words["replaced"]},
            "201": {**answer(CODE), "description": "Created."},
            "400": INVALID,
        },
    }
    meeting = json.loads(json.dumps(MEETING))
    meeting["properties"]["title"]["description"] = words["title"]
    meeting["properties"]["ends_at"]["description"] = words["ends"]
    application = json.loads(json.dumps(APPLICATION))
    application["properties"]["stage_changed_at"]["description"] = words["moved"]
    note = {
        "parameters": [in_path("personId", TEXT), in_path("noteId", TEXT)],
        "patch": {
            "operationId": "change_note",
            "requestBody": body(thing({"text": NAME})),
            "responses": {"200": answer(NOTE), "400": INVALID, "404": GONE},
        },
    }
    below = [in_path("personId", TEXT)]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hiring", "version": "1"},
        "paths": {
            "/jobs": {
                "get": _listing(JOB, "list_jobs"),
                "post": _making(thing({"title": NAME, **SALARIES}, "title"), JOB, "add_job", words["salary"]),
            },
            "/jobs/{jobId}": _one(JOB, "job", "jobId"),
            "/jobs/{jobId}/funnel": {
                "parameters": [in_path("jobId", TEXT)],
                "get": {"operationId": "funnel", "responses": {"200": answer(FUNNEL), "404": GONE}},
            },
            "/jobs/{jobId}/publish": _action(JOB, "publish", "jobId", "Only drafts can be published."),
            "/jobs/{jobId}/close": _action(JOB, "close", "jobId", "The job is not open."),
            "/people": {
                "get": _listing(
                    PERSON, "list_people", query=(in_query("tag", TEXT, description=words["tag"]),)
                ),
                "post": _making(thing({"name": NAME, "tags": listed(WORD)}, "name"), PERSON, "add_person"),
            },
            "/people/{personId}": _one(PERSON, "person", "personId", words["forget"]),
            "/people/{personId}/tags/{tag}": set_of,
            "/people/{personId}/notes": {
                "parameters": below,
                "get": _listing(NOTE, "list_notes"),
                "post": _making(
                    thing({"text": NAME}, "text"), NOTE, "add_note", words["note"], "The text is taken."
                ),
            },
            "/people/{personId}/notes/{noteId}": note,
            "/applications": {
                "get": _listing(application, "list_applications"),
                "post": _making(
                    thing({**NAMED, "letter": NAME}, *NAMED), application, "apply", conflict=words["apply"]
                ),
            },
            "/applications/{applicationId}": _one(application, "application", "applicationId"),
            "/applications/{applicationId}/hire": _action(
                application, "hire", "applicationId", words["done"]
            ),
            "/applications/{applicationId}/reject": _action(
                application, "reject", "applicationId", words["done"]
            ),
            "/meetings": {
                "get": _listing(
                    meeting,
                    "list_meetings",
                    words["meetings"],
                    (in_query("starts_to", TIME, description=words["until"]),),
                ),
                "post": _making(thing(HELD, *HELD), meeting, "meet"),
            },
            "/meetings/{meetingId}": {
                **_one(meeting, "meeting", "meetingId"),
                "patch": {
                    "operationId": "change_meeting",
                    "requestBody": body(thing(HELD)),
                    "responses": {"200": answer(meeting), "400": INVALID, "404": GONE},
                },
            },
            "/codes": {"get": _listing(CODE, "list_codes")},
            "/codes/{code}": {
                "parameters": [in_path("code", WORD)],
                "get": {"operationId": "read_code", "responses": {"200": answer(CODE), "404": GONE}},
                "put": put,
                "delete": {"operationId": "delete_code", "responses": {"204": GONE, "404": GONE}},
            },
        },
    }


def at(text: str) -> datetime:
    """Return the moment of a time that was sent."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Refused(Exception):
    """The status of a refusal."""


class Hiring:
    """The board, and what is wrong with it. That answers say what was asked ("links") is not wrong."""

    def __init__(self, bug: str = "") -> None:
        self.bug = bug
        self.rows: dict[str, dict[str, Row]] = {
            name: {} for name in ("jobs", "people", "notes", "applications", "meetings", "codes")
        }
        self.count = 0

    def __call__(self, request: Request) -> Response:
        """Answer."""
        try:
            status, said = self.answer(request)
        except Refused as refusal:
            status, said = refusal.args[0], None
        if self.bug == "links" and isinstance(said, dict):
            said = {**said, "links": {"self": request.path}}
        shown = json.dumps(self._shown(said)).encode() if said is not None else b""
        return Response(status, [("content-type", "application/json")] if shown else [], shown)

    def _shown(self, said: Any) -> Any:
        if isinstance(said, list):
            return [self._shown(one) for one in said]
        return {name: value for name, value in said.items() if not name.startswith("_")}

    def answer(self, request: Request) -> tuple[int, Any]:
        """Return status and body, or raise a refusal."""
        said = json.loads(request.body) if request.body else {}
        if not isinstance(said, dict):
            raise Refused(400)
        steps = request.path.strip("/").split("/")
        route = "/".join(step if at % 2 == 0 else "*" for at, step in enumerate(steps))
        known: dict[str, Callable[[], tuple[int, Any]]] = {
            "GET jobs": lambda: (200, [*self.rows["jobs"].values()]),
            "POST jobs": lambda: self.add_job(said),
            "POST jobs/*/publish": lambda: self.move_job(steps[1], "draft", "open"),
            "POST jobs/*/close": lambda: self.move_job(steps[1], "open", "closed"),
            "GET jobs/*/funnel": lambda: (200, self.funnel(steps[1])),
            "GET people": lambda: self.people(request),
            "POST people": lambda: self.add_person(said),
            "DELETE people/*": lambda: self.forget(steps[1]),
            "PUT people/*/tags/*": lambda: self.tag(*steps[1::2]),
            "DELETE people/*/tags/*": lambda: self.untag(*steps[1::2]),
            "GET people/*/notes": lambda: self.notes(steps[1]),
            "POST people/*/notes": lambda: self.add_note(steps[1], said),
            "PATCH people/*/notes/*": lambda: self.change_note(steps[1], steps[3], said),
            "GET applications": lambda: (200, [*self.rows["applications"].values()]),
            "POST applications": lambda: self.apply(said),
            "POST applications/*/hire": lambda: self.decide(steps[1], "hired"),
            "POST applications/*/reject": lambda: self.decide(steps[1], "rejected"),
            "GET meetings": lambda: self.meetings(request),
            "POST meetings": lambda: self.add("meetings", self.meeting({}, said)),
            "PATCH meetings/*": lambda: self.change_meeting(steps[1], said),
            "GET codes": lambda: (200, [*self.rows["codes"].values()]),
            "PUT codes/*": lambda: self.put_code(steps[1], said),
            "DELETE codes/*": lambda: self.delete_code(steps[1]),
        }
        named = f"{request.method} {route}"
        if named in known:
            return known[named]()
        if request.method == "GET" and len(steps) == 2 and steps[0] in self.rows:
            return 200, self.one(steps[0], steps[1])
        raise Refused(404)

    def one(self, kind: str, key: str) -> Row:
        """Return the row of that key."""
        if kind == "meetings" and len(key) > 18 and self.bug == "huge":
            raise Refused(500)
        row = self.rows[kind].get(key)
        if row is None:
            raise Refused(404)
        return row

    def told(self, said: Row, *names: str) -> Row:
        """Return what is said, if these are texts."""
        if any(not isinstance(said.get(name), str) or not 1 <= len(said[name]) <= 200 for name in names):
            raise Refused(400)
        return said

    def add(self, kind: str, row: Row) -> tuple[int, Row]:
        """Add a row."""
        self.count += 1
        key = f"{kind[0]}{self.count}"
        key = str(self.count) if kind == "meetings" else key
        self.rows[kind][key] = {**row, "id": self.count if kind == "meetings" else key}
        return 201, self.rows[kind][key]

    def add_job(self, said: Row) -> tuple[int, Row]:
        """Add a job."""
        self.told(said, "title")
        pair = [said[name] for name in SALARIES if name in said]
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in pair):
            raise Refused(400)
        if len(pair) == 2 and pair[1] < pair[0] and self.bug != "salaries":
            raise Refused(400)
        return self.add("jobs", {**said, "status": "draft"})

    def move_job(self, key: str, old: str, new: str) -> tuple[int, Row]:
        """Move a job to another status."""
        job = self.one("jobs", key)
        if job["status"] != old:
            raise Refused(409)
        job["status"] = new
        return 200, job

    def funnel(self, key: str) -> Row:
        """Count the applications to a job."""
        self.one("jobs", key)
        own = [one["stage"] for one in self.rows["applications"].values() if one["job_id"] == key]
        left_out = own.count("rejected") if self.bug == "funnel" else 0
        return {**{stage: own.count(stage) for stage in STAGES}, "total": len(own) - left_out}

    def add_person(self, said: Row) -> tuple[int, Row]:
        """Add a person."""
        tags = self.told(said, "name").get("tags", [])
        words = isinstance(tags, list) and all(isinstance(one, str) for one in tags)
        if not words or not all(re.fullmatch("[a-z0-9]{1,30}", one) for one in tags):
            raise Refused(400)
        return self.add("people", {**said, "tags": tags})

    def people(self, request: Request) -> tuple[int, list[Row]]:
        """List people."""
        tag = request.query.removeprefix("tag=") if request.query.startswith("tag=") else None
        near = self.bug == "tag_prefix"
        return 200, [
            one
            for one in self.rows["people"].values()
            if tag is None or any(own == tag or (near and own.startswith(tag)) for own in one["tags"])
        ]

    def forget(self, key: str) -> tuple[int, None]:
        """Delete a person."""
        self.one("people", key)
        del self.rows["people"][key]
        for kind in ("notes",) if self.bug == "applications_stay" else ("notes", "applications"):
            self.rows[kind] = {name: row for name, row in self.rows[kind].items() if row["person_id"] != key}
        return 204, None

    def tag(self, key: str, word: str) -> tuple[int, Row]:
        """Add to the set."""
        person = self.one("people", key)
        if word not in person["tags"] or self.bug == "tag_twice":
            person["tags"] = [*person["tags"], word]
        return 200, person

    def untag(self, key: str, word: str) -> tuple[int, None]:
        """Take out of the set."""
        person = self.one("people", key)
        if word not in person["tags"]:
            raise Refused(404)
        if self.bug != "untag_lost":
            person["tags"] = [one for one in person["tags"] if one != word]
        return 204, None

    def notes(self, key: str) -> tuple[int, list[Row]]:
        """List notes."""
        self.one("people", key)
        return 200, [one for one in self.rows["notes"].values() if one["person_id"] == key]

    def add_note(self, key: str, said: Row) -> tuple[int, Row]:
        """Add a note."""
        self.one("people", key)
        text = self.told(said, "text")["text"]
        if self.bug == "emoji" and re.search("[\U00010000-\U0010ffff]", text):
            raise Refused(500)
        same = [one["person_id"] for one in self.rows["notes"].values() if one["text"] == text]
        if key in same or (same and self.bug == "note_everywhere"):
            raise Refused(409)
        return self.add("notes", {"text": text, "person_id": key})

    def change_note(self, key: str, note: str, said: Row) -> tuple[int, Row]:
        """Change a note."""
        self.one("people", key)
        row = self.one("notes", note)
        if row["person_id"] != key and self.bug != "note_elsewhere":
            raise Refused(404)
        if "text" in said:
            row["text"] = self.told(said, "text")["text"]
        return 200, row

    def apply(self, said: Row) -> tuple[int, Row]:
        """Apply."""
        self.told(said, *NAMED, *(["letter"] if "letter" in said else []))
        job, person = self.rows["jobs"].get(said["job_id"]), self.rows["people"].get(said["person_id"])
        if job is None or person is None:
            raise Refused(400)
        if job["status"] != "open" and not (job["status"] == "closed" and self.bug == "closed_job"):
            raise Refused(409)
        pairs = [(one["job_id"], one["person_id"]) for one in self.rows["applications"].values()]
        if (said["job_id"], said["person_id"]) in pairs and self.bug != "applies_twice":
            raise Refused(409)
        now = datetime.now(UTC).isoformat()
        return self.add(
            "applications", {**said, "stage": "applied", "stage_changed_at": now, "created_at": now}
        )

    def decide(self, key: str, stage: str) -> tuple[int, Row]:
        """Hire or reject."""
        row = self.one("applications", key)
        if row["stage"] != "applied" and self.bug != "decided_again":
            raise Refused(409)
        row["stage"] = stage
        if self.bug != "stage_time":
            row["stage_changed_at"] = (datetime.now(UTC) + timedelta(milliseconds=1)).isoformat()
        return 200, row

    def meeting(self, row: Row, said: Row) -> Row:
        """Return a meeting, as it is when *said* is changed."""
        row = {**row, **said}
        self.told(row, "about", "host", "starts_at")
        minutes = row.get("minutes")
        if isinstance(minutes, bool) or not isinstance(minutes, int) or not 1 <= minutes <= 600:
            raise Refused(400)
        try:
            begun = at(row["starts_at"])
        except ValueError:
            raise Refused(400) from None
        late = (
            {}
            if self.bug == "end_stays" and "ends_at" in row
            else {"ends_at": (begun + timedelta(minutes=minutes)).isoformat()}
        )
        title = row["about"] if self.bug == "title_short" else f"{row['host']} {row['about']}"
        return {**row, **late, "title": title, "_at": begun.timestamp()}

    def change_meeting(self, key: str, said: Row) -> tuple[int, Row]:
        """Change a meeting."""
        old = self.one("meetings", key)
        old.update(self.meeting(old, {name: value for name, value in said.items() if name in HELD}))
        return 200, old

    def meetings(self, request: Request) -> tuple[int, list[Row]]:
        """List meetings."""
        rows = sorted(self.rows["meetings"].values(), key=lambda one: one["_at"])
        if request.query.startswith("starts_to="):
            text = request.query.removeprefix("starts_to=").replace("%3A", ":").replace("%2B", "+")
            rows = [one for one in rows if (one["_at"] < at(text).timestamp()) != (self.bug == "until")]
        return 200, rows

    def put_code(self, key: str, said: Row) -> tuple[int, Row]:
        """Make or replace a code."""
        right = isinstance(said.get("percent"), int) and isinstance(said.get("active", True), bool)
        if not right and self.bug != "code_any":
            raise Refused(400)
        there = key in self.rows["codes"]
        active = self.bug != "code_inactive"
        row = {"active": active, **said, "code": key}
        if self.bug == "code_stays" and there:
            return 200, row
        self.rows["codes"][key] = row
        return 201 if not there or self.bug == "always_made" else 200, row

    def delete_code(self, key: str) -> tuple[int, None]:
        """Delete a code."""
        self.one("codes", key)
        if self.bug != "code_lingers":
            del self.rows["codes"][key]
        return 204, None
