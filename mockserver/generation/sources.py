"""
The pieces of one schema document, and where their references lead.

A value is made from *all* schemas that apply at one place: a schema, what its
`$ref` names, the members of its `allOf`. `flatten` lists them. Each keeps how
its own references resolve, because `$id` moves the base and `$dynamicRef` asks
by which way we came (JSON Schema 2020-12 Core, 8.2).

Almost every document refers to itself by "#/$defs/NAME" only. That is looked up
directly; `referencing` is woken by the first `$id`, anchor or foreign address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from mockserver.errors import Ungeneratable
from mockserver.exchange import Json

Schema = dict[str, Json] | bool
Key = tuple[int, int, tuple[int, ...]]


class Scope:
    """
    A way of resolving references: a base address, and for `$dynamicRef` the resources that were entered
        before.

    Attributes:
        root: The whole document.
        resolver: Of `referencing`; None while references are plain pointers into *root*.
        unions: By the identity of a schema with `oneOf`: the schema, whether its branches are disjoint, and
            the negation of each.
    """

    __slots__ = ("known", "resolver", "root", "scopes", "unions")

    def __init__(self, root: Schema, resolver: Any = None, scopes: dict[Any, Scope] | None = None) -> None:
        self.root = root
        self.resolver = resolver
        self.scopes: dict[Any, Scope] = {} if scopes is None else scopes
        self.known: dict[str, Source] = {}
        self.unions: dict[int, tuple[Source, bool, tuple[Source, ...]]] = {}

    def enter(self, schema: Schema) -> Scope:
        """Return the scope inside *schema*: another one where it has an `$id` of its own."""
        if isinstance(schema, dict) and isinstance(schema.get("$id"), str) and schema is not self.root:
            return self._scope(self._resolver().in_subresource(_resource(schema)))
        return self

    def resolve(self, reference: str) -> Source:
        """
        Return what *reference* names.

        Raises:
            Ungeneratable: It names nothing. (The contract's loader has found this before us.)
        """
        found = self.known.get(reference)
        if found is None:
            found = self.known[reference] = self._find(reference)
        return found

    def _find(self, reference: str) -> Source:
        if self.resolver is None and (reference == "#" or reference.startswith("#/")):
            plain = self._walk(reference)
            if plain is not None:
                return plain
        from referencing.exceptions import Unresolvable  # here: only documents with $id or anchors need it

        try:
            resolved = self._resolver().lookup(reference)
        except (Unresolvable, ValueError) as error:
            raise Ungeneratable(reference, "the reference points nowhere") from error
        scope = self._scope(resolved.resolver)
        return Source(resolved.contents, scope, reference, name=_name(reference))

    def _walk(self, reference: str) -> Source | None:
        """
        Return the schema at a pointer into the document; None when the way leads through another resource.
        """
        here: Json = self.root
        for token in reference.split("/")[1:]:
            token = unquote(token).replace("~1", "/").replace("~0", "~")
            try:
                here = here[int(token)] if isinstance(here, list) else here[token]
            except (KeyError, IndexError, ValueError, TypeError):
                return None
            if isinstance(here, dict) and "$id" in here:
                return None
        if not isinstance(here, (dict, bool)):
            raise Ungeneratable(reference, "the reference names something that is no schema")
        return Source(here, self, reference[1:], name=_name(reference))

    def _resolver(self) -> Any:
        if self.resolver is None:
            from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

            base = self.root.get("$id", "") if isinstance(self.root, dict) else ""
            self.resolver = REGISTRY.with_resource(base, _resource(self.root)).crawl().resolver(base)
        return self.resolver

    def _scope(self, resolver: Any) -> Scope:
        """Return the one scope for *resolver*, so that nodes made for it are found again."""
        # referencing has no public word for "the same place reached the same way"; of the way only the
        # outermost
        # visit of each resource decides (Core, 8.2.3.2), which also keeps the number of scopes finite.
        way = tuple(dict.fromkeys(uri for uri, _ in resolver.dynamic_scope()))
        key = (resolver._base_uri, way[::-1])
        return self.scopes.setdefault(key, Scope(self.root, resolver, self.scopes))


def _resource(schema: Schema) -> Any:
    from referencing import Resource
    from referencing.exceptions import CannotDetermineSpecification
    from referencing.jsonschema import DRAFT202012

    try:
        return Resource.from_contents(schema, default_specification=DRAFT202012)
    except CannotDetermineSpecification:
        return DRAFT202012.create_resource(schema)


def _name(reference: str) -> str:
    """Return what a reference calls its target: the last token of a pointer into "$defs", else ""."""
    head, _, last = reference.rpartition("/")
    return unquote(last) if head.endswith(("/$defs", "/schemas", "/definitions")) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """
    A schema as it stands somewhere.

    Attributes:
        schema: An object or a boolean.
        scope: How its references resolve.
        pointer: Where it stands, for messages.
        within: Identities of the schemas that apply it in place, outermost first: what
            `unevaluatedProperties` of
            one of them counts as evaluated (Core, 11).
        name: What it was called where it was referred to, e.g. "Campaign".
    """

    schema: Schema
    scope: Scope
    pointer: str
    within: tuple[int, ...] = ()
    name: str = ""

    @property
    def key(self) -> Key:
        """The same for the same schema reached in the same way."""
        return (id(self.schema), id(self.scope), self.within)

    def child(self, schema: Schema, path: str) -> Source:
        """Return the subschema *schema* that applies to a part of the value."""
        return Source(schema, self.scope.enter(schema), f"{self.pointer}/{path}")

    def beside(self, schema: Schema, path: str) -> Source:
        """Return the subschema *schema* that applies to the value itself."""
        within = (*self.within, id(self.schema))
        return Source(schema, self.scope.enter(schema), f"{self.pointer}/{path}", within)

    def references(self) -> list[Source]:
        """Return what the `$ref` and `$dynamicRef` of this schema name, as applied to the value itself."""
        if not isinstance(self.schema, dict):
            return []
        found = []
        for keyword in ("$ref", "$dynamicRef"):
            reference = self.schema.get(keyword)
            if isinstance(reference, str):
                target = self.scope.resolve(reference)
                within = (*self.within, id(self.schema))
                scope = target.scope.enter(target.schema)
                found.append(Source(target.schema, scope, target.pointer, within, target.name))
        return found


def flatten(sources: tuple[Source, ...]) -> list[Source]:
    """
    Return *sources* with everything that their `$ref` and `allOf` join in place.

    What is referred to comes before what refers to it, so that inherited properties stand first and the
    annotations nearest to the value stand last.

    Raises:
        Ungeneratable: One of them is `false`.
    """
    flat: list[Source] = []
    seen: set[Key] = set()

    def visit(source: Source) -> None:
        schema = source.schema
        if isinstance(schema, bool):
            if not schema:
                raise Ungeneratable(source.pointer, "the schema is false: nothing is allowed here")
            return
        if (
            source.key in seen or source.within.count(id(schema)) > 1
        ):  # a cycle of references in place adds nothing
            return
        seen.add(source.key)
        for target in source.references():
            visit(target)
        members = schema.get("allOf")
        if isinstance(members, list):
            for at, member in enumerate(members):
                visit(source.beside(member, f"allOf/{at}"))
        flat.append(source)

    for source in sources:
        visit(source)
    return flat
