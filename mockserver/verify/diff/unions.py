"""
What changed between alternatives (`oneOf`, `anyOf` that cannot be put together).

Alternatives are told apart by the discriminator's value, by name, and else by likeness: a branch that was
moved, renamed or written in place is the same branch. What is left over was removed or added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mockserver.verify.diff.alike import alike
from mockserver.verify.diff.flat import Discriminator, Flat, Site
from mockserver.verify.diff.flatten import flatten, spread
from mockserver.verify.diff.parts import Edge
from mockserver.verify.diff.values import Found, shown

ENOUGH = 0.3
"""Alternatives that are less alike than this are two, not one that changed."""


Fits = Callable[[Flat, Flat], bool]
"""Whether all values of the first pass the second too; False where that cannot be told."""


def unions(old: Flat, new: Flat, fits: Fits) -> Iterator[Found | Edge]:
    """
    Yield what changed between *old* and *new*, of which at least one has alternatives.

    An alternative that is gone is no loss where another one takes all of its values.
    """
    before, after = (spread(replace(one, discriminator=None)) for one in (old, new))
    seats = (_seat(old), _seat(new))
    if before is None or after is None:
        if not alike((old.site,), (new.site,)):
            yield Found("alternatives-changed", "has other alternatives", *seats)
        return
    pairs = _matched(before, after, old.discriminator, new.discriminator)
    kept = {id(one) for pair in pairs for one in pair}
    variants = old.discriminator is not None and new.discriminator is not None
    kind = "variant" if variants else "alternative"
    for one in before:
        if id(one) not in kept and not any(fits(one, other) for other in after):
            said = f"is no longer {_called(one, old.discriminator)}"
            yield Found(f"{kind}-removed", said, one.site, seats[1])
    for one in after:
        if id(one) not in kept and not any(fits(one, other) for other in before):
            said = f"may be {_called(one, new.discriminator)} now"
            yield Found(f"{kind}-added", said, seats[0], one.site)
    for left, right in pairs:
        yield Edge("", left, right)
    yield from discriminators(old, new)


def heirs(old: Flat, new: Flat) -> Iterator[Found | Edge]:
    """Yield what changed for variants that join what they vary by `allOf` and are listed nowhere."""
    before, after = old.discriminator, new.discriminator
    if before is not None and after is not None:
        for value in sorted(before.mapping.keys() & after.mapping.keys()):
            yield Edge("", (before.mapping[value],), (after.mapping[value],))
        variants = {_last(site) for site in before.mapping.values()}
        for value, site in after.mapping.items():
            if value not in before.mapping and _last(site) not in variants:
                yield Found("variant-added", f"may be the variant {value} now", before.site, after.site)
        variants = {_last(site) for site in after.mapping.values()}
        for value, site in before.mapping.items():
            if value not in after.mapping and _last(site) not in variants:
                yield Found("variant-removed", f"is no longer the variant {value}", before.site, after.site)
    yield from discriminators(old, new)


def discriminators(old: Flat, new: Flat) -> Iterator[Found]:
    """Yield what changed in how variants are told apart; not the values that came or went with a variant."""
    before, after = old.discriminator, new.discriminator
    if before is None and after is None:
        return
    seats = (before.site if before else _seat(old), after.site if after else _seat(new))
    if before is None and after is not None:
        said = f"has variants told apart by {after.name!r} now"
        yield Found("discriminator-added", said, *seats)
    elif after is None and before is not None:
        said = f"has no discriminator any more (it was {before.name!r})"
        yield Found("discriminator-removed", said, *seats)
    elif before is not None and after is not None:
        if before.name != after.name:
            said = f"has variants told apart by {after.name!r}, it was {before.name!r}"
            yield Found("discriminator-property-changed", said, *seats)
        yield from _mappings(before, after)


def _mappings(before: Discriminator, after: Discriminator) -> Iterator[Found]:
    seats = (before.site, after.site)
    left, right = _names(before), _names(after)
    for value in dict.fromkeys((*left, *right)):
        one, other = left.get(value), right.get(value)
        if other is None and one in right.values():
            yield Found("discriminator-mapping-removed", f"no longer calls {one} {value!r}", *seats)
        elif one is None and other in left.values():
            yield Found("discriminator-mapping-added", f"calls {other} {value!r} now", *seats)
        elif one is not None and other is not None and one != other and other in left.values():
            said = f"means {other} by {value!r}, it was {one}"
            yield Found("discriminator-mapping-changed", said, *seats)


def _names(discriminator: Discriminator) -> dict[str, str]:
    return {value: _last(site) for value, site in discriminator.mapping.items()}


def _last(site: Site) -> str:
    return site.place.pointer.rpartition("/")[2]


def _seat(flat: Flat) -> Site:
    return flat.groups[0].site if flat.groups else flat.site


def _called(flat: Flat, discriminator: Discriminator | None) -> str:
    values = _values(flat, discriminator)
    if values:
        return f"the variant {' or '.join(sorted(values))}"
    if flat.label:
        return f"a {flat.label}"
    kinds = " or ".join(sorted(flat.meant))
    if flat.enum is not None:
        return f"one of {', '.join(map(shown, flat.enum[:8]))}"
    if flat.formats:
        return f"a {kinds} ({', '.join(flat.formats)})"
    names = list(flat.required or flat.properties)[:4] if "object" in flat.meant else []
    return f"an object with {', '.join(names)}" if names else f"of type {kinds}"


# ---------------------------------------------------------------------------------------------- matching


def _matched(
    old: list[Flat], new: list[Flat], before: Discriminator | None, after: Discriminator | None
) -> list[tuple[Flat, Flat]]:
    """Return the alternatives that belong together, each once."""
    rated = []
    for row, one in enumerate(old):
        for column, other in enumerate(new):
            score = _likeness(one, other, _values(one, before), _values(other, after))
            if score >= ENOUGH or (score > 0 and 1 in (len(old), len(new))):
                rated.append((-score, abs(row - column), row, column))
    pairs: dict[int, int] = {}
    for _, _, row, column in sorted(rated):
        if row not in pairs and column not in pairs.values():
            pairs[row] = column
    return [(old[row], new[column]) for row, column in sorted(pairs.items())]


def _values(flat: Flat, discriminator: Discriminator | None) -> frozenset[str]:
    """Return the discriminator's values that mean *flat*."""
    if discriminator is None or not flat.label:
        return frozenset()
    names = flat.label.split(" + ")
    return frozenset(value for value, site in discriminator.mapping.items() if _last(site) in names)


