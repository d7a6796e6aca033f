"""
Laws of lists that are asked for less: filters filter, a search finds, an order orders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from mockserver.behavior.filters import Filter
from mockserver.behavior.paging import ways
from mockserver.behavior.rows import field
from mockserver.behavior.resources import success_of
from mockserver.behavior.wording import plain, singular
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike, instant
from mockserver.verify.laws.asking import Inconclusive, Reply, Unjudged, Unsupported
from mockserver.verify.laws.bodies import names_another
from mockserver.verify.laws.lists import Row, Walk, at_way, told_total, walk
from mockserver.verify.laws.naming import is_created, is_secret
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short
from mockserver.verify.laws.workshop import Item

_SORTED = 3
"""Rows that are made to see an order."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
_ANY_CASE = re.compile(r"case.?insensitiv|any case|regardless of case|ignor\w+ (the )?case|upper or lower", re.IGNORECASE)
_DOWN = ("desc", "descending", "-1")


def filters(thing: Thing) -> list[Filter]:
    """Return the filters of the list that a law can be tried on: by properties that clients set."""
    if thing.lister is None or thing.create is None:
        return []
    sent = thing.sent(thing.create)
    found = []
    for one in thing.query.filters:
        name = one.path.partition(".")[0]
        if "." in one.path or name not in thing.row.names or is_secret(name) or names_another(name):
            continue
        shown, given = thing.row.named(name), sent.named(name)
        if name not in sent.names or {"array", "object"} & shown.kinds & given.kinds:
            continue
        found.append(one)
    return found


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
    assert thing.create is not None and thing.lister is not None
    bodies = trial.workshop.bodies(thing, thing.create)
    first = trial.make()
    seen, _ = trial.seen(first)
    value = seen.get(one.path)
    if value is None or isinstance(value, (dict, list)):
        value = bodies.other(one.path, None, trial.workshop.token())
        if value is MISSING:
            raise Unsupported(f"no value of {one.path} is known")
        first = trial.make({one.path: value})
        seen, _ = trial.seen(first)
    other = bodies.other(one.path, value, trial.workshop.token())
    if other is MISSING:
        raise Unsupported(f"no second value of {one.path} is known")
    second = trial.make({one.path: other}, parent=None)
    shown, _ = trial.seen(second)
    if not alike(seen.get(one.path), value) or not alike(shown.get(one.path), other):
        raise Inconclusive(f"{one.path} is not shown as it was sent")
    if one.by in ("equals", "contains"):
        _hold(trial, one, value, first, second)
        _hold(trial, one, other, second, first)
    else:
        _hold_bound(trial, one, (first, value), (second, other))


def _hold(trial: Trial, one: Filter, value: Json, wanted: Item, unwanted: Item) -> None:
    thing = trial.thing
    assert thing.lister is not None
    asked: Json = str(value).lower() if isinstance(value, bool) else value
    accepts = _accepts(thing, one)
    if accepts is not None and not accepts(value):
        raise Unsupported(f"{value!r} is no value of the filter {one.way[0]}")
    shape = ways(thing.lister).get(one.way)
    if shape is not None and "array" in shape.kinds and "string" not in shape.kinds:
        asked = [value]
    elif isinstance(value, bool):
        asked = value
    found = walk(trial.asker, thing, wanted.beside, at_way(one.way, asked))
    last = found.replies[-1]
    said = f"{'.'.join(one.way)}={short(value)}"
    for row in found.rows:
        own = row.get(one.path)
        misses = own is not None and not _passes(own, value, one.by)
        if misses or alike(row.get(thing.key), unwanted.key):
            raise trial.broken(
                thing.lister,
                f"A list with {said} shows a row whose {one.path} is {short(own)}.",
                *(*unwanted.replies, *found.replies),
                item=wanted,
                pointer=f"/{one.path}",
                expected=value,
                found=own,
            )
    hold_total(trial, wanted, found, said)
    if found.complete and not any(alike(row.get(thing.key), wanted.key) for row in found.rows):
        raise trial.broken(
            thing.lister,
            f"A list with {said} does not show the row whose {one.path} is that.",
            last,
            item=wanted,
            pointer=f"/{one.path}",
            expected=wanted.key,
        )


