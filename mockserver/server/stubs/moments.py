"""
Dates as WireMock reads and writes them: Java's format letters, offsets ("3 days"), truncations.

Of DateTimeFormatter's letters those are known that appear in stubs in the wild
(year, month, day, hours, minutes, seconds, fractions, names, zones); another one
is refused by name, since a date that is silently wrong is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_RUNS = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+", re.DOTALL)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_OFFSET = re.compile(r"\s*(?:now)?\s*([+-]?)\s*(\d{1,9})\s+([A-Za-z]+)\s*", re.IGNORECASE)


def zone(name: str) -> tzinfo:
    """Return the zone called *name* ("Europe/Berlin", "+02:00", "UTC", "GMT+1"). Raises ValueError."""
    found = re.fullmatch(r"(?:GMT|UTC|Z)?(?:([+-])(\d{1,2}):?(\d{2})?)?", name)
    if found is not None:
        sign = -1 if found[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(found[2] or 0), minutes=int(found[3] or 0)))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}") from error


def iso(when: datetime) -> str:
    """Return *when* as WireMock's `now` writes it without a format: RFC 3339 in seconds."""
    return when.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def formatted(when: datetime, pattern: str) -> str:
    """Return *when* in Java's *pattern*, or as "epoch" (milliseconds) or "unix"; ValueError else."""
    if pattern == "epoch":
        return str(int(when.timestamp() * 1000))
    if pattern == "unix":
        return str(int(when.timestamp()))
    made: list[str] = []
    for run in _RUNS.finditer(pattern):
        text, letter = run[0], run[1]
        if letter is None:
            made.append(_quoted(text))
        elif letter not in _WRITE:
            raise ValueError(f"the letter {letter!r} in the date format {pattern!r} is not known")
        else:
            made.append(_WRITE[letter](when, len(text)))
    return "".join(made)


def read(text: str, pattern: str = "") -> datetime | None:
    """
    Return the moment that *text* says, or None.

    Without a *pattern*: ISO 8601, RFC 1123, or milliseconds since 1970. What names no zone is UTC.
    """
    if pattern == "epoch":
        return _epoch(text, 1000)
    if pattern == "unix":
        return _epoch(text, 1)
    if pattern:
        return _by_pattern(text, pattern)
    return _iso(text) or _rfc1123(text)


def shifted(when: datetime, amount: int, unit: str) -> datetime:
    """Return *when* moved by *amount* of "seconds" ... "years". Raises ValueError, beyond 9999 too."""
    name = unit.lower().rstrip("s")
    if name in ("month", "year"):
        months = when.month - 1 + amount * (12 if name == "year" else 1)
        year, month = when.year + months // 12, months % 12 + 1
        last = _last_day(year, month)
        return when.replace(year=year, month=month, day=min(when.day, last))
    seconds = _SECONDS.get(name)
    if seconds is None:
        raise ValueError(f"{unit!r} is no unit of time; there are {', '.join(UNITS)}")
    try:
        return when + timedelta(seconds=amount * seconds)
    except OverflowError as error:
        raise ValueError(f"{amount} {unit} away there is no date: the years are 1 to 9999") from error


def offset(text: str) -> tuple[int, str] | None:
    """Return amount and unit of "3 days", "now -2 hours" and their like; (0, "seconds") of "now"; or None."""
    if text.strip().lower() == "now":
        return 0, "seconds"
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    return int(found[2]) * (-1 if found[1] == "-" else 1), found[3]


def truncated(when: datetime, how: str) -> datetime:
    """Return *when* cut as *how* says, e.g. "first day of month". Raises ValueError."""
    cut = TRUNCATIONS.get(how)
    if cut is None:
        raise ValueError(f"{how!r} is no truncation; there are {', '.join(TRUNCATIONS)}")
    return cut(when)


_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
UNITS = ("seconds", "minutes", "hours", "days", "weeks", "months", "years")


def _day(when: datetime) -> datetime:
    return when.replace(hour=0, minute=0, second=0, microsecond=0)


TRUNCATIONS: Mapping[str, Callable[[datetime], datetime]] = {
    "first second of minute": lambda when: when.replace(second=0, microsecond=0),
    "first minute of hour": lambda when: when.replace(minute=0, second=0, microsecond=0),
    "first hour of day": _day,
    "first day of month": lambda when: _day(when).replace(day=1),
    "first day of next month": lambda when: shifted(_day(when).replace(day=1), 1, "months"),
    "last day of month": lambda when: _day(when).replace(day=_last_day(when.year, when.month)),
    "first day of year": lambda when: _day(when).replace(month=1, day=1),
    "first day of next year": lambda when: _day(when).replace(year=when.year + 1, month=1, day=1),
    "last day of year": lambda when: _day(when).replace(month=12, day=31),
}


