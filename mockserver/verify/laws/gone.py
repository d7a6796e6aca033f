"""
Laws of deletion: what was deleted is gone, with what stood below it, and nothing else is.
"""

from __future__ import annotations

import re
from contextlib import suppress

from mockserver.behavior.wording import singular, words, words_of
from mockserver.contract.model import Operation
from mockserver.exchange import Json
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, Unsupported
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row
from mockserver.verify.laws.naming import is_status
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial

GONE = (404, 410)

_NUMBERED = re.compile(r"([A-Za-z]+[-_]?)(\d{1,9})")
"""A key that is a word and a running number."""


def deleted_is_gone(trial: Trial) -> None:
    """What was deleted is neither read nor listed, and cannot be changed."""
    thing, item = trial.thing, trial.make()
    if thing.read is not None and not trial.read(item).good:
        raise Inconclusive(f"{thing.read.id} does not show what was made")
    reply = delete(trial, item)
    if thing.read is not None:
        again = trial.read(item)
        if again.good:
            detail = f"What {reply.operation.id} has deleted can still be read."
            raise trial.broken(thing.read, detail, reply, again, item=item, expected=404, found=again.status)
    if thing.lister is not None and thing.key:
        with suppress(Inconclusive):
            row, listing = trial.listed(item)
            if row is not None:
                detail = f"What {reply.operation.id} has deleted is still listed."
                raise trial.broken(thing.lister, detail, reply, listing, item=item, found=item.key)
    for operation in (thing.patch, thing.replace):
        made = operation is not None and "201" in operation.responses  # as a new one, at the place of the old
        if operation is None or "404" not in operation.responses or thing.read is None or made:
            continue
        again = trial.asker.ask(operation, item.path, body := _another(trial, operation))
        if again.good and body:  # to change nothing may be no change of anything
            detail = f"What was deleted can still be changed by {operation.id}."
            raise trial.broken(operation, detail, reply, again, item=item, expected=404, found=again.status)


def _another(trial: Trial, operation: Operation) -> Json:
    """Return a body that changes something, or all."""
    bodies = trial.workshop.bodies(trial.thing, operation)
    if operation is trial.thing.replace:
        return bodies.wrapped(trial.workshop.body(bodies))
    made = bodies.generated(trial.workshop.token(), full=False) or bodies.generated("all", full=True)
    return bodies.wrapped(made) if made else {}


_UNLISTED = re.compile(
    r"\b(leaves|(removed|gone|disappears|taken|hidden) from|no longer (in|on|part of)|not (in|shown in))"
    r" (the |any |all )?lists?\b|\b(no longer|not|never) listed"
    r"|\b(but|except) (the )?(deleted|archived|removed)",
    re.IGNORECASE,
)
"""What is said of a soft delete, or of the list: what is deleted is not there."""


def deleted_is_unlisted(trial: Trial) -> None:
    """What was deleted is no more in the list, wherever else it may still be seen."""
    thing, item = trial.thing, trial.make()
    assert thing.lister is not None
    before, _ = trial.listed(item)
    reply = delete(trial, item)
    row, listing = trial.listed(item)
    if row is not None and before is not None:
        detail = f"What {reply.operation.id} has deleted is still listed."
        raise trial.broken(thing.lister, detail, reply, listing, item=item, found=item.key)


def _unlists(thing: Thing) -> str:
    if not (thing.create and thing.delete and thing.lister and thing.key):
        return "nothing makes, deletes and lists one"
    if not thing.lingers:
        return "`deleted-is-gone` says more"
    texts = [f"{one.summary}. {one.description}" for one in (thing.delete, thing.lister)]
    return "" if any(map(_UNLISTED.search, texts)) else thing.lingers


def deleted_twice(trial: Trial) -> None:
    """To delete once more is answered as documented, and is no failure of the server."""
    item = trial.make()
    first = delete(trial, item, seen=trial.read(item) if trial.thing.read is not None else None)
    again = trial.asker.ask(first.operation, item.path)
    if again.status >= 500:
        detail = f"To delete again is answered {again.status}."
        raise trial.broken(first.operation, detail, first, again, item=item, expected=404, found=again.status)
    documented = first.operation.promise(again.status) is not None
    if not documented and not again.good and again.status not in GONE:
        detail = f"To delete again is answered {again.status}, which is not documented."
        raise trial.broken(first.operation, detail, first, again, item=item, expected=404, found=again.status)


def others_stay(trial: Trial) -> None:
    """Deleting takes one thing, and leaves those beside it."""
    earlier, one, later = trial.make(), trial.make(), trial.make()
    before = {id(other): trial.seen(other)[0] for other in (earlier, later)}
    below = []
    for child in children(trial.thing):
        with suppress(Unjudged):
            below.append(trial.make(thing=child, parent=later))
    below = [made for made in below if there(trial, made)[0]]
    reply = delete(trial, one)
    for other in (earlier, later):
        _hold_there(trial, reply, one, other, before[id(other)])
    for made in below:
        still, look = there(trial, made)
        if not still:
            detail = f"{reply.operation.id} has taken away what stands below another one."
            raise trial.broken(
                look.operation, detail, *made.replies, reply, look, item=one, expected=made.key
            )


