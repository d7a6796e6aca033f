"""
Walks as cases of the judge: gone beside the server, and shortened where something is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mockserver.contract.model import Contract, Operation
from mockserver.exchange import MISSING, Json
from mockserver.verify.context import Context, Level
from mockserver.verify.declared import declared
from mockserver.verify.findings import Finding
from mockserver.verify.laws.asking import Asker, Unjudged
from mockserver.verify.laws.trial import short
from mockserver.verify.phases import Case, Checked, Event
from mockserver.verify.rules.answered import Answered, Learned, Wrong, place_of
from mockserver.verify.rules.directing import Director
from mockserver.verify.rules.late import late_walks
from mockserver.verify.rules.model import Consulted, Model, There, keeps_apart
from mockserver.verify.rules.planning import Drawn, Planner, Speaker, Step, drawn
from mockserver.verify.rules.printed import holds_documents
from mockserver.verify.rules.probing import Probes
from mockserver.verify.rules.sketch import Studio
from mockserver.verify.rules.there import Finder
from mockserver.verify.rules.walking import Walker, Went, together

WALKS: dict[Level, tuple[int, int]] = {"smoke": (4, 10), "default": (14, 13), "deep": (120, 20)}
"""Level -> (walks, steps of each)."""

CHECK = "lockstep/rules"


class Run:
    """What all walks of a run share."""

    def __init__(self) -> None:
        self.learned = Learned()
        self.printed: bool | None = None
        self._there: There | None = None
        self._finder: Finder | None = None
        self._ways: list[Drawn] = []
        self._directors: dict[tuple[bool, bool], Director] = {}

    def walker(self, context: Context) -> Walker:
        """Return what goes walks in the context's server."""
        api = context.api
        asker = Asker(context)
        if self.printed is None:
            self.printed = context.printed or holds_documents(api, asker)
        return Walker(
            *(api, asker, self.ways(context), self.learned),
            printed=self.printed,
            alone=context.puts_back,
            there=self.there(context),
        )

    def there(self, context: Context) -> There:
        """Return rows that the server has already, as it shows them now: others may change them any time."""
        if self.printed and context.may_change:
            return {}  # the documents' own rows are acted on
        if self._finder is None:
            self._finder = Finder(context.api, self.ways(context))
        self._there = self._finder.found(Asker(context))
        return self._there

    def ways(self, context: Context) -> list[Drawn]:
        """Return how operations are asked."""
        if not self._ways:
            api = context.api
            model = Model(api, Consulted({}), start="documents", shift=1)
            self._ways = list(drawn(api.contract, api.behavior, model))
        return self._ways

    def director(self, context: Context) -> Director:
        """Return what plans walks on purpose, by the options that were learned so far."""
        walker, there = self.walker(context), self._there or {}
        printed = bool(self.printed and context.may_change)
        second = context.second is not None and keeps_apart(context.api)
        found = self._directors.get((printed, second))
        if found is None:
            ways = self.ways(context)
            taken = Consulted(self.learned.taken)
            model = Model(context.api, taken, start="documents", shift=1, there=there)
            model.still = True
            by_id = {way.operation.id: way for way in ways}
            studio = Studio(model, Speaker(ways), by_id, walker.reading.said)
            found = self._directors[printed, second] = Director(
                *(studio, context.level),
                printed=printed,
                there=there,
                free=context.may_change,
                second=second,
            )
        return found


