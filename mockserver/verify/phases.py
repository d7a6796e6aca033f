"""
What the judge runs: phases, made of cases, that say what they see.

A phase knows its cases from the contract alone, before there is a server: so
pytest can name them, a shard can take its part of them, and what was not run
can be listed. A case is also what is run once more to see whether a finding
comes again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol

from mockserver.contract.model import Operation
from mockserver.errors import UsageError, nearest
from mockserver.exchange import Place
from mockserver.verify.findings import Finding

if TYPE_CHECKING:
    from mockserver.verify.context import Context

Outcome = Literal["passed", "failed", "skipped", "inconclusive"]
"""Of a check. Skipped: the contract does not determine it. Inconclusive: the environment did not allow it."""


@dataclass(frozen=True)
class Progress:
    """How far a case is, of what it means to do; `what` is for a person."""

    done: int
    total: int
    what: str = ""


@dataclass(frozen=True)
class Checked:
    """
    One check of one operation came out.

    Attributes:
        operation: The operation's id.
        check: A stable name, "<phase>/<check>", e.g. "lockstep/lost-update". Told again, the worse outcome
            stays and the counts add up.
        why: Of what was not passed, one sentence.
        place: The rule; the operation where it is None.
        count: How often it was made.
    """

    operation: str
    check: str
    outcome: Outcome
    why: str = ""
    place: Place | None = None
    count: int = 1


Event = Progress | Checked | Finding
"""What a case may yield. A `Finding` needs no `Checked` beside it: it is a failed one of its own."""


class Case(ABC):
    """
    One thing that a phase does: a documented call, the properties of a resource, a walk in lockstep.

    Attributes:
        kind: What it is, for pytest: the name of the argument that a test asks for, e.g. "call".
        operations: Those that it is about, the first above all; none where it is about all.
        skip: Why it cannot be run, known from the contract; "" where it can.
    """

    kind: str = ""
    operations: tuple[Operation, ...] = ()
    skip: str = ""

    @property
    @abstractmethod
    def check(self) -> str:
        """The name of its check in reports, "<phase>/<check>"."""

    @abstractmethod
    def run(self, context: Context) -> Iterator[Event]:
        """
        Do it, and yield what is seen, findings last.

        Whatever is sent goes through `context.send` or `context.ask`: they record it. Long cases look at
        `context.budget.over` between calls.
        """

    def again(self, context: Context, finding: Finding) -> bool:
        """
        Return whether *finding* is seen once more; the world was put back first, where that is possible.

        Here the whole case is run again; one that knows a shorter way takes it.
        """
        identity = finding.identity
        return any(isinstance(one, Finding) and one.identity == identity for one in self.run(context))

    @property
    def harm(self) -> int:
        """Where nothing is put back what reads goes first, and what deletes last."""
        method = self.operations[0].method if self.operations else ""
        return {"GET": 0, "HEAD": 0, "DELETE": 2}.get(method, 1)


class Phase(Protocol):
    """One of the judge's phases. Its name is what `--phases` takes."""

    name: str

    def cases(self, context: Context) -> Iterable[Case]:
        """Yield its cases, in a fixed order. Nothing is sent: `context.target` may not be there yet."""
        ...


PHASES = {
    "examples": "mockserver.verify.examples:Examples",
    "properties": "mockserver.verify.properties.phase:Properties",
    "lockstep": "mockserver.verify.lockstep:Lockstep",
    "webhooks": "mockserver.verify.webhooks.phase:Webhooks",
}
"""Name -> class. A phase is imported when it is run: schemathesis takes a second."""


def phases_of(names: Iterable[str]) -> list[Phase]:
    """
    Return the phases of these names, in the table's order.

    Raises:
        UsageError: There is none of such a name.
    """
    wanted = list(names)
    for name in wanted:
        if name not in PHASES:
            known = ", ".join(PHASES)
            raise UsageError(f"--phases {name!r}: there are {known}.{nearest(name, PHASES)}")
    return [_phase(PHASES[name]) for name in PHASES if name in wanted]


def _phase(path: str) -> Phase:
    module, _, name = path.partition(":")
    made: Phase = getattr(import_module(module), name)()
    return made
