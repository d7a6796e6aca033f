"""
What is sent of messaging campaigns, held against the document by hand.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from flask import request

from mockserver.tests.judged.messaging_choices import Dialect
from mockserver.tests.judged.switches import Refusal, Switches

STATUSES = ("draft", "active", "paused", "completed", "cancelled")
TYPES = ("message", "invitation", "data_collection", "engagement", "custom")
PRIORITIES = ("low", "normal", "medium", "high", "urgent")
Row = dict[str, Any]


class Bodies:
    """Reads bodies, and refuses them."""

    bug: Switches
    way: Dialect

    def wrong(self, name: str, why: str) -> None:
        """Refuse."""
        raise Refusal(self.way.invalid, "VALIDATION_ERROR", f"{name} {why}")

    def body(self, optional: bool = False) -> Row:
        """Return the object that was sent."""
        raw = request.get_data()
        if not raw and optional:
            return {}
        if not request.is_json:
            raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json.")
        try:
            sent = json.loads(raw)
        except ValueError:
            if self.bug("crash_on_bad_json"):
                raise
            self.wrong("body", "is no JSON")
        if not isinstance(sent, dict):
            self.wrong("body", "must be an object")
        return sent  # type: ignore[no-any-return]

    def text(self, sent: Row, name: str, where: str = "") -> None:
        """Hold a text."""
        if name in sent and not isinstance(sent[name], str):
            self.wrong(where + name, "must be text")

    def number(self, sent: Row, name: str, most: float | None = None, whole: bool = False) -> None:
        """Hold a number that is not negative."""
        value = sent.get(name, 0)
        if name == "budget" and isinstance(value, str) and self.bug("accepts_text_budget"):
            value = sent[name] = float(value) if re.fullmatch(r"\d+", value) else 0
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.wrong(name, "must be a number")
        if whole and value != int(value):
            self.wrong(name, "must be whole")
        if name == "budget" and value < 0 and self.bug("accepts_negative_budget"):
            value = sent[name] = 0
        if (
            most is not None
            and value > most
            and name == "conversionRate"
            and self.bug("accepts_rate_above_100")
        ):
            value = sent[name] = most
        if value < 0 or (most is not None and value > most):
            self.wrong(name, "is out of bounds")
        if whole and name in sent:
            sent[name] = int(value)

    def texts(self, sent: Row, name: str, least: int = 0) -> None:
        """Hold a list of texts."""
        value = sent.get(name, [])
        if not isinstance(value, list):
            if self.bug("crash_on_list"):
                raise TypeError(name)
            self.wrong(name, "must be a list")
        if any(not isinstance(one, str) or len(one) < least for one in value):
            self.wrong(name, "must be texts")

    def part(self, sent: Row, name: str) -> Row:
        """Return an object that is part of what was sent."""
        value = sent.get(name, {})
        if not isinstance(value, dict):
            self.wrong(name, "must be an object")
        return value  # type: ignore[no-any-return]

    def moment(self, sent: Row, name: str, null: bool = True) -> None:
        """Hold a time."""
        value = sent.get(name)
        if name not in sent or (value is None and null):
            return
        if not isinstance(value, str) or not re.fullmatch(
            r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", value
        ):
            self._no_time(sent, name)
            return
        try:
            read(value)
        except ValueError:
            self._no_time(sent, name)

    def _no_time(self, sent: Row, name: str) -> None:
        if not self.bug("accepts_bad_date"):
            self.wrong(name, "is no time")
        del sent[name]

    def campaign(self, sent: Row, new: bool) -> Row:
        """Return what was sent of a campaign, checked."""
        bug = self.bug
        if new and "name" not in sent and bug("accepts_no_name"):
            sent["name"] = "Untitled"
        if new and "type" not in sent and bug("accepts_no_type"):
            sent["type"] = "message"
        for name in ("name", "type") if new else ():
            if name not in sent:
                self.wrong(name, "is required")
        for name in ("name", "description"):
            self.text(sent, name)
        if sent.get("name") == "" and not bug("accepts_empty_name"):
            self.wrong("name", "is empty")
        if "type" in sent and sent["type"] not in TYPES:
            if not bug("accepts_any_type") or not isinstance(sent["type"], str):
                self.wrong("type", "is none of " + ", ".join(TYPES))
            sent["type"] = "custom"
        if not new and "status" in sent and sent["status"] not in STATUSES:
            if not bug("accepts_bad_status"):
                self.wrong("status", "is none of " + ", ".join(STATUSES))
            del sent["status"]
        self.number(sent, "budget")
        for name in ("startDate", "endDate"):
            self.moment(sent, name)
        goals = self.part(sent, "goals")
        self.number(goals, "targetAudience", whole=True)
        self.number(goals, "conversionRate", 100)
        self.number(goals, "revenue")
        audience = self.part(sent, "targetAudience")
        self.texts(audience, "segments", 1)
        self._filters(self.part(audience, "filters"))
        strategy = self.part(sent, "strategy")
        self.text(strategy, "messaging")
        self.text(strategy, "timing")
        self.texts(strategy, "channels")
        self._messages(sent)
        return sent

    def _filters(self, filters: Row) -> None:
        self.texts(filters, "location")
        self.texts(filters, "interests")
        ages = filters.get("ageRange", [0, 0])
        if not isinstance(ages, list) or len(ages) != 2:
            self.wrong("ageRange", "must be two numbers")
        for age in ages:
            self.number({"age": age}, "age", whole=True)
        if not isinstance(filters.get("purchaseHistory", True), bool):
            self.wrong("purchaseHistory", "must be true or false")

    def _messages(self, sent: Row) -> None:
        messages = sent.get("messages", [])
        if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
            self.wrong("messages", "must be a list of objects")
        for message in messages:
            self.text(message, "templateId")
            self.text(message, "content")
            personal = self.part(message, "personalization")
            self.texts(personal, "fields")
            if not isinstance(personal.get("enabled", True), bool):
                self.wrong("enabled", "must be true or false")
            variations = message.get("variations", [])
            if not isinstance(variations, list):
                self.wrong("variations", "must be a list")
            for one in variations:
                if not isinstance(one, dict) or not {"content", "weight"} <= one.keys():
                    self.wrong("variations", "need content and weight")
                self.text(one, "id")
                self.text(one, "content")
                self.number(one, "weight", 100)

    def execution(self, sent: Row) -> Row:
        """Return what was sent of an execution, checked."""
        if not isinstance(sent.get("testMode", False), bool):
            self.wrong("testMode", "must be true or false")
        part = sent.get("targetPercentage", 100)
        if isinstance(part, (int, float)) and part > 100 and self.bug("accepts_percentage_above"):
            part = sent["targetPercentage"] = 100
        self.number(sent, "targetPercentage", 100)
        if part == 0:
            self.wrong("targetPercentage", "must be above 0")
        if sent.get("priority", "normal") not in PRIORITIES and not self.bug("accepts_any_priority"):
            self.wrong("priority", "is none of " + ", ".join(PRIORITIES))
        self.moment(sent, "scheduledAt", null=False)
        return sent


def read(text: str) -> datetime:
    """Return a time that was sent."""
    return datetime.fromisoformat(text.upper().replace("Z", "+00:00")).astimezone(UTC)
