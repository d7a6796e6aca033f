"""
Laws of things that are made with parts: what the answer says of each of them, and what is kept of them.

What an answer counts, and under which name a part's amount is shown again, a document seldom says in words.
Its examples show it: a request and its answer of the same name, in which the numbers agree each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from random import Random

from mockserver.behavior.wording import words, words_of
from mockserver.contract.pairs import documented_answers
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Broken, Inconclusive, Reply, Unjudged, media_of
from mockserver.verify.laws.bodies import EXAMPLE
from mockserver.verify.laws.counting import made_up
from mockserver.verify.laws.keys import value_at
from mockserver.verify.laws.lists import Row, walk
from mockserver.verify.laws.things import Thing, answer_shape
from mockserver.verify.laws.trial import Law, Trial, short
from mockserver.verify.laws.varied import several

Path = tuple[str, ...]
_NUMBERS = frozenset({"integer", "number"})
_AS_SENT = re.compile(
    r"\bin (the )?(same )?order\b[^.;]*\b(sent|given|received|submitted|request\w*)\b|\bin request order\b",
    re.IGNORECASE,
)
_IDLE = words(
    "a all an and are as be been by each for how in is it many no not number of or that the their they"
    " those to was were which who with"
)
_TELLING = 6
"""Signs of a text by which a part is known again."""


@dataclass(frozen=True)
class Pair:
    """A documented request and its answer: what the two are called, the parts that are sent, the answer."""

    name: str
    parts: list[Row]
    answer: Json


class Parts:
    """
    The parts that a thing is made with, and what answers are said, or shown, to tell of them.

    Attributes:
        name: The one property that is a list of objects in a request that makes one; "" without one.
    """

    def __init__(self, thing: Thing) -> None:
        self.thing = thing
        sent = thing.sent(thing.create) if thing.create is not None else Shape({})
        lists = [
            name
            for name in sent.names
            if "array" in sent.named(name).kinds and sent.named(name).item(0).names
        ]
        self.name = lists[0] if len(lists) == 1 else ""
        self.shape = sent.named(self.name).item(0) if self.name else Shape({})

    @cached_property
    def pairs(self) -> list[Pair]:
        """The documented pairs of request and answer."""
        create = self.thing.create
        media = media_of(create) if create is not None else None
        if create is None or media is None:
            return []
        wrapper, _ = self.thing.resource.sent_in(media)
        answers = documented_answers(create)
        found = []
        for name, example in media.examples.items():
            said: Json = example.value
            for step in wrapper:
                said = said.get(step) if isinstance(said, dict) else None
            parts = said.get(self.name, []) if isinstance(said, dict) else None
            if isinstance(parts, list) and name in answers:
                found.append(Pair(name, parts, answers[name]))
        return found

    @cached_property
    def lists(self) -> dict[Path, Shape]:
        """The lists of objects in an answer to making one, other than the parts shown as they are kept."""
        assert self.thing.create is not None
        whole = answer_shape(self.thing.create)
        found = dict(_below(whole, (), 2)) if whole is not None and self.name else {}
        return {
            path: shape for path, shape in found.items() if "array" in shape.kinds and shape.item(0).names
        }

    @cached_property
    def ordered(self) -> list[Path]:
        """The lists that are said to be in the order in which parts were sent."""
        return [path for path, shape in self.lists.items() if _AS_SENT.search(shape.described)]

    @cached_property
    def shared(self) -> tuple[Path, ...]:
        """The lists that parts are divided among, as each pair shows; () where they do not show it."""
        sizes = {len(pair.parts) for pair in self.pairs}
        if len(self.pairs) < 3 or len(sizes) < 3:
            return ()
        for several_ in range(2, len(self.lists) + 1):
            for paths in combinations(self.lists, several_):
                beside = len({path[:-1] for path in paths}) == 1
                each = all(any(_size(pair.answer, path) for pair in self.pairs) for path in paths)
                adds = all(
                    sum(_size(one.answer, path) for path in paths) == len(one.parts) for one in self.pairs
                )
                if beside and each and adds:
                    return paths
        return ()

    @cached_property
    def counted(self) -> list[tuple[Path, Path]]:
        """The numbers that count a list, as each pair shows and words agree: (number, list)."""
        assert self.thing.create is not None
        whole = answer_shape(self.thing.create)
        found = []
        for path, shape in self.lists.items():
            sizes = {_size(pair.answer, path) for pair in self.pairs}
            for number, counting in _below(whole, (), 2) if whole is not None and len(sizes) > 1 else ():
                said = _said(number[-1], counting) & _said(path[-1], shape)
                whole_number = counting.typed and counting.kinds <= _NUMBERS
                if (
                    whole_number
                    and len(said) > 1
                    and all(value_at(pair.answer, number) == _size(pair.answer, path) for pair in self.pairs)
                ):
                    found.append((number, path))
        return found

    @cached_property
    def renamed(self) -> list[tuple[Thing, str, str]]:
        """(list below, amount of a part, what the list calls it), as examples show: `fee`, `creator_fee`."""
        found = []
        for child in self.thing.below:
            rows = _example_rows(child) if child.parent is self.thing and child.lister is not None else {}
            for name in self.shape.names if rows else ():
                if name in child.row.names or not self.shape.named(name).kinds & _NUMBERS:
                    continue
                shown = [one for one in child.row.names if set(words_of(name)) < set(words_of(one))]
                matched = [
                    (part[name], row)
                    for pair in self.pairs
                    for part in pair.parts
                    for row in rows.get(pair.name, ())
                    if name in part and _shared(part, row)
                ]
                agreeing = [
                    one for one in shown if all(one in row and row[one] == value for value, row in matched)
                ]
                if len(agreeing) == 1 and any(isinstance(value, int) and value > 9 for value, _ in matched):
                    found.append((child, name, agreeing[0]))
        return found


def _below(shape: Shape, path: Path, depth: int) -> Iterator[tuple[Path, Shape]]:
    for name in shape.names:
        child = shape.named(name)
        yield (*path, name), child
        if depth > 1 and child.typed and "object" in child.kinds:
            yield from _below(child, (*path, name), depth - 1)


def _said(name: str, shape: Shape) -> set[str]:
    """Return the words that say what a number counts, or a list holds."""
    return {*words_of(name), *words_of(shape.described)} - _IDLE


def _size(body: Json, path: Path) -> int:
    found = value_at(body, path)
    return len(found) if isinstance(found, list) else 0


def _example_rows(thing: Thing) -> dict[str, list[Row]]:
    """Return the rows that each example of a list shows."""
    assert thing.lister is not None
    answers = documented_answers(thing.lister)
    return {name: thing.rows_of(thing.lister, answer) or [] for name, answer in answers.items()}


def _shared(part: Row, row: Row) -> int:
    """Return how many texts of a row stand in a part, in whole or in an address."""
    texts = [value for value in part.values() if isinstance(value, str)]
    own = [str(value) for value in row.values() if isinstance(value, (str, int))]
    return sum(len(one) >= _TELLING and any(one in text for text in texts) for one in own)


def _position(row: Row, parts: list[Row]) -> int | None:
    """Return which of *parts* a row tells of; None where it tells of none, or as much of several."""
    shared = [_shared(part, row) if isinstance(part, dict) else 0 for part in parts]
    most = max(shared, default=0)
    return shared.index(most) if most and shared.count(most) == 1 else None


def _grown(trial: Trial, parts: Parts) -> list[Row]:
    """Return several parts, the first of the example twice, told apart; [] where none are known."""
    create = trial.thing.create
    assert create is not None
    bodies = trial.workshop.bodies(trial.thing, create)
    body = trial.workshop.body(bodies, EXAMPLE)
    found = several(bodies, body, Random(trial.asker.context.seed)).get(parts.name)
    return found if isinstance(found, list) else []


def told_of_parts(trial: Trial) -> None:
    """An answer tells of the parts in the order in which they were sent, of each, and counts them right."""
    made_up(trial)
    parts = Parts(trial.thing)
    sent = [_grown(trial, parts), *(pair.parts for pair in parts.pairs)]
    for said in filter(None, sent):
        reply = trial.make({parts.name: said}).replies[-1]
        _hold_order(trial, parts, said, reply)
        _hold_numbers(trial, parts, said, reply)
    if not any(sent):
        raise Inconclusive("none is made with parts")


def _hold_order(trial: Trial, parts: Parts, said: list[Row], reply: Reply) -> None:
    for path in parts.ordered:
        rows = value_at(reply.body, path)
        places = [_position(row, said) for row in rows] if isinstance(rows, list) else []
        found = [place for place in places if place is not None]
        if len(found) == len(places) and found != sorted(found):
            detail = f"{path[-1]} is said to be in the order in which parts were sent, and is not."
            raise _broken(trial, reply, path, detail, sorted(found), found)


def _hold_numbers(trial: Trial, parts: Parts, said: list[Row], reply: Reply) -> None:
    told = sum(_size(reply.body, path) for path in parts.shared)
    if parts.shared and told != len(said):
        names = " and ".join(path[-1] for path in parts.shared)
        detail = f"{len(said)} parts were sent, and {names} tell of {told}."
        raise _broken(trial, reply, parts.shared[0], detail, len(said), told)
    for number, path in parts.counted:
        shown, wanted = value_at(reply.body, number), _size(reply.body, path)
        if shown is not None and not alike(shown, wanted):
            detail = f"{number[-1]} is {short(shown)}, and {path[-1]} has {wanted}."
            raise _broken(trial, reply, number, detail, wanted, shown)


def _broken(trial: Trial, reply: Reply, path: Path, detail: str, expected: Json, found: Json) -> Broken:
    pointer = "/" + "/".join(path)
    return trial.broken(reply.operation, detail, reply, pointer=pointer, expected=expected, found=found)


def parts_are_kept(trial: Trial) -> None:
    """An amount of a part is shown in the list below, under the name that the examples give it there."""
    made_up(trial)
    parts, tried = Parts(trial.thing), 0
    said = _grown(trial, parts)
    for child, name, shown in parts.renamed if said else ():
        left = [{one: value for one, value in said[0].items() if one != name}, *said[1:]]
        for sent in (said, left):
            with suppress(Unjudged):
                tried += _hold_kept(trial, parts, sent, (child, name, shown))
    if not tried:
        raise Inconclusive("no part is known again")


def _hold_kept(trial: Trial, parts: Parts, sent: list[Row], renamed: tuple[Thing, str, str]) -> int:
    """Make one with parts, and hold what the list shows of each; return of how many it shows it."""
    child, name, shown = renamed
    item, tried = trial.make({parts.name: sent}), 0
    found = walk(trial.asker, child, item.path)
    for row in found.rows:
        place = _position(row, sent)
        part = sent[place] if place is not None else {}
        wanted = part.get(name, parts.shape.named(name).default)
        if place is None or wanted in (MISSING, None) or row.get(shown) is None:
            continue
        tried += 1
        if not alike(row[shown], wanted):
            how = "was sent as" if name in part else "was left out, and is by default"
            raise trial.broken(
                found.replies[-1].operation,
                f"{name} of a part {how} {short(wanted)}, and {shown} is {short(row[shown])}.",
                *found.replies,
                item=item,
                pointer=f"/{shown}",
                expected=wanted,
                found=row[shown],
            )
    return tried


def _tells(thing: Thing) -> str:
    if thing.create is None:
        return "nothing makes one"
    parts = Parts(thing)
    told = parts.name and (parts.ordered or parts.shared or parts.counted)
    return "" if told else "nothing is told of the parts that one is made with"


def _renames(thing: Thing) -> str:
    if thing.create is None:
        return "nothing makes one"
    parts = Parts(thing)
    return "" if parts.name and parts.renamed else "no example shows a part's amount under another name"


LAWS = (
    Law(
        "parts-are-told",
        "An answer tells of the parts that were sent: of each, in their order, and counted right.",
        "create",
        told_of_parts,
        _tells,
    ),
    Law(
        "parts-are-kept",
        "The amount of a part is what a list shows of it under another name.",
        "create",
        parts_are_kept,
        _renames,
    ),
)
