"""
What a schema lets a value be, as far as reading text needs to know.

A query, a path, a form and an XML document carry text only. Whether "5" is a
number is the schema's to say, and the schema may say it through `$ref`,
`allOf`, `anyOf`, `const` ... A `Shape` is that answer, worked out when the
contract is compiled; a request is read by closures that no longer look at any
schema.

Text becomes a number only where it is written as JSON writes one: "007", "+5",
" 5" and "0x10" stay text, so that validation can say what was really sent.
"5.0" is an integer wherever the schema asks for one, since JSON Schema says so
(2020-12 Core, 4.2.3), and is read as 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import orjson

from mockserver.contract.definitions import beside
from mockserver.contract.media import is_json
from mockserver.exchange import MISSING, Json

Accepts = Callable[[Json], bool]
Judge = Callable[[Json], Accepts]
"""Makes the validator of a self-contained JSON Schema; the floor above, which can validate, gives it."""

KINDS = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_SCALARS = frozenset({"null", "boolean", "integer", "number"})
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LONGEST = 400
"""Digits that are still read as a number; Python refuses integers of more than 4,300 (CVE-2020-10735)."""


class Shape:
    """
    The kinds, properties and items that a schema allows at one place.

    Attributes:
        node: The schema at this place, a dict or a boolean.
        root: The self-contained document that it is part of; its local references lead there.
    """

    def __init__(
        self, node: Json, root: Json = None, known: dict[tuple[int, ...], Shape] | None = None
    ) -> None:
        self.node = node
        self.root = node if root is None else root
        self._known: dict[tuple[int, ...], Shape] = {} if known is None else known
        """The shapes of this document by the ids of their nodes: a list's items are all of one."""
        self._declared: dict[str, Shape] = {}
        """Those of the properties that are declared, by name, once they were asked for."""

    @cached_property
    def faces(self) -> tuple[Mapping[str, Any], ...]:
        """Every schema that speaks of this same value: itself and what `$ref`, allOf, anyOf ... reach."""
        found: list[Mapping[str, Any]] = []
        seen: set[int] = set()

        def visit(node: Json) -> None:
            if not isinstance(node, dict) or id(node) in seen:
                return
            seen.add(id(node))
            found.append(node)
            for target in _references(node, self.root):
                visit(target)
            for keyword in ("allOf", "anyOf", "oneOf"):
                for branch in node.get(keyword) or ():
                    visit(branch)
            for keyword in ("then", "else"):
                visit(node.get(keyword))
            for heir in heirs(node):
                visit(heir)

        visit(self.node)
        return tuple(found)

    @cached_property
    def sure(self) -> tuple[Mapping[str, Any], ...]:
        """Those of `faces` that hold in every case: itself and what `$ref` and allOf reach."""
        found: dict[int, Mapping[str, Any]] = {}
        todo = [self.node]
        while todo:
            node = todo.pop()
            if isinstance(node, dict) and id(node) not in found:
                found[id(node)] = node
                todo += [*_references(node, self.root), *(node.get("allOf") or ())]
        return tuple(found.values())

    @cached_property
    def sure_names(self) -> tuple[str, ...]:
        """Those of `names` that are declared in every case."""
        declared = {name for face in self.sure for name in face.get("properties") or ()}
        return tuple(name for name in self.names if name in declared)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """JSON Schema's type names that a value here may have; all seven where the schema does not say."""
        return _kinds(self.node, self.root, ())

    @property
    def typed(self) -> bool:
        """Whether the schema narrows the kinds at all."""
        return self.kinds != KINDS

    @cached_property
    def default(self) -> Json:
        """The schema's `default`, its own before a referenced one's; `MISSING` where there is none."""
        for face in self.faces:
            if "default" in face:
                return face["default"]
        return MISSING

    @property
    def enum(self) -> list[Json] | None:
        """The values of `enum`, the schema's own before a referenced one's; None where there is none."""
        return next((face["enum"] for face in self.faces if isinstance(face.get("enum"), list)), None)

    @property
    def described(self) -> str:
        """All that descriptions say of a value here."""
        return " ".join(str(face["description"]) for face in self.faces if "description" in face)

    @property
    def is_time(self) -> bool:
        """Whether a value here is a day or a moment, in some case at least."""
        return any(face.get("format") in ("date-time", "date") for face in self.faces)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The declared property names, in the order of the contract."""
        return tuple(dict.fromkeys(name for face in self.faces for name in face.get("properties") or ()))

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of properties that must be there, in some case at least."""
        return frozenset(name for face in self.faces for name in face.get("required") or ())

    @cached_property
    def open(self) -> bool:
        """Whether the schema invites properties that it does not name."""
        if not self.names:
            return not any(face.get("additionalProperties") is False for face in self.faces)
        return any(
            face.get("additionalProperties") not in (None, False) or face.get("patternProperties")
            for face in self.faces
        )

    def named(self, name: str) -> Shape:
        """
        Return the shape of the property *name*, declared or not.

        Of a name that is not declared any of `patternProperties` may be meant: matching is for those who can
        do it in limited time.
        """
        known = self._declared.get(name)
        if known is not None:
            return known
        faces = self.faces
        nodes = [face["properties"][name] for face in faces if name in (face.get("properties") or ())]
        if nodes:
            found = self._declared[name] = self._joined(nodes)
            return found
        nodes = [node for face in faces for node in (face.get("patternProperties") or {}).values()]
        nodes += [face["additionalProperties"] for face in faces if "additionalProperties" in face]
        return self._joined(nodes)

    def item(self, index: int) -> Shape:
        """Return the shape of the array item at *index*."""
        nodes = []
        for face in self.faces:
            prefix = face.get("prefixItems") or ()
            if index < len(prefix):
                nodes.append(prefix[index])
            elif "items" in face:
                nodes.append(face["items"])
        return self._joined(nodes)

    @cached_property
    def prefixed(self) -> int:
        """How many items have a schema of their own (`prefixItems`)."""
        return max((len(face.get("prefixItems") or ()) for face in self.faces), default=0)

    def _joined(self, nodes: list[Json]) -> Shape:
        key = tuple(map(id, nodes))
        found = self._known.get(key)
        if found is None:
            # Branches of oneOf may declare one name differently: any of them may be meant.
            node = nodes[0] if len(nodes) == 1 else {"anyOf": nodes} if nodes else {}
            found = self._known[key] = Shape(node, self.root, self._known)
        return found

    @property
    def document(self) -> Json:
        """This place as a self-contained JSON Schema."""
        if self.node is self.root or not isinstance(self.node, dict) or not isinstance(self.root, dict):
            return self.node
        return {**self.node, "$defs": beside(self.root, self.node)}

    @cached_property
    def scalar(self) -> bool:
        """Whether a value here is surely neither an array nor an object."""
        return not self.kinds & {"array", "object"}

    @property
    def is_file(self) -> bool:
        """Whether the schema describes bytes (OpenAPI 3.0.4: format binary; 3.1.1: contentMediaType)."""
        return any(
            face.get("format") == "binary"
            or (
                "contentMediaType" in face
                and "contentEncoding" not in face
                and not is_json(str(face["contentMediaType"]))
            )
            for face in self.faces
        )


