"""
What the backend manages of the influencers' campaigns.
"""

from __future__ import annotations

from flask import Response, request

from mockserver.tests.judged.influencing_app import Front
from mockserver.tests.judged.influencing_choices import Dialect
from mockserver.tests.judged.influencing_desk import CAMPAIGN, TASK
from mockserver.tests.judged.influencing_world import Row
from mockserver.tests.judged.switches import Refusal, Switches

ACTIONS = {"approve": "accepted", "reject": "rejected", "review": "under_review", "pay": "paid"}
WAITING = ("pending", "under_review")


class Back(Front):
    """The backend's calls."""

    def __init__(self, bug: Switches, way: Dialect) -> None:
        super().__init__(bug, way)
        self.left: list[Row] = []

    # -------------------------------------------------------- campaigns and tasks

    def list_campaigns(self) -> Response:
        """POST /api/campaigns/."""
        if not self.bug("backend_for_anybody"):
            self.backend()
        sent = self.said(optional=True)
        advertiser = self.key(sent, "advertiser_id") if "advertiser_id" in sent else 0
        number = self.key(sent, "user_id") if "user_id" in sent else 0
        rows = self.listed(list(self.campaigns.values()))
        if advertiser:
            if self.way.absent and advertiser not in self.advertisers:
                raise Refusal(404, "advertiser", "There is no such advertiser.")
            rows = [row for row in rows if row["advertiser_id"] == advertiser]
        elif number:
            user = self.users.get(number)
            if self.way.absent and user is None:
                raise Refusal(404, "user", "There is no such user.")
            rows = [row for row in rows if user is not None and self._open_to(row, user)]
        return self.answer([self._in_backend(row) for row in rows])

    @staticmethod
    def _open_to(row: Row, user: Row) -> bool:
        kinds = ("standard", "influencer") if user["kind"] == "influencer" else ("standard",)
        return (
            row["status"] == "active"
            and row["type"] in kinds
            and bool({*row["networks"]} & {*user["networks"]})
        )

    def _in_backend(self, row: Row) -> Row:
        best = sorted(self.taking_part(row), key=self.completed, reverse=True)
        featured = [task["id"] for task in self.tasks_of(row) if task["featured"]]
        return {
            **self.in_app(row),
            "tasks_featured": featured if row["featured"] else [],
            "tasks_leaderboard": [part["user_id"] for part in best] if row["board"] else [],
            "publisher": row["publisher"],
        }

    def list_tasks(self) -> Response:
        """POST /api/tasks/."""
        bug = self.bug
        self.backend()
        sent = self.said(many=("status",), optional=True)
        advertiser = self.key(sent, "advertiser_id") if "advertiser_id" in sent else 0
        campaign = self.key(sent, "campaign_id") if "campaign_id" in sent else 0
        statuses = sent.get("status", [])
        statuses = statuses if isinstance(statuses, list) else [statuses]
        for one in statuses:
            if one not in TASK and not bug("accepts_bad_task_status"):
                self.wrong("status must be one of a task's.")
        rows = [*self.tasks.values(), *self.left]
        if bug("custom_hidden_in_backend"):
            rows = [row for row in rows if row["type"] != "custom"]
        if advertiser:
            if self.way.absent and advertiser not in self.advertisers:
                raise Refusal(404, "advertiser", "There is no such advertiser.")
            rows = [row for row in rows if self.campaigns[row["campaign_id"]]["advertiser_id"] == advertiser]
        elif campaign:
            if self.way.absent and campaign not in self.campaigns:
                raise Refusal(404, "campaign", "There is no such campaign.")
            rows = [row for row in rows if row["campaign_id"] == campaign or bug("listed_for_all")]
        elif "status" in sent:
            wanted = statuses[:1] if bug("first_status_only") else statuses
            rows = [row for row in rows if (row["status"] in wanted) != bug("task_filter_off")]
        return self.answer([self._task_in_backend(row) for row in self.listed(rows)])

    def _task_in_backend(self, row: Row) -> Row:
        bug = self.bug
        campaign, status = self.campaigns[row["campaign_id"]], row["status"]
        user, bonus = self.users.get(row["user_id"]), campaign["bonus"]
        flags = {
            "reach": bonus["active"] and bonus["promo_reach"] > 0,
            "engagement_rate": bonus["active"] and bonus["promo_engagement_rate"] > 0,
            "best_post": bonus["active"] and bonus["promo_best_post"] > 0,
        }
        short = self.common(campaign)
        shown = {
            "id": row["id"],
            "type": f"Profile: {user['name']}" if user else f"Custom: {row['title']}",
            "networks": row["networks"],
            "status": status,
            "status_name": status if bug("named_by_word") else status.replace("_", " ").title(),
            "media": {"url": row["url"], "link": row["link"]},
            "allow_complete": status == "pending",
            "allow_leave": status in WAITING,
            "allow_countdown": status == "pending",
            "allow_payments": status in ("accepted", "paid"),
            "allow_bonus": status in ("accepted", "paid") and any(flags.values()),
            "is_disabled": status != "pending",
            "is_allowed_complete": status == "pending" and self.now() <= row["deadline"],
            "date_completed_minimum": self.text_of(row["assigned"]),
            "date_completed_maximum": self.text_of(row["deadline"]),
            "date_end": self.parts(row["deadline"]),
            "bonus": flags,
            "payments": self.payments(row),
            "campaign": {
                **self.shown(campaign),
                "date_end_text": self.text_of(campaign["ends_at"]),
                "tasks": {name: short[name] for name in ("bonus", "minimum_reward")},
            },
        }
        if bug("status_without_name"):
            del shown["status_name"]
        if bug("owner_shown"):
            shown["owner_email"] = user["email"] if user else None
        return shown

    def add_custom(self) -> Response:
        """POST /api/task/custom/."""
        bug = self.bug
        self.backend()
        sent = self.said()
        if bug("accepts_no_title"):
            sent.setdefault("title", "Task")
        title = self.text(sent, "title", 0 if bug("accepts_empty_title") else 1)
        description, requirements = self.text(sent, "description"), self.text(sent, "requirements")
        if bug("unknown_campaign_extended") and self.key(sent, "campaign_id") not in self.campaigns:
            sent["campaign_id"] = min(self.campaigns)
        campaign = self.campaign(sent)
        if bug("custom_below_another"):
            campaign = next(one for one in self.campaigns.values() if one is not campaign)
        said = {
            "type": "custom",
            "title": title[:10] if bug("title_trimmed") else title,
            "description": description,
            "requirements": "" if bug("requirements_lost") else requirements,
            "info": requirements,
        }
        if bug("custom_twice"):
            self.new_task(campaign, **said)
        row = self.new_task(campaign, **said)
        if bug("lost_custom"):
            del self.tasks[row["id"]]
        done = self.done("There is a new task.", task_id=row["id"])
        done.status_code = 202 if bug("custom_is_202") else 200
        return done

    def act(self) -> Response:
        """POST /api/task/actions/."""
        bug = self.bug
        self.backend()
        sent = self.said()
        if bug("accepts_any_action") and sent.get("action") not in ACTIONS:
            sent["action"] = "approve"
        status = ACTIONS[self.word(sent, "action", ACTIONS)]
        if bug("unknown_task_acted_on") and self.key(sent, "task_id") not in self.tasks:
            return self.done("Done.")
        task = self.task(sent)
        if task["status"] == "paid" and status != "paid" and not self.way.lenient:
            self.conflict("A paid task is closed.")
        if status == "paid" and task["status"] not in ("accepted", "paid") and not self.way.lenient:
            self.conflict("Only an accepted task can be paid.")
        if status == "rejected" and bug("reject_accepts"):
            status = "accepted"
        if not bug("lost_action"):
            task["status"] = status
        if bug("action_hits_all"):
            for other in self.tasks_of(self.campaigns[task["campaign_id"]]):
                other["status"] = status
        return self.done("Done.")

    def task_status(self) -> Response:
        """POST /api/task/status/."""
        self.backend()
        task = self.task(self.said())
        days = {"assigned_date": task["assigned"], "deadline": task["deadline"]}
        return self.answer(
            {"status": task["status"], **{name: at.date().isoformat() for name, at in days.items()}}
        )

    def task_payments(self) -> Response:
        """POST /api/task/payments/."""
        self.backend()
        task = self.task(self.said())
        more = 1 if self.bug("payment_off") else 0
        return self.answer(
            {
                "payment": self.money(task["post"] + task["reach"] + more),
                "payment_post": self.money(task["post"]),
                "payment_bonus_reach": self.money(task["reach"]),
                "currency": self.campaigns[task["campaign_id"]]["currency"],
            }
        )

    # ------------------------------------------------------------------ accounts

    def find_advertiser(self) -> Response:
        """POST /api/advertiser/check/."""
        self.backend()
        email = self.email(self.said())
        for row in self.advertisers.values():
            if email in (row["email"], row["contact"]):
                return self.answer({"id": row["id"], "message": "There is one."})
        raise Refusal(404, "advertiser", "There is no such advertiser.")

    def find_user(self) -> Response:
        """POST /api/user/check/."""
        self.backend()
        email = self.email(self.said())
        for row in self.users.values():
            if email == row["email"]:
                return self.answer({"id": row["id"], "message": "There is one."})
        raise Refusal(404, "user", "There is no such user.")

    def advertiser(self, sent: Row) -> Row:
        """Return the advertiser who is meant."""
        return self.one(self.advertisers, self.key(sent, "advertiser_id"), "advertiser")

    def maximum_limit(self) -> Response:
        """POST /api/advertiser/maximum-limit/."""
        self.backend()
        return self.answer({"maximum_limit": self.advertiser(self.said())["limit"], "currency": "USD"})

    def list_invoices(self) -> Response:
        """POST /api/advertiser/invoices/."""
        self.backend()
        sent = self.said()
        status = self.text(sent, "invoice_status", 1) if "invoice_status" in sent else ""
        start, end = self.day(sent, "date_from"), self.day(sent, "date_to")
        advertiser = self.advertiser(sent)
        rows = [
            row
            for row in self.invoices
            if row["advertiser_id"] == advertiser["id"]
            and (not status or row["status"] == status)
            and (start is None or row["date"] >= start.isoformat())
            and (end is None or row["date"] <= end.isoformat())
        ]
        shown = [
            {
                "id": row["id"],
                "amount": self.money(row["amount"]),
                "currency": "USD",
                "date": int(row["date"].replace("-", ""))
                if self.bug("invoice_date_as_number")
                else row["date"],
                "status": row["status"],
            }
            for row in rows
        ]
        return self.answer({"invoices": shown})

    def user_status(self) -> Response:
        """POST /api/user/status/."""
        self.backend()
        user = self.user(self.said())
        campaigns = len(self.taking_part(user=user))
        return self.answer({**self.standing(user), "total_campaigns": campaigns})

    def standing(self, user: Row) -> Row:
        """Return what a user has come to."""
        joined = user["joined"] + "T00:00:00Z" if self.bug("joined_as_time") else user["joined"]
        return {"status": "suspended" if user["banned"] else user["standing"], "joined_date": joined}

    def check_user(self) -> Response:
        """POST /api/general/tools/check-user/."""
        self.backend()
        user = self.users.get(self.key(self.said(), "user_id"))
        if user is None:
            exists = self.bug("unknown_user_exists")
            return self.answer({"exists": exists, "status": None, "joined_date": None})
        return self.answer({"exists": True, **self.standing(user)})

    def ban(self) -> Response:
        """POST /api/user/status/ban/ and /api/general/tools/user-ban/."""
        bug = self.bug
        if not (bug("ban_with_any_token") and request.headers.get("Authorization", "").startswith("Bearer ")):
            self.backend()
        sent = self.said()
        if bug("accepts_banned_as_word") and not isinstance(sent.get("banned"), bool) and "banned" in sent:
            sent["banned"] = "true" if self.form else True
        banned = self.flag(sent, "banned")
        self.text(sent, "reason")
        user = self.user(sent)
        for one in self.users.values() if bug("ban_hits_all") else (user,):
            if not bug("lost_ban") and (banned or not bug("lift_ignored")):
                one["banned"] = banned
        return self.done("Done.")

    def notify(self) -> Response:
        """POST /api/user/notification/."""
        bug = self.bug
        self.backend()
        sent = self.said()
        self.text(sent, "message", 0 if bug("accepts_no_message") else 1)
        if "type" in sent:
            self.text(sent, "type", 1)
        if not (bug("unknown_user_told") and self.key(sent, "user_id") not in self.users):
            self.user(sent)
        return self.done("It is on its way.")

    def log_out(self) -> Response:
        """POST /api/user/force-logout/."""
        self.backend()
        self.user(self.said())
        return self.done("Done.")

    # ---------------------------------------------------------------- management

    def settings(self) -> Response:
        """POST /api/campaign/settings/."""
        bug = self.bug
        self.backend()
        sent = self.said()
        said = sent.get("settings")
        if bug("accepts_no_settings") and said in (None, {}):
            said = {"has_bonus": "true" if self.form else True}
        if not isinstance(said, dict) or not said:
            self.wrong("settings must say something.")
        assert isinstance(said, dict)
        for name, value in said.items():
            if not name.isascii() or not name.replace("_", "a").isalnum() or isinstance(value, (dict, list)):
                self.wrong(f"settings cannot say {name} so.")
        change: Row = {}
        for name in ("post_rate", "promo_reach_bonus"):
            if name in said:
                change[name] = (
                    max(0, self.number(said, name))
                    if bug("accepts_negative_rate")
                    else self.amount(said, name)
                )
        if "has_bonus" in said:
            change["has_bonus"] = self.flag(said, "has_bonus")
        row = self.campaign(sent)
        if bug("settings_reset"):
            change = {"has_bonus": False, "promo_reach_bonus": 0, **change}
        if not bug("lost_settings"):
            row["post_rate"] = change.get("post_rate", row["post_rate"])
            row["bonus"]["active"] = change.get("has_bonus", row["bonus"]["active"])
            row["bonus"]["promo_reach"] = change.get("promo_reach_bonus", row["bonus"]["promo_reach"])
            for task in self.tasks_of(row):
                if task["status"] in WAITING:
                    task["post"], task["reach"] = self.pays(row)
        return self.done("Done.")

    def set_status(self) -> Response:
        """POST /api/campaign/status/."""
        self.backend()
        sent = self.said()
        if self.bug("accepts_any_status") and sent.get("status") not in CAMPAIGN and "status" in sent:
            sent["status"] = "paused"
        status = self.word(sent, "status", CAMPAIGN)
        row = self.campaign(sent)
        if not self.bug("lost_status"):
            row["status"] = status
        return self.done("Done.")

    def pre_register(self) -> Response:
        """POST /api/campaign/pre-register/."""
        return self._registered("pre")

    def post_register(self) -> Response:
        """POST /api/campaign/post-register/."""
        return self._registered("post")

    def _registered(self, when: str) -> Response:
        self.backend()
        self.campaign(self.said())["registered"][when] = True
        return self.done("Done.")
