"""
Laws of what comes in: documented defaults are applied, and what must be unique is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from mockserver.behavior.uniqueness import telling, undecided
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unsupported
from mockserver.verify.laws.gone import GONE, delete
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row, walk
from mockserver.verify.laws.naming import managed
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import LOOKS, PAUSE, Law, Trial, short
from mockserver.verify.laws.writings import written_alike


def defaults(thing: Thing, making: Operation | None = None) -> dict[str, Json]:
    """Return the documented default of each property that may be left out when one is made by *making*."""
    operation = making or thing.create
    if operation is None:
        return {}
    sent = thing.sent(operation)
    required = sent.required
    found = {}
    for name in sent.names:
        default = sent.named(name).default
        if default is MISSING or default is None or name in required or name not in thing.row.names:
            continue
        if (
            not managed(name, shared=False)
            and default not in ("string", "")
            and not isinstance(default, dict)
        ):
            found[name] = default
    return found


def default_is_applied(trial: Trial) -> None:
    """What was left out has its documented default."""
    thing = trial.thing
    documented = defaults(thing)
    item = trial.make(dict.fromkeys(documented, MISSING), least=True)
    row, reply = trial.seen(item)
    hold_defaults(trial, documented, item, {**item.row, **row}, reply)


def hold_defaults(
    trial: Trial, documented: Mapping[str, Json], item: Item, row: Row, *replies: Reply
) -> None:
    """Raise `Broken` where *row* has another value of what was left out than its *documented* default."""
    for name, default in documented.items():
        if name in item.sent or name not in row:
            continue
        found, shape = row[name], trial.thing.row.named(name)
        null = found is None and _is_null_by_default(shape)
        if not null and not alike(default, found) and not written_alike(default, found, shape):
            raise trial.broken(
                replies[-1].operation,
                f"{name} was left out and is {short(found)}; the contract's default is {short(default)}.",
                *replies,
                item=item,
                pointer=f"/{name}",
                expected=default,
                found=found,
            )


def _is_null_by_default(shape: Shape) -> bool:
    """Return whether its words say that null is a default, too: of some of those that share the schema."""
    said = shape.described.lower()
    return "null" in re.findall(r"\w+", said) and "default" in said


def unique_by(operation: Operation | None, thing: Thing) -> str:
    """Return why *operation* may take a thing twice, "" where its 409 can only mean that it must not."""
    if operation is None or operation.body is None:
        return "nothing makes one"
    return undecided(operation, thing.sent(operation))


def duplicate_is_refused(trial: Trial) -> None:
    """The same thing cannot be made twice where the contract has a conflict for that."""
    thing = trial.thing
    operation = thing.create
    assert operation is not None
    item = trial.make()
    names = [name for name in telling(operation, thing.sent(operation)) if name in item.sent]
    if not names:
        raise Unsupported(f"nothing that {operation.id} sends is known to be unique")
    bodies = trial.workshop.bodies(thing, operation)
    again = trial.asker.ask(operation, item.beside, bodies.wrapped(item.sent))
    if again.good:
        trial.workshop.adopt(thing, item.sent, again, item.beside)
    if again.good and not again.done:
        raise Inconclusive(f"{operation.id} is answered {again.status}: it may yet be refused")
    if again.good:
        said = ", ".join(f"{name} {short(item.sent[name])}" for name in names)
        raise trial.taken(operation, f"The same is made twice ({said})", again, item=item)
    if again.status == 409:
        if thing.lister is not None and thing.key:
            _nothing_was_made(trial, item, again)
        _hold_any_case(trial, item, names)


def free_elsewhere(trial: Trial) -> None:
    """What must be unique within the thing above is free below another one, where words say so."""
    thing, operation = trial.thing, trial.thing.create
    assert operation is not None
    assert thing.parent is not None
    item = trial.make()
    bodies = trial.workshop.bodies(thing, operation)
    names = [name for name in telling(operation, thing.sent(operation)) if name in item.sent]
    given = {name: item.sent[name] for name in names}
    clash = trial.asker.ask(operation, item.beside, bodies.wrapped(trial.workshop.body(bodies, given=given)))
    other = trial.make(parent=trial.workshop.fresh_above(thing))
    if not names or clash.status != 409:
        raise Inconclusive(f"{operation.id} answers {clash.status} to a thing that is there already")
    fresh = trial.workshop.body(bodies, given=given)
    reply = trial.asker.ask(operation, other.beside, bodies.wrapped(fresh))
    if reply.good:
        trial.workshop.adopt(thing, fresh, reply, other.beside)
    if reply.status == 409:
        raise trial.broken(
            operation,
            f"{', '.join(names)} of what stands below one {thing.parent.name} is taken below another.",
            *(clash, *other.replies, reply),
            item=item,
            pointer=f"/{names[0]}",
            expected="a success",
            found=reply.status,
        )


def _within(thing: Thing) -> str:
    if thing.create is None or thing.parent is None or thing.parent.create is None or thing.apart:
        return "nothing is made below another thing"
    if why := unique_by(thing.create, thing):
        return why
    promise = thing.create.responses["409"]
    above = "[ _-]?".join(thing.parent.name)
    text = f"{thing.create.summary}. {thing.create.description}. {promise.description}"
    within = rf"\b(within|per|inside) (an?|the|each|one|its|this|the same)? ?{above}\b"
    return "" if re.search(within, text, re.IGNORECASE) else "no words say within what it is unique"


_ANY_CASE = re.compile(
    r"ignoring (the )?case|case.insensitiv|(regardless|irrespective|independent) of (the )?case"
    r"|(whatever|without regard to) (the|its|their)? ?case",
    re.IGNORECASE,
)


def _hold_any_case(trial: Trial, item: Item, names: list[str]) -> None:
    """What is said to be unique in any case is refused in the other case, too."""
    thing, operation = trial.thing, trial.thing.create
    assert operation is not None
    promise = operation.responses["409"]
    sentences = re.split(r"(?<=[.;])\s", f"{operation.description} {promise.description}")
    spoken = any(
        _ANY_CASE.search(one) and re.search(r"unique|taken|exist", one, re.IGNORECASE) for one in sentences
    )
    bodies = trial.workshop.bodies(thing, operation)
    for name in names:
        described = bodies.shape.named(name).described
        value = item.sent[name]
        if not isinstance(value, str) or not ((spoken and len(names) == 1) or _ANY_CASE.search(described)):
            continue
        swapped = "".join(sign.swapcase() if sign.isascii() else sign for sign in value)
        fresh = trial.workshop.body(bodies, given={name: swapped})
        if swapped == value or not bodies.fits(fresh):
            continue
        reply = trial.asker.ask(operation, item.beside, bodies.wrapped(fresh))
        if reply.good:
            trial.workshop.adopt(thing, fresh, reply, item.beside)
        if reply.done:
            raise trial.broken(
                operation,
                f"{name} {short(fresh[name])} is taken beside {short(value)}, and is unique in any case.",
                reply,
                item=item,
                pointer=f"/{name}",
                expected=409,
                found=reply.status,
                place=promise.place,
            )


def _nothing_was_made(trial: Trial, item: Item, again: Reply) -> None:
    """What was refused is not in the list all the same."""
    thing = trial.thing
    found = walk(trial.asker, thing, item.beside)
    assert thing.create is not None
    telling_apart = telling(thing.create, thing.sent(thing.create))
    names = [name for name in telling_apart if name in item.sent and name in thing.row.names]
    same = [
        row for row in found.rows if names and all(alike(row.get(name), item.sent[name]) for name in names)
    ]
    if len({str(row.get(thing.key)) for row in same}) > 1 and thing.lister is not None:
        detail = "What was refused with 409 is in the list all the same."
        raise trial.broken(
            thing.lister, detail, again, *found.replies, item=item, expected=1, found=len(same)
        )


def rename_is_refused(trial: Trial) -> None:
    """A thing cannot take the name of another where the contract has a conflict for that."""
    thing = trial.thing
    operation = thing.patch or thing.replace
    assert operation is not None
    assert thing.create is not None
    one, other = trial.make(), trial.make()
    apart = telling(thing.create, thing.sent(thing.create))
    names = [name for name in thing.kept(operation) if name in apart and name in one.sent]
    names = [name for name in names if isinstance(one.sent[name], str)]
    if not names:
        raise Unsupported(f"nothing that {operation.id} changes is known to be unique")
    creation = trial.workshop.bodies(thing, thing.create)
    clash = trial.asker.ask(thing.create, one.beside, creation.wrapped(one.sent))
    if clash.status != 409:
        raise Inconclusive(f"{thing.create.id} answers {clash.status} to a thing that is there already")
    name = unique_name(trial, names, one)
    bodies = trial.workshop.bodies(thing, operation)
    base = other.sent if operation is thing.replace else {}
    reply = trial.asker.ask(operation, other.path, bodies.wrapped({**base, name: one.sent[name]}))
    if reply.done:
        detail = f"{name} is changed to what another one has ({short(one.sent[name])})"
        raise trial.taken(operation, detail, *other.replies, reply, item=one, pointer=f"/{name}")


def unique_name(trial: Trial, names: list[str], one: Item) -> str:
    """
    Return the property that must be unique: the one that alone makes a conflict when another is made.

    Raises:
        Inconclusive: None does.
    """
    thing = trial.thing
    operation = thing.create
    assert operation is not None
    bodies = trial.workshop.bodies(thing, operation)
    for name in names:
        fresh = trial.workshop.body(bodies, given={name: one.sent[name]})
        reply = trial.asker.ask(operation, one.beside, bodies.wrapped(fresh))
        if reply.status == 409:
            return name
        if reply.good:
            trial.workshop.adopt(thing, fresh, reply, one.beside)
    raise Inconclusive(f"none of {', '.join(names)} alone makes a conflict")


_OTHER = re.compile(
    r"\b(another|other|already|exists?|existing|has|have|in use|there is|taken)\b", re.IGNORECASE
)
"""How is said that a thing which is there has what must be unique."""
_FOR_EVER = re.compile(
    r"reserv|\bever\b|\bnever\b|re-?us|lifetime|permanently (taken|blocked)|forever|histor", re.IGNORECASE
)
"""How is said that it may remain taken when that is gone."""


def freed(trial: Trial) -> None:
    """What a deleted thing alone had can be had again."""
    thing = trial.thing
    operation = thing.create
    assert operation is not None
    item = trial.make()
    deleted = delete(trial, item)
    if thing.read is not None and trial.read(item).status not in GONE:
        raise Inconclusive("what was deleted can still be read")
    bodies = trial.workshop.bodies(thing, operation)
    for look in range(LOOKS):
        if look:
            time.sleep(PAUSE)  # what is deleted may be swept away a moment later
        again = trial.asker.ask(operation, item.beside, bodies.wrapped(item.sent))
        if again.status != 409:
            break
    if again.good:
        trial.workshop.adopt(thing, item.sent, again, item.beside)
        return
    if again.status != 409:
        raise Inconclusive(f"{again} is answered {again.status}")
    trial.make()  # else it is refused for something else
    names = ", ".join(name for name in telling(operation, thing.sent(operation)) if name in item.sent)
    promise = operation.responses["409"]
    raise trial.broken(
        operation,
        f"What alone had this {names} is deleted, and another one with it is refused: {promise.description}",
        deleted,
        again,
        item=item,
        expected="no 409",
        found=again.status,
        place=promise.place,
    )


def _frees(thing: Thing) -> str:
    if thing.create is None or thing.delete is None or thing.lingers:
        return thing.lingers or "nothing makes and deletes one"
    if why := unique_by(thing.create, thing):
        return why
    sent = thing.sent(thing.create)
    names = telling(thing.create, sent)
    texts = [thing.create.responses["409"].description, *(sent.named(name).described for name in names)]
    said = " ".join((*texts, thing.create.description, thing.delete.description))
    if _FOR_EVER.search(said):
        return "words leave open whether it remains taken"
    return "" if any(map(_OTHER.search, texts)) else "nothing says that what is there must not have it"


LAWS = (
    Law(
        "default-is-applied",
        "What was left out has its documented default.",
        "create",
        default_is_applied,
        lambda thing: (
            ""
            if defaults(thing) and (thing.read or thing.lister)
            else "no property that may be left out has a default"
        ),
    ),
    Law(
        "duplicate-is-refused",
        "The same thing cannot be made twice.",
        "create",
        duplicate_is_refused,
        lambda thing: unique_by(thing.create, thing),
    ),
    Law(
        "free-elsewhere",
        "What is unique within one thing is free below another.",
        "create",
        free_elsewhere,
        _within,
    ),
    Law(
        "rename-is-refused",
        "A thing cannot take the name of another.",
        "patch",
        rename_is_refused,
        lambda thing: (
            unique_by(thing.create, thing)
            or unique_by(thing.patch or thing.replace, thing)
            or ("" if (thing.patch or thing.replace).success else "nothing changes one")  # type: ignore[union-attr]
        ),
        quick=False,
    ),
    Law(
        "freed-when-deleted",
        "What a deleted thing alone had can be had again.",
        "create",
        freed,
        _frees,
    ),
)
