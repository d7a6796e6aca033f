"""What a difference looks like: in a terminal, as JSON, and as annotations on GitHub."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.exchange import Json, Place
from mockserver.verify.diff.changes import Change, Difference
from mockserver.verify.diff.rules import SEVERITIES, Severity
from mockserver.verify.reports.annotations import Level, annotation
from mockserver.verify.reports.source import relative

VERSION = 1
"""Of the JSON; raised when a key changes its meaning or goes."""

_TITLES: dict[Severity, str] = {
    "breaking": "Breaking",
    "warning": "Possibly breaking",
    "info": "Harmless",
}
_COLOURS: dict[Severity, str] = {"breaking": "red", "warning": "yellow", "info": "green"}
_LEVELS: dict[Severity, Level] = {
    "breaking": "error",
    "warning": "warning",
    "info": "notice",
}

Paint = Callable[[str, str], str]
"""Colours a text; the text as it is where there is no terminal."""


def text(difference: Difference, paint: Paint) -> Iterator[str]:
    """Yield lines for a person, by severity; what is the same in several operations stands once."""
    for severity in SEVERITIES:
        found = difference.of(severity)
        if not found:
            continue
        yield paint(f"{_TITLES[severity]} ({len(found)})", _COLOURS[severity])
        for group in _grouped(found):
            yield from _shown(difference, group, paint)
        yield ""
    yield summary(difference)


def _shown(difference: Difference, group: list[Change], paint: Paint) -> Iterator[str]:
    change = group[0]
    title = change.title or "the whole contract"
    more = f" and {len(group) - 1} more" if len(group) > 1 else ""
    used = "" if change.used is None else _used(group)
    yield f"  {paint(change.rule, 'bold')}  {title}{more}{used}"
    yield f"    {change.text}"
    yield f"    {_line(difference, change.old, True)} -> {_line(difference, change.new, False)}"
    for other in group[1:6]:
        yield paint(f"      {other.title}", "dim")
    if len(group) > 6:
        yield paint(f"      ... {len(group) - 6} more", "dim")


def _used(group: list[Change]) -> str:
    return "  (used)" if any(change.used for change in group) else "  (by no recorded consumer)"


def _grouped(changes: list[Change]) -> list[list[Change]]:
    """Put together what is said of the same two places in several operations."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.rule, change.old, change.new), []).append(change)
    return list(groups.values())


def _line(difference: Difference, place: Place, old: bool) -> str:
    return str((difference.old if old else difference.new).located(place))


def summary(difference: Difference) -> str:
    """Return one line: how many of each, and what of it touches the record."""
    if not difference.changes:
        return "No change that a consumer or the provider could see."
    counts = ", ".join(
        f"{len(difference.of(severity))} {_TITLES[severity].lower()}" for severity in SEVERITIES
    )
    breaking = difference.of("breaking")
    if not breaking or breaking[0].used is None:
        return counts
    used = sum(change.used is True for change in breaking)
    if not used:
        return f"{counts}: breaking, but not for any recorded consumer"
    return f"{counts}: {used} of the breaking ones touch a recorded consumer"


# ----------------------------------------------------------------------------------------------------- JSON


def as_json(difference: Difference) -> Json:
    """Return the difference as JSON, `version` first."""
    return {
        "version": VERSION,
        "old": _contract(difference, True),
        "new": _contract(difference, False),
        "summary": {severity: len(difference.of(severity)) for severity in SEVERITIES},
        "changes": [_change(difference, change) for change in difference.changes],
    }


def _contract(difference: Difference, old: bool) -> Json:
    contract = difference.old if old else difference.new
    return {"name": contract.name, "file": contract.file, "version": contract.version}


def _change(difference: Difference, change: Change) -> Json:
    method, _, path = change.title.partition(" ")
    where = change.where
    said: dict[str, Json] = {
        "rule": change.rule,
        "severity": change.severity,
        "operation": change.operation,
        "method": method,
        "path": path,
        "text": change.text,
        "old": _place(difference, change.old, True),
        "new": _place(difference, change.new, False),
        "in": where.kind if where is not None else "",
        "name": where.name if where is not None else "",
        "status": where.status if where is not None else "",
        "mediaType": where.media if where is not None else "",
        "pointer": change.pointer,
    }
    if change.used is not None:
        said["used"] = change.used
    return said


def _place(difference: Difference, place: Place, old: bool) -> Json:
    found = (difference.old if old else difference.new).located(place)
    return {"file": found.file, "line": found.line, "pointer": found.pointer}


# --------------------------------------------------------------------------------------------------- GitHub


def github(difference: Difference) -> Iterator[str]:
    """Yield GitHub's workflow commands that annotate the newer contract's lines."""
    for change in difference.changes:
        place = difference.new.located(change.new)
        detail = f"{change.title}: {change.text}" if change.title else change.text
        yield annotation(_LEVELS[change.severity], relative(place.file), place.line, change.rule, detail)
