"""
The time of a world.

It starts at the fixture's `now` and stands still, but for one second with each
change of the world: so that what was updated later has a later time, and the
same requests give the same bytes on any day. What advances while one waits
asks for the *instant*, which flows with the wall clock on top of that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mockserver.behavior.functions import epoch, moment

DEFAULT_NOW = "2026-01-01T12:00:00Z"


class Clock:
    """
    Args:
        start: RFC 3339 text.
        flow: Seconds that have passed on the wall (injected, so that tests and models decide). By default
            the machine's time of day: processes that share a world agree on it, a restart goes on with it.
    """

    def __init__(self, start: str = DEFAULT_NOW, flow: Callable[[], float] = time.time) -> None:
        self._start = epoch(start)
        self._flow = flow
        self._since = flow()
        self._held = 0.0
        self.steps = 0
        self.moved = 0.0
        self.frozen = False
        self.by_hand = False
        self._told = (self._start, moment(self._start))
        """The time that was asked for last, and its text: most ask for the same."""

    @property
    def now(self) -> str:
        """The time for stamps, RFC 3339 with seconds and Z."""
        at = self._start + self.steps + self.moved
        if at != self._told[0]:
            self._told = (at, moment(at))
        return self._told[1]

    @property
    def instant(self) -> float:
        """Seconds since 1970, flowing."""
        flowed = self._held if self.frozen else self._flow() - self._since
        return self._start + self.steps + self.moved + flowed

    def step(self) -> None:
        """Let one second pass: the world has changed."""
        if not self.frozen:
            self.steps += 1

    @property
    def row(self) -> dict[str, Any]:
        """All that can change, as JSON."""
        return {
            "steps": self.steps,
            "moved": self.moved,
            "frozen": self.frozen,
            "byHand": self.by_hand,
            "since": self._since,
            "held": self._held,
        }

    @row.setter
    def row(self, row: dict[str, Any]) -> None:
        self.steps, self.moved = row["steps"], row["moved"]
        self.frozen, self.by_hand = row["frozen"], row["byHand"]
        self._since, self._held = row["since"], row["held"]

    def copy(self) -> Clock:
        """Return a clock that shows the same and goes its own way."""
        made = Clock.__new__(Clock)
        made.__dict__.update(self.__dict__)
        return made

    def rest(self) -> None:
        """Remember how much has flowed, so that a clock that is put away goes on from here (`resume`)."""
        if not self.frozen:
            self._held = self._flow() - self._since

    def resume(self) -> None:
        """Go on from where the clock was put to rest, on whatever machine that was."""
        self._since = self._flow() - self._held

    def freeze(self) -> None:
        """Let no time pass, not even with changes."""
        if not self.frozen:
            self._held = self._flow() - self._since
            self.frozen = self.by_hand = True

    def run(self) -> None:
        """Let time pass again, from where it was stopped."""
        if self.frozen:
            self._since = self._flow() - self._held
            self.frozen = False

    def advance(self, seconds: float) -> None:
        """Move the clock by *seconds* (back too)."""
        self.moved += seconds
        self.by_hand = True

    def set(self, now: str) -> None:
        """Move the clock to *now* (RFC 3339); the instant flows on from there."""
        self.moved = epoch(now) - self._start - self.steps
        self._since, self._held = self._flow(), 0.0
        self.by_hand = True
