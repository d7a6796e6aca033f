"""
Campaigns of creators, by hand: dictionaries, ifs, and nothing of the mock's.

The same application answers two contracts: the six operations of specs/tokfluence,
and the eight of `creators.yaml`, which add a list and a change.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from mockserver.tests.judged.creators_choices import BUGS, DIALECTS, OF_EIGHT
from mockserver.tests.judged.creators_results import Results, Row
from mockserver.tests.judged.switches import Bugs, Refusal, Switches

ACCOUNTS = {"test-token": "acc_1", "other-token": "acc_2"}
NOT_FOUND = Refusal(404, "campaign_not_found", "There is no such campaign in your account.")
BUGS_OF_EIGHT: Bugs = {group: {**named, **OF_EIGHT[group]} for group, named in BUGS.items()}


def make_six(bugs: Iterable[str] = (), dialect: str = "flask") -> Flask:
    """Return the application with six operations, with *bugs* in it, in one of the dialects."""
    return _Campaigns(Switches(BUGS, bugs), dialect, eight=False).app


def make_eight(bugs: Iterable[str] = (), dialect: str = "flask") -> Flask:
    """Return the application with eight operations, with *bugs* in it, in one of the dialects."""
    return _Campaigns(Switches(BUGS_OF_EIGHT, bugs), dialect, eight=True).app


class _Campaigns(Results):
    def __init__(self, bug: Switches, dialect: str, eight: bool) -> None:
        self.bug = bug
        self.way = DIALECTS[dialect]
        self.eight = eight
        self.rows: dict[int, Row] = {}
        self.gone: dict[int, Row] = {}
        self.tracked: list[Row] = []
        self.names_used: set[tuple[str, str]] = set()
        self.numbers = itertools.count(self.way.first, self.way.step)
        self.post_numbers = itertools.count(37)
        self.untitled = itertools.count(1)
        self.app = app = Flask(__name__)
        app.logger.disabled = True  # what crashes is meant to
        base, one = "/v1/campaigns", "/v1/campaigns/<key>"
        rules = [
            (base, "POST", self.create),
            (one, "GET", self.read),
            (one, "DELETE", self.delete),
            (f"{one}/metrics", "GET", self.metrics),
            (f"{one}/posts", "GET", self.posts_of),
            (f"{one}/influencers", "GET", self.creators),
        ]
        if eight:
            rules += [(base, "GET", self.list), (one, "PATCH", self.change)]
        for rule, method, view in rules:
            app.add_url_rule(rule, view.__name__, view, methods=[method])
        app.register_error_handler(Refusal, self.refused)
        app.register_error_handler(HTTPException, self.unrouted)
        app.after_request(self.dressed)

    # ------------------------------------------------------------------ answers

    def answer(self, said: Any, status: int = 200, **headers: str) -> Response:
        """Return an answer in JSON."""
        return Response(json.dumps(said), status, headers, content_type=self.way.media)

    def refused(self, refusal: Refusal) -> Response:
        """Answer a refusal."""
        if refusal.status == 204:
            return Response("", 204)
        if refusal.status == 404 and self.bug("not_found_as_html"):
            return Response("<h1>Not Found</h1>", 404, content_type="text/html")
        error = {"code": refusal.code, "message": refusal.message, **self.way.said}
        if self.bug("error_without_code"):
            del error["code"]
        status = 403 if refusal.status == 404 and self.bug("missing_is_403") else refusal.status
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        return self.answer({"error": error}, status, **headers)

    def unrouted(self, error: HTTPException) -> Response:
        """Answer what Flask itself refuses."""
        response = error.get_response()
        said = {"error": {"code": error.name.lower().replace(" ", "_"), "message": error.description}}
        answer = self.answer(said, error.code or 500)
        if "Allow" in response.headers:
            answer.headers["Allow"] = response.headers["Allow"]
        return answer

    def dressed(self, answer: Response) -> Response:
        """Add what this dialect adds to everything."""
        for name, value in self.way.headers.items():
            answer.headers.setdefault(name, value)
        return answer

    def shown(self, row: Row) -> Row:
        """Return a campaign as it is answered."""
        bug = self.bug
        posts = self.of(row)
        creators = len({one["influencer_id"] for one in posts})
        shown: Row = {
            "id": row["id"],
            "name": row["name"],
            "currency": row["currency"],
            "tracked_influencers_count": len(posts) if bug("creators_counted_twice") else creators,
            "tracked_posts_count": len(posts) + (row["_rejected"] if bug("rejected_counted") else 0),
            "archived": row["archived"],
            "created_at": self.way.time(row["created_at"]),
            "updated_at": self.way.time(row["updated_at"]),
        }
        if self.eight:
            shown.update({name: row[name] for name in ("description", "budget_cents", "starts_on")})
            if bug("date_with_time") and shown["starts_on"]:
                shown["starts_on"] += "T00:00:00Z"
            if not self.way.nulls:
                shown = {name: value for name, value in shown.items() if value is not None}
        if bug("count_as_text"):
            shown["tracked_posts_count"] = str(shown["tracked_posts_count"])
        if bug("account_shown"):
            shown["account_id"] = row["_account"]
        if bug("time_without_zone"):
            shown["created_at"] = row["created_at"].strftime("%Y-%m-%d %H:%M:%S")
        return shown

    # ------------------------------------------------------------------ callers

    def account(self, what: str) -> str:
        """Return whose token was sent."""
        bug = self.bug
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        good = scheme.lower() == "bearer" or bug("accepts_basic")
        if bug("accepts_basic") and scheme and scheme.lower() != "bearer":
            return "acc_1"
        if good and token.strip() in ACCOUNTS:
            return ACCOUNTS[token.strip()]
        open_ = {"metrics": bug("metrics_open"), "delete": bug("delete_open")}
        if self.eight:
            open_["list"] = bug("list_open")
        if bug("accepts_none") or open_.get(what) or (good and token and bug("accepts_any_token")):
            return "acc_1"
        raise Refusal(401, "unauthorized", "Send a bearer token.")

    def mine(self, text: str, what: str) -> Row:
        """Return the caller's campaign."""
        bug = self.bug
        account = self.account(what)
        if not re.fullmatch(r"[0-9]+", text, re.ASCII) or len(text) > 18:
            if bug("crash_on_bad_id") and not text.removeprefix("-").isdigit():
                raise ValueError(text)
            if self.way.bad_id == 400 and not re.fullmatch(r"-?[0-9]+", text, re.ASCII):
                raise Refusal(400, "invalid_id", "An id is a number.")
            raise NOT_FOUND
        row = self.rows.get(int(text))
        if what == "read" and bug("reads_newest") and row is not None:
            row = ([one for one in self.rows.values() if one["_account"] == account] or [row])[-1]
        survives = {
            "read": bug("deleted_readable"),
            "posts": bug("posts_survive"),
            "metrics": bug("metrics_survive"),
        }
        if row is None and survives.get(what):
            row = self.gone.get(int(text))
        if row is None and what == "delete" and int(text) in self.gone:
            if bug("second_delete_500"):
                raise RuntimeError("no such row")
            if self.way.again == 204 and self.gone[int(text)]["_account"] == account:
                raise Refusal(204, "")
        lax = {"read": bug("other_reads"), "posts": bug("other_posts"), "delete": bug("other_deletes")}
        if self.eight:
            lax["change"] = bug("other_changes")
        if row is None or (row["_account"] != account and not lax.get(what)):
            raise NOT_FOUND
        return row

    def taken(self, name: str, account: str, other_than: int = 0) -> Row | None:
        """Return the campaign that has a name."""
        fold = str.lower if self.way.folded else str
        for row in self.rows.values():
            if row["_account"] == account and row["id"] != other_than and fold(row["name"]) == fold(name):
                return row
        return None

    # ---------------------------------------------------------------- campaigns

    def create(self) -> Response:
        """POST /v1/campaigns."""
        bug = self.bug
        account = self.account("create")
        sent = self.body()
        fields = self.campaign(sent)
        posts = self.posts(sent)
        if bug("name_trimmed"):
            fields["name"] = fields["name"][:20]
        if bug("name_lowered"):
            fields["name"] = fields["name"].lower()
        if bug("currency_ignored"):
            fields.pop("currency", None)
        known = self.taken(fields["name"], account)
        was = bug("name_stays_taken") and (account, fields["name"]) in self.names_used
        if was or (known is not None and not bug("same_name_twice")):
            if bug("conflict_makes_it") and known is not None:
                self.tracked += self.attached(known, posts)[0]
            raise Refusal(409, "campaign_name_taken", "There is a campaign of this name.")
        self.names_used.add((account, fields["name"]))
        now = datetime.now(UTC)
        row: Row = {
            "id": next(self.numbers),
            "currency": "USD" if self.eight else self.way.currency,
            "description": None,
            "budget_cents": 0,
            "starts_on": None,
            "archived": bug("archived_at_birth"),
            **fields,
            "created_at": now,
            "updated_at": now,
            "_account": account,
            "_name": fields["name"],
        }
        if self.eight:
            self.spoiled(row, fields)
        before = [one for one in self.rows.values() if one["_account"] == account][-1:]
        good, rejected = self.attached(row, posts)
        row["_rejected"] = len(rejected)
        if not bug("lost_create"):
            self.rows[row["id"]] = row
        self.tracked += good
        data = self.shown(row)
        if bug("posts_go_elsewhere") and before:
            for one in good:
                one["campaign_id"] = before[0]["id"]
        if bug("posts_lost"):
            self.tracked = [one for one in self.tracked if one["campaign_id"] != row["id"]]
        if bug("created_differs"):
            data["created_at"] = self.way.time(now - timedelta(hours=1))
        count = len(good) + (len(rejected) if bug("created_count_off") else 0)
        meta: Row = {"tracked_posts_created": count, "api_results": self.results(good), "rejected": rejected}
        if bug("no_rejected") and not rejected:
            del meta["rejected"]
        place = {"Location": self.way.location.format(id=row["id"])} if self.way.location else {}
        return self.answer({"data": data, "meta": meta}, 200 if bug("created_is_200") else 201, **place)

    def spoiled(self, row: Row, fields: Row) -> None:
        """Change what the bugs of eight change in a new campaign."""
        if self.bug("no_default") and "budget_cents" not in fields:
            row["budget_cents"] = 100
        if self.bug("budget_in_units"):
            row["budget_cents"] = row["budget_cents"] // 100 * 100
        if self.bug("description_lost"):
            row["description"] = None

    def list(self) -> Response:
        """GET /v1/campaigns."""
        from mockserver.tests.judged.creators_list import page_of

        return page_of(self)

    def read(self, key: str) -> Response:
        """GET /v1/campaigns/{id}."""
        row = self.mine(key, "read")
        if self.bug("read_moves_time"):
            row["updated_at"] += timedelta(seconds=1)
        shown = self.shown(row)
        if self.bug("no_archived"):
            del shown["archived"]
        return self.answer({"data": shown})

    def change(self, key: str) -> Response:
        """PATCH /v1/campaigns/{id}."""
        bug = self.bug
        if self.way.before:
            self.account("change")
            fields = self.campaign(self.body(), partly=True)
            row = self.mine(key, "change")
        else:
            row = self.mine(key, "change")
            fields = self.campaign(self.body(), partly=True)
        if bug("patch_null_ignored"):
            fields = {name: value for name, value in fields.items() if value is not None}
        if bug("patch_of_falsy_ignored"):
            fields = {name: value for name, value in fields.items() if value or value is None}
        if "name" in fields and not bug("same_name_by_patch"):
            own = bug("own_name_is_taken") and fields["name"] == row["name"]
            if own or self.taken(fields["name"], row["_account"], row["id"]) is not None:
                raise Refusal(409, "campaign_name_taken", "There is a campaign of this name.")
        if bug("patch_changes_all") and "budget_cents" in fields:
            for other in self.rows.values():
                other["budget_cents"] = fields["budget_cents"]
        fresh = {**row, **fields}
        if bug("patch_resets"):
            fresh.update({name: None for name in ("description", "starts_on") if name not in fields})
        if not bug("updated_stands"):
            fresh["updated_at"] = datetime.now(UTC)
        if bug("created_moves"):
            fresh["created_at"] = fresh["updated_at"]
        if not bug("lost_patch"):
            self.rows[row["id"]] = fresh
        return self.answer({"data": self.shown(row if bug("patch_answers_before") else fresh)})

    def delete(self, key: str) -> Response:
        """DELETE /v1/campaigns/{id}."""
        bug = self.bug
        row = self.mine(key, "delete")
        if bug("lost_delete"):
            return Response("", 204)
        going = [row]
        if bug("delete_takes_neighbour"):
            going += [
                one for one in self.rows.values() if one["_account"] == row["_account"] and one is not row
            ][-1:]
        for one in going:
            self.gone[one["id"]] = self.rows.pop(one["id"])
            if not (bug("posts_survive") or bug("metrics_survive")):
                self.tracked = [post for post in self.tracked if post["campaign_id"] != one["id"]]
        if bug("deleted_is_200"):
            return self.answer({"deleted": True})
        return Response("", 204)
