"""
Laws of figures: a count is the number of what is listed, a total is the sum of it.

Only what is plainly called so is held: `posts_count` of a thing with a list of posts,
`total_views` beside rows that have `views`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from random import Random

from mockserver.behavior.counted import COUNTS
from mockserver.behavior.counted import counts as called
from mockserver.behavior.wording import singular, words_of
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, Unsupported
from mockserver.verify.laws.bodies import names_another
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.keys import value_at
from mockserver.verify.laws.lists import Row, walk
from mockserver.verify.laws.things import Thing, answer_shape
from mockserver.verify.laws.trial import Law, Trial
from mockserver.verify.laws.varied import several

_SUMS = frozenset({"total", "sum", "overall", "of"})
_OF_ALL = re.compile(
    r"\b(sum|total|all|overall|together|add(s|ed)? up|combined|aggregated?)\b", re.IGNORECASE
)
"""What a description says of a figure that is called as its parts are: the `spend` of all posts."""
_CHILDREN = 3
NUMBERS = frozenset({"integer", "number"})


def counts(thing: Thing) -> Iterator[tuple[str, Thing]]:
    """Yield each property of a row that counts the things of a list below it, with that list."""
    for name in thing.row.names:
        shape = thing.row.named(name)
        if not shape.kinds & {"integer", "number"}:
            continue
        yield from ((name, child) for child in _counted(thing, words_of(name)))


def _counted(thing: Thing, words: list[str]) -> Iterator[Thing]:
    """Yield the lists below *thing* whose rows a figure counts that is called by *words*."""
    for child in thing.below:
        if child.parent is not thing or child.lister is None:
            continue
        if called(words, child.resource.path):
            yield child


def figures(thing: Thing) -> Iterator[tuple[Operation, tuple[str, ...], Thing, str]]:
    """
    Yield (operation, path to a figure in its answer, list, property): what is plainly a sum over a list; the
    property is "" where rows are counted.

    The figure stands in the row of the thing itself, or in an answer of its own below it.
    """
    for operation in (*((thing.read,) if thing.read is not None else ()), *thing.reads):
        for path, described in _numbers(operation):
            words = words_of(path[-1])
            if (summed := _worded(thing, described)) is not None:
                yield operation, path, *summed
                continue
            if operation is not thing.read:
                yield from ((operation, path, child, "") for child in _counted(thing, words))
            rest = [word for word in words if word not in _SUMS]
            plainly = set(words) & {"total", "sum"} or (
                operation is not thing.read and _OF_ALL.search(described)
            )
            if not (plainly and rest) or set(rest) <= COUNTS:
                continue
            found = [(child, name) for child in thing.below for name in _summed(thing, child, rest)]
            told = [one for one in found if set(words_of(described)) & {one[0].name, f"{one[0].name}s"}]
            found = told or found  # "the fees of all posts", where creators have fees, too
            if len(found) == 1:
                yield operation, path, *found[0]


_WORDED = tuple(
    re.compile(
        rf"(?:the )?(?:sum|total) (?:of|over) {said}(?:, (?:rounded|in) [^.;]*| in [A-Za-z ]+)?",
        re.IGNORECASE,
    )
    for said in (
        r"(?:the |all |its |their )*(?P<what>[\w ]+?) (?:of|over|across)"
        r" (?:all |its |the |every |each |their )*(?P<whose>\w+)",
        r"(?:the |all |its |their )*(?P<whose>\w+?)(?:'s|s')? (?P<what>[\w ]+)",
    )
)
"""How a description says of what a figure is the sum: "the sum of the amounts of its items"."""


def _worded(thing: Thing, described: str) -> tuple[Thing, str] | None:
    """Return (list below, property) of which a figure is plainly said to be the sum, else None."""
    first = re.split(r"(?<=[.;])\s", " ".join(described.replace("`", "").split()))[0].rstrip(".;")
    for pattern in _WORDED:
        if found := pattern.fullmatch(first):
            what = [singular(word) for word in found["what"].lower().split()]
            for child in thing.below:
                if child.parent is thing and child.name == singular(found["whose"].lower()):
                    return next(((child, name) for name in _summed(thing, child, what, many=True)), None)
    return None


def _summed(thing: Thing, child: Thing, words: list[str], *, many: bool = False) -> Iterator[str]:
    """Yield the numbers of the rows of *child* that are called by *words*; *many*: in the singular."""
    shown = child.shown(child.lister) if child.parent is thing and child.lister is not None else None
    for name in shown.names if shown is not None else ():
        own = [singular(word) for word in words_of(name)] if many else words_of(name)
        if own == words and shown is not None and shown.shape.named(name).kinds & NUMBERS:
            yield name


def _numbers(operation: Operation) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the path to each number in an answer, and what is said of it."""
    whole = answer_shape(operation)
    if whole is not None:
        yield from _below(whole, (), 3)


