"""
Laws of what is kept: what was made is there, what was changed is changed, and nothing else is.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random

from mockserver.behavior.wording import plain
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike, instant
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, Unsupported
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row, walk
from mockserver.verify.laws.naming import is_created, is_id, is_status, read_only
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short
from mockserver.verify.laws.varied import otherwise


def created_is_readable(trial: Trial) -> None:
    """What was made can be read, and says what was sent and what was answered."""
    thing, item = trial.thing, trial.make()
    assert thing.create is not None
    made = item.replies[-1]
    if made.status == 202:
        raise Unsupported(f"{thing.create.id} is answered 202: it may take its time")
    trial.hold_sent(thing.create, item.sent, item.row, item, absent=False)
    reply = trial.read(item)
    assert thing.read is not None
    if not reply.good:
        detail = f"What {thing.create.id} has made is answered {reply.status} when it is read."
        raise trial.broken(thing.read, detail, reply, item=item, expected=200, found=reply.status)
    row = thing.row_of(thing.read, reply.body)
    if row is None:
        raise Inconclusive(f"{reply} shows none of {thing.resource.path}")
    trial.hold_sent(thing.read, item.sent, row, item, reply)
    same = {thing.key, *(name for name in thing.row.names if is_created(name)), *thing.clients} - {""}
    same = {name for name in same if not is_status(name)}
    trial.hold_same(thing.read, same, item.row, row, "is read as another than was answered", reply, item=item)
    names_its_parent(trial, item, row, reply)
    _other_is_kept(trial, item)


def _other_is_kept(trial: Trial, item: Item) -> None:
    """Make one with other values of the enums and amounts: an example may say just what is ignored."""
    thing = trial.thing
    assert thing.create is not None
    bodies = trial.workshop.bodies(thing, thing.create)
    given = otherwise(bodies, item.sent, Random(trial.asker.context.seed))
    with suppress(Inconclusive):
        other = trial.make(given) if given else item
        row, reply = trial.seen(other)
        trial.hold_sent(reply.operation, other.sent, row, other, reply)


def created_is_listed(trial: Trial) -> None:
    """What was made is in the list, and the list says of it what reading says."""
    thing = trial.thing
    assert thing.create is not None
    assert thing.lister is not None
    _look_at_none(trial)
    item, beside = _between(trial)
    if item.replies[-1].status == 202:
        raise Unsupported(f"{thing.create.id} is answered 202: it may take its time")
    row, reply = trial.listed(item)
    if row is None:
        detail = f"What {thing.create.id} has made is not in the list."
        raise trial.broken(thing.lister, detail, reply, item=item, expected=item.key)
    trial.hold_sent(thing.lister, item.sent, row, item, reply, absent=False)
    trial.hold_once(item, item.sent, "One was made", reply)
    if thing.read is not None:
        read, second = trial.seen(item)
        names = {name for name in (*thing.clients, thing.key) if name and not is_status(name)}
        said = "is listed as another than it is read"
        trial.hold_same(thing.lister, names, read, row, said, second, reply, item=item)
    names_its_parent(trial, item, row, reply)
    for other in beside:
        _stands_elsewhere(trial, item, other)


def _look_at_none(trial: Trial) -> None:
    """List what stands below a thing made with as little as may be: a list of none has a form, too."""
    thing = trial.thing
    if thing.parent is not None and thing.parent.create is not None and thing.lister is not None:
        with suppress(Unjudged):
            trial.asker.ask(thing.lister, trial.make(thing=thing.parent, least=True).path)


def _between(trial: Trial) -> tuple[Item, tuple[Item, ...]]:
    """
    Return what was made below one thing, and those that a server could mistake for it: an older, a newer one.

    It could have been made below each of them.
    """
    thing = trial.thing
    if thing.parent is None or not thing.parent.create:
        return trial.make(), ()
    trial.make()
    older = trial.workshop.above(thing, other=False)
    its, newer = (trial.workshop.fresh_above(thing) for _ in range(2))
    return trial.make(parent=its), tuple(one for one in (older, newer) if one is not None)


def names_its_parent(trial: Trial, item: Item, row: Row, reply: Reply) -> None:
    """Raise `Broken` where a row names another parent than the one that it was made below."""
    parent = trial.thing.parent
    if parent is None or parent.resource.parameter == "" or not is_id(parent.key):
        return  # /repos/{slug}/issues: what an issue's repo_id names is not what stands in its path
    key = item.path.get(("path", parent.resource.parameter))
    for name in row:
        if plain(name) == f"{parent.name}id" and name not in item.sent and not alike(row[name], key):
            detail = f"{name} is {short(row[name])}, and it was made below {short(key)}."
            raise trial.broken(
                reply.operation, detail, reply, item=item, pointer=f"/{name}", expected=key, found=row[name]
            )


def _stands_elsewhere(trial: Trial, item: Item, other: Item) -> None:
    """Raise `Broken` where what was made below one thing is listed below an *other*."""
    thing = trial.thing
    assert thing.lister is not None
    found = walk(trial.asker, thing, other.path, until=item.key)
    if any(alike(row.get(thing.key), item.key) for row in found.rows):
        detail = "What was made below one thing is listed below another."
        raise trial.broken(thing.lister, detail, *(*other.replies, *found.replies), item=item, found=item.key)


def only_read(trial: Trial) -> None:
    """What is readOnly is not what a client sends."""
    thing = trial.thing
    operation = thing.create
    assert operation is not None
    names = read_only_names(thing)
    bodies = trial.workshop.bodies(thing, operation)
    item = trial.make()
    row, _ = trial.seen(item)
    for name in names:
        if row.get(name) is None or isinstance(row[name], (dict, list)):
            continue
        value = _another(thing, name, row[name])
        if value is MISSING:
            continue
        sent = {**trial.workshop.body(bodies), name: value}
        path = item.beside
        reply = trial.asker.ask(operation, path, bodies.wrapped(sent))
        if not reply.good:
            continue
        shown = thing.row_of(operation, reply.body) or {}
        made = trial.workshop.adopt(thing, sent, reply, path)
        if made is not None:
            shown, second = trial.seen(made)
            if alike(shown.get(name, MISSING), value):
                said = f"what a client sends for it: {short(value)}"
                raise trial.broken(
                    operation,
                    f"{name} is readOnly, and {operation.id} takes {said}.",
                    *(reply, second),
                    pointer=f"/{name}",
                    expected="the server's own",
                    found=shown.get(name, MISSING),
                )


def read_only_names(thing: Thing) -> list[str]:
    """Return the properties of a row that the contract says only the server writes."""
    return [name for name in thing.row.names if read_only(thing.row.named(name))]


def _another(thing: Thing, name: str, current: Json) -> Json:
    """Return a value of the same form as *current*, which a server has set; `MISSING` without one."""
    if isinstance(current, bool):
        return not current
    if isinstance(current, (int, float)):
        far = current + 900_000  # a clock and a counter come to what is near by themselves
        bounds = [face["maximum"] for face in thing.row.named(name).faces if "maximum" in face]
        return far if all(far <= bound for bound in bounds) else current + 7
    if instant(current) is not None:
        return "2001-02-03T04:05:06Z" if len(current) > 10 else "2001-02-03"
    return MISSING


LAWS = (
    Law(
        "created-is-readable",
        "What was made can be read, and says what was sent.",
        "create",
        created_is_readable,
        lambda thing: "" if thing.create and thing.read else "nothing makes and reads one",
    ),
    Law(
        "created-is-listed",
        "What was made is in the list.",
        "create",
        created_is_listed,
        lambda thing: "" if thing.create and thing.lister and thing.key else "nothing makes and lists one",
    ),
    Law(
        "read-only-is-not-written",
        "What is readOnly is the server's.",
        "create",
        only_read,
        lambda thing: (
            ""
            if thing.create and (thing.read or thing.lister) and read_only_names(thing)
            else "nothing is readOnly"
        ),
        quick=False,
    ),
)
