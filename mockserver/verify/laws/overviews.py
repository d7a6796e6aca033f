"""
A law of figures over a whole collection: `GET /orders/stats` beside `/orders`.

What such figures leave out is seldom said: drafts, what is archived, the last hour. So little is held: who
counts what was made adds up all of it; what is a sum moves by the amount of what was made, or not at all;
a mean is that of the sum and the count beside it; and what is said to leave out what was deleted does so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mockserver.behavior.actions import enumerated
from mockserver.behavior.counted import counts as called
from mockserver.behavior.wording import plain, singular, words_of
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply
from mockserver.verify.laws.counting import made_up
from mockserver.verify.laws.gone import delete
from mockserver.verify.laws.keys import value_at
from mockserver.verify.laws.things import Thing, answer_shape
from mockserver.verify.laws.trial import Law, Trial

_NUMBERS = frozenset({"integer", "number"})
_SUMS = frozenset({"total", "sum", "overall", "of"})
_MEANS = frozenset({"average", "avg", "mean", "of"})
_COUNTS = frozenset({"count", "total", "totalcount", "totalitems", "number"})
_LEAVES_DELETED = re.compile(
    r"\b(not|aren't|isn't|without|except|excluding|but) (the |yet |any )?(deleted|removed|archived)",
    re.IGNORECASE,
)
_ROUNDS = 2
_NEAR = 0.0051
"""What a sum may be off that is rounded to cents."""


@dataclass(eq=False)
class Overview:
    """
    Figures over all things of a kind.

    Attributes:
        operation: What reads them.
        count: Path to the number of them, () where none is told.
        sums, means: (path, property of a row) of what is added up, and of its mean.
        groups: (path, property): how many there are of each value.
    """

    operation: Operation
    count: tuple[str, ...] = ()
    sums: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    means: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    groups: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.count or self.sums or self.groups)


def overviews(thing: Thing) -> Iterator[Overview]:
    """Yield the figures over all of *thing*, as far as they are plainly about it."""
    if thing.parent is not None or thing.orphaned:
        return
    contract = thing.resource.contract
    known = {one.id for other in (thing, *thing.peers) for one in (other.lister, other.read) if one}
    for operation in contract.operations.values():
        if operation.method != "GET" or "{" in operation.route.template or operation.id in known:
            continue
        if any(one.required for one in operation.parameters) or not _about(thing, operation):
            continue
        whole = answer_shape(operation)
        if whole is None:
            continue
        found = Overview(operation)
        _fill(found, thing, whole, (), 3)
        if found:
            yield found


def _about(thing: Thing, operation: Operation) -> bool:
    """Return whether an operation is about all of *thing*: by its path, else by its words and no other's."""
    if f"{operation.route.template}/".startswith(f"{thing.resource.path}/"):
        return True
    if any(f"{operation.route.template}/".startswith(f"{one.resource.path}/") for one in thing.peers):
        return False
    said = {singular(word) for word in words_of(f"{operation.summary} {operation.description}")}
    named = [one for one in (thing, *thing.peers) if one.name in said]
    return named == [thing]


def _fill(found: Overview, thing: Thing, shape: Shape, path: tuple[str, ...], depth: int) -> None:
    """Note what the properties of *shape* tell."""
    for name in shape.names:
        child, here, words = shape.named(name), (*path, name), words_of(name)
        if child.typed and child.kinds & _NUMBERS:
            own = plain(name) in _COUNTS or called(words, thing.resource.path)
            if own and "integer" in child.kinds and not found.count:
                found.count = here
            for kind, into in ((_SUMS, found.sums), (_MEANS, found.means)):
                rest = [word for word in words if word not in kind]
                if len(rest) < len(words) and (summed := _number(thing, rest)):
                    into.append((here, summed))
        elif child.typed and "object" in child.kinds:
            grouped = _grouping(thing, words)
            if grouped and set(child.names) <= set(enumerated(thing.row.named(grouped))):
                found.groups.append((here, grouped))
            elif depth > 1:
                _fill(found, thing, child, here, depth - 1)


def _number(thing: Thing, words: list[str]) -> str:
    """Return the number of a row that is called by *words*, in one or in many."""
    wanted = [singular(word) for word in words]
    for name in sorted(thing.clients):
        shape = thing.row.named(name)
        called_so = [singular(word) for word in words_of(name)] == wanted
        if called_so and shape.typed and shape.kinds <= _NUMBERS | {"null"}:
            return name
    return ""


def _grouping(thing: Thing, words: list[str]) -> str:
    """Return the property with an enum by which figures called `by_status` are told apart."""
    rest = [word for word in words if word not in ("by", "per", "count", "counts", "number", "of")]
    if len(rest) == len(words):
        return ""
    plainly = plain("".join(rest))
    found = (name for name in thing.row.names if plain(name) == plainly)
    return next((name for name in found if enumerated(thing.row.named(name))), "")


def figures_follow(trial: Trial) -> None:
    """Figures over a collection follow what is made and what is deleted in it."""
    made_up(trial)
    for overview in overviews(trial.thing):
        if _follow(trial, overview):
            _hold_states(trial, overview)


