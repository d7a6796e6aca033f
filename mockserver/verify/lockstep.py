"""
The lockstep phase: what holds across calls.

The laws of any collection are tried on what a contract draws (`laws`); where
behavior.yaml says more, its rules are run beside the server, step by step.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.verify.context import Context
from mockserver.verify.laws.cases import law_cases
from mockserver.verify.phases import Case
from mockserver.verify.rules.cases import walk_cases


class Lockstep:
    """The phase."""

    name = "lockstep"

    def cases(self, context: Context) -> Iterable[Case]:
        """Yield the laws on everything that the contract draws, and walks where there are rules."""
        yield from law_cases(context.contract, quick=context.level == "smoke")
        if context.located.behavior_file is not None:
            yield from walk_cases(context.contract, context.level)
