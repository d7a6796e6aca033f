"""
Find the way to what a rule lets pass only in some state.

A random walk seldom pauses a campaign just before it resumes it. The models cost
nothing to ask: from a row as it is made, what can be done with it is tried on a
model, two changes deep, until each operation that was refused passes. The ways that
are found are gone like any other walk: to the operation, and once more through it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from mockserver.contract.model import Operation
from mockserver.exchange import Arguments, Json
from mockserver.verify.laws.asking import Unsupported, media_of
from mockserver.verify.laws.bodies import EXAMPLE, FULL, LEAST
from mockserver.verify.requests import Key
from mockserver.verify.rules.model import NOTHING, Model, Said, Undecided
from mockserver.verify.rules.planning import Drawn, Speaker, Step, enumerated

DEEPEST = 2
"""Changes between making a row and what it is made for."""

DRAWS = 8
"""Bodies that are drawn to meet the values of an enumerated property."""

MOST = 600
"""Requests that the model is asked in one run."""

Read = Callable[[Operation, dict[Key, Json], Json], Arguments | None]
"""Says parameters and a body, and reads them as the contract does; None where they break it."""


@dataclass(frozen=True)
class _State:
    """A row as some steps have left it: the steps, and the model after them."""

    steps: tuple[Step, ...]
    model: Model
    key: Any


class Reaching:
    """
    Finds ways.

    Args:
        model: As it starts; it is copied.
        read: See `Read`.
    """

    def __init__(self, ways: list[Drawn], speaker: Speaker, model: Model, read: Read) -> None:
        self._ways = ways
        self._speaker = speaker
        self._model = model
        self._read = read
        self._words = {name for way in ways for name in enumerated(way.operation)}
        self._left = MOST
        self._tokens = count()

    def walks(self) -> Iterator[list[Step]]:
        """Yield a walk to each operation that passes only after something else was done."""
        for maker in self._ways:
            if maker.makes and not maker.item:
                for how in (FULL, EXAMPLE, LEAST):
                    start = self._done(_State((), self._model, None), Step(maker.operation, None, how, 0))
                    if start is not None:
                        yield from self._from(start, maker.makes)
                        break

    def _from(self, start: _State, collection: str) -> Iterator[list[Step]]:
        acting = [
            way
            for way in self._ways
            if way.item == collection and way.operation.method not in ("GET", "HEAD")
        ]
        ahead = {
            way.operation.id: way for way in acting if way.rule.refusals and not self._passing(start, way)
        }
        states, seen = [start], {self._looks(start, collection)}
        for _ in range(DEEPEST):
            fresh: list[_State] = []
            for state in states:
                for step in (step for way in acting if not way.deletes for step in self._variants(way)):
                    if not ahead or self._left <= 0:
                        return
                    after = self._done(state, step)
                    if after is None or (looks := self._looks(after, collection)) in seen:
                        continue
                    seen.add(looks)
                    fresh.append(after)
                    for name in list(ahead):
                        if found := self._passing(after, ahead[name]):
                            del ahead[name]
                            yield self._walk(after, found, collection)
                            yield from self._others(after, found, collection)
            states = fresh

    def _looks(self, state: _State, collection: str) -> str:
        """Return what rules may decide by: what of a row is no free text, number or time."""
        row = state.model.world.tables[collection].rows.get(state.key, {})
        told = {name: row[name] for name in row if name in self._words or isinstance(row[name], bool)}
        return repr(sorted(told.items()))

    def _walk(self, state: _State, last: Step, collection: str) -> list[Step]:
        """Return the way to *last*, through it and once more, with a look at what came of it."""
        steps = [*state.steps, last]
        look = next(
            (
                Step(way.operation, 0, LEAST, 0)
                for way in self._ways
                if way.item == collection and way.operation.method == "GET" and way.rule.listing is None
            ),
            None,
        )
        if look is None:
            return [*steps, replace(last, draw=last.draw + 1)]
        return [*steps, look, replace(last, draw=last.draw + 1), replace(look, draw=1)]

    def _others(self, state: _State, last: Step, collection: str) -> Iterator[list[Step]]:
        """Yield walks to *last* with other bodies: each value of what is enumerated should be met."""
        if enumerated(last.operation):
            for draw in range(1, DRAWS):
                yield self._walk(state, replace(last, how=FULL, draw=draw), collection)[
                    : len(state.steps) + 2
                ]

    def _passing(self, state: _State, way: Drawn) -> Step | None:
        """Return a step by which *way* passes in *state*."""
        for how, draw in ((EXAMPLE, 0), (LEAST, 0), (LEAST, 1)):
            step = Step(way.operation, 0, how, draw)
            said = self._ask(state, step, keep=False)
            if said is not None and not said.refused and said.status < 300:
                return step
        return None

    def _variants(self, way: Drawn) -> Iterator[Step]:
        """Yield ways to ask *way* of the row: as the example does, with little, and each enumerated value."""
        yield Step(way.operation, 0, EXAMPLE, 0)
        if media_of(way.operation) is None:
            return
        yield Step(way.operation, 0, LEAST, 0)
        for name in enumerated(way.operation):
            for draw in range(DRAWS):
                yield Step(way.operation, 0, FULL, draw, (name,))

    def _done(self, state: _State, step: Step) -> _State | None:
        """Return the state after *step*; None where it does not pass, or changes nothing."""
        model = state.model.copied()
        said = self._ask(replace(state, model=model), step, keep=True)
        if said is None or said.refused or not said.changes:
            return None
        made = next((keys[0] for keys in said.made.values() if keys), None)
        key = state.key if step.target is not None else made
        return _State((*state.steps, step), model, key) if key is not None else None

    def _ask(self, state: _State, step: Step, *, keep: bool) -> Said | None:
        self._left -= 1
        account = (state.model.accounts or ["first"])[0]
        try:
            said = self._speaker.say(step, state.key, f"r{next(self._tokens)}", {})
            arguments = self._read(step.operation, *copy.deepcopy(said))
            if arguments is None:
                return None
            if keep:
                return state.model.keep(step.operation, arguments, account, NOTHING.rehearsal)
            return state.model.plan(step.operation, arguments, account)
        except (Unsupported, Undecided):
            return None
