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
from mockserver.verify.laws.narrowing import filters, values_of
from mockserver.verify.laws.shown import asked, misfit, missing
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial

_EITHER = re.compile(r"\b(or|either|any of|union|at least one)\b", re.IGNORECASE)
"""What a list may say where one of several filters is enough."""


def _alone(thing: Thing) -> list[Filter]:
    """Return the filters for a single value that is sent when one is made, one for each property."""
    found: dict[str, Filter] = {}
    sent = thing.sent(thing.create) if thing.create is not None else None
    for one in filters(thing):
        if sent is not None and one.by == "equals" and one.path in sent.names and sent.named(one.path).scalar:
            found.setdefault(one.path, one)
    return list(found.values())


def combined(trial: Trial) -> None:
    """With two filters a row is shown that fits both, and none that fits one of them."""
    made_up(trial)
    (one, first, other), (two, second, another) = _two(trial)
    wanted, *unwanted = (
        trial.make({one.path: value, two.path: own})
        for value, own in ((first, second), (first, another), (other, second))
    )
    for item in (wanted, *unwanted):
        row, _ = trial.seen(item)
        if any(not alike(row.get(each.path), item.sent.get(each.path)) for each in (one, two)):
            raise Inconclusive(f"{one.path} and {two.path} are not shown as they were sent")
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
    create = trial.thing.create
    assert create is not None
    for one in _alone(trial.thing):
        with suppress(Unjudged):
            values = values_of(trial, one, create)
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
