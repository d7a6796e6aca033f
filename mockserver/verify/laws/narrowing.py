"""
Laws of filters: they leave the rows that they name, on each page, and no others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress

from mockserver.behavior.filters import Filter
from mockserver.behavior.paging import ways
from mockserver.behavior.wording import plain
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.acting import act_where_taken
from mockserver.verify.laws.adding import summed_from, weigh
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Unjudged, Unsupported
from mockserver.verify.laws.bodies import names_another
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row, Walk, accepting, asking_for, at_way, walk
from mockserver.verify.laws.measuring import between, measured
from mockserver.verify.laws.naming import is_secret
from mockserver.verify.laws.omitting import omits
from mockserver.verify.laws.ordering import AMOUNTS
from mockserver.verify.laws.shown import asked, hold_total, misfit, missing
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short

_EITHER = re.compile(r"after|before|since|until|till|newer|older|later|earlier|starting|ending")
"""Words for a bound that may be part of what is asked for, or not."""

_EXCLUSIVE = re.compile(
    r"\b(before|after|until|till|exclusive(ly)?|strictly|(earlier|later|less|more|fewer|greater) than)\b",
    re.IGNORECASE,
)
"""What is said of a bound that may not be part of what is asked for."""

_PARTLY = re.compile(r"contain|prefix|start|part|like|match|search|begin|fuzz", re.IGNORECASE)
"""What is said of a filter that asks for a part of a text."""

_INCLUSIVE = re.compile(
    r"\binclusive(ly)?\b|\bor (later|newer|after|more|higher|earlier|older|before|less|lower)\b"
    r"|\bat (least|most)\b|\b(on|at|from) or (after|before)\b|\bno (later|earlier|more|less) than\b",
    re.IGNORECASE,
)
"""What is said of a bound that is part of what is asked for."""

_PAGES = 4
"""Of one row each, to see whether a narrowed list stays narrow."""


def filters(thing: Thing) -> list[Filter]:
    """Return the filters of the list that a law can be tried on: by properties that clients set."""
    if thing.lister is None or thing.create is None:
        return []
    found = []
    for one in thing.query.filters:
        name = one.path.partition(".")[0]
        if "." in one.path or name not in thing.row.names or is_secret(name):
            continue
        setter = setter_of(thing, name)
        if setter is None:
            if (
                thing.actions
                and one.by == "equals"
                and any("enum" in face for face in thing.row.named(name).faces)
            ) or (one.by in ("from", "to") and summed_from(thing, name) is not None):
                found.append(one)
            continue
        shown, given = thing.row.named(name), thing.sent(setter).named(name)
        both = {"array", "object"} & shown.kinds & given.kinds
        if not both or (both == {"array"} and one.by == "equals" and "string" in given.item(0).kinds):
            found.append(one)
    return found


def setter_of(thing: Thing, name: str) -> Operation | None:
    """Return the operation that sets a property: the one that makes a thing, else one that changes it."""
    if thing.create is not None and name in thing.sent(thing.create).names:
        return thing.create
    change = thing.patch or thing.replace
    return change if change is not None and name in thing.kept(change) else None


def filtered(trial: Trial) -> None:
    """A filter leaves the rows that it names, and no others."""
    thing = trial.thing
    tried = 0
    reasons = []
    for one in filters(thing):
        try:
            _filter(trial, one)
            tried += 1
        except Unjudged as error:
            reasons.append(str(error))
    if not tried:
        raise Inconclusive(reasons[0] if reasons else "no filter could be tried")


def _filter(trial: Trial, one: Filter) -> None:
    """Make two rows that a filter tells apart, and see whether it does."""
    thing = trial.thing
    setter = setter_of(thing, one.path)
    if setter is None and one.by == "equals":
        _filter_acted(trial, one)
        return
    if setter is None:
        _filter_derived(trial, one)
        return
    value, other = values_of(trial, one, setter)
    listed = "array" in trial.workshop.bodies(thing, setter).shape.named(one.path).kinds
    given = [[said] if listed else said for said in (value, other)]
    first, second = (with_value(trial, setter, one.path, said) for said in given)
    for item, said in zip((first, second), given, strict=True):
        if not alike(trial.seen(item)[0].get(one.path), said):
            raise Inconclusive(f"{one.path} is not shown as it was sent")
    if one.by not in ("equals", "contains"):
        _hold_bound(trial, one, (first, value), (second, other))
        return
    if listed and one.by == "equals":
        _hold_whole(trial, one, setter, value, first)
    many, others = _hold(trial, one, value, first, second), _hold(trial, one, other, second, first)
    if one.by == "equals":
        _hold_any(trial, one, (first, value), (second, other))
        if others < many:
            value, first, second = other, second, first
        with suppress(Inconclusive):
            with_value(trial, setter, one.path, [value] if listed else value)
            _hold_pages(trial, one, value, first, second)


def values_of(trial: Trial, one: Filter, setter: Operation) -> tuple[Json, Json]:
    """
    Return two values that a filter tells apart; of a list of texts, two texts.

    Raises:
        Unsupported: None are known.
    """
    bodies = trial.workshop.bodies(trial.thing, setter)
    shape = bodies.shape.named(one.path)
    if names_another(one.path):
        value, other = _keys(trial, one.path)
    elif "array" in shape.kinds:
        value, other = _marks(trial, shape.item(0))
    else:
        value = trial.seen(trial.make())[0].get(one.path)
        if value is None or isinstance(value, (dict, list)):
            value = bodies.other(one.path, None, trial.workshop.token())
        other = bodies.other(one.path, value, trial.workshop.token())
    if MISSING in (value, other):
        raise Unsupported(f"no two values of {one.path} are known")
    return value, other


def _keys(trial: Trial, name: str) -> tuple[Json, Json]:
    """Return the keys of two things that the property *name* may hold."""
    target = trial.workshop.mentions.target(trial.thing, name)
    if target is None or not target.key:
        raise Unsupported(f"nothing makes what {name} names")
    one, other = (trial.workshop.make(target).key for _ in range(2))
    return one, other


def _marks(trial: Trial, item: Shape) -> tuple[Json, Json]:
    """Return two texts that may stand in a list; `MISSING` where none are known."""
    enum = item.enum
    if enum is not None:
        return (*enum, MISSING, MISSING)[0], (*enum, MISSING, MISSING)[1]
    accepts = RawValidator(item.document).is_valid
    one, other = trial.workshop.token(), trial.workshop.token()
    return (one, other) if accepts(one) and accepts(other) else (MISSING, MISSING)


def _hold_any(trial: Trial, one: Filter, *rows: tuple[Item, Json]) -> None:
    """Of a parameter that takes several values: a list with both has the rows of both."""
    thing = trial.thing
    assert thing.lister is not None
    shape = ways(thing.lister).get(one.way)
    if shape is None or "array" not in shape.kinds or "string" in shape.kinds:
        return
    if {"array", "object"} & thing.row.named(one.path).kinds:
        return  # a row has several itself: that all are asked for is as likely
    values = [value for _, value in rows]
    if not RawValidator(shape.document).is_valid(values):
        return
    found = walk(trial.asker, thing, rows[0][0].beside, at_way(one.way, values))
    keys = [row.get(thing.key) for row in found.rows]
    for item, value in rows:
        if omits(item, (one.way,)):
            continue
        if found.complete and not any(alike(key, item.key) for key in keys):
            raise trial.broken(
                thing.lister,
                f"A list with {'.'.join(one.way)}={short(values)} does not show the row whose {one.path} is "
                f"{short(value)}.",
                *found.replies,
                item=item,
                pointer=f"/{one.path}",
                expected=item.key,
            )


def _hold_whole(trial: Trial, one: Filter, setter: Operation, value: Json, first: Item) -> None:
    """Of a list of texts: who is asked for one shows no row that has only a longer text."""
    longer = f"{value}1"
    item = trial.workshop.bodies(trial.thing, setter).shape.named(one.path).item(0)
    if (
        _PARTLY.search(_described(trial, one))
        or item.enum
        or not RawValidator(item.document).is_valid(longer)
    ):
        return
    with suppress(Inconclusive):
        other = with_value(trial, setter, one.path, [longer])
        _hold(trial, one, value, first, other)


def _hold_pages(trial: Trial, one: Filter, value: Json, wanted: Item, unwanted: Item) -> None:
    """
    The second page of a narrowed list is as narrow as the first: there are two rows with *value*.

    It is the rarer one of two: else the rows that come after would fit by chance.
    """
    thing = trial.thing
    assert thing.lister is not None
    if "limit" not in thing.query.paging.roles:
        return
    narrowed = at_way(one.way, asking_for(thing, one, value))
    found = walk(trial.asker, thing, wanted.beside, narrowed, size=1, most_pages=_PAGES)
    _hold_shown(trial, one, value, found, wanted, unwanted, misses=missing(one, value))


def _filter_derived(trial: Trial, one: Filter) -> None:
    """Tell two rows apart by what stands below them: nobody sends a sum, and it is filtered by."""
    rows = []
    for amount in AMOUNTS[:2]:
        item = trial.make()
        weigh(trial, item, one.path, amount)
        item.row, _ = trial.seen(item)
        rows.append((item, item.row.get(one.path)))
    _hold_bound(trial, one, *rows)


def _filter_acted(trial: Trial, one: Filter) -> None:
    """Tell two rows apart by an action on one of them: nobody sends a status, and it is filtered by."""
    for operation in trial.thing.actions:
        first = trial.make()
        second, reply = act_where_taken(trial, operation)
        if not reply.done:
            continue
        value, other = (trial.seen(item)[0].get(one.path) for item in (first, second))
        if value is not None and other is not None and not alike(value, other):
            _hold(trial, one, value, first, second)
            _hold(trial, one, other, second, first)
            return
    raise Inconclusive(f"no action that is taken changes {one.path}")


def with_value(
    trial: Trial, setter: Operation, name: str, value: Json, given: Mapping[str, Json] | None = None
) -> Item:
    """
    Make a thing, with what is *given*, whose *name* is *value*: at once, else by a change.

    Raises:
        Inconclusive: The change cannot be said alone, or is refused.
    """
    if setter is trial.thing.create:
        return trial.make({**(given or {}), name: value})
    item = trial.make(given)
    bodies = trial.workshop.bodies(trial.thing, setter)
    if not bodies.fits({name: value}):
        raise Inconclusive(f"{setter.id} takes no change of {name} alone")
    reply = trial.asker.ask(setter, item.path, bodies.wrapped({name: value}))
    if not reply.done:
        raise Inconclusive(f"{reply}, which sets {name}, is answered {reply.status}")
    item.replies += (reply,)
    return item


def _hold(trial: Trial, one: Filter, value: Json, wanted: Item, unwanted: Item) -> int:
    """Ask for *value*, hold what is shown, and return how many rows were."""
    thing = trial.thing
    assert thing.lister is not None
    accepts = accepting(thing, one)
    if accepts is not None and not accepts(value):
        raise Unsupported(f"{value!r} is no value of the filter {one.way[0]}")
    found = walk(trial.asker, thing, wanted.beside, at_way(one.way, asking_for(thing, one, value)))
    _hold_shown(trial, one, value, found, wanted, unwanted, misses=missing(one, value))
    hold_total(trial, wanted, found, asked(one, value))
    _hold_found(trial, one, value, found, wanted)
    return len(found.rows)


def _hold_shown(
    trial: Trial,
    one: Filter,
    value: Json,
    found: Walk,
    wanted: Item,
    unwanted: Item,
    *,
    misses: Callable[[Row], bool] | None = None,
) -> None:
    """Raise `Broken` where a list that was asked for *value* shows *unwanted*, or a row that misses it."""

    def strange(row: Row) -> bool:
        return (misses is not None and misses(row)) or alike(row.get(trial.thing.key), unwanted.key)

    complaint = misfit(trial, one, value, found, strange, before=unwanted.replies, item=wanted)
    if complaint is not None:
        raise complaint


def _hold_found(trial: Trial, one: Filter, value: Json, found: Walk, wanted: Item) -> None:
    """
    Raise `Broken` where a whole list that was asked for *value* does not show *wanted*.

    Raises:
        Inconclusive: The list leaves such a row out by itself.
    """
    thing = trial.thing
    assert thing.lister is not None
    if not found.complete or any(alike(row.get(thing.key), wanted.key) for row in found.rows):
        return
    if why := omits(wanted, (one.way,)):
        raise Inconclusive(why)
    own = short(wanted.row.get(one.path, wanted.sent.get(one.path)))
    raise trial.broken(
        thing.lister,
        f"A list with {asked(one, value)} does not show the row whose {one.path} is {own}.",
        *found.replies,
        item=wanted,
        pointer=f"/{one.path}",
        expected=wanted.key,
    )


def _hold_bound(trial: Trial, one: Filter, *rows: tuple[Item, Json]) -> None:
    """A bound between two values leaves one of them."""
    thing = trial.thing
    assert thing.lister is not None
    (low, lower), (high, upper) = sorted(rows, key=lambda row: measured(row[1]))
    if measured(lower) >= measured(upper):
        raise Inconclusive(f"the values of {one.path} do not differ")
    up = one.by in ("from", "above")
    bound = upper if up else lower
    if one.by in ("above", "below"):
        bound = lower if up else upper
    described = _described(trial, one)
    if _INCLUSIVE.search(described):
        bound = upper if up else lower
    elif _EITHER.search(plain(one.way[-1])) or _EXCLUSIVE.search(described):
        bound = between(lower, upper)
    accepts = accepting(thing, one)
    if accepts is not None and not accepts(bound):
        raise Unsupported(f"{bound!r} is no value of the filter {one.way[0]}")
    wanted, unwanted = (high, low) if up else (low, high)
    found = walk(trial.asker, thing, wanted.beside, at_way(one.way, bound))
    _hold_shown(trial, one, bound, found, wanted, unwanted)
    _hold_found(trial, one, bound, found, wanted)


def _described(trial: Trial, one: Filter) -> str:
    """Return what is said of a filter's parameter."""
    assert trial.thing.lister is not None
    found = (each for each in trial.thing.lister.parameters if each.name == one.way[0])
    return next((each.description for each in found if each.location == "query"), "")


def _narrows(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return "" if filters(thing) else f"no parameter of {thing.lister.id} filters by what clients send"


LAWS = (Law("filters-filter", "A filter leaves the rows that it names.", "list", filtered, _narrows),)
