"""
What came of the steps of walks: their answers, what is wrong with one, and what a run has learned from all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mockserver.contract.lines import line_of
from mockserver.exchange import Arguments, Json, Place
from mockserver.verify.laws.asking import Reply
from mockserver.verify.rules.comparing import Difference
from mockserver.verify.rules.model import Said
from mockserver.verify.rules.planning import Step
from mockserver.verify.rules.probing import Probes


@dataclass(frozen=True, eq=False)
class Answered:
    """One step as it was answered: what is needed to go it again with other models, without the server."""

    step: Step
    arguments: Arguments
    reply: Reply
    own: frozenset[str]


@dataclass(frozen=True, eq=False)
class Wrong:
    """What an answer is not."""

    answered: Answered
    difference: Difference | None
    expected: int
    rule: str
    probe: str = ""

    @property
    def pointer(self) -> str:
        """Where, with "*" for indexes, or what was asked wrongly; "" for the status."""
        if self.probe:
            return self.probe
        return self.difference.pointer if self.difference is not None else ""


Hear = Callable[[Answered, list[Said]], bool]
"""Is told of a step that was right, with what each model says of it; returns whether to go on."""


@dataclass
class Learned:
    """
    What a run has learned of a server: the options that it takes, and what it was told by.

    Attributes:
        wrong: (operation, pointer) of what no option explains; it is shown once.
    """

    taken: dict[str, Json] = field(default_factory=dict)
    walks: list[list[Answered]] = field(default_factory=list)
    wrong: set[tuple[str, str]] = field(default_factory=set)
    probes: Probes = field(default_factory=Probes)


def place_of(rule: str, fallback: Place) -> Place:
    """Return the place that a rule's text ("file#pointer" or "file:line") names."""
    file, mark, pointer = rule.partition("#")
    if mark:
        return Place(file, pointer, line_of(Path(file), pointer))
    return fallback
