"""
A law of clocks: what was just made says that it was made just now.

A clock may go wrong by seconds, and a world may stand still; neither is wrong by whole quarters of an hour
to a few seconds. Who is, has written a local time as if it were UTC.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime

from mockserver.behavior.wording import plain
from mockserver.exchange import Json
from mockserver.verify.laws.acting import act
from mockserver.verify.laws.alike import alike, instant
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged
from mockserver.verify.laws.naming import is_created, is_updated
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import TICK, Law, Trial, short

_QUARTER = 900
"""Seconds: what zones are apart is a number of these."""

_FURTHEST = 14 * 3600
_OFF = 5
"""Seconds that an answer may take, and that two clocks of one machine are apart."""

_ZONED = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*([Zz]|[+-]\d\d:?\d\d)$")


def shifted(told: float, now: float) -> bool:
    """Return whether a time is that of another zone: by quarters of an hour beside *now*, and not far off."""
    apart = abs(told - now)
    quarters = round(apart / _QUARTER)
    return 0 < quarters <= _FURTHEST / _QUARTER and abs(apart - quarters * _QUARTER) <= _OFF


def _now(reply: Reply) -> float:
    """Return when *reply* was made: by the server's own clock, where it says so (RFC 9110, 6.6.1)."""
    try:
        return parsedate_to_datetime(reply.header("date")).timestamp()
    except (TypeError, ValueError):
        return reply.exchanged.at


def times_are_now(trial: Trial) -> None:
    """The times of making and of the last change of what was just made are no other zone's."""
    item = trial.make()
    reply = item.replies[-1]
    now, told = _now(reply), list(_told(trial.thing, item.row))
    if not told or not now or reply.operation is not trial.thing.create:
        raise Inconclusive(f"{reply} does not say when it was made")
    for name, value in told:
        at = instant(value)
        if at is not None and shifted(at, now):
            raise trial.broken(
                reply.operation,
                f"{name} is {short(value)}, which is {round((at - now) / 60)} minutes from when it was made.",
                item=item,
                pointer=f"/{name}",
                expected="the time of making",
                found=value,
            )


def _told(thing: Thing, row: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    for name, value in row.items():
        own = thing.create is None or name not in thing.sent(thing.create).names
        if own and (is_created(name) or is_updated(name)) and isinstance(value, str) and _ZONED.match(value):
            yield name, value


_LAST = re.compile(r"\bwhen (the |its )?`?(?P<what>\w+)`? (was )?last (changed|moved|updated)", re.IGNORECASE)


def timed(thing: Thing) -> Iterator[tuple[str, str]]:
    """Yield (time, property): when a property was last changed, by name or in words: `stage_changed_at`."""
    names = {plain(name): name for name in thing.row.names}
    for name in thing.row.names:
        shape = thing.row.named(name)
        said = _LAST.search(shape.described)
        what = (
            plain(said["what"]) if said is not None else re.sub("(changed|updated)(at|on)?$", "", plain(name))
        )
        if shape.is_time and what in names and names[what] != name:
            yield name, names[what]


def changes_are_timed(trial: Trial) -> None:
    """The time that says when a property was last changed moves when an action changes that."""
    thing, tried = trial.thing, 0
    for operation in thing.actions:
        with suppress(Unjudged):
            item = trial.make()
            before, first = trial.seen(item)
            time.sleep(TICK)  # a law about time: the implementation's clock has to move
            reply = act(trial, operation, item)
            after, second = trial.seen(item)
            for name, what in timed(thing):
                was, now = instant(before.get(name)), instant(after.get(name))
                if not reply.done or alike(before.get(what), after.get(what)) or was is None or now is None:
                    continue
                tried += 1
                if now <= was:
                    raise trial.broken(
                        second.operation,
                        f"{name} stays {short(after[name])} when {operation.id} changes {what}.",
                        *(first, reply, second),
                        item=item,
                        pointer=f"/{name}",
                        found=after[name],
                    )
    if not tried:
        raise Inconclusive("no action that is taken changes what has a time of its last change")


def _times_nothing(thing: Thing) -> str:
    if not (thing.create and thing.actions and (thing.read or (thing.lister and thing.key))):
        return "nothing is done to one"
    return "" if any(True for _ in timed(thing)) else "nothing says when a property was last changed"


def _missing(thing: Thing) -> str:
    if thing.create is None:
        return f"nothing makes one of {thing.resource.path}"
    timed = (name for name in thing.row.names if is_created(name) or is_updated(name))
    return "" if any(timed) else "nothing says when one was made"


LAWS = (
    Law(
        "changes-are-timed",
        "The time of a property's last change moves with it.",
        "read",
        changes_are_timed,
        _times_nothing,
        quick=False,
    ),
    Law("times-are-now", "What was just made says so in the right zone.", "create", times_are_now, _missing),
)
