"""
A law of what brings the same things together twice: "The candidate has applied to it already".

Neither of them is unique, so no duplicate of one value shows it. The same two are asked for at once, while
the first is as it was made: a word of a state beside it ("has an open order already") leaves it open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockserver.behavior.actions import enumerated
from mockserver.behavior.wording import plain, words_of
from mockserver.contract.model import Operation
from mockserver.verify.laws.asking import Unsupported
from mockserver.verify.laws.bodies import names_another
from mockserver.verify.laws.lists import Row
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial

_AGAIN = re.compile(r"\b(already|twice|more than once|again)\b", re.IGNORECASE)


def _spoken(thing: Thing, operation: Operation, row: Row) -> str:
    """Return the words that exclude a second of the same while there is one as *row*; "" without such."""
    promise = operation.responses.get("409")
    if promise is None:
        return ""
    sent = thing.sent(operation)
    states = {word for one in _states(thing, row) for word in words_of(one)}
    others = {plain(name) for name in sent.names if not names_another(name)}
    for part in re.split(r"[.;,]|\bor\b", promise.description):
        said = set(words_of(part))
        if _AGAIN.search(part) and not said & (states | others | {"exists", "exist", "taken", "use"}):
            return part.strip()
    return ""


def _states(thing: Thing, row: Row) -> Iterator[str]:
    """Yield the states that *row* might be in, and is not."""
    for name in thing.row.names:
        yield from (one for one in enumerated(thing.row.named(name)) if one != row.get(name))


def pair_is_refused(trial: Trial) -> None:
    """Nothing is made a second time of the same things where a 409 says so."""
    thing, operation = trial.thing, trial.thing.create
    assert operation is not None
    item = trial.make()
    bodies = trial.workshop.bodies(thing, operation)
    words = _spoken(thing, operation, trial.seen(item)[0])
    targets = trial.workshop.mentions.named(thing, operation)
    spoken = plain(words)
    if (
        not words
        or len(targets) + (thing.parent is not None) < 2
        or not any(one.name in spoken for one in targets)
    ):
        raise Unsupported(f"{operation.id} brings no two things together that its 409 names")
    given = {name: value for name, value in item.sent.items() if names_another(name)}
    sent = trial.workshop.body(bodies, given=given)
    reply = trial.asker.ask(operation, item.beside, bodies.wrapped(sent))
    if reply.good:
        trial.workshop.adopt(thing, sent, reply, item.beside)
        raise trial.taken(operation, f"{operation.id} takes the same once more ({words})", reply, item=item)


def _pairs(thing: Thing) -> str:
    operation = thing.create
    if operation is None:
        return f"nothing makes one of {thing.resource.path}"
    promise = operation.responses.get("409")
    spoken = promise is not None and _AGAIN.search(promise.description)
    return (
        ""
        if spoken and (thing.read or (thing.lister and thing.key))
        else "no 409 says that the same is not made twice"
    )


LAWS = (
    Law("pair-is-refused", "Nothing is made twice of the same things.", "create", pair_is_refused, _pairs),
)
