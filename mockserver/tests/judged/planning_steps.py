"""
What can be done with planned campaigns beside making and changing them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flask import Response

from mockserver.tests.judged.planning_bodies import Row, read
from mockserver.tests.judged.planning_content import Content
from mockserver.tests.judged.switches import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable


class Steps(Content):
    """Resumes, archives, counts, replaces and plans; the application gives what it is done with."""

    if TYPE_CHECKING:
        answer: Callable[..., Response]
        found: Callable[[str], Row]
        asked: Callable[[str], tuple[Row, Row]]
        shown: Callable[[Row], Row]
        touch: Callable[[Row], None]
        move: Callable[[Row, str], None]

    # ---------------------------------------------------------------- lifecycle

    def resume(self, key: str) -> Response:
        """POST /campaigns/{key}/resume."""
        bug = self.bug
        sent, row = self.asked(key)
        self.resumption(sent)
        if row["status"] != "PAUSED" and not bug("resume_any"):
            raise Refusal(self.way.unpaused, "CAMPAIGN_NOT_PAUSED", "Only a paused campaign can be resumed")
        action = sent.get("endDateAction", "keep")
        given = sent.get("newEndDate")
        if bug("end_always_moves") and action == "keep":
            action = "extend"
        if bug("extend_ignored"):
            action = "keep"
        if action == "set" or (action == "extend" and given and self.way.with_end):
            row["endsAt"] = given
        elif action == "extend" and row["endsAt"]:
            paused = row["pausedAt"] or datetime.now(UTC) - timedelta(days=3)
            row["endsAt"] = self.way.time(read(row["endsAt"]) + (datetime.now(UTC) - paused))
        if sent["strategy"] == "cancel":
            for one in row["_content"]:
                if one["status"] == "SCHEDULED":
                    one["status"], one["scheduledAt"] = "CANCELLED", None
        fresh = row if not bug("resume_stays_paused") else {**row}
        self.touch(fresh)
        self.move(fresh, "ACTIVE")
        if sent["strategy"] == "cancel":
            self.move(fresh, self.way.cancelled)
        return self.answer(self.shown(fresh))

    def archive(self, key: str) -> Response:
        """POST /campaigns/{key}/archive."""
        bug = self.bug
        sent, row = self.asked(key)
        if "archive" not in sent:
            if not bug("accepts_no_archive"):
                self.wrong("archive", "is required")
            sent["archive"] = True
        self.flag(sent, "archive")
        if sent["archive"] or not bug("unarchive_ignored"):
            row["isArchived"] = sent["archive"]
        if bug("archive_sets_status") and sent["archive"]:
            row["status"] = "COMPLETED"
        self.touch(row)
        return self.answer(self.shown(row))

    # ------------------------------------------------------------------ content

    def content(self, key: str) -> Response:
        """GET /campaigns/{key}/content."""
        items = [self.shown_item(one) for one in self.found(key)["_content"]]
        return self.answer(items[::-1] if self.way.newest_content else items)

    def analytics(self, key: str) -> Response:
        """GET /campaigns/{key}/analytics."""
        return self.answer(self.results(self.found(key)["_content"]))

    def find_replace(self, key: str) -> Response:
        """POST /campaigns/{key}/find-replace."""
        bug = self.bug
        sent, row = self.asked(key)
        if "find" not in sent and bug("accepts_no_find"):
            sent["find"] = "?"
        for name, least in (("find", 1), ("replace", 0)):
            if name not in sent:
                self.wrong(name, "is required")
            self.text(sent, name, least=least)
        self.flag(sent, "dryRun")
        dry = sent.get("dryRun", False)
        count = self.replaced(row, sent["find"], sent["replace"], dry)
        if not dry:
            self.touch(row)
        return self.answer({"count": count, "dryRun": dry and not bug("dry_run_said_wrong")})

    # ----------------------------------------------------------------- planning

    def chat(self) -> Response:
        """POST /campaigns/chat."""
        sent = self.body()
        if "message" not in sent and not self.bug("accepts_no_message"):
            self.wrong("message", "is required")
        self.text(sent, "message", least=1)
        self.turns(sent, "history")
        if not isinstance(sent.get("context", {}), dict):
            self.wrong("context", "must be an object")
        role = "bot" if self.bug("robot_role") else "assistant"
        return self.answer({"response": "And who is it for?", "role": role})

    def plan(self, key: str) -> Response:
        """POST /campaigns/{key}/generate-plan."""
        sent, row = self.asked(key)
        if "chatHistory" not in sent:
            self.wrong("chatHistory", "is required")
        self.turns(sent, "chatHistory")
        said = [turn["text"] for turn in sent["chatHistory"] if turn.get("role") == "user" and turn["text"]]
        fresh = {**row}
        if said and self.way.clever:
            fresh["brief"], fresh["goal"] = said[0], said[-1][:60]
        elif said:
            fresh["brief"] = " ".join(said)
        self.touch(fresh)
        if not self.bug("plan_lost"):
            row.update(fresh)
        return self.answer(self.shown(fresh))

    def generate(self, key: str) -> Response:
        """POST /campaigns/{key}/generate-content."""
        bug = self.bug
        row = self.found(key)
        made = self.drafted(row)
        if not bug("generated_lost"):
            row["_content"] = [*row["_content"], *(one for ones in made.values() for one in ones)]
        shown = ("id", "platform", "content", "title")
        counts = [len(ones) for ones in made.values()]
        counts[0] -= bug("counts_off")
        return self.answer(
            {
                "message": "Content generated and saved successfully",
                "counts": dict(zip(("social", "blog", "video"), counts, strict=True)),
                "ideas": {
                    kind: [{name: one[name] for name in shown if name in one} for one in ones]
                    for kind, ones in made.items()
                },
            }
        )
