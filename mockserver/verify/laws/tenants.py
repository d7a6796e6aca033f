"""
Laws of whose things are: another identity does not see, change, delete or list what is the first's.

That things are an account's is nothing that a schema says. They are where the
contract's words say so; else where the server itself keeps them apart in one way
(the list) and not in another (reading): that is no decision, that is a hole. To be seen
by all and changed by one is a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from mockserver.behavior.wording import plain, singular
from mockserver.contract.model import Contract, Operation
from mockserver.verify.laws.acting import act
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, Unsupported
from mockserver.verify.laws.gone import strange_key
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import is_vague, told_total, walk
from mockserver.verify.laws.overviews import moved_by, overviews, quiet
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial

_OWNER = (
    r"(authenticated |current )?"
    r"(account|company|tenant|organi[sz]ation|workspace|user|customer|caller|owner|team|merchant|advertiser)\b"
)
_APART = re.compile(
    r"another (account|company|tenant|user)('s)?\b|other (accounts?|compan(y|ies)|tenants?)\b|your own"
    r"|multi-?tenant|of the caller|the caller's|authenticated (user|account|company)'s"
    r"|for the authenticated (user|account|company)|current (user|account)'s|does not own|not yours"
    r"|\b(see|access)(es|s)? (its|their|your) own \w+ only\b"
    r"|isolated|only (its|your) own|account'?s own|per account|each account"
    r"|the (account|company) has (an?|no|its|one)\b",
    re.IGNORECASE,
)
"""What is said where each account has things of its own."""

_BELONGS = re.compile(rf"belongs? to (an?|the|its|your|this|that|one) {_OWNER}", re.IGNORECASE)
_OF_ONES = re.compile(r"(\w+) of (this|the|its|your) account\b", re.IGNORECASE)
_OWNED_BY = re.compile(
    rf"(\w+)( that (is|are)| which (is|are)| is| are)? owned by (an?|the|its|your|this) {_OWNER}",
    re.IGNORECASE,
)
_CHANGING = re.compile(r"\b(edit|chang|modif|updat|delet|remov|writ)", re.IGNORECASE)
_SEEING = re.compile(r"\b(see|seen|read|list|view|access|show|visible|find|found)", re.IGNORECASE)

Leak = tuple[Operation, str, list[Reply]]
"""(whose answer, what another identity can do, the calls)."""


def owned(contract: Contract, thing: Thing) -> bool:
    """Return whether the contract says that things are an account's, be they there for all to see."""
    texts = [text for one in _line(thing) for text in _texts(one)]
    return any(_apart(text, thing) or _BELONGS.search(text) for text in [_about(contract), *texts])


def private(contract: Contract, thing: Thing) -> bool:
    """
    Return whether the contract says that only an account itself sees what is its own.

    That something belongs to a user says that of no more than changing it: posts of a blog are there to be
    read. So does what is said of changing, but of a 404 there, for what is hidden is not found.
    """
    texts = [_about(contract)]
    for one in _line(thing):
        texts += _texts(one, reading=True)
        for operation in (one.create, one.patch, one.replace, one.delete):
            if operation is not None and "404" in operation.responses:
                texts.append(operation.responses["404"].description)
    sentences = [sentence for text in texts for sentence in re.split(r"(?<=[.;!?])\s+", text)]
    return any(
        _apart(one, thing) and not (_CHANGING.search(one) and not _SEEING.search(one)) for one in sentences
    )


def _apart(text: str, thing: Thing) -> bool:
    if _APART.search(text):
        return True
    named = (one[1] for pattern in (_OWNED_BY, _OF_ONES) for one in pattern.finditer(text))
    return any(singular(plain(name)) == thing.name for name in named)


def _about(contract: Contract) -> str:
    info = contract.document.get("info") if isinstance(contract.document, dict) else None
    return str(info.get("description", "")) if isinstance(info, dict) else ""


def _line(thing: Thing) -> list[Thing]:
    """Return *thing* and what it stands below, at the top."""
    top = thing
    while top.parent is not None:
        top = top.parent
    return [thing] if top is thing else [thing, top]


def _texts(thing: Thing, *, reading: bool = False) -> Iterator[str]:
    """Yield what is said of the operations of a thing, or of *reading* it only."""
    changing = () if reading else (thing.create, thing.delete, thing.patch)
    for operation in (thing.read, thing.lister, *changing):
        if operation is not None:
            yield operation.summary
            yield operation.description
            yield from (promise.description for promise in operation.responses.values())


