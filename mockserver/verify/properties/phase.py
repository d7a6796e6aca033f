"""
The phase: one case for each resource of the contract.

A resource's operations go through the engine together, so that what one makes
another can use; and on a mock each begins with a fresh world, so that the same
seed asks the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

from mockserver.contract.model import Operation
from mockserver.verify.context import NOT_OURS, Context
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.phases import Case, Checked, Event, Progress
from mockserver.verify.properties.acceptance import Accepted
from mockserver.verify.properties.certain import REFUSES_VALID, Doubt, Judge
from mockserver.verify.properties.engine import Asked, Scenario, Unreadable, label_of, scenarios
from mockserver.verify.replay import replayed
from mockserver.verify.resources import resources
from mockserver.verify.verdicts import held, meant


class Properties:
    """The phase."""

    name = "properties"

    def cases(self, context: Context) -> Iterator[Case]:
        """Yield a case for each resource."""
        for name, operations in resources(context.contract).items():
            mine = tuple(one for one in operations if context.has(one))
            if mine:
                yield Properly(name, mine)


class Properly(Case):
    """The operations of one resource, asked with what is drawn."""

    kind = "resource"
    check = "properties/requests"

    def __init__(self, name: str, operations: tuple[Operation, ...]) -> None:
        self.name = name
        self.operations = operations

    def __str__(self) -> str:
        return self.name

    def run(self, context: Context) -> Iterator[Event]:
        """Run the engine, and yield what is certain of what it says."""
        telling = _Telling(context, self.operations)
        try:
            for count, scenario in enumerate(scenarios(telling.asked())):
                yield Progress(count, len(self.operations) * 2 + 1, scenario.operation or scenario.phase)
                telling.hear(scenario)
                if context.budget.over:
                    break
        except Unreadable as error:
            yield from (
                Checked(one.id, self.check, "skipped", f"schemathesis: {error}") for one in self.operations
            )
            return
        yield from telling.concluded()

    def again(self, context: Context, finding: Finding) -> bool:
        """Make its calls once more, and look at the last answer."""
        if finding.rule == f"properties/{REFUSES_VALID}" and not self._still_accepted(context, finding):
            return False
        last = replayed(context, finding.calls)
        if last is None or last.response is None:
            return finding.rule == "contract/answer"
        if finding.rule.startswith("contract/"):
            operation = context.contract.operations[finding.operation]
            found = {one.identity for one in held(context.contract, operation, last)}
            before = finding.calls[-1].response
            differs = before is not None and before.status != last.response.status
            return finding.identity in found or (differs and not context.puts_back)
        if last.response.status == finding.found:
            return True
        return not context.puts_back and last.response.status in (404, 409, 410, 429)

    def _still_accepted(self, context: Context, finding: Finding) -> bool:
        """
        Return whether what was accepted beside a refused request still is.

        What is asked of one thing may be refused for what has become of the thing since.
        """
        if "{" not in context.contract.operations[finding.operation].route.template:
            return True
        last = replayed(context, finding.calls[:-1])
        return last is not None and last.response is not None and 200 <= last.response.status < 300


class _Telling:
    """What a walk hears, and what comes of it."""

    def __init__(self, context: Context, operations: tuple[Operation, ...]) -> None:
        self.context = context
        self.operations = {label_of(one): one for one in operations}
        self.accepted = Accepted()
        self.headers = {**context.target.headers, **context.shown(operations)}
        self.judge = Judge(context.contract, context.behavior, self.accepted, self.headers)
        self.passed: Counter[tuple[str, str]] = Counter()
        self.scenarios: list[Scenario] = []

    def asked(self) -> Asked:
        """Return what is asked of the engine."""
        context = self.context
        return Asked(
            contract=context.contract,
            operations=tuple(self.operations.values()),
            base_url=context.target.url,
            headers=self.headers,
            keys={
                scheme.name: context.first.token
                for scheme in context.contract.security_schemes.values()
                if scheme.kind == "apiKey" and scheme.location != "header"
            },
            seed=context.seed,
            level=context.level,
            permits=self._permits,
            noted=self._noted,
            over=lambda: context.budget.over,
            timeout=context.target.timeout,
            harmless=not context.may_change,
        )

    def _permits(self, label: str, path: Mapping[str, object]) -> bool:
        operation = self.operations.get(label)
        if operation is None or self.context.may_change:
            return True
        captured = {name: quote(str(value), safe="") for name, value in path.items()}
        return self.context.created.permits(operation, captured)

    def _noted(self, label: str, call: Exchanged) -> None:
        operation = self.operations.get(label)
        if operation is not None:
            self.context.created.note(operation, meant(operation, call))

    def hear(self, scenario: Scenario) -> None:
        """Keep what a scenario says, and record its calls."""
        self.passed.update(scenario.checks)
        meaning: list[Exchanged] = []
        for call in scenario.calls:
            operation = self.operations.get(call.operation)
            kept = self.context.keep(call, operation.id if operation is not None else "")
            meaning.append(replace(kept, operation=call.operation))
            if operation is not None and self._is_valid(operation, kept):
                self.accepted.note(operation, kept)
        self.scenarios.append(replace(scenario, calls=tuple(meaning)))

    def _is_valid(self, operation: Operation, call: Exchanged) -> bool:
        """Return whether a request keeps the contract: what is taken besides says nothing of what is not."""
        captured = self.context.captured(operation, call.request.path)
        return call.status < 300 and self.judge.violations(operation, call, captured) == []

    def concluded(self) -> Iterator[Event]:
        """Yield checks and findings, each finding once, with the shortest way to it."""
        found: dict[tuple[str, str, str], Finding] = {}
        doubts: dict[tuple[str, str], str] = {}
        for scenario in self.scenarios:
            if scenario.trouble:
                yield from self._troubled(scenario)
            for failed in scenario.failed:
                operation = self.operations.get(failed.call.operation)
                if operation is None:
                    continue
                failed = replace(failed, call=meant(operation, failed.call))
                captured = self.context.captured(operation, failed.call.request.path)
                try:
                    findings = self.judge.findings(operation, failed, captured)
                except Doubt as doubt:
                    doubts.setdefault((operation.id, f"properties/{failed.check}"), str(doubt))
                    continue
                for one in findings:
                    before = found.get(one.identity)
                    if before is None or _length(one) < _length(before):
                        found[one.identity] = one
        for call in (call for scenario in self.scenarios for call in scenario.calls):
            operation = self.operations.get(call.operation)
            if operation is not None:
                captured = self.context.captured(operation, call.request.path)
                for one in self.judge.taken(operation, call, captured):
                    found.setdefault(one.identity, one)
        for (label, check), count in sorted(self.passed.items()):
            if label in self.operations:
                yield Checked(self.operations[label].id, f"properties/{check}", "passed", count=count)
        for (operation_id, check), why in doubts.items():
            yield Checked(operation_id, check, "passed", why)
        yield from found.values()

    def _troubled(self, scenario: Scenario) -> Iterator[Event]:
        operation = self.operations.get(scenario.operation)
        named = [operation] if operation is not None else list(self.operations.values())[:1]
        for one in named:
            held_back = not self.context.may_change and not self.context.created.permits(one, {})
            filtered = held_back and "filtered out" in scenario.trouble  # all that were drawn, by us
            why = NOT_OURS if filtered else scenario.trouble
            yield Checked(one.id, "properties/requests", "inconclusive", why)


def _length(finding: Finding) -> tuple[int, int]:
    calls = finding.calls
    return len(calls), sum(len(one.request.body) + len(one.request.target) for one in calls)
