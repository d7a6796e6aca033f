"""
Walks as cases of the judge: gone beside the server, and shortened where something is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from mockserver.contract.lines import line_of
from mockserver.contract.model import Contract
from mockserver.exchange import MISSING, Json, Place
from mockserver.verify.context import Context, Level
from mockserver.verify.findings import Finding
from mockserver.verify.laws.asking import Asker, Unjudged
from mockserver.verify.laws.trial import short
from mockserver.verify.phases import Case, Checked, Event
from mockserver.verify.rules.answered import Answered, Wrong
from mockserver.verify.rules.model import Consulted, Model
from mockserver.verify.rules.planning import Drawn, Planner, Step, drawn
from mockserver.verify.rules.printed import holds_documents
from mockserver.verify.rules.probing import Probes
from mockserver.verify.rules.reaching import Reaching
from mockserver.verify.rules.walking import Learned, Walker

WALKS: dict[Level, tuple[int, int]] = {"smoke": (4, 10), "default": (14, 13), "deep": (120, 20)}
"""Level -> (walks, steps of each)."""

CHECK = "lockstep/rules"


class Run:
    """What all walks of a run share."""

    def __init__(self) -> None:
        self.learned = Learned()
        self.printed: bool | None = None
        self.found: set[tuple[str, str]] = set()
        """(operation, pointer) of what was found: it is shown once."""


class WalkCase(Case):
    """One walk."""

    kind = "walk"

    def __init__(self, number: int, length: int, contract: Contract, run: Run) -> None:
        self.number = number
        self._length = length
        self._run = run
        self._shortest: dict[tuple[str, str, str], list[Step]] = {}
        self.operations = tuple(contract.operations.values())

    @property
    def check(self) -> str:
        """The same for all walks."""
        return CHECK

    def __str__(self) -> str:
        return f"walk {self.number} by the rules"

    @property
    def harm(self) -> int:
        """Walks change things, and delete only what they have made."""
        return 1

    def run(self, context: Context) -> Iterator[Event]:
        """Go the walk; shorten it where something is wrong."""
        ways, walker = self._walker(context)
        for steps in self._planned(context, ways, walker):
            yield from self._gone(context, walker, steps)

    def _planned(self, context: Context, ways: list[Drawn], walker: Walker) -> Iterable[list[Step]]:
        del walker
        yield Planner(ways, str(context.seed), context.second is not None).walk(self.number, self._length)

    def _gone(self, context: Context, walker: Walker, steps: list[Step]) -> Iterator[Event]:
        try:
            wrong, log = walker.go(steps)
        except Unjudged as why:
            yield Checked(steps[0].operation.id, CHECK, "inconclusive", str(why))
            return
        counted = Counter(one.step.operation.id for one in log)
        failed = wrong.answered.step.operation.id if wrong is not None else ""
        for operation, count in sorted(counted.items()):
            if operation != failed:
                yield Checked(operation, CHECK, "passed", count=count)
        shown = (failed, wrong.pointer) if wrong is not None else ("", "")
        if wrong is not None and shown not in self._run.found:
            self._run.found.add(shown)
            yield self._finding(context, *self._shortened(context, steps, wrong, log))

    def again(self, context: Context, finding: Finding) -> bool:
        """Go the shortest walk once more."""
        steps = self._shortest.get(finding.identity)
        if steps is None:
            return super().again(context, finding)
        try:
            walker = self._walker(context)[1]
            walker.searching, walker.probes = False, _probes(finding.operation, finding.pointer)
            wrong, _ = walker.go(steps)
        except Unjudged:
            return False
        return wrong is not None and (wrong.answered.step.operation.id, wrong.pointer) == (
            finding.operation,
            finding.pointer,
        )

    def _walker(self, context: Context) -> tuple[list[Drawn], Walker]:
        api, run = context.api, self._run
        asker = Asker(context)
        if run.printed is None:
            run.printed = context.printed or holds_documents(api, asker)
        model = Model(api, Consulted({}), start="documents", shift=1)
        ways = list(drawn(api.contract, api.behavior, model))
        alone = context.puts_back
        return ways, Walker(api, asker, ways, run.learned, printed=run.printed, alone=alone)

    def _shortened(
        self, context: Context, steps: list[Step], wrong: Wrong, log: list[Answered]
    ) -> tuple[Wrong, list[Answered], list[Step]]:
        """Leave out steps as long as the same thing is wrong."""
        last = steps.index(wrong.answered.step)
        steps = steps[: last + 1]
        index = len(steps) - 2
        while index >= 0 and not context.budget.over:
            fewer = _without(steps, index)
            if fewer is not None:
                context.fresh()
                found, way = self._try(
                    context, fewer, _probes(wrong.answered.step.operation.id, wrong.pointer)
                )
                if found is not None and found.pointer == wrong.pointer and _same(found, wrong):
                    steps, wrong, log = fewer, found, way
                    index = min(index, len(steps) - 1)
            index -= 1
        return wrong, log, steps

    def _try(
        self, context: Context, steps: list[Step], probes: Probes
    ) -> tuple[Wrong | None, list[Answered]]:
        try:
            walker = self._walker(context.forked())[1]
            walker.searching, walker.probes = False, probes
            return walker.go(steps)
        except Unjudged:
            return None, []

    def _finding(self, context: Context, wrong: Wrong, log: list[Answered], steps: list[Step]) -> Finding:
        reply, operation = wrong.answered.reply, wrong.answered.step.operation
        difference = wrong.difference
        place = place_of(wrong.rule, context.contract.located(operation.place))
        expected: Json
        found: Json
        if wrong.probe and difference is not None:
            expected, found = "a refusal", reply.status
            name, _, keyword = wrong.probe.rpartition("/")
            detail = (
                f"{operation.id} takes {name.replace('/', '.')} as {short(difference.found)}, "
                f"which {keyword} excludes."
            )
        elif difference is None:
            expected, found = wrong.expected, reply.status
            detail = f"{operation.id} is answered {reply.status}, and the rules say {wrong.expected}."
        else:
            expected, found = difference.expected, difference.found
            detail = f"In the answer of {operation.id} {difference}"
        made = Finding(
            rule=CHECK,
            operation=operation.id,
            detail=detail,
            place=place,
            pointer=wrong.pointer,
            expected=None if expected is MISSING else expected,
            found=found,
            calls=tuple(one.reply.exchanged for one in log),
            seed=str(context.seed),
        )
        self._shortest[made.identity] = steps
        return made


class ReachingCase(WalkCase):
    """The ways to what passes only in some state."""

    def __str__(self) -> str:
        return "ways by the rules to what passes only in some state"

    def _planned(self, context: Context, ways: list[Drawn], walker: Walker) -> Iterable[list[Step]]:
        model = Model(context.api, Consulted({}), start="documents", shift=1)
        for steps in Reaching(ways, walker.speaker, model, walker.reading).walks():
            context.fresh()
            yield steps


def _probes(operation: str, pointer: str) -> Probes:
    """Return what asks nothing wrongly but what was found so."""
    return Probes(only=(operation, pointer))


def _same(one: Wrong, other: Wrong) -> bool:
    return one.answered.step.operation.id == other.answered.step.operation.id


def _without(steps: list[Step], index: int) -> list[Step] | None:
    """Return *steps* without one; None where another acts on what it made."""
    if any(step.target == index for step in steps):
        return None
    return [
        step if step.target is None or step.target < index else _moved(step)
        for number, step in enumerate(steps)
        if number != index
    ]


def _moved(step: Step) -> Step:
    return replace(step, target=step.target - 1 if step.target is not None else None)


def walk_cases(contract: Contract, level: Level) -> Iterable[WalkCase]:
    """Yield the walks of a run."""
    run = Run()
    count, length = WALKS[level]
    yield ReachingCase(count, length, contract, run)
    for number in range(count):
        yield WalkCase(number, length, contract, run)


def place_of(rule: str, fallback: Place) -> Place:
    """Return the place that a rule's text ("file#pointer" or "file:line") names."""
    file, mark, pointer = rule.partition("#")
    if mark:
        return Place(file, pointer, line_of(Path(file), pointer))
    return fallback
