"""
Faults and chaos, as the admin arms them: `/faults` and `/chaos`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response as Answer

from mockserver.errors import nearest
from mockserver.exchange import MISSING
from mockserver.server import preferences
from mockserver.server.admin_answers import as_json
from mockserver.server.admin_views import Refusal, Rule, Views, member, sent, sent_object
from mockserver.server.armed import ARMED, arm, disarm
from mockserver.server.chaos import CHAOS, BadProfile, compiled
from mockserver.server.matching import MEMBERS, NoSuch, Which
from mockserver.server.preferences import BadPreference

_SHORT = ("fault", "delay", "code", "example", "variant")
"""Preferences that have a member of their own."""


class FaultViews(Views):
    """Arms, lists and disarms, in the session that the request names."""

    @property
    def rules(self) -> Iterable[Rule]:
        """What there is."""
        return (
            ("/faults", "GET", self.list),
            ("/faults", "POST", self.arm),
            ("/faults", "DELETE", self.disarm),
            ("/faults/<ident>", "GET", self.get),
            ("/faults/<ident>", "DELETE", self.disarm),
            ("/chaos", "GET", self.chaos),
            ("/chaos", "PUT", self.set_chaos),
            ("/chaos", "DELETE", self.end_chaos),
        )

    def list(self) -> Answer:
        """List what is armed."""
        return as_json({"faults": [row for _, row in self.session.rows(ARMED)]})

    def get(self, ident: str) -> Answer:
        """Show one."""
        row = self.session.row(ARMED, ident)
        if row is None:
            raise self._unknown(ident)
        return as_json(row)

    def arm(self) -> Answer:
        """Arm a fault, a delay, any preference, or a rate limit for requests to come."""
        body = sent_object(*MEMBERS, "prefer", *_SHORT, "times", "rateLimit")
        try:
            which = Which.of(body, self.host.apis)
        except NoSuch as error:
            raise Refusal(400, str(error)) from None
        times = member(body, "times", int, "a whole number of requests", None)
        if times is not None and times < 1:
            raise Refusal(400, f"times: 1 or more is expected, found {times}.")
        prefer, limit = self._prefer(body), self._limit(body)
        if bool(prefer) == (limit is not None):
            said = ", ".join(("prefer", *_SHORT))
            raise Refusal(
                400, f"What to do is expected: one or more of {said}; or a rateLimit, and only that."
            )
        return as_json(arm(self.session, which, prefer, times, limit), 201)

    def disarm(self, ident: str = "") -> Answer:
        """Take one away, or all."""
        if not disarm(self.session, ident) and ident:
            raise self._unknown(ident)
        return as_json({})

    def chaos(self) -> Answer:
        """Show the profile that holds."""
        return as_json(self.host.chaos.shown(self.session))

    def set_chaos(self) -> Answer:
        """Set a profile, for this session."""
        said = sent()
        try:
            compiled(said, self.host.apis)
        except BadProfile as error:
            raise Refusal(400, f"{error.pointer or '/'}: {error}", pointer=error.pointer) from None
        with self.session.changing() as transaction:
            transaction.put(CHAOS, "profile", said)
        return self.chaos()

    def end_chaos(self) -> Answer:
        """Have none, in this session."""
        with self.session.changing() as transaction:
            transaction.put(CHAOS, "profile", {"rules": []})
        return as_json({})

    def _unknown(self, ident: str) -> Refusal:
        known = [key for key, _ in self.session.rows(ARMED)]
        return Refusal(404, f"Nothing is armed as {ident!r}.{nearest(ident, known)}")

    @staticmethod
    def _prefer(body: dict[str, Any]) -> str:
        """Return all that is preferred, as one Prefer field. Raises Refusal."""
        said = [member(body, "prefer", str, "a text as of the Prefer field", "")]
        for name in _SHORT:
            value = member(body, name, (str, int), "a text or a whole number", MISSING)
            if value is not MISSING:
                said.append(preferences.written(name, str(value)))
        text = ", ".join(filter(None, said))
        try:
            found = preferences.over(preferences.NONE, text).said
        except BadPreference as error:
            raise Refusal(400, str(error)) from None
        if text and not found:
            known = preferences.NAMES
            word = text.partition("=")[0].strip()
            raise Refusal(
                400, f"prefer: {word!r} is no preference.{nearest(word, known)} It has {', '.join(known)}."
            )
        return text

    @staticmethod
    def _limit(body: dict[str, Any]) -> dict[str, Any] | None:
        limit = member(body, "rateLimit", dict, 'an object like {"requests": 5, "seconds": 60}', None)
        if limit is None:
            return None
        for name in limit:
            if name not in ("requests", "seconds"):
                known = ("requests", "seconds")
                raise Refusal(400, f"rateLimit: there is no {name!r} here.{nearest(name, known)}")
        requests = member(limit, "requests", int, "a whole number", 0)
        seconds = member(limit, "seconds", (int, float), "a number", 1.0)
        if requests < 1 or seconds <= 0:
            raise Refusal(400, "rateLimit: 1 request or more in more than 0 seconds is expected.")
        return {"requests": requests, "seconds": seconds}