class _Walking(Case):
    """Walks, gone beside the server."""

    kind = "walk"
    check = CHECK
    _run: Run
    _shortest: dict[tuple[str, str, str], list[Step]]

    def walks(self, context: Context) -> Iterable[list[Step]]:
        """Return the walks."""
        raise NotImplementedError

    @property
    def harm(self) -> int:
        """Walks change things, and delete only what they have made."""
        return 1

    def run(self, context: Context) -> Iterator[Event]:
        """Go the walks; shorten one where something is wrong."""
        fresh = True
        for steps in self.walks(context):
            if context.budget.over:
                return
            if not fresh:
                context.fresh()
            fresh = False
            yield from self._gone(context, steps)

    def _gone(self, context: Context, steps: list[Step]) -> Iterator[Event]:
        try:
            went = self._run.walker(context).go(steps)
        except Unjudged as why:
            yield Checked(steps[0].operation.id, CHECK, "inconclusive", str(why))
            return
        yield from self._told(context, steps, went)

    def _told(self, context: Context, steps: list[Step], went: Went) -> Iterator[Event]:
        wrong, log = went
        counted = Counter(one.step.operation.id for one in log)
        failed = wrong.answered.step.operation.id if wrong is not None else ""
        for operation, count in sorted(counted.items()):
            if operation != failed:
                yield Checked(operation, CHECK, "passed", count=count)
        shown = (failed, wrong.pointer) if wrong is not None else ("", "")
        if wrong is not None and shown not in self._run.learned.wrong:
            self._run.learned.wrong.add(shown)
            yield self._finding(context, *self._shortened(context, steps, wrong, log))

    def again(self, context: Context, finding: Finding) -> bool:
        """Go the shortest walk once more; what does not come again may yet be found by another one."""
        steps = self._shortest.get(finding.identity)
        if steps is None:
            return super().again(context, finding)
        held = self._comes_again(context, finding, steps)
        if not held:
            self._run.learned.wrong.discard((finding.operation, finding.pointer))
        return held

    def _comes_again(self, context: Context, finding: Finding, steps: list[Step]) -> bool:
        try:
            walker = self._run.walker(context)
            walker.searching, walker.probes = False, _probes(finding.operation, finding.pointer)
            wrong, _ = walker.go(steps)
        except Unjudged:
            return False
        return wrong is not None and (wrong.answered.step.operation.id, wrong.pointer) == (
            finding.operation,
            finding.pointer,
        )

    def _shortened(
        self, context: Context, steps: list[Step], wrong: Wrong, log: list[Answered]
    ) -> tuple[Wrong, list[Answered], list[Step]]:
        """Leave out steps, many at once and then one by one, as long as the same thing is wrong."""
        places = {id(step): at for at, step in enumerate(steps)}  # an equal one may stand before it
        steps = steps[: places[id(wrong.answered.step)] + 1]
        size = max(1, len(steps) // 2)
        while not context.budget.over:
            index = len(steps) - 1
            while index > 0 and not context.budget.over:
                fewer = _without(steps, range(max(0, index - size), index))
                index -= size
                if fewer is None:
                    continue
                context.fresh()
                found, way = self._try(
                    context, fewer, _probes(wrong.answered.step.operation.id, wrong.pointer)
                )
                if found is not None and found.pointer == wrong.pointer and _same(found, wrong):
                    steps, wrong, log = fewer, found, way
                    index = min(index, len(steps) - 1)
            if size == 1:
                break
            size //= 2
        return wrong, log, steps

    def _try(
        self, context: Context, steps: list[Step], probes: Probes
    ) -> tuple[Wrong | None, list[Answered]]:
        try:
            walker = self._run.walker(context.forked())
            walker.searching, walker.probes = False, probes
            return walker.go(steps)
        except Unjudged:
            return None, []

    def _finding(self, context: Context, wrong: Wrong, log: list[Answered], steps: list[Step]) -> Finding:
        reply, operation = wrong.answered.reply, wrong.answered.step.operation
        difference = wrong.difference
        near = declared(context.contract, operation, wrong.pointer, reply.exchanged)
        place = place_of(wrong.rule, near)
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


def _probes(operation: str, pointer: str) -> Probes:
    """Return what asks nothing wrongly but what was found so."""
    return Probes(only=(operation, pointer))


def _same(one: Wrong, other: Wrong) -> bool:
    return one.answered.step.operation.id == other.answered.step.operation.id


def _without(steps: list[Step], left_out: Iterable[int]) -> list[Step] | None:
    """Leave out some steps, and those that hang on what they made or said; None where the last is one."""
    gone = set(left_out)
    kept: dict[int, Step] = {}
    moved: dict[int | None, int | None] = {}
    for number, step in enumerate(steps):
        if number in gone or step.target in gone or step.again in gone:
            gone.add(number)
            continue
        target, again = (moved.get(one, one) for one in (step.target, step.again))
        moved[number] = len(kept)
        same = (target, again) == (step.target, step.again)
        kept[number] = step if same else replace(step, target=target, again=again)
    return list(kept.values()) if len(steps) - 1 in kept else None


class WalkCase(_Walking):
    """One walk that is drawn."""

    def __init__(self, number: int, length: int, contract: Contract, run: Run) -> None:
        self.number = number
        self._length = length
        self._run = run
        self._shortest = {}
        self.operations = tuple(contract.operations.values())

    def __str__(self) -> str:
        return f"walk {self.number} by the rules"

    def walks(self, context: Context) -> Iterable[list[Step]]:
        """Return the walk."""
        there = self._run.there(context)
        planner = Planner(self._run.ways(context), str(context.seed), context.second is not None, there)
        return [planner.walk(self.number, self._length)]


class DirectedCase(_Walking):
    """The walks on purpose that are about one operation."""

    def __init__(self, operation: Operation, run: Run) -> None:
        self.operations = (operation,)
        self._run = run
        self._shortest = {}

    def __str__(self) -> str:
        return f"{self.operations[0].id} by the rules"

    def walks(self, context: Context) -> Iterable[list[Step]]:
        """Return the walks, planned when they are asked for."""
        director = self._run.director(context)
        way = next(
            (one for one in self._run.ways(context) if one.operation.id == self.operations[0].id), None
        )
        return director.walks(way) if way is not None else ()

    def run(self, context: Context) -> Iterator[Event]:
        """Go them; say why there are none."""
        gone = False
        for event in super().run(context):
            gone = True
            yield event
        way = next(
            (one for one in self._run.ways(context) if one.operation.id == self.operations[0].id), None
        )
        why = self._run.director(context).why_not(way) if way is not None and not gone else ""
        if why:
            yield Checked(self.operations[0].id, CHECK, "skipped", why)


class LateCase(_Walking):
    """Changes of things that were made a while ago, all beside each other: they wait only once."""

    def __init__(self, contract: Contract, run: Run) -> None:
        self._run = run
        self._shortest = {}
        self.operations = tuple(contract.operations.values())

    def __str__(self) -> str:
        return "changes after a while by the rules"

    def walks(self, context: Context) -> Iterable[list[Step]]:
        """Return the walks, planned when they are asked for."""
        return late_walks(self._run.director(context), self._run.ways(context))

    def run(self, context: Context) -> Iterator[Event]:
        """Go all walks beside each other; shorten those where something is wrong."""
        walker = self._run.walker(context)
        walker.alone = False  # each finds what the others have made
        walks = list(self.walks(context))
        for steps, came in zip(walks, together(map(walker.going, walks)), strict=True):
            if isinstance(came, Unjudged):
                yield Checked(steps[0].operation.id, CHECK, "inconclusive", str(came))
                continue
            if came[0] is None:
                yield from self._told(context, steps, came)
            else:  # what comes of others' things being there, too, is nothing of its own
                context.fresh()
                yield from self._gone(context, steps)


def walk_cases(contract: Contract, level: Level) -> Iterable[Case]:
    """Yield the walks of a run: those on purpose, operation by operation, then those that are drawn."""
    run = Run()
    for operation in contract.operations.values():
        yield DirectedCase(operation, run)
    yield LateCase(contract, run)
    count, length = WALKS[level]
    for number in range(count):
        yield WalkCase(number, length, contract, run)