def _last_day(year: int, month: int) -> int:
    after = date(year + month // 12, month % 12 + 1, 1)
    return (after - timedelta(days=1)).day


def _quoted(text: str) -> str:
    if not text.startswith("'"):
        return text
    return text[1:-1].replace("''", "'") or "'"


def _zone_text(when: datetime, colon: bool, zulu: bool) -> str:
    away = when.utcoffset() or timedelta()
    if zulu and not away:
        return "Z"
    minutes = int(away.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{':' if colon else ''}{abs(minutes) % 60:02}"


def _named(names: tuple[str, ...], index: int, count: int, full: int) -> str:
    return names[index] if count >= full else names[index][:3]


_WRITE: Mapping[str, Callable[[datetime, int], str]] = {
    "y": lambda when, count: f"{when.year % 100:02}" if count == 2 else f"{when.year:0{count}}",
    "u": lambda when, count: f"{when.year % 100:02}" if count == 2 else f"{when.year:0{count}}",
    "M": lambda when, count: (
        f"{when.month:0{count}}" if count < 3 else _named(_MONTHS, when.month - 1, count, 4)
    ),
    "L": lambda when, count: (
        f"{when.month:0{count}}" if count < 3 else _named(_MONTHS, when.month - 1, count, 4)
    ),
    "d": lambda when, count: f"{when.day:0{count}}",
    "D": lambda when, count: f"{when.timetuple().tm_yday:0{count}}",
    "E": lambda when, count: _named(_DAYS, when.weekday(), count, 4),
    "H": lambda when, count: f"{when.hour:0{count}}",
    "k": lambda when, count: f"{when.hour or 24:0{count}}",
    "h": lambda when, count: f"{when.hour % 12 or 12:0{count}}",
    "K": lambda when, count: f"{when.hour % 12:0{count}}",
    "m": lambda when, count: f"{when.minute:0{count}}",
    "s": lambda when, count: f"{when.second:0{count}}",
    "S": lambda when, count: f"{when.microsecond:06}000"[:count],
    "a": lambda when, _: "AM" if when.hour < 12 else "PM",
    "Z": lambda when, count: _zone_text(when, count == 5, False),
    "X": lambda when, count: _zone_text(when, count == 3, True) if count > 1 else _short_zone(when),
    "x": lambda when, count: _zone_text(when, count == 3, False),
    "z": lambda when, _: when.tzname() or "UTC",
    "V": lambda when, _: str(when.tzinfo) if when.tzinfo is not None else "UTC",
}


def _short_zone(when: datetime) -> str:
    text = _zone_text(when, False, True)
    return text.removesuffix("00") if text != "Z" else text


def _iso(text: str) -> datetime | None:
    text = re.sub(r"\[[^\]]*\]$", "", text.strip())
    if re.fullmatch(r"\d{4}", text):
        text += "-01-01"
    elif re.fullmatch(r"\d{4}-\d{2}", text):
        text += "-01"
    elif re.fullmatch(r"\d{5,}", text):
        return _epoch(text, 1000)
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    return made if made.tzinfo is not None else made.replace(tzinfo=UTC)


def _rfc1123(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        made = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return made if made.tzinfo is not None else made.replace(tzinfo=UTC)


def _epoch(text: str, scale: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text) / scale, UTC)
    except (ValueError, OverflowError, OSError):
        return None


_STRPTIME = {
    "yyyy": "%Y",
    "uuuu": "%Y",
    "yy": "%y",
    "MM": "%m",
    "M": "%m",
    "MMM": "%b",
    "MMMM": "%B",
    "dd": "%d",
    "d": "%d",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "m": "%M",
    "ss": "%S",
    "s": "%S",
    "a": "%p",
    "E": "%a",
    "EEE": "%a",
    "EEEE": "%A",
    "DDD": "%j",
    "SSS": "%f",
    "SSSSSS": "%f",
    "S": "%f",
    "Z": "%z",
    "XXX": "%z",
    "XX": "%z",
    "X": "%z",
    "xxx": "%z",
    "z": "%Z",
}


def _by_pattern(text: str, pattern: str) -> datetime | None:
    made: list[str] = []
    for run in _RUNS.finditer(pattern):
        if run[1] is None:
            made.append(_quoted(run[0]).replace("%", "%%"))
        elif run[0] not in _STRPTIME:
            return None
        else:
            made.append(_STRPTIME[run[0]])
    try:
        found = datetime.strptime(text, "".join(made))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
