"""
A schema with everything that speaks of the same value put together: pure data.

`$ref`, `allOf`, a branch for null, `oneOf` of constants: there are many ways to write one thing. A `Flat` is
the same for all of them (see `flatten`). What cannot be put together without loss (`oneOf` of objects) stays
as `groups`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from mockserver.contract.model import Schema
from mockserver.contract.shapes import KINDS
from mockserver.exchange import MISSING, Json, Place


@dataclass(frozen=True, eq=False)
class Site:
    """
    A translated schema, and where it stands.

    Attributes:
        node: JSON Schema 2020-12; True for what says nothing.
        schema: The contract's schema that it is part of, None where the contract has none.
        path: From there, as `Schemas.origin` takes it.
        around: Where to point when there is no schema.
        definitions: What "#/$defs/NAME" means.
    """

    node: Json
    schema: Schema | None
    path: tuple[object, ...]
    around: Place
    definitions: Mapping[str, Json] = field(default_factory=dict)

    def at(self, *tokens: object) -> Site:
        """Return the part of this schema that *tokens* lead to; it must be there."""
        node = self.node
        for token in tokens:
            node = node[token]
        return replace(self, node=node, path=(*self.path, *tokens))

    def named(self, keyword: str) -> Site:
        """Return the place of *keyword* in this schema, whether it stands in the source or not."""
        return replace(self, path=(*self.path, keyword))

    @property
    def said(self) -> Json:
        """The value of the keyword that `named` has led to."""
        return self.node.get(self.path[-1]) if isinstance(self.node, dict) else None

    @property
    def anything(self) -> Site:
        """What says nothing, standing here."""
        return replace(self, node=True)

    @cached_property
    def place(self) -> Place:
        """Where it stands in the contract."""
        return self.around if self.schema is None else self.schema.schemas.origin(self.schema, self.path)

    @property
    def target(self) -> Site | None:
        """What `$ref` in it leads to."""
        ref = self.node.get("$ref") if isinstance(self.node, dict) else None
        if not isinstance(ref, str):
            return None
        return replace(self.defined(ref), path=(*self.path, "$ref"))

    def defined(self, ref: str) -> Site:
        """Return what "#/$defs/NAME" leads to."""
        name = ref.removeprefix("#/$defs/")
        return replace(self, node=self.definitions.get(name, True), path=("$defs", name))

    @property
    def bare(self) -> Site:
        """The schema itself, behind references that nothing stands beside."""
        site = self
        for _ in range(50):
            target = site.target
            if target is None or len(site.node) - ("$defs" in site.node) > 1:
                break
            site = target
        return site

    @property
    def key(self) -> object:
        """The same for the same schema, however it was reached."""
        return id(self.node) if isinstance(self.node, dict) else (self.place, self.node)

    @property
    def name(self) -> str:
        """What the contract calls it: a component's name, "" for one that is written in place."""
        return "" if self.target is None else self.bare.place.pointer.rpartition("/")[2]


@dataclass(frozen=True)
class Limit:
    """A bound, whether it is exclusive, and where it stands."""

    value: float
    exclusive: bool
    site: Site


@dataclass(frozen=True)
class Group:
    """An `anyOf` or `oneOf` that could not be put together."""

    site: Site
    branches: tuple[Site, ...]


@dataclass(frozen=True)
class Discriminator:
    """The property that tells variants apart, and each value's schema."""

    site: Site
    name: str
    mapping: Mapping[str, Site]


Sites = tuple[Site, ...]


@dataclass(frozen=True, eq=False)
class Flat:
    """
    All that is asked of one value.

    Attributes:
        site: Where to point at for the whole.
        key: The same for the same Flat.
        kinds: JSON Schema's types, with "integer" wherever "number" is; all where the schema does not say.
        enum: The values, None where they are not listed.
        properties: By name, every schema that speaks of that property.
        closed: Where it says that there are no other properties.
        extra: What it says of other properties.
        seats: Where the rest stands, by keyword.
        label: The alternative's name, "" for none.
    """

    site: Site
    key: object
    kinds: frozenset[str] = KINDS
    enum: tuple[Json, ...] | None = None
    limits: Mapping[str, Limit] = field(default_factory=dict)
    patterns: Mapping[str, Site] = field(default_factory=dict)
    formats: Mapping[str, Site] = field(default_factory=dict)
    multiples: Mapping[float, Site] = field(default_factory=dict)
    properties: Mapping[str, Sites] = field(default_factory=dict)
    named_by_pattern: Mapping[str, Sites] = field(default_factory=dict)
    required: Mapping[str, Site] = field(default_factory=dict)
    closed: Site | None = None
    extra: Sites = ()
    items: Sites = ()
    prefix: tuple[Sites, ...] = ()
    groups: tuple[Group, ...] = ()
    opaque: Mapping[str, Sites] = field(default_factory=dict)
    default: Json = MISSING
    discriminator: Discriminator | None = None
    seats: Mapping[str, Site] = field(default_factory=dict)
    label: str = ""

    @cached_property
    def meant(self) -> frozenset[str]:
        """The kinds; who speaks of properties or items and names no type means an object or an array."""
        if self.kinds != KINDS:
            return self.kinds
        objects = self.properties or self.required or self.closed or self.extra or self.named_by_pattern
        found = {"object"} if objects else set()
        if self.items or self.prefix:
            found.add("array")
        return frozenset(found) or KINDS

    def seat(self, keyword: str) -> Site:
        """Return where *keyword* stands, or the whole."""
        return self.seats.get(keyword, self.site)


def root(schema: Schema | None, direction: str, around: Place) -> Site:
    """Return the site of a whole schema as it is for values that travel in *direction*."""
    if schema is None:
        return Site(True, None, (), around)
    node = schema.json("response" if direction == "response" else "request")
    return Site(node, schema, (), schema.place, node.get("$defs", {}))


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal: true is not 1, and 1.0 is 1 (JSON Schema 2020-12 Core, 4.2.2)."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)
