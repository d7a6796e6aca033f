"""
What was sent of a messaging campaign, laid over what is known of it.
"""

from __future__ import annotations

import copy
import itertools

from mockserver.tests.judged.messaging_bodies import Bodies, Row, read

SENT = ("name", "description", "type", "budget", "startDate", "endDate")
NO_GOALS = {"targetAudience": 0, "conversionRate": 0, "revenue": 0}

__all__ = ["NO_GOALS", "Laying", "Row", "read"]


class Laying(Bodies):
    """Changes campaigns as requests say."""

    numbers: itertools.count[int]

    def people(self, segments: list[str]) -> int:
        """Return how many people some segments have."""
        return len(segments) * self.way.segment if segments else 12_000

    def lay(self, row: Row, sent: Row) -> None:
        """Lay what was sent over a campaign."""
        bug = self.bug
        row.update({name: sent[name] for name in SENT if name in sent})
        if "goals" in sent and not bug("goals_lost"):
            kept = (
                row["goals"] if self.way.merges else {"targetAudience": 0, "conversionRate": 0, "revenue": 0}
            )
            row["goals"] = {**kept, **{name: sent["goals"][name] for name in kept if name in sent["goals"]}}
        if "strategy" in sent:
            known = {name: sent["strategy"][name] for name in row["strategy"] if name in sent["strategy"]}
            row["strategy"] = {**row["strategy"], **known}
        audience = {**row["targetAudience"]}
        given = sent.get("targetAudience", {})
        audience.update({name: given[name] for name in ("segments", "filters") if name in given})
        audience["segments"] = list(dict.fromkeys(audience["segments"]))
        if bug("segments_lost"):
            audience["segments"] = audience["segments"][:1]
        audience["totalCount"] = self.people(audience["segments"])
        row["targetAudience"] = audience
        if "messages" in sent and not bug("messages_lost"):
            row["messages"] = [self.message(one) for one in sent["messages"]]
        if bug("description_trimmed"):
            row["description"] = row["description"][:40]
        if bug("name_trimmed") and " " in row["name"].strip():
            row["name"] = row["name"].strip().rsplit(" ", 1)[0]
        if bug("budget_rounded"):
            row["budget"] = int(row["budget"])

    def message(self, sent: Row) -> Row:
        """Return a message of a campaign."""
        names = ("templateId", "content", "variations", "personalization")
        made = {name: copy.deepcopy(sent[name]) for name in names if name in sent}
        known = ("id", "content", "weight")
        if "variations" in made:
            made["variations"] = [
                {name: one[name] for name in known if name in one} for one in made["variations"]
            ]
        return {"id": self.way.number("msg", next(self.numbers)), **made}
