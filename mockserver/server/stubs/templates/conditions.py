"""
Helpers that decide, repeat and name: Handlebars' own, and Handlebars.java's conditional ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mockserver.server.stubs.templates.render import Asked, Helper, each
from mockserver.server.stubs.templates.values import Many, got, items_of, plain, text_of, truthy


def _if(asked: Asked) -> object:
    return asked.choose(truthy(asked.first))


def _unless(asked: Asked) -> object:
    return asked.choose(not truthy(asked.first))


def _each(asked: Asked) -> object:
    value = asked.first
    items = items_of(value) if not isinstance(value, Mapping) else value
    return each(asked, items) if items else asked.inverse()


def _with(asked: Asked) -> object:
    value = asked.first
    return asked.body(value, same=False) if truthy(value) else asked.inverse()


def _lookup(asked: Asked) -> object:
    value, key = asked.first, asked.text(1)
    found = got(value, key)
    if found is None and "." in key:  # 'ids[].1': a name with brackets in it, and an index
        name, _, index = key.rpartition(".")
        found = got(got(value, name), index)
    return found


def _assign(asked: Asked) -> object:
    asked.assign(asked.text(0), asked.body())
    return None


def _val(asked: Asked) -> object:
    value = asked.first
    if value is None or (isinstance(value, Many) and not value.items):
        value = asked.hash.get("or", asked.hash.get("default"))
    name = asked.hash.get("assign")
    if name is None:
        return value
    asked.assign(text_of(name), value)
    return None


def _compared(by: Callable[[object, object], bool]) -> Helper:
    def compare(asked: Asked) -> object:
        return asked.choose(by(_value(asked.first), _value(asked.param(1, asked.hash.get("value")))))

    return compare


def _value(value: object) -> object:
    return plain(value)


def _same(one: object, other: object) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return (
            text_of(one) == text_of(other) if isinstance(one, str) or isinstance(other, str) else one == other
        )
    return one == other


def _order(one: object, other: object) -> int:
    """Return -1, 0 or 1: as numbers where both are (or spell) numbers, else as texts."""
    try:
        left, right = float(text_of(one)), float(text_of(other))
    except ValueError:
        before, after = text_of(one), text_of(other)
        return (before > after) - (before < after)
    return (left > right) - (left < right)


def _and(asked: Asked) -> object:
    return asked.choose(all(truthy(value) for value in asked.params))


def _or(asked: Asked) -> object:
    return asked.choose(any(truthy(value) for value in asked.params))


def _not(asked: Asked) -> object:
    return asked.choose(not truthy(asked.first))


def _parity(odd: bool, word: str) -> Helper:
    def chosen(asked: Asked) -> object:
        fits = (int(text_of(asked.first)) % 2 == 1) is odd
        return asked.text(1, word) if fits else ""

    return chosen


def _stripes(asked: Asked) -> object:
    return asked.text(1 if int(text_of(asked.first)) % 2 == 0 else 2)


CONDITIONS: Mapping[str, Helper] = {
    "if": _if,
    "unless": _unless,
    "each": _each,
    "with": _with,
    "lookup": _lookup,
    "assign": _assign,
    "val": _val,
    "eq": _compared(_same),
    "neq": _compared(lambda one, other: not _same(one, other)),
    "gt": _compared(lambda one, other: _order(one, other) > 0),
    "gte": _compared(lambda one, other: _order(one, other) >= 0),
    "lt": _compared(lambda one, other: _order(one, other) < 0),
    "lte": _compared(lambda one, other: _order(one, other) <= 0),
    "and": _and,
    "or": _or,
    "not": _not,
    "isEven": _parity(False, "even"),
    "isOdd": _parity(True, "odd"),
    "stripes": _stripes,
}