def _hold_there(trial: Trial, reply: Reply, one: Item, other: Item, before: Row) -> None:
    """Raise `Broken` where *other* has gone with *one*."""
    thing = trial.thing
    if thing.read is not None:
        again = trial.read(other)
        if again.status in GONE:
            detail = f"{reply.operation.id} has taken away another one than it was asked to."
            raise trial.broken(
                thing.read, detail, *other.replies, reply, again, item=one, expected=200, found=again.status
            )
    if thing.lister is not None and thing.key and thing.key in before:
        row, listing = trial.listed(other)
        if row is None:
            detail = f"{reply.operation.id} has taken another one from the list than it was asked to."
            raise trial.broken(
                thing.lister, detail, *other.replies, reply, listing, item=one, expected=other.key
            )


def there(trial: Trial, item: Item) -> tuple[bool, Reply]:
    """Return whether *item* can still be read, or is listed where nothing reads it; and the call."""
    if item.thing.read is not None:
        reply = trial.read(item)
        return reply.good, reply
    row, reply = trial.listed(item)
    return row is not None, reply


def children(thing: Thing) -> list[Thing]:
    """Return what can be made and seen below one of *thing*."""
    return [
        one
        for one in thing.below
        if one.parent is thing and one.create is not None and (one.read or (one.lister and one.key))
    ]


def below_is_gone(trial: Trial) -> None:
    """What stands below a thing that was deleted is gone with it."""
    thing = trial.thing
    item = trial.make()
    below: list[tuple[Operation, dict[tuple[str, str], Json], Item | None]] = []
    for child in thing.below:
        if child.parent is not thing:
            continue
        made = None
        with suppress(Unjudged):
            made = trial.make(thing=child, parent=item) if child.create is not None else None
        if child.lister is not None:
            below.append((child.lister, item.path, made))
        if child.read is not None and made is not None and (not child.apart or _names(thing.delete, child)):
            below.append((child.read, made.path, made))
    below += [(operation, item.path, None) for operation in thing.reads]
    live = []
    for operation, path, made in below:
        with suppress(Unjudged):
            if trial.asker.ask(operation, path).good:
                live.append((operation, path, made))
    if not live:
        raise Inconclusive(f"nothing below what {item.replies[-1].operation.id} makes can be read")
    unknown = trial.make()
    delete(trial, unknown)
    reply = delete(trial, item)
    for operation, path, made in live:
        again = trial.asker.ask(operation, path)
        if not again.good:
            continue
        if (
            made is None
            and not _refuses_others(trial, operation, path, item)
            and not _holds_rows(trial, again)
        ):
            continue
        replies = [*(made.replies[len(item.replies) :] if made is not None else ()), reply, again]
        emptied = made is not None and operation is made.thing.lister and not _holds_rows(trial, again, made)
        if emptied and not _refuses_others(trial, operation, path, item):
            continue
        detail = (
            f"{reply.operation.id} has deleted what it stands below, and it is still answered {again.status}."
        )
        raise trial.broken(operation, detail, *replies, item=item, expected=404, found=again.status)


def _names(deletes: Operation | None, child: Thing) -> bool:
    """Return whether *deletes* says that it takes what stands below with it: "with all of its trips"."""
    said = words_of(f"{deletes.summary} {deletes.description}") if deletes is not None else []
    return child.name in map(singular, said)


def _holds_rows(trial: Trial, reply: Reply, made: Item | None = None) -> bool:
    """Return whether an answer lists rows."""
    for child in trial.thing.below:
        if child.lister is reply.operation:
            return bool(child.rows_of(reply.operation, reply.body))
    return made is not None


def _refuses_others(
    trial: Trial, operation: Operation, path: dict[tuple[str, str], Json], item: Item
) -> bool:
    """Return whether *operation* says 404 for a key that was never given to anything."""
    strange = strange_key(item.key)
    if strange is None or "404" not in operation.responses:
        return False
    parameter = ("path", item.thing.resource.parameter)
    try:
        return trial.asker.ask(operation, {**path, parameter: strange}).status == 404
    except Unjudged:
        return False


def strange_key(key: Json) -> Json:
    """Return a key of the same form that nothing has; None where that is not sure."""
    if isinstance(key, int):
        return key + 987_654
    if isinstance(key, str) and key.isdecimal():
        return str(int(key) + 987_654)
    if isinstance(key, str) and (numbered := _NUMBERED.fullmatch(key)):
        return f"{numbered[1]}{int(numbered[2]) + 987_654}"
    if isinstance(key, str) and len(key) >= 8:
        digits = [place for place, sign in enumerate(key) if sign in "0123456789abcdef"]
        if len(digits) >= 6:
            turned = {place: "9" if key[place] != "9" else "8" for place in digits[-6:]}
            return "".join(turned.get(place, sign) for place, sign in enumerate(key))
    return None


