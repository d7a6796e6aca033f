"""
Say on the terminal what is wrong with the contracts that are served, what takes longer to find too.

That an operation can never be answered is found by looking at all of them. An API
without rules of its own is looked at before it is announced, as far as that goes in
no time; the rest is looked at between requests, when the start is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from threading import Thread

import click

from mockserver.server.door import Door
from mockserver.server.host import Api
from mockserver.server.impossible import Impossible, prepare

SAID = 50
"""Faults of one contract that are said."""

LOOKED = 0.06
"""CPU seconds of a start in which it is looked for answers that cannot be."""

CALM = 1.0
"""Seconds after the start before it is looked on: the first requests come first."""

SLICE = 0.01
"""CPU seconds at a time in which it is looked on, between requests."""

PAUSE = 0.05
"""Seconds between two slices."""

MOST = 1_000
"""Slices for one API: what a document of 13 MB takes is a tenth of it."""


def warn(line: str) -> None:
    """Say *line* on stderr, in yellow."""
    click.secho(line, fg="yellow", err=True)


def say_faults(api: Api, known: int = 0) -> None:
    """Say what is wrong with the contract of *api*, but for its first *known* faults."""
    faults = api.contract.faults
    end = max(known, SAID)
    for fault in faults[known:end]:
        warn(str(fault))
    if len(faults) > end:
        warn(f"and {len(faults) - end} more faults: mockserver check {api.located.file}")


class Searching:
    """
    Looks for answers that cannot be, of all *apis*.

    What a start had the time for is among the contracts' faults when this has been made.
    """

    def __init__(self, apis: Sequence[Api]) -> None:
        self._left: list[tuple[Api, Impossible]] = []
        for api in apis:
            search = Impossible(api.contract)
            # What has rules has been checked: `mockserver check` is how they are written.
            if api.located.behavior_file is not None or not search.look(LOOKED / len(apis)):
                self._left.append((api, search))

    def go_on(self, door: Door) -> None:
        """Look on in the event loop of *door*, in which this is called; say what is found."""
        known = {api.name: len(api.contract.faults) for api, _ in self._left}
        slices = Counter[str]()

        def look() -> None:
            api, search = self._left[0]
            slices[api.name] += 1
            if search.look(SLICE):
                self._left.pop(0)
                say_faults(api, known[api.name])
            elif slices[api.name] == MOST:
                self._left.pop(0)
                warn(f"{api.name}: not all operations were looked at: mockserver check {api.located.file}")
            if self._left:
                door.later(PAUSE, look)

        def begin() -> None:
            prepare()
            door.in_loop(look)

        if self._left:  # what is imported takes longer than a slice: a thread lets requests through
            door.later(CALM, Thread(target=begin, name="faults", daemon=True).start)
