"""
Laws of things that name each other: guests with a `bookings_count`, and bookings with a `guest_id`.

What is named has to be there, where the contract says so; and a count in it follows what names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mockserver.behavior.actions import enumerated
from mockserver.behavior.counted import counts as called
from mockserver.behavior.wording import plain, singular, words_of
from mockserver.exchange import Json
from mockserver.generation import choose
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unsupported
from mockserver.verify.laws.bodies import names_another
from mockserver.verify.laws.counting import made_up
from mockserver.verify.laws.gone import delete, strange_key
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short

_THERE = re.compile(
    r"\bexisting\b|\bmust exist\b|\b(does|do) ?n[o\']t exist|\bunknown\b|\bnot found\b|\bno such\b",
    re.IGNORECASE,
)
"""What is said of a key that has to be one of something."""

_SOME = re.compile(
    r"\b(only|open|active|paid|published|completed|upcoming|current|past|last)\b", re.IGNORECASE
)
"""What is said of a count that leaves some out."""

_NUMBERS = frozenset({"integer", "number"})


def references(thing: Thing) -> Iterator[tuple[str, Thing]]:
    """Yield (property, what it names): keys of things at the top that are said to have to be there."""
    operation = thing.create
    if operation is None or choose.fitting(operation, "invalid") is None:
        return
    sent = thing.sent(operation)
    nowhere = "404" in operation.responses and "{" not in operation.route.template
    for name in sent.names:
        if not names_another(name) or "array" in sent.named(name).kinds:
            continue
        target = next((one for one in thing.peers if f"{one.name}id" == plain(name) and one.create), None)
        if target is None:
            continue
        described = sent.named(name).described
        told = [
            promise.description
            for status, promise in operation.responses.items()
            if status in ("400", "404", "409", "422") and target.name in plain(promise.description)
        ]
        if nowhere or any(map(_THERE.search, (described, *told))):
            yield name, target


def named_is_there(trial: Trial) -> None:
    """Nothing is made that names what is not there."""
    thing = trial.thing
    assert thing.create is not None
    for name, target in references(thing):
        trial.make()
        strange = strange_key(trial.workshop.parent(target).key)
        if strange is None:
            raise Inconclusive(f"no key of {target.resource.path} is known that is certainly not there")
        bodies = trial.workshop.bodies(thing, thing.create)
        body = trial.workshop.body(bodies, given={name: strange})
        if not bodies.fits(body):
            raise Unsupported(f"{short(strange)} is no {name} by the contract")
        place = trial.make().beside
        reply = trial.asker.ask(thing.create, place, bodies.wrapped(body))
        if reply.good:
            trial.workshop.adopt(thing, body, reply, place)
            raise trial.broken(
                thing.create,
                f"{thing.create.id} takes {name} {short(strange)}, and there is no such {target.name}.",
                *(*trial.workshop.parent(target).replies, reply),
                pointer=f"/{name}",
                expected="a refusal",
                found=reply.status,
            )


def following(thing: Thing) -> Iterator[tuple[str, Thing, str]]:
    """Yield (count, what is counted, its property that names one of *thing*)."""
    for name in thing.row.names:
        shape = thing.row.named(name)
        described = shape.described
        if not shape.kinds & _NUMBERS or _SOME.search(described):
            continue
        for other in thing.peers:
            if other.create is None or not called(words_of(name), other.resource.path):
                continue
            states = {state for own in other.row.names for state in enumerated(other.row.named(own))}
            if states & set(words_of(described)):
                continue
            link = next(
                (own for own in other.sent(other.create).names if plain(own) == f"{thing.name}id"), ""
            )
            if link:
                yield name, other, link


def counts_follow(trial: Trial) -> None:
    """A count grows by what is made that names the thing, and shrinks by what is deleted."""
    made_up(trial)
    for name, other, link in following(trial.thing):
        item = trial.make()
        made: list[Item] = []
        for _ in range(2):
            made.append(trial.workshop.make(other, {link: item.key}))
        _hold_count(trial, item, name, 2, *(reply for one in made for reply in one.replies[-1:]))
        if other.delete is not None and not other.lingers:
            gone = delete(trial, made[0])
            _hold_count(trial, item, name, 1, *(reply for one in made for reply in one.replies[-1:]), gone)


def _hold_count(trial: Trial, item: Item, name: str, wanted: int, *replies: Reply) -> None:
    """Raise `Broken` where reading, or the list, does not count so; what comes late is not wrong."""
    thing = trial.thing
    looks: list[Callable[[Item], tuple[Row | None, Reply]]] = [trial.seen]
    looks += [trial.listed] if thing.lister is not None else []
    for look in looks:
        found: Json = None
        reply: Reply | None = None
        for _ in range(2):
            row, reply = look(item)
            found = row.get(name) if row is not None else None
            if found is None or alike(found, wanted):
                break
        if found is not None and reply is not None and not alike(found, wanted):
            raise trial.broken(
                reply.operation,
                f"{name} is {short(found)}, and {wanted} name it.",
                *(*replies, reply),
                item=item,
                pointer=f"/{name}",
                expected=wanted,
                found=found,
            )


_IN_USE = re.compile(
    r"\b(in use|(still )?(referenced|used) (by|in|elsewhere)|not empty|(still )?(has|have|contains?) )",
    re.IGNORECASE,
)
"""What is said of a thing that cannot be deleted, for others name it or stand below it."""


def users(thing: Thing) -> Iterator[tuple[Thing, str]]:
    """
    Yield (what keeps one of *thing* from being deleted, its property that names it): by the words of the 409.

    The property is "" of what is made below it. Where only some of them count ("active loans"), none is sure.
    """
    promise = thing.delete.responses.get("409") if thing.delete is not None else None
    if promise is None or _SOME.search(promise.description):
        return
    said = {singular(word) for word in words_of(promise.description)}
    for other in thing.below if _IN_USE.search(promise.description) else ():
        if other.parent is thing and other.create is not None and other.name in said:
            yield other, ""
    for other in thing.peers:
        if other.create is None or other.name not in said:
            continue
        sent = other.sent(other.create).names
        yield from ((other, name) for name in sent if plain(name) == f"{thing.name}id")


def used_stays(trial: Trial) -> None:
    """What another one names, or stands below, is not deleted where the contract says so."""
    made_up(trial)
    thing = trial.thing
    assert thing.delete is not None
    for other, link in users(thing):
        item = trial.make()
        if link:
            user = trial.workshop.make(other, {link: item.key})
        else:
            user = trial.make(thing=other, parent=item)
        row = user.row
        if link and row.get(link) is not None and not alike(row[link], item.key):
            raise Inconclusive(f"{other.resource.path} does not show what it names")
        reply = trial.asker.ask(thing.delete, item.path)
        if reply.good:
            item.gone = True
            user_made = other.create.id if other.create else ""
            detail = f"{thing.delete.id} deletes what {user_made} has made use of"
            raise trial.taken(thing.delete, detail, user.replies[-1], reply, item=item)


_WITH = re.compile(
    r"\b(with|including|together with|along with|and|also (deletes|removes)|cascades? to|deletes|removes)\b"
    r"(?P<what>[^.;]*)",
    re.IGNORECASE,
)
_KEPT = re.compile(
    r"\b(not|never|cannot|can't|must|only|refused|keep|kept|stays?|remains?|without|except|but|unless|n't)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"\b(some|only|open|pending|future|active|unpaid|draft)\b", re.IGNORECASE)


def followers(thing: Thing) -> Iterator[tuple[Thing, str]]:
    """Yield (what goes with one of *thing* when it is deleted, its property that names it): as words say."""
    if thing.delete is None or thing.lingers:
        return
    text = f"{thing.delete.summary}. {thing.delete.description}"
    told = [one["what"] for one in _WITH.finditer(text) if not _KEPT.search(one[0])]
    named = {singular(word) for words in told if not _WHOLE.search(words) for word in words_of(words)}
    for other in thing.peers:
        if other.create is None or other.read is None or other.name not in named:
            continue
        if "404" in other.read.responses:
            sent = other.sent(other.create).names
            yield from ((other, name) for name in sent if plain(name) == f"{thing.name}id")


def followers_go(trial: Trial) -> None:
    """What is said to be deleted with the thing that it names is gone with it."""
    thing = trial.thing
    for other, link in followers(thing):
        item = trial.make()
        user = trial.make({link: item.key}, thing=other)
        row, _ = trial.seen(user)
        if not alike(row.get(link), item.key):
            raise Inconclusive(f"{other.resource.path} does not show what it names")
        gone = delete(trial, item)
        look = trial.read(user)
        if look.good and other.read is not None:
            raise trial.broken(
                other.read,
                f"What {gone.operation.id} says to delete with it can still be read.",
                *(*user.replies[-1:], gone, look),
                item=item,
                expected=404,
                found=look.status,
            )


def _follows(thing: Thing) -> str:
    if not (thing.create and thing.delete):
        return "nothing makes and deletes one"
    return "" if any(True for _ in followers(thing)) else "no words say what else goes with it"


def _uses(thing: Thing) -> str:
    if not (thing.create and thing.delete):
        return "nothing makes and deletes one"
    return "" if any(True for _ in users(thing)) else "no 409 says that what is used is not deleted"


def _names(thing: Thing) -> str:
    if thing.create is None:
        return f"nothing makes one of {thing.resource.path}"
    return (
        "" if any(True for _ in references(thing)) else "nothing that one names is said to have to be there"
    )


def _counts(thing: Thing) -> str:
    if not (thing.create and (thing.read or thing.lister) and thing.key):
        return "nothing makes and shows one"
    return "" if any(True for _ in following(thing)) else "no row counts what names it"


LAWS = (
    Law("used-stays", "What is used is not deleted.", "delete", used_stays, _uses),
    Law("followers-go", "What is said to go with a thing goes with it.", "delete", followers_go, _follows),
    Law("named-is-there", "What is named has to be there.", "create", named_is_there, _names),
    Law("counts-follow", "A count follows what names the thing.", "read", counts_follow, _counts),
)
