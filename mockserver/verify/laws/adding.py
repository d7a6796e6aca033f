"""
A law of figures that say how they come about: "agency fee and creator fee together", "likes / views".

Descriptions are prose, so only two forms are believed, and only where each word of them is a property
beside the figure: a sum of named parts, and an expression of names with + - * / or "times" between them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache

from mockserver.behavior.wording import plain, singular, words_of
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.asking import Inconclusive, Unjudged
from mockserver.verify.laws.counting import figures, made_up, populated
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.things import Thing, answer_shape
from mockserver.verify.laws.trial import Law, Trial

_SUM = re.compile(
    r"(?:the )?sum of (?P<of>[^.;:()]+)|(?P<together>[^.;:()]+?),? (?:together|combined|added up)"
)
_BETWEEN = re.compile(r",? and |, | plus | \+ ")
_FORMULA = re.compile(r"(?:^|[:=] |\bis )(?P<is>\(*[a-z]\w*(?:\)* [-+*/] \(*(?:[a-z]\w*|\d+(?:\.\d+)?))+\)*)")
_SIGNS = tuple(
    (re.compile(rf" (?:{said}) "), f" {sign} ")
    for said, sign in (
        ("times|multiplied by|x|×", "*"),
        ("minus|less(?! than)", "-"),
        ("plus", "+"),
        ("divided by", "/"),
    )
)
_SAID = re.compile("|".join(pattern.pattern for pattern, _ in _SIGNS))
_RECKONED = re.compile(rf" [-+*/] |{_SAID.pattern}|\b(sum of|together|combined|added up)\b", re.IGNORECASE)
"""What every description that gives an expression has in it: most are not read further."""
_UNITS = frozenset({"cent", "usd", "eur", "amount", "total", "count", "number"})
_DEEPEST = 5
_ROWS = 5
"""Rows of a list that are looked at."""

_FINE = 3.339
"""A number that is not the same when it is rounded and when it is cut."""

_CENTS = re.compile(r"\brounded( half up| half even)? to (two|2) (decimal|digit|place)", re.IGNORECASE)
"""What is said of a figure that is rounded to the nearest cent."""

_COARSEST = 0.01
"""What rounding may make of a quotient that is shown with fewer places."""


def formula(shape: Shape, name: str) -> str:
    """Return the expression over the properties beside *name* that its description gives, "" without one."""
    described = shape.named(name).described
    if not _RECKONED.search(described) or not shape.named(name).kinds & {"integer", "number"}:
        return ""
    others = {one: shape.named(one) for one in shape.names if one != name}
    numbers = [one for one, inner in others.items() if inner.kinds & {"integer", "number"}]
    return _read(" ".join(described.split()), tuple(numbers))


@lru_cache(maxsize=512)
def _read(described: str, names: tuple[str, ...]) -> str:
    for found in _FORMULA.finditer(_signed(described, names)):
        said = found["is"]
        used = set(re.findall(r"[a-z]\w*", said))
        if used <= set(names) and len(used) > 1 and said.count("(") == said.count(")"):
            return said
    first = re.split(r"(?<=[.;:])\s", described)[0].lower()
    summed = _SUM.fullmatch(first.rstrip(".;:"))
    if summed is None:
        return ""
    parts = [_named(part, names) for part in _BETWEEN.split(summed["of"] or summed["together"])]
    return " + ".join(parts) if len(set(parts)) == len(parts) > 1 and all(parts) else ""


def _signed(described: str, names: tuple[str, ...]) -> str:
    """Return a description with signs for what is said in words: "Quantity times unit price"."""
    if not _SAID.search(described):
        return described
    for name in sorted(names, key=len, reverse=True):
        said = r"[ _]".join(map(re.escape, words_of(name)))
        described = re.sub(rf"(?i)\b(the )?`?{said}`?(?![a-z])", name, described)
    for pattern, sign in _SIGNS:
        described = pattern.sub(sign, described)
    return described


def _named(part: str, names: tuple[str, ...]) -> str:
    """Return the one property that *part* of a sentence names, "" where that is none or several."""
    part = re.sub(r"^(the|its|all|their) ", "", part.strip())
    if part in names:
        return part
    words = [singular(word) for word in part.split()]
    found = [
        name for name in names if [one for one in map(singular, words_of(name)) if one not in _UNITS] == words
    ]
    return found[0] if len(found) == 1 else ""


def computed(expression: str, values: Mapping[str, Json]) -> float | None:
    """Return what *expression* comes to; None where a value is missing, or it divides by nothing."""
    try:
        return _of(ast.parse(expression, mode="eval").body, values)
    except (ZeroDivisionError, KeyError, TypeError, SyntaxError):
        return None


_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.Div: lambda one, other: one / other,
}


def _of(node: ast.expr, values: Mapping[str, Json]) -> float:
    if isinstance(node, ast.BinOp):
        return _OPERATIONS[type(node.op)](_of(node.left, values), _of(node.right, values))
    value = values[node.id] if isinstance(node, ast.Name) else getattr(node, "value", None)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(value)
    return value


def agrees(figure: float, wanted: float, *, whole: bool, cents: bool = False) -> bool:
    """
    Return whether *figure* is *wanted*, in whatever way it was rounded.

    *whole*: to a whole number; *cents*: to two places, and to the nearest.
    """
    if whole:
        return abs(figure - wanted) <= 1  # an empty list may have one page, or none
    if cents:
        return abs(figure - wanted) <= 0.005 + 1e-9 * abs(wanted)
    text = repr(float(figure))
    places = 6 if "e" in text else len(text.partition(".")[2])
    return abs(figure - wanted) <= min(_COARSEST, 10.0**-places) + 1e-9 * abs(wanted)


def _wrong(
    shape: Shape, body: Json, pointer: str = "", depth: int = _DEEPEST
) -> Iterator[tuple[str, str, float, float]]:
    """Yield (pointer, expression, wanted, found) of each figure in *body* that is not what it says it is."""
    if isinstance(body, dict):
        for name in shape.names:
            value = body.get(name)
            if isinstance(value, (dict, list)) and depth:
                yield from _wrong(shape.named(name), value, f"{pointer}/{name}", depth - 1)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                said = formula(shape, name)
                wanted = computed(said, body) if said else None
                whole = "/" in said and "number" not in shape.named(name).kinds
                cents = bool(_CENTS.search(shape.named(name).described))
                if wanted is not None and not agrees(value, wanted, whole=whole, cents=cents):
                    yield f"{pointer}/{name}", said, wanted, value
    elif isinstance(body, list) and depth:
        for index, one in enumerate(body[:_ROWS]):
            yield from _wrong(shape.item(index), one, f"{pointer}/{index}", depth - 1)


def figures_add_up(trial: Trial) -> None:
    """A figure that says how it comes about comes about so."""
    made_up(trial)
    item, children = populated(trial)
    for child in trial.thing.below:
        children += _finely(trial, child, item)
    children += _beside(trial, item)
    made = [one for child in children for one in child.replies]
    held = 0
    for operation in _telling(trial.thing):
        shape = answer_shape(operation)
        reply = trial.asker.ask(operation, item.path)
        if not reply.good or shape is None:
            continue
        held += 1
        for pointer, said, wanted, found in _wrong(shape, reply.body):
            raise trial.broken(
                operation,
                f"{pointer.rpartition('/')[2]} is said to be {said}, which is {wanted:g}, and is {found:g}.",
                *(*made, reply),
                item=item,
                pointer=pointer,
                expected=wanted,
                found=found,
            )
    if not held:
        raise Inconclusive("no answer with such a figure was given")
    _hold_changed(trial, item)


def _beside(trial: Trial, item: Item) -> Iterator[Item]:
    """Make others that name *item*, one in each of the states that such a thing comes to."""
    for other in trial.thing.peers:
        sent = other.sent(other.create).names if other.create is not None else ()
        for link in (name for name in sent if plain(name) == f"{trial.thing.name}id"):
            for way in trial.workshop.ways(other):
                with suppress(Unjudged):
                    made = trial.make({link: item.key}, thing=other)
                    trial.workshop.bring(made, way)
                    yield made


def _finely(trial: Trial, child: Thing, item: Item) -> Iterator[Item]:
    """Make one of *child* below *item* with a number of more places than its figures are rounded to."""
    if child.create is None or child.parent is not trial.thing:
        return
    given = child.sent(child.create)
    for name in child.row.names:
        said = formula(child.row, name)
        if not said or not _CENTS.search(child.row.named(name).described):
            continue
        for part in re.findall(r"[A-Za-z_]\w*", said):
            if part in given.names and RawValidator(given.named(part).document).is_valid(_FINE):
                with suppress(Unjudged):
                    made = trial.make({part: _FINE}, thing=child, parent=item)
                    if trial.seen(made)[0].get(part) == _FINE:
                        yield made
                return


def summed_from(thing: Thing, name: str) -> tuple[Thing, str] | None:
    """Return (list below, a number that clients give there) of which the figure *name* comes, else None."""
    for _, path, child, summed in figures(thing):
        if path[-1] == name and summed and child.create is not None:
            given = child.sent(child.create)
            parts = [summed, *re.findall(r"[A-Za-z_]\w*", formula(child.row, summed))]
            taken = [
                one for one in parts if one in given.names and given.named(one).kinds & {"integer", "number"}
            ]
            if taken:
                return child, max(taken, key=lambda one: "number" in given.named(one).kinds)
    return None


def weigh(trial: Trial, item: Item, name: str, amount: float) -> None:
    """Make something of that *amount* below *item*, where its figure *name* is a sum of such."""
    found = summed_from(trial.thing, name)
    if found is not None:
        child, part = found
        with suppress(Unjudged):
            trial.make({part: amount}, thing=child, parent=item)


def _hold_changed(trial: Trial, item: Item) -> None:
    """Change each number that a figure of the thing itself comes of, and look at it again."""
    thing = trial.thing
    shape = answer_shape(thing.read) if thing.read is not None else None
    if thing.read is None or thing.patch is None or shape is None:
        return
    bodies = trial.workshop.bodies(thing, thing.patch)
    said = " ".join(formula(thing.row, name) for name in thing.row.names)
    for name in set(re.findall(r"[A-Za-z_]\w*", said)) & set(thing.kept(thing.patch)):
        value = bodies.other(name, item.sent.get(name), trial.workshop.token())
        if value is MISSING or not bodies.fits({name: value}):
            continue
        change = trial.asker.ask(thing.patch, item.path, bodies.wrapped({name: value}))
        reply = trial.read(item)
        for pointer, how, wanted, found in _wrong(shape, reply.body) if change.good and reply.good else ():
            raise trial.broken(
                thing.read,
                f"{pointer.rpartition('/')[2]} is said to be {how}, which is {wanted:g} since {name} was "
                f"changed, and is {found:g}.",
                *(change, reply),
                item=item,
                pointer=pointer,
                expected=wanted,
                found=found,
            )


def _telling(thing: Thing) -> Iterator[Operation]:
    """Yield what reads a thing, or below it, and has a figure that says how it comes about."""
    lists = [child.lister for child in thing.below if child.parent is thing]
    for operation in (thing.read, *thing.reads, *lists):
        shape = answer_shape(operation) if operation is not None else None
        if operation is not None and shape is not None and _tells(shape, _DEEPEST, {}):
            yield operation


def _tells(shape: Shape, depth: int, seen: dict[frozenset[int], int]) -> bool:
    """Return whether a figure within *shape* says how it comes about, but in what was *seen* as deep."""
    same = frozenset(id(face) for face in shape.faces if "properties" in face or "items" in face)
    if not same or seen.get(same, -1) >= depth:
        return False
    seen[same] = depth
    if any(formula(shape, name) for name in shape.names):
        return True
    inner = [shape.named(name) for name in shape.names] + ([shape.item(0)] if "array" in shape.kinds else [])
    return depth > 0 and any(_tells(one, depth - 1, seen) for one in inner if one.typed)


LAWS = (
    Law(
        "figures-add-up",
        "A figure that says how it comes about comes about so.",
        "read",
        figures_add_up,
        lambda thing: (
            "" if thing.create and any(True for _ in _telling(thing)) else "no figure says how it comes about"
        ),
    ),
)
