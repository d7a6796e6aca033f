"""
What the influencers' application reads and does, and what anybody may read.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response

from mockserver.tests.judged.influencing_desk import Desk
from mockserver.tests.judged.influencing_world import Row


class Front(Desk):
    """The application's calls."""

    left: list[Row]
    """Tasks that were left, and are still listed."""

    def parts(self, at: Any) -> Any:
        """Return a moment in parts."""
        if self.bug("end_as_text"):
            return self.moment(at)
        return {name: getattr(at, name) for name in ("year", "month", "day", "hour", "minute", "second")}

    def shown(self, row: Row) -> Row:
        """Return what every view of a campaign has."""
        names = ("id", "type", "name", "tagline", "description", "image_logo", "image_post", "hashtags")
        return {
            **{name: row[name] for name in names},
            "date_end": self.parts(row["ends_at"]),
            "networks": row["networks"],
            "currency": row["currency"],
        }

    def in_app(self, row: Row) -> Row:
        """Return a campaign as the application's lists show it."""
        return {
            **self.shown(row),
            "tasks": self.common(row),
            "tasks_featured": row["featured"],
            "tasks_leaderboard": row["board"],
        }

    def common(self, row: Row) -> Row:
        """Return what the tasks of a campaign have in common."""
        return {
            "time": row["time"],
            "time_type": "hours",
            "bonus": row["bonus"],
            "minimum_reward": self.money(row["minimum_reward"]),
        }

    def text_of(self, at: Any) -> str:
        """Return a moment as people read it."""
        return str(at.strftime("%B %d, %Y - %H:%M:%S"))

    def payments(self, task: Row) -> Row:
        """Return what a task pays, in short."""
        campaign = self.campaigns[task["campaign_id"]]
        whole: Any = self.money(task["post"] + task["reach"])
        if self.bug("pay_as_text"):
            whole = f"{whole:.2f}"
        return {"minimum": self.money(campaign["minimum_reward"]), "post": whole, "total": whole}

    # ----------------------------------------------------------------- reading

    def leaderboard(self) -> Response:
        """POST /api/get/leaderboard/."""
        bug = self.bug
        if not bug("board_for_anybody"):
            self.app()
        campaign = self.campaign(self.said())
        best = sorted(self.taking_part(campaign), key=self.completed, reverse=not bug("board_upside_down"))
        rows: list[Row] = []
        for rank, part in enumerate(best, 0 if bug("ranks_from_zero") else 1):
            row = {
                "user_id": part["user_id"],
                "username": self.users[part["user_id"]]["username"],
                "score": 100 * self.completed(part),
                "rank": str(rank) if bug("rank_as_text") else rank,
                "completed_tasks": self.completed(part),
            }
            if bug("board_without_score"):
                del row["score"]
            rows.append(row)
        return self.answer({"leaderboard": rows})

    def open_to_all(self, sent: Row) -> list[Row]:
        """Return the campaigns that may be seen, narrowed."""
        bug = self.bug
        wanted, category = self.text(sent, "filter"), self.text(sent, "category").lower()
        network = self.text(sent, "network").lower()
        if bug("filter_ignored"):
            wanted = ""
        if not wanted and self.way.unfiltered == "active":
            wanted = "active"
        return [
            row
            for row in self.listed(list(self.campaigns.values()))
            if row["status"] != "draft"
            and (not wanted or row["status"] == wanted)
            and (not category or row["category"] == category)
            and (not network or network in row["networks"] or bug("network_ignored"))
        ]

    def available(self) -> Response:
        """POST /api/get/campaigns/."""
        self.app()
        rows = [self.in_app(row) for row in self.open_to_all(self.said(optional=True))]
        return self.answer(rows if self.bug("campaigns_in_no_envelope") else {"campaigns": rows})

    def public(self) -> Response:
        """POST /api/get/public/campaigns/."""
        if self.bug("public_needs_token"):
            self.backend()
        sent = self.said(optional=True)
        sent.pop("network", None)
        rows = self.open_to_all(sent)
        if self.bug("drafts_shown") and not sent:
            rows += [row for row in self.campaigns.values() if row["status"] == "draft"]
        names = ("id", "name", "tagline", "image_logo", "networks", "currency")
        shown = [
            {**{name: row[name] for name in names}, "minimum_reward": self.money(row["minimum_reward"])}
            for row in rows
        ]
        return self.answer({"campaigns": shown})

    def read(self) -> Response:
        """POST /api/get/campaign/."""
        bug = self.bug
        self.app()
        row = self.campaign(self.said(), "id")
        shown = self.in_app(row)
        shown["publisher"] = {name: value for name, value in row["publisher"].items() if "extras" not in name}
        shown["attachment"] = row["attachment"]
        if bug("detail_without_publisher"):
            del shown["publisher"]
        if bug("detail_of_another"):
            shown["name"] = next(
                other["name"] for other in self.campaigns.values() if other["id"] != row["id"]
            )
        return self.answer(shown)

    def tasks_in_app(self) -> Response:
        """POST /api/get/tasks/."""
        self.app()
        campaign = self.campaign(self.said())
        bonus = campaign["bonus"]
        rows = self.tasks_of(campaign)
        if self.bug("custom_hidden_in_app"):
            rows = [row for row in rows if row["type"] != "custom"]
        names = ("id", "type", "title", "description", "requirements")
        shown = [
            {
                **{name: row[name] for name in names},
                "deadline": self.moment(row["deadline"]),
                "status": row["status"],
                "bonus": {
                    "reach": bonus["promo_reach"],
                    "engagement_rate": bonus["promo_engagement_rate"],
                    "best_post": bonus["promo_best_post"],
                },
                "payments": self.payments(row),
                "info": {"title": "Task Requirements", "content": row["info"]},
                "campaign": {**self.shown(campaign), "date_end_text": self.text_of(campaign["ends_at"])},
            }
            for row in self.listed(rows)
        ]
        return self.answer({"tasks": shown})

    # ------------------------------------------------------------------- doing

    def new_task(self, campaign: Row, **said: Any) -> Row:
        """Put a task into a campaign."""
        self.last_task += 1
        post, reach = self.pays(campaign)
        now = self.now()
        row = {
            "id": self.last_task,
            "campaign_id": campaign["id"],
            "user_id": None,
            "status": "pending",
            "networks": list(campaign["networks"]),
            "assigned": now,
            "deadline": now + timedelta(hours=campaign["time"]),
            "post": post,
            "reach": reach,
            "url": None,
            "link": None,
            "featured": False,
            **said,
        }
        self.tasks[row["id"]] = row
        return row

    def join(self) -> Response:
        """POST /api/action/campaign/join/."""
        bug = self.bug
        self.app()
        sent = self.said()
        if "campaign_id" not in sent and bug("accepts_no_campaign"):
            sent["campaign_id"] = min(self.campaigns)
        campaign = self.campaign(sent)
        if campaign["status"] != "active" and not self.way.lenient:
            self.conflict("Only an active campaign can be joined.")
        here = self.taking_part(campaign, self.users[self.me])
        if here and self.way.twice:
            self.conflict("You take part already.")
        if not here and not bug("lost_join"):
            if not any(
                (one["campaign_id"], one["user_id"]) == (campaign["id"], self.me) for one in self.board
            ):
                self.board.append({"campaign_id": campaign["id"], "user_id": self.me, "earlier": 0})
            self.new_task(
                campaign,
                user_id=self.me,
                type="post",
                title=f"Post for {campaign['name']}",
                description=campaign["description"],
                requirements=f"Use {' and '.join(campaign['hashtags'])}",
                info=campaign["tagline"],
            )
        return self.done("You are in.")

    def complete(self) -> Response:
        """POST /api/action/task/complete/."""
        bug = self.bug
        self.app()
        sent = self.said(many=("screenshots",))
        if bug("accepts_no_post"):
            sent.setdefault("post_url", "https://example.org/")
        if bug("accepts_relative_post") and ":" not in str(sent.get("post_url")):
            sent["post_url"] = "https://example.org/"
        link = self.address(sent.get("post_url"), "post_url")
        pictures = sent.get("screenshots", [])
        pictures = pictures if isinstance(pictures, list) else [pictures]
        pictures = [self.address(one, "screenshots") for one in pictures]
        task = self.task(sent)
        if task["status"] != "pending" and not bug("complete_twice"):
            self.conflict("It was handed in already.")
        if not bug("lost_complete"):
            task["status"] = self.way.completed
        task["user_id"] = task["user_id"] or self.me
        task["url"] = pictures[0] if pictures else None
        task["link"] = None if bug("link_lost") else link
        part = (task["campaign_id"], task["user_id"])
        if not any((one["campaign_id"], one["user_id"]) == part for one in self.board):
            self.board.append({"campaign_id": part[0], "user_id": part[1], "earlier": 0})
        if task["networks"]:
            activity = self.campaigns[part[0]]["activity"]
            activity.setdefault(task["networks"][0], {"posts": 0, "reach": 0, "engagement": 0})["posts"] += 1
        return self.done("Handed in.", payment=self.money(task["post"] + task["reach"]))

    def leave(self) -> Response:
        """POST /api/action/task/leave/."""
        bug = self.bug
        self.app()
        task = self.task(self.said())
        if task["status"] not in ("pending", "under_review") and not self.way.lenient:
            self.conflict("It was decided on.")
        if not bug("lost_leave"):
            del self.tasks[task["id"]]
            if bug("left_still_listed"):
                self.left.append(task)
        if bug("leave_takes_another"):
            before = [one for one in self.tasks if one < task["id"]]
            self.tasks.pop(max(before, default=0), None)
        return self.done("You have left.")

    def submit(self) -> Response:
        """POST /api/action/network/approval/."""
        self.app()
        sent = self.said()
        account = (self.text(sent, "network_type", 1), self.text(sent, "network_id", 1))
        self.address(sent.get("network_url"), "network_url")
        known = any(one["account"] == account for one in self.accounts)
        if known and self.way.twice:
            self.conflict("It waits already.")
        if not known:
            self.accounts.append({"account": account})
        return self.done("It will be looked at.")
