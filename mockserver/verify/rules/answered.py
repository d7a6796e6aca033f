"""
Steps of a walk as they were answered, and what an answer is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.exchange import Arguments
from mockserver.verify.laws.asking import Reply
from mockserver.verify.rules.comparing import Difference
from mockserver.verify.rules.model import Said
from mockserver.verify.rules.planning import Step


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
