"""
Translate one schema into JSON Schema 2020-12.

OpenAPI 3.0's words (`nullable`, boolean `exclusiveMinimum`, `$ref` that hides its
siblings), Swagger 2.0's (`x-nullable`, `discriminator` as text, `type: file`) and
those of older drafts (`items` as a list, `additionalItems`, `dependencies`) become
2020-12's.

What is wrong in a way that no validator takes (`required: true` on a property,
an unknown `type`, a bound that is text, a `$ref` that leads nowhere) is left out
and noted, so that a slightly wrong document can be served.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mockserver.contract.documents import Anchors
from mockserver.contract.identifiers import RECURSIVE
from mockserver.contract.keywords import (
    BESIDE,
    FIT,
    NAMED,
    NOT_OURS,
    SEVERAL,
    TYPES,
    WITHIN,
    is_count,
    is_names,
    meant,
)
from mockserver.contract.model import Direction
from mockserver.contract.reading import below, mapping
from mockserver.contract.shapes import kind_of
from mockserver.errors import SpecError, nearest
from mockserver.exchange import MISSING, Json, Place

if TYPE_CHECKING:
    from mockserver.contract.schema import Schemas


@dataclass(frozen=True, slots=True)
class Way:
    """A schema, and the dynamic anchors met on the way to it: what `$dynamicRef` means in it."""

    place: Place
    anchors: Anchors


@dataclass(frozen=True, slots=True)
class Used:
    """
    A translated schema.

    Attributes:
        reached: Names under "$defs" that it refers to.
        beside: Those of them that apply to the very same value.
    """

    schema: Json
    reached: frozenset[str]
    beside: frozenset[str]


class Translation:
    """
    The translation of one named schema in one direction.

    Args:
        cut: Names that are not referred to beside this schema: they would lead back to it without end.
    """

    def __init__(self, schemas: Schemas, direction: Direction, cut: Collection[str]) -> None:
        self._schemas = schemas
        self._documents = schemas.documents
        self._faults = schemas.faults
        self._direction = direction
        self._cut = cut
        self._old = schemas.version.startswith(("2", "3.0"))
        self._reached: set[str] = set()
        self._beside: set[str] = set()

    def used(self, node: Json, way: Way) -> Used:
        """Translate *node*, which stands at the end of *way*."""
        made = self._schema(node, way.place, way.anchors, True)
        return Used({} if made is MISSING else made, frozenset(self._reached), frozenset(self._beside))

    def _refer(self, target: Place, anchors: Anchors, beside: bool) -> str | None:
        name = self._schemas.name(self._schemas.way(target, anchors))
        if beside:
            if name in self._cut:
                return None
            self._beside.add(name)
        self._reached.add(name)
        return f"#/$defs/{name}"

    def _schema(self, node: Json, place: Place, anchors: Anchors, beside: bool) -> Json:
        """Translate *node*, at *place*; `MISSING` where nothing is left of it."""
        if isinstance(node, bool):
            return node
        if isinstance(node, Place):
            return {"$ref": self._refer(node, anchors, beside)}
        if not isinstance(node, dict):
            self._faults.add(place, f"a schema must be an object, found {node!r:.40}; anything is taken")
            return MISSING
        if "$id" in node:
            anchors = self._documents.entered(place, anchors)
        made: dict[str, Json] = {}
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            if keyword in node:
                self._reference(made, keyword, node[keyword], place, anchors, beside)
                if keyword == "$ref" and isinstance(node["$ref"], str) and self._hides_siblings(place):
                    return made or MISSING
        if not made and len(node) == 1 and "$ref" in node:
            return MISSING
        for key, value in node.items():
            if key not in NOT_OURS:
                self._keyword(made, key, value, place, anchors, beside)
        self._mend_type(made, place)
        if "enum" in made and "type" in made:
            self._hold_enum(made["enum"], made["type"], node, place)
        if "required" in made:
            self._mend_required(made, node, place)
        if "discriminator" in made:
            self._mend_discriminator(made, node, place, anchors)
        if "example" in made and "examples" not in made:
            made["examples"] = [made["example"]]
        self._older_draft(made, node, place, anchors, beside)
        if node.get("nullable") is True or node.get("x-nullable") is True:
            made = self._nullable(made, node)
        return made

    def _hides_siblings(self, place: Place) -> bool:
        """Whether nothing beside a `$ref` counts: in OpenAPI 3.0, and in drafts 4 to 7 of JSON Schema."""
        return self._old or any(
            f"draft-0{draft}" in self._documents.dialect(place.file) for draft in (4, 6, 7)
        )

    def _reference(
        self, made: dict[str, Json], keyword: str, ref: Json, place: Place, anchors: Anchors, beside: bool
    ) -> None:
        if not isinstance(ref, str):
            self._faults.add(
                below(place, keyword), f"{keyword} must be text, found {ref!r:.40}; it is left out"
            )
            return
        try:
            target = self._documents.target(ref, place)
        except SpecError as error:
            self._faults.caught(error)
            return
        if keyword != "$ref":
            anchor = RECURSIVE if keyword == "$recursiveRef" else unquote(ref.rpartition("#")[2])
            target = self._outermost(target, anchor, anchors)
        name = self._refer(target, anchors, beside)
        if name is None:
            return
        if "$ref" in made:
            made.setdefault("allOf", []).append({"$ref": name})
        else:
            made["$ref"] = name

    def _outermost(self, target: Place, anchor: str, anchors: Anchors) -> Place:
        """Return what a dynamic reference means that leads to *target* at first (Core, 8.2.3.2)."""
        node = mapping(self._documents.at(target))
        dynamic = (
            node.get("$recursiveAnchor") is True
            if anchor == RECURSIVE
            else node.get("$dynamicAnchor") == anchor
        )
        return next((place for name, place in anchors if name == anchor), target) if dynamic else target

    def _keyword(
        self, made: dict[str, Json], key: str, value: Json, place: Place, anchors: Anchors, beside: bool
    ) -> None:
        fit = FIT.get(key)
        if fit is not None and not fit(value):
            old = isinstance(value, bool) and key.startswith("exclusive")
            if value is not None and not old:
                detail = f"{key}: {value!r:.40} means nothing here and is left out"
                self._faults.add(below(place, key), detail)
        elif key in BESIDE or key in WITHIN:
            child = self._schema(value, below(place, key), anchors, beside and key in BESIDE)
            if child is not MISSING:
                made[key] = child
        elif key == "items":
            self._items(made, value, place, anchors)
        elif key in SEVERAL:
            self._several(made, key, value, place, anchors, beside)
        elif key in NAMED:
            beside = beside and key == "dependentSchemas"
            children = {
                name: self._schema(child, below(place, key, name), anchors, beside)
                for name, child in value.items()
            }
            made[key] = {name: {} if child is MISSING else child for name, child in children.items()}
        elif fit is is_count:
            made[key] = int(value)
        else:
            made[key] = value

    def _several(
        self, made: dict[str, Json], key: str, value: list[Json], place: Place, anchors: Anchors, beside: bool
    ) -> None:
        """Translate a list of schemas; a broken one is a branch that nothing takes, or asks for nothing."""
        beside = beside and key != "prefixItems"
        children = [
            self._schema(child, below(place, key, index), anchors, beside)
            for index, child in enumerate(value)
        ]
        if any(child is not MISSING for child in children):
            nothing: Json = False if key in ("anyOf", "oneOf") else {}
            whole = [nothing if child is MISSING else child for child in children]
            made[key] = [*made.get(key, ()), *whole]

    def _part(self, node: Json, place: Place, anchors: Anchors) -> Json:
        """Translate the schema of a part of the value; where nothing is left of it, anything is taken."""
        made = self._schema(node, place, anchors, False)
        return {} if made is MISSING else made

    def _items(self, made: dict[str, Json], value: Json, place: Place, anchors: Anchors) -> None:
        if not isinstance(value, list):
            made["items"] = self._part(value, below(place, "items"), anchors)
            return
        if not self._documents.dialect(place.file):
            detail = "items is a list (an older draft's); read as prefixItems"
            self._faults.add(below(place, "items"), detail)
        if value:
            made["prefixItems"] = [
                self._part(child, below(place, "items", index), anchors) for index, child in enumerate(value)
            ]

    def _older_draft(
        self, made: dict[str, Json], node: dict[str, Any], place: Place, anchors: Anchors, beside: bool
    ) -> None:
        """Translate words that 2020-12 no longer has (its Core, Appendix on changes since draft-07)."""
        if "additionalItems" in node and "prefixItems" in made and isinstance(node.get("items"), list):
            made["items"] = self._part(node["additionalItems"], below(place, "additionalItems"), anchors)
        for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if node.get(exclusive) is True and bound in made:
                made[exclusive] = made.pop(bound)
        for name, said in mapping(node.get("dependencies")).items():
            where = below(place, "dependencies", name)
            if is_names(said):
                made["dependentRequired"] = {**made.get("dependentRequired", {}), name: said}
            else:
                schema = self._schema(said, where, anchors, beside)
                schema = {} if schema is MISSING else schema
                made["dependentSchemas"] = {**made.get("dependentSchemas", {}), name: schema}

    # ------------------------------------------------------------------- mending

    def _mend_type(self, made: dict[str, Json], place: Place) -> None:
        kind = made.get("type", MISSING)
        if kind is MISSING:
            return
        if kind == "file":  # Swagger 2.0
            made.update(type="string", format="binary")
            return
        kinds = kind if isinstance(kind, list) else [kind]
        if kinds and all(isinstance(name, str) and name in TYPES for name in kinds):
            if len(set(kinds)) != len(kinds):
                made["type"] = list(dict.fromkeys(kinds))
            return
        known = [meant(name) for name in kinds if isinstance(name, str)]
        known = list(dict.fromkeys(name for name in known if name))
        said = f"read as {' or '.join(known)}" if known else "anything is taken"
        near = "" if known else nearest(str(kind), TYPES)
        self._faults.add(below(place, "type"), f"there is no type {kind!r:.60}; {said}.{near}")
        if known and len(known) == len(kinds):
            made["type"] = known if len(known) > 1 else known[0]
        else:
            del made["type"]

    def _hold_enum(self, values: list[Json], kind: Json, node: dict[str, Any], place: Place) -> None:
        """Note the values of an `enum` that its own `type` excludes."""
        kinds = {kind} if isinstance(kind, str) else set(kind)
        if "number" in kinds:
            kinds.add("integer")
        if node.get("nullable") is True or node.get("x-nullable") is True:
            kinds.add("null")
        wrong = [value for value in values if kind_of(value) not in kinds]
        if wrong:
            said = kind if isinstance(kind, str) else " or ".join(kind)
            detail = f"{wrong[0]!r:.40} of the enum is no {said}; nothing is ever that value"
            self._faults.add(below(place, "enum"), detail)

    def _mend_required(self, made: dict[str, Json], node: dict[str, Any], place: Place) -> None:
        hidden = "readOnly" if self._direction == "request" else "writeOnly"
        properties = mapping(node.get("properties"))
        asked = [
            name
            for name in dict.fromkeys(made["required"])
            if name not in properties
            or not self._says(properties[name], below(place, "properties", name), hidden)
        ]
        if asked:
            made["required"] = asked
        else:
            del made["required"]

    def _says(self, node: Json, place: Place, keyword: str, depth: int = 0) -> bool:
        """Whether the schema at *place* has *keyword*, itself or by what it refers to."""
        if not isinstance(node, dict) or depth > 20:
            return False
        if node.get(keyword) is True:
            return True
        if isinstance(node.get("$ref"), str):
            try:
                place = self._documents.target(node["$ref"], place)
            except SpecError:
                return False
            return self._says(self._documents.at(place), place, keyword, depth + 1)
        joined = node.get("allOf")
        return isinstance(joined, list) and any(
            self._says(child, below(place, "allOf", index), keyword, depth + 1)
            for index, child in enumerate(joined)
        )

    def _nullable(self, made: dict[str, Json], node: dict[str, Any]) -> dict[str, Json]:
        """Take null as well (OpenAPI 3.0.4, Schema Object; `x-nullable` in Swagger 2.0)."""
        if not self._old and "x-nullable" not in node:
            return made  # OpenAPI 3.1 has no such word
        if isinstance(made.get("enum"), list) and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
        if isinstance(made.get("type"), str) and not any(key in made for key in ("allOf", "anyOf", "oneOf")):
            made["type"] = [made["type"], "null"]
            return made
        return {"anyOf": [made, {"type": "null"}]}

    def _mend_discriminator(
        self, made: dict[str, Json], node: dict[str, Any], place: Place, anchors: Anchors
    ) -> None:
        """
        Give every discriminator a full mapping to "#/$defs/NAME": explicit names, then the schemas' own.

        Those are the branches beside it, or else the heirs that join it by `allOf` (OpenAPI 3.1.1,
        Discriminator Object). A value that is no reference is a component's name.
        """
        said = made["discriminator"]
        if isinstance(said, str):  # Swagger 2.0
            said = {"propertyName": said}
        if not isinstance(said, dict) or not isinstance(said.get("propertyName"), str):
            detail = "a discriminator needs a propertyName; it is left out"
            self._faults.add(below(place, "discriminator"), detail)
            del made["discriminator"]
            return
        targets: dict[str, Place] = {}
        for value, ref in mapping(said.get("mapping")).items():
            if isinstance(ref, str):
                whole = ref if "/" in ref or "#" in ref or "." in ref else f"#/components/schemas/{ref}"
                self._map(targets, value, whole, place)
        mapped = set(targets.values())
        branches = [*self._branches(node, "oneOf"), *self._branches(node, "anyOf")]
        for branch in branches:
            if isinstance(branch.get("$ref"), str):
                name = branch["$ref"].rpartition("/")[2].partition(".")[0]
                if name not in targets:
                    self._map(targets, name, branch["$ref"], place, mapped)
        if not branches:
            targets.update(self._unlisted(place, targets))
        refs = {value: self._refer(target, anchors, False) for value, target in targets.items()}
        made["discriminator"] = {"propertyName": said["propertyName"], "mapping": refs}

    def _unlisted(self, base: Place, targets: dict[str, Place]) -> dict[str, Place]:
        """
        Return the heirs of *base* that go by their own names, beside the *targets* of an explicit mapping.

        Beside one, an heir that has heirs itself is taken for what stands between: nothing is called so.
        """
        heirs = self._schemas.heirs
        known = set(targets.values())
        return {
            name: heir
            for name, heir in heirs.of(base).items()
            if name not in targets and heir not in known and not (targets and heirs.of(heir))
        }

    @staticmethod
    def _branches(node: dict[str, Any], key: str) -> list[dict[str, Any]]:
        branches = node.get(key)
        return (
            [branch for branch in branches if isinstance(branch, dict)] if isinstance(branches, list) else []
        )

    def _map(
        self, targets: dict[str, Place], value: str, ref: str, place: Place, but: Collection[Place] = ()
    ) -> None:
        try:
            target = self._documents.target(ref, place)
        except SpecError as error:
            self._faults.caught(error)
            return
        if target not in but:
            targets[value] = target
