"""
A law of times that follow from a state: what is paused says in `pausedAt` when it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from mockserver.behavior.actions import STATES, dated
from mockserver.behavior.wording import plain
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Unjudged
from mockserver.verify.laws.counting import made_up
from mockserver.verify.laws.lists import Row
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial

_OF_STATE = re.compile(
    r"(last)?(status|state)(last)?(change|changed|update|updated)(at|on|date|time|timestamp)"
)
_NOT_YET = re.compile(r"schedul|planned|expected|estimated|due|asynchron|in the background", re.IGNORECASE)


def unstamped(thing: Thing, before: Row, after: Row) -> Iterator[str]:
    """Yield the times that say nothing of the change between *before* and *after*, and are about it."""
    moved = any(not alike(before.get(name), after[name]) for name in states(thing) if name in after)
    follow = {name for name, value in dated(before, after, thing.row, "now").items() if value is not None}
    for name in thing.row.names:
        shape = thing.row.named(name)
        about = name in follow or (moved and shape.is_time and _OF_STATE.fullmatch(plain(name)))
        if about and name in after and after[name] is None and not _NOT_YET.search(shape.described):
            yield name


def states(thing: Thing) -> list[str]:
    """Return the properties that say how far a thing has come; a flag is none."""
    return [name for name in thing.row.names if plain(name).endswith(STATES) and thing.row.named(name).enum]


def stamped(trial: Trial) -> None:
    """What has come to a state says when, where there is a place for that."""
    made_up(trial)
    thing, tried = trial.thing, 0
    for way in trial.workshop.ways(thing)[1:]:
        with suppress(Unjudged):
            item = trial.make()
            before, first = trial.seen(item)
            trial.workshop.bring(item, way)
            after, look = trial.seen(item)
            tried += 1
            for name in unstamped(thing, before, after):
                raise trial.broken(
                    item.replies[-1].operation,
                    f"{name} is null after {item.replies[-1]}, which it is to tell the time of.",
                    *(first, look),
                    item=item,
                    pointer=f"/{name}",
                    expected="a time",
                    found=None,
                )
    if not tried:
        raise Inconclusive("nothing brings one into another state")


def _stamps(thing: Thing) -> str:
    if not (thing.create and (thing.read or thing.lister)):
        return "nothing makes and shows one"
    timed = [name for name in thing.row.names if thing.row.named(name).is_time]
    return "" if timed and states(thing) else "no time tells of a state"


LAWS = (
    Law(
        "stamps-follow",
        "What has come to a state says when.",
        "patch",
        stamped,
        _stamps,
        quick=False,
    ),
)
