"""
Laws of two lists beside each other: a row of one says how many of the other name it, and what they add up to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mockserver.behavior.counted import counts as called
from mockserver.behavior.wording import plain, words_of
from mockserver.exchange import Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive
from mockserver.verify.laws.counting import NUMBERS, made_up, populated, total_of
from mockserver.verify.laws.lists import Row, walk
from mockserver.verify.laws.naming import is_id
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial

Beside = tuple[Thing, str, Thing, str]
"""(list, property, other list, its property that names a row of the first)."""

_SUMMED = re.compile(r"\bsums?\b|\btotals?\b|\badd(s|ed)? up\b", re.IGNORECASE)


def _lists(thing: Thing) -> Iterator[tuple[Thing, Thing, str]]:
    """Yield (list, other list, its property that names a row of the first) of those below *thing*."""
    lists = [one for one in thing.below if one.parent is thing and one.lister is not None]
    for one in lists:
        for other in lists if is_id(one.key) else ():
            link = next((own for own in other.row.names if plain(own) == f"{one.name}id"), "")
            if other is not one and link:
                yield one, other, link


def counting(thing: Thing) -> Iterator[Beside]:
    """Yield what counts: creators with a `posts_count`, beside posts that name theirs as `creator_id`."""
    for one, other, link in _lists(thing):
        for name in one.row.names:
            if one.row.named(name).kinds & NUMBERS and called(words_of(name), other.resource.path):
                yield one, name, other, link


def summing(thing: Thing) -> Iterator[Beside]:
    """Yield what sums up: "creators with the sums of their fees", beside posts with a fee of that name."""
    for one, other, link in _lists(thing):
        assert one.lister is not None
        told = f"{one.lister.summary} {one.lister.description}"
        for name in one.row.names:
            own, each = one.row.named(name), other.row.named(name)
            numbers = own.kinds & NUMBERS and name in other.row.names and each.kinds & NUMBERS
            if numbers and not is_id(name) and _SUMMED.search(f"{told} {own.described}"):
                yield one, name, other, link


def counts_agree(trial: Trial) -> None:
    """A count in a row of one list is the number of rows of the list beside it that name the row."""
    _agree(trial, counting(trial.thing), lambda rows, _: len(rows), "lists {} of it")


def sums_agree(trial: Trial) -> None:
    """A sum in a row of one list is that of the rows of the list beside it that name the row."""
    _agree(trial, summing(trial.thing), total_of, "has rows of it that add up to {}")


def _agree(
    trial: Trial, every: Iterator[Beside], reckoned: Callable[[list[Row], str], float], said: str
) -> None:
    made_up(trial)
    item, children = populated(trial)
    made = [reply for child in children for reply in child.replies]
    for one, name, other, link in every:
        complaint = None
        for _ in range(2):  # a figure that comes late is no wrong figure
            counting_, counted = (walk(trial.asker, each, item.path) for each in (one, other))
            if not (counting_.complete and counted.complete) or not all(link in row for row in counted.rows):
                raise Inconclusive(f"{other.resource.path} is too long, or shows rows without {link}")
            complaint = None
            for row in counting_.rows:
                key, told = row.get(one.key), row.get(name)
                found: Json = reckoned([each for each in counted.rows if alike(each[link], key)], name)
                if told is not None and not alike(told, found) and not _nearly(told, found, counted.rows):
                    complaint = trial.broken(
                        counting_.replies[-1].operation,
                        f"{name} of {key} is {told}, and {other.resource.path} {said.format(found)}.",
                        *(*made, *counted.replies, *counting_.replies),
                        item=item,
                        pointer=f"/{name}",
                        expected=found,
                        found=told,
                    )
            if complaint is None:
                break
        if complaint is not None:
            raise complaint


def _nearly(told: Json, found: Json, rows: list[Row]) -> bool:
    """Return whether a sum is off by no more than its parts are rounded."""
    if not isinstance(told, (int, float)) or (isinstance(told, int) and isinstance(found, int)):
        return False
    return bool(abs(told - found) <= 0.01 * len(rows))


def _has(found: Callable[[Thing], Iterator[Beside]]) -> Callable[[Thing], str]:
    def missing(thing: Thing) -> str:
        has = thing.create and any(True for _ in found(thing))
        return "" if has else "no row tells of what a list beside it has"

    return missing


LAWS = (
    Law(
        "counts-agree",
        "A count beside a list is the number of its rows that name what is counted for.",
        "read",
        counts_agree,
        _has(counting),
    ),
    Law(
        "sums-agree",
        "A sum beside a list is that of its rows that name what is summed up for.",
        "read",
        sums_agree,
        _has(summing),
    ),
)
