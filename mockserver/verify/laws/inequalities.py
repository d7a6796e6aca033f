"""
A law of what two properties are to each other, as words say: "`endsAt` must be after `startsAt`".

No schema can say it, and what takes a meeting that ends before it begins has looked at each value alone. The
right way round is asked first: a server that refuses that, too, has another reason.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mockserver.contract.model import Operation
from mockserver.exchange import Json
from mockserver.generation import choose
from mockserver.verify.laws.alike import instant
from mockserver.verify.laws.asking import Inconclusive, Reply
from mockserver.verify.laws.bodies import Bodies
from mockserver.verify.laws.in_words import Inequality, kind_of, said_of, words_about
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short


def held_order(trial: Trial) -> None:
    """What is said to be more than another property of it is not taken when it is less."""
    thing, tried = trial.thing, 0
    assert thing.create is not None
    bodies = trial.workshop.bodies(thing, thing.create)
    for one in _said(thing, thing.create, bodies):
        low, high = _apart(bodies, one, trial.make().sent)
        good = trial.make({one.high: high, one.low: low})
        wrong = {one.high: low, one.low: high}
        sent = trial.workshop.body(bodies, given={**wrong})
        if not bodies.fits(sent):
            continue
        reply = trial.asker.ask(thing.create, good.beside, bodies.wrapped(sent))
        tried += 1
        if reply.good:
            trial.workshop.adopt(thing, sent, reply, good.beside)
            _convict(trial, thing.create, one, wrong, good, reply)
        change = thing.patch
        if change is None or not {one.high, one.low} <= set(thing.kept(change)):
            continue
        partly = trial.workshop.bodies(thing, change)
        if not list(said_of(partly, words_about(change, partly))) or not partly.fits(wrong):
            continue
        reply = trial.asker.ask(change, good.path, partly.wrapped(wrong))
        if reply.good:
            _convict(trial, change, one, wrong, good, reply)
    if not tried:
        raise Inconclusive("no two values that are the wrong way round could be sent")


def _convict(
    trial: Trial, operation: Operation, one: Inequality, wrong: dict[str, Json], good: Item, reply: Reply
) -> None:
    raise trial.broken(
        operation,
        f"{operation.id} takes {one.high} {short(wrong[one.high])} with {one.low} {short(wrong[one.low])}, "
        f"and says: {one.words}",
        reply,
        item=good,
        pointer=f"/{one.high}",
        expected="a refusal",
        found=reply.status,
    )


def _apart(bodies: Bodies, one: Inequality, sent: dict[str, Json]) -> tuple[Json, Json]:
    """
    Return a lower and a higher value that either property may have.

    Raises:
        Inconclusive: None are known.
    """
    base: Json = next((sent[name] for name in (one.low, one.high) if sent.get(name) is not None), None)
    kind = kind_of(bodies, one.low)
    pairs: list[tuple[Json, Json]] = []
    if kind == "number":
        start = base if isinstance(base, (int, float)) and not isinstance(base, bool) else 10
        pairs = [(start, start + step) for step in (10, 1)] + [(start - step, start) for step in (10, 1)]
    elif isinstance(base, str) and (at := instant(base)) is not None and kind == "date-time":
        later = datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(seconds=int(at) + 2 * 86400)
        pairs = [(base, later.strftime("%Y-%m-%dT%H:%M:%SZ"))]
    elif isinstance(base, str) and kind == "date":
        later_day = datetime.fromisoformat(base[:10]) + timedelta(days=2)
        pairs = [(base, later_day.strftime("%Y-%m-%d"))]
    for low, high in pairs:
        both = [{one.high: high, one.low: low}, {one.high: low, one.low: high}]
        if all(bodies.fits({**sent, **pair}) for pair in both):
            return low, high
    raise Inconclusive(f"no values for {one.high} and {one.low} are known that can be the wrong way round")


def _said(thing: Thing, operation: Operation, bodies: Bodies) -> list[Inequality]:
    kept = set(thing.kept(operation))
    return [one for one in said_of(bodies, words_about(operation, bodies)) if {one.high, one.low} <= kept]


def _missing(thing: Thing) -> str:
    operation = thing.create
    if operation is None or operation.body is None:
        return f"nothing makes one of {thing.resource.path}"
    if choose.fitting(operation, "invalid") is None:
        return f"{operation.id} documents no refusal of an invalid request"
    sent = thing.sent(operation)
    bodies = Bodies(operation, (), sent)
    return "" if _said(thing, operation, bodies) else "no words say which of two properties is more"


LAWS = (
    Law(
        "said-order-is-held",
        "What words say is more than another property is not taken when it is less.",
        "create",
        held_order,
        _missing,
    ),
)
