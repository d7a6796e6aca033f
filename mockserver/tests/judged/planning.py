"""
The planned campaigns of the document, by hand: dictionaries, ifs, and nothing of the mock's.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, request

from mockserver.tests.judged.planning_bodies import CONTEXT, Row, read
from mockserver.tests.judged.planning_choices import BUGS, DIALECTS
from mockserver.tests.judged.planning_list import page_of
from mockserver.tests.judged.planning_steps import Steps
from mockserver.tests.judged.switches import Refusal, Switches

OWN = ("name", "brief", "goal", "type", "startsAt", "endsAt")
MOVED = ("pausedAt", "resumedAt", "completedAt", "lastStatusChangedAt")
SHOWN = ("id", "name", "brief", "goal", "type", "status", "startsAt", "endsAt", *MOVED, "isArchived")
SHOWN += ("context", "createdAt", "updatedAt")
COMPANIES = {"test-token": "acme", "other-token": "umbrella"}


def make(bugs: Iterable[str] = (), dialect: str = "flask") -> Flask:
    """Return the application, with *bugs* in it, in one of the dialects."""
    return Planning(Switches(BUGS, bugs), dialect).app


class Planning(Steps):
    """The campaigns of two companies."""

    def __init__(self, bug: Switches, dialect: str) -> None:
        self.bug = bug
        self.way = DIALECTS[dialect]
        self.rows: dict[str, Row] = {}
        self.gone: dict[str, Row] = {}
        self.numbers = itertools.count(500)
        self.app = app = Flask(__name__)
        base = "/api/campaigns"
        for rule, method, view in (
            (base, "GET", self.list),
            (base, "POST", self.create),
            (f"{base}/chat", "POST", self.chat),
            (f"{base}/<key>", "GET", self.read),
            (f"{base}/<key>", "PUT", self.update),
            (f"{base}/<key>", "DELETE", self.delete),
            (f"{base}/<key>/duplicate", "POST", self.duplicate),
            (f"{base}/<key>/find-replace", "POST", self.find_replace),
            (f"{base}/<key>/resume", "POST", self.resume),
            (f"{base}/<key>/archive", "POST", self.archive),
            (f"{base}/<key>/content", "GET", self.content),
            (f"{base}/<key>/analytics", "GET", self.analytics),
            (f"{base}/<key>/generate-plan", "POST", self.plan),
            (f"{base}/<key>/generate-content", "POST", self.generate),
        ):
            app.add_url_rule(rule, view.__name__, view, methods=[method])
        app.register_error_handler(Refusal, self.refused)
        app.before_request(self.admitted)
        for number in range(self.way.rows_before):
            self.earlier(number)

    def earlier(self, number: int) -> None:
        """Make a campaign of an earlier day."""
        row = self.fresh("umbrella" if number % 5 == 4 else "acme", {"name": f"Series {number}"})
        row["createdAt"] = row["updatedAt"] = datetime.now(UTC) - timedelta(days=40 - number, hours=3)
        row["type"] = ("ONE_TIME", "RECURRING", "EVERGREEN")[number % 3]
        if number % 4 == 1:
            row["status"], row["lastStatusChangedAt"] = "ACTIVE", row["updatedAt"]
        row["isArchived"] = number % 7 == 3
        row["_content"] = [one for made in self.drafted(row).values() for one in made]
        for place, one in enumerate(row["_content"]):
            if place % 2 and row["status"] == "ACTIVE":
                one["status"], one["publishedAt"] = "PUBLISHED", row["createdAt"]
                one["_figures"] = {
                    "views": 120 + place,
                    "impressions": 300,
                    "likes": 7,
                    "shares": 2,
                    "clicks": 5,
                }
        self.rows[row["id"]] = row

    # ------------------------------------------------------------------ answers

    def answer(self, data: Any, status: int = 200) -> Response:
        """Return a good answer."""
        return Response(json.dumps(data), status, dict(self.way.headers), content_type=self.way.media)

    def refused(self, refusal: Refusal) -> Response:
        """Answer a refusal."""
        said: Row = {"message": refusal.message}
        if refusal.code:
            said = {"error": refusal.code, **said}
        if refusal.status == 404 and self.bug("refusal_without_message"):
            said = {}
        headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
        return Response(json.dumps(said), refusal.status, headers, content_type=self.way.media)

    def admitted(self) -> None:
        """Refuse who has no token."""
        bug = self.bug
        if request.url_rule is None:
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        self.company = COMPANIES.get(token, "acme")
        if bug("accepts_none") or (bug("analytics_open") and request.path.endswith("/analytics")):
            return
        if scheme.lower() == "bearer" and token in COMPANIES:
            return
        if not (scheme.lower() == "bearer" and token and bug("accepts_any_token")):
            raise Refusal(401, "UNAUTHORIZED", "Send a token.")

    def found(self, key: str) -> Row:
        """Return a campaign of the company that asks."""
        bug = self.bug
        row = self.rows.get(key)
        if row is None and request.method == "GET":
            below = request.path.endswith("/content")
            if bug("deleted_content") if below else bug("deleted_readable"):
                row = self.gone.get(key)
        if row is not None and row["_company"] != self.company:
            lets = bug("others_read") if request.method == "GET" else bug("others_change")
            row = row if lets else None
        if row is not None and row["isArchived"] and request.method == "GET" and bug("archived_unreadable"):
            row = None
        if row is None and bug("unknown_is_403"):
            raise Refusal(403, "FORBIDDEN", "This campaign is not yours.")
        if row is None:
            raise Refusal(404, "", "Campaign not found")
        return row

    def written(self, text: str | None) -> str | None:
        """Return a time that was sent, as this server writes it."""
        if text is None:
            return "" if self.bug("empty_times") else None
        return text if self.way.whole_dates else self.way.time(read(text))

    def shown(self, row: Row) -> Row:
        """Return a campaign as it is shown everywhere."""
        bug = self.bug
        full = {name: row[name] for name in SHOWN}
        swapped = bug("dates_swapped")
        full["startsAt"] = self.written(row["endsAt" if swapped else "startsAt"])
        full["endsAt"] = self.written(row["startsAt" if swapped else "endsAt"])
        for name in (*MOVED, "createdAt", "updatedAt"):
            full[name] = self.way.time(row[name]) if row[name] else None
        if bug("time_without_t"):
            full["createdAt"] = row["createdAt"].strftime("%Y-%m-%d %H:%M:%S")
        if bug("archived_as_number"):
            full["isArchived"] = int(row["isArchived"])
        return full

    # ---------------------------------------------------------------- campaigns

    def list(self) -> Response:
        """GET /campaigns."""
        return self.answer(page_of(self))

    def fresh(self, company: str, sent: Row) -> Row:
        """Return a new campaign, with what was sent."""
        bug = self.bug
        now = datetime.now(UTC)
        row: Row = {
            "id": self.way.number(next(self.numbers)),
            **dict.fromkeys((*OWN, *MOVED)),
            "type": "EVERGREEN" if bug("other_default_type") else "ONE_TIME",
            "status": "ACTIVE" if bug("not_a_draft") else "DRAFT",
            "isArchived": False,
            "context": {**self.way.brand},
            "createdAt": now,
            "updatedAt": now,
            "_company": company,
            "_content": [],
        }
        if self.way.changed:
            row["lastStatusChangedAt"] = now
        self.lay(row, sent)
        if bug("goal_lost"):
            row["goal"] = None
        return {**row, "_name": row["name"]}

    def lay(self, row: Row, sent: Row) -> None:
        """Lay what was sent over a campaign."""
        bug = self.bug
        row.update({name: sent[name] for name in OWN if name in sent})
        if row["brief"] and bug("brief_trimmed"):
            row["brief"] = row["brief"][:20]
        if "context" in sent:
            kept = row["context"] if self.way.merges else self.way.brand
            given = {name: sent["context"][name] for name in CONTEXT if name in sent["context"]}
            if not self.way.nulls:
                given = {name: self.way.brand[name] if one is None else one for name, one in given.items()}
            if given.get("keyMessages") and bug("messages_lost"):
                given["keyMessages"] = given["keyMessages"][:1]
            row["context"] = {**kept, **given}

    def create(self) -> Response:
        """POST /campaigns."""
        bug = self.bug
        row = self.fresh(self.company, self.campaign(self.body(), new=True))
        if not bug("lost_create"):
            self.rows[row["id"]] = row
        said = self.shown(row)
        if bug("created_differs"):
            said["name"] = said["name"].upper() + "!"
        if bug("wrong_id"):
            said["id"] = self.way.number(next(self.numbers))
        if bug("created_without_updated"):
            del said["updatedAt"]
        return self.answer(said, 200 if bug("create_is_200") else 201)

    def read(self, key: str) -> Response:
        """GET /campaigns/{key}."""
        bug = self.bug
        if bug("unknown_is_empty") and key not in self.rows:
            return self.answer({})
        shown = self.shown(self.found(key))
        if bug("status_in_small_letters"):
            shown["status"] = shown["status"].lower()
        if bug("context_null"):
            shown["context"] = None
        if bug("password_hash"):
            shown["createdBy"] = {"passwordHash": "$2b$10$N9qo8uLO"}
        response = self.answer(shown)
        if bug("html_media"):
            response.content_type = "text/html"
        return response

    def before(self, row: Row) -> Row | None:
        """Return the campaign that the same company made before *row*."""
        own = [one for one in self.rows.values() if one["_company"] == row["_company"]]
        place = next(place for place, one in enumerate(own) if one["id"] == row["id"])
        return own[place - 1] if place else None

    def update(self, key: str) -> Response:
        """PUT /campaigns/{key}."""
        bug = self.bug
        if not self.way.before:
            self.found(key)
        body = self.body()
        known = self.rows.get(key)
        sent = self.campaign(
            body, new=False, row=known if known and known["_company"] == self.company else None
        )
        row = self.found(key)
        fresh = {**row}
        self.lay(fresh, sent)
        if bug("context_lost"):
            fresh["context"] = row["context"]
        if bug("update_resets") and "brief" not in sent:
            fresh["brief"] = None
        self.touch(fresh)
        if bug("created_moves"):
            fresh["createdAt"] = fresh["updatedAt"]
        self.move(fresh, sent.get("status", row["status"]))
        if bug("update_spills") and "goal" in sent and (other := self.before(row)):
            other["goal"] = sent["goal"]
        if not bug("lost_update"):
            row.update(fresh)
        return self.answer(self.shown(fresh))

    def touch(self, row: Row) -> None:
        """Note that a campaign has changed."""
        if not self.bug("updated_stays"):
            row["updatedAt"] = datetime.now(UTC)

    def move(self, row: Row, status: str) -> None:
        """Give a campaign a status."""
        bug = self.bug
        if status == row["status"]:
            return
        now = datetime.now(UTC)
        if status == "PAUSED" and not bug("paused_at_missing"):
            row["pausedAt"] = now
        if status == "COMPLETED" and not bug("completed_at_missing"):
            row["completedAt"] = now
        if status == "ACTIVE" and row["status"] == "PAUSED" and not bug("resumed_at_missing"):
            row["resumedAt"] = now
        if not bug("changed_at_stays"):
            row["lastStatusChangedAt"] = now
        row["status"] = status

    def delete(self, key: str) -> Response:
        """DELETE /campaigns/{key}."""
        bug = self.bug
        asked = request.args.to_dict()
        self.one_of(asked, "action", ("delete_all", "move_content"), bug("accepts_any_action"))
        if bug("second_delete_ok") and key in self.gone:
            return Response(status=204)
        row = self.found(key)
        if asked.get("action") == "move_content":
            self.hand_over(row, asked.get("moveToCampaignId"))
        published = sum(one["status"] == "PUBLISHED" for one in row["_content"])
        if published and (self.way.stubborn or "action" not in asked):
            said = {"error": "PUBLISHED_CONTENT_EXISTS", "message": "It is out.", "publishedCount": published}
            return self.answer(said, 409)
        if bug("deletes_one_more") and (other := self.before(row)):
            self.gone[other["id"]] = self.rows.pop(other["id"])
        self.gone[key] = self.rows.pop(key)
        if bug("delete_answers"):
            return self.answer({"message": "Campaign deleted"})
        return Response(status=204)

    def hand_over(self, row: Row, key: str | None) -> None:
        """Give a campaign's content to another."""
        if not key:
            self.wrong("moveToCampaignId", "is required with move_content")
        target = self.rows.get(key)
        if key == row["id"]:
            raise Refusal(self.way.itself, "", "Target campaign not found")
        if target is None or target["_company"] != self.company:
            raise Refusal(self.way.nobody, "", "Target campaign not found")
        if not self.bug("move_loses_content"):
            target["_content"] = [*target["_content"], *row["_content"]]
        row["_content"] = []

    def duplicate(self, key: str) -> Response:
        """POST /campaigns/{key}/duplicate."""
        bug = self.bug
        sent, row = self.asked(key)
        if "name" not in sent:
            self.wrong("name", "is required")
        self.text(sent, "name", least=1)
        if bug("duplicate_is_same"):
            row["name"] = sent["name"]
            return self.answer(self.shown(row), 201)
        named = row["name"] if bug("duplicate_name_ignored") else sent["name"]
        kept = {name: row[name] for name in OWN if not (name == "brief" and bug("duplicate_loses_brief"))}
        copy = self.fresh(self.company, {**kept, "name": named, "context": row["context"]})
        copy["context"] = {**row["context"]}
        if bug("duplicate_keeps_status"):
            copy["status"] = row["status"]
        copy["_content"] = self.copied(row["_content"])
        if bug("duplicate_moves_content"):
            row["_content"] = []
        self.rows[copy["id"]] = copy
        return self.answer(self.shown(copy), 201)

    def asked(self, key: str) -> tuple[Row, Row]:
        """Return the body and the campaign that it is about, refusing either in this server's order."""
        if self.way.before:
            return self.body(), self.found(key)
        row = self.found(key)
        return self.body(), row
