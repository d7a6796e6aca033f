"""
Say things otherwise than the document's example does: several parts, some of them less, other amounts.

An example has one of everything, so that a sum is its only summand, a count is one, and
what is left out is never left out. Parts are taken from all examples of an operation, for those
are known to mean something, and told apart in what is a number anyhow: a key of many digits.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from random import Random

from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.verify.laws.bodies import KEY, Bodies, names_another
from mockserver.verify.laws.naming import is_proper, is_status

MOST_PARTS = 4
"""Parts of one kind that are said at once."""

_DIGITS = re.compile(r"\d{9,}")
_RANGED = re.compile(
    r"(min|max|from|to|start|end|lower|upper|first|last|before|after)(_|[A-Z]|$)", re.IGNORECASE
)
_WIDEST = 100_000


def is_ranged(name: str) -> bool:
    """Return whether a value is one end of a range, so that it may not be any beside the other end."""
    return _RANGED.match(name) is not None


def varied(bodies: Bodies, made: dict[str, Json], random: Random) -> dict[str, Json]:
    """Return *made* with other parts in its lists, other amounts, and other values of its enums."""
    for name in sorted(made):
        value = made[name]
        shape = bodies.shape.named(name)
        if _parts(value):
            found: Json = _several(bodies, name, shape, value, random)
        elif random.random() < 0.5 or _is_key(value):
            found = _another(name, shape, value, random)
        else:
            continue
        fresh = {**made, name: found}
        if bodies.fits(fresh):
            made = fresh
    return made


def _is_key(value: Json) -> bool:
    return isinstance(value, int) and abs(value) >= KEY


def otherwise(bodies: Bodies, made: dict[str, Json], random: Random) -> dict[str, Json]:
    """Return other values for the enums and amounts of *made*, as far as they fit together."""
    changed: dict[str, Json] = {}
    for name, value in made.items():
        for _ in range(3):
            found = _another(name, bodies.shape.named(name), value, random)
            if found != value and bodies.fits({**made, **changed, name: found}):
                changed[name] = found
                break
    return changed


def several(bodies: Bodies, made: dict[str, Json], random: Random) -> dict[str, Json]:
    """Return the lists of *made*, with its first part twice and parts of the examples; {} without lists."""
    grown: dict[str, Json] = {}
    for name, value in made.items():
        if not _parts(value):
            continue
        shape = bodies.shape.named(name)
        others = list(_exemplified(bodies, name))
        chosen = [value[0], value[0], *random.sample(others, min(len(others), MOST_PARTS - 2))]
        parts = [_part(part, shape.item(0), random, less=0.0) for part in chosen[: _most(shape)]]
        if bodies.fits({**made, name: parts}):
            grown[name] = parts
    return grown


def _parts(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _most(shape: Shape) -> int:
    return int(min((face["maxItems"] for face in shape.faces if "maxItems" in face), default=MOST_PARTS))


def _several(bodies: Bodies, name: str, shape: Shape, value: Json, random: Random) -> list[Json]:
    """Return some parts for the list *name*: those of *value* and of the examples, told apart."""
    pool = [*value, *_exemplified(bodies, name)]
    count = min(random.randint(0, MOST_PARTS), _most(shape))
    return [_part(random.choice(pool), shape.item(0), random, less=0.3) for _ in range(count)]


def _exemplified(bodies: Bodies, name: str) -> Iterator[dict[str, Json]]:
    """Yield the parts that the examples of an operation have in the list *name*."""
    for example in bodies.media.examples.values():
        said = bodies.unwrapped(example.value)
        if _parts(said.get(name)) and bodies.fits(said):
            yield from said[name]


def _part(part: Json, shape: Shape, random: Random, *, less: float) -> Json:
    """Return *part* as another one: with a number of its own, with other amounts, and often with *less*."""
    made = copy.deepcopy(part)
    if not isinstance(made, dict):
        return made
    required = shape.required
    digits = str(random.randrange(10**4)).rjust(4, "0")
    for name in sorted(made):
        value = made[name]
        if name not in required and random.random() < less:
            del made[name]
        elif isinstance(value, str):
            made[name] = _DIGITS.sub(lambda found: found[0][:-4] + digits, value)
        elif not less or random.random() < 0.7:
            made[name] = _another(name, shape.named(name), value, random, least=less > 0)
    return made


def _another(name: str, shape: Shape, value: Json, random: Random, *, least: bool = True) -> Json:
    """
    Return another value that means no more than *value*: an amount, or one of an enum; else *value*.

    *least*: whether an amount is often the least that there may be, where a sum is right by chance.
    """
    if is_status(name) or names_another(name) or is_ranged(name):
        return value
    facts = {keyword: said for face in reversed(shape.faces) for keyword, said in face.items()}
    if isinstance(facts.get("enum"), list):
        return random.choice([one for one in facts["enum"] if one is not None] or [value])
    if isinstance(value, bool):
        return random.random() < 0.5
    if isinstance(value, int) and _is_key(value):
        digits = random.randrange(10**4)
        return (abs(value) // 10**4 * 10**4 + digits) * (1 if value > 0 else -1)
    amount = facts.get("minimum") == 0 or "maximum" in facts or "default" in facts  # else perhaps a key
    if isinstance(value, int) and amount and not is_proper(name) and "multipleOf" not in facts:
        low = facts.get("minimum", 0 if value >= 0 else value)
        high = facts.get("maximum", max(value, low) + _WIDEST)
        if isinstance(low, int) and isinstance(high, int) and low <= high:
            return random.choice((random.randint(low, min(high, low + _WIDEST)), low)[: 2 if least else 1])
    return value
