"""
Laws of whose things are: another identity does not see, change, delete or list what is the first's.

That things are an account's is nothing that a schema says. They are where the
contract's words say so; else where the server itself keeps them apart in one way
(the list) and not in another (reading): that is no decision, that is a hole.
"""

from __future__ import annotations

import re
from contextlib import suppress

from mockserver.behavior.wording import plain, singular
from mockserver.contract.model import Contract, Operation
from mockserver.verify.laws.acting import act
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, Unsupported
from mockserver.verify.laws.lists import told_total, walk
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial
from mockserver.verify.laws.workshop import Item

_OWNER = (
    r"(authenticated |current )?"
    r"(account|company|tenant|organi[sz]ation|workspace|user|customer|caller|owner|team|merchant|advertiser)\b"
)
_OWNED = re.compile(
    r"another (account|company|tenant|user)('s)?\b|other (accounts?|compan(y|ies)|tenants?)\b|your own"
    rf"|multi-?tenant|belongs? to (an?|the|its|your|this|that|one) {_OWNER}"
    r"|of the caller|the caller's|authenticated (user|account|company)'s"
    r"|for the authenticated (user|account|company)|current (user|account)'s|does not own|not yours"
    r"|isolated|only (its|your) own|account'?s own|per account|each account"
    r"|the (account|company) has (an?|no|its|one)\b",
    re.IGNORECASE,
)
_OF_ONES = re.compile(r"(\w+) of (this|the|its|your) account\b", re.IGNORECASE)
_OWNED_BY = re.compile(
    rf"(\w+)( that (is|are)| which (is|are)| is| are)? owned by (an?|the|its|your|this) {_OWNER}",
    re.IGNORECASE,
)


def owned(contract: Contract, thing: Thing) -> bool:
    """Return whether the contract says that things are an account's."""
    info = contract.document.get("info") if isinstance(contract.document, dict) else None
    said = [str(info.get("description", ""))] if isinstance(info, dict) else []
    top = thing
    while top.parent is not None:
        top = top.parent
    for one in (thing, top):
        for operation in (one.create, one.read, one.lister, one.delete, one.patch):
            if operation is not None:
                said += [operation.summary, operation.description]
                said += [promise.description for promise in operation.responses.values()]
    noun = thing.name
    return any(
        _OWNED.search(text)
        or any(
            singular(plain(one[1])) == noun
            for pattern in (_OWNED_BY, _OF_ONES)
            for one in pattern.finditer(text)
        )
        for text in said
    )


def others_do_not_see(trial: Trial) -> None:
    """Another identity can neither read, list, change nor delete what the first has made."""
    if not trial.asker.second:
        raise Unsupported("no second identity was named (--second-header)")
    context = trial.asker.context
    if context.target.is_mock and context.located.behavior_file is None:
        raise Unsupported("a mock without rules shows all accounts the same")
    thing, item = trial.thing, trial.make()
    promised = owned(trial.asker.contract, thing)
    trial.seen(item)
    leaks: list[tuple[Operation, str, list[Reply]]] = []
    keeps = 0
    if thing.read is not None:
        reply = trial.read(item, other=True)
        if reply.status == 401:
            raise Inconclusive("the second identity's credentials are not accepted")
        row = thing.row_of(thing.read, reply.body)
        if reply.good and row is not None and (not thing.key or alike(row.get(thing.key), item.key)):
            leaks.append((thing.read, "can read what the first one has made", [reply]))
        elif reply.status in (403, 404, 410):
            keeps += 1
    keeps += _looks_at_list(trial, item, leaks)
    for child in thing.below:
        if child.parent is thing and child.lister is not None:
            reply = trial.asker.ask(child.lister, item.path, other=True)
            if reply.good:
                leaks.append(
                    (child.lister, f"can list {child.resource.path} of what the first one has made", [reply])
                )
            elif reply.status in (403, 404):
                keeps += 1
    for operation in thing.reads:
        reply = trial.asker.ask(operation, item.path, other=True)
        if reply.good and trial.asker.ask(operation, item.path).good:
            leaks.append(
                (operation, f"can read {operation.route.template} of what the first one has made", [reply])
            )
        elif reply.status in (403, 404):
            keeps += 1
    keeps += _shows_anothers(trial, leaks)
    keeps += _tries_to_change(trial, item, leaks)
    if not leaks:
        return
    if not promised and not keeps:
        raise Unsupported(
            "the contract does not say that things are an account's, and this server shares them"
        )
    operation, detail, replies = leaks[0]
    raise trial.broken(
        operation, f"Another identity {detail}.", *replies, item=item, expected=404, found=replies[-1].status
    )


