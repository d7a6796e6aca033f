"""
Put together all that a schema asks of one value.

References and `allOf` are met; `anyOf` and `oneOf` become one where no value is gained or lost by it: a
branch for null, constants, branches for kinds that are apart. What is left stays as a group, which `spread`
multiplies out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypedDict

from mockserver.contract.shapes import KINDS, kind_of
from mockserver.exchange import MISSING, Json
from mockserver.verify.diff.flat import Discriminator, Flat, Group, Limit, Site, Sites, same

MOST_ALTERNATIVES = 200
"""Alternatives of one schema that are told apart; beyond, only whether they changed."""

OPAQUE = (
    *("not", "if", "then", "else", "dependentRequired", "dependentSchemas", "propertyNames"),
    *("contains", "minContains", "maxContains", "unevaluatedItems"),
    *("contentSchema", "contentEncoding", "contentMediaType"),
)
"""Keywords that are compared as they are written."""

_LIMITS = {
    "minimum": ("min", False),
    "exclusiveMinimum": ("min", True),
    "maximum": ("max", False),
    "exclusiveMaximum": ("max", True),
    "minLength": ("min-length", False),
    "maxLength": ("max-length", False),
    "minItems": ("min-items", False),
    "maxItems": ("max-items", False),
    "minProperties": ("min-properties", False),
    "maxProperties": ("max-properties", False),
}


class _Parts(TypedDict):
    """The parts of a Flat that are simply put side by side."""

    patterns: Mapping[str, Site]
    formats: Mapping[str, Site]
    multiples: Mapping[float, Site]
    properties: Mapping[str, Sites]
    named_by_pattern: Mapping[str, Sites]
    required: Mapping[str, Site]
    extra: Sites
    items: Sites
    prefix: tuple[Sites, ...]
    opaque: Mapping[str, Sites]
    seats: Mapping[str, Site]


def flatten(sites: Sites) -> Flat:
    """Return all that *sites* ask of one value together; there is at least one."""
    bare = [site.bare for site in sites]
    flat = _one(bare[0], frozenset())
    for site in bare[1:]:
        flat = _meet(flat, _one(site, frozenset()))
    return replace(flat, key=tuple(site.key for site in bare))


def _one(site: Site, above: frozenset[int]) -> Flat:
    node = site.node
    if not isinstance(node, dict):
        return Flat(site, site.key, kinds=KINDS if node is not False else frozenset())
    if id(node) in above:
        return Flat(site, site.key)
    above |= {id(node)}
    flat = _own(site, node)
    target = site.target
    if target is not None:
        flat = _meet(flat, _one(target, above))
    for index in range(len(node.get("allOf") or ())):
        flat = _meet(flat, _one(site.at("allOf", index), above))
    for keyword in ("anyOf", "oneOf"):
        if node.get(keyword):
            branches = tuple(site.at(keyword, index) for index in range(len(node[keyword])))
            flat = _meet(flat, _joined(site.named(keyword), branches, above))
    return flat


def _own(site: Site, node: Mapping[str, Json]) -> Flat:
    """Return what the keywords of *node* itself ask for."""
    enum = _enum(node)
    kinds = _kinds(node)
    if enum is not None:
        kinds &= frozenset(kind_of(value) for value in enum) | ({"integer"} if "number" in kinds else set())
    seats = {key: site.named(key) for key in node if key not in ("$defs", "$ref")}
    properties = {name: (site.at("properties", name),) for name in node.get("properties") or ()}
    extra: Sites = ()
    closed = None
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        said = node.get(keyword, MISSING)
        if said is False:
            closed = site.named(keyword)
        elif said is not MISSING:
            extra = (*extra, site.at(keyword))
    said = node.get("default", MISSING)
    opaque = [key for key in OPAQUE if key in node]
    return Flat(
        site=site,
        key=site.key,
        kinds=kinds,
        enum=enum,
        limits=_limits(site, node),
        patterns={node["pattern"]: site.named("pattern")} if "pattern" in node else {},
        formats={node["format"]: site.named("format")} if "format" in node else {},
        multiples={node["multipleOf"]: site.named("multipleOf")} if "multipleOf" in node else {},
        properties=properties,
        named_by_pattern={
            name: (site.at("patternProperties", name),) for name in node.get("patternProperties") or ()
        },
        required={name: site.named("required") for name in node.get("required") or ()},
        closed=closed,
        extra=extra,
        items=(site.at("items"),) if "items" in node else (),
        prefix=tuple((site.at("prefixItems", index),) for index in range(len(node.get("prefixItems") or ()))),
        opaque={key: (site.at(key),) for key in opaque},
        default=said,
        discriminator=_discriminator(site, node),
        seats=seats,
    )


def _enum(node: Mapping[str, Json]) -> tuple[Json, ...] | None:
    listed = node.get("enum")
    enum = None if listed is None else tuple(listed)
    if "const" in node:
        enum = (node["const"],) if enum is None or node["const"] in enum else ()
    return enum


def _kinds(node: Mapping[str, Json]) -> frozenset[str]:
    said = node.get("type")
    if said is None:
        return KINDS
    found = frozenset([said] if isinstance(said, str) else said)
    return found | {"integer"} if "number" in found else found


def _limits(site: Site, node: Mapping[str, Json]) -> dict[str, Limit]:
    found: dict[str, Limit] = {}
    for keyword, (name, exclusive) in _LIMITS.items():
        value = node.get(keyword)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value != _idle(name):
            limit = Limit(value, exclusive, site.named(keyword))
            found[name] = _tighter(name, found.get(name), limit)
    return found


def _idle(name: str) -> int | None:
    """Return the bound that asks for nothing: the least length of anything is 0."""
    return 0 if name.startswith("min-") else None


def _tighter(name: str, one: Limit | None, other: Limit) -> Limit:
    if one is None:
        return other
    if one.value == other.value:
        return one if one.exclusive else other
    return one if (one.value > other.value) == name.startswith("min") else other


def _discriminator(site: Site, node: Mapping[str, Json]) -> Discriminator | None:
    said = node.get("discriminator")
    if not isinstance(said, dict):
        return None
    here = site.named("discriminator")
    mapping = {
        value: site.defined(ref).bare
        for value, ref in (said.get("mapping") or {}).items()
        if isinstance(ref, str)
    }
    return Discriminator(here, str(said.get("propertyName")), mapping)


# ------------------------------------------------------------------------------------------ together


def _meet(one: Flat, other: Flat) -> Flat:
    """Return what both ask for together."""
    enum = one.enum if other.enum is None else other.enum
    if one.enum is not None and other.enum is not None:
        enum = tuple(value for value in one.enum if _among(value, other.enum))
    limits = dict(one.limits)
    for name, limit in other.limits.items():
        limits[name] = _tighter(name, limits.get(name), limit)
    return replace(
        one,
        key=(one.key, other.key),
        kinds=one.kinds & other.kinds,
        enum=enum,
        limits=limits,
        **_united(one, other),
        closed=one.closed or other.closed,
        default=other.default if one.default is MISSING else one.default,
        discriminator=one.discriminator or other.discriminator,
        groups=(*one.groups, *other.groups),
        label=one.label or other.label,
    )


def _united(one: Flat, other: Flat) -> _Parts:
    """Return the parts that are simply put side by side."""
    length = max(len(one.prefix), len(other.prefix))
    return {
        "patterns": {**other.patterns, **one.patterns},
        "formats": {**other.formats, **one.formats},
        "multiples": {**other.multiples, **one.multiples},
        "properties": _beside(one.properties, other.properties),
        "named_by_pattern": _beside(one.named_by_pattern, other.named_by_pattern),
        "required": {**other.required, **one.required},
        "extra": (*one.extra, *other.extra),
        "items": (*one.items, *other.items),
        "prefix": tuple((*_nth(one.prefix, index), *_nth(other.prefix, index)) for index in range(length)),
        "opaque": _beside(one.opaque, other.opaque),
        "seats": {**other.seats, **one.seats},
    }


def _nth(prefix: tuple[Sites, ...], index: int) -> Sites:
    return prefix[index] if index < len(prefix) else ()


def _beside(one: Mapping[str, Sites], other: Mapping[str, Sites]) -> dict[str, Sites]:
    found = dict(one)
    for name, sites in other.items():
        known = {site.bare.key for site in found.get(name, ())}
        found[name] = (*found.get(name, ()), *(site for site in sites if site.bare.key not in known))
    return found


def _among(value: Json, values: Iterable[Json]) -> bool:
    return any(same(value, other) for other in values)


# ------------------------------------------------------------------------------------- one of several


def _joined(site: Site, branches: Sites, above: frozenset[int]) -> Flat:
    """Return *branches* as one where no value is gained or lost by it, else as a group."""
    flats = [(branch, _one(branch, above)) for branch in branches]
    flats = [(branch, flat) for branch, flat in flats if flat.kinds]
    if not flats:
        return Flat(site, site.key, kinds=frozenset())
    null = [flat for _, flat in flats if flat.kinds == {"null"}]
    rest = [(branch, flat) for branch, flat in flats if flat.kinds != {"null"}]
    if not rest:
        return null[0]
    if len(rest) == 1 and (not null or not rest[0][1].groups):
        flat = rest[0][1]
    elif all(flat.enum is not None and not flat.properties for _, flat in rest):
        first = rest[0][1]
        values = tuple(value for _, flat in rest for value in flat.enum or ())
        kinds = frozenset[str]().union(*(flat.kinds for _, flat in rest))
        flat = Flat(site, site.key, kinds, values, seats=first.seats)
    elif _disjoint([flat for _, flat in rest]):
        flat = rest[0][1]
        for _, other in rest[1:]:
            kinds = flat.meant | other.meant
            limits = {**other.limits, **flat.limits}
            flat = replace(flat, kinds=kinds, limits=limits, **_united(pruned(flat), pruned(other)))
    else:
        return Flat(site, site.key, groups=(Group(site, branches),))
    if null:
        enum = flat.enum if flat.enum is None or None in flat.enum else (*flat.enum, None)
        flat = replace(flat, kinds=flat.meant | {"null"}, enum=enum)
    return flat


def _disjoint(flats: list[Flat]) -> bool:
    """Whether each kind of value can be of one of *flats* only, so that their keywords do not meet."""
    met: set[str] = set()
    for flat in flats:
        if flat.meant & met or flat.enum is not None or flat.groups or flat.opaque or flat.discriminator:
            return False
        met |= flat.meant
    return True


def pruned(flat: Flat) -> Flat:
    """Return *flat* without keywords that none of its kinds heeds (a maximum of text)."""
    kinds = flat.meant
    heeded = {
        name: limit
        for name, limit in flat.limits.items()
        if limit_kind(name) in kinds or (limit_kind(name) == "number" and "integer" in kinds)
    }
    objects, arrays, texts = "object" in kinds, "array" in kinds, "string" in kinds
    return replace(
        flat,
        limits=heeded,
        patterns=flat.patterns if texts else {},
        properties=flat.properties if objects else {},
        required=flat.required if objects else {},
        items=flat.items if arrays else (),
        prefix=flat.prefix if arrays else (),
    )


def spread(flat: Flat) -> list[Flat] | None:
    """Return one Flat, without groups, for each alternative; None for more than `MOST_ALTERNATIVES`."""
    found = list(_spread(flat))
    return found if len(found) <= MOST_ALTERNATIVES else None


def _spread(flat: Flat, count: int = 0) -> Iterator[Flat]:
    if not flat.groups:
        yield flat
        return
    group, base = flat.groups[0], replace(flat, groups=flat.groups[1:])
    for index, branch in enumerate(group.branches):
        one = _one(branch, frozenset())
        if not one.kinds:
            continue
        made = replace(
            _meet(one, base),
            key=(flat.key, count, index),
            label=" + ".join(filter(None, (flat.label, branch.name))),
            discriminator=one.discriminator,
        )
        if not made.kinds:
            continue
        for produced, alternative in enumerate(_spread(made, count + 1)):
            if produced > MOST_ALTERNATIVES:
                return
            yield alternative


def limit_kind(name: str) -> str:
    """Return the kind of value that the limit *name* is about."""
    kinds = {"length": "string", "items": "array", "properties": "object"}
    return kinds.get(name.rpartition("-")[2], "number")
