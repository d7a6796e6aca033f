"""
The functions that expressions of behavior.yaml may call.

Pure: the same arguments give the same value. What depends on the world (`now`,
`draw`, `choice`, collections) is a name in the scope and stands elsewhere.
A time is text in the format of the rows: RFC 3339, "YYYY-MM-DD" or
"YYYY-MM-DD HH:MM:SS"; what is computed from it keeps its format.
"""

from __future__ import annotations

import calendar
import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from datetime import date as Date
from functools import lru_cache
from typing import Any

from mockserver.behavior.rows import rows_of, undefined

_LONGEST_TEXT = 200_000
"""Characters of text that a regular expression of a behaviour is run on."""


def _read(time: str) -> tuple[datetime, Callable[[datetime], str]]:
    """Return *time* as an aware datetime, and what writes one in the same format."""
    if not isinstance(time, str):
        raise ValueError(f"{time!r} is no time")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", time):
        return datetime.fromisoformat(time).replace(tzinfo=UTC), lambda moment: moment.date().isoformat()
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", time):
        return datetime.fromisoformat(time).replace(tzinfo=UTC), lambda moment: _plain(moment, " ")
    moment = datetime.fromisoformat(time)
    zulu = time.endswith(("Z", "z"))
    digits = len(found.group(1)) if (found := re.search(r"\.(\d+)", time)) else 0
    suffix = "Z" if zulu else None
    if moment.tzinfo is None:
        moment, suffix = moment.replace(tzinfo=UTC), ""

    def write(other: datetime) -> str:
        text = _plain(other)
        if digits:
            text += f".{other.microsecond:06d}"[: digits + 1]
        return text + (other.isoformat()[-6:] if suffix is None else suffix)

    return moment, write


def _plain(moment: datetime, between: str = "T") -> str:
    """Return *moment* to the second, without its zone (strftime writes the year 999 with three digits)."""
    return moment.replace(microsecond=0, tzinfo=None).isoformat(between)


