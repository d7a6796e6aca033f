"""
The valid forms of a value that a client is likely to trip over.

A list that does not change unless the schema does, each form under a name made of
what it is and where: "null.user.deletedAt", "empty.items", "enum.status.paused".
Names hold only what an RFC 9110 token may, so that `Prefer: variant=NAME` needs no quotes.

Each is the full value with one thing exchanged, and is held against the judge
before it is listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json
from mockserver.generation.draw import Draw
from mockserver.generation.holds import is_multiple, type_of
from mockserver.generation.nodes import Node
from mockserver.generation.shape import Shape

Path = tuple[str | int, ...]
Forms = list[tuple[str, Json]]

MOST = 400
"""Forms in a list."""

VALUES = 30
"""Values of one enumeration that get a form of their own."""

MANY = 25
"""Items in "many"."""

LONG = 400
"""Code points of the longest text where nothing bounds it."""

DEEPEST = 6
"""Containers around a place that is looked at."""

EDGE = 2**53 - 1
"""The largest integer that every JSON reader holds exactly (RFC 8259, 6)."""

TEXTS = (
    ("emoji", "😀 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 Zoë"),
    ("right-to-left", "مرحبا بالعالم, שלום עולם"),
    ("zero-width", "zero\u200bwidth\u200djoined\ufeff\u2060text"),
    ("combining", "Z̷̢͎a̶l̴g̸o̵ e\u0301 ẛ̣ ﬁ"),
    ("markup", "<script>alert(1)</script> & \"quotes\" 'single' \\ %s {{x}}"),
    ("spaces", "  two  spaces\tand a tab\nand a line  "),
)
"""Texts that break layouts and readers, by name."""

TIMES = (
    ("far-past", {"date-time": "1900-01-01T00:00:00Z", "date": "1900-01-01"}),
    ("far-future", {"date-time": "9999-12-31T23:59:59Z", "date": "9999-12-31"}),
    ("leap-day", {"date-time": "2028-02-29T23:59:59Z", "date": "2028-02-29"}),
    ("with-offset", {"date-time": "2026-01-01T00:00:00.123456+14:00"}),
)


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a value, with the node that made what stands there."""

    path: Path
    node: Node
    value: Json


def variants(
    root: Node,
    make: Callable[[bool, int | None], Json],
    accepts: Callable[[Json], bool],
    seed: str,
    now: float,
) -> Forms:
    """
    Return the forms of the values of *root*, as (name, value), at most `MOST` of them.

    Args:
        root: Node of the whole document.
        make: Makes a value: in full or not, with how many items in its outermost list (None: as it likes).
        accepts: Tells whether a whole value is valid.
        seed, now: For the parts that are drawn anew.

    Raises:
        Ungeneratable: There is not even one value.
    """
    base = make(True, None)
    forms: dict[str, Json] = {"required-only": make(False, None), "everything": base}
    sites = list(_sites(root, base, (), 0))
    forms.update(_together(base, sites))
    outer = next((site.path for site in sites if isinstance(site.value, list)), None)
    for site in sites:
        for name, value in _at(site, Draw(f"{seed}@{site.path}", now)):
            length = len(value) if name in ("empty", "one", "many", "max") and site.path == outer else None
            whole = (
                _whole(base, site.path, value) if length is None else _sized(make, length, base, site, value)
            )
            forms.setdefault(_name(name, site.path), whole)
    return [(name, value) for name, value in forms.items() if accepts(value)][:MOST]


def _sized(
    make: Callable[[bool, int | None], Json], length: int, base: Json, site: Site, value: Json
) -> Json:
    """Return the whole value with *length* items in its outermost list: made so, that its counts agree."""
    try:
        whole = make(True, length)
    except Ungeneratable:
        return _whole(base, site.path, value)
    here = whole
    for token in site.path:
        here = here[token] if isinstance(here, dict) and token in here else here[0] if here else None
    return whole if isinstance(here, list) and len(here) == length else _whole(base, site.path, value)


def _name(what: str, path: Path) -> str:
    kind, _, rest = what.partition("=")
    tokens = [kind, *(str(token) for token in path if token != 0), *([rest] if rest else [])]
    return ".".join(re.sub(r"[^A-Za-z0-9_-]+", "-", token).strip("-") or "-" for token in tokens)


def _whole(base: Json, path: Path, value: Json) -> Json:
    """Return *base* with *value* at *path*; what lies beside the path is shared."""
    if not path:
        return value
    if isinstance(base, dict):
        return {**base, path[0]: _whole(base[path[0]], path[1:], value)}
    at = int(path[0])
    return [*base[:at], _whole(base[at], path[1:], value), *base[at + 1 :]]


def _sites(node: Node, value: Json, path: Path, depth: int) -> Iterator[Site]:
    """Yield the places in *value*, outermost first; of a list only its first item."""
    while True:
        try:
            node.open()
        except Ungeneratable:
            return
        yield Site(path, node, value)
        if node.choice is None:
            break
        taken = next(
            (branch for branch in map(node.branch, node.choice.alternatives) if _made(branch, value)), None
        )
        if taken is None:
            return
        node = taken
    if depth >= DEEPEST or not isinstance(value, (dict, list)) or not value:
        return
    node.prepare()
    if isinstance(value, dict) and node.object is not None:
        for name, item in value.items():
            yield from _sites(node.object.part(name), item, (*path, name), depth + 1)
    elif isinstance(value, list) and node.array is not None:
        yield from _sites(node.array.place(0), value[0], (*path, 0), depth + 1)


