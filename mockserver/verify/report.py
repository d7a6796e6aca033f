"""
What a run has to say, before anybody has decided how it looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mockserver.verify.coverage import Coverage
from mockserver.verify.findings import Exchanged, Finding, of_any
from mockserver.verify.phases import Checked

_GRAVITY = {"skipped": 0, "passed": 1, "inconclusive": 2, "failed": 3}


@dataclass
class Report:
    """
    All that a run has to say.

    Attributes:
        findings: In the order in which they were found, also those that were not seen again.
        ran: (operation, check) -> how it came out; every check that was made or skipped.
        not_run: (phase, case, why) of what was meant to be run.
        calls: Every call, in order.
        found_by: (operation, check) -> the identities of what it found, were it not the first to do so.
        coverage: What was seen of the contract.
        fixed: Entries of the baseline that were asked for and not found.
        left: What was made on the server and could not be taken away.
        secrets: Value of a header field -> the variable that stands for it; None where that is not known.
        idle: Why nothing was to be asked: a shard of a contract with fewer resources; "" where something was.
        gone: That the server stopped answering, and at which call; "" where it did not.
    """

    api: str
    base_url: str
    seed: int
    findings: list[Finding] = field(default_factory=list)
    ran: dict[tuple[str, str], Checked] = field(default_factory=dict)
    not_run: list[tuple[str, str, str]] = field(default_factory=list)
    calls: list[Exchanged] = field(default_factory=list)
    found_by: dict[tuple[str, str], set[tuple[str, str, str]]] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=lambda: Coverage([], []))
    fixed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    idle: str = ""
    gone: str = ""
    secrets: Mapping[str, str] | None = None
    seconds: float = 0.0

    def add(self, checked: Checked) -> None:
        """Count a check; of one that was made before the worse outcome stays."""
        key = (checked.operation, checked.check)
        before = self.ran.get(key)
        if before is None:
            self.ran[key] = checked
            return
        worse = max(before, checked, key=lambda one: _GRAVITY[one.outcome])
        self.ran[key] = replace(worse, count=before.count + checked.count)

    def outcomes(self, *wanted: str) -> Iterable[Checked]:
        """Return the checks that came out as one of *wanted*."""
        return [one for one in self.ran.values() if one.outcome in wanted]

    def groups(self) -> list[list[Finding]]:
        """Return the findings, those of one cause together: one rule, at one place or everywhere alike."""
        grouped: dict[tuple[object, ...], list[Finding]] = {}
        for one in self.findings:
            where = one.kin or (one.place.file, one.place.pointer, of_any(one.pointer))
            grouped.setdefault((one.verdict, one.rule, where), []).append(one)
        order = {"finding": 0, "unstable": 1, "inconclusive": 2, "known": 3}
        return sorted(grouped.values(), key=lambda group: order[group[0].verdict])

    def add_finding(self, finding: Finding) -> None:
        """Keep a finding; of one that was made before, the shorter calls."""
        self.found_by.setdefault((finding.operation, finding.check), set()).add(finding.identity)
        for index, one in enumerate(self.findings):
            if (one.identity, one.verdict) == (finding.identity, finding.verdict):
                if len(finding.calls) < len(one.calls):
                    self.findings[index] = finding
                return
        self.findings.append(finding)

    @property
    def broken(self) -> list[Finding]:
        """The findings that count: seen twice, and known to no baseline."""
        return [one for one in self.findings if one.verdict == "finding"]

    @property
    def code(self) -> int:
        """1 where the contract is broken, 3 where the server went away, 2 where nothing was asked, else 0."""
        if self.broken:
            return 1
        if self.gone:
            return 3
        return 0 if self.idle or self.outcomes("passed", "failed", "inconclusive") else 2
