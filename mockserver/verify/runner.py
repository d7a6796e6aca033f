"""
Run phases, one case after the other, and put together what they say.

A finding is seen twice, or it is none: each is shown once more on a fresh world, with
time for what was changed to be seen everywhere, and what does not come again is
"unstable". An answer that breaks its contract is a fact by itself: see `passing`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mockserver.exchange import Response
from mockserver.verify.circumstances import NOT_THE_SERVERS, OTHERWISE
from mockserver.verify.context import Context
from mockserver.verify.coverage import covered
from mockserver.verify.findings import Finding, Verdict
from mockserver.verify.passing import in_passing
from mockserver.verify.phases import Case, Checked, Outcome, Phase, Progress
from mockserver.verify.replay import replayed
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
        not_run: Why it was not run, or not to its end, though it could have been; "" where it was.
        gone: That the server stopped answering, "" where it did not.
    """

    events: list[Checked | Finding]
    not_run: str = ""
    gone: str = ""


def run(context: Context, phases: Sequence[Phase], notice: Notice | None = None) -> Report:
    """Run *phases* and return all that there is to say."""
    report = Report(context.contract.name, context.target.url, context.seed, calls=context.record)
    report.secrets = context.secrets
    shard = context.shard
    if shard.count > 1 and not any(map(context.has, context.contract.operations.values())):
        report.idle = f"shard {shard.index}/{shard.count} has no operations: there are fewer resources"
    for phase in phases:
        cases = cases_of(context, phase)
        for count, case in enumerate(cases):
            if notice is not None:
                notice(phase.name, Progress(count, len(cases), str(case)))
            _add(report, phase.name, case, _tried(context, case, report))
    if not report.gone:
        report.left = context.tidy()
    report.coverage = covered(context, context.record, report.ran.values())
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
    found = judged(context, case)
    report.gone = found.gone
    return found


def judged(context: Context, case: Case) -> Judged:
    """Run one case on a fresh world, and see each finding once more. pytest calls this, too."""
    if case.skip:
        return Judged([Checked(one.id, case.check, "skipped", case.skip) for one in case.operations[:1]])
    if context.budget.over:
        return Judged([], "no time was left")
    said: list[Checked | Finding] = []
    start = len(context.record)
    try:
        context.fresh()
        said += (_marked(case, one) for one in case.run(context) if not isinstance(one, Progress))
        _look_again(context, case, said, start)
    except Gone as error:
        return Judged(said, str(error), str(error))
    return Judged(said)


def _look_again(context: Context, case: Case, said: list[Checked | Finding], start: int) -> None:
    """See each finding once more, and hold all answers since *start* to the contract."""
    asked = context.record[start:]
    count = 0
    for index, event in enumerate(said):
        if isinstance(event, Finding) and event.verdict == "finding" and count < MOST_AGAIN:
            count += 1
            if not _again(context, case, event):
                said[index] = replace(event, verdict="unstable")
        said[index] = _first_crash(context, said[index])
    told = {one.identity for one in said if isinstance(one, Finding) and one.verdict == "finding"}
    known = context.told | told
    for one in in_passing(context.contract, asked, known):
        found = replace(one, check="contract/answer", verdict=_lasting(context, one))
        said.append(_first_crash(context, found))
    seen, context.seen = [*context.seen], []
    for one in seen:
        if one.identity not in known:
            known.add(one.identity)
            said.append(replace(one, check="contract/answer"))
    context.told |= known


def _first_crash(context: Context, event: Checked | Finding) -> Checked | Finding:
    """
    Return *event*, as a check that failed where another rule has told of its operation that it crashes.

    An undocumented 500 to a good request breaks two rules, the contract's and that no server fails.
    """
    if not (isinstance(event, Finding) and event.verdict == "finding" and event.crashes):
        return event
    if event.operation in context.crashed and event.identity not in context.told:
        return Checked(event.operation, event.check, "failed", event.detail, event.place)
    context.crashed.add(event.operation)
    return event


def _marked(case: Case, event: Checked | Finding) -> Checked | Finding:
    if not isinstance(event, Finding):
        return event
    last = event.calls[-1].response if event.calls else None
    elsewhere = last is not None and (
        last.status in NOT_THE_SERVERS or (event.rule.startswith("lockstep/") and _is_stored(last))
    )
    return replace(
        event,
        check=event.check or case.check,
        verdict="inconclusive" if elsewhere and event.verdict == "finding" else event.verdict,
    )


def _is_stored(response: Response) -> bool:
    """Return whether an answer is a cache's, and tells what was a while ago (RFC 9111, 5.1)."""
    return response.header("age").isdecimal() and int(response.header("age")) > 0


def _again(context: Context, case: Case, finding: Finding) -> bool:
    if context.budget.over or _is_fact(finding):
        return True
    context.fresh()
    fork = context.forked()
    fork.patience = 0.0 if context.target.is_mock else context.target.settles
    if case.again(fork, finding):
        return True
    # A name that is taken now, a thing that is gone: not the same question, where nothing was put back.
    answers = {call.response.status for call in fork.record if call.response is not None}
    last = finding.calls[-1].response if finding.calls else None
    failed = last is not None and last.status >= 500
    return not context.puts_back and not failed and not answers.isdisjoint(OTHERWISE)


def _lasting(context: Context, finding: Finding) -> Verdict:
    """Ask once more what failed in passing; a hiccup that does not come again is unstable."""
    if _is_fact(finding) or context.budget.over or context.puts_back:
        return finding.verdict
    last = replayed(context.forked(), finding.calls)
    if last is None or last.response is None:
        return finding.verdict
    return "unstable" if last.response.status < 500 else finding.verdict


def _is_fact(finding: Finding) -> bool:
    """
    Return whether a finding need not be seen again: an answer that is no failure, and breaks its contract.

    It is never right. What it was about may be another thing by now: a list that has become empty has nothing
    wrong in it, which does not mend what it said before.
    """
    last = finding.calls[-1].response if finding.calls else None
    return finding.rule.startswith("contract/") and last is not None and last.status < 500


def _add(report: Report, phase: str, case: Case, found: Judged) -> None:
    if found.not_run:
        report.not_run.append((phase, str(case), found.not_run))
    for event in found.events:
        if isinstance(event, Checked):
            report.add(event)
            continue
        report.add_finding(event)
        outcome: Outcome = "failed" if event.verdict == "finding" else "inconclusive"
        report.add(Checked(event.operation, event.check, outcome, event.detail, event.place))
