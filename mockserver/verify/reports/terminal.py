"""A report in a terminal: how far it is, what was found, what was seen, and the verdict."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TextIO

from mockserver.verify.coverage import Row
from mockserver.verify.findings import Finding
from mockserver.verify.phases import Progress
from mockserver.verify.report import Report
from mockserver.verify.reports.source import relative, source_of

Paint = Callable[[str, str], str]
"""Colours a text."""

MOST_ROWS = 120
"""Rows of the table; of more, those that are covered are only counted."""

MOST_CALLS = 12

MOST_OTHERS = 40
"""Findings of one cause that are named."""

FEW = 3
"""Calls of which it may be that none should succeed."""

_STYLES = {"finding": "red", "unstable": "yellow", "inconclusive": "yellow", "known": "blue"}
_MARKS = {
    "covered": ("✓", "green"),
    "broken": ("✗", "red"),
    "never seen": ("○", "yellow"),
    "undocumented": ("?", "magenta"),
    "not tested": ("-", "dim"),
}


class Live:
    """
    One line that says how far a run is, where somebody looks on.

    Args:
        stream: Where it stands; nothing is written where that is no terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None
        self._phase = ""
        self._started = 0.0

    def __call__(self, phase: str, progress: Progress) -> None:
        """Say that a case of *phase* is next."""
        if self._stream is None:
            return
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._started = phase, now
        spent = now - self._started
        left = spent / progress.done * (progress.total - progress.done) if progress.done else 0.0
        estimate = f", {left:.0f} s left" if progress.done and spent > 1 else ""
        text = f"{phase} {progress.done + 1}/{progress.total}{estimate}: {progress.what}"
        width = shutil.get_terminal_size().columns - 1
        self._stream.write("\r\x1b[K" + text[:width])
        self._stream.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._stream is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def lines(report: Report, paint: Paint) -> Iterator[str]:
    """Yield the report, line by line."""
    for group in report.groups():
        yield from _group(report, group, paint)
    yield from _table(report, paint)
    yield from _said(report, paint)
    yield from _rest(report, paint)
    yield verdict(report, paint)


def _group(report: Report, group: list[Finding], paint: Paint) -> Iterator[str]:
    """Say one cause: its first finding in full, the other operations by name."""
    finding = group[0]
    verdict = "" if finding.verdict == "finding" else f" ({finding.verdict})"
    others = f", and {len(group) - 1} more" if len(group) > 1 else ""
    yield f"{paint(finding.rule + verdict, _STYLES[finding.verdict])}  {finding.operation}{others}"
    yield f"  {finding.detail}"
    yield f"  {relative(finding.place.file)}:{finding.place.line}: {finding.place.pointer}"
    if source := source_of(finding.place):
        yield paint(f"  | {source}", "dim")
    expected, found = finding.sides()
    yield f"  expected {_short(expected)}   found {_short(found)}"
    for call in finding.calls[-MOST_CALLS:]:
        yield f"    {call.curl(report.base_url, report.secrets)}  {paint(f'# {call.answered}', 'dim')}"
    yield paint(f"  seed {finding.seed or report.seed}", "dim")
    if len(group) > 1:
        named = [f"{one.operation} {one.pointer}".rstrip() for one in group[1:]]
        more = f" and {len(named) - MOST_OTHERS} more" if len(named) > MOST_OTHERS else ""
        yield "  also: " + ", ".join(named[:MOST_OTHERS]) + more
    yield ""


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:97] + "..."


def _table(report: Report, paint: Paint) -> Iterator[str]:
    rows = report.coverage.rows
    if len(rows) > MOST_ROWS:
        rows = [row for row in rows if row.state in ("broken", "undocumented", "never seen")]
    for (method, path), group in groupby(rows, key=lambda row: (row.method, row.path)):
        yield f"{paint(method.ljust(6), 'bold')} {path}"
        for row in group:
            yield _line(row, paint)
    hidden = len(report.coverage.rows) - len(rows)
    if hidden:
        yield paint(f"({hidden} rows that are covered or not tested stand in the other reports)", "dim")


