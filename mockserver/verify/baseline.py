"""
Findings that are known: listed, and not counted.

An entry is an operation, a rule and a pointer, and never a value, a seed or an
id: the same fault found with other data is the same. People add why it is
there, and until when; an entry that is over counts as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import yaml

from mockserver.errors import UsageError
from mockserver.exchange import Json
from mockserver.verify.findings import of_any
from mockserver.verify.report import Report

VERSION = 1
_KEYS = {"operation", "rule", "pointer", "reason", "expires", "about"}


@dataclass(frozen=True)
class Entry:
    """
    One known finding.

    Attributes:
        reason: Why it is known and left, in a person's words.
        expires: The last day on which it is; None for always.
        about: What was found, for a reader; written by us and never read.
    """

    operation: str
    rule: str
    pointer: str = ""
    reason: str = ""
    expires: date | None = None
    about: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What it is known by."""
        return (self.operation, self.rule, of_any(self.pointer))

    def __str__(self) -> str:
        return " ".join(filter(None, self.identity))


def read(path: Path) -> list[Entry]:
    """
    Return the entries of a baseline; none where the file is not there yet.

    Raises:
        UsageError: It is no baseline.
    """
    if not path.exists():
        return []
    try:
        said = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"--baseline {path}: {' '.join(str(error).split())}") from error
    if (
        not isinstance(said, dict)
        or said.get("version") != VERSION
        or not isinstance(said.get("known"), list)
    ):
        raise UsageError(f"--baseline {path}: expected 'version: {VERSION}' and a list 'known'")
    return [_entry(path, index, one) for index, one in enumerate(said["known"])]


def _entry(path: Path, index: int, said: Json) -> Entry:
    where = f"--baseline {path}: known[{index}]"
    if not isinstance(said, dict) or not {"operation", "rule"} <= said.keys() or said.keys() - _KEYS:
        raise UsageError(f"{where}: expected {', '.join(sorted(_KEYS))}; operation and rule are needed")
    expires = said.get("expires")
    if isinstance(expires, str):
        try:
            expires = date.fromisoformat(expires)
        except ValueError:
            raise UsageError(f"{where}: expires {expires!r} is no date, e.g. 2026-12-31") from None
    if expires is not None and not isinstance(expires, date):
        raise UsageError(f"{where}: expires {expires!r} is no date, e.g. 2026-12-31")
    return Entry(
        str(said["operation"]),
        str(said["rule"]),
        str(said.get("pointer") or ""),
        str(said.get("reason") or ""),
        expires,
        str(said.get("about") or ""),
    )


def applied(report: Report, entries: Iterable[Entry], today: date) -> None:
    """Mark what is known in *report*, and note what is known and was asked for, and not found."""
    known = {one.identity: one for one in entries if one.expires is None or one.expires >= today}
    found = {one.identity for one in report.findings}
    for index, finding in enumerate(report.findings):
        entry = known.get(finding.identity)
        if entry is not None and finding.verdict == "finding":
            why = f" (known: {entry.reason})" if entry.reason else ""
            report.findings[index] = replace(finding, verdict="known", detail=finding.detail + why)
    failing = {one.identity for one in report.broken}
    for key, checked in report.ran.items():
        told = report.found_by.get(key, set())  # none where another rule told of it
        if checked.outcome == "failed" and told and failing.isdisjoint(told):
            report.ran[key] = replace(
                checked, outcome="inconclusive", why="what fails is known to the baseline"
            )
    asked = {operation for operation, _ in report.ran}
    if not report.not_run:
        report.fixed = [
            str(one) for one in known.values() if one.identity not in found and one.operation in asked
        ]


def written(path: Path, report: Report, entries: Iterable[Entry]) -> None:
    """Write what is found now; reasons and days of entries that stay are kept, what is fixed goes."""
    before = {one.identity: one for one in entries}
    asked = {operation for operation, _ in report.ran}
    kept = {
        one.identity: one
        for one in before.values()
        if one.operation not in asked or report.not_run  # of what was not asked nothing is known now
    }
    for finding in report.findings:
        if finding.verdict in ("finding", "known"):
            entry = before.get(finding.identity) or Entry(*finding.identity, about=finding.detail)
            kept[entry.identity] = entry
    said = {"version": VERSION, "known": [_said(kept[key]) for key in sorted(kept)]}
    path.write_text(yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=110), "utf-8")


def _said(entry: Entry) -> dict[str, Json]:
    said: dict[str, Json] = {"operation": entry.operation, "rule": entry.rule}
    for name in ("pointer", "about", "reason", "expires"):
        if value := getattr(entry, name):
            said[name] = value
    return said