def delete(trial: Trial, item: Item, seen: Reply | None = None) -> Reply:
    """
    Delete *item* and return the call. *seen* is one that has read it just before.

    Raises:
        Broken: It was read, and is said not to be there.
        Inconclusive: It is refused.
    """
    operation = item.thing.delete
    if operation is None:
        raise Unsupported(f"nothing deletes one of {item.thing.resource.path}")
    reply = trial.asker.ask(operation, item.path)
    if seen is not None and seen.good and reply.status in GONE:
        detail = f"What can be read is answered {reply.status} by {operation.id}."
        raise trial.broken(operation, detail, seen, reply, item=item, expected=204, found=reply.status)
    if not reply.good:
        raise Inconclusive(f"{reply} is answered {reply.status}")
    if reply.status == 202:
        raise Unsupported(f"{operation.id} is answered 202: it may take its time")
    item.gone = True
    return reply


def _deletes(thing: Thing) -> str:
    if not (thing.create and thing.delete):
        return "nothing makes and deletes one"
    return thing.lingers


_NOT_DELETED = re.compile(
    r"\b(is|was|are|has) not (been )?(yet )?(deleted|removed|archived|trashed)", re.IGNORECASE
)
_RESTORING = words("restore undelete recover untrash reinstate")
"""Verbs of what brings back what was deleted."""


def restored_is_back(trial: Trial) -> None:
    """What was deleted and restored is read and listed, and is what it was."""
    thing = trial.thing
    operation = _restoring(thing)
    assert operation is not None
    item = trial.make()
    before, first = trial.seen(item)
    promise = operation.responses.get("409")
    if promise is not None and _NOT_DELETED.search(promise.description):
        early = trial.asker.ask(operation, item.path)
        if early.good:
            raise trial.taken(operation, f"{operation.id} restores what is not deleted", early, item=item)
    listed = thing.lister is not None and bool(thing.key) and trial.listed(item)[0] is not None
    gone = delete(trial, item)
    reply = trial.asker.ask(operation, item.path)
    if not reply.done:
        raise Inconclusive(f"{reply} is answered {reply.status}")
    item.gone = False
    told = thing.row_of(operation, reply.body) or {}
    trial.hold_sent(operation, item.sent, told, item, reply, absent=False)
    if thing.read is not None:
        again = trial.read(item)
        if not again.good:
            detail = f"What {operation.id} has restored is answered {again.status} when it is read."
            calls = (gone, reply, again)
            raise trial.broken(thing.read, detail, *calls, item=item, expected=200, found=again.status)
        row = thing.row_of(thing.read, again.body) or {}
        said = f"is another since {operation.id}"
        names = {name for name in thing.clients if not is_status(name)}
        trial.hold_same(thing.read, names, before, row, said, first, gone, reply, again, item=item)
    if listed:
        shown, listing = trial.listed(item)
        if shown is None:
            detail = f"What {operation.id} has restored is not in the list."
            calls = (gone, reply, listing)
            raise trial.broken(listing.operation, detail, *calls, item=item, expected=item.key)


def _restoring(thing: Thing) -> Operation | None:
    """Return what brings back what was deleted."""
    for one in thing.actions:
        verb = next(iter(words_of(one.route.template.rpartition("/")[2])), "")
        if verb in _RESTORING and one.body is None:
            return one
    return None


def _restores(thing: Thing) -> str:
    if not (thing.create and thing.delete and (thing.read or (thing.lister and thing.key))):
        return "nothing makes, deletes and shows one"
    return "" if _restoring(thing) else "nothing restores one"


LAWS = (
    Law(
        "restored-is-back",
        "What was deleted and restored is what it was.",
        "read",
        restored_is_back,
        _restores,
    ),
    Law(
        "deleted-is-gone",
        "What was deleted is neither read nor listed.",
        "delete",
        deleted_is_gone,
        lambda thing: _deletes(thing) or ("" if thing.read or thing.lister else "nothing reads or lists one"),
    ),
    Law(
        "deleted-is-unlisted",
        "What was deleted is no more in the list.",
        "delete",
        deleted_is_unlisted,
        _unlists,
    ),
    Law(
        "deleted-twice",
        "To delete once more is no failure.",
        "delete",
        deleted_twice,
        lambda thing: "" if thing.create and thing.delete else "nothing makes and deletes one",
    ),
    Law(
        "others-stay",
        "Deleting takes one thing, and leaves those beside it.",
        "delete",
        others_stay,
        lambda thing: (
            ""
            if thing.create and thing.delete and (thing.read or thing.lister)
            else "nothing makes and deletes one"
        ),
        quick=False,
    ),
    Law(
        "below-is-gone",
        "What stands below a thing is deleted with it.",
        "delete",
        below_is_gone,
        lambda thing: _deletes(thing) or ("" if thing.below or thing.reads else "nothing stands below one"),
    ),
)