def _line(row: Row, paint: Paint) -> str:
    mark, style = _MARKS[row.state]
    media = " ".join(filter(None, [f"({row.request})" if row.request else "", row.media]))
    seen = f" {row.matches}/{row.attempts}" if row.documented and row.attempts else ""
    seen = seen or (f" {row.attempts}×" if row.attempts else "")
    why = f": {row.reason}" if row.reason else ""
    said = f"{paint(row.state + seen, style)}{paint(why, 'dim')}"
    return f"  {paint(mark, style)} {row.status:<7} {media:<34} {said}"


def _said(report: Report, paint: Paint) -> Iterator[str]:
    parameters = report.coverage.parameters
    named = [one for one in parameters if not one.name.startswith("body.")]
    never = [f"{one.operation} {one.name}" for one in named if not one.valid]
    listed = [one for one in parameters if one.values]
    values = sum(len(one.values) for one in listed)
    seen = sum(len(one.seen_values) for one in listed)
    if parameters:
        count = f"{len(named) - len(never)} of {len(named)}"
        yield f"parameters said: {count}; enumerated values: {seen} of {values}"
    if never:
        more = f" and {len(never) - 8} more" if len(never) > 8 else ""
        yield paint(f"  never said: {', '.join(never[:8])}{more}", "dim")


def _rest(report: Report, paint: Paint) -> Iterator[str]:
    for phase, case, why in report.not_run[:10]:
        yield paint(f"not run: {phase} {case}: {why}", "yellow")
    if len(report.not_run) > 10:
        yield paint(f"not run: {len(report.not_run) - 10} more", "yellow")
    whys: dict[str, int] = {}
    for one in report.outcomes("inconclusive"):
        whys[one.why] = whys.get(one.why, 0) + 1
    for why, count in sorted(whys.items(), key=lambda item: -item[1])[:6]:
        yield paint(f"inconclusive ×{count}: {why}", "dim")
    for entry in report.fixed:
        yield paint(f"fixed: {entry} stands in the baseline and was not found", "green")
    if report.left:
        yield paint(f"left behind on the server: {', '.join(report.left[:8])}", "yellow")
    if report.idle:
        yield paint(report.idle, "yellow")
    if said := _hint(report):
        yield paint(said, "yellow")
    if report.gone:
        yield paint(report.gone, "red")


def _hint(report: Report) -> str:
    """Return what may be wrong with the command where nothing at all succeeded."""
    statuses = Counter(call.status for call in report.calls if call.status)
    if sum(statuses.values()) < FEW or any(200 <= status < 400 for status in statuses):
        return ""
    status, count = statuses.most_common(1)[0]
    why = {401: ": --header gives credentials", 403: ": --header gives credentials"}.get(status, "")
    if status in (404, 405):
        why = f": do the contract's paths begin at {report.base_url}?"
    return f"nothing succeeded, and {count} of {len(report.calls)} calls are answered {status}{why}"


def verdict(report: Report, paint: Paint) -> str:
    """Return the last line."""
    broken = len(report.broken)
    known = sum(one.verdict == "known" for one in report.findings)
    said = [f"{broken or 'no'} finding{'s' * (broken != 1)}"]
    said += [f"{known} known"] * bool(known)
    said.append(f"{report.coverage.percent:.0f} % of the documented answers covered")
    said.append(f"{len(report.calls)} calls in {report.seconds:.1f} s")
    counts = [
        f"{count} {outcome}"
        for outcome in ("passed", "failed", "inconclusive", "skipped")
        if (count := len(list(report.outcomes(outcome))))
    ]
    said.append("checks: " + ", ".join(counts or ["none"]))
    said.append(f"seed {report.seed}")
    return paint(f"{report.api}: " + " · ".join(said), "red" if broken or report.gone else "green")
