"""
What is sent of planned campaigns, held against the document by hand.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, NoReturn

from flask import request

from mockserver.tests.judged.planning_choices import Dialect
from mockserver.tests.judged.switches import Refusal, Switches

TYPES = ("ONE_TIME", "RECURRING", "EVERGREEN")
STATUSES = ("DRAFT", "ACTIVE", "PAUSED", "COMPLETED")
STRATEGIES = ("shift_weekday", "shift_calendar", "keep_original", "cancel")
CONTEXT = ("keyMessages", "targetAudience", "tone", "channels")
Row = dict[str, Any]


class Bodies:
    """Reads requests, and refuses them."""

    bug: Switches
    way: Dialect

    def wrong(self, name: str, why: str) -> NoReturn:
        """Refuse."""
        raise Refusal(self.way.invalid, "VALIDATION_ERROR", f"{name} {why}")

    def body(self) -> Row:
        """Return the object that was sent."""
        if not request.is_json and self.way.media_refused is not None:
            raise Refusal(self.way.media_refused, "UNSUPPORTED_MEDIA_TYPE", "Send application/json.")
        try:
            sent = json.loads(request.get_data())
        except ValueError:
            if self.bug("crash_on_bad_json"):
                raise
            self.wrong("body", "is no JSON")
        if not isinstance(sent, dict):
            self.wrong("body", "must be an object")
        return sent

    def text(self, sent: Row, name: str, null: bool = False, least: int = 0) -> None:
        """Hold a text."""
        value = sent.get(name)
        if name not in sent or (value is None and null):
            return
        if not isinstance(value, str):
            self.wrong(name, "must be text")
        if len(value) < least:
            self.wrong(name, "must not be empty")

    def one_of(
        self, sent: Row, name: str, known: tuple[str, ...], lax: bool = False, then: Any = None
    ) -> None:
        """Hold a word of a list; a *lax* server takes *then* for any other."""
        if name in sent and sent[name] not in known:
            if not lax:
                self.wrong(name, "is none of " + ", ".join(known))
            if then is None:
                del sent[name]
            else:
                sent[name] = then

    def moment(self, sent: Row, name: str, null: bool = True) -> None:
        """Hold a time."""
        value = sent.get(name)
        if name not in sent or (value is None and null):
            return
        try:
            read(value)
        except (ValueError, TypeError, OverflowError):
            if not self.bug("accepts_bad_date"):
                self.wrong(name, "is no time")
            del sent[name]
            return
        if self.bug("crash_on_offset_time"):
            datetime.strptime(re.sub(r"\.\d+", "", value.upper()), "%Y-%m-%dT%H:%M:%SZ")

    def flag(self, sent: Row, name: str) -> None:
        """Hold something that is true or false."""
        if not isinstance(sent.get(name, False), bool):
            self.wrong(name, "must be true or false")

    def campaign(self, sent: Row, new: bool, row: Row | None = None) -> Row:
        """Return what was sent of a campaign, checked."""
        bug = self.bug
        if new and "name" not in sent:
            if not bug("accepts_no_name"):
                self.wrong("name", "is required")
            sent["name"] = "Untitled"
        if isinstance(sent.get("name"), (int, float)) and bug("accepts_number_name"):
            sent["name"] = str(sent["name"])
        self.text(sent, "name", least=0 if bug("accepts_empty_name") else 1)
        if sent.get("name") == "":
            sent["name"] = "Untitled"
        self.text(sent, "brief", null=True)
        self.text(sent, "goal", null=True)
        self.one_of(sent, "type", TYPES, bug("accepts_any_type"), "ONE_TIME")
        if not new:
            self.one_of(sent, "status", STATUSES, bug("accepts_bad_status"))
        for name in ("startsAt", "endsAt"):
            self.moment(sent, name)
        self.context(sent)
        self.meant(sent, row or {})
        return sent

    def meant(self, sent: Row, row: Row) -> None:
        """Refuse what contradicts itself, or what a campaign is."""
        first, last = sent.get("startsAt", row.get("startsAt")), sent.get("endsAt", row.get("endsAt"))
        if self.way.compares and first and last and read(last) < read(first):
            self.wrong("endsAt", "is before startsAt")
        before, after = row.get("status"), sent.get("status")
        if self.way.moves and row and after and after != before:
            allowed = {
                "DRAFT": ("ACTIVE",),
                "ACTIVE": ("PAUSED", "COMPLETED"),
                "PAUSED": ("ACTIVE", "COMPLETED"),
            }
            if after not in allowed.get(str(before), ()):
                self.wrong("status", f"cannot go from {before} to {after}")

    def context(self, sent: Row) -> None:
        """Hold what a campaign has of its own."""
        given = sent.get("context", {})
        if not isinstance(given, dict):
            self.wrong("context", "must be an object")
        for name in ("targetAudience", "tone"):
            self.text(given, name, null=True)
        for name in ("keyMessages", "channels"):
            value = given.get(name, [])
            if value is None:
                if self.bug("crash_on_null_context"):
                    raise TypeError(name)
                continue
            if not isinstance(value, list) or any(not isinstance(one, str) for one in value):
                self.wrong(name, "must be a list of texts")

    def turns(self, sent: Row, name: str) -> None:
        """Hold a conversation."""
        turns = sent.get(name, [])
        if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
            self.wrong(name, "must be a list of turns")
        for turn in turns:
            if not {"role", "text"} <= turn.keys():
                self.wrong(name, "need role and text")
            self.one_of(turn, "role", ("user", "assistant"), self.bug("accepts_any_role"))
            self.text(turn, "text")

    def resumption(self, sent: Row) -> Row:
        """Return what was sent of a resumption, checked."""
        if "strategy" not in sent:
            self.wrong("strategy", "is required")
        self.one_of(sent, "strategy", STRATEGIES, self.bug("accepts_any_strategy"), "keep_original")
        self.one_of(sent, "endDateAction", ("extend", "set", "keep"))
        self.moment(sent, "newEndDate", null=False)
        if sent.get("endDateAction") == "set" and "newEndDate" not in sent:
            if not self.bug("accepts_set_without_end"):
                self.wrong("newEndDate", "is required with set")
            sent["endDateAction"] = "keep"
        return sent

    def whole(self, name: str, default: int, least: int, most: int, lax: tuple[bool, bool]) -> int:
        """Return a number of the query; *lax* says which of its bounds are only moved to."""
        text = request.args.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"-?[0-9]+", text):
            self.wrong(name, "must be a whole number")
        value = int(text)
        if (value < least and not lax[0]) or (value > most and not lax[1]):
            self.wrong(name, f"must be {least} to {most}")
        return min(max(value, least), most)


def read(text: str) -> datetime:
    """Return a time that was sent."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", text):
        raise ValueError(text)
    return datetime.fromisoformat(text.upper().replace("Z", "+00:00")).astimezone(UTC)
