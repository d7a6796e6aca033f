"""
A law of several filters at once: a row that is shown fits each of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress

from mockserver.behavior.filters import Filter
from mockserver.exchange import Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Unjudged
from mockserver.verify.laws.counting import made_up
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row, accepting, asking_for, at_way, walk
from mockserver.verify.laws.narrowing import filters, setter_of, values_of, with_value
from mockserver.verify.laws.shown import asked, misfit, missing
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial

_EITHER = re.compile(
    r"\b(any|either|one|some) (of )?(the |these |those )?(filters?|conditions?|criteria|parameters?)\b"
    r"|\b(combined|joined) (with|by|using) (an? )?(logical )?or\b|\bunion\b",
    re.IGNORECASE,
)
"""What a list may say where one of several filters is enough."""


def _alone(thing: Thing) -> list[Filter]:
    """Return the filters for a single value that clients set, one for each property; a sent one first."""
    found: dict[str, Filter] = {}
    for one in filters(thing):
        setter = setter_of(thing, one.path)
        if setter is not None and one.by == "equals" and thing.sent(setter).named(one.path).scalar:
            found.setdefault(one.path, one)
    sent = sorted(found.values(), key=lambda one: setter_of(thing, one.path) is not thing.create)
    return sent if sent and setter_of(thing, sent[0].path) is thing.create else []


def combined(trial: Trial) -> None:
    """With two filters a row is shown that fits both, and none that fits one of them."""
    made_up(trial)
    (one, first, other), (two, second, another) = _two(trial)
    wanted, *unwanted = (
        _made(trial, two.path, own, {one.path: value})
        for value, own in ((first, second), (first, another), (other, second))
    )
    asking = [
        at_way(each.way, asking_for(trial.thing, each, value))
        for each, value in ((one, first), (two, second))
    ]
    found = walk(trial.asker, trial.thing, wanted.beside, *asking)
    for each, value, unfit in ((two, second, unwanted[0]), (one, first, unwanted[1])):
        complaint = misfit(trial, each, value, found, _strange(trial, each, value, unfit), item=wanted)
        if complaint is not None:
            complaint.detail += f" It was asked for {asked(one, first)} and {asked(two, second)}."
            raise complaint


def _made(trial: Trial, name: str, value: Json, given: dict[str, Json]) -> Item:
    setter = setter_of(trial.thing, name)
    assert setter is not None
    item = with_value(trial, setter, name, value, given)
    row, _ = trial.seen(item)
    if any(not alike(row.get(one), own) for one, own in {**given, name: value}.items()):
        raise Inconclusive(f"{name} is not shown as it was sent")
    return item


def _strange(trial: Trial, one: Filter, value: Json, unwanted: Item) -> Callable[[Row], bool]:
    misses = missing(one, value)

    def strange(row: Row) -> bool:
        return misses(row) or alike(row.get(trial.thing.key), unwanted.key)

    return strange


def _two(trial: Trial) -> list[tuple[Filter, Json, Json]]:
    """
    Return two filters, each with two values that it tells apart.

    Raises:
        Inconclusive: No two are known.
    """
    found = list(_known(trial))[:2]
    if len(found) < 2:
        raise Inconclusive("two values are not known of two filters")
    return found


def _known(trial: Trial) -> Iterator[tuple[Filter, Json, Json]]:
    for one in _alone(trial.thing):
        setter = setter_of(trial.thing, one.path)
        with suppress(Unjudged):
            assert setter is not None
            values = values_of(trial, one, setter)
            accepts = accepting(trial.thing, one)
            if accepts is None or all(map(accepts, values)):
                yield one, *values


def _combines(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    if _EITHER.search(f"{thing.lister.summary} {thing.lister.description}"):
        return f"{thing.lister.id} may take rows that fit one of several filters"
    return "" if len(_alone(thing)) > 1 else "the list has no two filters"


LAWS = (
    Law(
        "filters-combine",
        "What is listed fits each of several filters.",
        "list",
        combined,
        _combines,
        quick=False,
    ),
)
