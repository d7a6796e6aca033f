"""
The messaging campaigns of the document, by hand: dictionaries, ifs, and nothing of the mock's.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request

from mockserver.tests.judged.messaging_choices import BUGS, DIALECTS
from mockserver.tests.judged.messaging_laying import NO_GOALS, Laying, Row, read
from mockserver.tests.judged.messaging_runs import FIGURES, RATES, SECTIONS, Run, progress, statistics
from mockserver.tests.judged.switches import Refusal, Switches

DETAIL = ("id", "name", "description", "type", "status", "goals", "targetAudience", "messages", "workflow")
DETAIL += ("abTests", "createdAt", "updatedAt")
SUMMARY = ("id", "name", "description", "type", "status", "goals", "targetAudience", "strategy", "budget")
SUMMARY += ("startDate", "endDate", "statistics", "createdBy", "createdAt", "updatedAt")


def make(bugs: Iterable[str] = (), dialect: str = "printed") -> Flask:
    """Return the application, with *bugs* in it, in one of the dialects."""
    return Messaging(Switches(BUGS, bugs), dialect).app


class Messaging(Laying):
    """The campaigns of everybody who has a token."""

    def __init__(self, bug: Switches, dialect: str) -> None:
        self.bug = bug
        self.way = DIALECTS[dialect]
        self.rows: dict[str, Row] = {}
        self.gone: dict[str, Row] = {}
        self.numbers = itertools.count(500)
        self.app = app = Flask(__name__)
        base = "/api/v1/campaigns"
        for rule, method, view in (
            (base, "GET", self.list),
            (base, "POST", self.create),
            (f"{base}/<key>", "GET", self.read),
            (f"{base}/<key>", "PUT", self.update),
            (f"{base}/<key>", "DELETE", self.delete),
            (f"{base}/<key>/execute", "POST", self.execute),
            (f"{base}/<key>/pause", "POST", self.pause),
            (f"{base}/<key>/resume", "POST", self.resume),
            (f"{base}/<key>/clone", "POST", self.clone),
            (f"{base}/<key>/statistics", "GET", self.statistics),
            (f"{base}/<key>/progress", "GET", self.progress),
        ):
            app.add_url_rule(rule, view.__name__, view, methods=[method])
        app.register_error_handler(Refusal, self.refused)
        app.before_request(self.admitted)

    # ------------------------------------------------------------------ answers

    def answer(self, data: Any, status: int = 200) -> Response:
        """Return a good answer."""
        said = {"data": data} if self.bug("no_success") else {"success": True, "data": data}
        return Response(json.dumps(said), status, dict(self.way.headers), content_type=self.way.media)

    def refused(self, refusal: Refusal) -> Response:
        """Answer a refusal."""
        error = {"code": refusal.code, "message": refusal.message or refusal.code}
        if self.bug("error_without_code"):
            del error["code"]
        said = json.dumps({"success": False, "error": error})
        headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
        return Response(said, refusal.status, headers, content_type=self.way.media)

    def admitted(self) -> None:
        """Refuse who has no token."""
        if request.url_rule is None or self.bug("accepts_none"):
            return
        if self.bug("statistics_open") and request.path.endswith("/statistics"):
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and (token in ("test-token", "other-token")):
            return
        if not (scheme.lower() == "bearer" and token and self.bug("accepts_any_token")):
            raise Refusal(401, "UNAUTHORIZED", "Send a token.")

    def found(self, key: str) -> Row:
        """Return a campaign, as the clock has it by now."""
        row = self.rows.get(key)
        if row is None and request.method == "GET" and self.bug("deleted_readable"):
            row = self.gone.get(key)
        if row is None:
            raise Refusal(404, "CAMPAIGN_NOT_FOUND", "There is no such campaign.")
        run = row["_runs"][-1] if row["_runs"] else None
        if run is not None and run.status == "running" and run.passed() >= 1 and not run.test:
            run.halt("completed")
            row["status"] = "completed"
        return row

    def written(self, name: str, row: Row) -> str | None:
        """Return a time that was sent, as this server writes it."""
        text: str | None = row[name]
        return text if text is None or self.way.whole_dates else self.way.time(read(text))

    def shown(self, row: Row, names: Iterable[str]) -> Row:
        """Return some fields of a campaign."""
        bug = self.bug
        full = {
            **row,
            "startDate": self.written("endDate" if bug("dates_swapped") else "startDate", row),
            "endDate": self.written("startDate" if bug("dates_swapped") else "endDate", row),
            "createdAt": self.way.time(row["createdAt"]),
            "updatedAt": self.way.time(row["updatedAt"]),
        }
        if bug("time_as_number"):
            full["createdAt"] = row["createdAt"].timestamp()
        if bug("budget_as_text"):
            full["budget"] = str(row["budget"])
        return {name: full[name] for name in names}

    def summary(self, row: Row) -> Row:
        """Return a campaign as the list shows it."""
        figures = statistics(row["_runs"], ["overview"], [], self.way.moving)["overview"]
        sent = figures["messagesSent"]
        totals = {
            "totalTasks": -(-sum(run.total for run in row["_runs"] if not run.test) // 100),
            "completedTasks": sent // 100,
            "failedTasks": 0,
            "messagesSent": sent,
            "conversionsAchieved": figures["converted"],
            "totalCost": sent * 0.5,
        }
        shown = self.shown({**row, "statistics": totals}, SUMMARY)
        audience = row["targetAudience"]
        shown["targetAudience"] = {"segments": audience["segments"], "totalCount": audience["totalCount"]}
        if self.bug("list_differs"):
            shown["name"] = row["_name"]
        if self.bug("password_hash"):
            shown["passwordHash"] = "$2b$10$N9qo8uLO"
        return shown

    def detail(self, row: Row) -> Row:
        """Return a campaign as it is read."""
        shown = self.shown(row, DETAIL)
        if self.bug("status_in_capitals"):
            shown["status"] = shown["status"].upper()
        if self.bug("null_goals") and not any(shown["goals"].values()):
            shown["goals"] = None
        return shown

    # ---------------------------------------------------------------- campaigns

    def list(self) -> Response:
        """GET /campaigns."""
        from mockserver.tests.judged.messaging_list import page_of

        return self.answer(page_of(self))

    def create(self) -> Response:
        """POST /campaigns."""
        bug = self.bug
        sent = self.campaign(self.body(), new=True)
        now = datetime.now(UTC)
        row: Row = {
            "id": self.way.number("camp", next(self.numbers)),
            "description": "",
            "status": "active" if bug("not_a_draft") else "draft",
            "goals": NO_GOALS,
            "strategy": {"messaging": "", "timing": "", "channels": ["telegram"]},
            "targetAudience": {"segments": [], "filters": {}},
            "budget": 0,
            "startDate": None,
            "endDate": None,
            "messages": [],
            "workflow": None,
            "abTests": [],
            "createdBy": "user123",
            "createdAt": now,
            "updatedAt": now,
            "_runs": [],
        }
        self.lay(row, sent)
        row["_name"] = row["name"]
        if not bug("lost_create"):
            self.rows[row["id"]] = row
        said = {
            "id": row["id"],
            "name": row["name"],
            "status": "draft" if bug("not_a_draft") else row["status"],
        }
        if bug("wrong_id"):
            said["id"] = row["id"] + "0"
        if bug("created_without_id"):
            del said["id"]
        return self.answer(
            {**said, "message": self.way.words + "Campaign created successfully"}, self.way.created
        )

    def read(self, key: str) -> Response:
        """GET /campaigns/{key}."""
        shown = self.detail(self.found(key))
        response = self.answer([shown] if self.bug("detail_as_list") else shown)
        if self.bug("text_media"):
            response.content_type = "text/plain"
        return response

    def update(self, key: str) -> Response:
        """PUT /campaigns/{key}."""
        bug = self.bug
        sent = self.campaign(self.body(), new=False)
        row = self.found(key)
        fresh = {**row, "updatedAt": datetime.now(UTC)}
        self.lay(fresh, sent)
        if bug("update_resets") and "description" not in sent:
            fresh["description"] = ""
        if bug("created_moves"):
            fresh["createdAt"] = fresh["updatedAt"]
        if bug("update_makes_another"):
            fresh["id"] = self.way.number("camp", next(self.numbers))
        if "status" in sent:
            fresh["status"] = sent["status"]
            for run in fresh["_runs"]:
                if sent["status"] == "active" and run.status == "paused":
                    run.go_on()
                elif sent["status"] != "active" and run.status == "running" and not run.test:
                    run.halt("paused" if sent["status"] == "paused" else "cancelled")
        if not bug("lost_update"):
            self.rows[fresh["id"]] = fresh
            if bug("clone_shares"):
                for other in self.rows.values():
                    if other["id"] in (fresh.get("_of"), fresh["id"]) or other.get("_of") == fresh["id"]:
                        other["goals"] = fresh["goals"]
        said = {"id": fresh["id"], "name": fresh["name"], "status": fresh["status"]}
        if self.way.updated:
            said = self.detail(fresh)
        return self.answer({**said, "message": self.way.words + "Campaign updated successfully"})

    def delete(self, key: str) -> Response:
        """DELETE /campaigns/{key}."""
        row = self.found(key)
        if row["status"] not in ("draft", "cancelled") and not self.bug("deletes_active"):
            raise Refusal(self.way.forbidden, "CAMPAIGN_NOT_DELETABLE", "Only drafts and cancelled ones.")
        before = [one for one in self.rows if one != key][-1:] if self.bug("delete_by_prefix") else []
        for one in (key, *before):
            self.gone[one] = self.rows.pop(one)
        return self.answer({"message": self.way.words + "Campaign deleted successfully"})

    # -------------------------------------------------------------------- runs

    def forbid(self, row: Row, statuses: tuple[str, ...], code: str, bug: str, lax: tuple[str, ...]) -> None:
        """Refuse what the status of a campaign forbids."""
        allowed = statuses + (lax if self.bug(bug) else ())
        if row["status"] not in allowed:
            raise Refusal(self.way.forbidden, code, f"The campaign is {row['status']}.")

    def execute(self, key: str) -> Response:
        """POST /campaigns/{key}/execute."""
        sent = self.execution(self.body(optional=True))
        row = self.found(key)
        good = ("draft", "active") if self.way.again else ("draft",)
        self.forbid(row, good, "CAMPAIGN_NOT_EXECUTABLE", "execute_completed", ("cancelled", "completed"))
        run = Run(
            self.way, row["targetAudience"]["totalCount"], sent, self.way.number("exec", next(self.numbers))
        )
        if not run.test:
            for other in row["_runs"]:
                if other.status in ("running", "paused") and not other.test:
                    other.halt("cancelled")
        row["_runs"] = [*row["_runs"], run]
        if (not run.test or self.bug("test_run_activates")) and not self.bug("execute_stays_draft"):
            row["status"] = "active"
        row["updatedAt"] = datetime.now(UTC)
        said = {"executionId": run.key, "status": "started", "estimatedCompletion": self.way.time(run.ends())}
        words = self.way.words + "Campaign execution started"
        return self.answer({**said, "message": words}, 202 if self.bug("execute_is_202") else 200)

    def pause(self, key: str) -> Response:
        """POST /campaigns/{key}/pause."""
        row = self.found(key)
        self.forbid(row, ("active",), "CAMPAIGN_NOT_ACTIVE", "pause_draft", ("draft",))
        for run in row["_runs"]:
            if run.status == "running" and not run.test:
                run.halt("paused")
        return self.moved(row, "paused", "pausedAt", "pause_stays_active")

    def resume(self, key: str) -> Response:
        """POST /campaigns/{key}/resume."""
        row = self.found(key)
        self.forbid(row, ("paused",), "CAMPAIGN_NOT_PAUSED", "resume_active", ("active",))
        for run in row["_runs"]:
            if run.status == "paused" and not run.test:
                run.go_on()
        return self.moved(row, "active", "resumedAt", "resume_stays_paused")

    def moved(self, row: Row, status: str, at: str, stuck: str) -> Response:
        """Set a status, and answer it."""
        if not self.bug(stuck):
            row["status"] = status
        row["updatedAt"] = now = datetime.now(UTC)
        if at == "pausedAt" and self.bug("paused_at_created"):
            now = row["createdAt"].replace(year=2020)
        words = f"{self.way.words}Campaign {at.removesuffix('At')} successfully"
        return self.answer({"status": status, "message": words, at: self.way.time(now)})

    def clone(self, key: str) -> Response:
        """POST /campaigns/{key}/clone."""
        bug = self.bug
        sent = self.body(optional=True)
        self.text(sent, "name")
        if sent.get("name") == "":
            self.wrong("name", "is empty")
        if not isinstance(sent.get("resetStatistics", True), bool):
            self.wrong("resetStatistics", "must be true or false")
        row = self.found(key)
        made = copy.deepcopy({name: value for name, value in row.items() if name != "_runs"})
        now = datetime.now(UTC)
        made.update(
            id=self.way.number("camp", next(self.numbers)), createdAt=now, updatedAt=now, _runs=[], _of=key
        )
        if not sent.get("resetStatistics", True):
            made["_runs"] = [copy.copy(run) for run in row["_runs"] if run.status != "running"]
        made["status"] = row["status"] if bug("clone_active") else "draft"
        made["name"] = row["name"] if bug("copy_name") else f"{row['name']} (Copy)"
        if not bug("clone_name_ignored"):
            made["name"] = sent.get("name", made["name"])
        made["_name"] = made["name"]
        made["messages"] = (
            [] if bug("clone_without_messages") else [self.message(one) for one in made["messages"]]
        )
        if bug("clone_is_same"):
            row["name"] = made["name"]
            made["id"] = key
        else:
            self.rows[made["id"]] = made
        said = {"id": made["id"], "name": made["name"], "status": "draft"}
        return self.answer(
            {**said, "message": self.way.words + "Campaign cloned successfully"}, self.way.created
        )

    def statistics(self, key: str) -> Response:
        """GET /campaigns/{key}/statistics."""
        row = self.found(key)
        if request.args.get("period", "all") not in ("1h", "24h", "7d", "30d", "all") and not self.bug(
            "accepts_any_period"
        ):
            self.wrong("period", "is none of 1h, 24h, 7d, 30d, all")
        metrics = request.args.get("metrics", "all").split(",")
        if not {*metrics} <= {"all", *SECTIONS, *FIGURES, *RATES}:
            self.wrong("metrics", "are not known")
        return self.answer(
            statistics(row["_runs"], metrics, row["targetAudience"]["segments"], self.way.moving)
        )

    def progress(self, key: str) -> Response:
        """GET /campaigns/{key}/progress."""
        runs = self.found(key)["_runs"]
        live = [run for run in runs if not run.test and run.status in ("running", "paused")] or runs
        said = progress(live[-1] if live else None, self.way)
        if self.bug("processed_off"):
            said["progress"]["failed"] += 1
        if self.bug("progress_above_100") and live:
            said["progress"]["percentage"] = (said["progress"]["percentage"] + 1) * 1000
        return self.answer(said)
