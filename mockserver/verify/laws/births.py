"""
Laws of what a thing is when it is made: as words say it, and as the answer to its making says.
"""

from __future__ import annotations

import re

from mockserver.behavior.beginnings import told_at_first, told_when_made
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row
from mockserver.verify.laws.naming import is_status
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short
from mockserver.verify.laws.writings import written_alike

_RESTS = re.compile(
    r"draft|open|active|inactive|enabled|disabled|unpublished|todo|backlog|paused|idle", re.IGNORECASE
)
"""States that a thing is in until somebody does something to it; others may pass while one looks."""


def told(thing: Thing) -> dict[str, Json]:
    """Return each property of which words say what it is in a new thing, with that."""
    found = {}
    for name in thing.row.names:
        shape = thing.row.named(name)
        said = told_at_first(name, shape)
        if said is MISSING and is_status(name):
            said = told_when_made(thing.create, shape)
        if said is not MISSING:
            found[name] = said
    return found


def born(trial: Trial) -> None:
    """A new thing is what words say of a new one; what it is said to be in the answer, it is when read."""
    thing = trial.thing
    assert thing.create is not None
    item = trial.make(dict.fromkeys(told(thing), MISSING))
    row, reply = trial.seen(item)
    tried = 0
    for name, value in told(thing).items():
        for shown, operation in ((item.row, thing.create), (row, reply.operation)):
            if name not in shown or name in item.sent:
                continue
            tried += 1
            found = shown[name]
            moves = isinstance(found, str) and not _rests(value)
            if moves or alike(value, found) or written_alike(value, found, thing.row.named(name)):
                continue
            raise trial.broken(
                operation,
                f"{name} of a new one is {short(found)}, and said to be {short(value)}.",
                *(() if shown is item.row else (reply,)),
                item=item,
                pointer=f"/{name}",
                expected=value,
                found=found,
            )
    tried += _hold_answered(trial, item, row)
    if not tried:
        raise Inconclusive("nothing is said of a new one that it shows")


def _rests(value: Json) -> bool:
    return not isinstance(value, str) or _RESTS.fullmatch(value) is not None


def _hold_answered(trial: Trial, item: Item, row: Row) -> int:
    """Raise `Broken` where a state in which things rest is answered, and another is read."""
    thing, names = trial.thing, set()
    for name in thing.row.names:
        if is_status(name) and isinstance(item.row.get(name), str) and _rests(item.row[name]):
            names.add(name)
    if thing.read is not None:
        said = "is read as another than was answered"
        trial.hold_same(thing.read, names, item.row, row, said, trial.read(item), item=item)
    return len(names & row.keys())


def _says(thing: Thing) -> str:
    if not (thing.create and (thing.read or thing.lister)):
        return "nothing makes and shows one"
    stated = any(map(is_status, thing.row.names)) and thing.read is not None
    return "" if stated or told(thing) else "nothing is said of a new one"


LAWS = (
    Law(
        "born-as-told",
        "A new thing is what the contract says that new ones are.",
        "create",
        born,
        _says,
    ),
)
