"""
Runs of messaging campaigns: how far they have come, and what came of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.tests.judged.messaging_bodies import read
from mockserver.tests.judged.messaging_choices import Dialect

FACTOR = {"low": 2, "normal": 1, "medium": 1, "high": 0.5, "urgent": 0.25}
Row = dict[str, Any]


class Run:
    """One run, which goes on by the clock until it is halted."""

    def __init__(self, way: Dialect, audience: int, asked: Row, key: str) -> None:
        self.key = key
        self.test: bool = asked.get("testMode", False)
        part = audience * asked.get("targetPercentage", 100) / 100
        self.total = min(audience, 10) if self.test else round(part)
        self.seconds = 3.0 if self.test else way.quick * FACTOR.get(asked.get("priority", "normal"), 1)
        self.since = datetime.now(UTC)
        if "scheduledAt" in asked:
            self.since = max(self.since, read(asked["scheduledAt"]))
        self.done = 0.0
        self.status = "running"

    def passed(self) -> float:
        """Return the part that is behind it."""
        if self.status != "running":
            return self.done
        moved = (datetime.now(UTC) - self.since).total_seconds() / self.seconds
        return min(1.0, self.done + max(0.0, moved))

    def halt(self, status: str) -> None:
        """Stop counting."""
        self.done = self.passed()
        self.status = status

    def go_on(self) -> None:
        """Count on."""
        self.since = max(self.since, datetime.now(UTC))
        self.status = "running"

    def ends(self) -> datetime:
        """Return when it will be through."""
        return self.since + timedelta(seconds=(1 - self.done) * self.seconds)

    def figures(self) -> Row:
        """Return what was sent, and what it led to."""
        sent = int(self.total * self.passed())
        failed = sent * 3 // 100
        return {
            "messagesSent": sent,
            "delivered": sent - failed,
            "read": sent * 7 // 10,
            "clicked": sent // 10,
            "converted": sent // 25,
            "revenue": sent // 25 * 80,
        }


RATES = {
    "deliveryRate": "delivered",
    "readRate": "read",
    "clickRate": "clicked",
    "conversionRate": "converted",
}
FIGURES = ("messagesSent", "delivered", "read", "clicked", "converted", "revenue")
SECTIONS = ("overview", "performance", "timeline", "segments")


def statistics(runs: list[Run], metrics: list[str], segments: list[str], moving: bool) -> Row:
    """Return what a campaign's runs came to."""
    counted = [run for run in runs if not run.test and (moving or run.status != "running")]
    figures = {name: sum(run.figures()[name] for run in counted) for name in FIGURES}
    sent = figures["messagesSent"]
    rates = {name: round(figures[of] * 100 / sent, 1) if sent else 0 for name, of in RATES.items()}
    every = "all" in metrics
    shown: Row = {}
    for section, values in (("overview", figures), ("performance", rates)):
        chosen = {
            name: value for name, value in values.items() if every or section in metrics or name in metrics
        }
        if chosen:
            shown[section] = chosen
    if every or "timeline" in metrics:
        day = datetime.now(UTC).date().isoformat()
        line = {
            "date": day,
            "sent": sent,
            "delivered": figures["delivered"],
            "conversions": figures["converted"],
        }
        shown["timeline"] = [line] if counted else []
    if every or "segments" in metrics:
        shown["segments"] = [
            {
                "segmentId": one,
                "name": one,
                "performance": {"sent": sent, "conversionRate": rates["conversionRate"]},
            }
            for one in (segments[:1] if counted else [])
        ]
    return shown


def progress(run: Run | None, way: Dialect) -> Row:
    """Return how far the latest run has come."""
    if run is None:
        nothing = {"percentage": 0, "processed": 0, "total": 0, "successful": 0, "failed": 0}
        return {
            "status": "pending",
            "progress": nothing,
            "currentRate": 0,
            "estimatedCompletion": None,
            "errors": [],
        }
    part = run.passed()
    processed = int(run.total * part)
    failed = processed * 3 // 100
    status = run.status
    if status == "running":
        status = "scheduled" if datetime.now(UTC) < run.since else "completed" if part >= 1 else "running"
    return {
        "status": status,
        "progress": {
            "percentage": int(part * 100),
            "processed": processed,
            "total": run.total,
            "successful": processed - failed,
            "failed": failed,
        },
        "currentRate": round(run.total * 60 / run.seconds) if status == "running" else 0,
        "estimatedCompletion": way.time(run.ends())
        if status in ("running", "scheduled", "completed")
        else None,
        "errors": [{"code": "USER_BLOCKED", "count": failed, "message": "User has blocked the bot"}]
        if failed
        else [],
    }
