"""
What one property of an object says of another: keys of the things inside, sums of lines, slugs of titles.

These are rules for `coherence.Agreement`, which keeps to what the schemas allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.exchange import Json
from mockserver.generation.factories import ascii_word
from mockserver.generation.names import thing, words

Set = Callable[[str, Json], None]
"""Sets a property, if it may be changed and its schema allows the value."""

Rule = Callable[[dict[str, Json], Set], None]

LINES = ("items", "line_items", "lines", "order_items", "positions", "products", "entries", "rows")
LINE_TOTALS = ("line_total", "total", "total_price", "amount", "subtotal")
TITLES = ("title", "name", "headline", "subject", "display_name")


def related(owner: str, spoken: dict[str, str]) -> list[Rule]:
    """
    Return the rules for an object called *owner*.

    Args:
        owner: What it is, e.g. "Order"; "" when nobody knows.
        spoken: Its properties, by their names in lower case with underscores.
    """
    return [*_keys(owner, spoken), *_lines(spoken), *_net(spoken), *_felt(spoken), *_slug(spoken)]


def _keys(owner: str, spoken: dict[str, str]) -> Iterator[Rule]:
    """`customer_id` is the `customer`'s `id`; the `order_id` of an order's item is the order's."""
    for name, key in spoken.items():
        inside = spoken.get(name.removesuffix("_id"))
        if name.endswith("_id") and inside is not None:
            yield _key_of(key, inside)
    about = "_".join(thing(owner))
    if "id" in spoken and about:
        head, *tail = about.split("_")
        camel = head + "".join(word.capitalize() for word in tail)
        yield _back(spoken["id"], (f"{about}_id", f"{camel}Id", f"{camel}ID"))


def _key_of(key: str, inside: str) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        there = out.get(inside)
        if not isinstance(there, dict) or "id" not in there or key not in out:
            return
        if isinstance(there["id"], type(out[key])):
            put(key, there["id"])

    return rule


def _back(own: str, keys: tuple[str, ...]) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        for name, part in out.items():
            first = part[0] if isinstance(part, list) and part else part
            key = next((key for key in keys if key in first), None) if isinstance(first, dict) else None
            if key is None or own not in out or not isinstance(first[key], type(out[own])):
                continue
            if isinstance(part, list):
                put(name, [{**one, key: out[own]} if isinstance(one, dict) else one for one in part])
            else:
                put(name, {**first, key: out[own]})

    return rule


def _lines(spoken: dict[str, str]) -> Iterator[Rule]:
    """What an order costs is the sum of its lines; where a subtotal stands beside, that is."""
    lines = next((spoken[name] for name in LINES if name in spoken), None)
    total = next(
        (
            spoken[name]
            for name in ("subtotal", "sub_total", "subtotal_amount", "total", "total_amount", "total_price")
            if name in spoken
        ),
        None,
    )
    if lines is not None and total is not None:
        yield _sum_of(lines, total)


def _sum_of(lines: str, total: str) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        parts = out.get(lines)
        if not isinstance(parts, list) or not parts or not _number(out.get(total)):
            return
        for name in LINE_TOTALS:
            values = [_named(part, name) for part in parts]
            if all(_number(value) for value in values):
                added: Any = sum(values)
                put(total, round(added, 2) if isinstance(added, float) else added)
                return

    return rule


def _named(part: Json, name: str) -> Json:
    """Return the member of *part* that is called *name*, however it is written; None without."""
    if not isinstance(part, dict):
        return None
    return next((value for key, value in part.items() if "_".join(words(key)) == name), None)


def _net(spoken: dict[str, str]) -> Iterator[Rule]:
    """Of an amount a fee is taken; what is left is the net."""
    amount, fee, net = (spoken.get(name) for name in ("amount", "fee", "net"))
    if amount is None or fee is None or net is None:
        return

    def rule(out: dict[str, Json], put: Set) -> None:
        whole: Any = out.get(amount)
        if not all(_number(out.get(name)) for name in (amount, fee, net)):
            return
        share = whole * 29 // 1000 if isinstance(whole, int) else round(whole * 0.029, 2)
        put(fee, share)
        if out[fee] == share:
            put(net, whole - share if isinstance(whole, int) else round(whole - share, 2))

    yield rule


def _felt(spoken: dict[str, str]) -> Iterator[Rule]:
    """What a temperature feels like is near to it."""
    real = spoken.get("temperature") or spoken.get("temp")
    felt = spoken.get("feels_like") or spoken.get("apparent_temperature")
    if real is None or felt is None:
        return

    def rule(out: dict[str, Json], put: Set) -> None:
        there: Any = out.get(real)
        if _number(there) and _number(out.get(felt)):
            put(felt, there - 2 if isinstance(there, int) else round(there - 1.6, 1))

    yield rule


def _slug(spoken: dict[str, str]) -> Iterator[Rule]:
    """A slug is made of the title beside it."""
    title = next((spoken[name] for name in TITLES if name in spoken), None)
    slug = spoken.get("slug")
    if title is None or slug is None:
        return

    def rule(out: dict[str, Json], put: Set) -> None:
        said = out.get(title)
        if isinstance(said, str) and isinstance(out.get(slug), str):
            made = "-".join(filter(None, map(ascii_word, said.split())))
            if made:
                put(slug, made)

    yield rule


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
