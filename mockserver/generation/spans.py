"""
Moments that go with a length, with a state, or stand as seconds since 1970.

A flight that arrives eleven months later, a thing that is active and was deleted in
May, `"created": 807`: each part is what its schema asks for, and together they are
nonsense.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from mockserver.exchange import MISSING, Json
from mockserver.generation.names import words
from mockserver.generation.related import Rule, Set
from mockserver.generation.wordlists import listed

PAIRS = (
    ("departure_time", "arrival_time"),
    ("departure", "arrival"),
    ("departs_at", "arrives_at"),
    ("departure_at", "arrival_at"),
    ("start", "end"),
    ("start_time", "end_time"),
    ("starts_at", "ends_at"),
    ("start_at", "end_at"),
    ("started_at", "ended_at"),
    ("started_at", "finished_at"),
    ("started_at", "completed_at"),
    ("start_date", "end_date"),
    ("check_in", "check_out"),
    ("checkin", "checkout"),
    ("check_in_date", "check_out_date"),
    ("opens_at", "closes_at"),
)
"""Names of where a span begins and ends."""

SHORT = listed(
    """
    flight shift meeting event appointment call session class lesson ride trip match game slot reservation
    concert webinar interview visit lecture screening show break outage recording workout leg segment
    """
)
"""Things that take hours."""

UNITS = {
    "ms": 0.001,
    "milliseconds": 0.001,
    "s": 1,
    "sec": 1,
    "secs": 1,
    "seconds": 1,
    "min": 60,
    "mins": 60,
    "minutes": 60,
    "hours": 3600,
    "days": 86_400,
    "nights": 86_400,
    "weeks": 604_800,
}
_LENGTH = re.compile(
    r"(?:duration|length|elapsed)(?:_in)?(?:_(\w+))?|(hours|minutes|nights|days)(?:_worked)?"
)
_LONGEST = 16 * 3600
_STEPS = tuple(minutes * 60 for minutes in (45, 60, 90, 120, 180, 240, 480))

GONE = listed(
    """
    deleted trashed removed archived cancelled canceled suspended banned blocked rejected failed revoked
    expired deactivated disabled refunded voided void disputed declined closed terminated
    """
)
"""What has happened to few things."""
WRONG = listed("failed failure error errored declined rejected canceled cancelled invalid bounced")
FAULTS = re.compile(r"(failure|error|decline)_(code|message|reason|type|description)|last_error|error")
_MOMENT = re.compile(r"(?:last_)?(\w+?)_(?:at|on|date|time|timestamp)")

EPOCHS = listed(
    """
    created updated modified expires started ended finished completed joined posted period_start period_end
    current_period_start current_period_end trial_start trial_end last_seen last_login last_modified
    """
)
"""Names that are moments where a whole number stands under them, beside a key."""
KEYS = ("id", "_id", "uid", "uuid", "object", "key", "name", "number")
COUNTED = ("failed", "skipped", "succeeded", "success", "deleted", "unchanged", "ignored", "errors")
_BASE = 1_735_689_600
"""2025-01-01 as seconds since 1970."""


def spans(
    owner: str, spoken: Mapping[str, str], tell: Callable[[str], str], states: Callable[[str], list[Json]]
) -> list[Rule]:
    """
    Return the rules for the moments of an object.

    Args:
        owner: What it is called.
        spoken: Its properties, by their names in lower case with underscores.
        tell: Gives their descriptions.
        states: Gives the values that one of them may have, where these are listed.
    """
    rules = [*_epochs(spoken, tell), *_daylight(spoken)]
    rules += [*_lengths(owner, spoken, tell), *_states(spoken, states)]
    return rules


# ------------------------------------------------------------------------------------------------ lengths


def _lengths(owner: str, spoken: Mapping[str, str], tell: Callable[[str], str]) -> Iterator[Rule]:
    for first, last in PAIRS:
        if first in spoken and last in spoken:
            lengths = {real: unit for name, real in spoken.items() if (unit := _unit(name, tell(real)))}
            short = first.startswith("depart") or any(
                word in SHORT or word[:-1] in SHORT for word in words(owner)
            )
            if lengths or short:
                yield _length(spoken[first], spoken[last], lengths, short)
            return


def _unit(name: str, said: str) -> float:
    """Return how many seconds one of *name* is, 0 where it is no length."""
    found = _LENGTH.fullmatch(name)
    if found is None:
        return 0
    unit = (
        found[1]
        or found[2]
        or next((word for word in words(said) if word in UNITS and len(word) > 2), "seconds")
    )
    return UNITS.get(unit, 0)


_LATEST = 32_503_680_000_000
"""The year 3000, in milliseconds since 1970."""


def _length(first: str, last: str, lengths: Mapping[str, float], short: bool) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        start = _read(out.get(first))
        if start is None or _read(out.get(last)) is None:
            return
        seconds = next((out[name] * unit for name, unit in lengths.items() if _number(out.get(name))), 0)
        if seconds <= 0 or (short and not 900 <= seconds <= _LONGEST):
            seconds = _STEPS[crc32(str(out[first]).encode()) % len(_STEPS)] if short else 0
        if seconds:
            with suppress(OverflowError):  # beyond the year 9999
                put(last, _written(start + timedelta(seconds=float(seconds)), out[last]))
        end = _read(out[last])
        if end is None or end < start:
            return
        for name, unit in lengths.items():
            if _number(out.get(name)):
                exact = (end - start).total_seconds() / unit
                put(name, round(exact) if isinstance(out[name], int) else round(exact, 2))

    return rule


def _read(value: Json) -> datetime | None:
    """Return a moment as it is written: RFC 3339 in UTC, a date, or seconds since 1970."""
    if isinstance(value, int) and not isinstance(value, bool) and 100_000_000 < value < _LATEST:
        return datetime.fromtimestamp(value / 1000 if value > 100_000_000_000 else value, UTC)
    if not isinstance(value, str) or not value[:4].isdecimal():
        return None
    try:
        found = datetime.fromisoformat(value if len(value) > 10 else f"{value}T00:00:00Z")
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _written(moment: datetime, like: Json) -> Json:
    if isinstance(like, int):
        return int(moment.timestamp()) * (1000 if like > 100_000_000_000 else 1)
    if isinstance(like, str) and len(like) == 10:
        return moment.date().isoformat()
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# ------------------------------------------------------------------------------------------------- states


def _states(spoken: Mapping[str, str], states: Callable[[str], list[Json]]) -> Iterator[Rule]:
    """Return a rule for moments and faults that may be null, by the state that stands beside them."""
    name = next((each for each in ("status", "state", "phase") if each in spoken), None)
    status = spoken[name] if name is not None else None
    values = [value for value in states(status) if isinstance(value, str)] if status is not None else []
    known = [value.lower() for value in values]
    moments = [
        (real, found[1])
        for each, real in spoken.items()
        if (found := _MOMENT.fullmatch(each)) and found[1] != "created"
    ]
    faults = [real for each, real in spoken.items() if FAULTS.fullmatch(each)]
    flags = {word: spoken[flag] for _, word in moments for flag in (word, f"is_{word}") if flag in spoken}
    if moments or faults:
        yield _state(status, known, moments, faults, flags)


def _state(
    status: str | None,
    known: Collection[str],
    moments: list[tuple[str, str]],
    faults: list[str],
    flags: Mapping[str, str],
) -> Rule:
    order = list(known)

    def happened(said: str) -> list[tuple[str, str | None, bool | None]]:
        """Return the moments that the state *said*, or a flag of their own, tells something of."""
        told = [(real, flags.get(word), _happened(word, said, order)) for real, word in moments]
        return [one for one in told if one[1] is not None or one[2] is not None]

    usual = {said: happened(said) for said in (*order, "")}

    def rule(out: dict[str, Json], put: Set) -> None:
        said = str(out.get(status or "")).lower()
        latest: Json = MISSING
        for real, name, verdict in usual[said] if said in usual else happened(said):
            if real not in out:
                continue
            flag = out.get(name) if name is not None else None
            happens = flag if isinstance(flag, bool) else verdict
            if happens is False and out[real] is not None:
                put(real, None)
                latest = MISSING
            elif happens and out[real] is None:
                if latest is MISSING:
                    told = [value for value in out.values() if isinstance(value, str) and _is_moment(value)]
                    latest = max(told, default=None)
                put(real, latest)
        if said in order and said not in WRONG:
            for real in faults:
                if out.get(real) is not None:
                    put(real, None)

    return rule


def _is_moment(value: str) -> bool:
    """Tell whether *value* is a moment as they are made here: so written, the latest is the greatest."""
    return len(value) == 20 and value[10] == "T" and value[19] == "Z"


def _happened(word: str, said: str, order: list[str]) -> bool | None:
    """Whether *word* has happened to what is in the state *said*; None where nothing tells."""
    own = word if word in order else None
    if own is None:
        return False if word in GONE and said != word else None
    if said not in order:
        return None
    if own in GONE:
        return said == own
    return said == own or (order.index(said) > order.index(own) and said not in GONE)


# ------------------------------------------------------------------------------------------------- epochs


def _epochs(spoken: Mapping[str, str], tell: Callable[[str], str]) -> Iterator[Rule]:
    """Return a rule for whole numbers that are moments: `created` beside an id is no count."""
    counts = any(word in spoken for word in COUNTED) and "id" not in spoken
    found = [
        (name, real) for name, real in spoken.items() if name in EPOCHS and not (counts and "_" not in name)
    ]
    if not found or not any(key in spoken for key in KEYS):
        return
    in_ms = {real for _, real in found if "milli" in tell(real).lower()}

    def rule(out: dict[str, Json], put: Set) -> None:
        key = next((out[spoken[name]] for name in KEYS if out.get(spoken.get(name, "")) is not None), "")
        drawn = crc32(str(key).encode())
        first = _BASE + drawn % 20_000_000
        for at, (_, real) in enumerate(sorted(found, key=lambda pair: _late(pair[0]))):
            there = out.get(real)
            if isinstance(there, int) and not isinstance(there, bool) and 0 <= there < 10_000_000:
                put(real, (first + at * (86_400 + drawn % 50_000)) * (1000 if real in in_ms else 1))

    yield rule


def _late(name: str) -> int:
    """How late a moment is among those of a thing."""
    last = name.rpartition("_")[2]
    return {"created": 0, "joined": 0, "posted": 0, "started": 1, "start": 1}.get(
        last, 3 if last in ("end", "expires") else 2
    )


def _daylight(spoken: Mapping[str, str]) -> Iterator[Rule]:
    """Return a rule for sunrise and sunset as seconds since 1970, on the day that stands beside them."""
    if "sunrise" not in spoken or "sunset" not in spoken:
        return
    day = next((spoken[name] for name in ("date", "day", "dt") if name in spoken), "")

    def rule(out: dict[str, Json], put: Set) -> None:
        start = _read(out.get(day))
        base = int(start.timestamp()) // 86_400 * 86_400 if start is not None else _BASE
        for name, seconds in (("sunrise", 22_380), ("sunset", 67_140)):
            there = out.get(spoken[name])
            if isinstance(there, int) and not isinstance(there, bool) and there < 10_000_000:
                put(spoken[name], base + seconds)

    yield rule
