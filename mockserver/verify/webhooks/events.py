"""
The webhooks of a contract: things are done that tell of themselves, and what comes is held.

Where behavior.yaml says when an event is emitted (`emit`), a walk is gone beside the
models, as in lockstep: what they agree on is what the delivery must say, and one that
does not come is missing. Without rules the documented calls that change something are
made; nobody knows what they tell, so only what comes is held.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from mockserver.behavior.model import Behavior, Rule
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json, Place
from mockserver.verify.calls import successful_call
from mockserver.verify.context import Context, Level
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.laws.asking import Asker, Unjudged
from mockserver.verify.laws.bodies import FULL
from mockserver.verify.phases import Case, Checked, Event
from mockserver.verify.requests import Unsayable
from mockserver.verify.rules.answered import Answered, Learned
from mockserver.verify.rules.comparing import Difference, Known, differences
from mockserver.verify.rules.model import Consulted, Model, Said
from mockserver.verify.rules.planning import Drawn, Planner, Step, drawn
from mockserver.verify.rules.printed import holds_documents
from mockserver.verify.rules.walking import Walker
from mockserver.verify.standing_in import Understudies
from mockserver.verify.webhooks.callbacks import PATIENCE, QUIET, again
from mockserver.verify.webhooks.catcher import Catcher, catching
from mockserver.verify.webhooks.deliveries import Told, held, repeated, shape_of, told, violations
from mockserver.verify.webhooks.pointing import Pointed, pointed, subscribing

CHECK = "webhooks/event"
LONGEST = 30.0
"""Seconds that the slowest sender is waited for."""

WALKS: dict[Level, int] = {"smoke": 1, "default": 2, "deep": 6}
STEPS: dict[Level, int] = {"smoke": 0, "default": 14, "deep": 20}
"""Level -> steps of each walk beside the first, which does everything once that tells of itself."""


class _Case(Case):
    """What both kinds share: point the implementation here, do things, hold what came."""

    kind = "telling"
    check = CHECK

    def run(self, context: Context) -> Iterator[Event]:
        """Do it, and yield what is seen."""
        with catching(context.catcher) as catcher:
            how = pointed(context, catcher)
            if how.why:
                for name in context.contract.webhooks:
                    yield self._unjudged(context, f"{name}: {how.why}")
                return
            heard = Heard(context, catcher, how)
            self.act(context, heard)
            catcher.wait(lambda _: False, QUIET)
            yield from self._judged(context, heard)

    def act(self, context: Context, heard: Heard) -> None:
        """Do what tells of itself."""
        raise NotImplementedError

    def _judged(self, context: Context, heard: Heard) -> Iterator[Event]:
        known = heard.told()
        found = [*heard.findings]
        for one in known:
            caused = heard.cause(one) or self.operations[0]
            found += held(context.contract, caused, one, heard.calls(), heard.how.secret)
        once = {name for name in heard.once if heard.more(name)}
        for one, why in repeated([x for x in known if x.event in once], alike=True):
            found.append(again(context, heard.cause(one) or self.operations[0], one, why, heard.calls()))
        for one, why in repeated([x for x in known if x.event not in once], alike=False):
            found.append(again(context, heard.cause(one) or self.operations[0], one, why, heard.calls()))
        yield from found
        if known and not found:
            for one in known:
                yield Checked((heard.cause(one) or self.operations[0]).id, self.check, "passed")
        elif not known:
            yield self._unjudged(context, heard.trouble or f"nothing came in {PATIENCE:g} seconds")

    def _unjudged(self, context: Context, why: str) -> Checked:
        operation = self.operations[0].id if self.operations else next(iter(context.contract.operations))
        return Checked(operation, self.check, "inconclusive", why)


@dataclass
class Heard:
    """
    What was expected to be told, and what was.

    Attributes:
        once: Events that are told by operations only, so that each is told once.
        trouble: Why nothing could be expected, "" where something was.
    """

    context: Context
    catcher: Catcher
    how: Pointed
    findings: list[Finding] = field(default_factory=list)
    once: frozenset[str] = frozenset()
    trouble: str = ""
    _expected: Counter[str] = field(default_factory=Counter)
    _causes: dict[str, Operation] = field(default_factory=dict)
    _log: list[Exchanged] = field(default_factory=list)
    _slowest: float = 0.0

    def told(self) -> list[Told]:
        """Return what came and is an event of the contract, in order."""
        webhooks = self.context.contract.webhooks
        return [one for each in list(self.catcher.caught) if (one := told(webhooks, each)) is not None]

    def more(self, event: str) -> bool:
        """Return whether an event came more often than it was to come: pausing again says the same again."""
        return sum(one.event == event for one in self.told()) > self._expected[event]

    def cause(self, one: Told) -> Operation | None:
        """Return the operation that was the last one to tell such an event."""
        return self._causes.get(one.event)

    def calls(self) -> tuple[Exchanged, ...]:
        """Return all calls so far: what subscribes, and what tells."""
        return (*self.how.calls, *self._log)

    def asked(self, operation: Operation, call: Exchanged) -> None:
        """Note a call of which nobody knows what it tells."""
        self._log.append(call)
        for name in self.context.contract.webhooks:
            self._causes.setdefault(name, operation)

    def follow(self, answered: Answered, kept: list[Said]) -> bool:
        """Wait for what the models say is told now, and compare it; return whether to go on."""
        operation, call = answered.step.operation, answered.reply.exchanged
        self._log.append(call)
        names = [[one.name for one in said.events] for said in kept]
        if any(each != names[0] for each in names):
            return False
        for index, happened in enumerate(kept[0].events):
            if happened.name not in self.context.contract.webhooks or happened.to is not None:
                continue
            self._causes[happened.name] = operation
            self._expected[happened.name] += 1
            payloads = [said.events[index].payload for said in kept]
            if not self._came(operation, happened.name, payloads, answered):
                return False
        return True

    def _came(self, operation: Operation, name: str, payloads: list[Json], answered: Answered) -> bool:
        wanted, asked = self._expected[name], answered.reply.exchanged.at or time.time()

        def enough(_: object) -> bool:
            return sum(one.event == name for one in self.told()) >= wanted

        patience = max(PATIENCE, min(LONGEST, 10 * self._slowest))
        if not self.catcher.wait(enough, patience):
            if self.told():  # it does send: this one it does not
                self.findings.append(self._missing(operation, name, patience))
            return False
        one = [one for one in self.told() if one.event == name][wanted - 1]
        self._slowest = max(self._slowest, one.delivery.at - asked)
        known = Known(answered.own, whole=False)
        shape = shape_of(one.operation)
        as_contracted = not violations(one.operation, one.delivery.request, self.how.secret)
        if as_contracted and payloads[0] is not MISSING and one.body is not MISSING:
            several = [
                {x.pointer: x for x in differences(payloads[0], other, one.body, shape, known)}
                for other in payloads[1:]
            ]
            for pointer, difference in several[0].items():
                if all(pointer in each for each in several):
                    place = self.context.contract.located(one.operation.place)
                    self.findings.append(self._wrong(operation, name, place, difference))
        return as_contracted and not self.findings

    def _missing(self, operation: Operation, name: str, patience: float) -> Finding:
        contract = self.context.contract
        told_by = contract.webhooks[name]
        return Finding(
            rule="webhooks/missing",
            operation=operation.id,
            detail=f"{operation.id} has succeeded, and {name} did not come in {patience:.1f} s; others did.",
            place=contract.located(told_by.place),
            pointer=name,
            expected=name,
            calls=self.calls(),
        )

    def _wrong(self, operation: Operation, name: str, place: Place, difference: Difference) -> Finding:
        return Finding(
            rule="webhooks/value",
            operation=operation.id,
            detail=f"In what is sent as {name} {difference}",
            place=place,
            pointer=f"{name}#{difference.pointer}",
            expected=None if difference.expected is MISSING else difference.expected,
            found=difference.found,
            calls=self.calls(),
        )


class ByRules(_Case):
    """A walk of what emits events."""

    def __init__(self, number: int, operations: tuple[Operation, ...]) -> None:
        self.number = number
        self.operations = operations

    def __str__(self) -> str:
        return f"events of walk {self.number}"

    def act(self, context: Context, heard: Heard) -> None:
        """Go a walk of operations that emit, and of what they need."""
        api, asker = context.api, Asker(context)
        model = Model(api, Consulted({}), start="documents", shift=1)
        ways = list(drawn(api.contract, api.behavior, model))
        items = {way.item for way in ways if emits(way.rule)}
        useful = [way for way in ways if emits(way.rule) or way.makes in items]
        printed = context.printed or holds_documents(api, asker)
        heard.once = _once(api.behavior)
        alone = context.puts_back
        walker = Walker(api, asker, useful, Learned(), printed=printed, alone=alone, hear=heard.follow)
        planner = Planner(_often(useful), str(context.seed), second=False)
        steps = (
            planner.walk(self.number, STEPS[context.level]) if self.number else _tour(useful, context.seed)
        )
        try:
            wrong, _ = walker.go(steps)
        except Unjudged as why:
            heard.trouble = str(why)
            return
        if wrong is not None:
            heard.trouble = f"{wrong.answered.step.operation.id} is not answered as the rules say"


class ByCalls(_Case):
    """The documented calls that change something, of a contract without rules."""

    def __init__(self, operations: tuple[Operation, ...]) -> None:
        self.operations = operations

    def __str__(self) -> str:
        return "events of what changes something"

    def act(self, context: Context, heard: Heard) -> None:
        """Make each call once; of a thing of our own where it needs one."""
        understudies = Understudies(context.contract)
        for operation in self.operations:
            try:
                said = successful_call(operation).said
            except Unsayable:
                continue
            if "{" in operation.route.template:
                with understudies.said(context, operation, said) as instead:
                    if instead is not None:
                        heard.asked(operation, context.ask(operation, instead))
            elif context.permits(operation, context.request(operation, said)):
                heard.asked(operation, context.ask(operation, said))
        heard.catcher.wait(lambda caught: len(caught) >= len(self.operations), PATIENCE)


def emits(rule: Rule) -> bool:
    """Return whether an operation tells of itself."""
    return bool(rule.events) or any(step.event is not None for step in rule.steps)


def _tour(ways: list[Drawn], seed: int) -> list[Step]:
    """Return a walk that does everything once that tells of itself, in the contract's order, to one thing."""
    random = Random(f"{seed}/events")
    telling = [way for way in ways if emits(way.rule)]
    wanted = {way.item for way in telling if way.item}
    steps: list[Step] = []
    for way in sorted(telling, key=lambda way: (not (way.makes in wanted and not way.item), way.deletes)):
        made = [number for number, step in enumerate(steps) if step.target is None]
        if way.item and not made:
            maker = next((one for one in ways if one.makes == way.item and not one.item), None)
            if maker is None:
                continue
            made = [len(steps)]
            steps.append(Step(maker.operation, None, FULL, random.randrange(10**6)))
        steps.append(Step(way.operation, made[0] if way.item else None, FULL, random.randrange(10**6)))
    return steps


def _often(ways: list[Drawn]) -> list[Drawn]:
    """Return *ways* with those that emit more often."""
    return [*ways, *(way for way in ways if emits(way.rule) and not way.deletes)]


def _once(behavior: Behavior) -> frozenset[str]:
    """Return the events that operations tell, and neither time nor anybody's hand."""
    names = {event.name for rule in behavior.rules.values() for event in rule.events}
    others = {event.name for one in behavior.collections.values() for due in one.due for event in due.events}
    return frozenset(names - others - behavior.triggers.keys())


def event_cases(context: Context) -> Iterator[Case]:
    """Yield the cases of the contract's webhooks."""
    contract = context.contract
    if not contract.webhooks:
        return
    if context.located.behavior_file is not None:
        rules = context.behavior.rules
        telling = tuple(contract.operations[name] for name, rule in rules.items() if emits(rule))
        for number in range(WALKS[context.level]):
            if telling:
                yield ByRules(number, telling)
        return
    subscribe = {operation.id for operation in subscribing(contract)}
    every = contract.operations.values()
    changing = [one for one in every if one.method in ("POST", "PUT", "PATCH") and not one.callbacks]
    yield ByCalls(tuple(one for one in changing if one.id not in subscribe))
