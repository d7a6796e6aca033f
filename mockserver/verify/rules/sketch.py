"""
Try steps on a model before a server is asked: which of them the rules accept, and where they lead.

A plan that nobody tried asks for what is refused most of the time: a run that is
resumed must have been paused, and before that started. So a planner goes its steps
on a model of its own first, and keeps those that get somewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mockserver.behavior.world import Rehearsal, World
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Arguments, Json
from mockserver.verify.laws.asking import Unsupported
from mockserver.verify.requests import Key
from mockserver.verify.rules.comparing import scalars
from mockserver.verify.rules.model import Model, Undecided
from mockserver.verify.rules.model import Said as Answer
from mockserver.verify.rules.planning import STRANGE, Drawn, Speaker, Step

Reads = Callable[[Operation, dict[Key, Json], Json], Arguments | None]
"""Says parameters and a body, and reads them as the contract does; None where they break it."""


@dataclass(frozen=True)
class Studio:
    """What all sketches share: how a step becomes a request, and a request an answer of the model's."""

    model: Model
    speaker: Speaker
    ways: dict[str, Drawn]
    read: Reads

    def asked(self, step: Step, key: Any, row: dict[str, Json], token: str) -> Arguments | None:
        """Return what *step* asks; None where it cannot be said, or is no valid request."""
        try:
            parameters, body = self.speaker.say(step, key, token, row)
        except Unsupported:
            return None
        return self.read(step.operation, parameters, body)


@dataclass
class Sketch:
    """
    Steps so far, and the model's world after them.

    Attributes:
        made: Step -> (collection, key) of what it has made.
    """

    studio: Studio
    world: World
    steps: list[Step] = field(default_factory=list)
    made: dict[int, tuple[str, Any]] = field(default_factory=dict)

    def fork(self) -> Sketch:
        """Return a sketch that begins as this one is now."""
        return Sketch(self.studio, self.world.copy(), list(self.steps), dict(self.made))

    def accepts(self, step: Step) -> bool:
        """Return whether the rules let *step* be done now; nothing is kept."""
        said = self._said(step, keep=False)
        return said is not None and not said.refused and said.status < 300

    def answers(self, step: Step) -> bool:
        """Return whether the rules say anything of *step* now, be it a refusal."""
        return self._said(step, keep=False) is not None

    def refusal(self, step: Step) -> str:
        """Return the rule that refuses *step* now, "" where none does."""
        said = self._said(step, keep=False)
        return said.rule if said is not None and said.refused else ""

    def shown(self, step: Step) -> Json:
        """Return what is answered to *step* now; `MISSING` where the rules do not say."""
        said = self._said(step, keep=False)
        return said.body if said is not None and not said.refused else MISSING

    def names(self, step: Step) -> bool:
        """Return whether the answer to *step* says how what it makes is called."""
        said = self._said(step, keep=False)
        keys = said.made.get(self.studio.ways[step.operation.id].makes, ()) if said is not None else ()
        return said is not None and bool(keys) and keys[0] in set(scalars(said.body))

    def add(self, step: Step) -> bool:
        """Do *step*, and return whether it was accepted; what cannot be said is left out."""
        said = self._said(step, keep=True)
        if said is None:
            return False
        way = self.studio.ways[step.operation.id]
        keys = said.made.get(way.makes, ()) if way.makes and not said.refused else ()
        if keys:
            self.made[len(self.steps)] = (way.makes, keys[0])
        self.steps.append(step)
        return not said.refused and said.status < 300

    def note(self, step: Step) -> None:
        """Add a step that changes nothing, whatever comes of it."""
        self.steps.append(step)

    def row(self, step: Step) -> dict[str, Json]:
        """Return what the row has that *step* is about; {} for none."""
        at = self._at(step)
        return dict(self.world.tables[at[0]].rows.get(at[1], {})) if at is not None else {}

    def about(self, target: int | None, printed: Json, collection: str) -> dict[str, Json]:
        """Return what the row of *collection* has that is named so; {} for none."""
        key = printed
        if printed is MISSING:
            key = self.made[target][1] if target in self.made else None
        return dict(self.world.tables[collection].rows.get(key, {}))

    def _at(self, step: Step) -> tuple[str, Any] | None:
        if step.printed is not MISSING:
            return self.studio.ways[step.operation.id].item, step.printed
        return self.made.get(step.target) if step.target is not None else None

    def _said(self, step: Step, *, keep: bool) -> Answer | None:
        studio, at = self.studio, self._at(step)
        way = studio.ways[step.operation.id]
        if step.target == STRANGE or (at is None and (way.item or step.target is not None)):
            return None
        arguments = studio.asked(
            step, at[1] if at is not None else None, self.row(step), f"qplan{len(self.steps)}"
        )
        if arguments is None:
            return None
        model = studio.model
        before, model.world = model.world, self.world if keep else self.world.copy()
        try:
            if keep:
                return model.keep(step.operation, arguments, model.account, Rehearsal(""))
            return model.plan(step.operation, arguments, model.account)
        except Undecided:
            return None
        finally:
            model.world = before
