"""A report in a terminal: how far it is, what was found, and the verdict."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from mockserver.verify.findings import Finding
from mockserver.verify.phases import Progress
from mockserver.verify.report import Report

Paint = Callable[[str, str], str]
"""Colours a text."""


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
    for finding in report.findings:
        yield from _finding(report, finding, paint)
    yield verdict(report, paint)


def _finding(report: Report, finding: Finding, paint: Paint) -> Iterator[str]:
    title = finding.rule if finding.verdict == "finding" else f"{finding.rule} ({finding.verdict})"
    yield f"{paint(title, 'red' if finding.verdict == 'finding' else 'yellow')}  {finding.operation}"
    yield f"  {finding.detail}"
    yield f"  {finding.place}: {finding.place.pointer}"
    expected, found = finding.sides()
    yield f"  expected: {expected}"
    yield f"  found:    {found}"
    for call in finding.calls:
        yield f"    {call.curl(report.base_url)}"
    yield ""


def verdict(report: Report, paint: Paint) -> str:
    """Return the last line."""
    broken = len(report.broken)
    said = [f"{broken or 'no'} finding{'s' * (broken != 1)}", f"{len(report.calls)} calls"]
    for outcome in ("passed", "inconclusive", "skipped"):
        said.append(f"{len(list(report.outcomes(outcome)))} checks {outcome}")
    said.append(f"seed {report.seed}")
    return paint(f"{report.api}: " + ", ".join(said), "red" if broken else "green")
