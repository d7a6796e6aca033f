"""
What a list shows that was asked for less: the rows that it was asked for, and as many as it says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mockserver.behavior.filters import Filter
from mockserver.exchange import Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Broken, Reply
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row, Walk, is_vague, told_total
from mockserver.verify.laws.trial import Trial, short


def passes(own: Json, value: Json, by: str) -> bool:
    """Return whether a row whose property is *own* is one that a filter for *value* leaves."""
    if isinstance(own, str) and isinstance(value, str):
        return (
            value.casefold() in own.casefold()
            if by == "contains"
            else alike(own.casefold(), value.casefold())
        )
    return alike(own, value) or isinstance(own, (list, dict))


def asked(one: Filter, value: Json) -> str:
    """Return how a list is asked for *value*, in words."""
    return f"{'.'.join(one.way)}={short(value)}"


def missing(one: Filter, value: Json) -> Callable[[Row], bool]:
    """Return what tells whether a row shows that a filter with *value* does not leave it."""

    def misses(row: Row) -> bool:
        own = row.get(one.path)
        return own is not None and not passes(own, value, one.by)

    return misses


def misfit(
    trial: Trial,
    one: Filter,
    value: Json,
    found: Walk,
    strange: Callable[[Row], bool],
    *,
    before: Sequence[Reply] = (),
    item: Item | None = None,
) -> Broken | None:
    """Return what is wrong where a list that was asked for *value* shows a *strange* row."""
    assert trial.thing.lister is not None
    for row in filter(strange, found.rows):
        own = row.get(one.path)
        return trial.broken(
            trial.thing.lister,
            f"A list with {asked(one, value)} shows a row whose {one.path} is {short(own)}.",
            *(*before, *found.replies),
            item=item,
            pointer=f"/{one.path}",
            expected=value,
            found=own,
        )
    return None


def hold_total(trial: Trial, item: Item | None, found: Walk, said: str) -> None:
    """Raise `Broken` where the total of a narrowed list counts what it does not show."""
    assert trial.thing.lister is not None
    told = told_total(trial.thing, found.replies[-1])
    if not found.complete or told is None or is_vague(told[0]):
        return
    if told[1] != len(found.rows):
        raise trial.broken(
            trial.thing.lister,
            f"The total of a list with {said} is {told[1]}, and it has {len(found.rows)} rows.",
            *found.replies,
            item=item,
            pointer=told[0],
            expected=len(found.rows),
            found=told[1],
        )