def heirs(node: Mapping[str, Any]) -> list[dict[str, Json]]:
    """
    Return the schemas that inherit from *node*, a base that lists them by its discriminator.

    Where branches stand beside the discriminator, they are what it tells apart.
    """
    said = node.get("discriminator")
    if not isinstance(said, dict) or "oneOf" in node or "anyOf" in node:
        return []
    mapping = said.get("mapping")
    return [{"$ref": target} for target in mapping.values()] if isinstance(mapping, dict) else []


def _references(node: Mapping[str, Any], root: Json) -> Iterator[Json]:
    for keyword in ("$ref", "$dynamicRef"):
        reference = node.get(keyword)
        if isinstance(reference, str):
            yield _target(reference, root)


def _target(reference: str, root: Json) -> Json:
    """Return what a local *reference* leads to; {} (anything) when it does not lead anywhere in *root*."""
    if not reference.startswith("#"):
        return {}
    if reference in ("#", "#/"):
        return root
    fragment = unquote(reference[1:])
    if not fragment.startswith("/"):
        definitions = root.get("$defs", {}) if isinstance(root, dict) else {}
        for node in (root, *definitions.values()):
            if isinstance(node, dict) and fragment in (node.get("$anchor"), node.get("$dynamicAnchor")):
                return node
        return {}
    node = root
    for step in fragment[1:].split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        else:
            return {}
    return node


