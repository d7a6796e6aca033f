"""
What a run has to say, before anybody has decided how it looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mockserver.verify.findings import Exchanged, Finding
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
        left: What was made on the server and could not be taken away.
        gone: That the server stopped answering, and at which call; "" where it did not.
    """

    api: str
    base_url: str
    seed: int
    findings: list[Finding] = field(default_factory=list)
    ran: dict[tuple[str, str], Checked] = field(default_factory=dict)
    not_run: list[tuple[str, str, str]] = field(default_factory=list)
    calls: list[Exchanged] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    gone: str = ""
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
        return 0 if self.outcomes("passed", "failed", "inconclusive") else 2
