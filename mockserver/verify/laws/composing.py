"""
A law of texts and times that say what they are made of: "`first_name` and `last_name`, separated by a space".

A figure that comes of others is held in `adding`. Here are two forms more, each believed where every word of
it is a property beside: texts that are joined, and a time that is another one and so many minutes later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockserver.behavior.wording import plain, words_of
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike, instant
from mockserver.verify.laws.asking import Inconclusive, Reply
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short

_JOINED = re.compile(
    r"(?P<one>`?[\w ]+?`?) and (?P<other>`?[\w ]+?`?),? (separated|joined) by (a|one) "
    r"(?P<by>space|comma|dash|hyphen)",
    re.IGNORECASE,
)
_BY = {"space": " ", "comma": ",", "dash": "-", "hyphen": "-"}
_LATER = re.compile(r"(?P<one>`?[\w ]+?`?) (plus|\+) (?P<other>`?[\w ]+?`?)(?=[.,;]|$)", re.IGNORECASE)
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Made:
    """
    What a property is made of.

    Attributes:
        name: The property.
        parts: The two that it is made of.
        by: What joins them; "" of a time.
        unit: Seconds of one of the second part, where that is added to a time.
    """

    name: str
    parts: tuple[str, str]
    by: str = ""
    unit: int = 0

    def wrong(self, row: Mapping[str, Json]) -> Json:
        """Return what it had to be in *row*; `MISSING` where it is so, or cannot be said."""
        one, other = (row.get(part) for part in self.parts)
        found = row.get(self.name)
        if self.by:
            if not (isinstance(one, str) and isinstance(other, str) and isinstance(found, str)):
                return MISSING
            wanted = f"{one}{self.by}{other}"
            same = "".join(found.split()) == "".join(wanted.split())
            return MISSING if same else wanted
        begun, ended = instant(one), instant(found)
        if begun is None or ended is None or isinstance(other, bool) or not isinstance(other, (int, float)):
            return MISSING
        return (
            MISSING
            if abs(ended - begun - other * self.unit) < 1
            else f"{one} and {other * self.unit} seconds"
        )


def made_of(row: Shape) -> Iterator[Made]:
    """Yield each property of *row* that says what it is made of."""
    names = {plain(name): name for name in row.names}
    for name in row.names:
        described = " ".join(row.named(name).described.split())
        joined, later = _JOINED.search(described), _LATER.search(described)
        found = joined or later
        parts = [names.get(plain(found[part])) for part in ("one", "other")] if found is not None else []
        if None in parts or len({*parts, name}) < 3:
            continue
        one, other = (str(part) for part in parts)
        if joined is not None:
            if all("string" in row.named(each).kinds for each in (name, one, other)):
                yield Made(name, (one, other), by=_BY[joined["by"].lower()])
        elif row.named(name).is_time and row.named(one).is_time:
            told = [*words_of(other), *words_of(row.named(other).described)]
            units = {_UNITS[word.removesuffix("s")] for word in told if word.removesuffix("s") in _UNITS}
            if len(units) == 1:
                yield Made(name, (one, other), unit=units.pop())


def composed(trial: Trial) -> None:
    """What says what it is made of is so, also when a part was changed."""
    thing, held = trial.thing, 0
    item = trial.make()
    row, look = trial.seen(item)
    for one in made_of(thing.row):
        held += _hold(trial, item, one, row, look)
    for one in made_of(thing.row):
        for part in one.parts:
            change = _changed(trial, item, part)
            if change is not None:
                row, look = trial.seen(item)
                held += _hold(trial, item, one, row, change, look)
    if not held:
        raise Inconclusive("nothing that is made of others is shown with them")


def _changed(trial: Trial, item: Item, name: str) -> Reply | None:
    """Change one property of *item* and return the call; None where that is not possible."""
    operation = trial.thing.patch
    if operation is None or name not in trial.thing.kept(operation):
        return None
    bodies = trial.workshop.bodies(trial.thing, operation)
    value = bodies.other(name, item.row.get(name), trial.workshop.token())
    if value is MISSING or not bodies.fits({name: value}):
        return None
    reply = trial.asker.ask(operation, item.path, bodies.wrapped({name: value}))
    return reply if reply.done else None


def _hold(trial: Trial, item: Item, one: Made, row: Mapping[str, Json], *replies: Reply) -> bool:
    """Raise `Broken` where *one* is not made of its parts; return whether all of it is there."""
    wanted = one.wrong(row)
    if wanted is not MISSING and not alike(wanted, row.get(one.name)):
        raise trial.broken(
            replies[-1].operation,
            f"{one.name} is {short(row[one.name])}, and is said to be made of {' and '.join(one.parts)}: "
            f"{short(wanted)}.",
            *replies,
            item=item,
            pointer=f"/{one.name}",
            expected=wanted,
            found=row[one.name],
        )
    return all(row.get(part) is not None for part in (one.name, *one.parts))


def _missing(thing: Thing) -> str:
    if not (thing.create and (thing.read or (thing.lister and thing.key))):
        return "nothing makes and shows one"
    return "" if any(True for _ in made_of(thing.row)) else "no text or time says what it is made of"


LAWS = (Law("made-as-told", "A text or time is made of what it says.", "read", composed, _missing),)