def kind_of(value: Json) -> str:
    """Return the least of `KINDS` that *value* is of; 5.0 is an integer (JSON Schema 2020-12 Core, 4.2.3)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "integer" if float(value).is_integer() else "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _kinds(node: Json, root: Json, above: tuple[int, ...]) -> frozenset[str]:
    if node is False:
        return frozenset()
    if not isinstance(node, dict) or id(node) in above:
        return KINDS
    above = (*above, id(node))
    found = KINDS
    declared = node.get("type")
    if declared is not None:
        found = frozenset([declared] if isinstance(declared, str) else declared) & KINDS
        if "number" in found:
            found |= {"integer"}
    if "const" in node:
        found &= {kind_of(node["const"])}
    if isinstance(node.get("enum"), list):
        found &= {kind_of(value) for value in node["enum"]}
    for target in _references(node, root):
        found &= _kinds(target, root, above)
    for branch in node.get("allOf") or ():
        found &= _kinds(branch, root, above)
    for keyword in ("anyOf", "oneOf"):
        branches = node.get(keyword)
        if branches:
            found &= frozenset().union(*(_kinds(branch, root, above) for branch in branches))
    return found


def integer(text: str) -> Json:
    """Return *text* as an int where JSON writes a whole number so ("5", "5.0", "1e3"), else as `number`."""
    value = number(text)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def number(text: str) -> Json:
    """Return *text* as a number where it is written as JSON writes one, else as it is."""
    if len(text) > _LONGEST:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        value = float(text)
        if value not in (float("inf"), float("-inf")):
            return value
    return text


_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}


def boolean(text: str) -> Json:
    """Return True for "true" and False for "false" (JSON's own words), else *text* as it is."""
    return _BOOLEANS.get(text, text)


def plain(text: str) -> Json:
    """Return *text* as it is."""
    return text


def scalar(shape: Shape, judge: Judge | None = None) -> Callable[[str], Json]:
    """
    Return the function that reads text as one value of *shape*.

    Where several kinds are allowed the first reading that the schema accepts counts: numbers and booleans
    before text. Nothing is read as null where text is allowed, because "null" is also a word.
    """
    kinds = shape.kinds
    scalars = kinds & _SCALARS
    if not shape.typed:
        return plain
    if not scalars:
        return plain if "string" in kinds else structured
    if "string" not in kinds:
        if scalars == {"integer"}:
            return integer
        if scalars == {"integer", "number"}:
            return number
        if scalars == {"boolean"}:
            return boolean
    if scalars == {"null"} and "string" in kinds:
        return plain
    return _several(kinds, _accepts(shape, judge))


def structured(text: str) -> Json:
    """
    Return the object or array that *text* is in JSON, else *text*.

    No style says how to write one inside another (OpenAPI 3.1.1, Style Values): clients write JSON.
    """
    if text[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            return orjson.loads(text)
    return text


def _accepts(shape: Shape, judge: Judge | None) -> Accepts | None:
    return judge(shape.document) if judge is not None else None


def _several(kinds: frozenset[str], accepts: Accepts | None) -> Callable[[str], Json]:
    numeric = number if "number" in kinds else integer if "integer" in kinds else plain
    logical = boolean if "boolean" in kinds else plain
    null = "null" in kinds and "string" not in kinds
    textual = "string" in kinds

    def read(text: str) -> Json:
        value = numeric(text)
        if value is text:
            value = logical(text)
        if value is text:
            return None if null and text in ("", "null") else text
        if textual and accepts is not None and not accepts(value) and accepts(text):
            return text
        return value

    return read
