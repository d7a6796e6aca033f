"""
Laws of change: what was changed is changed, in one thing, and nothing else is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import suppress

from mockserver.behavior.wording import plain
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import agree, alike, instant
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, Unsupported
from mockserver.verify.laws.bodies import names_another
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row
from mockserver.verify.laws.naming import is_created, is_status, is_updated
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import TICK, Law, Trial, short

MOST_FIELDS = 4
"""Properties that are changed one by one."""


def changing(thing: Thing, operation: Operation) -> Iterator[str]:
    """Yield the properties that *operation* may change one by one, the most harmless first."""
    names = [name for name in thing.kept(operation) if name in thing.clients and not names_another(name)]
    yield from sorted(names, key=is_status)


def patched(trial: Trial) -> None:
    """A change is kept, and what was not sent stays as it was."""
    thing = trial.thing
    operation = thing.patch
    assert operation is not None
    earlier, item, later = trial.make(), trial.make(), trial.make()
    others = [(one, *trial.seen(one)) for one in (earlier, later)]
    bodies = trial.workshop.bodies(thing, operation)
    changed = 0
    told: dict[str, Json] = {}
    reply = None
    for name in changing(thing, operation):
        if changed == MOST_FIELDS:
            break
        before, first = trial.seen(item)
        value = bodies.other(
            name, before.get(name), trial.workshop.token(), among=tuple(row.get(name) for _, row, _ in others)
        )
        sent = with_required(trial, {name: value}, before)
        if value is MISSING or sent is None or not bodies.belongs(name, {**before, **item.sent}):
            continue
        reply = trial.asker.ask(operation, item.path, bodies.wrapped(sent))
        if not reply.done:
            continue
        changed += 1
        told |= sent
        _hold_change(trial, operation, item, sent, before, first, reply)
    if not changed or reply is None:
        raise Inconclusive(f"{operation.id} takes no change of one property")
    _hold_others(trial, operation, others, item, reply)
    _listed_as_read(trial, item, told, reply)


def _hold_others(
    trial: Trial, operation: Operation, others: list[tuple[Item, Row, Reply]], item: Item, reply: Reply
) -> None:
    """Raise `Broken` where one of *others*, made before and after *item*, was changed with it."""
    said = f"of another one was changed by {operation.id}"
    for other, before, look in others:
        after, again = trial.seen(other)
        calls = (*item.replies, look, reply, again)
        trial.hold_same(again.operation, trial.thing.clients, before, after, said, *calls, item=other)


def _listed_as_read(trial: Trial, item: Item, sent: dict[str, Json], reply: Reply) -> None:
    """Raise `Broken` where the list still shows what was before a change to *sent*."""
    thing = trial.thing
    if thing.lister is None or thing.read is None or not thing.key:
        return
    with suppress(Inconclusive):
        row, listing = trial.listed(item)
        read, look = trial.seen(item)
        if row is not None:
            said = "is listed as another than it is read after a change"
            names = {name for name in thing.clients if not is_status(name)}
            trial.hold_same(thing.lister, names, read, row, said, reply, look, listing, item=item)
            alone = {name: value for name, value in sent.items() if name not in thing.row.names}
            trial.hold_sent(thing.lister, alone, row, item, reply, listing, absent=False)


def with_required(trial: Trial, sent: dict[str, Json], before: Row) -> dict[str, Json] | None:
    """Return what must be sent to change *sent*: what is required goes along as it is."""
    operation = trial.thing.patch
    assert operation is not None
    bodies = trial.workshop.bodies(trial.thing, operation)
    if bodies.fits(sent):
        return sent
    required = bodies.shape.required
    whole = {**{name: before[name] for name in sorted(required) if name in before}, **sent}
    return whole if bodies.fits(whole) else None


def _hold_change(
    trial: Trial,
    operation: Operation,
    item: Item,
    sent: dict[str, Json],
    before: Row,
    first: Reply,
    reply: Reply,
) -> None:
    thing = trial.thing
    answered = thing.row_of(operation, reply.body) or {}
    trial.hold_sent(operation, sent, answered, item, reply, absent=False)
    _names_it(trial, item, answered, reply)
    after, second = trial.seen(item)
    _counts_versions(trial, item, before, after, first, reply, second)
    shower = second.operation
    trial.hold_sent(shower, sent, after, item, reply, second)
    status = any(is_status(name) for name in sent)
    rest = {name for name in thing.clients if name not in sent and not (status and is_status(name))}
    rest |= {name for name in thing.row.names if is_created(name)} | {thing.key} - {""}
    said = f"was not sent to {operation.id} and is another now"
    for name in sorted(rest):
        if not alike(before.get(name), after.get(name)) and not _derived(name, sent, status):
            trial.hold_same(
                operation,
                {name},
                {name: before.get(name)},
                {name: after.get(name)},
                said,
                first,
                reply,
                second,
                item=item,
            )


def _names_it(trial: Trial, item: Item, answered: Row, reply: Reply) -> None:
    """Raise `Broken` where the answer to a change shows another thing than the one that was changed."""
    key = trial.thing.key
    told = answered.get(key) if key and key not in reply_body(reply) else None
    if told is not None and not alike(told, item.key) and alike(item.row.get(key), item.key):
        raise trial.broken(
            reply.operation,
            f"{reply.operation.id} was asked to change {short(item.key)} and shows {short(answered[key])}.",
            reply,
            item=item,
            pointer=f"/{key}",
            expected=item.key,
            found=answered[key],
        )


_VERSION = re.compile(r"version|revision|rev")
_EACH_CHANGE = re.compile(
    r"\b(each|every|any|with a) (change|update|edit|modification|write|save)|\bincrement|\bincreas",
    re.IGNORECASE,
)


def _counts_versions(trial: Trial, item: Item, before: Row, after: Row, *replies: Reply) -> None:
    """Raise `Broken` where a version that is said to count changes is what it was."""
    for name in trial.thing.row.names:
        was, now = before.get(name), after.get(name)
        said = trial.thing.row.named(name).described
        counted = _VERSION.fullmatch(plain(name)) and _EACH_CHANGE.search(said)
        if counted and isinstance(was, int) and isinstance(now, int) and now <= was:
            raise trial.broken(
                replies[-1].operation,
                f"{name} was {was} before a change and is {now}: {said.strip()}",
                *replies,
                item=item,
                pointer=f"/{name}",
                expected=was + 1,
                found=now,
            )


def _derived(name: str, sent: dict[str, Json], status: bool) -> bool:
    """Return whether *name* may follow from what was sent: `end_date` from `start_date`."""
    if status and not is_created(name):
        return True
    stems = {one.lower().rstrip("s") for one in sent}
    return any(stem in name.lower() or name.lower() in stem for stem in stems if len(stem) > 2)


def replaced(trial: Trial) -> None:
    """What was put in the place of a thing is what is read; its key and the time of its making stay."""
    thing = trial.thing
    operation = thing.replace
    assert operation is not None
    earlier, item, later = trial.make(), trial.make(), trial.make()
    others = [(one, *trial.seen(one)) for one in (earlier, later)]
    before, first = trial.seen(item)
    bodies = trial.workshop.bodies(thing, operation)
    for how in ("full", "example", "least"):
        sent = trial.workshop.body(bodies, how)
        sent = {
            name: value for name, value in sent.items() if not names_another(name) or name not in item.sent
        } | {name: item.sent[name] for name in sent if names_another(name) and name in item.sent}
        if thing.key in sent and item.key is not None:
            sent[thing.key] = item.key
        reply = trial.asker.ask(operation, item.path, bodies.wrapped(sent))
        if reply.done:
            break
    else:
        raise Inconclusive(f"{operation.id} answers {reply.status} to what the contract allows")
    answered = thing.row_of(operation, reply.body) or {}
    trial.hold_sent(operation, sent, answered, item, reply, absent=False)
    _names_it(trial, item, answered, reply)
    after, second = trial.seen(item)
    _counts_versions(trial, item, before, after, first, reply, second)
    trial.hold_sent(second.operation, sent, after, item, reply, second)
    stays = {name for name in thing.row.names if is_created(name) and name not in sent} | {thing.key} - {""}
    said = f"is another after {operation.id}"
    trial.hold_same(operation, stays, before, after, said, first, reply, second, item=item)
    _hold_others(trial, operation, others, item, reply)
    _listed_as_read(trial, item, sent, reply)
    with suppress(Unjudged):
        row, listing = trial.listed(item)
        trial.hold_once(item, sent if row is not None else {}, "One was replaced", listing, reply)


_WHOLE = re.compile(
    r"(left out|omitted|missing|not (sent|named|given|provided)|absent)[^.]{0,60}"
    r"(default|null|removed|reset|cleared|empt|lost|gone|new one|as new|initial)"
    r"|(whole|entire|complete|full)(ly)?\b[^.]{0,40}\breplac"
    r"|replac\w*[^.]{0,40}\b(whole|entire|complete|full)",
    re.IGNORECASE,
)


def put_resets(trial: Trial) -> None:
    """What a replacement does not name is as if it was never said, where the contract says so."""
    thing = trial.thing
    operation = thing.replace
    assert operation is not None
    item = trial.make()
    before, first = trial.seen(item)
    bodies = trial.workshop.bodies(thing, operation)
    sent = trial.workshop.body(bodies, "least")
    left = {
        name for name in thing.clients & set(thing.kept(operation)) if name in item.sent and name not in sent
    }
    fresh, _ = trial.seen(trial.make(dict.fromkeys(left, MISSING), least=True))
    reply = trial.asker.ask(operation, item.path, bodies.wrapped(sent))
    if not reply.done or not left:
        raise Inconclusive(f"{operation.id} answers {reply.status} to no more than must be said")
    after, second = trial.seen(item)
    for name in sorted(left):
        kept = alike(after.get(name, MISSING), before.get(name, MISSING))
        if kept and not agree(before.get(name, MISSING), fresh.get(name, MISSING)):
            raise trial.broken(
                operation,
                f"{name} was left out of {operation.id}, which replaces the whole, and is still "
                f"{short(after.get(name, MISSING))}.",
                *(first, reply, second),
                item=item,
                pointer=f"/{name}",
                expected=fresh.get(name),
                found=after.get(name, MISSING),
            )


def _replaces_all(thing: Thing) -> str:
    if not (thing.create and thing.replace and (thing.read or thing.lister)):
        return "nothing replaces one"
    said = f"{thing.replace.summary}. {thing.replace.description}"
    return "" if _WHOLE.search(said) else f"{thing.replace.id} does not say what becomes of what is left out"


def times_move(trial: Trial) -> None:
    """The time of the last change moves with a change, and not back."""
    thing = trial.thing
    operation = thing.patch or thing.replace
    assert operation is not None
    item = trial.make()
    before, first = trial.seen(item)
    names = [name for name in thing.row.names if is_updated(name) and instant(before.get(name)) is not None]
    for name in names:
        for other in thing.row.names:
            made, moved = instant(before.get(other)), instant(before.get(name))
            if is_created(other) and made is not None and moved is not None and moved < made - 1:
                detail = f"{name} ({before[name]}) is before {other} ({before[other]})."
                raise trial.broken(
                    first.operation,
                    detail,
                    first,
                    item=item,
                    pointer=f"/{name}",
                    expected=before[other],
                    found=before[name],
                )
    if not names:
        raise Unsupported(f"no row of {thing.resource.path} says when it was changed")
    time.sleep(TICK)  # a law about time: the implementation's clock has to move
    bodies = trial.workshop.bodies(thing, operation)
    reply = None
    if operation is thing.patch:
        for prop in changing(thing, operation):
            value = bodies.other(prop, before.get(prop), trial.workshop.token())
            sent = with_required(trial, {prop: value}, before)
            if value is not MISSING and sent is not None:
                reply = trial.asker.ask(operation, item.path, bodies.wrapped(sent))
                if reply.done:
                    break
    else:
        sent = trial.workshop.body(bodies, "full")
        reply = trial.asker.ask(operation, item.path, bodies.wrapped(sent))
    if reply is None or not reply.done:
        raise Inconclusive(f"{operation.id} takes no change")
    after, second = trial.seen(item)
    stays = {name for name in thing.row.names if is_created(name) and name not in reply_body(reply)}
    said = f"is another after {operation.id}"
    trial.hold_same(second.operation, stays, before, after, said, first, reply, second, item=item)
    for name in names:
        was, now = instant(before[name]), instant(after.get(name))
        if was is None or now is None:
            continue
        if now < was or (now == was and len(str(before[name])) > 10):
            how = "goes back" if now < was else "does not move"
            raise trial.broken(
                operation,
                f"{name} {how} with a change: it was {short(before[name])} and is {short(after[name])}.",
                *(first, reply, second),
                item=item,
                pointer=f"/{name}",
                expected=f"later than {before[name]}",
                found=after[name],
            )


def reply_body(reply: Reply) -> dict[str, Json]:
    """Return what was sent with a call."""
    return reply.said.body if isinstance(reply.said.body, dict) else {}


LAWS = (
    Law(
        "patch-is-kept",
        "A change is kept, and what was not sent stays.",
        "patch",
        patched,
        lambda thing: (
            ""
            if thing.create and thing.patch and (thing.read or thing.lister)
            else "nothing changes a part of one"
        ),
    ),
    Law(
        "put-is-kept",
        "What is put in the place of a thing is what is read.",
        "replace",
        replaced,
        lambda thing: (
            "" if thing.create and thing.replace and (thing.read or thing.lister) else "nothing replaces one"
        ),
    ),
    Law(
        "put-replaces",
        "What a replacement does not name is reset.",
        "replace",
        put_resets,
        _replaces_all,
    ),
    Law(
        "times-move",
        "The time of the last change moves with a change.",
        "patch",
        times_move,
        lambda thing: (
            ""
            if thing.create and (thing.patch or thing.replace) and any(map(is_updated, thing.row.names))
            else "nothing says when one was changed"
        ),
        quick=False,
    ),
)
