"""Whether two schemas are written alike: references followed, order and annotations left aside."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.exchange import Json
from mockserver.verify.diff.flat import Site, Sites, same

_SAID = frozenset(("description", "title", "example", "examples", "$defs", "$ref", "deprecated", "xml"))
"""Keywords that change no value."""

_SETS = frozenset(("required", "type", "enum"))
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_NAMED = frozenset(("properties", "patternProperties", "dependentSchemas"))
_ONE = frozenset(
    (
        *("not", "if", "then", "else", "items", "additionalProperties", "unevaluatedProperties"),
        *("propertyNames", "contains", "unevaluatedItems", "contentSchema"),
    )
)


def alike(old: Sites, new: Sites) -> bool:
    """Return whether each of *old* has its like in *new*, in any order."""
    return _matched(old, new, set())


def _matched(old: Sites, new: Sites, met: set[tuple[object, object]]) -> bool:
    rest = list(new)
    for site in old:
        twin = next((other for other in rest if _same(site, other, met)), None)
        if twin is None:
            return False
        rest.remove(twin)
    return not rest


def _same(old: Site, new: Site, met: set[tuple[object, object]]) -> bool:
    old, new = old.bare, new.bare
    if not isinstance(old.node, dict) or not isinstance(new.node, dict):
        return _plain(old.node, new.node)
    if (old.key, new.key) in met:
        return True
    met.add((old.key, new.key))
    before, after = _keywords(old.node), _keywords(new.node)
    if before.keys() != after.keys() or bool(old.target) != bool(new.target):
        return False
    if old.target and new.target and not _same(old.target, new.target, met):
        return False
    return all(_keyword(key, old, new, met) for key in before)


def _plain(one: Json, other: Json) -> bool:
    """Whether two that are no objects are equal; {} and true say the same."""
    return same(True if one == {} else one, True if other == {} else other)


def _keywords(node: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in node.items() if key not in _SAID and not key.startswith("x-")}


def _keyword(key: str, old: Site, new: Site, met: set[tuple[object, object]]) -> bool:
    before, after = old.node[key], new.node[key]
    if key in _ONE:
        return _same(old.at(key), new.at(key), met)
    if key in _LISTS:
        return _matched(tuple(_children(old.at(key))), tuple(_children(new.at(key))), met)
    if key in _NAMED:
        names = before.keys() == after.keys()
        return names and all(_same(old.at(key, name), new.at(key, name), met) for name in before)
    if key in _SETS and isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(any(same(one, other) for other in after) for one in before)
    if key == "dependentRequired":
        return before.keys() == after.keys() and all(set(before[name]) == set(after[name]) for name in before)
    return same(before, after)


def _children(site: Site) -> Iterator[Site]:
    return (site.at(index) for index in range(len(site.node)))