def hold_total(trial: Trial, item: Item, found: Walk, said: str) -> None:
    """Raise `Broken` where the total of a narrowed list counts what it does not show."""
    assert trial.thing.lister is not None
    told = told_total(trial.thing, found.replies[-1])
    if found.complete and told is not None and not told[0].lower().endswith("count"):
        if told[1] != len(found.rows):
            raise trial.broken(
                trial.thing.lister,
                f"The total of a list with {said} is {told[1]}, and it has {len(found.rows)} rows.",
                *found.replies,
                item=item,
                pointer=told[0],
                expected=len(found.rows),
                found=told[1],
            )


def _passes(own: Json, value: Json, by: str) -> bool:
    if isinstance(own, str) and isinstance(value, str):
        return (
            value.casefold() in own.casefold()
            if by == "contains"
            else alike(own.casefold(), value.casefold())
        )
    return alike(own, value) or isinstance(own, (list, dict))


def _accepts(thing: Thing, one: Filter):  # type: ignore[no-untyped-def]
    """Return what tells whether the parameter may have a value."""
    from mockserver.validation.values import RawValidator

    assert thing.lister is not None
    shape = ways(thing.lister).get(one.way)
    if shape is None or not shape.typed or ("array" in shape.kinds and "string" not in shape.kinds):
        return None
    return RawValidator(shape.document).is_valid


def _hold_bound(trial: Trial, one: Filter, *rows: tuple[Item, Json]) -> None:
    """A bound between two values leaves one of them."""
    thing = trial.thing
    assert thing.lister is not None
    (low, lower), (high, upper) = sorted(rows, key=lambda row: _measured(row[1]))
    if _measured(lower) >= _measured(upper):
        raise Inconclusive(f"the values of {one.path} do not differ")
    up = one.by in ("from", "above")
    bound = upper if up else lower
    if one.by in ("above", "below"):
        bound = lower if up else upper
    accepts = _accepts(thing, one)
    if accepts is not None and not accepts(bound):
        raise Unsupported(f"{bound!r} is no value of the filter {one.way[0]}")
    wanted, unwanted = (high, low) if up else (low, high)
    found = walk(trial.asker, thing, wanted.beside, at_way(one.way, bound))
    said = f"{'.'.join(one.way)}={short(bound)}"
    for row in found.rows:
        if alike(row.get(thing.key), unwanted.key):
            raise trial.broken(
                thing.lister,
                f"A list with {said} shows a row whose {one.path} is {short(row.get(one.path))}.",
                *(*unwanted.replies, *found.replies),
                item=wanted,
                pointer=f"/{one.path}",
                expected=bound,
                found=row.get(one.path),
            )
    if found.complete and not any(alike(row.get(thing.key), wanted.key) for row in found.rows):
        raise trial.broken(
            thing.lister,
            f"A list with {said} does not show a row whose {one.path} is {short(wanted.sent.get(one.path))}.",
            *found.replies,
            item=wanted,
            pointer=f"/{one.path}",
            expected=wanted.key,
        )


def _measured(value: Json) -> float:
    moment = instant(value)
    if moment is not None:
        return moment
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise Inconclusive(f"{value!r} cannot be compared")


# ------------------------------------------------------------------------------------------------- searching


def searched(trial: Trial) -> None:
    """A search finds what has the word, and nothing that has it nowhere."""
    thing = trial.thing
    assert thing.lister is not None
    way = thing.query.paging.roles["search"]
    one, other = trial.make(), trial.make()
    row, _ = trial.seen(one)
    token = _word(trial, one, row)
    found = walk(trial.asker, thing, one.beside, at_way(way, token))
    for shown in found.rows:
        if alike(shown.get(thing.key), other.key):
            detail = f"A search for {token!r} shows a row that has it nowhere."
            raise trial.broken(
                thing.lister,
                detail,
                *(*other.replies, *found.replies),
                item=one,
                expected=one.key,
                found=other.key,
            )
    if found.complete and not any(alike(shown.get(thing.key), one.key) for shown in found.rows):
        detail = f"A search for {token!r} does not show the row that has it in every text."
        raise trial.broken(thing.lister, detail, *found.replies, item=one, expected=one.key)
    hold_total(trial, one, found, f"a search for {token!r}")
    described = next((p.description for p in thing.lister.parameters if p.name == way[0]), "")
    if _ANY_CASE.search(f"{described} {thing.lister.description}"):
        again = walk(trial.asker, thing, one.beside, at_way(way, token.upper()))
        if again.complete and not any(alike(shown.get(thing.key), one.key) for shown in again.rows):
            detail = f"A search for {token.upper()!r} does not show the row that has {token!r}, in any case."
            raise trial.broken(thing.lister, detail, *again.replies, item=one, expected=one.key)


