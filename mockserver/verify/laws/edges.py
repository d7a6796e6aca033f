"""
Laws of what is easily lost on the way in: values at the edge, what hangs on a thing that is changed,
and what an answer to several things says of their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from mockserver.behavior.wording import last_word, plain, words
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, Unsupported
from mockserver.verify.laws.bodies import Bodies, names_another
from mockserver.verify.laws.changing import changing, with_required
from mockserver.verify.laws.gone import children, there
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.naming import is_status
from mockserver.verify.laws.things import Thing, answer_shape
from mockserver.verify.laws.trial import Law, Trial, short

MOST_EDGES = 16
"""Things that are made with a value at an edge."""

_LONGEST = 5_000
"""Characters of a text at its maxLength, or of one with a greater one: many a column has 255, or 1,000."""

_SIGNS = ' & "son", é漢😀, 1 < 2'
"""What a careless server escapes, or stores in a narrow encoding."""

_ELSEWHERE = "2031-03-04T01:30:00+05:30"
"""A time on another day where it was said than in UTC."""

_LEFT_OUT: tuple[Json, ...] = (0, False, [])
"""What some servers do not show, as if it was null: whether it must be there is the schema's to say."""

_RECEIVED = words("received submitted")
_ACCEPTED = words("accepted added created imported inserted saved stored")


def edges(bodies: Bodies, names: list[str], token: str) -> Iterator[tuple[str, Json]]:
    """Yield (property, value): what a thing may be made with, and a careless server loses."""
    for name in names:
        shape = bodies.shape.named(name)
        if not shape.typed or any(face.keys() & {"enum", "const"} for face in shape.faces):
            continue
        yield from ((name, value) for value in _at_edges(bodies, name, shape, token))


def _at_edges(bodies: Bodies, name: str, shape: Shape, token: str) -> Iterator[Json]:
    kinds = shape.kinds
    if kinds & {"integer", "number"}:
        yield 0
        if "number" in kinds:
            yield 17.5
    if "boolean" in kinds:
        yield False
        yield True
    if "array" in kinds:
        one, other = (_item(bodies, name, shape, f"{token}{number}") for number in "12")
        if MISSING not in (one, other) and one != other:
            yield [one, other]
        yield []
    if "string" in kinds and any(face.get("format") == "date-time" for face in shape.faces):
        yield _ELSEWHERE
    elif "string" in kinds:
        most = min((face["maxLength"] for face in shape.faces if "maxLength" in face), default=0)
        text = bodies.text(name, shape, token)
        if text is not None and len(text) < most:
            most = min(most, _LONGEST)
            yield (text + " " + "and more " * most)[: most - 1] + "x"
            if len(text) + len(_SIGNS) <= most:
                yield text + _SIGNS


def _item(bodies: Bodies, name: str, shape: Shape, token: str) -> Json:
    """Return an item of a list of texts; `MISSING` where it is one of something else."""
    item = shape.item(0)
    text = bodies.text(name, item, token)
    if text is None and "string" in item.kinds and not any("enum" in face for face in item.faces):
        text = token
    return MISSING if text is None else text


def edges_are_kept(trial: Trial) -> None:
    """What was made with 0, false, another list, a fraction, signs, a long text or a far time says so."""
    thing = trial.thing
    operation = thing.create
    assert operation is not None
    bodies = trial.workshop.bodies(thing, operation)
    names = [
        name
        for name in thing.kept(operation)
        if name in thing.row.names and not names_another(name) and not is_status(name)
    ]
    base = trial.workshop.body(bodies)
    tried = 0
    for name, value in edges(bodies, names, trial.workshop.token()):
        if tried == MOST_EDGES:
            break
        if not bodies.fits({**base, name: value}):
            continue
        with suppress(Unjudged):
            try:
                item = trial.make({name: value})
            except Inconclusive:
                _hold_standing(trial, name, value)
                raise
            row, reply = trial.seen(item)
            tried += 1
            if value in _LEFT_OUT and (name not in row or (value == [] and row[name] is None)):
                continue
            trial.hold_sent(reply.operation, {name: value}, row, item, reply)
    if not tried:
        raise Inconclusive(f"{operation.id} takes nothing at an edge")


def _hold_standing(trial: Trial, name: str, value: Json) -> None:
    """
    Raise `Broken` where the server fails of one value of *name*, each time, and takes others.

    Asked here, for what it stands below is gone when the crash itself would be asked again.
    """
    thing = trial.thing
    assert thing.create is not None
    good = trial.make()
    bodies = trial.workshop.bodies(thing, thing.create)
    replies = []
    for _ in range(2):
        sent = trial.workshop.body(bodies, given={name: value})
        replies.append(trial.asker.ask(thing.create, good.beside, bodies.wrapped(sent)))
        if replies[-1].status < 500 or not bodies.fits(sent):
            return
    raise trial.broken(
        thing.create,
        f"The server fails of {name} {short(value)}, which the contract allows: {replies[-1].status}.",
        *replies,
        item=good,
        pointer=f"/{name}",
        expected="a success",
        found=replies[-1].status,
    )


def _keeps_edges(thing: Thing) -> str:
    if not (thing.create and thing.create.body and (thing.read or (thing.lister and thing.key))):
        return "nothing makes and shows one"
    return "" if thing.kept(thing.create) else f"{thing.create.id} is sent nothing that is kept"