@dataclass
class _Tried:
    """
    What another identity could do.

    Attributes:
        seen, acted, changed: Where it saw, used or changed what is the first's.
        hidden: How often it was not shown.
        guarded: How often it was not let.
    """

    seen: list[Leak] = field(default_factory=list)
    acted: list[Leak] = field(default_factory=list)
    changed: list[Leak] = field(default_factory=list)
    hidden: int = 0
    guarded: int = 0

    def holes(self, *, private: bool, owned: bool, deletes: Operation | None) -> list[Leak]:
        """
        Return what is a hole by the contract's words, or by what the server itself keeps apart.

        Who shows a thing to everybody, and lets its owner alone change it, has decided so; and who lets
        everybody change it, and its owner alone delete it, too.
        """
        if private or self.hidden:
            return [*self.seen, *self.changed, *self.acted]
        if owned:
            return self.changed
        return [one for one in self.changed if one[0] is deletes and self.guarded]


def others_do_not_see(trial: Trial) -> None:
    """Another identity can neither read, list, change nor delete what the first has made."""
    if not trial.asker.second:
        raise Unsupported("no second identity was named (--second-header)")
    context = trial.asker.context
    if context.target.is_mock and context.located.behavior_file is None:
        raise Unsupported("a mock without rules shows all accounts the same")
    thing, item = trial.thing, trial.make()
    trial.seen(item)
    tried = _Tried()
    if thing.read is not None:
        reply = trial.read(item, other=True)
        if reply.status == 401:
            raise Inconclusive("the second identity's credentials are not accepted")
        row = thing.row_of(thing.read, reply.body)
        if reply.good and row is not None and (not thing.key or alike(row.get(thing.key), item.key)):
            tried.seen.append((thing.read, "can read what the first one has made", [reply]))
        elif reply.status in (403, 404, 410):
            tried.hidden += 1
    _looks_at_list(trial, item, tried)
    _looks_below(trial, item, tried)
    _shows_anothers(trial, tried)
    _tries_to_change(trial, item, tried)
    contract = trial.asker.contract
    holes = tried.holes(private=private(contract, thing), owned=owned(contract, thing), deletes=thing.delete)
    if holes:
        operation, detail, replies = holes[0]
        said, status = f"Another identity {detail}.", replies[-1].status
        raise trial.broken(operation, said, *replies, item=item, expected=404, found=status)
    if tried.seen or tried.acted or tried.changed:
        raise Unsupported(
            "the contract does not say that things are an account's, and this server shares them"
        )


def _looks_below(trial: Trial, item: Item, tried: _Tried) -> None:
    """Look at what stands below *item*: its lists, with something in them, and its figures."""
    thing = trial.thing
    lists = [one for one in thing.below if one.parent is thing and one.lister is not None]
    for child in lists:
        if child.create is not None:
            with suppress(Unjudged):
                trial.make(thing=child, parent=item)
    named = {one.lister.id: f"list {one.resource.path}" for one in lists if one.lister is not None}
    named.update({one.id: f"read {one.route.template}" for one in thing.reads})
    for name, said in named.items():
        operation = trial.asker.contract.operations[name]
        reply = trial.asker.ask(operation, item.path, other=True)
        if reply.good and _reveals(trial, item, reply) and trial.asker.ask(operation, item.path).good:
            tried.seen.append((operation, f"can {said} of what the first one has made", [reply]))
        elif reply.status in (403, 404):
            tried.hidden += 1


def _reveals(trial: Trial, item: Item, reply: Reply) -> bool:
    """
    Return whether an answer below *item* shows rows of it, or at least that it is there.

    Who looks for rows of the caller's alone finds none below another's thing, and none below what is nowhere.
    """
    for child in trial.thing.below:
        if child.lister is reply.operation and child.rows_of(reply.operation, reply.body):
            return True
    strange = strange_key(item.key)
    if strange is None:
        return False
    path = {**item.path, ("path", trial.thing.resource.parameter): strange}
    return not trial.asker.ask(reply.operation, path, other=True).good


def _looks_at_list(trial: Trial, item: Item, tried: _Tried) -> None:
    """Look whether another's list shows *item*."""
    thing = trial.thing
    if thing.lister is None or not thing.key or thing.parent is not None:
        return
    with suppress(Unjudged):
        row, reply = trial.listed(item, other=True)
        if row is None:
            tried.hidden += 1
        else:
            tried.seen.append((thing.lister, "is shown in its list what the first one has made", [reply]))


