"""
The clock of a session, as the admin shows and moves it.

Each API has the time that its world began with; they are moved together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response as Answer

from mockserver.behavior.clock import Clock
from mockserver.behavior.functions import epoch
from mockserver.errors import nearest
from mockserver.exchange import Json
from mockserver.server.admin_answers import as_json
from mockserver.server.admin_views import Refusal, Rule, Views, sent, sent_object, shortened

ACTS = ("set", "advance", "freeze", "run")


class ClockViews(Views):
    """`/clock`: look, set, advance, freeze, run."""

    @property
    def rules(self) -> Iterable[Rule]:
        """What there is."""
        return (
            ("/clock", "GET", self.get),
            ("/clock", "PUT", self.move),
            ("/clock", "POST", self.move),
            ("/clock/<act>", "POST", self.act),
        )

    def get(self) -> Answer:
        """Show the time of each API."""
        session = self.session
        clocks = {name: _clock(world.clock) for name, world in session.worlds.items()}
        first: Json = next(iter(clocks.values()), {})
        return as_json({"session": session.name, **first, "apis": clocks})

    def move(self) -> Answer:
        """Do what the members say: `set` (or `now`), `advance`, `freeze` (or `frozen`), `run`."""
        body = sent_object("set", "now", "advance", "freeze", "frozen", "run")
        if not body:
            raise Refusal(400, f"What to do is expected: {', '.join(ACTS)}.")
        return self._do(body)

    def act(self, act: str) -> Answer:
        """Do one of them by its path: `clock/advance` {"seconds": 60}, `clock/freeze` ..."""
        if act not in ACTS:
            raise Refusal(404, f"The clock has no {act!r}.{nearest(act, ACTS)} It has {', '.join(ACTS)}.")
        if act in ("freeze", "run"):
            sent_object()
            return self._do({act: True})
        body = sent()
        if isinstance(body, dict) and len(body) == 1 and next(iter(body)) in ("by", "to", "now", act):
            body = next(iter(body.values()))
        return self._do({act: body})

    def _do(self, body: Mapping[str, Any]) -> Answer:
        said = next((name for name in ("set", "now") if name in body), "")
        now = body.get(said)
        start = _moment(said, now) if said else None
        seconds = _seconds(body["advance"]) if "advance" in body else 0.0
        frozen = _frozen(body)
        session = self.session
        with session.lock:
            for world in session.worlds.values():
                if not _EARLIEST <= (world.clock.instant if start is None else start) + seconds <= _LATEST:
                    raise Refusal(400, "The clock would leave the years 1 to 9999.")

            def move(clock: Clock) -> None:
                if now is not None:
                    clock.set(now)
                if seconds:
                    clock.advance(seconds)
                if frozen is not None:
                    (clock.freeze if frozen else clock.run)()

            session.move(move)
            self.host.pass_time(session)
            return self.get()


_EARLIEST, _LATEST = epoch("0001-01-02T00:00:00Z"), epoch("9999-12-30T00:00:00Z")


def _clock(clock: Clock) -> Json:
    instant = datetime.fromtimestamp(clock.instant, UTC)
    return {
        "now": clock.now,
        "instant": instant.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "frozen": clock.frozen,
        "movedSeconds": clock.moved,
        "byHand": clock.by_hand,
    }


def _frozen(body: Mapping[str, Any]) -> bool | None:
    """Return whether the clock is to stand; None where nothing is said of it."""
    found = None
    for name in ("freeze", "frozen", "run"):
        if name in body:
            if not isinstance(body[name], bool):
                raise Refusal(400, f"{name}: true or false is expected, found {shortened(body[name])}.")
            found = body[name] is not (name == "run")
    return found


def _moment(name: str, now: Json) -> float:
    try:
        return epoch(now)
    except (ValueError, TypeError, OverflowError):
        raise Refusal(
            400, f"{name}: a time like 2026-02-07T12:00:00Z is expected, found {shortened(now)}."
        ) from None


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_NAMES = {"milliseconds": "ms", "seconds": "s", "minutes": "m", "hours": "h", "days": "d", "weeks": "w"}
_PART = r"([0-9]+(?:\.[0-9]+)?)\s*(ms|[smhdw])"
_WORDS = re.compile(rf"-?\s*(?:{_PART}\s*)+", re.IGNORECASE)
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_ISO = re.compile(
    rf"-?P(?=.)(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.IGNORECASE,
)


def _seconds(said: Json) -> float:
    """Return the seconds that *said* is: 90, "1h 30m", "PT1H30M" or {"hours": 1, "minutes": 30}."""
    if isinstance(said, (int, float)) and not isinstance(said, bool):
        return float(said)
    if isinstance(said, dict) and said and said.keys() <= _NAMES.keys():
        values = [(value, _UNITS[_NAMES[name]]) for name, value in said.items()]
        if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value, _ in values):
            return float(sum(value * unit for value, unit in values))
    if isinstance(said, str) and (_WORDS.fullmatch(said.strip()) or _ISO.fullmatch(said)):
        parts = re.findall(_PART, said, re.IGNORECASE)
        total = sum(float(number) * _UNITS[unit.lower()] for number, unit in parts)
        return -total if said.lstrip().startswith("-") else total
    raise Refusal(
        400,
        'advance: seconds, a text like "1h 30m" or "PT1H30M", or an object like {"hours": 1} is expected, '
        f"found {shortened(said)}.",
    )
