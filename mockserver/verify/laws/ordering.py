"""
Laws of order: a list stands as it was asked to, and as the contract's words say.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle, pairwise

from mockserver.behavior.paging import ways
from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.adding import weigh
from mockserver.verify.laws.alike import instant
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged
from mockserver.verify.laws.bodies import Bodies, names_another
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import Row, at_way, walk
from mockserver.verify.laws.naming import is_created
from mockserver.verify.laws.orders_in_words import order_of_making, worded_orders, words_of_making
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import TICK, Law, Trial, short
from mockserver.verify.laws.varied import is_ranged

_SORTED = 3
"""Rows that are made to see an order."""


AMOUNTS = (2, 10, 100)
"""Amounts that stand otherwise where somebody takes them for texts."""
_SMALLER = (2, 10, 30)

_TURNS = ((1, 0, 2), (2, 0, 1), (0, 2, 1), (1, 2, 0))
"""Least, middle, most as they are made: neither upwards nor downwards."""


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")


_DOWN = ("desc", "descending", "-1")


def orders(thing: Thing) -> list[tuple[Json, Json, str, bool]]:
    """
    Return the orders that the contract itself names: (sort, direction or `MISSING`, property, whether down).

    An order that only prose describes is not tried: there are too many ways to say "descending".
    """
    if thing.lister is None or "sort" not in thing.query.paging.roles:
        return []
    parameters = ways(thing.lister)
    roles = thing.query.paging.roles
    shape = parameters[roles["sort"]]
    ways_of_it: list[Json] = [MISSING]
    if "direction" in roles:
        ways_of_it = _enum(parameters[roles["direction"]])
    found = []
    for value in _enum(shape) or _shown(shape):
        for direction in ways_of_it:
            meant = _order(value, direction, thing)
            if meant is not None:
                found.append((value, direction, *meant))
    return found


def _enum(shape: Shape) -> list[Json]:
    item = shape.item(0) if "array" in shape.kinds and "string" not in shape.kinds else shape
    return list(item.enum or ())


def _shown(shape: Shape) -> list[Json]:
    """Return the orders that a parameter without an enum has as its default or example."""
    found = [
        face[word]
        for face in shape.faces
        for word in ("default", "example")
        if isinstance(face.get(word), str)
    ]
    return [
        *found,
        *(one for face in shape.faces for one in face.get("examples") or () if isinstance(one, str)),
    ]


def _order(value: Json, direction: Json, thing: Thing) -> tuple[str, bool] | None:
    """Return (property, whether down) that a sort value means; None where that is not sure."""
    if not isinstance(value, str) or "," in value:
        return None
    text, down = value, False
    if text[:1] in ("-", "+"):
        text, down = text[1:], text[0] == "-"
    for ending in (":desc", ":asc", " desc", " asc", "_desc", "_asc", ".desc", ".asc", "-desc", "-asc"):
        if text.lower().endswith(ending):
            text, down = text[: -len(ending)], ending.endswith("desc")
            break
    if direction is not MISSING:
        down = str(direction).lower() in _DOWN
    names = {plain(name): name for name in thing.row.names}
    name = names.get(plain(text)) if _NAME.fullmatch(text) else None
    return (name, down) if name is not None and thing.row.named(name).scalar else None


def sorted_rows(trial: Trial) -> None:
    """A list stands in the order that was asked for."""
    thing = trial.thing
    assert thing.lister is not None
    assert thing.create is not None
    roles = thing.query.paging.roles
    wanted = orders(thing)
    given = _spread(trial, sorted({name for _, _, name, _ in wanted}))
    items = [trial.make(one) for one in given]
    for turn, figure in zip(cycle(_TURNS), sorted({name for _, _, name, _ in wanted} - given[0].keys())):
        for item, index in zip(items, turn, strict=True):
            weigh(trial, item, figure, AMOUNTS[index])
    tried = 0
    for value, direction, name, down in wanted:
        said = [at_way(roles["sort"], value)]
        if direction is not MISSING:
            said.append(at_way(roles["direction"], direction))
        with suppress(Inconclusive):
            found = walk(trial.asker, thing, items[0].beside, *said)
            label = f"{'.'.join(roles['sort'])}={value}"
            _hold_order(trial, items, found.rows, found.replies, name, down, label)
            tried += 1
    if not tried:
        raise Inconclusive(f"{thing.lister.id} takes none of the documented orders")


def _spread(trial: Trial, names: list[str]) -> list[dict[str, Json]]:
    """Return what makes rows differ in each of *names*, each in a turn of its own: see `_TURNS`."""
    thing = trial.thing
    assert thing.create is not None
    bodies = trial.workshop.bodies(thing, thing.create)
    known = set(thing.kept(thing.create))
    made: list[dict[str, Json]] = [{} for _ in range(_SORTED)]
    turns = cycle(_TURNS)  # another one for each: who sorts by another property is not right by chance
    for name in names:
        if name not in known:
            continue
        turn = next(turns)
        shape = bodies.shape.named(name)
        mark = trial.workshop.token()
        text = bodies.text(name, shape, mark)
        if text is not None and "@" not in text:
            for row, index in zip(made, turn, strict=True):
                row[name] = f"{'amn'[index] * 2}{text}"
            continue
        amounts = () if is_ranged(name) or names_another(name) else (AMOUNTS, _SMALLER)
        fitting = [one for one in amounts if all(_fits(bodies, name, value) for value in one)]
        if fitting:
            for row, index in zip(made, turn, strict=True):
                row[name] = fitting[0][index]
            continue
        values: list[Json] = []
        for count in range(_SORTED):
            value = bodies.other(name, None, f"{mark}{count}", among=tuple(values))
            if value is not MISSING:
                values.append(value)
        if len(values) == _SORTED and all(isinstance(value, type(values[0])) for value in values):
            ordered = sorted(values, key=lambda value: (instant(value) or 0, value))
            for row, index in zip(made, turn, strict=True):
                row[name] = ordered[index]
    return [{name: value for name, value in row.items() if _fits(bodies, name, value)} for row in made]


def _fits(bodies: Bodies, name: str, value: Json) -> bool:
    return RawValidator(bodies.shape.named(name).document).is_valid(value)


def _hold_order(
    trial: Trial, items: list[Item], rows: list[Row], replies: list[Reply], name: str, down: bool, label: str
) -> None:
    """Hold the rows that were made (others may have values that collate in many ways) against the order."""
    thing = trial.thing
    assert thing.lister is not None
    keys = {str(item.key) for item in items}
    shown = [row.get(name) for row in rows if str(row.get(thing.key)) in keys]
    shown = [value for value in shown if value is not None]
    enum = _enum(thing.row.named(name))
    ranked = [enum.index(value) for value in shown if value in enum]  # "low, medium, high" has its own order
    if len(ranked) == len(shown) and ranked == sorted(ranked, reverse=down):
        return
    for first, second in pairwise(shown):
        if surely_after(second, first) if down else surely_after(first, second):
            made = [reply for item in items for reply in item.replies]
            way = "descending" if down else "ascending"
            detail = f"{label} shows {name} {short(first)} before {short(second)}, which is not {way}."
            raise trial.broken(
                thing.lister,
                detail,
                *(*made, *replies),
                pointer=f"/{name}",
                expected=[second, first],
                found=[first, second],
            )


def surely_after(one: Json, other: Json) -> bool:
    """Return whether *one* comes after *other* in every usual order."""
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if isinstance(one, str) and isinstance(other, str):
        moments = instant(one), instant(other)
        if None not in moments:
            return moments[0] > moments[1]  # type: ignore[operator]
        return one > other and one.casefold() > other.casefold() and _by_letters(one, other)
    numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    return numbers and one > other


def _by_letters(one: str, other: str) -> bool:
    """Return whether two texts differ in a letter first: numbers in texts have several orders."""
    if re.sub(r"\d", "0", one) == re.sub(r"\d", "0", other):
        return True  # as long, with digits in the same places
    first = next(((a, b) for a, b in zip(one, other, strict=False) if a != b), ("", ""))
    return all(sign.isascii() and sign.isalpha() for sign in first)


_MOMENT = 0.002
"""Seconds: a clock that tells milliseconds goes on meanwhile."""


def made_order(trial: Trial) -> None:
    """A list stands in the order of making where the contract's words say so."""
    thing = trial.thing
    assert thing.lister is not None
    said = _of_making(thing)
    assert said is not None
    words, newest_first = said
    items = [trial.make()]
    while len(items) < _SORTED:
        # Made within a second of a coarse clock, or a millisecond of a fine one, they may stand in any order.
        time.sleep(_MOMENT if _finely_timed(trial, items[-1]) else TICK)
        items.append(trial.make())
    found = walk(trial.asker, thing, items[0].beside)
    keys = [str(item.key) for item in items]
    rows = {str(row.get(thing.key)): row for row in found.rows if str(row.get(thing.key)) in keys}
    seen = list(rows)
    wanted = [key for key in (reversed(keys) if newest_first else keys) if key in seen]
    made = [_made_at(rows[key]) for key in wanted]
    if any(one is not None and one == other for one, other in pairwise(made)):
        raise Inconclusive(f"what was made in turn is shown as made at the same time: {made[0]}")
    if seen != wanted:
        detail = f"The list is said to stand {words!r}; what was made as {keys} stands as {seen}."
        raise trial.broken(
            thing.lister,
            detail,
            *(reply for item in items for reply in item.replies),
            *found.replies,
            expected=wanted,
            found=seen,
        )