def _below(shape: Shape, path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    for name in shape.names:
        child = shape.named(name)
        if (
            child.typed
            and child.kinds <= {"integer", "number", "null"}
            and child.kinds & {"integer", "number"}
        ):
            yield (*path, name), child.described
        elif depth > 1 and child.typed and "object" in child.kinds:
            yield from _below(child, (*path, name), depth - 1)


def made_up(trial: Trial) -> None:
    """Raise `Unsupported` where figures and deeds are made up: by a mock that nobody wrote rules for."""
    context = trial.asker.context
    if context.target.is_mock and context.located.behavior_file is None:
        raise Unsupported("a mock without rules makes up what it was not told")


def grown(trial: Trial) -> dict[str, Json]:
    """Return the lists that one is made with, with several parts in each: one alone is its own sum."""
    thing = trial.thing
    assert thing.create is not None
    with suppress(Unjudged):
        bodies = trial.workshop.bodies(thing, thing.create)
        made = trial.workshop.richest(bodies)
        parts = several(bodies, made, Random(trial.asker.context.seed))
        # Parts name such things as the whole does: the ticket types of its event.
        named = {name: value for name, value in made.items() if parts and names_another(name)}
        return {**named, **parts}
    return {}


def populated(trial: Trial) -> tuple[Item, list[Item]]:
    """Make an item with some below it: by their own paths, or along with it."""
    item = trial.make(grown(trial))
    children = []
    for child in trial.thing.below:
        if child.parent is trial.thing and child.create is not None:
            for _ in range(_CHILDREN):
                with suppress(Unjudged):
                    children.append(trial.make(thing=child, parent=item))
    return item, children


def _without_one(trial: Trial, children: list[Item]) -> Reply | None:
    """Delete one of *children*, and return the answer; None where none can be."""
    for child in children:
        if child.thing.delete is not None:
            reply = trial.asker.ask(child.thing.delete, child.path)
            if reply.done:
                child.gone = True
                return reply
    return None


def counts_are_true(trial: Trial) -> None:
    """A count in a thing is the number of rows in the list below it, after making and after deleting."""
    made_up(trial)
    item, children = populated(trial)
    _hold_counts(trial, item, children)
    if (deleted := _without_one(trial, children)) is not None:
        _hold_counts(trial, item, children, deleted)


def _hold_counts(trial: Trial, item: Item, children: list[Item], *before: Reply) -> None:
    thing = trial.thing
    for name, child in counts(thing):
        complaint = None
        for _ in range(2):
            row, reply = trial.seen(item)
            found = walk(trial.asker, child, item.path)
            if not found.complete or name not in row or row[name] is None:
                raise Inconclusive(f"{child.resource.path} is too long to be counted, or {name} is not shown")
            told = item.row.get(name)
            if not before and isinstance(told, int) and isinstance(row[name], int) and told > row[name]:
                raise trial.broken(
                    reply.operation,
                    f"{name} was {told} when one was made, and is {row[name]}.",
                    reply,
                    item=item,
                    pointer=f"/{name}",
                    expected=told,
                    found=row[name],
                )
            if alike(row[name], len(found.rows)):
                complaint = None
                break
            made = [one for other in children for one in other.replies]
            complaint = trial.broken(
                reply.operation,
                f"{name} is {row[name]}, and {child.resource.path} lists {len(found.rows)}.",
                *(*made, *before, *found.replies, reply),
                item=item,
                pointer=f"/{name}",
                expected=len(found.rows),
                found=row[name],
            )
        if complaint is not None:
            raise complaint


def sums_are_true(trial: Trial) -> None:
    """A total over a thing is the sum over the list below it, after making and after deleting."""
    made_up(trial)
    item, children = populated(trial)
    _hold_sums(trial, item, children)
    if (deleted := _without_one(trial, children)) is not None:
        _hold_sums(trial, item, children, deleted)


def _hold_sums(trial: Trial, item: Item, children: list[Item], *before: Reply) -> None:
    for operation, path, child, name in figures(trial.thing):
        complaint = None
        for _ in range(2):  # a figure that comes late is no wrong figure
            found = walk(trial.asker, child, item.path)
            reply = trial.asker.ask(operation, item.path)
            figure = value_at(reply.body, path)
            if not reply.good or figure is None or not found.complete:
                raise Inconclusive(f"{reply} is answered {reply.status} without {path[-1]}")
            if name and not all(name in row for row in found.rows):
                raise Inconclusive(f"{child.resource.path} lists rows without {name}")
            total = total_of(found.rows, name) if name else len(found.rows)
            if alike(total, figure) or (name and _rounded(found.rows, name, total, figure)):
                complaint = None
                break
            made = [one for other in children for one in other.replies]
            complaint = trial.broken(
                operation,
                f"{path[-1]} is {figure}, and "
                + (
                    f"the {name} of {child.resource.path} add up to"
                    if name
                    else f"{child.resource.path} lists"
                )
                + f" {total}.",
                *(*made, *before, *found.replies, reply),
                item=item,
                pointer="/" + "/".join(path),
                expected=total,
                found=figure,
            )
        if complaint is not None:
            raise complaint


def total_of(rows: list[Row], name: str) -> float:
    """Return what the numbers called *name* in *rows* add up to."""
    numbers: list[float] = [row[name] for row in rows if isinstance(_value(row, name), (int, float))]
    return round(sum(numbers), 6)


def _rounded(rows: list[Row], name: str, total: float, figure: Json) -> bool:
    """Return whether *figure* is the sum of what rows show rounded: each is off by half of a last place."""
    values = [value for row in rows if isinstance(value := _value(row, name), (int, float))]
    texts = [repr(value) for value in values if isinstance(value, float) and not value.is_integer()]
    if not texts or any("e" in text for text in texts) or not isinstance(figure, (int, float)):
        return False
    places = max(len(text.partition(".")[2]) for text in texts)
    return abs(total - figure) <= (len(values) + 1) * 0.5 * 10.0**-places + 1e-9


def _value(row: Mapping[str, Json], name: str) -> Json:
    return row.get(name)


LAWS = (
    Law(
        "counts-are-true",
        "A count is the number of what is listed.",
        "read",
        counts_are_true,
        lambda thing: "" if thing.create and list(counts(thing)) else "no row counts a list below it",
    ),
    Law(
        "sums-are-true",
        "A total is the sum of what is listed.",
        "read",
        sums_are_true,
        lambda thing: "" if thing.create and list(figures(thing)) else "no answer below one sums up a list",
    ),
)