def add(
    time: str, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, months: int = 0
) -> str:
    """Return *time* moved; a month later than the 31st is the last of a shorter month."""
    moment, write = _read(time)
    try:
        if months:
            month = moment.month - 1 + int(months)
            year, month = moment.year + month // 12, month % 12 + 1
            moment = moment.replace(
                year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1])
            )
        return write(moment + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
    except (OverflowError, ValueError):  # a client may ask for three million days
        back = min(months, days, hours, minutes, seconds) < 0
        end = datetime.min if back else datetime.max.replace(microsecond=0)
        return write(end.replace(tzinfo=moment.tzinfo))


def epoch(time: str) -> float:
    """Return seconds since 1970 of *time*."""
    return _read(time)[0].timestamp()


def between(a: str, b: str) -> float:
    """Return the seconds from *a* to *b*."""
    return epoch(b) - epoch(a)


def moment(seconds: float) -> str:
    """Return the time *seconds* after 1970 as RFC 3339 text."""
    days, rest = divmod(math.floor(seconds), 86_400)
    minutes, second = divmod(rest, 60)
    return f"{_day(days)}T{minutes // 60:02}:{minutes % 60:02}:{second:02}Z"


@lru_cache(maxsize=64)
def _day(days: int) -> str:
    """Return the date so many days after that of 1970 began."""
    return datetime.fromtimestamp(days * 86_400, UTC).date().isoformat()


def date(time: str) -> str:
    """Return the day of *time*, "YYYY-MM-DD"."""
    return _read(time)[0].date().isoformat()


def weekday(time: str) -> int:
    """Return the day of the week of *time*; Monday is 0."""
    return _read(time)[0].weekday()


def format_time(time: str, pattern: str) -> str:
    """Return *time* written by strftime's *pattern*."""
    return _read(time)[0].strftime(pattern)


def parts(time: str) -> dict[str, int]:
    """Return year, month, day, hour, minute and second of *time*."""
    found = _read(time)[0]
    return {name: getattr(found, name) for name in ("year", "month", "day", "hour", "minute", "second")}


def ratio(a: float, b: float, digits: int | None = None, default: Any = 0) -> Any:
    """Return a/b, rounded half up to *digits* where given; *default* when *b* is 0."""
    if not b:
        return default
    value = a / b
    if digits is None:
        return value
    scaled = value * 10**digits
    if not math.isfinite(scaled):
        return value  # beyond what has places
    rounded = math.floor(abs(scaled) + 0.5 + 1e-9) * (1 if scaled >= 0 else -1) / 10**digits
    return int(rounded) if digits == 0 else rounded


def clamp(x: float, low: float, high: float) -> float:
    """Return *x*, but at least *low* and at most *high*."""
    return max(low, min(high, x))


def occurrences(text: Any, needle: str) -> int:
    """Return how often *needle* stands in *text*, literally, in any case; 0 where *text* is no text."""
    if not isinstance(text, str) or not needle:
        return 0
    return len(re.findall(re.escape(needle), text, re.IGNORECASE))


def replace_text(text: Any, needle: str, replacement: str) -> Any:
    """Return *text* with every literal *needle*, in any case, replaced; *text* itself where it is no text."""
    if not isinstance(text, str) or not needle:
        return text
    return re.sub(re.escape(needle), lambda _: replacement, text, flags=re.IGNORECASE)


def _short(text: Any) -> str:
    return text[:_LONGEST_TEXT] if isinstance(text, str) else ""


def matches(text: Any, regex: str) -> bool:
    """Return whether *regex* describes *text* from its start to its end."""
    return isinstance(text, str) and len(text) <= _LONGEST_TEXT and re.fullmatch(regex, text) is not None


def extract_all(text: Any, regex: str) -> list[str]:
    """Return the first group (or all) of every find of *regex* in *text*."""
    return [found.group(1 if found.re.groups else 0) or "" for found in re.finditer(regex, _short(text))]


def extract(text: Any, regex: str) -> Any:
    """Return the first group (or all) of the first find of *regex*; undefined when there is none."""
    found = re.search(regex, _short(text))
    return found.group(1 if found.re.groups else 0) if found else undefined("extract")


_MONTHS = {name.lower()[:3]: number for number, name in enumerate(calendar.month_name) if name}
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?"
_DAYS = re.compile(
    rf"(?P<iso>\b\d{{4}}-\d\d-\d\d\b)|\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?\b"
    rf"|\b(\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}(?:,?\s+(\d{{4}}))?\b",
    re.IGNORECASE,
)


def days_in(text: Any, year: int) -> list[str]:
    """Return the days that prose names, in its order, as "YYYY-MM-DD"; one without a year is in *year*."""
    found = []
    for hit in _DAYS.finditer(_short(text)):
        iso, month, day, said, other_day, other_month, other_said = hit.groups()
        try:
            if iso:
                found.append(Date.fromisoformat(iso).isoformat())
            else:
                number = _MONTHS[(month or other_month).lower()]
                found.append(Date(int(said or other_said or year), number, int(day or other_day)).isoformat())
        except ValueError:
            continue  # "February 30" names no day
    return found


def split(text: Any, separator: str = ",") -> list[str]:
    """Return the parts of *text*, trimmed, empty ones dropped."""
    return [part for raw in str(text or "").split(separator) if (part := raw.strip())]


def digest(text: Any, length: int = 16) -> str:
    """Return *length* hexadecimal characters that depend on *text* only."""
    return hashlib.blake2b(str(text).encode(), digest_size=32).hexdigest()[:length]


def merge(a: Any, b: Any) -> dict[str, Any]:
    """Return a's properties with b's laid over them."""
    return {**(a or {}), **(b or {})}


def deep_merge(a: Any, b: Any) -> Any:
    """Return *a* with *b* laid over it, mapping by mapping; anything else of *b* replaces."""
    if not isinstance(a, Mapping) or not isinstance(b, Mapping):
        return b
    return {**a, **{key: deep_merge(a[key], value) if key in a else value for key, value in b.items()}}


def pick(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the named properties that *mapping* has; a name may be a list of names."""
    made: dict[str, Any] = {}
    for entry in names:
        for name in (entry,) if isinstance(entry, str) else entry:
            if name in mapping:
                made[name] = mapping[name]
    return made


def omit(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return *mapping* without the named properties."""
    return {name: value for name, value in mapping.items() if name not in names}


def mapping_of(pairs: Iterable[Any]) -> dict[str, Any]:
    """Return a mapping of [key, value] pairs."""
    return {str(key): value for key, value in pairs}


def flat(lists: Iterable[Iterable[Any]]) -> list[Any]:
    """Return the entries of all *lists* in one."""
    return [entry for entries in lists for entry in entries]


FUNCTIONS: dict[str, Any] = {
    "add": add,
    "between": between,
    "epoch": epoch,
    "moment": moment,
    "date": date,
    "weekday": weekday,
    "format_time": format_time,
    "parts": parts,
    "ratio": ratio,
    "floor": math.floor,
    "ceil": math.ceil,
    "clamp": clamp,
    "occurrences": occurrences,
    "replace_text": replace_text,
    "matches": matches,
    "extract": extract,
    "extract_all": extract_all,
    "days_in": days_in,
    "split": split,
    "digest": digest,
    "merge": merge,
    "deep_merge": deep_merge,
    "pick": pick,
    "omit": omit,
    "mapping": mapping_of,
    "flat": flat,
    "rows_of": rows_of,
    "range": lambda *ends: list(range(*(min(int(end), 100_000) for end in ends))),
    "true": True,
    "false": False,
    "none": None,
}