def _word(trial: Trial, item: Item, row: Row) -> str:
    """Return the word that only *item* has, as its texts show it."""
    texts = [value for name, value in row.items() if isinstance(value, str) and name in item.sent]
    token = next(
        (word for text in texts for word in text.split() if re.fullmatch(r"q[0-9a-f]{5}\d+", word)), ""
    )
    if not token or not any(plain(name) in ("name", "title", "subject", "label") for name in item.sent):
        raise Unsupported(f"no text of {trial.thing.resource.path} can have any word")
    return token


# --------------------------------------------------------------------------------------------------- sorting


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
    return next((list(face["enum"]) for face in item.faces if isinstance(face.get("enum"), list)), [])


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
    assert thing.lister is not None and thing.create is not None
    roles = thing.query.paging.roles
    wanted = orders(thing)
    given = _spread(trial, sorted({name for _, _, name, _ in wanted}))
    items = [trial.make(one) for one in given]
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
    """Return what makes rows differ in each of *names*; middle, least, most: an order of making is none."""
    thing = trial.thing
    assert thing.create is not None
    bodies = trial.workshop.bodies(thing, thing.create)
    known = set(thing.kept(thing.create))
    made: list[dict[str, Json]] = [{} for _ in range(_SORTED)]
    for name in names:
        if name not in known:
            continue
        shape = bodies.shape.named(name)
        mark = trial.workshop.token()
        text = bodies.text(name, shape, mark)
        if text is not None and "@" not in text:
            for row, letter in zip(made, "man", strict=True):
                row[name] = f"{letter}{letter}{text}"
            continue
        values: list[Json] = []
        for count in range(_SORTED):
            value = bodies.other(name, None, f"{mark}{count}", among=tuple(values))
            if value is not MISSING:
                values.append(value)
        if len(values) == _SORTED and all(isinstance(value, type(values[0])) for value in values):
            ordered = sorted(values, key=lambda value: (instant(value) or 0, value))
            for row, index in zip(made, (1, 0, 2), strict=True):
                row[name] = ordered[index]
    return [{name: value for name, value in row.items() if _fits(bodies, name, value)} for row in made]


def _fits(bodies, name: str, value: Json) -> bool:  # type: ignore[no-untyped-def]
    from mockserver.validation.values import RawValidator

    return RawValidator(bodies.shape.named(name).document).is_valid(value)


def _hold_order(
    trial: Trial, items: list[Item], rows: list[Row], replies: list[Reply], name: str, down: bool, label: str
) -> None:
    """Hold the rows that were made (others may have values that collate in many ways) against the order."""
    thing = trial.thing
    assert thing.lister is not None
    keys = {str(item.key) for item in items}
    own = [row for row in rows if str(row.get(thing.key)) in keys and field(row, name) not in (None, MISSING)]
    shown = [(_comparable(row[name]), row[name]) for row in own]
    for (one, first), (two, second) in zip(shown, shown[1:], strict=False):
        if type(one) is type(two) and (one < two if down else one > two):
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


def _comparable(value: Json):  # type: ignore[no-untyped-def]
    if isinstance(value, bool):
        return int(value)
    moment = instant(value)
    if moment is not None:
        return round(moment, 3)
    return value.casefold() if isinstance(value, str) else value if isinstance(value, (int, float)) else None


