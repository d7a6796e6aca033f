"""
When things happen to a thing: created, then started, then changed, then ended.

A name says which stage of a life it tells of ("approvedAt", "due_date"). All moments
of one object are counted from its `Draw.born`, stage after stage, so that no update
precedes the creation and nothing ends before it starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mockserver.generation.draw import Draw
from mockserver.generation.formats import date, date_time, instant
from mockserver.generation.names import words
from mockserver.generation.wordlists import each, listed

Moment = Callable[[Draw], float]

DAY = 86_400.0

PAST: dict[str, float] = {
    **each(
        "created creation create added registered joined inserted signup ordered submitted issued",
        0.0,
    ),
    **each(
        "requested received placed born opened captured recorded purchased generated occurred sent",
        0.0,
    ),
    **each(
        "founded hired uploaded posted initiated introduced established built invited reported",
        0.0,
    ),
    **each(
        "start starts started begin begins began from effective since open activation departure",
        0.2,
    ),
    **each("checkin pickup scheduled queued enrolled authorized authored committed connected", 0.2),
    **each(
        "approved accepted confirmed published publication processed activated verified assigned",
        0.35,
    ),
    **each(
        "released release paid shipped analyzed executed reviewed launched installed signed dispatched",
        0.35,
    ),
    **each("paused suspended disabled locked acknowledged escalated", 0.45),
    **each("resumed restored enabled unlocked refreshed", 0.55),
    **each(
        "completed completion complete finished finish done resolved delivered delivery closed",
        0.65,
    ),
    **each("failed returned refunded settled fulfilled merged solved ran left arrived", 0.65),
    **each("cancelled canceled deleted archived revoked removed banned trashed purged rejected", 0.8),
    **each("terminated deactivated unsubscribed retired blocked destroyed dismissed discontinued", 0.8),
    **each(
        "updated update modified modification changed change edited last synced seen viewed used",
        0.92,
    ),
    **each(
        "accessed login logged checked visited read active activity rotated touched latest now",
        0.92,
    ),
}
"""Share of the time from a thing's making to now, by the word that tells of it."""

AHEAD: dict[str, float] = {
    **each("next upcoming retry scheduled send planned reminder", 5),
    **each("end ends ended ending until to due deadline through checkout arrival arrives", 30),
    **each("expires expiry expiration expire expired valid renewal renews renew trial maturity", 90),
}
"""Days from now, by the word that tells of it."""

WHEN = listed(
    """
    at on date time datetime timestamp ts day when dt unix epoch utc moment millis ms
    """
)
"""Words that say of a name that it is about a moment."""


def stage(name: str) -> Moment | None:
    """Return a closure for the moment that *name* tells of; None when it tells of none."""
    said = words(name)
    if any(word in ("birth", "birthday", "birthdate", "dob", "birthdate") for word in said):
        return lambda ctx: ctx.now - DAY * (365.25 * (18 + (ctx.who % 5000) / 100))
    if said and said[0] in ("estimated", "expected", "projected", "planned", "eta"):
        return _ahead(10)
    if "last" in said or "latest" in said or "recent" in said:
        return _past(0.92)
    if "next" in said:
        return _ahead(5)
    for word in said:
        if word in AHEAD and word != "to" and word != "scheduled":
            return _ahead(AHEAD[word])
    for word in said:
        if word in PAST:
            return _past(PAST[word])
    if said and said[-1] == "to":
        return _ahead(30)
    return None


def about_time(name: str) -> bool:
    """Whether *name* says that it is about a moment, in so many words."""
    said = words(name)
    return bool(said) and (said[-1] in WHEN or (stage(name) is not None and len(said) == 1))


def some_moment(ctx: Draw) -> float:
    """Return a moment between the thing's making and now."""
    return ctx.born + (ctx.now - ctx.born) * 0.1 * ctx.random()


def _past(share: float) -> Moment:
    return lambda ctx: ctx.born + (ctx.now - ctx.born) * (share + 0.07 * ctx.random())


def _ahead(days: float) -> Moment:
    return lambda ctx: ctx.now + DAY * days * (0.5 + ctx.random())


STYLES: tuple[tuple[re.Pattern[str], Callable[[float], str]], ...] = (
    (re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"), date_time),
    (re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"), lambda when: date_time(when)[:-1] + ".000Z"),
    (
        re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$"),
        lambda when: date_time(when)[:-1] + "+00:00",
    ),
    (re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}$"), lambda when: date_time(when)[:-1] + "+0000"),
    (re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"), lambda when: date_time(when)[:-1]),
    (re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"), lambda when: date_time(when)[:-1].replace("T", " ")),
    (re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d$"), lambda when: date_time(when)[:-4].replace("T", " ")),
    (re.compile(r"^\d{4}-\d\d-\d\d$"), date),
    (re.compile(r"^\d{4}/\d\d/\d\d$"), lambda when: date(when).replace("-", "/")),
    (re.compile(r"^\d{8}$"), lambda when: date(when).replace("-", "")),
    (re.compile(r"^\d\d\.\d\d\.\d{4}$"), lambda when: instant(when).strftime("%d.%m.%Y")),
    (re.compile(r"^\d\d/\d\d/\d{4}$"), lambda when: instant(when).strftime("%m/%d/%Y")),
    (re.compile(r"^\d\d-\d\d-\d{4}$"), lambda when: instant(when).strftime("%m-%d-%Y")),
    (re.compile(r"^\d\d:\d\d:\d\d$"), lambda when: date_time(when)[11:19]),
    (re.compile(r"^\d\d:\d\d$"), lambda when: date_time(when)[11:16]),
    (re.compile(r"^\d{10}$"), lambda when: str(int(when))),
    (re.compile(r"^\d{13}$"), lambda when: str(int(when) * 1000)),
    (re.compile(r"^[A-Z][a-z]+ \d{1,2}, \d{4}$"), lambda when: instant(when).strftime("%B %d, %Y")),
)
"""Ways of writing a moment, by what a sample of them looks like."""

WRITTEN = (
    ("yyyy-mm-dd hh:mm:ss", "2026-01-01 00:00:00"),
    ("yyyy-mm-ddthh", "2026-01-01T00:00:00Z"),
    ("yyyy-mm-dd", "2026-01-01"),
    ("mm/dd/yyyy", "01/01/2026"),
    ("dd.mm.yyyy", "01.01.2026"),
    ("hh:mm:ss", "00:00:00"),
    ("hh:mm", "00:00"),
)
"""What a description says of the way of writing, and a sample of it."""


def style(name: str, samples: list[str], description: str) -> Callable[[float], str]:
    """
    Return how to write the moments of property *name*: as its samples or its description have it, else RFC
    3339.
    """
    said = description.lower()
    for text in [*samples, *(sample for mark, sample in WRITTEN if mark in said)]:
        for pattern, write in STYLES:
            if pattern.match(text):
                return write
    last = words(name)[-1:] or ("",)
    if last[0] in ("date", "day", "birthday", "dob", "birthdate", "on"):
        return date
    if last[0] == "time" and len(words(name)) == 1:
        return lambda when: date_time(when)[11:16]
    return date_time
