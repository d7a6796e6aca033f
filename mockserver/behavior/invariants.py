"""
Invariants: what holds of answers beyond their schemas, written beside the contract.

"spend is creator fee and agency fee", "tracked_posts_count is the number of posts".
They stand in behavior.yaml (`invariants`), or in the document itself as `x-invariants`:
at its root, in a path, in an operation, or in a schema, where `this` is any value of
it in an answer. The mock's own answers by rules are held to them, and the judge holds
those of any server; what needs another operation's answer is asked for (`read`).

A wrong one in behavior.yaml is an error; in a document it is a fault, as the word may
be somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mockserver.behavior.expressions import Scope
from mockserver.behavior.functions import FUNCTIONS
from mockserver.behavior.holding import Values, broken, pointers
from mockserver.behavior.model import Behavior, Condition, Invariant, Look
from mockserver.behavior.parts import REQUEST_NAMES, Parts
from mockserver.contract.definitions import beside
from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, MediaType, Operation, Route
from mockserver.contract.shapes import Judge
from mockserver.contract.sources import join_pointer, text_of
from mockserver.errors import BehaviorError, nearest
from mockserver.exchange import MISSING, Json, Place

WORD = "x-invariants"
SAID = ("path", "query", "header", "cookie", "body", "sent")
"""Names of the request, which all of them know."""

_KEYS = ("about", "holds", "when", "read", "why")


@dataclass(frozen=True, eq=False)
class Breach:
    """An invariant that an answer does not hold: where ("*" for any index), and what stands there."""

    invariant: Invariant
    values: Values
    pointer: str

    def __str__(self) -> str:
        seen = ", ".join(f"{name} is {value!r:.60}" for name, value in self.values.items())
        why = f" ({self.invariant.why})" if self.invariant.why else ""
        return f"{self.invariant.holds.text}{why}: {seen}"


def of_behavior(parts: Parts, nodes: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Invariant, ...]]:
    """
    Compile `invariants` of behavior.yaml: operation -> what holds of its answers.

    Raises:
        BehaviorError: It names what the contract or the file does not have.
    """
    found: dict[str, tuple[Invariant, ...]] = {}
    for index, node in enumerate(nodes):
        pointer = join_pointer("/invariants", index)
        for about in _abouts(parts, node, pointer):
            made = compiled(parts, node, pointer, ("answer", *REQUEST_NAMES))
            found[about] = (*found.get(about, ()), made)
    return found


def compiled(parts: Parts, node: Json, pointer: str, known: Iterable[str]) -> Invariant:
    """
    Compile one invariant, a text or a mapping, in which the names *known* may be used.

    Raises:
        BehaviorError: It is wrong, or names what is not there.
    """
    said: Mapping[str, Any] = {"holds": node} if isinstance(node, (str, bool)) else node
    if not isinstance(said, dict) or not isinstance(said.get("holds"), (str, bool)):
        raise parts.error(pointer, "an invariant is an expression, or has one under `holds`")
    for key in said:
        if key not in _KEYS:
            raise parts.error(join_pointer(pointer, key), f"{key!r} is not a word here.{nearest(key, _KEYS)}")
    known = tuple(known)
    at = join_pointer(pointer, "holds") if node is said else pointer
    looks = tuple(_look(parts, name, one, pointer, known) for name, one in (said.get("read") or {}).items())
    when = (
        parts.expression(str(said["when"]), join_pointer(pointer, "when"), known) if "when" in said else None
    )
    names = (*known, *(look.name for look in looks))
    return Invariant(
        holds=parts.expression(str(said["holds"]), at, names),
        place=parts.place(pointer),
        when=Condition(when) if when is not None else None,
        looks=looks,
        why=str(said.get("why") or ""),
    )


def _look(parts: Parts, name: str, node: Json, pointer: str, known: tuple[str, ...]) -> Look:
    at = join_pointer(pointer, "read", name)
    if name in known or name in FUNCTIONS:
        raise parts.error(at, f"{name!r} is a name that expressions have already")
    if not isinstance(node, dict) or node.keys() - {"operation", "with"} or "operation" not in node:
        raise parts.error(at, "a reading is { operation: ID, with: { PARAMETER: =value } }")
    operation = _operation(parts, str(node["operation"]), join_pointer(at, "operation"))
    if operation.method not in ("GET", "HEAD"):
        raise parts.error(
            join_pointer(at, "operation"), f"{operation.id} is a {operation.method}, and reads nothing"
        )
    names = [parameter.name for parameter in operation.parameters]
    given = node.get("with") or {}
    for key in given:
        if key not in names:
            detail = f"{operation.id} has no parameter {key!r}.{nearest(key, names)}"
            raise parts.error(join_pointer(at, "with", key), detail)
    for parameter in operation.parameters:
        if parameter.required and parameter.name not in given:
            raise parts.error(at, f"{operation.id} needs its parameter {parameter.name!r}")
    values = {key: parts.value(value, join_pointer(at, "with", key), known) for key, value in given.items()}
    return Look(name, operation.id, values)


def _operation(parts: Parts, name: str, pointer: str) -> Operation:
    operations = parts.contract.operations
    if name not in operations:
        raise parts.error(pointer, f"the contract has no operation {name!r}.{nearest(name, operations)}")
    return operations[name]


def _abouts(parts: Parts, node: Mapping[str, Any], pointer: str) -> list[str]:
    said = node["about"]
    names = said if isinstance(said, list) else [said]
    return [_operation(parts, str(name), pointer).id for name in names]


@dataclass
class Invariants:
    """
    All invariants of one API.

    Args:
        contract: Its `x-invariants` are read when they are first asked for.
        behavior: Its `invariants` are compiled already.
        judge: Makes validators: of `anyOf` and `oneOf` only what fits a value says something of it.
    """

    contract: Contract
    behavior: Behavior
    judge: Judge
    _of: dict[str, tuple[Invariant, ...]] = field(default_factory=dict)
    _schemas: dict[int, tuple[Json, tuple[Invariant, ...]]] = field(default_factory=dict)
    _fits: dict[int, tuple[Json, Callable[[Json], bool]]] = field(default_factory=dict)

    @cached_property
    def written(self) -> bool:
        """Whether the document has any: most have none, and are not looked through."""
        return any(WORD in text_of(Path(file)) for file in self.contract.files)

    def of(self, operation: Operation) -> tuple[Invariant, ...]:
        """Return what holds of the successful answers of *operation* as a whole."""
        found = self._of.get(operation.id)
        if found is None:
            own = self.behavior.invariants.get(operation.id, ())
            found = self._of[operation.id] = (*own, *(self._around(operation) if self.written else ()))
        return found

    def silent(self, operation: Operation) -> bool:
        """Return whether nothing is said of the successful answers of *operation*, nor of parts of them."""
        return not self.written and not self.of(operation)

    def breaches(
        self, operation: Operation, scope: Scope, status: int, media: str, answer: Json
    ) -> Iterator[Breach]:
        """
        Yield what *answer* does not hold, of what can be told from it and its request alone.

        Args:
            operation: Whose answer it is.
            scope: Gives the names of the request; `MISSING` for what is not known of it.
            status: Of the answer; only successes are held.
            media: Its media type.
            answer: As JSON.

        Raises:
            BehaviorError: One cannot be computed.
        """
        if not 200 <= status < 300 or answer is MISSING:
            return
        whole = named(scope, answer=answer)
        for one in self.of(operation):
            if not one.looks and (values := broken(one, whole)) is not None:
                yield Breach(one, values, next(pointers(one), ""))
        if self.written and (schema := _schema_of(operation, status, media)) is not None:
            document = schema.schema.json("response") if schema.schema is not None else {}
            for one, value, pointer in self._within(document, answer, document, schema, "", ()):
                values = broken(one, named(whole, this=value))
                if values is not None:
                    yield Breach(one, values, next(pointers(one, pointer), pointer))

    def prepare(self) -> None:
        """Compile all there are, so that what is wrong with one is among the contract's faults."""
        if not self.written:
            return
        for identifier in self.contract.operations:
            operation = self.contract.operations[identifier]
            self.of(operation)
            for promise in operation.responses.values():
                for media in promise.content.values():
                    if media.schema is not None:
                        self._prepare(media.schema.json("response"), media, ())

    # -------------------------------------------------------------------- compile

    def _around(self, operation: Operation) -> Iterator[Invariant]:
        """Compile what the document says of an operation: at its root, in its path, and beside it."""
        route = operation.route
        item = Place(route.place.file, route.place.pointer.rpartition("/")[0])
        for place in (Place(self.contract.file, ""), item, route.place):
            yield from self._listed(place, route)

    def _listed(self, place: Place, route: Route | None) -> Iterator[Invariant]:
        node = self.contract.schemas.documents.at(place)
        said = node.get(WORD) if isinstance(node, dict) else None
        known = ("answer", *SAID) if route is not None else ("this", "answer")
        for index, one in enumerate(said if isinstance(said, list) else [said] if said is not None else ()):
            pointer = join_pointer(place.pointer, WORD, *([index] if isinstance(said, list) else []))
            parts = Parts(place.file, self.contract, {}, {})
            try:
                abouts = _abouts(parts, one, pointer) if isinstance(one, dict) and "about" in one else None
                if route is None or abouts is None or route.id in abouts:
                    yield compiled(parts, one, pointer, known)
            except BehaviorError as error:
                self.contract.schemas.faults.add(Place(error.file, error.pointer), error.detail)

    def _of_schema(
        self, node: Mapping[str, Json], media: MediaType, path: tuple[Any, ...]
    ) -> tuple[Invariant, ...]:
        """Return the invariants of the translated schema *node*, at *path* in that of *media*."""
        found = self._schemas.get(id(node))
        if found is None:
            assert media.schema is not None
            place = self.contract.schemas.origin(media.schema, path)
            found = self._schemas[id(node)] = (node, tuple(self._listed(place, None)))
        return found[1]

    def _prepare(self, node: Json, media: MediaType, path: tuple[Any, ...]) -> None:
        if isinstance(node, dict):
            if WORD in node:
                self._of_schema(node, media, path)
            for key, value in node.items():
                if key not in (WORD, "enum", "const", "examples", "example", "default"):
                    self._prepare(value, media, (*path, key))
        elif isinstance(node, list):
            for index, value in enumerate(node):
                self._prepare(value, media, (*path, index))

    # --------------------------------------------------------------------- values

    def _within(
        self, node: Json, value: Json, root: Json, media: MediaType, pointer: str, path: tuple[Any, ...]
    ) -> Iterator[tuple[Invariant, Json, str]]:
        """Yield each invariant of a schema that speaks of a part of *value*, that part, and where it is."""
        if not isinstance(node, dict):
            return
        if WORD in node:
            yield from ((one, value, pointer) for one in self._of_schema(node, media, path))
        reference = node.get("$ref")
        if isinstance(reference, str):
            name = reference.rpartition("/")[2]
            target = root.get("$defs", {}).get(name)
            yield from self._within(target, value, root, media, pointer, ("$defs", name))
        for index, branch in enumerate(node.get("allOf") or ()):
            yield from self._within(branch, value, root, media, pointer, (*path, "allOf", index))
        for keyword in ("anyOf", "oneOf"):
            for index, branch in enumerate(node.get(keyword) or ()):
                if self._fit(branch, root)(value):
                    yield from self._within(branch, value, root, media, pointer, (*path, keyword, index))
        if isinstance(value, dict):
            properties = node.get("properties") or {}
            for name, inner in value.items():
                at = f"{pointer}/{name}"
                if name in properties:
                    step = (*path, "properties", name)
                    yield from self._within(properties[name], inner, root, media, at, step)
                elif "additionalProperties" in node:
                    step = (*path, "additionalProperties")
                    yield from self._within(node["additionalProperties"], inner, root, media, at, step)
        elif isinstance(value, list):
            first = node.get("prefixItems") or ()
            for index, inner in enumerate(value):
                step = (*path, "prefixItems", index) if index < len(first) else (*path, "items")
                schema = first[index] if index < len(first) else node.get("items")
                yield from self._within(schema, inner, root, media, f"{pointer}/*", step)

    def _fit(self, branch: Json, root: Json) -> Callable[[Json], bool]:
        found = self._fits.get(id(branch))
        if found is None:
            document = {"allOf": [branch], "$defs": beside(root, branch)}
            found = self._fits[id(branch)] = (branch, self.judge(document))
        return found[1]


def named(scope: Scope, **values: Json) -> Scope:
    """Return *scope* with more names."""
    return lambda name: values[name] if name in values else scope(name)


def nothing(_: str) -> Any:
    """Know no name: a scope where nothing is known of the request."""
    return MISSING


def _schema_of(operation: Operation, status: int, media: str) -> MediaType | None:
    promise = operation.promise(status)
    if promise is None:
        return None
    essence = media.partition(";")[0].strip().lower()
    known = {name.partition(";")[0].strip(): one for name, one in promise.content.items()}
    return known.get(essence) or next((one for name, one in known.items() if is_json(name)), None)