_MADE = re.compile(
    r"(?P<down>(newest|latest|most recent|last (added|created))( \w+)? (come )?first|reverse chronological)"
    r"|(oldest|earliest)( \w+)? first|in (the )?order (in which )?(they|it) (were|was|are) (added|created|made|sent)"
    r"|in (the )?order of (creation|addition|their creation)|in creation order",
    re.IGNORECASE,
)


_ORDERED = re.compile(
    r"(?:in (?:the )?order of|(?:sorted|ordered) by)(?: their| its| the)? (\w+)(?P<down>,? \(?(descending|highest first|largest first))?",
    re.IGNORECASE,
)


def made_order(trial: Trial) -> None:
    """A list stands in the order of making where the contract's words say so."""
    thing = trial.thing
    assert thing.lister is not None
    words = _MADE.search(_words_of(thing))
    assert words is not None
    items = [trial.make() for _ in range(_SORTED)]
    found = walk(trial.asker, thing, items[0].beside)
    keys = [str(item.key) for item in items]
    seen = [str(row.get(thing.key)) for row in found.rows if str(row.get(thing.key)) in keys]
    wanted = [key for key in (reversed(keys) if words["down"] else keys) if key in seen]
    if seen != wanted:
        detail = f"The list is said to stand {words[0]!r}, and what was made in the order {keys} stands in the order {seen}."
        raise trial.broken(
            thing.lister, detail, *(reply for item in items for reply in item.replies), *found.replies, expected=wanted, found=seen
        )


def _words_of(thing: Thing) -> str:
    """Return what the contract says of the list in words."""
    if thing.lister is None:
        return ""
    promise = success_of(thing.lister)
    return f"{thing.lister.summary}. {thing.lister.description} {promise.description if promise else ''}"


def _said_order(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    words = _MADE.search(_words_of(thing))
    return "" if words else f"{thing.lister.id} does not say in which order it stands"


def default_order(trial: Trial) -> None:
    """A list stands in the documented default order where none is asked for."""
    thing = trial.thing
    assert thing.lister is not None
    documented = next(iter(_default_orders(thing)))
    name, down = documented
    items = [trial.make(one) for one in _spread(trial, [name])]
    found = walk(trial.asker, thing, items[0].beside)
    _hold_order(trial, items, found.rows, found.replies, name, down, "The list without an order")


def _default_orders(thing: Thing) -> Iterator[tuple[str, bool]]:
    if thing.lister is None:
        return
    names = {plain(name): name for name in thing.row.names}
    for words in _ORDERED.finditer(_words_of(thing)):
        name = names.get(plain(words[1]), names.get(singular(plain(words[1]))))
        if name is not None and thing.row.named(name).scalar:
            yield name, bool(words["down"])
            return
    roles = thing.query.paging.roles
    if "sort" not in roles:
        return
    parameters = ways(thing.lister)
    default = parameters[roles["sort"]].default
    direction = parameters[roles["direction"]].default if "direction" in roles else MISSING
    if "direction" in roles and direction is MISSING:
        return
    meant = _order(default, direction, thing) if default is not MISSING else None
    if meant is not None and not is_created(meant[0]):
        yield meant


def _narrows(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return "" if filters(thing) else f"no parameter of {thing.lister.id} filters by what clients send"


def _searches(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return "" if "search" in thing.query.paging.roles else f"{thing.lister.id} has no search"


def _orders_itself(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return "" if list(_default_orders(thing)) else "no default order is documented"


def _sorts(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return "" if orders(thing) else f"{thing.lister.id} names no orders"


LAWS = (
    Law("list-in-order-of-making", "A list stands in the order that its words say.", "list", made_order, _said_order),
    Law("filters-filter", "A filter leaves the rows that it names.", "list", filtered, _narrows),
    Law("search-finds", "A search finds what has the word.", "list", searched, _searches),
    Law("order-orders", "A list stands in the order that was asked for.", "list", sorted_rows, _sorts),
    Law(
        "default-order",
        "A list stands in its documented default order.",
        "list",
        default_order,
        lambda thing: (
            _sorts(thing) or ("" if list(_default_orders(thing)) else "no default order is documented")
        ),
        quick=False,
    ),
)