def _made_at(row: Row) -> float | None:
    """Return when *row* says that it was made."""
    return next((at for name, value in row.items() if is_created(name) and (at := instant(value))), None)


def _finely_timed(trial: Trial, item: Item) -> bool:
    """Return whether an item says to parts of a second when it was made."""
    with suppress(Unjudged):
        at = _made_at(trial.seen(item)[0])
        return at is not None and at % 1 != 0
    return False


def _said_order(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return "" if _of_making(thing) else f"{thing.lister.id} does not say in which order it stands"


def _of_making(thing: Thing) -> tuple[str, bool] | None:
    """Return (how it is said, whether the newest come first) of an order of making; None without one."""
    if any(not is_created(name) for name, _ in worded_orders(thing)):
        return None  # "in the order of their dates, oldest first"
    if words_of_making(thing):
        return order_of_making(thing)
    meant = _parameters_default(thing)
    if meant is None or not is_created(meant[0]):
        return None
    return f"by {meant[0]}, {'descending' if meant[1] else 'ascending'}", meant[1]


def default_order(trial: Trial) -> None:
    """A list stands in the documented default order where none is asked for."""
    thing = trial.thing
    assert thing.lister is not None
    documented = next(iter(_default_orders(thing)))
    name, down = documented
    others = sorted({other for _, _, other, _ in orders(thing)} - {name})
    items = [trial.make(one) for one in _spread(trial, [name, *others])]
    found = walk(trial.asker, thing, items[0].beside)
    _hold_order(trial, items, found.rows, found.replies, name, down, "The list without an order")


def _default_orders(thing: Thing) -> Iterator[tuple[str, bool]]:
    if thing.lister is None:
        return
    if worded := list(worded_orders(thing)):
        yield from worded
        return
    meant = _parameters_default(thing)
    if meant is not None and not is_created(meant[0]):
        yield meant


def _parameters_default(thing: Thing) -> tuple[str, bool] | None:
    """Return (property, whether down) that the parameters have as the default order; None without one."""
    roles = thing.query.paging.roles
    if thing.lister is None or "sort" not in roles:
        return None
    parameters = ways(thing.lister)
    default = parameters[roles["sort"]].default
    direction = parameters[roles["direction"]].default if "direction" in roles else MISSING
    if default is MISSING or ("direction" in roles and direction is MISSING):
        return None
    return _order(default, direction, thing)


def _orders_itself(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return "" if list(_default_orders(thing)) else "no default order is documented"


def _sorts(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return "" if orders(thing) else f"{thing.lister.id} names no orders"


LAWS = (
    Law("order-orders", "A list stands in the order that was asked for.", "list", sorted_rows, _sorts),
    Law(
        "default-order",
        "A list stands in its documented order.",
        "list",
        default_order,
        _orders_itself,
        quick=False,
    ),
    Law("order-of-making", "A list stands in the order of making.", "list", made_order, _said_order),
)