def _follow(trial: Trial, overview: Overview) -> bool:
    """Hold the figures when one is made and deleted; return whether each that is made counts."""
    thing, operation = trial.thing, overview.operation
    first, _ = trial.seen(trial.make())
    alike_in = {name: first[name] for _, name in overview.groups if first.get(name) and name in thing.clients}
    summed = (name for _, name in overview.sums if isinstance(first.get(name), (int, float)))
    other = {name: _apart(trial, name, first[name]) for name in summed}
    before = quiet(trial, operation)
    item = trial.make({**alike_in, **other})
    row, look = trial.seen(item)
    after = trial.asker.ask(operation)
    _hold_means(trial, overview, after)
    counted = moved_by(before, after, overview.count) if overview.count else None
    made = item.replies[-1]
    for path, name in overview.sums:
        amount, moved = row.get(name), moved_by(before, after, path)
        if not isinstance(amount, (int, float)) or moved is None:
            continue
        wanted = [amount] if counted == 1 else [0, amount]
        if not any(abs(moved - one) < _NEAR for one in wanted):
            how = f"moved by {moved:g} when one with {name} {amount:g} was made"
            _wrong(trial, overview, path, how, before, made, look, after)
    for path, name in overview.groups:
        value = row.get(name)
        moved = moved_by(before, after, (*path, str(value)), missing=0)
        if counted == 1 and value is not None and moved is not None and moved != 1:
            how = f"moved by {moved:g} for {value!r} when one was made"
            _wrong(trial, overview, path, how, before, made, look, after)
    if thing.delete is None or counted != 1:
        return counted == 1
    if thing.lingers and not _LEAVES_DELETED.search(f"{operation.summary} {operation.description}"):
        return counted == 1
    gone = delete(trial, item)
    for _ in range(_ROUNDS):
        last = trial.asker.ask(operation)
        if moved_by(before, last, overview.count) != 1:
            return counted == 1
    _wrong(trial, overview, overview.count, "still counts what was deleted", before, after, gone, last)
    return True


def _hold_states(trial: Trial, overview: Overview) -> None:
    """What comes into another state is counted there, and no more where it was."""
    ways = trial.workshop.ways(trial.thing)[1:] if overview.groups else []
    for way in ways:
        item = trial.make()
        first, _ = trial.seen(item)
        before = quiet(trial, overview.operation)
        trial.workshop.bring(item, way)
        row, look = trial.seen(item)
        for path, name in overview.groups:
            known = value_at(before.body, path)
            for value, by in ((first.get(name), -1), (row.get(name), 1)):
                if alike(first.get(name), row.get(name)) or not isinstance(known, dict) or value not in known:
                    continue
                if all(
                    moved_by(before, trial.asker.ask(overview.operation), (*path, str(value))) != by
                    for _ in range(_ROUNDS)
                ):
                    after = trial.asker.ask(overview.operation)
                    how = f"did not move by {by} for {value!r} when {way[-1][0].id} was done"
                    _wrong(trial, overview, path, how, before, *item.replies, look, after)


def _apart(trial: Trial, name: str, amount: Json) -> Json:
    """Return an amount that makes a mean one with a fraction, where the contract takes it; else *amount*."""
    assert trial.thing.create is not None
    shape = trial.workshop.bodies(trial.thing, trial.thing.create).shape.named(name)
    accepts = RawValidator(shape.document).is_valid
    return next((one for one in (amount + 7.4, amount + 7, amount - 7) if accepts(one)), amount)


def quiet(trial: Trial, operation: Operation) -> Reply:
    """
    Return an answer that is told twice.

    Raises:
        Inconclusive: Others change the figures meanwhile, or they are not shown.
    """
    one, other = trial.asker.ask(operation), trial.asker.ask(operation)
    if not other.good or not alike(one.body, other.body):
        raise Inconclusive(f"{other} is answered {other.status}, and not twice alike")
    return other


def moved_by(before: Reply, after: Reply, path: tuple[str, ...], missing: Json = None) -> float | None:
    """Return by how much a figure has changed; None where it is not told."""
    one, other = (value_at(reply.body, path, missing) for reply in (before, after))
    if not isinstance(one, (int, float)) or not isinstance(other, (int, float)):
        return None
    return other - one


def _hold_means(trial: Trial, overview: Overview, reply: Reply) -> None:
    """A mean is what is added up by how many there are, as far as its last place can tell."""
    sums = {name: path for path, name in overview.sums}
    for path, name in overview.means:
        count = value_at(reply.body, overview.count) if overview.count else None
        total, mean = value_at(reply.body, sums.get(name, ("",))), value_at(reply.body, path)
        if not all(isinstance(one, (int, float)) for one in (count, total, mean)) or not count:
            continue
        places = len(f"{mean!r}".partition(".")[2]) if isinstance(mean, float) else 0
        if abs(total / count - mean) > 0.51 * 10.0**-places + 1e-9:
            _wrong(trial, overview, path, f"is {mean}, and {total} by {count} is {total / count:g}", reply)


def _wrong(trial: Trial, overview: Overview, path: tuple[str, ...], how: str, *replies: Reply) -> None:
    detail, pointer = f"{'.'.join(path)} {how}.", "/" + "/".join(path)
    raise trial.broken(overview.operation, detail, *replies, pointer=pointer, expected="it follows")


def _missing(thing: Thing) -> str:
    if not (thing.create and (thing.read or (thing.lister and thing.key))):
        return "nothing makes and shows one"
    return "" if any(True for _ in overviews(thing)) else "no figures are about all of them"


LAWS = (
    Law(
        "overview-follows",
        "Figures over a collection follow what is made and deleted in it.",
        "read",
        figures_follow,
        _missing,
    ),
)
