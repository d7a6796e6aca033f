"""
Run phases, one case after the other, and put together what they say.

A finding is seen twice, or it is none: each is shown once more on a fresh world,
and what does not come again is "unstable". An answer that breaks its contract is a
fact by itself: see `passing`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mockserver.verify.context import Context
from mockserver.verify.findings import Finding
from mockserver.verify.passing import in_passing
from mockserver.verify.phases import Case, Checked, Event, Outcome, Phase, Progress
from mockserver.verify.report import Report
from mockserver.verify.target import Gone

Notice = Callable[[str, Progress], None]
"""Hears how far a phase is: its name, and the case that is next."""

MOST_AGAIN = 20
"""Findings of one case that are shown once more; the rest of it stands or falls with them."""


@dataclass
class Judged:
    """
    What came of one case.

    Attributes:
        events: In order; findings are marked with the check that found them, and unstable where they are.
        not_run: Why it was not run though it could have been, "" where it was.
    """

    events: list[Checked | Finding]
    not_run: str = ""


def run(context: Context, phases: Sequence[Phase], notice: Notice | None = None) -> Report:
    """Run *phases* and return all that there is to say."""
    report = Report(context.contract.name, context.target.url, context.seed, calls=context.record)
    for phase in phases:
        cases = cases_of(context, phase)
        for count, case in enumerate(cases):
            if notice is not None:
                notice(phase.name, Progress(count, len(cases), str(case)))
            _add(
                report,
                phase.name,
                case,
                Judged([], report.gone) if report.gone else _tried(context, case, report),
            )
    if not report.gone:
        report.left = context.tidy()
    report.seconds = context.budget.spent
    return report


def cases_of(context: Context, phase: Phase) -> list[Case]:
    """Return the cases of *phase* that are in this shard; where nothing is put back, harm comes last."""
    cases = [case for case in phase.cases(context) if not case.operations or context.has(case.operations[0])]
    return cases if context.puts_back else sorted(cases, key=lambda case: case.harm)


def _tried(context: Context, case: Case, report: Report) -> Judged:
    """Judge a case; of a server that goes away meanwhile, say so, and ask nothing more."""
    if report.gone:
        return Judged([], report.gone)
    try:
        return judged(context, case)
    except Gone as error:
        report.gone = str(error)
        return Judged([], report.gone)


def judged(context: Context, case: Case) -> Judged:
    """Run one case on a fresh world, and see each finding once more. pytest calls this, too."""
    if case.skip:
        return Judged([Checked(one.id, case.check, "skipped", case.skip) for one in case.operations[:1]])
    if context.budget.over:
        return Judged([], "no time was left")
    context.fresh()
    start = len(context.record)
    events: list[Event] = list(case.run(context))
    asked = context.record[start:]
    said = [_marked(case, event) for event in events if not isinstance(event, Progress)]
    count = 0
    for index, event in enumerate(said):
        if isinstance(event, Finding) and event.verdict == "finding" and count < MOST_AGAIN:
            count += 1
            if not _again(context, case, event):
                said[index] = replace(event, verdict="unstable")
    told = {one.identity for one in said if isinstance(one, Finding) and one.verdict == "finding"}
    known = context.told | told
    said += [replace(one, check="contract/answer") for one in in_passing(context.contract, asked, known)]
    context.told |= known
    return Judged(said)


def _marked(case: Case, event: Checked | Finding) -> Checked | Finding:
    if isinstance(event, Finding) and not event.check:
        return replace(event, check=case.check)
    return event


def _again(context: Context, case: Case, finding: Finding) -> bool:
    if context.budget.over:
        return True
    context.fresh()
    return case.again(context.forked(), finding)


def _add(report: Report, phase: str, case: Case, found: Judged) -> None:
    if found.not_run:
        report.not_run.append((phase, str(case), found.not_run))
    for event in found.events:
        if isinstance(event, Checked):
            report.add(event)
            continue
        report.findings.append(event)
        outcome: Outcome = "failed" if event.verdict == "finding" else "inconclusive"
        report.add(Checked(event.operation, event.check, outcome, event.detail, event.place))