def _likeness(one: Flat, other: Flat, before: frozenset[str], after: frozenset[str]) -> float:
    """Return how alike two alternatives are: 0 for not at all, more than 1 where something says so."""
    if not one.meant & other.meant:
        return 0.0
    constants = _constants(one, other)
    if constants < 0:
        return 0.0
    if before & after:
        return 3.0 + constants
    score = len(one.meant & other.meant) / len(one.meant | other.meant)
    names, others = set(one.properties) | set(one.required), set(other.properties) | set(other.required)
    if names or others:
        score = 0.1 + 0.9 * len(names & others) / len(names | others)
        if set(one.required) != set(other.required):
            score -= 0.05
    if one.enum is not None and other.enum is not None:
        score *= 0.5 + 0.5 * bool({*map(repr, one.enum)} & {*map(repr, other.enum)})
    if set(one.formats) != set(other.formats) or set(one.patterns) != set(other.patterns):
        score *= 0.8
    if one.label and one.label == other.label:
        score += 1.0
    return score + constants


def _constants(one: Flat, other: Flat) -> float:
    """Return 1 where both have a property with the same constant, -1 where the constants differ."""
    found = 0.0
    for name in one.properties.keys() & other.properties.keys():
        left, right = flatten(one.properties[name]).enum, flatten(other.properties[name]).enum
        if left is not None and right is not None and len(left) == 1 and len(right) == 1:
            if left != right:
                return -1.0
            found = 1.0
    return found