def _looks_at_list(trial: Trial, item: Item, leaks: list[tuple[Operation, str, list[Reply]]]) -> int:
    """Look whether another's list shows *item*; return 1 where it does not."""
    thing = trial.thing
    if thing.lister is None or not thing.key or thing.parent is not None:
        return 0
    try:
        row, reply = trial.listed(item, other=True)
    except Unjudged:
        return 0
    if row is None:
        return 1
    leaks.append((thing.lister, "is shown in its list what the first one has made", [reply]))
    return 0


def _shows_anothers(trial: Trial, leaks: list[tuple[Operation, str, list[Reply]]]) -> int:
    """Let another make one, and look whether the first one's list shows or counts it; return 1 where not."""
    thing = trial.thing
    if thing.lister is None or not thing.key or thing.parent is not None:
        return 0
    try:
        theirs = trial.make(other=True)
    except Unjudged:
        return 0
    try:
        found = walk(trial.asker, thing, {})
    except Unjudged:
        return 0
    finally:
        if thing.delete is not None:
            trial.asker.ask(thing.delete, theirs.path, other=True)
    told = told_total(thing, found.replies[-1])
    if any(alike(row.get(thing.key), theirs.key) for row in found.rows):
        leaks.append(
            (thing.lister, "has made what the first one's list shows", [*theirs.replies, *found.replies])
        )
        return 0
    if not found.complete:
        return 0
    if told is not None and told[1] > len(found.rows) and not told[0].lower().endswith("/count"):
        said = f"has made what the first one's total counts ({told[1]} of {len(found.rows)} rows)"
        leaks.append((thing.lister, said, [*theirs.replies, *found.replies]))
    return 1


def _tries_to_change(trial: Trial, item: Item, leaks: list[tuple[Operation, str, list[Reply]]]) -> int:
    """Let another change and delete *item*, which was made for this; return how often it was refused."""
    thing, keeps = trial.thing, 0
    if thing.patch is not None:
        bodies = trial.workshop.bodies(thing, thing.patch)
        for name in thing.kept(thing.patch):
            value = bodies.other(name, item.sent.get(name), trial.workshop.token())
            if not bodies.fits({name: value}):
                continue
            reply = trial.asker.ask(thing.patch, item.path, bodies.wrapped({name: value}), other=True)
            if reply.good:
                leaks.append((thing.patch, "can change what the first one has made", [reply]))
            elif reply.status in (403, 404):
                keeps += 1
            break
    if thing.delete is not None:
        reply = trial.asker.ask(thing.delete, item.path, other=True)
        if reply.good:
            again = trial.read(item) if thing.read is not None else reply
            if again is reply or not again.good:
                item.gone = True
                leaks.append((thing.delete, "can delete what the first one has made", [reply, again]))
        elif reply.status in (403, 404):
            keeps += 1
    return keeps + _tries_to_act(trial, leaks)


def _tries_to_act(trial: Trial, leaks: list[tuple[Operation, str, list[Reply]]]) -> int:
    """Let another do to a thing what the first may; return how often only the first was let."""
    keeps = 0
    for operation in trial.thing.actions:
        with suppress(Unjudged):
            item = trial.make()
            reply = act(trial, operation, item, other=True)
            if reply.good:
                said = f"can {_verb(operation)} what the first one has made"
                leaks.append((operation, said, [*item.replies, reply]))
            elif reply.status in (403, 404) and act(trial, operation, item).good:
                keeps += 1
    return keeps


def _verb(operation: Operation) -> str:
    return operation.route.template.rpartition("/")[2]


LAWS = (
    Law(
        "others-do-not-see",
        "Another identity does not see or change what is the first's.",
        "read",
        others_do_not_see,
        lambda thing: (
            ""
            if thing.create and (thing.read or thing.lister)
            else "nothing makes one that could be looked for"
        ),
    ),
)
