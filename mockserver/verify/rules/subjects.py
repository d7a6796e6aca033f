"""
How much is walked on purpose, and what is acted on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mockserver.exchange import Json
from mockserver.verify.context import Level
from mockserver.verify.rules.planning import Step
from mockserver.verify.rules.sketch import Sketch

STATES = 7
"""States of a thing that are told apart: by what may be done in them."""


@dataclass(frozen=True)
class Extent:
    """
    How much is walked.

    Attributes:
        forms: Of a change.
        states: In which a change is refused.
        others: Changes that follow a change.
        looks: Ways to read the thing that are taken after each change.
        lists: That are read at the end of a walk.
        below: Changes of what only the documents' own things have below them.
    """

    forms: int
    states: int
    others: int
    looks: int
    lists: int
    below: int


EXTENTS: dict[Level, Extent] = {
    "smoke": Extent(forms=4, states=1, others=0, looks=2, lists=1, below=1),
    "default": Extent(forms=24, states=3, others=12, looks=3, lists=2, below=4),
    "deep": Extent(forms=60, states=STATES, others=60, looks=9, lists=4, below=12),
}


@dataclass(frozen=True)
class Subject:
    """A thing to act on: how it is named in steps, after the steps that made it and one beside it."""

    sketch: Sketch
    target: int | None
    printed: Json
    beside: int | None

    def step(self, form: Step) -> Step:
        """Return *form*, done to it."""
        return replace(form, target=self.target, printed=self.printed)

    def fork(self) -> Subject:
        """Return the same in a sketch of its own."""
        return replace(self, sketch=self.sketch.fork())