def _made(branch: Node, value: Json) -> bool:
    return not branch.dead and branch.fits(value)


def _at(site: Site, ctx: Draw) -> Iterator[tuple[str, Json]]:
    """Yield the forms of one place, as ("what=which", value)."""
    node, shape = site.node, site.node.shape
    if node.choice is not None:
        yield from _branches(node, ctx)
        return
    if shape.values is not None:
        if len(shape.values) > 1:
            for value in shape.values[:VALUES]:
                yield ("null", None) if value is None else (f"enum={value}", value)
        return
    if "null" in shape.types and len(shape.types) > 1:
        yield "null", None
    kind = shape.types[0] if site.value is None else type_of(site.value)
    if kind in ("array", "object"):
        node.prepare()
    if kind == "boolean":
        yield "true", True
        yield "false", False
    elif kind == "array" and node.array is not None:
        yield from _lengths(site, ctx)
    elif kind == "number":
        yield "minimum", _bound(shape, -1)
        yield "maximum", _bound(shape, 1)
    elif kind == "string":
        yield from _texts(site)


def _branches(node: Node, ctx: Draw) -> Iterator[tuple[str, Json]]:
    choice = node.choice
    assert choice is not None
    if choice.keyword not in ("anyOf", "oneOf", "discriminator", "if"):
        return
    seen = set()
    for alternative in choice.alternatives:
        if alternative.label in seen:
            continue
        try:
            value = node.branch(alternative).draw(ctx)
        except Ungeneratable:
            continue
        if node.fits(value):
            seen.add(alternative.label)
            yield ("null", None) if alternative.null else (f"branch={alternative.label}", value)


def _lengths(site: Site, ctx: Draw) -> Iterator[tuple[str, Json]]:
    array = site.node.array
    assert array is not None
    wanted = [("empty", 0), ("one", 1), ("many", MANY)]
    if array.most <= 1000:
        wanted.append(("max", int(array.most)))
    for name, length in wanted:
        if array.least <= length <= array.most:
            ctx.length = length
            try:
                items = array.draw(ctx)
            except Ungeneratable:
                continue
            if len(items) == length:
                yield name, items


def _bound(shape: Shape, sign: int) -> Json:
    """
    Return the lowest (*sign* -1) or highest number that is allowed; one at the edge of what is safe where
    nothing bounds it.
    """
    bound, is_open = (shape.low, shape.low_open) if sign < 0 else (shape.high, shape.high_open)
    step = shape.multiples[0] if len(shape.multiples) == 1 else 1 if shape.whole else 0.01
    if bound is None:
        bound = sign * (EDGE - EDGE % step if isinstance(step, int) and step else 1e15)
    if is_open or (shape.multiples and not is_multiple(bound, step)):
        steps = int(bound // step) if sign > 0 else -int(-bound // step)
        bound = steps * step
        if is_open and (
            bound >= shape.high if sign > 0 and shape.high is not None else bound <= (shape.low or 0)
        ):
            bound -= sign * step
    return int(bound) if shape.whole else bound


def _texts(site: Site) -> Iterator[tuple[str, Json]]:
    shape, node = site.node.shape, site.node
    if shape.formats:
        return
    text = site.value if isinstance(site.value, str) else _long(shape)
    if shape.shortest < len(text):
        shortest = text[: shape.shortest]
        if node.fits(shortest):
            yield "shortest", shortest
    longest = _long(shape)
    if node.fits(longest):
        yield "longest", longest


def _long(shape: Shape) -> str:
    length = min(shape.longest, 20_000) if shape.longest is not None else max(LONG, shape.shortest)
    return ("Longer and longer it grows, " * (length // 28 + 1))[:length].replace(" ", "-", 0)


def _together(base: Json, sites: list[Site]) -> dict[str, Json]:
    """Return the forms in which everything that can be is exchanged at once."""
    exchanges: list[tuple[str, Callable[[Site], Json]]] = [("all-null", _null)]
    exchanges.append(("longest-text", lambda site: _long(site.node.shape) if _free(site) else MISSING))
    exchanges += [(name, _fitting(text)) for name, text in TEXTS]
    exchanges += [(name, _dated(times)) for name, times in TIMES]
    found: dict[str, Json] = {}
    for name, exchange in exchanges:
        whole, changed = base, set[Path]()
        for site in sites:
            if any(site.path[: len(path)] == path for path in changed):
                continue
            value = exchange(site)
            if value is not MISSING and site.node.fits(value):
                whole = _whole(whole, site.path, value)
                changed.add(site.path)
        if changed:
            found[name] = whole
    return found


def _null(site: Site) -> Json:
    return None if site.path and site.node.fits(None) else MISSING


def _free(site: Site) -> bool:
    return isinstance(site.value, str) and not site.node.shape.formats and site.node.choice is None


def _fitting(text: str) -> Callable[[Site], Json]:
    def exchange(site: Site) -> Json:
        if not _free(site) or site.node.shape.values is not None:
            return MISSING
        shape = site.node.shape
        long = text * (shape.shortest // len(text) + 1)
        return long[: shape.longest] if shape.longest is not None else long

    return exchange


def _dated(times: dict[str, str]) -> Callable[[Site], Json]:
    def exchange(site: Site) -> Json:
        if site.node.shape.values is not None or site.node.choice is not None:
            return MISSING
        return next((times[name] for name in site.node.shape.formats if name in times), MISSING)

    return exchange