# ------------------------------------------------------------------------------------------ what hangs on it


def below_stays(trial: Trial) -> None:
    """What stands below a thing is still there when the thing was changed."""
    thing = trial.thing
    tried = 0
    for child, way in _ways(thing):
        with suppress(Unjudged):
            item = trial.make()
            below = trial.make(thing=child, parent=item)
            if not there(trial, below)[0]:
                continue
            change = way(trial, item)
            tried += 1
            still, reply = there(trial, below)
            if still:
                continue
            raise trial.broken(
                reply.operation,
                f"What was made by {child.create.id if child.create else ''} is gone when the thing above it "
                f"was changed by {change.operation.id}.",
                *(*below.replies, change, reply),
                item=item,
                expected=below.key,
            )
    if not tried:
        raise Inconclusive("nothing below it could be made and seen")


def _ways(thing: Thing) -> Iterator[tuple[Thing, Callable[[Trial, Item], Reply]]]:
    """Yield what stands below a thing with each way to change the thing that leaves it alone."""
    for child in children(thing):
        if thing.patch is not None:
            yield child, _change
        if (
            thing.replace is not None
            and last_word(child.resource.path) not in thing.sent(thing.replace).names
        ):
            yield child, _replace


def _replace(trial: Trial, item: Item) -> Reply:
    """
    Put *item* in its own place and return the call.

    Raises:
        Inconclusive: It is refused.
    """
    operation = trial.thing.replace
    assert operation is not None
    bodies = trial.workshop.bodies(trial.thing, operation)
    reply = trial.asker.ask(operation, item.path, bodies.wrapped(item.sent))
    if not reply.done or not bodies.fits(item.sent):
        raise Inconclusive(f"{operation.id} does not take what one was made with")
    return reply


def _change(trial: Trial, item: Item) -> Reply:
    """
    Change one property of *item* and return the call.

    Raises:
        Inconclusive: None can be changed.
    """
    thing = trial.thing
    assert thing.patch is not None
    bodies = trial.workshop.bodies(thing, thing.patch)
    before, _ = trial.seen(item)
    for name in changing(thing, thing.patch):
        value = bodies.other(name, before.get(name), trial.workshop.token())
        sent = with_required(trial, {name: value}, before) if value is not MISSING else None
        if sent is not None:
            reply = trial.asker.ask(thing.patch, item.path, bodies.wrapped(sent))
            if reply.done:
                return reply
    raise Inconclusive(f"{thing.patch.id} takes no change of one property")


def _hangs(thing: Thing) -> str:
    if not (thing.create and (thing.patch or thing.replace) and (thing.read or thing.lister)):
        return "nothing changes one"
    return "" if any(True for _ in _ways(thing)) else "nothing is made below one"


# -------------------------------------------------------------------------------------------- several at once


def told(operation: Operation) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield (path, whether of what was sent): the numbers by which an answer counts several things."""
    whole = answer_shape(operation)
    for name in whole.names if whole is not None else ():
        shape = whole.named(name)  # type: ignore[union-attr]
        yield from _counting((name,), shape)
        if shape.typed and "object" in shape.kinds:
            for inner in shape.names:
                yield from _counting((name, inner), shape.named(inner))


def _counting(path: tuple[str, ...], shape: Shape) -> Iterator[tuple[tuple[str, ...], bool]]:
    word = plain(path[-1]).removesuffix("count")
    if shape.typed and shape.kinds <= {"integer", "number", "null"} and word in _RECEIVED | _ACCEPTED:
        yield path, word in _RECEIVED


def several_are_counted(trial: Trial) -> None:
    """An answer to several things counts those that were sent, and those that it shows as made."""
    thing = trial.thing
    operation = thing.create
    assert operation is not None
    item = trial.make()
    reply = item.replies[-1]
    shown = thing.shown(operation)
    rows = shown.found_in(reply.body) if shown is not None else MISSING
    if reply.operation is not operation or not isinstance(rows, list):
        raise Unsupported(f"{operation.id} does not show what it made")
    for path, of_sent in told(operation):
        found: Json = reply.body
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        expected = 1 if of_sent else len(rows)
        if found is not None and not alike(found, expected):
            what = "was sent" if of_sent else "is shown as made"
            raise trial.broken(
                operation,
                f"{path[-1]} is {found}, and {expected} {what}.",
                item=item,
                pointer="/" + "/".join(path),
                expected=expected,
                found=found,
            )


def _counts_several(thing: Thing) -> str:
    if thing.create is None or not thing.resource.takes_many(thing.create):
        return "nothing makes several at once"
    return "" if any(True for _ in told(thing.create)) else f"{thing.create.id} counts nothing"


LAWS = (
    Law(
        "edges-are-kept",
        "What was made with 0, false, a list, a fraction, a long text or a time with an offset says so.",
        "create",
        edges_are_kept,
        _keeps_edges,
    ),
    Law(
        "below-stays",
        "What stands below a thing outlives a change of the thing.",
        "patch",
        below_stays,
        _hangs,
    ),
    Law(
        "several-are-counted",
        "An answer to several things counts them.",
        "create",
        several_are_counted,
        _counts_several,
    ),
)
