"""
Laws of what is put at a place that clients name: `PUT /codes/{code}`, `PUT /people/{id}/tags/{tag}`.

Nothing else makes such a thing, so the laws of what a POST makes never reach it. A key is drawn that the
server says it does not have, so that nothing of anybody's is replaced. With a 201 a first PUT makes and a
second one replaces (RFC 9110, 9.3.4); without a body it is a set that is added to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from mockserver.contract.model import Operation
from mockserver.errors import MockserverError
from mockserver.exchange import MISSING, Json
from mockserver.generation import Generator, choose
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged
from mockserver.verify.laws.bodies import FULL, LEAST
from mockserver.verify.laws.entering import defaults, hold_defaults
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row, walk
from mockserver.verify.laws.refusing import wrong_bodies
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short

_TRIES = 3
_REPLACED = re.compile(r"replac|updat|chang|exist|overw", re.IGNORECASE)


def put_makes(trial: Trial) -> None:
    """What is put where nothing was is there, is replaced by the next, and goes when it is deleted."""
    thing = trial.thing
    assert thing.replace is not None
    with _placed(trial) as (item, first):
        if first.status == 200 and _tells_apart(thing.replace):
            raise trial.broken(
                thing.replace,
                "What was not there is answered 200: a PUT that makes one is a 201 (RFC 9110, 9.3.4).",
                item=item,
                expected=201,
                found=first.status,
            )
        row, look = _hold_put(trial, item, item.sent, first)
        hold_defaults(trial, defaults(thing, thing.replace), item, row, look)
        _hold_refused(trial, item)
        sent, second = _put(trial, item, FULL)
        if second.status == 201 and _tells_apart(thing.replace):
            raise trial.broken(
                thing.replace,
                "What was there is answered 201: a PUT that replaces one is a 200 or 204 (RFC 9110, 9.3.4).",
                second,
                item=item,
                expected=200,
                found=second.status,
            )
        _hold_put(trial, item, sent, second)
        _hold_listed(trial, item, 1, second)
        if thing.delete is not None and not thing.lingers:
            _taken_away(trial, item)


def _tells_apart(operation: Operation) -> bool:
    """Return whether the contract says which of 200 and 201 means what."""
    told = {
        status: operation.responses[status].description
        for status in ("200", "201")
        if status in operation.responses
    }
    return len(told) == 2 and bool(_REPLACED.search(told["200"])) and not _REPLACED.search(told["201"])


def _taken_away(trial: Trial, item: Item) -> None:
    thing = trial.thing
    assert thing.delete is not None
    reply = trial.asker.ask(thing.delete, item.path)
    if not reply.done:
        raise Inconclusive(f"{reply} is answered {reply.status}")
    item.gone = True
    again = trial.read(item)
    if again.good:
        assert thing.read is not None
        detail = f"What {reply.operation.id} has deleted can still be read."
        raise trial.broken(thing.read, detail, reply, again, item=item, expected=404, found=again.status)
    _hold_listed(trial, item, 0, reply)


@contextmanager
def _placed(trial: Trial) -> Iterator[tuple[Item, Reply]]:
    """Put one where nothing was, with the least that it takes, and take it away at the end."""
    thing, workshop = trial.thing, trial.workshop
    above = workshop.above(thing, other=False)
    for _ in range(_TRIES):
        key = _drawn(thing, workshop.token())
        path = {**(above.path if above is not None else {}), ("path", thing.resource.parameter): key}
        item = Item(thing, key, path, {}, {}, above.replies if above is not None else ())
        look = trial.read(item)
        if look.status == 404:
            break
    else:
        raise Inconclusive(f"no key of {thing.resource.path} is known that is certainly free")
    item.sent, reply = _put(trial, item, LEAST)
    item.replies = (*item.replies, look, reply)
    try:
        yield item, reply
    finally:
        if thing.delete is not None and not item.gone:
            with suppress(Unjudged):
                trial.asker.ask(thing.delete, item.path)


def _drawn(thing: Thing, token: str) -> Json:
    shape = thing.resource.parameter_shape
    if shape is None:
        return token
    accepts = RawValidator(shape.document).is_valid
    if accepts(token):
        return token
    try:
        name = thing.resource.parameter
        return Generator(shape.document, accepts=accepts, name=name, direction="request").value(token)
    except MockserverError as error:
        raise Inconclusive(f"no key of {thing.resource.path} can be made up: {error}") from error


def _put(trial: Trial, item: Item, how: str) -> tuple[dict[str, Json], Reply]:
    thing = trial.thing
    operation = thing.replace
    assert operation is not None
    bodies = trial.workshop.bodies(thing, operation)
    given = {thing.key: item.key} if thing.key in bodies.shape.names else {}
    sent = trial.workshop.said(thing, operation, how, given)
    reply = trial.asker.ask(operation, item.path, bodies.wrapped(sent))
    if not reply.good:
        raise Inconclusive(f"{reply} is answered {reply.status}")
    return sent, reply


def _hold_refused(trial: Trial, item: Item) -> None:
    """Raise `Broken` where a body is taken that is wrong in one property."""
    operation = trial.thing.replace
    assert operation is not None
    if choose.fitting(operation, "invalid") is None:
        return
    bodies = trial.workshop.bodies(trial.thing, operation)
    for name, keyword, body in wrong_bodies(bodies, item.sent):
        said = bodies.wrapped(body)
        if not trial.asker.excluded(operation, item.path, said):
            continue
        reply = trial.asker.ask(operation, item.path, said)
        if reply.good:
            wrong = short(body.get(name, MISSING) if name else body)
            raise trial.broken(
                operation,
                f"{name or 'The body'} is {wrong}, which {keyword} excludes, and {operation.id} takes it.",
                reply,
                item=item,
                pointer=f"/{name}/{keyword}" if name else f"/{keyword}",
                expected="a refusal",
                found=reply.status,
            )


def _hold_put(trial: Trial, item: Item, sent: Mapping[str, Json], reply: Reply) -> tuple[Row, Reply]:
    """Raise `Broken` where reading does not show what was *sent*; return what it shows, and the call."""
    look = trial.read(item)
    assert trial.thing.read is not None
    row = trial.thing.row_of(trial.thing.read, look.body)
    if look.status == 404:
        detail = f"What {reply.operation.id} has put is not there."
        raise trial.broken(trial.thing.read, detail, look, item=item, expected=200, found=look.status)
    if not look.good or row is None:
        raise Inconclusive(f"{look} is answered {look.status} and shows none")
    trial.hold_sent(look.operation, sent, row, item, reply, look)
    return row, look


def _hold_listed(trial: Trial, item: Item, wanted: int, *replies: Reply) -> None:
    """Raise `Broken` where the list does not have *item* as often as *wanted*."""
    thing = trial.thing
    if thing.lister is None or not thing.key:
        return
    found = walk(trial.asker, thing, item.beside)
    count = len([row for row in found.rows if alike(row.get(thing.key), item.key)])
    if found.complete and count != wanted:
        detail = f"{short(item.key)} is listed {count} times, where it is there {wanted} times."
        raise trial.broken(
            thing.lister, detail, *replies, *found.replies, item=item, expected=wanted, found=count
        )


def _puts(thing: Thing) -> str:
    operation = thing.replace
    if thing.create is not None or operation is None or "201" not in operation.responses:
        return "no PUT makes one"
    if thing.read is None or "404" not in thing.read.responses or not thing.resource.parameter:
        return "nothing says whether one is there"
    return "" if operation.body is not None and operation.method == "PUT" else "nothing is said of it"


# ------------------------------------------------------------------------------------------------------ sets


def _set(thing: Thing) -> str:
    """Return the property of the thing above that lists what is put: `tags` of what has `/tags/{tag}`."""
    operation = thing.resource.operation("replace")
    if thing.parent is None or operation is None or operation.method != "PUT" or operation.body is not None:
        return ""
    word = thing.resource.path.rstrip("/").rpartition("/")[2]
    row = thing.parent.row
    if word not in row.names or "array" not in row.named(word).kinds:
        return ""
    return word if "string" in row.named(word).item(0).kinds else ""


def members_are_kept(trial: Trial) -> None:
    """What is added to a set is in it, once however often it is added, and not when it was taken out."""
    thing = trial.thing
    operation, over = thing.resource.operation("replace"), thing.parent
    assert operation is not None
    assert over is not None
    name, word = _set(thing), _drawn(thing, trial.workshop.token())
    item, other = trial.make(thing=over), trial.make(thing=over)
    path = {**item.path, ("path", thing.resource.parameter): word}
    if word in _members(trial, item, name)[0]:
        raise Inconclusive(f"{word} is in {name} of what was just made")
    added = trial.asker.ask(operation, path)
    if not added.done:
        raise Inconclusive(f"{added} is answered {added.status}")
    _hold_members(trial, item, name, word, 1, added)
    _hold_members(trial, other, name, word, 0, added)
    again = trial.asker.ask(operation, path)
    _hold_members(trial, item, name, word, 1, added, again)
    if thing.delete is not None:
        taken = trial.asker.ask(thing.delete, path)
        if taken.done:
            _hold_members(trial, item, name, word, 0, added, taken)


def _members(trial: Trial, item: Item, name: str) -> tuple[list[Json], Reply]:
    over = item.thing
    if over.read is None:
        raise Inconclusive(f"nothing reads one of {over.resource.path}")
    look = trial.read(item)
    row = over.row_of(over.read, look.body)
    found = row.get(name) if row is not None else MISSING
    if not look.good or not isinstance(found, list):
        raise Inconclusive(f"{look} does not show {name}")
    return found, look


def _hold_members(trial: Trial, item: Item, name: str, word: Json, wanted: int, *replies: Reply) -> None:
    found, look = _members(trial, item, name)
    count = len([one for one in found if alike(one, word)])
    if count != wanted:
        detail = f"{name} has {short(word)} {count} times, where {wanted} is due."
        raise trial.broken(
            replies[-1].operation,
            detail,
            *(*replies, look),
            item=item,
            pointer=f"/{name}",
            expected=wanted,
            found=count,
        )


def _joins(thing: Thing) -> str:
    if thing.parent is None or thing.parent.create is None or not _set(thing):
        return "nothing is added to a set by its name"
    return ""


LAWS = (
    Law("put-makes", "What is put where nothing was is there, and replaced.", "replace", put_makes, _puts),
    Law("members-are-kept", "What is added to a set is in it once.", "replace", members_are_kept, _joins),
)