def _shows_anothers(trial: Trial, tried: _Tried) -> None:
    """Let another make one, and look whether the first one's list shows or counts it."""
    thing = trial.thing
    if thing.lister is None or not thing.key or thing.parent is not None:
        return
    counting = [one for one in overviews(thing) if one.count]
    try:
        figures = [(one, quiet(trial, one.operation)) for one in counting]
        theirs = trial.make(other=True)
    except Unjudged:
        return
    try:
        found = walk(trial.asker, thing, {})
        shown = trial.listed(theirs, other=True)[0] is not None
        after = [trial.asker.ask(one.operation) for one, _ in figures]
    except Unjudged:
        return
    finally:
        if thing.delete is not None:
            trial.asker.ask(thing.delete, theirs.path, other=True)
    for (one, before), late in zip(figures, after, strict=True):
        if moved_by(before, late, one.count) == 1:
            said = f"has made what the first one's {'.'.join(one.count)} counts"
            tried.seen.append((one.operation, said, [before, *theirs.replies, late]))
    told = told_total(thing, found.replies[-1])
    if any(alike(row.get(thing.key), theirs.key) for row in found.rows):
        tried.seen.append(
            (thing.lister, "has made what the first one's list shows", [*theirs.replies, *found.replies])
        )
        return
    if not found.complete:
        return
    tried.hidden += shown
    if told is not None and told[1] > len(found.rows) and not is_vague(told[0]):
        said = f"has made what the first one's total counts ({told[1]} of {len(found.rows)} rows)"
        tried.seen.append((thing.lister, said, [*theirs.replies, *found.replies]))


def _tries_to_change(trial: Trial, item: Item, tried: _Tried) -> None:
    """Let another change and delete *item*, which was made for this, and do to one what is done to things."""
    thing = trial.thing
    if thing.patch is not None:
        bodies = trial.workshop.bodies(thing, thing.patch)
        for name in thing.kept(thing.patch):
            value = bodies.other(name, item.sent.get(name), trial.workshop.token())
            if not bodies.fits({name: value}):
                continue
            reply = trial.asker.ask(thing.patch, item.path, bodies.wrapped({name: value}), other=True)
            if reply.good:
                tried.changed.append((thing.patch, "can change what the first one has made", [reply]))
            tried.guarded += reply.status in (403, 404)
            break
    if thing.replace is not None:
        bodies = trial.workshop.bodies(thing, thing.replace)
        if bodies.fits(item.sent):
            reply = trial.asker.ask(thing.replace, item.path, bodies.wrapped(item.sent), other=True)
            if reply.good and reply.status != 201:  # which has made another one, of its own
                tried.changed.append((thing.replace, "can replace what the first one has made", [reply]))
            tried.guarded += reply.status in (403, 404)
    if thing.delete is not None:
        reply = trial.asker.ask(thing.delete, item.path, other=True)
        if reply.good:
            again = trial.read(item) if thing.read is not None else reply
            if again is reply or not again.good:
                item.gone = True
                said = "can delete what the first one has made"
                tried.changed.append((thing.delete, said, [reply, again]))
        tried.guarded += reply.status in (403, 404)
    _adds_below(trial, tried)
    for operation in thing.actions:
        with suppress(Unjudged):
            item = trial.make()
            reply = act(trial, operation, item, other=True)
            if reply.good:
                said = f"can {_verb(operation)} what the first one has made"
                tried.acted.append((operation, said, [*item.replies, reply]))
            elif reply.status in (403, 404) and act(trial, operation, item).good:
                tried.guarded += 1


def _adds_below(trial: Trial, tried: _Tried) -> None:
    """Let another add to one of the first what can be added to it."""
    for child in trial.thing.below:
        if child.parent is not trial.thing or child.create is None:
            continue
        with suppress(Unjudged):
            trial.make(thing=child)
            above = trial.workshop.fresh_above(child)
            bodies = trial.workshop.bodies(child, child.create)
            body = bodies.wrapped(trial.workshop.body(bodies))
            reply = trial.asker.ask(child.create, above.path, body, other=True)
            if reply.good:
                said = f"can add to what the first one has made ({child.create.id})"
                tried.acted.append((child.create, said, [*above.replies, reply]))
            elif reply.status in (403, 404):
                tried.guarded += 1


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
