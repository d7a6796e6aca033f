"""
What all views of the influencers' campaigns need: who asks, what was said, and how it is answered.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from mockserver.tests.judged.influencing_choices import Dialect
from mockserver.tests.judged.influencing_world import Row, rows
from mockserver.tests.judged.switches import Refusal, Switches

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    409: "Conflict",
    422: "Unprocessable Content",
}
TOKENS = ("test-token", "other-token")
PAIR = base64.b64encode(b"client-id:client-secret").decode()
CAMPAIGN = ("draft", "pending", "active", "paused", "completed", "cancelled")
TASK = ("rejected", "accepted", "pending", "under_review", "paid")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,4})?", re.ASCII)


class Desk:
    """
    The data, and the words.

    Args:
        bug: Says which bugs are on.
        way: The dialect.
    """

    def __init__(self, bug: Switches, way: Dialect) -> None:
        self.bug, self.way = bug, way
        self.campaigns = self._numbered(rows("campaigns"))
        self.users = self._numbered(rows("users"))
        self.advertisers = self._numbered(rows("advertisers"))
        self.tasks = self._numbered(rows("tasks"))
        self.invoices = list(self._numbered(rows("invoices")).values())
        self.board = [
            {**row, "campaign_id": row["campaign_id"] + way.first, "user_id": row["user_id"] + way.first}
            for row in rows("participations")
        ]
        self.accounts: list[Row] = []
        self.me = 123 + way.first
        self.last_task = max(self.tasks)

    def _numbered(self, rows: list[Row]) -> dict[int, Row]:
        first = self.way.first
        for row in rows:
            for name in ("id", "campaign_id", "user_id", "advertiser_id"):
                if name in row:
                    row[name] += first
        return {row["id"]: row for row in rows}

    # ------------------------------------------------------------------ answers

    def answer(self, said: Any, status: int = 200, media: str = "application/json") -> Response:
        """Return an answer in JSON."""
        return Response(json.dumps(said), status, dict(self.way.headers), content_type=media)

    def done(self, message: str, **more: Any) -> Response:
        """Return that a change was made."""
        said: Row = {"status": "ok" if self.bug("done_says_ok") else "success", "message": message, **more}
        if self.bug("done_without_message"):
            del said["message"]
        return self.answer(said)

    def refused(self, refusal: Refusal) -> Response:
        """Answer a refusal."""
        title = TITLES.get(refusal.status, "Error")
        said = {"type": "about:blank", "title": title, "status": refusal.status, "detail": refusal.message}
        if self.bug("problem_without_title"):
            del said["title"]
        answer = self.answer(said, refusal.status, "application/problem+json")
        if refusal.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="app"' if refusal.code == "basic" else "Bearer"
        return answer

    def unrouted(self, error: HTTPException) -> Response:
        """Answer what Flask itself refuses."""
        answer = self.refused(Refusal(error.code or 500, "", error.name))
        if allow := error.get_response().headers.get("Allow"):
            answer.headers["Allow"] = allow
        return answer

    def money(self, amount: float) -> float:
        """Return an amount as it is shown."""
        amount = round(amount, 2)
        return float(amount) if self.way.floats or amount != int(amount) else int(amount)

    def moment(self, at: datetime) -> str:
        """Return a time as it is shown."""
        return at.strftime("%Y-%m-%dT%H:%M:%S") + self.way.zone

    def listed(self, rows: list[Row]) -> list[Row]:
        """Return rows in the order that a list has which names none."""
        return sorted(rows, key=lambda row: row["id"], reverse=self.way.newest_first)

    # -------------------------------------------------------------- who asks

    def app(self) -> None:
        """Let nobody through but the application."""
        if request.headers.get("Authorization", "").strip() != f"Basic {PAIR}":
            raise Refusal(401, "basic", "Client id and secret are needed.")

    def backend(self) -> None:
        """Let nobody through without a token."""
        kind, _, token = request.headers.get("Authorization", "").strip().partition(" ")
        if kind.lower() != "bearer" or token.strip() not in TOKENS:
            raise Refusal(401, "bearer", "A bearer token is needed.")

    # ------------------------------------------------------------ what is said

    def wrong(self, why: str) -> None:
        """Refuse what is malformed."""
        raise Refusal(self.way.invalid, "invalid", why)

    def said(self, many: Collection[str] = (), *, optional: bool = False) -> Row:
        """Return what was sent; *many* are keys that a form repeats."""
        body = request.get_data()
        if not body and optional:
            return {}
        if request.mimetype == "application/json":
            try:
                sent = json.loads(body, parse_constant=float)
            except ValueError:
                sent = None
            if not isinstance(sent, dict):
                self.wrong("Send an object.")
            return dict(sent)
        if request.mimetype != "application/x-www-form-urlencoded":
            self.wrong("Send a form, or JSON.")
        form: Row = {}
        for key, values in request.form.lists():
            outer, bracket, inner = key.partition("[")
            if bracket and inner.endswith("]"):
                held = form.setdefault(outer, {})
                if isinstance(held, dict):
                    held[inner[:-1]] = values[-1]
            else:
                form[key] = values if key in many else values[-1]
        return form

    @property
    def form(self) -> bool:
        """Whether all that was sent is text."""
        return request.mimetype != "application/json"

    def number(self, sent: Row, name: str) -> float:
        """Return a number that was sent."""
        value = sent.get(name)
        if self.form and isinstance(value, str) and _NUMBER.fullmatch(value):
            value = float(value) if re.search(r"[.eE]", value) else int(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.wrong(f"{name} must be a number.")
        if not math.isfinite(value if abs(value) < 10**300 else math.inf):
            self.wrong(f"{name} is too large.")
        return value

    def amount(self, sent: Row, name: str) -> float:
        """Return an amount that was sent."""
        value = self.number(sent, name)
        if value < 0:
            self.wrong(f"{name} must not be negative.")
        return value

    def key(self, sent: Row, name: str) -> int:
        """Return the number of something."""
        value = self.number(sent, name)
        if value < 1 or value != int(value):
            self.wrong(f"{name} must be a whole number from 1.")
        return int(value)

    def text(self, sent: Row, name: str, least: int = 0) -> str:
        """Return a text that was sent, "" where none was and none need be."""
        if name not in sent and not least:
            return ""
        value = sent.get(name)
        if not isinstance(value, str) or len(value) < least:
            self.wrong(f"{name} must be text{' and not empty' if least else ''}.")
        return value

    def word(self, sent: Row, name: str, words: Collection[str]) -> str:
        """Return one of *words*."""
        value = sent.get(name)
        if not isinstance(value, str) or value not in words:
            self.wrong(f"{name} must be one of {', '.join(words)}.")
        return str(value)

    def flag(self, sent: Row, name: str) -> bool:
        """Return whether."""
        value = sent.get(name)
        if self.form and value in ("true", "false"):
            value = value == "true"
        if not isinstance(value, bool):
            self.wrong(f"{name} must be true or false.")
        return bool(value)

    def address(self, value: Any, name: str) -> str:
        """Return an address in the web."""
        if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
            self.wrong(f"{name} must be an address.")
        return str(value)

    def day(self, sent: Row, name: str) -> date | None:
        """Return a day, None where none was sent."""
        if name not in sent:
            return None
        value = sent[name]
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        if not self.bug("accepts_bad_day"):
            self.wrong(f"{name} must be a day.")
        return None

    def period(self, sent: Row) -> Callable[[date], bool]:
        """Return what says whether a day is in the period that was sent."""
        start, end = self.day(sent, "date_from"), self.day(sent, "date_to")
        return lambda day: (start is None or day >= start) and (end is None or day <= end)

    def email(self, sent: Row) -> str:
        """Return an address for mail, in lower case."""
        value = sent.get("email")
        if not isinstance(value, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            self.wrong("email must be an address.")
        return str(value).lower()

    # ------------------------------------------------------------ what is meant

    def one(self, rows: dict[int, Row], key: int, what: str) -> Row:
        """Return the row of *key*."""
        row = rows.get(key)
        if row is None:
            raise Refusal(404, what, f"There is no such {what}.")
        return row

    def campaign(self, sent: Row, name: str = "campaign_id") -> Row:
        """Return the campaign that is meant."""
        return self.one(self.campaigns, self.key(sent, name), "campaign")

    def task(self, sent: Row) -> Row:
        """Return the task that is meant."""
        if "task_id" not in sent and self.bug("crash_on_no_task"):
            raise KeyError("task_id")
        return self.one(self.tasks, self.key(sent, "task_id"), "task")

    def user(self, sent: Row) -> Row:
        """Return the user who is meant."""
        if self.bug("crash_on_word_id") and str(sent.get("user_id")).isalpha():
            raise ValueError(sent["user_id"])
        return self.one(self.users, self.key(sent, "user_id"), "user")

    def conflict(self, why: str) -> None:
        """Refuse for what something has come to."""
        raise Refusal(409, "conflict", why)

    # ---------------------------------------------------------------- reckoning

    def tasks_of(self, campaign: Row) -> list[Row]:
        """Return the tasks of a campaign."""
        return [row for row in self.tasks.values() if row["campaign_id"] == campaign["id"]]

    def completed(self, part: Row) -> int:
        """Return how many tasks somebody has completed in a campaign."""
        return int(part["earlier"]) + sum(
            row["status"] in ("under_review", "accepted", "paid")
            for row in self.tasks.values()
            if (row["campaign_id"], row["user_id"]) == (part["campaign_id"], part["user_id"])
        )

    def taking_part(self, campaign: Row | None = None, user: Row | None = None) -> list[Row]:
        """Return who takes part in what: with a task, or with completed ones."""
        return [
            part
            for part in self.board
            if (campaign is None or part["campaign_id"] == campaign["id"])
            and (user is None or part["user_id"] == user["id"])
            and (
                self.completed(part) > 0
                or any(
                    (row["campaign_id"], row["user_id"]) == (part["campaign_id"], part["user_id"])
                    for row in self.tasks.values()
                )
            )
        ]

    def pays(self, campaign: Row) -> tuple[float, float]:
        """Return what a task of a campaign pays: for the post, and for reach."""
        rate = campaign["post_rate"]
        post = min(rate, campaign["minimum_reward"]) if campaign["bonus"]["active"] else rate
        return post, round(rate - post, 2)

    def spent(self, campaigns: list[Row], statuses: Collection[str] = ("accepted", "paid")) -> float:
        """Return what tasks of *campaigns* have cost."""
        numbers = {row["id"] for row in campaigns}
        return round(
            sum(
                row["post"] + row["reach"]
                for row in self.tasks.values()
                if row["campaign_id"] in numbers and row["status"] in statuses
            ),
            2,
        )

    @staticmethod
    def now() -> datetime:
        """Return the time, in whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)
