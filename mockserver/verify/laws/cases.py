"""
The laws as cases of the judge: one law on one thing, run on its own, and shown again the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.contract.model import Contract, Operation
from mockserver.verify.context import Context
from mockserver.verify.declared import declared
from mockserver.verify.findings import Finding
from mockserver.verify.laws import (
    acting,
    adding,
    addresses,
    besides,
    births,
    bounds,
    changing,
    clocks,
    combining,
    composing,
    conditions,
    copying,
    counting,
    echoing,
    edges,
    emptying,
    entering,
    gone,
    hiding,
    inequalities,
    keeping,
    narrowing,
    ordering,
    overviews,
    pages,
    pairing,
    parts,
    putting,
    referring,
    refusing,
    repeating,
    searching,
    stamping,
    standing,
    states,
    tenants,
    touching,
)
from mockserver.verify.laws.asking import Asker, Broken, Inconclusive, Unsupported
from mockserver.verify.laws.items import Learned
from mockserver.verify.laws.things import Thing, things
from mockserver.verify.laws.trial import Law, Trial
from mockserver.verify.laws.workshop import Workshop
from mockserver.verify.phases import Case, Checked, Event

LAWS: tuple[Law, ...] = (
    *keeping.LAWS,
    *addresses.LAWS,
    *entering.LAWS,
    *births.LAWS,
    *clocks.LAWS,
    *repeating.LAWS,
    *changing.LAWS,
    *emptying.LAWS,
    *conditions.LAWS,
    *edges.LAWS,
    *narrowing.LAWS,
    *combining.LAWS,
    *searching.LAWS,
    *ordering.LAWS,
    *pages.LAWS,
    *counting.LAWS,
    *besides.LAWS,
    *parts.LAWS,
    *echoing.LAWS,
    *overviews.LAWS,
    standing.READING,
    *adding.LAWS,
    *referring.LAWS,
    *pairing.LAWS,
    *composing.LAWS,
    *acting.LAWS,
    *copying.LAWS,
    *hiding.LAWS,
    *stamping.LAWS,
    *states.LAWS,
    *touching.LAWS,
    *tenants.LAWS,
    *refusing.LAWS,
    *inequalities.LAWS,
    *putting.LAWS,
    *bounds.LAWS,
    *gone.LAWS,
)
"""What takes things away comes last."""


class LawCase(Case):
    """One law on one thing."""

    kind = "law"

    def __init__(self, law: Law, thing: Thing, every: list[Thing], learned: Learned) -> None:
        self.law = law
        self.thing = thing
        self._every = every
        self._learned = learned
        self.operations = _about(law, thing)
        self.skip = law.missing(thing)

    @property
    def check(self) -> str:
        """The name of the law."""
        return f"lockstep/{self.law.name}"

    def __str__(self) -> str:
        return f"{self.law.name} of {self.thing.resource.path}"

    def run(self, context: Context) -> Iterator[Event]:
        """Try the law, and clean up."""
        operation = self.operations[0].id
        workshop = Workshop(asker_of(context, self._every), self._every, self._learned)
        try:
            self.law.judge(Trial(self.law.name, self.thing, workshop))
            yield Checked(operation, self.check, "passed")
        except Broken as broken:
            yield finding_of(context, self.check, broken)
        except Unsupported as why:
            yield Checked(operation, self.check, "skipped", str(why))
        except Inconclusive as why:
            yield Checked(operation, self.check, "inconclusive", str(why))
        finally:
            workshop.clean()


def asker_of(context: Context, every: Iterable[Thing]) -> Asker:
    """Return what asks for *every* thing as its operations want to be told."""
    return Asker(context, carried={name: one for thing in every for name, one in thing.carried.items()})


def _about(law: Law, thing: Thing) -> tuple[Operation, ...]:
    """Return the operations that *law* is about on *thing*, the one whose answer it holds first."""
    resource = thing.resource
    wanted = [law.about, "create", "read", "list", "patch", "replace", "delete"]
    found = [operation for kind in wanted if (operation := resource.operation(kind)) is not None]
    return tuple(dict.fromkeys(found))


def finding_of(context: Context, check: str, broken: Broken) -> Finding:
    """Return what is reported of a broken law."""
    calls = tuple(reply.exchanged for reply in broken.replies)
    place = broken.place
    if place is None:
        place = declared(context.contract, broken.operation, broken.pointer, calls[-1] if calls else None)
    return Finding(
        rule=check,
        operation=broken.operation.id,
        detail=broken.detail,
        place=context.contract.located(place),
        pointer=broken.pointer,
        expected=broken.expected,
        found=broken.found,
        calls=calls,
        seed=str(context.seed),
    )


def law_cases(contract: Contract, *, quick: bool = False) -> Iterable[LawCase]:
    """Yield every law on every thing of *contract*; only the quick ones where *quick*."""
    every, learned = things(contract), Learned()
    for law in LAWS:
        if quick and not law.quick:
            continue
        for thing in every:
            if law is standing.READING and thing.create is not None:
                continue
            fitting = standing.STANDING.get(law.name, law) if thing.create is None else law
            case = LawCase(fitting, thing, every, learned)
            if case.operations:
                yield case
