"""
A law of answers that have in them what was asked with: a link with the click that it was asked for.

No word says so; an example does, in which the value of a parameter stands inside a text of the answer, and an
example without the parameter, in which it does not. So does one that has the code of the thing in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from mockserver.contract.model import Operation
from mockserver.contract.pairs import documented_answers
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.asking import Inconclusive, Reply
from mockserver.verify.laws.counting import made_up
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.keys import value_at
from mockserver.verify.laws.naming import is_wordlike
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short

Path = tuple[str, ...]
_TELLING = 5
"""Signs of a text that stands in another by no chance."""


@dataclass(frozen=True)
class Echo:
    """Where an answer of *operation* has a text in it; *name* is a query parameter, or a thing's property."""

    operation: Operation
    name: str
    path: Path


def _texts(value: Json, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    for step, inner in value.items() if isinstance(value, dict) else ():
        yield from _texts(inner, (*path, step))


def _asked(operation: Operation, name: str) -> dict[str, Json]:
    """Return the query parameters that the example *name* says."""
    return {own: one.value for where, own, one in operation.request_examples(name) if where == "query"}


def asked_with(operation: Operation) -> Iterator[Echo]:
    """Yield the query parameters whose value an answer has in one of its texts."""
    answers = documented_answers(operation)
    for name, answer in answers.items():
        for parameter, value in _asked(operation, name).items():
            if not isinstance(value, str) or len(value) < _TELLING:
                continue
            where = [path for path, text in _texts(answer) if value in text and value != text]
            others = [
                other for one, other in answers.items() if _asked(operation, one).get(parameter) != value
            ]
            if (
                len(where) == 1
                and others
                and not any(value in str(value_at(other, where[0])) for other in others)
            ):
                yield Echo(operation, parameter, where[0])


def of_the_thing(thing: Thing, operation: Operation) -> Iterator[Echo]:
    """Yield the codes of a thing that each documented answer has in one of its texts."""
    if thing.read is None:
        return
    answers = documented_answers(operation)
    for body in documented_answers(thing.read).values():
        row = thing.row_of(thing.read, body) or {}
        for name, value in row.items():
            if not isinstance(value, str) or len(value) < _TELLING or not is_wordlike(name):
                continue
            places = [{path for path, text in _texts(answer) if value in text} for answer in answers.values()]
            common = set.intersection(*places) if places else set()
            if len(common) == 1:
                yield Echo(operation, name, common.pop())


def echoed(trial: Trial) -> None:
    """What was asked with, and what the thing is called by, stands in the answer where examples have it."""
    made_up(trial)
    thing, tried = trial.thing, 0
    item = trial.make()
    trial.make()  # a server may answer with the newest
    row, look = trial.seen(item)
    for operation in thing.reads:
        for echo in asked_with(operation):
            value = _word(trial, echo)
            reply = trial.asker.ask(operation, {**item.path, ("query", echo.name): value})
            tried += _hold(trial, echo, value, item, reply)
        for echo in of_the_thing(thing, operation):
            if isinstance(row.get(echo.name), str):
                reply = trial.asker.ask(operation, item.path)
                tried += _hold(trial, echo, row[echo.name], item, look, reply, of="is")
    if not tried:
        raise Inconclusive("nothing that is asked for is answered")


def _word(trial: Trial, echo: Echo) -> str:
    """
    Return a word of both cases that nobody else uses.

    Raises:
        Inconclusive: The parameter takes none.
    """
    parameter = next(one for one in echo.operation.parameters if one.name == echo.name)
    value = f"Ab{trial.workshop.token()}"
    shape = Shape(parameter.schema.json("request")) if parameter.schema is not None else Shape({})
    if not RawValidator(shape.document).is_valid(value):
        raise Inconclusive(f"{echo.name} takes no word")
    return value


def _hold(trial: Trial, echo: Echo, value: str, item: Item, *replies: Reply, of: str = "was asked as") -> int:
    found = value_at(replies[-1].body, echo.path)
    if not replies[-1].good or not isinstance(found, str):
        return 0
    if value in found or quote(value, safe="") in found:
        return 1
    where = "/".join(echo.path)
    raise trial.broken(
        echo.operation,
        f"{echo.name} {of} {short(value)}, and {where}, where examples have it, is {short(found)}.",
        *replies,
        item=item,
        pointer=f"/{where}",
        expected=value,
        found=found,
    )


def _echoes(thing: Thing) -> str:
    if not (thing.create and (thing.read or thing.lister)):
        return "nothing makes and shows one"
    known = (
        one
        for each in thing.reads
        for found in (asked_with(each), of_the_thing(thing, each))
        for one in found
    )
    return "" if any(True for _ in known) else "no example has in it what was asked with"


LAWS = (
    Law(
        "echoes-are-true",
        "An answer has in it what was asked with, where the examples have it.",
        "read",
        echoed,
        _echoes,
    ),
)
